/*
 * test_condition - Condition: giving up a lock, being notified, and having it again
 */
#include "tests/lib/lock_world.h"

#define TRUE      "#RETURN True"
#define FALSE     "#RETURN False"
#define NONE      "#RETURN None"
#define CANCELLED "#ERROR CancelledError('cancelled')"
#define NO_WAIT   "#ERROR RuntimeError('cannot wait on un-acquired lock')"
#define NO_NOTIFY "#ERROR RuntimeError('cannot notify on un-acquired lock')"

static uint64_t new_condition(struct world *w, uint64_t lock)
{
        char args[64];

        if (!lock)
                return engine_session_create(&w->root, "('Condition',)");
        snprintf(args, sizeof(args), "('Condition', proxy(%llu))", (unsigned long long)lock);
        return engine_session_create(&w->root, args);
}

/* The tests that hold for all are given a Condition over its own RLock, an RLock, and a Lock. */
#define FOR_ALL(name)                                                                              \
        static void name##_own(void **state)                                                       \
        {                                                                                          \
                WORLD(w, true);                                                                    \
                name(&w, new_condition(&w, 0));                                                    \
        }                                                                                          \
        static void name##_rlock(void **state)                                                     \
        {                                                                                          \
                WORLD(w, true);                                                                    \
                name(&w, new_condition(&w, w.r));                                                  \
        }                                                                                          \
        static void name##_lock(void **state)                                                      \
        {                                                                                          \
                WORLD(w, true);                                                                    \
                name(&w, new_condition(&w, w.l));                                                  \
        }

/* `who` takes the lock and waits for a notification. */
static void stands(struct world *w, enum who who, uint64_t c, const char *args)
{
        assert_takes(w, who, c);
        assert_says(w, who, c, "wait", args, "");
}

static void wait_gives_up_the_lock_and_returns_with_it(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        assert_takes(w, B, c);
        assert_says(w, B, c, "notify", "()", NONE);
        assert_hears(w, A, "");
        assert_releases(w, B, c);
        assert_hears(w, A, TRUE);
        assert_says(w, B, c, "acquire", "(False,)", FALSE);
        assert_releases(w, A, c);
        assert_says(w, B, c, "locked", "()", FALSE);
}
FOR_ALL(wait_gives_up_the_lock_and_returns_with_it)

static void notify_takes_the_first_who_wait_in_their_order(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        stands(w, B, c, "()");
        stands(w, C, c, "()");
        stands(w, D, c, "()");
        assert_takes(w, E, c);
        assert_says(w, E, c, "notify", "(1.5,)", NONE);
        assert_releases(w, E, c);
        assert_hears(w, A, TRUE);
        assert_hears(w, B, "");
        assert_releases(w, A, c);
        assert_hears(w, B, TRUE);
        assert_hears(w, C, "");
        /* more than there are */
        assert_says(w, B, c, "notify", "(10**30,)", NONE);
        assert_releases(w, B, c);
        assert_hears(w, C, TRUE);
        assert_releases(w, C, c);
        assert_hears(w, D, TRUE);
        /* what was too much is not kept for those who come */
        assert_says(w, D, c, "wait", "(1,)", "");
        time_passes(w, 1);
        assert_hears(w, D, FALSE);
        assert_releases(w, D, c);
}
FOR_ALL(notify_takes_the_first_who_wait_in_their_order)

static void notify_all_takes_those_who_wait_now(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        stands(w, B, c, "()");
        assert_takes(w, E, c);
        assert_says(w, E, c, "notify_all", "()", NONE);
        assert_says(w, E, c, "wait", "()", "");
        assert_hears(w, A, TRUE);
        assert_releases(w, A, c);
        assert_hears(w, B, TRUE);
        assert_releases(w, B, c);
        assert_hears(w, E, "");
        assert_takes(w, A, c);
        assert_says(w, A, c, "notify_all", "()", NONE);
        assert_releases(w, A, c);
        assert_hears(w, E, TRUE);
}
FOR_ALL(notify_all_takes_those_who_wait_now)

/* Whoever asked for the lock before the notification has it before. */
static void notified_stand_behind_those_who_want_the_lock(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        assert_takes(w, B, c);
        assert_waits(w, C, c);
        assert_says(w, B, c, "notify", "()", NONE);
        assert_waits(w, D, c);
        assert_releases(w, B, c);
        assert_hears(w, C, TRUE);
        assert_hears(w, A, "");
        assert_releases(w, C, c);
        assert_hears(w, A, TRUE);
        assert_hears(w, D, "");
        assert_releases(w, A, c);
        assert_hears(w, D, TRUE);
}
FOR_ALL(notified_stand_behind_those_who_want_the_lock)

static void a_wait_that_times_out_returns_with_the_lock(struct world *w, uint64_t c)
{
        stands(w, A, c, "(1.5,)");
        time_passes(w, 1);
        assert_takes(w, B, c);
        time_passes(w, 1);
        assert_hears(w, A, "");
        /* it was too late by then */
        assert_says(w, B, c, "notify", "()", NONE);
        time_passes(w, 100);
        assert_hears(w, A, "");
        assert_releases(w, B, c);
        assert_hears(w, A, FALSE);
        assert_says(w, B, c, "acquire", "(False,)", FALSE);
        assert_releases(w, A, c);
        /* and where nobody has it */
        stands(w, A, c, "(1,)");
        time_passes(w, 1);
        assert_hears(w, A, FALSE);
        assert_releases(w, A, c);
}
FOR_ALL(a_wait_that_times_out_returns_with_the_lock)

/* Python's wait(0) and wait(-1) give the lock to those who want it. */
static void a_wait_without_time_lets_others_in(struct world *w, uint64_t c)
{
        static const char *const timeouts[] = { "(0,)", "(-1,)", "(-inf,)", "(nan,)", "(False,)" };

        for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); ++i) {
                assert_takes(w, A, c);
                assert_waits(w, B, c);
                assert_says(w, A, c, "wait", timeouts[i], "");
                assert_hears(w, B, TRUE);
                assert_true(engine_next_deadline(w->engine) <= (uint64_t)(w->now * 1e9));
                time_passes(w, 0);
                assert_hears(w, A, "");
                assert_releases(w, B, c);
                assert_hears(w, A, FALSE);
                assert_releases(w, A, c);
        }
}
FOR_ALL(a_wait_without_time_lets_others_in)

static void who_has_no_lock_neither_waits_nor_notifies(struct world *w, uint64_t c)
{
        assert_says(w, A, c, "wait", "()", NO_WAIT);
        assert_says(w, A, c, "wait", "('x',)", NO_WAIT);
        assert_says(w, A, c, "notify", "()", NO_NOTIFY);
        assert_says(w, A, c, "notify_all", "()", NO_NOTIFY);
        assert_takes(w, A, c);
        assert_says(w, A, c, "notify", "('x',)", NONE);
        assert_says(w, A, c, "wait", "('x',)",
                    "#ERROR TypeError(\"'>' not supported between instances of 'str' and 'int'\")");
        assert_says(w, A, c, "wait", "(1e12,)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_says(w, A, c, "wait", "()", "");
        assert_takes(w, B, c);
        assert_says(w, B, c, "notify", "('x',)",
                    "#ERROR TypeError(\"'>' not supported between instances of 'str' and 'int'\")");
        assert_says(w, B, c, "notify", "(0,)", NONE);
        assert_says(w, B, c, "notify", "(-1,)", NONE);
        assert_releases(w, B, c);
        assert_hears(w, A, "");
}
FOR_ALL(who_has_no_lock_neither_waits_nor_notifies)

static void a_cancelled_wait_returns_with_the_lock(struct world *w, uint64_t c)
{
        assert_takes(w, A, c);
        assert_says_with(w, A, c, "wait", "()", "{'i': 1}", "");
        assert_takes(w, B, c);
        assert_says(w, A, 0, "cancel", "(1,)", TRUE);
        assert_hears(w, A, "");
        /* once more is no harm */
        assert_says(w, A, 0, "cancel", "(1,)", TRUE);
        assert_hears(w, A, "");
        assert_releases(w, B, c);
        assert_string_equal(strncmp(hears(w, A), CANCELLED, strlen(CANCELLED)) ? "no" : "yes",
                            "yes");
        assert_says(w, B, c, "acquire", "(False,)", FALSE);
        assert_releases(w, A, c);
}
FOR_ALL(a_cancelled_wait_returns_with_the_lock)

static void who_is_cancelled_after_the_notification_passes_it_on(struct world *w, uint64_t c)
{
        assert_takes(w, A, c);
        assert_says_with(w, A, c, "wait", "()", "{'i': 1}", "");
        stands(w, B, c, "()");
        assert_takes(w, C, c);
        assert_says(w, C, c, "notify", "()", NONE);
        assert_says(w, A, 0, "cancel", "(1,)", TRUE);
        assert_releases(w, C, c);
        assert_int_equal(strncmp(hears(w, A), CANCELLED, strlen(CANCELLED)), 0);
        assert_hears(w, B, "");
        assert_releases(w, A, c);
        assert_hears(w, B, TRUE);
}
FOR_ALL(who_is_cancelled_after_the_notification_passes_it_on)

static void who_dies_after_the_notification_passes_it_on(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        stands(w, B, c, "()");
        stands(w, D, c, "()");
        assert_takes(w, C, c);
        assert_says(w, C, c, "notify", "()", NONE);
        process_ends(w, A);
        assert_releases(w, C, c);
        assert_hears(w, B, TRUE);
        assert_releases(w, B, c);
        assert_hears(w, D, "");
}
FOR_ALL(who_dies_after_the_notification_passes_it_on)

static void who_dies_waiting_is_not_notified(struct world *w, uint64_t c)
{
        stands(w, A, c, "()");
        stands(w, B, c, "()");
        session_ends(w, A);
        assert_takes(w, C, c);
        assert_says(w, C, c, "notify", "()", NONE);
        assert_releases(w, C, c);
        assert_hears(w, B, TRUE);
}
FOR_ALL(who_dies_waiting_is_not_notified)

/* All of a session's waits end at once: some of them notified, and the others not any more. */
static void what_was_passed_on_to_the_dying_goes_to_the_living(struct world *w, uint64_t c)
{
        for (unsigned task = 0; task < 4; ++task) {
                char options[64], expected[64];

                snprintf(options, sizeof(options), "{'i': %u, 'task': %u}", task, task);
                snprintf(expected, sizeof(expected), TRUE " i=%u fence=%u", task, task + 1);
                assert_says_with(w, A, c, "acquire", "()", options, expected);
                assert_says_with(w, A, c, "wait", "()", options, "");
        }
        stands(w, B, c, "()");
        assert_takes(w, C, c);
        assert_says(w, C, c, "notify", "(3,)", NONE);
        session_ends(w, A);
        assert_releases(w, C, c);
        assert_hears(w, B, TRUE);
        /* and what was left over is not there for who comes later */
        assert_says(w, B, c, "wait", "()", "");
        stands(w, D, c, "()");
        assert_takes(w, C, c);
        assert_says(w, C, c, "notify", "()", NONE);
        assert_releases(w, C, c);
        assert_hears(w, B, TRUE);
        assert_releases(w, B, c);
        assert_hears(w, D, "");
}
FOR_ALL(what_was_passed_on_to_the_dying_goes_to_the_living)

/* The lock is free and the notification passed on by one and the same end of a session. */
static void who_is_notified_late_does_not_overtake(struct world *w, uint64_t c)
{
        assert_says_with(w, A, c, "acquire", "()", "{'i': 1, 'task': 1}", TRUE " i=1 fence=1");
        assert_says_with(w, A, c, "wait", "()", "{'i': 1, 'task': 1}", "");
        stands(w, D, c, "()");
        assert_says_with(w, A, c, "acquire", "()", "{'i': 2, 'task': 2}", TRUE " i=2 fence=3");
        assert_says_with(w, A, c, "notify", "()", "{'i': 2, 'task': 2}", NONE " i=2");
        assert_waits(w, B, c);
        session_ends(w, A);
        assert_hears(w, D, "");
        assert_hears(w, B, TRUE);
        assert_releases(w, B, c);
        assert_hears(w, D, TRUE);
}
FOR_ALL(who_is_notified_late_does_not_overtake)

static void who_waits_to_have_the_lock_again_takes_it_over(struct world *w, uint64_t c)
{
        assert_takes(w, A, c);
        assert_says_with(w, A, c, "wait", "()", "{'i': 1}", "");
        assert_takes(w, B, c);
        assert_says(w, B, c, "notify", "()", NONE);
        process_ends(w, B);
        assert_hears(w, A, TRUE " i=1 fence=3 owner_died=2");
        assert_releases(w, A, c);
}
FOR_ALL(who_waits_to_have_the_lock_again_takes_it_over)

static void a_wait_takes_over_a_lock_that_was_abandoned_meanwhile(struct world *w, uint64_t c)
{
        assert_takes(w, A, c);
        assert_says_with(w, A, c, "wait", "(1,)", "{'i': 1}", "");
        assert_takes(w, B, c);
        process_ends(w, B);
        assert_hears(w, A, "");
        time_passes(w, 1);
        assert_hears(w, A, FALSE " i=1 fence=3 owner_died=2");
}
FOR_ALL(a_wait_takes_over_a_lock_that_was_abandoned_meanwhile)

/* --- the one and the other lock */

static void rlock_is_given_up_and_had_again_with_all_its_levels(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.r);

        for (unsigned i = 0; i < 3; ++i)
                assert_takes(&w, A, i % 2 ? c : w.r);
        assert_says(&w, A, c, "wait", "(1,)", "");
        assert_takes(&w, B, w.r);
        assert_says(&w, B, c, "notify", "()", NONE);
        assert_releases(&w, B, w.r);
        assert_hears(&w, A, TRUE);
        assert_releases(&w, A, c);
        assert_releases(&w, A, w.r);
        assert_says(&w, B, w.r, "acquire", "(False,)", FALSE);
        assert_releases(&w, A, c);
        assert_says(&w, B, w.r, "acquire", "(False,)", TRUE);
}

static void condition_and_its_lock_are_one(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.l), other = new_condition(&w, w.l);

        assert_takes(&w, A, c);
        assert_waits(&w, B, w.l);
        assert_waits(&w, C, other);
        assert_says(&w, A, c, "wait", "()", "");
        assert_hears(&w, B, TRUE);
        /* it is another line, though */
        assert_says(&w, B, other, "notify", "()", NONE);
        assert_releases(&w, B, c);
        assert_hears(&w, C, TRUE);
        assert_hears(&w, A, "");
        assert_says(&w, C, c, "notify", "()", NONE);
        assert_releases(&w, C, w.l);
        assert_hears(&w, A, TRUE);
}

/* As in Python: a Lock is owned by whoever asks, if it is locked. */
static void over_a_lock_anybody_may_wait_while_it_is_locked(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.l);

        assert_takes(&w, A, w.l);
        assert_says(&w, B, c, "wait", "()", "");
        assert_takes(&w, A, w.l);
        assert_says(&w, C, c, "notify", "()", NONE);
        assert_releases(&w, A, w.l);
        assert_hears(&w, B, TRUE);
}

/* But whose grant was taken over does not take it from who has it now. */
static void over_a_lock_that_was_taken_over_the_dead_do_not_wait(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.l);

        assert_takes(&w, A, w.l);
        session_ends(&w, A);
        assert_takes(&w, B, w.l);
        assert_says(&w, A2, c, "wait", "()", NO_WAIT);
        assert_says(&w, A2, c, "notify", "()", NO_NOTIFY);
        assert_says(&w, B, c, "notify", "()", NONE);
}

static void condition_keeps_its_lock(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.r), own = new_condition(&w, 0);
        char args[32];

        snprintf(args, sizeof(args), "(%llu,)", (unsigned long long)w.r);
        engine_session_call(&w.root, 0, "decref", args);
        assert_takes(&w, A, c);
        stands(&w, B, own, "()");
        assert_int_equal(figure(&w, "objects"), 5);
        snprintf(args, sizeof(args), "(%llu,)", (unsigned long long)c);
        engine_session_call(&w.root, 0, "decref", args);
        assert_int_equal(figure(&w, "objects"), 3);
        /* a parked call keeps the object */
        snprintf(args, sizeof(args), "(%llu,)", (unsigned long long)own);
        engine_session_call(&w.root, 0, "decref", args);
        assert_int_equal(figure(&w, "objects"), 3);
        process_ends(&w, B);
        assert_int_equal(figure(&w, "objects"), 1);
}

static void condition_wants_a_lock(void **state)
{
        static const char *const cases[][2] = {
                { "('Condition', 5)",
                  "#TRACEBACK \"AttributeError: 'int' object has no attribute 'acquire'\"" },
                { "('Condition', 'x')",
                  "#TRACEBACK \"AttributeError: 'str' object has no attribute 'acquire'\"" },
        };
        WORLD(w, true);
        const char *text;
        char args[64];
        uint64_t l;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i)
                assert_says(&w, A, 0, "create", cases[i][0], cases[i][1]);
        l = engine_session_create(&w.root, "('list',)");
        snprintf(args, sizeof(args), "('Condition', proxy(%llu))", (unsigned long long)l);
        assert_says(&w, A, 0, "create", args,
                    "#TRACEBACK \"AttributeError: 'list' object has no attribute 'acquire'\"");
        text = asks(&w, A, 0, "create", "('Condition', proxy(0x1000099))");
        assert_non_null(strstr(text, "#TRACEBACK"));
        assert_int_equal(figure(&w, "objects"), 3);
        engine_session_create(&w.root, "('Condition', None)");
}

static void condition_shows_itself_as_pythons(void **state)
{
        WORLD(w, true);
        uint64_t c = new_condition(&w, w.l);
        char expected[128];

        stands(&w, A, c, "()");
        assert_takes(&w, B, c);
        snprintf(expected, sizeof(expected),
                 "#RETURN '<Condition(<locked _thread.lock object at 0x%llx>, 1)>'",
                 (unsigned long long)w.l);
        assert_says(&w, B, c, "__str__", "()", expected);
}

/* Nobody is left out, whoever waits, is notified, times out, is cancelled or dies. */
static void no_notification_is_lost_whatever_happens(void **state)
{
        (void)state;
        for (unsigned seed = 0; seed < 200; ++seed) {
                __attribute__((cleanup(world_deinit))) struct world w;
                uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, c;
                unsigned n_due = 0, n_heard = 0, waiting = 0;

                world_init(&w, true);
                c = new_condition(&w, seed % 2 ? w.l : 0);
                for (enum who who = A; who < E; ++who) {
                        assert_takes(&w, who, c);
                        assert_says_with(&w, who, c, "wait", "()", "{'i': 1}", "");
                        waiting |= 1u << who;
                }
                assert_takes(&w, E, c);
                for (unsigned step = 0; step < 6; ++step) {
                        enum who who = (enum who)(random >> 33) % E;

                        random = random * UINT64_C(6364136223846793005) + 1;
                        if (random >> 62 == 0 && waiting & 1u << who) {
                                session_ends(&w, who);
                                waiting &= ~(1u << who);
                        } else if (random >> 62 == 1 && waiting & 1u << who) {
                                assert_says(&w, who, 0, "cancel", "(1,)", TRUE);
                                waiting &= ~(1u << who);
                        } else if (random >> 62 == 2) {
                                assert_says(&w, E, c, "notify", "()", NONE);
                                ++n_due;
                        }
                }
                assert_releases(&w, E, c);
                for (unsigned round = 0; round < E; ++round)
                        for (enum who who = A; who < E; ++who) {
                                const char *text = w.ended[who] ? "" : hears(&w, who);

                                n_heard += strncmp(text, TRUE, strlen(TRUE)) == 0;
                                if (*text)
                                        assert_releases(&w, who, c);
                        }
                /* as many as were notified, if so many were still there to hear it */
                if (n_due >= (unsigned)__builtin_popcount(waiting))
                        n_due = (unsigned)__builtin_popcount(waiting);
                assert_int_equal(n_heard, n_due);
                assert_says(&w, E, c, "locked", "()", FALSE);
        }
}

#define ALL(name)                                                                                  \
        cmocka_unit_test(name##_own), cmocka_unit_test(name##_rlock), cmocka_unit_test(name##_lock)

int main(void)
{
        const struct CMUnitTest tests[] = {
                ALL(wait_gives_up_the_lock_and_returns_with_it),
                ALL(notify_takes_the_first_who_wait_in_their_order),
                ALL(notify_all_takes_those_who_wait_now),
                ALL(notified_stand_behind_those_who_want_the_lock),
                ALL(a_wait_that_times_out_returns_with_the_lock),
                ALL(a_wait_without_time_lets_others_in),
                ALL(who_has_no_lock_neither_waits_nor_notifies),
                ALL(a_cancelled_wait_returns_with_the_lock),
                ALL(who_is_cancelled_after_the_notification_passes_it_on),
                ALL(who_dies_after_the_notification_passes_it_on),
                ALL(who_dies_waiting_is_not_notified),
                ALL(what_was_passed_on_to_the_dying_goes_to_the_living),
                ALL(who_is_notified_late_does_not_overtake),
                ALL(who_waits_to_have_the_lock_again_takes_it_over),
                ALL(a_wait_takes_over_a_lock_that_was_abandoned_meanwhile),
                cmocka_unit_test(rlock_is_given_up_and_had_again_with_all_its_levels),
                cmocka_unit_test(condition_and_its_lock_are_one),
                cmocka_unit_test(over_a_lock_anybody_may_wait_while_it_is_locked),
                cmocka_unit_test(over_a_lock_that_was_taken_over_the_dead_do_not_wait),
                cmocka_unit_test(condition_keeps_its_lock),
                cmocka_unit_test(condition_wants_a_lock),
                cmocka_unit_test(condition_shows_itself_as_pythons),
                cmocka_unit_test(no_notification_is_lost_whatever_happens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
