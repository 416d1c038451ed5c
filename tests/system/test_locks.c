/*
 * test_locks - locks between real processes, some of which are killed
 */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/system/lock_workers.h"

/* --- dying */

/* Any of the three, by what they have in common. */
struct any {
        mgr_lock *lock;
        mgr_rlock *rlock;
        mgr_condition *condition;
};

static int any_acquire(const struct any *any, double timeout, mgr_grant *grant)
{
        if (any->lock)
                return mgr_lock_acquire(any->lock, timeout, grant);
        if (any->rlock)
                return mgr_rlock_acquire(any->rlock, timeout, grant);
        return mgr_condition_acquire(any->condition, timeout, grant);
}

static int any_release(const struct any *any)
{
        if (any->lock)
                return mgr_lock_release(any->lock);
        return any->rlock ? mgr_rlock_release(any->rlock) : mgr_condition_release(any->condition);
}

static int hold_for_ever(void *arg)
{
        if (any_acquire(arg, MGR_FOREVER, NULL) != 0)
                return 1;
        say('h');
        hear();
        return 2;
}

static void free_any(struct any *any)
{
        mgr_lock_free(any->lock);
        mgr_rlock_free(any->rlock);
        mgr_condition_free(any->condition);
}

static void is_taken_over_from_who_was_killed(struct any *any)
{
        mgr_grant first = { 0 }, second = { 0 };
        struct worker worker;

        assert_done(any_acquire(any, 5, &first));
        assert_done(any_release(any));
        worker = start_worker(hold_for_ever, any);
        assert_worker_says(&worker, 'h');
        assert_error(any_acquire(any, 0, &second), MGR_ETIMEOUT,
                     "the lock was not free for 0 seconds");
        assert_int_equal(second.fence, 0);
        kill_worker(&worker);
        assert_int_equal(any_acquire(any, MGR_FOREVER, &second), MGR_OWNER_DIED);
        assert_int_equal(second.dead_pid, worker.pid);
        assert_true(second.fence > first.fence + 1);
        assert_done(any_release(any));
        assert_done(any_acquire(any, 0, &second));
        assert_int_equal(second.dead_pid, 0);
        assert_done(any_release(any));
        free_any(any);
}

static void lock_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        is_taken_over_from_who_was_killed(&any);
}

static void rlock_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_rlock_new(m, &any.rlock));
        is_taken_over_from_who_was_killed(&any);
}

static void condition_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &any.condition));
        is_taken_over_from_who_was_killed(&any);
}

static int take_over(void *arg)
{
        mgr_grant grant;
        pid_t dead = *(pid_t *)((void **)arg)[1];

        say('w');
        if (mgr_lock_acquire(((void **)arg)[0], MGR_FOREVER, &grant) != MGR_OWNER_DIED)
                return 1;
        if (grant.dead_pid != dead)
                return 2;
        say('h');
        hear();
        return 3;
}

/* Each of many waits, gets the lock from the one who was killed before, and is killed. */
static void whoever_waits_has_it_at_once(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker holder;
        double slowest = 0;

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        holder = start_worker(hold_for_ever, &any);
        assert_worker_says(&holder, 'h');
        for (unsigned i = 0; i < 10; ++i) {
                pid_t dead = holder.pid;
                void *arg[] = { any.lock, &dead };
                struct worker next = start_worker(take_over, arg);
                double begin;

                assert_worker_says(&next, 'w');
                await_parked(m, 1);
                begin = now();
                kill_worker(&holder);
                assert_worker_says(&next, 'h');
                if (now() - begin > slowest)
                        slowest = now() - begin;
                holder = next;
        }
        print_message("taken over within %.1f ms\n", slowest * 1e3);
        assert_true(slowest < 1);
        kill_worker(&holder);
        assert_int_equal(mgr_lock_acquire(any.lock, 5, NULL), MGR_OWNER_DIED);
        assert_done(mgr_lock_release(any.lock));
        free_any(&any);
}

static int hold_and_exit(void *arg)
{
        return any_acquire(arg, MGR_FOREVER, NULL) ? 1 : 0;
}

/* What programs for Python's Manager() do. */
static void child_acquires_and_exits_and_the_parent_releases(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker worker;
        mgr_holder holder = { 0 };
        double begin = now();

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        worker = start_worker(hold_and_exit, &any);
        assert_int_equal(end_worker(&worker), 0);
        do {
                assert_yes(mgr_lock_holder(any.lock, &holder));
                assert_int_equal(holder.pid, worker.pid);
                assert_true(now() - begin < 20);
        } while (!holder.abandoned);
        assert_yes(mgr_lock_locked(any.lock));
        assert_done(mgr_lock_release(any.lock));
        assert_int_equal(mgr_lock_holder(any.lock, &holder), 0);
        assert_int_equal(mgr_lock_locked(any.lock), 0);
        assert_error(mgr_lock_release(any.lock), MGR_ERUNTIME,
                     "RuntimeError: release unlocked lock");
        free_any(&any);
}

static int hold_nothing(void *arg)
{
        const struct any *any = arg;

        /* it is the parent's, and this is no loss of ours */
        if (mgr_manager_ping(m) < 0)
                return 1;
        if (mgr_rlock_release(any->rlock) != MGR_ERUNTIME)
                return 2;
        if (mgr_rlock_acquire(any->rlock, 0, NULL) != MGR_ETIMEOUT)
                return 3;
        return 0;
}

static void locks_are_not_inherited(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker worker;
        uint64_t fence;

        (void)state;
        assert_done(mgr_rlock_new(m, &any.rlock));
        assert_done(mgr_rlock_acquire(any.rlock, 1, NULL));
        assert_done(mgr_rlock_acquire(any.rlock, 1, NULL));
        worker = start_worker(hold_nothing, &any);
        assert_int_equal(end_worker(&worker), 0);
        assert_done(mgr_rlock_fence(any.rlock, &fence));
        assert_done(mgr_rlock_release(any.rlock));
        assert_done(mgr_rlock_release(any.rlock));
        assert_error(mgr_rlock_release(any.rlock), MGR_ERUNTIME,
                     "RuntimeError: cannot release un-acquired lock");
        free_any(&any);
}

/* --- deadlock */

struct pair {
        mgr_lock *first;
        mgr_rlock *second;
};

static int take_second_then_first(void *arg)
{
        struct pair *pair = arg;

        if (mgr_rlock_acquire(pair->second, MGR_FOREVER, NULL) != 0)
                return 1;
        say('h');
        hear();
        return mgr_lock_acquire(pair->first, MGR_FOREVER, NULL) == 0 ? 0 : 2;
}

static void deadlock_is_an_error_for_one_and_the_other_has_its_lock(void **state)
{
        struct worker worker;
        struct pair pair;
        double begin, took;

        (void)state;
        assert_done(mgr_lock_new(m, &pair.first));
        assert_done(mgr_rlock_new(m, &pair.second));
        assert_done(mgr_lock_acquire(pair.first, MGR_FOREVER, NULL));
        worker = start_worker(take_second_then_first, &pair);
        assert_worker_says(&worker, 'h');
        tell_worker(&worker);
        await_parked(m, 1);
        begin = now();
        assert_int_equal(mgr_rlock_acquire(pair.second, MGR_FOREVER, NULL), MGR_EDEADLOCK);
        took = now() - begin;
        print_message("told in %.2f ms: %s\n", took * 1e3, mgr_errmsg());
        assert_true(took < 0.25);
        assert_non_null(strstr(mgr_errmsg(), "DeadlockError: deadlock: pid "));
        assert_non_null(strstr(mgr_errmsg(), ", which waits for Lock 0x"));
        assert_done(mgr_lock_release(pair.first));
        assert_int_equal(end_worker(&worker), 0);
        mgr_lock_free(pair.first);
        mgr_rlock_free(pair.second);
}

static void deadlock_is_not_told_where_that_was_chosen(void **state)
{
        struct worker worker;
        struct pair pair;

        (void)state;
        assert_int_equal(mgr_lock_new_flags(m, 1u << 7, &pair.first), MGR_EARGUMENT);
        assert_done(mgr_lock_new_flags(m, MGR_NO_DEADLOCK, &pair.first));
        assert_done(mgr_rlock_new(m, &pair.second));
        assert_done(mgr_lock_acquire(pair.first, MGR_FOREVER, NULL));
        worker = start_worker(take_second_then_first, &pair);
        assert_worker_says(&worker, 'h');
        tell_worker(&worker);
        await_parked(m, 1);
        assert_int_equal(mgr_rlock_acquire(pair.second, 0.05, NULL), MGR_ETIMEOUT);
        assert_done(mgr_lock_release(pair.first));
        assert_int_equal(end_worker(&worker), 0);
        mgr_lock_free(pair.first);
        mgr_rlock_free(pair.second);
}

/* --- signals */

static void on_signal(int number)
{
        (void)number;
}

struct interruption {
        pthread_t thread, by;
        atomic_bool over;
};

/* A signal counts when it finds the thread asleep: again, until it has. */
static void *interrupt(void *arg)
{
        struct interruption *interruption = arg;

        while (!atomic_load(&interruption->over)) {
                pthread_kill(interruption->thread, SIGUSR1);
                usleep(1000);
        }
        return NULL;
}

static void begin_interruption(struct interruption *interruption)
{
        atomic_store(&interruption->over, false);
        interruption->thread = pthread_self();
        assert_int_equal(pthread_create(&interruption->by, NULL, interrupt, interruption), 0);
}

static void end_interruption(struct interruption *interruption)
{
        atomic_store(&interruption->over, true);
        pthread_join(interruption->by, NULL);
}

/* Two handles on one daemon: who is not to be interrupted uses the other one. */
static void a_signal_ends_a_wait_where_that_was_chosen(void **state)
{
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *interruptible, *other;
        struct interruption interruption;
        mgr_lock *lock, *same;
        mgr_condition *c;

        (void)state;
        options.authkey = "known";
        options.authkey_size = 5;
        assert_done(new_manager(&other, &options));
        options.flags = MGR_INTERRUPTIBLE;
        assert_done(mgr_connect(&interruptible, mgr_manager_address(other), &options));
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        assert_done(mgr_lock_open(other, "lock", &lock));
        assert_done(mgr_lock_open(interruptible, "lock", &same));
        assert_done(mgr_condition_new(interruptible, mgr_lock_proxy(same), &c));

        assert_done(mgr_lock_acquire(lock, 1, NULL));
        begin_interruption(&interruption);
        assert_int_equal(mgr_lock_acquire(same, MGR_FOREVER, NULL), MGR_EINTERRUPTED);
        end_interruption(&interruption);

        /* a wait that is interrupted has the lock all the same: it is anybody's to give up */
        begin_interruption(&interruption);
        assert_int_equal(mgr_condition_wait(c, MGR_FOREVER, NULL), MGR_EINTERRUPTED);
        end_interruption(&interruption);
        assert_int_equal(mgr_lock_acquire(lock, 0, NULL), MGR_ETIMEOUT);
        assert_done(mgr_lock_release(lock));
        assert_done(mgr_lock_acquire(lock, 1, NULL));
        assert_done(mgr_lock_release(lock));
        mgr_condition_free(c);
        mgr_lock_free(same);
        mgr_lock_free(lock);
        mgr_manager_free(interruptible);
        mgr_manager_free(other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lock_is_taken_over_from_who_was_killed),
                cmocka_unit_test(rlock_is_taken_over_from_who_was_killed),
                cmocka_unit_test(condition_is_taken_over_from_who_was_killed),
                cmocka_unit_test(whoever_waits_has_it_at_once),
                cmocka_unit_test(child_acquires_and_exits_and_the_parent_releases),
                cmocka_unit_test(locks_are_not_inherited),
                cmocka_unit_test(deadlock_is_an_error_for_one_and_the_other_has_its_lock),
                cmocka_unit_test(deadlock_is_not_told_where_that_was_chosen),
                cmocka_unit_test(a_signal_ends_a_wait_where_that_was_chosen),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
