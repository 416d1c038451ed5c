/*
 * clock - deadlines
 *
 * Seconds come in, absolute monotonic nanoseconds are used inside, so that a wait
 * that is interrupted and taken up again does not grow.
 */
#pragma once

#include <stddef.h>
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

/* What is left until a deadline, as ppoll() takes it: NULL where it is for ever. */
static inline const struct timespec *clock_left(uint64_t deadline, struct timespec *left)
{
        uint64_t now;

        if (deadline == CLOCK_FOREVER)
                return NULL;
        now = clock_now();
        *left = (struct timespec){ 0 };
        if (now < deadline) {
                left->tv_sec = (time_t)((deadline - now) / CLOCK_SECOND);
                left->tv_nsec = (long)((deadline - now) % CLOCK_SECOND);
        }
        return left;
}

/* The time in so many seconds, which are not negative. A century is for ever. */
static inline uint64_t clock_after(double seconds)
{
        if (!(seconds < 3e9))
                return CLOCK_FOREVER;
        return clock_now() + (uint64_t)(seconds * (double)CLOCK_SECOND);
}
