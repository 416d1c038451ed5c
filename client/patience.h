/*
 * patience - looking again before going to sleep
 *
 * To sleep and to be woken costs more than many replies take. So whoever expects one
 * soon looks a few times, and lets others run in between. By time, never by counts: as soon
 * as the others turn out to need the processor (a yield that comes back late, a few times over),
 * or nothing has come for long, it is better to sleep.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>

#include "client/clock.h"

#define PATIENCE_SLOW_YIELD (3 * CLOCK_SECOND / 1000000) /* somebody else ran meanwhile */
#define PATIENCE_MAX_SLOW 4

struct patience {
        uint64_t until;
        unsigned n_slow;
};

static inline struct patience patience_begin(uint64_t nanoseconds)
{
        return (struct patience){ .until = clock_now() + nanoseconds };
}

/* Lets others run. False where it is time to sleep. */
static inline bool patience_wait(struct patience *patience)
{
        uint64_t before = clock_now(), after;

        if (before >= patience->until || patience->n_slow >= PATIENCE_MAX_SLOW)
                return false;
        sched_yield();
        after = clock_now();
        patience->n_slow += after - before > PATIENCE_SLOW_YIELD;
        return true;
}
