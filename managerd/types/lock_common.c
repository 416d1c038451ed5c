/*
 * lock_common - what Lock and RLock share
 */
#include <math.h>

#include "managerd/types/lock.h"
#include "managerd/types/timeout.h"
#include "proto/pack.h"
#include "proto/value.h"

/* --- the object */

int lock_construct(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);

        holding_init(&lock->holding, self);
        line_init(&lock->line, self);
        lock->holding.untracked = call_has(call, 0) && !call_truth(call->args[0]);
        return 0;
}

bool lock_reap(struct object *self, size_t *budget)
{
        (void)budget;
        holding_drop(&lock_of(self)->holding);
        return true;
}

/* --- acquiring */

/* As Python's C code takes a timeout: -1 stands for none. */
int lock_get_deadline(struct call *call, uint64_t *deadline)
{
        bool blocking = !call_has(call, 0) || call_truth(call->args[0]);
        struct span timeout = call->args[1];
        double seconds = -1;
        int r;

        if (!span_is_absent(timeout) && !value_is_none(timeout) &&
            !value_get_number(timeout, &seconds))
                return call_fail(call, STATUS_TYPE,
                                 "'%s' object cannot be interpreted as an integer",
                                 value_type_name(timeout));
        if (isnan(seconds))
                return call_fail(call, STATUS_VALUE, "Invalid value NaN (not a number)");
        r = timeout_check_size(call, fabs(seconds));
        if (r < 0)
                return r;
        if (!blocking && seconds != -1)
                return call_fail(call, STATUS_VALUE,
                                 "can't specify a timeout for a non-blocking call");
        if (seconds < 0 && seconds != -1)
                return call_fail(call, STATUS_VALUE, "timeout value must be a non-negative number");
        if (!blocking)
                *deadline = call->now;
        else if (seconds == -1)
                *deadline = CALL_NO_DEADLINE;
        else
                *deadline = call->now + (uint64_t)(seconds * 1e9);
        return 0;
}

bool lock_is_free(const struct lock *lock)
{
        return !lock->holding.holder;
}

int lock_wait(struct lock *lock, struct call *call, uint64_t deadline)
{
        if (deadline <= call->now)
                return lock_acquire_expired(&lock->object, call);
        return call_park_for(call, &lock->line, deadline, &lock->holding);
}

int lock_acquire_expired(struct object *self, struct call *call)
{
        (void)self;
        pack_bool(call->reply, false);
        return call_returned(call);
}

void lock_free(struct lock *lock)
{
        holding_drop(&lock->holding);
        line_notify(&lock->line);
}

/* The next in line takes it over, and is told. */
void lock_holder_ended(struct object *self, struct holding *holding)
{
        (void)holding;
        line_notify(&lock_of(self)->line);
}

/* --- looking at it */

int lock_run_locked(struct object *self, struct call *call)
{
        pack_bool(call->reply, lock_is_locked(self));
        return call_returned(call);
}

int lock_run_fence(struct object *self, struct call *call)
{
        const struct holding *holding = &lock_of(self)->holding;

        if (!holding->holder || holding->holder->process != call->session->process)
                return call_fail(call, STATUS_RUNTIME, "this process does not hold the lock");
        pack_uint(call->reply, holding->fence);
        return call_returned(call);
}

static void lock_pack_holder(const struct holding *holding, struct call *call)
{
        pack_map(call->reply, HOLDING_PACKED);
        holding_pack(holding, call->now, call->reply);
}

int lock_run_holder(struct object *self, struct call *call)
{
        const struct holding *holding = &lock_of(self)->holding;

        if (holding_is_held(holding))
                lock_pack_holder(holding, call);
        else
                pack_nil(call->reply);
        return call_returned(call);
}

/* --- capabilities */

struct line *lock_line(struct object *self)
{
        return &lock_of(self)->line;
}

const struct holding *lock_holding(struct object *self)
{
        return &lock_of(self)->holding;
}

bool lock_is_locked(struct object *self)
{
        return holding_is_held(&lock_of(self)->holding);
}
