/*
 * histogram - how long calls took
 */
#include "tests/bench/histogram.h"

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; ++i)
                histogram->counts[i] += other->counts[i];
}

uint64_t histogram_count(const struct histogram *histogram)
{
        uint64_t n = 0;

        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; ++i)
                n += histogram->counts[i];
        return n;
}

/* The middle of what falls into a bucket. */
static double histogram_bucket_middle(unsigned bucket)
{
        unsigned shift;
        uint64_t least;

        if (bucket < 2 * HISTOGRAM_SUBS)
                return bucket;
        shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
        least = (uint64_t)(HISTOGRAM_SUBS + bucket % HISTOGRAM_SUBS) << shift;
        return (double)least + (double)(UINT64_C(1) << shift) / 2;
}

double histogram_quantile(const struct histogram *histogram, double part)
{
        double wanted = part * (double)histogram_count(histogram);
        uint64_t n = 0;

        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; ++i) {
                n += histogram->counts[i];
                if (n && (double)n >= wanted)
                        return histogram_bucket_middle(i);
        }
        return 0;
}
