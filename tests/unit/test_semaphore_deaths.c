/*
 * test_semaphore_deaths - what becomes of a semaphore's permits when their holders die
 */
#include "tests/lib/bytes.h"
#include "tests/lib/semaphore_world.h"

static void a_permit_outlives_its_holder_and_the_next_is_told(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, A, s);
        assert_takes(&w, B, s);
        assert_waits(&w, C, s);
        process_ends(&w, B);
        assert_hears(&w, C, TRUE);
        assert_value(&w, s, 0);
        session_ends(&w, A);
        assert_value(&w, s, 1);
        assert_says_with(&w, D, s, "acquire", "()", "{'i': 5}",
                         "#RETURN True i=5 fence=4 owner_died=1");
        assert_value(&w, s, 0);
        assert_releases(&w, D, s);
        assert_releases(&w, C, s);
        assert_value(&w, s, 2);
}

static void a_parked_acquire_is_told_of_the_death_it_gains_by(void **state)
{
        SEMAPHORE(w, true, "('Semaphore',)");

        assert_takes(&w, B, s);
        assert_says_with(&w, C, s, "acquire", "(True, 60)", "{'i': 7}", "");
        process_ends(&w, B);
        assert_hears(&w, C, "#RETURN True i=7 fence=2 owner_died=2");
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
}

static void all_permits_of_the_dead_are_taken_over_one_by_one(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 3)");

        for (unsigned i = 0; i < 3; ++i)
                assert_takes(&w, B, s);
        process_ends(&w, B);
        assert_value(&w, s, 3);
        for (unsigned i = 0; i < 3; ++i)
                assert_true(
                        strstr(asks_with(&w, C, s, "acquire", "()", "{'i': 1}"), "owner_died=2"));
        assert_says(&w, D, s, "acquire", "(False,)", FALSE);
        assert_says(&w, C, s, "release", "(3,)", NONE);
        assert_value(&w, s, 3);
}

static void before_a_takeover_anyone_may_release_for_the_dead(void **state)
{
        SEMAPHORE(w, false, "('BoundedSemaphore', 1)");

        /* the child acquires and exits, the parent releases */
        assert_takes(&w, B, s);
        process_ends(&w, B);
        assert_releases(&w, A, s);
        assert_value(&w, s, 1);
        assert_says_with(&w, C, s, "acquire", "()", "{'i': 1}", "#RETURN True i=1 fence=2");
        assert_releases(&w, C, s);
        assert_says(&w, A, s, "release", "()", TOO_MANY);
}

static void after_a_takeover_one_late_release_is_absorbed(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 1)");

        assert_takes(&w, B, s);
        process_ends(&w, B);
        assert_takes(&w, C, s);
        assert_releases(&w, A, s);
        assert_value(&w, s, 0);
        assert_says(&w, D, s, "acquire", "(False,)", FALSE);
        assert_releases(&w, C, s);
        assert_value(&w, s, 1);
        /* only one: from here on it is Python's */
        assert_releases(&w, A, s);
        assert_value(&w, s, 2);
}

static void the_new_holder_s_own_release_is_never_absorbed(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, B, s);
        assert_takes(&w, B, s);
        process_ends(&w, B);
        assert_takes(&w, C, s);
        assert_takes(&w, C, s);
        assert_releases(&w, C, s);
        assert_value(&w, s, 1);
        assert_says(&w, C, s, "release", "(2,)", NONE); /* its own, and a late one */
        assert_value(&w, s, 2);
        assert_releases(&w, A, s); /* the other late one */
        assert_value(&w, s, 2);
        assert_releases(&w, A, s);
        assert_value(&w, s, 3);
}

static void a_release_by_a_stranger_is_not_given_back_once_more_by_the_death(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 1)");

        /* the parent releases first, and the child exits then */
        assert_takes(&w, B, s);
        assert_releases(&w, A, s);
        assert_value(&w, s, 1);
        process_ends(&w, B);
        assert_value(&w, s, 1);
        assert_takes(&w, C, s);
        assert_says(&w, D, s, "acquire", "(False,)", FALSE);
}

static void a_death_never_lifts_what_is_available_above_the_initial_value(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, B, s);
        assert_takes(&w, C, s);
        assert_releases(&w, A, s); /* for one of them, nobody knows which */
        process_ends(&w, B);
        assert_value(&w, s, 1);
        assert_takes(&w, D, s);
        assert_says(&w, E, s, "acquire", "(False,)", FALSE);
        /* now both are dead for whom it may have been: one permit is missing */
        process_ends(&w, C);
        assert_value(&w, s, 1);
        assert_releases(&w, D, s);
        assert_value(&w, s, 2);
}

static void a_semaphore_that_signals_is_a_number(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 0)");

        assert_says(&w, B, s, "release", "(3,)", NONE);
        process_ends(&w, B); /* takes nothing back */
        assert_value(&w, s, 3);
        assert_takes(&w, C, s);
        assert_null(strstr(asks(&w, A, 0, "locks", "()"), "Semaphore"));
        process_ends(&w, C); /* gives nothing back */
        assert_value(&w, s, 2);
        assert_takes(&w, D, s);
        assert_takes(&w, D, s);
        assert_waits(&w, E, s);
        process_ends(&w, D);
        assert_hears(&w, E, "");
        assert_releases(&w, A, s);
        assert_hears(&w, E, TRUE);
}

static void a_pool_that_signals_made_larger_gives_back_as_many_as_at_first(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 1)");

        assert_says(&w, A, s, "release", "(2,)", NONE);
        for (unsigned i = 0; i < 3; ++i)
                assert_takes(&w, B, s);
        process_ends(&w, B);
        assert_value(&w, s, 1);
        assert_says_with(&w, C, s, "acquire", "()", "{'i': 1}",
                         "#RETURN True i=1 fence=2 owner_died=2");
        assert_says(&w, C, s, "acquire", "(False,)", FALSE);
}

static void permits_are_the_session_s_where_it_said_so_and_else_the_process_s(void **state)
{
        for (unsigned native = 0; native < 2; ++native) {
                SEMAPHORE(w, native, "('Semaphore', 1)");

                assert_takes(&w, A, s);
                session_ends(&w, A);
                assert_says(&w, B, s, "acquire", "(False,)", native ? TRUE : FALSE);
                process_ends(&w, A2);
                assert_says(&w, C, s, "acquire", "(False,)", native ? FALSE : TRUE);
        }
}

static void another_thread_of_the_holder_may_release(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, A, s);
        assert_takes(&w, B, s);
        assert_releases(&w, A2, s);
        session_ends(&w, A); /* it has none any more */
        assert_value(&w, s, 1);
        process_ends(&w, B);
        assert_value(&w, s, 2);
}

static void a_release_for_one_of_several_threads_is_not_given_back_by_another_s_end(void **state)
{
        /* nobody knows for which of the two it was */
        for (unsigned i = 0; i < 2; ++i) {
                SEMAPHORE(w, true, "('Semaphore', 2)");
                struct engine_session main_thread;

                engine_session_begin(&main_thread, w.engine, process_of(A));
                engine_session_hello(&main_thread, (char)('a' + process_of(A)));
                assert_takes(&w, A, s);
                assert_takes(&w, A2, s);
                assert_string_equal(engine_session_call(&main_thread, s, "release", "()"), NONE);
                session_ends(&w, i ? A : A2);
                assert_value(&w, s, 1);
                session_ends(&w, i ? A2 : A);
                assert_value(&w, s, 2);
                engine_session_end(&main_thread);
        }
}

static void a_release_for_the_only_other_thread_is_known_to_be_its(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_takes(&w, A, s);
        assert_takes(&w, B, s);
        assert_releases(&w, A2, s);
        process_ends(&w, B);
        assert_value(&w, s, 2);
}

static void a_thread_releases_its_own_before_its_process_s(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 3)");

        assert_takes(&w, A, s);
        assert_takes(&w, A2, s);
        assert_releases(&w, A2, s);
        session_ends(&w, A2);
        assert_value(&w, s, 2);
        session_ends(&w, A);
        assert_value(&w, s, 3);
        assert_says_with(&w, B, s, "acquire", "()", "{'i': 1}",
                         "#RETURN True i=1 fence=3 owner_died=1");
}

static void a_taker_over_that_dies_leaves_it_to_the_next(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 1)");

        assert_takes(&w, B, s);
        assert_waits(&w, C, s);
        assert_says_with(&w, D, s, "acquire", "()", "{'i': 1}", "");
        process_ends(&w, B);
        assert_hears(&w, C, TRUE);
        process_ends(&w, C);
        assert_hears(&w, D, "#RETURN True i=1 fence=3 owner_died=3");
        assert_releases(&w, A, s); /* late ones, of B and C */
        assert_releases(&w, A, s);
        assert_value(&w, s, 0);
        assert_releases(&w, D, s);
        assert_value(&w, s, 1);
}

static void every_grant_has_a_number_that_only_grows(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 2)");

        assert_says(&w, A, s, "fence", "()", "#ERROR RuntimeError('this process holds no permit')");
        assert_says_with(&w, A, s, "acquire", "()", "{'i': 1}", "#RETURN True i=1 fence=1");
        assert_says_with(&w, A, s, "acquire", "()", "{'i': 2}", "#RETURN True i=2 fence=2");
        assert_says(&w, A2, s, "fence", "()", "#RETURN 2");
        assert_says(&w, B, s, "fence", "()", "#ERROR RuntimeError('this process holds no permit')");
        assert_releases(&w, A, s);
        assert_says_with(&w, B, s, "acquire", "()", "{'i': 1}", "#RETURN True i=1 fence=3");
}

static void who_holds_permits_is_listed(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 3)");
        const char *text;

        assert_takes(&w, B, s);
        assert_takes(&w, B, s);
        text = asks(&w, A, 0, "locks", "()");
        assert_non_null(strstr(text, "'Semaphore'"));
        assert_non_null(strstr(text, "'count': 2"));
        assert_non_null(strstr(text, "'abandoned': False"));
        process_ends(&w, B);
        assert_non_null(strstr(asks(&w, A, 0, "locks", "()"), "'abandoned': True"));
        assert_says(&w, A, s, "release", "(2,)", NONE);
        assert_null(strstr(asks(&w, A, 0, "locks", "()"), "'Semaphore'"));
}

static void a_semaphore_that_goes_takes_its_notes_along(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 9)");
        uint64_t used = figure(&w, "memory_used");
        char ident[32];

        assert_takes(&w, A, s);
        assert_takes(&w, A2, s);
        assert_takes(&w, B, s);
        assert_takes(&w, C, s);
        assert_true(figure(&w, "memory_used") > used);
        process_ends(&w, C);
        snprintf(ident, sizeof(ident), "(%llu,)", (unsigned long long)s);
        engine_session_call(&w.root, 0, "decref", ident);
        assert_true(figure(&w, "memory_used") < used);
        process_ends(&w, B);
        session_ends(&w, A);
}

static void notes_of_a_semaphore_do_not_pile_up(void **state)
{
        SEMAPHORE(w, true, "('Semaphore', 4)");
        uint64_t used = figure(&w, "memory_used");

        /* who acquires never releases, and who releases never acquires */
        for (unsigned i = 0; i < 1000; ++i) {
                struct engine_session worker;

                engine_session_begin(&worker, w.engine, 1000 + i);
                assert_string_equal(engine_session_call(&worker, s, "acquire", "()"), TRUE);
                if (i % 2)
                        assert_releases(&w, A, s);
                engine_session_end(&worker);
                engine_end_process(w.engine, 1000 + i, 0);
                if (i % 2 == 0)
                        assert_releases(&w, A, s);
                assert_value(&w, s, 4);
        }
        assert_int_equal(figure(&w, "memory_used"), used);
}

static void what_many_dead_ones_left_is_forgotten_but_for_as_many_as_at_first(void **state)
{
        enum { N = 6 };
        SEMAPHORE(w, true, "('Semaphore', 3)");
        struct engine_session workers[N];
        const char *text;
        unsigned n = 0;

        /* two never come back, so that never all are free */
        assert_takes(&w, B, s);
        assert_takes(&w, B, s);
        for (unsigned i = 0; i < N; ++i) {
                engine_session_begin(&workers[i], w.engine, 1000 + i);
                assert_string_equal(engine_session_call(&workers[i], s, "acquire", "()"), TRUE);
                assert_releases(&w, A, s);
        }
        for (unsigned i = 0; i < N; ++i) {
                engine_session_end(&workers[i]);
                engine_end_process(w.engine, 1000 + i, 0);
                assert_value(&w, s, 1);
        }
        text = asks(&w, A, 0, "locks", "()");
        while ((text = strstr(text, "'abandoned': True"))) {
                ++text;
                ++n;
        }
        assert_int_equal(n, 3);
}

/* Who gives back what he took, until he dies. */
struct user {
        struct engine_session session;
        uint64_t process;
        unsigned n_held;
};

static void user_begin(struct user *user, struct engine *engine, uint64_t process)
{
        *user = (struct user){ .process = process };
        engine_session_begin(&user->session, engine, process);
        if (process & 1)
                engine_session_hello(&user->session, (char)(process % 26 + 'a'));
}

static void user_dies(struct user *user, struct engine *engine)
{
        engine_session_end(&user->session);
        engine_end_process(engine, user->process, 0);
}

static void a_pool_is_whole_whoever_dies(void **state)
{
        enum { N_USERS = 5, N_PERMITS = 7, N_STEPS = 20000 };
        SEMAPHORE(w, true, "('BoundedSemaphore', 7)");
        struct bytes_random random = { .state = 4 };
        struct user users[N_USERS];
        uint64_t n_processes = 100;

        for (unsigned i = 0; i < N_USERS; ++i)
                user_begin(&users[i], w.engine, ++n_processes);
        for (unsigned i = 0; i < N_STEPS; ++i) {
                struct user *user = &users[bytes_random_below(&random, N_USERS)];
                unsigned n_held = 0;
                char expected[32];

                switch (bytes_random_below(&random, 8)) {
                case 0:
                        user_dies(user, w.engine);
                        user_begin(user, w.engine, ++n_processes);
                        break;
                case 1:
                case 2:
                case 3:
                        if (user->n_held == 0)
                                break;
                        --user->n_held;
                        assert_string_equal(engine_session_call(&user->session, s, "release", "()"),
                                            NONE);
                        break;
                default:
                        if (strcmp(engine_session_call(&user->session, s, "acquire", "(False,)"),
                                   TRUE) == 0)
                                ++user->n_held;
                }
                for (unsigned k = 0; k < N_USERS; ++k)
                        n_held += users[k].n_held;
                snprintf(expected, sizeof(expected), "#RETURN %u", N_PERMITS - n_held);
                assert_says(&w, E, s, "get_value", "()", expected);
        }
        for (unsigned i = 0; i < N_USERS; ++i)
                user_dies(&users[i], w.engine);
        assert_value(&w, s, 7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_permit_outlives_its_holder_and_the_next_is_told),
                cmocka_unit_test(a_parked_acquire_is_told_of_the_death_it_gains_by),
                cmocka_unit_test(all_permits_of_the_dead_are_taken_over_one_by_one),
                cmocka_unit_test(before_a_takeover_anyone_may_release_for_the_dead),
                cmocka_unit_test(after_a_takeover_one_late_release_is_absorbed),
                cmocka_unit_test(the_new_holder_s_own_release_is_never_absorbed),
                cmocka_unit_test(a_release_by_a_stranger_is_not_given_back_once_more_by_the_death),
                cmocka_unit_test(a_death_never_lifts_what_is_available_above_the_initial_value),
                cmocka_unit_test(a_semaphore_that_signals_is_a_number),
                cmocka_unit_test(a_pool_that_signals_made_larger_gives_back_as_many_as_at_first),
                cmocka_unit_test(permits_are_the_session_s_where_it_said_so_and_else_the_process_s),
                cmocka_unit_test(another_thread_of_the_holder_may_release),
                cmocka_unit_test(
                        a_release_for_one_of_several_threads_is_not_given_back_by_another_s_end),
                cmocka_unit_test(a_release_for_the_only_other_thread_is_known_to_be_its),
                cmocka_unit_test(a_thread_releases_its_own_before_its_process_s),
                cmocka_unit_test(a_taker_over_that_dies_leaves_it_to_the_next),
                cmocka_unit_test(every_grant_has_a_number_that_only_grows),
                cmocka_unit_test(who_holds_permits_is_listed),
                cmocka_unit_test(a_semaphore_that_goes_takes_its_notes_along),
                cmocka_unit_test(notes_of_a_semaphore_do_not_pile_up),
                cmocka_unit_test(what_many_dead_ones_left_is_forgotten_but_for_as_many_as_at_first),
                cmocka_unit_test(a_pool_is_whole_whoever_dies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
