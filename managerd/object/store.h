/*
 * store - all objects there are
 *
 * Finds objects by ident, buries the dead in bounded steps, finds garbage
 * cycles. It knows nothing of names, sessions or processes.
 */
#pragma once

#include "managerd/object/call.h"

/* How many objects are found without a look into the index. A power of two. */
#define STORE_N_RECENT 64

struct store {
        struct memory memory;
        struct table_world world;
        struct table index;                    /* ident → struct object * */
        struct object *recent[STORE_N_RECENT]; /* found last, by the low bits of the ident */
        uint64_t next_ident;                   /* epoch in the top 24 bits, then a counter */
        struct list_node objects;              /* struct object.in_store: the live, oldest first */
        struct list_node dead;                 /* struct object.in_store: to be reaped */
        struct list_node unsettled;  /* struct object.in_suspects: lost a reference just now */
        struct list_node candidates; /* struct object.in_suspects: perhaps garbage cycles */
        uint64_t n_searches;         /* for garbage cycles, ever */
        size_t search_cost;          /* objects that the last search for cycles looked at in vain */
        size_t search_credit;        /* how many the next may look at: every input adds some */
        struct list_node notified;   /* struct line.in_notified: to be tried again */
        struct list_node waited;     /* struct object.in_waited: those that calls wait on */
        struct list_node holdings;   /* struct holding.in_store: what is held, oldest first */
        uint64_t last_fence;         /* given to the latest grant of a lock */
        size_t n_objects;            /* live */
        size_t n_referenced;         /* live and n_external > 0 */
        struct list_node rubbish;    /* struct rubbish.in_store: detached bulk content */
        const struct type *iterator; /* what call_return_iterator() makes; const */
        const struct type *rlock;    /* what call_create_rlock() makes; const */
};

struct store_options {
        uint32_t epoch; /* 24 bits, not 0 */
        uint8_t hash_key[TABLE_HASH_KEY_SIZE];
        size_t max_memory;           /* bytes; SIZE_MAX for none */
        uint64_t first_fence;        /* beyond those of earlier daemons */
        const struct type *iterator; /* the type Iterator */
        const struct type *rlock;    /* the type RLock */
};

int store_init(struct store *store, const struct store_options *options);

/* Every object is freed, whoever refers to it. */
void store_deinit(struct store *store);

struct object *store_find(struct store *store, uint64_t ident);

/* Whether the ident is of this store, living or not. */
bool store_is_own(const struct store *store, uint64_t ident);

/*
 * Creates an object by running its constructor with `call`'s arguments. It has
 * no references yet: unless the caller retains it, store_settle() buries it.
 */
int store_create(struct store *store, const struct type *type, struct call *call,
                 struct object **out);

/*
 * The end of an input: objects that lost their last reference in it are buried,
 * those that lost one and are held from inside only become candidates.
 */
void store_settle(struct store *store);

/* Takes an object out of everyone's reach; what it holds is given up in steps. */
void store_bury(struct store *store, struct object *object);

/*
 * Detached content to be freed in steps: a container that is cleared moves its
 * entries into one of these and has forgotten its links by object_disown_all().
 * It is owned by the store from here on; its memory stays charged until freed, which
 * is at once where the limit would keep somebody else from having it.
 */
struct rubbish {
        struct list_node in_store;
        /* Works as struct type.reap; with the last part it frees the struct, and returns true. */
        bool (*reap)(struct rubbish *rubbish, size_t *budget);
};
void store_discard_content(struct store *store, struct rubbish *rubbish);

/*
 * One step of cleaning up, bounded by `budget` parts: the dead, rubbish, then
 * garbage cycles. A search for these costs as much as the candidates reach; where
 * that was much, and for nothing, the next one waits until as many inputs have
 * come as make it cheap for each. True while more is left to do now.
 */
bool store_reap(struct store *store, size_t budget);
