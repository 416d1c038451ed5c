/*
 * condition - Condition: Python's threading.Condition between processes
 *
 * It stands over a lock: one that it was given, or an RLock of its own. Whoever
 * waits gives up the lock and stands in the Condition's line; whom notify() takes
 * out of that stands in the lock's line next, as who was timed out or cancelled does,
 * and answers when the lock is his again. Nothing else ends a wait, but the end of
 * its session. Who was notified and does not come to use it passes it on.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "managerd/object/store.h"
#include "managerd/types/timeout.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

struct condition {
        struct object object;
        struct object *lock; /* its proxy is stored in the object, and holds it */
        struct line line;    /* those who wait to be notified */
        uint64_t n_notified; /* how many of them are to go; between inputs none, or nobody stands */
};

/* What a call of wait() leaves in call->state. */
enum wait_state {
        WAIT_PHASE,  /* enum wait_phase */
        WAIT_LEVELS, /* what release_save() returned */
};

enum wait_phase {
        WAIT_BEGINS,
        WAIT_STANDS, /* in the condition's line; from here on in the lock's: */
        WAIT_NOTIFIED,
        WAIT_EXPIRED,
        WAIT_CANCELLED,
};

static struct condition *condition_of(struct object *object)
{
        return container_of(object, struct condition, object);
}

static const struct lockable *lockable_of(const struct condition *condition)
{
        return condition->lock->type->lockable;
}

/* The first n who stand are to go, when this input ends; if there are so many. */
static void condition_notify(struct condition *condition, uint64_t n)
{
        condition->n_notified += n;
        line_notify(&condition->line);
}

/* --- the lock's methods */

static int run_acquire(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        return lockable_of(condition)->acquire(condition->lock, call);
}

static int acquire_expired(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        return lockable_of(condition)->acquire_expired(condition->lock, call);
}

static int run_release(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        return lockable_of(condition)->release(condition->lock, call);
}

static int run_locked(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        pack_bool(call->reply, lockable_of(condition)->is_locked(condition->lock));
        return call_returned(call);
}

/* Whose names are many, it is one. */
static int run_lock(struct object *self, struct call *call)
{
        const struct object *lock = condition_of(self)->lock;

        pack_token(call->reply, lock->type->name, lock->ident);
        return call_returned(call);
}

static int check_owned(struct condition *condition, struct call *call, const char *what)
{
        if (lockable_of(condition)->is_owned(condition->lock, call))
                return 0;
        return call_fail(call, STATUS_RUNTIME, "cannot %s on un-acquired lock", what);
}

/* --- wait */

static int wait_begin(struct condition *condition, struct call *call)
{
        uint64_t deadline;
        int r;

        r = check_owned(condition, call, "wait");
        if (r == 0)
                r = timeout_get_deadline(call, call->args[0], TIMEOUT_COMPARED, &deadline);
        if (r < 0)
                return r;
        call->state[WAIT_PHASE] = WAIT_STANDS;
        call->restoring = true;
        return call_park(call, &condition->line, deadline);
}

static void wait_parked(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        /* the first: who was notified before is gone */
        if (condition->line.n == 1)
                condition->n_notified = 0;
        call->state[WAIT_LEVELS] = lockable_of(condition)->release_save(condition->lock, call);
}

/* The lock is to be had again before anything is answered. */
static int wait_restore(struct condition *condition, struct call *call, enum wait_phase phase)
{
        const struct lockable *lockable = lockable_of(condition);
        struct line *line = lockable->line(condition->lock);
        bool my_turn = call->line == line || line_is_empty(line);

        call->state[WAIT_PHASE] = phase;
        if (!my_turn || !lockable->restore(condition->lock, call, call->state[WAIT_LEVELS]))
                return call_park_for(call, line, CALL_NO_DEADLINE,
                                     lockable->holding(condition->lock));
        if (phase == WAIT_CANCELLED)
                return call_fail_status(call, -STATUS_CANCELLED);
        pack_bool(call->reply, phase == WAIT_NOTIFIED);
        return CALL_DONE;
}

static int run_wait(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        if (!call->resumed)
                return wait_begin(condition, call);
        if (call->state[WAIT_PHASE] != WAIT_STANDS)
                return wait_restore(condition, call, call->state[WAIT_PHASE]);
        if (condition->n_notified == 0)
                return call_park(call, &condition->line, call->deadline);
        --condition->n_notified;
        return wait_restore(condition, call, WAIT_NOTIFIED);
}

static int wait_expired(struct object *self, struct call *call)
{
        return wait_restore(condition_of(self), call, WAIT_EXPIRED);
}

static void wait_left(struct object *self, struct call *call)
{
        if (call->state[WAIT_PHASE] == WAIT_NOTIFIED)
                condition_notify(condition_of(self), 1);
}

/* It stays where it stands in the lock's line, or goes there. */
static int wait_cancelled(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        wait_left(self, call);
        if (call->state[WAIT_PHASE] == WAIT_STANDS)
                return wait_restore(condition, call, WAIT_CANCELLED);
        call->state[WAIT_PHASE] = WAIT_CANCELLED;
        return CALL_PARKED;
}

/* --- notify */

/* As `n > 0` fails in Python, which does not look at it where nobody waits. */
static int notify_get_count(struct call *call, double *n)
{
        if (!call_has(call, 0) || value_get_number(call->args[0], n))
                return 0;
        return call_fail(call, STATUS_TYPE, "'>' not supported between instances of '%s' and 'int'",
                         value_type_name(call->args[0]));
}

static int run_notify(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);
        double n = 1;
        int r;

        r = check_owned(condition, call, "notify");
        if (r == 0 && !line_is_empty(&condition->line))
                r = notify_get_count(call, &n);
        if (r == 0)
                r = call_return_none(call);
        if (r == 0 && n > 0)
                condition_notify(condition, n < UINT32_MAX ? (uint64_t)ceil(n) : UINT32_MAX);
        return r;
}

static int run_notify_all(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);
        int r;

        r = check_owned(condition, call, "notify");
        if (r == 0)
                r = call_return_none(call);
        if (r == 0)
                condition_notify(condition, condition->line.n);
        return r;
}

static const struct wait_ends acquire_ends = { .expired = acquire_expired };

static const struct wait_ends wait_ends = {
        .parked = wait_parked,
        .expired = wait_expired,
        .cancelled = wait_cancelled,
        .left = wait_left,
};

static const struct method condition_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define B METHOD_BLOCKS
#define K METHOD_KEYWORDS
        { "acquire", "blocking timeout", 2, 0, W | B | K, ARITY_PARSED, run_acquire,
          &acquire_ends },
        { "lock", "", 0, 0, R, ARITY_NONE, run_lock, NULL },
        { "locked", "", 0, 0, R, ARITY_NONE, run_locked, NULL },
        { "notify", "n", 1, 0, W | K, ARITY_FUNCTION, run_notify, NULL },
        { "notify_all", "", 0, 0, W, ARITY_FUNCTION, run_notify_all, NULL },
        { "release", "", 0, 0, W, ARITY_NONE, run_release, NULL },
        { "wait", "timeout", 1, 0, W | B | K, ARITY_FUNCTION, run_wait, &wait_ends },
#undef R
#undef W
#undef B
#undef K
};

/* --- the type */

static int condition_get_lock(struct condition *condition, struct call *call)
{
        struct span value = call->args[0];
        struct object *lock;
        int r;

        if (!call_has(call, 0) || value_is_none(value))
                return call_create_rlock(call, &condition->object, &condition->lock);
        r = call_get_object(call, value, &lock);
        if (r < 0)
                return r;
        if (!lock || !lock->type->lockable)
                return call_fail(call, STATUS_ATTRIBUTE, "'%s' object has no attribute 'acquire'",
                                 lock ? lock->type->name : value_type_name(value));
        r = object_adopt(&condition->object, value);
        if (r < 0)
                return call_fail_status(call, r);
        condition->lock = lock;
        return 0;
}

static int condition_construct(struct object *self, struct call *call)
{
        struct condition *condition = condition_of(self);

        line_init(&condition->line, self);
        return condition_get_lock(condition, call);
}

static bool condition_reap(struct object *self, size_t *budget)
{
        (void)self;
        (void)budget;
        return true;
}

static int condition_str(struct object *self, struct buffer *out)
{
        struct condition *condition = condition_of(self);
        char n[32];
        int r;

        buffer_append_span(out, SPAN_LITERAL("<Condition("));
        r = condition->lock->type->str(condition->lock, out);
        snprintf(n, sizeof(n), ", %zu)>", condition->line.n);
        buffer_append_span(out, span_of_cstr(n));
        return r < 0 ? r : out->failed;
}

const struct type condition_type = {
        .name = "Condition",
        .params = "lock",
        .n_params = 1,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct condition),
        .methods = condition_methods,
        .n_methods = sizeof(condition_methods) / sizeof(condition_methods[0]),
        .constructor = "__init__",
        .init = condition_construct,
        .reap = condition_reap,
        .str = condition_str,
};
