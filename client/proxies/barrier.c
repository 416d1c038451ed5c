/*
 * barrier - proxies of barriers
 *
 * The action of a barrier is the program's: the daemon tells one of those who wait
 * to run it, by None instead of an index, and lets all go when it hears finish().
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/waiting.h"

/* --- coming and going */

static int barrier_create(mgr_manager *m, const char *name, size_t parties, bool action,
                          mgr_barrier **barrier)
{
        mgr_value args[] = { mgr_uint(parties), MGR_TRUE };
        mgr_proxy *proxy;
        int r;

        r = call_check_out(barrier);
        if (r == 0)
                r = proxy_create(m, "Barrier", name, args, action ? 2 : 1, &proxy);
        if (r == 0)
                *barrier = (mgr_barrier *)proxy;
        return r;
}

int mgr_barrier_new(mgr_manager *m, size_t parties, mgr_barrier **barrier)
{
        return barrier_create(m, NULL, parties, false, barrier);
}

int mgr_barrier_new_action(mgr_manager *m, size_t parties, mgr_barrier **barrier)
{
        return barrier_create(m, NULL, parties, true, barrier);
}

int mgr_barrier_open(mgr_manager *m, const char *name, size_t parties, mgr_barrier **barrier)
{
        return name ? barrier_create(m, name, parties, false, barrier)
                    : error_set_status(-STATUS_ARGUMENT);
}

int mgr_barrier_open_action(mgr_manager *m, const char *name, size_t parties, mgr_barrier **barrier)
{
        return name ? barrier_create(m, name, parties, true, barrier)
                    : error_set_status(-STATUS_ARGUMENT);
}

/* --- waiting */

int mgr_barrier_wait(const mgr_barrier *b, double timeout, size_t *index)
{
        mgr_value result;
        int r = waiting_call(&waiting_barrier, mgr_barrier_proxy(b), NULL, timeout, &result);

        if (r == 0 && index)
                *index = (size_t)result.as.uinteger;
        return r;
}

int mgr_barrier_finish(const mgr_barrier *b, size_t *index)
{
        static const struct method method = METHOD_WRITE("finish");
        mgr_value result;
        size_t unwanted;

        return call_result_count(call_plain(mgr_barrier_proxy(b), &method, &result), &result,
                                 index ? index : &unwanted);
}

/* What the action returned is what is told, and breaking the barrier is of no more interest. */
static int barrier_fail(const mgr_barrier *b, int r)
{
        static const struct method method = METHOD_WRITE("finish");
        mgr_value error = MGR_TRUE;

        call_method(mgr_barrier_proxy(b), &method, NULL, &error);
        return r;
}

int mgr_barrier_wait_action(const mgr_barrier *b, double timeout, int (*action)(void *arg),
                            void *arg, size_t *index)
{
        int r;

        if (!action)
                return error_set_status(-STATUS_ARGUMENT);
        r = mgr_barrier_wait(b, timeout, index);
        if (r <= 0)
                return r;
        r = action(arg);
        return r < 0 ? barrier_fail(b, r) : mgr_barrier_finish(b, index);
}

/* --- the other methods */

int mgr_barrier_abort(const mgr_barrier *b)
{
        static const struct method method = METHOD_WRITE("abort");

        return call_plain(mgr_barrier_proxy(b), &method, NULL);
}

int mgr_barrier_reset(const mgr_barrier *b)
{
        static const struct method method = METHOD_WRITE("reset");

        return call_plain(mgr_barrier_proxy(b), &method, NULL);
}

static int barrier_get(const mgr_barrier *b, const char *attribute, mgr_value *result)
{
        static const struct method method = METHOD_READ("__getattribute__");
        mgr_value name = mgr_str(attribute);

        return call_method(mgr_barrier_proxy(b), &method, result, &name);
}

static int barrier_get_count(const mgr_barrier *b, const char *attribute, size_t *n)
{
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = barrier_get(b, attribute, &result);
        return call_result_count(r, &result, n);
}

int mgr_barrier_parties(const mgr_barrier *b, size_t *n)
{
        return barrier_get_count(b, "parties", n);
}

int mgr_barrier_n_waiting(const mgr_barrier *b, size_t *n)
{
        return barrier_get_count(b, "n_waiting", n);
}

int mgr_barrier_is_broken(const mgr_barrier *b)
{
        mgr_value result;

        return call_result_bool(barrier_get(b, "broken", &result), &result);
}
