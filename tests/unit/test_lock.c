/*
 * test_lock - Lock and RLock: who gets them, and who when somebody dies
 */
#include "tests/lib/lock_world.h"

#define TRUE  "#RETURN True"
#define FALSE "#RETURN False"
#define NONE  "#RETURN None"

/* The tests that hold for both are given the ident of one. */
#define FOR_BOTH(name)                                                                             \
        static void name##_lock(void **state)                                                      \
        {                                                                                          \
                WORLD(w, true);                                                                    \
                name(&w, w.l);                                                                     \
        }                                                                                          \
        static void name##_rlock(void **state)                                                     \
        {                                                                                          \
                WORLD(w, true);                                                                    \
                name(&w, w.r);                                                                     \
        }

/* --- both */

static void those_who_wait_get_it_in_their_order(struct world *w, uint64_t lock)
{
        assert_takes(w, A, lock);
        assert_waits(w, B, lock);
        assert_waits(w, C, lock);
        assert_waits(w, D, lock);
        assert_releases(w, A, lock);
        assert_hears(w, B, TRUE);
        assert_hears(w, C, "");
        /* nobody comes in between, not even whoever had it */
        assert_waits(w, A, lock);
        assert_says(w, E, lock, "acquire", "(False,)", FALSE);
        assert_releases(w, B, lock);
        assert_hears(w, C, TRUE);
        assert_releases(w, C, lock);
        assert_hears(w, D, TRUE);
        assert_hears(w, A, "");
        assert_releases(w, D, lock);
        assert_hears(w, A, TRUE);
        assert_releases(w, A, lock);
        assert_says(w, E, lock, "locked", "()", FALSE);
}
FOR_BOTH(those_who_wait_get_it_in_their_order)

static void a_wait_that_times_out_has_no_effect(struct world *w, uint64_t lock)
{
        assert_takes(w, A, lock);
        assert_says(w, B, lock, "acquire", "(True, 1.5)", "");
        assert_waits(w, C, lock);
        assert_says(w, D, lock, "acquire", "(True, 0)", FALSE);
        assert_says(w, D, lock, "acquire", "(False,)", FALSE);
        assert_says(w, D, lock, "acquire", "(False, -1)", FALSE);
        time_passes(w, 1.4);
        assert_hears(w, B, "");
        time_passes(w, 0.1);
        assert_hears(w, B, FALSE);
        assert_releases(w, A, lock);
        assert_hears(w, C, TRUE);
        assert_releases(w, C, lock);
        assert_says(w, B, lock, "acquire", "(True, 1)", TRUE);
        time_passes(w, 2);
        assert_hears(w, B, "");
        assert_releases(w, B, lock);
}
FOR_BOTH(a_wait_that_times_out_has_no_effect)

static void a_cancelled_wait_leaves_the_line(struct world *w, uint64_t lock)
{
        assert_takes(w, A, lock);
        assert_says_with(w, B, lock, "acquire", "()", "{'i': 1}", "");
        assert_waits(w, C, lock);
        assert_says(w, B, 0, "cancel", "(1,)", TRUE);
        assert_hears(w, B, "#ERROR CancelledError('cancelled') i=1");
        assert_releases(w, A, lock);
        assert_hears(w, C, TRUE);
        assert_hears(w, B, "");
}
FOR_BOTH(a_cancelled_wait_leaves_the_line)

static void whoever_waits_takes_over_at_once_and_is_told(struct world *w, uint64_t lock)
{
        assert_says_with(w, A, lock, "acquire", "()", "{'i': 1}", TRUE " i=1 fence=1");
        assert_says_with(w, B, lock, "acquire", "()", "{'i': 2}", "");
        assert_waits(w, C, lock);
        session_ends(w, A);
        assert_hears(w, B, TRUE " i=2 fence=2 owner_died=1");
        assert_hears(w, C, "");
        process_ends(w, B);
        assert_hears(w, C, TRUE);
        assert_releases(w, C, lock);
        /* that was told already */
        assert_says_with(w, D, lock, "acquire", "()", "{'i': 3}", TRUE " i=3 fence=4");
}
FOR_BOTH(whoever_waits_takes_over_at_once_and_is_told)

static void an_abandoned_one_is_locked_until_somebody_comes(struct world *w, uint64_t lock)
{
        const char *text;

        assert_takes(w, A, lock);
        process_ends(w, A);
        assert_says(w, B, lock, "locked", "()", TRUE);
        text = asks(w, B, lock, "holder", "()");
        assert_non_null(strstr(text, "'pid': 1,"));
        assert_non_null(strstr(text, "'abandoned': True"));
        assert_says_with(w, B, lock, "acquire", "(False,)", "{'i': 1}",
                         TRUE " i=1 fence=2 owner_died=1");
        assert_non_null(strstr(asks(w, C, lock, "holder", "()"), "'abandoned': False"));
        assert_releases(w, B, lock);
        assert_says(w, C, lock, "holder", "()", NONE);
}
FOR_BOTH(an_abandoned_one_is_locked_until_somebody_comes)

static void who_dies_waiting_leaves_the_line(struct world *w, uint64_t lock)
{
        assert_takes(w, A, lock);
        assert_waits(w, B, lock);
        assert_waits(w, C, lock);
        assert_waits(w, D, lock);
        process_ends(w, C);
        assert_releases(w, A, lock);
        assert_hears(w, B, TRUE);
        assert_waits(w, A, lock);
        process_ends(w, D);
        assert_releases(w, B, lock);
        assert_hears(w, A, TRUE);
        assert_int_equal(figure(w, "calls_parked"), 0);
}
FOR_BOTH(who_dies_waiting_leaves_the_line)

/* Its sessions and what they hold end one after another, in one input each. */
static void a_process_that_holds_and_waits_takes_nothing_with_it(struct world *w, uint64_t lock)
{
        assert_takes(w, A, lock);
        assert_waits(w, A2, lock);
        assert_waits(w, B, lock);
        process_ends(w, A);
        assert_hears(w, B, TRUE);
        assert_releases(w, B, lock);
        assert_takes(w, C, lock);
}
FOR_BOTH(a_process_that_holds_and_waits_takes_nothing_with_it)

static void fence_is_read_by_whoever_holds_it(struct world *w, uint64_t lock)
{
        assert_says(w, A, lock, "fence", "()",
                    "#ERROR RuntimeError('this process does not hold the lock')");
        assert_takes(w, A, lock);
        assert_says(w, A, lock, "fence", "()", "#RETURN 1");
        assert_says(w, A2, lock, "fence", "()", "#RETURN 1");
        assert_says(w, B, lock, "fence", "()",
                    "#ERROR RuntimeError('this process does not hold the lock')");
}
FOR_BOTH(fence_is_read_by_whoever_holds_it)

static void wrong_arguments_are_refused_in_pythons_words(struct world *w, uint64_t lock)
{
        static const char *const cases[][2] = {
                { "(False, 1)",
                  "#ERROR ValueError(\"can't specify a timeout for a non-blocking call\")" },
                { "(True, -2)",
                  "#ERROR ValueError('timeout value must be a non-negative number')" },
                { "(True, -0.5)",
                  "#ERROR ValueError('timeout value must be a non-negative number')" },
                { "(True, nan)", "#ERROR ValueError('Invalid value NaN (not a number)')" },
                { "(True, 1e10)", "#ERROR OverflowError('timestamp too large to convert to C "
                                  "_PyTime_t')" },
                { "(True, inf)", "#ERROR OverflowError('timestamp too large to convert to C "
                                 "_PyTime_t')" },
                { "(True, 'x')",
                  "#ERROR TypeError(\"'str' object cannot be interpreted as an integer\")" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i)
                assert_says(w, A, lock, "acquire", cases[i][0], cases[i][1]);
        assert_says(w, A, lock, "locked", "()", FALSE);
        assert_says(w, A, lock, "acquire", "(True, -1)", TRUE);
        assert_says(w, B, lock, "acquire", "(True, -1.0)", "");
        assert_releases(w, A, lock);
        assert_hears(w, B, TRUE);
        assert_says(w, B, lock, "#GETVALUE", "()",
                    lock == w->l ? "#TRACEBACK \"TypeError: cannot pickle 'Lock' object\""
                                 : "#TRACEBACK \"TypeError: cannot pickle 'RLock' object\"");
}
FOR_BOTH(wrong_arguments_are_refused_in_pythons_words)

static void it_may_go_while_it_is_held(struct world *w, uint64_t lock)
{
        char args[32];

        assert_takes(w, A, lock);
        snprintf(args, sizeof(args), "(%llu,)", (unsigned long long)lock);
        engine_session_call(&w->root, 0, "decref", args);
        while (engine_reap(w->engine))
                ;
        engine_assert_sound(w->engine);
        assert_int_equal(figure(w, "objects"), 1);
        session_ends(w, A);
}
FOR_BOTH(it_may_go_while_it_is_held)

/* --- Lock */

static void lock_is_anybodys_to_release(void **state)
{
        WORLD(w, true);

        assert_says(&w, A, w.l, "release", "()", "#ERROR RuntimeError('release unlocked lock')");
        assert_takes(&w, A, w.l);
        assert_releases(&w, A2, w.l);
        assert_takes(&w, A, w.l);
        assert_waits(&w, C, w.l);
        assert_releases(&w, B, w.l);
        assert_hears(&w, C, TRUE);
        assert_releases(&w, C, w.l);
        assert_says(&w, A, w.l, "release", "()", "#ERROR RuntimeError('release unlocked lock')");
}

/* As a Lock of Python's, it waits for itself: somebody else may release it. */
static void lock_that_is_taken_twice_waits(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_waits(&w, A, w.l);
        assert_releases(&w, B, w.l);
        assert_hears(&w, A, TRUE);
}

static void child_that_took_the_lock_and_ended_leaves_it_to_its_parent(void **state)
{
        WORLD(w, false);

        assert_takes(&w, B, w.l);
        process_ends(&w, B);
        assert_says(&w, A, w.l, "locked", "()", TRUE);
        assert_releases(&w, A, w.l);
        assert_says(&w, A, w.l, "release", "()", "#ERROR RuntimeError('release unlocked lock')");
        assert_says_with(&w, C, w.l, "acquire", "()", "{'i': 1}", TRUE " i=1 fence=2");
}

/* A stock client's connections come and go, but the process is one. */
static void lock_ends_with_its_process_where_sessions_do_not_own(void **state)
{
        WORLD(w, false);

        assert_takes(&w, A, w.l);
        assert_waits(&w, B, w.l);
        session_ends(&w, A);
        assert_hears(&w, B, "");
        assert_releases(&w, A2, w.l);
        assert_hears(&w, B, TRUE);
        assert_waits(&w, A2, w.l);
        assert_waits(&w, C, w.l);
        process_ends(&w, B);
        assert_hears(&w, A2, TRUE);
        process_ends(&w, A);
        assert_hears(&w, C, TRUE);
}

static void late_release_is_absorbed_once_for_each_grant_that_was_taken_over(void **state)
{
        WORLD(w, true);

        assert_takes(&w, B, w.l);
        process_ends(&w, B);
        assert_takes(&w, C, w.l);
        process_ends(&w, C);
        assert_takes(&w, D, w.l);
        assert_releases(&w, A, w.l);
        assert_releases(&w, A, w.l);
        assert_says(&w, E, w.l, "acquire", "(False,)", FALSE);
        /* the third one is as in Python */
        assert_releases(&w, A, w.l);
        assert_says(&w, E, w.l, "acquire", "(False,)", TRUE);
}

static void late_release_does_not_stop_the_new_holder_from_releasing(void **state)
{
        WORLD(w, true);

        assert_takes(&w, B, w.l);
        process_ends(&w, B);
        assert_takes(&w, A, w.l);
        assert_waits(&w, C, w.l);
        assert_releases(&w, A2, w.l);
        assert_hears(&w, C, TRUE);
        /* B's, from whoever believes in it still: here, and when nobody has the lock */
        assert_releases(&w, A, w.l);
        assert_says(&w, C, w.l, "fence", "()", "#RETURN 3");
        assert_releases(&w, C, w.l);
        assert_says(&w, A, w.l, "release", "()", "#ERROR RuntimeError('release unlocked lock')");
}

static void release_of_an_abandoned_lock_is_not_late(void **state)
{
        WORLD(w, true);

        assert_takes(&w, B, w.l);
        process_ends(&w, B);
        assert_takes(&w, C, w.l);
        process_ends(&w, C);
        assert_releases(&w, A, w.l);
        assert_says(&w, A, w.l, "locked", "()", FALSE);
        assert_says_with(&w, D, w.l, "acquire", "()", "{'i': 1}", TRUE " i=1 fence=3");
}

static void late_release_of_a_free_lock_is_absorbed(void **state)
{
        WORLD(w, true);

        assert_takes(&w, B, w.l);
        process_ends(&w, B);
        assert_takes(&w, C, w.l);
        assert_releases(&w, C, w.l);
        assert_releases(&w, A, w.l);
        assert_says(&w, A, w.l, "release", "()", "#ERROR RuntimeError('release unlocked lock')");
}

static void lock_shows_itself_as_pythons(void **state)
{
        WORLD(w, true);
        char expected[128];

        assert_takes(&w, A, w.l);
        snprintf(expected, sizeof(expected), "#RETURN '<locked _thread.lock object at 0x%llx>'",
                 (unsigned long long)w.l);
        assert_says(&w, B, w.l, "__str__", "()", expected);
        assert_releases(&w, A, w.l);
        snprintf(expected, sizeof(expected), "#RETURN '<unlocked _thread.lock object at 0x%llx>'",
                 (unsigned long long)w.l);
        assert_says(&w, B, w.l, "__repr__", "()", expected);
}

/* --- RLock */

static void rlock_is_released_as_often_as_it_was_taken(void **state)
{
        WORLD(w, true);

        assert_says_with(&w, A, w.r, "acquire", "()", "{'i': 1}", TRUE " i=1 fence=1");
        assert_says_with(&w, A, w.r, "acquire", "()", "{'i': 2}", TRUE " i=2 fence=1");
        assert_says(&w, A, w.r, "acquire", "(False,)", TRUE);
        assert_waits(&w, B, w.r);
        /* the owner does not stand in line behind others */
        assert_takes(&w, A, w.r);
        for (unsigned i = 0; i < 3; ++i)
                assert_releases(&w, A, w.r);
        assert_hears(&w, B, "");
        assert_releases(&w, A, w.r);
        assert_hears(&w, B, TRUE);
}

static void rlock_is_its_sessions_to_release(void **state)
{
        WORLD(w, false);
        static const char error[] = "#ERROR RuntimeError('cannot release un-acquired lock')";

        assert_says(&w, A, w.r, "release", "()", error);
        assert_takes(&w, A, w.r);
        assert_says(&w, A2, w.r, "release", "()", error);
        assert_says(&w, B, w.r, "release", "()", error);
        assert_says(&w, A2, w.r, "acquire", "(False,)", FALSE);
        assert_releases(&w, A, w.r);
        assert_says(&w, A, w.r, "release", "()", error);
}

static void rlock_is_its_tasks_to_release(void **state)
{
        WORLD(w, true);

        assert_says_with(&w, A, w.r, "acquire", "()", "{'i': 1, 'task': 'x'}", TRUE " i=1 fence=1");
        /* 1 and 1.0 are one task, as one key of a dict */
        assert_says_with(&w, A, w.r, "acquire", "()", "{'i': 2, 'task': 1}", "");
        assert_says_with(&w, A, w.r, "release", "()", "{'i': 3, 'task': 1}",
                         "#ERROR RuntimeError('cannot release un-acquired lock') i=3");
        assert_says_with(&w, A, w.r, "release", "()", "{'i': 4, 'task': 'x'}", NONE " i=4");
        assert_hears(&w, A, TRUE " i=2 fence=2");
        assert_says_with(&w, A, w.r, "release", "()", "{'i': 5, 'task': 1.0}", NONE " i=5");
}

static void rlock_ends_with_its_session_whoever_owns_locks(void **state)
{
        WORLD(w, false);

        assert_takes(&w, A, w.r);
        assert_takes(&w, A, w.r);
        assert_says_with(&w, B, w.r, "acquire", "()", "{'i': 1}", "");
        session_ends(&w, A);
        assert_hears(&w, B, TRUE " i=1 fence=2 owner_died=1");
        assert_releases(&w, B, w.r);
        assert_says(&w, C, w.r, "locked", "()", FALSE);
}

static void rlock_that_is_abandoned_is_nobodys_to_release(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.r);
        session_ends(&w, A);
        assert_says(&w, A2, w.r, "release", "()",
                    "#ERROR RuntimeError('cannot release un-acquired lock')");
        assert_takes(&w, A2, w.r);
        assert_releases(&w, A2, w.r);
}

/* --- fences */

static void fences_grow_over_all_locks(void **state)
{
        WORLD(w, true);
        char last[96] = "", expected[96];
        unsigned fence = 0;

        for (unsigned i = 0; i < 20; ++i) {
                uint64_t lock = i % 3 ? w.l : w.r;

                snprintf(expected, sizeof(expected), TRUE " i=%u fence=%u", i, ++fence);
                snprintf(last, sizeof(last), "{'i': %u}", i);
                assert_says_with(&w, A, lock, "acquire", "()", last, expected);
                assert_releases(&w, A, lock);
        }
}

static void locks_lists_who_holds_and_waiters_who_waits(void **state)
{
        WORLD(w, true);
        const char *text;

        assert_says(&w, A, 0, "locks", "()", "#RETURN []");
        assert_takes(&w, B, w.l);
        assert_waits(&w, C, w.l);
        w.now = 2.5;
        text = asks(&w, A, 0, "locks", "()");
        assert_non_null(strstr(text, "'pid': 2,"));
        assert_non_null(strstr(text, "'seconds': 2.5"));
        text = asks(&w, A, 0, "waiters", "()");
        assert_non_null(strstr(text, "'pid': 3,"));
        assert_non_null(strstr(text, "'acquire'"));
        process_ends(&w, B);
        assert_hears(&w, C, TRUE);
        assert_releases(&w, C, w.l);
        assert_says(&w, A, 0, "locks", "()", "#RETURN []");
}

#define BOTH(name) cmocka_unit_test(name##_lock), cmocka_unit_test(name##_rlock)

int main(void)
{
        const struct CMUnitTest tests[] = {
                BOTH(those_who_wait_get_it_in_their_order),
                BOTH(a_wait_that_times_out_has_no_effect),
                BOTH(a_cancelled_wait_leaves_the_line),
                BOTH(whoever_waits_takes_over_at_once_and_is_told),
                BOTH(an_abandoned_one_is_locked_until_somebody_comes),
                BOTH(who_dies_waiting_leaves_the_line),
                BOTH(a_process_that_holds_and_waits_takes_nothing_with_it),
                BOTH(fence_is_read_by_whoever_holds_it),
                BOTH(wrong_arguments_are_refused_in_pythons_words),
                BOTH(it_may_go_while_it_is_held),
                cmocka_unit_test(lock_is_anybodys_to_release),
                cmocka_unit_test(lock_that_is_taken_twice_waits),
                cmocka_unit_test(child_that_took_the_lock_and_ended_leaves_it_to_its_parent),
                cmocka_unit_test(lock_ends_with_its_process_where_sessions_do_not_own),
                cmocka_unit_test(late_release_is_absorbed_once_for_each_grant_that_was_taken_over),
                cmocka_unit_test(late_release_does_not_stop_the_new_holder_from_releasing),
                cmocka_unit_test(release_of_an_abandoned_lock_is_not_late),
                cmocka_unit_test(late_release_of_a_free_lock_is_absorbed),
                cmocka_unit_test(lock_shows_itself_as_pythons),
                cmocka_unit_test(rlock_is_released_as_often_as_it_was_taken),
                cmocka_unit_test(rlock_is_its_sessions_to_release),
                cmocka_unit_test(rlock_is_its_tasks_to_release),
                cmocka_unit_test(rlock_ends_with_its_session_whoever_owns_locks),
                cmocka_unit_test(rlock_that_is_abandoned_is_nobodys_to_release),
                cmocka_unit_test(fences_grow_over_all_locks),
                cmocka_unit_test(locks_lists_who_holds_and_waiters_who_waits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
