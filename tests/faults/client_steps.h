/*
 * client_steps - what a client does while its memory runs out
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/manager.h"

/* Made anew for every allocation that is to fail. */
struct scene {
        mgr_manager *m;
        mgr_dict *d;           /* {'a': 1, 'text': …, 'list': […], 'inner': proxy} */
        mgr_list *l;           /* [1, …, [1, 2], proxy] */
        mgr_set *s;            /* {1, …, (1, 2), proxy} */
        mgr_namespace *n;      /* Namespace(a=1, text=…, inner=proxy) */
        mgr_cell *c;           /* Value('i', 1) */
        mgr_array *a;          /* array('i', [1, 2, 3]) */
        bool failed_elsewhere; /* an allocation in a child */
};

enum step_flags {
        STEP_CHANGES = 1 << 0, /* d, l, s, n, c or a, in one call */
        STEP_BATCH = 1 << 1,   /* appends to l, one call after the other */
        STEP_STARTS = 1 << 2,  /* a daemon, which may fail in more ways */
};

struct step {
        const char *name;
        int (*run)(struct scene *scene); /* < 0: what failed. Gives back all that it made. */
        unsigned flags;
};

extern const struct step container_steps[]; /* calls of dicts and lists */
extern const size_t n_container_steps;
extern const struct step set_steps[]; /* calls of sets */
extern const size_t n_set_steps;
extern const struct step cell_steps[]; /* calls of namespaces, cells and arrays */
extern const size_t n_cell_steps;
extern const struct step sync_steps[]; /* calls of semaphores, events, barriers and locks */
extern const size_t n_sync_steps;
extern const struct step process_steps[]; /* processes, started and spawned */
extern const size_t n_process_steps;
extern const struct step shared_steps[]; /* arrays, cells and bytes in shared memory */
extern const size_t n_shared_steps;
extern const struct step calls_steps[]; /* calls in flight */
extern const size_t n_calls_steps;
extern const struct step pipe_steps[]; /* pipes, and waiting for several things */
extern const size_t n_pipe_steps;
extern const struct step pool_steps[]; /* pools of workers of one's own */
extern const size_t n_pool_steps;
extern const struct step served_steps[]; /* pools over queues */
extern const size_t n_served_steps;
extern const struct step other_steps[]; /* everything else */
extern const size_t n_other_steps;

/* As a spawned program, which is called with this for its first argument: the exit code. */
#define SPAWNED_ROLE "spawned"
int be_spawned(void);

#define TEXT                                                                                       \
        "some text that is longer than a few bytes, so that it is stored outside of whatever "     \
        "holds it, and some more of it"
