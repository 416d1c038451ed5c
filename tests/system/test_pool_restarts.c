/*
 * test_pool_restarts - when a pool goes on with new workers, and when it gives up
 */
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "client/pool/pool_lane.h"
#include "tests/system/pool.h"

static double seconds_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Pumps for so long. */
static void pump_for(mgr_pool *pool, double seconds)
{
        double end = seconds_now() + seconds, left;

        while ((left = end - seconds_now()) > 0)
                assert_true(mgr_pool_pump(pool, left) >= 0);
}

static int fail_at_once(void *arg)
{
        (void)arg;
        return 7;
}

static void a_pool_gives_up_though_its_workers_are_for_one_task_each(void **state)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_result *result;
        mgr_pool *pool;

        (void)state;
        options.n_workers = 1;
        options.initializer = fail_at_once;
        options.max_tasks_per_child = 1;
        assert_done(mgr_pool_new(&pool, &options));
        assert_done(mgr_pool_apply_async(pool, square, NULL, &result, 2));
        assert_int_equal(mgr_result_get_value(result, PATIENCE, NULL), MGR_EWORKER_LOST);
        assert_non_null(strstr(mgr_errmsg(), "the pool gives up"));
        mgr_result_free(result);
        end_pool(pool);
}

static size_t kill_workers(void)
{
        mgr_process *children[4];
        size_t n = mgr_active_children(children, 4);

        for (size_t i = 0; i < n; ++i) {
                assert_done(mgr_process_kill(children[i]));
                assert_done(mgr_process_join(children[i], PATIENCE));
                mgr_process_free(children[i]);
        }
        return n;
}

static _Atomic int *n_initialized;

static int count_initialized(void *arg)
{
        (void)arg;
        atomic_fetch_add(n_initialized, 1);
        return 0;
}

static void a_pool_does_not_mind_who_dies_with_nothing_to_do(void **state)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;
        long long nine = 0;

        (void)state;
        n_initialized = shared_memory(sizeof(*n_initialized));
        options.n_workers = 1;
        options.initializer = count_initialized;
        assert_done(mgr_pool_new(&pool, &options));
        for (int i = 0; i < 12; ++i) {
                while (atomic_load(n_initialized) <= i)
                        pump_for(pool, 0.001);
                pump_for(pool, 0.08);
                assert_int_equal(kill_workers(), 1);
        }
        assert_done(mgr_pool_apply(pool, square, &nine, 3));
        assert_int_equal(nine, 9);
        end_pool(pool);
}

/* Without descriptors no worker can be started. */
static void set_descriptors(rlim_t n)
{
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = n ? n : limit.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static int killed_or_gated(const mgr_value *args, size_t n_args, mgr_value *result)
{
        if (args[0].as.integer == 1)
                raise(SIGKILL);
        return wait_at_gate(args, n_args, result);
}

static void who_works_is_left_alone_where_no_other_can_be_started(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_result *slow, *lost;
        long long two = 0;

        (void)state;
        assert_done(mgr_pool_apply_async(pool, killed_or_gated, NULL, &slow, 2));
        set_descriptors(3);
        assert_done(mgr_pool_apply_async(pool, killed_or_gated, NULL, &lost, 1));
        assert_int_equal(mgr_result_get_value(lost, PATIENCE, NULL), MGR_EWORKER_LOST);
        pump_for(pool, 1.2);
        set_descriptors(0);
        open_gate(1);
        assert_done(mgr_result_get(slow, PATIENCE, &two));
        assert_int_equal(two, 2);
        mgr_result_free(slow);
        mgr_result_free(lost);
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
}

static void a_pool_gives_up_where_none_can_be_started(void **state)
{
        struct pollfd waits = { .events = POLLIN };
        mgr_pool *pool = new_pool_of(1, 0);
        mgr_result *result;

        (void)state;
        waits.fd = mgr_pool_fd(pool);
        assert_true(waits.fd >= 0);
        set_descriptors(3);
        assert_int_equal(kill_workers(), 1);
        assert_done(mgr_pool_apply_async(pool, square, NULL, &result, 3));
        while (!mgr_result_ready(result))
                assert_int_equal(poll(&waits, 1, (int)PATIENCE * 1000), 1);
        assert_int_equal(mgr_result_get_value(result, 0, NULL), MGR_ESYSTEM);
        set_descriptors(0);
        mgr_result_free(result);
        end_pool(pool);
}

/* Somebody else takes the exit code: none is made up. */
static void nothing_is_said_of_an_end_that_nobody_knows(void **state)
{
        mgr_pool *pool = new_pool_of(1, 0);

        (void)state;
        signal(SIGCHLD, SIG_IGN);
        assert_int_equal(mgr_pool_apply(pool, killed_or_gated, NULL, 1), MGR_EWORKER_LOST);
        assert_null(strstr(mgr_errmsg(), "exit code"));
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
        signal(SIGCHLD, SIG_DFL);
}

/* --- a worker that counts on and on */

static struct lane_memory *find_lane(void)
{
        FILE *maps = fopen("/proc/self/maps", "r");
        struct lane_memory *lane = NULL;
        unsigned long begin, end;
        char line[512];

        while (maps && fgets(line, sizeof(line), maps))
                if (strstr(line, "rw-s") && sscanf(line, "%lx-%lx", &begin, &end) == 2 &&
                    end - begin == ((sizeof(*lane) + 4095) & ~4095ul))
                        lane = (struct lane_memory *)begin;
        if (maps)
                fclose(maps);
        return lane;
}

static int count_on(const mgr_value *args, size_t n_args, mgr_value *result)
{
        struct lane_memory *lane = find_lane();

        (void)args, (void)n_args, (void)result;
        while (lane)
                atomic_fetch_add(&lane->n_chunks, 1);
        return 0;
}

static void a_worker_that_counts_without_end_is_ended(void **state)
{
        mgr_pool *pool = new_pool_of(1, 0);
        mgr_result *result;

        (void)state;
        assert_true(mgr_pool_fd(pool) >= 0); /* from here on it looks before it lets go */
        assert_done(mgr_pool_apply_async(pool, count_on, NULL, &result));
        while (!mgr_result_ready(result)) /* nobody rings */
                assert_true(mgr_pool_pump(pool, 0.001) >= 0);
        assert_int_equal(mgr_result_get_value(result, 0, NULL), MGR_EWORKER_LOST);
        assert_non_null(strstr(mgr_errmsg(), "it wrote where it must not"));
        mgr_result_free(result);
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_pool_gives_up_though_its_workers_are_for_one_task_each),
                cmocka_unit_test(a_pool_does_not_mind_who_dies_with_nothing_to_do),
                cmocka_unit_test(who_works_is_left_alone_where_no_other_can_be_started),
                cmocka_unit_test(a_pool_gives_up_where_none_can_be_started),
                cmocka_unit_test(nothing_is_said_of_an_end_that_nobody_knows),
                cmocka_unit_test(a_worker_that_counts_without_end_is_ended),
        };

        return cmocka_run_group_tests(tests, make_gate, close_gate);
}
