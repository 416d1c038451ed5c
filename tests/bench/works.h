/*
 * works - the rows of the benchmark and what is demanded of them
 */
#pragma once

#include "tests/bench/contender.h"

/* `subject` makes at least `least` times the calls of the fastest member of `family`. */
struct target {
        const char *work;
        const char *subject;
        const char *family;
        double least;
};

/* Both end with an entry without a name. */
extern const struct work bench_works[];
extern const struct target bench_targets[];
extern const struct contender *const bench_contenders[]; /* ends with NULL */
