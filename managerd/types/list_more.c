/*
 * list_more - list: what Python's has not
 *
 * Each is one atomic call for what otherwise takes several and a lock, or a
 * bounded one for what otherwise takes too long.
 */
#include "managerd/types/list.h"
#include "managerd/types/page.h"
#include "proto/pack.h"

int list_run_compare_and_swap(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        bool equal;
        size_t i;
        int r;

        r = list_get_place(call, list, call->args[0], "list index out of range", &i);
        if (r < 0)
                return r;
        r = value_equal(sequence_at(&list->elements, i), call->args[1], &equal);
        if (r < 0)
                return call_fail_status(call, r);
        pack_bool(call->reply, equal);
        r = call_returned(call);
        if (r < 0 || !equal)
                return r;

        return list_replace(list, call, i, call->args[2]);
}

int list_run_incr(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        struct span delta = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\x01");
        size_t i, begin = call->reply->size;
        int r;

        r = list_get_place(call, list, call->args[0], "list index out of range", &i);
        if (r < 0)
                return r;
        r = call_return_sum(call, sequence_at(&list->elements, i), delta);
        if (r < 0)
                return r;
        return list_replace(list, call, i,
                            span_of(call->reply->data + begin, call->reply->size - begin));
}

int list_run_get_many(struct object *self, struct call *call)
{
        _elements_cleanup_ struct elements indexes;
        struct list *list = list_of(self);
        struct span index;
        size_t i;
        int r;

        r = elements_init(&indexes, call, call->args[0]);
        if (r < 0)
                return r;
        pack_array(call->reply, indexes.n);
        while (elements_next(&indexes, &index) && !call->reply->failed) {
                r = list_get_place(call, list, index, "list index out of range", &i);
                if (r < 0)
                        return r;
                pack_packed(call->reply, sequence_at(&list->elements, i));
        }
        return CALL_DONE;
}

/* How many of the n elements from `start` on make a page of bounded size: one at least. */
static size_t page_measure(const struct list *list, size_t start, size_t n)
{
        struct sequence_cursor cursor;
        struct span element;
        size_t bytes = 0;
        size_t i = 0;

        sequence_walk(&list->elements, start, n, &cursor);
        for (; sequence_next(&cursor, &element); ++i) {
                bytes += element.size;
                if (bytes > PAGE_MAX_BYTES && i > 0)
                        break;
        }
        return i;
}

int list_run_page(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t begin, n;
        int r;

        r = range_get_page(call, list->elements.n, &begin, &n);
        if (r < 0)
                return r;
        n = page_measure(list, begin, n);
        page_pack_head(begin, n, list->elements.n, call->reply);
        sequence_pack(&list->elements, begin, n, call->reply);
        return CALL_DONE;
}

/* --- take: a list is a queue, too */

int list_run_take(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        uint64_t deadline = call->deadline;
        int r;

        if (!call->resumed) {
                r = call_get_deadline(call, call->args[0], &deadline);
                if (r < 0)
                        return r;
        }
        /* nobody overtakes those who wait already */
        if (list->elements.n == 0 || call_must_queue(call, &list->takers)) {
                if (deadline <= call->now)
                        return list_take_ends.expired(self, call);
                return call_park(call, &list->takers, deadline);
        }

        pack_packed(call->reply, sequence_at(&list->elements, 0));
        r = call_returned(call);
        if (r < 0)
                return r;
        list_remove(list, 0, 1);
        return CALL_DONE;
}

static int take_expired(struct object *self, struct call *call)
{
        (void)self;
        return call_fail(call, STATUS_EMPTY, "%s", "");
}

const struct wait_ends list_take_ends = { .expired = take_expired };
