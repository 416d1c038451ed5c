/*
 * store - all objects there are
 */
#include "managerd/object/store.h"

#include <stdlib.h>

#include "managerd/object/cycles.h"
#include "managerd/object/index.h"
#include "proto/status.h"

/* What every input contributes to the next search for garbage cycles, in objects. */
#define STORE_SEARCH_CREDIT 64

/* Parts that are freed before it is looked again whether what is wanted fits. */
#define STORE_RECLAIM_BUDGET 64

/* idents: the epoch on top, a counter below */
#define STORE_COUNTER_BITS 40

static void store_reclaim(struct memory *memory, size_t n);

int store_init(struct store *store, const struct store_options *options)
{
        *store = (struct store){
                .memory = { .limit = options->max_memory, .reclaim = store_reclaim },
                .world = { .memory = &store->memory },
                .next_ident = ((uint64_t)options->epoch << STORE_COUNTER_BITS) | 1,
                .last_fence = options->first_fence,
                .iterator = options->iterator,
                .rlock = options->rlock,
        };
        memcpy(store->world.hash_key, options->hash_key, sizeof(store->world.hash_key));
        table_init(&store->index, &store->world);
        list_init(&store->objects);
        list_init(&store->dead);
        list_init(&store->unsettled);
        list_init(&store->candidates);
        list_init(&store->notified);
        list_init(&store->waited);
        list_init(&store->holdings);
        list_init(&store->rubbish);
        return 0;
}

bool store_is_own(const struct store *store, uint64_t ident)
{
        return ident >> STORE_COUNTER_BITS == store->next_ident >> STORE_COUNTER_BITS;
}

static struct object **store_recent(struct store *store, uint64_t ident)
{
        return &store->recent[ident % STORE_N_RECENT];
}

struct object *store_find(struct store *store, uint64_t ident)
{
        struct object **recent = store_recent(store, ident);
        struct object *object;

        if (*recent && (*recent)->ident == ident)
                return *recent;
        object = index_find(&store->index, span_of(&ident, sizeof(ident)));
        if (object)
                *recent = object;
        return object;
}

/* Off the index, out of everyone's reach; what it holds goes in steps. */
void store_bury(struct store *store, struct object *object)
{
        index_remove(&store->index, span_of(&object->ident, sizeof(object->ident)));
        if (*store_recent(store, object->ident) == object)
                *store_recent(store, object->ident) = NULL;
        --store->n_objects;
        object->dead = true;
        list_unlink(&object->in_suspects);
        list_unlink(&object->in_store);
        list_append(&store->dead, &object->in_store);
}

static void object_free(struct object *object)
{
        table_deinit(&object->links);
        memory_refund(&object->store->memory, object->type->size);
        free(object);
}

static bool object_dismantle(struct object *object, size_t *budget)
{
        if (!object_disown_some(object, budget))
                return false;
        if (!object->type->reap(object, budget))
                return false;
        list_unlink(&object->in_store);
        object_free(object);
        return true;
}

static int object_new(struct store *store, const struct type *type, struct object **out)
{
        struct object *object;

        if (!memory_charge(&store->memory, type->size))
                return -STATUS_NOMEM;
        object = calloc(1, type->size);
        if (!object) {
                memory_refund(&store->memory, type->size);
                return -STATUS_NOMEM;
        }
        object->type = type;
        object->store = store;
        table_init(&object->links, &store->world);
        list_init(&object->in_store);
        list_init(&object->in_suspects);
        list_init(&object->in_waited);
        list_init(&object->waiters);
        *out = object;
        return 0;
}

int store_create(struct store *store, const struct type *type, struct call *call,
                 struct object **out)
{
        struct object *object;
        size_t budget = SIZE_MAX;
        int r;

        r = object_new(store, type, &object);
        if (r < 0)
                return call_fail_status(call, r);

        r = type->init(object, call);
        if (r == 0) {
                /* not before: a constructor may make another object (Condition an RLock) */
                object->ident = store->next_ident;
                r = index_set(&store->index, span_of(&object->ident, sizeof(object->ident)),
                              object);
                if (r < 0)
                        call_fail_status(call, r);
        }
        if (r < 0) {
                object_dismantle(object, &budget);
                return r;
        }

        ++store->next_ident;
        ++store->n_objects;
        list_append(&store->objects, &object->in_store);
        list_append(&store->unsettled, &object->in_suspects);
        *out = object;
        return 0;
}

void store_settle(struct store *store)
{
        if (store->search_credit < store->search_cost)
                store->search_credit += STORE_SEARCH_CREDIT;
        while (!list_is_empty(&store->unsettled)) {
                struct object *object =
                        container_of(store->unsettled.next, struct object, in_suspects);

                list_unlink(&object->in_suspects);
                if (object->n_external > 0)
                        continue;
                if (object->n_internal > 0)
                        list_append(&store->candidates, &object->in_suspects);
                else
                        store_bury(store, object);
        }
}

void store_discard_content(struct store *store, struct rubbish *rubbish)
{
        list_append(&store->rubbish, &rubbish->in_store);
}

/* The body ends when the budget is spent; frees what it finishes. */
static void store_reap_content(struct store *store, size_t *budget)
{
        while (*budget > 0 && !list_is_empty(&store->rubbish)) {
                struct list_node *node = store->rubbish.next;
                struct rubbish *rubbish = container_of(node, struct rubbish, in_store);

                /* linked again below unless this was its end: afterwards it may not be touched */
                list_unlink(node);
                --*budget;
                if (!rubbish->reap(rubbish, budget))
                        list_append(&store->rubbish, node);
        }
}

/* True where some is left. */
static bool store_free_dropped(struct store *store, size_t *budget)
{
        while (*budget > 0 && !list_is_empty(&store->dead)) {
                --*budget;
                object_dismantle(container_of(store->dead.next, struct object, in_store), budget);
        }
        store_reap_content(store, budget);
        return !list_is_empty(&store->dead) || !list_is_empty(&store->rubbish);
}

/*
 * Amid an input: whoever has cleared a container finds the room at once. What the dead
 * referred to is only suspected here, and buried when the input ends.
 */
static void store_reclaim(struct memory *memory, size_t n)
{
        struct store *store = container_of(memory, struct store, memory);
        size_t budget;

        do
                budget = STORE_RECLAIM_BUDGET;
        while (store_free_dropped(store, &budget) && !memory_has_room(memory, n));
}

/* True where garbage was found. */
static bool store_search(struct store *store)
{
        if (list_is_empty(&store->candidates) || store->search_credit < store->search_cost)
                return false;
        store->search_credit = 0;
        ++store->n_searches;
        return cycles_collect(store) > 0;
}

bool store_reap(struct store *store, size_t budget)
{
        bool more = store_free_dropped(store, &budget);

        if (budget > 0) {
                /* where there is no memory for the search it waits for the next suspect */
                more = store_search(store);
        }
        store_settle(store);
        return more || !list_is_empty(&store->dead) || !list_is_empty(&store->rubbish);
}

void store_deinit(struct store *store)
{
        while (!list_is_empty(&store->objects)) {
                struct object *object = container_of(store->objects.next, struct object, in_store);

                store_bury(store, object);
        }
        list_init(&store->candidates);
        while (store_reap(store, SIZE_MAX))
                ;
        table_deinit(&store->index);
        assert(store->memory.used == 0);
}
