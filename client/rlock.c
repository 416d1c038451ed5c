/*
 * rlock - proxies of RLocks
 */
#include "client/error.h"
#include "client/locking.h"

/* --- coming and going */

static int rlock_create(mgr_manager *m, const char *name, unsigned flags, mgr_rlock **lock)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(lock);
        if (r == 0)
                r = locking_create(m, "RLock", name, flags, &proxy);
        if (r == 0)
                *lock = (mgr_rlock *)proxy;
        return r;
}

int mgr_rlock_new(mgr_manager *m, mgr_rlock **lock)
{
        return rlock_create(m, NULL, 0, lock);
}

int mgr_rlock_new_flags(mgr_manager *m, unsigned flags, mgr_rlock **lock)
{
        return rlock_create(m, NULL, flags, lock);
}

int mgr_rlock_open(mgr_manager *m, const char *name, mgr_rlock **lock)
{
        return name ? rlock_create(m, name, 0, lock) : error_set_status(-STATUS_ARGUMENT);
}

mgr_rlock *mgr_rlock_ref(mgr_rlock *lock)
{
        if (lock)
                mgr_proxy_ref(&lock->proxy);
        return lock;
}

void mgr_rlock_free(mgr_rlock *lock)
{
        if (lock)
                mgr_proxy_free(&lock->proxy);
}

mgr_proxy *mgr_rlock_proxy(const mgr_rlock *lock)
{
        mgr_proxy *proxy;

        memcpy(&proxy, &lock, sizeof(proxy)); /* const or not is one */
        return proxy;
}

int mgr_value_rlock(const mgr_value *value, mgr_rlock **lock)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(lock);
        if (r == 0)
                r = proxy_of_value(value, "RLock", &proxy);
        if (r == 0)
                *lock = (mgr_rlock *)proxy;
        return r;
}

mgr_value mgr_from_rlock(const mgr_rlock *lock)
{
        return mgr_from_proxy(mgr_rlock_proxy(lock));
}

/* --- methods */

int mgr_rlock_acquire(const mgr_rlock *lock, double timeout, mgr_grant *grant)
{
        if (!lock)
                return error_set_status(-STATUS_ARGUMENT);
        return locking_acquire(&lock->proxy, lock->proxy.ident, timeout, grant);
}

int mgr_rlock_release(const mgr_rlock *lock)
{
        if (!lock)
                return error_set_status(-STATUS_ARGUMENT);
        return locking_release(&lock->proxy, lock->proxy.ident);
}

int mgr_rlock_locked(const mgr_rlock *lock)
{
        return locking_is_locked(mgr_rlock_proxy(lock));
}

int mgr_rlock_fence(const mgr_rlock *lock, uint64_t *fence)
{
        return locking_get_fence(mgr_rlock_proxy(lock), fence);
}

int mgr_rlock_holder(const mgr_rlock *lock, mgr_holder *holder)
{
        return locking_get_holder(mgr_rlock_proxy(lock), holder);
}
