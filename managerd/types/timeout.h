/*
 * timeout - the timeouts of what Python builds on its Condition
 *
 * Semaphore, Event and Barrier look at a timeout only where they have to wait, and
 * take a negative one for one that has passed. What fits is the same for locks.
 */
#pragma once

#include "managerd/object/call.h"

/* As many seconds as fit the nanoseconds of CPython: 0, or OverflowError. */
int timeout_check_size(struct call *call, double seconds);

/* What Python does first with a timeout, and so what it says of one that is no number. */
enum timeout_use {
        TIMEOUT_ADDED,    /* "unsupported operand type(s) for +: 'float' and 'str'" */
        TIMEOUT_COMPARED, /* "'>' not supported between instances of 'str' and 'int'" */
};

/*
 * Seconds, or None or absent for ever, into an absolute deadline; call->now where there is
 * nothing to wait for, as of a negative number or NaN. TypeError, OverflowError.
 */
int timeout_get_deadline(struct call *call, struct span value, enum timeout_use use,
                         uint64_t *deadline);
