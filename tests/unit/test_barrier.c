/*
 * test_barrier - Barrier: who passes and with which index, and what breaks it
 */
#include "tests/lib/lock_world.h"

#define TRUE   "#RETURN True"
#define FALSE  "#RETURN False"
#define NONE   "#RETURN None"
#define BROKEN "#ERROR BrokenBarrierError()"

#define BARRIER(w, args)                                                                           \
        WORLD(w, true);                                                                            \
        uint64_t b = engine_session_create(&w.root, args)

#define assert_waits_at(w, who, b) assert_says(w, who, b, "wait", "()", "")
#define assert_is(w, b, attribute, value)                                                          \
        assert_says(w, E, b, "__getattribute__", "('" attribute "',)", "#RETURN " value)

/* --- passing */

static void all_pass_when_the_last_arrives_with_indexes_in_their_order(void **state)
{
        BARRIER(w, "('Barrier', 3)");

        for (unsigned i = 0; i < 3; ++i) {
                assert_waits_at(&w, A, b);
                assert_waits_at(&w, B, b);
                assert_is(&w, b, "n_waiting", "2");
                assert_says(&w, C, b, "wait", "()", "#RETURN 2");
                assert_hears(&w, A, "#RETURN 0");
                assert_hears(&w, B, "#RETURN 1");
                assert_is(&w, b, "n_waiting", "0");
        }
}

static void barrier_of_one_stops_nobody(void **state)
{
        BARRIER(w, "('Barrier', 1)");

        assert_says(&w, A, b, "wait", "()", "#RETURN 0");
        assert_says(&w, A, b, "wait", "(0,)", "#RETURN 0");
        assert_says(&w, A, b, "wait", "('x',)", "#RETURN 0");
}

static void attributes_are_those_of_the_proxy_in_python(void **state)
{
        BARRIER(w, "('Barrier', 3)");

        assert_is(&w, b, "parties", "3");
        assert_is(&w, b, "n_waiting", "0");
        assert_is(&w, b, "broken", "False");
        assert_says(&w, A, b, "__getattribute__", "('x',)",
                    "#ERROR AttributeError(\"'Barrier' object has no attribute 'x'\")");
        assert_says(&w, A, b, "__getattribute__", "(5,)",
                    "#ERROR TypeError(\"attribute name must be string, not 'int'\")");
}

static void text_is_as_in_python(void **state)
{
        BARRIER(w, "('Barrier', 3)");
        char expected[96];

        assert_waits_at(&w, A, b);
        snprintf(expected, sizeof(expected), "#RETURN '<threading.Barrier at 0x%llx: waiters=1/3>'",
                 (unsigned long long)b);
        assert_says(&w, B, b, "__str__", "()", expected);
        assert_says(&w, B, b, "abort", "()", NONE);
        snprintf(expected, sizeof(expected), "#RETURN '<threading.Barrier at 0x%llx: broken>'",
                 (unsigned long long)b);
        assert_says(&w, B, b, "__repr__", "()", expected);
}

static void a_barrier_that_nobody_could_pass_is_not_made(void **state)
{
        WORLD(w, true);

        assert_says(&w, A, 0, "create", "('Barrier', 0)",
                    "#TRACEBACK 'ValueError: parties must be > 0'");
        assert_says(&w, A, 0, "create", "('Barrier', -1)",
                    "#TRACEBACK 'ValueError: parties must be > 0'");
        assert_says(&w, A, 0, "create", "('Barrier', 'x')",
                    "#TRACEBACK \"TypeError: 'str' object cannot be interpreted as an integer\"");
        assert_says(&w, A, 0, "create", "('Barrier', 2, None, 'x')",
                    "#TRACEBACK \"TypeError: unsupported operand type(s) for +: 'float' and "
                    "'str'\"");
}

/* --- those who die or are cancelled */

static void who_dies_just_leaves_and_the_others_have_the_indexes(void **state)
{
        BARRIER(w, "('Barrier', 3)");

        assert_waits_at(&w, A, b);
        assert_waits_at(&w, B, b);
        process_ends(&w, A);
        assert_is(&w, b, "n_waiting", "1");
        assert_waits_at(&w, C, b);
        assert_says(&w, D, b, "wait", "()", "#RETURN 2");
        assert_hears(&w, B, "#RETURN 0");
        assert_hears(&w, C, "#RETURN 1");
}

static void who_is_cancelled_leaves_as_if_dead(void **state)
{
        BARRIER(w, "('Barrier', 2)");

        assert_says_with(&w, A, b, "wait", "(60,)", "{'i': 1}", "");
        assert_says_with(&w, A, 0, "cancel", "(1,)", "{'i': 2}", "#RETURN True i=2");
        assert_hears(&w, A, "#ERROR CancelledError('cancelled') i=1");
        assert_is(&w, b, "broken", "False");
        assert_is(&w, b, "n_waiting", "0");
        assert_waits_at(&w, B, b);
        assert_says(&w, C, b, "wait", "()", "#RETURN 1");
        assert_hears(&w, B, "#RETURN 0");
}

/* --- breaking */

static void a_timeout_breaks_it_for_all(void **state)
{
        BARRIER(w, "('Barrier', 4)");

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "(1.5,)", "");
        assert_says(&w, C, b, "wait", "(1.5,)", "");
        time_passes(&w, 1.4);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, BROKEN);
        assert_hears(&w, B, BROKEN);
        assert_hears(&w, C, BROKEN);
        assert_is(&w, b, "broken", "True");
        assert_is(&w, b, "n_waiting", "0");
        assert_says(&w, D, b, "wait", "()", BROKEN);
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
}

static void a_timeout_that_has_passed_breaks_it_at_once(void **state)
{
        static const char *const timeouts[] = { "(0,)", "(-1,)", "(nan,)", "(-inf,)", "(False,)" };

        for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); ++i) {
                BARRIER(w, "('Barrier', 3)");

                assert_waits_at(&w, A, b);
                assert_says(&w, B, b, "wait", timeouts[i], BROKEN);
                assert_hears(&w, A, BROKEN);
                assert_is(&w, b, "broken", "True");
        }
}

static void a_timeout_that_is_none_breaks_nothing(void **state)
{
        BARRIER(w, "('Barrier', 2)");

        assert_says(&w, A, b, "wait", "('x',)",
                    "#ERROR TypeError(\"unsupported operand type(s) for +: 'float' and 'str'\")");
        assert_says(&w, A, b, "wait", "(1e30,)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_is(&w, b, "broken", "False");
        assert_is(&w, b, "n_waiting", "0");
}

static void its_own_timeout_is_that_of_those_who_give_none(void **state)
{
        BARRIER(w, "('Barrier', 3, None, 2)");

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "(5,)", "");
        time_passes(&w, 1.9);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, BROKEN);
        assert_hears(&w, B, BROKEN);
}

static void a_given_timeout_goes_before_its_own(void **state)
{
        BARRIER(w, "('Barrier', 3, None, 2)");

        assert_says(&w, A, b, "wait", "(5,)", "");
        time_passes(&w, 4.9);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, BROKEN);
}

static void abort_breaks_it_until_it_is_reset(void **state)
{
        BARRIER(w, "('Barrier', 2)");

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "abort", "()", NONE);
        assert_hears(&w, A, BROKEN);
        assert_says(&w, A, b, "wait", "()", BROKEN);
        assert_says(&w, B, b, "abort", "()", NONE);
        assert_says(&w, B, b, "reset", "()", NONE);
        assert_is(&w, b, "broken", "False");
        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "()", "#RETURN 1");
        assert_hears(&w, A, "#RETURN 0");
}

static void reset_ends_the_waits_and_breaks_nothing(void **state)
{
        BARRIER(w, "('Barrier', 3)");

        assert_waits_at(&w, A, b);
        assert_waits_at(&w, B, b);
        assert_says(&w, C, b, "reset", "()", NONE);
        assert_hears(&w, A, BROKEN);
        assert_hears(&w, B, BROKEN);
        assert_is(&w, b, "broken", "False");
        assert_waits_at(&w, A, b);
        assert_waits_at(&w, B, b);
        assert_says(&w, C, b, "wait", "()", "#RETURN 2");
        assert_hears(&w, A, "#RETURN 0");
        assert_hears(&w, B, "#RETURN 1");
        assert_says(&w, C, b, "reset", "()", NONE);
        assert_is(&w, b, "n_waiting", "0");
}

/* --- an action */

#define ACTION(w, parties) BARRIER(w, "('Barrier', " #parties ", True)")

static void the_last_runs_the_action_and_the_others_wait_for_it(void **state)
{
        ACTION(w, 3);

        for (unsigned i = 0; i < 2; ++i) {
                assert_waits_at(&w, A, b);
                assert_waits_at(&w, B, b);
                assert_says(&w, C, b, "wait", "()", NONE);
                assert_hears(&w, A, "");
                assert_is(&w, b, "n_waiting", "3");
                assert_says(&w, C, b, "finish", "()", "#RETURN 2");
                assert_hears(&w, A, "#RETURN 0");
                assert_hears(&w, B, "#RETURN 1");
                assert_is(&w, b, "n_waiting", "0");
        }
}

static void an_action_that_fails_breaks_it(void **state)
{
        ACTION(w, 2);

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "()", NONE);
        assert_says(&w, B, b, "finish", "('it broke',)", NONE);
        assert_hears(&w, A, BROKEN);
        assert_is(&w, b, "broken", "True");
        assert_says(&w, B, b, "finish", "()", BROKEN);
}

static void only_who_runs_the_action_finishes_it(void **state)
{
        ACTION(w, 2);

        assert_says(&w, A, b, "finish", "()", BROKEN);
        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "finish", "()", BROKEN);
        assert_says(&w, A2, b, "wait", "()", NONE);
        assert_says(&w, B, b, "finish", "()", BROKEN);
        assert_says(&w, B, b, "finish", "('no',)", BROKEN);
        assert_says_with(&w, A2, b, "finish", "()", "{'i': 1, 'task': 5}", BROKEN " i=1");
        assert_hears(&w, A, "");
        assert_says(&w, A2, b, "finish", "(None,)", "#RETURN 1");
        assert_hears(&w, A, "#RETURN 0");
        assert_says(&w, A2, b, "finish", "()", BROKEN);
}

static void it_breaks_with_who_runs_the_action(void **state)
{
        ACTION(w, 3);

        assert_waits_at(&w, A, b);
        assert_waits_at(&w, B, b);
        assert_says(&w, A2, b, "wait", "()", NONE);
        assert_waits_at(&w, C, b); /* for the next round */
        session_ends(&w, A2);      /* its process lives */
        assert_hears(&w, A, BROKEN);
        assert_hears(&w, B, BROKEN);
        assert_hears(&w, C, BROKEN);
        assert_is(&w, b, "broken", "True");
        assert_says(&w, D, b, "reset", "()", NONE);
        assert_is(&w, b, "broken", "False");
}

static void who_arrives_while_the_action_runs_is_of_the_next_round(void **state)
{
        ACTION(w, 2);

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "()", NONE);
        assert_says(&w, C, b, "wait", "(1,)", "");
        assert_waits_at(&w, D, b);
        assert_waits_at(&w, E, b);
        /* C's timeout begins when it is let in, as in Python */
        time_passes(&w, 10);
        assert_hears(&w, C, "");
        assert_says(&w, B, b, "finish", "()", "#RETURN 1");
        assert_hears(&w, A, "#RETURN 0");
        /* C and D are complete: D has the action to run, and E waits on */
        assert_hears(&w, C, "");
        assert_hears(&w, D, NONE);
        assert_hears(&w, E, "");
        assert_says(&w, D, b, "finish", "()", "#RETURN 1");
        assert_hears(&w, C, "#RETURN 0");
        assert_hears(&w, E, "");
        assert_says(&w, A, b, "__getattribute__", "('n_waiting',)", "#RETURN 1");
        assert_says(&w, A, b, "wait", "()", NONE);
        assert_says(&w, A, b, "finish", "()", "#RETURN 1");
        assert_hears(&w, E, "#RETURN 0");
}

static void who_is_let_in_has_its_timeout_then(void **state)
{
        ACTION(w, 2);

        assert_waits_at(&w, A, b);
        assert_says(&w, B, b, "wait", "()", NONE);
        assert_says(&w, C, b, "wait", "(1,)", "");
        time_passes(&w, 10);
        assert_says(&w, B, b, "finish", "()", "#RETURN 1");
        assert_hears(&w, A, "#RETURN 0");
        time_passes(&w, 0.9);
        assert_hears(&w, C, "");
        time_passes(&w, 0.1);
        assert_hears(&w, C, BROKEN);
        assert_is(&w, b, "broken", "True");
}

static void a_timeout_breaks_nothing_while_the_action_runs(void **state)
{
        ACTION(w, 2);

        assert_says(&w, A, b, "wait", "(1,)", "");
        assert_says(&w, B, b, "wait", "()", NONE);
        time_passes(&w, 5);
        assert_hears(&w, A, "");
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
        assert_says(&w, B, b, "finish", "()", "#RETURN 1");
        assert_hears(&w, A, "#RETURN 0");
}

static void abort_and_reset_reach_those_who_wait_for_the_action(void **state)
{
        static const char *const methods[] = { "abort", "reset" };

        for (unsigned i = 0; i < 2; ++i) {
                ACTION(w, 2);

                assert_waits_at(&w, A, b);
                assert_says(&w, B, b, "wait", "()", NONE);
                assert_waits_at(&w, C, b);
                assert_says(&w, D, b, methods[i], "()", NONE);
                assert_hears(&w, A, BROKEN);
                /* who waited to come in is let in by reset */
                assert_hears(&w, C, i ? "" : BROKEN);
                assert_says(&w, B, b, "finish", "()", BROKEN);
                assert_says(&w, E, b, "__getattribute__", "('broken',)", i ? FALSE : TRUE);
                assert_says(&w, E, b, "__getattribute__", "('n_waiting',)",
                            i ? "#RETURN 1" : "#RETURN 0");
        }
}

static void who_waits_for_the_action_may_die(void **state)
{
        ACTION(w, 3);

        assert_waits_at(&w, A, b);
        assert_waits_at(&w, B, b);
        assert_says(&w, C, b, "wait", "()", NONE);
        assert_waits_at(&w, D, b);
        process_ends(&w, A);
        process_ends(&w, D);
        assert_is(&w, b, "n_waiting", "2");
        assert_says(&w, C, b, "finish", "()", "#RETURN 2");
        assert_hears(&w, B, "#RETURN 0");
        assert_is(&w, b, "n_waiting", "0");
        assert_int_equal(figure(&w, "calls_parked"), 0);
}

static void a_barrier_goes_while_its_action_runs(void **state)
{
        ACTION(w, 1);
        char ident[32];

        assert_says(&w, A, b, "wait", "()", NONE);
        snprintf(ident, sizeof(ident), "(%llu,)", (unsigned long long)b);
        engine_session_call(&w.root, 0, "decref", ident);
        assert_int_equal(figure(&w, "objects"), 2);
        session_ends(&w, A);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_pass_when_the_last_arrives_with_indexes_in_their_order),
                cmocka_unit_test(barrier_of_one_stops_nobody),
                cmocka_unit_test(attributes_are_those_of_the_proxy_in_python),
                cmocka_unit_test(text_is_as_in_python),
                cmocka_unit_test(a_barrier_that_nobody_could_pass_is_not_made),
                cmocka_unit_test(who_dies_just_leaves_and_the_others_have_the_indexes),
                cmocka_unit_test(who_is_cancelled_leaves_as_if_dead),
                cmocka_unit_test(a_timeout_breaks_it_for_all),
                cmocka_unit_test(a_timeout_that_has_passed_breaks_it_at_once),
                cmocka_unit_test(a_timeout_that_is_none_breaks_nothing),
                cmocka_unit_test(its_own_timeout_is_that_of_those_who_give_none),
                cmocka_unit_test(a_given_timeout_goes_before_its_own),
                cmocka_unit_test(abort_breaks_it_until_it_is_reset),
                cmocka_unit_test(reset_ends_the_waits_and_breaks_nothing),
                cmocka_unit_test(the_last_runs_the_action_and_the_others_wait_for_it),
                cmocka_unit_test(an_action_that_fails_breaks_it),
                cmocka_unit_test(only_who_runs_the_action_finishes_it),
                cmocka_unit_test(it_breaks_with_who_runs_the_action),
                cmocka_unit_test(who_arrives_while_the_action_runs_is_of_the_next_round),
                cmocka_unit_test(who_is_let_in_has_its_timeout_then),
                cmocka_unit_test(a_timeout_breaks_nothing_while_the_action_runs),
                cmocka_unit_test(abort_and_reset_reach_those_who_wait_for_the_action),
                cmocka_unit_test(who_waits_for_the_action_may_die),
                cmocka_unit_test(a_barrier_goes_while_its_action_runs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
