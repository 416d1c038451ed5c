/*
 * fuzz_auth - the handshake, in both roles, against whatever says anything
 *
 * A script read from the input moves payloads between a server, a client and a
 * stranger who does not know the key but hears everything: he delivers what was
 * said, twice, late, to somebody else, changed, or words of his own. Nobody may
 * be convinced but by answers that the other side really gave to this very challenge.
 */
#include <sodium.h>

#include "proto/auth.h"
#include "tests/fuzz/fuzz.h"

#define N_PARTIES 4
#define N_HEARD   64

static struct auth_key *key, *other_key;

/* The same nonces each time, so that an input says what happens; all different. */
static uint64_t n_drawn;

static const char *draw_name(void)
{
        return "counter";
}

static void draw(void *const to, const size_t n)
{
        crypto_stream_chacha20_ietf(
                to, n, (const uint8_t[12]){ (uint8_t)n_drawn, (uint8_t)(n_drawn >> 8) },
                (const uint8_t[32]){ 1 });
        ++n_drawn;
}

static uint32_t draw_number(void)
{
        uint32_t number;

        draw(&number, sizeof(number));
        return number;
}

static struct randombytes_implementation counter = {
        .implementation_name = draw_name,
        .random = draw_number,
        .buf = draw,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        fuzz_check(randombytes_set_implementation(&counter) == 0);
        fuzz_check(sodium_init() >= 0);
        fuzz_check(auth_key_new(&key, SPAN_LITERAL("supadupasecretkey")) == 0);
        fuzz_check(auth_key_new(&other_key, SPAN_LITERAL("supadupasecretkez")) == 0);
        return 0;
}

/* A payload that somebody said, or that the stranger made. */
struct heard {
        uint8_t bytes[AUTH_MAX_FRAME + 1];
        size_t size;
};

struct party {
        struct auth auth;
        enum auth_result result;
        bool knows_key;
        bool was_answered; /* a party that knows the key has answered its challenge */
        struct buffer out;
};

struct world {
        struct party parties[N_PARTIES];
        struct heard heard[N_HEARD];
        unsigned n_heard;
};

/*
 * What a party with the key signed just now: whoever asked that has been answered. Only the other
 * role may sign it, and a client only what was made for it.
 */
static void note_answer(struct world *w, struct party *who, struct span challenge)
{
        if (!who->knows_key)
                return;
        challenge = span_of(challenge.data + 11, challenge.size - 11);
        for (unsigned i = 0; i < N_PARTIES; ++i) {
                struct party *p = &w->parties[i];
                const struct auth_identity *a = &p->auth.identity, *b = &who->auth.identity;

                if (!p->auth.n_challenge ||
                    !span_equal(challenge, span_of(p->auth.challenge, p->auth.n_challenge)))
                        continue;
                fuzz_check(p->auth.role != who->auth.role);
                if (who->auth.role == AUTH_CLIENT && a->pid_ns == b->pid_ns)
                        fuzz_check(a->pid == b->pid);
                p->was_answered = true;
        }
}

static void hear(struct world *w, struct span said)
{
        struct heard *heard = &w->heard[w->n_heard++ % N_HEARD];

        fuzz_check(said.size <= AUTH_MAX_FRAME);
        heard->size = said.size;
        if (said.size)
                memcpy(heard->bytes, said.data, said.size);
}

static void party_said(struct world *w, struct party *p, enum auth_result result)
{
        p->result = result;
        if (p->out.size)
                hear(w, buffer_span(&p->out));
        if (result == AUTH_FAILED)
                fuzz_check(p->auth.why);
        /* the other side knows the key, and has answered what was asked here */
        if (result == AUTH_DONE && p->knows_key)
                fuzz_check(p->was_answered);
}

static void deliver(struct world *w, struct party *p, struct span payload)
{
        bool was_over = p->result != AUTH_CONTINUE;
        enum auth_result before = p->result, result;
        uint8_t *copy = malloc(payload.size ? payload.size : 1);

        fuzz_check(copy);
        if (payload.size)
                memcpy(copy, payload.data, payload.size);
        result = auth_feed(&p->auth, span_of(copy, payload.size), &p->out);
        if (was_over)
                fuzz_check(result == AUTH_FAILED && p->out.size == 0);
        if (before == AUTH_DONE)
                p->result = AUTH_FAILED;
        else if (!was_over) {
                if (p->out.size == 8 + AUTH_DIGEST_SIZE) /* of what it is fed only challenges */
                        note_answer(w, p, span_of(copy, payload.size));
                party_said(w, p, result);
        }
        free(copy);
}

static void party_init(struct world *w, struct party *p, struct input *input)
{
        uint8_t what = input_byte(input);
        struct auth_identity identity = {
                .pid = what & 4 ? 4712 : 4711,
                .uid = 1000,
                .pid_ns = what & 8 ? 7 : 4026531836u,
                .user_ns = 4026531837u,
        };

        *p = (struct party){ .knows_key = (what & 0x30) != 0x30, .out = BUFFER_NULL };
        auth_init(&p->auth, what & 1 ? AUTH_CLIENT : AUTH_SERVER, p->knows_key ? key : other_key,
                  &identity);
        party_said(w, p, auth_start(&p->auth, &p->out));
}

/* Bytes changed, dropped or added. */
static void change(struct heard *heard, struct input *input)
{
        unsigned how = input_byte(input), at = input_byte(input);
        uint8_t byte = input_byte(input);

        switch (how % 4) {
        case 0:
                heard->size = at < heard->size ? at : heard->size;
                return;
        case 1:
                if (heard->size < sizeof(heard->bytes))
                        heard->bytes[heard->size++] = byte;
                return;
        default:
                if (heard->size)
                        heard->bytes[at % heard->size] ^= byte;
        }
}

/* The stranger's own words: a well-formed beginning, and what he likes. */
static void invent(struct heard *heard, struct input *input)
{
        static const char *const words[] = {
                "",
                "#WELCOME#",
                "#FAILURE#",
                "#CHALLENGE#",
                "#CHALLENGE#{sha256}",
                "{sha256}",
                "#CHALLENGE#{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "#CHALLENGE#{sha256}mgrd1 role=C pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "#CHALLENGE#{sha256}mgrd1 role=S pid=",
                "#CHALLENGE#{md5}",
                "{md5}",
        };
        const char *word = words[input_below(input, sizeof(words) / sizeof(words[0]))];
        struct span rest;

        heard->size = strlen(word);
        memcpy(heard->bytes, word, heard->size);
        rest = input_take(input, input_below(input, 64));
        if (rest.size)
                memcpy(heard->bytes + heard->size, rest.data, rest.size);
        heard->size += rest.size;
}

static void step(struct world *w, struct input *input)
{
        uint8_t what = input_byte(input);
        struct party *to = &w->parties[what & 3];
        struct heard heard = { .size = 0 };

        if ((what & 0xf0) == 0xf0) {
                buffer_deinit(&to->out);
                party_init(w, to, input);
                return;
        }
        if ((what & 0xc0) == 0xc0)
                invent(&heard, input);
        else if (w->n_heard)
                heard = w->heard[(w->n_heard - 1 - (what >> 2 & 7)) % N_HEARD];
        if ((what & 0xe0) == 0x80)
                change(&heard, input);
        deliver(w, to, span_of(heard.bytes, heard.size));
}

/* What nobody disturbs must succeed, or fail for a reason that is there. */
static void undisturbed(void)
{
        struct auth_identity identity = { .pid = 4711, .uid = 1000, .pid_ns = 1, .user_ns = 2 };
        struct buffer to_client = BUFFER_NULL, to_server = BUFFER_NULL;
        struct auth server, client;

        auth_init(&server, AUTH_SERVER, key, &identity);
        auth_init(&client, AUTH_CLIENT, key, &identity);
        fuzz_check(auth_start(&server, &to_client) == AUTH_CONTINUE);
        fuzz_check(auth_start(&client, &to_server) == AUTH_CONTINUE);
        fuzz_check(auth_feed(&client, buffer_span(&to_client), &to_server) == AUTH_CONTINUE);
        fuzz_check(auth_feed(&server, buffer_span(&to_server), &to_client) == AUTH_CONTINUE);
        fuzz_check(auth_feed(&client, buffer_span(&to_client), &to_server) == AUTH_CONTINUE);
        fuzz_check(auth_feed(&server, buffer_span(&to_server), &to_client) == AUTH_CONTINUE);
        fuzz_check(auth_feed(&client, buffer_span(&to_client), &to_server) == AUTH_DONE);
        fuzz_check(auth_feed(&server, buffer_span(&to_server), &to_client) == AUTH_DONE);
        buffer_deinit(&to_client);
        buffer_deinit(&to_server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = input_of(data, size);
        static struct world w;

        n_drawn = 0;
        w.n_heard = 0;
        for (unsigned i = 0; i < N_PARTIES; ++i)
                w.parties[i].auth.n_challenge = 0;
        for (unsigned i = 0; i < N_PARTIES; ++i)
                party_init(&w, &w.parties[i], &input);
        if (size % 16 == 0)
                undisturbed();
        for (unsigned n = 0; n < 64 && input.n_left; ++n)
                step(&w, &input);
        for (unsigned i = 0; i < N_PARTIES; ++i)
                buffer_deinit(&w.parties[i].out);
        return 0;
}
