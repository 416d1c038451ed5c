/*
 * test_auth_hostile - the handshake against those who do not hold the key
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/auth_pair.h"

static void wrong_key_of_the_client_is_refused_by_the_server(void **state)
{
        _auth_key_cleanup_ struct auth_key *other = NULL;
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(auth_key_new(&other, SPAN_LITERAL("supadupasecretkez")), 0);
        pair.client.key = other;
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_FAILED);
        assert_said(&pair.from_server, SPAN_LITERAL("#FAILURE#"));
        assert_int_equal(pair_to_client(&pair), AUTH_FAILED);
        assert_int_equal(pair.from_client.size, 0);
        assert_string_equal(pair.client.why, "the other side refused our key");

        /* Nothing more is said, whatever comes. */
        buffer_append_span(&pair.from_client, SPAN_LITERAL("#WELCOME#"));
        assert_int_equal(pair_to_server(&pair), AUTH_FAILED);
        assert_int_equal(pair.from_server.size, 0);
        pair_deinit(&pair);
}

static void wrong_key_of_the_server_is_refused_by_the_client(void **state)
{
        _auth_key_cleanup_ struct auth_key *other = NULL;
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(auth_key_generate(&other), 0);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        pair.server.key = other;
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_client(&pair), AUTH_FAILED);
        assert_said(&pair.from_client, SPAN_LITERAL("#FAILURE#"));
        assert_int_equal(pair_to_server(&pair), AUTH_FAILED);
        assert_int_equal(pair.from_server.size, 0);
        pair_deinit(&pair);
}

/* A server that holds no key welcomes anyone, and must then answer. */
static void keyless_server_that_welcomes_at_once_is_refused(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        buffer_truncate(&pair.from_server, 0);
        buffer_append_span(&pair.from_server, SPAN_LITERAL("#WELCOME#"));
        assert_int_equal(pair_to_client(&pair), AUTH_FAILED);
        assert_int_equal(pair.from_client.size, 0);
        pair_deinit(&pair);
}

static void md5_answer_is_refused(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(
                auth_feed(&pair.server, SPAN_LITERAL("0123456789abcdef"), &pair.from_server),
                AUTH_FAILED);
        assert_said(&pair.from_server, SPAN_LITERAL("#FAILURE#"));
        pair_deinit(&pair);

        pair_init(&pair);
        assert_int_equal(
                auth_feed(&pair.server, SPAN_LITERAL("{md5}0123456789abcdef"), &pair.from_server),
                AUTH_FAILED);
        assert_said(&pair.from_server, SPAN_LITERAL("#FAILURE#"));
        pair_deinit(&pair);
}

/* The digest is right, but another name stands before it, or none, or a byte more. */
static void right_digest_in_the_wrong_dress_is_refused(void **state)
{
        static const char *const names[] = { "",         "{md5}",     "{sha256",
                                             "{SHA256}", "{sha256}}", "{sha384}" };
        _buffer_cleanup_ struct buffer answer = BUFFER_NULL;
        uint8_t digest[AUTH_DIGEST_SIZE];
        struct pair pair;

        (void)state;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
                pair_init(&pair);
                auth_digest(pair.key,
                            span_of(pair.from_server.data + 11, pair.from_server.size - 11),
                            digest);
                buffer_truncate(&answer, 0);
                buffer_append_span(&answer, span_of_cstr(names[i]));
                buffer_append(&answer, digest, sizeof(digest));
                assert_int_equal(auth_feed(&pair.server, buffer_span(&answer), &pair.from_server),
                                 AUTH_FAILED);
                pair_deinit(&pair);
        }
        pair_init(&pair);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        buffer_append_byte(&pair.from_client, 0);
        assert_int_equal(pair_to_server(&pair), AUTH_FAILED);
        pair_deinit(&pair);
}

static void server_does_not_sign_what_has_no_digest_name(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        /* what Python 3.11 asks: 20 bytes for MD5 */
        assert_int_equal(auth_feed(&pair.server, SPAN_LITERAL("#CHALLENGE#01234567890123456789"),
                                   &pair.from_server),
                         AUTH_FAILED);
        assert_int_equal(pair.from_server.size, 0);
        pair_deinit(&pair);
}

/* Two connections against a server without the key: each is used to answer the other. */
static void challenge_of_a_client_is_not_answered_by_a_client(void **state)
{
        struct pair pair;
        const char *why;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(client_meets(pair.key, &pair.from_client, &why, &pair.from_server),
                         AUTH_FAILED);
        assert_string_equal(why, "challenge is not one of a managerd: reflected?");
        pair_deinit(&pair);
}

static void challenge_of_a_server_is_not_answered_by_a_server(void **state)
{
        struct pair pair;
        struct auth other;
        struct buffer challenge = BUFFER_NULL;

        (void)state;
        pair_init(&pair);
        auth_init(&other, AUTH_SERVER, pair.key, &worker);
        assert_int_equal(auth_start(&other, &challenge), AUTH_CONTINUE);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_int_equal(auth_feed(&pair.server, buffer_span(&challenge), &pair.from_server),
                         AUTH_FAILED);
        assert_int_equal(pair.from_server.size, 0);
        assert_string_equal(pair.server.why, "challenge was written by a server: reflected?");
        buffer_deinit(&challenge);
        pair_deinit(&pair);
}

static void challenge_for_another_process_is_not_answered(void **state)
{
        static const struct {
                const char *text;
                bool answered;
        } cases[] = {
                { "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=", true },
                { "{sha256}mgrd1 role=S pid=4712 uid=1000 ns=4026531836:4026531837 nonce=", false },
                { "{sha256}mgrd1 role=S pid=471 uid=1000 ns=4026531836:4026531837 nonce=", false },
                { "{sha256}mgrd1 role=S pid=0 uid=1000 ns=4026531836:4026531837 nonce=", false },
                { "{sha256}mgrd1 role=S pid=4711 uid=0 ns=4026531836:4026531837 nonce=", false },
                /* numbers of other namespaces are not ours to compare … */
                { "{sha256}mgrd1 role=S pid=12 uid=65534 ns=4026532000:4026532001 nonce=", true },
                { "{sha256}mgrd1 role=S pid=0 uid=0 ns=1:2 nonce=", true },
                /* … each of its own kind */
                { "{sha256}mgrd1 role=S pid=4711 uid=65534 ns=4026531836:2 nonce=", true },
                { "{sha256}mgrd1 role=S pid=4712 uid=65534 ns=4026531836:2 nonce=", false },
                { "{sha256}mgrd1 role=S pid=0 uid=1000 ns=1:4026531837 nonce=", true },
                { "{sha256}mgrd1 role=S pid=0 uid=1001 ns=1:4026531837 nonce=", false },
        };
        _auth_key_cleanup_ struct auth_key *key = NULL;
        _buffer_cleanup_ struct buffer challenge = BUFFER_NULL, out = BUFFER_NULL;
        const char *why;

        (void)state;
        assert_int_equal(auth_key_new(&key, SECRET), 0);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                write_challenge(&challenge, cases[i].text, 32);
                assert_int_equal(client_meets(key, &challenge, &why, &out),
                                 cases[i].answered ? AUTH_CONTINUE : AUTH_FAILED);
                if (!cases[i].answered)
                        assert_string_equal(why,
                                            "challenge was made for another process: relayed?");
        }
}

static void malformed_challenges_are_not_answered_by_a_client(void **state)
{
        static const char *const texts[] = {
                "",
                "{sha256}",
                "{md5}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd2 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=s pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=C pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1  role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid= uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid=04711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid=+4711 uid=1000 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid=-1 uid=1000 ns=1:2 nonce=",
                "{sha256}mgrd1 role=S pid=2147483648 uid=1000 ns=1:2 nonce=",
                "{sha256}mgrd1 role=S pid=1 uid=4294967296 ns=1:2 nonce=",
                "{sha256}mgrd1 role=S pid=1 uid=1 ns=18446744073709551616:2 nonce=",
                "{sha256}mgrd1 role=S pid=1 uid=1 ns=99999999999999999999:2 nonce=",
                "{sha256}mgrd1 role=S pid=4711 ns=4026531836:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836 nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836: nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=:4026531837 nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 nonce",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837 x=1 nonce=",
                "{sha256}mgrd1 role=S pid=4711 uid=1000 ns=4026531836:4026531837",
        };
        _auth_key_cleanup_ struct auth_key *key = NULL;
        _buffer_cleanup_ struct buffer challenge = BUFFER_NULL, out = BUFFER_NULL;
        const char *why;

        (void)state;
        assert_int_equal(auth_key_new(&key, SECRET), 0);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
                write_challenge(&challenge, texts[i], 32);
                assert_int_equal(client_meets(key, &challenge, &why, &out), AUTH_FAILED);
        }
        for (size_t n = 0; n < 64; ++n) {
                write_challenge(&challenge,
                                "{sha256}mgrd1 role=S pid=4711 uid=1000 "
                                "ns=4026531836:4026531837 nonce=",
                                n);
                assert_int_equal(client_meets(key, &challenge, &why, &out),
                                 n == 32 ? AUTH_CONTINUE : AUTH_FAILED);
        }
}

static void answer_to_another_challenge_is_refused(void **state)
{
        struct pair first, second;

        (void)state;
        pair_init(&first);
        assert_int_equal(pair_to_client(&first), AUTH_CONTINUE);
        pair_init(&second);
        assert_int_equal(
                auth_feed(&second.server, buffer_span(&first.from_client), &second.from_server),
                AUTH_FAILED);
        assert_said(&second.from_server, SPAN_LITERAL("#FAILURE#"));
        pair_deinit(&first);
        pair_deinit(&second);
}

/* The steps of an honest run; `corrupt` changes the frame that is delivered at `step`. */
struct corruption {
        unsigned step;
        size_t offset;
        unsigned bit; /* 0 … 7 flips it, 8 cuts the frame there */
};

#define N_STEPS 6

static enum auth_result run_corrupted(const struct corruption *corruption, size_t *n_frame)
{
        enum auth_result result = AUTH_CONTINUE;
        struct pair pair;

        pair_init(&pair);
        for (unsigned step = 0; step < N_STEPS && result != AUTH_FAILED; ++step) {
                bool to_client = step % 2 == 0;
                struct buffer *said = to_client ? &pair.from_server : &pair.from_client;
                struct buffer *out = to_client ? &pair.from_client : &pair.from_server;
                size_t n = said->size;
                uint8_t *copy;

                if (step == corruption->step) {
                        *n_frame = n;
                        if (corruption->bit < 8)
                                said->data[corruption->offset] ^= (uint8_t)(1u << corruption->bit);
                        else
                                n = corruption->offset;
                }
                copy = bytes_copy(span_of(said->data, n));
                result = auth_feed(to_client ? &pair.client : &pair.server, span_of(copy, n), out);
                free(copy);
        }
        pair_deinit(&pair);
        return result;
}

/*
 * One bit of the nonce of the server's challenge may flip: the client cannot
 * know. What it then signs is another challenge, and its answer is refused.
 */
static void changed_frames_fail_at_every_bit_and_cut(void **state)
{
        struct corruption corruption = { .step = N_STEPS };
        size_t n_frame = 0;

        (void)state;
        assert_int_equal(run_corrupted(&corruption, &n_frame), AUTH_DONE);
        for (unsigned step = 0; step < N_STEPS; ++step) {
                corruption = (struct corruption){ .step = step };
                run_corrupted(&corruption, &n_frame);
                for (size_t offset = 0; offset < n_frame; ++offset) {
                        for (unsigned bit = 0; bit <= 8; ++bit) {
                                size_t n;

                                corruption.offset = offset;
                                corruption.bit = bit;
                                assert_int_equal(run_corrupted(&corruption, &n), AUTH_FAILED);
                        }
                }
        }
}

/* At every step, for both roles. */
static void empty_and_long_frames_fail(void **state)
{
        uint8_t large[AUTH_MAX_FRAME + 1];

        (void)state;
        memset(large, 'x', sizeof(large));
        for (unsigned step = 0; step < N_STEPS; ++step) {
                for (unsigned kind = 0; kind < 3; ++kind) {
                        struct span frame = kind == 0   ? span_of(large, 0)
                                            : kind == 1 ? span_of(large, sizeof(large))
                                                        : span_of(large, AUTH_MAX_FRAME);
                        bool to_client = step % 2 == 0;
                        struct pair pair;

                        pair_init(&pair);
                        for (unsigned i = 0; i < step; ++i) {
                                if (i % 2 == 0)
                                        assert_int_not_equal(pair_to_client(&pair), AUTH_FAILED);
                                else
                                        assert_int_not_equal(pair_to_server(&pair), AUTH_FAILED);
                        }
                        assert_int_equal(
                                auth_feed(to_client ? &pair.client : &pair.server, frame,
                                          to_client ? &pair.from_client : &pair.from_server),
                                AUTH_FAILED);
                        if (kind != 2)
                                assert_int_equal(
                                        (to_client ? pair.from_client : pair.from_server).size, 0);
                        pair_deinit(&pair);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wrong_key_of_the_client_is_refused_by_the_server),
                cmocka_unit_test(wrong_key_of_the_server_is_refused_by_the_client),
                cmocka_unit_test(keyless_server_that_welcomes_at_once_is_refused),
                cmocka_unit_test(md5_answer_is_refused),
                cmocka_unit_test(right_digest_in_the_wrong_dress_is_refused),
                cmocka_unit_test(server_does_not_sign_what_has_no_digest_name),
                cmocka_unit_test(challenge_of_a_client_is_not_answered_by_a_client),
                cmocka_unit_test(challenge_of_a_server_is_not_answered_by_a_server),
                cmocka_unit_test(challenge_for_another_process_is_not_answered),
                cmocka_unit_test(malformed_challenges_are_not_answered_by_a_client),
                cmocka_unit_test(answer_to_another_challenge_is_refused),
                cmocka_unit_test(changed_frames_fail_at_every_bit_and_cut),
                cmocka_unit_test(empty_and_long_frames_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
