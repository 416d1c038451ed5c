/*
 * range - indexes, bounds and slices, as Python's sequences take them
 */
#include "managerd/types/range.h"

#include "managerd/types/page.h"
#include "proto/value.h"

/* --- numbers */

int range_get_integer(struct call *call, struct span value, const char *overflow, int64_t *out)
{
        int r;

        r = call_get_integer(call, value, out);
        return r == -STATUS_INDEX ? call_fail(call, STATUS_OVERFLOW, "%s", overflow) : r;
}

int range_get_bound(struct call *call, struct span value, const char *refusal, int64_t *out)
{
        enum value_kind kind = value_kind(value);
        struct span wrong[2];
        bool negative;
        int r;

        if (value_get_int64(value, out))
                return 0;
        if (kind != VALUE_INT && kind != VALUE_BIG_INTEGER)
                return call_fail(call, STATUS_TYPE, "%s", refusal);
        r = value_less(value, SPAN_LITERAL("\x00"), &negative, wrong);
        if (r < 0)
                return call_fail_status(call, r);
        *out = negative ? INT64_MIN : INT64_MAX;
        return 0;
}

size_t range_place(int64_t bound, size_t length)
{
        if (bound < 0)
                bound = bound + (int64_t)length < 0 ? 0 : bound + (int64_t)length;
        return (uint64_t)bound > length ? length : (size_t)bound;
}

bool range_find(int64_t index, size_t length, size_t *i)
{
        int64_t n = (int64_t)length;

        if (index < -n || index >= n)
                return false;
        *i = (size_t)(index < 0 ? index + n : index);
        return true;
}

int range_get_place(struct call *call, struct span value, size_t length, const char *format,
                    const char *out_of_range, size_t *i)
{
        int64_t index;
        int r;

        r = call_get_index(call, value, format, &index);
        if (r < 0)
                return r;
        if (!range_find(index, length, i))
                return call_fail(call, STATUS_INDEX, "%s", out_of_range);
        return 0;
}

int range_get_page(struct call *call, size_t length, size_t *begin, size_t *n)
{
        static const char *const overflow = "Python int too large to convert to C ssize_t";
        int64_t start = 0, count = PAGE_DEFAULT;
        size_t left;
        int r = 0;

        if (call_has(call, 0) && !value_is_none(call->args[0]))
                r = range_get_integer(call, call->args[0], overflow, &start);
        if (r == 0 && call_has(call, 1))
                r = range_get_integer(call, call->args[1], overflow, &count);
        if (r < 0)
                return r;
        if (count < 1)
                return call_fail(call, STATUS_VALUE, "count must be positive");

        *begin = range_place(start, length);
        left = length - *begin;
        *n = (size_t)count < PAGE_MAX ? (size_t)count : PAGE_MAX;
        *n = *n < left ? *n : left;
        return 0;
}

/* --- slices */

static int slice_get_bound(struct call *call, struct span value, int64_t otherwise, int64_t *out)
{
        if (value_is_none(value)) {
                *out = otherwise;
                return 0;
        }
        return range_get_bound(call, value,
                               "slice indices must be integers or None or have an __index__ method",
                               out);
}

/* Python's rules: from the end where negative, then between the first and one past the last. */
static int64_t slice_clamp(int64_t bound, int64_t step, int64_t length)
{
        int64_t low = step < 0 ? -1 : 0;
        int64_t high = step < 0 ? length - 1 : length;

        if (bound < 0)
                bound += length;
        return bound < low ? low : bound > high ? high : bound;
}

static size_t range_count(const struct range *range)
{
        if (range->step < 0)
                return range->stop < range->start
                               ? (size_t)((range->start - range->stop - 1) / -range->step + 1)
                               : 0;
        return range->start < range->stop
                       ? (size_t)((range->stop - range->start - 1) / range->step + 1)
                       : 0;
}

int range_of_slice(struct call *call, struct span value, size_t length, struct range *range)
{
        struct value_slice slice;
        int r;

        value_get_slice(value, &slice);
        r = slice_get_bound(call, slice.step, 1, &range->step);
        if (r < 0)
                return r;
        if (range->step == 0)
                return call_fail(call, STATUS_VALUE, "slice step cannot be zero");
        if (range->step == INT64_MIN)
                range->step = -INT64_MAX;

        r = slice_get_bound(call, slice.start, range->step < 0 ? INT64_MAX : 0, &range->start);
        if (r < 0)
                return r;
        r = slice_get_bound(call, slice.stop, range->step < 0 ? INT64_MIN : INT64_MAX,
                            &range->stop);
        if (r < 0)
                return r;

        range->start = slice_clamp(range->start, range->step, (int64_t)length);
        range->stop = slice_clamp(range->stop, range->step, (int64_t)length);
        range->n = range_count(range);
        return 0;
}

void range_turn(struct range *range)
{
        range->start = (int64_t)range_at(range, range->n - 1);
        range->step = -range->step;
}
