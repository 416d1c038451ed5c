/*
 * queue_delivery - redelivery: items that are in flight until they are done
 */
#include "managerd/types/queue_delivery.h"

#include <stdlib.h>

#include "managerd/object/index.h"

/* --- takers */

static struct span taker_key(uint64_t key[2], uint64_t number, bool is_process)
{
        key[0] = number;
        key[1] = is_process;
        return span_of(key, 2 * sizeof(key[0]));
}

static struct taker *taker_find(const struct redelivery *redelivery, uint64_t number,
                                bool is_process)
{
        uint64_t key[2];

        return index_find(&redelivery->takers, taker_key(key, number, is_process));
}

static int taker_get(struct redelivery *redelivery, uint64_t number, bool is_process,
                     struct taker **out)
{
        struct memory *memory = redelivery->takers.world->memory;
        struct taker *taker = taker_find(redelivery, number, is_process);
        struct span key;

        if (!taker) {
                if (!memory_charge(memory, sizeof(*taker)))
                        return -STATUS_NOMEM;
                taker = malloc(sizeof(*taker));
                if (taker) {
                        list_init(&taker->deliveries);
                        key = taker_key(taker->key, number, is_process);
                }
                if (!taker || index_set(&redelivery->takers, key, taker) < 0) {
                        free(taker);
                        memory_refund(memory, sizeof(*taker));
                        return -STATUS_NOMEM;
                }
        }
        *out = taker;
        return 0;
}

/* Forgets whoever has nothing in flight. */
static void taker_leave(struct redelivery *redelivery, struct taker *taker)
{
        if (!taker || !list_is_empty(&taker->deliveries))
                return;
        index_remove(&redelivery->takers, span_of(taker->key, sizeof(taker->key)));
        memory_refund(redelivery->takers.world->memory, sizeof(*taker));
        free(taker);
}

/* --- deliveries */

static int delivery_new(struct redelivery *redelivery, struct span item, struct delivery **out)
{
        struct memory *memory = redelivery->takers.world->memory;
        size_t size = sizeof(struct delivery) + item.size;
        struct delivery *delivery;

        if (!memory_charge(memory, size))
                return -STATUS_NOMEM;
        delivery = malloc(size);
        if (!delivery) {
                memory_refund(memory, size);
                return -STATUS_NOMEM;
        }
        *delivery = (struct delivery){ .size = item.size };
        holding_init(&delivery->holding, &redelivery->queue->object);
        list_init(&delivery->on_queue);
        list_init(&delivery->on_session);
        list_init(&delivery->on_process);
        memcpy(delivery->bytes, item.data, item.size);
        *out = delivery;
        return 0;
}

/* Its number tells its place, and its priority how that is found. */
static void delivery_set_number(struct redelivery *redelivery, struct delivery *delivery)
{
        struct table_key key;

        delivery->number = ++redelivery->n_numbers;
        table_key_from_bytes(&key, &redelivery->takers,
                             span_of(&delivery->number, sizeof(delivery->number)));
        delivery->priority = key.hash;
}

/* It is on no list. */
static void delivery_free(struct delivery *delivery, struct memory *memory)
{
        memory_refund(memory, sizeof(*delivery) + delivery->size);
        free(delivery);
}

/* Frees up to *budget of them and lowers it; true when none is left. */
static bool deliveries_free(struct list_node *deliveries, struct memory *memory, size_t *budget)
{
        while (!list_is_empty(deliveries)) {
                struct delivery *delivery = delivery_of(deliveries->next);

                if (*budget == 0)
                        return false;
                --*budget;
                list_unlink(&delivery->on_queue);
                delivery_free(delivery, memory);
        }
        return true;
}

/* --- in flight */

static void delivery_start(struct redelivery *redelivery, struct delivery *delivery,
                           struct taker *session, struct taker *process, struct call *call)
{
        holding_keep(&delivery->holding, call, call->keeper);
        ++delivery->n;
        delivery->session = session;
        delivery->process = process;
        list_append(&session->deliveries, &delivery->on_session);
        list_append(&process->deliveries, &delivery->on_process);
        list_append(&redelivery->in_flight, &delivery->on_queue);
        ++redelivery->n_in_flight;
}

static void delivery_land(struct redelivery *redelivery, struct delivery *delivery)
{
        list_unlink(&delivery->on_queue);
        list_unlink(&delivery->on_session);
        list_unlink(&delivery->on_process);
        taker_leave(redelivery, delivery->session);
        taker_leave(redelivery, delivery->process);
        delivery->session = delivery->process = NULL;
        if (--redelivery->n_in_flight == 0 && redelivery->queue->shut_down)
                queue_wake_getters(redelivery->queue);
}

struct delivery *redelivery_oldest(const struct redelivery *redelivery, const struct call *call)
{
        struct taker *taker = taker_find(redelivery, call->session->number, false);

        if (taker)
                return container_of(taker->deliveries.next, struct delivery, on_session);
        taker = taker_find(redelivery, call->session->process->number, true);
        if (taker)
                return container_of(taker->deliveries.next, struct delivery, on_process);
        return NULL;
}

void redelivery_finish(struct redelivery *redelivery, struct delivery *delivery)
{
        holding_drop(&delivery->holding);
        delivery_land(redelivery, delivery);
        object_disown(&redelivery->queue->object, delivery_item(delivery));
        delivery_free(delivery, redelivery->takers.world->memory);
}

bool redelivery_may_return(const struct redelivery *redelivery, const struct call *call)
{
        bool is_process = call->keeper != call->session;

        return redelivery->n_in_flight > 0 && !redelivery->drained &&
               !taker_find(redelivery, call->keeper->number, is_process);
}

/* --- taking */

struct taking {
        struct taker *session, *process; /* NULL: not there yet */
        size_t n_returned;               /* how many have been in flight before */
        struct list_node fresh;          /* struct delivery.on_queue: the others, made ready */
        size_t n_fresh;
};

static void taking_undo(struct redelivery *redelivery, struct taking *taking)
{
        size_t budget = SIZE_MAX;

        deliveries_free(&taking->fresh, redelivery->takers.world->memory, &budget);
        taker_leave(redelivery, taking->session);
        taker_leave(redelivery, taking->process);
}

/* All that can fail. */
static int taking_prepare(struct redelivery *redelivery, const struct call *call, size_t n,
                          struct taking *taking)
{
        size_t n_there = redelivery->returned.n;
        struct sequence_cursor cursor;
        struct delivery *delivery;
        struct span item;
        int r;

        *taking = (struct taking){ .n_returned = n < n_there ? n : n_there };
        taking->n_fresh = n - taking->n_returned;
        list_init(&taking->fresh);

        r = taker_get(redelivery, call->session->number, false, &taking->session);
        if (r == 0)
                r = taker_get(redelivery, call->session->process->number, true, &taking->process);
        if (r < 0)
                return r;
        sequence_walk(&redelivery->queue->items, 0, taking->n_fresh, &cursor);
        while (sequence_next(&cursor, &item)) {
                r = delivery_new(redelivery, item, &delivery);
                if (r < 0)
                        return r;
                list_append(&taking->fresh, &delivery->on_queue);
        }
        return 0;
}

static void taking_commit(struct redelivery *redelivery, struct call *call, struct taking *taking)
{
        while (taking->n_returned-- > 0)
                delivery_start(redelivery, landed_take(&redelivery->returned), taking->session,
                               taking->process, call);
        while (!list_is_empty(&taking->fresh)) {
                struct delivery *delivery = delivery_of(taking->fresh.next);

                list_unlink(&delivery->on_queue);
                delivery_set_number(redelivery, delivery);
                delivery_start(redelivery, delivery, taking->session, taking->process, call);
        }
        queue_remove(redelivery->queue, 0, taking->n_fresh);
}

int redelivery_take(struct redelivery *redelivery, struct call *call, size_t n)
{
        struct taking taking;
        int r;

        r = taking_prepare(redelivery, call, n, &taking);
        if (r < 0)
                r = call_fail_status(call, r);
        else
                r = call_returned(call);
        if (r < 0)
                taking_undo(redelivery, &taking);
        else
                taking_commit(redelivery, call, &taking);
        return r;
}

/* --- coming back */

void redelivery_holder_ended(struct object *self, struct holding *holding)
{
        struct queue *queue = queue_of(self);
        struct redelivery *redelivery = queue->redelivery;
        struct delivery *delivery = container_of(holding, struct delivery, holding);

        delivery_land(redelivery, delivery);
        if (redelivery->drained || delivery->n >= redelivery->max) {
                landed_insert(&redelivery->dead, delivery);
                queue_finish(queue, 1);
        } else {
                landed_insert(&redelivery->returned, delivery);
                queue_wake_getters(queue);
        }
}

void redelivery_retry(struct redelivery *redelivery, size_t n)
{
        redelivery->queue->n_unfinished += n;
        while (n-- > 0) {
                struct delivery *delivery = landed_take(&redelivery->dead);

                delivery->n = 0;
                landed_insert(&redelivery->returned, delivery);
        }
        queue_wake_getters(redelivery->queue);
}

/* --- dropping */

/* Fewer are freed at once. */
#define DELIVERIES_FEW 64

struct delivery_rubbish {
        struct rubbish rubbish;
        struct memory *memory;
        struct list_node deliveries; /* struct delivery.on_queue */
};

static bool delivery_rubbish_reap(struct rubbish *rubbish, size_t *budget)
{
        struct delivery_rubbish *self = container_of(rubbish, struct delivery_rubbish, rubbish);

        if (!deliveries_free(&self->deliveries, self->memory, budget))
                return false;
        free(self);
        return true;
}

/* NULL where they are few, or without memory: then they are to be freed at once. */
static struct delivery_rubbish *delivery_rubbish_new(struct memory *memory, size_t n)
{
        struct delivery_rubbish *self = n > DELIVERIES_FEW ? malloc(sizeof(*self)) : NULL;

        if (!self)
                return NULL;
        *self = (struct delivery_rubbish){
                .rubbish = { .reap = delivery_rubbish_reap },
                .memory = memory,
        };
        list_init(&self->rubbish.in_store);
        list_init(&self->deliveries);
        return self;
}

void redelivery_drop(struct redelivery *redelivery, struct landed *landed, size_t n)
{
        struct object *object = &redelivery->queue->object;
        struct memory *memory = redelivery->takers.world->memory;
        struct delivery_rubbish *rubbish = delivery_rubbish_new(memory, n);
        struct delivery *delivery;

        if (rubbish && n == landed->n && !object_has_links(object)) {
                landed_take_all(landed, &rubbish->deliveries);
                n = 0;
        }
        while (n-- > 0) {
                delivery = landed_take(landed);
                object_disown(object, delivery_item(delivery));
                if (rubbish)
                        list_append(&rubbish->deliveries, &delivery->on_queue);
                else
                        delivery_free(delivery, memory);
        }
        if (rubbish)
                store_discard_content(object->store, &rubbish->rubbish);
}

/* --- the whole */

int redelivery_new(struct queue *queue, uint64_t max)
{
        struct store *store = queue->object.store;
        struct redelivery *redelivery;

        if (!memory_charge(&store->memory, sizeof(*redelivery)))
                return -STATUS_NOMEM;
        redelivery = malloc(sizeof(*redelivery));
        if (!redelivery) {
                memory_refund(&store->memory, sizeof(*redelivery));
                return -STATUS_NOMEM;
        }
        *redelivery = (struct redelivery){ .queue = queue, .max = max };
        table_init(&redelivery->takers, &store->world);
        list_init(&redelivery->in_flight);
        landed_init(&redelivery->returned);
        landed_init(&redelivery->dead);
        line_init(&redelivery->last_getters, &queue->object);
        line_init(&redelivery->last_pollers, &queue->object);
        queue->redelivery = redelivery;
        return 0;
}

bool redelivery_reap(struct queue *queue, size_t *budget)
{
        struct memory *memory = &queue->object.store->memory;
        struct redelivery *redelivery = queue->redelivery;

        while (!list_is_empty(&redelivery->in_flight)) {
                if (*budget == 0)
                        return false;
                --*budget;
                redelivery_finish(redelivery, delivery_of(redelivery->in_flight.next));
        }
        if (!deliveries_free(&redelivery->returned.list, memory, budget) ||
            !deliveries_free(&redelivery->dead.list, memory, budget))
                return false;
        table_deinit(&redelivery->takers);
        memory_refund(memory, sizeof(*redelivery));
        free(redelivery);
        queue->redelivery = NULL;
        return true;
}
