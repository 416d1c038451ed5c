/*
 * test_list_state - what becomes of waiters, proxies and memory when a list changes
 */
#include <stdio.h>

#include "managerd/types/list.h"
#include "tests/lib/list_fixture.h"

/* --- waiting: who waits is told; the engine's tests have the rest */

static void list_take_is_a_pop_from_the_front(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2]");

        assert_call(h, list, "take", "", "1");
        assert_call(h, list, "take", "timeout=0", "2");
        assert_string_equal(harness_call(h, list, "take", "0"), "Empty");
        assert_call(h, list, "take", "-1", "ValueError: 'timeout' must be a non-negative number");
        assert_call(h, list, "take", "'x'",
                    "TypeError: 'str' object cannot be interpreted as a number of seconds");
        assert_call(h, list, "take", "", "parked");
        assert_call(h, list, "take", "1.5", "parked");
        assert_int_equal(h->deadline, h->now + 1500000000);
        harness_release(h, list);
}

static void list_take_does_not_overtake_those_who_wait(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1]");
        struct line *takers = &list_of(list)->takers;

        takers->n = 1;
        assert_call(h, list, "take", "", "parked");
        assert_call(h, list, "take", "0", "Empty");
        assert_list(h, list, "[1]");
        takers->n = 0;
        assert_call(h, list, "take", "", "1");
        harness_release(h, list);
}

static void list_wakes_those_who_wait_when_elements_come(void **state)
{
        static const struct {
                const char *method, *arguments;
                bool wakes;
        } cases[] = {
                { "append", "1", true },
                { "insert", "0, 1", true },
                { "extend", "'ab'", true },
                { "__setitem__", "slice(0, 0, None), [1]", true },
                { "__setitem__", "slice(0, 9, None), [1]", true },
                { "__imul__", "2", true },
                { "extend", "[]", false },
                { "__setitem__", "slice(0, 0, None), []", false },
                { "__getitem__", "0", false },
                { "__delitem__", "0", false },
                { "clear", "", false },
        };
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2]");
        struct line *takers = &list_of(list)->takers;

        takers->n = 1;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                harness_call(h, list, cases[i].method, "%s", cases[i].arguments);
                assert_int_equal(h->status, CALL_DONE);
                assert_int_equal(list_is_linked(&takers->in_notified), cases[i].wakes);
                list_unlink(&takers->in_notified);
        }
        takers->n = 0;
        harness_release(h, list);
}

/* --- proxies */

/* Writes `proxy` for each %s. */
static void expand(const char *at, const char *proxy, char *text, size_t size)
{
        size_t n = 0;

        text[0] = '\0';
        for (; *at; ++at) {
                bool insert = at[0] == '%';

                n += (size_t)snprintf(text + n, size - n, "%.*s", insert ? 64 : 1,
                                      insert ? proxy : at);
                assert_true(n < size);
                at += insert;
        }
}

static void list_holds_what_its_proxies_refer_to(void **state)
{
        struct harness *h = *state;
        struct object *outer = new_list(h, "");
        struct object *inner = new_list(h, "[1]");
        uint64_t ident = inner->ident;
        char proxy[64], pair[160];

        snprintf(proxy, sizeof(proxy), "proxy(%ju)", (uintmax_t)ident);
        snprintf(pair, sizeof(pair), "[%s, {'deep': (%s,)}]", proxy, proxy);

        assert_call(h, outer, "append", proxy, "None");
        assert_int_equal(inner->n_internal, 1);
        assert_call(h, outer, "extend", pair, "None");
        assert_int_equal(inner->n_internal, 3);
        assert_call(h, outer, "__imul__", "3", "None");
        assert_int_equal(inner->n_internal, 9);
        assert_call(h, outer, "__delitem__", "slice(None, None, 3)", "None");
        assert_int_equal(inner->n_internal, 6);
        assert_call(h, outer, "__setitem__", "0, 'x'", "None");
        assert_int_equal(inner->n_internal, 5);
        harness_call(h, outer, "__setitem__", "slice(1, 3, 1), [%s, %s, %s]", proxy, proxy, proxy);
        assert_int_equal(inner->n_internal, 6);
        harness_call(h, outer, "__setitem__", "slice(None, None, 2), [0, 0, %s, %s]", proxy, proxy);
        assert_int_equal(h->status, CALL_DONE);
        harness_call(h, outer, "remove", "%s", proxy);
        assert_int_equal(h->status, CALL_DONE);
        assert_call(h, outer, "clear", "", "None");
        assert_int_equal(inner->n_internal, 0);

        harness_call(h, outer, "insert", "0, %s", proxy);
        harness_call(h, outer, "compare_and_swap", "0, %s, 1", proxy);
        assert_string_equal(harness_text(h), "True");
        assert_int_equal(inner->n_internal, 0);
        harness_call(h, outer, "compare_and_swap", "0, 1, %s", proxy);
        assert_int_equal(inner->n_internal, 1);

        harness_release(h, inner);
        assert_ptr_equal(store_find(&h->store, ident), inner);
        assert_call(h, inner, "append", "2", "None");
        harness_call(h, outer, "pop", "%s", "");
        harness_reap(h);
        assert_null(store_find(&h->store, ident));
        harness_release(h, outer);
}

static void list_counts_proxies_through_every_change(void **state)
{
        static const char *const changes[][2] = {
                { "__setitem__", "slice(None, None, None), [%s, 1, %s]" },
                { "__setitem__", "slice(1, 2, None), [%s, %s, 0, %s]" },
                { "__setitem__", "slice(None, None, 3), [%s, 3]" },
                { "__setitem__", "slice(None, None, 3), [%s]" }, /* fails */
                { "sort", "" },                                  /* fails */
                { "reverse", "" },
                { "insert", "2, [%s, [%s]]" },
                { "__imul__", "4" },
                { "__delitem__", "slice(7, 1, -2)" },
                { "pop", "3" },
                { "remove", "[%s, [%s]]" },
                { "incr", "0" },
                { "__setitem__", "2, %s" },
                { "extend", "(%s, %s)" },
                { "extend", "5" }, /* fails */
                { "compare_and_swap", "-1, %s, [%s, %s]" },
                { "take", "" },
                { "__delitem__", "slice(None, 4, None)" },
        };
        struct harness *h = *state;
        struct object *outer = new_list(h, "");
        struct object *inner = new_list(h, "");
        char proxy[64];

        snprintf(proxy, sizeof(proxy), "proxy(%ju)", (uintmax_t)inner->ident);
        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
                char arguments[512];
                size_t n_found = 0;

                expand(changes[i][1], proxy, arguments, sizeof(arguments));
                harness_call(h, outer, changes[i][0], "%s", arguments);
                for (const char *at = harness_repr(h, outer); (at = strstr(at, "Proxy")); ++at)
                        ++n_found;
                assert_int_equal(inner->n_internal, n_found);
        }
        harness_release(h, outer);
        harness_reap(h);
        assert_int_equal(inner->n_internal, 0);
        harness_release(h, inner);
}

static void list_refuses_proxies_of_what_is_gone(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2, 3]");
        struct object *other = new_list(h, "");
        struct object *gone = new_list(h, "");
        char both[128];

        snprintf(both, sizeof(both), "[proxy(%ju), proxy(%ju)]", (uintmax_t)other->ident,
                 (uintmax_t)gone->ident);
        harness_release(h, gone);
        harness_reap(h);

        harness_call(h, list, "append", "%s", both);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        harness_call(h, list, "extend", "%s", both);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        harness_call(h, list, "__setitem__", "slice(0, 2, None), %s", both);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        harness_call(h, list, "__setitem__", "1, %s", both);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        assert_null(harness_create(h, &list_type, "%s", both));
        assert_list(h, list, "[1, 2, 3]");
        assert_int_equal(other->n_internal, 0);
        harness_release(h, list);
        harness_release(h, other);
}

static void list_may_be_its_own_argument(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 'a longer text than fits', 3]");
        char proxy[64];

        snprintf(proxy, sizeof(proxy), "proxy(%ju)", (uintmax_t)list->ident);
        assert_call(h, list, "extend", proxy, "None");
        assert_call(h, list, "__len__", "", "6");
        harness_call(h, list, "__setitem__", "slice(None, None, None), %s", proxy);
        assert_call(h, list, "__delitem__", "slice(3, None, None)", "None");
        harness_call(h, list, "__setitem__", "slice(1, 2, None), %s", proxy);
        assert_list(h, list, "[1, 1, 'a longer text than fits', 3, 3]");
        harness_call(h, list, "__setitem__", "slice(None, None, -1), %s", proxy);
        assert_list(h, list, "[3, 3, 'a longer text than fits', 1, 1]");
        assert_call(h, list, "__add__", proxy,
                    "[3, 3, 'a longer text than fits', 1, 1, "
                    "3, 3, 'a longer text than fits', 1, 1]");

        /* and its own element: a cycle, which is collected */
        assert_call(h, list, "append", proxy, "None");
        harness_release(h, list);
        assert_int_equal(harness_reap(h), 0);
}

/* --- memory */

static void list_without_memory_stays_as_it_was(void **state)
{
        static const char *const changes[][2] = {
                { "append", "'a text that does not fit a cell'" },
                { "insert", "1, 'a text that does not fit a cell'" },
                { "extend", "['a text that does not fit a cell', 1, 2, 3]" },
                { "__setitem__", "1, 'a text that does not fit a cell'" },
                { "__setitem__", "slice(1, 2, 1), ['a text that does not fit a cell', 5, 5, 5]" },
                { "__setitem__", "slice(0, 3, 1), ['a text that does not fit a cell', 5, 5, 5]" },
                { "__setitem__", "slice(None, None, 2), ['a text that does not fit a cell', 5]" },
                { "__imul__", "5" },
                { "sort", "" },
                { "compare_and_swap", "0, 2, 'a text that does not fit a cell'" },
                { "incr", "0, 10**40" },
        };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
                unsigned n_failed = 0;

                for (size_t more = 0;; ++more) {
                        struct object *list = new_list(h, "[2, 1, 0]");

                        h->store.memory.limit = h->store.memory.used + more;
                        harness_call(h, list, changes[i][0], "%s", changes[i][1]);
                        h->store.memory.limit = SIZE_MAX;
                        if (h->status == -STATUS_NOMEM)
                                assert_list(h, list, "[2, 1, 0]");
                        n_failed += h->status < 0;
                        harness_release(h, list);
                        harness_reap(h);
                        if (h->status == CALL_DONE)
                                break;
                        assert_int_equal(h->status, -STATUS_NOMEM);
                }
                assert_true(n_failed > 0);
        }
}

static void list_without_memory_holds_no_proxy(void **state)
{
        static const char *const changes[][2] = {
                { "append", "[%s, 'a text that does not fit a cell']" },
                { "extend", "[%s, 'a text that does not fit a cell', %s]" },
                { "__setitem__", "0, (%s, 'a text that does not fit a cell')" },
                { "__setitem__", "slice(1, 1, 1), (%s, 'a text that does not fit a cell', 1, 2)" },
                { "__imul__", "100" },
        };
        struct harness *h = *state;
        struct object *inner = new_list(h, "");
        char proxy[64], arguments[256];

        snprintf(proxy, sizeof(proxy), "proxy(%ju)", (uintmax_t)inner->ident);
        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); ++i) {
                unsigned n_failed = 0;

                expand(changes[i][1], proxy, arguments, sizeof(arguments));
                for (size_t more = 0;; ++more) {
                        struct object *list = new_list(h, "[1, 2]");

                        harness_call(h, list, "append", "%s", proxy);
                        h->store.memory.limit = h->store.memory.used + more;
                        harness_call(h, list, changes[i][0], "%s", arguments);
                        h->store.memory.limit = SIZE_MAX;
                        assert_true(h->status == CALL_DONE || inner->n_internal == 1);
                        n_failed += h->status < 0;
                        harness_release(h, list);
                        assert_int_equal(inner->n_internal, 0);
                        if (h->status == CALL_DONE)
                                break;
                        assert_int_equal(h->status, -STATUS_NOMEM);
                }
                assert_true(n_failed > 0);
        }
        harness_release(h, inner);
}

static void list_deletes_when_there_is_no_memory(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2, 'a text that does not fit a cell', 4, 5, 6]");

        h->store.memory.limit = h->store.memory.used;
        assert_call(h, list, "pop", "", "6");
        assert_call(h, list, "take", "", "1");
        assert_call(h, list, "__delitem__", "slice(None, None, 2)", "None");
        assert_list(h, list, "['a text that does not fit a cell', 5]");
        assert_call(h, list, "remove", "5", "None");
        assert_call(h, list, "clear", "", "None");
        h->store.memory.limit = SIZE_MAX;
        harness_release(h, list);
}

static void list_refuses_to_grow_beyond_all_bounds(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "[1, 2]");

        h->store.memory.limit = 1 << 20;
        harness_call(h, list, "__imul__", "1099511627776");
        assert_int_equal(h->status, -STATUS_NOMEM);
        harness_call(h, list, "__imul__", "9223372036854775807");
        harness_call(h, list, "__mul__", "4611686018427387904");
        assert_int_equal(h->status, -STATUS_NOMEM);
        assert_call(h, list, "__mul__", "9223372036854775808",
                    "OverflowError: cannot fit 'int' into an index-sized integer");
        assert_list(h, list, "[1, 2]");
        h->store.memory.limit = SIZE_MAX;
        harness_release(h, list);
}

static void list_result_beyond_the_limit_changes_nothing(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "");
        size_t limit = h->reply.limit;

        harness_call(h, list, "append", "'%0*d'", 1000, 0);
        h->reply.limit = 500;
        harness_call(h, list, "pop", "%s", "");
        assert_int_equal(h->status, -STATUS_TOO_LARGE);
        harness_call(h, list, "take", "%s", "");
        assert_int_equal(h->status, -STATUS_TOO_LARGE);
        harness_call(h, list, "__mul__", "1125899906842624");
        assert_int_equal(h->status, -STATUS_TOO_LARGE);
        h->reply.limit = limit;
        assert_call(h, list, "__len__", "", "1");
        harness_release(h, list);
}

static void list_big_content_is_freed_in_steps(void **state)
{
        struct harness *h = *state;
        struct object *list = new_list(h, "['a text that does not fit a cell']");
        size_t before, n_chunks, steps = 0;

        assert_call(h, list, "__imul__", "100000", "None");
        n_chunks = 100000 / 64;
        before = h->store.memory.used;
        assert_call(h, list, "clear", "", "None");
        assert_true(h->store.memory.used + 1024 > before);
        assert_call(h, list, "append", "1", "None");
        assert_list(h, list, "[1]");
        while (store_reap(&h->store, 100))
                ++steps;
        assert_in_range(steps, n_chunks / 100, n_chunks / 100 + 5);
        assert_true(h->store.memory.used < before / 1000);

        assert_call(h, list, "__imul__", "100000", "None");
        before = h->store.memory.used;
        assert_call(h, list, "__delitem__", "slice(30000, 70000, None)", "None");
        assert_true(h->store.memory.used + before / 100 > before);
        assert_call(h, list, "__len__", "", "60000");
        for (steps = 0; store_reap(&h->store, 100);)
                ++steps;
        assert_in_range(steps, n_chunks * 2 / 500, n_chunks * 2 / 500 + 5);
        assert_true(h->store.memory.used < before * 2 / 3);

        before = h->store.memory.used;
        object_release(list);
        store_settle(&h->store);
        assert_true(h->store.memory.used + 1024 > before);
        for (steps = 0; store_reap(&h->store, 100);)
                ++steps;
        assert_in_range(steps, n_chunks * 3 / 500, n_chunks * 3 / 500 + 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                LIST_TEST(list_take_is_a_pop_from_the_front),
                LIST_TEST(list_take_does_not_overtake_those_who_wait),
                LIST_TEST(list_wakes_those_who_wait_when_elements_come),
                LIST_TEST(list_holds_what_its_proxies_refer_to),
                LIST_TEST(list_counts_proxies_through_every_change),
                LIST_TEST(list_refuses_proxies_of_what_is_gone),
                LIST_TEST(list_may_be_its_own_argument),
                LIST_TEST(list_without_memory_stays_as_it_was),
                LIST_TEST(list_without_memory_holds_no_proxy),
                LIST_TEST(list_deletes_when_there_is_no_memory),
                LIST_TEST(list_refuses_to_grow_beyond_all_bounds),
                LIST_TEST(list_result_beyond_the_limit_changes_nothing),
                LIST_TEST(list_big_content_is_freed_in_steps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
