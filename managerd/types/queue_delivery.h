/*
 * queue_delivery - redelivery: items that are in flight until they are done
 *
 * For queue*.c only. Whoever takes an item holds its delivery until task_done();
 * where he ends before, the delivery itself goes back to the head of the queue, which
 * takes no memory and so cannot fail, or, after as many deliveries as are allowed, to
 * the dead letters.
 */
#pragma once

#include "managerd/types/queue.h"

/* Those who took items: a session, and a process. */
struct taker {
        uint64_t key[2];             /* number, and whether it is a process's */
        struct list_node deliveries; /* struct delivery.on_session or .on_process, oldest first */
};

/* An item that was taken once at least. */
struct delivery {
        struct holding holding;          /* of who has it in flight, or had it last */
        struct list_node on_queue;       /* struct redelivery.in_flight, or struct landed.list */
        struct list_node on_session;     /* struct taker.deliveries, while it is in flight */
        struct list_node on_process;     /* the same */
        struct taker *session, *process; /* borrowed: they live as long as it is in flight */
        struct delivery *left, *right;   /* in the tree of a struct landed; else NULL */
        uint64_t number;                 /* in the order in which items were taken first */
        uint32_t priority;               /* in that tree: a hash of the number */
        uint64_t n;                      /* how often it was delivered */
        size_t size;
        uint8_t bytes[]; /* the item, packed; its proxies are the queue's */
};

static inline struct delivery *delivery_of(struct list_node *on_queue)
{
        return container_of(on_queue, struct delivery, on_queue);
}

static inline struct span delivery_item(const struct delivery *delivery)
{
        return span_of(delivery->bytes, delivery->size);
}

/* Those that nobody has, in order of their numbers: see queue_landed.c. */
struct landed {
        struct list_node list; /* struct delivery.on_queue */
        size_t n;
        struct delivery *root; /* of the tree over them */
};

struct redelivery {
        struct queue *queue;        /* borrowed: it owns this */
        uint64_t max;               /* deliveries of one item; UINT64_MAX: no limit */
        uint64_t n_numbers;         /* items that were taken once at least */
        struct table takers;        /* struct taker.key → struct taker *, owned */
        struct list_node in_flight; /* struct delivery.on_queue, taken earliest first */
        size_t n_in_flight;
        struct landed returned;   /* to be taken again, before all others */
        struct landed dead;       /* delivered too often: the dead letters */
        struct line last_getters; /* after shutdown(): wait for what is in flight to come back */
        struct line last_pollers; /* the same */
        bool drained;             /* by shutdown(immediate=True): nothing comes back */
};

/* --- those that nobody has (queue_landed.c) */

void landed_init(struct landed *landed);

/* It is in no such list. O(log n). */
void landed_insert(struct landed *landed, struct delivery *delivery);

/* The first of them, which there must be, is in the list no more. O(log n). */
struct delivery *landed_take(struct landed *landed);

/* All of them, which are good for nothing then but to be freed. O(1). */
void landed_take_all(struct landed *landed, struct list_node *deliveries);

/* --- the mode of a queue */

/* Gives the queue this mode. 0 or -STATUS_NOMEM. */
int redelivery_new(struct queue *queue, uint64_t max);

/* As struct type.reap, of all that redelivery_new() made and what came since. */
bool redelivery_reap(struct queue *queue, size_t *budget);

/* Takes n items as queue_take() does. */
int redelivery_take(struct redelivery *redelivery, struct call *call, size_t n);

/* The oldest that the caller's session has in flight, else his process, or NULL. */
struct delivery *redelivery_oldest(const struct redelivery *redelivery, const struct call *call);

/* It is done. */
void redelivery_finish(struct redelivery *redelivery, struct delivery *delivery);

/* Whether something may still come back to a caller who waits: what he has himself does not. */
bool redelivery_may_return(const struct redelivery *redelivery, const struct call *call);

/* Drops the n first of `returned` or of `dead`. */
void redelivery_drop(struct redelivery *redelivery, struct landed *landed, size_t n);

/* The n first dead letters go back to where they came from, as if never delivered. */
void redelivery_retry(struct redelivery *redelivery, size_t n);

/* struct type.holder_ended. */
void redelivery_holder_ended(struct object *self, struct holding *holding);
