/*
 * run - one contender, one work, a fixed time
 */
#pragma once

#include "tests/bench/contender.h"

/* From run_once(): the user asked to stop. */
#define RUN_INTERRUPTED 1

/* Nanoseconds of the monotonic clock. */
uint64_t clock_now(void);

/*
 * Fork the workers, let them connect, release them together, and count what
 * they did within the time. Returns 0, RUN_INTERRUPTED, or a negative number if
 * a worker failed: then the run is worth nothing.
 */
int run_once(const struct contender *contender, void *server, const struct work *work,
             const struct workload *workload, double seconds, struct outcome *out);

/* Set every key once, so that each get finds a value. */
int run_fill(const struct contender *contender, void *server, const struct workload *workload);
