/*
 * client_sync_steps - what a client does with semaphores, events, barriers, locks and Conditions
 * while its memory runs out
 *
 * Each step has objects of its own.
 */
#include "tests/faults/client_steps.h"

/* Makes an object and makes calls of it, as long as they succeed. */
#define STEP_WITH_NEW(name, type, make, calls)                                                     \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_##type *object = NULL;                                                         \
                int r = make;                                                                      \
                                                                                                   \
                if (r == 0) {                                                                      \
                        r = calls(object);                                                         \
                        mgr_##type##_free(object);                                                 \
                }                                                                                  \
                return r;                                                                          \
        }

static int use_semaphore(mgr_semaphore *semaphore)
{
        mgr_value value = mgr_from_semaphore(semaphore);
        mgr_semaphore *same;
        mgr_grant grant;
        size_t n;
        int r;

        r = mgr_value_semaphore(&value, &same);
        if (r < 0)
                return r;
        r = mgr_semaphore_acquire(same, 1, &grant);
        if (r == 0)
                r = mgr_semaphore_acquire(same, 0, NULL);
        if (r == 0)
                r = mgr_semaphore_release(same, 2);
        if (r == 0)
                r = mgr_semaphore_permits(same, &n);
        mgr_semaphore_free(same);
        return r;
}
STEP_WITH_NEW(semaphore, semaphore, mgr_semaphore_new(s->m, 2, &object), use_semaphore)
STEP_WITH_NEW(semaphore_bounded, semaphore, mgr_semaphore_new_bounded(s->m, 2, &object),
              use_semaphore)

static int use_event(mgr_event *event)
{
        int r = mgr_event_set(event);

        if (r == 0)
                r = mgr_event_wait(event, 1);
        if (r == 0)
                r = mgr_event_is_set(event);
        return r < 0 ? r : mgr_event_clear(event);
}
STEP_WITH_NEW(event, event, mgr_event_new(s->m, &object), use_event)

static int act(void *arg)
{
        size_t n;

        return mgr_barrier_n_waiting(arg, &n);
}

static int use_barrier(mgr_barrier *barrier)
{
        size_t index;
        int r;

        r = mgr_barrier_wait_action(barrier, 1, act, barrier, &index);
        if (r == 0)
                r = mgr_barrier_is_broken(barrier);
        if (r >= 0)
                r = mgr_barrier_abort(barrier);
        if (r == 0)
                r = mgr_barrier_reset(barrier);
        return r;
}
STEP_WITH_NEW(barrier, barrier, mgr_barrier_new(s->m, 1, &object), use_barrier)
STEP_WITH_NEW(barrier_action, barrier, mgr_barrier_new_action(s->m, 1, &object), use_barrier)

static int use_lock(mgr_lock *lock)
{
        mgr_value value = mgr_from_lock(lock);
        mgr_holder holder;
        mgr_grant grant;
        mgr_lock *same;
        uint64_t fence;
        int r, again;

        r = mgr_value_lock(&value, &same);
        if (r < 0)
                return r;
        r = mgr_lock_acquire(same, 1, &grant);
        if (r == 0) {
                r = mgr_lock_holder(lock, &holder);
                if (r == 1)
                        r = mgr_lock_fence(lock, &fence);
                again = mgr_lock_release(lock);
                r = r < 0 ? r : again;
        }
        mgr_lock_free(same);
        return r;
}
STEP_WITH_NEW(lock, lock, mgr_lock_new(s->m, &object), use_lock)

static int use_rlock(mgr_rlock *lock)
{
        int r = mgr_rlock_acquire(lock, MGR_FOREVER, NULL);

        if (r == 0)
                r = mgr_rlock_acquire(lock, 0, NULL);
        if (r == 0)
                r = mgr_rlock_release(lock);
        if (r == 0)
                r = mgr_rlock_release(lock);
        return r < 0 ? r : mgr_rlock_locked(lock);
}
STEP_WITH_NEW(rlock, rlock, mgr_rlock_new_flags(s->m, MGR_NO_DEADLOCK, &object), use_rlock)

static int always(void *arg)
{
        (void)arg;
        return 1;
}

static int use_condition(mgr_condition *condition)
{
        mgr_proxy *lock;
        int r;

        r = mgr_condition_lock(condition, &lock);
        if (r < 0)
                return r;
        mgr_proxy_free(lock);
        r = mgr_condition_acquire(condition, 1, NULL);
        if (r == 0) {
                r = mgr_condition_wait(condition, 0.001, NULL);
                if (r == MGR_ETIMEOUT)
                        r = mgr_condition_wait_for(condition, always, NULL, 1, NULL);
        }
        if (r == 0)
                r = mgr_condition_notify(condition, 1);
        if (r == 0)
                r = mgr_condition_notify_all(condition);
        return r < 0 ? r : mgr_condition_release(condition);
}
STEP_WITH_NEW(condition, condition, mgr_condition_new(s->m, NULL, &object), use_condition)

const struct step sync_steps[] = {
        { "semaphore", semaphore, 0 },
        { "semaphore_bounded", semaphore_bounded, 0 },
        { "event", event, 0 },
        { "barrier", barrier, 0 },
        { "barrier_action", barrier_action, 0 },
        { "lock", lock, 0 },
        { "rlock", rlock, 0 },
        { "condition", condition, 0 },
};

const size_t n_sync_steps = sizeof(sync_steps) / sizeof(sync_steps[0]);
