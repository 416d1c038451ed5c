/*
 * test_auth - the handshake as it should go, byte by byte
 *
 * What should not go has test_auth_hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "tests/lib/auth_pair.h"

static void digest_agrees_with_python(void **state)
{
        static const char *const hex[] = {
                "0ed2bf5258efb96604b831848a9212d31f7468b3fc6fc61af1ebe84f08349e47",
                "8d546a07722430e6e36d9a1e16a2b23c30b7f555678dc9d50321e882a89160fc",
        };
        _auth_key_cleanup_ struct auth_key *key = NULL;
        _buffer_cleanup_ struct buffer expected = BUFFER_NULL, message = BUFFER_NULL;
        uint8_t digest[AUTH_DIGEST_SIZE];

        (void)state;
        assert_int_equal(auth_key_new(&key, SECRET), 0);
        auth_digest(key, SPAN_LITERAL("{sha256}is-twenty-bytes-long"), digest);
        bytes_append_hex(&expected, hex[0]);
        assert_memory_equal(digest, expected.data, sizeof(digest));

        buffer_append_span(&message, SPAN_LITERAL("{sha256}"));
        for (unsigned i = 0; i <= 0x27; ++i)
                buffer_append_byte(&message, (uint8_t)i);
        auth_digest(key, buffer_span(&message), digest);
        buffer_truncate(&expected, 0);
        bytes_append_hex(&expected, hex[1]);
        assert_memory_equal(digest, expected.data, sizeof(digest));
}

static void both_sides_are_done_after_six_frames(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair.from_client.size, 40);
        assert_memory_equal(pair.from_client.data, "{sha256}", 8);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_said(&pair.from_server, SPAN_LITERAL("#WELCOME#"));
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_memory_equal(pair.from_client.data, "#CHALLENGE#{sha256}mgrd1 role=C ", 32);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        assert_int_equal(pair.from_server.size, 40);
        assert_int_equal(pair_to_client(&pair), AUTH_DONE);
        assert_said(&pair.from_client, SPAN_LITERAL("#WELCOME#"));
        assert_int_equal(pair_to_server(&pair), AUTH_DONE);
        assert_int_equal(pair.from_server.size, 0);
        assert_null(pair.server.why);
        assert_null(pair.client.why);
        pair_deinit(&pair);
}

static void challenge_of_the_server_reads_as_the_protocol_says(void **state)
{
        static const char head[] = "#CHALLENGE#{sha256}mgrd1 role=S pid=4711 uid=1000 "
                                   "ns=4026531836:4026531837 nonce=";
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair.from_server.size, sizeof(head) - 1 + 32);
        assert_memory_equal(pair.from_server.data, head, sizeof(head) - 1);
        assert_true(pair.from_server.size <= AUTH_MAX_FRAME);
        pair_deinit(&pair);
}

static void longest_challenge_fits_a_frame(void **state)
{
        const struct auth_identity long_one = {
                .pid = INT32_MAX,
                .uid = UINT32_MAX,
                .pid_ns = UINT64_MAX,
                .user_ns = UINT64_MAX,
        };
        _auth_key_cleanup_ struct auth_key *key = NULL;
        _buffer_cleanup_ struct buffer out = BUFFER_NULL, answer = BUFFER_NULL;
        struct auth server, client;

        (void)state;
        assert_int_equal(auth_key_new(&key, SECRET), 0);
        auth_init(&server, AUTH_SERVER, key, &long_one);
        auth_init(&client, AUTH_CLIENT, key, &long_one);
        assert_int_equal(auth_start(&server, &out), AUTH_CONTINUE);
        assert_int_equal(auth_start(&client, &answer), AUTH_CONTINUE);
        assert_true(out.size <= AUTH_MAX_FRAME);
        assert_int_equal(auth_feed(&client, buffer_span(&out), &answer), AUTH_CONTINUE);
        assert_int_equal(auth_feed(&server, buffer_span(&answer), &out), AUTH_CONTINUE);
}

static void nonces_are_never_the_same(void **state)
{
        struct pair one, two;

        (void)state;
        pair_init(&one);
        pair_init(&two);
        assert_memory_not_equal(one.from_server.data + one.from_server.size - 32,
                                two.from_server.data + two.from_server.size - 32, 32);
        pair_deinit(&one);
        pair_deinit(&two);
}

static void greatest_numbers_are_understood(void **state)
{
        _auth_key_cleanup_ struct auth_key *key = NULL;
        _buffer_cleanup_ struct buffer challenge = BUFFER_NULL, out = BUFFER_NULL;
        const char *why;

        (void)state;
        assert_int_equal(auth_key_new(&key, SECRET), 0);
        write_challenge(&challenge,
                        "{sha256}mgrd1 role=S pid=2147483647 uid=4294967295 "
                        "ns=18446744073709551615:18446744073709551615 nonce=",
                        32);
        assert_int_equal(client_meets(key, &challenge, &why, &out), AUTH_CONTINUE);
}

/* Python's challenge may be as long as a frame. */
static void longest_foreign_challenge_is_answered(void **state)
{
        _buffer_cleanup_ struct buffer challenge = BUFFER_NULL;
        uint8_t digest[AUTH_DIGEST_SIZE];
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair_to_client(&pair), AUTH_CONTINUE);
        assert_int_equal(pair_to_server(&pair), AUTH_CONTINUE);
        write_challenge(&challenge, "{sha256}", AUTH_MAX_FRAME - 19);
        assert_int_equal(challenge.size, AUTH_MAX_FRAME);
        assert_int_equal(auth_feed(&pair.server, buffer_span(&challenge), &pair.from_server),
                         AUTH_CONTINUE);
        auth_digest(pair.key, span_of(challenge.data + 11, challenge.size - 11), digest);
        assert_int_equal(pair.from_server.size, 40);
        assert_memory_equal(pair.from_server.data + 8, digest, 32);
        pair_deinit(&pair);
}

static void frames_after_the_end_fail(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        for (unsigned i = 0; i < 3; ++i) {
                pair_to_client(&pair);
                pair_to_server(&pair);
        }
        assert_int_equal(auth_feed(&pair.server, SPAN_LITERAL("#WELCOME#"), &pair.from_server),
                         AUTH_FAILED);
        assert_int_equal(auth_feed(&pair.client, SPAN_LITERAL("#WELCOME#"), &pair.from_client),
                         AUTH_FAILED);
        pair_deinit(&pair);
}

static void start_can_happen_only_once(void **state)
{
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(auth_start(&pair.server, &pair.from_server), AUTH_FAILED);
        assert_int_equal(pair.from_server.size, 0);
        pair_deinit(&pair);
}

/* No room to answer is no success. */
static void full_buffer_fails(void **state)
{
        _buffer_cleanup_ struct buffer small;
        struct pair pair;

        (void)state;
        pair_init(&pair);
        buffer_init(&small, 39);
        assert_int_equal(auth_feed(&pair.client, buffer_span(&pair.from_server), &small),
                         AUTH_FAILED);
        assert_int_equal(small.size, 0);
        pair_deinit(&pair);
}

/*
 * Golden bytes: a stock Python ≥ 3.12 client, which signs whatever begins with
 * {sha256} and asks with 40 bytes. Our challenge is pinned to make them stay.
 */
static void golden_run_with_a_stock_python_client(void **state)
{
        static const char ours[] = "{sha256}mgrd1 role=S pid=4711 uid=1000 "
                                   "ns=4026531836:4026531837 "
                                   "nonce=0123456789abcdefghijklmnopqrstuv";
        static const char answer_hex[] =
                "7b7368613235367d"
                "2ce0b6fec5b2af4e3f2d93fdcc51a9f560a1cf6e257d732598b3815ee856511e";
        static const char theirs[] = "#CHALLENGE#{sha256}"
                                     "abcdefghijklmnopqrstuvwxyz0123456789ABCD";
        static const char reply_hex[] =
                "7b7368613235367d"
                "b2dc3e8fed7b78fb2c9b7eec5e7b663f1680f68da15af53ec1f44bb6f69afbbb";
        _buffer_cleanup_ struct buffer answer = BUFFER_NULL, reply = BUFFER_NULL;
        struct pair pair;

        (void)state;
        pair_init(&pair);
        assert_int_equal(pair.server.n_challenge, sizeof(ours) - 1);
        memcpy(pair.server.challenge, ours, sizeof(ours) - 1);
        bytes_append_hex(&answer, answer_hex);
        bytes_append_hex(&reply, reply_hex);

        assert_int_equal(auth_feed(&pair.server, buffer_span(&answer), &pair.from_server),
                         AUTH_CONTINUE);
        assert_said(&pair.from_server, SPAN_LITERAL("#WELCOME#"));
        assert_int_equal(auth_feed(&pair.server, SPAN_LITERAL(theirs), &pair.from_server),
                         AUTH_CONTINUE);
        assert_said(&pair.from_server, buffer_span(&reply));
        assert_int_equal(auth_feed(&pair.server, SPAN_LITERAL("#WELCOME#"), &pair.from_server),
                         AUTH_DONE);
        assert_int_equal(pair.from_server.size, 0);
        pair_deinit(&pair);
}

static void identity_of_oneself_is_complete(void **state)
{
        struct auth_identity self;

        (void)state;
        assert_int_equal(auth_identity_self(&self), 0);
        assert_int_equal(self.pid, getpid());
        assert_int_equal(self.uid, geteuid());
        assert_true(self.pid_ns != 0);
        assert_true(self.user_ns != 0);
        assert_true(self.pid_ns != self.user_ns);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(digest_agrees_with_python),
                cmocka_unit_test(both_sides_are_done_after_six_frames),
                cmocka_unit_test(challenge_of_the_server_reads_as_the_protocol_says),
                cmocka_unit_test(longest_challenge_fits_a_frame),
                cmocka_unit_test(nonces_are_never_the_same),
                cmocka_unit_test(greatest_numbers_are_understood),
                cmocka_unit_test(longest_foreign_challenge_is_answered),
                cmocka_unit_test(frames_after_the_end_fail),
                cmocka_unit_test(start_can_happen_only_once),
                cmocka_unit_test(full_buffer_fails),
                cmocka_unit_test(golden_run_with_a_stock_python_client),
                cmocka_unit_test(identity_of_oneself_is_complete),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
