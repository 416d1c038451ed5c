/*
 * waiter - a parked call
 *
 * It stands in its object's line, among the waiters of that object, among its
 * session's parked calls, and, if it has a deadline, in the heap of deadlines;
 * by its number cancel() finds it, and by its owner the search for deadlocks. It
 * ends exactly once: by success, by its deadline, by cancel(), to break a
 * deadlock, or silently with its session. Each of these may run a handler of its
 * method, who may have it go on waiting, in another line (Condition.wait).
 */
#pragma once

#include "managerd/engine/deadlines.h"
#include "managerd/engine/invocation.h"

struct engine;

struct waiter {
        struct list_node on_line;     /* struct line.waiters, first come first */
        struct list_node on_object;   /* struct object.waiters of the line's object */
        struct list_node on_caller;   /* struct caller.waiters */
        size_t in_deadlines;          /* its place in the heap, plus one; 0: no deadline */
        bool in_numbers;              /* it is in engine->numbers */
        bool in_edges;                /* it is in engine->edges */
        uint64_t input;               /* number of the input that parked it: settles ties */
        uint64_t since;               /* time of that input */
        struct line *line;            /* where it stands */
        struct invocation invocation; /* its object is retained; its spans point to `bytes` */
        uint8_t bytes[];
};

/*
 * Parks the call. Its handler returned CALL_PARKED just now. 0 or the failure, set
 * by call_fail(): MemoryError, DeadlockError, a number that is in use.
 */
int waiter_park(struct engine *engine, struct invocation *invocation);

/* Tries the first waiters of all lines that were notified. */
void waiters_resume(struct engine *engine);

/* Ends what is due at engine->now. */
void waiters_expire(struct engine *engine);

/* The session's parked call of this number, or NULL. */
struct waiter *waiter_find(const struct engine *engine, const struct caller *caller,
                           uint64_t number);

/* Ends a parked call with CancelledError, unless its method has it go on. */
void waiter_cancel(struct engine *engine, struct waiter *waiter);

/* The daemon ends: all parked calls fail, whatever their methods would have them do. */
void waiters_stop(struct engine *engine);

/* The session ends: its parked calls leave without a reply. */
void waiters_withdraw(struct engine *engine, struct caller *caller);
