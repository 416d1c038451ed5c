/*
 * calls_start - calls in flight: how they begin
 */
#include <stdlib.h>

#include "client/calls/calls.h"
#include "client/error.h"

static const mgr_value *argument(const struct call *call, size_t i)
{
        return i < call->n_args ? call->args[i] : &call->row[i - call->n_args];
}

static size_t count_kept(const struct call *call)
{
        size_t n = 1; /* the proxy */

        for (size_t i = 0; i < call->n_args + call->n_row; ++i)
                n += kept_take_value(NULL, argument(call, i));
        return n;
}

static void take_kept(mgr_call *in_flight, const mgr_proxy *proxy, const struct call *call)
{
        kept_take_proxy(&in_flight->kept[in_flight->n_kept++], proxy);
        for (size_t i = 0; i < call->n_args + call->n_row; ++i)
                if (kept_take_value(&in_flight->kept[in_flight->n_kept], argument(call, i)))
                        ++in_flight->n_kept;
}

/* What a call is to become of, besides what it does. */
struct purpose {
        const struct waiting *waiting;
        double timeout;
        mgr_call_done *done;
        void *arg;
        mgr_call **out;
};

static int start_inside(mgr_calls *calls, const mgr_proxy *proxy, struct call *call,
                        const struct purpose *purpose)
{
        size_t n_kept = count_kept(call);
        mgr_call *in_flight;
        int r;

        in_flight = calloc(1, sizeof(*in_flight) + n_kept * sizeof(struct kept));
        if (!in_flight)
                return error_set_status(-STATUS_NOMEM);
        if (calls->task.size)
                call->task = buffer_span(&calls->task);
        call->in_flight = true;
        r = flight_start(&calls->flight, &in_flight->flown, call);
        if (r < 0) {
                free(in_flight);
                return r;
        }
        in_flight->flown.landed = call_landed;
        in_flight->n_refs = purpose->out ? 2 : 1;
        in_flight->calls = calls;
        in_flight->waiting = purpose->waiting;
        in_flight->timeout = purpose->timeout;
        in_flight->done = purpose->done;
        in_flight->arg = purpose->arg;
        in_flight->result = mgr_none();
        buffer_init(&in_flight->error, SIZE_MAX);
        take_kept(in_flight, proxy, call);
        if (purpose->out)
                *purpose->out = in_flight;
        return 0;
}

static int start(mgr_calls *calls, const mgr_proxy *proxy, struct call *call,
                 const struct purpose *purpose)
{
        int r;

        r = call_check(call);
        if (r == 0)
                r = calls_enter(calls);
        if (r < 0)
                return r;
        if (calls->lost)
                r = error_set_status(calls->lost);
        else if (proxy->manager != calls->manager)
                r = error_set(-STATUS_ARGUMENT, "the proxy is of another manager");
        else
                r = start_inside(calls, proxy, call, purpose);
        if (r == 0 && calls->depth == 1)
                flight_push(&calls->flight); /* what callbacks start goes out together */
        calls_leave(calls);
        return r;
}

int mgr_calls_start(mgr_calls *calls, const mgr_proxy *proxy, const char *method,
                    const mgr_value *args, size_t n_args, mgr_call_done *done, void *arg,
                    mgr_call **call)
{
        const struct purpose purpose = { .done = done, .arg = arg, .out = call };
        struct method named = { .reads = false };
        struct call described = { .method = &named, .row = args, .n_row = n_args };

        if (!proxy || !method)
                return error_set_status(-STATUS_ARGUMENT);
        named.name = span_of_cstr(method);
        described.manager = proxy->manager;
        described.ident = proxy->ident;
        return start(calls, proxy, &described, &purpose);
}

/* --- what waits */

static int start_waiting(mgr_calls *calls, const struct waiting *waiting, const mgr_proxy *proxy,
                         const mgr_value *first, double timeout, mgr_call_done *done, void *arg,
                         mgr_call **call)
{
        const struct purpose purpose = {
                .waiting = waiting, .timeout = timeout, .done = done, .arg = arg, .out = call
        };
        struct waiting_args args;
        struct call described;
        int r;

        r = waiting_describe(waiting, proxy, first, timeout, &args, &described);
        return r < 0 ? r : start(calls, proxy, &described, &purpose);
}

int mgr_calls_queue_put_value(mgr_calls *calls, const mgr_queue *q, const mgr_value *item,
                              double timeout, mgr_call_done *done, void *arg, mgr_call **call)
{
        if (!item)
                return error_set_status(-STATUS_ARGUMENT);
        return start_waiting(calls, &waiting_queue_put, mgr_queue_proxy(q), item, timeout, done,
                             arg, call);
}

int mgr_calls_queue_get_many(mgr_calls *calls, const mgr_queue *q, size_t n, double timeout,
                             mgr_call_done *done, void *arg, mgr_call **call)
{
        mgr_value max = waiting_how_many(n);

        return start_waiting(calls, &waiting_queue_get_many, mgr_queue_proxy(q), &max, timeout,
                             done, arg, call);
}

/* mgr_calls_NAME(), of a type and what waiting_DESCRIBED says. */
#define DEFINE_START(name, type, described)                                                        \
        int mgr_calls_##name(mgr_calls *calls, const mgr_##type *object, double timeout,           \
                             mgr_call_done *done, void *arg, mgr_call **call)                      \
        {                                                                                          \
                return start_waiting(calls, &waiting_##described, mgr_##type##_proxy(object),      \
                                     NULL, timeout, done, arg, call);                              \
        }

DEFINE_START(queue_get, queue, queue_get)
DEFINE_START(queue_get_delivery, queue, queue_get_delivery)
DEFINE_START(queue_poll, queue, queue_poll)
DEFINE_START(queue_join, queue, queue_join)
DEFINE_START(list_take, list, list_take)
DEFINE_START(event_wait, event, event)
DEFINE_START(barrier_wait, barrier, barrier)
DEFINE_START(lock_acquire, lock, lock)
DEFINE_START(rlock_acquire, rlock, lock)
DEFINE_START(semaphore_acquire, semaphore, permit)
DEFINE_START(condition_acquire, condition, lock)
DEFINE_START(condition_wait, condition, condition)
