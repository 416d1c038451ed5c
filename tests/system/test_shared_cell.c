/*
 * test_shared_cell - one item in shared memory
 */
#include "tests/system/client.h"

static void a_cell_is_one_item(void **state)
{
        mgr_shared_cell *c = NULL;
        mgr_value value;
        double real;
        long long n;

        (void)state;
        assert_done(mgr_shared_cell_new('d', 3.14, 0, &c));
        assert_int_equal(mgr_shared_cell_typecode(c), 'd');
        assert_true(*(double *)mgr_shared_cell_data(c) == 3.14);
        assert_done(mgr_shared_cell_incr(c, 1, &real));
        assert_true(real == 3.14 + 1);
        assert_done(mgr_shared_cell_set(c, 5));
        assert_value(mgr_shared_cell_get(c, &value), &value, "5.0");
        assert_done(mgr_shared_cell_set_double(c, 0.5));
        assert_yes(mgr_shared_cell_compare_and_swap(c, 0.5, 2));
        assert_done(mgr_shared_cell_compare_and_swap(c, 0.5, 3));
        assert_done(mgr_shared_cell_get_double(c, &real));
        assert_true(real == 2);
        assert_int_equal(mgr_shared_cell_compare_and_swap(c, 2, "x"), MGR_ETYPE);
        mgr_shared_cell_free(c);

        assert_done(mgr_shared_cell_new('h', MGR_NONE, 0, &c));
        assert_done(mgr_shared_cell_get_int(c, &n));
        assert_int_equal(n, 0);
        assert_done(mgr_shared_cell_set_int(c, 5));
        assert_yes(mgr_shared_cell_compare_and_swap(c, 5.0, 6)); /* Python's == */
        assert_done(mgr_shared_cell_lock(c, MGR_FOREVER));
        assert_done(mgr_shared_cell_get(c, &n));
        assert_int_equal(n, 6);
        assert_done(mgr_shared_cell_unlock(c));
        assert_int_equal(mgr_shared_cell_set(c, 40000), MGR_EOVERFLOW);
        mgr_shared_cell_free(c);

        c = NULL;
        assert_int_equal(mgr_shared_cell_new('h', 40000, 0, &c), MGR_EOVERFLOW);
        assert_int_equal(mgr_shared_cell_new('x', 1, 0, &c), MGR_EVALUE);
        assert_int_equal(mgr_shared_cell_new('h', 1, 4, &c), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_cell_new('h', 1, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_cell_new_value('h', NULL, 0, &c), MGR_EARGUMENT);
        assert_null(c);
        mgr_shared_cell_free(NULL);
        assert_int_equal(mgr_shared_cell_typecode(NULL), 0);
        assert_null(mgr_shared_cell_data(NULL));
        assert_int_equal(mgr_shared_cell_get(NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_cell_set(NULL, 1), MGR_EARGUMENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_cell_is_one_item),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
