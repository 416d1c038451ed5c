/*
 * test_client - every method of dict and list through the library
 */
#include <limits.h>

#include "tests/system/client.h"

/* --- what went wrong */

/* Of what is too long for a message whole characters are left out. */
static void messages_end_with_a_character(void **state)
{
        mgr_dict *d = new_dict();
        char key[1024];

        (void)state;
        for (size_t shift = 0; shift < 3; ++shift) {
                const char *message, *last;

                memset(key, 'x', sizeof(key));
                for (size_t at = shift; at + 3 < sizeof(key); at += 3)
                        memcpy(key + at, "\xe8\x83\xa1", 3);
                key[sizeof(key) - 1] = '\0';
                assert_int_equal(mgr_dict_get(d, (const char *)key, NULL), MGR_EKEY);
                message = mgr_errmsg();
                assert_in_range(strlen(message), 509, 511);
                last = message + strlen(message) - 3;
                assert_string_equal(last, "\xe8\x83\xa1");
        }
        mgr_dict_free(d);
}

/* The same where the library words it itself. */
static void its_own_messages_do_too(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        char path[1024];
        mgr_manager *none;

        (void)state;
        for (size_t shift = 0; shift < 3; ++shift) {
                const char *message;

                memset(path, '/', sizeof(path));
                for (size_t at = 1 + shift; at + 3 < sizeof(path); at += 3)
                        memcpy(path + at, "\xe8\x83\xa1", 3);
                path[sizeof(path) - 1] = '\0';
                options.authkey = "k";
                options.authkey_size = 1;
                assert_true(mgr_connect(&none, path, &options) < 0);
                message = mgr_errmsg();
                assert_in_range(strlen(message), 509, 511);
                assert_string_equal(message + strlen(message) - 3, "\xe8\x83\xa1");
        }
}

/* --- dict */

static void dict_sets_and_gets_c_types(void **state)
{
        mgr_dict *d = new_dict();
        unsigned long long huge;
        const char *name = "Bob";
        mgr_value value;
        double real;
        bool yes;
        long age;
        int n;

        (void)state;
        assert_done(mgr_dict_set(d, "age", 18));
        assert_done(mgr_dict_set(d, "name", name));
        assert_done(mgr_dict_set(d, "pi", 3.25));
        assert_done(mgr_dict_set(d, 'x', ULLONG_MAX));
        assert_done(mgr_dict_set(d, MGR_NONE, MGR_TRUE));
        assert_done(mgr_dict_set(d, mgr_bytes("\0\1", 2), (signed char)-3));
        assert_done(mgr_dict_get(d, "age", &age));
        assert_int_equal(age, 18);
        assert_done(mgr_dict_get(d, "age", &real));
        assert_true(real == 18);
        assert_done(mgr_dict_get(d, "pi", &real));
        assert_true(real == 3.25);
        assert_done(mgr_dict_get(d, 'x', &huge));
        assert_true(huge == ULLONG_MAX);
        assert_done(mgr_dict_get(d, MGR_NONE, &yes));
        assert_true(yes);
        assert_done(mgr_dict_get(d, mgr_bytes("\0\1", 2), &n));
        assert_int_equal(n, -3);
        assert_done(mgr_dict_get(d, "name", &value));
        assert_int_equal(value.kind, MGR_KIND_STR);
        assert_string_equal(value.as.text.data, "Bob");
        mgr_value_clear(&value);
        assert_done(mgr_dict_get(d, "name", NULL));
        assert_dict(d, "{'age': 18, 'name': 'Bob', 'pi': 3.25, 120: 18446744073709551615, "
                       "None: True, b'\\x00\\x01': -3}");
        mgr_dict_free(d);
}

static void dict_get_refuses_what_does_not_fit(void **state)
{
        mgr_dict *d = new_dict();
        bool yes;
        int n = 7;

        (void)state;
        assert_done(mgr_dict_set(d, "big", 1LL << 40));
        assert_done(mgr_dict_set(d, "text", "x"));
        assert_error(mgr_dict_get(d, "big", &n), MGR_EOVERFLOW, "1099511627776 does not fit");
        assert_error(mgr_dict_get(d, "text", &n), MGR_ETYPE, "'str' is no int");
        assert_error(mgr_dict_get(d, "big", &yes), MGR_ETYPE, "'int' is no bool");
        assert_int_equal(n, 7);
        mgr_dict_free(d);
}

static void dict_errors_are_pythons(void **state)
{
        mgr_dict *d = new_dict();
        mgr_list *l = new_range(0);
        mgr_value value, list;

        (void)state;
        assert_error(mgr_dict_get(d, "age", &value), MGR_EKEY, "KeyError: 'age'");
        assert_string_equal(mgr_error_name(), "KeyError");
        assert_done(mgr_error_value(&value));
        assert_repr(&value, "'age'");
        assert_error(mgr_dict_delete(d, 5), MGR_EKEY, "KeyError: 5");
        assert_error(mgr_dict_pop(d, 1.5, &value), MGR_EKEY, "KeyError: 1.5");
        assert_error(mgr_dict_popitem(d, NULL, &value), MGR_EKEY,
                     "KeyError: 'popitem(): dictionary is empty'");
        assert_done(mgr_compose(MGR_KIND_LIST, NULL, 0, &list));
        assert_error(mgr_dict_set(d, &list, 1), MGR_ETYPE, "TypeError: unhashable type: 'list'");
        assert_error(mgr_dict_set(d, mgr_strn("\xff", 1), 1), MGR_EUNICODE,
                     "UnicodeDecodeError: str is not UTF-8");
        assert_error(mgr_dict_update(d, 5), MGR_ETYPE, "TypeError: 'int' object is not iterable");
        assert_error(mgr_proxy_call(mgr_dict_proxy(d), "append", NULL, 0, NULL), MGR_ENO_METHOD,
                     "NoSuchMethod: 'dict' object has no method 'append'");
        assert_error(mgr_dict_set_value(d, NULL, &list), MGR_EARGUMENT, "an argument is NULL");
        assert_error(mgr_dict_get_value(d, &list, NULL), MGR_EARGUMENT,
                     "there is nothing to write the result to");
        mgr_value_clear(&list);
        mgr_list_free(l);
        mgr_dict_free(d);
}

static void dict_has_every_method(void **state)
{
        mgr_dict *d = new_dict();
        mgr_value key, value;
        size_t n;

        (void)state;
        assert_done(mgr_dict_set(d, "a", 1));
        assert_done(mgr_dict_set(d, "b", 2));
        assert_done(mgr_dict_set(d, "c", 3));
        assert_yes(mgr_dict_contains(d, "a"));
        assert_done(mgr_dict_contains(d, "z"));
        assert_done(mgr_dict_len(d, &n));
        assert_int_equal(n, 3);
        assert_value(mgr_dict_keys(d, &value), &value, "['a', 'b', 'c']");
        assert_value(mgr_dict_values(d, &value), &value, "[1, 2, 3]");
        assert_value(mgr_dict_items(d, &value), &value, "[('a', 1), ('b', 2), ('c', 3)]");
        assert_value(mgr_dict_reversed(d, &value), &value, "['c', 'b', 'a']");
        assert_value(mgr_dict_copy(d, &value), &value, "{'a': 1, 'b': 2, 'c': 3}");
        assert_value(mgr_dict_repr(d, &value), &value, "\"{'a': 1, 'b': 2, 'c': 3}\"");
        assert_value(mgr_proxy_value(mgr_dict_proxy(d), &value), &value,
                     "{'a': 1, 'b': 2, 'c': 3}");
        assert_value(mgr_dict_get_default(d, "z", "none", &value), &value, "'none'");
        assert_value(mgr_dict_setdefault(d, "z", 26, &value), &value, "26");
        assert_value(mgr_dict_setdefault(d, "z", 27, &value), &value, "26");
        assert_value(mgr_dict_pop(d, "z", &value), &value, "26");
        assert_value(mgr_dict_pop_default(d, "z", MGR_NONE, &value), &value, "None");
        assert_done(mgr_dict_popitem(d, &key, &value));
        assert_repr(&key, "'c'");
        assert_repr(&value, "3");
        assert_done(mgr_dict_delete(d, "b"));
        assert_dict(d, "{'a': 1}");
        assert_done(mgr_dict_clear(d));
        assert_dict(d, "{}");
        mgr_dict_free(d);
}

static void dict_takes_other_dicts(void **state)
{
        mgr_value pairs[] = { mgr_str("a"), mgr_int(1), mgr_str("b"), mgr_int(2) };
        mgr_dict *d, *e = new_dict();
        mgr_value dict, value;

        (void)state;
        assert_done(mgr_compose(MGR_KIND_DICT, pairs, 2, &dict));
        assert_done(mgr_dict_new_value(m, &dict, &d));
        assert_done(mgr_dict_set(e, "b", 3));
        assert_value(mgr_dict_or(d, e, &value), &value, "{'a': 1, 'b': 3}");
        assert_value(mgr_dict_ror(d, e, &value), &value, "{'b': 2, 'a': 1}");
        assert_done(mgr_dict_update(d, e));
        assert_dict(d, "{'a': 1, 'b': 3}");
        assert_done(mgr_dict_update(e, &dict));
        assert_dict(e, "{'b': 2, 'a': 1}");
        assert_value(mgr_dict_fromkeys(d, &dict, 0, &value), &value, "{'a': 0, 'b': 0}");
        mgr_value_clear(&dict);
        mgr_dict_free(d);
        mgr_dict_free(e);
}

static void dict_increments_and_swaps(void **state)
{
        mgr_value keys[] = { mgr_str("n"), mgr_str("z"), mgr_str("flag") }, value, one, text;
        mgr_dict *d = new_dict();
        long long n;

        (void)state;
        assert_done(mgr_dict_incr(d, "n", 5, &n));
        assert_int_equal(n, 5);
        assert_done(mgr_dict_incr(d, "n", -7, NULL));
        assert_value(mgr_dict_incr(d, "n", 0.5, &value), &value, "-1.5");
        assert_done(mgr_dict_set(d, "big", LLONG_MAX));
        assert_value(mgr_dict_incr(d, "big", LLONG_MAX, &value), &value, "18446744073709551614");
        assert_value(mgr_dict_incr(d, "big", LLONG_MAX, &value), &value, "27670116110564327421");
        assert_done(mgr_dict_set(d, "text", "x"));
        assert_error(mgr_dict_incr(d, "text", 1, NULL), MGR_ETYPE,
                     "TypeError: unsupported operand type(s) for +=: 'str' and 'int'");

        assert_yes(mgr_dict_compare_and_swap(d, "n", -1.5, 4));
        assert_done(mgr_dict_compare_and_swap(d, "n", -1.5, 5));
        assert_error(mgr_dict_compare_and_swap(d, "flag", 0, 1), MGR_EKEY, "KeyError: 'flag'");
        one = mgr_int(1);
        text = mgr_str("flag");
        assert_yes(mgr_dict_compare_and_swap_value(d, &text, NULL, &one));
        assert_done(mgr_dict_compare_and_swap_value(d, &text, NULL, &one));
        assert_value(mgr_dict_get_many(d, keys, 3, &value), &value, "[4, None, 1]");
        assert_yes(mgr_dict_compare_and_swap_value(d, &text, &one, NULL));
        assert_done(mgr_dict_contains(d, "flag"));
        mgr_dict_free(d);
}

static void dict_pages_and_walks(void **state)
{
        mgr_value cursor = MGR_NONE, items, key, value;
        mgr_dict *d = new_dict();
        mgr_walk *walk;
        int64_t sum = 0;
        int n = 0;

        (void)state;
        for (int i = 0; i < 2500; ++i)
                assert_done(mgr_dict_set(d, i, "x"));
        assert_yes(mgr_dict_page(d, &cursor, 2, &items));
        assert_repr(&items, "[[0, 'x'], [1, 'x']]");
        assert_yes(mgr_dict_page(d, &cursor, 1, &items));
        assert_repr(&items, "[[2, 'x']]");
        while (mgr_dict_page(d, &cursor, 700, &items) > 0)
                mgr_value_clear(&items);
        assert_int_equal(mgr_value_len(&items), 2500 - 3 - 3 * 700);
        assert_int_equal(cursor.kind, MGR_KIND_NONE);
        mgr_value_clear(&items);
        assert_error(mgr_dict_page(d, &cursor, 0, &items), MGR_EVALUE,
                     "ValueError: count must be positive");

        assert_done(mgr_dict_walk(d, &walk));
        while (mgr_walk_next(walk, &key, &value) > 0) {
                assert_string_equal(value.as.text.data, "x");
                sum += key.as.integer;
                ++n;
        }
        mgr_walk_free(walk);
        assert_int_equal(n, 2500);
        assert_int_equal(sum, 2500 * 2499 / 2);
        mgr_dict_free(d);
}

static void keys_are_equal_as_in_python(void **state)
{
        mgr_dict *d = new_dict();

        (void)state;
        assert_done(mgr_dict_set(d, 1, "int"));
        assert_done(mgr_dict_set(d, 1.0, "float"));
        assert_done(mgr_dict_set(d, MGR_TRUE, "bool"));
        assert_done(mgr_dict_set(d, "1", "str"));
        assert_done(mgr_dict_set(d, mgr_bytes("1", 1), "bytes"));
        assert_dict(d, "{1: 'bool', '1': 'str', b'1': 'bytes'}");
        mgr_dict_free(d);
}

/* --- list */

static void list_gets_sets_and_deletes(void **state)
{
        mgr_list *l = new_range(5);
        mgr_value value;
        size_t n;
        int i;

        (void)state;
        assert_done(mgr_list_get(l, 1, &i));
        assert_int_equal(i, 1);
        assert_done(mgr_list_get(l, -1, &i));
        assert_int_equal(i, 4);
        assert_done(mgr_list_set(l, 0, "zero"));
        assert_done(mgr_list_delete(l, -2));
        assert_list(l, "['zero', 1, 2, 4]");
        assert_done(mgr_list_len(l, &n));
        assert_int_equal(n, 4);
        assert_error(mgr_list_get(l, 4, &value), MGR_EINDEX, "IndexError: list index out of range");
        assert_error(mgr_list_set(l, -5, 1), MGR_EINDEX,
                     "IndexError: list assignment index out of range");
        assert_error(mgr_list_delete(l, 9), MGR_EINDEX,
                     "IndexError: list assignment index out of range");
        mgr_list_free(l);
}

static void list_slices(void **state)
{
        mgr_value two[] = { mgr_str("a"), mgr_str("b") }, values, value;
        mgr_list *l = new_range(10);

        (void)state;
        assert_done(mgr_compose(MGR_KIND_LIST, two, 2, &values));
        assert_value(mgr_list_get_slice(l, mgr_slice_of(1, 3), &value), &value, "[1, 2]");
        assert_value(mgr_list_get_slice(l, mgr_slice_of(-2, MGR_OMIT), &value), &value, "[8, 9]");
        assert_value(mgr_list_get_slice(l, mgr_slice_by(MGR_OMIT, MGR_OMIT, -3), &value), &value,
                     "[9, 6, 3, 0]");
        assert_done(mgr_list_set_slice(l, mgr_slice_of(1, 8), &values));
        assert_list(l, "[0, 'a', 'b', 8, 9]");
        assert_error(mgr_list_set_slice(l, mgr_slice_by(MGR_OMIT, MGR_OMIT, 2), &values),
                     MGR_EVALUE,
                     "ValueError: attempt to assign sequence of size 2 to extended slice of "
                     "size 3");
        assert_error(mgr_list_get_slice(l, mgr_slice_by(0, 1, 0), &value), MGR_EVALUE,
                     "ValueError: slice step cannot be zero");
        assert_done(mgr_list_set_slice(l, mgr_slice_by(1, 4, 2), &values));
        assert_list(l, "[0, 'a', 'b', 'b', 9]");
        assert_done(mgr_list_delete_slice(l, mgr_slice_by(MGR_OMIT, MGR_OMIT, 2)));
        assert_list(l, "['a', 'b']");
        mgr_value_clear(&values);
        mgr_list_free(l);
}

static void list_has_every_method(void **state)
{
        mgr_list *l = new_range(3), *other = new_range(2);
        mgr_value value, copy;
        size_t n;

        (void)state;
        assert_done(mgr_list_append(l, 1.5));
        assert_done(mgr_list_insert(l, 0, "first"));
        assert_done(mgr_list_extend(l, other));
        assert_done(mgr_list_extend(l, "ab"));
        assert_list(l, "['first', 0, 1, 2, 1.5, 0, 1, 'a', 'b']");
        assert_value(mgr_list_pop(l, -1, &value), &value, "'b'");
        assert_value(mgr_list_pop(l, 0, &value), &value, "'first'");
        assert_done(mgr_list_remove(l, "a"));
        assert_error(mgr_list_remove(l, "a"), MGR_EVALUE,
                     "ValueError: list.remove(x): x not in list");
        assert_yes(mgr_list_contains(l, 1.5));
        assert_done(mgr_list_contains(l, "a"));
        assert_done(mgr_list_index(l, 1, 0, MGR_OMIT, &n));
        assert_int_equal(n, 1);
        assert_done(mgr_list_index(l, 1, 2, MGR_OMIT, &n));
        assert_int_equal(n, 5);
        assert_error(mgr_list_index(l, 1, 2, 4, &n), MGR_EVALUE, "ValueError: 1 is not in list");
        assert_done(mgr_list_count(l, 0, &n));
        assert_int_equal(n, 2);
        assert_done(mgr_list_reverse(l));
        assert_list(l, "[1, 0, 1.5, 2, 1, 0]");
        assert_done(mgr_list_sort(l, false));
        assert_list(l, "[0, 0, 1, 1, 1.5, 2]");
        assert_done(mgr_list_sort(l, true));
        assert_list(l, "[2, 1.5, 1, 1, 0, 0]");
        assert_done(mgr_list_append(l, "x"));
        assert_error(mgr_list_sort(l, false), MGR_ETYPE,
                     "TypeError: '<' not supported between instances of 'str' and 'int'");
        assert_done(mgr_list_clear(l));
        assert_error(mgr_list_pop(l, 0, &value), MGR_EINDEX, "IndexError: pop from empty list");

        assert_value(mgr_list_copy(other, &value), &value, "[0, 1]");
        assert_value(mgr_list_reversed(other, &value), &value, "[1, 0]");
        assert_done(mgr_list_copy(other, &copy));
        assert_value(mgr_list_add(other, &copy, &value), &value, "[0, 1, 0, 1]");
        mgr_value_clear(&copy);
        assert_value(mgr_list_mul(other, 2, &value), &value, "[0, 1, 0, 1]");
        assert_done(mgr_list_imul(other, 3));
        assert_value(mgr_list_repr(other, &value), &value, "'[0, 1, 0, 1, 0, 1]'");
        mgr_list_free(l);
        mgr_list_free(other);
}

static void list_increments_swaps_and_pages(void **state)
{
        const int64_t indexes[] = { 0, -1, 2 };
        mgr_list *l = new_range(5);
        uint64_t start = 1;
        mgr_value key, value;
        mgr_walk *walk;
        int n;

        (void)state;
        assert_done(mgr_list_incr(l, 2, 40, &n));
        assert_int_equal(n, 42);
        assert_yes(mgr_list_compare_and_swap(l, 2, 42.0, "x"));
        assert_done(mgr_list_compare_and_swap(l, 2, 42.0, "y"));
        assert_error(mgr_list_incr(l, 5, 1, NULL), MGR_EINDEX,
                     "IndexError: list index out of range");
        assert_value(mgr_list_get_many(l, indexes, 3, &value), &value, "[0, 4, 'x']");
        assert_yes(mgr_list_page(l, &start, 2, &value));
        assert_repr(&value, "[1, 'x']");
        assert_done(mgr_list_page(l, &start, 9, &value));
        assert_repr(&value, "[3, 4]");
        assert_int_equal(start, 5);
        assert_done(mgr_list_walk(l, &walk));
        for (n = 0; mgr_walk_next(walk, &key, &value) > 0; ++n)
                assert_int_equal(key.as.integer, n);
        assert_int_equal(n, 5);
        mgr_walk_free(walk);
        mgr_list_free(l);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(messages_end_with_a_character),
                cmocka_unit_test(its_own_messages_do_too),
                cmocka_unit_test(dict_sets_and_gets_c_types),
                cmocka_unit_test(dict_get_refuses_what_does_not_fit),
                cmocka_unit_test(dict_errors_are_pythons),
                cmocka_unit_test(dict_has_every_method),
                cmocka_unit_test(dict_takes_other_dicts),
                cmocka_unit_test(dict_increments_and_swaps),
                cmocka_unit_test(dict_pages_and_walks),
                cmocka_unit_test(keys_are_equal_as_in_python),
                cmocka_unit_test(list_gets_sets_and_deletes),
                cmocka_unit_test(list_slices),
                cmocka_unit_test(list_has_every_method),
                cmocka_unit_test(list_increments_swaps_and_pages),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
