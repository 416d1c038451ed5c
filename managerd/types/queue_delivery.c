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

static struct taker *taker_find(const struct redelivery *r, uint64_t number, bool is_process)
{
        uint64_t key[2];

        return index_find(&r->takers, taker_key(key, number, is_process));
}

static int taker_get(struct redelivery *r, uint64_t number, bool is_process, struct taker **out)
{
        struct memory *memory = r->takers.world->memory;
        struct taker *taker = taker_find(r, number, is_process);
        struct span key;

        if (!taker) {
                if (!memory_charge(memory, sizeof(*taker)))
                        return -STATUS_NOMEM;
                taker = malloc(sizeof(*taker));
                if (taker) {
                        list_init(&taker->deliveries);
                        key = taker_key(taker->key, number, is_process);
                }
                if (!taker || index_set(&r->takers, key, taker) < 0) {
                        free(taker);
                        memory_refund(memory, sizeof(*taker));
                        return -STATUS_NOMEM;
                }
        }
        *out = taker;
        return 0;
}

/* Forgets whoever has nothing in flight. */
static void taker_leave(struct redelivery *r, struct taker *taker)
{
        if (!taker || !list_is_empty(&taker->deliveries))
                return;
        index_remove(&r->takers, span_of(taker->key, sizeof(taker->key)));
        memory_refund(r->takers.world->memory, sizeof(*taker));
        free(taker);
}

/* --- deliveries */

static int delivery_new(struct redelivery *r, struct span item, struct delivery **out)
{
        struct memory *memory = r->takers.world->memory;
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
        holding_init(&delivery->holding, &r->queue->object);
        list_init(&delivery->on_queue);
        list_init(&delivery->on_session);
        list_init(&delivery->on_process);
        memcpy(delivery->bytes, item.data, item.size);
        *out = delivery;
        return 0;
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

/* --- those that nobody has */

/*
 * What one holder gives back comes one after the other, the latest first: with its place
 * sought from the one before, all of it takes no more steps than there are deliveries.
 */
static void landed_insert(struct landed *landed, struct delivery *delivery)
{
        struct list_node *list = &landed->list;
        struct list_node *at = landed->latest ? &landed->latest->on_queue : list;

        while (at->next != list && delivery_of(at->next)->number < delivery->number)
                at = at->next;
        while (at != list && delivery_of(at)->number > delivery->number)
                at = at->prev;
        list_append(at->next, &delivery->on_queue);
        landed->latest = delivery;
        ++landed->n;
}

static struct delivery *landed_take(struct landed *landed)
{
        struct delivery *delivery = delivery_of(landed->list.next);

        list_unlink(&delivery->on_queue);
        if (landed->latest == delivery)
                landed->latest = NULL;
        --landed->n;
        return delivery;
}

/* --- in flight */

static void delivery_start(struct redelivery *r, struct delivery *delivery, struct taker *session,
                           struct taker *process, struct call *call)
{
        holding_keep(&delivery->holding, call, call->keeper);
        ++delivery->n;
        delivery->session = session;
        delivery->process = process;
        list_append(&session->deliveries, &delivery->on_session);
        list_append(&process->deliveries, &delivery->on_process);
        list_append(&r->in_flight, &delivery->on_queue);
        ++r->n_in_flight;
}

static void delivery_land(struct redelivery *r, struct delivery *delivery)
{
        list_unlink(&delivery->on_queue);
        list_unlink(&delivery->on_session);
        list_unlink(&delivery->on_process);
        taker_leave(r, delivery->session);
        taker_leave(r, delivery->process);
        delivery->session = delivery->process = NULL;
        if (--r->n_in_flight == 0 && r->queue->shut_down)
                queue_wake_getters(r->queue);
}

struct delivery *redelivery_oldest(const struct redelivery *r, const struct call *call)
{
        struct taker *taker = taker_find(r, call->session->number, false);

        if (taker)
                return container_of(taker->deliveries.next, struct delivery, on_session);
        taker = taker_find(r, call->session->process->number, true);
        if (taker)
                return container_of(taker->deliveries.next, struct delivery, on_process);
        return NULL;
}

void redelivery_finish(struct redelivery *r, struct delivery *delivery)
{
        holding_drop(&delivery->holding);
        delivery_land(r, delivery);
        object_disown(&r->queue->object, delivery_item(delivery));
        delivery_free(delivery, r->takers.world->memory);
}

bool redelivery_may_return(const struct redelivery *r, const struct call *call)
{
        return r->n_in_flight > 0 && !r->drained && !taker_find(r, call->session->number, false);
}

/* --- taking */

struct taking {
        struct taker *session, *process; /* NULL: not there yet */
        size_t n_returned;               /* how many have been in flight before */
        struct list_node fresh;          /* struct delivery.on_queue: the others, made ready */
        size_t n_fresh;
};

static void taking_undo(struct redelivery *r, struct taking *taking)
{
        size_t budget = SIZE_MAX;

        deliveries_free(&taking->fresh, r->takers.world->memory, &budget);
        taker_leave(r, taking->session);
        taker_leave(r, taking->process);
}

/* All that can fail. */
static int taking_prepare(struct redelivery *r, const struct call *call, size_t n,
                          struct taking *taking)
{
        struct sequence_cursor cursor;
        struct delivery *delivery;
        struct span item;
        int status;

        *taking = (struct taking){ .n_returned = n < r->returned.n ? n : r->returned.n };
        taking->n_fresh = n - taking->n_returned;
        list_init(&taking->fresh);

        status = taker_get(r, call->session->number, false, &taking->session);
        if (status == 0)
                status = taker_get(r, call->session->process->number, true, &taking->process);
        if (status < 0)
                return status;
        sequence_walk(&r->queue->items, 0, taking->n_fresh, &cursor);
        while (sequence_next(&cursor, &item)) {
                status = delivery_new(r, item, &delivery);
                if (status < 0)
                        return status;
                list_append(&taking->fresh, &delivery->on_queue);
        }
        return 0;
}

static void taking_commit(struct redelivery *r, struct call *call, struct taking *taking)
{
        while (taking->n_returned-- > 0)
                delivery_start(r, landed_take(&r->returned), taking->session, taking->process,
                               call);
        while (!list_is_empty(&taking->fresh)) {
                struct delivery *delivery = delivery_of(taking->fresh.next);

                list_unlink(&delivery->on_queue);
                delivery->number = ++r->n_numbers;
                delivery_start(r, delivery, taking->session, taking->process, call);
        }
        if (taking->n_fresh > 0)
                sequence_remove(&r->queue->items, 0, taking->n_fresh);
}

int redelivery_take(struct redelivery *r, struct call *call, size_t n)
{
        struct taking taking;
        int status;

        status = taking_prepare(r, call, n, &taking);
        if (status < 0)
                status = call_fail_status(call, status);
        else
                status = call_returned(call);
        if (status < 0)
                taking_undo(r, &taking);
        else
                taking_commit(r, call, &taking);
        return status;
}

/* --- coming back */

void redelivery_holder_ended(struct object *self, struct holding *holding)
{
        struct queue *queue = queue_of(self);
        struct redelivery *r = queue->redelivery;
        struct delivery *delivery = container_of(holding, struct delivery, holding);

        delivery_land(r, delivery);
        if (r->drained || delivery->n >= r->max) {
                landed_insert(&r->dead, delivery);
                queue_finish(queue, 1);
        } else {
                landed_insert(&r->returned, delivery);
                queue_wake_getters(queue);
        }
}

void redelivery_retry(struct redelivery *r, size_t n)
{
        r->queue->n_unfinished += n;
        while (n-- > 0) {
                struct delivery *delivery = landed_take(&r->dead);

                delivery->n = 0;
                landed_insert(&r->returned, delivery);
        }
        queue_wake_getters(r->queue);
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

void redelivery_drop(struct redelivery *r, struct landed *landed, size_t n)
{
        struct object *object = &r->queue->object;
        struct memory *memory = r->takers.world->memory;
        struct delivery_rubbish *rubbish = NULL;

        if (n > DELIVERIES_FEW)
                rubbish = malloc(sizeof(*rubbish));
        if (rubbish) {
                *rubbish = (struct delivery_rubbish){ .rubbish = { .reap = delivery_rubbish_reap },
                                                      .memory = memory };
                list_init(&rubbish->rubbish.in_store);
                list_init(&rubbish->deliveries);
        }
        while (n-- > 0) {
                struct delivery *delivery = landed_take(landed);

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

static void landed_init(struct landed *landed)
{
        *landed = (struct landed){ .n = 0 };
        list_init(&landed->list);
}

int redelivery_new(struct queue *queue, uint64_t max)
{
        struct store *store = queue->object.store;
        struct redelivery *r;

        if (!memory_charge(&store->memory, sizeof(*r)))
                return -STATUS_NOMEM;
        r = malloc(sizeof(*r));
        if (!r) {
                memory_refund(&store->memory, sizeof(*r));
                return -STATUS_NOMEM;
        }
        *r = (struct redelivery){ .queue = queue, .max = max };
        table_init(&r->takers, &store->world);
        list_init(&r->in_flight);
        landed_init(&r->returned);
        landed_init(&r->dead);
        line_init(&r->last_getters, &queue->object);
        queue->redelivery = r;
        return 0;
}

bool redelivery_reap(struct queue *queue, size_t *budget)
{
        struct memory *memory = &queue->object.store->memory;
        struct redelivery *r = queue->redelivery;

        while (!list_is_empty(&r->in_flight)) {
                if (*budget == 0)
                        return false;
                --*budget;
                redelivery_finish(r, delivery_of(r->in_flight.next));
        }
        if (!deliveries_free(&r->returned.list, memory, budget) ||
            !deliveries_free(&r->dead.list, memory, budget))
                return false;
        table_deinit(&r->takers);
        memory_refund(memory, sizeof(*r));
        free(r);
        queue->redelivery = NULL;
        return true;
}
