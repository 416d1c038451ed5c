/*
 * calls - calls in flight: a session of their own, and how they end
 */
#include "client/calls/calls.h"
#include "client/arguments.h"

#include <poll.h>
#include <stdlib.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/proxies/locking.h"
#include "client/thread.h"
#include "proto/clock.h"
#include "proto/pack.h"
#include "proto/unicode.h"

#define TASK_MAX 47 /* bytes, packed: see PROTOCOL.md */

/* --- one call, and its end */

static mgr_call *call_of(struct flown *flown)
{
        return (mgr_call *)((char *)flown - offsetof(mgr_call, flown));
}

static void call_release_kept(mgr_call *call)
{
        for (size_t i = 0; i < call->n_kept; ++i)
                kept_release(&call->kept[i]);
        call->n_kept = 0;
}

static void call_unref(mgr_call *call)
{
        if (--call->n_refs)
                return;
        call_release_kept(call);
        mgr_value_clear(&call->result);
        buffer_deinit(&call->error);
        free(call);
}

/* What the caller gets: the error is set. */
static int call_outcome(mgr_call *call, const struct reply *reply)
{
        const mgr_calls *calls = call->calls;
        bool reads = call->waiting && call->waiting->method.reads;
        int r;

        if (!reply)
                return error_set_status(!reads && flight_was_sent(&calls->flight, &call->flown)
                                                ? -STATUS_UNKNOWN_OUTCOME
                                                : -STATUS_GONE);
        call_read_notes(reply, &call->notes);
        r = call_read_outcome(calls->manager, reply, reads, &call->result);
        if (r == 0 && call->waiting)
                r = waiting_read(call->waiting, r, &call->result, &call->notes, call->timeout);
        return r;
}

void call_landed(struct flown *flown, const struct reply *reply)
{
        mgr_call *call = call_of(flown);

        call->status = call_outcome(call, reply);
        call->calls = NULL;
        if (call->status < 0 && call->n_refs > 1)
                error_pack(&call->error);
        if (call->done)
                call->done(call->arg, call->status, &call->result);
        call_release_kept(call);
        call_unref(call);
}

/* --- coming and going */

static int fail_foreign(void)
{
        return error_set(-STATUS_GONE, "these calls are the parent process's");
}

int calls_enter(mgr_calls *calls)
{
        if (!calls)
                return error_set_status(-STATUS_ARGUMENT);
        image_check();
        if (flight_is_foreign(&calls->flight))
                return fail_foreign();
        ++calls->depth;
        return 0;
}

int mgr_calls_new(mgr_manager *m, mgr_calls **out)
{
        mgr_calls *calls;
        int r;

        r = manager_check(m);
        if (r == 0)
                r = call_check_out(out);
        if (r < 0)
                return r;
        calls = calloc(1, sizeof(*calls));
        if (!calls)
                return error_set_status(-STATUS_NOMEM);
        r = thread_open_apart(m, &calls->connection);
        if (r < 0) {
                free(calls);
                return r;
        }
        calls->manager = manager_ref(m);
        calls->connection->out.limit = SIZE_MAX;
        buffer_init(&calls->task, SIZE_MAX);
        flight_init(&calls->flight, calls->connection);
        *out = calls;
        return 0;
}

/* In a child: the calls are the parent's, and so are their callbacks. */
static void calls_forget(mgr_calls *calls)
{
        struct flown *flown;

        while ((flown = calls->flight.first)) {
                mgr_call *call = call_of(flown);

                flight_remove(&calls->flight, flown);
                call->calls = NULL;
                call->status = fail_foreign();
                if (call->n_refs > 1)
                        error_pack(&call->error);
                call_unref(call);
        }
}

/* The callbacks of what is lost may come back here. */
static void calls_destroy(mgr_calls *calls)
{
        ++calls->depth;
        calls->lost = -STATUS_GONE;
        flight_lose(&calls->flight);
        calls_forget(calls);
        flight_deinit(&calls->flight);
        thread_close_apart(calls->connection);
        buffer_deinit(&calls->task);
        manager_unref(calls->manager);
        free(calls);
}

void calls_leave(mgr_calls *calls)
{
        if (--calls->depth == 0 && calls->unwanted)
                calls_destroy(calls);
}

void mgr_calls_free(mgr_calls *calls)
{
        if (!calls)
                return;
        image_check();
        if (calls->depth)
                calls->unwanted = true;
        else
                calls_destroy(calls);
}

int mgr_calls_set_task(mgr_calls *calls, const char *task)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        int r = 0;

        if (!calls)
                return error_set_status(-STATUS_ARGUMENT);
        image_check();
        if (flight_is_foreign(&calls->flight))
                return fail_foreign();
        if (task && !utf8_valid(span_of_cstr(task)))
                return error_set_status(-STATUS_UNICODE);
        if (task)
                pack_cstr(&packed, task);
        if (packed.size > TASK_MAX)
                r = error_set(-STATUS_VALUE, "a task's name takes at most %d bytes", TASK_MAX - 2);
        else if (packed.failed)
                r = error_set_status(packed.failed);
        if (r < 0)
                return r;
        buffer_deinit(&calls->task);
        calls->task = packed;
        packed = BUFFER_NULL;
        return 0;
}

size_t mgr_calls_len(const mgr_calls *calls)
{
        return calls ? calls->flight.n : 0;
}

/* --- what happens meanwhile */

int mgr_fd(const mgr_calls *calls)
{
        if (!calls)
                return error_set_status(-STATUS_ARGUMENT);
        image_check();
        return flight_is_foreign(&calls->flight) ? fail_foreign() : calls->connection->fd;
}

int mgr_events(const mgr_calls *calls)
{
        if (!calls)
                return error_set_status(-STATUS_ARGUMENT);
        image_check();
        if (flight_is_foreign(&calls->flight))
                return fail_foreign();
        if (calls->lost)
                return 0;
        return POLLIN | (flight_wants_out(&calls->flight) ? POLLOUT : 0);
}

/* The session has ended: so do its calls. What callbacks leave as the last error is not ours. */
static int calls_lose(mgr_calls *calls, int status)
{
        _buffer_cleanup_ struct buffer said = BUFFER_NULL;

        if (status == -STATUS_GONE && manager_check(calls->manager) == 0)
                error_set_status(status);
        error_pack(&said);
        calls->lost = status;
        flight_lose(&calls->flight);
        return said.failed ? error_set_status(status) : error_set_packed(buffer_span(&said));
}

/* Not for callbacks, which run within: -STATUS_RUNTIME. */
static int calls_process(mgr_calls *calls)
{
        int n;

        if (calls->depth > 1)
                return error_set(-STATUS_RUNTIME, "a callback cannot wait for calls in flight");
        if (calls->lost)
                return error_set_status(calls->lost);
        flight_push(&calls->flight);
        n = flight_pull(&calls->flight);
        if (n < 0 && flight_is_foreign(&calls->flight))
                return fail_foreign();
        if (n < 0 && n != -STATUS_NOMEM)
                return calls_lose(calls, n);
        flight_push(&calls->flight);
        return n;
}

int mgr_process_events(mgr_calls *calls)
{
        int r = calls_enter(calls);

        if (r < 0)
                return r;
        r = calls_process(calls);
        calls_leave(calls);
        return r;
}

/* Until there is something to process. */
static int calls_sleep(mgr_calls *calls, uint64_t deadline, double timeout)
{
        int r = connection_wait(calls->connection, (short)mgr_events(calls), deadline,
                                calls->manager->flags & MGR_INTERRUPTIBLE);

        if (r == -STATUS_TIMEOUT)
                return error_set(r, "no call has ended for %g seconds", timeout);
        return r == -STATUS_INTERRUPTED ? error_set_status(r) : 0;
}

int mgr_calls_wait(mgr_calls *calls, double timeout)
{
        uint64_t deadline;
        int r;

        r = arguments_check_timeout(timeout);
        if (r == 0)
                r = calls_enter(calls);
        if (r < 0)
                return r;
        deadline = clock_after(timeout);
        do
                r = calls_process(calls);
        while (r == 0 && !calls->unwanted && calls->flight.n &&
               (r = calls_sleep(calls, deadline, timeout)) == 0);
        calls_leave(calls);
        return r;
}

int mgr_call_wait(mgr_call *call, double timeout)
{
        mgr_calls *calls;
        uint64_t deadline;
        int r;

        if (!call)
                return error_set_status(-STATUS_ARGUMENT);
        r = arguments_check_timeout(timeout);
        calls = call->calls;
        if (r < 0 || !calls)
                return r;
        r = calls_enter(calls);
        if (r < 0)
                return r;
        ++call->n_refs;
        deadline = clock_after(timeout);
        while (call->calls && !calls->unwanted) {
                r = calls_process(calls);
                if (r == 0 && call->calls && !calls->unwanted)
                        r = calls_sleep(calls, deadline, timeout);
                if (r < 0)
                        break;
        }
        calls_leave(calls);
        r = call->calls ? r : 0;
        call_unref(call);
        return r;
}

/* --- by handle */

/* Or the parent's, of which nobody here will hear. */
static int fail_under_way(const mgr_call *call)
{
        image_check();
        if (flight_is_foreign(&call->calls->flight))
                return fail_foreign();
        return error_set(-STATUS_RUNTIME, "the call is under way");
}

int mgr_call_is_done(const mgr_call *call)
{
        return call ? !call->calls : error_set_status(-STATUS_ARGUMENT);
}

int mgr_call_result(mgr_call *call, mgr_value *result)
{
        if (!call)
                return error_set_status(-STATUS_ARGUMENT);
        if (call->calls)
                return fail_under_way(call);
        if (call->status < 0)
                return call->error.failed || !call->error.size
                               ? error_set_status(call->status)
                               : error_set_packed(buffer_span(&call->error));
        if (result) {
                *result = call->result;
                call->result = mgr_none();
        }
        return call->status;
}

int mgr_call_grant(const mgr_call *call, mgr_grant *grant)
{
        if (!call || !grant)
                return error_set_status(-STATUS_ARGUMENT);
        return call->calls ? fail_under_way(call) : locking_granted(&call->notes, grant);
}

int mgr_call_cancel(mgr_call *call)
{
        mgr_calls *calls;
        int r;

        if (!call)
                return error_set_status(-STATUS_ARGUMENT);
        calls = call->calls;
        if (!calls || call->cancelled)
                return 0;
        r = calls_enter(calls);
        if (r < 0)
                return r;
        r = flight_cancel(&calls->flight, &call->flown);
        call->cancelled = r == 0;
        if (calls->depth == 1)
                flight_push(&calls->flight);
        calls_leave(calls);
        return r;
}

void mgr_call_free(mgr_call *call)
{
        if (call)
                call_unref(call);
}
