/*
 * test_set_state - the type set: the proxies it holds, and the memory it takes
 */
#include "tests/lib/set_fixture.h"

/* --- nested proxies */

static struct object *new_inner(struct set_world *w)
{
        return harness_create(&w->h, &dict_type, "inner=1");
}

static void a_stored_proxy_holds_its_referent(void **state)
{
        struct set_world *w = *state;
        struct object *inner = new_inner(w);
        uint64_t ident = inner->ident;

        harness_call(&w->h, w->s, "add", "(1, proxy(%" PRIu64 "))", ident);
        CALL("add", proxy(w, inner), "None");
        harness_call(&w->h, w->s, "add", "(1.0, proxy(%" PRIu64 "))", ident);
        CALL("__len__", "", "5");
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 2);
        assert_ptr_equal(store_find(&w->h.store, ident), inner);
        CALL("remove", proxy(w, inner), "None");
        assert_int_equal(harness_reap(&w->h), 2);
        harness_call(&w->h, w->s, "discard", "(1, proxy(%" PRIu64 "))", ident);
        assert_int_equal(harness_reap(&w->h), 1);
        assert_false(object_has_links(w->s));
}

static void every_way_out_gives_up_the_referent(void **state)
{
        static const char *const ways[][2] = {
                { "remove", "@" },
                { "discard", "@" },
                { "clear", "" },
                { "difference_update", "[], [@]" },
                { "difference_update", "[@, 1, 2, 3, 4, 5]" },
                { "intersection_update", "'ab'" },
                { "intersection_update", "[]" },
                { "symmetric_difference_update", "[@]" },
                { "__iand__", "{1}" },
                { "__isub__", "{@}" },
                { "__ixor__", "{@}" },
        };
        struct set_world *w = *state;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
                struct object *inner = new_inner(w);

                CALL("update", "'ab', [1]", "None");
                CALL("add", with_proxy(w, "@", inner), "None");
                with_proxy(w, ways[i][1], inner);
                harness_release(&w->h, inner);
                assert_int_equal(harness_reap(&w->h), 2);
                CALL(ways[i][0], w->text, "None");
                assert_int_equal(harness_reap(&w->h), 1);
                assert_false(object_has_links(w->s));
        }
        CALL("clear", "", "None");
        CALL("add", proxy(w, new_inner(w)), "None");
        harness_call(&w->h, w->s, "pop", "%s", "");
        assert_false(object_has_links(w->s));
}

static void every_way_in_holds_the_referent(void **state)
{
        static const char *const ways[] = { "add", "update", "__ior__", "__ixor__",
                                            "symmetric_difference_update" };
        struct set_world *w = *state;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
                struct object *inner = new_inner(w), *other;

                other = harness_create(&w->h, &set_type, "[proxy(%" PRIu64 "), 'b']", inner->ident);
                CALL(ways[i], with_proxy(w, i == 0 ? "@" : "{'a', @}", inner), "None");
                assert_int_equal(table_count(&w->s->links), 1);
                /* by way of another set, too */
                CALL("clear", "", "None");
                if (i > 0)
                        CALL(ways[i], proxy(w, other), "None");
                assert_int_equal(table_count(&w->s->links), i > 0);
                CALL("clear", "", "None");
                harness_release(&w->h, other);
                harness_release(&w->h, inner);
                assert_int_equal(harness_reap(&w->h), 1);
        }
}

static void a_cycle_is_collected(void **state)
{
        struct set_world *w = *state;
        struct object *inner =
                harness_create(&w->h, &set_type, "[proxy(%" PRIu64 ")]", w->s->ident);

        CALL("add", proxy(w, inner), "None");
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 2);
        harness_release(&w->h, w->s);
        assert_int_equal(harness_reap(&w->h), 0);
}

static void a_dangling_proxy_is_refused_and_nothing_changes(void **state)
{
        static const char *const methods[] = { "update", "symmetric_difference_update", "__ior__",
                                               "__ixor__", "add" };
        struct set_world *w = *state;
        struct object *inner = new_inner(w), *gone = new_inner(w);
        uint64_t ident = gone->ident;
        char shape[64];

        harness_release(&w->h, gone);
        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); ++i) {
                if (i < 4)
                        snprintf(shape, sizeof(shape), "{'x', @, proxy(%" PRIu64 "), 'a'}", ident);
                else
                        snprintf(shape, sizeof(shape), "('x', @, proxy(%" PRIu64 "))", ident);
                with_proxy(w, shape, inner);
                harness_call(&w->h, w->s, methods[i], "%s", w->text);
                assert_int_equal(w->h.status, -STATUS_NO_OBJECT);
                HOLDS("{'a', 'b', 1}");
                assert_false(object_has_links(w->s));
        }
        harness_release(&w->h, inner);
        assert_int_equal(harness_reap(&w->h), 1);
}

/* --- limits */

static void without_memory_a_call_changes_nothing(void **state)
{
        static const char *const calls[][2] = {
                { "add", "'c'" },
                { "update", "'c', 'd'" },
                { "__ior__", "{'c'}" },
                { "__ixor__", "{'a', 'c'}" },
                { "symmetric_difference_update", "'ac'" },
        };
        struct set_world *w = *state;
        size_t used = w->h.store.memory.used;

        w->h.store.memory.limit = used + 4;
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
                CALL(calls[i][0], calls[i][1], "MemoryError: out of memory");
                HOLDS("{'a', 'b', 1}");
                assert_int_equal(w->h.store.memory.used, used);
        }
        CALL("add", "'a'", "None");
        CALL("discard", "'a'", "None");
        CALL("remove", "'b'", "None");
        CALL("pop", "", "1");
        CALL("clear", "", "None");
        w->h.store.memory.limit = SIZE_MAX;
}

static void a_proxy_for_which_there_is_no_room_is_not_held(void **state)
{
        static const char *const ways[][2] = { { "add", "@" }, { "update", "[@], [(@, 2)]" } };
        struct set_world *w = *state;
        struct object *inner = new_inner(w);
        size_t used = w->h.store.memory.used;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
                const char *arguments = with_proxy(w, ways[i][1], inner);

                w->h.store.memory.limit = used;
                while (strcmp(harness_call(&w->h, w->s, ways[i][0], "%s", arguments), "None")) {
                        assert_int_equal(w->h.status, -STATUS_NOMEM);
                        assert_false(object_has_links(w->s));
                        assert_int_equal(w->h.store.memory.used, used);
                        w->h.store.memory.limit += 8;
                }
                w->h.store.memory.limit = SIZE_MAX;
                CALL("difference_update", with_proxy(w, "[@, (@, 2)]", inner), "None");
                assert_false(object_has_links(w->s));
        }
}

static void a_result_that_is_too_large_takes_nothing_out(void **state)
{
        struct set_world *w = *state;

        CALL("clear", "", "None");
        CALL("add", "'a text of some length'", "None");
        w->h.reply.limit = 10;
        CALL("pop", "", "TooLarge: exceeds a limit");
        CALL("union", "'xyz'", "TooLarge: exceeds a limit");
        CALL("copy", "", "TooLarge: exceeds a limit");
        w->h.reply.limit = SIZE_MAX;
        HOLDS("{'a text of some length'}");
}

static void fill(struct set_world *w, int n)
{
        for (int i = 0; i < n; ++i)
                harness_call(&w->h, w->s, "add", "%d", i);
}

static void clearing_is_charged_until_it_is_done(void **state)
{
        static const char *const ways[][2] = {
                { "clear", "" },
                { "intersection_update", "[]" },
                { "__iand__", "{'no', 'such'}" },
        };
        struct set_world *w = *state;
        size_t used = w->h.store.memory.used, full;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
                fill(w, 5000);
                full = w->h.store.memory.used;
                CALL(ways[i][0], ways[i][1], "None");
                assert_int_equal(w->h.store.memory.used, full);
                CALL("__len__", "", "0");
                assert_true(store_reap(&w->h.store, 100));
                assert_in_range(w->h.store.memory.used, used, full - 1);
                CALL("update", "'ab', [1]", "None");
                harness_reap(&w->h);
                assert_int_equal(w->h.store.memory.used, used);
        }
}

static void a_big_set_that_keeps_few_frees_the_rest_in_steps(void **state)
{
        struct set_world *w = *state;
        struct object *few;
        size_t full, used;

        CALL("clear", "", "None");
        fill(w, 5000);
        CALL("page", "None, 2", "[(5, 1), [0, 1]]");
        full = w->h.store.memory.used;
        CALL("intersection_update", "[4000, 0.0, 1, 17, 'x']", "None");
        HOLDS("{0, 1, 17, 4000}");
        assert_in_range(w->h.store.memory.used, full, full + 1000);
        CALL("page", "(5, 1), 1", "[(21, 17), [17]]");
        CALL("page", "(21, 17), 9", "[None, [4000]]");
        CALL("add", "'new'", "None");
        CALL("page", "(4004, 4000)", "[None, ['new']]");
        CALL("page", "(5003, 4999)", "[None, ['new']]"); /* whose element is gone */
        harness_reap(&w->h);

        /* without room for a moment it is done all the same */
        used = w->h.store.memory.used;
        fill(w, 2000);
        CALL("__len__", "", "2002");
        few = harness_create(&w->h, &set_type, "%s", "(0, 4000, 'new')");
        w->h.store.memory.limit = w->h.store.memory.used;
        CALL("__iand__", proxy(w, few), "None");
        HOLDS("{0, 4000, 'new'}");
        w->h.store.memory.limit = SIZE_MAX;
        harness_release(&w->h, few);
        assert_in_range(w->h.store.memory.used, 1, used);
}

static void big_operands_are_refunded(void **state)
{
        struct set_world *w = *state;
        struct object *list = harness_create(&w->h, &list_type, "[0]");
        size_t used;

        harness_call(&w->h, list, "__imul__", "3000");
        for (int i = 0; i < 3000; ++i)
                harness_call(&w->h, list, "__setitem__", "%d, %d", i, i);
        used = w->h.store.memory.used;
        CALL("difference_update", proxy(w, list), "None");
        HOLDS("{'a', 'b'}");
        CALL("add", "1", "None");
        CALL("intersection", proxy(w, list), "{1}");
        CALL("issubset", proxy(w, list), "False");
        snprintf(w->text, sizeof(w->text), "proxy(%" PRIu64 "), proxy(%" PRIu64 ")", list->ident,
                 list->ident);
        CALL("intersection", w->text, "{1}");
        harness_reap(&w->h);
        assert_int_equal(w->h.store.memory.used, used);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                SET_TEST(a_stored_proxy_holds_its_referent),
                SET_TEST(every_way_out_gives_up_the_referent),
                SET_TEST(every_way_in_holds_the_referent),
                SET_TEST(a_cycle_is_collected),
                SET_TEST(a_dangling_proxy_is_refused_and_nothing_changes),
                SET_TEST(without_memory_a_call_changes_nothing),
                SET_TEST(a_proxy_for_which_there_is_no_room_is_not_held),
                SET_TEST(a_result_that_is_too_large_takes_nothing_out),
                SET_TEST(clearing_is_charged_until_it_is_done),
                SET_TEST(a_big_set_that_keeps_few_frees_the_rest_in_steps),
                SET_TEST(big_operands_are_refunded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
