/*
 * results - what was measured, and what can be said of it
 *
 * A machine's speed drifts while it is measured, so contenders are never
 * compared by their own medians: the runs of one round stand beside each other
 * in time, each pair of them gives a ratio, and the median of those is what
 * counts, with the least and the greatest beside it.
 */
#pragma once

#include "tests/bench/works.h"

#define BENCH_MAX_ROUNDS 999

/* One contender at one work. */
struct cell {
        double *rates; /* calls a second, by round */
        unsigned n_rates;
        struct histogram latency; /* of all rounds together */
};

struct ratio {
        double median;
        double least;
        double greatest;
};

struct results {
        const struct work *const *works;
        unsigned n_works;
        const struct contender *const *contenders;
        unsigned n_contenders;
        unsigned n_rounds;
        struct cell *cells; /* of work w and contender c: w * n_contenders + c */
};

/* The lists are borrowed. Negative if there is no memory. */
int results_init(struct results *results, const struct work *const *works, unsigned n_works,
                 const struct contender *const *contenders, unsigned n_contenders,
                 unsigned n_rounds);
void results_deinit(struct results *results);

struct cell *results_cell(const struct results *results, unsigned work, unsigned contender);
void cell_add(struct cell *cell, const struct outcome *outcome);

/* The median of the rates; 0 if there are none. */
double cell_median(const struct cell *cell);

/* a's rates by b's, pair by pair. False unless both were measured. */
bool cell_compare(const struct cell *a, const struct cell *b, struct ratio *out);

/* Where a contender stands among those measured, negative if it was not. */
int results_find(const struct results *results, const char *name);

/* How a target was met; false where one of the two sides was not measured. */
bool results_judge(const struct results *results, unsigned work, const struct target *target,
                   struct ratio *out);
