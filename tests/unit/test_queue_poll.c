/*
 * test_queue_poll - Queue.poll(): whether a get would wait, without taking anything
 */
#include "tests/lib/queue_world.h"

#define assert_polls(w, who, q, says) assert_says(w, who, q, "poll", "(0,)", says)
#define assert_poll_waits(w, who, q)  assert_says(w, who, q, "poll", "()", "")

static void poll_tells_whether_there_is_an_item(void **state)
{
        QUEUE(w, q, false, "");

        assert_polls(&w, A, q, FALSE);
        assert_puts(&w, A, q, "1");
        assert_polls(&w, A, q, TRUE);
        assert_says(&w, B, q, "poll", "()", TRUE);
        assert_says(&w, B, q, "poll", "(None,)", TRUE);
        assert_size(&w, q, 1);
        assert_gets(&w, A, q, "1");
        assert_polls(&w, A, q, FALSE);
}

static void poll_judges_timeouts_as_get_does(void **state)
{
        static const char negative[] =
                "#ERROR ValueError(\"'timeout' must be a non-negative number\")";
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "poll", "(-1,)", negative);
        assert_says(&w, A, q, "poll", "('x',)",
                    "#ERROR TypeError(\"'<' not supported between instances of 'str' and 'int'\")");
        assert_puts(&w, A, q, "1");
        assert_says(&w, A, q, "poll", "(-0.5,)", negative);
        assert_says(&w, A, q, "poll", "(nan,)", negative);
}

static void all_who_poll_are_told_of_one_item_and_it_stays(void **state)
{
        QUEUE(w, q, false, "");

        assert_poll_waits(&w, A, q);
        assert_says(&w, B, q, "poll", "(5,)", "");
        assert_poll_waits(&w, C, q);
        assert_puts(&w, D, q, "'x'");
        assert_hears(&w, A, TRUE);
        assert_hears(&w, B, TRUE);
        assert_hears(&w, C, TRUE);
        assert_holds(&w, q, "['x']");
        time_passes(&w, 10);
        assert_hears(&w, B, "");
}

static void those_who_get_are_served_before_those_who_poll(void **state)
{
        QUEUE(w, q, false, "");

        assert_poll_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_says(&w, C, q, "get_many", "(2,)", "");
        assert_puts(&w, D, q, "1");
        assert_hears(&w, B, "#RETURN 1");
        assert_hears(&w, A, "");
        assert_says(&w, D, q, "put_many", "([2, 3],)", NONE);
        assert_hears(&w, C, "#RETURN [2, 3]");
        assert_hears(&w, A, "");
        assert_says(&w, D, q, "put_many", "([4, 5],)", NONE);
        assert_hears(&w, A, TRUE);
        assert_holds(&w, q, "[4, 5]");
}

/* Room that a get makes lets somebody put, who serves another one: in one input. */
static void poll_sees_what_is_left_when_all_has_been_handed_on(void **state)
{
        QUEUE(w, q, false, "1");

        assert_puts(&w, A, q, "1");
        assert_put_waits(&w, B, q, "2");
        assert_gets(&w, C, q, "1");
        assert_hears(&w, B, NONE);
        assert_polls(&w, C, q, TRUE);
        assert_gets(&w, C, q, "2");
        assert_poll_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_puts(&w, D, q, "3");
        assert_hears(&w, B, "#RETURN 3");
        assert_hears(&w, A, "");
        assert_polls(&w, C, q, FALSE);
        assert_puts(&w, D, q, "4");
        assert_hears(&w, A, TRUE);
}

static void poll_is_false_when_its_time_has_passed(void **state)
{
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "poll", "(1.5,)", "");
        assert_says(&w, B, q, "poll", "(1,)", "");
        time_passes(&w, 1);
        assert_hears(&w, B, FALSE);
        assert_hears(&w, A, "");
        assert_puts(&w, C, q, "1");
        assert_hears(&w, A, TRUE);
        assert_size(&w, q, 1);
}

static void cancelled_poll_leaves_its_line_and_everything_else(void **state)
{
        QUEUE(w, q, true, "");

        assert_says_with(&w, A, q, "poll", "()", "{'i': 1}", "");
        assert_says_with(&w, A, q, "poll", "()", "{'i': 2}", "");
        assert_says(&w, A, 0, "cancel", "(1,)", TRUE);
        assert_hears(&w, A, "#ERROR CancelledError('cancelled') i=1");
        assert_puts(&w, C, q, "1");
        assert_hears(&w, A, "#RETURN True i=2");
        assert_says(&w, A, 0, "cancel", "(2,)", FALSE);
        assert_size(&w, q, 1);
}

static void whoever_polls_and_dies_strands_nobody(void **state)
{
        QUEUE(w, q, false, "");

        assert_poll_waits(&w, A, q);
        assert_poll_waits(&w, B, q);
        process_ends(&w, A);
        assert_puts(&w, D, q, "1");
        assert_hears(&w, B, TRUE);
        assert_size(&w, q, 1);
}

static void shut_down_queue_counts_as_ready(void **state)
{
        QUEUE(w, q, false, "");

        assert_poll_waits(&w, A, q);
        assert_says(&w, B, q, "shutdown", "()", NONE);
        assert_hears(&w, A, TRUE);
        assert_polls(&w, A, q, TRUE);
        assert_says(&w, A, q, "get", "()", SHUT);
}

static void item_that_returns_wakes_those_who_poll(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_puts(&w, A, q, "1");
        assert_gets(&w, B, q, "1");
        assert_poll_waits(&w, A, q);
        process_ends(&w, B);
        assert_hears(&w, A, TRUE);
        assert_holds(&w, q, "[1]");
}

/* True only where a get would not wait; else whoever polls would spin. */
static void after_shutdown_poll_waits_for_what_may_come_back(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, A, q, "put_many", "([1, 2],)", NONE);
        assert_gets(&w, B, q, "1");
        assert_gets(&w, C, q, "2");
        assert_poll_waits(&w, A, q);
        assert_says(&w, C, q, "poll", "(50,)", "");
        assert_says(&w, D, q, "shutdown", "()", NONE);
        assert_hears(&w, A, "");
        assert_hears(&w, C, TRUE); /* has one himself, and would wait in vain */
        assert_says(&w, D, q, "poll", "(1,)", "");
        time_passes(&w, 1);
        assert_hears(&w, D, FALSE);
        process_ends(&w, B);
        assert_hears(&w, A, TRUE);
        assert_gets(&w, A, q, "1");
        assert_done(&w, A, q);
        assert_poll_waits(&w, A, q);
        assert_done(&w, C, q);
        assert_hears(&w, A, TRUE);
        assert_says(&w, A, q, "get", "()", SHUT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(poll_tells_whether_there_is_an_item),
                cmocka_unit_test(poll_judges_timeouts_as_get_does),
                cmocka_unit_test(all_who_poll_are_told_of_one_item_and_it_stays),
                cmocka_unit_test(those_who_get_are_served_before_those_who_poll),
                cmocka_unit_test(poll_sees_what_is_left_when_all_has_been_handed_on),
                cmocka_unit_test(poll_is_false_when_its_time_has_passed),
                cmocka_unit_test(cancelled_poll_leaves_its_line_and_everything_else),
                cmocka_unit_test(whoever_polls_and_dies_strands_nobody),
                cmocka_unit_test(shut_down_queue_counts_as_ready),
                cmocka_unit_test(item_that_returns_wakes_those_who_poll),
                cmocka_unit_test(after_shutdown_poll_waits_for_what_may_come_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
