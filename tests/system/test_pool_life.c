/*
 * test_pool_life - how a pool begins and ends, and whose it is
 */
#include "tests/system/pool.h"

static int pid(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args;
        *result = mgr_int(getpid());
        return 0;
}

/* --- close, terminate, join */

static void a_closed_pool_takes_no_more(void **state)
{
        struct range range = { .end = 5 };
        mgr_value one = mgr_int(1), result;
        mgr_pool *pool = new_pool();
        mgr_imap *imap;

        (void)state;
        assert_error(mgr_pool_join(pool, PATIENCE), MGR_EVALUE, "Pool is still running");
        assert_done(mgr_pool_close(pool));
        assert_error(mgr_pool_apply(pool, square, NULL, 1), MGR_EVALUE, "Pool not running");
        assert_error(mgr_pool_map(pool, square, &one, 1, 0, &result), MGR_EVALUE,
                     "Pool not running");
        assert_error(mgr_pool_imap(pool, square, range_next, &range, 0, &imap), MGR_EVALUE,
                     "Pool not running");
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_done(mgr_pool_join(pool, 0));
        mgr_pool_free(pool);
}

static void a_map_that_is_refused_leaves_nothing_in_its_results(void **state)
{
        mgr_value items[3] = { mgr_int(1), mgr_int(2), mgr_int(3) }, results[3];
        mgr_pool *pool = new_pool();

        (void)state;
        memset(results, 0xa5, sizeof(results));
        assert_done(mgr_pool_close(pool));
        assert_int_equal(mgr_pool_map(pool, square, items, 3, 1, results), MGR_EVALUE);
        for (int i = 0; i < 3; ++i) {
                assert_int_equal(results[i].kind, MGR_KIND_NONE);
                mgr_value_clear(&results[i]);
        }
        end_pool(pool);
}

static void join_waits_for_what_was_submitted(void **state)
{
        mgr_value *items = new_range_of(4), list;
        mgr_pool *pool = new_pool();
        mgr_result *result;

        (void)state;
        assert_done(mgr_pool_map_async(pool, wait_at_gate, items, 4, 1, NULL, &result));
        assert_done(mgr_pool_close(pool));
        assert_int_equal(mgr_pool_join(pool, 0.01), MGR_ETIMEOUT);
        open_gate(4);
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_yes(mgr_result_ready(result));
        assert_value(mgr_result_get(result, 0, &list), &list, "[0, 1, 2, 3]");
        mgr_result_free(result);
        mgr_pool_free(pool);
        free(items);
}

static void terminate_ends_at_once(void **state)
{
        struct range range = { .end = 1000 };
        mgr_value *items = new_range_of(4), value;
        mgr_pool *pool = new_pool();
        mgr_result *result;
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_map_async(pool, wait_at_gate, items, 4, 1, NULL, &result));
        assert_done(mgr_pool_imap(pool, square, range_next, &range, 1, &imap));
        assert_done(mgr_pool_terminate(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_error(mgr_result_get(result, MGR_FOREVER, &value), MGR_ECANCELLED,
                     "Pool was terminated");
        assert_int_equal(mgr_imap_next(imap, PATIENCE, &value), MGR_ECANCELLED);
        assert_error(mgr_pool_apply(pool, square, NULL, 1), MGR_EVALUE, "Pool not running");
        mgr_imap_free(imap);
        mgr_result_free(result);
        mgr_pool_free(pool);
        free(items);
}

static void nothing_is_taken_for_a_pool(void **state)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;
        mgr_value value;

        (void)state;
        options.size = 0;
        assert_int_equal(mgr_pool_new(&pool, &options), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_new(NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_close(NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_apply_of(NULL, mgr_callable_function(square), NULL, 0, NULL),
                         MGR_EARGUMENT);
        assert_int_equal(mgr_result_get(NULL, 0, &value), MGR_EARGUMENT);
        assert_int_equal(mgr_imap_next(NULL, 0, &value), MGR_EARGUMENT);
        mgr_pool_free(NULL);
        mgr_result_free(NULL);
        mgr_imap_free(NULL);
        pool = new_pool();
        assert_int_equal(mgr_pool_apply_of(pool, mgr_callable_name(NULL), NULL, 0, NULL),
                         MGR_EARGUMENT);
        assert_int_equal(mgr_pool_apply_of(pool, mgr_callable_function(square), NULL, 1, NULL),
                         MGR_EARGUMENT);
        mgr_pool_free(pool);
}

/* --- workers */

static _Atomic int *n_initialized;

static int initialize(void *arg)
{
        atomic_fetch_add(n_initialized, 1);
        return arg == &gate ? 0 : 1;
}

static void each_worker_is_initialized_and_replaced_after_so_many(void **state)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_value *items = new_range_of(40), results[40];
        int n_pids = 0;
        mgr_pool *pool;

        (void)state;
        n_initialized = shared_memory(sizeof(*n_initialized));
        options.n_workers = 2;
        options.initializer = initialize;
        options.initializer_arg = &gate;
        options.max_tasks_per_child = 4;
        assert_done(mgr_pool_new(&pool, &options));
        assert_done(mgr_pool_map(pool, pid, items, 40, 1, results));
        for (int i = 0; i < 40; ++i) {
                int n_before = 0;

                for (int k = 0; k < i; ++k)
                        n_before += results[k].as.integer == results[i].as.integer;
                assert_true(n_before < 4);
                n_pids += n_before == 0;
        }
        assert_true(n_pids >= 10);
        end_pool(pool);
        assert_true(atomic_load(n_initialized) >= n_pids);
        free(items);
}

static int make_a_pool(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_pool *pool;

        (void)args, (void)n_args, (void)result;
        return mgr_pool_new(&pool, NULL);
}

static void workers_have_no_pools(void **state)
{
        mgr_pool *pool = new_pool();

        (void)state;
        assert_int_equal(mgr_pool_apply(pool, make_a_pool, NULL, 1), MGR_EASSERTION);
        assert_non_null(
                strstr(mgr_errmsg(), "daemonic processes are not allowed to have children"));
        end_pool(pool);
}

static int use_parents_pool(void *arg)
{
        mgr_pool *pool = arg;

        if (mgr_pool_apply(pool, square, NULL, 1) != MGR_ERUNTIME)
                return 1;
        if (strcmp(mgr_errmsg(), "the pool belongs to another process") != 0)
                return 2;
        mgr_pool_free(pool);
        return 0;
}

static void a_child_does_not_use_its_parents_pool(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_process *child;
        int code;

        (void)state;
        assert_done(mgr_process_start(&child, use_parents_pool, pool, NULL));
        assert_done(mgr_process_join(child, PATIENCE));
        assert_yes(mgr_process_exitcode(child, &code));
        assert_int_equal(code, 0);
        mgr_process_free(child);
        assert_done(mgr_pool_apply(pool, square, NULL, 3));
        end_pool(pool);
}

static void work_waits_behind_no_slow_task(void **state)
{
        mgr_value items[4] = { mgr_int(0), mgr_int(1), mgr_int(2), mgr_int(3) }, value;
        mgr_pool *pool = new_pool();
        mgr_result *results[4];

        (void)state;
        for (int i = 0; i < 4; ++i)
                assert_done(mgr_pool_apply_async_of(pool, mgr_callable_function(gate_for_zero),
                                                    &items[i], 1, NULL, &results[i]));
        for (int i = 3; i > 0; --i)
                assert_done(mgr_result_get(results[i], PATIENCE, &value));
        assert_done(mgr_result_ready(results[0]));
        open_gate(1);
        assert_done(mgr_result_get(results[0], PATIENCE, &value));
        for (int i = 0; i < 4; ++i)
                mgr_result_free(results[i]);
        end_pool(pool);
}

/* --- turns */

static struct {
        atomic_int goes_on, n_run;
} * board;

static int wait_for_word(const mgr_value *args, size_t n_args, mgr_value *result)
{
        while (!atomic_load(&board->goes_on))
                ;
        return same(args, n_args, result);
}

static int count(const mgr_value *args, size_t n_args, mgr_value *result)
{
        atomic_fetch_add(&board->n_run, 1);
        return same(args, n_args, result);
}

static void a_small_job_does_not_wait_for_a_big_one(void **state)
{
        enum { N = 200000 };
        mgr_value *items = new_range_of(N);
        mgr_pool *pool;
        mgr_result *big;

        (void)state;
        board = shared_memory(sizeof(*board));
        pool = new_pool();
        assert_done(mgr_pool_map_async(pool, count, items, N, 1, NULL, &big));
        assert_done(mgr_pool_apply(pool, same, NULL, 7));
        assert_true(atomic_load(&board->n_run) < N / 4 * 3);
        assert_done(mgr_result_wait(big, PATIENCE));
        mgr_result_free(big);
        end_pool(pool);
        free(items);
}

/* The third task stands behind the first one when others come that the second worker can do. */
static void nothing_waits_behind_a_task_without_end(void **state)
{
        enum { N = 200000 };
        mgr_value *items = new_range_of(N);
        mgr_result *stuck, *second, *third, *big;
        mgr_pool *pool;

        (void)state;
        board = shared_memory(sizeof(*board));
        pool = new_pool();
        assert_done(mgr_pool_apply_async(pool, wait_at_gate, NULL, &stuck, 1));
        assert_done(mgr_pool_apply_async(pool, wait_for_word, NULL, &second, 2));
        assert_done(mgr_pool_apply_async(pool, same, NULL, &third, 3));
        assert_done(mgr_pool_map_async(pool, count, items, N, 1, NULL, &big));
        atomic_store(&board->goes_on, 1);
        assert_done(mgr_result_wait(third, PATIENCE));
        assert_true(atomic_load(&board->n_run) < N / 4 * 3);
        open_gate(1);
        assert_done(mgr_result_wait(big, PATIENCE));
        mgr_result_free(stuck);
        mgr_result_free(second);
        mgr_result_free(third);
        mgr_result_free(big);
        end_pool(pool);
        free(items);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_closed_pool_takes_no_more),
                cmocka_unit_test(a_map_that_is_refused_leaves_nothing_in_its_results),
                cmocka_unit_test(join_waits_for_what_was_submitted),
                cmocka_unit_test(terminate_ends_at_once),
                cmocka_unit_test(nothing_is_taken_for_a_pool),
                cmocka_unit_test(each_worker_is_initialized_and_replaced_after_so_many),
                cmocka_unit_test(workers_have_no_pools),
                cmocka_unit_test(a_child_does_not_use_its_parents_pool),
                cmocka_unit_test(work_waits_behind_no_slow_task),
                cmocka_unit_test(a_small_job_does_not_wait_for_a_big_one),
                cmocka_unit_test(nothing_waits_behind_a_task_without_end),
        };

        return cmocka_run_group_tests(tests, make_gate, close_gate);
}
