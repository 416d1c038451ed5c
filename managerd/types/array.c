/*
 * array - Array: Python's array.array
 *
 * Numbers (or characters) of one C type in one block. This room has the table of methods and
 * those of one item or of the whole.
 */
#include "managerd/types/array.h"

#include "managerd/types/page.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/unicode.h"

/* What reap() counts as one part, in bytes: a page of memory, which is given back as a whole. */
#define ARRAY_REAP_PART 4096

#define NO_INDEX     "array index out of range"
#define NO_INDEX_SET "array assignment index out of range"

int array_get_place(struct call *call, const struct array *array, struct span value,
                    const char *out_of_range, size_t *i)
{
        return range_get_place(call, value, array_length(array), "array indices must be integers",
                               out_of_range, i);
}

/* --- items by index */

static void pack_item(const struct array *array, size_t i, struct buffer *out)
{
        struct value_typed_array view = array_view(array);

        value_pack_item(&view, i, out);
}

static void put_item(struct array *array, size_t i, const uint8_t item[ARRAY_ITEM_MAX])
{
        memcpy(array->items + i * array->item_size, item, array->item_size);
}

static int run_getitem(struct object *self, struct call *call)
{
        struct array *array = array_of(self);
        size_t i;
        int r;

        if (value_kind(call->args[0]) == VALUE_SLICE)
                return array_run_getitem_slice(array, call);
        r = array_get_place(call, array, call->args[0], NO_INDEX, &i);
        if (r < 0)
                return r;
        pack_item(array, i, call->reply);
        return CALL_DONE;
}

static int run_setitem(struct object *self, struct call *call)
{
        struct array *array = array_of(self);
        uint8_t item[ARRAY_ITEM_MAX];
        size_t i;
        int r;

        if (value_kind(call->args[0]) == VALUE_SLICE)
                return array_run_setitem_slice(array, call);
        r = array_get_place(call, array, call->args[0], NO_INDEX_SET, &i);
        if (r == 0)
                r = array_write_item(call, array->typecode, call->args[1], item);
        if (r == 0)
                r = call_return_none(call);
        if (r < 0)
                return r;
        put_item(array, i, item);
        return CALL_DONE;
}

static int run_incr(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer old = BUFFER_NULL;
        struct array *array = array_of(self);
        struct span delta = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\x01");
        size_t i, begin = call->reply->size;
        uint8_t item[ARRAY_ITEM_MAX];
        int r;

        r = array_get_place(call, array, call->args[0], NO_INDEX, &i);
        if (r < 0)
                return r;
        pack_item(array, i, &old);
        if (old.failed)
                return call_fail_status(call, old.failed);
        r = call_return_sum(call, buffer_span(&old), delta);
        if (r == 0)
                r = array_write_item(call, array->typecode, buffer_span_from(call->reply, begin),
                                     item);
        if (r < 0)
                return r;
        put_item(array, i, item);
        if (array->typecode == 'f') {
                /* what is there now, which is rounded: in the room of the sum, a float as well */
                buffer_truncate(call->reply, begin);
                pack_item(array, i, call->reply);
        }
        return CALL_DONE;
}

static int run_compare_and_swap(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer old = BUFFER_NULL;
        struct array *array = array_of(self);
        uint8_t item[ARRAY_ITEM_MAX];
        bool equal = false;
        size_t i;
        int r;

        r = array_get_place(call, array, call->args[0], NO_INDEX, &i);
        if (r < 0)
                return r;
        pack_item(array, i, &old);
        r = old.failed ? old.failed : value_equal(buffer_span(&old), call->args[1], &equal);
        if (r < 0)
                return call_fail_status(call, r);
        if (equal)
                r = array_write_item(call, array->typecode, call->args[2], item);
        if (r < 0)
                return r;
        pack_bool(call->reply, equal);
        r = call_returned(call);
        if (r == 0 && equal)
                put_item(array, i, item);
        return r;
}

/* --- all of them */

static int run_len(struct object *self, struct call *call)
{
        pack_uint(call->reply, array_length(array_of(self)));
        return CALL_DONE;
}

static void pack_items(const struct array *array, size_t begin, size_t n, struct buffer *out)
{
        for (size_t i = begin; i < begin + n && !out->failed; ++i)
                pack_item(array, i, out);
}

static int run_page(struct object *self, struct call *call)
{
        struct array *array = array_of(self);
        size_t begin, n;
        int r;

        r = range_get_page(call, array_length(array), &begin, &n);
        if (r < 0)
                return r;
        page_pack_head(begin, n, array_length(array), call->reply);
        pack_items(array, begin, n, call->reply);
        return CALL_DONE;
}

static const struct method array_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "__getitem__", "key", 1, 1, R | N, ARITY_SLOT, run_getitem, NULL },
        { "__len__", "", 0, 0, R, ARITY_SLOT, run_len, NULL },
        { "__setitem__", "key value", 2, 2, W | N, ARITY_SLOT, run_setitem, NULL },
        { "compare_and_swap", "index expected new", 3, 3, W | K, ARITY_FUNCTION,
          run_compare_and_swap, NULL },
        { "incr", "index delta", 2, 1, W | K, ARITY_FUNCTION, run_incr, NULL },
        { "page", "start count", 2, 0, R | K, ARITY_FUNCTION, run_page, NULL },
#undef R
#undef W
#undef N
#undef K
};

/* --- making one */

/* A str of one character; whether it is a typecode is seen later, as in Python. */
static int get_typecode(struct call *call, struct span *text)
{
        struct span value = call->args[0];
        const uint8_t *at;

        if (value_get_str(value, text) && text->size > 0) {
                at = text->data;
                utf8_next(&at);
                if (at == text->data + text->size)
                        return 0;
        }
        return call_fail(call, STATUS_TYPE,
                         "array() argument 1 must be a unicode character, not %s",
                         value_is_none(value) ? "None" : value_type_name(value));
}

/* Characters are for 'u' alone. */
static int refuse_characters(struct call *call, struct span typecode)
{
        struct value_typed_array array;
        struct span text;
        const char *what = NULL;

        if (span_equal(typecode, SPAN_LITERAL("u")))
                return 0;
        if (value_get_str(call->args[1], &text))
                what = "str";
        else if (value_get_typed_array(call->args[1], &array) && array.typecode == 'u')
                what = "unicode array";
        if (!what)
                return 0;
        return call_fail(call, STATUS_TYPE,
                         "cannot use a %s to initialize an array with typecode '%.*s'", what,
                         (int)typecode.size, (const char *)typecode.data);
}

/* Bytes that are items already. */
static int fill_with_items(struct array *array, struct call *call, struct span items)
{
        int r;

        r = array_splice(array, 0, 0, items);
        return r < 0 ? call_fail_status(call, r) : 0;
}

static int fill_with_elements(struct array *array, struct call *call, struct elements *elements)
{
        uint8_t item[ARRAY_ITEM_MAX];
        struct span element;
        int r;

        r = array_resize(array, elements->n * array->item_size);
        if (r < 0)
                return call_fail_status(call, r);
        for (size_t i = 0; r == 0 && elements_next(elements, &element); ++i) {
                r = array_write_item(call, array->typecode, element, item);
                if (r == 0)
                        put_item(array, i, item);
        }
        return r;
}

static int array_fill(struct array *array, struct call *call, struct elements *elements)
{
        struct value_typed_array other;
        struct span bytes;
        int r;

        if (value_get_bytes(call->args[1], &bytes)) {
                r = array_check_items(call, array->typecode, bytes);
                return r < 0 ? r : fill_with_items(array, call, bytes);
        }
        if (value_get_typed_array(call->args[1], &other) && other.typecode == array->typecode)
                return fill_with_items(array, call, other.items);
        return fill_with_elements(array, call, elements);
}

/* A copy of another Array of the same kind needs no way through its values. */
static int array_copy(struct array *array, struct call *call, struct span typecode, bool *copied)
{
        struct object *object;
        int r;

        *copied = false;
        r = call_get_object(call, call->args[1], &object);
        if (r < 0 || !object || object->type != &array_type ||
            !span_equal(typecode, span_of(&array_of(object)->typecode, 1)))
                return r;
        array->typecode = array_of(object)->typecode;
        array->item_size = array_of(object)->item_size;
        *copied = true;
        return fill_with_items(array, call, array_view(array_of(object)).items);
}

static int array_construct(struct object *self, struct call *call)
{
        _elements_cleanup_ struct elements elements = { .copy = BUFFER_NULL };
        struct array *array = array_of(self);
        struct span typecode;
        bool copied = false;
        int r;

        r = get_typecode(call, &typecode);
        if (r == 0)
                r = refuse_characters(call, typecode);
        if (r == 0)
                r = array_copy(array, call, typecode, &copied);
        if (r < 0 || copied)
                return r;
        r = elements_init(&elements, call, call->args[1]);
        if (r < 0)
                return r;
        if (typecode.size > 1 || value_item_size((char)typecode.data[0]) == 0)
                return call_fail(call, STATUS_VALUE,
                                 "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
        array->typecode = (char)typecode.data[0];
        array->item_size = (uint8_t)value_item_size(array->typecode);
        return array_fill(array, call, &elements);
}

/* --- the type */

static bool array_reap(struct object *self, size_t *budget)
{
        struct array *array = array_of(self);
        size_t n_parts = array->size / ARRAY_REAP_PART;

        if (n_parts > *budget) {
                array_resize(array, array->size - *budget * ARRAY_REAP_PART);
                *budget = 0;
                return false;
        }
        *budget -= n_parts;
        array_resize(array, 0);
        return true;
}

static int array_value(struct object *self, struct buffer *out)
{
        const struct array *array = array_of(self);
        size_t begin = pack_ext_begin(out);

        buffer_append_byte(out, (uint8_t)array->typecode);
        buffer_append(out, array->items, array->size);
        pack_ext_end(out, begin, EXT_TYPED_ARRAY);
        return out->failed;
}

static size_t array_count(const struct object *self)
{
        return array_length((const struct array *)self);
}

static int array_elements(struct object *self, struct buffer *out, size_t *n)
{
        const struct array *array = array_of(self);

        *n = array_length(array);
        pack_items(array, 0, *n, out);
        return out->failed;
}

static const struct iterable array_iterable = { .elements = array_elements };

const struct type array_type = {
        .name = "Array",
        .params = "typecode sequence lock",
        .constructor = "Array",
        .n_params = 3,
        .n_required = 2,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct array),
        .methods = array_methods,
        .n_methods = sizeof(array_methods) / sizeof(array_methods[0]),
        .init = array_construct,
        .reap = array_reap,
        .value = array_value,
        .length = array_count,
        .iterable = &array_iterable,
};
