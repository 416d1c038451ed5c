/*
 * state - what the engine's rooms share
 *
 * Private to engine/. Everything here changes only while an input is applied.
 */
#pragma once

#include "managerd/engine/caller.h"
#include "managerd/engine/engine.h"
#include "managerd/engine/process.h"
#include "managerd/engine/registry.h"
#include "managerd/engine/ticket.h"
#include "managerd/engine/waiter.h"

struct engine {
        struct engine_options options;
        char *address; /* what options.address was */
        struct store store;
        struct registry registry;
        struct processes processes;
        struct tickets tickets;
        struct deadlines deadlines; /* of parked calls */
        struct table numbers;       /* session and number → struct waiter * */
        struct table edges;         /* owner → struct waiter *: see deadlock.h */
        struct waiter *cancelled;   /* by the input being applied: ends when that has its reply */
        struct list_node callers;   /* struct caller.in_engine, oldest first */
        size_t n_callers;
        uint64_t n_sessions_ever;            /* numbers the sessions */
        uint64_t n_deadlocks;                /* calls that failed so that others do not hang */
        uint64_t n_calls;                    /* requests applied */
        uint64_t n_parked;                   /* calls that wait now */
        uint64_t n_too_large;                /* results that no reply could hold */
        uint64_t now;                        /* time of the input, monotonic nanoseconds */
        struct buffer error;                 /* arguments of the exception being raised */
        const struct server_figure *figures; /* borrowed from the server */
        size_t n_figures;
};

/* The end of an input: waiters whose object changed are tried, and the dead buried. */
void engine_settle(struct engine *engine);
