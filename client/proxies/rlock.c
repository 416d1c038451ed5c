/*
 * rlock - proxies of RLocks
 */
#include "client/error.h"
#include "client/proxies/locking.h"

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
        return mgr_rlock_open_flags(m, name, 0, lock);
}

int mgr_rlock_open_flags(mgr_manager *m, const char *name, unsigned flags, mgr_rlock **lock)
{
        return name ? rlock_create(m, name, flags, lock) : error_set_status(-STATUS_ARGUMENT);
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
