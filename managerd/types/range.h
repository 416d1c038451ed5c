/*
 * range - indexes, bounds and slices, as Python's sequences take them
 *
 * What list and Array have in common: numbers of any size become places within a
 * sequence of a known length, or the error that Python has for them.
 */
#pragma once

#include "managerd/object/call.h"

/* A number as Python takes for a count; beyond int64 it is OverflowError with this text. */
int range_get_integer(struct call *call, struct span value, const char *overflow, int64_t *out);

/* A bound of a range: an int of any size, clamped to int64; else TypeError with this text. */
int range_get_bound(struct call *call, struct span value, const char *refusal, int64_t *out);

/* Places a bound within a sequence: negative ones count from its end. */
size_t range_place(int64_t bound, size_t length);

/* An index within a sequence: negative ones count from its end. False where there is none. */
bool range_find(int64_t index, size_t length, size_t *i);

/*
 * The place that an argument means, within a sequence: TypeError as call_get_index() where it is
 * no index, IndexError with the text `out_of_range` where there is none.
 */
int range_get_place(struct call *call, struct span value, size_t length, const char *format,
                    const char *out_of_range, size_t *i);

/* What page(start, count) means: the elements from *begin on, *n of them, PAGE_MAX at most. */
int range_get_page(struct call *call, size_t length, size_t *begin, size_t *n);

/* The elements that a slice means: start, start + step, … n of them. */
struct range {
        int64_t start, stop, step;
        size_t n;
};

/* `value` is a slice. */
int range_of_slice(struct call *call, struct span value, size_t length, struct range *range);

static inline size_t range_at(const struct range *range, size_t i)
{
        return (size_t)(range->start + (int64_t)i * range->step);
}

/* The same elements in the other order; not none. */
void range_turn(struct range *range);
