/*
 * lock - proxies of Locks
 */
#include "client/error.h"
#include "client/proxies/locking.h"

/* --- coming and going */

static int lock_create(mgr_manager *m, const char *name, unsigned flags, mgr_lock **lock)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(lock);
        if (r == 0)
                r = locking_create(m, "Lock", name, flags, &proxy);
        if (r == 0)
                *lock = (mgr_lock *)proxy;
        return r;
}

int mgr_lock_new(mgr_manager *m, mgr_lock **lock)
{
        return lock_create(m, NULL, 0, lock);
}

int mgr_lock_new_flags(mgr_manager *m, unsigned flags, mgr_lock **lock)
{
        return lock_create(m, NULL, flags, lock);
}

int mgr_lock_open(mgr_manager *m, const char *name, mgr_lock **lock)
{
        return mgr_lock_open_flags(m, name, 0, lock);
}

int mgr_lock_open_flags(mgr_manager *m, const char *name, unsigned flags, mgr_lock **lock)
{
        return name ? lock_create(m, name, flags, lock) : error_set_status(-STATUS_ARGUMENT);
}

/* --- methods */

int mgr_lock_acquire(const mgr_lock *lock, double timeout, mgr_grant *grant)
{
        if (!lock)
                return error_set_status(-STATUS_ARGUMENT);
        return locking_acquire(&lock->proxy, lock->proxy.ident, timeout, grant);
}

int mgr_lock_release(const mgr_lock *lock)
{
        if (!lock)
                return error_set_status(-STATUS_ARGUMENT);
        return locking_release(&lock->proxy, lock->proxy.ident);
}

int mgr_lock_locked(const mgr_lock *lock)
{
        return locking_is_locked(mgr_lock_proxy(lock));
}

int mgr_lock_fence(const mgr_lock *lock, uint64_t *fence)
{
        return locking_get_fence(mgr_lock_proxy(lock), fence);
}

int mgr_lock_holder(const mgr_lock *lock, mgr_holder *holder)
{
        return locking_get_holder(mgr_lock_proxy(lock), holder);
}
