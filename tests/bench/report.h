/*
 * report - results for people and for programs
 */
#pragma once

#include <stdio.h>

#include "tests/bench/results.h"
#include "tests/bench/trial.h"

/* What was measured where: goes at the head of either form. */
struct setting {
        char cpu[128];
        long n_cpus;
        char kernel[128];
        char compiler[64];
        double seconds;        /* of a run */
        char (*versions)[128]; /* by contender */
};

void setting_init(struct setting *setting, double seconds, char (*versions)[128]);

/* The table; ratios are those of `subject` to each other contender, if it was measured. */
void report_table(FILE *out, const struct setting *setting, const struct results *results,
                  const char *subject);

/* The same and every single rate as one JSON object. */
void report_json(FILE *out, const struct setting *setting, const struct results *results,
                 const struct trial_rows *trials, const char *subject);

/* How many targets were missed. */
unsigned report_missed(const struct results *results);
