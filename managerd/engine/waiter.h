/*
 * waiter - a parked call
 *
 * It stands in three places: in its object's queue, among its session's parked
 * calls, and, if it has a deadline, in the heap of deadlines. It ends exactly
 * once: by success, by its deadline, by cancel(), or silently with its session.
 */
#pragma once

#include "managerd/engine/invocation.h"

struct engine;

struct waiter {
        struct list_node on_object;   /* struct object.waiters, first come first */
        struct list_node on_caller;   /* struct caller.waiters */
        size_t in_deadlines;          /* its place in the heap, plus one; 0: no deadline */
        uint64_t number;              /* of the input that parked it: settles ties */
        struct invocation invocation; /* its object is retained; its spans point to `bytes` */
        uint8_t bytes[];
};

/* A binary heap, the earliest deadline on top. */
struct deadlines {
        struct waiter **heap;
        size_t n, n_allocated;
};

void deadlines_deinit(struct deadlines *deadlines);
uint64_t deadlines_next(const struct deadlines *deadlines);

/*
 * Parks the call. Its handler returned CALL_PARKED just now. 0 or -STATUS_NOMEM.
 */
int waiter_park(struct engine *engine, const struct invocation *invocation);

/* Runs the handlers of all objects that were notified, the first waiters first. */
void waiters_resume(struct engine *engine);

/* Ends what is due at engine->now. */
void waiters_expire(struct engine *engine);

/* The session's parked call of this number, or NULL. */
struct waiter *waiter_find(struct caller *caller, uint64_t number);

/* Ends a parked call with CancelledError. */
void waiter_cancel(struct engine *engine, struct waiter *waiter);

/* The session ends: its parked calls leave without a reply. */
void waiters_withdraw(struct engine *engine, struct caller *caller);
