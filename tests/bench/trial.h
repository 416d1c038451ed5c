/*
 * trial - a question whose answer is not a rate
 *
 * Works compare how many calls contenders make; a trial looks at something
 * else, once: memory, the cost of an attack, the longest wait. It yields rows,
 * of which some are demanded to stay within a bound. Selected by name with
 * --work, as works are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define TRIAL_MAX_ROWS 64

struct trial_row {
        const char *trial; /* its name */
        char what[96];
        const char *unit; /* literal */
        double value;
        double most; /* the bound; 0: only told */
};

struct trial_rows {
        struct trial_row rows[TRIAL_MAX_ROWS];
        unsigned n;
        const char *trial; /* which one is under way */
};

struct trial {
        const char *name;
        const char *title;
        bool on_demand; /* takes long, or much memory: only where it is named */
        /* `directory` is private; quick: whether it works, not how much. 0 or negative. */
        int (*run)(const char *directory, bool quick, struct trial_rows *rows);
};

extern const struct trial bench_trials[]; /* ends with an entry without a name */

void trial_tell(struct trial_rows *rows, double value, const char *unit, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void trial_demand(struct trial_rows *rows, double value, const char *unit, double most,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

void trials_report(FILE *out, const struct trial_rows *rows);
void trials_report_json(FILE *out, const struct trial_rows *rows);
unsigned trials_missed(const struct trial_rows *rows);

/* --- the trials, as struct trial.run */

int trial_memory(const char *directory, bool quick, struct trial_rows *rows);
int trial_memory_large(const char *directory, bool quick, struct trial_rows *rows);
int trial_collisions(const char *directory, bool quick, struct trial_rows *rows);
int trial_stalls(const char *directory, bool quick, struct trial_rows *rows);

/* --- what trials look at */

/* Bytes of resident memory of a process; 0 where it cannot be told. */
size_t process_memory(pid_t pid);

/* Seconds of CPU time of a process, to the nanosecond. */
double process_cpu(pid_t pid);

/* Seconds that the host of a virtual machine took from all its processors, since it runs. */
double machine_stolen(void);

void pause_ms(unsigned ms);
