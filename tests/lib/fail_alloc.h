/*
 * fail_alloc - memory that runs out when it is told to
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define FAIL_ALLOC_DEPTH 16

/* Eight bytes each, so that a test in another language can map it, too. */
struct fail_alloc {
        _Atomic uint64_t n_calls;      /* allocations so far; whoever arms it sets this to 0 */
        _Atomic uint64_t first;        /* the number, from 1 on, of the first that fails; 0: none */
        _Atomic uint64_t last;         /* of the last that fails */
        _Atomic uint64_t n_failed;     /* how many have */
        _Atomic int64_t n_live;        /* blocks that have not been freed */
        _Atomic int64_t n_live_at_end; /* the same when main() returned; -1 before */
        _Atomic uint64_t program;      /* where the program was loaded */
        _Atomic uint64_t trace[FAIL_ALLOC_DEPTH]; /* who asked for the one that failed first */
};

/* Of the process itself, or shared with whoever made the file named by FAIL_ALLOC. */
extern struct fail_alloc *fail_alloc;
