/*
 * test_semaphores - permits of processes that are killed
 */
#include <pthread.h>

#include "tests/system/workers.h"

#define NO_PERMIT "there was no permit for 0 seconds"

static mgr_semaphore *new_semaphore(size_t n)
{
        mgr_semaphore *s;

        assert_done(mgr_semaphore_new(m, n, &s));
        return s;
}

static void assert_permits(const mgr_semaphore *s, size_t expected)
{
        size_t n;

        assert_done(mgr_semaphore_permits(s, &n));
        assert_int_equal(n, expected);
}

static void semaphore_is_acquired_and_released(void **state)
{
        mgr_semaphore *s = new_semaphore(2), *same;
        mgr_grant first, second;
        mgr_value value = mgr_from_semaphore(s);

        (void)state;
        assert_done(mgr_semaphore_acquire(s, 0, &first));
        assert_done(mgr_semaphore_acquire(s, MGR_FOREVER, &second));
        assert_true(second.fence > first.fence);
        assert_int_equal(second.dead_pid, 0);
        assert_error(mgr_semaphore_acquire(s, 0, NULL), MGR_ETIMEOUT, NO_PERMIT);
        assert_error(mgr_semaphore_acquire(s, 0.01, NULL), MGR_ETIMEOUT,
                     "there was no permit for 0.01 seconds");
        assert_error(mgr_semaphore_acquire(s, -1, NULL), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_error(mgr_semaphore_release(s, 0), MGR_EVALUE, "ValueError: n must be one or more");
        assert_done(mgr_value_semaphore(&value, &same));
        assert_done(mgr_semaphore_release(same, 2));
        assert_permits(s, 2);
        mgr_semaphore_free(same);
        mgr_semaphore_free(s);
}

static void bounded_semaphore_is_not_released_too_often(void **state)
{
        mgr_semaphore *s, *same;
        mgr_value value;
        mgr_event *e;

        (void)state;
        assert_done(mgr_semaphore_open_bounded(m, "bounded", 1, &s));
        assert_done(mgr_semaphore_open_bounded(m, "bounded", 5, &same));
        assert_error(mgr_semaphore_release(same, 1), MGR_EVALUE,
                     "ValueError: Semaphore released too many times");
        value = mgr_from_semaphore(s);
        mgr_semaphore_free(same);
        assert_done(mgr_value_semaphore(&value, &same));
        assert_int_equal(mgr_value_event(&value, &e), MGR_ETYPE);
        assert_permits(same, 1);
        mgr_semaphore_free(same);
        mgr_semaphore_free(s);
        assert_yes(mgr_manager_unlink(m, "bounded"));
}

/* A child that has a permit, and the pipe by which it says so; then it waits for its end. */
struct holder {
        mgr_semaphore *s;
        int said[2];
};

static int hold(void *arg)
{
        struct holder *holder = arg;

        if (mgr_semaphore_acquire(holder->s, PATIENCE, NULL) < 0)
                return 1;
        (void)!write(holder->said[1], "", 1);
        for (;;)
                pause();
}

static pid_t start_holder(mgr_semaphore *s)
{
        struct holder holder = { .s = s };
        char byte;
        pid_t pid;

        assert_int_equal(pipe(holder.said), 0);
        pid = start(hold, &holder);
        assert_int_equal(read(holder.said[0], &byte, 1), 1);
        close(holder.said[0]);
        close(holder.said[1]);
        return pid;
}

static void permit_of_a_killed_process_is_taken_over_and_it_is_told(void **state)
{
        mgr_semaphore *s = new_semaphore(2);
        pid_t first = start_holder(s), second = start_holder(s);
        mgr_grant grant;

        (void)state;
        assert_error(mgr_semaphore_acquire(s, 0, NULL), MGR_ETIMEOUT, NO_PERMIT);
        kill_and_reap(first);
        assert_int_equal(mgr_semaphore_acquire(s, PATIENCE, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, first);
        assert_error(mgr_semaphore_acquire(s, 0, NULL), MGR_ETIMEOUT, NO_PERMIT);
        kill_and_reap(second);
        assert_int_equal(mgr_semaphore_acquire(s, PATIENCE, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, second);
        assert_done(mgr_semaphore_release(s, 2));
        assert_permits(s, 2);
        mgr_semaphore_free(s);
}

static int acquire_from_a_dead_one(void *arg)
{
        mgr_grant grant;
        int r = mgr_semaphore_acquire(arg, PATIENCE, &grant);

        return r == MGR_OWNER_DIED ? (int)(grant.dead_pid & 0x7f) : 0x80;
}

static void permit_of_a_killed_process_goes_to_who_waits(void **state)
{
        mgr_semaphore *s = new_semaphore(1);
        pid_t holder = start_holder(s), waiter = start(acquire_from_a_dead_one, s);

        (void)state;
        until_waiting(1);
        kill_and_reap(holder);
        assert_int_equal(end_of(waiter), (int)(holder & 0x7f));
        /* it ended with the permit, and its own is there again */
        assert_int_equal(mgr_semaphore_acquire(s, PATIENCE, NULL), MGR_OWNER_DIED);
        mgr_semaphore_free(s);
}

static int acquire_once(void *arg)
{
        return mgr_semaphore_acquire(arg, PATIENCE, NULL) == 0 ? 0 : 1;
}

static void killed_waiter_is_passed_by(void **state)
{
        mgr_semaphore *s = new_semaphore(0);
        pid_t dead, alive;

        (void)state;
        dead = start(acquire_once, s);
        until_waiting(1);
        alive = start(acquire_once, s);
        until_waiting(2);
        kill_and_reap(dead);
        until_waiting(1);
        assert_done(mgr_semaphore_release(s, 1));
        assert_int_equal(end_of(alive), 0);
        assert_permits(s, 0);
        mgr_semaphore_free(s);
}

static void child_acquires_and_exits_and_the_parent_releases(void **state)
{
        mgr_semaphore *s;

        (void)state;
        assert_done(mgr_semaphore_new_bounded(m, 1, &s));
        for (int i = 0; i < 5; ++i) {
                assert_int_equal(end_of(start(acquire_once, s)), 0);
                assert_done(mgr_semaphore_release(s, 1));
                assert_permits(s, 1);
        }
        mgr_semaphore_free(s);
}

static int signal_and_exit(void *arg)
{
        return mgr_semaphore_release(arg, 3) == 0 ? 0 : 1;
}

static void semaphore_that_signals_forgets_nothing_and_gives_nothing_back(void **state)
{
        mgr_semaphore *s = new_semaphore(0);

        (void)state;
        assert_int_equal(end_of(start(signal_and_exit, s)), 0);
        assert_int_equal(end_of(start(acquire_once, s)), 0);
        assert_done(mgr_semaphore_acquire(s, PATIENCE, NULL));
        assert_done(mgr_semaphore_acquire(s, PATIENCE, NULL));
        assert_error(mgr_semaphore_acquire(s, 0, NULL), MGR_ETIMEOUT, NO_PERMIT);
        mgr_semaphore_free(s);
}

/* A pool of permits whose users are killed at any moment. */
static int use_pool(void *arg)
{
        for (;;) {
                if (mgr_semaphore_acquire(arg, PATIENCE, NULL) < 0)
                        return 1;
                if (mgr_semaphore_release(arg, 1) < 0)
                        return 2;
        }
}

static void pool_is_whole_after_all_its_users_were_killed(void **state)
{
        enum { N_WORKERS = 8, N_KILLS = 60, N_PERMITS = 3 };
        mgr_semaphore *s;
        pid_t pids[N_WORKERS];
        unsigned seed = 1;

        (void)state;
        assert_done(mgr_semaphore_new_bounded(m, N_PERMITS, &s));
        for (int i = 0; i < N_WORKERS; ++i)
                pids[i] = start(use_pool, s);
        for (int i = 0; i < N_KILLS; ++i) {
                unsigned which = (unsigned)rand_r(&seed) % N_WORKERS;

                /* a permit is to be had, whoever was killed with the last one */
                check_return(mgr_semaphore_acquire(s, PATIENCE, NULL) < 0, 0, "acquire", __FILE__,
                             __LINE__);
                kill_and_reap(pids[which]);
                assert_done(mgr_semaphore_release(s, 1));
                pids[which] = start(use_pool, s);
        }
        for (int i = 0; i < N_WORKERS; ++i)
                kill_and_reap(pids[i]);
        for (int i = 0; i < N_PERMITS; ++i)
                assert_true(mgr_semaphore_acquire(s, PATIENCE, NULL) >= 0);
        assert_error(mgr_semaphore_acquire(s, 0, NULL), MGR_ETIMEOUT, NO_PERMIT);
        assert_done(mgr_semaphore_release(s, N_PERMITS));
        assert_permits(s, N_PERMITS);
        mgr_semaphore_free(s);
}

/* A thread that ends with a permit leaves it to the next. */
static void *acquire_in_thread(void *arg)
{
        return mgr_semaphore_acquire(arg, PATIENCE, NULL) == 0 ? arg : NULL;
}

static void permit_of_a_thread_that_ended_is_taken_over(void **state)
{
        mgr_semaphore *s = new_semaphore(1);
        pthread_t thread;
        mgr_grant grant;
        void *result;

        (void)state;
        assert_int_equal(pthread_create(&thread, NULL, acquire_in_thread, s), 0);
        assert_int_equal(pthread_join(thread, &result), 0);
        assert_ptr_equal(result, s);
        assert_int_equal(mgr_semaphore_acquire(s, PATIENCE, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, getpid());
        mgr_semaphore_free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(semaphore_is_acquired_and_released),
                cmocka_unit_test(bounded_semaphore_is_not_released_too_often),
                cmocka_unit_test(permit_of_a_killed_process_is_taken_over_and_it_is_told),
                cmocka_unit_test(permit_of_a_killed_process_goes_to_who_waits),
                cmocka_unit_test(killed_waiter_is_passed_by),
                cmocka_unit_test(child_acquires_and_exits_and_the_parent_releases),
                cmocka_unit_test(semaphore_that_signals_forgets_nothing_and_gives_nothing_back),
                cmocka_unit_test(pool_is_whole_after_all_its_users_were_killed),
                cmocka_unit_test(permit_of_a_thread_that_ended_is_taken_over),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
