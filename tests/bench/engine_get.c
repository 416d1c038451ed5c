/*
 * engine_get - what a get and a set cost inside the engine
 *
 * From the frame as it stands in the read buffer to the reply as it will be
 * sent: framing, scanning, resolving, binding, running, packing; no I/O. CPU
 * time of this thread, so that other processes do not count.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "managerd/engine/engine.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/value.h"

#define N_KEYS   1000
#define N_CALLS  2000000
#define N_ROUNDS 9

struct session {
        struct engine *engine;
        struct caller *caller;
        struct buffer replies;
        struct scanner scanner;
};

static void on_ready(void *data, struct caller *caller)
{
        (void)data;
        (void)caller;
}

static void on_shutdown(void *data)
{
        (void)data;
}

static double cpu_seconds(void)
{
        struct timespec now;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One turn's worth: whole frames in, replies appended. */
static void session_apply(struct session *s, struct span bytes)
{
        struct request request;
        struct span payload;
        size_t taken;
        int r;

        while (frame_next(bytes, FRAME_MAX, &payload, &taken) == 1) {
                r = request_decode(&request, &s->scanner, payload);
                assert(r == 0);
                (void)r;
                engine_request(s->engine, s->caller, &request, 1);
                bytes = span_of(bytes.data + taken, bytes.size - taken);
        }
}

static void append_call(struct buffer *out, uint64_t ident, const char *method, const char *key,
                        const char *value)
{
        struct request_head head = { .ident = ident, .method = span_of_cstr(method) };
        size_t begin = frame_begin(out);

        request_begin(out, &head);
        pack_array(out, value ? 2 : 1);
        pack_cstr(out, key);
        if (value)
                pack_cstr(out, value);
        request_end(out, &head);
        frame_end(out, begin);
}

static uint64_t create_dict(struct session *s)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct value_iter iter;
        struct reply reply;
        struct span payload, ident;
        uint64_t number = 0;
        size_t n;

        append_call(&out, MESSAGE_IDENT_NONE, "create", "dict", NULL);
        session_apply(s, buffer_span(&out));
        frame_next(buffer_span(&s->replies), FRAME_MAX, &payload, &n);
        if (reply_decode(&reply, &s->scanner, payload) == 0 &&
            value_iter_init(&iter, reply.value, &n) && value_iter_next(&iter, &ident))
                value_get_uint64(ident, &number);
        assert(number != 0);
        buffer_truncate(&s->replies, 0);
        return number;
}

static void fill(struct buffer *calls, uint64_t ident, bool set)
{
        char key[16];

        for (unsigned i = 0; i < N_KEYS; ++i) {
                snprintf(key, sizeof(key), "key:%06u", (i * 7919) % N_KEYS);
                append_call(calls, ident, set ? "__setitem__" : "__getitem__", key,
                            set ? "0123456789abcdef" : NULL);
        }
}

static double measure(struct session *s, struct span calls)
{
        double begin = cpu_seconds();

        for (unsigned done = 0; done < N_CALLS; done += N_KEYS) {
                session_apply(s, calls);
                buffer_truncate(&s->replies, 0);
        }
        return (cpu_seconds() - begin) / N_CALLS * 1e9;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static void report(struct session *s, const char *what, struct span calls)
{
        double rounds[N_ROUNDS];

        for (unsigned i = 0; i < N_ROUNDS; ++i)
                rounds[i] = measure(s, calls);
        qsort(rounds, N_ROUNDS, sizeof(rounds[0]), by_value);
        printf("%-22s %6.0f ns of CPU a call (median of %d; %.0f to %.0f)\n", what,
               rounds[N_ROUNDS / 2], N_ROUNDS, rounds[0], rounds[N_ROUNDS - 1]);
}

int main(void)
{
        struct engine_options options = {
                .epoch = 1,
                .max_memory = SIZE_MAX,
                .max_reply = 1 << 20,
                .max_frame = 1 << 20,
                .max_depth = SCAN_DEFAULT_DEPTH,
                .address = "",
                .ready = on_ready,
                .shutdown = on_shutdown,
        };
        struct process_info process = { .number = 1, .pid = 1 };
        struct session s = { .replies = BUFFER_NULL };
        struct buffer gets = BUFFER_NULL, sets = BUFFER_NULL;
        uint64_t ident;

        scanner_init(&s.scanner, SCAN_DEFAULT_DEPTH);
        if (engine_new(&s.engine, &options) < 0 ||
            engine_begin_session(s.engine, &process, &s.replies, NULL, &s.caller) < 0)
                return 1;
        ident = create_dict(&s);
        fill(&sets, ident, true);
        fill(&gets, ident, false);
        session_apply(&s, buffer_span(&sets));

        report(&s, "engine: dict get", buffer_span(&gets));
        report(&s, "engine: dict set", buffer_span(&sets));

        buffer_deinit(&gets);
        buffer_deinit(&sets);
        engine_end_session(s.engine, s.caller, 0);
        engine_end_process(s.engine, 1, 0);
        engine_free(s.engine);
        buffer_deinit(&s.replies);
        scanner_deinit(&s.scanner);
        return 0;
}
