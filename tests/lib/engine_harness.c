/*
 * engine_harness - the whole engine with sessions and processes, without sockets
 */
#include "tests/lib/engine_harness.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "managerd/engine/state.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/value.h"
#include "tests/lib/type_harness.h"

static void on_ready(void *data, struct caller *caller)
{
        struct engine_session *s = caller_data(caller);

        (void)data;
        ++s->n_ready;
}

static void on_shutdown(void *data)
{
        (void)data;
}

struct engine *engine_harness_new(size_t max_memory, size_t max_reply)
{
        struct engine_options options = {
                .epoch = 1,
                .hash_key = "0123456789abcde",
                .max_memory = max_memory,
                .max_reply = max_reply,
                .max_frame = 1 << 20,
                .max_depth = SCAN_DEFAULT_DEPTH,
                .address = "nowhere",
                .ready = on_ready,
                .shutdown = on_shutdown,
        };
        struct engine *engine;
        int r = engine_new(&engine, &options);

        assert(r == 0);
        (void)r;
        return engine;
}

void engine_session_begin(struct engine_session *s, struct engine *engine, uint64_t process)
{
        struct process_info info = { .number = process, .pid = (int64_t)process };
        int r;

        *s = (struct engine_session){ .engine = engine, .replies = BUFFER_NULL };
        scanner_init(&s->scanner, SCAN_DEFAULT_DEPTH + 2);
        r = engine_begin_session(engine, &info, &s->replies, s, &s->caller);
        assert(r == 0);
        (void)r;
}

static void session_end(struct engine_session *s, uint64_t now)
{
        engine_end_session(s->engine, s->caller, now);
        buffer_deinit(&s->replies);
        scanner_deinit(&s->scanner);
        free(s->text);
}

void engine_session_end(struct engine_session *s)
{
        session_end(s, s->engine->now);
}

void engine_session_end_at(struct engine_session *s, double now)
{
        session_end(s, (uint64_t)(now * 1e9));
}

void engine_session_send(struct engine_session *s, uint64_t ident, const char *method,
                         const char *args, int number, double now)
{
        char options[32];

        snprintf(options, sizeof(options), "{'i': %d}", number);
        engine_session_send_with(s, ident, method, args, number < 0 ? NULL : options, now);
}

void engine_session_send_with(struct engine_session *s, uint64_t ident, const char *method,
                              const char *args, const char *options, double now)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct request request;
        int r;

        pack_array(&out, options ? 5 : 4);
        if (ident)
                pack_uint(&out, ident);
        else
                pack_nil(&out);
        pack_cstr(&out, method);
        harness_pack(&out, args);
        pack_map(&out, 0);
        if (options)
                harness_pack(&out, options);
        r = request_decode(&request, &s->scanner, buffer_span(&out));
        if (r < 0)
                engine_refuse(s->caller, &request, r, s->scanner.why);
        else
                engine_request(s->engine, s->caller, &request, (uint64_t)(now * 1e9));
}

static const char *const kinds[] = { "#RETURN", "#ERROR", "#TRACEBACK", "#PROXY",
                                     "#UNSERIALIZABLE" };

/* " i=7 fence=3": what a reply says besides its value, its number first. */
static void append_options(struct buffer *text, const struct reply *reply)
{
        struct value_iter iter;
        struct span key, value;
        char number[32];
        size_t n;

        if (!reply->numbered)
                return;
        snprintf(number, sizeof(number), " i=%ju", (uintmax_t)reply->number);
        buffer_append_span(text, span_of_cstr(number));
        value_iter_init(&iter, reply->options, &n);
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value)) {
                if (value_get_str(key, &key) && span_equal(key, SPAN_LITERAL("i")))
                        continue;
                buffer_append_byte(text, ' ');
                buffer_append_span(text, key);
                buffer_append_byte(text, '=');
                value_repr(value, text);
        }
}

const char *engine_session_take(struct engine_session *s)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        struct span payload;
        struct reply reply;
        size_t taken;
        int r;

        free(s->text);
        s->text = NULL;
        if (frame_next(buffer_span(&s->replies), FRAME_MAX, &payload, &taken) != 1)
                return "";
        r = reply_decode(&reply, &s->scanner, payload);
        assert(r == 0);
        (void)r;
        buffer_append_span(&text, span_of_cstr(kinds[reply.kind]));
        buffer_append_byte(&text, ' ');
        value_repr(reply.value, &text);
        append_options(&text, &reply);
        buffer_append_byte(&text, 0);
        s->text = strdup((const char *)text.data);
        buffer_consume(&s->replies, taken);
        return s->text;
}

const char *engine_session_call(struct engine_session *s, uint64_t ident, const char *method,
                                const char *args)
{
        engine_session_send(s, ident, method, args, -1, 0);
        return engine_session_take(s);
}

void engine_session_hello(struct engine_session *s, char token)
{
        char args[128], bytes[17];
        const char *text;

        memset(bytes, token, 16);
        bytes[16] = '\0';
        snprintf(args, sizeof(args), "({'version': 1, 'token': b'%s', 'own': 'session'},)", bytes);
        text = engine_session_call(s, 0, "hello", args);
        assert(strncmp(text, "#RETURN {'version': 1,", 22) == 0);
        (void)text;
}

uint64_t engine_session_create(struct engine_session *s, const char *args)
{
        const char *text = engine_session_call(s, 0, "create", args);

        assert(strncmp(text, "#RETURN [", 9) == 0);
        return strtoull(text + 9, NULL, 10);
}

uint64_t engine_session_count(struct engine_session *s, const char *figure)
{
        char key[64];
        const char *text, *at;

        while (engine_reap(s->engine))
                ;
        text = engine_session_call(s, 0, "stats", "()");
        snprintf(key, sizeof(key), "'%s': ", figure);
        at = strstr(text, key);
        assert(at);
        return strtoull(at + strlen(key), NULL, 10);
}
