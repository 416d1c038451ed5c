/*
 * test_queue - Queue as Python has it: items, lines, timeouts, ends
 */
#include "tests/lib/queue_world.h"

/* --- items */

static void queue_gives_items_in_the_order_in_which_they_were_put(void **state)
{
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "empty", "()", TRUE);
        assert_puts(&w, A, q, "'x'");
        assert_says(&w, A, q, "put_nowait", "([1, {}],)", NONE);
        assert_puts(&w, B, q, "None");
        assert_size(&w, q, 3);
        assert_says(&w, A, q, "empty", "()", FALSE);
        assert_says(&w, A, q, "full", "()", FALSE);
        assert_gets(&w, B, q, "'x'");
        assert_says(&w, B, q, "get_nowait", "()", "#RETURN [1, {}]");
        assert_gets(&w, B, q, "None");
        assert_says(&w, B, q, "get_nowait", "()", EMPTY);
        assert_says(&w, B, q, "get", "(False,)", EMPTY);
        assert_says(&w, B, q, "get", "(True, 0)", EMPTY);
        assert_says(&w, B, q, "__str__", "()", with("#RETURN '<queue.Queue object at 0x%llx>'", q));
        assert_says(&w, B, q, "#GETVALUE", "()",
                    "#TRACEBACK \"TypeError: cannot pickle 'Queue' object\"");
}

static void joinable_queue_is_a_queue(void **state)
{
        WORLD(w, false);
        uint64_t q = engine_session_create(&w.root, "('JoinableQueue', 1)");

        assert_puts(&w, A, q, "1");
        assert_says(&w, A, q, "put_nowait", "(2,)", FULL);
        assert_gets(&w, B, q, "1");
        assert_done(&w, B, q);
        assert_says(&w, A, q, "join", "()", NONE);
}

static void queue_of_many_items_loses_none(void **state)
{
        QUEUE(w, q, false, "");

        for (int i = 0; i < 3000; ++i) {
                engine_session_call(&w.root, q, "put", with("(%llu,)", (uint64_t)i));
                if (i % 3 == 2)
                        assert_string_equal(engine_session_call(&w.root, q, "get", "()"),
                                            with("#RETURN %llu", (uint64_t)i / 3));
        }
        for (int i = 1000; i < 3000; ++i)
                assert_string_equal(engine_session_call(&w.root, q, "get", "()"),
                                    with("#RETURN %llu", (uint64_t)i));
        assert_size(&w, q, 0);
}

static void timeouts_are_judged_as_python_does(void **state)
{
        static const char negative[] =
                "#ERROR ValueError(\"'timeout' must be a non-negative number\")";
        QUEUE(w, q, false, "");
        uint64_t small = engine_session_create(&w.root, "('Queue', 2)");

        /* without a bound nobody waits to put, and nobody looks at the timeout */
        assert_says(&w, A, q, "put", "(1, True, -1)", NONE);
        assert_says(&w, A, q, "put", "(2, True, 'x')", NONE);
        assert_says(&w, A, small, "put", "(1, True, -1)", negative);
        assert_says(&w, A, small, "put", "(1, True, nan)", negative);
        assert_says(&w, A, small, "put", "(1, False, -1)", NONE);
        assert_says(&w, A, small, "put", "(1, True, 'x')",
                    "#ERROR TypeError(\"'<' not supported between instances of 'str' and 'int'\")");
        assert_says(&w, A, q, "get", "(True, -0.5)", negative);
        assert_says(&w, A, q, "get", "(False, -1)", "#RETURN 1");
        assert_says(&w, A, q, "get", "(0, 'x')", "#RETURN 2");
        assert_says(&w, A, q, "get", "(1, 1e300)",
                    "#ERROR OverflowError('timestamp too large to convert to C _PyTime_t')");
        assert_says(&w, A, q, "get", "(1, -1)", negative);
        assert_says(&w, A, q, "join", "(-1,)", negative);
        assert_says(&w, A, q, "get", "(1, 2, 3)",
                    "#ERROR TypeError('Queue.get() takes from 1 to 3 positional arguments but 4 "
                    "were given')");
        assert_says(&w, A, q, "put", "()",
                    "#ERROR TypeError(\"Queue.put() missing 1 required positional argument: "
                    "'item'\")");
}

static void max_size_is_any_number(void **state)
{
        static const char *const unbounded[] = { "0", "-1", "-2.5", "False", "nan", "1e300" };
        WORLD(w, false);
        uint64_t q;

        for (size_t i = 0; i < sizeof(unbounded) / sizeof(unbounded[0]); ++i) {
                char args[64];

                snprintf(args, sizeof(args), "('Queue', %s)", unbounded[i]);
                q = engine_session_create(&w.root, args);
                assert_puts(&w, A, q, "1");
                assert_says(&w, A, q, "full", "()", FALSE);
        }
        q = engine_session_create(&w.root, "('Queue', 1.5)");
        assert_puts(&w, A, q, "1");
        assert_says(&w, A, q, "put_nowait", "(2,)", NONE);
        assert_says(&w, A, q, "full", "()", TRUE);
        assert_says(&w, A, q, "put_nowait", "(3,)", FULL);
        assert_says(&w, A, 0, "create", "('Queue', 'x')",
                    "#TRACEBACK \"TypeError: '>' not supported between instances of 'str' and "
                    "'int'\"");
        assert_says(&w, A, 0, "create", "('Queue', 0, False, 2)",
                    "#TRACEBACK 'ValueError: max_deliveries needs redeliver=True'");
        assert_says(&w, A, 0, "create", "('Queue', 0, True, 0)",
                    "#TRACEBACK 'ValueError: max_deliveries must be positive'");
}

/* --- lines */

static void queue_get_waits_until_put_first_come_first_served(void **state)
{
        QUEUE(w, q, false, "");

        assert_get_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_says(&w, C, q, "get_many", "(5,)", "");
        assert_puts(&w, D, q, "1");
        assert_hears(&w, A, "#RETURN 1");
        assert_hears(&w, B, "");
        assert_puts(&w, D, q, "2");
        /* what was put for B is gone: nobody can overtake him */
        assert_says(&w, D, q, "get_nowait", "()", EMPTY);
        assert_hears(&w, B, "#RETURN 2");
        assert_puts(&w, D, q, "3");
        assert_hears(&w, C, "#RETURN [3]");
        assert_size(&w, q, 0);
}

/* Whoever waits has got what there is before anybody asks; so he is made to stand there. */
static void get_does_not_overtake_those_who_wait(void **state)
{
        QUEUE(w, q, false, "");
        struct line *getters = &queue_in(&w, q)->getters;

        assert_puts(&w, A, q, "1");
        getters->n = 1;
        assert_string_equal(engine_session_call(&w.root, q, "get_nowait", "()"), EMPTY);
        getters->n = 0;
        assert_gets(&w, A, q, "1");
}

static void put_into_a_full_queue_waits_for_room_in_order(void **state)
{
        QUEUE(w, q, false, "2");

        assert_puts(&w, A, q, "1");
        assert_puts(&w, A, q, "2");
        assert_says(&w, A, q, "full", "()", TRUE);
        assert_put_waits(&w, B, q, "3");
        assert_put_waits(&w, C, q, "4");
        assert_says(&w, D, q, "put", "('no', False)", FULL);
        assert_says(&w, D, q, "put", "('no', True, 0)", FULL);
        assert_gets(&w, A, q, "1");
        assert_hears(&w, B, NONE);
        assert_hears(&w, C, "");
        assert_holds(&w, q, "[2, 3]");
        assert_gets(&w, A, q, "2");
        assert_hears(&w, C, NONE);
        assert_holds(&w, q, "[3, 4]");
}

static void those_who_put_and_those_who_get_serve_each_other(void **state)
{
        QUEUE(w, q, false, "1");

        assert_puts(&w, A, q, "1");
        assert_put_waits(&w, B, q, "2");
        assert_put_waits(&w, C, q, "3");
        assert_says(&w, D, q, "get_many", "(5,)", "#RETURN [1]");
        assert_hears(&w, B, NONE);
        assert_hears(&w, C, "");
        assert_gets(&w, D, q, "2");
        assert_hears(&w, C, NONE);
        assert_gets(&w, D, q, "3");

        assert_get_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_puts(&w, C, q, "4");
        assert_puts(&w, C, q, "5");
        assert_hears(&w, A, "#RETURN 4");
        assert_hears(&w, B, "#RETURN 5");
}

static void a_wait_that_times_out_loses_nothing_and_moves_nothing(void **state)
{
        QUEUE(w, q, false, "1");

        assert_says(&w, A, q, "get", "(True, 1.5)", "");
        assert_get_waits(&w, B, q);
        time_passes(&w, 1.4);
        assert_hears(&w, A, "");
        time_passes(&w, 0.1);
        assert_hears(&w, A, EMPTY);
        assert_puts(&w, C, q, "1");
        assert_hears(&w, B, "#RETURN 1");

        assert_puts(&w, A, q, "2");
        assert_says(&w, B, q, "put", "('late', True, 1)", "");
        assert_put_waits(&w, C, q, "3");
        time_passes(&w, 1);
        assert_hears(&w, B, FULL);
        assert_gets(&w, A, q, "2");
        assert_hears(&w, C, NONE);
        assert_holds(&w, q, "[3]");
        assert_says(&w, A, q, "join", "(0,)", "#ERROR TimeoutError('timed out')");
        assert_says(&w, A, q, "join", "(0.5,)", "");
        time_passes(&w, 0.5);
        assert_hears(&w, A, "#ERROR TimeoutError('timed out')");
}

static void a_cancelled_wait_leaves_its_line(void **state)
{
        QUEUE(w, q, true, "1");

        assert_says_with(&w, A, q, "get", "()", "{'i': 1}", "");
        assert_get_waits(&w, B, q);
        assert_says(&w, A, 0, "cancel", "(1,)", TRUE);
        assert_hears(&w, A, "#ERROR CancelledError('cancelled') i=1");
        assert_puts(&w, C, q, "1");
        assert_hears(&w, B, "#RETURN 1");
        assert_puts(&w, C, q, "2");
        assert_says_with(&w, A, q, "put", "('no',)", "{'i': 2}", "");
        assert_put_waits(&w, B, q, "3");
        assert_says(&w, A, 0, "cancel", "(2,)", TRUE);
        assert_gets(&w, C, q, "2");
        assert_hears(&w, B, NONE);
        assert_holds(&w, q, "[3]");
}

static void whoever_dies_while_first_is_passed_over(void **state)
{
        QUEUE(w, q, false, "1");

        assert_get_waits(&w, A, q);
        assert_get_waits(&w, B, q);
        assert_get_waits(&w, C, q);
        process_ends(&w, A);
        assert_puts(&w, D, q, "1");
        assert_hears(&w, B, "#RETURN 1");
        assert_puts(&w, D, q, "2");
        assert_hears(&w, C, "#RETURN 2");
        assert_puts(&w, D, q, "3");
        assert_put_waits(&w, B, q, "'dead'");
        assert_put_waits(&w, C, q, "4");
        process_ends(&w, B);
        assert_gets(&w, D, q, "3");
        assert_hears(&w, C, NONE);
        assert_holds(&w, q, "[4]");
}

/* --- many at once */

static void put_many_puts_all_or_nothing(void **state)
{
        QUEUE(w, q, false, "3");

        assert_says(&w, A, q, "put_many", "([],)", NONE);
        assert_says(&w, A, q, "put_many", "([1, 2],)", NONE);
        assert_says(&w, A, q, "put_many", "((3, 4), False)", FULL);
        assert_says(&w, A, q, "put_many", "([1, 2, 3, 4],)",
                    "#ERROR ValueError('4 items never fit into a queue of 3')");
        assert_says(&w, A, q, "put_many", "('ab',)",
                    "#ERROR TypeError(\"put_many() takes a list of items, not 'str'\")");
        assert_says(&w, A, q, "put_many", "([3, 4],)", "");
        /* there is room for one, but it is not his turn */
        assert_put_waits(&w, B, q, "5");
        assert_says(&w, C, q, "put_nowait", "(6,)", FULL);
        assert_gets(&w, C, q, "1");
        assert_hears(&w, A, NONE);
        assert_hears(&w, B, "");
        assert_holds(&w, q, "[2, 3, 4]");
        assert_says(&w, C, q, "get_many", "(2,)", "#RETURN [2, 3]");
        assert_hears(&w, B, NONE);
        assert_holds(&w, q, "[4, 5]");
        assert_unfinished(&w, q, 5);
}

static void put_many_that_gives_up_lets_others_put(void **state)
{
        QUEUE(w, q, false, "2");

        assert_puts(&w, A, q, "1");
        assert_says(&w, A, q, "put_many", "([2, 3], True, 1)", "");
        assert_put_waits(&w, B, q, "4");
        time_passes(&w, 1);
        assert_hears(&w, A, FULL);
        assert_hears(&w, B, NONE);
        assert_holds(&w, q, "[1, 4]");
}

static void get_many_takes_what_is_there(void **state)
{
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "get_many", "(0,)", "#ERROR ValueError('n must be positive')");
        assert_says(&w, A, q, "get_many", "(2, False)", EMPTY);
        assert_says(&w, A, q, "get_many", "(2, True, 0)", EMPTY);
        assert_says(&w, A, q, "put_many", "([1, 2, 3],)", NONE);
        assert_says(&w, A, q, "get_many", "(2,)", "#RETURN [1, 2]");
        assert_says(&w, A, q, "get_many", "(2,)", "#RETURN [3]");
        assert_says(&w, A, q, "get_delivery", "(False,)", EMPTY);
        assert_puts(&w, A, q, "'x'");
        assert_says(&w, A, q, "get_delivery", "()", "#RETURN ['x', 1]");
}

static void page_looks_without_taking(void **state)
{
        QUEUE(w, q, false, "");

        assert_holds(&w, q, "[]");
        assert_says(&w, A, q, "put_many", "([1, 2, 3],)", NONE);
        assert_says(&w, A, q, "page", "(0, 2)", "#RETURN [2, [1, 2]]");
        assert_says(&w, A, q, "page", "(2, 2)", "#RETURN [None, [3]]");
        assert_says(&w, A, q, "page", "(9,)", "#RETURN [None, []]");
        assert_says(&w, A, q, "page", "(-1,)", "#ERROR ValueError('start must not be negative')");
        assert_says(&w, A, q, "page", "(0, 0)", "#ERROR ValueError('count must be positive')");
        assert_size(&w, q, 3);
        assert_says(&w, A, q, "in_flight", "()", "#RETURN [None, []]");
        assert_says(&w, A, q, "dead_letters", "()", "#RETURN [None, []]");
        assert_says(&w, A, q, "retry_dead_letters", "()", "#RETURN 0");
        assert_says(&w, A, q, "drop_dead_letters", "()", "#RETURN 0");
}

/* --- finishing */

static void join_waits_until_every_item_is_done(void **state)
{
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "join", "()", NONE);
        assert_says(&w, A, q, "task_done", "()",
                    "#ERROR ValueError('task_done() called too many times')");
        assert_says(&w, A, q, "put_many", "([1, 2],)", NONE);
        assert_says(&w, B, q, "join", "()", "");
        assert_says(&w, C, q, "join", "(5,)", "");
        assert_gets(&w, A, q, "1");
        assert_done(&w, A, q);
        assert_gets(&w, A, q, "2");
        assert_hears(&w, B, "");
        assert_done(&w, D, q); /* anyone may say so */
        assert_hears(&w, B, NONE);
        assert_hears(&w, C, NONE);
}

static void clear_drops_all_and_makes_room(void **state)
{
        QUEUE(w, q, false, "2");

        assert_says(&w, A, q, "put_many", "([1, 2],)", NONE);
        assert_put_waits(&w, B, q, "3");
        assert_says(&w, C, q, "join", "()", "");
        assert_says(&w, A, q, "clear", "()", "#RETURN 2");
        assert_hears(&w, C, NONE);
        assert_hears(&w, B, NONE);
        assert_holds(&w, q, "[3]");
        assert_unfinished(&w, q, 1);
        assert_done(&w, A, q);
        assert_says(&w, A, q, "clear", "()", "#RETURN 1");
        assert_unfinished(&w, q, 0);
}

static void shutdown_lets_the_rest_be_taken(void **state)
{
        QUEUE(w, q, false, "1");

        assert_puts(&w, A, q, "1");
        assert_put_waits(&w, B, q, "2");
        assert_says(&w, A, q, "shutdown", "()", NONE);
        assert_hears(&w, B, SHUT);
        assert_says(&w, A, q, "put", "(1, True, -1)", SHUT);
        assert_says(&w, A, q, "put_nowait", "(1,)", SHUT);
        assert_says(&w, A, q, "put_many", "([],)", SHUT);
        assert_gets(&w, A, q, "1");
        assert_says(&w, A, q, "get", "(True, -1)", SHUT);
        assert_says(&w, A, q, "get_nowait", "()", SHUT);
        assert_says(&w, A, q, "get_many", "(1,)", SHUT);
        assert_says(&w, B, q, "join", "()", "");
        assert_done(&w, A, q);
        assert_hears(&w, B, NONE);
}

static void shutdown_sends_those_away_who_wait(void **state)
{
        QUEUE(w, q, false, "");

        assert_get_waits(&w, A, q);
        assert_says(&w, B, q, "get_many", "(3, True, 9)", "");
        assert_says(&w, C, q, "shutdown", "()", NONE);
        assert_hears(&w, A, SHUT);
        assert_hears(&w, B, SHUT);
}

static void immediate_shutdown_drains_and_ends_join(void **state)
{
        QUEUE(w, q, false, "");

        assert_says(&w, A, q, "put_many", "([1, 2, 3],)", NONE);
        assert_gets(&w, A, q, "1");
        assert_says(&w, B, q, "join", "()", "");
        assert_says(&w, C, q, "shutdown", "(True,)", NONE);
        assert_hears(&w, B, ""); /* 1 is still being worked on */
        assert_says(&w, A, q, "get", "()", SHUT);
        assert_done(&w, A, q);
        assert_hears(&w, B, NONE);
        assert_size(&w, q, 0);
}

/* --- proxies, limits */

static void items_hold_what_their_proxies_refer_to(void **state)
{
        QUEUE(w, q, true, "");
        uint64_t l = engine_session_create(&w.root, "('list', [1])");
        struct object *list = store_find(&w.engine->store, l);

        assert_says(&w, A, q, "put", with("(proxy(%llu),)", l), NONE);
        assert_says(&w, A, q, "put_many", with("([[proxy(%llu)], 2],)", l), NONE);
        assert_int_equal(list->n_internal, 2);
        assert_string_equal(engine_session_call(&w.root, 0, "decref", with("(%llu,)", l)), NONE);
        assert_says(&w, A, q, "get", "()",
                    with("#RETURN <AutoProxy[proxy] object, typeid 'proxy' at 0x%llx>", l));
        assert_int_equal(list->n_internal, 1);
        assert_says(&w, A, 0, "decref", with("(%llu,)", l), NONE);
        assert_says(&w, A, q, "clear", "()", "#RETURN 2");
        assert_says(&w, A, l, "__len__", "()", with("#TRACEBACK 'NoSuchObject: %llu'", l));
        assert_says(&w, A, q, "put", with("(proxy(%llu),)", l),
                    "#TRACEBACK 'NoSuchObject: no such object'");
        assert_says(&w, A, q, "put_many", with("([1, proxy(%llu)],)", l),
                    "#TRACEBACK 'NoSuchObject: no such object'");
        assert_size(&w, q, 0);
        assert_unfinished(&w, q, 1);
}

static void item_that_no_reply_can_hold_stays(void **state)
{
        QUEUE(w, q, false, "");
        char item[700];
        const char *text;

        memset(item, 'x', sizeof(item));
        memcpy(item, "('", 2);
        memcpy(item + sizeof(item) - 4, "',)", 4);
        assert_says(&w, A, q, "put", item, NONE);
        assert_puts(&w, A, q, "2");
        w.engine->options.max_reply = 500;
        text = asks(&w, A, q, "get", "()");
        assert_int_equal(strncmp(text, "#TRACEBACK 'TooLarge", 20), 0);
        text = asks(&w, A, q, "get_many", "(2,)");
        assert_int_equal(strncmp(text, "#TRACEBACK 'TooLarge", 20), 0);
        assert_size(&w, q, 2);
        w.engine->options.max_reply = 1 << 20;
        text = asks(&w, A, q, "get", "()");
        assert_int_equal(strncmp(text, "#RETURN 'xxx", 12), 0);
        assert_gets(&w, A, q, "2");
}

/* "([item, item, …],)" with n of them. */
static const char *many(const char *item, unsigned n)
{
        static char text[1 << 16];
        size_t size = 2, length = strlen(item);

        assert_true(n * (length + 2) + 8 < sizeof(text));
        memcpy(text, "([", 2);
        while (n-- > 0) {
                memcpy(text + size, item, length);
                memcpy(text + size + length, ", ", 2);
                size += length + 2;
        }
        strcpy(text + size - 2, "],)");
        return text;
}

static void get_many_and_page_stay_below_a_mebibyte(void **state)
{
        QUEUE(w, q, false, "");
        static char item[300 << 10];

        w.engine->options.max_reply = 1 << 24;
        memset(item, 'x', sizeof(item));
        memcpy(item, "('", 2);
        memcpy(item + sizeof(item) - 4, "',)", 4);
        for (int i = 0; i < 5; ++i)
                assert_says(&w, A, q, "put", item, NONE);
        assert_int_equal(strncmp(asks(&w, A, q, "page", "(1,)"), "#RETURN [4, ['xxx", 17), 0);
        assert_int_equal(strncmp(asks(&w, A, q, "get_many", "(5,)"), "#RETURN ['xxx", 13), 0);
        assert_size(&w, q, 2);
}

static void put_beyond_the_memory_limit_changes_nothing(void **state)
{
        QUEUE(w, q, false, "");
        struct memory *memory = &w.engine->store.memory;
        uint64_t l = engine_session_create(&w.root, "('list',)");
        size_t limit;

        assert_puts(&w, A, q, "1");
        assert_says(&w, A, q, "put", with("(proxy(%llu),)", l), NONE);
        assert_says(&w, A, q, "get_nowait", "()", "#RETURN 1");
        /* room for some of what is to be put, but not for all */
        for (limit = 8; limit < 6000; limit += 100) {
                memory->limit = memory->used + limit;
                assert_says(&w, A, q, "put_many", many("'a text of some length'", 300),
                            "#ERROR MemoryError('out of memory')");
                assert_int_equal(queue_length(queue_in(&w, q)), 1);
        }
        memory->limit = memory->used + 8;
        assert_says(&w, A, q, "put",
                    with("([proxy(%llu), 'a text that is longer than what is left'],)", l),
                    "#ERROR MemoryError('out of memory')");
        assert_int_equal(store_find(&w.engine->store, l)->n_internal, 1);
        memory->limit = SIZE_MAX;
        assert_says(&w, A, q, "clear", "()", "#RETURN 1");
        assert_puts(&w, A, q, "1");
        memory->limit = memory->used + 8;
        assert_says(&w, B, q, "join", "()", "#ERROR MemoryError('out of memory')");
        assert_unfinished(&w, q, 2);
        assert_gets(&w, A, q, "1");
        memory->limit = SIZE_MAX;
}

static void big_queues_are_freed_in_steps(void **state)
{
        QUEUE(w, q, false, "");
        size_t used = w.engine->store.memory.used;

        for (int i = 0; i < 20000; ++i)
                engine_session_call(&w.root, q, "put", "('some text of some length',)");
        assert_string_equal(engine_session_call(&w.root, q, "clear", "()"), "#RETURN 20000");
        assert_true(w.engine->store.memory.used > used + 20000);
        assert_true(engine_reap(w.engine));
        while (engine_reap(w.engine))
                ;
        assert_true(w.engine->store.memory.used <= used + 4096);
        for (int i = 0; i < 20000; ++i)
                engine_session_call(&w.root, q, "put", "('some text of some length',)");
        engine_session_call(&w.root, 0, "decref", with("(%llu,)", q));
        assert_true(engine_reap(w.engine));
        assert_int_equal(figure(&w, "objects"), 2);
}

/* Many are taken in one call, or fail to be put: what they lay in is not kept for later. */
static void what_many_items_lay_in_is_given_back(void **state)
{
        QUEUE(w, q, false, "");
        struct memory *memory = &w.engine->store.memory;
        size_t used = memory->used;

        w.engine->options.max_reply = 1 << 24;
        for (int round = 0; round < 3; ++round) {
                for (int i = 0; i < 10000; ++i)
                        engine_session_call(&w.root, q, "put", "('some text of some length',)");
                engine_session_call(&w.root, q, "get_many", "(10000,)");
                while (engine_reap(w.engine))
                        ;
                assert_size(&w, q, 0);
                assert_true(memory->used <= used + 4096);
        }
        memory->limit = memory->used + 110000;
        assert_says(&w, A, q, "put_many",
                    many("'a text of some length that is not so very short'", 1200), NONE);
        assert_says(&w, A, q, "clear", "()", "#RETURN 1200");
        memory->limit = memory->used + 50000;
        assert_says(&w, A, q, "put_many",
                    many("'a text of some length that is not so very short'", 1200),
                    "#ERROR MemoryError('out of memory')");
        memory->limit = SIZE_MAX;
        while (engine_reap(w.engine))
                ;
        assert_true(memory->used <= used + 4096);
}

/* --- ten thousand */

#define N_PARKED 10000

static void ten_thousand_wait_in_one_session_and_are_served_in_order(void **state)
{
        QUEUE(w, q, false, "");

        for (int i = 0; i < N_PARKED; ++i)
                engine_session_send(&w.root, q, "get", "()", i, 0);
        for (int i = 0; i < N_PARKED; ++i) {
                char expected[64];

                snprintf(expected, sizeof(expected), "#RETURN %d i=%d", i, i);
                engine_session_send(&w.sessions[A], q, "put", with("(%llu,)", (uint64_t)i), -1, 0);
                assert_string_equal(engine_session_take(&w.sessions[A]), NONE);
                assert_string_equal(engine_session_take(&w.root), expected);
        }
        assert_size(&w, q, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(queue_gives_items_in_the_order_in_which_they_were_put),
                cmocka_unit_test(joinable_queue_is_a_queue),
                cmocka_unit_test(queue_of_many_items_loses_none),
                cmocka_unit_test(timeouts_are_judged_as_python_does),
                cmocka_unit_test(max_size_is_any_number),
                cmocka_unit_test(queue_get_waits_until_put_first_come_first_served),
                cmocka_unit_test(get_does_not_overtake_those_who_wait),
                cmocka_unit_test(put_into_a_full_queue_waits_for_room_in_order),
                cmocka_unit_test(those_who_put_and_those_who_get_serve_each_other),
                cmocka_unit_test(a_wait_that_times_out_loses_nothing_and_moves_nothing),
                cmocka_unit_test(a_cancelled_wait_leaves_its_line),
                cmocka_unit_test(whoever_dies_while_first_is_passed_over),
                cmocka_unit_test(put_many_puts_all_or_nothing),
                cmocka_unit_test(put_many_that_gives_up_lets_others_put),
                cmocka_unit_test(get_many_takes_what_is_there),
                cmocka_unit_test(page_looks_without_taking),
                cmocka_unit_test(join_waits_until_every_item_is_done),
                cmocka_unit_test(clear_drops_all_and_makes_room),
                cmocka_unit_test(shutdown_lets_the_rest_be_taken),
                cmocka_unit_test(shutdown_sends_those_away_who_wait),
                cmocka_unit_test(immediate_shutdown_drains_and_ends_join),
                cmocka_unit_test(items_hold_what_their_proxies_refer_to),
                cmocka_unit_test(item_that_no_reply_can_hold_stays),
                cmocka_unit_test(get_many_and_page_stay_below_a_mebibyte),
                cmocka_unit_test(put_beyond_the_memory_limit_changes_nothing),
                cmocka_unit_test(big_queues_are_freed_in_steps),
                cmocka_unit_test(what_many_items_lay_in_is_given_back),
                cmocka_unit_test(ten_thousand_wait_in_one_session_and_are_served_in_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
