/*
 * semaphore - proxies of both kinds of semaphores
 */
#include "client/call.h"
#include "client/error.h"
#include "client/locking.h"

/* --- coming and going */

#define SEMAPHORE "Semaphore"
#define BOUNDED   "BoundedSemaphore"

static int semaphore_create(mgr_manager *m, const char *type, const char *name, size_t n,
                            mgr_semaphore **semaphore)
{
        mgr_value value = mgr_uint(n);
        mgr_proxy *proxy;
        int r;

        r = call_check_out(semaphore);
        if (r == 0)
                r = proxy_create(m, type, name, &value, 1, &proxy);
        if (r == 0)
                *semaphore = (mgr_semaphore *)proxy;
        return r;
}

int mgr_semaphore_new(mgr_manager *m, size_t n, mgr_semaphore **semaphore)
{
        return semaphore_create(m, SEMAPHORE, NULL, n, semaphore);
}

int mgr_semaphore_new_bounded(mgr_manager *m, size_t n, mgr_semaphore **semaphore)
{
        return semaphore_create(m, BOUNDED, NULL, n, semaphore);
}

int mgr_semaphore_open(mgr_manager *m, const char *name, size_t n, mgr_semaphore **semaphore)
{
        return name ? semaphore_create(m, SEMAPHORE, name, n, semaphore)
                    : error_set_status(-STATUS_ARGUMENT);
}

int mgr_semaphore_open_bounded(mgr_manager *m, const char *name, size_t n,
                               mgr_semaphore **semaphore)
{
        return name ? semaphore_create(m, BOUNDED, name, n, semaphore)
                    : error_set_status(-STATUS_ARGUMENT);
}

mgr_semaphore *mgr_semaphore_ref(mgr_semaphore *semaphore)
{
        if (semaphore)
                mgr_proxy_ref(&semaphore->proxy);
        return semaphore;
}

void mgr_semaphore_free(mgr_semaphore *semaphore)
{
        if (semaphore)
                mgr_proxy_free(&semaphore->proxy);
}

mgr_proxy *mgr_semaphore_proxy(const mgr_semaphore *semaphore)
{
        mgr_proxy *proxy;

        memcpy(&proxy, &semaphore,
               sizeof(proxy)); /* a proxy never changes, so const or not is one */
        return proxy;
}

mgr_value mgr_from_semaphore(const mgr_semaphore *semaphore)
{
        return mgr_from_proxy(semaphore ? &semaphore->proxy : NULL);
}

int mgr_value_semaphore(const mgr_value *value, mgr_semaphore **semaphore)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(semaphore);
        if (r == 0)
                r = proxy_of_value(value, BOUNDED, &proxy);
        if (r == MGR_ETYPE)
                r = proxy_of_value(value, SEMAPHORE, &proxy);
        if (r == 0)
                *semaphore = (mgr_semaphore *)proxy;
        return r;
}

/* --- methods */

int mgr_semaphore_acquire(const mgr_semaphore *s, double timeout, mgr_grant *grant)
{
        static const struct method method = METHOD_WRITE("acquire");
        mgr_value blocking = mgr_bool(true), seconds = call_seconds(timeout), result;
        struct notes notes;
        int r;

        r = call_wait(mgr_semaphore_proxy(s), &method, timeout, &notes, &result, &blocking,
                      &seconds);
        r = call_result_bool(r, &result);
        if (r == 0)
                return error_set(-STATUS_TIMEOUT, "there was no permit for %g seconds", timeout);
        return r < 0 ? r : locking_granted(&notes, grant);
}

int mgr_semaphore_release(const mgr_semaphore *s, size_t n)
{
        static const struct method method = METHOD_WRITE("release");
        mgr_value number = mgr_uint(n);

        return call_method(mgr_semaphore_proxy(s), &method, NULL, &number);
}

int mgr_semaphore_get_value(const mgr_semaphore *s, size_t *n)
{
        static const struct method method = METHOD_READ("get_value");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_plain(mgr_semaphore_proxy(s), &method, &result);
        return call_result_count(r, &result, n);
}
