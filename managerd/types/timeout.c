/*
 * timeout - the timeouts of what Python builds on its Condition
 */
#include "managerd/types/timeout.h"

#include "proto/value.h"

#define TIMEOUT_MAX 9223372036.0

int timeout_check_size(struct call *call, double seconds)
{
        if (seconds > TIMEOUT_MAX)
                return call_fail(call, STATUS_OVERFLOW,
                                 "timestamp too large to convert to C _PyTime_t");
        return 0;
}

static int fail_type(struct call *call, struct span value, enum timeout_use use)
{
        const char *type = value_type_name(value);

        if (use == TIMEOUT_ADDED)
                return call_fail(call, STATUS_TYPE,
                                 "unsupported operand type(s) for +: 'float' and '%s'", type);
        return call_fail(call, STATUS_TYPE, "'>' not supported between instances of '%s' and 'int'",
                         type);
}

int timeout_get_deadline(struct call *call, struct span value, enum timeout_use use,
                         uint64_t *deadline)
{
        double seconds;
        int r;

        *deadline = CALL_NO_DEADLINE;
        if (span_is_absent(value) || value_is_none(value))
                return 0;
        if (!value_get_number(value, &seconds))
                return fail_type(call, value, use);
        r = timeout_check_size(call, seconds);
        if (r < 0)
                return r;
        *deadline = call->now;
        if (seconds > 0)
                *deadline += (uint64_t)(seconds * 1e9);
        return 0;
}
