/*
 * test_list - what the methods of list return
 *
 * What can be compared with Python itself is, by check_list_python.py: here is
 * a sample of that, what is too long for it, and what Python has not.
 */
#include <stdio.h>

#include "tests/lib/list_fixture.h"

/* --- as Python's */

static void list_is_made_from_any_iterable(void **state)
{
        static const char *const cases[][2] = {
                { "", "[]" },
                { "[]", "[]" },
                { "(1, 'two', None)", "[1, 'two', None]" },
                { "'aé胡'", "['a', 'é', '胡']" },
                { "b'\\x00z'", "[0, 122]" },
                { "{1: 'x', 2: 'y'}", "[1, 2]" },
                { "{7}", "[7]" },
                { "array('i', [1, -2])", "[1, -2]" },
        };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                struct object *list = new_list(h, cases[i][0]);

                assert_list(h, list, cases[i][1]);
                harness_release(h, list);
        }
        assert_null(harness_create(h, &list_type, "5"));
        assert_string_equal(harness_text(h), "TypeError: 'int' object is not iterable");
        assert_int_equal(harness_reap(h), 0);
}

static void list_answers_as_python_does(void **state)
{
        static const char *const cases[][3] = {
                { "__add__", "[4]", "[1, 'a', 2.5, 4]" },
                { "__add__", "(4,)",
                  "TypeError: can only concatenate list (not \"tuple\") to list" },
                { "__contains__", "2.5", "True" },
                { "__contains__", "True", "True" },
                { "__contains__", "'b'", "False" },
                { "__getitem__", "-1", "2.5" },
                { "__getitem__", "3", "IndexError: list index out of range" },
                { "__getitem__", "-4", "IndexError: list index out of range" },
                { "__getitem__", "'x'",
                  "TypeError: list indices must be integers or slices, not str" },
                { "__getitem__", "18446744073709551616",
                  "IndexError: cannot fit 'int' into an index-sized integer" },
                { "__getitem__", "slice(None, None, -2)", "[2.5, 1]" },
                { "__getitem__", "slice(None, None, 0)", "ValueError: slice step cannot be zero" },
                { "__len__", "", "3" },
                { "__mul__", "2", "[1, 'a', 2.5, 1, 'a', 2.5]" },
                { "__rmul__", "0", "[]" },
                { "__reversed__", "", "[2.5, 'a', 1]" },
                { "__setitem__", "3, 0", "IndexError: list assignment index out of range" },
                { "__setitem__", "slice(0, 1, None), 5", "TypeError: can only assign an iterable" },
                { "__setitem__", "slice(None, None, 2), 5",
                  "TypeError: must assign iterable to extended slice" },
                { "__setitem__", "slice(None, None, -1), 'ab'",
                  "ValueError: attempt to assign sequence of size 2 to extended slice of size 3" },
                { "__delitem__", "3", "IndexError: list assignment index out of range" },
                { "copy", "", "[1, 'a', 2.5]" },
                { "count", "1", "1" },
                { "index", "'a'", "1" },
                { "index", "'a', 2", "ValueError: 'a' is not in list" },
                { "pop", "5", "IndexError: pop index out of range" },
                { "remove", "9", "ValueError: list.remove(x): x not in list" },
                { "sort", "", "TypeError: '<' not supported between instances of 'str' and 'int'" },
        };
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 'a', 2.5]");

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_call(h, list, cases[i][0], cases[i][1], cases[i][2]);
                assert_list(h, list, "[1, 'a', 2.5]");
        }
        harness_release(h, list);
}

static void list_changes_as_python_does(void **state)
{
        static const char *const cases[][4] = {
                { "append", "3", "None", "[0, 1, 2, 3]" },
                { "extend", "'ab'", "None", "[0, 1, 2, 3, 'a', 'b']" },
                { "insert", "-100, 'first'", "None", "['first', 0, 1, 2, 3, 'a', 'b']" },
                { "insert", "100, 'last'", "None", "['first', 0, 1, 2, 3, 'a', 'b', 'last']" },
                { "pop", "", "'last'", "['first', 0, 1, 2, 3, 'a', 'b']" },
                { "pop", "0", "'first'", "[0, 1, 2, 3, 'a', 'b']" },
                { "__delitem__", "slice(1, None, 2)", "None", "[0, 2, 'a']" },
                { "__setitem__", "slice(1, 1, None), [7, 8]", "None", "[0, 7, 8, 2, 'a']" },
                { "__setitem__", "slice(None, None, -2), (1, 2, 3)", "None", "[3, 7, 2, 2, 1]" },
                { "remove", "2.0", "None", "[3, 7, 2, 1]" },
                { "sort", "", "None", "[1, 2, 3, 7]" },
                { "sort", "key=None, reverse=True", "None", "[7, 3, 2, 1]" },
                { "reverse", "", "None", "[1, 2, 3, 7]" },
                { "__delitem__", "-1", "None", "[1, 2, 3]" },
                { "__imul__", "2", "None", "[1, 2, 3, 1, 2, 3]" },
                { "__delitem__", "slice(None, None, None)", "None", "[]" },
                { "__imul__", "9", "None", "[]" },
                { "append", "1", "None", "[1]" },
                { "__imul__", "-1", "None", "[]" },
                { "append", "1", "None", "[1]" },
                { "clear", "", "None", "[]" },
                { "pop", "", "IndexError: pop from empty list", "[]" },
        };
        struct harness *h = *state;
        struct object *list = new_list(h, "[0, 1, 2]");

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_call(h, list, cases[i][0], cases[i][1], cases[i][2]);
                assert_list(h, list, cases[i][3]);
        }
        harness_release(h, list);
}

static void list_index_shows_no_repr_beyond_all_bounds(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "");
        char *text = malloc(70000);

        assert_non_null(text);
        snprintf(text, 70000, "'%0*d'", 60000, 0);
        harness_call(h, list, "index", "%s", text);
        assert_true(strlen(harness_text(h)) > 60000);
        snprintf(text, 70000, "'%0*d'", 66000, 0);
        assert_call(h, list, "index", text, "ValueError: list.index(x): x not in list");
        free(text);
        harness_release(h, list);
}

/* --- sorting */

static void list_sort_is_stable_in_both_directions(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 0, True, 1.0, False, 0.0, -1]");

        assert_call(h, list, "sort", "", "None");
        assert_list(h, list, "[-1, 0, False, 0.0, 1, True, 1.0]");
        assert_call(h, list, "sort", "reverse=True", "None");
        assert_list(h, list, "[1, True, 1.0, 0, False, 0.0, -1]");
        harness_release(h, list);
}

/* Sorts the pairs [i * factor % modulus, i]. */
static void assert_sorts_pairs(struct harness *h, size_t n, unsigned factor, unsigned modulus,
                               bool reverse)
{
        struct object *list = new_list(h, "");
        long first = reverse ? 1000000 : -1, second = -1;
        const char *at;

        for (size_t i = 0; i < n; ++i)
                harness_call(h, list, "append", "[%zu, %zu]", i * factor % modulus, i);
        assert_call(h, list, "sort", reverse ? "reverse=True" : "", "None");
        at = harness_repr(h, list) + 1;
        for (size_t i = 0; i < n; ++i) {
                long a, b;
                int n_read = 0;

                assert_int_equal(sscanf(at, "[%ld, %ld]%n", &a, &b, &n_read), 2);
                at += n_read + 2;
                if (reverse)
                        assert_true(a < first || (a == first && b < second) || i == 0);
                else
                        assert_true(a > first || (a == first && b > second));
                first = a;
                second = b;
        }
        harness_release(h, list);
}

static void list_sort_merges_long_lists(void **state)
{
        static const size_t lengths[] = { 63, 64, 65, 127, 128, 129, 200, 1000, 4097 };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); ++i)
                for (unsigned reverse = 0; reverse < 2; ++reverse) {
                        assert_sorts_pairs(h, lengths[i], 1, 1000000, reverse);
                        assert_sorts_pairs(h, lengths[i], 7919, 997, reverse);
                        assert_sorts_pairs(h, lengths[i], 7919, 3, reverse);
                        assert_sorts_pairs(h, lengths[i], 999999, 1000000, reverse);
                }
}

/* Spelled as int and as float, equal elements can be told apart. */
static int spell(char text[16], unsigned i)
{
        return snprintf(text, 16, i * i % 11 < 5 ? "%u.0" : "%u", i * 7919 % 5);
}

static void assert_sorts_stably(struct harness *h, unsigned n, bool reverse)
{
        struct object *list = new_list(h, "");
        char *expected = malloc(16 * n + 16), text[16];
        size_t size = 0;

        assert_non_null(expected);
        for (unsigned i = 0; i < n; ++i) {
                spell(text, i);
                harness_call(h, list, "append", "%s", text);
        }
        for (unsigned value = 0; value < 5; ++value)
                for (unsigned i = 0; i < n; ++i) {
                        if (i * 7919 % 5 != (reverse ? 4 - value : value))
                                continue;
                        spell(text, i);
                        size += (size_t)sprintf(expected + size, "%s%s", size ? ", " : "[", text);
                }
        strcpy(expected + size, "]");

        assert_call(h, list, "sort", reverse ? "reverse=True" : "", "None");
        assert_list(h, list, expected);
        free(expected);
        harness_release(h, list);
}

static void list_sort_keeps_the_order_of_equal_elements(void **state)
{
        static const unsigned lengths[] = { 10, 64, 65, 128, 200, 1000 };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); ++i) {
                assert_sorts_stably(h, lengths[i], false);
                assert_sorts_stably(h, lengths[i], true);
        }
}

static void list_sort_that_fails_moves_nothing(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "");
        char *before;

        for (unsigned i = 0; i < 300; ++i)
                harness_call(h, list, "append", "%u", i * 7919 % 1000);
        harness_call(h, list, "append", "'x'");
        before = strdup(harness_repr(h, list));
        assert_non_null(before);
        harness_call(h, list, "sort", "%s", "");
        assert_int_equal(h->status, -STATUS_TYPE);
        assert_list(h, list, before);
        free(before);
        harness_release(h, list);
}

static void list_sort_takes_no_function(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[2, 1]");

        assert_call(h, list, "sort", "key='len'",
                    "TypeError: sort key must be None: a function cannot be sent");
        assert_call(h, list, "sort", "reverse='any truth will do'", "None");
        assert_list(h, list, "[2, 1]");
        harness_release(h, list);
}

/* --- beyond Python */

static void list_incr_adds_and_returns_the_sum(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2.5, 'x', True, 18446744073709551616]");

        assert_call(h, list, "incr", "0", "2");
        assert_call(h, list, "incr", "0, -10", "-8");
        assert_call(h, list, "incr", "index=1, delta=0.25", "2.75");
        assert_call(h, list, "incr", "3", "2");
        assert_call(h, list, "incr", "-1, -1", "18446744073709551615");
        assert_call(h, list, "incr", "2",
                    "TypeError: unsupported operand type(s) for +=: 'str' and 'int'");
        assert_call(h, list, "incr", "0, None",
                    "TypeError: unsupported operand type(s) for +=: 'int' and 'NoneType'");
        assert_call(h, list, "incr", "5", "IndexError: list index out of range");
        assert_call(h, list, "incr", "slice(None, 0, None)",
                    "TypeError: list indices must be integers or slices, not slice");
        assert_list(h, list, "[-8, 2.75, 'x', 2, 18446744073709551615]");
        harness_release(h, list);
}

static void list_compare_and_swap_only_what_was_expected(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, [2, {'k': 3}], nan]");

        assert_call(h, list, "compare_and_swap", "0, 2, 'no'", "False");
        assert_call(h, list, "compare_and_swap", "0, 1.0, 'yes'", "True");
        assert_call(h, list, "compare_and_swap", "-2, [2, {'k': 3.0}], 'deep'", "True");
        assert_call(h, list, "compare_and_swap", "2, nan, 'never'", "False");
        assert_call(h, list, "compare_and_swap", "3, 1, 2", "IndexError: list index out of range");
        assert_list(h, list, "['yes', 'deep', nan]");
        harness_release(h, list);
}

static void list_get_many_answers_in_the_order_asked(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "'abc'");

        assert_call(h, list, "get_many", "[2, 0, -2, 0]", "['c', 'a', 'b', 'a']");
        assert_call(h, list, "get_many", "()", "[]");
        assert_call(h, list, "get_many", "[0, 3]", "IndexError: list index out of range");
        assert_call(h, list, "get_many", "['x']",
                    "TypeError: list indices must be integers or slices, not str");
        assert_call(h, list, "get_many", "7", "TypeError: 'int' object is not iterable");
        harness_release(h, list);
}

static void list_page_walks_in_bounded_steps(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[0, 1, 2, 3, 4]");

        assert_call(h, list, "page", "", "[None, [0, 1, 2, 3, 4]]");
        assert_call(h, list, "page", "0, 2", "[2, [0, 1]]");
        assert_call(h, list, "page", "2, count=2", "[4, [2, 3]]");
        assert_call(h, list, "page", "4, 2", "[None, [4]]");
        assert_call(h, list, "page", "3, 2", "[None, [3, 4]]");
        assert_call(h, list, "page", "5", "[None, []]");
        assert_call(h, list, "page", "None, 1", "[1, [0]]");
        assert_call(h, list, "page", "-2", "[None, [3, 4]]");
        assert_call(h, list, "page", "-100, 1", "[1, [0]]");
        assert_call(h, list, "page", "0, 0", "ValueError: count must be positive");
        assert_call(h, list, "page", "'x'",
                    "TypeError: 'str' object cannot be interpreted as an integer");
        harness_release(h, list);
}

static void list_page_is_bounded_in_elements_and_bytes(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[0]");

        assert_call(h, list, "__imul__", "20001", "None");
        assert_memory_equal(harness_call(h, list, "page", "0, 1000000"), "[10000, [0, 0,", 14);
        assert_memory_equal(harness_call(h, list, "page", "10000, 99999"), "[20000, [0, 0,", 14);
        assert_call(h, list, "page", "20000, 4611686018427387904", "[None, [0]]");
        assert_call(h, list, "clear", "", "None");

        /* two of three megabytes, then one, which is there however long it is */
        for (unsigned i = 0; i < 3; ++i)
                harness_call(h, list, "append", "'%0*d'", 500000, 0);
        harness_call(h, list, "append", "'%0*d'", 3000000, 0);
        assert_memory_equal(harness_call(h, list, "page", "0"), "[2, ['0", 7);
        assert_memory_equal(harness_call(h, list, "page", "2"), "[3, ['0", 7);
        assert_memory_equal(harness_call(h, list, "page", "3"), "[None, ['0", 10);
        harness_release(h, list);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                LIST_TEST(list_is_made_from_any_iterable),
                LIST_TEST(list_answers_as_python_does),
                LIST_TEST(list_changes_as_python_does),
                LIST_TEST(list_index_shows_no_repr_beyond_all_bounds),
                LIST_TEST(list_sort_is_stable_in_both_directions),
                LIST_TEST(list_sort_merges_long_lists),
                LIST_TEST(list_sort_keeps_the_order_of_equal_elements),
                LIST_TEST(list_sort_that_fails_moves_nothing),
                LIST_TEST(list_sort_takes_no_function),
                LIST_TEST(list_incr_adds_and_returns_the_sum),
                LIST_TEST(list_compare_and_swap_only_what_was_expected),
                LIST_TEST(list_get_many_answers_in_the_order_asked),
                LIST_TEST(list_page_walks_in_bounded_steps),
                LIST_TEST(list_page_is_bounded_in_elements_and_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
