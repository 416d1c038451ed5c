/*
 * list_sort - list.sort(): stable, and all or nothing
 *
 * Sorts spans of the elements: short runs by binary insertion, then merges of
 * twice the width each time, back and forth between two arrays. The elements
 * are put together anew once all comparisons have succeeded. Runs are begun as CPython
 * begins them, so that up to 63 elements the same ones are compared, and what
 * cannot be compared is reported in the same words.
 */
#include <stdlib.h>

#include "managerd/types/list.h"
#include "proto/pack.h"

#define SORT_RUN 64

static int sort_less(struct call *call, struct span a, struct span b, bool *less)
{
        struct span wrong[2];
        int r;

        r = value_less(a, b, less, wrong);
        if (r == -STATUS_TYPE)
                return call_fail(call, STATUS_TYPE,
                                 "'<' not supported between instances of '%s' and '%s'",
                                 value_type_name(wrong[0]), value_type_name(wrong[1]));
        return r < 0 ? call_fail_status(call, r) : 0;
}

static void sort_reverse(struct span *first, size_t n)
{
        for (size_t i = 0; i < n / 2; ++i) {
                struct span element = first[i];

                first[i] = first[n - 1 - i];
                first[n - 1 - i] = element;
        }
}

/* How many elements from the first on are in order; strictly falling ones are turned around. */
static int sort_count_run(struct call *call, struct span *first, size_t n, size_t *n_run)
{
        bool falling, less;
        int r;

        *n_run = n < 2 ? n : 2;
        if (n < 2)
                return 0;
        r = sort_less(call, first[1], first[0], &falling);
        if (r < 0)
                return r;
        for (; *n_run < n; ++*n_run) {
                r = sort_less(call, first[*n_run], first[*n_run - 1], &less);
                if (r < 0)
                        return r;
                if (less != falling)
                        break;
        }
        if (falling)
                sort_reverse(first, *n_run);
        return 0;
}

/* Puts first[n] into its place among the n before it, behind its equals. */
static int sort_insert(struct call *call, struct span *first, size_t n)
{
        struct span pivot = first[n];
        size_t low = 0, high = n;
        bool less;
        int r;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                r = sort_less(call, pivot, first[middle], &less);
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

static int sort_runs(struct call *call, struct span *spans, size_t n)
{
        size_t n_run;
        int r;

        for (size_t begin = 0; begin < n; begin += SORT_RUN) {
                struct span *first = spans + begin;
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
static int sort_merge(struct call *call, const struct span *from, size_t middle, size_t n,
                      struct span *to)
{
        size_t left = 0, right = middle;
        bool less = false;
        int r;

        if (middle < n) {
                r = sort_less(call, from[middle], from[middle - 1], &less);
                if (r < 0)
                        return r;
        }
        if (!less) {
                memcpy(to, from, n * sizeof(*from));
                return 0;
        }
        while (left < middle && right < n) {
                r = sort_less(call, from[right], from[left], &less);
                if (r < 0)
                        return r;
                *to++ = less ? from[right++] : from[left++];
        }
        memcpy(to, from + left, (middle - left) * sizeof(*from));
        memcpy(to + (middle - left), from + right, (n - right) * sizeof(*from));
        return 0;
}

/* Sorts `spans` with the help of as many more behind them. *sorted is where they ended up. */
static int sort_spans(struct call *call, struct span *spans, size_t n, struct span **sorted)
{
        struct span *from = spans, *to = spans + n;
        int r;

        r = sort_runs(call, from, n);
        for (size_t width = SORT_RUN; r == 0 && width < n; width *= 2) {
                struct span *swap = from;

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

/* Puts the elements in sorted order together, and in the place of what is there. */
static int list_rearrange(struct list *list, const struct span *sorted, size_t n)
{
        struct sequence made;
        int r = 0;

        sequence_init(&made, list->elements.memory);
        for (size_t i = 0; r == 0 && i < n; ++i)
                r = sequence_append(&made, sorted[i]);
        if (r == 0)
                sequence_swap(&list->elements, &made);
        items_discard(list->object.store, &made);
        return r;
}

static int sort_list(struct list *list, struct call *call, bool reverse, struct span *spans)
{
        size_t n = list->elements.n;
        struct sequence_cursor cursor;
        struct span *sorted;
        int r;

        sequence_walk(&list->elements, 0, n, &cursor);
        for (size_t i = 0; sequence_next(&cursor, &spans[i]); ++i)
                ;
        /* turned around before and after, equal elements keep their order in a falling list too */
        if (reverse)
                sort_reverse(spans, n);
        r = sort_spans(call, spans, n, &sorted);
        if (r < 0)
                return r;
        if (reverse)
                sort_reverse(sorted, n);
        r = list_rearrange(list, sorted, n);
        return r < 0 ? call_fail_status(call, r) : 0;
}

static int list_sort(struct list *list, struct call *call, bool reverse)
{
        size_t n = list->elements.n;
        size_t size = (n < SORT_RUN ? n : 2 * n) * sizeof(struct span);
        struct span *spans;
        int r;

        if (!memory_charge(list->elements.memory, size))
                return call_fail_status(call, -STATUS_NOMEM);
        spans = malloc(size);
        r = spans ? sort_list(list, call, reverse, spans) : call_fail_status(call, -STATUS_NOMEM);
        free(spans);
        memory_refund(list->elements.memory, size);
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
        if (list->elements.n < 2)
                return CALL_DONE;
        return list_sort(list, call, call_has(call, 1) && call_truth(call->args[1]));
}
