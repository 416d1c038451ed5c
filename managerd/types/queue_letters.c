/*
 * queue_letters - Queue: what is in flight, and the dead letters
 *
 * All of it answers where the queue has no redelivery, too: there is nothing then.
 */
#include "managerd/types/queue_delivery.h"
#include "proto/pack.h"
#include "proto/value.h"

/* {item, deliveries, pid, session, task, seconds} */
static void pack_delivery(const struct delivery *delivery, uint64_t now, struct buffer *out)
{
        const struct holding *holding = &delivery->holding;

        pack_map(out, 3 + OWNER_PACKED);
        pack_cstr(out, "item");
        pack_packed(out, delivery_item(delivery));
        pack_cstr(out, "deliveries");
        pack_uint(out, delivery->n);
        owner_pack(&holding->owner, holding->pid, out);
        pack_cstr(out, "seconds");
        pack_float(out, (double)(now - holding->since) / 1e9);
}

/* A page of a list with so many of them. */
static int return_page(struct call *call, const struct list_node *list, size_t length)
{
        struct list_node *at = list ? list->next : NULL;
        size_t start, count, n = 0, bytes = 0;
        int r;

        r = queue_get_page(call, &start, &count);
        if (r < 0)
                return r;
        if (start > length)
                start = length;
        if (count > length - start)
                count = length - start;
        for (size_t i = 0; i < start; ++i)
                at = at->next;
        for (struct list_node *end = at; n < count; ++n, end = end->next) {
                bytes += delivery_of(end)->size;
                if (bytes > PAGE_MAX_BYTES && n > 0)
                        break;
        }

        page_pack_head(start, n, length, call->reply);
        for (; n > 0; --n, at = at->next)
                pack_delivery(delivery_of(at), call->now, call->reply);
        return call_returned(call);
}

int queue_run_in_flight(struct object *self, struct call *call)
{
        const struct redelivery *redelivery = queue_of(self)->redelivery;

        return redelivery ? return_page(call, &redelivery->in_flight, redelivery->n_in_flight)
                          : return_page(call, NULL, 0);
}

int queue_run_dead_letters(struct object *self, struct call *call)
{
        const struct redelivery *redelivery = queue_of(self)->redelivery;

        return redelivery ? return_page(call, &redelivery->dead.list, redelivery->dead.n)
                          : return_page(call, NULL, 0);
}

/* How many of the dead letters are meant: [count=None], None: all. Packs the result. */
static int get_letters(struct queue *queue, struct call *call, size_t *n)
{
        size_t n_dead = queue->redelivery ? queue->redelivery->dead.n : 0;
        int64_t count = INT64_MAX;
        int r;

        if (call_has(call, 0) && !value_is_none(call->args[0])) {
                r = call_get_integer(call, call->args[0], &count);
                if (r < 0)
                        return r;
                if (count < 0)
                        return call_fail(call, STATUS_VALUE, "count must not be negative");
        }
        *n = (uint64_t)count < n_dead ? (size_t)count : n_dead;
        pack_uint(call->reply, *n);
        return call_returned(call);
}

int queue_run_drop_dead_letters(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        size_t n;
        int r;

        r = get_letters(queue, call, &n);
        if (r == 0 && n > 0)
                redelivery_drop(queue->redelivery, &queue->redelivery->dead, n);
        return r;
}

int queue_run_retry_dead_letters(struct object *self, struct call *call)
{
        struct queue *queue = queue_of(self);
        size_t n;
        int r;

        if (queue->shut_down)
                return call_fail(call, STATUS_SHUT_DOWN, "%s", "");
        r = get_letters(queue, call, &n);
        if (r == 0 && n > 0)
                redelivery_retry(queue->redelivery, n);
        return r;
}
