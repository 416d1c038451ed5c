/*
 * test_cell - proxies of values: what one process sets, another one gets
 */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

#define N_WORKERS    4
#define N_INCREMENTS 500

static void cells_are_set_and_got(void **state)
{
        mgr_value value;
        mgr_cell *c;
        double real;
        int n;

        (void)state;
        assert_done(mgr_cell_new(m, "i", 5, &c));
        assert_done(mgr_cell_get(c, &n));
        assert_int_equal(n, 5);
        assert_done(mgr_cell_set(c, 2.5));
        assert_done(mgr_cell_get(c, &real));
        assert_true(real == 2.5);
        assert_int_equal(mgr_cell_get(c, &n), MGR_ETYPE);
        assert_value(mgr_cell_str(c, &value), &value, "\"Value('i', 2.5)\"");
        assert_value(mgr_cell_repr(c, &value), &value, "\"Value('i', 2.5)\"");
        assert_done(mgr_cell_swap(c, "text", &real));
        assert_true(real == 2.5);
        assert_yes(mgr_cell_compare_and_swap(c, "text", MGR_NONE));
        assert_done(mgr_cell_compare_and_swap(c, "text", 1));
        assert_value(mgr_cell_get(c, &value), &value, "None");
        assert_error(mgr_cell_incr(c, 1, NULL), MGR_ETYPE,
                     "TypeError: unsupported operand type(s) for +=: 'NoneType' and 'int'");
        assert_int_equal(mgr_cell_get_value(c, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_cell_set_value(c, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_cell_new(m, NULL, 1, &c), MGR_EARGUMENT);
        assert_int_equal(mgr_cell_new_value(m, "i", NULL, &c), MGR_EARGUMENT);
        mgr_cell_free(c);
}

static int count(const mgr_cell *c)
{
        for (int i = 0; i < N_INCREMENTS; ++i)
                if (mgr_cell_incr(c, 1, NULL) < 0)
                        return 1;
        return 0;
}

static void no_increment_is_lost(void **state)
{
        pid_t pids[N_WORKERS];
        long long n;
        mgr_cell *c;
        int status;

        (void)state;
        assert_done(mgr_cell_new(m, "q", 0, &c));
        for (int i = 0; i < N_WORKERS; ++i) {
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(count(c));
                assert_true(pids[i] > 0);
        }
        for (int i = 0; i < N_WORKERS; ++i) {
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        assert_done(mgr_cell_get(c, &n));
        assert_int_equal(n, N_WORKERS * N_INCREMENTS);
        mgr_cell_free(c);
}

static void cells_have_names_and_hold_proxies(void **state)
{
        mgr_cell *c, *same, *found;
        size_t before = count_objects();
        mgr_value value;

        (void)state;
        assert_done(mgr_cell_open(m, "total", "i", 7, &c));
        assert_done(mgr_cell_open(m, "total", "i", 8, &same));
        assert_value(mgr_cell_get(same, &value), &value, "7");
        mgr_cell_free(same);
        assert_done(mgr_cell_new(m, "p", c, &same));
        assert_yes(mgr_manager_unlink(m, "total"));
        mgr_cell_free(c);
        assert_done(mgr_cell_get(same, &value));
        assert_done(mgr_value_cell(&value, &found));
        mgr_value_clear(&value);
        assert_value(mgr_cell_get(found, &value), &value, "7");
        mgr_cell_free(mgr_cell_ref(found));
        mgr_cell_free(found);
        mgr_cell_free(same);
        assert_int_equal(count_objects(), before);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cells_are_set_and_got),
                cmocka_unit_test(no_increment_is_lost),
                cmocka_unit_test(cells_have_names_and_hold_proxies),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
