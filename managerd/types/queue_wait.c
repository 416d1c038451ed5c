/*
 * queue_wait - Queue: getting, putting and joining, which may wait
 */
#include "managerd/types/queue_delivery.h"
#include "managerd/types/timeout.h"
#include "proto/pack.h"
#include "proto/value.h"

/* --- blocking and timeouts */

struct patience {
        bool block;
        struct span timeout;
};

static struct patience patience_of(const struct call *call, unsigned block)
{
        return (struct patience){
                .block = !call_has(call, block) || call_truth(call->args[block]),
                .timeout = call->args[block + 1],
        };
}

/* What Python finds wrong with a timeout even where nobody has to wait. */
static int check_timeout(struct call *call, const struct patience *patience)
{
        double seconds;

        if (call->resumed || !patience->block || span_is_absent(patience->timeout) ||
            value_is_none(patience->timeout))
                return 0;
        if (!value_get_number(patience->timeout, &seconds))
                return call_fail(call, STATUS_TYPE,
                                 "'<' not supported between instances of '%s' and 'int'",
                                 value_type_name(patience->timeout));
        if (!(seconds >= 0))
                return call_fail(call, STATUS_VALUE, "'timeout' must be a non-negative number");
        return 0;
}

/* Parks, or fails with the status. */
static int queue_wait(struct call *call, struct line *line, const struct patience *patience,
                      enum status status)
{
        uint64_t deadline = call->deadline;
        int r;

        if (!call->resumed) {
                if (!patience->block)
                        return call_fail(call, status, "%s", "");
                r = timeout_get_deadline(call, patience->timeout, TIMEOUT_COMPARED, &deadline);
                if (r < 0)
                        return r;
        }
        if (deadline <= call->now)
                return call_fail(call, status, "%s", "");
        return call_park(call, line, deadline);
}

/* --- getting */

/* Nothing is there, and nothing that this session could wait for will ever be. */
static bool queue_is_over(const struct queue *queue, const struct call *call)
{
        return queue->shut_down && queue_length(queue) == 0 &&
               !(queue->redelivery && redelivery_may_return(queue->redelivery, call));
}

/* 0 where there is an item for the call; else what it is to return. */
static int queue_await_item(struct queue *queue, struct call *call, const struct patience *patience)
{
        struct line *line = &queue->getters;
        int r;

        if (queue_is_over(queue, call))
                return call_fail(call, STATUS_SHUT_DOWN, "%s", "");
        r = check_timeout(call, patience);
        if (r < 0)
                return r;
        /*
         * Those who wait already when the queue is shut down are tried one after the other, as
         * each who waits on moves to this line: any of them may have items in flight himself.
         */
        if (queue->shut_down && queue->redelivery)
                line = &queue->redelivery->last_getters;
        if (queue_length(queue) > 0 && !call_must_queue(call, line))
                return 0;
        return queue_wait(call, line, patience, STATUS_EMPTY);
}

static int queue_get(struct object *self, struct call *call, struct patience patience)
{
        struct queue *queue = queue_of(self);
        int r;

        r = queue_await_item(queue, call, &patience);
        if (r != 0)
                return r;
        queue_pack(queue, 0, 1, call->reply);
        return queue_take(queue, call, 1);
}

int queue_run_get(struct object *self, struct call *call)
{
        return queue_get(self, call, patience_of(call, 0));
}

int queue_run_get_nowait(struct object *self, struct call *call)
{
        return queue_get(self, call, (struct patience){ .block = false });
}

int queue_run_get_delivery(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct patience patience = patience_of(call, 0);
        const struct redelivery *redelivery = queue->redelivery;
        uint64_t n = 1;
        int r;

        r = queue_await_item(queue, call, &patience);
        if (r != 0)
                return r;
        if (redelivery && redelivery->returned.n > 0)
                n += delivery_of(redelivery->returned.list.next)->n;
        pack_array(call->reply, 2);
        queue_pack(queue, 0, 1, call->reply);
        pack_uint(call->reply, n);
        return queue_take(queue, call, 1);
}

int queue_run_get_many(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct patience patience = patience_of(call, 1);
        size_t n;
        int r;

        r = page_get_count(call, call->args[0], "n", &n);
        if (r == 0)
                r = queue_await_item(queue, call, &patience);
        if (r != 0)
                return r;
        n = queue_measure(queue, 0, n);
        pack_array(call->reply, n);
        queue_pack(queue, 0, n, call->reply);
        return queue_take(queue, call, n);
}

static int get_expired(struct object *self, struct call *call)
{
        (void)self;
        return call_fail(call, STATUS_EMPTY, "%s", "");
}

const struct wait_ends queue_get_ends = { .expired = get_expired };

/* --- polling */

static int return_bool(struct call *call, bool truth)
{
        pack_bool(call->reply, truth);
        return call_returned(call);
}

/*
 * Takes nothing: whoever polls is told when a get would not wait, once all who get already have
 * been served. So there is no line to be kept among those who poll.
 */
int queue_run_poll(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct patience patience = { .block = true, .timeout = call->args[0] };
        uint64_t deadline = call->deadline;
        int r;

        r = check_timeout(call, &patience);
        if (r == 0 && !call->resumed)
                r = timeout_get_deadline(call, patience.timeout, TIMEOUT_COMPARED, &deadline);
        if (r < 0)
                return r;
        if (queue_length(queue) > 0 || queue_is_over(queue, call))
                return return_bool(call, true);
        if (deadline <= call->now)
                return return_bool(call, false);
        if (queue->shut_down && queue->redelivery)
                return call_park(call, &queue->redelivery->last_pollers, deadline);
        return call_park(call, &queue->pollers, deadline);
}

static int poll_expired(struct object *self, struct call *call)
{
        (void)self;
        return return_bool(call, false);
}

const struct wait_ends queue_poll_ends = { .expired = poll_expired };

/* --- putting */

/* 0 where there is room for n more; else what the call is to return. */
static int queue_await_room(struct queue *queue, struct call *call, size_t n,
                            const struct patience *patience)
{
        int r;

        if (queue->shut_down)
                return call_fail(call, STATUS_SHUT_DOWN, "%s", "");
        if (queue->max_size == 0)
                return 0;
        r = check_timeout(call, patience);
        if (r < 0)
                return r;
        if (queue_has_room(queue, n) && !call_must_queue(call, &queue->putters))
                return 0;
        return queue_wait(call, &queue->putters, patience, STATUS_FULL);
}

/* Appends n items that lie one behind the other; `whole` has the same proxies in it as they. */
static int queue_append(struct queue *queue, struct call *call, const uint8_t *items, size_t n,
                        struct span whole)
{
        size_t before = queue->items.n;
        int r;

        r = call->has_tokens ? object_adopt(&queue->object, whole) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        r = sequence_append_packed(&queue->items, items, n);
        if (r < 0) {
                queue_remove(queue, before, queue->items.n - before);
                object_disown(&queue->object, whole);
                return call_fail_status(call, r);
        }
        queue->n_unfinished += n;
        queue_wake_getters(queue);
        return CALL_DONE;
}

static int queue_put(struct object *self, struct call *call, struct patience patience)
{
        struct queue *queue = queue_of(self);
        struct span item = call->args[0];
        int r;

        r = queue_await_room(queue, call, 1, &patience);
        if (r == 0)
                r = call_return_none(call);
        return r != 0 ? r : queue_append(queue, call, item.data, 1, item);
}

int queue_run_put(struct object *self, struct call *call)
{
        return queue_put(self, call, patience_of(call, 1));
}

int queue_run_put_nowait(struct object *self, struct call *call)
{
        return queue_put(self, call, (struct patience){ .block = false });
}

int queue_run_put_many(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct patience patience = patience_of(call, 1);
        enum value_kind kind = value_kind(call->args[0]);
        struct value_iter iter;
        size_t n;
        int r;

        /* elements that a proxy stands for could change while the call waits */
        if (kind != VALUE_LIST && kind != VALUE_TUPLE)
                return call_fail(call, STATUS_TYPE, "put_many() takes a list of items, not '%s'",
                                 value_type_name(call->args[0]));
        value_iter_init(&iter, call->args[0], &n);
        if (queue->max_size && n > queue->max_size)
                return call_fail(call, STATUS_VALUE, "%zu items never fit into a queue of %zu", n,
                                 queue->max_size);
        r = n > 0 || queue->shut_down ? queue_await_room(queue, call, n, &patience) : 0;
        if (r == 0)
                r = call_return_none(call);
        return r != 0 || n == 0 ? r : queue_append(queue, call, iter.at, n, call->args[0]);
}

static int put_expired(struct object *self, struct call *call)
{
        (void)self;
        return call_fail(call, STATUS_FULL, "%s", "");
}

const struct wait_ends queue_put_ends = { .expired = put_expired };

/* --- joining */

int queue_run_join(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct patience patience = { .block = true, .timeout = call->args[0] };
        int r;

        r = check_timeout(call, &patience);
        if (r < 0)
                return r;
        if (queue->n_unfinished == 0)
                return call_return_none(call);
        r = queue_wait(call, &queue->joiners, &patience, STATUS_TIMEOUT);
        return r == -STATUS_TIMEOUT ? call_fail_status(call, r) : r;
}
