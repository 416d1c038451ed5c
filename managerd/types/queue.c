/*
 * queue - Queue and JoinableQueue: Python's queue.Queue
 *
 * Both are the same, as in Python. Each line of waiting calls is served in its
 * order, and by handing over: an item goes to the first who waits for one before
 * anybody else can see it. This room has the table of methods and what they share;
 * what waits is in queue_wait.c.
 */
#include "managerd/types/queue.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "managerd/types/queue_delivery.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

/* --- what is in it, to be taken */

size_t queue_length(const struct queue *queue)
{
        return queue->items.n + (queue->redelivery ? queue->redelivery->returned.n : 0);
}

void queue_walk(const struct queue *queue, size_t i, size_t n, struct queue_cursor *cursor)
{
        const struct redelivery *redelivery = queue->redelivery;
        size_t n_returned = 0, n_there;

        *cursor = (struct queue_cursor){ .at = NULL };
        if (redelivery && i < redelivery->returned.n) {
                n_there = redelivery->returned.n - i;
                n_returned = n < n_there ? n : n_there;
                cursor->at = redelivery->returned.list.next;
                while (i-- > 0)
                        cursor->at = cursor->at->next;
                cursor->n_returned = n_returned;
                i = 0;
        } else if (redelivery) {
                i -= redelivery->returned.n;
        }
        sequence_walk(&queue->items, i, n - n_returned, &cursor->rest);
}

bool queue_next(struct queue_cursor *cursor, struct span *item)
{
        if (cursor->n_returned == 0)
                return sequence_next(&cursor->rest, item);
        *item = delivery_item(delivery_of(cursor->at));
        cursor->at = cursor->at->next;
        --cursor->n_returned;
        return true;
}

size_t queue_measure(const struct queue *queue, size_t i, size_t n)
{
        size_t length = queue_length(queue), bytes = 0, n_fitting = 0;
        struct queue_cursor cursor;
        struct span item;

        if (i >= length)
                return 0;
        queue_walk(queue, i, n < length - i ? n : length - i, &cursor);
        for (; queue_next(&cursor, &item); ++n_fitting) {
                bytes += item.size;
                if (bytes > PAGE_MAX_BYTES && n_fitting > 0)
                        break;
        }
        return n_fitting;
}

void queue_pack(const struct queue *queue, size_t i, size_t n, struct buffer *out)
{
        struct queue_cursor cursor;
        struct span item;

        queue_walk(queue, i, n, &cursor);
        while (queue_next(&cursor, &item))
                pack_packed(out, item);
}

/* --- changes */

void queue_finish(struct queue *queue, uint64_t n)
{
        queue->n_unfinished -= n < queue->n_unfinished ? n : queue->n_unfinished;
        if (queue->n_unfinished == 0)
                line_notify(&queue->joiners);
}

void queue_wake_getters(struct queue *queue)
{
        bool last = queue->redelivery && queue->shut_down;

        if (last)
                line_notify(&queue->redelivery->last_getters);
        line_notify(&queue->getters);
        if (last)
                line_notify(&queue->redelivery->last_pollers);
        line_notify(&queue->pollers);
}

void queue_remove(struct queue *queue, size_t i, size_t n)
{
        sequence_remove(&queue->items, i, n);
        items_discard_dropped(queue->object.store, &queue->items);
}

int queue_take(struct queue *queue, struct call *call, size_t n)
{
        int r;

        if (queue->redelivery) {
                r = redelivery_take(queue->redelivery, call, n);
                if (r < 0)
                        return r;
        } else {
                r = call_returned(call);
                if (r < 0)
                        return r;
                items_disown(&queue->object, &queue->items, 0, n);
                queue_remove(queue, 0, n);
        }
        line_notify(&queue->putters);
        return CALL_DONE;
}

size_t queue_drop(struct queue *queue)
{
        struct redelivery *redelivery = queue->redelivery;
        size_t n = queue_length(queue);

        if (redelivery) {
                items_disown(&queue->object, &queue->items, 0, queue->items.n);
                redelivery_drop(redelivery, &redelivery->returned, redelivery->returned.n);
        } else {
                object_disown_all(&queue->object);
        }
        items_discard(queue->object.store, &queue->items);
        queue_finish(queue, n);
        line_notify(&queue->putters);
        return n;
}

/* --- arguments */

int queue_get_page(struct call *call, size_t *start, size_t *count)
{
        int64_t n = 0;
        int r = 0;

        *count = PAGE_DEFAULT;
        if (call_has(call, 0))
                r = call_get_integer(call, call->args[0], &n);
        if (r < 0)
                return r;
        if (n < 0)
                return call_fail(call, STATUS_VALUE, "start must not be negative");
        *start = (size_t)n;
        return call_has(call, 1) ? page_get_count(call, call->args[1], "count", count) : 0;
}

/* --- methods that do not wait */

static int run_qsize(struct object *self, struct call *call)
{
        pack_uint(call->reply, queue_length(queue_of(self)));
        return call_returned(call);
}

static int run_empty(struct object *self, struct call *call)
{
        pack_bool(call->reply, queue_length(queue_of(self)) == 0);
        return call_returned(call);
}

static int run_full(struct object *self, struct call *call)
{
        pack_bool(call->reply, !queue_has_room(queue_of(self), 1));
        return call_returned(call);
}

static int run_unfinished(struct object *self, struct call *call)
{
        pack_uint(call->reply, queue_of(self)->n_unfinished);
        return call_returned(call);
}

static int run_task_done(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        struct redelivery *redelivery = queue->redelivery;
        struct delivery *delivery = redelivery ? redelivery_oldest(redelivery, call) : NULL;
        int r;

        if (redelivery ? !delivery : queue->n_unfinished == 0)
                return call_fail(call, STATUS_VALUE, "task_done() called too many times");
        r = call_return_none(call);
        if (r < 0)
                return r;
        if (delivery)
                redelivery_finish(redelivery, delivery);
        queue_finish(queue, 1);
        return CALL_DONE;
}

static int run_shutdown(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        bool immediate = call_has(call, 0) && call_truth(call->args[0]);
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        queue->shut_down = true;
        if (immediate) {
                if (queue->redelivery)
                        queue->redelivery->drained = true;
                queue_drop(queue);
        }
        queue_wake_getters(queue);
        line_notify(&queue->putters);
        return CALL_DONE;
}

static int run_clear(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        int r;

        pack_uint(call->reply, queue_length(queue));
        r = call_returned(call);
        if (r == CALL_DONE)
                queue_drop(queue);
        return r;
}

static int run_page(struct object *self, struct call *call)
{
        const struct queue *queue = queue_of(self);
        size_t start, count, n;
        int r;

        r = queue_get_page(call, &start, &count);
        if (r < 0)
                return r;
        n = queue_measure(queue, start, count);
        page_pack_head(start, n, queue_length(queue), call->reply);
        if (n > 0)
                queue_pack(queue, start, n, call->reply);
        return call_returned(call);
}

static const struct method queue_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define B METHOD_BLOCKS
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
#define F ARITY_FUNCTION
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "clear", "", 0, 0, W | N | K, F, run_clear, NULL },
        { "dead_letters", "start count", 2, 0, R | N | K, F, queue_run_dead_letters, NULL },
        { "drop_dead_letters", "count", 1, 0, W | N | K, F, queue_run_drop_dead_letters, NULL },
        { "empty", "", 0, 0, R | K, F, run_empty, NULL },
        { "full", "", 0, 0, R | K, F, run_full, NULL },
        { "get", "block timeout", 2, 0, W | B | K, F, queue_run_get, &queue_get_ends },
        { "get_delivery", "block timeout", 2, 0, W | B | K, F, queue_run_get_delivery,
          &queue_get_ends },
        { "get_many", "n block timeout", 3, 1, W | B | K, F, queue_run_get_many, &queue_get_ends },
        { "get_nowait", "", 0, 0, W | K, F, queue_run_get_nowait, NULL },
        { "in_flight", "start count", 2, 0, R | N | K, F, queue_run_in_flight, NULL },
        { "join", "timeout", 1, 0, R | B | K, F, queue_run_join, NULL },
        { "page", "start count", 2, 0, R | N | K, F, run_page, NULL },
        { "poll", "timeout", 1, 0, R | B | K, F, queue_run_poll, &queue_poll_ends },
        { "put", "item block timeout", 3, 1, W | B | K, F, queue_run_put, &queue_put_ends },
        { "put_many", "items block timeout", 3, 1, W | B | K, F, queue_run_put_many,
          &queue_put_ends },
        { "put_nowait", "item", 1, 1, W | K, F, queue_run_put_nowait, NULL },
        { "qsize", "", 0, 0, R | K, F, run_qsize, NULL },
        { "retry_dead_letters", "count", 1, 0, W | N | K, F, queue_run_retry_dead_letters, NULL },
        { "shutdown", "immediate", 1, 0, W | N | K, F, run_shutdown, NULL },
        { "task_done", "", 0, 0, W | K, F, run_task_done, NULL },
        { "unfinished", "", 0, 0, R | K, F, run_unfinished, NULL },
#undef R
#undef W
#undef B
#undef N
#undef K
#undef F
};

/* --- the type */

/* As Python compares it: any number, of which 2.5 lets in three; a huge one limits nothing. */
static int queue_get_max_size(struct call *call, size_t *out)
{
        double max;

        *out = 0;
        if (!call_has(call, 0))
                return 0;
        if (!value_get_number(call->args[0], &max))
                return call_fail(call, STATUS_TYPE,
                                 "'>' not supported between instances of '%s' and 'int'",
                                 value_type_name(call->args[0]));
        if (max > 0 && max < 0x1p53)
                *out = (size_t)ceil(max);
        return 0;
}

static int queue_get_max_deliveries(struct call *call, uint64_t *out)
{
        int64_t max;
        int r;

        *out = UINT64_MAX;
        if (!call_has(call, 2) || value_is_none(call->args[2]))
                return 0;
        r = call_get_integer(call, call->args[2], &max);
        if (r < 0)
                return r;
        if (max < 1)
                return call_fail(call, STATUS_VALUE, "max_deliveries must be positive");
        *out = (uint64_t)max;
        return 0;
}

static int queue_construct(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        bool redeliver = call_has(call, 1) && call_truth(call->args[1]);
        uint64_t max_deliveries;
        int r;

        sequence_init(&queue->items, &self->store->memory);
        line_init(&queue->getters, self);
        line_init(&queue->pollers, self);
        line_init(&queue->putters, self);
        line_init(&queue->joiners, self);
        r = queue_get_max_size(call, &queue->max_size);
        if (r == 0)
                r = queue_get_max_deliveries(call, &max_deliveries);
        if (r < 0)
                return r;
        if (!redeliver)
                return max_deliveries == UINT64_MAX
                               ? 0
                               : call_fail(call, STATUS_VALUE,
                                           "max_deliveries needs redeliver=True");
        r = redelivery_new(queue, max_deliveries);
        return r < 0 ? call_fail_status(call, r) : 0;
}

static bool queue_reap(struct object *self, size_t *budget)
{
        struct queue *queue = queue_of(self);

        if (queue->redelivery && !redelivery_reap(queue, budget))
                return false;
        return sequence_reap(&queue->items, budget);
}

static int queue_str(struct object *self, struct buffer *out)
{
        char text[64];
        int n = snprintf(text, sizeof(text), "<queue.Queue object at 0x%" PRIx64 ">", self->ident);

        buffer_append(out, text, (size_t)n);
        return out->failed;
}

static size_t queue_object_length(const struct object *self)
{
        return queue_length((const struct queue *)self);
}

/* The two differ in nothing but their names. */
#define QUEUE_TYPE(name_)                                                                          \
        {                                                                                          \
                .name = name_, .params = "maxsize redeliver max_deliveries", .n_params = 3,        \
                .flags = METHOD_KEYWORDS, .size = sizeof(struct queue), .methods = queue_methods,  \
                .n_methods = sizeof(queue_methods) / sizeof(queue_methods[0]),                     \
                .init = queue_construct, .reap = queue_reap, .str = queue_str,                     \
                .length = queue_object_length, .holder_ended = redelivery_holder_ended,            \
        }

const struct type queue_type = QUEUE_TYPE("Queue");
const struct type joinable_queue_type = QUEUE_TYPE("JoinableQueue");
