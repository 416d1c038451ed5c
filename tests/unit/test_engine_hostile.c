/*
 * test_engine_hostile - requests that nobody means well with, and memory that runs out
 */
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "proto/frame.h"
#include "proto/pack.h"
#include "tests/lib/engine_harness.h"

#define MAX_REPLY 1024

/* A session of process 1; more begin where a test needs them. */
struct world {
        struct engine *engine;
        struct engine_session s;
};

static void world_init(struct world *w, size_t max_memory)
{
        w->engine = engine_harness_new(max_memory, MAX_REPLY);
        engine_session_begin(&w->s, w->engine, 1);
}

static void world_deinit(struct world *w)
{
        engine_session_end(&w->s);
        engine_free(w->engine); /* asserts that all memory was refunded */
}

#define WORLD(w, max_memory)                                                                       \
        __attribute__((cleanup(world_deinit))) struct world w;                                     \
        world_init(&w, max_memory)

#define assert_reply(s, ident, method, args, expected)                                             \
        assert_string_equal(engine_session_call(s, ident, method, args), expected)

#define assert_begins(text, expected) assert_int_equal(strncmp(text, expected, strlen(expected)), 0)

/* "(5,)" and the like. */
static const char *with(const char *format, uint64_t number)
{
        static char text[4][128];
        static unsigned i;

        i = (i + 1) % 4;
        snprintf(text[i], sizeof(text[i]), format, (unsigned long long)number);
        return text[i];
}

/* A request with one argument, all of it packed as the test says. */
static const char *call_packed(struct engine_session *s, uint64_t ident, struct span method,
                               struct span argument, struct span kwds)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct request request;

        pack_array(&out, 4);
        if (ident)
                pack_uint(&out, ident);
        else
                pack_nil(&out);
        pack_str(&out, method);
        pack_array(&out, !span_is_absent(argument));
        pack_packed(&out, argument);
        pack_packed(&out, kwds);
        assert_int_equal(request_decode(&request, &s->scanner, buffer_span(&out)), 0);
        engine_request(s->engine, s->caller, &request, 0);
        return engine_session_take(s);
}

#define NO_KWDS SPAN_LITERAL("\x80")

static void name_that_goes_on_behind_a_zero_is_no_method(void **state)
{
        char name[48] = "get";

        (void)state;
        WORLD(w, SIZE_MAX);
        uint64_t d = engine_session_create(&w.s, "('dict',)");

        /* the last character leads to every slot of the table of methods */
        for (size_t n = 5; n < sizeof(name); ++n) {
                for (int last = 0; last < 0x80; ++last) {
                        name[n - 1] = (char)last;
                        assert_begins(call_packed(&w.s, d, span_of(name, n), SPAN_LITERAL("\x01"),
                                                  NO_KWDS),
                                      "#TRACEBACK \"NoSuchMethod: ");
                }
                name[n - 1] = 'x';
        }
}

static void error_text_cuts_no_character_of_a_name_through(void **state)
{
        char name[128] = "a", kwds[160];

        (void)state;
        WORLD(w, SIZE_MAX);
        uint64_t d = engine_session_create(&w.s, "('dict',)");

        for (size_t i = 1; i < 125; i += 2)
                memcpy(name + i, "\xc3\xa9", 2);
        assert_begins(call_packed(&w.s, d, span_of(name, 125), SPAN_ABSENT, NO_KWDS),
                      "#TRACEBACK \"NoSuchMethod: 'dict' object has no method 'a\xc3\xa9");
        assert_begins(call_packed(&w.s, 0, span_of(name, 125), SPAN_ABSENT, NO_KWDS),
                      "#TRACEBACK 'NoSuchMethod: a\xc3\xa9");

        memcpy(kwds, "\x81\xd9\x7d", 3);
        memcpy(kwds + 3, name, 125);
        kwds[128] = 0;
        assert_begins(call_packed(&w.s, d, SPAN_LITERAL("incr"), SPAN_LITERAL("\x01"),
                                  span_of(kwds, 129)),
                      "#ERROR TypeError(\"dict.incr() got an unexpected keyword argument "
                      "'a\xc3\xa9");
}

static void empty_keywords_may_be_written_at_length(void **state)
{
        (void)state;
        WORLD(w, SIZE_MAX);
        uint64_t d = engine_session_create(&w.s, "('dict',)");

        assert_string_equal(call_packed(&w.s, d, SPAN_LITERAL("get"), SPAN_LITERAL("\x01"),
                                        SPAN_LITERAL("\xde\0\0")),
                            "#RETURN None");
        assert_string_equal(call_packed(&w.s, d, SPAN_LITERAL("get"), SPAN_LITERAL("\x01"),
                                        SPAN_LITERAL("\xdf\0\0\0\0")),
                            "#RETURN None");
}

/* The size of the payload of the only reply there is. */
static size_t reply_size(const struct engine_session *s)
{
        struct span payload;
        size_t taken;

        assert_int_equal(s->replies.failed, 0);
        assert_int_equal(frame_next(buffer_span(&s->replies), FRAME_MAX, &payload, &taken), 1);
        assert_int_equal(taken, s->replies.size);
        return payload.size;
}

static void result_fits_with_its_number_or_is_too_large(void **state)
{
        size_t largest = 0, n_refused = 0;
        char args[MAX_REPLY + 32];

        (void)state;
        WORLD(w, SIZE_MAX);
        uint64_t d = engine_session_create(&w.s, "('dict',)");

        for (int n = MAX_REPLY - 64; n < MAX_REPLY; ++n) {
                snprintf(args, sizeof(args), "('k', '%0*d')", n, 0);
                assert_reply(&w.s, d, "__setitem__", args, "#RETURN None");
                engine_session_send(&w.s, d, "__getitem__", "('k',)", 1 << 30, 0);
                if (reply_size(&w.s) > largest)
                        largest = reply_size(&w.s);
                n_refused += engine_session_take(&w.s)[1] == 'T';
        }
        assert_in_range(largest, MAX_REPLY - 16, MAX_REPLY);
        assert_in_range(n_refused, 1, 63);
}

static void error_is_no_larger_than_a_result_may_be(void **state)
{
        _buffer_cleanup_ struct buffer zeros = BUFFER_NULL, key = BUFFER_NULL;
        struct request request = {
                .method = SPAN_LITERAL("create"),
                .kwds = NO_KWDS,
        };

        (void)state;
        WORLD(w, SIZE_MAX);
        uint64_t d = engine_session_create(&w.s, "('dict',)");

        /* four characters for each byte in a repr() */
        pack_array(&zeros, 1);
        pack_str(&zeros, span_of((const uint8_t[1000]){ 0 }, 1000));
        request.args = buffer_span(&zeros);
        engine_request(w.engine, w.s.caller, &request, 0);
        assert_in_range(reply_size(&w.s), 1, MAX_REPLY);
        assert_string_equal(engine_session_take(&w.s), "#TRACEBACK 'KeyError'");

        pack_array(&key, 1);
        pack_bytes(&key, span_of((const uint8_t[1020]){ 0 }, 1020));
        request.ident = d;
        request.method = SPAN_LITERAL("__getitem__");
        request.args = buffer_span(&key);
        engine_request(w.engine, w.s.caller, &request, 0);
        assert_in_range(reply_size(&w.s), 1, MAX_REPLY);
        assert_string_equal(engine_session_take(&w.s), "#ERROR KeyError()");
}

static void name_of_a_session_is_cut_to_what_people_read(void **state)
{
        char args[600], expected[300];
        const char *text;

        (void)state;
        WORLD(w, SIZE_MAX);
        snprintf(args, sizeof(args), "('%0500d',)", 0);
        snprintf(expected, sizeof(expected), "'name': '%0256d',", 0);
        assert_reply(&w.s, 0, "accept_connection", args, "#RETURN None");
        text = engine_session_call(&w.s, 0, "sessions", "()");
        assert_non_null(strstr(text, expected));
}

/* --- memory that runs out */

#define FULL_MEMORY 8192

/* Sets keys until nothing more fits. */
static void fill(struct engine_session *s, uint64_t d)
{
        unsigned i = 0;

        while (strcmp(engine_session_call(s, d, "__setitem__", with("(%llu, 0)", i)),
                      "#RETURN None") == 0)
                ++i;
        assert_in_range(i, 1, FULL_MEMORY);
}

/* A full engine; a container that holds the proxy of `held` twice; another process, native. */
struct full {
        struct engine *engine;
        struct engine_session s, other;
        uint64_t held, filled, container;
};

static void full_init(struct full *f, const char *format)
{
        f->engine = engine_harness_new(FULL_MEMORY, MAX_REPLY);
        engine_session_begin(&f->s, f->engine, 1);
        engine_session_begin(&f->other, f->engine, 2);
        engine_session_hello(&f->other, 'o');
        f->held = engine_session_create(&f->s, "('dict',)");
        f->filled = engine_session_create(&f->s, "('dict',)");
        f->container = engine_session_create(&f->s, with(format, f->held));
        fill(&f->s, f->filled);
}

static void full_deinit(struct full *f)
{
        engine_session_end(&f->other);
        engine_end_process(f->engine, 2, 0);
        engine_session_end(&f->s);
        engine_free(f->engine);
}

#define FULL(f, format)                                                                            \
        __attribute__((cleanup(full_deinit))) struct full f;                                       \
        full_init(&f, format)

#define LIST_OF_TWO "('list', [proxy(%1$llu), proxy(%1$llu)])"
#define DICT_OF_TWO "('dict', {1: proxy(%1$llu), 2: proxy(%1$llu)})"

/* The receiver has to be given a reference, for which there is no memory: nothing is taken out. */
static void proxy_that_cannot_be_received_is_not_removed(void **state)
{
        static const struct {
                const char *container, *method, *args;
        } cases[] = {
                { LIST_OF_TWO, "pop", "()" },
                { LIST_OF_TWO, "take", "()" },
                { DICT_OF_TWO, "pop", "(1,)" },
                { DICT_OF_TWO, "popitem", "()" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                FULL(f, cases[i].container);

                assert_reply(&f.other, f.container, cases[i].method, cases[i].args,
                             "#ERROR MemoryError('out of memory')");
                assert_reply(&f.other, f.container, "__len__", "()", "#RETURN 2");

                engine_session_call(&f.s, f.filled, "clear", "()");
                assert_begins(
                        engine_session_call(&f.other, f.container, cases[i].method, cases[i].args),
                        "#RETURN ");
                assert_reply(&f.other, f.container, "__len__", "()", "#RETURN 1");
        }
}

/* The reference is there before the value is stored, and must not stay where it is not. */
static void proxy_received_with_a_failure_is_given_back(void **state)
{
        (void)state;
        FULL(f, LIST_OF_TWO);

        engine_session_call(&f.s, f.filled, "clear", "()");
        assert_reply(&f.other, 0, "incref", with("(%llu,)", f.held), "#RETURN None");
        fill(&f.s, f.filled);
        assert_reply(&f.other, f.filled, "setdefault", with("('new', proxy(%llu))", f.held),
                     "#ERROR MemoryError('out of memory')");
        assert_reply(&f.other, 0, "decref", with("(%llu,)", f.held), "#RETURN None");
        assert_begins(engine_session_call(&f.other, 0, "decref", with("(%llu,)", f.held)),
                      "#TRACEBACK 'AssertionError: ");
}

static void open_that_fails_leaves_no_name(void **state)
{
        unsigned n_failed = 0;

        (void)state;
        for (size_t memory = 512; memory < 2048; memory += 8) {
                WORLD(w, memory);
                bool failed = strncmp(engine_session_call(&w.s, 0, "open", "('dict', 'name')"),
                                      "#ERROR MemoryError", 18) == 0;

                n_failed += failed;
                assert_int_equal(engine_session_count(&w.s, "names"), !failed);
                assert_int_equal(engine_session_count(&w.s, "objects"), !failed);
        }
        assert_in_range(n_failed, 2, 190);
}

/* Makes a list of one element long enough to be freed in many steps. Most of ROOM. */
static const char *lengthen(struct engine_session *s, uint64_t list)
{
        return engine_session_call(s, list, "__imul__", "(4000,)");
}

#define ROOM       ((size_t)96 << 10)
#define ONE_STRING "'sixteen letters.'"

/* Nothing is cleaned up between these inputs: no engine_reap(). */
static void memory_of_what_was_cleared_is_there_at_once(void **state)
{
        (void)state;
        WORLD(w, ROOM);
        uint64_t l = engine_session_create(&w.s, "('list', [" ONE_STRING "])");

        for (int i = 0; i < 5; ++i) {
                assert_string_equal(lengthen(&w.s, l), "#RETURN None");
                assert_reply(&w.s, l, "__imul__", "(2,)", "#ERROR MemoryError('out of memory')");
                assert_reply(&w.s, l, "clear", "()", "#RETURN None");
                assert_reply(&w.s, l, "append", "(" ONE_STRING ",)", "#RETURN None");
        }
}

static void memory_of_an_object_that_was_dropped_is_there_at_once(void **state)
{
        (void)state;
        WORLD(w, ROOM);

        for (int i = 0; i < 5; ++i) {
                uint64_t l = engine_session_create(&w.s, "('list', [" ONE_STRING "])");

                assert_string_equal(lengthen(&w.s, l), "#RETURN None");
                assert_reply(&w.s, 0, "decref", with("(%llu,)", l), "#RETURN None");
        }
}

/* An object that is copied before it is stored, while next to nothing is left. */
static void memory_of_what_was_cleared_is_there_for_a_copy(void **state)
{
        static const struct {
                const char *from, *method;
        } cases[] = {
                { "('list', ['a long element', 'and another one that is longer'])", "extend" },
                { "('dict', {'the only one of its keys': 'and its value'})", "update" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                WORLD(w, ROOM);
                uint64_t from = engine_session_create(&w.s, cases[i].from);
                uint64_t to = engine_session_create(&w.s, cases[i].from);
                uint64_t big = engine_session_create(&w.s, "('list',)");
                const char *args = with("(proxy(%llu),)", from);

                while (!strcmp(engine_session_call(&w.s, big, "append", "(None,)"), "#RETURN None"))
                        ;
                assert_reply(&w.s, big, "clear", "()", "#RETURN None");
                assert_reply(&w.s, to, cases[i].method, args, "#RETURN None");
        }
}

/* It is never known that the replies with the proxies have arrived. */
static void proxies_on_their_way_count_as_memory(void **state)
{
        unsigned n = 0;

        (void)state;
        WORLD(w, 4096);
        uint64_t held = engine_session_create(&w.s, "('list',)");
        uint64_t l = engine_session_create(&w.s, with("('list', [proxy(%llu)])", held));

        while (strncmp(engine_session_call(&w.s, l, "__getitem__", "(0,)"), "#RETURN", 7) == 0)
                assert_in_range(++n, 1, 4096 / 8);
        assert_reply(&w.s, l, "__getitem__", "(0,)", "#ERROR MemoryError('out of memory')");
        assert_reply(&w.s, l, "__len__", "()", "#RETURN 1");

        caller_replies_written(w.s.caller);
        for (unsigned i = 0; i < n; ++i)
                assert_begins(engine_session_call(&w.s, l, "__getitem__", "(0,)"), "#RETURN ");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(name_that_goes_on_behind_a_zero_is_no_method),
                cmocka_unit_test(error_text_cuts_no_character_of_a_name_through),
                cmocka_unit_test(empty_keywords_may_be_written_at_length),
                cmocka_unit_test(result_fits_with_its_number_or_is_too_large),
                cmocka_unit_test(error_is_no_larger_than_a_result_may_be),
                cmocka_unit_test(name_of_a_session_is_cut_to_what_people_read),
                cmocka_unit_test(proxy_that_cannot_be_received_is_not_removed),
                cmocka_unit_test(proxy_received_with_a_failure_is_given_back),
                cmocka_unit_test(open_that_fails_leaves_no_name),
                cmocka_unit_test(proxies_on_their_way_count_as_memory),
                cmocka_unit_test(memory_of_what_was_cleared_is_there_at_once),
                cmocka_unit_test(memory_of_an_object_that_was_dropped_is_there_at_once),
                cmocka_unit_test(memory_of_what_was_cleared_is_there_for_a_copy),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
