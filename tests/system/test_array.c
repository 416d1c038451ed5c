/*
 * test_array - proxies of arrays: numbers between C and the daemon
 */
#include <limits.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

static mgr_array *new_ints(char typecode, const long long *items, size_t n)
{
        mgr_array *a;

        assert_done(mgr_array_new(m, typecode, items, n, &a));
        return a;
}

static void assert_array(const mgr_array *a, const char *text)
{
        mgr_value str;

        assert_done(mgr_array_str(a, &str));
        assert_string_equal(mgr_cstr(&str), text);
        mgr_value_clear(&str);
}

static void arrays_are_made_of_numbers(void **state)
{
        static const long long ints[] = { 1, -2, 300 };
        static const double doubles[] = { 0.5, -INFINITY };
        static const int16_t shorts[] = { -1, 256 };
        mgr_value content = mgr_bytes(shorts, sizeof(shorts)), list;
        mgr_array *a;

        (void)state;
        a = new_ints('i', ints, 3);
        assert_array(a, "array('i', [1, -2, 300])");
        mgr_array_free(a);
        a = new_ints('d', ints, 2);
        assert_array(a, "array('d', [1.0, -2.0])");
        mgr_array_free(a);
        assert_done(mgr_array_new(m, 'f', doubles, 2, &a));
        assert_array(a, "array('f', [0.5, -inf])");
        mgr_array_free(a);
        assert_done(mgr_array_new_value(m, 'h', &content, &a));
        assert_array(a, "array('h', [-1, 256])");
        mgr_array_free(a);
        content = mgr_str("a\xc3\xa9");
        assert_done(mgr_array_new_value(m, 'u', &content, &a));
        assert_array(a, "array('u', 'a\xc3\xa9')");
        mgr_array_free(a);
        content = mgr_int(1);
        assert_done(mgr_compose(MGR_KIND_LIST, &content, 1, &list));
        assert_done(mgr_array_new_value(m, 'Q', &list, &a));
        mgr_value_clear(&list);
        assert_array(a, "array('Q', [1])");
        mgr_array_free(a);

        assert_error(mgr_array_new(m, 'b', ints, 3, &a), MGR_EOVERFLOW,
                     "OverflowError: signed char is greater than maximum");
        assert_error(mgr_array_new(m, 'i', doubles, 2, &a), MGR_ETYPE,
                     "TypeError: 'float' object cannot be interpreted as an integer");
        assert_error(mgr_array_new(m, 'x', ints, 3, &a), MGR_EVALUE,
                     "ValueError: bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
        assert_int_equal(mgr_array_new_ints(m, 'i', NULL, 3, &a), MGR_EARGUMENT);
        assert_int_equal(mgr_array_new_ints(m, 'i', ints, 3, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_array_new_value(m, 'i', NULL, &a), MGR_EARGUMENT);
}

static void items_are_read_and_written(void **state)
{
        static const long long ints[] = { 1, 2, 3 };
        mgr_array *a = new_ints('B', ints, 3);
        long long back[4], n;
        mgr_value value;
        double real;
        size_t length;

        (void)state;
        assert_done(mgr_array_set(a, -1, 255));
        assert_done(mgr_array_get(a, 2, &n));
        assert_int_equal(n, 255);
        assert_done(mgr_array_get(a, 0, &real));
        assert_true(real == 1);
        assert_error(mgr_array_set(a, 0, 256), MGR_EOVERFLOW,
                     "OverflowError: unsigned byte integer is greater than maximum");
        assert_error(mgr_array_set(a, 0, 1.5), MGR_ETYPE,
                     "TypeError: 'float' object cannot be interpreted as an integer");
        assert_error(mgr_array_get(a, 3, &n), MGR_EINDEX, "IndexError: array index out of range");
        assert_done(mgr_array_len(a, &length));
        assert_int_equal(length, 3);
        assert_done(mgr_array_incr(a, 0, 9, &n));
        assert_int_equal(n, 10);
        assert_int_equal(mgr_array_incr(a, 2, 1, NULL), MGR_EOVERFLOW);
        assert_yes(mgr_array_compare_and_swap(a, 0, 10, 11));
        assert_done(mgr_array_compare_and_swap(a, 0, 10, 12));
        assert_done(mgr_array_read(a, 1, back, 4, &length));
        assert_int_equal(length, 2);
        assert_int_equal(back[0], 2);
        assert_int_equal(back[1], 255);
        assert_done(mgr_array_read(a, 3, back, 4, &length));
        assert_int_equal(length, 0);
        assert_done(mgr_array_read(a, 0, &real, 1, NULL));
        assert_true(real == 11);
        assert_int_equal(mgr_array_read_ints(a, SIZE_MAX, back, 4, &length), MGR_EARGUMENT);
        assert_int_equal(mgr_array_get_value(a, 0, NULL), MGR_EARGUMENT);
        assert_value(mgr_array_get(a, 0, &value), &value, "11");
        mgr_array_free(a);
}

static void slices_are_array_values(void **state)
{
        static const long long ints[] = { 0, 1, 2, 3, 4 };
        static const int32_t more[] = { 7, 8, 9 };
        mgr_array *a = new_ints('i', ints, 5), *other;
        mgr_value slice;
        long long back[5];
        size_t n;

        (void)state;
        assert_done(mgr_array_get_slice(a, mgr_slice_by(MGR_OMIT, MGR_OMIT, -2), &slice));
        assert_int_equal(mgr_value_typecode(&slice), 'i');
        assert_int_equal(mgr_value_len(&slice), 3);
        assert_done(mgr_value_read_ints(&slice, 1, back, 5, &n));
        assert_int_equal(n, 2);
        assert_int_equal(back[0], 2);
        assert_repr(&slice, "array('i', [4, 2, 0])");

        assert_done(mgr_compose_array('i', more, 3, &slice));
        assert_done(mgr_array_set_slice(a, mgr_slice_of(0, 1), &slice));
        assert_array(a, "array('i', [7, 8, 9, 1, 2, 3, 4])");
        assert_error(mgr_array_set_slice(a, mgr_slice_by(0, 4, 2), &slice), MGR_EVALUE,
                     "ValueError: attempt to assign array of size 3 to extended slice of size 2");
        mgr_value_clear(&slice);
        assert_done(mgr_compose_array('i', NULL, 0, &slice));
        assert_done(mgr_array_set_slice(a, mgr_slice_of(3, MGR_OMIT), &slice));
        mgr_value_clear(&slice);
        other = new_ints('i', ints, 2);
        assert_done(mgr_array_set_slice(a, mgr_slice_of(MGR_OMIT, 1), other));
        assert_array(a, "array('i', [0, 1, 8, 9])");
        mgr_array_free(other);
        assert_error(mgr_array_set_slice(a, mgr_slice_of(0, 1), 5), MGR_ETYPE,
                     "TypeError: can only assign array (not \"int\") to array slice");
        mgr_array_free(a);
}

static void array_values_are_converted_or_refused(void **state)
{
        static const uint64_t wide[] = { 1, UINT64_MAX };
        static const uint32_t text[] = { 'a', 0x80e1 };
        static const double reals[] = { 1.5 };
        mgr_value array;
        long long ints[2] = { 5, 5 };
        double doubles[2];
        size_t n = 77;

        (void)state;
        assert_done(mgr_compose_array('Q', wide, 2, &array));
        assert_int_equal(mgr_value_read_ints(&array, 0, ints, 2, &n), MGR_EOVERFLOW);
        assert_int_equal(ints[0], 5);
        assert_int_equal(n, 77);
        assert_done(mgr_value_read_ints(&array, 0, ints, 1, NULL));
        assert_done(mgr_value_read_doubles(&array, 0, doubles, 2, &n));
        assert_true(doubles[1] == 0x1p64);
        mgr_value_clear(&array);
        assert_done(mgr_compose_array('d', reals, 1, &array));
        assert_int_equal(mgr_value_read_ints(&array, 0, ints, 2, &n), MGR_ETYPE);
        mgr_value_clear(&array);
        assert_done(mgr_compose_array('u', text, 2, &array));
        assert_error(mgr_value_read_doubles(&array, 0, doubles, 2, &n), MGR_ETYPE,
                     "a character is no number");
        assert_repr(&array, "array('u', 'a\xe8\x83\xa1')");

        array = mgr_int(1);
        assert_int_equal(mgr_value_typecode(&array), 0);
        assert_error(mgr_value_read_ints(&array, 0, ints, 2, &n), MGR_ETYPE,
                     "an array is wanted, not 'int'");
        assert_error(mgr_compose_array('x', wide, 1, &array), MGR_EVALUE,
                     "there is no typecode 'x'");
        assert_int_equal(mgr_compose_array('i', NULL, 1, &array), MGR_EARGUMENT);
}

/* Each worker owns every fourth item; one is everybody's. */
static int work(const mgr_array *a, int worker)
{
        for (int i = 0; i < 200; ++i) {
                double item;

                if (mgr_array_get(a, worker, &item) < 0 ||
                    mgr_array_set(a, worker, item + 0.5) < 0 || mgr_array_incr(a, -1, 1, NULL) < 0)
                        return 1;
        }
        return 0;
}

static void workers_share_an_array(void **state)
{
        static const double zeros[5];
        pid_t pids[4];
        mgr_array *a;
        int status;

        (void)state;
        assert_done(mgr_array_new(m, 'd', zeros, 5, &a));
        for (int i = 0; i < 4; ++i) {
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(work(a, i));
                assert_true(pids[i] > 0);
        }
        for (int i = 0; i < 4; ++i) {
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        assert_array(a, "array('d', [100.0, 100.0, 100.0, 100.0, 800.0])");
        mgr_array_free(a);
}

static void big_arrays_travel(void **state)
{
        size_t n = 1000000, before = count_objects(), n_read;
        long long *ints = calloc(n, sizeof(*ints));
        uint64_t start = 999998;
        mgr_value value, token;
        mgr_array *a, *same;
        mgr_list *l;

        (void)state;
        assert_non_null(ints);
        for (size_t i = 0; i < n; ++i)
                ints[i] = (long long)i;
        a = new_ints('i', ints, n);
        memset(ints, 0, n * sizeof(*ints));
        assert_done(mgr_array_read(a, 0, ints, n, &n_read));
        assert_int_equal(n_read, n);
        for (size_t i = 0; i < n; ++i)
                assert_int_equal(ints[i], i);
        assert_done(mgr_array_page(a, &start, 5, &value));
        assert_repr(&value, "[999998, 999999]");
        assert_int_equal(start, n);

        /* it is an iterable where one is wanted */
        token = mgr_from_array(a);
        assert_done(mgr_list_new_value(m, &token, &l));
        assert_done(mgr_list_len(l, &n_read));
        assert_int_equal(n_read, n);
        assert_done(mgr_list_clear(l));
        assert_done(mgr_list_append(l, a));
        mgr_array_free(a);
        assert_done(mgr_list_pop(l, 0, &value));
        assert_done(mgr_value_array(&value, &same));
        mgr_value_clear(&value);
        assert_done(mgr_array_len(same, &n_read));
        assert_int_equal(n_read, n);
        mgr_array_free(mgr_array_ref(same));
        mgr_array_free(same);
        mgr_list_free(l);
        assert_int_equal(count_objects(), before);
        free(ints);
}

static void arrays_have_names(void **state)
{
        static const char zeros[8];
        const mgr_value content = mgr_bytes(zeros, sizeof(zeros));
        mgr_array *a, *same;

        (void)state;
        assert_done(mgr_array_open_value(m, "counters", 'i', &content, &a));
        assert_done(mgr_array_set(a, 0, 5));
        assert_done(mgr_array_open_value(m, "counters", 'i', NULL, &same));
        assert_array(same, "array('i', [5, 0])");
        assert_yes(mgr_manager_unlink(m, "counters"));
        mgr_array_free(same);
        mgr_array_free(a);
        assert_int_equal(mgr_array_open_value(m, NULL, 'i', NULL, &a), MGR_EARGUMENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(arrays_are_made_of_numbers),
                cmocka_unit_test(items_are_read_and_written),
                cmocka_unit_test(slices_are_array_values),
                cmocka_unit_test(array_values_are_converted_or_refused),
                cmocka_unit_test(workers_share_an_array),
                cmocka_unit_test(big_arrays_travel),
                cmocka_unit_test(arrays_have_names),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
