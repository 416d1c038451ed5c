/*
 * test_shared - arrays in shared memory: what goes in, what comes out, and what is refused
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <wchar.h>

#include "tests/system/workers.h"

#define PYTHON "/usr/bin/python3"

static mgr_shared_array *new_ints(char typecode, const long long *items, size_t n)
{
        mgr_shared_array *a;

        assert_done(mgr_shared_array_new(typecode, items, n, 0, &a));
        return a;
}

static void assert_items(const mgr_shared_array *a, const char *text)
{
        mgr_value items;

        assert_value(mgr_shared_array_get_slice(a, mgr_slice_of(MGR_OMIT, MGR_OMIT), &items),
                     &items, text);
}

static void assert_made_of(char typecode, mgr_value content, const char *text)
{
        mgr_shared_array *a;

        assert_done(mgr_shared_array_new_value(typecode, &content, 0, &a));
        mgr_value_clear(&content);
        assert_items(a, text);
        mgr_shared_array_free(a);
}

static mgr_value list_of(const mgr_value *items, size_t n)
{
        mgr_value list;

        assert_done(mgr_compose(MGR_KIND_LIST, items, n, &list));
        return list;
}

static void arrays_are_made_of_many_things(void **state)
{
        static const long long ints[] = { 1, -2, 300 };
        static const double doubles[] = { 0.5, -INFINITY };
        static const uint32_t text[] = { 'a', 0x80e1 };
        const mgr_value numbers[] = { mgr_int(1), mgr_bool(true), mgr_uint(UINT64_MAX) };
        mgr_value array;
        mgr_shared_array *a;

        (void)state;
        a = new_ints('i', ints, 3);
        assert_items(a, "[1, -2, 300]");
        assert_int_equal(mgr_shared_array_len(a), 3);
        assert_int_equal(mgr_shared_array_typecode(a), 'i');
        assert_int_equal(mgr_shared_array_itemsize(a), sizeof(int));
        assert_int_equal(((int *)mgr_shared_array_data(a))[2], 300);
        mgr_shared_array_free(a);
        a = new_ints('d', ints, 2);
        assert_items(a, "[1.0, -2.0]");
        mgr_shared_array_free(a);
        assert_done(mgr_shared_array_new('f', doubles, 2, 0, &a));
        assert_items(a, "[0.5, -inf]");
        mgr_shared_array_free(a);
        assert_done(mgr_shared_array_new_zeros('h', 3, 0, &a));
        assert_items(a, "[0, 0, 0]");
        mgr_shared_array_free(a);

        assert_made_of('i', mgr_int(2), "[0, 0]");
        assert_made_of('i', mgr_int(0), "[]");
        assert_made_of('c', mgr_int(0), "b''");
        assert_made_of('u', mgr_int(0), "''");
        assert_made_of('Q', list_of(numbers, 3), "[1, 1, 18446744073709551615]");
        assert_made_of('d', list_of(numbers, 2), "[1.0, 1.0]");
        assert_made_of('c', mgr_bytes("a\0b", 3), "b'a\\x00b'");
        assert_made_of('u', mgr_str("a\xe8\x83\xa1"), "'a\xe8\x83\xa1'");
        assert_made_of('u', mgr_str(""), "''");
        assert_done(mgr_compose_array('u', text, 2, &array));
        assert_made_of('u', array, "'a\xe8\x83\xa1'");
        assert_done(mgr_compose_array('d', doubles, 2, &array));
        assert_made_of('f', array, "[0.5, -inf]");
        assert_done(mgr_compose_array('d', NULL, 0, &array));
        assert_made_of('f', array, "[]");
}

static void what_makes_no_array_is_refused(void **state)
{
        static const long long ints[] = { 1, 128 };
        static const double doubles[] = { 1.5 };
        const mgr_value minus = mgr_int(-1), text = mgr_str("x"), huge = mgr_uint(UINT64_MAX);
        const mgr_value none = mgr_none();
        mgr_shared_array *a = NULL;

        (void)state;
        assert_error(mgr_shared_array_new('x', ints, 2, 0, &a), MGR_EVALUE,
                     "there is no typecode 'x'");
        assert_error(mgr_shared_array_new('x', doubles, 1, 0, &a), MGR_EVALUE,
                     "there is no typecode 'x'");
        assert_int_equal(mgr_shared_array_new_zeros('-', 1, 0, &a), MGR_EVALUE);
        assert_int_equal(mgr_shared_array_new_value('x', &text, 0, &a), MGR_EVALUE);
        assert_error(mgr_shared_array_new('b', ints, 2, 0, &a), MGR_EOVERFLOW,
                     "128 does not fit an item of typecode 'b'");
        assert_error(mgr_shared_array_new('i', doubles, 1, 0, &a), MGR_ETYPE,
                     "'float' object cannot be interpreted as an integer");
        assert_error(mgr_shared_array_new_value('i', &minus, 0, &a), MGR_EVALUE,
                     "Array length must be >= 0, not -1");
        assert_int_equal(mgr_shared_array_new_value('i', &huge, 0, &a), MGR_EOVERFLOW);
        assert_error(mgr_shared_array_new_value('i', &text, 0, &a), MGR_ETYPE,
                     "items of typecode 'i' cannot be taken from 'str'");
        assert_int_equal(mgr_shared_array_new_value('i', &none, 0, &a), MGR_ETYPE);
        assert_int_equal(mgr_shared_array_new_zeros('q', SIZE_MAX / 4, 0, &a), MGR_ENOMEM);
        assert_int_equal(mgr_shared_array_new_zeros('q', (size_t)1 << 58, 0, &a), MGR_ENOMEM);
        assert_int_equal(mgr_shared_array_new_zeros('q', 1, 2, &a), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_new_zeros('q', 1, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_new_value('i', NULL, 0, &a), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_new_ints('i', NULL, 1, 0, &a), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_new_doubles('d', NULL, 1, 0, &a), MGR_EARGUMENT);
        assert_null(a);

        mgr_shared_array_free(NULL);
        assert_int_equal(mgr_shared_array_len(NULL), 0);
        assert_int_equal(mgr_shared_array_typecode(NULL), 0);
        assert_int_equal(mgr_shared_array_itemsize(NULL), 0);
        assert_null(mgr_shared_array_data(NULL));
        assert_int_equal(mgr_shared_array_set(NULL, 0, 1), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_get(NULL, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_lock(NULL, 0), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_unlock(NULL), MGR_EARGUMENT);
}

/* Each integer typecode with what it can just hold. */
static void integers_of_every_typecode_have_their_bounds(void **state)
{
        static const struct {
                char typecode;
                size_t size;
                long long min;
                unsigned long long max;
        } rows[] = {
                { 'b', 1, SCHAR_MIN, SCHAR_MAX }, { 'B', 1, 0, UCHAR_MAX },
                { 'h', 2, SHRT_MIN, SHRT_MAX },   { 'H', 2, 0, USHRT_MAX },
                { 'i', 4, INT_MIN, INT_MAX },     { 'I', 4, 0, UINT_MAX },
                { 'l', 8, LONG_MIN, LONG_MAX },   { 'L', 8, 0, ULONG_MAX },
                { 'q', 8, LLONG_MIN, LLONG_MAX }, { 'Q', 8, 0, ULLONG_MAX },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                const mgr_value max = mgr_uint(rows[i].max), beyond = mgr_uint(rows[i].max + 1);
                mgr_shared_array *a;
                mgr_value value;
                long long n;

                assert_done(mgr_shared_array_new_zeros(rows[i].typecode, 3, 0, &a));
                assert_int_equal(mgr_shared_array_itemsize(a), rows[i].size);
                assert_done(mgr_shared_array_set(a, 1, &max));
                assert_done(mgr_shared_array_get(a, 1, &value));
                assert_int_equal(mgr_value_equal(&value, &max), 1);
                if (rows[i].max < ULLONG_MAX)
                        assert_int_equal(mgr_shared_array_set(a, 1, &beyond), MGR_EOVERFLOW);
                assert_int_equal(mgr_shared_array_incr(a, 1, 1, NULL), MGR_EOVERFLOW);
                assert_done(mgr_shared_array_incr(a, 1, 0, &value));
                assert_int_equal(mgr_value_equal(&value, &max), 1);
                n = -1;
                if (rows[i].max <= LLONG_MAX) {
                        assert_done(mgr_shared_array_get_int(a, 1, &n));
                        assert_int_equal(n, rows[i].max);
                } else {
                        assert_int_equal(mgr_shared_array_get_int(a, 1, &n), MGR_EOVERFLOW);
                }

                assert_done(mgr_shared_array_set_int(a, 1, rows[i].min));
                assert_done(mgr_shared_array_get_int(a, 1, &n));
                assert_int_equal(n, rows[i].min);
                if (rows[i].min > LLONG_MIN)
                        assert_int_equal(mgr_shared_array_set_int(a, 1, rows[i].min - 1),
                                         MGR_EOVERFLOW);
                assert_int_equal(mgr_shared_array_incr(a, 1, -1, NULL), MGR_EOVERFLOW);
                /* from one end to the other in one step */
                assert_done(mgr_shared_array_set(a, 1, 0));
                assert_done(mgr_shared_array_incr(a, 1, &max, &value));
                assert_int_equal(mgr_value_equal(&value, &max), 1);

                assert_error(mgr_shared_array_set(a, 1, 0.0), MGR_ETYPE,
                             "'float' object cannot be interpreted as an integer");
                assert_error(mgr_shared_array_set(a, 1, "1"), MGR_ETYPE,
                             "'str' object cannot be interpreted as an integer");
                assert_error(mgr_shared_array_incr(a, 1, 1.0, NULL), MGR_ETYPE,
                             "'float' object cannot be interpreted as an integer");
                /* neighbours were left alone by all of that */
                assert_done(mgr_shared_array_get_int(a, 0, &n));
                assert_int_equal(n, 0);
                assert_done(mgr_shared_array_get_int(a, 2, &n));
                assert_int_equal(n, 0);
                mgr_shared_array_free(a);
        }
}

static void floats_are_kept_as_c_keeps_them(void **state)
{
        mgr_shared_array *f, *d;
        long long n;
        double real;

        (void)state;
        assert_done(mgr_shared_array_new_zeros('f', 2, 0, &f));
        assert_done(mgr_shared_array_new_zeros('d', 2, 0, &d));
        assert_done(mgr_shared_array_set(f, 0, 0.1));
        assert_done(mgr_shared_array_get(f, 0, &real));
        assert_true(real == (double)0.1f);
        assert_done(mgr_shared_array_incr(f, 0, 1, &real));
        assert_true(real == (double)(float)(1 + (double)0.1f));
        assert_done(mgr_shared_array_set_double(f, 1, 1e300));
        assert_items(f, "[1.100000023841858, inf]");
        assert_done(mgr_shared_array_set_double(d, 0, DBL_MAX));
        assert_done(mgr_shared_array_get_double(d, 0, &real));
        assert_true(real == DBL_MAX);
        assert_done(mgr_shared_array_set(d, 1, MGR_TRUE));
        assert_done(mgr_shared_array_set_int(d, 0, -3));
        assert_done(mgr_shared_array_incr(d, 0, 0.5, NULL));
        assert_items(d, "[-2.5, 1.0]");
        assert_done(mgr_shared_array_set(d, 0, UINT64_MAX));
        assert_done(mgr_shared_array_get_double(d, 0, &real));
        assert_true(real == 0x1p64);
        assert_error(mgr_shared_array_get_int(d, 0, &n), MGR_ETYPE, "'float' is no int");
        assert_error(mgr_shared_array_set(d, 0, "1"), MGR_ETYPE, "must be real number, not str");
        assert_int_equal(mgr_shared_array_incr(d, 0, "1", NULL), MGR_ETYPE);
        mgr_shared_array_free(f);
        mgr_shared_array_free(d);
}

static void characters_are_text_of_length_1(void **state)
{
        const mgr_value x = mgr_bytes("x", 1), two = mgr_bytes("xy", 2);
        mgr_value content = mgr_bytes("abc", 3), item;
        mgr_shared_array *c, *u;
        double real;

        (void)state;
        assert_done(mgr_shared_array_new_value('c', &content, 0, &c));
        assert_value(mgr_shared_array_get(c, -1, &item), &item, "b'c'");
        assert_done(mgr_shared_array_set(c, 0, &x));
        assert_done(mgr_shared_array_set(c, 1, 255));
        assert_items(c, "b'x\\xffc'");
        assert_error(mgr_shared_array_set(c, 0, &two), MGR_ETYPE,
                     "one character bytes, bytearray or integer expected");
        assert_int_equal(mgr_shared_array_set(c, 0, 256), MGR_ETYPE);
        assert_int_equal(mgr_shared_array_set(c, 0, -1), MGR_ETYPE);
        assert_int_equal(mgr_shared_array_set(c, 0, "x"), MGR_ETYPE);
        assert_int_equal(mgr_shared_array_set(c, 0, 1.0), MGR_ETYPE);
        assert_error(mgr_shared_array_incr(c, 0, 1, NULL), MGR_ETYPE, "a character is no number");
        assert_int_equal(mgr_shared_array_get_double(c, 0, &real), MGR_ETYPE);
        assert_yes(mgr_shared_array_compare_and_swap(c, 0, &x, 'y'));
        assert_done(mgr_shared_array_compare_and_swap(c, 0, &x, 'z'));
        assert_items(c, "b'y\\xffc'");
        mgr_shared_array_free(c);

        content = mgr_str("a\xe8\x83\xa1");
        assert_done(mgr_shared_array_new_value('u', &content, 0, &u));
        assert_int_equal(mgr_shared_array_len(u), 2);
        assert_value(mgr_shared_array_get(u, 1, &item), &item, "'\xe8\x83\xa1'");
        assert_done(mgr_shared_array_set(u, 0, "\xf0\x9f\x98\x80"));
        assert_int_equal(*(wchar_t *)mgr_shared_array_data(u), 0x1f600);
        assert_error(mgr_shared_array_set(u, 0, "ab"), MGR_ETYPE,
                     "one character unicode string expected");
        assert_int_equal(mgr_shared_array_set(u, 0, ""), MGR_ETYPE);
        assert_error(mgr_shared_array_set(u, 0, 1), MGR_ETYPE,
                     "unicode string expected instead of int instance");
        assert_int_equal(mgr_shared_array_set(u, 0, "\xff"), MGR_EUNICODE);
        *(wchar_t *)mgr_shared_array_data(u) = 0x110000;
        assert_error(mgr_shared_array_get(u, 0, &item), MGR_EVALUE,
                     "character U+110000 is not in range [U+0000; U+10ffff]");
        assert_int_equal(mgr_shared_array_get_slice(u, mgr_slice_of(0, MGR_OMIT), &item),
                         MGR_EVALUE);
        mgr_shared_array_free(u);
}

static void an_index_is_of_the_array(void **state)
{
        static const long long ints[] = { 1, 2, 3 };
        mgr_shared_array *a = new_ints('H', ints, 3);
        int n;

        (void)state;
        assert_done(mgr_shared_array_get(a, -1, &n));
        assert_int_equal(n, 3);
        assert_done(mgr_shared_array_set(a, -3, 7));
        assert_done(mgr_shared_array_get(a, 0, &n));
        assert_int_equal(n, 7);
        assert_error(mgr_shared_array_get(a, 3, &n), MGR_EINDEX, "invalid index");
        assert_int_equal(mgr_shared_array_get(a, -4, &n), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_get(a, INT64_MIN, &n), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_get(a, INT64_MAX, &n), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_set(a, 3, 1), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_set_int(a, -4, 1), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_set_double(a, 3, 1), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_incr(a, 3, 1, NULL), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_compare_and_swap(a, 3, 1, 1), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_get_value(a, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_set_value(a, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_incr_value(a, 0, NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_compare_and_swap_value(a, 0, NULL, NULL), MGR_EARGUMENT);
        assert_items(a, "[7, 2, 3]");
        mgr_shared_array_free(a);
}

static void runs_are_read_and_written_whole_or_not(void **state)
{
        static const long long ints[] = { 1, 2, 3, 4 }, wide[] = { 9, 256 };
        static const double doubles[] = { 5, 6.5 };
        mgr_shared_array *a = new_ints('B', ints, 4), *q;
        long long back[5] = { 0 };
        double real[2];
        size_t n = 77;

        (void)state;
        assert_done(mgr_shared_array_read(a, 1, back, 5, &n));
        assert_int_equal(n, 3);
        assert_int_equal(back[2], 4);
        assert_done(mgr_shared_array_read(a, 4, back, 5, &n));
        assert_int_equal(n, 0);
        assert_done(mgr_shared_array_read(a, SIZE_MAX, back, 5, &n));
        assert_int_equal(n, 0);
        assert_done(mgr_shared_array_read(a, 2, real, 1, NULL));
        assert_true(real[0] == 3);
        assert_int_equal(mgr_shared_array_read_ints(a, 0, NULL, 1, &n), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_read_ints(NULL, 0, back, 1, &n), MGR_EARGUMENT);

        assert_done(mgr_shared_array_write(a, 2, ints, 2));
        assert_items(a, "[1, 2, 1, 2]");
        assert_int_equal(mgr_shared_array_write(a, 0, wide, 2), MGR_EOVERFLOW);
        assert_int_equal(mgr_shared_array_write(a, 0, doubles, 2), MGR_ETYPE);
        assert_error(mgr_shared_array_write(a, 3, ints, 2), MGR_EINDEX, "2 items from 3 on, of 4");
        assert_int_equal(mgr_shared_array_write(a, 5, ints, 0), MGR_EINDEX);
        assert_int_equal(mgr_shared_array_write(a, 1, ints, SIZE_MAX), MGR_EINDEX);
        assert_done(mgr_shared_array_write(a, 4, ints, 0));
        assert_int_equal(mgr_shared_array_write_ints(a, 0, NULL, 1), MGR_EARGUMENT);
        assert_items(a, "[1, 2, 1, 2]");
        mgr_shared_array_free(a);

        assert_done(mgr_shared_array_new_zeros('d', 2, 0, &a));
        assert_done(mgr_shared_array_write(a, 0, doubles, 2));
        assert_items(a, "[5.0, 6.5]");
        assert_int_equal(mgr_shared_array_read(a, 0, back, 2, &n), MGR_ETYPE);
        mgr_shared_array_free(a);

        assert_done(mgr_shared_array_new_zeros('Q', 2, 0, &q));
        assert_done(mgr_shared_array_set(q, 1, UINT64_MAX));
        back[0] = 55;
        assert_int_equal(mgr_shared_array_read(q, 0, back, 2, &n), MGR_EOVERFLOW);
        assert_int_equal(back[0], 55);
        mgr_shared_array_free(q);
}

#define BOUNDS "(None, -9, -4, -3, -1, 0, 1, 2, 3, 4, 9)"
static const int64_t bounds[] = { MGR_OMIT, -9, -4, -3, -1, 0, 1, 2, 3, 4, 9 };
static const int64_t steps[] = { MGR_OMIT, 1, 2, 3, 9, -1, -2, -9, INT64_MAX, -INT64_MAX };
#define N_BOUNDS (sizeof(bounds) / sizeof(bounds[0]))
#define N_STEPS  (sizeof(steps) / sizeof(steps[0]))

static void slices_are_those_of_python(void **state)
{
        static const long long ints[] = { 10, 20, 30, 40 };
        mgr_shared_array *a = new_ints('i', ints, 4);
        char line[100];
        FILE *python;

        (void)state;
        python = popen(PYTHON " -c \"\n"
                              "from multiprocessing import Array\n"
                              "a = Array('i', [10, 20, 30, 40], lock=False)\n"
                              "m = 2**63 - 1\n"
                              "for i in " BOUNDS ":\n"
                              "  for j in " BOUNDS ":\n"
                              "    for k in (None, 1, 2, 3, 9, -1, -2, -9, m, -m):\n"
                              "      print(list(a)[i:j:k])\n\"",
                       "r");
        assert_non_null(python);
        for (size_t i = 0; i < N_BOUNDS * N_BOUNDS * N_STEPS; ++i) {
                const mgr_slice slice =
                        mgr_slice_by(bounds[i / N_STEPS / N_BOUNDS], bounds[i / N_STEPS % N_BOUNDS],
                                     steps[i % N_STEPS]);
                mgr_value items;

                assert_non_null(fgets(line, sizeof(line), python));
                line[strcspn(line, "\n")] = '\0';
                assert_value(mgr_shared_array_get_slice(a, slice, &items), &items, line);
        }
        assert_int_equal(pclose(python), 0);
        mgr_shared_array_free(a);
}

static void slices_are_written_in_their_length(void **state)
{
        static const long long ints[] = { 1, 2, 3, 4, 5 };
        const mgr_value pair[] = { mgr_int(7), mgr_int(8) }, bad[] = { mgr_int(0), mgr_float(1) };
        mgr_value list = list_of(pair, 2), wrong = list_of(bad, 2), array,
                  text = mgr_bytes("zz", 2);
        mgr_shared_array *a = new_ints('i', ints, 5), *c;

        (void)state;
        assert_done(mgr_shared_array_set_slice(a, mgr_slice_of(1, 3), &list));
        assert_items(a, "[1, 7, 8, 4, 5]");
        assert_done(mgr_shared_array_set_slice(a, mgr_slice_by(MGR_OMIT, 1, -2), &list));
        assert_items(a, "[1, 7, 8, 4, 7]");
        assert_error(mgr_shared_array_set_slice(a, mgr_slice_of(0, 3), &list), MGR_EVALUE,
                     "Can only assign sequence of same size");
        assert_int_equal(mgr_shared_array_set_slice(a, mgr_slice_of(0, 2), &wrong), MGR_ETYPE);
        assert_int_equal(mgr_shared_array_set_slice(a, mgr_slice_of(0, 2), 5), MGR_ETYPE);
        assert_error(mgr_shared_array_set_slice(a, mgr_slice_by(0, 2, 0), &list), MGR_EVALUE,
                     "slice step cannot be zero");
        assert_int_equal(mgr_shared_array_get_slice(a, mgr_slice_by(0, 2, 0), &array), MGR_EVALUE);
        assert_int_equal(mgr_shared_array_get_slice(a, mgr_slice_of(0, 2), NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_array_set_slice_value(a, mgr_slice_of(0, 2), NULL),
                         MGR_EARGUMENT);
        assert_items(a, "[1, 7, 8, 4, 7]");
        mgr_value_clear(&list);
        mgr_value_clear(&wrong);
        assert_done(mgr_compose_array('b', "\1\2", 2, &array));
        assert_done(mgr_shared_array_set_slice(a, mgr_slice_of(-2, MGR_OMIT), &array));
        mgr_value_clear(&array);
        assert_items(a, "[1, 7, 8, 1, 2]");
        mgr_shared_array_free(a);

        assert_done(mgr_shared_array_new_zeros('c', 3, 0, &c));
        assert_done(mgr_shared_array_set_slice(c, mgr_slice_of(1, 3), &text));
        assert_items(c, "b'\\x00zz'");
        mgr_shared_array_free(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(arrays_are_made_of_many_things),
                cmocka_unit_test(what_makes_no_array_is_refused),
                cmocka_unit_test(integers_of_every_typecode_have_their_bounds),
                cmocka_unit_test(floats_are_kept_as_c_keeps_them),
                cmocka_unit_test(characters_are_text_of_length_1),
                cmocka_unit_test(an_index_is_of_the_array),
                cmocka_unit_test(runs_are_read_and_written_whole_or_not),
                cmocka_unit_test(slices_are_those_of_python),
                cmocka_unit_test(slices_are_written_in_their_length),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
