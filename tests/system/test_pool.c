/*
 * test_pool - tasks in workers of one's own: apply, map, and results that are waited for
 */
#include "tests/system/pool.h"

static int fail_silently(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args, (void)result;
        return MGR_EKEY;
}

/* --- apply */

static void apply_returns_what_the_function_does(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_value args[20], result;

        (void)state;
        for (int i = 0; i < 20; ++i)
                args[i] = mgr_int(i);
        assert_value(mgr_pool_apply_of(pool, mgr_callable_function(add), args, 2, &result), &result,
                     "1");
        assert_value(mgr_pool_apply_of(pool, mgr_callable_function(add), args, 20, &result),
                     &result, "190");
        assert_value(mgr_pool_apply_of(pool, mgr_callable_function(add), NULL, 0, &result), &result,
                     "0");
        assert_done(mgr_pool_apply_of(pool, mgr_callable_function(add), args, 2, NULL));
        end_pool(pool);
}

static void macros_take_functions_names_and_c_types(void **state)
{
        mgr_pool *pool;
        long long n;
        mgr_value text;

        (void)state;
        assert_done(mgr_function_register("add", add));
        pool = new_pool();
        assert_done(mgr_pool_apply(pool, add, &n, 1, 2, 3));
        assert_int_equal(n, 6);
        assert_done(mgr_pool_apply(pool, "add", &n, 40, 2));
        assert_int_equal(n, 42);
        assert_done(mgr_pool_apply(pool, add, &n));
        assert_int_equal(n, 0);
        assert_value(mgr_pool_apply(pool, same, &text, "text"), &text, "'text'");
        end_pool(pool);
}

static void a_name_that_nobody_registered_fails(void **state)
{
        mgr_pool *pool = new_pool();

        (void)state;
        assert_int_equal(mgr_pool_apply(pool, "nobody", NULL, 1), MGR_EATTRIBUTE);
        assert_non_null(strstr(mgr_errmsg(), "nobody"));
        end_pool(pool);
}

static void any_value_goes_and_comes(void **state)
{
        static const char *const reprs[] = { "None",
                                             "True",
                                             "-1",
                                             "-33",
                                             "-129",
                                             "-32769",
                                             "-2147483649",
                                             "18446744073709551615",
                                             "2.5",
                                             "''",
                                             "'text'",
                                             "b'bytes'",
                                             "[1, 'two', [3]]",
                                             "{'a': None}",
                                             "(1, 2)" };
        mgr_pool *pool = new_pool();
        mgr_value values[15], results[15], inner[2], list[3];
        size_t n = 0;

        (void)state;
        values[n++] = MGR_NONE;
        values[n++] = MGR_TRUE;
        values[n++] = mgr_int(-1);
        values[n++] = mgr_int(-33);
        values[n++] = mgr_int(-129);
        values[n++] = mgr_int(-32769);
        values[n++] = mgr_int(-2147483649LL);
        values[n++] = mgr_uint(UINT64_MAX);
        values[n++] = mgr_float(2.5);
        values[n++] = mgr_str("");
        values[n++] = mgr_str("text");
        values[n++] = mgr_bytes("bytes", 5);
        inner[0] = mgr_int(3);
        assert_done(mgr_compose(MGR_KIND_LIST, inner, 1, &list[2]));
        list[0] = mgr_int(1);
        list[1] = mgr_str("two");
        assert_done(mgr_compose(MGR_KIND_LIST, list, 3, &values[n++]));
        mgr_value_clear(&list[2]);
        inner[0] = mgr_str("a");
        inner[1] = MGR_NONE;
        assert_done(mgr_compose(MGR_KIND_DICT, inner, 1, &values[n++]));
        inner[0] = mgr_int(1);
        inner[1] = mgr_int(2);
        assert_done(mgr_compose(MGR_KIND_TUPLE, inner, 2, &values[n++]));
        for (size_t chunk = 1; chunk < 20; chunk += 6) {
                assert_done(mgr_pool_map(pool, same, values, n, chunk, results));
                for (size_t i = 0; i < n; ++i)
                        assert_repr(&results[i], reprs[i]);
        }
        for (size_t i = 0; i < n; ++i)
                mgr_value_clear(&values[i]);
        end_pool(pool);
}

static void text_that_is_not_utf8_is_refused(void **state)
{
        mgr_value text = mgr_strn("\xff", 1);
        mgr_value texts[] = { mgr_int(1), text, mgr_int(3) }, results[3];
        mgr_pool *pool = new_pool();

        (void)state;
        assert_int_equal(mgr_pool_apply_of(pool, mgr_callable_function(same), &text, 1, NULL),
                         MGR_EUNICODE);
        assert_int_equal(mgr_pool_map(pool, same, texts, 3, 1, results), MGR_EUNICODE);
        assert_int_equal(mgr_pool_map_async(pool, same, texts, 3, 1, NULL, NULL), MGR_EUNICODE);
        end_pool(pool);
}

/* --- map */

static void map_keeps_the_order_with_any_chunk_size(void **state)
{
        static const size_t sizes[] = { 0, 1, 2, 3, 7, 100, 999, 1000, 5000 };
        mgr_value *items = new_range_of(1000), *results = new_range_of(1000);
        mgr_pool *pool = new_pool_of(3, 0);

        (void)state;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i)
                for (size_t n = 0; n <= 1000; n += 125) {
                        assert_done(mgr_pool_map(pool, square, items, n, sizes[i], results));
                        assert_squares(results, n);
                }
        end_pool(pool);
        free(items);
        free(results);
}

static void map_of_nothing_is_nothing(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_result *result;
        mgr_value list;

        (void)state;
        assert_done(mgr_pool_map(pool, square, NULL, 0, 0, NULL));
        assert_done(mgr_pool_map_async(pool, square, NULL, 0, 0, NULL, &result));
        assert_value(mgr_result_get(result, 0, &list), &list, "[]");
        mgr_result_free(result);
        end_pool(pool);
}

static void map_fails_with_the_first_error_in_order(void **state)
{
        mgr_value *items = new_range_of(100), results[100];
        mgr_pool *pool = new_pool();

        (void)state;
        for (size_t chunk = 1; chunk < 100; chunk += 33) {
                assert_error(mgr_pool_map(pool, odd_fails, items, 100, chunk, results), MGR_EVALUE,
                             "1 is odd");
                assert_string_equal(mgr_error_name(), "ValueError");
                for (size_t i = 0; i < 100; ++i)
                        assert_int_equal(results[i].kind, MGR_KIND_NONE);
        }
        free(items);
        end_pool(pool);
}

static void a_function_may_fail_without_a_word(void **state)
{
        mgr_pool *pool = new_pool();

        (void)state;
        assert_int_equal(mgr_pool_apply(pool, fail_silently, NULL, 1), MGR_EKEY);
        end_pool(pool);
}

static void starmap_spreads_tuples(void **state)
{
        mgr_value pair[2], tuples[10], results[10], wrong = mgr_int(1);
        mgr_pool *pool = new_pool();
        mgr_result *result;
        mgr_value list;

        (void)state;
        for (int i = 0; i < 10; ++i) {
                pair[0] = mgr_int(i);
                pair[1] = mgr_int(10 * i);
                assert_done(mgr_compose(MGR_KIND_TUPLE, pair, 2, &tuples[i]));
        }
        assert_done(mgr_pool_starmap(pool, add, tuples, 10, 3, results));
        for (int i = 0; i < 10; ++i)
                assert_int_equal(results[i].as.integer, 11 * i);
        assert_done(mgr_pool_starmap_async(pool, add, tuples, 3, 0, NULL, &result));
        assert_value(mgr_result_get(result, PATIENCE, &list), &list, "[0, 11, 22]");
        mgr_result_free(result);
        assert_int_equal(mgr_pool_starmap(pool, add, &wrong, 1, 0, results), MGR_ETYPE);
        for (int i = 0; i < 10; ++i)
                mgr_value_clear(&tuples[i]);
        end_pool(pool);
}

/* --- results that are waited for later */

static void results_wait_until_they_are_there(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_value seven = mgr_int(7), value;
        mgr_result *result;

        (void)state;
        assert_done(mgr_pool_apply_async_of(pool, mgr_callable_function(wait_at_gate), &seven, 1,
                                            NULL, &result));
        assert_done(mgr_result_ready(result));
        assert_error(mgr_result_successful(result), MGR_EVALUE, "the result is not ready");
        assert_int_equal(mgr_result_get(result, 0, &value), MGR_ETIMEOUT);
        assert_int_equal(mgr_result_wait(result, 0.01), MGR_ETIMEOUT);
        assert_error(mgr_result_get(result, -1, &value), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        open_gate(1);
        assert_done(mgr_result_wait(result, PATIENCE));
        assert_yes(mgr_result_ready(result));
        assert_yes(mgr_result_successful(result));
        assert_value(mgr_result_get(result, 0, &value), &value, "7");
        assert_value(mgr_result_get(result, 0, &value), &value, "7");
        mgr_result_free(result);
        end_pool(pool);
}

static void results_tell_of_failure(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_value three = mgr_int(3), value;
        mgr_result *result;

        (void)state;
        assert_done(mgr_pool_apply_async_of(pool, mgr_callable_function(odd_fails), &three, 1, NULL,
                                            &result));
        assert_done(mgr_result_wait(result, PATIENCE));
        assert_done(mgr_result_successful(result));
        assert_error(mgr_result_get(result, 0, &value), MGR_EVALUE, "3 is odd");
        mgr_result_free(result);
        end_pool(pool);
}

static void results_outlive_their_pool(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_value items[2] = { mgr_int(2), mgr_int(3) }, value;
        mgr_result *done, *lost;

        (void)state;
        assert_done(mgr_pool_map_async(pool, square, items, 2, 0, NULL, &done));
        assert_done(mgr_result_wait(done, PATIENCE));
        assert_done(mgr_pool_map_async(pool, wait_at_gate, items, 2, 0, NULL, &lost));
        mgr_pool_free(pool);
        assert_value(mgr_result_get(done, 0, &value), &value, "[4, 9]");
        assert_error(mgr_result_get(lost, MGR_FOREVER, &value), MGR_ECANCELLED,
                     "Pool was terminated");
        mgr_result_free(done);
        mgr_result_free(lost);
}

static void a_result_that_nobody_wants_is_no_matter(void **state)
{
        mgr_value *items = new_range_of(100);
        mgr_pool *pool = new_pool();
        mgr_result *result;

        (void)state;
        assert_done(mgr_pool_map_async(pool, square, items, 100, 1, NULL, NULL));
        assert_done(mgr_pool_map_async(pool, square, items, 100, 1, NULL, &result));
        mgr_result_free(result);
        free(items);
        end_pool(pool);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(apply_returns_what_the_function_does),
                cmocka_unit_test(macros_take_functions_names_and_c_types),
                cmocka_unit_test(a_name_that_nobody_registered_fails),
                cmocka_unit_test(any_value_goes_and_comes),
                cmocka_unit_test(text_that_is_not_utf8_is_refused),
                cmocka_unit_test(map_keeps_the_order_with_any_chunk_size),
                cmocka_unit_test(map_of_nothing_is_nothing),
                cmocka_unit_test(map_fails_with_the_first_error_in_order),
                cmocka_unit_test(a_function_may_fail_without_a_word),
                cmocka_unit_test(starmap_spreads_tuples),
                cmocka_unit_test(results_wait_until_they_are_there),
                cmocka_unit_test(results_tell_of_failure),
                cmocka_unit_test(results_outlive_their_pool),
                cmocka_unit_test(a_result_that_nobody_wants_is_no_matter),
        };

        return cmocka_run_group_tests(tests, make_gate, close_gate);
}
