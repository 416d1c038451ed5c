/*
 * auth - the handshake, as bytes in and bytes out
 *
 * Each side proves that it knows the key by answering the other's challenge.
 * The server asks first, so what differs between the roles is the order of the
 * steps, what a challenge must look like to be answered, and who asks what.
 */
#include "proto/auth.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/status.h"

#define CHALLENGE     "#CHALLENGE#"
#define WELCOME       "#WELCOME#"
#define FAILURE       "#FAILURE#"
#define DIGEST_NAME   "{sha256}"
#define OUR_CHALLENGE "mgrd1"

_Static_assert(AUTH_DIGEST_SIZE == crypto_auth_hmacsha256_BYTES, "HMAC-SHA256");

enum auth_step {
        STEP_START,           /* auth_start() comes first */
        STEP_AWAIT_CHALLENGE, /* the other side asks */
        STEP_AWAIT_ANSWER,    /* we have asked */
        STEP_AWAIT_WELCOME,   /* we have answered */
        STEP_DONE,
        STEP_FAILED,
};

int auth_identity_self(struct auth_identity *out)
{
        struct stat pid_ns, user_ns;

        if (stat("/proc/self/ns/pid", &pid_ns) < 0 || stat("/proc/self/ns/user", &user_ns) < 0)
                return -STATUS_SYSTEM;
        *out = (struct auth_identity){
                .pid = getpid(),
                .uid = geteuid(),
                .pid_ns = pid_ns.st_ino,
                .user_ns = user_ns.st_ino,
        };
        return 0;
}

void auth_digest(const struct auth_key *key, struct span message, uint8_t digest[AUTH_DIGEST_SIZE])
{
        struct span bytes = auth_key_bytes(key);
        crypto_auth_hmacsha256_state state;

        crypto_auth_hmacsha256_init(&state, bytes.data, bytes.size);
        crypto_auth_hmacsha256_update(&state, message.data, message.size);
        crypto_auth_hmacsha256_final(&state, digest);
        sodium_memzero(&state, sizeof(state));
}

/* Takes a literal prefix off the text, if it is there. */
static bool text_take(struct span *text, struct span prefix)
{
        if (text->size < prefix.size || memcmp(text->data, prefix.data, prefix.size))
                return false;
        *text = span_of(text->data + prefix.size, text->size - prefix.size);
        return true;
}

/* Takes a decimal number of at most `max` off, as printf writes it: no sign, no leading zero. */
static bool text_take_number(struct span *text, uint64_t max, uint64_t *number)
{
        size_t n = 0;

        *number = 0;
        for (; n < text->size && text->data[n] >= '0' && text->data[n] <= '9'; ++n) {
                uint64_t digit = text->data[n] - '0';

                if (*number > (max - digit) / 10 || (n == 1 && text->data[0] == '0'))
                        return false;
                *number = *number * 10 + digit;
        }
        *text = span_of(text->data + n, text->size - n);
        return n > 0;
}

/* Fails for good; what is in `out` may still be sent. */
static enum auth_result auth_fail(struct auth *auth, const char *why)
{
        auth->step = STEP_FAILED;
        auth->why = why;
        return AUTH_FAILED;
}

static enum auth_result auth_advance(struct auth *auth, enum auth_step step, struct buffer *out)
{
        if (out->failed) {
                buffer_truncate(out, 0);
                return auth_fail(auth, "out of memory");
        }
        auth->step = step;
        return step == STEP_DONE ? AUTH_DONE : AUTH_CONTINUE;
}

/* Makes our challenge anew and appends it. */
static void auth_challenge(struct auth *auth, struct buffer *out)
{
        const struct auth_identity *identity = &auth->identity;
        int n = snprintf((char *)auth->challenge, sizeof(auth->challenge) - AUTH_NONCE_SIZE,
                         DIGEST_NAME OUR_CHALLENGE " role=%c pid=%" PRIu64 " uid=%" PRIu64
                                                   " ns=%" PRIu64 ":%" PRIu64 " nonce=",
                         auth->role == AUTH_SERVER ? 'S' : 'C', (uint64_t)identity->pid,
                         (uint64_t)identity->uid, identity->pid_ns, identity->user_ns);

        randombytes_buf(auth->challenge + n, AUTH_NONCE_SIZE);
        auth->n_challenge = (size_t)n + AUTH_NONCE_SIZE;
        buffer_append_span(out, SPAN_LITERAL(CHALLENGE));
        buffer_append(out, auth->challenge, auth->n_challenge);
}

static void auth_answer(const struct auth *auth, struct span message, struct buffer *out)
{
        uint8_t digest[AUTH_DIGEST_SIZE];

        auth_digest(auth->key, message, digest);
        buffer_append_span(out, SPAN_LITERAL(DIGEST_NAME));
        buffer_append(out, digest, sizeof(digest));
}

static bool auth_answer_is_right(const struct auth *auth, struct span answer)
{
        uint8_t digest[AUTH_DIGEST_SIZE];

        if (!text_take(&answer, SPAN_LITERAL(DIGEST_NAME)) || answer.size != AUTH_DIGEST_SIZE)
                return false;
        auth_digest(auth->key, span_of(auth->challenge, auth->n_challenge), digest);
        return sodium_memcmp(answer.data, digest, sizeof(digest)) == 0;
}

/*
 * What a client may sign: NULL, or why not. The numbers are compared where they
 * are numbers of our own namespaces, for elsewhere we have others.
 */
static const char *auth_why_not_for_client(const struct auth *auth, struct span message)
{
        const struct auth_identity *self = &auth->identity;
        uint64_t pid, uid, pid_ns, user_ns;

        if (!text_take(&message, SPAN_LITERAL(DIGEST_NAME)))
                return "challenge is not one for SHA-256";
        if (!text_take(&message, SPAN_LITERAL(OUR_CHALLENGE " role=S pid=")))
                return "challenge is not one of a managerd: reflected?";
        if (!text_take_number(&message, INT32_MAX, &pid) ||
            !text_take(&message, SPAN_LITERAL(" uid=")) ||
            !text_take_number(&message, UINT32_MAX, &uid) ||
            !text_take(&message, SPAN_LITERAL(" ns=")) ||
            !text_take_number(&message, UINT64_MAX, &pid_ns) ||
            !text_take(&message, SPAN_LITERAL(":")) ||
            !text_take_number(&message, UINT64_MAX, &user_ns) ||
            !text_take(&message, SPAN_LITERAL(" nonce=")) || message.size != AUTH_NONCE_SIZE)
                return "challenge is malformed";
        if ((pid_ns == self->pid_ns && pid != (uint64_t)self->pid) ||
            (user_ns == self->user_ns && uid != self->uid))
                return "challenge was made for another process: relayed?";
        return NULL;
}

/*
 * What a server may sign. Stock Python's challenge is random, so all there is to
 * refuse is what a server wrote: this one's own words, or those of another one.
 */
static const char *auth_why_not_for_server(struct span message)
{
        static const char role[] = "role=S";

        if (!text_take(&message, SPAN_LITERAL(DIGEST_NAME)))
                return "challenge is not one for SHA-256";
        for (size_t i = 0; i + sizeof(role) - 1 <= message.size; ++i)
                if (memcmp(message.data + i, role, sizeof(role) - 1) == 0)
                        return "challenge was written by a server: reflected?";
        return NULL;
}

static enum auth_result auth_feed_challenge(struct auth *auth, struct span payload,
                                            struct buffer *out)
{
        struct span message = payload;
        const char *why;

        if (!text_take(&message, SPAN_LITERAL(CHALLENGE)))
                return auth_fail(auth, "a challenge was expected");
        why = auth->role == AUTH_CLIENT ? auth_why_not_for_client(auth, message)
                                        : auth_why_not_for_server(message);
        if (why)
                return auth_fail(auth, why);
        auth_answer(auth, message, out);
        return auth_advance(auth, STEP_AWAIT_WELCOME, out);
}

/* The client has been welcomed before it asks, and is done; the server's turn to answer comes. */
static enum auth_result auth_feed_answer(struct auth *auth, struct span payload, struct buffer *out)
{
        if (!auth_answer_is_right(auth, payload)) {
                buffer_append_span(out, SPAN_LITERAL(FAILURE));
                return auth_fail(auth, "answer to our challenge is wrong");
        }
        buffer_append_span(out, SPAN_LITERAL(WELCOME));
        return auth_advance(auth, auth->role == AUTH_SERVER ? STEP_AWAIT_CHALLENGE : STEP_DONE,
                            out);
}

static enum auth_result auth_feed_welcome(struct auth *auth, struct span payload,
                                          struct buffer *out)
{
        if (span_equal(payload, SPAN_LITERAL(FAILURE)))
                return auth_fail(auth, "the other side refused our key");
        if (!span_equal(payload, SPAN_LITERAL(WELCOME)))
                return auth_fail(auth, "a welcome was expected");
        if (auth->role == AUTH_SERVER)
                return auth_advance(auth, STEP_DONE, out);
        auth_challenge(auth, out);
        return auth_advance(auth, STEP_AWAIT_ANSWER, out);
}

void auth_init(struct auth *auth, enum auth_role role, const struct auth_key *key,
               const struct auth_identity *identity)
{
        *auth = (struct auth){
                .role = role,
                .step = STEP_START,
                .key = key,
                .identity = *identity,
        };
}

enum auth_result auth_start(struct auth *auth, struct buffer *out)
{
        buffer_truncate(out, 0);
        if (auth->step != STEP_START || sodium_init() < 0)
                return auth_fail(auth, "cannot start");
        if (auth->role == AUTH_CLIENT)
                return auth_advance(auth, STEP_AWAIT_CHALLENGE, out);
        auth_challenge(auth, out);
        return auth_advance(auth, STEP_AWAIT_ANSWER, out);
}

enum auth_result auth_feed(struct auth *auth, struct span payload, struct buffer *out)
{
        buffer_truncate(out, 0);
        if (auth->step == STEP_FAILED)
                return AUTH_FAILED;
        if (payload.size == 0)
                return auth_fail(auth, "empty frame");
        if (payload.size > AUTH_MAX_FRAME)
                return auth_fail(auth, "frame is too long");

        switch ((enum auth_step)auth->step) {
        case STEP_AWAIT_CHALLENGE:
                return auth_feed_challenge(auth, payload, out);
        case STEP_AWAIT_ANSWER:
                return auth_feed_answer(auth, payload, out);
        case STEP_AWAIT_WELCOME:
                return auth_feed_welcome(auth, payload, out);
        case STEP_START:
        case STEP_DONE:
        case STEP_FAILED:
                break;
        }
        return auth_fail(auth, "frame at the wrong time");
}
