/*
 * list_slice - list[start:stop:step]: reading, assigning, deleting
 */
#include "managerd/types/list.h"
#include "proto/pack.h"

int list_run_getitem_slice(struct list *list, struct call *call)
{
        struct range range;
        int r;

        r = range_of_slice(call, call->args[0], list->elements.n, &range);
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
                items_discard(list->object.store, &woven);
                return r;
        }
        for (size_t i = 0; i < range->n && object_has_links(&list->object); ++i)
                items_disown(&list->object, &list->elements, range_at(range, i), 1);
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
                items_disown(&list->object, batch, 0, batch->n);
        items_discard(list->object.store, batch);
        return r;
}

int list_run_setitem_slice(struct list *list, struct call *call)
{
        struct sequence batch;
        struct range range;
        bool simple;
        int r;

        r = range_of_slice(call, call->args[0], list->elements.n, &range);
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

        r = range_of_slice(call, call->args[0], list->elements.n, &range);
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
                items_disown(&list->object, &list->elements, range_at(&range, i), 1);
        sequence_remove_stepwise(&list->elements, (size_t)range.start, (size_t)range.step, range.n);
        return CALL_DONE;
}
