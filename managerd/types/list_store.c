/*
 * list_store - getting values into a list and out of it
 *
 * The steps that the methods of list are made of: reading arguments, making
 * elements ready, storing them, giving them up.
 */
#include "managerd/types/list.h"
#include "proto/pack.h"

/* --- arguments */

int list_get_place(struct call *call, const struct list *list, struct span value,
                   const char *out_of_range, size_t *i)
{
        return range_get_place(call, value, list->elements.n,
                               "list indices must be integers or slices, not %s", out_of_range, i);
}

/* --- the referents of proxies */

int list_adopt(struct list *list, const struct sequence *elements)
{
        struct sequence_cursor cursor;
        struct span element;
        size_t n = 0;
        int r;

        sequence_walk(elements, 0, elements->n, &cursor);
        for (; sequence_next(&cursor, &element); ++n) {
                r = object_adopt(&list->object, element);
                if (r < 0) {
                        items_disown(&list->object, elements, 0, n);
                        return r;
                }
        }
        return 0;
}

/* Frees what was made for the list and will not be in it. */
static void list_discard(struct list *list, struct sequence *batch)
{
        items_disown(&list->object, batch, 0, batch->n);
        items_discard(list->object.store, batch);
}

/* --- making ready */

static int fill(struct sequence *batch, struct elements *elements)
{
        const uint8_t *packed = elements_packed(elements);
        struct span element;
        int r = 0;

        if (packed)
                return sequence_append_packed(batch, packed, elements->n);
        while (r == 0 && elements_next(elements, &element))
                r = sequence_append(batch, element);
        return r;
}

int list_prepare(struct list *list, struct call *call, struct span iterable, const char *refusal,
                 struct sequence *batch)
{
        _elements_cleanup_ struct elements elements;
        int r;

        sequence_init(batch, list->elements.memory);
        r = elements_init(&elements, call, iterable);
        if (r == -STATUS_TYPE && refusal)
                return call_fail(call, STATUS_TYPE, "%s", refusal);
        if (r < 0)
                return r;
        r = fill(batch, &elements);
        if (r == 0 && call->has_tokens)
                r = list_adopt(list, batch);
        if (r < 0) {
                items_discard(list->object.store, batch);
                return call_fail_status(call, r);
        }
        return 0;
}

/* --- changing */

void list_splice(struct list *list, size_t i, size_t n, struct sequence *batch)
{
        sequence_splice(&list->elements, i, n, batch);
        items_discard(list->object.store, batch);
        items_discard_dropped(list->object.store, &list->elements);
}

/* Consumes the batch, also on failure. */
static int list_exchange(struct list *list, struct call *call, size_t i, size_t n,
                         struct sequence *batch)
{
        int r;

        r = sequence_reserve(&list->elements, i, n, batch);
        if (r < 0) {
                list_discard(list, batch);
                return call_fail_status(call, r);
        }
        items_disown(&list->object, &list->elements, i, n);
        list_splice(list, i, n, batch);
        return 0;
}

int list_store(struct list *list, struct call *call, size_t i, size_t n, struct sequence *batch)
{
        bool more = batch->n > 0;
        int r;

        r = list_exchange(list, call, i, n, batch);
        if (r == 0 && more)
                line_notify(&list->takers);
        return r;
}

int list_insert(struct list *list, struct call *call, size_t i, struct span value)
{
        int r;

        r = call->has_tokens ? object_adopt(&list->object, value) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        r = sequence_insert(&list->elements, i, value);
        if (r < 0) {
                object_disown(&list->object, value);
                return call_fail_status(call, r);
        }
        line_notify(&list->takers);
        return 0;
}

int list_replace(struct list *list, struct call *call, size_t i, struct span value)
{
        struct sequence batch;
        int r;

        if (!call->has_tokens && !object_has_links(&list->object)) {
                r = sequence_replace(&list->elements, i, value);
                return r < 0 ? call_fail_status(call, r) : 0;
        }
        sequence_init(&batch, list->elements.memory);
        r = sequence_append(&batch, value);
        if (r == 0 && call->has_tokens)
                r = object_adopt(&list->object, value);
        if (r < 0) {
                items_discard(list->object.store, &batch);
                return call_fail_status(call, r);
        }
        return list_exchange(list, call, i, 1, &batch);
}

void list_remove(struct list *list, size_t i, size_t n)
{
        struct sequence nothing;

        items_disown(&list->object, &list->elements, i, n);
        if (n == 1) {
                sequence_remove(&list->elements, i, 1);
                return;
        }
        sequence_init(&nothing, list->elements.memory);
        list_splice(list, i, n, &nothing);
}
