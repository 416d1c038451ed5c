/*
 * test_queue_redelivery - Queue(redeliver=True): items in flight, and where they go
 */
#include "tests/lib/queue_check.h"
#include "tests/lib/queue_world.h"

#define TOO_MANY "#ERROR ValueError('task_done() called too many times')"

/* `n` items are in flight, and `dead` are the dead letters. */
static void assert_counts(struct world *w, uint64_t q, size_t n_in_flight, size_t n_dead)
{
        const struct redelivery *r = queue_in(w, q)->redelivery;
        size_t n = 0;

        list_for_each(node, &r->in_flight)
                ++n;
        assert_int_equal(r->n_in_flight, n);
        assert_int_equal(n, n_in_flight);
        assert_int_equal(r->dead.n, n_dead);
        if (n == 0)
                assert_int_equal(table_count(&r->takers), 0);
}

/* --- taking and finishing */

static void item_stays_in_flight_until_it_is_done(void **state)
{
        QUEUE(w, q, true, "0, True");

        assert_says(&w, A, q, "put_many", "(['x', 'y'],)", NONE);
        assert_gets(&w, A, q, "'x'");
        assert_size(&w, q, 1);
        assert_unfinished(&w, q, 2);
        time_passes(&w, 1.5);
        assert_says(&w, B, q, "in_flight", "()",
                    "#RETURN [None, [{'item': 'x', 'deliveries': 1, 'pid': 1, 'session': 2, "
                    "'task': None, 'seconds': 1.5}]]");
        assert_done(&w, A, q);
        assert_counts(&w, q, 0, 0);
        assert_unfinished(&w, q, 1);
        assert_says(&w, A, q, "task_done", "()", TOO_MANY);
        process_ends(&w, A);
        assert_holds(&w, q, "['y']");
}

static void task_done_is_about_the_sessions_oldest_then_the_processs_oldest(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, D, q, "put_many", "([1, 2, 3, 4],)", NONE);
        assert_gets(&w, A2, q, "1");
        assert_gets(&w, A, q, "2");
        assert_gets(&w, A, q, "3");
        assert_gets(&w, B, q, "4");
        assert_says(&w, D, q, "task_done", "()", TOO_MANY);
        assert_done(&w, A, q); /* 2 */
        assert_done(&w, A, q); /* 3 */
        assert_done(&w, A, q); /* 1, which A2 took */
        assert_says(&w, A, q, "task_done", "()", TOO_MANY);
        assert_says(&w, A2, q, "task_done", "()", TOO_MANY);
        assert_counts(&w, q, 1, 0);
        assert_unfinished(&w, q, 1);
        process_ends(&w, B);
        assert_holds(&w, q, "[4]");
}

static void items_of_the_dead_return_to_the_head_in_their_order(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, D, q, "put_many", "([1, 2, 3, 4, 5, 6, 7],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        assert_gets(&w, A2, q, "3");
        assert_says(&w, B, q, "get_many", "(2,)", "#RETURN [4, 5]");
        assert_gets(&w, A, q, "6");
        process_ends(&w, B);
        assert_holds(&w, q, "[2, 4, 5, 7]");
        process_ends(&w, A);
        assert_holds(&w, q, "[1, 2, 3, 4, 5, 6, 7]");
        assert_says(&w, C, q, "page", "(1, 3)", "#RETURN [4, [2, 3, 4]]");
        assert_says(&w, C, q, "page", "(4, 3)", "#RETURN [None, [5, 6, 7]]");
        assert_counts(&w, q, 0, 0);
        assert_says(&w, C, q, "get_delivery", "()", "#RETURN [1, 2]");
        assert_says(&w, C, q, "get_many", "(6,)", "#RETURN [2, 3, 4, 5, 6, 7]");
        process_ends(&w, C);
        assert_says(&w, D, q, "get_delivery", "()", "#RETURN [1, 3]");
        assert_says(&w, D, q, "get_many", "(5,)", "#RETURN [2, 3, 4, 5, 6]");
        assert_says(&w, D, q, "get_delivery", "()", "#RETURN [7, 2]");
        assert_unfinished(&w, q, 7);
}

/* Whatever comes back in whatever order, it is in its old place. */
static void order_survives_any_deaths(void **state)
{
        QUEUE(w, q, false, "0, True");
        unsigned seed = 1;

        for (int i = 0; i < 40; ++i)
                engine_session_call(&w.root, q, "put", with("(%llu,)", (uint64_t)i));
        for (int round = 0; round < 200; ++round) {
                struct engine_session s[4];
                struct queue_cursor cursor;
                struct span item;
                int64_t before = -1, n;

                for (unsigned i = 0; i < 4; ++i)
                        engine_session_begin(&s[i], w.engine, 1000 + i);
                for (unsigned i = 0; i < 30; ++i)
                        engine_session_call(&s[(seed = seed * 1103515245 + 12345) >> 16 & 3], q,
                                            "get_many", i % 5 ? "(1,)" : "(2,)");
                for (unsigned i = 0; i < 4; ++i)
                        engine_session_end(&s[i]);
                for (unsigned i = 0; i < 4; ++i)
                        engine_end_process(w.engine, 1000 + (i + (seed >> 20)) % 4, 0);
                engine_assert_sound(w.engine);
                assert_int_equal(queue_length(queue_in(&w, q)), 40);
                queue_walk(queue_in(&w, q), 0, 40, &cursor);
                while (queue_next(&cursor, &item)) {
                        assert_true(value_get_int64(item, &n));
                        assert_int_equal(n, before + 1);
                        before = n;
                }
                assert_int_equal(before, 39);
        }
        assert_counts(&w, q, 0, 0);
}

static void returned_item_goes_to_whoever_waits(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_puts(&w, D, q, "1");
        assert_gets(&w, A, q, "1");
        assert_says(&w, B, q, "get_delivery", "()", "");
        assert_get_waits(&w, C, q);
        process_ends(&w, A);
        assert_hears(&w, B, "#RETURN [1, 2]");
        assert_hears(&w, C, "");
        process_ends(&w, B);
        assert_hears(&w, C, "#RETURN 1");
        assert_done(&w, C, q);
        assert_says(&w, D, q, "join", "()", NONE);
}

static void whoever_dies_gets_nothing_of_his_own_back(void **state)
{
        QUEUE(w, q, true, "0, True");

        assert_puts(&w, D, q, "1");
        assert_gets(&w, A, q, "1");
        assert_get_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        session_ends(&w, A);
        assert_hears(&w, B, "#RETURN 1");
}

static void sessions_own_what_they_take_only_where_they_promised_so(void **state)
{
        QUEUE(w, q, true, "0, True");
        struct engine_session stock;

        engine_session_begin(&stock, w.engine, 50);
        assert_says(&w, D, q, "put_many", "([1, 2],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_string_equal(engine_session_call(&stock, q, "get", "()"), "#RETURN 2");
        session_ends(&w, A);
        engine_session_end(&stock);
        assert_holds(&w, q, "[1]");
        /* what another connection of it finishes */
        engine_session_begin(&stock, w.engine, 50);
        assert_string_equal(engine_session_call(&stock, q, "task_done", "()"), NONE);
        engine_session_end(&stock);
        engine_end_process(w.engine, 50, 0);
        assert_holds(&w, q, "[1]");
        assert_counts(&w, q, 0, 0);
        assert_unfinished(&w, q, 1);
}

static void put_waits_by_what_is_there_to_be_taken(void **state)
{
        QUEUE(w, q, false, "1, True");

        assert_puts(&w, D, q, "1");
        assert_put_waits(&w, C, q, "2");
        assert_gets(&w, A, q, "1"); /* in flight, it takes no room */
        assert_hears(&w, C, NONE);
        process_ends(&w, A);
        assert_holds(&w, q, "[1, 2]");
        assert_says(&w, D, q, "full", "()", TRUE);
        assert_put_waits(&w, D, q, "3");
        assert_gets(&w, B, q, "1");
        assert_hears(&w, D, "");
        assert_gets(&w, B, q, "2");
        assert_hears(&w, D, NONE);
}

/* --- dead letters */

static void item_delivered_too_often_becomes_a_dead_letter(void **state)
{
        QUEUE(w, q, false, "0, True, 2");

        assert_says(&w, D, q, "put_many", "(['bad', 'good'],)", NONE);
        assert_says(&w, D, q, "join", "()", "");
        assert_gets(&w, A, q, "'bad'");
        process_ends(&w, A);
        assert_gets(&w, B, q, "'bad'");
        process_ends(&w, B);
        assert_counts(&w, q, 0, 1);
        assert_holds(&w, q, "['good']");
        assert_says(&w, C, q, "dead_letters", "()",
                    "#RETURN [None, [{'item': 'bad', 'deliveries': 2, 'pid': 2, 'session': 4, "
                    "'task': None, 'seconds': 0.0}]]");
        assert_hears(&w, D, "");
        assert_gets(&w, C, q, "'good'");
        assert_done(&w, C, q);
        assert_hears(&w, D, NONE);
        assert_unfinished(&w, q, 0);
}

static void dead_letters_are_read_in_pages_retried_and_dropped(void **state)
{
        QUEUE(w, q, false, "0, True, 1");

        assert_says(&w, D, q, "put_many", "([1, 2, 3, 4],)", NONE);
        assert_says(&w, A, q, "get_many", "(3,)", "#RETURN [1, 2, 3]");
        process_ends(&w, A);
        assert_counts(&w, q, 0, 3);
        assert_unfinished(&w, q, 1);
        assert_says(&w, D, q, "dead_letters", "(2,)",
                    "#RETURN [None, [{'item': 3, 'deliveries': 1, 'pid': 1, 'session': 2, 'task': "
                    "None, 'seconds': 0.0}]]");
        assert_int_equal(strncmp(asks(&w, D, q, "dead_letters", "(0, 2)"), "#RETURN [2, [{", 14),
                         0);
        assert_says(&w, D, q, "drop_dead_letters", "(-1,)",
                    "#ERROR ValueError('count must not be negative')");
        assert_says(&w, D, q, "drop_dead_letters", "(1,)", "#RETURN 1");
        assert_says(&w, C, q, "get_many", "(9,)", "#RETURN [4]");
        assert_get_waits(&w, C, q);
        assert_says(&w, D, q, "retry_dead_letters", "(1,)", "#RETURN 1");
        assert_hears(&w, C, "#RETURN 2");
        assert_says(&w, D, q, "retry_dead_letters", "()", "#RETURN 1");
        assert_holds(&w, q, "[3]");
        assert_says(&w, D, q, "get_delivery", "()", "#RETURN [3, 1]");
        assert_unfinished(&w, q, 3);
        assert_says(&w, D, q, "drop_dead_letters", "()", "#RETURN 0");
        process_ends(&w, C);
        assert_counts(&w, q, 1, 2);
        assert_says(&w, D, q, "drop_dead_letters", "(None,)", "#RETURN 2");
}

/* --- the end */

static void after_shutdown_a_get_waits_for_what_may_come_back(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, E, q, "put_many", "([1, 2],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        assert_get_waits(&w, C, q); /* before it, and behind it */
        assert_says(&w, E, q, "shutdown", "()", NONE);
        assert_hears(&w, C, "");
        assert_get_waits(&w, D, q);
        assert_says(&w, E, q, "get", "(True, 1)", "");
        /* but nobody waits for himself */
        assert_says(&w, B, q, "get", "()", SHUT);
        assert_says(&w, A2, q, "get_nowait", "()", SHUT);
        time_passes(&w, 1);
        assert_hears(&w, E, EMPTY);
        process_ends(&w, A);
        assert_hears(&w, C, "#RETURN 1");
        assert_hears(&w, D, "");
        assert_done(&w, B, q);
        assert_hears(&w, D, "");
        assert_done(&w, C, q);
        assert_hears(&w, D, SHUT);
        assert_says(&w, C, q, "get", "()", SHUT);
        assert_says(&w, E, q, "retry_dead_letters", "()", SHUT);
        assert_says(&w, E, q, "join", "()", NONE);
}

/* Python's proxies open another connection where they lost one. */
static void after_shutdown_a_process_does_not_wait_for_itself(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, E, q, "put_many", "([1, 2],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        assert_says(&w, E, q, "shutdown", "()", NONE);
        session_ends(&w, A);
        assert_says(&w, A2, q, "get", "()", SHUT);
        assert_done(&w, A2, q);
        assert_get_waits(&w, A2, q);
        assert_done(&w, B, q);
        assert_hears(&w, A2, SHUT);
}

/* Where sessions own, another one's items may come back though its process lives. */
static void after_shutdown_a_session_waits_for_the_others_of_its_process(void **state)
{
        QUEUE(w, q, true, "0, True");

        assert_puts(&w, E, q, "1");
        assert_gets(&w, A, q, "1");
        assert_says(&w, E, q, "shutdown", "()", NONE);
        assert_get_waits(&w, A2, q);
        session_ends(&w, A);
        assert_hears(&w, A2, "#RETURN 1");
}

/* A, B and C have an item each and wait for more: nobody is to wait for those who wait. */
static void shutdown_sends_those_away_who_have_items_themselves(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, E, q, "put_many", "([1, 2, 3],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        assert_gets(&w, C, q, "3");
        assert_get_waits(&w, D, q);
        assert_get_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_says(&w, E, q, "shutdown", "()", NONE);
        assert_hears(&w, D, "");
        assert_hears(&w, A, SHUT);
        assert_hears(&w, B, SHUT);
        process_ends(&w, C);
        assert_hears(&w, D, "#RETURN 3");
}

static void after_immediate_shutdown_nothing_comes_back(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, E, q, "put_many", "([1, 2, 3],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        assert_says(&w, D, q, "join", "()", "");
        assert_says(&w, E, q, "shutdown", "(True,)", NONE);
        assert_size(&w, q, 0);
        assert_says(&w, C, q, "get", "()", SHUT);
        assert_done(&w, A, q);
        assert_hears(&w, D, "");
        process_ends(&w, B);
        assert_hears(&w, D, NONE);
        assert_counts(&w, q, 0, 1);
        assert_size(&w, q, 0);
}

static void clear_leaves_alone_what_is_in_flight(void **state)
{
        QUEUE(w, q, false, "0, True");

        assert_says(&w, E, q, "put_many", "([1, 2, 3],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_gets(&w, B, q, "2");
        process_ends(&w, A);
        assert_says(&w, E, q, "clear", "()", "#RETURN 2");
        assert_unfinished(&w, q, 1);
        assert_counts(&w, q, 1, 0);
        process_ends(&w, B);
        assert_holds(&w, q, "[2]");
}

static void queue_that_goes_lets_go_of_what_is_in_flight(void **state)
{
        QUEUE(w, q, false, "0, True, 1");

        assert_says(&w, E, q, "put_many", "([1, 2, 3, 4],)", NONE);
        assert_gets(&w, A, q, "1");
        process_ends(&w, A);
        assert_gets(&w, B, q, "2");
        assert_gets(&w, C, q, "3");
        /* buried, and still to be dismantled when B goes */
        assert_string_equal(engine_session_call(&w.root, 0, "decref", with("(%llu,)", q)), NONE);
        process_ends(&w, B);
        while (engine_reap(w.engine))
                ;
        engine_assert_sound(w.engine);
        process_ends(&w, C);
        assert_int_equal(figure(&w, "objects"), 2);
}

/* --- proxies, memory */

static void items_in_flight_hold_what_their_proxies_refer_to(void **state)
{
        QUEUE(w, q, false, "0, True, 2");
        uint64_t l = engine_session_create(&w.root, "('list', [1])");
        struct object *list = store_find(&w.engine->store, l);

        assert_says(&w, E, q, "put_many", with("([proxy(%llu), 2],)", l), NONE);
        assert_says(&w, E, q, "put", with("([proxy(%llu)],)", l), NONE);
        assert_int_equal(list->n_internal, 2);
        asks(&w, A, q, "get_many", "(3,)");
        assert_int_equal(list->n_internal, 2);
        process_ends(&w, A);
        assert_int_equal(list->n_internal, 2);
        asks(&w, B, q, "get", "()");
        assert_done(&w, B, q);
        assert_int_equal(list->n_internal, 1);
        asks(&w, B, q, "get_many", "(2,)");
        process_ends(&w, B);
        assert_counts(&w, q, 0, 2);
        assert_int_equal(list->n_internal, 1);
        assert_says(&w, E, q, "drop_dead_letters", "()", "#RETURN 2");
        assert_int_equal(list->n_internal, 0);
        assert_says(&w, E, q, "put_many", with("([proxy(%llu), 2],)", l), NONE);
        assert_says(&w, E, q, "clear", "()", "#RETURN 2");
        assert_int_equal(list->n_internal, 0);
}

static void many_that_are_dropped_let_go_of_what_they_hold(void **state)
{
        QUEUE(w, q, false, "0, True");
        uint64_t l = engine_session_create(&w.root, "('list', [1])");
        struct object *list = store_find(&w.engine->store, l);

        for (int i = 0; i < 200; ++i)
                assert_says(&w, E, q, "put", i % 50 ? "(2,)" : with("([proxy(%llu)],)", l), NONE);
        asks(&w, A, q, "get_many", "(150,)");
        asks(&w, B, q, "get", "()");
        process_ends(&w, A);
        assert_int_equal(list->n_internal, 4);
        assert_says(&w, E, q, "clear", "()", "#RETURN 199");
        assert_int_equal(list->n_internal, 1);
        process_ends(&w, B);
        assert_size(&w, q, 1);
        assert_int_equal(list->n_internal, 1);
}

static void taking_needs_memory_and_coming_back_none(void **state)
{
        QUEUE(w, q, false, "0, True");
        struct memory *memory = &w.engine->store.memory;
        size_t used;

        assert_says(&w, E, q, "put_many", "([1, 2, 3],)", NONE);
        used = memory->used;
        memory->limit = used + 400;
        assert_says(&w, A, q, "get_many", "(3,)", "#ERROR MemoryError('out of memory')");
        memory->limit = used + 8;
        assert_says(&w, A, q, "get", "()", "#ERROR MemoryError('out of memory')");
        assert_int_equal(memory->used, used);
        assert_counts(&w, q, 0, 0);
        memory->limit = SIZE_MAX;
        assert_says(&w, A, q, "get_many", "(2,)", "#RETURN [1, 2]");
        memory->limit = memory->used;
        process_ends(&w, A);
        assert_holds(&w, q, "[1, 2, 3]");
        memory->limit = SIZE_MAX;
}

static void reply_that_holds_too_much_takes_nothing(void **state)
{
        QUEUE(w, q, false, "0, True");
        const char *text;

        for (int i = 0; i < 40; ++i)
                assert_puts(&w, E, q, "'some text of some length'");
        w.engine->options.max_reply = 500;
        text = asks(&w, A, q, "get_many", "(40,)");
        assert_int_equal(strncmp(text, "#TRACEBACK 'TooLarge", 20), 0);
        assert_counts(&w, q, 0, 0);
        assert_size(&w, q, 40);
}

#define N_MANY 10000

static void ten_thousand_in_flight_return_and_are_dropped_in_steps(void **state)
{
        QUEUE(w, q, false, "0, True, 2");

        for (int i = 0; i < N_MANY; ++i)
                engine_session_call(&w.root, q, "put", with("(%llu,)", (uint64_t)i));
        for (int i = 0; i < N_MANY; ++i)
                assert_string_equal(engine_session_call(&w.sessions[i % 2 ? A : B], q, "get", "()"),
                                    with("#RETURN %llu", (uint64_t)i));
        process_ends(&w, A);
        process_ends(&w, B);
        assert_says(&w, E, q, "page", "(5000, 2)", "#RETURN [5002, [5000, 5001]]");
        for (int i = 0; i < N_MANY; ++i)
                engine_session_call(&w.sessions[C], q, "get", "()");
        process_ends(&w, C);
        assert_counts(&w, q, 0, N_MANY);
        assert_string_equal(asks(&w, E, q, "drop_dead_letters", "()"),
                            with("#RETURN %llu", N_MANY));
        assert_true(engine_reap(w.engine));
        while (engine_reap(w.engine))
                ;
        assert_size(&w, q, 0);
}

/*
 * Whoever takes from both ends in turn has them in an order that is the worst for a search of
 * their places from one to the next: A's sessions give back the early ones, one by one.
 */
static void items_that_return_in_the_worst_order_find_their_places_fast(void **state)
{
        QUEUE(w, q, false, "0, True");
        static struct engine_session early[N_MANY];
        struct engine_session taker;

        for (int i = 0; i < 2 * N_MANY; ++i)
                engine_session_call(&w.root, q, "put", with("(%llu,)", (uint64_t)i));
        for (int i = 0; i < N_MANY; ++i) {
                engine_session_begin(&early[i], w.engine, 1000);
                engine_session_hello(&early[i], 'x');
                engine_session_call(&early[i], q, "get", "()");
        }
        engine_session_begin(&taker, w.engine, 1001);
        for (int i = 0; i < N_MANY; ++i) {
                engine_session_call(&taker, q, "get", "()");
                engine_session_end(&early[i]);
                engine_session_call(&taker, q, "get", "()");
        }
        engine_session_end(&taker);
        assert_counts(&w, q, 2 * N_MANY, 0);
        engine_end_process(w.engine, 1001, 0);
        assert_counts(&w, q, 0, 0);
        assert_says(&w, E, q, "page", "(9999, 2)", "#RETURN [10001, [9999, 10000]]");
        assert_true(queue_check_depth(&queue_in(&w, q)->redelivery->returned) < 80);
}

/* --- whatever happens */

static unsigned next_random(unsigned *seed, unsigned below)
{
        *seed = *seed * 1103515245 + 12345;
        return (*seed >> 16) % below;
}

/* Any call by anybody, now and then an end; queue_check.h tells what must hold after each. */
static void happen(struct world *w, uint64_t q, unsigned *seed, int number)
{
        static const char *const calls[][2] = {
                { "put", "('x',)" },
                { "put", "([1, 2], True, 3)" },
                { "put_many", "([1, 2, 3],)" },
                { "put_many", "(['a', 'b'], True, 1)" },
                { "put_nowait", "(5,)" },
                { "get", "()" },
                { "get", "(True, 2)" },
                { "get", "(True, 1)" },
                { "get_delivery", "()" },
                { "get_many", "(3,)" },
                { "get_many", "(2, False)" },
                { "get_nowait", "()" },
                { "task_done", "()" },
                { "task_done", "()" },
                { "task_done", "()" },
                { "task_done", "()" },
                { "join", "(2,)" },
                { "poll", "()" },
                { "poll", "(1,)" },
                { "retry_dead_letters", "(1,)" },
                { "drop_dead_letters", "(1,)" },
                { "clear", "()" },
        };
        enum who who = (enum who)next_random(seed, N_WHO);
        const char *const *call = calls[next_random(seed, sizeof(calls) / sizeof(calls[0]))];
        char options[32];

        snprintf(options, sizeof(options), "{'i': %d}", number);
        asks_with(w, who, q, call[0], call[1], options);
        if (next_random(seed, 4) == 0)
                time_passes(w, 0.5);
        if (next_random(seed, 20) == 0) {
                session_ends(w, who);
                if (who >= B && next_random(seed, 2))
                        engine_end_process(w->engine, process_of(who), 0);
                engine_session_begin(&w->sessions[who], w->engine, process_of(who));
                w->ended[who] = false;
                if (next_random(seed, 2))
                        engine_session_hello(&w->sessions[who], (char)('a' + process_of(who)));
        }
        engine_assert_sound(w->engine);
        for (who = A; who < N_WHO; ++who)
                while (*hears(w, who))
                        ;
}

static void queue_is_sound_whatever_happens(void **state)
{
        static const char *const queues[] = {
                "('Queue', 0, True, 2)",
                "('Queue', 4, True)",
                "('Queue', 3, True, 1)",
                "('JoinableQueue', 3)",
        };
        unsigned seed = 7;

        for (unsigned round = 0; round < 40; ++round) {
                WORLD(w, false);
                uint64_t q = engine_session_create(&w.root, queues[round % 4]);

                for (int i = 0; i < 300; ++i)
                        happen(&w, q, &seed, i);
                asks(&w, A, q, "shutdown", round & 4 ? "(True,)" : "()");
                for (int i = 300; i < 400; ++i)
                        happen(&w, q, &seed, i);
                if (round & 8)
                        engine_session_call(&w.root, 0, "decref", with("(%llu,)", q));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(item_stays_in_flight_until_it_is_done),
                cmocka_unit_test(task_done_is_about_the_sessions_oldest_then_the_processs_oldest),
                cmocka_unit_test(items_of_the_dead_return_to_the_head_in_their_order),
                cmocka_unit_test(order_survives_any_deaths),
                cmocka_unit_test(returned_item_goes_to_whoever_waits),
                cmocka_unit_test(whoever_dies_gets_nothing_of_his_own_back),
                cmocka_unit_test(sessions_own_what_they_take_only_where_they_promised_so),
                cmocka_unit_test(put_waits_by_what_is_there_to_be_taken),
                cmocka_unit_test(item_delivered_too_often_becomes_a_dead_letter),
                cmocka_unit_test(dead_letters_are_read_in_pages_retried_and_dropped),
                cmocka_unit_test(after_shutdown_a_get_waits_for_what_may_come_back),
                cmocka_unit_test(after_shutdown_a_process_does_not_wait_for_itself),
                cmocka_unit_test(after_shutdown_a_session_waits_for_the_others_of_its_process),
                cmocka_unit_test(shutdown_sends_those_away_who_have_items_themselves),
                cmocka_unit_test(after_immediate_shutdown_nothing_comes_back),
                cmocka_unit_test(clear_leaves_alone_what_is_in_flight),
                cmocka_unit_test(queue_that_goes_lets_go_of_what_is_in_flight),
                cmocka_unit_test(items_in_flight_hold_what_their_proxies_refer_to),
                cmocka_unit_test(many_that_are_dropped_let_go_of_what_they_hold),
                cmocka_unit_test(taking_needs_memory_and_coming_back_none),
                cmocka_unit_test(reply_that_holds_too_much_takes_nothing),
                cmocka_unit_test(ten_thousand_in_flight_return_and_are_dropped_in_steps),
                cmocka_unit_test(items_that_return_in_the_worst_order_find_their_places_fast),
                cmocka_unit_test(queue_is_sound_whatever_happens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
