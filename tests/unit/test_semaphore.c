/*
 * test_semaphore - Semaphore and BoundedSemaphore: as in Python
 */
#include "tests/lib/semaphore_world.h"

static void semaphore_counts_permits(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, A, s);
        assert_takes(&w, A, s);
        assert_value(&w, s, 0);
        assert_says(&w, B, s, "acquire", "(False,)", FALSE);
        assert_says(&w, B, s, "acquire", "(False, None)", FALSE);
        assert_releases(&w, A, s);
        assert_value(&w, s, 1);
        assert_takes(&w, B, s);
        assert_says(&w, B, s, "release", "(3,)", NONE);
        assert_value(&w, s, 3);
}

static void semaphore_has_one_permit_by_default_and_no_fewer_than_none(void **state)
{
        SEMAPHORE(w, true, "('Semaphore',)");

        assert_value(&w, s, 1);
        assert_says(&w, A, 0, "create", "('Semaphore', -1)",
                    "#TRACEBACK 'ValueError: semaphore initial value must be >= 0'");
        assert_says(&w, A, 0, "create", "('BoundedSemaphore', -1)",
                    "#TRACEBACK 'ValueError: semaphore initial value must be >= 0'");
        assert_says(&w, A, 0, "create", "('Semaphore', 'x')",
                    "#TRACEBACK \"TypeError: '<' not supported between instances of 'str' and "
                    "'int'\"");
        assert_says(&w, A, 0, "create", "('Semaphore', 10**30)",
                    "#TRACEBACK 'OverflowError: too many permits'");
        s = engine_session_create(&w.root, "('Semaphore', True)");
        assert_value(&w, s, 1);
}

static void acquire_looks_at_its_arguments_as_python_does(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_says(&w, A, s, "acquire", "(False, 1)",
                    "#ERROR ValueError(\"can't specify timeout for non-blocking acquire\")");
        assert_says(&w, A, s, "acquire", "(True, 'x')",
                    "#ERROR TypeError(\"unsupported operand type(s) for +: 'float' and 'str'\")");
        assert_says(&w, A, s, "acquire", "(True, 1e10)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_says(&w, A, s, "acquire", "(True, inf)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_says(&w, A, s, "acquire", "(True, -1)", FALSE);
        assert_says(&w, A, s, "acquire", "(True, -0.5)", FALSE);
        assert_says(&w, A, s, "acquire", "(True, 0)", FALSE);
        assert_says(&w, A, s, "acquire", "(True, nan)", FALSE);
        assert_says(&w, A, s, "acquire", "('',)", FALSE);
        assert_releases(&w, A, s);
        /* where there is a permit nobody looks at the timeout */
        assert_says(&w, A, s, "acquire", "(True, 'x')", TRUE);
}

static void release_takes_at_least_one(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 1)");

        assert_says(&w, A, s, "release", "(0,)", "#ERROR ValueError('n must be one or more')");
        assert_says(&w, A, s, "release", "(-2,)", "#ERROR ValueError('n must be one or more')");
        assert_says(&w, A, s, "release", "('x',)",
                    "#ERROR TypeError(\"'<' not supported between instances of 'str' and 'int'\")");
        assert_says(&w, A, s, "release", "(1.5,)",
                    "#ERROR TypeError(\"'float' object cannot be interpreted as an integer\")");
        assert_says(&w, A, s, "release", "(0x7fffffffffffffff,)",
                    "#ERROR OverflowError('too many permits')");
        assert_says(&w, A, s, "release", "(0x7ffffffffffffffe,)", NONE);
        assert_says(&w, A, s, "release", "()", "#ERROR OverflowError('too many permits')");
        assert_value(&w, s, 9223372036854775807);
}

static void bounded_semaphore_has_never_more_than_at_first(void **state)
{
        SEMAPHORE(w, true, "('BoundedSemaphore', 2)");

        assert_says(&w, A, s, "release", "()", TOO_MANY);
        assert_takes(&w, A, s);
        assert_says(&w, A, s, "release", "(2,)", TOO_MANY);
        assert_value(&w, s, 1);
        assert_releases(&w, A, s);
        assert_says(&w, B, s, "release", "()", TOO_MANY);
        assert_value(&w, s, 2);
}

static void those_who_wait_get_permits_in_their_order(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_waits(&w, A, s);
        assert_waits(&w, B, s);
        assert_waits(&w, C, s);
        assert_releases(&w, D, s);
        assert_hears(&w, A, TRUE);
        assert_hears(&w, B, "");
        assert_says(&w, D, s, "acquire", "(False,)", FALSE);
        assert_says(&w, D, s, "release", "(3,)", NONE);
        assert_hears(&w, B, TRUE);
        assert_hears(&w, C, TRUE);
        assert_value(&w, s, 1);
        assert_int_equal(figure(&w, "calls_parked"), 0);
}

static void a_wait_that_times_out_has_no_effect(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_says(&w, A, s, "acquire", "(True, 1.5)", "");
        assert_says(&w, B, s, "acquire", "(True, None)", "");
        time_passes(&w, 1.4);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, FALSE);
        time_passes(&w, 1e6);
        assert_hears(&w, B, "");
        assert_releases(&w, D, s);
        assert_hears(&w, B, TRUE);
        assert_value(&w, s, 0);
}

static void a_wait_that_is_cancelled_has_no_effect(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_says_with(&w, A, s, "acquire", "()", "{'i': 1}", "");
        assert_waits(&w, B, s);
        assert_says_with(&w, A, 0, "cancel", "(1,)", "{'i': 2}", "#RETURN True i=2");
        assert_hears(&w, A, "#ERROR CancelledError('cancelled') i=1");
        assert_releases(&w, D, s);
        assert_hears(&w, B, TRUE);
        assert_value(&w, s, 0);
}

static void a_waiter_that_dies_is_passed_by(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_waits(&w, A, s);
        assert_waits(&w, B, s);
        assert_waits(&w, C, s);
        process_ends(&w, B);
        assert_says(&w, D, s, "release", "(2,)", NONE);
        assert_hears(&w, A, TRUE);
        assert_hears(&w, C, TRUE);
        assert_value(&w, s, 0);
}

static void text_is_as_in_python(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 3)");
        uint64_t b = engine_session_create(&w.root, "('BoundedSemaphore', 2)");
        char expected[128];

        snprintf(expected, sizeof(expected), "#RETURN '<threading.Semaphore at 0x%llx: value=3>'",
                 (unsigned long long)s);
        assert_says(&w, A, s, "__str__", "()", expected);
        assert_takes(&w, A, b);
        snprintf(expected, sizeof(expected),
                 "#RETURN '<threading.BoundedSemaphore at 0x%llx: value=1/2>'",
                 (unsigned long long)b);
        assert_says(&w, A, b, "__repr__", "()", expected);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(semaphore_counts_permits),
                cmocka_unit_test(semaphore_has_one_permit_by_default_and_no_fewer_than_none),
                cmocka_unit_test(acquire_looks_at_its_arguments_as_python_does),
                cmocka_unit_test(release_takes_at_least_one),
                cmocka_unit_test(bounded_semaphore_has_never_more_than_at_first),
                cmocka_unit_test(those_who_wait_get_permits_in_their_order),
                cmocka_unit_test(a_wait_that_times_out_has_no_effect),
                cmocka_unit_test(a_wait_that_is_cancelled_has_no_effect),
                cmocka_unit_test(a_waiter_that_dies_is_passed_by),
                cmocka_unit_test(text_is_as_in_python),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
