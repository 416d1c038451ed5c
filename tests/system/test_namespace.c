/*
 * test_namespace - proxies of namespaces
 */
#include "tests/system/client.h"

static void assert_namespace(const mgr_namespace *ns, const char *text)
{
        mgr_value str;

        assert_value(mgr_namespace_repr(ns, &str), &str, text);
        assert_done(mgr_namespace_str(ns, &str));
        mgr_value_clear(&str);
}

static mgr_namespace *new_namespace(void)
{
        mgr_namespace *ns;

        assert_done(mgr_namespace_new(m, &ns));
        return ns;
}

static void attributes_are_set_got_and_deleted(void **state)
{
        mgr_namespace *ns = new_namespace();
        mgr_value value;
        long long age;

        (void)state;
        assert_done(mgr_namespace_set(ns, "name", "Bob"));
        assert_done(mgr_namespace_set(ns, "age", 18));
        assert_done(mgr_namespace_set(ns, "_private", MGR_TRUE));
        assert_done(mgr_namespace_get(ns, "age", &age));
        assert_int_equal(age, 18);
        assert_namespace(ns, "\"Namespace(age=18, name='Bob')\"");
        assert_value(mgr_namespace_dict(ns, &value), &value,
                     "{'name': 'Bob', 'age': 18, '_private': True}");
        assert_done(mgr_namespace_delete(ns, "name"));
        assert_error(mgr_namespace_get(ns, "name", &value), MGR_EATTRIBUTE,
                     "AttributeError: 'Namespace' object has no attribute 'name'");
        assert_error(mgr_namespace_delete(ns, "name"), MGR_EATTRIBUTE,
                     "AttributeError: 'Namespace' object has no attribute 'name'");
        assert_error(mgr_namespace_set(ns, "__class__", 1), MGR_EATTRIBUTE,
                     "AttributeError: 'Namespace' object attribute '__class__' is read-only");
        assert_int_equal(mgr_namespace_set(ns, NULL, 1), MGR_EARGUMENT);
        assert_int_equal(mgr_namespace_get_value(ns, "age", NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_namespace_get(NULL, "age", &age), MGR_EARGUMENT);
        mgr_namespace_free(ns);
}

static void namespaces_are_made_from_mappings(void **state)
{
        const mgr_value pairs[] = { mgr_str("x"), mgr_int(1), mgr_str("y"), mgr_float(2.5) };
        mgr_namespace *ns, *copy;
        mgr_value content;

        (void)state;
        assert_done(mgr_compose(MGR_KIND_DICT, pairs, 2, &content));
        assert_done(mgr_namespace_new_value(m, &content, &ns));
        mgr_value_clear(&content);
        content = mgr_from_namespace(ns);
        assert_done(mgr_namespace_new_value(m, &content, &copy));
        assert_done(mgr_namespace_set(ns, "x", MGR_NONE));
        assert_namespace(copy, "'Namespace(x=1, y=2.5)'");
        assert_namespace(ns, "'Namespace(x=None, y=2.5)'");
        mgr_namespace_free(copy);
        mgr_namespace_free(ns);
        assert_int_equal(mgr_namespace_new_value(m, NULL, &ns), MGR_EARGUMENT);
        assert_int_equal(mgr_namespace_new(m, NULL), MGR_EARGUMENT);
}

static void attributes_change_in_one_step(void **state)
{
        const mgr_value one = mgr_int(1), two = mgr_int(2);
        mgr_namespace *ns = new_namespace();
        long long n;

        (void)state;
        assert_done(mgr_namespace_set(ns, "n", 1));
        assert_done(mgr_namespace_incr(ns, "n", 41, &n));
        assert_int_equal(n, 42);
        assert_done(mgr_namespace_incr(ns, "n", -41, NULL));
        assert_int_equal(mgr_namespace_incr(ns, "none", 1, &n), MGR_EATTRIBUTE);
        assert_yes(mgr_namespace_compare_and_swap(ns, "n", 1, "x"));
        assert_done(mgr_namespace_compare_and_swap(ns, "n", 1, "y"));
        assert_yes(mgr_namespace_compare_and_swap_value(ns, "new", NULL, &one));
        assert_done(mgr_namespace_compare_and_swap_value(ns, "new", NULL, &two));
        assert_namespace(ns, "\"Namespace(n='x', new=1)\"");
        assert_yes(mgr_namespace_compare_and_swap_value(ns, "new", &one, NULL));
        assert_int_equal(mgr_namespace_compare_and_swap_value(ns, "new", &one, &two),
                         MGR_EATTRIBUTE);
        assert_int_equal(mgr_namespace_compare_and_swap_value(ns, "n", NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_namespace_compare_and_swap(ns, NULL, 1, 2), MGR_EARGUMENT);
        mgr_namespace_free(ns);
}

static void namespaces_hold_each_other_by_name(void **state)
{
        mgr_namespace *outer, *inner = new_namespace(), *found;
        mgr_dict *no_dict;
        mgr_value value;

        (void)state;
        assert_done(mgr_namespace_open(m, "outer", &outer));
        assert_done(mgr_namespace_set(inner, "a", 1));
        assert_done(mgr_namespace_set(outer, "inner", inner));
        mgr_namespace_free(inner);
        mgr_namespace_free(outer);

        assert_done(mgr_namespace_open(m, "outer", &outer));
        assert_done(mgr_namespace_get(outer, "inner", &value));
        assert_int_equal(mgr_value_dict(&value, &no_dict), MGR_ETYPE);
        assert_done(mgr_value_namespace(&value, &found));
        mgr_value_clear(&value);
        assert_namespace(found, "'Namespace(a=1)'");
        mgr_namespace_free(mgr_namespace_ref(found));
        mgr_namespace_free(found);
        assert_yes(mgr_manager_unlink(m, "outer"));
        mgr_namespace_free(outer);
        assert_int_equal(count_objects(), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(attributes_are_set_got_and_deleted),
                cmocka_unit_test(namespaces_are_made_from_mappings),
                cmocka_unit_test(attributes_change_in_one_step),
                cmocka_unit_test(namespaces_hold_each_other_by_name),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
