/*
 * patience - looking again before going to sleep
 *
 * To sleep and to be woken costs more than most replies take. So whoever expects bytes soon
 * looks a few times more, and lets others run in between. That pays where the one who runs in
 * between is our peer, or where it works for us on another processor; it harms where strangers
 * need ours. Which it is shows when a yield comes back: with something for us, within the time
 * that we would have spent awake, or not. So patience is a credit: waits that were rewarded earn
 * it, others spend it. Without credit we sleep at once, but for a trial after a pause, which
 * doubles as long as trials fail.
 *
 * All by time, never by counts of looks; at most the time given is spent awake, and what is
 * lost to strangers is bounded by the pauses.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>

#include "proto/clock.h"

#define PATIENCE_SLOW_YIELD (CLOCK_SECOND / 250000) /* 4 us: somebody else ran meanwhile */
#define PATIENCE_MAX_CREDIT 16
#define PATIENCE_SLOW_COST  4                      /* a yield that was slow, and for nothing */
#define PATIENCE_MIN_PAUSE  (CLOCK_SECOND / 10000) /* 100 us */
#define PATIENCE_MAX_PAUSE  (CLOCK_SECOND / 10)    /* 100 ms: thirty times a stranger's slice */

struct patience {
        bool waiting;
        bool slow; /* the last yield was */
        int credit;
        uint64_t looked; /* when we looked last, valid while waiting */
        uint64_t until;  /* how long we may look, valid while waiting */
        uint64_t pause;  /* nanoseconds without patience after the next failure */
        uint64_t resume; /* when patience may be tried again */
};

#define PATIENCE_INIT ((struct patience){ .credit = PATIENCE_MAX_CREDIT })

static inline void patience_spend(struct patience *patience, int credit)
{
        patience->waiting = false;
        patience->credit -= credit;
        if (patience->credit > 0)
                return;
        patience->credit = 0;
        patience->pause = patience->pause ? patience->pause * 2 : PATIENCE_MIN_PAUSE;
        if (patience->pause > PATIENCE_MAX_PAUSE)
                patience->pause = PATIENCE_MAX_PAUSE;
        patience->resume = patience->looked + patience->pause;
}

/* Something came that was waited for. */
static inline void patience_rewarded(struct patience *patience)
{
        if (!patience->waiting)
                return;
        if (patience->looked > patience->until) {
                /* it had been there for long while a stranger had our processor */
                patience_spend(patience, PATIENCE_SLOW_COST);
                return;
        }
        patience->waiting = false;
        patience->pause = 0;
        if (patience->credit < PATIENCE_MAX_CREDIT)
                ++patience->credit;
}

/* A wait begins: patience->waiting tells whether we may look for a while. */
static inline void patience_begin(struct patience *patience, uint64_t nanoseconds)
{
        uint64_t now = clock_now();

        patience->waiting = patience->credit > 0 || now >= patience->resume;
        patience->slow = false;
        patience->looked = now;
        patience->until = now + nanoseconds;
}

/* Nothing was there. Lets others run and returns true for another look, or false: time to sleep. */
static inline bool patience_wait(struct patience *patience)
{
        uint64_t before = patience->looked;

        if (!patience->waiting)
                return false;
        if (patience->slow || before >= patience->until) {
                patience_spend(patience, patience->slow ? PATIENCE_SLOW_COST : 1);
                return false;
        }
        sched_yield();
        patience->looked = clock_now();
        patience->slow = patience->looked - before > PATIENCE_SLOW_YIELD;
        return true;
}
