/*
 * results - what was measured, and what can be said of it
 */
#include "tests/bench/results.h"

#include <stdlib.h>
#include <string.h>

int results_init(struct results *results, const struct work *const *works, unsigned n_works,
                 const struct contender *const *contenders, unsigned n_contenders,
                 unsigned n_rounds)
{
        size_t n_cells = (size_t)n_works * n_contenders;

        *results = (struct results){
                .works = works,
                .n_works = n_works,
                .contenders = contenders,
                .n_contenders = n_contenders,
                .n_rounds = n_rounds,
                .cells = calloc(n_cells ? n_cells : 1, sizeof(struct cell)),
        };
        if (!results->cells)
                return -1;
        for (size_t i = 0; i < n_cells; ++i) {
                results->cells[i].rates = calloc(n_rounds, sizeof(double));
                if (!results->cells[i].rates) {
                        results_deinit(results);
                        return -1;
                }
        }
        return 0;
}

void results_deinit(struct results *results)
{
        for (size_t i = 0; results->cells && i < (size_t)results->n_works * results->n_contenders;
             ++i)
                free(results->cells[i].rates);
        free(results->cells);
        *results = (struct results){};
}

struct cell *results_cell(const struct results *results, unsigned work, unsigned contender)
{
        return &results->cells[(size_t)work * results->n_contenders + contender];
}

void cell_add(struct cell *cell, const struct outcome *outcome)
{
        cell->rates[cell->n_rates++] = (double)outcome->n_calls / outcome->seconds;
        histogram_merge(&cell->latency, &outcome->latency);
}

static int compare_doubles(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median_of_sorted(const double *numbers, unsigned n)
{
        if (!n)
                return 0;
        return n % 2 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

double cell_median(const struct cell *cell)
{
        double sorted[BENCH_MAX_ROUNDS];

        memcpy(sorted, cell->rates, cell->n_rates * sizeof(double));
        qsort(sorted, cell->n_rates, sizeof(double), compare_doubles);
        return median_of_sorted(sorted, cell->n_rates);
}

bool cell_compare(const struct cell *a, const struct cell *b, struct ratio *out)
{
        unsigned n = a->n_rates < b->n_rates ? a->n_rates : b->n_rates;
        double ratios[BENCH_MAX_ROUNDS];

        if (!n)
                return false;
        for (unsigned i = 0; i < n; ++i)
                ratios[i] = b->rates[i] > 0 ? a->rates[i] / b->rates[i] : 0;
        qsort(ratios, n, sizeof(double), compare_doubles);
        *out = (struct ratio){ median_of_sorted(ratios, n), ratios[0], ratios[n - 1] };
        return true;
}

int results_find(const struct results *results, const char *name)
{
        for (unsigned i = 0; i < results->n_contenders; ++i)
                if (!strcmp(results->contenders[i]->name, name))
                        return (int)i;
        return -1;
}

/* The fastest of a family at a work, NULL if none of it was measured. */
static const struct cell *results_fastest(const struct results *results, unsigned work,
                                          const char *family)
{
        const struct cell *fastest = NULL;

        for (unsigned i = 0; i < results->n_contenders; ++i) {
                const struct cell *cell = results_cell(results, work, i);

                if (strcmp(results->contenders[i]->family, family) || !cell->n_rates)
                        continue;
                if (!fastest || cell_median(cell) > cell_median(fastest))
                        fastest = cell;
        }
        return fastest;
}

bool results_judge(const struct results *results, unsigned work, const struct target *target,
                   struct ratio *out)
{
        const struct cell *fastest = results_fastest(results, work, target->family);
        int subject = results_find(results, target->subject);

        if (subject < 0 || !fastest)
                return false;
        return cell_compare(results_cell(results, work, (unsigned)subject), fastest, out);
}
