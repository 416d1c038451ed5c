/*
 * list_store - getting values into a list and out of it
 *
 * The steps that the methods of list are made of: reading arguments, making
 * elements ready, storing them, giving them up.
 */
#include <stdlib.h>

#include "managerd/types/list.h"
#include "proto/pack.h"

/* --- arguments */

int list_get_place(struct call *call, const struct list *list, struct span value,
                   const char *out_of_range, size_t *i)
{
        int64_t index;
        int r;

        r = call_get_index(call, value, "list indices must be integers or slices, not %s", &index);
        if (r < 0)
                return r;
        if (!range_find(index, list->elements.n, i))
                return call_fail(call, STATUS_INDEX, "%s", out_of_range);
        return 0;
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
                        list_disown(list, elements, 0, n);
                        return r;
                }
        }
        return 0;
}

void list_disown(struct list *list, const struct sequence *elements, size_t i, size_t n)
{
        struct sequence_cursor cursor;
        struct span element;

        if (!object_has_links(&list->object))
                return;
        sequence_walk(elements, i, n, &cursor);
        while (sequence_next(&cursor, &element) && object_has_links(&list->object))
                object_disown(&list->object, element);
}

/* --- freeing */

struct list_rubbish {
        struct rubbish rubbish;
        struct sequence elements;
};

static bool list_rubbish_reap(struct rubbish *rubbish, size_t *budget)
{
        struct list_rubbish *self = container_of(rubbish, struct list_rubbish, rubbish);

        if (!sequence_reap(&self->elements, budget))
                return false;
        free(self);
        return true;
}

void list_free(struct list *list, struct sequence *elements)
{
        struct list_rubbish *rubbish = NULL;

        if (sequence_is_big(elements))
                rubbish = malloc(sizeof(*rubbish));
        if (!rubbish) {
                sequence_deinit(elements);
                return;
        }
        *rubbish = (struct list_rubbish){ .rubbish = { .reap = list_rubbish_reap } };
        list_init(&rubbish->rubbish.in_store);
        sequence_init(&rubbish->elements, elements->memory);
        sequence_swap(&rubbish->elements, elements);
        store_discard_content(list->object.store, &rubbish->rubbish);
}

/* Frees what was made for the list and will not be in it. */
static void list_discard(struct list *list, struct sequence *batch)
{
        list_disown(list, batch, 0, batch->n);
        list_free(list, batch);
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
                list_free(list, batch);
                return call_fail_status(call, r);
        }
        return 0;
}

/* --- changing */

void list_splice(struct list *list, size_t i, size_t n, struct sequence *batch)
{
        struct sequence dropped;

        sequence_splice(&list->elements, i, n, batch);
        list_free(list, batch);
        sequence_take_dropped(&list->elements, &dropped);
        list_free(list, &dropped);
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
        list_disown(list, &list->elements, i, n);
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
                list_free(list, &batch);
                return call_fail_status(call, r);
        }
        return list_exchange(list, call, i, 1, &batch);
}

void list_remove(struct list *list, size_t i, size_t n)
{
        struct sequence nothing;

        list_disown(list, &list->elements, i, n);
        if (n == 1) {
                sequence_remove(&list->elements, i, 1);
                return;
        }
        sequence_init(&nothing, list->elements.memory);
        list_splice(list, i, n, &nothing);
}
