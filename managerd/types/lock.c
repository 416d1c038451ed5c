/*
 * lock - Lock: Python's threading.Lock between processes
 *
 * It has no owner: anyone may release it, and Python's programs do. But who
 * acquired it is remembered, so that it outlives nobody: when that process ends
 * (or the session, where sessions own) the lock is *abandoned*, and the next to
 * acquire takes it over and is told. A release that comes late, from somebody
 * who believes that the abandoned grant is still there to be released, is
 * absorbed, once for each.
 */
#include "managerd/types/lock.h"

#include <inttypes.h>
#include <stdio.h>

#include "managerd/types/types.h"
#include "proto/pack.h"

static void lock_take(struct lock *lock, struct call *call)
{
        if (holding_is_abandoned(&lock->holding))
                ++lock->n_late;
        holding_take(&lock->holding, call, call->keeper);
}

static int run_acquire(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);
        uint64_t deadline = call->deadline;
        int r;

        if (!call->resumed) {
                r = lock_get_deadline(call, &deadline);
                if (r < 0)
                        return r;
        }
        if (!lock_is_free(lock) || call_must_queue(call, &lock->line))
                return lock_wait(lock, call, deadline);

        pack_bool(call->reply, true);
        r = call_returned(call);
        if (r == CALL_DONE)
                lock_take(lock, call);
        return r;
}

/* Whether whoever calls is the process that has it. */
static bool lock_is_mine(const struct lock *lock, const struct call *call)
{
        return lock->holding.holder && lock->holding.holder->process == call->session->process;
}

/* Whether a release by the caller is for a grant that was taken over. */
static bool lock_is_late(const struct lock *lock, const struct call *call)
{
        return lock->n_late > 0 && !lock_is_mine(lock, call) &&
               !holding_is_abandoned(&lock->holding);
}

/* Whoever gives it back for another shows that this may happen again. */
static void lock_give_back(struct lock *lock, const struct call *call)
{
        if (!owner_equal(&lock->holding.owner, &call->owner))
                lock->holding.untracked = true;
        lock_free(lock);
}

static int run_release(struct object *self, struct call *call)
{
        struct lock *lock = lock_of(self);
        bool late = lock_is_late(lock, call);
        int r;

        if (!late && !lock_is_locked(self))
                return call_fail(call, STATUS_RUNTIME, "release unlocked lock");
        r = call_return_none(call);
        if (r < 0)
                return r;
        if (late)
                --lock->n_late;
        else
                lock_give_back(lock, call);
        return CALL_DONE;
}

static const struct wait_ends acquire_ends = { .expired = lock_acquire_expired };

static const struct method lock_methods[] = {
        { "acquire", "blocking timeout", 2, 0, METHOD_WRITES | METHOD_BLOCKS | METHOD_KEYWORDS,
          ARITY_PARSED, run_acquire, &acquire_ends },
        { "fence", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_fence, NULL },
        { "holder", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_holder, NULL },
        { "locked", "", 0, 0, METHOD_READS, ARITY_NONE, lock_run_locked, NULL },
        { "release", "", 0, 0, METHOD_WRITES, ARITY_NONE, run_release, NULL },
};

/* --- for Condition */

static uint64_t lock_release_save(struct object *self, struct call *call)
{
        lock_give_back(lock_of(self), call);
        return 0;
}

static bool lock_restore(struct object *self, struct call *call, uint64_t saved)
{
        struct lock *lock = lock_of(self);

        (void)saved;
        if (!lock_is_free(lock))
                return false;
        lock_take(lock, call);
        return true;
}

/* As Python's Condition finds out about a lock that has no owner. Whose was taken over has none. */
static bool lock_is_owned(struct object *self, const struct call *call)
{
        return lock_is_locked(self) && !lock_is_late(lock_of(self), call);
}

static const struct lockable lock_lockable = {
        .acquire = run_acquire,
        .acquire_expired = lock_acquire_expired,
        .release = run_release,
        .is_owned = lock_is_owned,
        .release_save = lock_release_save,
        .restore = lock_restore,
        .line = lock_line,
        .holding = lock_holding,
        .is_locked = lock_is_locked,
};

static int lock_str(struct object *self, struct buffer *out)
{
        char text[64];
        int n;

        n = snprintf(text, sizeof(text), "<%slocked _thread.lock object at 0x%" PRIx64 ">",
                     lock_is_locked(self) ? "" : "un", self->ident);
        buffer_append(out, text, (size_t)n);
        return out->failed;
}

const struct type lock_type = {
        .name = "Lock",
        .class_name = "lock",
        .params = "deadlock",
        .n_params = 1,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct lock),
        .methods = lock_methods,
        .n_methods = sizeof(lock_methods) / sizeof(lock_methods[0]),
        .init = lock_construct,
        .reap = lock_reap,
        .str = lock_str,
        .holder_ended = lock_holder_ended,
        .lockable = &lock_lockable,
};
