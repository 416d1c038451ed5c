/*
 * test_event - Event: who waits for it, and until when
 */
#include "tests/lib/lock_world.h"

#define TRUE  "#RETURN True"
#define FALSE "#RETURN False"
#define NONE  "#RETURN None"

#define EVENT(w)                                                                                   \
        WORLD(w, true);                                                                            \
        uint64_t e = engine_session_create(&w.root, "('Event',)")

static void event_is_set_until_it_is_cleared(void **state)
{
        EVENT(w);

        assert_says(&w, A, e, "is_set", "()", FALSE);
        assert_says(&w, B, e, "set", "()", NONE);
        assert_says(&w, B, e, "set", "()", NONE);
        assert_says(&w, A, e, "is_set", "()", TRUE);
        assert_says(&w, A, e, "wait", "()", TRUE);
        assert_says(&w, A, e, "wait", "(0,)", TRUE);
        assert_says(&w, B, e, "clear", "()", NONE);
        assert_says(&w, B, e, "clear", "()", NONE);
        assert_says(&w, A, e, "is_set", "()", FALSE);
        assert_says(&w, A, e, "wait", "(0,)", FALSE);
}

static void all_who_wait_see_it_set_though_it_is_cleared_at_once(void **state)
{
        EVENT(w);

        assert_says(&w, A, e, "wait", "()", "");
        assert_says(&w, B, e, "wait", "(1.5,)", "");
        assert_says_with(&w, C, e, "wait", "()", "{'i': 1}", "");
        assert_says(&w, D, e, "set", "()", NONE);
        assert_says(&w, D, e, "clear", "()", NONE);
        assert_hears(&w, A, TRUE);
        assert_hears(&w, B, TRUE);
        assert_hears(&w, C, "#RETURN True i=1");
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
        assert_int_equal(figure(&w, "calls_parked"), 0);
        /* who comes behind it waits for the next time */
        assert_says(&w, A, e, "wait", "()", "");
}

static void wait_gives_up_at_its_deadline(void **state)
{
        EVENT(w);

        assert_says(&w, A, e, "wait", "(2.5,)", "");
        assert_says(&w, B, e, "wait", "(1,)", "");
        assert_says(&w, C, e, "wait", "(None,)", "");
        time_passes(&w, 1);
        assert_hears(&w, B, FALSE);
        time_passes(&w, 1.4);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, FALSE);
        time_passes(&w, 1e6);
        assert_hears(&w, C, "");
        assert_says(&w, D, e, "set", "()", NONE);
        assert_hears(&w, C, TRUE);
}

static void wait_looks_at_its_timeout_as_python_does(void **state)
{
        EVENT(w);

        assert_says(&w, A, e, "wait", "(-1,)", FALSE);
        assert_says(&w, A, e, "wait", "(nan,)", FALSE);
        assert_says(&w, A, e, "wait", "(-inf,)", FALSE);
        assert_says(&w, A, e, "wait", "(False,)", FALSE);
        assert_says(&w, A, e, "wait", "('x',)",
                    "#ERROR TypeError(\"'>' not supported between instances of 'str' and 'int'\")");
        assert_says(&w, A, e, "wait", "(1e30,)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_says(&w, B, e, "set", "()", NONE);
        assert_says(&w, A, e, "wait", "('x',)", TRUE);
}

static void waiter_that_is_cancelled_or_dies_leaves(void **state)
{
        EVENT(w);

        assert_says_with(&w, A, e, "wait", "(60,)", "{'i': 1}", "");
        assert_says(&w, B, e, "wait", "(60,)", "");
        assert_says(&w, C, e, "wait", "()", "");
        assert_says_with(&w, A, 0, "cancel", "(1,)", "{'i': 2}", "#RETURN True i=2");
        assert_hears(&w, A, "#ERROR CancelledError('cancelled') i=1");
        process_ends(&w, B);
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
        assert_says(&w, D, e, "set", "()", NONE);
        assert_hears(&w, C, TRUE);
        assert_hears(&w, A, "");
}

static void who_set_it_may_die(void **state)
{
        EVENT(w);

        assert_says(&w, B, e, "set", "()", NONE);
        process_ends(&w, B);
        assert_says(&w, A, e, "wait", "()", TRUE);
}

static void text_is_as_in_python(void **state)
{
        EVENT(w);
        char expected[96];

        snprintf(expected, sizeof(expected), "#RETURN '<threading.Event at 0x%llx: unset>'",
                 (unsigned long long)e);
        assert_says(&w, A, e, "__str__", "()", expected);
        assert_says(&w, A, e, "set", "()", NONE);
        snprintf(expected, sizeof(expected), "#RETURN '<threading.Event at 0x%llx: set>'",
                 (unsigned long long)e);
        assert_says(&w, A, e, "__repr__", "()", expected);
}

static void ten_thousand_who_wait_are_woken_in_their_order(void **state)
{
        enum { N = 10000 };
        EVENT(w);
        uint64_t used = figure(&w, "memory_used");
        char options[32], expected[64];

        for (int i = 0; i < N; ++i) {
                snprintf(options, sizeof(options), "{'i': %d}", i);
                engine_session_send_with(&w.sessions[A], e, "wait", "(9,)", options, 0);
        }
        engine_assert_sound(w.engine);
        assert_says(&w, B, e, "set", "()", NONE);
        for (int i = 0; i < N; ++i) {
                snprintf(expected, sizeof(expected), "#RETURN True i=%d", i);
                assert_hears(&w, A, expected);
        }
        assert_int_equal(figure(&w, "memory_used"), used);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(event_is_set_until_it_is_cleared),
                cmocka_unit_test(all_who_wait_see_it_set_though_it_is_cleared_at_once),
                cmocka_unit_test(wait_gives_up_at_its_deadline),
                cmocka_unit_test(wait_looks_at_its_timeout_as_python_does),
                cmocka_unit_test(waiter_that_is_cancelled_or_dies_leaves),
                cmocka_unit_test(who_set_it_may_die),
                cmocka_unit_test(text_is_as_in_python),
                cmocka_unit_test(ten_thousand_who_wait_are_woken_in_their_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
