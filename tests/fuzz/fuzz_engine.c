/*
 * fuzz_engine - the whole engine, with three sessions of two processes
 *
 * An input is a series of inputs to the engine: calls of every method and every
 * server-level call, bytes that may be none, sessions and processes that end and
 * begin, time, steps of cleaning up. After each the state is counted a second
 * time, every request has had its one reply or waits, and a call that failed has
 * changed nothing. At the end nothing may be left.
 */
#include "managerd/engine/builtin.h"
#include "managerd/engine/state.h"
#include "managerd/types/types.h"
#include "proto/frame.h"
#include "proto/pack.h"
#include "proto/value.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/maker.h"
#include "tests/lib/engine_check.h"

#define N_SESSIONS  3
#define MAX_INPUTS  96
#define MAX_WAITING 64
#define SECOND      (UINT64_C(1000) * 1000 * 1000)

struct session {
        struct caller *caller;
        unsigned process; /* which of the two */
        struct buffer replies;
        bool ready;                    /* the engine said that replies wait */
        uint64_t waiting[MAX_WAITING]; /* numbers of calls without a reply */
        unsigned n_waiting;
        bool plain_waits;
        struct buffer last; /* the last result */
};

struct world {
        struct engine *engine;
        struct input input;
        struct scanner in, out;
        struct session sessions[N_SESSIONS];
        uint64_t process_numbers[2], n_processes;
        bool pidless;
        bool stops; /* in order, before everybody goes */
        size_t max_reply;
        uint64_t now;
        struct buffer request, before, after;
        enum reply_kind last_kind; /* of the last reply */
        bool replied;              /* the request being applied has had its reply */
};

static void on_ready(void *data, struct caller *caller)
{
        struct session *session = caller_data(caller);

        (void)data;
        session->ready = true;
}

static void on_shutdown(void *data)
{
        (void)data;
}

/* --- sessions */

static void session_begin(struct world *w, struct session *session)
{
        struct process_info info = {
                .number = w->process_numbers[session->process],
                .pid = (int64_t)w->process_numbers[session->process],
        };

        session->n_waiting = 0;
        session->plain_waits = session->ready = false;
        buffer_truncate(&session->replies, 0);
        buffer_truncate(&session->last, 0);
        /* where memory is short there is none: the server refuses the client then */
        if (engine_begin_session(w->engine, &info, &session->replies, session, &session->caller) <
            0)
                session->caller = NULL;
}

static void session_end(struct world *w, struct session *session)
{
        if (session->caller)
                engine_end_session(w->engine, session->caller, w->now);
        session->caller = NULL;
}

/* A new process is another number, but for those that nobody knows by one. */
static void process_begin(struct world *w, unsigned process)
{
        w->process_numbers[process] = w->pidless && process ? 0 : ++w->n_processes;
}

static void process_end(struct world *w, unsigned process)
{
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                if (w->sessions[i].process == process)
                        session_end(w, &w->sessions[i]);
        if (w->process_numbers[process])
                engine_end_process(w->engine, w->process_numbers[process], w->now);
        process_begin(w, process);
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                if (w->sessions[i].process == process)
                        session_begin(w, &w->sessions[i]);
}

/* --- replies */

static void take_number(struct session *session, uint64_t number)
{
        for (unsigned i = 0; i < session->n_waiting; ++i)
                if (session->waiting[i] == number) {
                        session->waiting[i] = session->waiting[--session->n_waiting];
                        return;
                }
        fuzz_check(!"a reply to a number that nobody used");
}

static void check_value(const struct reply *reply)
{
        enum value_kind kind = value_kind(reply->value);

        switch (reply->kind) {
        case REPLY_ERROR:
                fuzz_check(kind == VALUE_EXCEPTION);
                return;
        case REPLY_TRACEBACK:
                fuzz_check(kind == VALUE_STR);
                return;
        case REPLY_PROXY:
                fuzz_check(kind == VALUE_LIST);
                return;
        case REPLY_RETURN:
        case REPLY_UNSERIALIZABLE:
                break;
        }
}

static void take_replies(struct world *w, struct session *session, bool asked)
{
        struct span left = buffer_span(&session->replies), payload;
        size_t n_parked = 0, taken;

        if (!session->caller)
                return;
        fuzz_check(!session->replies.failed && session->replies.limit == SIZE_MAX);
        fuzz_check(!left.size || asked || session->ready);
        session->ready = false;
        while (left.size) {
                struct reply reply;

                fuzz_check(frame_next(left, FRAME_MAX, &payload, &taken) == 1);
                fuzz_check(payload.size <= w->max_reply);
                fuzz_check(reply_decode(&reply, &w->out, payload) == 0);
                check_value(&reply);
                w->last_kind = reply.kind;
                if (reply.numbered) {
                        take_number(session, reply.number);
                } else {
                        fuzz_check(session->plain_waits);
                        session->plain_waits = false;
                }
                if (reply.kind == REPLY_RETURN) {
                        buffer_truncate(&session->last, 0);
                        pack_packed(&session->last, reply.value);
                }
                left = span_of(left.data + taken, left.size - taken);
        }
        buffer_truncate(&session->replies, 0);
        list_for_each(node, &session->caller->waiters)
                ++n_parked;
        fuzz_check(n_parked == session->n_waiting + session->plain_waits);
        fuzz_check(caller_is_parked(session->caller) == session->plain_waits);
}

/* --- requests */

static struct object *target_of(struct world *w, const struct request *request)
{
        struct object *object = store_find(&w->engine->store, request->ident);

        /* what a walk has passed is its own business */
        return object && object->type->mapping ? object : NULL;
}

static void value_of(struct object *object, struct buffer *out)
{
        buffer_truncate(out, 0);
        if (object && object->type->value)
                fuzz_check(object->type->value(object, out) == 0);
        else if (object)
                fuzz_check(object->type->str(object, out) == 0);
}

/* As the server does: what is no request is refused, and no plain one passes another. */
static void apply(struct world *w, struct session *session, struct span payload)
{
        uint8_t *copy = malloc(payload.size ? payload.size : 1);
        struct object *target = NULL;
        struct request request;
        unsigned n_waiting;
        int r;

        if (!session->caller) {
                free(copy);
                return;
        }
        fuzz_check(copy);
        if (payload.size)
                memcpy(copy, payload.data, payload.size);
        r = request_decode(&request, &w->in, span_of(copy, payload.size));
        if ((session->plain_waits && !request.numbered) || session->n_waiting == MAX_WAITING) {
                free(copy);
                return;
        }
        if (request.numbered)
                session->waiting[session->n_waiting++] = request.number;
        else
                session->plain_waits = true;
        n_waiting = session->n_waiting;
        if (r == 0) {
                target = target_of(w, &request);
                value_of(target, &w->before);
                engine_request(w->engine, session->caller, &request, w->now);
        } else {
                engine_refuse(session->caller, &request, r, w->in.why);
        }
        free(copy);
        take_replies(w, session, true);
        w->replied = request.numbered ? session->n_waiting < n_waiting : !session->plain_waits;
        if (!w->replied || !target || target->dead || w->last_kind == REPLY_RETURN ||
            w->last_kind == REPLY_PROXY)
                return;
        value_of(target, &w->after);
        fuzz_check(span_equal(buffer_span(&w->before), buffer_span(&w->after)));
}

static struct span next_word(const char **words)
{
        const char *begin = *words;
        size_t n = strcspn(begin, " ");

        *words = begin + n + (begin[n] == ' ');
        return span_of(begin, n);
}

/* Arguments for the parameters of a signature, as many as it takes or not. */
static void pack_arguments(struct maker *maker, struct buffer *out, const char *params,
                           unsigned n_required, unsigned n_params)
{
        uint8_t choice = input_byte(maker->input);
        unsigned n = n_required;

        if (n_params > n_required)
                n += choice % (n_params - n_required + 1);
        if (choice >= 0xf8)
                n = choice & 7;
        pack_array(out, n);
        while (n--)
                maker_pack_for(maker, next_word(&params), out);
}

static void pack_kwds(struct maker *maker, struct buffer *out, const char *params)
{
        uint8_t choice = input_byte(maker->input);
        unsigned n = choice < 0xc0 ? 0 : 1 + (choice & 1);
        struct span word;

        pack_map(out, n);
        while (n--) {
                word = next_word(&params);
                if (choice & 2)
                        word = next_word(&params);
                if (choice & 4 || !word.size)
                        word = span_of_cstr(maker_word(maker));
                pack_str(out, word);
                maker_pack_for(maker, word, out);
        }
}

static const struct type *type_for_constructor(uint8_t choice)
{
        return types_all[choice % n_types];
}

/* create() and open() take what the type's constructor does. */
static void pack_create(struct maker *maker, struct buffer *out, bool named)
{
        const struct type *type = type_for_constructor(input_byte(maker->input));
        unsigned n = input_below(maker->input, 4) & 1 ? type->n_params : type->n_required;
        const char *params = type->params;

        pack_cstr(out, named ? "open" : "create");
        pack_array(out, 1u + named + n);
        pack_cstr(out, type->name);
        if (named)
                pack_cstr(out, maker_word(maker));
        while (n--)
                maker_pack_for(maker, next_word(&params), out);
        pack_kwds(maker, out, type->params);
}

static void pack_builtin(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        const struct builtin *builtin = &builtins[choice % n_builtins];

        pack_nil(out);
        if (choice >= 0xa0) {
                pack_create(maker, out, choice & 1);
                return;
        }
        pack_cstr(out, builtin->signature.name);
        pack_arguments(maker, out, builtin->signature.params, builtin->signature.n_required,
                       builtin->signature.n_params);
        pack_kwds(maker, out, builtin->signature.params);
}

static void pack_method(struct world *w, struct maker *maker, struct buffer *out)
{
        static const char *const fallbacks[] = { "#GETVALUE", "__str__", "__repr__", "get2" };
        uint64_t ident = maker_ident(maker);
        uint8_t choice = input_byte(maker->input);
        struct object *object = store_find(&w->engine->store, ident);
        const struct type *type = object ? object->type : type_for_constructor(choice);
        const struct method *method = &type->methods[choice % type->n_methods];

        if (ident)
                pack_uint(out, ident);
        else
                pack_nil(out);
        if (choice >= 0xfa) {
                pack_cstr(out, fallbacks[choice & 3]);
                pack_array(out, 0);
                pack_map(out, 0);
                return;
        }
        pack_cstr(out, method->name);
        if (method->flags & METHOD_VARIADIC)
                pack_arguments(maker, out, "others others others", method->n_required,
                               method->n_params + 3u);
        else
                pack_arguments(maker, out, method->params, method->n_required, method->n_params);
        pack_kwds(maker, out, method->params);
}

/* A number from few, now and then of one of two tasks or of any, who does nothing else or may. */
static void pack_options(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        bool alone = choice & 0x10, task = choice & 0x20;

        pack_map(out, 1u + alone + task);
        pack_cstr(out, "i");
        pack_uint(out, choice & 15);
        if (alone) {
                pack_cstr(out, "alone");
                pack_bool(out, choice < 0xf0);
        }
        if (task) {
                pack_cstr(out, "task");
                if (choice < 0xe0)
                        pack_bool(out, choice & 0x40);
                else
                        maker_pack(maker, out);
        }
}

static void request(struct world *w, struct session *session, uint8_t what)
{
        struct maker maker = {
                .input = &w->input,
                .next_ident = w->engine->store.next_ident,
                .last = session->last.size ? buffer_span(&session->last) : SPAN_ABSENT,
        };
        bool numbered = what & 0x40 || session->plain_waits;
        struct buffer *out = &w->request;

        buffer_truncate(out, 0);
        pack_array(out, numbered ? 5 : 4);
        if (what & 0x80)
                pack_builtin(&maker, out);
        else
                pack_method(w, &maker, out);
        if (numbered)
                pack_options(&maker, out);
        if (!out->failed)
                apply(w, session, buffer_span(out));
}

static void pass_time(struct world *w)
{
        uint8_t choice = input_byte(&w->input);
        uint64_t next = engine_next_deadline(w->engine);

        if (choice & 1 && next != UINT64_MAX)
                w->now = next > w->now ? next : w->now;
        else
                w->now += choice * (SECOND / 4);
        engine_expire(w->engine, w->now);
        next = engine_next_deadline(w->engine);
        fuzz_check(next > w->now);
}

static void step(struct world *w)
{
        uint8_t what = input_byte(&w->input);
        struct session *session = &w->sessions[(what >> 4) % N_SESSIONS];

        switch (what & 15) {
        case 10:
                apply(w, session, input_take(&w->input, input_byte(&w->input)));
                return;
        case 11:
                session_end(w, session);
                session_begin(w, session);
                return;
        case 12:
                process_end(w, session->process);
                return;
        case 13:
                pass_time(w);
                return;
        case 14:
                engine_reap(w->engine);
                return;
        case 15:
                if (session->caller)
                        caller_replies_written(session->caller);
                return;
        default:
                request(w, session, (uint8_t)(what << 4 | (what & 0xf)));
        }
}

/* --- the beginning and the end */

static bool world_init(struct world *w)
{
        static const size_t memory[] = { 65536, 65536, 65536, 16384, 4096, 2048, 1024, 600 };
        uint8_t choice = input_byte(&w->input);
        struct engine_options options = {
                .epoch = 1,
                .hash_key = "0123456789abcde",
                .max_memory = memory[choice & 7],
                .max_reply = choice & 8 ? 1024 : 65536,
                .max_frame = 1 << 20,
                .max_depth = SCAN_DEFAULT_DEPTH,
                .address = "nowhere",
                .ready = on_ready,
                .shutdown = on_shutdown,
        };

        w->max_reply = options.max_reply;
        w->pidless = choice & 16;
        w->stops = choice & 32;
        w->now = SECOND;
        if (engine_new(&w->engine, &options) < 0)
                return false;
        process_begin(w, 0);
        process_begin(w, 1);
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                w->sessions[i] = (struct session){
                        .process = i / 2,
                        .replies = BUFFER_NULL,
                        .last = BUFFER_NULL,
                };
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                session_begin(w, &w->sessions[i]);
        return true;
}

/* Before the end in order: all who wait are answered. */
static void stop_waiting(struct world *w)
{
        engine_stop_waiting(w->engine, w->now);
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                if (w->sessions[i].caller)
                        take_replies(w, &w->sessions[i], false);
        fuzz_check(w->engine->n_parked == 0);
        engine_assert_sound(w->engine);
}

/* Everybody goes: cycles are found, and nothing is left. */
static void world_end(struct world *w)
{
        struct store *store = &w->engine->store;
        struct table_entry *entry;

        if (w->stops)
                stop_waiting(w);
        for (unsigned i = 0; i < N_SESSIONS; ++i)
                session_end(w, &w->sessions[i]);
        for (unsigned i = 0; i < 2; ++i)
                if (w->process_numbers[i])
                        engine_end_process(w->engine, w->process_numbers[i], w->now);
        fuzz_check(w->engine->n_parked == 0 && w->engine->n_callers == 0);
        while ((entry = table_first(&w->engine->registry.names))) {
                buffer_truncate(&w->request, 0);
                buffer_append_span(&w->request, table_entry_key(entry));
                registry_remove_name(&w->engine->registry, buffer_span(&w->request));
        }
        engine_expire(w->engine, w->now + 2 * TICKET_LIFETIME_NS);
        engine_assert_sound(w->engine);
        /* those that no pid is known of keep their references */
        for (unsigned i = 0; i < 1000 && !w->pidless && store->n_objects; ++i) {
                engine_expire(w->engine, w->now + 3 * TICKET_LIFETIME_NS);
                while (engine_reap(w->engine))
                        ;
        }
        fuzz_check(w->pidless || store->n_objects == 0);
        engine_free(w->engine); /* asserts that all memory was refunded */
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct world
                w; /* scanners and buffers are kept: nothing is left in them but memory */
        static bool made;

        if (!made) {
                scanner_init(&w.in, SCAN_DEFAULT_DEPTH + MESSAGE_DEPTH);
                scanner_init(&w.out, SCAN_MAX_DEPTH);
                memset(w.in.hash_key, 1, sizeof(w.in.hash_key));
                memset(w.out.hash_key, 1, sizeof(w.out.hash_key));
                w.request = w.before = w.after = BUFFER_NULL;
                made = true;
        }
        w.input = input_of(data, size);
        w.n_processes = 0;
        if (!world_init(&w))
                return 0;
        for (unsigned n = 0; n < MAX_INPUTS && w.input.n_left; ++n) {
                step(&w);
                for (unsigned i = 0; i < N_SESSIONS; ++i)
                        take_replies(&w, &w.sessions[i], false);
                engine_assert_sound(w.engine);
        }
        world_end(&w);
        for (unsigned i = 0; i < N_SESSIONS; ++i) {
                buffer_deinit(&w.sessions[i].replies);
                buffer_deinit(&w.sessions[i].last);
        }
        return 0;
}
