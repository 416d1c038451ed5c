/*
 * list_slice - list[start:stop:step]: reading, assigning, deleting
 */
#include "managerd/types/list.h"
#include "proto/pack.h"

/* The elements that a slice means: start, start + step, … n of them. */
struct range {
        int64_t start, stop, step;
        size_t n;
};

static int slice_get_bound(struct call *call, struct span value, int64_t otherwise, int64_t *out)
{
        if (value_is_none(value)) {
                *out = otherwise;
                return 0;
        }
        return list_get_bound(call, value,
                              "slice indices must be integers or None or have an __index__ method",
                              out);
}

/* Python's rules: from the end where negative, then between the first and one past the last. */
static int64_t slice_clamp(int64_t bound, int64_t step, int64_t length)
{
        int64_t low = step < 0 ? -1 : 0;
        int64_t high = step < 0 ? length - 1 : length;

        if (bound < 0)
                bound += length;
        return bound < low ? low : bound > high ? high : bound;
}

static size_t range_count(const struct range *range)
{
        if (range->step < 0)
                return range->stop < range->start
                               ? (size_t)((range->start - range->stop - 1) / -range->step + 1)
                               : 0;
        return range->start < range->stop
                       ? (size_t)((range->stop - range->start - 1) / range->step + 1)
                       : 0;
}

static int slice_resolve(struct call *call, struct span value, size_t length, struct range *range)
{
        struct value_slice slice;
        int r;

        value_get_slice(value, &slice);
        r = slice_get_bound(call, slice.step, 1, &range->step);
        if (r < 0)
                return r;
        if (range->step == 0)
                return call_fail(call, STATUS_VALUE, "slice step cannot be zero");
        if (range->step == INT64_MIN)
                range->step = -INT64_MAX;

        r = slice_get_bound(call, slice.start, range->step < 0 ? INT64_MAX : 0, &range->start);
        if (r < 0)
                return r;
        r = slice_get_bound(call, slice.stop, range->step < 0 ? INT64_MIN : INT64_MAX,
                            &range->stop);
        if (r < 0)
                return r;

        range->start = slice_clamp(range->start, range->step, (int64_t)length);
        range->stop = slice_clamp(range->stop, range->step, (int64_t)length);
        range->n = range_count(range);
        return 0;
}

static inline size_t range_at(const struct range *range, size_t i)
{
        return (size_t)(range->start + (int64_t)i * range->step);
}

int list_run_getitem_slice(struct list *list, struct call *call)
{
        struct range range;
        int r;

        r = slice_resolve(call, call->args[0], list->elements.n, &range);
        if (r < 0)
                return r;
        pack_array(call->reply, range.n);
        if (range.step == 1) {
                sequence_pack(&list->elements, (size_t)range.start, range.n, call->reply);
                return CALL_DONE;
        }
        for (size_t i = 0; i < range.n && !call->reply->failed; ++i)
                pack_packed(call->reply, sequence_at(&list->elements, range_at(&range, i)));
        return CALL_DONE;
}

/* The same elements in rising order. */
static void range_turn(struct range *range)
{
        range->start = (int64_t)range_at(range, range->n - 1);
        range->step = -range->step;
}

/* The elements from the range's first to its last, those of the range taken from `batch`. */
static int weave(const struct list *list, const struct range *range, const struct sequence *batch,
                 struct sequence *woven)
{
        struct sequence_cursor old, new;
        struct span element;
        int r = 0;

        sequence_walk(batch, 0, batch->n, &new);
        sequence_walk(&list->elements, (size_t)range->start,
                      (range->n - 1) * (size_t)range->step + 1, &old);
        for (size_t i = 0; r == 0 && sequence_next(&old, &element); ++i) {
                if (i % (size_t)range->step == 0)
                        sequence_next(&new, &element);
                r = sequence_append(woven, element);
        }
        return r;
}

/* list[start:stop:step] = …, as many as there are; not none. */
static int list_assign_extended(struct list *list, const struct range *range,
                                const struct sequence *batch)
{
        struct sequence woven;
        int r;

        sequence_init(&woven, list->elements.memory);
        r = weave(list, range, batch, &woven);
        if (r == 0)
                r = sequence_reserve(&list->elements, (size_t)range->start, woven.n, &woven);
        if (r < 0) {
                list_free(list, &woven);
                return r;
        }
        for (size_t i = 0; i < range->n && object_has_links(&list->object); ++i)
                list_disown(list, &list->elements, range_at(range, i), 1);
        list_splice(list, (size_t)range->start, woven.n, &woven);
        return 0;
}

/* Consumes the batch. */
static int list_store_extended(struct list *list, struct call *call, struct range *range,
                               struct sequence *batch)
{
        int r = 0;

        if (batch->n != range->n) {
                r = call_fail(call, STATUS_VALUE,
                              "attempt to assign sequence of size %zu to extended slice "
                              "of size %zu",
                              batch->n, range->n);
        } else if (range->n > 0) {
                if (range->step < 0) {
                        range_turn(range);
                        sequence_reverse(batch);
                }
                r = list_assign_extended(list, range, batch);
                if (r < 0)
                        call_fail_status(call, r);
        }
        if (r < 0)
                list_disown(list, batch, 0, batch->n);
        list_free(list, batch);
        return r;
}

int list_run_setitem_slice(struct list *list, struct call *call)
{
        struct sequence batch;
        struct range range;
        bool simple;
        int r;

        r = slice_resolve(call, call->args[0], list->elements.n, &range);
        if (r < 0)
                return r;
        simple = range.step == 1;
        r = call_return_none(call);
        if (r < 0)
                return r;
        r = list_prepare(list, call, call->args[1],
                         simple ? "can only assign an iterable"
                                : "must assign iterable to extended slice",
                         &batch);
        if (r < 0)
                return r;
        if (simple)
                return list_store(list, call, (size_t)range.start, range.n, &batch);
        return list_store_extended(list, call, &range, &batch);
}

int list_run_delitem_slice(struct list *list, struct call *call)
{
        struct range range;
        int r;

        r = slice_resolve(call, call->args[0], list->elements.n, &range);
        if (r < 0)
                return r;
        r = call_return_none(call);
        if (r < 0 || range.n == 0)
                return r;

        if (range.step < 0)
                range_turn(&range);
        if (range.step == 1 || range.n == 1) {
                list_remove(list, (size_t)range.start, range.n);
                return CALL_DONE;
        }
        for (size_t i = 0; i < range.n && object_has_links(&list->object); ++i)
                list_disown(list, &list->elements, range_at(&range, i), 1);
        sequence_remove_stepwise(&list->elements, (size_t)range.start, (size_t)range.step, range.n);
        return CALL_DONE;
}
