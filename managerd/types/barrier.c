/*
 * barrier - Barrier: Python's threading.Barrier between processes
 *
 * Those who wait stand in a line, so that whoever dies is just not there any more; the
 * last to arrive lets all of them go by the end of his own call, and in their order,
 * which is what gives them their indexes.
 *
 * An action cannot run here. Where there is one, the last to arrive is told to run it:
 * until he says finish() the others wait on, and new ones wait to come in. It breaks
 * with him.
 */
#include <inttypes.h>
#include <stdio.h>

#include "managerd/object/store.h"
#include "managerd/types/timeout.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

struct barrier {
        struct object object;
        uint64_t parties; /* at least 1 */
        bool has_action;
        bool has_timeout;
        bool broken;
        double timeout;        /* of those who give none, in seconds */
        struct line line;      /* those who have arrived */
        struct line entering;  /* those who will, when the action has been run */
        struct holding runner; /* held while the action runs, by who was the last to arrive */

        /* The first of the line, who go by the end of this input: */
        uint64_t n_leaving;
        uint64_t next_index; /* of those who pass, the first of whom is 0 */
        bool failing;        /* they do not pass */
};

static struct barrier *barrier_of(struct object *object)
{
        return container_of(object, struct barrier, object);
}

static bool is_running(const struct barrier *barrier)
{
        return holding_is_held(&barrier->runner);
}

/* Who stands at the barrier and stays there. */
static uint64_t n_arrived(const struct barrier *barrier)
{
        return barrier->line.n - barrier->n_leaving;
}

/* --- letting go */

/* The first n in line, which is all of it, or all but one who goes by himself. */
static void barrier_let_go(struct barrier *barrier, uint64_t n, bool failing)
{
        barrier->n_leaving = n;
        barrier->next_index = 0;
        barrier->failing = failing;
        holding_drop(&barrier->runner);
        line_notify(&barrier->line);
        line_notify(&barrier->entering);
}

static int fail_broken(struct call *call)
{
        return call_fail(call, STATUS_BROKEN_BARRIER, "%s", "");
}

/* One of those who go is asked to. */
static int barrier_leave(struct barrier *barrier, struct call *call)
{
        --barrier->n_leaving;
        if (barrier->failing)
                return fail_broken(call);
        pack_uint(call->reply, barrier->next_index++);
        return call_returned(call);
}

/* --- arriving */

/* The last one: the others go, or wait until he has run the action. */
static int barrier_trip(struct barrier *barrier, struct call *call)
{
        int r;

        if (barrier->has_action)
                pack_nil(call->reply);
        else
                pack_uint(call->reply, barrier->parties - 1);
        r = call_returned(call);
        if (r < 0)
                return r;
        if (barrier->has_action)
                holding_keep(&barrier->runner, call, call->session);
        else
                barrier_let_go(barrier, barrier->line.n, false);
        return CALL_DONE;
}

static int barrier_get_deadline(const struct barrier *barrier, struct call *call,
                                uint64_t *deadline)
{
        bool given = call_has(call, 0) && !value_is_none(call->args[0]);
        uint8_t room[16];
        struct buffer packed = { .data = room, .capacity = sizeof(room), .limit = sizeof(room) };

        if (given || !barrier->has_timeout)
                return timeout_get_deadline(call, call->args[0], TIMEOUT_ADDED, deadline);
        pack_float(&packed, barrier->timeout);
        return timeout_get_deadline(call, buffer_span(&packed), TIMEOUT_ADDED, deadline);
}

/* All who have arrived fail, but for `n_gone` who do so by themselves; as do all to come. */
static void barrier_break(struct barrier *barrier, uint64_t n_gone)
{
        barrier->broken = true;
        barrier_let_go(barrier, barrier->line.n - n_gone, true);
}

static int barrier_arrive(struct barrier *barrier, struct call *call)
{
        uint64_t deadline;
        int r;

        if (is_running(barrier))
                return call_park(call, &barrier->entering, CALL_NO_DEADLINE);
        if (barrier->broken)
                return fail_broken(call);
        if (n_arrived(barrier) + 1 >= barrier->parties)
                return barrier_trip(barrier, call);
        r = barrier_get_deadline(barrier, call, &deadline);
        if (r < 0)
                return r;
        if (deadline > call->now)
                return call_park(call, &barrier->line, deadline);
        barrier_break(barrier, 0);
        return fail_broken(call);
}

static int run_wait(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);

        if (!call->resumed || call->line == &barrier->entering)
                return barrier_arrive(barrier, call);
        if (barrier->n_leaving > 0)
                return barrier_leave(barrier, call);
        return call_park(call, &barrier->line, call->deadline);
}

/* While the action runs it is too late to break anything. */
static int wait_expired(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);

        if (is_running(barrier))
                return call_park(call, &barrier->line, CALL_NO_DEADLINE);
        barrier_break(barrier, 1);
        return fail_broken(call);
}

/* Who cannot be told his index has had it nevertheless. */
static void wait_left(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);

        if (call->line != &barrier->line || barrier->n_leaving == 0)
                return;
        --barrier->n_leaving;
        ++barrier->next_index;
}

static const struct wait_ends wait_ends = { .expired = wait_expired, .left = wait_left };

/* --- the other methods */

static int run_finish(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);
        bool failed = call_has(call, 0) && !value_is_none(call->args[0]);
        int r;

        if (!holding_is_of(&barrier->runner, &call->owner))
                return fail_broken(call);
        if (failed)
                pack_nil(call->reply);
        else
                pack_uint(call->reply, barrier->parties - 1);
        r = call_returned(call);
        if (r < 0)
                return r;
        if (failed)
                barrier_break(barrier, 0);
        else
                barrier_let_go(barrier, barrier->line.n, false);
        return CALL_DONE;
}

static int run_abort(struct object *self, struct call *call)
{
        int r = call_return_none(call);

        if (r == CALL_DONE)
                barrier_break(barrier_of(self), 0);
        return r;
}

static int run_reset(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);
        int r = call_return_none(call);

        if (r < 0)
                return r;
        barrier_let_go(barrier, barrier->line.n, true);
        barrier->broken = false;
        return CALL_DONE;
}

static uint64_t n_waiting(const struct barrier *barrier)
{
        return barrier->line.n + is_running(barrier);
}

static int run_getattribute(struct object *self, struct call *call)
{
        const struct barrier *barrier = barrier_of(self);
        struct span name;

        if (!value_get_str(call->args[0], &name))
                return call_fail(call, STATUS_TYPE, "attribute name must be string, not '%s'",
                                 value_type_name(call->args[0]));
        if (span_equal(name, SPAN_LITERAL("parties")))
                pack_uint(call->reply, barrier->parties);
        else if (span_equal(name, SPAN_LITERAL("n_waiting")))
                pack_uint(call->reply, n_waiting(barrier));
        else if (span_equal(name, SPAN_LITERAL("broken")))
                pack_bool(call->reply, barrier->broken);
        else
                return call_fail(call, STATUS_ATTRIBUTE, "'Barrier' object has no attribute '%.*s'",
                                 (int)(name.size < 200 ? name.size : 200), (const char *)name.data);
        return call_returned(call);
}

static const struct method barrier_methods[] = {
        { "__getattribute__", "name", 1, 1, METHOD_READS, ARITY_SLOT, run_getattribute, NULL },
        { "abort", "", 0, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_abort, NULL },
        { "finish", "error", 1, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_finish,
          NULL },
        { "reset", "", 0, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_reset, NULL },
        { "wait", "timeout", 1, 0, METHOD_WRITES | METHOD_BLOCKS | METHOD_KEYWORDS, ARITY_FUNCTION,
          run_wait, &wait_ends },
};

/* --- the type */

static int get_parties(struct barrier *barrier, struct call *call)
{
        int64_t parties;
        int r;

        r = call_get_integer(call, call->args[0], &parties);
        if (r < 0)
                return r;
        if (parties < 1)
                return call_fail(call, STATUS_VALUE, "parties must be > 0");
        barrier->parties = (uint64_t)parties;
        return 0;
}

static int barrier_construct(struct object *self, struct call *call)
{
        struct barrier *barrier = barrier_of(self);
        uint64_t deadline;
        int r;

        line_init(&barrier->line, self);
        line_init(&barrier->entering, self);
        holding_init(&barrier->runner, self);
        r = get_parties(barrier, call);
        /* so that no wait() can fail for it */
        if (r == 0)
                r = timeout_get_deadline(call, call->args[2], TIMEOUT_ADDED, &deadline);
        if (r < 0)
                return r;
        barrier->has_action = call_has(call, 1) && !value_is_none(call->args[1]);
        barrier->has_timeout =
                call_has(call, 2) && value_get_number(call->args[2], &barrier->timeout);
        return 0;
}

static bool barrier_reap(struct object *self, size_t *budget)
{
        (void)budget;
        holding_drop(&barrier_of(self)->runner);
        return true;
}

static void barrier_holder_ended(struct object *self, struct holding *holding)
{
        (void)holding;
        barrier_break(barrier_of(self), 0);
}

static int barrier_str(struct object *self, struct buffer *out)
{
        const struct barrier *barrier = barrier_of(self);
        char text[128];
        int n;

        n = snprintf(text, sizeof(text), "<threading.Barrier at 0x%" PRIx64 ": ", self->ident);
        if (barrier->broken)
                n += snprintf(text + n, sizeof(text) - (size_t)n, "broken>");
        else
                n += snprintf(text + n, sizeof(text) - (size_t)n,
                              "waiters=%" PRIu64 "/%" PRIu64 ">", n_waiting(barrier),
                              barrier->parties);
        buffer_append(out, text, (size_t)n);
        return out->failed;
}

const struct type barrier_type = {
        .name = "Barrier",
        .constructor = "__init__",
        .params = "parties action timeout",
        .n_params = 3,
        .n_required = 1,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct barrier),
        .methods = barrier_methods,
        .n_methods = sizeof(barrier_methods) / sizeof(barrier_methods[0]),
        .init = barrier_construct,
        .reap = barrier_reap,
        .str = barrier_str,
        .holder_ended = barrier_holder_ended,
};
