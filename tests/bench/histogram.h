/*
 * histogram - how long calls took
 *
 * Buckets grow with the number: 32 to each power of two, so a percentile is
 * known to about 3 % from a nanosecond to centuries, and adding one is a few
 * instructions without a branch on the past. A worker fills its own; they are
 * merged afterwards.
 */
#pragma once

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_SUBS     (1u << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_BUCKETS  ((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUBS)

struct histogram {
        uint64_t counts[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_bucket(uint64_t ns)
{
        unsigned shift;

        if (ns < HISTOGRAM_SUBS)
                return (unsigned)ns;
        shift = 63 - (unsigned)__builtin_clzll(ns) - HISTOGRAM_SUB_BITS;
        return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(ns >> shift);
}

static inline void histogram_add(struct histogram *histogram, uint64_t ns, uint64_t n)
{
        histogram->counts[histogram_bucket(ns)] += n;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other);

uint64_t histogram_count(const struct histogram *histogram);

/* The time in nanoseconds that the given part (0 … 1) of all calls stayed within; 0 if none. */
double histogram_quantile(const struct histogram *histogram, double part);
