/*
 * test_batch - many calls in one round trip
 */
#include <unistd.h>

#include "tests/system/client.h"

static void results_come_in_order_each_with_its_own_status(void **state)
{
        mgr_dict *d = new_dict();
        mgr_list *l = new_range(0);
        mgr_value args[2], value;
        mgr_batch *b;

        (void)state;
        assert_done(mgr_batch_new(m, &b));
        assert_done(mgr_batch_dict_set(b, d, "a", 1));
        assert_done(mgr_batch_dict_get(b, d, "a"));
        assert_done(mgr_batch_dict_get(b, d, "missing"));
        assert_done(mgr_batch_dict_incr(b, d, "a", 41));
        assert_done(mgr_batch_list_append(b, l, "text"));
        assert_done(mgr_batch_list_append(b, l, "more"));
        assert_done(mgr_batch_list_get(b, l, 0));
        args[0] = mgr_str("z");
        args[1] = mgr_float(0.5);
        assert_done(mgr_batch_call(b, mgr_dict_proxy(d), "setdefault", args, 2));
        assert_done(mgr_batch_call(b, mgr_dict_proxy(d), "items", NULL, 0));
        assert_int_equal(mgr_batch_len(b), 9);
        assert_int_equal(mgr_batch_run(b), 1);
        assert_int_equal(mgr_batch_len(b), 9);

        assert_done(mgr_batch_result(b, 0, &value));
        assert_int_equal(value.kind, MGR_KIND_NONE);
        assert_done(mgr_batch_result(b, 1, &value));
        assert_int_equal(value.as.integer, 1);
        assert_error(mgr_batch_result(b, 2, &value), MGR_EKEY, "KeyError: 'missing'");
        assert_done(mgr_batch_result(b, 3, &value));
        assert_int_equal(value.as.integer, 42);
        assert_done(mgr_batch_result(b, 6, &value));
        assert_string_equal(value.as.text.data, "text");
        assert_done(mgr_batch_result(b, 7, &value));
        assert_true(value.as.real == 0.5);
        assert_done(mgr_batch_result(b, 8, &value));
        assert_repr(&value, "[('a', 42), ('z', 0.5)]");
        assert_error(mgr_batch_result(b, 9, &value), MGR_EINDEX, "the batch has no result 9");

        /* the first call that is added begins a new one */
        assert_done(mgr_batch_dict_get(b, d, "z"));
        assert_int_equal(mgr_batch_len(b), 1);
        assert_error(mgr_batch_result(b, 0, &value), MGR_EINDEX, "the batch has no result 0");
        assert_done(mgr_batch_run(b));
        assert_done(mgr_batch_result(b, 0, &value));
        assert_true(value.as.real == 0.5);
        mgr_batch_free(b);
        mgr_list_free(l);
        mgr_dict_free(d);
}

static void text_of_results_ends_with_a_zero(void **state)
{
        size_t size = (size_t)17 << 20;
        char *big = calloc(1, size);
        mgr_dict *d = new_dict();
        mgr_value value;
        mgr_batch *b;

        (void)state;
        assert_non_null(big);
        assert_done(mgr_dict_set(d, "text", "0123456789"));
        assert_done(mgr_batch_new(m, &b));
        for (int i = 0; i < 100; ++i)
                assert_done(mgr_batch_dict_get(b, d, "text"));
        assert_done(mgr_batch_run(b));
        /* in any order, more than once */
        for (int i = 199; i >= 0; --i) {
                assert_done(mgr_batch_result(b, (size_t)i % 100, &value));
                assert_string_equal(value.as.text.data, "0123456789");
                assert_int_equal(value.as.text.size, 10);
        }

        /* behind it lies the length of the next reply, whose first byte is not zero */
        assert_done(mgr_dict_set(d, "big", mgr_bytes(big, size)));
        assert_done(mgr_batch_dict_get(b, d, "text"));
        assert_done(mgr_batch_dict_get(b, d, "big"));
        assert_done(mgr_batch_run(b));
        assert_done(mgr_batch_result(b, 0, &value));
        assert_string_equal(value.as.text.data, "0123456789");
        assert_done(mgr_batch_result(b, 1, &value));
        assert_int_equal(value.as.text.size, size);
        mgr_batch_free(b);
        free(big);
        mgr_dict_free(d);
}

/*
 * Both socket buffers and the daemon's 8 MiB of replies are full long before the last call is
 * sent.
 */
static void a_huge_batch_does_not_deadlock(void **state)
{
        enum { SIZE = 1000 };
        const int n = is_slow() ? 20000 : 200000;
        mgr_dict *d = new_dict();
        char text[SIZE + 1];
        mgr_value value;
        mgr_batch *b;

        (void)state;
        memset(text, 'x', SIZE);
        text[SIZE] = '\0';
        assert_done(mgr_dict_set(d, "text", text));
        assert_done(mgr_batch_new(m, &b));
        for (int i = 0; i < n; ++i)
                assert_done(mgr_batch_dict_get(b, d, "text"));
        assert_done(mgr_batch_run(b));
        for (int i = 0; i < n; ++i) {
                assert_done(mgr_batch_result(b, (size_t)i, &value));
                assert_int_equal(value.as.text.size, SIZE);
        }
        assert_string_equal(value.as.text.data, text);
        mgr_batch_free(b);
        mgr_dict_free(d);
}

static void a_batch_keeps_what_it_needs(void **state)
{
        mgr_dict *outer = new_dict(), *inner = new_dict();
        mgr_value proxies[1], list, value;
        size_t before = count_objects();
        mgr_batch *b;

        (void)state;
        assert_done(mgr_batch_new(m, &b));
        assert_done(mgr_batch_dict_set(b, inner, "k", 1));
        assert_done(mgr_batch_dict_set(b, outer, "inner", inner));
        proxies[0] = mgr_from_dict(inner);
        assert_done(mgr_compose(MGR_KIND_LIST, proxies, 1, &list));
        assert_done(mgr_batch_dict_set(b, outer, "list", &list));
        mgr_value_clear(&list);
        mgr_dict_free(inner);
        assert_int_equal(count_objects(), before);
        assert_done(mgr_batch_run(b));
        mgr_batch_free(b);

        assert_done(mgr_dict_get(outer, "inner", &value));
        assert_done(mgr_value_dict(&value, &inner));
        mgr_value_clear(&value);
        assert_dict(inner, "{'k': 1}");
        mgr_dict_free(inner);
        mgr_dict_free(outer);
        assert_int_equal(count_objects(), before - 2);
}

static void results_that_nobody_reads_are_given_back(void **state)
{
        mgr_dict *outer = new_dict(), *inner = new_dict(), *found;
        size_t before = count_objects();
        mgr_value value;
        mgr_batch *b;

        (void)state;
        assert_done(mgr_dict_set(outer, "inner", inner));
        mgr_dict_free(inner);
        assert_done(mgr_batch_new(m, &b));
        for (int i = 0; i < 100; ++i)
                assert_done(mgr_batch_dict_get(b, outer, "inner"));
        assert_done(mgr_batch_run(b));
        for (size_t i = 0; i < 10; ++i) {
                assert_done(mgr_batch_result(b, i % 5, &value));
                assert_done(mgr_value_dict(&value, &found));
                mgr_dict_free(found);
        }
        mgr_batch_clear(b);
        assert_done(mgr_dict_clear(outer));
        assert_int_equal(count_objects(), before - 1);
        mgr_batch_free(b);
        mgr_dict_free(outer);
}

static void wrong_calls_are_refused_when_they_are_added(void **state)
{
        mgr_manager *other;
        mgr_dict *d = new_dict(), *foreign;
        mgr_batch *b;

        (void)state;
        assert_done(new_manager(&other, NULL));
        assert_done(mgr_dict_new(other, &foreign));
        assert_done(mgr_batch_new(m, &b));
        assert_error(mgr_batch_dict_get(b, foreign, "x"), MGR_EARGUMENT,
                     "the proxy is of another manager");
        assert_error(mgr_batch_dict_set_value(b, d, NULL, NULL), MGR_EARGUMENT,
                     "an argument is NULL");
        assert_int_equal(mgr_batch_len(b), 0);
        assert_done(mgr_batch_run(b));
        mgr_batch_free(b);
        mgr_dict_free(foreign);
        mgr_manager_free(other);
        mgr_dict_free(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(results_come_in_order_each_with_its_own_status),
                cmocka_unit_test(text_of_results_ends_with_a_zero),
                cmocka_unit_test(a_huge_batch_does_not_deadlock),
                cmocka_unit_test(a_batch_keeps_what_it_needs),
                cmocka_unit_test(results_that_nobody_reads_are_given_back),
                cmocka_unit_test(wrong_calls_are_refused_when_they_are_added),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
