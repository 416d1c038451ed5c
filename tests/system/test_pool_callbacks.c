/*
 * test_pool_callbacks - who is told of results, and programs with a loop of their own
 */
#include <poll.h>

#include "tests/system/pool.h"

/* --- callbacks */

struct calls {
        mgr_pool *pool;
        int n_done, n_failed;
        int64_t sum;
        char message[64];
        mgr_result *result;
};

static void count_done(void *arg, const mgr_value *result)
{
        struct calls *calls = arg;

        ++calls->n_done;
        calls->sum +=
                result->kind == MGR_KIND_INT ? result->as.integer : (int64_t)mgr_value_len(result);
}

static void count_failed(void *arg, int error, const char *message)
{
        struct calls *calls = arg;

        assert_int_equal(error, MGR_EVALUE);
        ++calls->n_failed;
        snprintf(calls->message, sizeof(calls->message), "%s", message);
}

static void callbacks_come_before_join_returns(void **state)
{
        struct calls calls = { .n_done = 0 };
        const mgr_callbacks callbacks = { count_done, count_failed, &calls };
        mgr_value *items = new_range_of(10);
        mgr_pool *pool = new_pool();

        (void)state;
        for (int i = 0; i < 10; ++i)
                assert_done(mgr_pool_apply_async_of(pool, mgr_callable_function(odd_fails),
                                                    &items[i], 1, &callbacks, NULL));
        assert_done(mgr_pool_map_async(pool, square, items, 10, 0, &callbacks, NULL));
        assert_int_equal(calls.n_done + calls.n_failed, 0);
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_int_equal(calls.n_done, 6);
        assert_int_equal(calls.sum, 0 + 2 + 4 + 6 + 8 + 10);
        assert_int_equal(calls.n_failed, 5);
        assert_non_null(strstr(calls.message, "is odd"));
        mgr_pool_free(pool);
        free(items);
}

static void submit_more(void *arg, const mgr_value *value)
{
        struct calls *calls = arg;
        const mgr_callbacks callbacks = { submit_more, NULL, calls };
        mgr_value next = mgr_int(value->as.integer + 1);
        long long n;

        if (++calls->n_done == 10)
                return;
        assert_done(mgr_pool_apply(calls->pool, add, &n, next, 0));
        assert_int_equal(n, next.as.integer);
        assert_done(mgr_pool_apply_async_of(calls->pool, mgr_callable_function(same), &next, 1,
                                            &callbacks, NULL));
}

static bool ten_are_done(const struct calls *calls)
{
        return calls->n_done == 10;
}

static void callbacks_may_submit_more(void **state)
{
        struct calls calls = { .pool = new_pool() };
        mgr_value first = mgr_int(1);

        (void)state;
        submit_more(&calls, &first);
        while (!ten_are_done(&calls))
                assert_true(mgr_pool_pump(calls.pool, PATIENCE) == 1);
        end_pool(calls.pool);
}

static void get_itself(void *arg, const mgr_value *value)
{
        struct calls *calls = arg;
        mgr_value again;

        assert_yes(mgr_result_ready(calls->result));
        assert_done(mgr_result_get(calls->result, 0, &again));
        assert_int_equal(again.as.integer, value->as.integer);
        assert_done(mgr_pool_close(calls->pool));
        assert_done(mgr_pool_join(calls->pool, PATIENCE));
        ++calls->n_done;
}

static void a_callback_may_get_its_own_result_and_join(void **state)
{
        struct calls calls = { .pool = new_pool() };
        const mgr_callbacks callbacks = { get_itself, NULL, &calls };
        mgr_value five = mgr_int(5);

        (void)state;
        assert_done(mgr_pool_apply_async_of(calls.pool, mgr_callable_function(square), &five, 1,
                                            &callbacks, &calls.result));
        assert_done(mgr_result_wait(calls.result, PATIENCE));
        assert_int_equal(calls.n_done, 1);
        mgr_result_free(calls.result);
        mgr_pool_free(calls.pool);
}

static void free_the_pool(void *arg, const mgr_value *value)
{
        struct calls *calls = arg;

        (void)value;
        mgr_pool_free(calls->pool);
        ++calls->n_done;
}

static void a_callback_may_free_the_pool(void **state)
{
        struct calls calls = { .pool = new_pool() };
        const mgr_callbacks callbacks = { free_the_pool, NULL, &calls };
        mgr_value five = mgr_int(5);
        mgr_result *result;

        (void)state;
        assert_done(mgr_pool_apply_async_of(calls.pool, mgr_callable_function(square), &five, 1,
                                            &callbacks, &result));
        assert_done(mgr_result_wait(result, PATIENCE));
        assert_int_equal(calls.n_done, 1);
        mgr_result_free(result);
}

/* --- an application's own loop */

static void the_descriptor_tells_when_to_pump(void **state)
{
        struct calls calls = { .n_done = 0 };
        const mgr_callbacks callbacks = { count_done, NULL, &calls };
        mgr_pool *pool = new_pool();
        struct pollfd waits = { .events = POLLIN };

        (void)state;
        waits.fd = mgr_pool_fd(pool);
        assert_true(waits.fd >= 0);
        for (int i = 0; i < 50; ++i) {
                mgr_value item = mgr_int(i);

                assert_done(mgr_pool_apply_async_of(pool, mgr_callable_function(square), &item, 1,
                                                    &callbacks, NULL));
        }
        while (calls.n_done < 50) {
                assert_int_equal(poll(&waits, 1, (int)PATIENCE * 1000), 1);
                assert_true(mgr_pool_pump(pool, 0) >= 0);
        }
        assert_done(mgr_pool_pump(pool, 0));
        end_pool(pool);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(callbacks_come_before_join_returns),
                cmocka_unit_test(callbacks_may_submit_more),
                cmocka_unit_test(a_callback_may_get_its_own_result_and_join),
                cmocka_unit_test(a_callback_may_free_the_pool),
                cmocka_unit_test(the_descriptor_tells_when_to_pump),
        };

        return cmocka_run_group_tests(tests, make_gate, close_gate);
}
