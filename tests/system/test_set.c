/*
 * test_set - shared sets through libmanager
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

static void assert_set(const mgr_set *s, const char *text)
{
        mgr_value str;

        assert_done(mgr_set_str(s, &str));
        assert_string_equal(mgr_cstr(&str), text);
        mgr_value_clear(&str);
}

/* A set of the integers from first to last. */
static mgr_set *new_set(int first, int last)
{
        mgr_set *s;

        assert_done(mgr_set_new(m, &s));
        for (int i = first; i <= last; ++i)
                assert_done(mgr_set_add(s, i));
        return s;
}

/* --- coming and going */

static void a_set_is_made_from_whatever_has_elements(void **state)
{
        mgr_set *s, *same;
        mgr_value text = mgr_str("hello"), token, number = mgr_int(5);

        (void)state;
        assert_done(mgr_set_new_value(m, &text, &s));
        assert_set(s, "{'h', 'e', 'l', 'o'}");
        token = mgr_from_set(s);
        assert_done(mgr_set_new_value(m, &token, &same));
        assert_set(same, "{'h', 'e', 'l', 'o'}");
        mgr_set_free(same);
        assert_error(mgr_set_new_value(m, &number, &same), MGR_ETYPE,
                     "TypeError: 'int' object is not iterable");
        assert_error(mgr_set_new_value(m, NULL, &same), MGR_EARGUMENT, "invalid argument");
        assert_error(mgr_set_new(m, NULL), MGR_EARGUMENT,
                     "there is nothing to write the result to");
        mgr_set_free(s);
        mgr_set_free(NULL);
}

static void a_named_set_is_found_again(void **state)
{
        mgr_set *s, *same;
        mgr_dict *d;

        (void)state;
        assert_done(mgr_set_open(m, "tags", &s));
        assert_done(mgr_set_add(s, "red"));
        mgr_set_free(s);
        assert_done(mgr_set_open(m, "tags", &same));
        assert_set(same, "{'red'}");
        assert_error(mgr_dict_open(m, "tags", &d), MGR_ETYPE,
                     "TypeError: that object is a set, not a dict");
        assert_yes(mgr_manager_unlink(m, "tags"));
        mgr_set_free(same);
}

static void a_set_in_a_dict_is_found_by_its_proxy(void **state)
{
        mgr_dict *d = new_dict();
        mgr_set *s = new_set(1, 2), *found;
        size_t before = count_objects();
        mgr_value value;
        mgr_list *l;

        (void)state;
        assert_done(mgr_dict_set(d, "set", s));
        mgr_set_free(s);
        assert_done(mgr_dict_get(d, "set", &value));
        assert_error(mgr_value_list(&value, &l), MGR_ETYPE,
                     "a proxy of a 'list' is wanted, this is a 'set'");
        assert_done(mgr_value_set(&value, &found));
        mgr_value_clear(&value);
        assert_done(mgr_set_add(found, d));
        assert_yes(mgr_set_contains(found, d));
        assert_done(mgr_set_remove(found, d));
        assert_set(found, "{1, 2}");
        assert_int_equal(count_objects(), before);
        mgr_set_free(mgr_set_ref(found));
        mgr_set_free(found);
        mgr_dict_free(d);
        assert_int_equal(count_objects(), before - 2);
}

/* --- elements */

static void elements_come_and_go(void **state)
{
        mgr_set *s = new_set(1, 3);
        mgr_list *l = new_range(0);
        mgr_value value;
        long long first;
        size_t n;

        (void)state;
        assert_done(mgr_set_add(s, "text"));
        assert_done(mgr_set_add(s, 2.0));
        assert_set(s, "{1, 2, 3, 'text'}");
        assert_yes(mgr_set_contains(s, MGR_TRUE));
        assert_int_equal(mgr_set_contains(s, 5), 0);
        assert_done(mgr_set_discard(s, 5));
        assert_error(mgr_set_remove(s, 5), MGR_EKEY, "KeyError: 5");
        assert_done(mgr_set_remove(s, 2));
        assert_done(mgr_set_len(s, &n));
        assert_int_equal(n, 3);
        assert_done(mgr_set_pop(s, &first));
        assert_int_equal(first, 1);
        assert_done(mgr_set_pop(s, NULL));
        assert_value(mgr_set_pop(s, &value), &value, "'text'");
        assert_error(mgr_set_pop(s, &value), MGR_EKEY, "KeyError: 'pop from an empty set'");
        assert_done(mgr_list_copy(l, &value));
        assert_error(mgr_set_add(s, &value), MGR_ETYPE, "TypeError: unhashable type: 'list'");
        mgr_value_clear(&value);
        mgr_list_free(l);
        mgr_set_free(s);
}

static void sets_are_combined(void **state)
{
        mgr_set *s = new_set(1, 4), *other = new_set(3, 6);
        mgr_list *l = new_range(2);
        mgr_value value;

        (void)state;
        assert_value(mgr_set_union(s, other, &value), &value, "{1, 2, 3, 4, 5, 6}");
        assert_value(mgr_set_intersection(s, other, &value), &value, "{3, 4}");
        assert_value(mgr_set_difference(s, other, &value), &value, "{1, 2}");
        assert_value(mgr_set_symmetric_difference(s, other, &value), &value, "{1, 2, 5, 6}");
        assert_value(mgr_set_union(s, l, &value), &value, "{1, 2, 3, 4, 0}");
        assert_value(mgr_set_copy(s, &value), &value, "{1, 2, 3, 4}");
        assert_value(mgr_set_repr(s, &value), &value, "'{1, 2, 3, 4}'");
        assert_error(mgr_set_union(s, 5, &value), MGR_ETYPE,
                     "TypeError: 'int' object is not iterable");
        assert_error(mgr_set_union(s, other, NULL), MGR_EARGUMENT,
                     "there is nothing to write the result to");

        assert_int_equal(mgr_set_issubset(s, other), 0);
        assert_int_equal(mgr_set_isdisjoint(s, other), 0);
        assert_done(mgr_set_symmetric_difference_update(s, other));
        assert_set(s, "{1, 2, 5, 6}");
        assert_done(mgr_set_update(s, "ab"));
        assert_done(mgr_set_difference_update(s, l));
        assert_set(s, "{2, 5, 6, 'a', 'b'}");
        assert_done(mgr_set_intersection_update(s, other));
        assert_set(s, "{5, 6}");
        assert_yes(mgr_set_issubset(s, other));
        assert_yes(mgr_set_issuperset(other, s));
        assert_yes(mgr_set_isdisjoint(s, l));
        assert_done(mgr_set_clear(s));
        assert_set(s, "set()");
        mgr_list_free(l);
        mgr_set_free(other);
        mgr_set_free(s);
}

static void several_others_are_taken_by_one_call(void **state)
{
        mgr_set *s = new_set(1, 4), *other = new_set(3, 6);
        const mgr_value others[] = { mgr_from_set(other), mgr_str("ab"), mgr_from_set(s) };
        mgr_value value;

        (void)state;
        assert_value(mgr_proxy_call(mgr_set_proxy(s), "union", others, 3, &value), &value,
                     "{1, 2, 3, 4, 5, 6, 'a', 'b'}");
        assert_value(mgr_proxy_call(mgr_set_proxy(s), "intersection", NULL, 0, &value), &value,
                     "{1, 2, 3, 4}");
        assert_done(mgr_proxy_call(mgr_set_proxy(s), "update", others, 2, NULL));
        assert_done(mgr_proxy_call(mgr_set_proxy(other), "difference_update", others, 2, NULL));
        assert_set(s, "{1, 2, 3, 4, 5, 6, 'a', 'b'}");
        assert_set(other, "set()");
        mgr_set_free(other);
        mgr_set_free(s);
}

static void a_set_that_came_can_be_walked_here(void **state)
{
        mgr_set *s = new_set(1, 3);
        mgr_value copy, element;
        mgr_iter iter;
        int64_t sum = 0;

        (void)state;
        assert_done(mgr_set_copy(s, &copy));
        assert_int_equal(copy.kind, MGR_KIND_SET);
        assert_done(mgr_iter_init(&iter, &copy));
        while (mgr_iter_next(&iter, &element))
                sum += element.as.integer;
        assert_int_equal(sum, 6);
        assert_yes(mgr_set_issubset(s, &copy));
        mgr_value_clear(&copy);
        mgr_set_free(s);
}

/* --- page by page */

static void pages_give_every_element_once(void **state)
{
        mgr_set *s = new_set(0, 24);
        mgr_value cursor = MGR_NONE, page, element;
        int next = 0, r;

        (void)state;
        do {
                r = mgr_set_page(s, &cursor, 7, &page);
                assert_in_range(r, 0, 1);
                for (size_t i = 0; i < mgr_value_len(&page); ++i) {
                        assert_done(mgr_value_at(&page, (int64_t)i, &element));
                        assert_int_equal(element.as.integer, next++);
                }
                mgr_value_clear(&page);
                /* what a cursor points to may go, and what comes is behind it */
                assert_done(mgr_set_discard(s, next - 1));
                if (next == 7)
                        assert_done(mgr_set_add(s, 25));
        } while (r > 0);
        assert_int_equal(next, 26);
        assert_int_equal(cursor.kind, MGR_KIND_NONE);
        mgr_set_free(s);
}

static void a_walk_gives_every_element_once(void **state)
{
        mgr_set *s;
        mgr_list *l = new_range(2500);
        mgr_value key, value;
        mgr_walk *walk;
        int n = 0;

        (void)state;
        assert_done(mgr_set_new(m, &s));
        assert_done(mgr_set_update(s, l));
        assert_done(mgr_set_walk(s, &walk));
        while (mgr_walk_next(walk, &key, &value) == 1) {
                assert_int_equal(key.as.integer, n);
                assert_int_equal(value.as.integer, n++);
        }
        assert_int_equal(n, 2500);
        mgr_walk_free(walk);
        mgr_list_free(l);
        mgr_set_free(s);
}

/* --- processes */

/* Each element is taken out by exactly one of them. */
static void children_share_what_is_to_be_done(void **state)
{
        enum { N_CHILDREN = 4, N_ELEMENTS = 400 };
        mgr_set *todo = new_set(0, N_ELEMENTS - 1), *done = new_set(1, 0);
        pid_t pids[N_CHILDREN];
        size_t n;
        int status;

        (void)state;
        for (int i = 0; i < N_CHILDREN; ++i) {
                pids[i] = fork();
                if (pids[i] == 0) {
                        int number, r;

                        while ((r = mgr_set_pop(todo, &number)) == 0) {
                                if (mgr_set_contains(done, number) != 0)
                                        _exit(1);
                                if (mgr_set_add(done, number) < 0)
                                        _exit(2);
                        }
                        _exit(r == MGR_EKEY ? 0 : 3);
                }
                assert_true(pids[i] > 0);
        }
        for (int i = 0; i < N_CHILDREN; ++i) {
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        assert_done(mgr_set_len(done, &n));
        assert_int_equal(n, N_ELEMENTS);
        assert_set(todo, "set()");
        mgr_set_free(todo);
        mgr_set_free(done);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_set_is_made_from_whatever_has_elements),
                cmocka_unit_test(a_named_set_is_found_again),
                cmocka_unit_test(a_set_in_a_dict_is_found_by_its_proxy),
                cmocka_unit_test(elements_come_and_go),
                cmocka_unit_test(sets_are_combined),
                cmocka_unit_test(several_others_are_taken_by_one_call),
                cmocka_unit_test(a_set_that_came_can_be_walked_here),
                cmocka_unit_test(pages_give_every_element_once),
                cmocka_unit_test(a_walk_gives_every_element_once),
                cmocka_unit_test(children_share_what_is_to_be_done),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
