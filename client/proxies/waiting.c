/*
 * waiting - the calls that wait, each described once
 */
#include "client/proxies/waiting.h"

#include "client/arguments.h"
#include "client/error.h"
#include "client/proxies/locking.h"

/* --- what results mean */

/* The result, a bool, is used up: 1, 0 or an error. */
static int read_bool(mgr_value *result)
{
        int r = call_result_bool(0, result);

        *result = mgr_none();
        return r;
}

static int read_poll(mgr_value *result, const struct notes *notes, double timeout)
{
        (void)notes;
        (void)timeout;
        return read_bool(result);
}

static int read_event(mgr_value *result, const struct notes *notes, double timeout)
{
        int r = read_bool(result);

        (void)notes;
        if (r == 0)
                return error_set(-STATUS_TIMEOUT, "the event was not set for %g seconds", timeout);
        return r < 0 ? r : 0;
}

static int read_barrier(mgr_value *result, const struct notes *notes, double timeout)
{
        size_t index;

        (void)notes;
        (void)timeout;
        return result->kind == MGR_KIND_NONE ? 1 : call_result_count(0, result, &index);
}

static int read_lock(mgr_value *result, const struct notes *notes, double timeout)
{
        int r = read_bool(result);

        if (r == 0)
                return error_set(-STATUS_TIMEOUT, "the lock was not free for %g seconds", timeout);
        return r < 0 ? r : locking_granted(notes, NULL);
}

static int read_permit(mgr_value *result, const struct notes *notes, double timeout)
{
        int r = read_bool(result);

        if (r == 0)
                return error_set(-STATUS_TIMEOUT, "there was no permit for %g seconds", timeout);
        return r < 0 ? r : locking_granted(notes, NULL);
}

int waiting_fail_unnotified(double timeout)
{
        return error_set(-STATUS_TIMEOUT, "nobody notified for %g seconds", timeout);
}

static int read_condition(mgr_value *result, const struct notes *notes, double timeout)
{
        int r = read_bool(result);

        if (r == 0)
                return waiting_fail_unnotified(timeout);
        return r < 0 ? r : locking_granted(notes, NULL);
}

const struct waiting waiting_queue_put = { METHOD_WRITE("put"), true, NULL };
const struct waiting waiting_queue_put_many = { METHOD_WRITE("put_many"), true, NULL };
const struct waiting waiting_queue_get = { METHOD_WRITE("get"), true, NULL };
const struct waiting waiting_queue_get_many = { METHOD_WRITE("get_many"), true, NULL };
const struct waiting waiting_queue_get_delivery = { METHOD_WRITE("get_delivery"), true, NULL };
const struct waiting waiting_queue_poll = { METHOD_READ("poll"), false, read_poll };
const struct waiting waiting_queue_join = { METHOD_READ("join"), false, NULL };
const struct waiting waiting_list_take = { METHOD_WRITE("take"), false, NULL };
const struct waiting waiting_event = { METHOD_READ("wait"), false, read_event };
const struct waiting waiting_barrier = { METHOD_WRITE("wait"), false, read_barrier };
const struct waiting waiting_lock = { METHOD_WRITE("acquire"), true, read_lock };
const struct waiting waiting_permit = { METHOD_WRITE("acquire"), true, read_permit };
const struct waiting waiting_condition = { METHOD_WRITE("wait"), false, read_condition };

/* --- making one */

mgr_value waiting_how_many(size_t n)
{
        return mgr_int(n < INT32_MAX ? (int64_t)n : INT32_MAX);
}

int waiting_describe(const struct waiting *waiting, const mgr_proxy *proxy, const mgr_value *first,
                     double timeout, struct waiting_args *args, struct call *call)
{
        size_t n = 0;

        if (!proxy)
                return error_set_status(-STATUS_ARGUMENT);
        if (first)
                args->each[n++] = first;
        if (waiting->blocks) {
                args->block = mgr_bool(true);
                args->each[n++] = &args->block;
        }
        args->seconds = call_seconds(timeout);
        args->each[n++] = &args->seconds;
        *call = (struct call){
                .manager = proxy->manager,
                .ident = proxy->ident,
                .method = &waiting->method,
                .args = args->each,
                .n_args = n,
                .waits = true,
                .seconds = timeout,
        };
        return arguments_check_timeout(timeout);
}

int waiting_read(const struct waiting *waiting, int r, mgr_value *result, const struct notes *notes,
                 double timeout)
{
        if (r < 0 || !waiting->read)
                return r;
        r = waiting->read(result, notes, timeout);
        if (r < 0)
                mgr_value_clear(result);
        return r;
}

int waiting_call(const struct waiting *waiting, const mgr_proxy *proxy, const mgr_value *first,
                 double timeout, mgr_value *result)
{
        struct waiting_args args;
        struct notes notes;
        struct call call;
        mgr_value got;
        int r;

        r = waiting_describe(waiting, proxy, first, timeout, &args, &call);
        if (r < 0)
                return r;
        call.notes = &notes;
        if (!waiting->read)
                return call_make(&call, result);
        r = call_make(&call, &got);
        r = waiting_read(waiting, r, &got, &notes, timeout);
        if (r >= 0 && result)
                *result = got;
        return r;
}
