/*
 * test_sync - events and barriers between processes that are killed
 */
#include "tests/system/workers.h"

/* --- events */

static int wait_for_event(void *arg)
{
        return mgr_event_wait(arg, PATIENCE) == 0 ? 0 : 1;
}

static void event_wakes_all_though_it_is_cleared_at_once(void **state)
{
        enum { N = 4 };
        mgr_event *e, *same;
        mgr_value value;
        pid_t pids[N];

        (void)state;
        assert_done(mgr_event_new(m, &e));
        value = mgr_from_event(e);
        assert_done(mgr_value_event(&value, &same));
        assert_done(mgr_event_is_set(e));
        assert_error(mgr_event_wait(e, 0), MGR_ETIMEOUT, "the event was not set for 0 seconds");
        assert_error(mgr_event_wait(e, 0.01), MGR_ETIMEOUT,
                     "the event was not set for 0.01 seconds");
        assert_error(mgr_event_wait(e, NAN), MGR_EVALUE, "'timeout' must be a non-negative number");
        for (int i = 0; i < N; ++i)
                pids[i] = start(wait_for_event, e);
        until_waiting(N);
        kill_and_reap(pids[0]);
        until_waiting(N - 1);
        assert_done(mgr_event_set(same));
        assert_done(mgr_event_clear(same));
        for (int i = 1; i < N; ++i)
                assert_int_equal(end_of(pids[i]), 0);
        assert_done(mgr_event_set(e));
        assert_yes(mgr_event_is_set(e));
        assert_done(mgr_event_wait(e, MGR_FOREVER));
        mgr_event_free(same);
        mgr_event_free(e);
}

/* --- barriers */

static mgr_barrier *new_barrier(size_t parties)
{
        mgr_barrier *b;

        assert_done(mgr_barrier_new(m, parties, &b));
        return b;
}

static int pass(void *arg)
{
        size_t index;
        int r = mgr_barrier_wait(arg, PATIENCE, &index);

        return r == 0 ? (int)index : r == MGR_EBROKEN_BARRIER ? 100 : 101;
}

static void barrier_lets_all_pass_with_their_indexes(void **state)
{
        mgr_barrier *b = new_barrier(3), *same;
        mgr_value value = mgr_from_barrier(b);
        pid_t first, second;
        size_t n;

        (void)state;
        first = start(pass, b);
        until_waiting(1);
        second = start(pass, b);
        until_waiting(2);
        assert_done(mgr_barrier_n_waiting(b, &n));
        assert_int_equal(n, 2);
        assert_done(mgr_value_barrier(&value, &same));
        assert_done(mgr_barrier_wait(same, MGR_FOREVER, &n));
        assert_int_equal(n, 2);
        assert_int_equal(end_of(first), 0);
        assert_int_equal(end_of(second), 1);
        assert_done(mgr_barrier_parties(b, &n));
        assert_int_equal(n, 3);
        assert_done(mgr_barrier_n_waiting(b, &n));
        assert_int_equal(n, 0);
        mgr_barrier_free(same);
        mgr_barrier_free(b);
}

static void killed_waiter_just_leaves_the_barrier(void **state)
{
        mgr_barrier *b = new_barrier(2);
        pid_t dead, alive;

        (void)state;
        dead = start(pass, b);
        until_waiting(1);
        kill_and_reap(dead);
        until_waiting(0);
        alive = start(pass, b);
        until_waiting(1);
        assert_done(mgr_barrier_wait(b, PATIENCE, NULL));
        assert_int_equal(end_of(alive), 0);
        mgr_barrier_free(b);
}

static void barrier_breaks_by_timeout_and_abort_until_it_is_reset(void **state)
{
        mgr_barrier *b = new_barrier(3);
        pid_t waiter;

        (void)state;
        waiter = start(pass, b);
        until_waiting(1);
        assert_error(mgr_barrier_wait(b, 0.01, NULL), MGR_EBROKEN_BARRIER,
                     "BrokenBarrierError: barrier is broken");
        assert_int_equal(end_of(waiter), 100);
        assert_yes(mgr_barrier_is_broken(b));
        assert_error(mgr_barrier_wait(b, 1, NULL), MGR_EBROKEN_BARRIER,
                     "BrokenBarrierError: barrier is broken");
        assert_done(mgr_barrier_reset(b));
        assert_done(mgr_barrier_is_broken(b));
        waiter = start(pass, b);
        until_waiting(1);
        assert_done(mgr_barrier_abort(b));
        assert_int_equal(end_of(waiter), 100);
        assert_done(mgr_barrier_reset(b));
        waiter = start(pass, b);
        until_waiting(1);
        assert_done(mgr_barrier_reset(b));
        assert_int_equal(end_of(waiter), 100);
        assert_done(mgr_barrier_is_broken(b));
        mgr_barrier_free(b);
}

/* What the action does: how often it was run, and what it returns. */
struct action {
        mgr_barrier *b;
        int n_runs, result;
};

static int act(void *arg)
{
        struct action *action = arg;
        size_t n;

        /* all the others are there still */
        if (mgr_barrier_n_waiting(action->b, &n) < 0 || n != 2)
                return MGR_ERUNTIME;
        ++action->n_runs;
        return action->result;
}

static void last_to_arrive_runs_the_action_before_anybody_goes_on(void **state)
{
        struct action action = { .n_runs = 0 };
        pid_t waiter;
        size_t n;

        (void)state;
        assert_done(mgr_barrier_open_action(m, "with an action", 2, &action.b));
        for (int i = 1; i <= 3; ++i) {
                waiter = start(pass, action.b);
                until_waiting(1);
                assert_done(mgr_barrier_wait_action(action.b, PATIENCE, act, &action, &n));
                assert_int_equal(n, 1);
                assert_int_equal(end_of(waiter), 0);
                assert_int_equal(action.n_runs, i);
        }
        mgr_barrier_free(action.b);
        assert_yes(mgr_manager_unlink(m, "with an action"));
}

static void action_that_fails_breaks_the_barrier(void **state)
{
        struct action action = { .result = -1000 };
        pid_t waiter;

        (void)state;
        assert_done(mgr_barrier_new_action(m, 2, &action.b));
        waiter = start(pass, action.b);
        until_waiting(1);
        assert_int_equal(mgr_barrier_wait_action(action.b, PATIENCE, act, &action, NULL), -1000);
        assert_int_equal(end_of(waiter), 100);
        assert_yes(mgr_barrier_is_broken(action.b));
        mgr_barrier_free(action.b);
}

static void action_is_run_in_two_steps_where_that_is_wanted(void **state)
{
        mgr_barrier *b;
        pid_t waiter;
        size_t n;

        (void)state;
        assert_done(mgr_barrier_new_action(m, 2, &b));
        assert_error(mgr_barrier_finish(b, &n), MGR_EBROKEN_BARRIER,
                     "BrokenBarrierError: barrier is broken");
        waiter = start(pass, b);
        until_waiting(1);
        assert_yes(mgr_barrier_wait(b, PATIENCE, NULL));
        assert_done(mgr_barrier_finish(b, &n));
        assert_int_equal(n, 1);
        assert_int_equal(end_of(waiter), 0);
        mgr_barrier_free(b);
}

static int die_in_action(void *arg)
{
        (void)arg;
        raise(SIGKILL);
        return 0;
}

static int run_and_die(void *arg)
{
        return mgr_barrier_wait_action(arg, PATIENCE, die_in_action, NULL, NULL) == 0;
}

static void barrier_breaks_with_who_is_killed_in_the_action(void **state)
{
        mgr_barrier *b;
        pid_t waiter;

        (void)state;
        assert_done(mgr_barrier_new_action(m, 2, &b));
        waiter = start(pass, b);
        until_waiting(1);
        assert_int_equal(end_of(start(run_and_die, b)), -SIGKILL);
        assert_int_equal(end_of(waiter), 100);
        mgr_barrier_free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(event_wakes_all_though_it_is_cleared_at_once),
                cmocka_unit_test(barrier_lets_all_pass_with_their_indexes),
                cmocka_unit_test(killed_waiter_just_leaves_the_barrier),
                cmocka_unit_test(barrier_breaks_by_timeout_and_abort_until_it_is_reset),
                cmocka_unit_test(last_to_arrive_runs_the_action_before_anybody_goes_on),
                cmocka_unit_test(action_that_fails_breaks_the_barrier),
                cmocka_unit_test(action_is_run_in_two_steps_where_that_is_wanted),
                cmocka_unit_test(barrier_breaks_with_who_is_killed_in_the_action),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
