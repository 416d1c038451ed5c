/*
 * test_pool_deaths - workers that die at each moment, and what becomes of their tasks
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/pool.h"

#define N_MANY    100000
#define N_APPLIED 20000 /* one by one: each new worker is a copy of all that waits */

/* --- what workers run */

/* How often each task has been begun, and who is at work: in memory that all see. */
static struct board {
        _Atomic pid_t at_work[8]; /* each worker has a place, for as long as it lives */
        atomic_uint n_deaths_of_500;
        atomic_uint n_begun[N_MANY];
} * board;

static int set_up(void **state)
{
        (void)state;
        board = shared_memory(sizeof(*board));
        return 0;
}

static void clear_board(void)
{
        memset((void *)board, 0, sizeof(*board));
}

static int count(const mgr_value *args, size_t n_args, mgr_value *result)
{
        atomic_fetch_add(&board->n_begun[args[0].as.integer], 1);
        return square(args, n_args, result);
}

static int die(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)n_args, (void)result;
        if (args[0].as.integer < 0)
                kill(getpid(), (int)-args[0].as.integer);
        _exit((int)args[0].as.integer);
}

/* Task 500 kills its worker, at its first n attempts. */
static int die_at_500(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int r = count(args, n_args, result);

        if (args[0].as.integer == 500 &&
            atomic_load(&board->n_begun[500]) <= board->n_deaths_of_500)
                raise(SIGKILL);
        return r;
}

static int tell_pid(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args;
        *result = mgr_int(getpid());
        return 0;
}

/* --- one death */

static void the_task_that_runs_fails_and_tells_how(void **state)
{
        mgr_pool *pool = new_pool();
        char message[96];

        (void)state;
        assert_int_equal(mgr_pool_apply(pool, die, NULL, 3), MGR_EWORKER_LOST);
        assert_non_null(strstr(mgr_errmsg(), "ended with exit code 3"));
        assert_int_equal(mgr_pool_apply(pool, die, NULL, -SIGTERM), MGR_EWORKER_LOST);
        snprintf(message, sizeof(message), "was killed by signal %d", SIGTERM);
        assert_non_null(strstr(mgr_errmsg(), message));
        assert_int_equal(mgr_pool_apply(pool, die, NULL, 0), MGR_EWORKER_LOST);
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
}

/* All tasks are in two chunks, and one of them loses one task. */
static void only_the_task_that_ran_is_lost(void **state)
{
        mgr_value *items = new_range_of(1000), results_of_map[1000], value;
        mgr_pool *pool = new_pool();
        mgr_result *results[1000];

        (void)state;
        clear_board();
        board->n_deaths_of_500 = 1;
        for (int i = 0; i < 1000; ++i)
                assert_done(mgr_pool_apply_async(pool, die_at_500, NULL, &results[i], i));
        for (int i = 0; i < 1000; ++i) {
                if (i == 500)
                        assert_int_equal(mgr_result_get(results[i], PATIENCE, &value),
                                         MGR_EWORKER_LOST);
                else
                        assert_done(mgr_result_get(results[i], PATIENCE, &value));
                mgr_result_free(results[i]);
                assert_int_equal(board->n_begun[i], 1);
        }
        clear_board();
        board->n_deaths_of_500 = 1;
        assert_int_equal(mgr_pool_map(pool, die_at_500, items, 1000, 600, results_of_map),
                         MGR_EWORKER_LOST);
        for (int i = 0; i < 1000; ++i)
                assert_int_equal(board->n_begun[i], 1);
        free(items);
        end_pool(pool);
}

static void a_lost_task_is_run_again_so_often(void **state)
{
        mgr_value *items = new_range_of(1000), *results = new_range_of(1000);
        mgr_pool *pool = new_pool_of(2, 2);

        (void)state;
        for (unsigned n = 1; n <= 2; ++n) {
                clear_board();
                board->n_deaths_of_500 = n;
                assert_done(mgr_pool_map(pool, die_at_500, items, 1000, 300, results));
                assert_squares(results, 1000);
                for (unsigned i = 0; i < 1000; ++i)
                        assert_int_equal(board->n_begun[i], i == 500 ? n + 1 : 1);
        }
        clear_board();
        board->n_deaths_of_500 = 3;
        assert_int_equal(mgr_pool_map(pool, die_at_500, items, 1000, 300, results),
                         MGR_EWORKER_LOST);
        assert_int_equal(board->n_begun[500], 3);
        free(items);
        free(results);
        end_pool(pool);
}

static void a_worker_that_dies_idle_is_replaced(void **state)
{
        mgr_pool *pool = new_pool_of(1, 0);
        long long pid, other;

        (void)state;
        for (int i = 0; i < 30; ++i) {
                assert_done(mgr_pool_apply(pool, tell_pid, &pid));
                kill((pid_t)pid, SIGKILL);
                assert_done(mgr_pool_apply(pool, tell_pid, &other));
                assert_true(pid != other);
        }
        end_pool(pool);
}

static void close_and_terminate_do_not_mind_the_dead(void **state)
{
        mgr_pool *pool;
        long long pid;

        (void)state;
        for (int i = 0; i < 2; ++i) {
                pool = new_pool_of(1, 0);
                assert_done(mgr_pool_apply(pool, tell_pid, &pid));
                kill((pid_t)pid, SIGKILL);
                if (i)
                        assert_done(mgr_pool_terminate(pool));
                else
                        assert_done(mgr_pool_close(pool));
                assert_done(mgr_pool_join(pool, PATIENCE));
                mgr_pool_free(pool);
        }
}

/* A worker that is stopped does not hold up the end. */
static void a_worker_that_hangs_is_terminated(void **state)
{
        mgr_pool *pool = new_pool_of(1, 0);
        mgr_result *result;
        mgr_value value;
        long long pid;

        (void)state;
        assert_done(mgr_pool_apply(pool, tell_pid, &pid));
        kill((pid_t)pid, SIGSTOP);
        assert_done(mgr_pool_apply_async(pool, square, NULL, &result, 2));
        assert_int_equal(mgr_result_get(result, 0.01, &value), MGR_ETIMEOUT);
        assert_done(mgr_pool_terminate(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_int_equal(mgr_result_get(result, 0, &value), MGR_ECANCELLED);
        mgr_result_free(result);
        mgr_pool_free(pool);
}

/* --- initializers */

static int initialize(void *arg)
{
        const int *code = arg;

        if (*code < 0)
                raise(-*code);
        return *code;
}

static void a_pool_gives_up_where_no_worker_begins(void **state)
{
        static const int codes[] = { 7, -SIGKILL };
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;

        (void)state;
        for (int i = 0; i < 2; ++i) {
                int code = codes[i];

                options.n_workers = 2;
                options.initializer = initialize;
                options.initializer_arg = &code;
                assert_done(mgr_pool_new(&pool, &options));
                for (int k = 0; k < 3; ++k) {
                        assert_int_equal(mgr_pool_apply(pool, square, NULL, 2), MGR_EWORKER_LOST);
                        assert_non_null(strstr(mgr_errmsg(), "the pool gives up"));
                        assert_non_null(strstr(mgr_errmsg(), i ? "signal 9" : "exit code 7"));
                }
                end_pool(pool);
        }
}

/* --- workers that speak nonsense */

/* Writes everywhere but on its own stack: whatever it shares with the pool is hit. */
static int scribble(const mgr_value *args, size_t n_args, mgr_value *result)
{
        char line[512];
        FILE *maps = fopen("/proc/self/maps", "r");
        uint8_t byte = (uint8_t)args[0].as.integer;

        (void)n_args;
        while (maps && fgets(line, sizeof(line), maps)) {
                unsigned long begin, end;

                if (strstr(line, "rw-s") && strstr(line, "/dev/zero") &&
                    sscanf(line, "%lx-%lx", &begin, &end) == 2 && (void *)begin != (void *)board)
                        memset((void *)begin, byte, end - begin);
        }
        if (maps)
                fclose(maps);
        *result = mgr_int(1);
        return 0;
}

static void a_worker_that_scribbles_harms_itself(void **state)
{
        static const int bytes[] = { 0x00, 0xff, 0x01, 0xc1, 0x93 };
        mgr_pool *pool = new_pool();

        (void)state;
        for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); ++i) {
                int r = mgr_pool_apply(pool, scribble, NULL, bytes[i]);

                assert_true(r == 0 || r == MGR_EWORKER_LOST);
                for (int k = 0; k < 10; ++k) {
                        long long nine = 0;

                        r = mgr_pool_apply(pool, square, &nine, 3);
                        assert_true((r == 0 && nine == 9) || r == MGR_EWORKER_LOST);
                }
        }
        end_pool(pool);
}

static int close_all(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args, (void)result;
        for (int fd = 3; fd < 256; ++fd)
                close(fd);
        pause();
        return 0;
}

static void a_worker_that_closes_its_channel_is_ended(void **state)
{
        mgr_pool *pool = new_pool();

        (void)state;
        assert_int_equal(mgr_pool_apply(pool, close_all, NULL), MGR_EWORKER_LOST);
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
}

/* --- a worker is killed every moment */

struct killer {
        pthread_t thread;
        atomic_bool stops;
        unsigned n_killed;
        uint64_t n_between; /* nanoseconds */
};

/* A worker writes down who it is before it does anything. */
static int sign(void *arg)
{
        (void)arg;
        for (int i = 0; i < 8; ++i) {
                pid_t nobody = 0;

                if (atomic_compare_exchange_strong(&board->at_work[i], &nobody, getpid()))
                        return 0;
        }
        return 1;
}

static void *kill_now_and_then(void *arg)
{
        struct killer *killer = arg;
        struct timespec between = { .tv_nsec = (long)killer->n_between };
        unsigned i = 0;

        while (!atomic_load(&killer->stops)) {
                pid_t pid;

                nanosleep(&between, NULL);
                do
                        pid = atomic_exchange(&board->at_work[++i % 8], 0);
                while (!pid && !atomic_load(&killer->stops) && i % 8);
                if (pid && kill(pid, SIGKILL) == 0)
                        ++killer->n_killed;
        }
        return NULL;
}

static void start_killer(struct killer *killer, uint64_t n_between)
{
        killer->n_between = n_between;
        killer->n_killed = 0;
        atomic_store(&killer->stops, false);
        assert_int_equal(pthread_create(&killer->thread, NULL, kill_now_and_then, killer), 0);
}

static void stop_killer(struct killer *killer)
{
        atomic_store(&killer->stops, true);
        pthread_join(killer->thread, NULL);
}

static mgr_pool *new_signing_pool(size_t max_retries)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;

        options.n_workers = 2;
        options.max_retries = max_retries;
        options.initializer = sign;
        assert_done(mgr_pool_new(&pool, &options));
        return pool;
}

/* Takes 10 microseconds or so. */
static int count_slowly(const mgr_value *args, size_t n_args, mgr_value *result)
{
        volatile unsigned n = 0;

        while (n < 10000)
                ++n;
        return count(args, n_args, result);
}

static void map_with_retries_completes_while_workers_are_killed(void **state)
{
        static const size_t chunk_sizes[] = { 0, 1000, 100, 7, 1 };
        mgr_value *items = new_range_of(N_MANY), *results = new_range_of(N_MANY);
        struct killer killer;
        unsigned n_killed = 0;
        mgr_pool *pool;

        (void)state;
        for (size_t i = 0; i < sizeof(chunk_sizes) / sizeof(*chunk_sizes); ++i) {
                clear_board();
                pool = new_signing_pool(1000);
                start_killer(&killer, 100000000 / (i + 1));
                assert_done(
                        mgr_pool_map(pool, count_slowly, items, N_MANY, chunk_sizes[i], results));
                stop_killer(&killer);
                assert_squares(results, N_MANY);
                n_killed += killer.n_killed;
                end_pool(pool);
        }
        assert_true(n_killed > 5);
        free(items);
        free(results);
}

static void nothing_runs_twice_while_workers_are_killed(void **state)
{
        mgr_value value;
        struct killer killer;
        size_t n_lost = 0;
        mgr_pool *pool;
        static mgr_result *results[N_APPLIED];

        (void)state;
        clear_board();
        pool = new_signing_pool(0);
        start_killer(&killer, 20000000);
        for (int i = 0; i < N_APPLIED; ++i)
                assert_done(mgr_pool_apply_async(pool, count_slowly, NULL, &results[i], i));
        for (int i = 0; i < N_APPLIED; ++i) {
                int r = mgr_result_get(results[i], PATIENCE, &value);

                mgr_result_free(results[i]);
                if (r == 0) {
                        assert_int_equal(value.as.integer, (int64_t)i * i);
                        assert_int_equal(board->n_begun[i], 1);
                } else {
                        assert_int_equal(r, MGR_EWORKER_LOST);
                        assert_true(board->n_begun[i] <= 1);
                        ++n_lost;
                }
        }
        stop_killer(&killer);
        assert_true(killer.n_killed > 0);
        assert_true(n_lost <= killer.n_killed);
        end_pool(pool);
}

static void a_failing_map_runs_nothing_twice(void **state)
{
        mgr_value *items = new_range_of(N_MANY), *results = new_range_of(N_MANY);
        struct killer killer;
        mgr_pool *pool;
        unsigned n_not_run = 0;
        int r;

        (void)state;
        clear_board();
        pool = new_signing_pool(0);
        start_killer(&killer, 50000000);
        r = mgr_pool_map(pool, count_slowly, items, N_MANY, 100, results);
        stop_killer(&killer);
        assert_true(r == 0 || r == MGR_EWORKER_LOST);
        for (int i = 0; i < N_MANY; ++i) {
                assert_true(board->n_begun[i] <= 1);
                n_not_run += board->n_begun[i] == 0;
        }
        assert_true(n_not_run <= killer.n_killed);
        end_pool(pool);
        free(items);
        free(results);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_task_that_runs_fails_and_tells_how),
                cmocka_unit_test(only_the_task_that_ran_is_lost),
                cmocka_unit_test(a_lost_task_is_run_again_so_often),
                cmocka_unit_test(a_worker_that_dies_idle_is_replaced),
                cmocka_unit_test(close_and_terminate_do_not_mind_the_dead),
                cmocka_unit_test(a_worker_that_hangs_is_terminated),
                cmocka_unit_test(a_pool_gives_up_where_no_worker_begins),
                cmocka_unit_test(a_worker_that_scribbles_harms_itself),
                cmocka_unit_test(a_worker_that_closes_its_channel_is_ended),
                cmocka_unit_test(map_with_retries_completes_while_workers_are_killed),
                cmocka_unit_test(nothing_runs_twice_while_workers_are_killed),
                cmocka_unit_test(a_failing_map_runs_nothing_twice),
        };

        return cmocka_run_group_tests(tests, set_up, NULL);
}
