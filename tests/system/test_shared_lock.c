/*
 * test_shared_lock - the lock of shared memory: whose it is, and who gets it of the dead
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "tests/system/workers.h"

#define N_ROUNDS 10000

static mgr_shared_array *new_zeros(unsigned flags)
{
        mgr_shared_array *a;

        assert_done(mgr_shared_array_new_zeros('i', 1, flags, &a));
        return a;
}

/* --- others wait for one, and one for others: a byte through a pipe */

struct signal {
        int reader, writer;
};

static struct signal new_signal(void)
{
        struct signal new;
        int fds[2];

        assert_int_equal(pipe(fds), 0);
        new = (struct signal){ fds[0], fds[1] };
        return new;
}

static void give(const struct signal *signal)
{
        assert_int_equal(write(signal->writer, "x", 1), 1);
}

static void await(const struct signal *signal)
{
        char byte;

        assert_int_equal(read(signal->reader, &byte, 1), 1);
}

static void close_signal(const struct signal *signal)
{
        close(signal->reader);
        close(signal->writer);
}

/* --- the lock itself */

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int try(void *array)
{
        return -mgr_shared_array_lock(array, 0);
}

static void a_lock_can_be_taken_again(void **state)
{
        mgr_shared_array *a = new_zeros(0);

        (void)state;
        assert_done(mgr_shared_array_lock(a, MGR_FOREVER));
        assert_done(mgr_shared_array_lock(a, 0));
        assert_done(mgr_shared_array_lock(a, 1e10));
        assert_done(mgr_shared_array_set(a, 0, 1));
        assert_done(mgr_shared_array_unlock(a));
        assert_done(mgr_shared_array_unlock(a));
        assert_int_equal(end_of(start(try, a)), -MGR_ETIMEOUT);
        assert_done(mgr_shared_array_unlock(a));
        assert_error(mgr_shared_array_unlock(a), MGR_EASSERTION,
                     "attempt to release recursive lock not owned by thread");
        assert_done(mgr_shared_array_lock(a, 0));
        assert_done(mgr_shared_array_unlock(a));
        mgr_shared_array_free(a);
}

static int child_of_owner(void *array)
{
        if (mgr_shared_array_unlock(array) != MGR_EASSERTION ||
            mgr_shared_array_lock(array, 0) != MGR_ETIMEOUT)
                return 1;
        mgr_shared_array_free(array);
        return 0;
}

static void *thread_of_owner(void *array)
{
        return mgr_shared_array_unlock(array) == MGR_EASSERTION &&
                               mgr_shared_array_lock(array, 0.01) == MGR_ETIMEOUT
                       ? NULL
                       : array;
}

static void a_lock_belongs_to_one_thread(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        pthread_t thread;
        void *failed;

        (void)state;
        assert_done(mgr_shared_array_lock(a, MGR_FOREVER));
        assert_int_equal(end_of(start(child_of_owner, a)), 0);
        assert_int_equal(pthread_create(&thread, NULL, thread_of_owner, a), 0);
        assert_int_equal(pthread_join(thread, &failed), 0);
        assert_null(failed);
        assert_done(mgr_shared_array_unlock(a));
        assert_int_equal(end_of(start(try, a)), 0); /* it ends with the lock: */
        assert_yes(mgr_shared_array_lock(a, PATIENCE));
        assert_done(mgr_shared_array_unlock(a));
        mgr_shared_array_free(a);
}

struct holding {
        mgr_shared_array *array;
        struct signal locked, go;
};

static int hold(void *arg)
{
        const struct holding *holding = arg;

        if (mgr_shared_array_lock(holding->array, MGR_FOREVER) < 0)
                return 1;
        give(&holding->locked);
        await(&holding->go);
        return -mgr_shared_array_unlock(holding->array);
}

static struct holding new_holding(void)
{
        const struct holding holding = { new_zeros(0), new_signal(), new_signal() };

        return holding;
}

static void free_holding(struct holding *holding)
{
        mgr_shared_array_free(holding->array);
        close_signal(&holding->locked);
        close_signal(&holding->go);
}

static void waiting_has_an_end(void **state)
{
        struct holding holding = new_holding();
        mgr_shared_array *a = holding.array;
        pid_t holder = start(hold, &holding);
        double begin;

        (void)state;
        await(&holding.locked);
        assert_error(mgr_shared_array_lock(a, 0), MGR_ETIMEOUT,
                     "the lock was not free for 0 seconds");
        begin = now();
        assert_error(mgr_shared_array_lock(a, 0.05), MGR_ETIMEOUT,
                     "the lock was not free for 0.05 seconds");
        assert_true(now() - begin >= 0.05);
        assert_error(mgr_shared_array_lock(a, -1), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_int_equal(mgr_shared_array_lock(a, (double)NAN), MGR_EVALUE);
        give(&holding.go);
        assert_done(mgr_shared_array_lock(a, PATIENCE));
        assert_done(mgr_shared_array_unlock(a));
        assert_int_equal(end_of(holder), 0);
        free_holding(&holding);
}

/* --- who dies with it */

static int wait_and_tell(void *array)
{
        return mgr_shared_array_lock(array, PATIENCE);
}

static void who_comes_after_the_dead_is_told_once(void **state)
{
        struct holding holding = new_holding();
        mgr_shared_array *a = holding.array;
        pid_t holder;

        (void)state;
        for (int i = 0; i < 20; ++i) {
                holder = start(hold, &holding);
                await(&holding.locked);
                kill_and_reap(holder);
                /* steps do not stop at it */
                assert_done(mgr_shared_array_set(a, 0, i));
                assert_done(mgr_shared_array_incr(a, 0, 1, NULL));
                assert_int_equal(mgr_shared_array_lock(a, 0), MGR_OWNER_DIED);
                assert_done(mgr_shared_array_unlock(a));
                assert_int_equal(mgr_shared_array_unlock(a), MGR_EASSERTION);
                assert_done(mgr_shared_array_lock(a, 0));
                assert_done(mgr_shared_array_unlock(a));
        }
        free_holding(&holding);
}

static void who_waits_for_the_dead_is_told_at_once(void **state)
{
        struct holding holding = new_holding();
        pid_t holder = start(hold, &holding), waiter;
        double begin;

        (void)state;
        await(&holding.locked);
        waiter = start(wait_and_tell, holding.array);
        begin = now();
        kill_and_reap(holder);
        assert_int_equal(end_of(waiter), MGR_OWNER_DIED);
        assert_true(now() - begin < PATIENCE / 2);
        /* and has died with it in turn */
        assert_int_equal(mgr_shared_array_lock(holding.array, PATIENCE), MGR_OWNER_DIED);
        assert_done(mgr_shared_array_unlock(holding.array));
        free_holding(&holding);
}

static void *end_with_lock(void *array)
{
        return mgr_shared_array_lock(array, MGR_FOREVER) == 0 ? NULL : array;
}

static void a_thread_that_ends_with_the_lock_leaves_it(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        pthread_t thread;
        void *failed;

        (void)state;
        assert_int_equal(pthread_create(&thread, NULL, end_with_lock, a), 0);
        assert_int_equal(pthread_join(thread, &failed), 0);
        assert_null(failed);
        assert_int_equal(mgr_shared_array_lock(a, PATIENCE), MGR_OWNER_DIED);
        assert_done(mgr_shared_array_unlock(a));
        mgr_shared_array_free(a);
}

static int count_by_incr(void *array)
{
        for (int i = 0; i < N_ROUNDS; ++i)
                if (mgr_shared_array_incr(array, 0, 1, NULL) < 0)
                        return 1;
        return 0;
}

static int count_for_ever(void *array)
{
        while (mgr_shared_array_incr(array, 0, 1, NULL) == 0)
                ;
        return 1;
}

/* Of many that count, one is killed again and again: no step is half made, and nobody is stuck. */
static void killed_workers_strand_nobody(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        pid_t steady = start(count_by_incr, a);
        long long n, before;

        (void)state;
        for (int i = 0; i < 200; ++i) {
                pid_t victim = start(count_for_ever, a);

                assert_done(mgr_shared_array_get_int(a, 0, &before));
                do
                        assert_done(mgr_shared_array_get_int(a, 0, &n));
                while (n < before + 100);
                kill_and_reap(victim);
        }
        assert_int_equal(end_of(steady), 0);
        assert_done(mgr_shared_array_get_int(a, 0, &n));
        assert_true(n >= N_ROUNDS + 200 * 100);
        mgr_shared_array_free(a);
}

/* --- freeing */

static int free_with_lock(void *array)
{
        if (mgr_shared_array_lock(array, PATIENCE) != 0 ||
            mgr_shared_array_lock(array, PATIENCE) != 0)
                return 1;
        mgr_shared_array_free(array);
        return 0;
}

static void freeing_releases_the_lock(void **state)
{
        mgr_shared_array *a = new_zeros(0);

        (void)state;
        assert_int_equal(end_of(start(free_with_lock, a)), 0);
        assert_done(mgr_shared_array_lock(a, 0));
        mgr_shared_array_free(a);
}

static void *hold_in_thread(void *arg)
{
        return hold(arg) == 0 ? NULL : arg;
}

/* What another thread of ours holds is left where it is: that thread is to live on. */
static int free_under_another_thread(void *arg)
{
        struct holding *holding = arg;
        pthread_t thread;

        if (pthread_create(&thread, NULL, end_with_lock, holding->array) != 0 ||
            pthread_join(thread, NULL) != 0)
                return 1;
        mgr_shared_array_free(holding->array); /* of a dead thread: is freed */
        holding->array = new_zeros(0);
        if (pthread_create(&thread, NULL, hold_in_thread, holding) != 0)
                return 2;
        await(&holding->locked);
        mgr_shared_array_free(holding->array);
        return pthread_detach(thread);
}

static void freeing_harms_no_other_thread(void **state)
{
        struct holding holding = new_holding();

        (void)state;
        assert_int_equal(end_of(start(free_under_another_thread, &holding)), 0);
        free_holding(&holding);
}

static int unlock(void *array)
{
        int r = mgr_shared_array_unlock(array);

        mgr_shared_array_free(array);
        return -r;
}

/* Whoever may not say which number the next process has, may not. */
static bool number_next(pid_t pid)
{
        FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "w");
        bool done;

        if (!file)
                return false;
        done = fprintf(file, "%d", (int)pid - 1) > 0;
        return fclose(file) == 0 && done;
}

static void who_gets_the_number_of_the_dead_gets_no_lock(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        pid_t dead, heir = 0;

        (void)state;
        for (dead = -1; heir != dead;) {
                dead = start(try, a);
                assert_int_equal(end_of(dead), 0);
                if (!number_next(dead)) {
                        mgr_shared_array_free(a);
                        skip();
                }
                heir = start(unlock, a); /* or somebody else was faster */
                assert_int_equal(end_of(heir), -MGR_EASSERTION);
                assert_yes(mgr_shared_array_lock(a, PATIENCE));
                assert_done(mgr_shared_array_unlock(a));
        }
        mgr_shared_array_free(a);
}

static void without_a_lock_nobody_can_take_it(void **state)
{
        mgr_shared_array *a = new_zeros(MGR_SHARED_NO_LOCK);

        (void)state;
        assert_error(mgr_shared_array_lock(a, 0), MGR_EATTRIBUTE,
                     "without a lock there is no attribute 'acquire'");
        assert_int_equal(mgr_shared_array_unlock(a), MGR_EATTRIBUTE);
        mgr_shared_array_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_lock_can_be_taken_again),
                cmocka_unit_test(a_lock_belongs_to_one_thread),
                cmocka_unit_test(waiting_has_an_end),
                cmocka_unit_test(who_comes_after_the_dead_is_told_once),
                cmocka_unit_test(who_waits_for_the_dead_is_told_at_once),
                cmocka_unit_test(a_thread_that_ends_with_the_lock_leaves_it),
                cmocka_unit_test(killed_workers_strand_nobody),
                cmocka_unit_test(freeing_releases_the_lock),
                cmocka_unit_test(freeing_harms_no_other_thread),
                cmocka_unit_test(who_gets_the_number_of_the_dead_gets_no_lock),
                cmocka_unit_test(without_a_lock_nobody_can_take_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
