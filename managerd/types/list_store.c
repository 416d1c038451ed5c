/*
 * list_store - getting values into a list and out of it
 *
 * The steps that the methods of list are made of: reading arguments, making
 * elements ready, storing them, giving them up.
 */
#include <stdlib.h>

#include "managerd/types/list.h"
#include "proto/pack.h"

/* From this many cells on freeing is spread over turns. */
#define LIST_DISCARD_IN_STEPS 1024

/* --- results */

void list_pack_cells(const struct list *list, struct buffer *out)
{
        for (size_t i = 0; i < list->cells.n && !out->failed; ++i)
                pack_packed(out, cells_at(&list->cells, i));
}

/* --- arguments */

int list_get_integer(struct call *call, struct span value, const char *overflow, int64_t *out)
{
        int r;

        r = call_get_integer(call, value, out);
        return r == -STATUS_INDEX ? call_fail(call, STATUS_OVERFLOW, "%s", overflow) : r;
}

int list_get_bound(struct call *call, struct span value, const char *refusal, int64_t *out)
{
        enum value_kind kind = value_kind(value);
        struct span wrong[2];
        bool negative;
        int r;

        if (value_get_int64(value, out))
                return 0;
        if (kind != VALUE_INT && kind != VALUE_BIG_INTEGER)
                return call_fail(call, STATUS_TYPE, "%s", refusal);
        r = value_less(value, SPAN_LITERAL("\x00"), &negative, wrong);
        if (r < 0)
                return call_fail_status(call, r);
        *out = negative ? INT64_MIN : INT64_MAX;
        return 0;
}

size_t list_place(int64_t bound, size_t length)
{
        if (bound < 0)
                bound = bound + (int64_t)length < 0 ? 0 : bound + (int64_t)length;
        return (uint64_t)bound > length ? length : (size_t)bound;
}

int list_get_place(struct call *call, const struct list *list, struct span value,
                   const char *out_of_range, size_t *i)
{
        int64_t n = (int64_t)list->cells.n;
        int64_t index;
        int r;

        r = call_get_index(call, value, "list indices must be integers or slices, not %s", &index);
        if (r < 0)
                return r;
        if (index < -n || index >= n)
                return call_fail(call, STATUS_INDEX, "%s", out_of_range);
        *i = (size_t)(index < 0 ? index + n : index);
        return 0;
}

int list_get_elements(struct call *call, struct span iterable, const char *refusal,
                      struct buffer *packed, size_t *n)
{
        size_t begin;
        int r;

        /* what does not fit into the rest of the memory would not fit into a list either */
        buffer_init(packed, call_memory_left(call));
        begin = pack_array_begin(packed);
        r = call_get_elements(call, iterable, packed, n);
        if (r == -STATUS_TYPE && refusal)
                return call_fail(call, STATUS_TYPE, "%s", refusal);
        if (r == -STATUS_TOO_LARGE)
                return call_fail_status(call, -STATUS_NOMEM);
        if (r < 0)
                return r;
        pack_array_end(packed, begin, *n);
        return packed->failed ? call_fail_status(call, packed->failed) : 0;
}

/* --- storing */

int list_prepare(struct list *list, struct call *call, struct span value, struct cell *cell)
{
        int r;

        r = call->has_tokens ? object_adopt(&list->object, value) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        r = cell_init(cell, list->cells.memory, value);
        if (r < 0) {
                object_disown(&list->object, value);
                return call_fail_status(call, r);
        }
        return 0;
}

static int cells_append_elements(struct cells *cells, struct span packed)
{
        struct value_iter iter;
        struct span element;
        size_t n;
        int r;

        value_iter_init(&iter, packed, &n);
        r = cells_reserve(cells, n);
        while (r == 0 && value_iter_next(&iter, &element))
                r = cells_append(cells, element);
        if (r < 0)
                cells_deinit(cells);
        return r;
}

int list_prepare_elements(struct list *list, struct call *call, struct span iterable,
                          const char *refusal, struct cells *batch)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        size_t n;
        int r;

        cells_init(batch, list->cells.memory);
        r = list_get_elements(call, iterable, refusal, &packed, &n);
        if (r < 0)
                return r;
        r = call->has_tokens ? object_adopt(&list->object, buffer_span(&packed)) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        r = cells_append_elements(batch, buffer_span(&packed));
        if (r < 0) {
                object_disown(&list->object, buffer_span(&packed));
                return call_fail_status(call, r);
        }
        return 0;
}

void list_disown(struct list *list, const struct cells *cells, size_t i, size_t n)
{
        for (size_t k = i; k < i + n && object_has_links(&list->object); ++k)
                object_disown(&list->object, cells_at(cells, k));
}

/* --- freeing */

struct list_rubbish {
        struct rubbish rubbish;
        struct cells cells;
};

static bool list_rubbish_reap(struct rubbish *rubbish, size_t *budget)
{
        struct list_rubbish *self = container_of(rubbish, struct list_rubbish, rubbish);

        if (!cells_reap(&self->cells, budget))
                return false;
        free(self);
        return true;
}

static void list_free_cells(struct list *list, struct cells *cells)
{
        struct list_rubbish *rubbish = NULL;

        if (cells->n_room >= LIST_DISCARD_IN_STEPS)
                rubbish = malloc(sizeof(*rubbish));
        if (!rubbish) {
                cells_deinit(cells);
                return;
        }
        *rubbish = (struct list_rubbish){ .rubbish = { .reap = list_rubbish_reap } };
        list_init(&rubbish->rubbish.in_store);
        cells_init(&rubbish->cells, cells->memory);
        cells_swap(&rubbish->cells, cells);
        store_discard_content(list->object.store, &rubbish->rubbish);
}

void list_discard(struct list *list, struct cells *cells)
{
        list_disown(list, cells, 0, cells->n);
        list_free_cells(list, cells);
}

/* --- changing */

void list_replace(struct list *list, size_t i, const struct cell *cell)
{
        list_disown(list, &list->cells, i, 1);
        cells_replace(&list->cells, i, cell);
}

void list_remove(struct list *list, size_t i, size_t n)
{
        struct cells all;

        if (n == list->cells.n && n >= LIST_DISCARD_IN_STEPS) {
                cells_init(&all, list->cells.memory);
                cells_swap(&all, &list->cells);
                list_discard(list, &all);
                return;
        }
        list_disown(list, &list->cells, i, n);
        cells_remove(&list->cells, i, n);
}

int list_store(struct list *list, struct call *call, size_t i, size_t n, struct cells *batch)
{
        bool more = batch->n > 0;
        int r;

        if (n == list->cells.n) {
                cells_swap(&list->cells, batch);
                list_discard(list, batch);
        } else {
                r = batch->n > n ? cells_reserve(&list->cells, batch->n - n) : 0;
                if (r < 0) {
                        list_discard(list, batch);
                        return call_fail_status(call, r);
                }
                list_disown(list, &list->cells, i, n);
                cells_splice(&list->cells, i, n, batch);
        }
        if (more)
                object_notify(&list->object);
        return 0;
}
