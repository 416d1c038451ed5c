/*
 * condition - proxies of Conditions
 */
#include "client/arguments.h"
#include "client/error.h"
#include "client/proxies/locking.h"
#include "client/proxies/waiting.h"
#include "proto/clock.h"

/* --- coming and going */

static int condition_create(mgr_manager *m, const char *name, const mgr_proxy *lock,
                            mgr_condition **condition)
{
        mgr_value over = mgr_from_proxy(lock);
        mgr_proxy *proxy;
        int r;

        r = call_check_out(condition);
        if (r == 0)
                r = proxy_create(m, "Condition", name, &over, lock ? 1 : 0, &proxy);
        if (r == 0)
                *condition = (mgr_condition *)proxy;
        return r;
}

int mgr_condition_new(mgr_manager *m, const mgr_proxy *lock, mgr_condition **condition)
{
        return condition_create(m, NULL, lock, condition);
}

int mgr_condition_open(mgr_manager *m, const char *name, const mgr_proxy *lock,
                       mgr_condition **condition)
{
        return name ? condition_create(m, name, lock, condition)
                    : error_set_status(-STATUS_ARGUMENT);
}

/* --- its lock */

int mgr_condition_lock(const mgr_condition *c, mgr_proxy **lock)
{
        static const struct method method = METHOD_READ("lock");
        mgr_value token;
        int r;

        r = call_check_out(lock);
        if (r == 0)
                r = call_plain(mgr_condition_proxy(c), &method, &token);
        if (r < 0)
                return r;
        r = mgr_value_proxy(&token, lock);
        mgr_value_clear(&token);
        if (r == MGR_ETYPE)
                return error_set(-STATUS_PROTOCOL, "the manager tells a strange lock");
        return r;
}

/* Its ident never changes: asked for once. */
static int condition_get_lock(const mgr_condition *c, uint64_t *ident)
{
        mgr_proxy *proxy = mgr_condition_proxy(c), *lock;
        int r;

        if (!c)
                return error_set_status(-STATUS_ARGUMENT);
        *ident = atomic_load_explicit(&proxy->lock, memory_order_relaxed);
        if (*ident)
                return 0;
        r = mgr_condition_lock(c, &lock);
        if (r < 0)
                return r;
        *ident = lock->ident;
        mgr_proxy_free(lock);
        atomic_store_explicit(&proxy->lock, *ident, memory_order_relaxed);
        return 0;
}

int mgr_condition_acquire(const mgr_condition *c, double timeout, mgr_grant *grant)
{
        uint64_t lock;
        int r = condition_get_lock(c, &lock);

        return r < 0 ? r : locking_acquire(&c->proxy, lock, timeout, grant);
}

int mgr_condition_release(const mgr_condition *c)
{
        uint64_t lock;
        int r = condition_get_lock(c, &lock);

        return r < 0 ? r : locking_release(&c->proxy, lock);
}

int mgr_condition_locked(const mgr_condition *c)
{
        return locking_is_locked(mgr_condition_proxy(c));
}

/* --- waiting */

int mgr_condition_wait(const mgr_condition *c, double timeout, mgr_grant *grant)
{
        struct notes notes;
        uint64_t lock;
        int r, granted;

        r = arguments_check_timeout(timeout);
        if (r == 0)
                r = condition_get_lock(c, &lock);
        if (r < 0)
                return r;
        r = locking_wait(&c->proxy, lock, timeout, &notes);
        if (r == MGR_EINTERRUPTED)
                locking_granted(&notes, grant);
        if (r < 0)
                return r;
        granted = locking_granted(&notes, grant);
        return r ? granted : waiting_fail_unnotified(timeout);
}

int mgr_condition_wait_for(const mgr_condition *c, int (*predicate)(void *arg), void *arg,
                           double timeout, mgr_grant *grant)
{
        uint64_t now, deadline = timeout >= 0 ? clock_after(timeout) : 0, lock;
        struct notes notes, all = { 0 };
        int r, granted;

        if (!predicate)
                return error_set_status(-STATUS_ARGUMENT);
        r = arguments_check_timeout(timeout);
        if (r == 0)
                r = condition_get_lock(c, &lock);
        if (r < 0)
                return r;
        while ((r = predicate(arg)) == 0) {
                double left = MGR_FOREVER;

                if (deadline != CLOCK_FOREVER) {
                        now = clock_now();
                        if (now >= deadline)
                                break;
                        left = (double)(deadline - now) / (double)CLOCK_SECOND;
                }
                r = locking_wait(&c->proxy, lock, left, &notes);
                if (r < 0 && r != MGR_EINTERRUPTED)
                        return r;
                all.fence = notes.fence;
                if (notes.owner_died) {
                        all.owner_died = true;
                        all.dead_pid = notes.dead_pid;
                }
                if (r < 0)
                        break;
        }
        granted = locking_granted(&all, grant);
        if (r < 0)
                return r;
        return r ? granted : waiting_fail_unnotified(timeout);
}

/* --- notifying */

int mgr_condition_notify(const mgr_condition *c, size_t n)
{
        static const struct method method = METHOD_WRITE("notify");
        mgr_value count = mgr_uint(n);

        return call_method(mgr_condition_proxy(c), &method, NULL, &count);
}

int mgr_condition_notify_all(const mgr_condition *c)
{
        static const struct method method = METHOD_WRITE("notify_all");

        return call_plain(mgr_condition_proxy(c), &method, NULL);
}
