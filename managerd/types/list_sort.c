/*
 * list_sort - list.sort(): stable, and all or nothing
 *
 * Sorts copies of the cells: short runs by binary insertion, then merges of
 * twice the width each time, back and forth between two arrays. The list itself
 * is written once all comparisons have succeeded. Runs are begun as CPython
 * begins them, so that up to 63 elements the same ones are compared, and what
 * cannot be compared is reported in the same words.
 */
#include <stdlib.h>

#include "managerd/types/list.h"
#include "proto/pack.h"

#define SORT_RUN 64

static int sort_less(struct call *call, const struct cell *a, const struct cell *b, bool *less)
{
        struct span wrong[2];
        int r;

        r = value_less(cell_value(a), cell_value(b), less, wrong);
        if (r == -STATUS_TYPE)
                return call_fail(call, STATUS_TYPE,
                                 "'<' not supported between instances of '%s' and '%s'",
                                 value_type_name(wrong[0]), value_type_name(wrong[1]));
        return r < 0 ? call_fail_status(call, r) : 0;
}

static void sort_reverse(struct cell *first, size_t n)
{
        for (size_t i = 0; i < n / 2; ++i) {
                struct cell cell = first[i];

                first[i] = first[n - 1 - i];
                first[n - 1 - i] = cell;
        }
}

/* How many cells from the first on are in order; strictly falling ones are turned around. */
static int sort_count_run(struct call *call, struct cell *first, size_t n, size_t *n_run)
{
        bool falling, less;
        int r;

        *n_run = n < 2 ? n : 2;
        if (n < 2)
                return 0;
        r = sort_less(call, &first[1], &first[0], &falling);
        if (r < 0)
                return r;
        for (; *n_run < n; ++*n_run) {
                r = sort_less(call, &first[*n_run], &first[*n_run - 1], &less);
                if (r < 0)
                        return r;
                if (less != falling)
                        break;
        }
        if (falling)
                sort_reverse(first, *n_run);
        return 0;
}

/* Puts first[n] into its place among the n cells before it, behind its equals. */
static int sort_insert(struct call *call, struct cell *first, size_t n)
{
        struct cell pivot = first[n];
        size_t low = 0, high = n;
        bool less;
        int r;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                r = sort_less(call, &pivot, &first[middle], &less);
                if (r < 0)
                        return r;
                if (less)
                        high = middle;
                else
                        low = middle + 1;
        }
        memmove(&first[low + 1], &first[low], (n - low) * sizeof(*first));
        first[low] = pivot;
        return 0;
}

static int sort_runs(struct call *call, struct cell *cells, size_t n)
{
        size_t n_run;
        int r;

        for (size_t begin = 0; begin < n; begin += SORT_RUN) {
                struct cell *first = cells + begin;
                size_t size = n - begin < SORT_RUN ? n - begin : SORT_RUN;

                r = sort_count_run(call, first, size, &n_run);
                for (; r == 0 && n_run < size; ++n_run)
                        r = sort_insert(call, first, n_run);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Merges from[0 … middle) and from[middle … n) into `to`. */
static int sort_merge(struct call *call, const struct cell *from, size_t middle, size_t n,
                      struct cell *to)
{
        size_t left = 0, right = middle;
        bool less = false;
        int r;

        if (middle < n) {
                r = sort_less(call, &from[middle], &from[middle - 1], &less);
                if (r < 0)
                        return r;
        }
        if (!less) {
                memcpy(to, from, n * sizeof(*from));
                return 0;
        }
        while (left < middle && right < n) {
                r = sort_less(call, &from[right], &from[left], &less);
                if (r < 0)
                        return r;
                *to++ = less ? from[right++] : from[left++];
        }
        memcpy(to, from + left, (middle - left) * sizeof(*from));
        memcpy(to + (middle - left), from + right, (n - right) * sizeof(*from));
        return 0;
}

/* Sorts `cells` with the help of as many more behind them. *sorted is where they ended up. */
static int sort_cells(struct call *call, struct cell *cells, size_t n, struct cell **sorted)
{
        struct cell *from = cells, *to = cells + n;
        int r;

        r = sort_runs(call, from, n);
        for (size_t width = SORT_RUN; r == 0 && width < n; width *= 2) {
                struct cell *swap = from;

                for (size_t i = 0; r == 0 && i < n; i += 2 * width) {
                        size_t size = n - i < 2 * width ? n - i : 2 * width;

                        r = sort_merge(call, from + i, size < width ? size : width, size, to + i);
                }
                from = to;
                to = swap;
        }
        *sorted = from;
        return r;
}

static int list_sort(struct list *list, struct call *call, bool reverse)
{
        struct cell *first = cells_first(&list->cells);
        size_t n = list->cells.n;
        struct cell *copy, *sorted;
        size_t n_copy = n < SORT_RUN ? n : 2 * n;
        int r;

        if (!memory_charge(list->cells.memory, n_copy * sizeof(*copy)))
                return call_fail_status(call, -STATUS_NOMEM);
        copy = malloc(n_copy * sizeof(*copy));
        if (!copy) {
                memory_refund(list->cells.memory, n_copy * sizeof(*copy));
                return call_fail_status(call, -STATUS_NOMEM);
        }

        /* turned around before and after, equal elements keep their order in a falling list too */
        memcpy(copy, first, n * sizeof(*copy));
        if (reverse)
                sort_reverse(copy, n);
        r = sort_cells(call, copy, n, &sorted);
        if (r == 0) {
                if (reverse)
                        sort_reverse(sorted, n);
                memcpy(first, sorted, n * sizeof(*copy));
        }
        free(copy);
        memory_refund(list->cells.memory, n_copy * sizeof(*copy));
        return r;
}

int list_run_sort(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        int r;

        if (call_has(call, 0) && !value_is_none(call->args[0]))
                return call_fail(call, STATUS_TYPE,
                                 "sort key must be None: a function cannot be sent");
        r = call_return_none(call);
        if (r < 0)
                return r;
        if (list->cells.n < 2)
                return CALL_DONE;
        return list_sort(list, call, call_has(call, 1) && call_truth(call->args[1]));
}
