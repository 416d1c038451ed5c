/*
 * clock - deadlines
 *
 * Seconds come in, absolute monotonic nanoseconds are used inside, so that a wait
 * that is interrupted and taken up again does not grow.
 */
#pragma once

#include <stdint.h>
#include <time.h>

#define CLOCK_FOREVER UINT64_MAX
#define CLOCK_SECOND  UINT64_C(1000000000)

static inline uint64_t clock_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * CLOCK_SECOND + (uint64_t)now.tv_nsec;
}

/* The time in so many seconds, which are not negative. A century is for ever. */
static inline uint64_t clock_after(double seconds)
{
        if (!(seconds < 3e9))
                return CLOCK_FOREVER;
        return clock_now() + (uint64_t)(seconds * (double)CLOCK_SECOND);
}
