/*
 * list_search - list: finding elements by what they are equal to
 */
#include "managerd/types/list.h"
#include "proto/pack.h"

/* A longer repr() than this is not put into a message. */
#define LIST_REPR_MAX 65536

/* The first element between `from` and `to` that equals `value`, or `to`. 0 or the failure. */
static int list_find(const struct list *list, struct call *call, struct span value, size_t from,
                     size_t to, size_t *at)
{
        struct sequence_cursor cursor;
        struct span element;
        bool equal;
        int r;

        sequence_walk(&list->elements, from, to - from, &cursor);
        for (*at = from; sequence_next(&cursor, &element); ++*at) {
                r = value_equal(element, value, &equal);
                if (r < 0)
                        return call_fail_status(call, r);
                if (equal)
                        break;
        }
        return 0;
}

int list_run_contains(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t at;
        int r;

        r = list_find(list, call, call->args[0], 0, list->elements.n, &at);
        if (r < 0)
                return r;
        pack_bool(call->reply, at < list->elements.n);
        return CALL_DONE;
}

int list_run_count(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        uint64_t count = 0;
        size_t at = 0;
        int r;

        for (;; ++at, ++count) {
                r = list_find(list, call, call->args[0], at, list->elements.n, &at);
                if (r < 0)
                        return r;
                if (at == list->elements.n)
                        break;
        }
        pack_uint(call->reply, count);
        return CALL_DONE;
}

/* ValueError: 'x' is not in list */
static int list_fail_absent(struct call *call, struct span value)
{
        _buffer_cleanup_ struct buffer text = { .limit = LIST_REPR_MAX };
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        int r;

        r = value_repr(value, &text);
        buffer_append_span(&text, SPAN_LITERAL(" is not in list"));
        pack_str(&packed, buffer_span(&text));
        if (r < 0 || text.failed || packed.failed)
                return call_fail(call, STATUS_VALUE, "list.index(x): x not in list");
        return call_fail_value(call, STATUS_VALUE, buffer_span(&packed));
}

/* One of the optional bounds of index(). */
static int list_get_index_bound(struct call *call, const struct list *list, unsigned i,
                                size_t *bound)
{
        int64_t number;
        int r;

        if (!call_has(call, i))
                return 0;
        r = range_get_bound(call, call->args[i],
                            "slice indices must be integers or have an __index__ method", &number);
        if (r < 0)
                return r;
        *bound = range_place(number, list->elements.n);
        return 0;
}

int list_run_index(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t start = 0, stop = list->elements.n, at;
        int r;

        r = list_get_index_bound(call, list, 1, &start);
        if (r < 0)
                return r;
        r = list_get_index_bound(call, list, 2, &stop);
        if (r < 0)
                return r;

        if (stop < start)
                stop = start;
        r = list_find(list, call, call->args[0], start, stop, &at);
        if (r < 0)
                return r;
        if (at == stop)
                return list_fail_absent(call, call->args[0]);
        pack_uint(call->reply, at);
        return CALL_DONE;
}

int list_run_remove(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t at;
        int r;

        r = list_find(list, call, call->args[0], 0, list->elements.n, &at);
        if (r < 0)
                return r;
        if (at == list->elements.n)
                return call_fail(call, STATUS_VALUE, "list.remove(x): x not in list");
        r = call_return_none(call);
        if (r < 0)
                return r;
        list_remove(list, at, 1);
        return CALL_DONE;
}
