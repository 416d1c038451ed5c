/*
 * test_set - the type set, method by method
 *
 * Random calls are compared with Python's own by check_set_python.py; here stands
 * what Python has not, or says nothing about.
 */
#include "tests/lib/set_fixture.h"

/* --- one element */

static void elements_are_added_found_and_removed(void **state)
{
        struct set_world *w = *state;

        CALL("add", "'c'", "None");
        CALL("add", "'a'", "None");
        HOLDS("{'a', 'b', 1, 'c'}");
        CALL("__len__", "", "4");
        CALL("__contains__", "'b'", "True");
        CALL("remove", "'b'", "None");
        CALL("__contains__", "'b'", "False");
        CALL("remove", "'b'", "KeyError: 'b'");
        CALL("discard", "'b'", "None");
        CALL("discard", "'a'", "None");
        HOLDS("{1, 'c'}");
        CALL("clear", "", "None");
        HOLDS("set()");
}

static void equal_elements_are_one_spelled_as_at_first(void **state)
{
        struct set_world *w = *state;

        CALL("add", "1.0", "None");
        CALL("update", "[True, (1, 2.0), 2**70], [(1.0, 2), 1180591620717411303424.0]", "None");
        HOLDS("{'a', 'b', 1, (1, 2.0), 1180591620717411303424}");
        CALL("__contains__", "(True, 2)", "True");
        CALL("__contains__", "b'a'", "False");
        CALL("intersection_update", "[1.0, (1, 2)]", "None");
        HOLDS("{1, (1, 2.0)}");
        CALL("remove", "True", "None");
        HOLDS("{(1, 2.0)}");
}

static void an_unhashable_set_is_looked_for_as_a_frozenset(void **state)
{
        struct set_world *w = *state;

        CALL("add", "frozenset({1, 'x'})", "None");
        CALL("__contains__", "{'x', 1.0}", "True");
        CALL("remove", "{2}", "KeyError: {2}");
        CALL("discard", "{2}", "None");
        CALL("remove", "{'x', 1}", "None");
        CALL("add", "{1}", "TypeError: unhashable type: 'set'");
        CALL("__contains__", "({1},)", "TypeError: unhashable type: 'set'");
        HOLDS("{'a', 'b', 1}");
}

static void pop_takes_what_has_been_there_longest(void **state)
{
        struct set_world *w = *state;

        CALL("add", "'a'", "None");
        CALL("pop", "", "'a'");
        CALL("add", "'a'", "None");
        CALL("pop", "", "'b'");
        CALL("pop", "", "1");
        CALL("pop", "", "'a'");
        CALL("pop", "", "KeyError: 'pop from an empty set'");
}

static void a_nan_equals_nothing(void **state)
{
        struct set_world *w = *state;

        CALL("clear", "", "None");
        CALL("add", "nan", "None");
        CALL("add", "nan", "None");
        HOLDS("{nan, nan}");
        CALL("__contains__", "nan", "False");
        CALL("remove", "nan", "KeyError: nan");
        CALL("__xor__", proxy(w, w->s), "set()");
        CALL("__le__", proxy(w, w->s), "True");
        CALL("__le__", "{nan, 1, 2}", "False");
        CALL("update", proxy(w, w->s), "None");
        CALL("__len__", "", "2");
        CALL("difference_update", proxy(w, w->s), "None");
        HOLDS("set()");
}

/* --- other sides */

static void an_operation_reads_other_objects_by_their_proxies(void **state)
{
        struct set_world *w = *state;
        struct object *set = harness_create(&w->h, &set_type, "['b', 'c']");
        struct object *list = harness_create(&w->h, &list_type, "['b', 'd', 'd']");
        struct object *dict = harness_create(&w->h, &dict_type, "{'b': 1, 'e': 2}");

        CALL("__or__", proxy(w, set), "{'a', 'b', 1, 'c'}");
        CALL("__and__", proxy(w, set), "{'b'}");
        CALL("__rsub__", proxy(w, set), "{'c'}");
        CALL("__xor__", proxy(w, set), "{'a', 1, 'c'}");
        CALL("__gt__", proxy(w, set), "False");
        CALL("__or__", proxy(w, list), "NotImplemented");
        CALL("__iand__", proxy(w, dict), "NotImplemented");
        CALL("__le__", proxy(w, dict), "NotImplemented");
        CALL("union", proxy(w, list), "{'a', 'b', 1, 'd'}");
        CALL("intersection", proxy(w, dict), "{'b'}");
        CALL("difference", proxy(w, list), "{'a', 1}");
        CALL("isdisjoint", proxy(w, dict), "False");
        CALL("issuperset", proxy(w, set), "False");
        HOLDS("{'a', 'b', 1}");
        CALL("__ior__", proxy(w, set), "None");
        CALL("update", proxy(w, list), "None");
        CALL("update", proxy(w, dict), "None");
        HOLDS("{'a', 'b', 1, 'c', 'd', 'e'}");
        CALL("issuperset", proxy(w, set), "True");
        CALL("__ixor__", proxy(w, set), "None");
        CALL("symmetric_difference_update", proxy(w, list), "None");
        HOLDS("{'a', 1, 'e', 'b'}");
        assert_string_equal(harness_repr(&w->h, set), "{'b', 'c'}");
        assert_false(object_has_links(w->s));
}

static void a_set_is_combined_with_itself(void **state)
{
        struct set_world *w = *state;

        CALL("__or__", proxy(w, w->s), "{'a', 'b', 1}");
        CALL("__and__", proxy(w, w->s), "{'a', 'b', 1}");
        CALL("__sub__", proxy(w, w->s), "set()");
        CALL("__ixor__", "5", "NotImplemented");
        CALL("__ge__", proxy(w, w->s), "True");
        CALL("__gt__", proxy(w, w->s), "False");
        CALL("isdisjoint", proxy(w, w->s), "False");
        CALL("__ior__", proxy(w, w->s), "None");
        CALL("intersection_update", proxy(w, w->s), "None");
        HOLDS("{'a', 'b', 1}");
        CALL("__ixor__", proxy(w, w->s), "None");
        HOLDS("set()");
        CALL("isdisjoint", proxy(w, w->s), "True");
}

static void several_iterables_are_taken_at_once(void **state)
{
        struct set_world *w = *state;

        CALL("update", "[2], 'xy', {3: 4}, b'!'", "None");
        HOLDS("{'a', 'b', 1, 2, 'x', 'y', 3, 33}");
        CALL("difference_update", "'x', [3], (33,)", "None");
        CALL("union", "[5], [6], [5]", "{'a', 'b', 1, 2, 'y', 5, 6}");
        CALL("difference", "'ab', 'y'", "{1, 2}");
        CALL("intersection", "['a', 1, 2], [2, 1], [1.0, 2, 3]", "{2, 1}");
        CALL("intersection_update", "['a', 1, 2], [2, 1, 9], 'xy', ['x']", "None");
        HOLDS("set()");
        CALL("update", "", "None");
        CALL("intersection", "", "set()");
        snprintf(w->text, sizeof(w->text), "[1], proxy(%" PRIu64 "), [2]", w->s->ident);
        CALL("update", w->text, "None");
        HOLDS("{1, 2}");
}

static void an_operator_gives_what_stands_on_the_left(void **state)
{
        struct set_world *w = *state;

        CALL("__or__", "frozenset({1.0, 2})", "{'a', 'b', 1, 2}");
        CALL("__ror__", "frozenset({1.0, 2})", "frozenset({1.0, 2, 'a', 'b'})");
        CALL("__rand__", "frozenset({1.0, 2})", "frozenset({1.0})");
        CALL("__and__", "frozenset({1.0, 2})", "{1}");
        CALL("__rsub__", "{1.0, 2}", "{2}");
        CALL("__rxor__", "frozenset()", "frozenset({'a', 'b', 1})");
        HOLDS("{'a', 'b', 1}");
}

/* --- failing */

static void a_failing_call_changes_nothing(void **state)
{
        struct set_world *w = *state;

        CALL("update", "[2, 3], [4, []]", "TypeError: unhashable type: 'list'");
        CALL("update", "[2, 3], 5", "TypeError: 'int' object is not iterable");
        CALL("difference_update", "'ab', None", "TypeError: 'NoneType' object is not iterable");
        CALL("intersection_update", "'ab', 5", "TypeError: 'int' object is not iterable");
        CALL("intersection_update", "[], [{}]", "TypeError: unhashable type: 'dict'");
        CALL("symmetric_difference_update", "['a', {1}]", "TypeError: unhashable type: 'set'");
        CALL("__ior__", "[5]", "NotImplemented");
        CALL("__isub__", "'ab'", "NotImplemented");
        HOLDS("{'a', 'b', 1}");
}

static void wrong_numbers_of_arguments_are_told_in_pythons_words(void **state)
{
        struct set_world *w = *state;

        CALL("add", "", "TypeError: set.add() takes exactly one argument (0 given)");
        CALL("issubset", "1, 2", "TypeError: set.issubset() takes exactly one argument (2 given)");
        CALL("pop", "1", "TypeError: set.pop() takes no arguments (1 given)");
        CALL("__and__", "", "TypeError: expected 1 argument, got 0");
        CALL("update", "other=1", "TypeError: update() takes no keyword arguments");
        CALL("add", "element=1", "TypeError: set.add() takes no keyword arguments");
        HOLDS("{'a', 'b', 1}");
}

static void the_constructor_is_pythons(void **state)
{
        struct set_world *w = *state;
        struct object *s;

        s = harness_create(&w->h, &set_type, "'hello'");
        assert_string_equal(harness_repr(&w->h, s), "{'h', 'e', 'l', 'o'}");
        s = harness_create(&w->h, &set_type, "%s", "");
        assert_string_equal(harness_repr(&w->h, s), "set()");
        s = harness_create(&w->h, &set_type, "%s", proxy(w, w->s));
        assert_string_equal(harness_repr(&w->h, s), "{'a', 'b', 1}");
        assert_null(harness_create(&w->h, &set_type, "5"));
        assert_string_equal(harness_text(&w->h), "TypeError: 'int' object is not iterable");
        assert_null(harness_create(&w->h, &set_type, "1, 2"));
        assert_string_equal(harness_text(&w->h),
                            "TypeError: set expected at most 1 argument, got 2");
        assert_null(harness_create(&w->h, &set_type, "iterable=1"));
        assert_string_equal(harness_text(&w->h), "TypeError: set() takes no keyword arguments");
        assert_null(harness_create(&w->h, &set_type, "['a', []]"));
        assert_string_equal(harness_text(&w->h), "TypeError: unhashable type: 'list'");
}

/* --- walking */

static void an_iterator_is_pythons(void **state)
{
        struct set_world *w = *state;
        struct object *iterator;

        CALL("__iter__", "", "proxy");
        iterator = w->h.proxy;
        assert_call(&w->h, iterator, "__next__", "", "'a'");
        assert_call(&w->h, iterator, "send", "1",
                    "AttributeError: 'set_iterator' object has no attribute 'send'");
        CALL("add", "2", "None");
        assert_call(&w->h, iterator, "__next__", "",
                    "RuntimeError: Set changed size during iteration");
        CALL("remove", "2", "None");
        assert_call(&w->h, iterator, "__next__", "",
                    "RuntimeError: Set changed size during iteration");
        CALL("__iter__", "", "proxy");
        CALL("union", proxy(w, w->h.proxy), "{'a', 'b', 1}");
}

static void page_gives_parts_and_where_to_go_on(void **state)
{
        struct set_world *w = *state;

        CALL("page", "", "[None, ['a', 'b', 1]]");
        CALL("page", "count=2", "[(2, 'b'), ['a', 'b']]");
        CALL("intersection_update", "['a', 1]", "None");
        CALL("page", "(2, 'b')", "[None, [1]]");
        CALL("update", "'bc'", "None");
        CALL("page", "(2, 'b'), 2", "[(4, 'b'), [1, 'b']]");
        CALL("symmetric_difference_update", "'bd'", "None");
        CALL("page", "(4, 'b'), 2", "[None, ['c', 'd']]");
        CALL("page", "count=0", "ValueError: count must be positive");
        CALL("page", "1", "ValueError: not a cursor that page() returned");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                SET_TEST(elements_are_added_found_and_removed),
                SET_TEST(equal_elements_are_one_spelled_as_at_first),
                SET_TEST(an_unhashable_set_is_looked_for_as_a_frozenset),
                SET_TEST(pop_takes_what_has_been_there_longest),
                SET_TEST(a_nan_equals_nothing),
                SET_TEST(an_operation_reads_other_objects_by_their_proxies),
                SET_TEST(a_set_is_combined_with_itself),
                SET_TEST(several_iterables_are_taken_at_once),
                SET_TEST(an_operator_gives_what_stands_on_the_left),
                SET_TEST(a_failing_call_changes_nothing),
                SET_TEST(wrong_numbers_of_arguments_are_told_in_pythons_words),
                SET_TEST(the_constructor_is_pythons),
                SET_TEST(an_iterator_is_pythons),
                SET_TEST(page_gives_parts_and_where_to_go_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
