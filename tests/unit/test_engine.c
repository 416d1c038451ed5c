/*
 * test_engine - references, names, tickets, waiting: the engine without sockets
 */
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/engine_harness.h"

/* Two sessions of process 1, one of process 2. */
struct world {
        struct engine *engine;
        struct engine_session a, b, other;
};

static void world_init(struct world *w)
{
        w->engine = engine_harness_new(SIZE_MAX, 1 << 20);
        engine_session_begin(&w->a, w->engine, 1);
        engine_session_begin(&w->b, w->engine, 1);
        engine_session_begin(&w->other, w->engine, 2);
}

static void world_deinit(struct world *w)
{
        engine_session_end(&w->a);
        engine_session_end(&w->b);
        engine_session_end(&w->other);
        engine_free(w->engine); /* asserts that all memory was refunded */
}

#define WORLD(w)                                                                                   \
        (void)state;                                                                               \
        __attribute__((cleanup(world_deinit))) struct world w;                                     \
        world_init(&w)

#define assert_reply(s, ident, method, args, expected)                                             \
        assert_string_equal(engine_session_call(s, ident, method, args), expected)

/* "(5,)" and the like. */
static const char *with(const char *format, uint64_t ident)
{
        static char text[8][128];
        static unsigned i;

        i = (i + 1) % 8;
        snprintf(text[i], sizeof(text[i]), format, (unsigned long long)ident);
        return text[i];
}

static void create_counts_one_reference_for_the_process(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");

        assert_reply(&w.b, 0, "number_of_objects", "()", "#RETURN 1");
        assert_reply(&w.b, 0, "decref", with("(%llu,)", d), "#RETURN None");
        assert_reply(&w.b, 0, "number_of_objects", "()", "#RETURN 0");
        assert_reply(&w.a, d, "__len__", "()", with("#TRACEBACK 'NoSuchObject: %llu'", d));
}

static void decref_of_what_a_process_does_not_hold_changes_nothing(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");

        assert_reply(&w.other, 0, "decref", with("(%llu,)", d),
                     with("#TRACEBACK 'AssertionError: this process holds no reference to object "
                          "%llu'",
                          d));
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 0");
}

static void references_go_when_their_process_ends(void **state)
{
        WORLD(w);
        struct engine_session c;
        uint64_t d;

        engine_session_begin(&c, w.engine, 3);
        d = engine_session_create(&c, "('dict',)");
        engine_session_create(&c, "('list', [1, 2])");
        assert_reply(&w.a, 0, "incref", with("(%llu,)", d), "#RETURN None");
        engine_session_end(&c);
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 2");
        engine_end_process(w.engine, 3, 0);
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 1");
        assert_int_equal(engine_session_count(&w.a, "objects"), 1);
}

static void exec_drops_the_references_of_the_old_image(void **state)
{
        WORLD(w);
        struct engine_session c;

        engine_session_begin(&c, w.engine, 3);
        engine_session_hello(&c, 'x');
        engine_session_create(&c, "('dict',)");
        engine_session_end(&c);
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 1");
        engine_session_begin(&c, w.engine, 3);
        engine_session_hello(&c, 'y');
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 0");
        engine_session_end(&c);
}

static void two_libraries_in_one_process_keep_their_references(void **state)
{
        WORLD(w);

        engine_session_hello(&w.a, 'x');
        engine_session_create(&w.a, "('dict',)");
        engine_session_hello(&w.b, 'y');
        engine_session_create(&w.b, "('dict',)");
        assert_reply(&w.other, 0, "number_of_objects", "()", "#RETURN 2");
}

static void without_a_pid_sessions_of_one_token_are_one_process(void **state)
{
        WORLD(w);
        struct engine_session c, d, e;
        uint64_t l;

        engine_session_begin(&c, w.engine, 0);
        engine_session_begin(&d, w.engine, 0);
        engine_session_begin(&e, w.engine, 0);
        engine_session_hello(&c, 'x');
        engine_session_hello(&d, 'x');
        engine_session_hello(&e, 'y');
        l = engine_session_create(&c, "('list',)");
        engine_session_create(&e, "('list',)");
        engine_session_end(&c);
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 2");
        assert_reply(&d, 0, "decref", with("(%llu,)", l), "#RETURN None");
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 1");
        engine_session_end(&d);
        engine_session_end(&e);
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 0");
}

static void named_object_outlives_its_creator_until_unlinked(void **state)
{
        WORLD(w);
        struct engine_session c;
        const char *text;
        uint64_t d;

        engine_session_begin(&c, w.engine, 3);
        text = engine_session_call(&c, 0, "open", "('dict', 'scores', {'a': 1})");
        d = strtoull(text + strlen("#RETURN ["), NULL, 10);
        engine_session_end(&c);
        engine_end_process(w.engine, 3, 0);
        assert_reply(&w.a, d, "__getitem__", "('a',)", "#RETURN 1");
        assert_reply(&w.a, 0, "open", "('list', 'scores')",
                     "#ERROR TypeError('that object is a dict, not a list')");
        engine_session_call(&w.a, 0, "open", "('dict', 'scores', {'ignored': 1})");
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 1");
        assert_reply(&w.a, 0, "unlink", "('scores',)", "#RETURN True");
        assert_reply(&w.a, 0, "unlink", "('scores',)", "#RETURN False");
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 1");
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", d));
        assert_int_equal(engine_session_count(&w.a, "objects"), 0);
}

static void stored_proxy_keeps_its_referent_until_removed(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");
        uint64_t l = engine_session_create(&w.a, "('list', [1])");

        assert_reply(&w.a, d, "__setitem__", with("('l', [proxy(%llu)])", l), "#RETURN None");
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", l));
        assert_reply(&w.other, l, "__getitem__", "(0,)", "#RETURN 1");
        assert_reply(&w.a, d, "__setitem__", "('l', 0)", "#RETURN None");
        assert_reply(&w.other, l, "__len__", "()", with("#TRACEBACK 'NoSuchObject: %llu'", l));
        assert_int_equal(engine_session_count(&w.a, "objects"), 1);
}

static void stored_proxy_of_a_dead_object_is_refused(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");
        uint64_t l = engine_session_create(&w.a, "('list',)");
        const char *text;

        engine_session_call(&w.a, 0, "decref", with("(%llu,)", l));
        text = engine_session_call(&w.a, d, "__setitem__", with("('l', proxy(%llu))", l));
        assert_int_equal(strncmp(text, "#TRACEBACK 'NoSuchObject", 24), 0);
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 0");
}

static void cycle_that_nobody_holds_is_collected(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");
        uint64_t l = engine_session_create(&w.a, "('list',)");
        uint64_t kept = engine_session_create(&w.a, "('list', ['kept'])");

        engine_session_call(&w.a, d, "__setitem__", with("('l', proxy(%llu))", l));
        engine_session_call(&w.a, d, "__setitem__", with("('self', proxy(%llu))", d));
        engine_session_call(&w.a, l, "append", with("(proxy(%llu),)", d));
        engine_session_call(&w.a, l, "append", with("(proxy(%llu),)", kept));
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", l));
        assert_int_equal(engine_session_count(&w.a, "objects"), 3);
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", d));
        assert_int_equal(engine_session_count(&w.a, "objects"), 1);
        assert_reply(&w.a, kept, "__getitem__", "(0,)", "#RETURN 'kept'");
}

/* A big graph that lives and is looked at for nothing, again and again, is not looked at each time.
 */
static void search_for_cycles_is_paid_for_by_inputs(void **state)
{
        WORLD(w);
        uint64_t root = engine_session_create(&w.a, "('list',)");
        uint64_t inner = engine_session_create(&w.a, "('list',)");
        uint64_t searches;

        for (unsigned i = 0; i < 2000; ++i) {
                uint64_t leaf = engine_session_create(&w.a, "('list',)");

                engine_session_call(&w.a, inner, "append", with("(proxy(%llu),)", leaf));
                engine_session_call(&w.a, 0, "decref", with("(%llu,)", leaf));
        }
        engine_session_call(&w.a, root, "append", with("(proxy(%llu),)", inner));
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", inner));
        searches = engine_session_count(&w.a, "cycle_searches");
        for (unsigned i = 0; i < 100; ++i) {
                engine_session_call(&w.a, root, "append", with("(proxy(%llu),)", inner));
                engine_session_call(&w.a, root, "__delitem__", "(1,)");
                engine_reap(w.engine);
        }
        searches = engine_session_count(&w.a, "cycle_searches") - searches;
        assert_in_range(searches, 1, 20);
        assert_int_equal(engine_session_count(&w.a, "objects"), 2002);
}

static void popped_proxy_lives_on_with_whoever_received_it(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");
        uint64_t d = engine_session_create(&w.a, "('dict', {'x': 1})");

        engine_session_hello(&w.other, 'n');
        engine_session_call(&w.a, l, "append", with("(proxy(%llu),)", d));
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", d));
        engine_session_call(&w.other, l, "pop", "()");
        assert_reply(&w.other, d, "__getitem__", "('x',)", "#RETURN 1");
        assert_reply(&w.other, 0, "decref", with("(%llu,)", d), "#RETURN None");
        assert_int_equal(engine_session_count(&w.a, "objects"), 1);
}

static void stock_client_has_until_its_next_request_to_say_incref(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");
        uint64_t d = engine_session_create(&w.a, "('dict', {'x': 1})");

        engine_session_call(&w.a, l, "append", with("(proxy(%llu),)", d));
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", d));
        engine_session_call(&w.other, l, "pop", "()");
        /* a request that was sent before the reply went out does not count */
        assert_reply(&w.other, 0, "dummy", "()", "#RETURN None");
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 1");
        caller_replies_written(w.other.caller);
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 1");
        assert_reply(&w.other, 0, "dummy", "()", "#RETURN None");
        assert_reply(&w.a, d, "__len__", "()", with("#TRACEBACK 'NoSuchObject: %llu'", d));
}

static void ticket_carries_references_beyond_the_lender(void **state)
{
        WORLD(w);
        struct engine_session c;
        uint64_t d;

        engine_session_begin(&c, w.engine, 3);
        d = engine_session_create(&c, "('dict',)");
        assert_reply(&c, 0, "lend", with("([%llu],)", d), "#RETURN 1");
        engine_session_end(&c);
        engine_end_process(w.engine, 3, 0);
        assert_reply(&w.a, 0, "claim", "(1,)", "#RETURN None");
        assert_reply(&w.a, 0, "claim", "(1,)",
                     "#ERROR ValueError('no such ticket: unknown, claimed before or expired')");
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 0");
        assert_reply(&w.b, 0, "decref", with("(%llu,)", d), "#RETURN None");
        assert_reply(&w.a, 0, "number_of_objects", "()", "#RETURN 0");
}

static void ticket_that_nobody_claims_expires_after_a_minute(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");

        engine_session_call(&w.a, 0, "lend", with("([%llu],)", d));
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", d));
        assert_int_equal(engine_next_deadline(w.engine), UINT64_C(60000000000));
        engine_expire(w.engine, UINT64_C(59999999999));
        assert_reply(&w.a, d, "__len__", "()", "#RETURN 0");
        engine_expire(w.engine, UINT64_C(60000000000));
        assert_int_equal(engine_session_count(&w.a, "objects"), 0);
}

static void take_waits_until_something_is_put_first_come_first_served(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");

        engine_session_send(&w.b, l, "take", "()", -1, 0);
        engine_session_send(&w.other, l, "take", "()", 7, 0);
        assert_true(caller_is_parked(w.b.caller));
        assert_false(caller_is_parked(w.other.caller));
        assert_string_equal(engine_session_take(&w.b), "");
        assert_reply(&w.a, l, "extend", "(['x', 'y', 'z'],)", "#RETURN None");
        assert_string_equal(engine_session_take(&w.b), "#RETURN 'x'");
        assert_string_equal(engine_session_take(&w.other), "#RETURN 'y' i=7");
        assert_int_equal(w.b.n_ready, 1);
        assert_false(caller_is_parked(w.b.caller));
        assert_reply(&w.a, l, "__len__", "()", "#RETURN 1");
}

static void take_gives_up_at_its_deadline_and_has_no_effect(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");

        engine_session_send(&w.b, l, "take", "(2.5,)", -1, 10);
        engine_session_send(&w.other, l, "take", "(1,)", -1, 10);
        assert_int_equal(engine_next_deadline(w.engine), UINT64_C(11000000000));
        engine_expire(w.engine, UINT64_C(11000000000));
        assert_string_equal(engine_session_take(&w.other), "#ERROR Empty()");
        assert_string_equal(engine_session_take(&w.b), "");
        engine_expire(w.engine, UINT64_C(12500000000));
        assert_string_equal(engine_session_take(&w.b), "#ERROR Empty()");
        engine_session_call(&w.a, l, "append", "(1,)");
        assert_reply(&w.a, l, "__len__", "()", "#RETURN 1");
        assert_reply(&w.a, l, "take", "(-1,)",
                     "#ERROR ValueError(\"'timeout' must be a non-negative number\")");
}

static void cancelled_wait_gets_exactly_one_reply(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");

        engine_session_send(&w.b, l, "take", "()", 1, 0);
        engine_session_send(&w.b, l, "take", "()", 2, 0);
        engine_session_send(&w.b, 0, "cancel", "(1,)", 3, 0);
        assert_string_equal(engine_session_take(&w.b), "#RETURN True i=3");
        assert_string_equal(engine_session_take(&w.b), "#ERROR CancelledError('cancelled') i=1");
        assert_reply(&w.b, 0, "cancel", "(1,)", "#RETURN False");
        /* another session's call is none of its business */
        assert_reply(&w.a, 0, "cancel", "(2,)", "#RETURN False");
        engine_session_call(&w.a, l, "append", "('x',)");
        assert_string_equal(engine_session_take(&w.b), "#RETURN 'x' i=2");
        assert_string_equal(engine_session_take(&w.b), "");
}

static void waiter_that_dies_leaves_the_queue(void **state)
{
        WORLD(w);
        struct engine_session c;
        uint64_t l = engine_session_create(&w.a, "('list',)");

        engine_session_begin(&c, w.engine, 3);
        engine_session_send(&c, l, "take", "(100,)", -1, 0);
        engine_session_send(&w.b, l, "take", "()", -1, 0);
        engine_session_end(&c);
        assert_int_equal(engine_next_deadline(w.engine), UINT64_MAX);
        engine_session_call(&w.a, l, "append", "('x',)");
        assert_string_equal(engine_session_take(&w.b), "#RETURN 'x'");
        assert_int_equal(engine_session_count(&w.a, "calls_parked"), 0);
}

static void parked_call_keeps_its_object(void **state)
{
        WORLD(w);
        uint64_t l = engine_session_create(&w.a, "('list',)");

        engine_session_send(&w.other, l, "take", "()", -1, 0);
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", l));
        engine_session_call(&w.a, l, "append", "('x',)");
        assert_string_equal(engine_session_take(&w.other), "#RETURN 'x'");
        assert_int_equal(engine_session_count(&w.a, "objects"), 0);
}

static void result_beyond_the_limit_is_an_error_that_points_to_paging(void **state)
{
        struct engine *engine = engine_harness_new(SIZE_MAX, 4096);
        struct engine_session s;
        uint64_t l;
        const char *text;

        (void)state;
        engine_session_begin(&s, engine, 1);
        l = engine_session_create(&s, "('list',)");
        for (unsigned i = 0; i < 5000; ++i)
                engine_session_call(&s, l, "append", "(7,)");
        text = engine_session_call(&s, l, "copy", "()");
        assert_non_null(strstr(text, "#TRACEBACK 'TooLarge: the result exceeds the limit of 4096 "
                                     "bytes: fetch it in pages'"));
        assert_reply(&s, l, "__len__", "()", "#RETURN 5000");
        engine_session_end(&s);
        engine_free(engine);
}

static void memory_limit_is_an_error_and_deletes_still_work(void **state)
{
        struct engine *engine = engine_harness_new(20000, 1 << 20);
        struct engine_session s;
        uint64_t d;
        char args[64];
        unsigned n = 0;

        (void)state;
        engine_session_begin(&s, engine, 1);
        d = engine_session_create(&s, "('dict',)");
        for (;; ++n) {
                snprintf(args, sizeof(args), "(%u, 'some value of thirty bytes or')", n);
                if (strcmp(engine_session_call(&s, d, "__setitem__", args), "#RETURN None") != 0)
                        break;
        }
        assert_true(n > 20);
        assert_string_equal(engine_session_call(&s, d, "__setitem__", args),
                            "#ERROR MemoryError('out of memory')");
        snprintf(args, sizeof(args), "#RETURN %u", n);
        assert_reply(&s, d, "__len__", "()", args);
        assert_reply(&s, d, "clear", "()", "#RETURN None");
        while (engine_reap(engine))
                ;
        assert_reply(&s, d, "__setitem__", "(1, 2)", "#RETURN None");
        engine_session_end(&s);
        engine_free(engine);
}

static void iterating_a_dict_that_changes_size_is_an_error(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict', {'a': 1, 'b': 2})");
        const char *text = engine_session_call(&w.a, d, "__iter__", "()");
        uint64_t iterator;

        assert_non_null(strstr(text, "#PROXY"));
        assert_non_null(strstr(text, "typeid 'Iterator' at 0x"));
        iterator = strtoull(strstr(text, "at 0x") + 3, NULL, 16);
        assert_reply(&w.a, iterator, "__next__", "()", "#RETURN 'a'");
        engine_session_call(&w.a, d, "__setitem__", "('c', 3)");
        assert_reply(&w.a, iterator, "__next__", "()",
                     "#ERROR RuntimeError('dictionary changed size during iteration')");
        engine_session_call(&w.a, d, "__delitem__", "('c',)");
        engine_session_call(&w.a, 0, "decref", with("(%llu,)", iterator));
        assert_int_equal(engine_session_count(&w.a, "objects"), 1);
}

static void wrong_calls_are_told_apart(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict',)");

        assert_reply(&w.a, d, "fly", "()",
                     "#TRACEBACK \"NoSuchMethod: 'dict' object has no method 'fly'\"");
        assert_reply(&w.a, 0, "fly", "()",
                     "#TRACEBACK 'NoSuchMethod: fly is no server-level call'");
        assert_reply(&w.a, 0, "create", "('elephant',)", "#TRACEBACK \"KeyError: 'elephant'\"");
        assert_reply(&w.a, 0, "create", "('dict', 5)",
                     "#TRACEBACK \"TypeError: 'int' object is not iterable\"");
        assert_reply(&w.a, d, "pop", "()",
                     "#ERROR TypeError('pop expected at least 1 argument, got 0')");
        assert_reply(&w.a, d, "__getitem__", "('x',)", "#ERROR KeyError('x')");
        assert_reply(&w.a, d, "__getitem__", "([],)",
                     "#ERROR TypeError(\"unhashable type: 'list'\")");
        assert_reply(&w.a, 0, "decref", "()",
                     "#TRACEBACK \"TypeError: decref() missing 1 required positional argument: "
                     "'ident'\"");
}

static void debug_info_shows_objects_as_python_does(void **state)
{
        WORLD(w);
        uint64_t d = engine_session_create(&w.a, "('dict', {'a': 1})");

        assert_reply(&w.a, 0, "debug_info", "()",
                     with("#RETURN \"  %llu:       refcount=1\\n    {'a': 1}\"", d));
}

/* The same inputs make the same bytes: what a log of inputs will rely on. */
static void equal_inputs_make_equal_replies(void **state)
{
        static const char *const calls[][2] = {
                { "__setitem__", "('k', [1, 2.5])" },
                { "__setitem__", "(nan, 1)" },
                { "update", "({'a': 1, 'b': {1, 2}},)" },
                { "popitem", "()" },
                { "keys", "()" },
                { "items", "()" },
                { "page", "(None, 2)" },
        };
        _buffer_cleanup_ struct buffer first = BUFFER_NULL;

        (void)state;
        for (unsigned round = 0; round < 2; ++round) {
                struct engine *engine = engine_harness_new(SIZE_MAX, 1 << 20);
                struct engine_session s;
                uint64_t d;

                engine_session_begin(&s, engine, 1);
                d = engine_session_create(&s, "('dict',)");
                for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i)
                        engine_session_send(&s, d, calls[i][0], calls[i][1], -1, 1);
                if (round == 0)
                        buffer_append_span(&first, buffer_span(&s.replies));
                else
                        assert_true(span_equal(buffer_span(&first), buffer_span(&s.replies)));
                engine_session_end(&s);
                engine_free(engine);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(create_counts_one_reference_for_the_process),
                cmocka_unit_test(decref_of_what_a_process_does_not_hold_changes_nothing),
                cmocka_unit_test(references_go_when_their_process_ends),
                cmocka_unit_test(exec_drops_the_references_of_the_old_image),
                cmocka_unit_test(two_libraries_in_one_process_keep_their_references),
                cmocka_unit_test(without_a_pid_sessions_of_one_token_are_one_process),
                cmocka_unit_test(named_object_outlives_its_creator_until_unlinked),
                cmocka_unit_test(stored_proxy_keeps_its_referent_until_removed),
                cmocka_unit_test(stored_proxy_of_a_dead_object_is_refused),
                cmocka_unit_test(cycle_that_nobody_holds_is_collected),
                cmocka_unit_test(search_for_cycles_is_paid_for_by_inputs),
                cmocka_unit_test(popped_proxy_lives_on_with_whoever_received_it),
                cmocka_unit_test(stock_client_has_until_its_next_request_to_say_incref),
                cmocka_unit_test(ticket_carries_references_beyond_the_lender),
                cmocka_unit_test(ticket_that_nobody_claims_expires_after_a_minute),
                cmocka_unit_test(take_waits_until_something_is_put_first_come_first_served),
                cmocka_unit_test(take_gives_up_at_its_deadline_and_has_no_effect),
                cmocka_unit_test(cancelled_wait_gets_exactly_one_reply),
                cmocka_unit_test(waiter_that_dies_leaves_the_queue),
                cmocka_unit_test(parked_call_keeps_its_object),
                cmocka_unit_test(result_beyond_the_limit_is_an_error_that_points_to_paging),
                cmocka_unit_test(memory_limit_is_an_error_and_deletes_still_work),
                cmocka_unit_test(iterating_a_dict_that_changes_size_is_an_error),
                cmocka_unit_test(wrong_calls_are_told_apart),
                cmocka_unit_test(debug_info_shows_objects_as_python_does),
                cmocka_unit_test(equal_inputs_make_equal_replies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
