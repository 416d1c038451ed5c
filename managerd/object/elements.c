/*
 * elements - a walk over an iterable argument
 */
#include "managerd/object/elements.h"

#include "managerd/object/store.h"
#include "proto/pack.h"

/* A made element is a number, or a character: it takes less than this. */
#define ELEMENTS_MADE_MAX 16

static size_t utf8_length(uint8_t first)
{
        return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static size_t utf8_count(struct span text)
{
        size_t n = 0;

        /* every byte but those that continue a character */
        for (size_t i = 0; i < text.size; ++i)
                n += (text.data[i] & 0xc0) != 0x80;
        return n;
}

/* False where the value's kind has no elements of its own. */
static bool elements_of_value(struct elements *elements, struct span value)
{
        if (value_get_str(value, &elements->content)) {
                elements->form = ELEMENTS_CHARACTERS;
                elements->n = utf8_count(elements->content);
        } else if (value_get_bytes(value, &elements->content)) {
                elements->form = ELEMENTS_BYTES;
                elements->n = elements->content.size;
        } else if (value_get_typed_array(value, &elements->array)) {
                elements->form = ELEMENTS_ITEMS;
                elements->n = elements->array.items.size / elements->array.item_size;
        } else if (value_iter_init(&elements->iter, value, &elements->n)) {
                elements->form = value_kind(value) == VALUE_DICT ? ELEMENTS_KEYS : ELEMENTS_PACKED;
        } else {
                return false;
        }
        return true;
}

static int elements_of_object(struct elements *elements, struct call *call, struct object *object)
{
        int r;

        do {
                /* what does not fit into the rest of the memory could not be stored either */
                elements->copy.limit = call_memory_left(call);
                buffer_truncate(&elements->copy, 0);
                r = object->type->iterable->elements(object, &elements->copy, &elements->n);
                if (r == 0)
                        r = elements->copy.failed;
        } while (r == -STATUS_TOO_LARGE && call_reclaim_memory(call));
        if (r < 0)
                return call_fail_status(call, r == -STATUS_TOO_LARGE ? -STATUS_NOMEM : r);
        elements->form = ELEMENTS_PACKED;
        elements->iter = (struct value_iter){ elements->copy.data, elements->n };
        return 0;
}

int elements_init(struct elements *elements, struct call *call, struct span iterable)
{
        struct object *object;
        int r;

        *elements = (struct elements){ .copy = BUFFER_NULL };
        r = call_get_object(call, iterable, &object);
        if (r < 0)
                return r;
        if (object && object->type->iterable)
                return elements_of_object(elements, call, object);
        if (!elements_of_value(elements, iterable))
                return call_fail(call, STATUS_TYPE, "'%s' object is not iterable",
                                 object ? object->type->name : value_type_name(iterable));
        /* so that no step can fail */
        if (elements->form >= ELEMENTS_CHARACTERS &&
            !buffer_reserve(&elements->copy, ELEMENTS_MADE_MAX))
                return call_fail_status(call, elements->copy.failed);
        return 0;
}

void elements_deinit(struct elements *elements)
{
        buffer_deinit(&elements->copy);
}

static bool elements_next_key(struct elements *elements, struct span *element)
{
        struct span value;

        return value_iter_next(&elements->iter, element) &&
               value_iter_next(&elements->iter, &value);
}

/* Packs the next one that is no packed value yet. */
static bool elements_make(struct elements *elements, struct span *element)
{
        struct span content = elements->content;
        struct buffer *made = &elements->copy;
        size_t size = 1;

        if (elements->at >= (elements->form == ELEMENTS_ITEMS ? elements->n : content.size))
                return false;
        buffer_truncate(made, 0);
        if (elements->form == ELEMENTS_CHARACTERS) {
                size = utf8_length(content.data[elements->at]);
                pack_str(made, span_of(content.data + elements->at, size));
        } else if (elements->form == ELEMENTS_BYTES) {
                pack_uint(made, content.data[elements->at]);
        } else {
                value_pack_item(&elements->array, elements->at, made);
        }
        elements->at += size;
        *element = buffer_span(made);
        return true;
}

bool elements_next(struct elements *elements, struct span *element)
{
        switch (elements->form) {
        case ELEMENTS_PACKED:
                return value_iter_next(&elements->iter, element);
        case ELEMENTS_KEYS:
                return elements_next_key(elements, element);
        default:
                return elements_make(elements, element);
        }
}
