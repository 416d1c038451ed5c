/*
 * test_dict - the types dict and Iterator, method by method
 */
#include "tests/lib/cmocka.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/pack.h"
#include "proto/value.h"
#include "tests/lib/type_harness.h"

struct world {
        struct harness h;
        struct object *d;
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        harness_init(&w->h);
        w->d = harness_create(&w->h, &dict_type, "{'a': 1, 'b': 2}");
        assert_non_null(w->d);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        harness_deinit(&w->h);
        free(w);
        return 0;
}

#define CALL(method, arguments, expected) assert_call(&w->h, w->d, method, arguments, expected)
#define HOLDS(expected)                   assert_string_equal(harness_repr(&w->h, w->d), expected)

/* --- one key */

static void items_are_set_found_and_deleted(void **state)
{
        struct world *w = *state;

        CALL("__setitem__", "'c', [3]", "None");
        CALL("__getitem__", "'c'", "[3]");
        CALL("__setitem__", "'a', 'one'", "None");
        HOLDS("{'a': 'one', 'b': 2, 'c': [3]}");
        CALL("__contains__", "'b'", "True");
        CALL("__delitem__", "'b'", "None");
        CALL("__contains__", "'b'", "False");
        CALL("__len__", "", "2");
        CALL("__getitem__", "'b'", "KeyError: 'b'");
        CALL("__delitem__", "(1, 'b')", "KeyError: (1, 'b')");
        HOLDS("{'a': 'one', 'c': [3]}");
}

static void equal_keys_are_one_key_spelled_as_at_first(void **state)
{
        struct world *w = *state;

        CALL("clear", "", "None");
        CALL("__setitem__", "1.0, 'a'", "None");
        CALL("__setitem__", "True, 'b'", "None");
        CALL("update", "{1: 'c'}", "None");
        HOLDS("{1.0: 'c'}");
        CALL("__setitem__", "(1, frozenset({2})), 'd'", "None");
        CALL("__getitem__", "(True, frozenset({2.0}))", "'d'");
        CALL("__setitem__", "b'a', 'e'", "None");
        CALL("get", "'a'", "None");
        CALL("__setitem__", "2**70, 'f'", "None");
        CALL("pop", "1180591620717411303424.0", "'f'");
}

static void unhashable_keys_are_type_errors_and_change_nothing(void **state)
{
        static const char *const methods[] = { "__getitem__", "__contains__", "__delitem__", "get",
                                               "pop",         "setdefault",   "incr" };
        struct world *w = *state;

        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); ++i) {
                CALL(methods[i], "[]", "TypeError: unhashable type: 'list'");
                CALL(methods[i], "(1, {2: 3})", "TypeError: unhashable type: 'dict'");
        }
        CALL("__setitem__", "{1}, 2", "TypeError: unhashable type: 'set'");
        CALL("update", "[('c', 3), ([], 4)]", "TypeError: unhashable type: 'list'");
        CALL("fromkeys", "['c', []]", "TypeError: unhashable type: 'list'");
        CALL("get_many", "['a', []]", "TypeError: unhashable type: 'list'");
        CALL("compare_and_swap", "[], 1, 2", "TypeError: unhashable type: 'list'");
        HOLDS("{'a': 1, 'b': 2}");
        CALL("clear", "", "None");
        CALL("pop", "[]", "KeyError: []"); /* as in Python, where there is nothing to find */
        CALL("pop", "[], 5", "5");
}

static void get_and_setdefault_fall_back_to_the_default(void **state)
{
        struct world *w = *state;

        CALL("get", "'a'", "1");
        CALL("get", "'x'", "None");
        CALL("get", "'x', (1,)", "(1,)");
        CALL("setdefault", "'a', 9", "1");
        CALL("setdefault", "'x'", "None");
        CALL("setdefault", "'y', 'why'", "'why'");
        HOLDS("{'a': 1, 'b': 2, 'x': None, 'y': 'why'}");
}

static void pop_and_popitem_take_out(void **state)
{
        struct world *w = *state;

        CALL("pop", "'x'", "KeyError: 'x'");
        CALL("pop", "'x', 0", "0");
        CALL("pop", "'a', 0", "1");
        CALL("__setitem__", "'c', 3", "None");
        CALL("popitem", "", "('c', 3)");
        CALL("popitem", "", "('b', 2)");
        CALL("popitem", "", "KeyError: 'popitem(): dictionary is empty'");
        HOLDS("{}");
}

/* --- the whole */

static void keys_values_and_items_come_in_order_of_insertion(void **state)
{
        struct world *w = *state;

        CALL("pop", "'a'", "1");
        CALL("__setitem__", "'a', 3", "None");
        CALL("keys", "", "['b', 'a']");
        CALL("values", "", "[2, 3]");
        CALL("items", "", "[('b', 2), ('a', 3)]");
        CALL("__reversed__", "", "['a', 'b']");
        CALL("copy", "", "{'b': 2, 'a': 3}");
        CALL("clear", "", "None");
        CALL("keys", "", "[]");
        CALL("__reversed__", "", "[]");
        CALL("copy", "", "{}");
        CALL("__len__", "", "0");
}

static void update_takes_what_python_takes(void **state)
{
        struct world *w = *state;

        CALL("update", "", "None");
        CALL("update", "{'b': 3, 'c': 4}, d=5, a=6", "None");
        HOLDS("{'a': 6, 'b': 3, 'c': 4, 'd': 5}");
        CALL("clear", "", "None");
        CALL("update", "other=1", "None");
        CALL("update", "[('a', 1), ['b', 2], 'cd', {'e'}]",
             "ValueError: dictionary update sequence element #3 has length 1; 2 is required");
        CALL("update", "(('a', 1), ['b', 2], 'cd', b'ef', {'g': 1, 'h': 2}, ('a', 3))", "None");
        HOLDS("{'other': 1, 'a': 3, 'b': 2, 'c': 'd', 101: 102, 'g': 'h'}");
        CALL("__ior__", "[(1, 2)]", "None");
        CALL("__getitem__", "1", "2");
}

static void a_failing_update_changes_nothing(void **state)
{
        struct world *w = *state;

        CALL("update", "5", "TypeError: 'int' object is not iterable");
        CALL("update", "None", "TypeError: 'NoneType' object is not iterable");
        CALL("update", "[('a', 3), 5]",
             "TypeError: cannot convert dictionary update sequence element #1 to a sequence");
        CALL("update", "['ab', 'abc']",
             "ValueError: dictionary update sequence element #1 has length 3; 2 is required");
        CALL("update", "b'ab'",
             "TypeError: cannot convert dictionary update sequence element #0 to a sequence");
        CALL("update", "[('b', 7)], 8", "TypeError: update expected at most 1 argument, got 2");
        CALL("__ior__", "5", "TypeError: 'int' object is not iterable");
        HOLDS("{'a': 1, 'b': 2}");
}

static void update_reads_other_objects_by_their_proxies(void **state)
{
        struct world *w = *state;
        struct object *other = harness_create(&w->h, &dict_type, "{'b': 5, 'c': 6}");
        struct object *list = harness_create(&w->h, &list_type, "[('d', 7), ('a', 8)]");
        struct object *pair = harness_create(&w->h, &list_type, "['e', 9]");
        char args[64];

        snprintf(args, sizeof(args), "proxy(%" PRIu64 ")", other->ident);
        CALL("update", args, "None");
        HOLDS("{'a': 1, 'b': 5, 'c': 6}");
        snprintf(args, sizeof(args), "proxy(%" PRIu64 ")", list->ident);
        CALL("update", args, "None");
        HOLDS("{'a': 8, 'b': 5, 'c': 6, 'd': 7}");
        snprintf(args, sizeof(args), "[proxy(%" PRIu64 ")]", pair->ident);
        CALL("update", args, "None");
        CALL("__getitem__", "'e'", "9");
        snprintf(args, sizeof(args), "proxy(%" PRIu64 ")", w->d->ident);
        CALL("update", args, "None");
        HOLDS("{'a': 8, 'b': 5, 'c': 6, 'd': 7, 'e': 9}");
        assert_null(table_first(&w->d->links));
}

static void unions_are_new_values(void **state)
{
        struct world *w = *state;
        struct object *other = harness_create(&w->h, &dict_type, "{'b': 5, 'c': 6}");
        char args[64];

        CALL("__or__", "{'c': 3, 'a': 4}", "{'a': 4, 'b': 2, 'c': 3}");
        CALL("__ror__", "{'c': 3, 'a': 4}", "{'c': 3, 'a': 1, 'b': 2}");
        CALL("__or__", "{}", "{'a': 1, 'b': 2}");
        CALL("__ror__", "{}", "{'a': 1, 'b': 2}");
        CALL("__or__", "[('c', 3)]", "NotImplemented");
        CALL("__ror__", "5", "NotImplemented");
        snprintf(args, sizeof(args), "proxy(%" PRIu64 ")", other->ident);
        CALL("__or__", args, "{'a': 1, 'b': 5, 'c': 6}");
        HOLDS("{'a': 1, 'b': 2}");
        CALL("__setitem__", "1, 'one'", "None");
        CALL("__or__", "{True: 'true'}", "{'a': 1, 'b': 2, 1: 'true'}");
        CALL("__ror__", "{True: 'true'}", "{True: 'one', 'a': 1, 'b': 2}");
}

static void fromkeys_makes_a_dict_of_equal_values(void **state)
{
        struct world *w = *state;

        CALL("fromkeys", "[1, True, 'a', 1.0]", "{1: None, 'a': None}");
        CALL("fromkeys", "'aba', [0]", "{'a': [0], 'b': [0]}");
        CALL("fromkeys", "()", "{}");
        CALL("fromkeys", "1", "TypeError: 'int' object is not iterable");
        CALL("fromkeys", "", "TypeError: fromkeys expected at least 1 argument, got 0");
}

static void the_constructor_is_pythons(void **state)
{
        struct world *w = *state;
        struct object *d;

        d = harness_create(&w->h, &dict_type, "[('a', 1)], b=2, mapping=3");
        assert_string_equal(harness_repr(&w->h, d), "{'a': 1, 'b': 2, 'mapping': 3}");
        d = harness_create(&w->h, &dict_type, "%s", "");
        assert_string_equal(harness_repr(&w->h, d), "{}");
        assert_null(harness_create(&w->h, &dict_type, "5"));
        assert_string_equal(harness_text(&w->h), "TypeError: 'int' object is not iterable");
        assert_null(harness_create(&w->h, &dict_type, "1, 2"));
        assert_string_equal(harness_text(&w->h),
                            "TypeError: dict expected at most 1 argument, got 2");
        assert_null(harness_create(&w->h, &dict_type, "[('a', 1), ([], 2)]"));
        assert_string_equal(harness_text(&w->h), "TypeError: unhashable type: 'list'");
}

static void wrong_numbers_of_arguments_are_told_in_pythons_words(void **state)
{
        struct world *w = *state;

        CALL("__contains__", "",
             "TypeError: dict.__contains__() takes exactly one argument (0 given)");
        CALL("__delitem__", "1, 2", "TypeError: expected 1 argument, got 2");
        CALL("__getitem__", "1, 2",
             "TypeError: dict.__getitem__() takes exactly one argument (2 given)");
        CALL("__iter__", "1", "TypeError: expected 0 arguments, got 1");
        CALL("__len__", "1", "TypeError: expected 0 arguments, got 1");
        CALL("__or__", "", "TypeError: expected 1 argument, got 0");
        CALL("__reversed__", "1", "TypeError: dict.__reversed__() takes no arguments (1 given)");
        CALL("clear", "1", "TypeError: dict.clear() takes no arguments (1 given)");
        CALL("get", "", "TypeError: get expected at least 1 argument, got 0");
        CALL("pop", "1, 2, 3", "TypeError: pop expected at most 2 arguments, got 3");
        CALL("pop", "x=1", "TypeError: dict.pop() takes no keyword arguments");
        CALL("popitem", "1", "TypeError: dict.popitem() takes no arguments (1 given)");
        HOLDS("{'a': 1, 'b': 2}");
}

/* --- beyond Python */

static void incr_adds_and_begins_at_nothing(void **state)
{
        struct world *w = *state;

        CALL("incr", "'a'", "2");
        CALL("incr", "'a', delta=-5", "-3");
        CALL("incr", "'new'", "1");
        CALL("incr", "'real', 0.5", "0.5");
        CALL("incr", "'a', 9223372036854775807", "9223372036854775804");
        CALL("incr", "'a', 9223372036854775807", "18446744073709551611");
        CALL("incr", "'a', 100", "18446744073709551711");
        CALL("__setitem__", "'b', 'text'", "None");
        CALL("incr", "'b'", "TypeError: unsupported operand type(s) for +=: 'str' and 'int'");
        CALL("incr", "'missing', 'x'",
             "TypeError: unsupported operand type(s) for +=: 'int' and 'str'");
        CALL("__setitem__", "'b', 10**400", "None");
        CALL("incr", "'b', 0.5", "OverflowError: int too large to convert to float");
        CALL("__contains__", "'missing'", "False");
        CALL("__delitem__", "'b'", "None");
        HOLDS("{'a': 18446744073709551711, 'new': 1, 'real': 0.5}");
}

static void compare_and_swap_sets_inserts_and_deletes(void **state)
{
        struct world *w = *state;

        CALL("compare_and_swap", "'a', 1, 10", "True");
        CALL("compare_and_swap", "'a', 1, 11", "False");
        CALL("compare_and_swap", "'a', 10.0, [1, 2]", "True");
        CALL("compare_and_swap", "'a', [1, 2.0], 12", "True");
        HOLDS("{'a': 12, 'b': 2}");

        /* set if absent */
        CALL("compare_and_swap", "'a', new=0", "False");
        CALL("compare_and_swap", "'c', new=0", "True");
        /* delete if equal */
        CALL("compare_and_swap", "'b', 3", "False");
        CALL("compare_and_swap", "'b', expected=2", "True");
        HOLDS("{'a': 12, 'c': 0}");

        CALL("compare_and_swap", "'x', 1, 2", "KeyError: 'x'");
        CALL("compare_and_swap", "'x', None", "KeyError: 'x'");
        CALL("compare_and_swap", "'a'",
             "TypeError: compare_and_swap() needs 'expected' or 'new', or both");
        CALL("__setitem__", "'nan', nan", "None");
        CALL("compare_and_swap", "'nan', nan, 1", "False");
        HOLDS("{'a': 12, 'c': 0, 'nan': nan}");
}

static void get_many_gives_none_for_what_is_missing(void **state)
{
        struct world *w = *state;

        CALL("get_many", "['b', 'x', 'a']", "[2, None, 1]");
        CALL("get_many", "'ab', 0", "[1, 2]");
        CALL("get_many", "('x', 'a'), default='no'", "['no', 1]");
        CALL("get_many", "[]", "[]");
        CALL("get_many", "5", "TypeError: 'int' object is not iterable");
}

/* --- pages */

static void fill(struct world *w, int first, int n)
{
        for (int i = first; i < first + n; ++i)
                harness_call(&w->h, w->d, "__setitem__", "%d, 'value'", i);
}

static void page_gives_parts_and_where_to_go_on(void **state)
{
        struct world *w = *state;

        CALL("page", "", "[None, [['a', 1], ['b', 2]]]");
        CALL("page", "None, 1", "[(1, 'a'), [['a', 1]]]");
        CALL("page", "(1, 'a'), 1", "[None, [['b', 2]]]");
        CALL("page", "(2, 'b'), 1", "[None, []]");
        CALL("page", "count=2", "[None, [['a', 1], ['b', 2]]]");
        CALL("clear", "", "None");
        CALL("page", "", "[None, []]");
        CALL("page", "(1, 'a')", "[None, []]");
        CALL("page", "count=0", "ValueError: count must be positive");
        CALL("page", "count='x'", "TypeError: 'str' object cannot be interpreted as an integer");
        CALL("page", "1", "ValueError: not a cursor that page() returned");
        CALL("page", "(1, [])", "ValueError: not a cursor that page() returned");
        CALL("page", "(-1, 'a')", "ValueError: not a cursor that page() returned");
        CALL("page", "('a', 1)", "ValueError: not a cursor that page() returned");
}

/* The cursor and the keys of the page in h->reply. */
static bool read_page(struct world *w, int *seen, struct buffer *cursor)
{
        struct value_iter parts, pairs, pair;
        struct span part, element, key;
        int64_t number;
        size_t n;

        assert_int_equal(w->h.status, CALL_DONE);
        assert_true(value_iter_init(&parts, buffer_span(&w->h.reply), &n));
        assert_true(value_iter_next(&parts, &part));
        buffer_truncate(cursor, 0);
        buffer_append_span(cursor, part);
        assert_true(value_iter_next(&parts, &part));
        assert_true(value_iter_init(&pairs, part, &n));
        while (value_iter_next(&pairs, &element)) {
                assert_true(value_iter_init(&pair, element, &n));
                assert_true(value_iter_next(&pair, &key));
                if (value_get_int64(key, &number))
                        ++seen[number];
        }
        return !value_is_none(buffer_span(cursor));
}

static void a_walk_by_pages_sees_once_what_was_there_all_the_time(void **state)
{
        struct world *w = *state;
        struct buffer cursor = BUFFER_NULL, args = BUFFER_NULL;
        int seen[3000] = { 0 };
        bool more = true;

        fill(w, 0, 1000);
        pack_nil(&cursor);
        for (int step = 0; more; ++step) {
                buffer_truncate(&args, 0);
                pack_packed(&args, buffer_span(&cursor));
                pack_int(&args, 7);
                harness_call_packed(&w->h, w->d, "page", buffer_span(&args), 2);
                more = read_page(w, seen, &cursor);
                /* odd keys go and come back, among them those that cursors point to */
                for (int i = 1; i < 1000; i += 2)
                        if ((i + step) % 5 == 0) {
                                harness_call(&w->h, w->d, "pop", "%d, None", i);
                                if (step < 10)
                                        fill(w, i, 1);
                        }
                if (step < 100)
                        fill(w, 1000 + 2 * step, 2);
        }
        for (int i = 0; i < 1000; i += 2)
                assert_int_equal(seen[i], 1);
        for (int i = 1000; i < 1200; ++i)
                assert_int_equal(seen[i], 1); /* came while there was still a page to come */
        buffer_deinit(&cursor);
        buffer_deinit(&args);
}

static void set_large(struct world *w, int key, size_t size)
{
        _buffer_cleanup_ struct buffer args = BUFFER_NULL;
        uint8_t *large = calloc(1, size);

        assert_non_null(large);
        pack_int(&args, key);
        pack_bytes(&args, span_of(large, size));
        harness_call_packed(&w->h, w->d, "__setitem__", buffer_span(&args), 2);
        assert_int_equal(w->h.status, CALL_DONE);
        free(large);
}

static void a_page_is_bounded_in_bytes_but_never_empty(void **state)
{
        static const size_t sizes[] = { 400000, 400000, 300000, 1500000, 10 };
        static const int on_page[] = { 0, 0, 1, 2, 3 };
        struct world *w = *state;
        struct buffer cursor = BUFFER_NULL, args = BUFFER_NULL;
        int seen[5] = { 0 };
        bool more = true;

        CALL("clear", "", "None");
        for (int i = 0; i < 5; ++i)
                set_large(w, i, sizes[i]);
        pack_nil(&cursor);
        for (int page = 0; more; ++page) {
                buffer_truncate(&args, 0);
                pack_packed(&args, buffer_span(&cursor));
                harness_call_packed(&w->h, w->d, "page", buffer_span(&args), 1);
                more = read_page(w, seen, &cursor);
                for (int i = 0; i < 5; ++i)
                        assert_int_equal(seen[i], on_page[i] <= page);
                assert_int_equal(more, page < 3);
        }
        buffer_deinit(&cursor);
        buffer_deinit(&args);
}

static void a_page_has_at_most_ten_thousand_entries(void **state)
{
        struct world *w = *state;
        int *seen = calloc(10001, sizeof(*seen));
        struct buffer cursor = BUFFER_NULL;
        int n = 0;

        assert_non_null(seen);
        CALL("clear", "", "None");
        fill(w, 0, 10001);
        harness_call(&w->h, w->d, "page", "None, 1000000");
        assert_true(read_page(w, seen, &cursor));
        for (int i = 0; i <= 10000; ++i)
                n += seen[i];
        assert_int_equal(n, 10000);
        free(seen);
        buffer_deinit(&cursor);
}

/* --- iterators */

static void an_iterator_walks_and_stops(void **state)
{
        struct world *w = *state;
        struct object *iterator;

        CALL("__iter__", "", "proxy");
        iterator = w->h.proxy;
        assert_ptr_equal(iterator->type, &iterator_type);
        assert_call(&w->h, iterator, "__next__", "", "'a'");
        assert_string_equal(harness_repr(&w->h, iterator), "['b']");
        CALL("__setitem__", "'b', 'changed'", "None");
        assert_call(&w->h, iterator, "__next__", "", "'b'");
        assert_call(&w->h, iterator, "__next__", "", "StopIteration");
        assert_call(&w->h, iterator, "__next__", "", "StopIteration");
        assert_call(&w->h, iterator, "__next__", "1", "TypeError: expected 0 arguments, got 1");
        assert_call(&w->h, iterator, "send", "1",
                    "AttributeError: 'dict_keyiterator' object has no attribute 'send'");
        assert_call(&w->h, iterator, "close", "",
                    "AttributeError: 'dict_keyiterator' object has no attribute 'close'");
        harness_release(&w->h, iterator);
        assert_int_equal(harness_reap(&w->h), 1);
}

static void an_iterator_objects_to_another_size_for_good(void **state)
{
        struct world *w = *state;
        struct object *iterator;

        CALL("__iter__", "", "proxy");
        iterator = w->h.proxy;
        assert_call(&w->h, iterator, "__next__", "", "'a'");
        CALL("__setitem__", "'c', 3", "None");
        assert_call(&w->h, iterator, "__next__", "",
                    "RuntimeError: dictionary changed size during iteration");
        CALL("pop", "'c'", "3");
        assert_call(&w->h, iterator, "__next__", "",
                    "RuntimeError: dictionary changed size during iteration");
}

static void an_iterator_keeps_its_dict_and_can_be_an_argument(void **state)
{
        struct world *w = *state;
        struct object *iterator, *list = harness_create(&w->h, &list_type, "[0]");

        CALL("__iter__", "", "proxy");
        iterator = w->h.proxy;
        harness_release(&w->h, w->d);
        assert_int_equal(harness_reap(&w->h), 3);
        harness_call(&w->h, list, "extend", "proxy(%" PRIu64 ")", iterator->ident);
        assert_string_equal(harness_repr(&w->h, list), "[0, 'a', 'b']");
        assert_call(&w->h, iterator, "__next__", "", "StopIteration");
        harness_release(&w->h, iterator);
        assert_int_equal(harness_reap(&w->h), 1);
}

static void only_what_can_be_walked_has_iterators(void **state)
{
        struct world *w = *state;

        assert_null(harness_create(&w->h, &iterator_type, "5"));
        assert_string_equal(harness_text(&w->h), "TypeError: 'int' object is not iterable");
        assert_non_null(harness_create(&w->h, &iterator_type, "proxy(%" PRIu64 ")", w->d->ident));
}

/* --- nested proxies */

static struct object *new_inner(struct world *w)
{
        return harness_create(&w->h, &dict_type, "inner=1");
}

static void a_stored_proxy_holds_its_referent(void **state)
{
        struct world *w = *state;
        struct object *inner = new_inner(w);
        uint64_t ident = inner->ident;

        harness_call(&w->h, w->d, "__setitem__", "'p', [proxy(%" PRIu64 ")]", ident);
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 2);
        assert_ptr_equal(store_find(&w->h.store, ident), inner);

        CALL("__setitem__", "'p', 'other'", "None");
        assert_int_equal(harness_reap(&w->h), 1);
}

static void every_way_out_gives_up_the_referent(void **state)
{
        static const struct {
                const char *method, *arguments;
        } ways[] = {
                { "__delitem__", "'p'" },
                { "pop", "'p'" },
                { "popitem", "" },
                { "clear", "" },
                { "update", "{'p': 1}" },
                { "update", "p=2" },
                { "setdefault", "'p'" }, /* no way out: see below */
                { "compare_and_swap", "'p', expected=proxy(%" PRIu64 ")" },
        };
        struct world *w = *state;
        char arguments[64];

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
                struct object *inner = new_inner(w);

                harness_call(&w->h, w->d, "__setitem__", "'p', proxy(%" PRIu64 ")", inner->ident);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
                snprintf(arguments, sizeof(arguments), ways[i].arguments, inner->ident);
#pragma GCC diagnostic pop
                harness_release(&w->h, inner);
                assert_int_equal(harness_reap(&w->h), 2);
                harness_call(&w->h, w->d, ways[i].method, "%s", arguments);
                assert_int_equal(w->h.status, CALL_DONE);
                if (strcmp(ways[i].method, "setdefault") == 0)
                        harness_call(&w->h, w->d, "pop", "'p'");
                assert_int_equal(harness_reap(&w->h), 1);
                assert_false(object_has_links(w->d));
        }
}

static void keys_hold_proxies_too_by_their_first_spelling(void **state)
{
        struct world *w = *state;
        struct object *inner = new_inner(w);

        harness_call(&w->h, w->d, "update", "[((1, proxy(%" PRIu64 ")), 'x')]", inner->ident);
        harness_call(&w->h, w->d, "__setitem__", "(1.0, proxy(%" PRIu64 ")), 'y'", inner->ident);
        CALL("__len__", "", "3");
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 2);
        harness_call(&w->h, w->d, "popitem", "%s", "");
        assert_memory_equal(harness_text(&w->h), "((1, <", 6);
        assert_int_equal(harness_reap(&w->h), 1);
}

static void a_cycle_is_collected(void **state)
{
        struct world *w = *state;
        struct object *inner = new_inner(w);

        harness_call(&w->h, w->d, "__setitem__", "'in', proxy(%" PRIu64 ")", inner->ident);
        harness_call(&w->h, inner, "__setitem__", "'out', proxy(%" PRIu64 ")", w->d->ident);
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 2);
        harness_release(&w->h, w->d);
        assert_int_equal(harness_reap(&w->h), 0);
}

static void a_dangling_proxy_is_refused_and_nothing_changes(void **state)
{
        struct world *w = *state;
        struct object *inner = new_inner(w), *gone = new_inner(w);
        uint64_t ident = gone->ident;
        char expected[64];

        harness_release(&w->h, gone);
        harness_call(&w->h, w->d, "update",
                     "[('x', proxy(%" PRIu64 ")), ('a', proxy(%" PRIu64 ")), ('z', proxy(%" PRIu64
                     "))]",
                     inner->ident, inner->ident, ident);
        assert_int_equal(w->h.status, -STATUS_NO_OBJECT);
        snprintf(expected, sizeof(expected), "'x', proxy(%" PRIu64 ")", ident);
        harness_call(&w->h, w->d, "__setitem__", "%s", expected);
        assert_int_equal(w->h.status, -STATUS_NO_OBJECT);
        HOLDS("{'a': 1, 'b': 2}");
        assert_false(object_has_links(w->d));
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 1);
}

/* --- limits */

static void without_memory_a_call_changes_nothing(void **state)
{
        static const char *const calls[][2] = {
                { "__setitem__", "'c', 3" },
                { "__setitem__", "'a', 'longer than a number'" },
                { "setdefault", "'c', 3" },
                { "update", "{'a': 3, 'c': 4}" },
                { "__ior__", "[('a', 3), ('c', 4)]" },
                { "incr", "'c'" },
                { "incr", "'a', 10**300" },
                { "compare_and_swap", "'c', new=1" },
                { "compare_and_swap", "'a', 1, 'longer than a number'" },
        };
        struct world *w = *state;
        size_t used = w->h.store.memory.used;

        w->h.store.memory.limit = used + 4;
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
                CALL(calls[i][0], calls[i][1], "MemoryError: out of memory");
                HOLDS("{'a': 1, 'b': 2}");
                assert_int_equal(w->h.store.memory.used, used);
        }
        CALL("__setitem__", "'a', 'b'", "None");
        CALL("incr", "'b', 100", "102");
        CALL("pop", "'a'", "'b'");
        w->h.store.memory.limit = SIZE_MAX;
}

static void a_result_that_is_too_large_takes_nothing_out(void **state)
{
        struct world *w = *state;

        harness_call(&w->h, w->d, "__setitem__", "'c', 'a text of some length'");
        w->h.reply.limit = 10;
        CALL("pop", "'c'", "TooLarge: exceeds a limit");
        CALL("popitem", "", "TooLarge: exceeds a limit");
        CALL("setdefault", "'d', 'a text of some length'", "TooLarge: exceeds a limit");
        CALL("incr", "'a', 10**30", "TooLarge: exceeds a limit");
        CALL("items", "", "TooLarge: exceeds a limit");
        w->h.reply.limit = SIZE_MAX;
        HOLDS("{'a': 1, 'b': 2, 'c': 'a text of some length'}");
}

static void clearing_is_charged_until_it_is_done(void **state)
{
        struct world *w = *state;
        size_t used = w->h.store.memory.used, full;

        fill(w, 0, 5000);
        full = w->h.store.memory.used;
        CALL("clear", "", "None");
        assert_int_equal(w->h.store.memory.used, full);
        CALL("__len__", "", "0");
        assert_true(store_reap(&w->h.store, 100));
        assert_in_range(w->h.store.memory.used, used, full - 1);
        CALL("update", "{'a': 1, 'b': 2}", "None");
        harness_reap(&w->h);
        assert_int_equal(w->h.store.memory.used, used);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(items_are_set_found_and_deleted),
                TEST(equal_keys_are_one_key_spelled_as_at_first),
                TEST(unhashable_keys_are_type_errors_and_change_nothing),
                TEST(get_and_setdefault_fall_back_to_the_default),
                TEST(pop_and_popitem_take_out),
                TEST(keys_values_and_items_come_in_order_of_insertion),
                TEST(update_takes_what_python_takes),
                TEST(a_failing_update_changes_nothing),
                TEST(update_reads_other_objects_by_their_proxies),
                TEST(unions_are_new_values),
                TEST(fromkeys_makes_a_dict_of_equal_values),
                TEST(the_constructor_is_pythons),
                TEST(wrong_numbers_of_arguments_are_told_in_pythons_words),
                TEST(incr_adds_and_begins_at_nothing),
                TEST(compare_and_swap_sets_inserts_and_deletes),
                TEST(get_many_gives_none_for_what_is_missing),
                TEST(page_gives_parts_and_where_to_go_on),
                TEST(a_walk_by_pages_sees_once_what_was_there_all_the_time),
                TEST(a_page_is_bounded_in_bytes_but_never_empty),
                TEST(a_page_has_at_most_ten_thousand_entries),
                TEST(an_iterator_walks_and_stops),
                TEST(an_iterator_objects_to_another_size_for_good),
                TEST(an_iterator_keeps_its_dict_and_can_be_an_argument),
                TEST(only_what_can_be_walked_has_iterators),
                TEST(a_stored_proxy_holds_its_referent),
                TEST(every_way_out_gives_up_the_referent),
                TEST(keys_hold_proxies_too_by_their_first_spelling),
                TEST(a_cycle_is_collected),
                TEST(a_dangling_proxy_is_refused_and_nothing_changes),
                TEST(without_memory_a_call_changes_nothing),
                TEST(a_result_that_is_too_large_takes_nothing_out),
                TEST(clearing_is_charged_until_it_is_done),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
