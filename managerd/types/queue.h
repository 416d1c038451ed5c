/*
 * queue - what the rooms of the types Queue and JoinableQueue share
 *
 * For queue*.c only; everyone else knows the types by types.h.
 *
 * Items that nobody took yet lie packed in a sequence. In the mode of redelivery
 * (queue_delivery.h) items that came back stand in front of them.
 */
#pragma once

#include "managerd/types/items.h"
#include "managerd/types/page.h"

struct redelivery;

struct queue {
        struct object object;
        struct sequence items;         /* to be taken, behind those that came back */
        struct line getters;           /* wait for an item */
        struct line pollers;           /* wait until one is left by them */
        struct line putters;           /* wait for room */
        struct line joiners;           /* wait until nothing is unfinished */
        size_t max_size;               /* 0: as many as one likes */
        uint64_t n_unfinished;         /* put, and not done since */
        bool shut_down;                /* nothing may be put any more */
        struct redelivery *redelivery; /* owned; NULL: what is taken is gone */
};

static inline struct queue *queue_of(struct object *object)
{
        return container_of(object, struct queue, object);
}

/* --- what is in it, to be taken */

size_t queue_length(const struct queue *queue);

static inline bool queue_has_room(const struct queue *queue, size_t n)
{
        size_t length = queue_length(queue);

        return !queue->max_size || (length < queue->max_size && n <= queue->max_size - length);
}

/* A walk over n items from the i-th on. Good until the next change. */
struct queue_cursor {
        struct list_node *at; /* of those that came back: the next */
        size_t n_returned;    /* of them, still to come */
        struct sequence_cursor rest;
};
void queue_walk(const struct queue *queue, size_t i, size_t n, struct queue_cursor *cursor);
bool queue_next(struct queue_cursor *cursor, struct span *item);

/* How many of n items from the i-th on fit into one reply: one at least, where there is one. */
size_t queue_measure(const struct queue *queue, size_t i, size_t n);

/* Appends n items from the i-th on, packed, without a header. */
void queue_pack(const struct queue *queue, size_t i, size_t n, struct buffer *out);

/* Takes the n first items, which the reply holds: call_returned() is called here. */
int queue_take(struct queue *queue, struct call *call, size_t n);

/* --- arguments */

/* The parameters [start=0[, count=100]]. */
int queue_get_page(struct call *call, size_t *start, size_t *count);

/* --- changes: each tells those who wait for it. Cannot fail. */

/* Drops n of those that nobody took yet, from the i-th on. Their proxies are the caller's. */
void queue_remove(struct queue *queue, size_t i, size_t n);

/* So many items are done, or will never be. */
void queue_finish(struct queue *queue, uint64_t n);

/* Items came, or there is another reason to look again: those who get first, then who polls. */
void queue_wake_getters(struct queue *queue);

/* Drops all that could be taken; says how much that was. */
size_t queue_drop(struct queue *queue);

/* --- queue_wait.c: methods that may wait */

int queue_run_get(struct object *self, struct call *call);
int queue_run_get_delivery(struct object *self, struct call *call);
int queue_run_get_many(struct object *self, struct call *call);
int queue_run_get_nowait(struct object *self, struct call *call);
int queue_run_join(struct object *self, struct call *call);
int queue_run_poll(struct object *self, struct call *call);
int queue_run_put(struct object *self, struct call *call);
int queue_run_put_many(struct object *self, struct call *call);
int queue_run_put_nowait(struct object *self, struct call *call);
extern const struct wait_ends queue_get_ends, queue_poll_ends, queue_put_ends;

/* --- queue_letters.c: methods about what is in flight, and what came back too often */

int queue_run_dead_letters(struct object *self, struct call *call);
int queue_run_drop_dead_letters(struct object *self, struct call *call);
int queue_run_in_flight(struct object *self, struct call *call);
int queue_run_retry_dead_letters(struct object *self, struct call *call);
