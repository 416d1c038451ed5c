/*
 * test_cell - the type Value
 */
#include <stdio.h>

#include "tests/lib/type_fixture.h"

static void value_is_got_and_set(void **state)
{
        struct harness *h = *state;
        struct object *cell = new_object(h, &cell_type, "'i', 5");

        assert_call(h, cell, "get", "", "5");
        assert_call(h, cell, "set", "[1, 'two']", "None");
        assert_call(h, cell, "get", "", "[1, 'two']");
        assert_call(h, cell, "set", "value='a text that is longer than what lies in the struct'",
                    "None");
        assert_call(h, cell, "get", "", "'a text that is longer than what lies in the struct'");
        assert_call(h, cell, "set", "None", "None");
        assert_string_equal(harness_repr(h, cell), "None");
        assert_call(h, cell, "set", "",
                    "TypeError: Value.set() missing 1 required positional "
                    "argument: 'value'");
        assert_call(h, cell, "get", "1",
                    "TypeError: Value.get() takes 1 positional argument but 2 were given");
        harness_release(h, cell);
}

static void value_shows_a_typecode_that_it_does_not_enforce(void **state)
{
        static const char *const made[][2] = {
                { "'i', 5", "Value('i', 5)" },
                { "'d', 'text', lock=False", "Value('d', 'text')" },
                { "None, [1.5]", "Value(None, [1.5])" },
                { "typecode='a typecode of any length, as Python', value={}",
                  "Value('a typecode of any length, as Python', {})" },
        };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); ++i) {
                struct object *cell = new_object(h, &cell_type, "%s", made[i][0]);

                assert_str(cell, made[i][1]);
                harness_release(h, cell);
        }
        assert_not_created(h, &cell_type, "'i'",
                           "TypeError: Value.__init__() missing 1 required positional argument: "
                           "'value'");
}

static void value_incr_adds_and_returns_the_sum(void **state)
{
        struct harness *h = *state;
        struct object *cell = new_object(h, &cell_type, "'i', 1");

        assert_call(h, cell, "incr", "", "2");
        assert_call(h, cell, "incr", "-10", "-8");
        assert_call(h, cell, "incr", "delta=0.25", "-7.75");
        assert_call(h, cell, "get", "", "-7.75");
        assert_call(h, cell, "set", "18446744073709551615", "None");
        assert_call(h, cell, "incr", "", "18446744073709551616");
        assert_call(h, cell, "incr", "'x'",
                    "TypeError: unsupported operand type(s) for +=: 'int' and 'str'");
        assert_call(h, cell, "get", "", "18446744073709551616");
        harness_release(h, cell);
}

static void value_swaps(void **state)
{
        struct harness *h = *state;
        struct object *cell = new_object(h, &cell_type, "'i', 1");

        assert_call(h, cell, "swap", "'new'", "1");
        assert_call(h, cell, "swap", "[2]", "'new'");
        assert_call(h, cell, "compare_and_swap", "[3], 4", "False");
        assert_call(h, cell, "compare_and_swap", "expected=[2.0], new=4", "True");
        assert_call(h, cell, "compare_and_swap", "4, nan", "True");
        assert_call(h, cell, "compare_and_swap", "nan, 5", "False");
        assert_str(cell, "Value('i', nan)");
        harness_release(h, cell);
}

static void value_holds_what_its_proxies_refer_to(void **state)
{
        struct harness *h = *state;
        struct object *inner = new_object(h, &cell_type, "'i', 1");
        struct object *cell = new_object(h, &cell_type, "'p', [proxy(%ju), proxy(%ju)]",
                                         (uintmax_t)inner->ident, (uintmax_t)inner->ident);

        assert_int_equal(inner->n_internal, 2);
        harness_call(h, cell, "set", "{'k': proxy(%ju)}", (uintmax_t)inner->ident);
        assert_int_equal(inner->n_internal, 1);
        harness_call(h, cell, "swap", "proxy(%ju)", (uintmax_t)inner->ident);
        assert_int_equal(inner->n_internal, 1);
        harness_call(h, cell, "compare_and_swap", "proxy(%ju), 7", (uintmax_t)inner->ident);
        assert_string_equal(harness_text(h), "True");
        assert_int_equal(inner->n_internal, 0);
        harness_call(h, cell, "set", "proxy(%ju)", (uintmax_t)inner->ident + 100);
        assert_int_equal(h->status, -STATUS_NO_OBJECT);
        assert_call(h, cell, "get", "", "7");

        harness_call(h, cell, "set", "proxy(%ju)", (uintmax_t)inner->ident);
        harness_release(h, inner);
        assert_int_equal(h->store.n_objects, 2);
        harness_release(h, cell);
        assert_int_equal(h->store.n_objects, 0);
}

static void value_that_takes_no_more_memory_is_not_refused(void **state)
{
        struct harness *h = *state;
        struct object *inner = new_object(h, &cell_type, "'i', 1");
        struct object *cell =
                new_object(h, &cell_type, "proxy(%ju), 'a text of 27 characters, long'",
                           (uintmax_t)inner->ident);

        h->store.memory.limit = h->store.memory.used;
        assert_call(h, cell, "set", "'a text of 27 characters, too.'", "None");
        assert_call(h, cell, "set", "'another text of 30 characters.'",
                    "MemoryError: out of memory");
        assert_call(h, cell, "swap", "'short'", "'a text of 27 characters, too.'");
        h->store.memory.limit = SIZE_MAX;
        harness_release(h, inner);
        harness_release(h, cell);
}

static void value_without_memory_stays_as_it_was(void **state)
{
        static const char *const texts[] = {
                "'a text that does not fit into the struct'",
                "'short'",
                "'a text that is a little longer than the one before it'",
        };
        struct harness *h = *state;
        struct object *inner = new_object(h, &cell_type, "'i', 1");

        for (unsigned proxies = 0; proxies < 2; ++proxies) {
                struct object *cell = new_object(h, &cell_type, "'i', 1");
                unsigned n_failed = 0;

                if (proxies)
                        harness_call(h, cell, "set", "proxy(%ju)", (uintmax_t)inner->ident);
                for (size_t i = 0; i < 3; ++i)
                        for (size_t more = 0;; ++more) {
                                h->store.memory.limit = h->store.memory.used + more;
                                harness_call(h, cell, "set", "%s", texts[i]);
                                h->store.memory.limit = SIZE_MAX;
                                if (h->status == CALL_DONE)
                                        break;
                                assert_int_equal(h->status, -STATUS_NOMEM);
                                ++n_failed;
                                assert_true(strcmp(harness_call(h, cell, "get", "%s", ""),
                                                   texts[i]) != 0);
                        }
                assert_true(n_failed > 0);
                assert_call(h, cell, "get", "", texts[2]);

                /* what takes no more is never refused */
                h->store.memory.limit = h->store.memory.used;
                assert_call(h, cell, "set", texts[0], "None");
                assert_call(h, cell, "set", "5", "None");
                h->store.memory.limit = SIZE_MAX;
                assert_int_equal(inner->n_internal, 0);
                harness_release(h, cell);
        }
        harness_release(h, inner);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TYPE_TEST(value_is_got_and_set),
                TYPE_TEST(value_shows_a_typecode_that_it_does_not_enforce),
                TYPE_TEST(value_incr_adds_and_returns_the_sum),
                TYPE_TEST(value_swaps),
                TYPE_TEST(value_holds_what_its_proxies_refer_to),
                TYPE_TEST(value_that_takes_no_more_memory_is_not_refused),
                TYPE_TEST(value_without_memory_stays_as_it_was),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
