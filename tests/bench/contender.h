/*
 * contender - whatever can be measured, behind one small table of functions
 *
 * The harness knows nothing of what a contender is. A server side is started
 * once and stopped at the end; a worker is a forked process that opens a client
 * and makes calls one after another. Everything is measured by the same loop,
 * except for a contender that brings its own workers because they are not
 * written in C (`whole`).
 *
 * Functions return 0 or a negative number; they say what went wrong on stderr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/bench/histogram.h"
#include "tests/bench/workload.h"

#define BENCH_MAX_WORKERS 64
#define BENCH_MAX_BATCH   1000

/* From start(): the machine lacks what this contender needs; measure the others. */
#define CONTENDER_MISSING 1

/* One row of the benchmark. */
struct work {
        const char *name;
        const char *title;
        unsigned n_workers;
        unsigned batch;   /* calls in one round trip, 0: one by one, synchronously */
        unsigned n_tasks; /* not 0: a pool's map() of so many x * x instead of calls, */
        unsigned chunk;   /* in chunks of so many; 0: the pool decides */
};

/* What one run of a work yielded. The latency is that of a call, of a whole batch or map. */
struct outcome {
        uint64_t n_calls; /* or tasks; those that ended within the time */
        double seconds;
        struct histogram latency;
};

struct contender {
        const char *name;
        const char *title;

        /* Peers of one family stand in for each other: a target is judged against the faster. */
        const char *family;

        /*
         * start: bring up the server side; `directory` is private and empty at
         * first, whatever is put there is removed again by stop. May be
         * CONTENDER_MISSING. describe: name and version. Both may be NULL.
         */
        int (*start)(const char *directory, void **serverp);
        void (*stop)(void *server);
        void (*describe)(void *server, char *text, size_t size);

        /* The process that holds the state; negative where it cannot be told. May be NULL. */
        pid_t (*pid)(void *server);

        /* Around every run, for servers that would disturb the others while idle. May be NULL. */
        int (*begin)(void *server, unsigned n_workers);
        void (*end)(void *server);

        /* In a worker. Values must outlive the client; `batch` may be NULL if there is none. */
        int (*open)(void *server, unsigned worker, void **clientp);
        void (*close)(void *client);
        int (*call)(void *client, const struct call *call);
        int (*batch)(void *client, const struct call *calls, size_t n);

        /* Instead of the four above: make the whole run. */
        int (*whole)(void *server, const struct work *work, double seconds, struct outcome *out);

        /*
         * A pool, where there is one, and what it is called in the table: maps over and over for
         * about so long, all of them whole. Its workers stay for the next time; the first map is
         * not counted.
         */
        const char *map_title;
        int (*map)(void *server, const struct work *work, double seconds, struct outcome *out);
};

extern const struct contender contender_managerd;
extern const struct contender contender_redis_hash;
extern const struct contender contender_redis_string;
extern const struct contender contender_python;
extern const struct contender contender_bare_socket;
extern const struct contender contender_bare_ring;

/* Whether a contender can take part in a work at all. */
static inline bool contender_can(const struct contender *contender, const struct work *work)
{
        if (work->n_tasks)
                return contender->map;
        return !work->batch || contender->batch;
}
