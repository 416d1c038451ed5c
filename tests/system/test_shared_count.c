/*
 * test_shared_count - memory that several processes and threads change at once
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/system/workers.h"

#define N_WORKERS 4
#define N_ROUNDS  10000

static mgr_shared_array *new_zeros(unsigned flags)
{
        mgr_shared_array *a;

        assert_done(mgr_shared_array_new_zeros('i', 3, flags, &a));
        return a;
}

static int count_by_incr(void *array)
{
        for (int i = 0; i < N_ROUNDS; ++i)
                if (mgr_shared_array_incr(array, 0, 1, NULL) < 0)
                        return 1;
        return 0;
}

/* Those who never wait get in each other's way less often. */
static int n_times(void)
{
        return is_slow() ? 1 : 50;
}

static int count_without_lock(void *array)
{
        for (int i = 0; i < n_times(); ++i)
                if (count_by_incr(array) != 0)
                        return 1;
        return 0;
}

/* In three steps, which the lock makes one. */
static int count_under_lock(void *array)
{
        int *data = mgr_shared_array_data(array);
        long long n;

        for (int i = 0; i < N_ROUNDS; ++i)
                if (mgr_shared_array_lock(array, PATIENCE) < 0 ||
                    mgr_shared_array_get_int(array, 0, &n) < 0 ||
                    mgr_shared_array_set_int(array, 0, n + 1) < 0 || data[1]++ != n ||
                    mgr_shared_array_unlock(array) < 0)
                        return 1;
        return 0;
}

static int count_by_compare_and_swap(void *array)
{
        for (int i = 0; i < N_ROUNDS; ++i) {
                long long n;
                int r;

                do
                        r = mgr_shared_array_get_int(array, 0, &n) < 0
                                    ? -1
                                    : mgr_shared_array_compare_and_swap(array, 0, n, n + 1);
                while (r == 0);
                if (r < 0)
                        return 1;
        }
        return 0;
}

struct counting {
        mgr_shared_array *array;
        int (*count)(void *array);
};

/* Nobody begins before all are there. */
static int meet_and_count(void *arg)
{
        const struct counting *counting = arg;
        atomic_int *n_there = (atomic_int *)mgr_shared_array_data(counting->array) + 2;

        atomic_fetch_add(n_there, 1);
        while (atomic_load(n_there) < N_WORKERS)
                sched_yield();
        return counting->count(counting->array);
}

/* To n by each of them. */
static void assert_counted(int (*count)(void *array), unsigned flags, int n)
{
        mgr_shared_array *a = new_zeros(flags);
        struct counting counting = { a, count };
        pid_t pids[N_WORKERS];
        long long sum;

        for (int i = 0; i < N_WORKERS; ++i)
                pids[i] = start(meet_and_count, &counting);
        for (int i = 0; i < N_WORKERS; ++i)
                assert_int_equal(end_of(pids[i]), 0);
        assert_done(mgr_shared_array_get_int(a, 0, &sum));
        assert_int_equal(sum, N_WORKERS * n);
        mgr_shared_array_free(a);
}

static void processes_lose_no_increment(void **state)
{
        (void)state;
        assert_counted(count_by_incr, 0, N_ROUNDS);
        assert_counted(count_without_lock, MGR_SHARED_NO_LOCK, n_times() * N_ROUNDS);
        assert_counted(count_under_lock, 0, N_ROUNDS);
        assert_counted(count_by_compare_and_swap, 0, N_ROUNDS);
        assert_counted(count_by_compare_and_swap, MGR_SHARED_NO_LOCK, N_ROUNDS);
}

static void *count_in_thread(void *array)
{
        return count_under_lock(array) ? array : NULL;
}

static void threads_lose_no_increment(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        const int *data = mgr_shared_array_data(a);
        pthread_t threads[N_WORKERS];
        void *failed;

        (void)state;
        for (int i = 0; i < N_WORKERS; ++i)
                assert_int_equal(pthread_create(&threads[i], NULL, count_in_thread, a), 0);
        for (int i = 0; i < N_WORKERS; ++i) {
                assert_int_equal(pthread_join(threads[i], &failed), 0);
                assert_null(failed);
        }
        assert_int_equal(data[0], N_WORKERS * N_ROUNDS);
        assert_int_equal(data[1], N_WORKERS * N_ROUNDS);
        mgr_shared_array_free(a);
}

/* --- whole writes */

/* One writes all items the same, by turns of two kinds. */
static int write_runs(void *array)
{
        long long items[2];

        for (int i = 0; i < N_ROUNDS; ++i) {
                items[0] = items[1] = i;
                if (mgr_shared_array_write(array, 0, items, 2) < 0)
                        return 1;
        }
        return 0;
}

static void many_items_are_from_one_moment(void **state)
{
        mgr_shared_array *a = new_zeros(0);
        pid_t writer = start(write_runs, a);
        long long items[2];

        (void)state;
        do {
                assert_done(mgr_shared_array_read(a, 0, items, 2, NULL));
                assert_int_equal(items[0], items[1]);
        } while (items[0] < N_ROUNDS - 1);
        assert_int_equal(end_of(writer), 0);
        mgr_shared_array_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(processes_lose_no_increment),
                cmocka_unit_test(threads_lose_no_increment),
                cmocka_unit_test(many_items_are_from_one_moment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
