/*
 * test_parked - parked calls of any type: what the engine itself owes to them
 */
#include "managerd/engine/deadlock.h"
#include "tests/lib/lock_world.h"

/* From here on there is room for an error in its replies, and no more. */
static void replies_are_full(struct world *w, enum who who)
{
        w->sessions[who].replies.limit = 100;
}

static bool fails(const char *reply)
{
        return strncmp(reply, "#ERROR ", 7) == 0 || strncmp(reply, "#TRACEBACK ", 11) == 0;
}

/* --- no room for the reply */

static void who_cannot_be_answered_leaves_the_barrier_whole(void **state)
{
        WORLD(w, true);
        uint64_t b = engine_session_create(&w.root, "('Barrier', 3)");

        assert_says(&w, A, b, "wait", "()", "");
        assert_says(&w, B, b, "wait", "()", "");
        replies_are_full(&w, A);
        assert_says(&w, C, b, "wait", "()", "#RETURN 2");
        assert_true(fails(hears(&w, A)));
        assert_hears(&w, B, "#RETURN 1");

        assert_says(&w, B, b, "wait", "()", "");
        session_ends(&w, B);
        assert_says(&w, C, b, "wait", "()", "");
        assert_says(&w, D, b, "wait", "()", "");
        assert_says(&w, E, b, "wait", "()", "#RETURN 2");
        assert_hears(&w, C, "#RETURN 0");
        assert_hears(&w, D, "#RETURN 1");
}

static void who_cannot_be_answered_leaves_the_lock_to_the_next(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_waits(&w, B, w.l);
        assert_waits(&w, C, w.l);
        replies_are_full(&w, B);
        assert_releases(&w, A, w.l);
        assert_true(fails(hears(&w, B)));
        assert_hears(&w, C, "#RETURN True");
}

static void who_cannot_be_answered_has_the_lock_again_nevertheless(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");

        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "()", "");
        assert_takes(&w, B, c);
        replies_are_full(&w, A);
        assert_says(&w, B, c, "notify", "()", "#RETURN None");
        assert_says(&w, B, c, "release", "()", "#RETURN None");
        assert_true(fails(hears(&w, A)));
        w.sessions[A].replies.limit = SIZE_MAX;
        assert_says(&w, A, c, "release", "()", "#RETURN None");
}

static void who_could_not_be_answered_for_a_while_is_answered(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");

        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "()", "");
        assert_takes(&w, B, c);
        replies_are_full(&w, A);
        assert_says(&w, B, c, "notify", "()", "#RETURN None");
        w.sessions[A].replies.limit = SIZE_MAX;
        assert_says(&w, B, c, "release", "()", "#RETURN None");
        assert_hears(&w, A, "#RETURN True");
}

/* --- time */

/* The engine may have slept since the last request. */
static void what_is_taken_over_is_held_since_its_holder_ended(void **state)
{
        WORLD(w, true);

        assert_takes(&w, A, w.l);
        assert_waits(&w, B, w.l);
        engine_session_end_at(&w.sessions[A], 60);
        w.ended[A] = true;
        assert_hears(&w, B, "#RETURN True");
        w.now = 61;
        assert_non_null(strstr(asks(&w, B, w.l, "holder", "()"), "'seconds': 1.0,"));
}

static void what_a_process_kept_is_taken_over_when_it_ended(void **state)
{
        WORLD(w, false);

        assert_takes(&w, E, w.l);
        assert_waits(&w, B, w.l);
        session_ends(&w, E);
        assert_hears(&w, B, "");
        engine_end_process(w.engine, process_of(E), UINT64_C(60000000000));
        assert_hears(&w, B, "#RETURN True");
        w.now = 61;
        assert_non_null(strstr(asks(&w, B, w.l, "holder", "()"), "'seconds': 1.0,"));
}

/* --- hello, late */

static void who_promises_while_he_waits_keeps_the_promise(void **state)
{
        WORLD(w, false);

        assert_takes(&w, B, w.l);
        assert_says_with(&w, C, w.l, "acquire", "()", "{'i': 1}", "");
        engine_session_hello(&w.sessions[C], 'c');
        assert_releases(&w, B, w.l);
        assert_string_equal(hears(&w, C), "#RETURN True i=1 fence=2");
        session_ends(&w, C);
        assert_non_null(strstr(asks(&w, B, w.l, "holder", "()"), "'abandoned': True"));
}

static void who_says_hello_may_release_what_he_held(void **state)
{
        WORLD(w, false);
        uint64_t s = engine_session_create(&w.root, "('Semaphore', 1)");

        assert_takes(&w, C, w.l);
        assert_takes(&w, C, w.r);
        assert_takes(&w, C, s);
        engine_session_hello(&w.sessions[C], 'c');
        assert_releases(&w, C, w.l);
        assert_releases(&w, C, w.r);
        assert_releases(&w, C, s);
        assert_takes(&w, C, s);
        session_ends(&w, C);
        assert_takes(&w, D, s);
}

/* --- long chains */

/* Who has lock i waits for lock i + 1; all are tasks of one session. The answer to the last. */
static const char *chain_of(struct world *w, unsigned n, uint64_t first, bool closed)
{
        char options[64];

        for (unsigned i = 0; i < n; ++i) {
                snprintf(options, sizeof(options), "{'i': %u, 'task': %u}", i, i);
                engine_session_send_with(&w->sessions[A], first + i, "acquire", "()", options, 0);
                engine_session_take(&w->sessions[A]);
        }
        for (unsigned i = 0; i + 1 < n + closed; ++i) {
                snprintf(options, sizeof(options), "{'i': %u, 'task': %u, 'alone': True}", i, i);
                engine_session_send_with(&w->sessions[A], first + (i + 1) % n, "acquire", "()",
                                         options, 0);
        }
        engine_assert_sound(w->engine);
        return hears(w, A);
}

static uint64_t new_locks(struct world *w, unsigned n)
{
        uint64_t first = engine_session_create(&w->root, "('RLock',)");

        while (--n > 0)
                engine_session_create(&w->root, "('RLock',)");
        return first;
}

static void cycles_are_looked_for_as_far_as_they_are_not_absurd(void **state)
{
        WORLD(w, true);
        uint64_t first = new_locks(&w, DEADLOCK_LONGEST + 1);

        assert_non_null(strstr(chain_of(&w, DEADLOCK_LONGEST, first, true), "DeadlockError"));
        session_ends(&w, A);
        engine_session_begin(&w.sessions[A], w.engine, 1);
        w.ended[A] = false;
        assert_string_equal(chain_of(&w, DEADLOCK_LONGEST + 1, first, true), "");
}

/* --- whatever clients do */

struct mob {
        struct world *w;
        uint64_t seed, objects[12];
};

static unsigned draw(struct mob *mob, unsigned below)
{
        mob->seed = mob->seed * 6364136223846793005u + 1442695040888963407u;
        return (unsigned)(mob->seed >> 33) % below;
}

static void mob_forgets(struct engine_session *s)
{
        buffer_truncate(&s->replies, 0);
}

/* Of a task, or of none; alone, be it true or not; with a number that may be in use. */
static void mob_calls(struct mob *mob, enum who who)
{
        static const char *const calls[][2] = {
                { "acquire", "()" },       { "acquire", "()" },    { "acquire", "(True, 2)" },
                { "acquire", "()" },       { "acquire", "()" },    { "acquire", "()" },
                { "acquire", "(False,)" }, { "release", "()" },    { "release", "()" },
                { "wait", "()" },          { "wait", "(1,)" },     { "wait", "(0,)" },
                { "notify", "(2,)" },      { "notify_all", "()" }, { "finish", "()" },
                { "reset", "()" },         { "abort", "()" },      { "holder", "()" },
        };
        const char *const *call = calls[draw(mob, sizeof(calls) / sizeof(calls[0]))];
        uint64_t ident = mob->objects[draw(mob, sizeof(mob->objects) / sizeof(mob->objects[0]))];
        unsigned task = draw(mob, 3);
        char options[64];

        if (task == 2)
                snprintf(options, sizeof(options), "{'i': %u}", draw(mob, 200));
        else
                snprintf(options, sizeof(options), "{'i': %u, 'task': %u, 'alone': %s}",
                         draw(mob, 200), task, draw(mob, 8) ? "True" : "False");
        engine_session_send_with(&mob->w->sessions[who], ident, call[0], call[1], options,
                                 mob->w->now);
}

static void mob_steps(struct mob *mob)
{
        enum who who = (enum who)draw(mob, N_WHO);
        struct world *w = mob->w;
        char number[16];

        switch (draw(mob, 60)) {
        case 0:
                session_ends(w, who);
                engine_session_begin(&w->sessions[who], w->engine, process_of(who));
                w->ended[who] = false;
                break;
        case 1:
                process_ends(w, who);
                for (enum who other = A; other < N_WHO; ++other)
                        if (w->ended[other])
                                engine_session_begin(&w->sessions[other], w->engine,
                                                     process_of(other));
                memset(w->ended, 0, sizeof(w->ended));
                break;
        case 2:
                time_passes(w, draw(mob, 3) / 2.0);
                break;
        case 3:
                w->sessions[who].replies.limit = draw(mob, 4) ? SIZE_MAX : 100;
                break;
        case 4:
        case 5:
                snprintf(number, sizeof(number), "(%u,)", draw(mob, 200));
                engine_session_send(&w->sessions[who], 0, "cancel", number, 99, w->now);
                break;
        case 6:
                if (!draw(mob, 4))
                        engine_session_send(&w->sessions[who], 0, "hello",
                                            "({'version': 1, 'token': b'0123456789abcdef', "
                                            "'own': 'session'},)",
                                            99, w->now);
                break;
        default:
                mob_calls(mob, who);
        }
        engine_assert_sound(w->engine);
        for (enum who other = A; other < N_WHO; ++other)
                mob_forgets(&w->sessions[other]);
}

static void whatever_clients_do_the_state_is_sound(void **state)
{
        static const char *const types[] = { "('Lock',)",         "('RLock',)",
                                             "('Condition',)",    "('Barrier', 3, None, 1)",
                                             "('Barrier', 2, 1)", "('Semaphore', 2)",
                                             "('Lock',)",         "('RLock',)",
                                             "('RLock',)",        "('RLock',)" };
        uint64_t n_deadlocks = 0;

        for (unsigned seed = 0; seed < 20; ++seed) {
                WORLD(w, false);
                struct mob mob = { .w = &w, .seed = seed };
                char over[64];

                for (unsigned i = 0; i < 10; ++i)
                        mob.objects[i] = engine_session_create(&w.root, types[i]);
                for (unsigned i = 0; i < 2; ++i) {
                        snprintf(over, sizeof(over), "('Condition', proxy(%llu))",
                                 (unsigned long long)mob.objects[i]);
                        mob.objects[10 + i] = engine_session_create(&w.root, over);
                }
                for (unsigned i = 0; i < 1500; ++i)
                        mob_steps(&mob);
                n_deadlocks += figure(&w, "deadlocks");
        }
        assert_true(n_deadlocks > 0);
}

/* --- the daemon ends */

static void nobody_is_handed_anything_when_the_daemon_ends(void **state)
{
        static const char stopped[] = "#ERROR CancelledError('the manager ends')";
        WORLD(w, true);
        uint64_t s = engine_session_create(&w.root, "('Semaphore', 1)");
        uint64_t c = engine_session_create(&w.root, "('Condition',)");
        uint64_t b = engine_session_create(&w.root, "('Barrier', 3)");

        assert_takes(&w, A, w.l);
        assert_takes(&w, A, s);
        assert_takes(&w, B, c);
        assert_says(&w, B, c, "wait", "()", "");
        assert_says(&w, C, b, "wait", "()", "");
        assert_waits(&w, D, w.l);
        assert_says_with(&w, E, s, "acquire", "()", "{'i': 1}", "");
        engine_stop_waiting(w.engine, 0);
        assert_hears(&w, B, stopped);
        assert_hears(&w, C, stopped);
        assert_hears(&w, D, stopped);
        assert_non_null(strstr(hears(&w, E), stopped));
        engine_assert_sound(w.engine);

        /* what was read before is applied still, but does not wait */
        assert_says(&w, D, w.l, "acquire", "()", stopped);
        session_ends(&w, A);
        assert_says(&w, D, w.l, "acquire", "()", stopped);
        assert_says(&w, E, s, "acquire", "(False,)", "#RETURN False");
}

/* --- listings */

static void dead_objects_are_not_listed_as_locked(void **state)
{
        WORLD(w, true);
        char ident[32];
        uint64_t l = engine_session_create(&w.root, "('Lock',)");

        assert_takes(&w, A, l);
        snprintf(ident, sizeof(ident), "(%llu,)", (unsigned long long)l);
        engine_session_call(&w.root, 0, "decref", ident);
        assert_says(&w, B, 0, "locks", "()", "#RETURN []");
}

static void locks_tells_how_many_wait(void **state)
{
        WORLD(w, true);
        uint64_t c = engine_session_create(&w.root, "('Condition',)");

        assert_takes(&w, A, w.l);
        assert_waits(&w, B, w.l);
        assert_says_with(&w, C, w.l, "acquire", "()", "{'i': 1}", "");
        assert_says_with(&w, C, w.l, "acquire", "(True, 5)", "{'i': 2}", "");
        assert_non_null(strstr(asks(&w, D, 0, "locks", "()"), "'waiters': 3"));
        time_passes(&w, 5);
        assert_non_null(strstr(asks(&w, D, 0, "locks", "()"), "'waiters': 2"));
        session_ends(&w, C);
        assert_non_null(strstr(asks(&w, D, 0, "locks", "()"), "'waiters': 1"));
        assert_releases(&w, A, w.l);
        assert_non_null(strstr(asks(&w, D, 0, "locks", "()"), "'waiters': 0"));

        /* who is to have the lock again waits at that */
        assert_takes(&w, A, c);
        assert_says(&w, A, c, "wait", "()", "");
        assert_takes(&w, D, c);
        assert_says(&w, D, c, "notify", "()", "#RETURN None");
        assert_non_null(strstr(asks(&w, D, 0, "locks", "()"), "'waiters': 1"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_cannot_be_answered_leaves_the_barrier_whole),
                cmocka_unit_test(who_cannot_be_answered_leaves_the_lock_to_the_next),
                cmocka_unit_test(who_cannot_be_answered_has_the_lock_again_nevertheless),
                cmocka_unit_test(who_could_not_be_answered_for_a_while_is_answered),
                cmocka_unit_test(what_is_taken_over_is_held_since_its_holder_ended),
                cmocka_unit_test(what_a_process_kept_is_taken_over_when_it_ended),
                cmocka_unit_test(who_promises_while_he_waits_keeps_the_promise),
                cmocka_unit_test(who_says_hello_may_release_what_he_held),
                cmocka_unit_test(cycles_are_looked_for_as_far_as_they_are_not_absurd),
                cmocka_unit_test(whatever_clients_do_the_state_is_sound),
                cmocka_unit_test(nobody_is_handed_anything_when_the_daemon_ends),
                cmocka_unit_test(dead_objects_are_not_listed_as_locked),
                cmocka_unit_test(locks_tells_how_many_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
