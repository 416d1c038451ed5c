/*
 * test_namespace - the type Namespace; check_namespace_python.py has what Python has, too
 */
#include <stdio.h>

#include "tests/lib/type_fixture.h"

static struct object *new_namespace(struct harness *h, const char *arguments)
{
        return new_object(h, &namespace_type, "%s", arguments);
}

static void namespace_has_the_attributes_it_is_given(void **state)
{
        struct harness *h = *state;
        struct object *ns = new_namespace(h, "name='Bob', age=7");

        assert_call(h, ns, "__getattribute__", "'name'", "'Bob'");
        assert_call(h, ns, "__setattr__", "'name', [1]", "None");
        assert_call(h, ns, "__getattribute__", "'name'", "[1]");
        assert_call(h, ns, "__delattr__", "'name'", "None");
        assert_call(h, ns, "__getattribute__", "'name'",
                    "AttributeError: 'Namespace' object has no attribute 'name'");
        assert_call(h, ns, "__delattr__", "'name'",
                    "AttributeError: 'Namespace' object has no attribute 'name'");
        assert_call(h, ns, "__setattr__", "5, 1",
                    "TypeError: attribute name must be string, not 'int'");
        assert_call(h, ns, "__setattr__", "'x'", "TypeError:  expected 2 arguments, got 1");
        assert_call(h, ns, "__getattribute__", "'x', 1", "TypeError: expected 1 argument, got 2");
        assert_call(h, ns, "__getattribute__", "name='x'",
                    "TypeError: wrapper __getattribute__() takes no keyword arguments");
        harness_release(h, ns);
}

static void namespace_is_shown_sorted_and_without_what_is_private(void **state)
{
        struct harness *h = *state;
        struct object *ns = new_namespace(h, "b=1, a='x', _hidden=3, a1=2.5");

        assert_str(ns, "Namespace(a1=2.5, a='x', b=1)");
        assert_call(h, ns, "__getattribute__", "'_hidden'", "3");
        assert_string_equal(harness_repr(h, ns), "{'b': 1, 'a': 'x', '_hidden': 3, 'a1': 2.5}");
        harness_release(h, ns);
        ns = new_namespace(h, "");
        assert_str(ns, "Namespace()");
        assert_call(h, ns, "__setattr__", "'', 1", "None");
        assert_str(ns, "Namespace(=1)");
        harness_release(h, ns);
}

static void namespace_leaves_pythons_own_names_alone(void **state)
{
        struct harness *h = *state;
        struct object *ns = new_namespace(h, "a=1, _b=2");

        assert_call(h, ns, "__getattribute__", "'__dict__'", "{'a': 1, '_b': 2}");
        assert_call(h, ns, "__getattribute__", "'__class__'",
                    "AttributeError: 'Namespace' object has no attribute '__class__'");
        assert_call(h, ns, "__setattr__", "'__class__', 1",
                    "AttributeError: 'Namespace' object attribute '__class__' is read-only");
        assert_call(h, ns, "__delattr__", "'__dict__'",
                    "AttributeError: 'Namespace' object attribute '__dict__' is read-only");
        assert_call(h, ns, "incr", "'__x__'",
                    "AttributeError: 'Namespace' object attribute '__x__' is read-only");
        assert_call(h, ns, "__setattr__", "'__', 1", "None");
        assert_call(h, ns, "__setattr__", "'____', 1", "None");
        assert_call(h, ns, "__setattr__", "'__x', 1", "None");
        assert_not_created(h, &namespace_type, "__init__=1",
                           "AttributeError: 'Namespace' object attribute '__init__' is read-only");
        harness_release(h, ns);
}

static void namespace_is_made_from_a_mapping_as_well(void **state)
{
        struct harness *h = *state;
        struct object *dict = new_object(h, &dict_type, "{'a': 1, 'b': [2]}");
        struct object *ns =
                new_object(h, &namespace_type, "proxy(%ju), b=3", (uintmax_t)dict->ident);
        struct object *copy;

        assert_str(ns, "Namespace(a=1, b=3)");
        copy = new_object(h, &namespace_type, "proxy(%ju)", (uintmax_t)ns->ident);
        assert_call(h, copy, "__setattr__", "'c', 4", "None");
        assert_str(copy, "Namespace(a=1, b=3, c=4)");
        assert_str(ns, "Namespace(a=1, b=3)");
        harness_release(h, copy);
        copy = new_namespace(h, "{'a': 5}, other=6");
        assert_str(copy, "Namespace(a=5, other=6)");
        assert_not_created(h, &namespace_type, "{1: 2}",
                           "TypeError: attribute name must be string, not 'int'");
        assert_not_created(h, &namespace_type, "[1]",
                           "TypeError: Namespace() takes a mapping, not 'list'");

        /* and it is one itself */
        harness_call(h, dict, "update", "proxy(%ju)", (uintmax_t)copy->ident);
        assert_string_equal(harness_repr(h, dict), "{'a': 5, 'b': [2], 'other': 6}");
        harness_release(h, copy);
        harness_release(h, ns);
        harness_release(h, dict);
}

static void namespace_changes_in_one_step(void **state)
{
        struct harness *h = *state;
        struct object *ns = new_namespace(h, "n=1, s='x'");

        assert_call(h, ns, "incr", "'n'", "2");
        assert_call(h, ns, "incr", "name='n', delta=0.5", "2.5");
        assert_call(h, ns, "incr", "'missing'",
                    "AttributeError: 'Namespace' object has no attribute 'missing'");
        assert_call(h, ns, "incr", "'s'",
                    "TypeError: unsupported operand type(s) for +=: 'str' and 'int'");
        assert_call(h, ns, "compare_and_swap", "'n', 2, 3", "False");
        assert_call(h, ns, "compare_and_swap", "'n', 2.5, 3", "True");
        assert_call(h, ns, "compare_and_swap", "'new', new=1", "True");
        assert_call(h, ns, "compare_and_swap", "'new', new=2", "False");
        assert_call(h, ns, "compare_and_swap", "'new', 1", "True");
        assert_call(h, ns, "compare_and_swap", "'new', 1, 2",
                    "AttributeError: 'Namespace' object has no attribute 'new'");
        assert_call(h, ns, "compare_and_swap", "'n'",
                    "TypeError: compare_and_swap() needs 'expected' or 'new', or both");
        assert_str(ns, "Namespace(n=3, s='x')");
        harness_release(h, ns);
}

static void namespace_holds_what_its_proxies_refer_to(void **state)
{
        struct harness *h = *state;
        struct object *inner = new_namespace(h, "a=1");
        uintmax_t ident = inner->ident;
        struct object *ns =
                new_object(h, &namespace_type, "p=proxy(%ju), q=[proxy(%ju)]", ident, ident);

        assert_int_equal(inner->n_internal, 2);
        harness_call(h, ns, "__setattr__", "'p', (proxy(%ju), proxy(%ju))", ident, ident);
        assert_int_equal(inner->n_internal, 3);
        assert_call(h, ns, "__delattr__", "'q'", "None");
        assert_int_equal(inner->n_internal, 2);
        harness_call(h, ns, "__setattr__", "'p', proxy(%ju)", ident + 100);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        assert_int_equal(inner->n_internal, 2);
        assert_call(h, ns, "__setattr__", "'p', 5", "None");
        assert_int_equal(inner->n_internal, 0);
        harness_call(h, ns, "compare_and_swap", "'p', 5, proxy(%ju)", ident);
        harness_call(h, ns, "compare_and_swap", "'p', proxy(%ju)", ident);
        assert_string_equal(harness_text(h), "True");
        assert_int_equal(inner->n_internal, 0);
        assert_null(harness_create(h, &namespace_type, "a=proxy(%ju), b=proxy(%ju)", ident,
                                   ident + 100));
        harness_reap(h);
        assert_int_equal(inner->n_internal, 0);

        harness_call(h, ns, "__setattr__", "'p', proxy(%ju)", ident);
        harness_release(h, inner);
        assert_int_equal(h->store.n_objects, 2);
        harness_release(h, ns);
        assert_int_equal(h->store.n_objects, 0);
}

static void namespace_without_memory_stays_as_it_was(void **state)
{
        static const char *const changes[][2] = {
                { "__setattr__", "'new', 'a text'" },
                { "__setattr__", "'a', 'a text that is longer than what was there'" },
                { "__setattr__", "'p', 'a text that is longer than what was there'" },
                { "compare_and_swap", "'new', new='a text'" },
                { "incr", "'n', 1208925819614629174706176" },
        };
        struct harness *h = *state;
        struct object *inner = new_namespace(h, "");

        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
                unsigned n_failed = 0;

                for (size_t more = 0;; ++more) {
                        struct object *ns = new_object(h, &namespace_type, "a=1, n=1, p=proxy(%ju)",
                                                       (uintmax_t)inner->ident);

                        h->store.memory.limit = h->store.memory.used + more;
                        harness_call(h, ns, changes[i][0], "%s", changes[i][1]);
                        h->store.memory.limit = SIZE_MAX;
                        n_failed += h->status < 0;
                        if (h->status < 0)
                                assert_int_equal(inner->n_internal, 1);
                        if (h->status < 0)
                                assert_memory_equal(harness_repr(h, ns), "{'a': 1, 'n': 1, 'p': <",
                                                    23);
                        harness_release(h, ns);
                        if (h->status == CALL_DONE)
                                break;
                        assert_int_equal(h->status, -STATUS_NOMEM);
                }
                assert_true(n_failed > 0);
        }
        harness_release(h, inner);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TYPE_TEST(namespace_has_the_attributes_it_is_given),
                TYPE_TEST(namespace_is_shown_sorted_and_without_what_is_private),
                TYPE_TEST(namespace_leaves_pythons_own_names_alone),
                TYPE_TEST(namespace_is_made_from_a_mapping_as_well),
                TYPE_TEST(namespace_changes_in_one_step),
                TYPE_TEST(namespace_holds_what_its_proxies_refer_to),
                TYPE_TEST(namespace_without_memory_stays_as_it_was),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
