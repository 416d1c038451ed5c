/*
 * test_deadlock - owners who wait for each other's locks, and those who only seem to
 */
#include "managerd/engine/state.h"
#include "tests/lib/lock_world.h"

#define TRUE     "#RETURN True"
#define FALSE    "#RETURN False"
#define NONE     "#RETURN None"
#define DEADLOCK "#ERROR DeadlockError("

static uint64_t new_lock(struct world *w, const char *args)
{
        return engine_session_create(&w->root, args);
}

static bool begins(const char *text, const char *with)
{
        return strncmp(text, with, strlen(with)) == 0;
}

#define assert_deadlock(w, who, ident)                                                             \
        assert_true(begins(asks(w, who, ident, "acquire", "()"), DEADLOCK))
#define assert_waits_with(w, who, ident, args, options)                                            \
        assert_says_with(w, who, ident, "acquire", args, options, "")

/* --- what is one */

static void two_who_wait_for_each_other(struct world *w, uint64_t p, uint64_t q)
{
        assert_takes(w, A, p);
        assert_takes(w, B, q);
        assert_waits(w, A, q);
        assert_deadlock(w, B, p);
        /* nothing else has changed: whoever was refused may help */
        assert_hears(w, A, "");
        assert_says(w, B, q, "locked", "()", TRUE);
        assert_releases(w, B, q);
        assert_hears(w, A, TRUE);
        assert_releases(w, A, p);
        assert_releases(w, A, q);
        assert_int_equal(figure(w, "deadlocks"), 1);
}

static void cycle_of_two_is_an_error_for_who_closes_it(void **state)
{
        (void)state;
        for (unsigned kinds = 0; kinds < 4; ++kinds) {
                WORLD(w, true);
                uint64_t p = new_lock(&w, kinds & 1 ? "('Lock',)" : "('RLock',)");
                uint64_t q = new_lock(&w, kinds & 2 ? "('Lock',)" : "('RLock',)");

                two_who_wait_for_each_other(&w, p, q);
        }
}

static void cycle_of_three_is_an_error(void **state)
{
        WORLD(w, false);
        uint64_t p = new_lock(&w, "('Lock',)");

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_takes(&w, C, p);
        assert_waits(&w, A, w.r);
        assert_waits(&w, B, p);
        assert_deadlock(&w, C, w.l);
        assert_releases(&w, C, p);
        assert_hears(&w, B, TRUE);
}

/* A second one who waits for the same lock does not stand in the way. */
static void cycle_is_found_beside_others_who_wait(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_waits(&w, C, w.l);
        assert_waits(&w, D, w.r);
        assert_waits(&w, A, w.r);
        assert_waits(&w, E, w.r);
        assert_deadlock(&w, B, w.l);
}

static void cycle_is_found_after_the_lock_was_handed_over(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_waits(&w, C, w.l);
        assert_waits(&w, B, w.l);
        assert_releases(&w, A, w.l);
        assert_hears(&w, C, TRUE);
        /* B waits for C now */
        assert_deadlock(&w, C, w.r);
        assert_releases(&w, C, w.l);
        assert_hears(&w, B, TRUE);
}

static void cycle_of_tasks_of_one_session_is_an_error(void **state)
{
        WORLD(w, true);
        const char *text;

        assert_says_with(&w, A, w.l, "acquire", "()", "{'i': 1, 'task': 'x', 'alone': True}",
                         TRUE " i=1 fence=1");
        assert_says_with(&w, A, w.r, "acquire", "()", "{'i': 2, 'task': 'y', 'alone': True}",
                         TRUE " i=2 fence=2");
        assert_waits_with(&w, A, w.r, "()", "{'i': 3, 'task': 'x', 'alone': True}");
        text = asks_with(&w, A, w.l, "acquire", "()", "{'i': 4, 'task': 'y', 'alone': True}");
        assert_true(begins(text, DEADLOCK));
        assert_non_null(strstr(text, " i=4"));
}

static void error_names_the_objects_and_the_processes(void **state)
{
        WORLD(w, true);
        const char *text = engine_session_call(&w.root, 0, "open", "('Lock', 'accounts')");
        uint64_t named = strtoull(text + strlen("#RETURN ["), NULL, 10);
        char expected[512];

        assert_takes(&w, A, w.r);
        assert_takes(&w, B, named);
        assert_waits(&w, A, named);
        snprintf(expected, sizeof(expected),
                 DEADLOCK "\"deadlock: pid 2 waits for RLock 0x%llx held by pid 1, which waits for "
                          "Lock 'accounts' held by pid 2\", [[%llu, 1], [%llu, 2]])",
                 (unsigned long long)w.r, (unsigned long long)w.r, (unsigned long long)named);
        assert_says(&w, B, w.r, "acquire", "()", expected);
}

/* --- what is none */

/* B holds q and waits for p, which A holds: whether A waits for q is the question. */
#define ALL_BUT_A_CYCLE(w, p, q)                                                                   \
        assert_takes(w, A, p);                                                                     \
        assert_takes(w, B, q);                                                                     \
        assert_waits(w, B, p)

static void who_waits_with_a_deadline_does_not_wait_for_ever(void **state)
{
        WORLD(w, true);

        ALL_BUT_A_CYCLE(&w, w.l, w.r);
        assert_says(&w, A, w.r, "acquire", "(True, 5)", "");
        time_passes(&w, 5);
        assert_hears(&w, A, FALSE);
        assert_says(&w, A, w.r, "acquire", "(False,)", FALSE);
        assert_deadlock(&w, A, w.r);
}

static void who_has_a_deadline_stands_in_nobodys_way(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_says(&w, B, w.l, "acquire", "(True, 5)", "");
        assert_waits(&w, A, w.r);
        time_passes(&w, 5);
        assert_hears(&w, B, FALSE);
        assert_deadlock(&w, B, w.l);
}

static void who_may_do_something_else_meanwhile_is_no_part_of_a_cycle(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_waits_with(&w, B, w.l, "()", "{'i': 1}");
        assert_waits(&w, A, w.r);
        assert_releases(&w, B, w.r);
        assert_hears(&w, A, TRUE);
        assert_releases(&w, A, w.l);
        assert_hears(&w, B, TRUE " i=1 fence=4");
}

static void whoever_waits_for_his_own_lock_waits(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_waits(&w, A, w.l);
        /* nor is that part of a longer one */
        assert_takes(&w, B, w.r);
        assert_waits(&w, B, w.l);
        assert_releases(&w, C, w.l);
        assert_hears(&w, A, TRUE);
}

static void lock_that_another_released_once_is_not_tracked(void **state)
{
        WORLD(w, true);

        assert_takes(&w, C, w.l);
        assert_releases(&w, D, w.l);
        ALL_BUT_A_CYCLE(&w, w.l, w.r);
        assert_waits(&w, A, w.r);
        assert_releases(&w, C, w.l);
        assert_hears(&w, B, TRUE);
}

static void lock_that_opted_out_is_not_tracked(void **state)
{
        static const char *const types[] = { "('Lock', False)", "('RLock', False)" };

        (void)state;
        for (unsigned i = 0; i < 2; ++i) {
                WORLD(w, true);
                uint64_t p = new_lock(&w, types[i]);

                ALL_BUT_A_CYCLE(&w, p, w.r);
                assert_waits(&w, A, w.r);
                session_ends(&w, A);
                assert_hears(&w, B, TRUE);
        }
}

static void abandoned_locks_are_nobodys_to_wait_for(void **state)
{
        WORLD(w, true);

        ALL_BUT_A_CYCLE(&w, w.l, w.r);
        session_ends(&w, A);
        assert_hears(&w, B, TRUE);
        assert_waits(&w, C, w.r);
        assert_releases(&w, B, w.r);
        assert_hears(&w, C, TRUE);
        assert_int_equal(figure(&w, "deadlocks"), 0);
}

/* An edge goes with the wait that it stood for. */
static void who_waits_no_more_is_no_part_of_a_cycle(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_takes(&w, B, w.r);
        assert_waits_with(&w, B, w.l, "()", "{'i': 1, 'alone': True}");
        assert_says(&w, B, 0, "cancel", "(1,)", TRUE);
        assert_hears(&w, B, "#ERROR CancelledError('cancelled') i=1");
        assert_waits(&w, A, w.r);
        assert_deadlock(&w, B, w.l);
}

/* --- Condition */

static void waiting_to_be_notified_is_no_part_of_a_cycle(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");

        assert_takes(&w, A, w.l);
        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "()", "");
        assert_takes(&w, B, c);
        assert_waits(&w, B, w.l);
        session_ends(&w, A);
        assert_hears(&w, B, TRUE);
}

/* Who waits to have a lock again is never refused: the other one of the cycle is. */
static void having_a_lock_again_closes_a_cycle_for_the_other(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");
        const char *text;

        assert_takes(&w, A, w.l);
        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "(1,)", "");
        assert_takes(&w, B, c);
        assert_waits(&w, B, w.l);
        time_passes(&w, 1);
        text = hears(&w, B);
        assert_true(begins(text, DEADLOCK "'deadlock: pid 2 waits for Lock "));
        assert_hears(&w, A, "");
        assert_releases(&w, B, c);
        assert_hears(&w, A, FALSE);
}

static void having_a_lock_again_is_an_edge_for_others(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");

        assert_takes(&w, A, w.l);
        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "()", "");
        assert_takes(&w, B, c);
        assert_says(&w, B, c, "notify", "()", NONE);
        assert_deadlock(&w, B, w.l);
        assert_releases(&w, B, c);
        assert_hears(&w, A, TRUE);
}

static void acquiring_through_a_condition_is_an_edge_to_its_lock(void **state)
{
        WORLD(w, true);
        char args[64];
        uint64_t c;

        snprintf(args, sizeof(args), "('Condition', proxy(%llu))", (unsigned long long)w.r);
        c = engine_session_create(&w.root, args);
        assert_takes(&w, A, w.l);
        assert_takes(&w, B, c);
        assert_waits(&w, A, c);
        assert_deadlock(&w, B, w.l);
}

/* --- many */

#define MANY 100

/* Sessions and locks in numbers, of one engine. */
struct crowd {
        struct engine *engine;
        struct engine_session sessions[MANY];
        uint64_t locks[MANY];
        unsigned n;
        uint64_t random;
};

static unsigned draw(struct crowd *c, unsigned below)
{
        c->random = c->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned)((c->random >> 33) % below);
}

static void crowd_init(struct crowd *c, unsigned n, uint64_t seed)
{
        *c = (struct crowd){ .engine = engine_harness_new(SIZE_MAX, 1 << 20), .n = n };
        c->random = seed;
        for (unsigned i = 0; i < n; ++i) {
                engine_session_begin(&c->sessions[i], c->engine, i + 1);
                c->locks[i] = engine_session_create(&c->sessions[0],
                                                    draw(c, 2) ? "('Lock',)" : "('RLock',)");
        }
}

static void crowd_deinit(struct crowd *c)
{
        for (unsigned i = c->n; i-- > 0;)
                engine_session_end(&c->sessions[i]);
        engine_free(c->engine);
}

static const char *crowd_acquires(struct crowd *c, unsigned who, unsigned lock)
{
        return engine_session_call(&c->sessions[who], c->locks[lock], "acquire", "()");
}

static void shuffle(struct crowd *c, unsigned order[], unsigned n)
{
        for (unsigned i = 0; i < n; ++i)
                order[i] = i;
        for (unsigned i = n; i > 1; --i) {
                unsigned j = draw(c, i), kept = order[i - 1];

                order[i - 1] = order[j];
                order[j] = kept;
        }
}

/* Each holds one and asks for that of the next around the circle, in any order. */
static void cycles_of_any_length_are_found_by_the_last_acquire(void **state)
{
        (void)state;
        for (unsigned n = 2; n <= MANY; ++n) {
                unsigned circle[MANY], order[MANY];
                struct crowd c;

                crowd_init(&c, n, n);
                shuffle(&c, circle, n);
                shuffle(&c, order, n);
                for (unsigned i = 0; i < n; ++i)
                        assert_string_equal(crowd_acquires(&c, circle[i], circle[i]), TRUE);
                for (unsigned i = 0; i < n; ++i) {
                        const char *text =
                                crowd_acquires(&c, circle[order[i]], circle[(order[i] + 1) % n]);

                        if (i + 1 < n)
                                assert_string_equal(text, "");
                        else
                                assert_true(begins(text, DEADLOCK));
                }
                engine_assert_sound(c.engine);
                crowd_deinit(&c);
        }
}

/*
 * Locks that are always taken in the order of their numbers make no cycle, whoever
 * waits for whom, and whatever is released in between.
 */
static unsigned run_acyclic(struct crowd *c, unsigned n_steps)
{
        unsigned highest[MANY] = { 0 }; /* of those it holds or waits for, plus one */
        bool held[MANY][MANY] = { { false } };
        unsigned n_waits = 0;

        for (unsigned step = 0; step < n_steps; ++step) {
                unsigned who = draw(c, c->n), lock;

                if (caller_is_parked(c->sessions[who].caller))
                        continue;
                if (*engine_session_take(&c->sessions[who]))
                        held[who][highest[who] - 1] = true;
                if (highest[who] < c->n && draw(c, 4)) {
                        const char *text;

                        lock = highest[who] + draw(c, c->n - highest[who]);
                        text = crowd_acquires(c, who, lock);
                        if (*text)
                                assert_string_equal(text, TRUE);
                        else
                                ++n_waits;
                        highest[who] = lock + 1;
                        held[who][lock] = *text;
                        continue;
                }
                highest[who] = 0;
                for (lock = 0; lock < c->n; ++lock)
                        if (held[who][lock]) {
                                held[who][lock] = false;
                                assert_string_equal(engine_session_call(&c->sessions[who],
                                                                        c->locks[lock], "release",
                                                                        "()"),
                                                    NONE);
                        }
        }
        return n_waits;
}

static void what_makes_no_cycle_raises_nothing(void **state)
{
        unsigned n_waits = 0;
        struct crowd c;

        (void)state;
        for (unsigned run = 0; run < 10000; ++run) {
                crowd_init(&c, 2 + run % 12, run + 1);
                n_waits += run_acyclic(&c, 50);
                engine_assert_sound(c.engine);
                assert_int_equal(c.engine->n_deadlocks, 0);
                crowd_deinit(&c);
        }
        assert_true(n_waits > 10000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cycle_of_two_is_an_error_for_who_closes_it),
                cmocka_unit_test(cycle_of_three_is_an_error),
                cmocka_unit_test(cycle_is_found_beside_others_who_wait),
                cmocka_unit_test(cycle_is_found_after_the_lock_was_handed_over),
                cmocka_unit_test(cycle_of_tasks_of_one_session_is_an_error),
                cmocka_unit_test(error_names_the_objects_and_the_processes),
                cmocka_unit_test(who_waits_with_a_deadline_does_not_wait_for_ever),
                cmocka_unit_test(who_has_a_deadline_stands_in_nobodys_way),
                cmocka_unit_test(who_may_do_something_else_meanwhile_is_no_part_of_a_cycle),
                cmocka_unit_test(whoever_waits_for_his_own_lock_waits),
                cmocka_unit_test(lock_that_another_released_once_is_not_tracked),
                cmocka_unit_test(lock_that_opted_out_is_not_tracked),
                cmocka_unit_test(abandoned_locks_are_nobodys_to_wait_for),
                cmocka_unit_test(who_waits_no_more_is_no_part_of_a_cycle),
                cmocka_unit_test(waiting_to_be_notified_is_no_part_of_a_cycle),
                cmocka_unit_test(having_a_lock_again_closes_a_cycle_for_the_other),
                cmocka_unit_test(having_a_lock_again_is_an_edge_for_others),
                cmocka_unit_test(acquiring_through_a_condition_is_an_edge_to_its_lock),
                cmocka_unit_test(cycles_of_any_length_are_found_by_the_last_acquire),
                cmocka_unit_test(what_makes_no_cycle_raises_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
