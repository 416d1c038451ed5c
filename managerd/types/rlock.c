/*
 * rlock - RLock: Python's threading.RLock between processes
 *
 * Its owner is a session, or a task within one, who may acquire it again and
 * releases it as often. When the session ends it is abandoned, and the next to
 * acquire takes it over and is told.
 */
#include <inttypes.h>
#include <stdio.h>

#include "managerd/types/lock.h"
#include "managerd/types/types.h"
#include "proto/pack.h"

static int run_acquire(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);
        bool again = holding_is_of(&lock->holding, &call->owner);
        uint64_t deadline = call->deadline;
        int r;

        if (!call->resumed) {
                r = lock_get_deadline(call, &deadline);
                if (r < 0)
                        return r;
        }
        if (!again && (!lock_is_free(lock) || call_must_queue(call, &lock->line)))
                return lock_wait(lock, call, deadline);

        pack_bool(call->reply, true);
        r = call_returned(call);
        if (r < 0)
                return r;
        if (again) {
                ++lock->holding.n;
                call->notes.fence = lock->holding.fence;
        } else {
                holding_take(&lock->holding, call, call->session);
        }
        return CALL_DONE;
}

static int run_release(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);
        int r;

        if (!holding_is_of(&lock->holding, &call->owner))
                return call_fail(call, STATUS_RUNTIME, "cannot release un-acquired lock");
        r = call_return_none(call);
        if (r < 0)
                return r;
        if (--lock->holding.n == 0)
                lock_free(lock);
        return CALL_DONE;
}

static const struct wait_ends acquire_ends = { .expired = lock_acquire_expired };

static const struct method rlock_methods[] = {
        { "acquire", "blocking timeout", 2, 0, METHOD_WRITES | METHOD_BLOCKS | METHOD_KEYWORDS,
          ARITY_PARSED, run_acquire, &acquire_ends },
        { "fence", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_fence, NULL },
        { "holder", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_holder, NULL },
        { "locked", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_locked, NULL },
        { "release", "", 0, 0, METHOD_WRITES, ARITY_NONE, run_release, NULL },
};

/* --- for Condition */

static uint64_t rlock_release_save(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);
        uint64_t n = lock->holding.n;

        (void)call;
        lock_free(lock);
        return n;
}

static bool rlock_restore(struct object *self, struct call *call, uint64_t saved)
{
        struct lock *lock = lock_of(self);

        if (!lock_is_free(lock))
                return false;
        holding_take(&lock->holding, call, call->session);
        lock->holding.n = saved;
        return true;
}

static bool rlock_is_owned(struct object *self, const struct call *call)
{
        return holding_is_of(&lock_of(self)->holding, &call->owner);
}

static const struct lockable rlock_lockable = {
        .acquire = run_acquire,
        .acquire_expired = lock_acquire_expired,
        .release = run_release,
        .is_owned = rlock_is_owned,
        .release_save = rlock_release_save,
        .restore = rlock_restore,
        .line = lock_line,
        .holding = lock_holding,
        .is_locked = lock_is_locked,
};

static int rlock_str(struct object *self, struct buffer *out)
{
        const struct holding *holding = &lock_of(self)->holding;
        char text[128];
        int n;

        n = snprintf(text, sizeof(text),
                     "<%slocked _thread.RLock object owner=%" PRId64 " count=%" PRIu64
                     " at 0x%" PRIx64 ">",
                     lock_is_locked(self) ? "" : "un", lock_is_locked(self) ? holding->pid : 0,
                     holding->n, self->ident);
        buffer_append(out, text, (size_t)n);
        return out->failed;
}

const struct type rlock_type = {
        .name = "RLock",
        .params = "deadlock",
        .n_params = 1,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct lock),
        .methods = rlock_methods,
        .n_methods = sizeof(rlock_methods) / sizeof(rlock_methods[0]),
        .init = lock_construct,
        .reap = lock_reap,
        .str = rlock_str,
        .holder_ended = lock_holder_ended,
        .lockable = &rlock_lockable,
};
