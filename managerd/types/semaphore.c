/*
 * semaphore - Semaphore and BoundedSemaphore: Python's of threading, between processes
 *
 * Whose permits they are, and what becomes of them when he dies, is told in permits.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "managerd/types/permits.h"
#include "managerd/types/timeout.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

struct semaphore {
        struct object object;
        struct permits permits;
        struct line line; /* those who wait for a permit */
};

static struct semaphore *semaphore_of(struct object *object)
{
        return container_of(object, struct semaphore, object);
}

static bool is_bounded(const struct object *object)
{
        return object->type == &bounded_semaphore_type;
}

/* A number of permits, said to be compared with `with` as Python would do it. */
static int get_number(struct call *call, struct span value, int64_t *n)
{
        switch (value_kind(value)) {
        case VALUE_BIG_INTEGER:
        case VALUE_INT:
        case VALUE_BOOL:
                if (value_get_int64(value, n))
                        return 0;
                return call_fail(call, STATUS_OVERFLOW, "too many permits");
        case VALUE_FLOAT:
                return call_get_integer(call, value, n);
        default:
                return call_fail(call, STATUS_TYPE,
                                 "'<' not supported between instances of '%s' and 'int'",
                                 value_type_name(value));
        }
}

/* --- methods */

static int acquire_expired(struct object *self, struct call *call)
{
        (void)self;
        pack_bool(call->reply, false);
        return call_returned(call);
}

static int semaphore_wait(struct semaphore *semaphore, struct call *call)
{
        uint64_t deadline = call->deadline;
        int r;

        if (!call->resumed) {
                r = timeout_get_deadline(call, call->args[1], TIMEOUT_ADDED, &deadline);
                if (r < 0)
                        return r;
                if (call_has(call, 0) && !call_truth(call->args[0]))
                        deadline = call->now;
        }
        if (deadline <= call->now)
                return acquire_expired(&semaphore->object, call);
        return call_park(call, &semaphore->line, deadline);
}

static int run_acquire(struct object *self, struct call *call)
{
        struct semaphore *semaphore = semaphore_of(self);
        bool has_timeout = call_has(call, 1) && !value_is_none(call->args[1]);
        int r;

        if (has_timeout && call_has(call, 0) && !call_truth(call->args[0]))
                return call_fail(call, STATUS_VALUE,
                                 "can't specify timeout for non-blocking acquire");
        if (permits_available(&semaphore->permits) == 0 || call_must_queue(call, &semaphore->line))
                return semaphore_wait(semaphore, call);
        pack_bool(call->reply, true);
        r = call_returned(call);
        if (r < 0)
                return r;
        r = permits_take(&semaphore->permits, call);
        return r < 0 ? call_fail_status(call, r) : CALL_DONE;
}

static int run_release(struct object *self, struct call *call)
{
        struct permits *permits = &semaphore_of(self)->permits;
        struct release release;
        int64_t n = 1;
        int r = 0;

        if (call_has(call, 0))
                r = get_number(call, call->args[0], &n);
        if (r < 0)
                return r;
        if (n < 1)
                return call_fail(call, STATUS_VALUE, "n must be one or more");
        permits_plan_release(permits, call, (uint64_t)n, &release);
        if (is_bounded(self) && permits->n_free + release.n_added > permits->n_initial)
                return call_fail(call, STATUS_VALUE, "Semaphore released too many times");
        if (permits->n_free + release.n_added > PERMITS_MAX)
                return call_fail(call, STATUS_OVERFLOW, "too many permits");
        r = call_return_none(call);
        if (r < 0)
                return r;
        permits_release(permits, call, &release);
        line_notify(&semaphore_of(self)->line);
        return CALL_DONE;
}

static int run_get_value(struct object *self, struct call *call)
{
        pack_uint(call->reply, permits_available(&semaphore_of(self)->permits));
        return call_returned(call);
}

static int run_fence(struct object *self, struct call *call)
{
        uint64_t fence = permits_fence(&semaphore_of(self)->permits, call);

        if (fence == 0)
                return call_fail(call, STATUS_RUNTIME, "this process holds no permit");
        pack_uint(call->reply, fence);
        return call_returned(call);
}

static const struct wait_ends acquire_ends = { .expired = acquire_expired };

static const struct method semaphore_methods[] = {
        { "acquire", "blocking timeout", 2, 0, METHOD_WRITES | METHOD_BLOCKS | METHOD_KEYWORDS,
          ARITY_FUNCTION, run_acquire, &acquire_ends },
        { "fence", "", 0, 0, METHOD_READS | METHOD_KEYWORDS, ARITY_FUNCTION, run_fence, NULL },
        { "get_value", "", 0, 0, METHOD_READS | METHOD_KEYWORDS, ARITY_FUNCTION, run_get_value,
          NULL },
        { "release", "n", 1, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_release,
          NULL },
};

/* --- the types */

static int semaphore_construct(struct object *self, struct call *call)
{
        struct semaphore *semaphore = semaphore_of(self);
        int64_t n = 1;
        int r = 0;

        line_init(&semaphore->line, self);
        permits_init(&semaphore->permits, self, 0);
        if (call_has(call, 0))
                r = get_number(call, call->args[0], &n);
        if (r < 0)
                return r;
        if (n < 0)
                return call_fail(call, STATUS_VALUE, "semaphore initial value must be >= 0");
        permits_init(&semaphore->permits, self, (uint64_t)n);
        return 0;
}

static bool semaphore_reap(struct object *self, size_t *budget)
{
        return permits_reap(&semaphore_of(self)->permits, budget);
}

static int semaphore_str(struct object *self, struct buffer *out)
{
        const struct permits *permits = &semaphore_of(self)->permits;
        char text[128];
        int n;

        n = snprintf(text, sizeof(text), "<threading.%s at 0x%" PRIx64 ": value=%" PRIu64,
                     self->type->name, self->ident, permits_available(permits));
        if (is_bounded(self))
                n += snprintf(text + n, sizeof(text) - (size_t)n, "/%" PRIu64, permits->n_initial);
        buffer_append(out, text, (size_t)n);
        buffer_append_byte(out, '>');
        return out->failed;
}

/* The next in line takes them over, and is told. */
static void semaphore_holder_ended(struct object *self, struct holding *holding)
{
        permits_abandon(&semaphore_of(self)->permits, holding);
        line_notify(&semaphore_of(self)->line);
}

#define SEMAPHORE_TYPE(name_)                                                                      \
        {                                                                                          \
                .name = name_, .constructor = "__init__", .params = "value", .n_params = 1,        \
                .flags = METHOD_KEYWORDS, .size = sizeof(struct semaphore),                        \
                .methods = semaphore_methods,                                                      \
                .n_methods = sizeof(semaphore_methods) / sizeof(semaphore_methods[0]),             \
                .init = semaphore_construct, .reap = semaphore_reap, .str = semaphore_str,         \
                .holder_ended = semaphore_holder_ended,                                            \
        }

const struct type semaphore_type = SEMAPHORE_TYPE("Semaphore");
const struct type bounded_semaphore_type = SEMAPHORE_TYPE("BoundedSemaphore");
