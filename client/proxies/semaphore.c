/*
 * semaphore - proxies of both kinds of semaphores
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/locking.h"

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

/* --- methods */

int mgr_semaphore_acquire(const mgr_semaphore *s, double timeout, mgr_grant *grant)
{
        return s ? locking_acquire_permit(&s->proxy, timeout, grant)
                 : error_set_status(-STATUS_ARGUMENT);
}

int mgr_semaphore_release(const mgr_semaphore *s, size_t n)
{
        return s ? locking_release_permits(&s->proxy, n) : error_set_status(-STATUS_ARGUMENT);
}

int mgr_semaphore_permits(const mgr_semaphore *s, size_t *n)
{
        static const struct method method = METHOD_READ("get_value");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_plain(mgr_semaphore_proxy(s), &method, &result);
        return call_result_count(r, &result, n);
}
