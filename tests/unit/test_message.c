/*
 * test_message - requests
 *
 * Replies have test_reply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "proto/message.h"
#include "proto/pack.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"

/* Decoding from memory that ends where the payload ends. */
struct decoded {
        struct scanner scanner;
        struct buffer payload;
        uint8_t *copy;
        struct request request;
};

static int setup(void **state)
{
        struct decoded *decoded = calloc(1, sizeof(*decoded));

        if (!decoded)
                return -1;
        scanner_init(&decoded->scanner, SCAN_DEFAULT_DEPTH);
        decoded->payload = BUFFER_NULL;
        *state = decoded;
        return 0;
}

static int teardown(void **state)
{
        struct decoded *decoded = *state;

        scanner_deinit(&decoded->scanner);
        buffer_deinit(&decoded->payload);
        free(decoded->copy);
        free(decoded);
        return 0;
}

static struct span copy_payload(struct decoded *decoded)
{
        free(decoded->copy);
        decoded->copy = bytes_copy(buffer_span(&decoded->payload));
        return span_of(decoded->copy, decoded->payload.size);
}

static int decode_request(struct decoded *decoded, const char *hex)
{
        buffer_truncate(&decoded->payload, 0);
        bytes_append_hex(&decoded->payload, hex);
        return request_decode(&decoded->request, &decoded->scanner, copy_payload(decoded));
}

static void assert_hex(struct span bytes, const char *hex)
{
        _buffer_cleanup_ struct buffer expected = BUFFER_NULL;

        bytes_append_hex(&expected, hex);
        assert_int_equal(bytes.size, expected.size);
        assert_memory_equal(bytes.data, expected.data, expected.size);
}

/* [ident, "get", ["a"], {}] and its parts in hex */
#define GET  "a3 676574"
#define ARGS "91 a1 61"

static void request_is_taken_apart(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "94 cf abcdef0000000001 " GET ARGS "80"), 0);
        assert_true(d->request.ident == 0xabcdef0000000001u);
        assert_true(span_equal(d->request.method, SPAN_LITERAL("get")));
        assert_hex(d->request.args, ARGS);
        assert_hex(d->request.kwds, "80");
        assert_false(d->request.numbered);
        assert_true(span_is_absent(d->request.task));
        assert_false(d->request.has_tokens);
}

static void request_ident_may_be_written_in_any_width(void **state)
{
        static const struct {
                const char *hex;
                uint64_t ident;
        } cases[] = {
                { "c0", MESSAGE_IDENT_NONE },
                { "01", 1 },
                { "7f", 127 },
                { "cc ff", 255 },
                { "cd ffff", 65535 },
                { "ce ffffffff", UINT32_MAX },
                { "cf ffffffffffffffff", UINT64_MAX },
                { "cf 0000000000000001", 1 },
                { "d0 05", 5 },
                { "d3 7fffffffffffffff", INT64_MAX },
        };
        struct decoded *d = *state;
        char hex[128];

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                snprintf(hex, sizeof(hex), "94 %s " GET ARGS "80", cases[i].hex);
                assert_int_equal(decode_request(d, hex), 0);
                assert_true(d->request.ident == cases[i].ident);
        }
}

static void request_may_have_a_long_array_head(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "dc 0004 c0 " GET ARGS "80"), 0);
        assert_int_equal(decode_request(d, "dd 00000005 c0 " GET ARGS "80 80"), 0);
        assert_true(span_equal(d->request.method, SPAN_LITERAL("get")));
}

static void request_arguments_may_be_a_tuple(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "94 c0 " GET "c7 03 01 91 a1 61 80"), 0);
        assert_hex(d->request.args, "c7 03 01 91 a1 61");
        assert_int_equal(decode_request(d, "94 c0 " GET "d4 01 90 80"), 0);
        /* a set is no tuple */
        assert_int_equal(decode_request(d, "94 c0 " GET "d4 04 90 80"), -STATUS_BAD_REQUEST);
}

static void request_number_is_found(void **state)
{
        static const struct {
                const char *hex;
                uint64_t number;
        } cases[] = {
                { "00", 0 },
                { "7f", 127 },
                { "cc 80", 128 },
                { "cd 0100", 256 },
                { "ce 00010000", 65536 },
                { "cf ffffffffffffffff", UINT64_MAX },
                { "d0 07", 7 },
                { "d1 0007", 7 },
        };
        struct decoded *d = *state;
        char hex[128];

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                snprintf(hex, sizeof(hex), "95 01 " GET ARGS "80 81 a1 69 %s", cases[i].hex);
                assert_int_equal(decode_request(d, hex), 0);
                assert_true(d->request.numbered);
                assert_true(d->request.number == cases[i].number);

                /* among others, and with a long key */
                snprintf(hex, sizeof(hex), "95 01 " GET ARGS "80 de 0002 01 02 d9 01 69 %s",
                         cases[i].hex);
                assert_int_equal(decode_request(d, hex), 0);
                assert_true(d->request.numbered);
                assert_true(d->request.number == cases[i].number);
        }
}

static void request_without_a_number_forgets_the_last_one(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "95 01 " GET ARGS "80 82 a1 69 05 a4 7461736b 01"), 0);
        assert_true(d->request.numbered);
        assert_false(span_is_absent(d->request.task));
        assert_int_equal(decode_request(d, "94 01 " GET ARGS "80"), 0);
        assert_false(d->request.numbered);
        assert_true(span_is_absent(d->request.task));
}

static void request_task_is_any_hashable_value(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "95 01 " GET ARGS "80 82 a4 7461736b a2 7431 a1 69 09"),
                         0);
        assert_hex(d->request.task, "a2 7431");
        assert_true(d->request.number == 9);
        assert_int_equal(decode_request(d, "95 01 " GET ARGS "80 81 a4 7461736b c7 03 01 92 01 02"),
                         0);
        assert_hex(d->request.task, "c7 03 01 92 01 02");
        assert_false(d->request.numbered);
        assert_int_equal(decode_request(d, "95 01 " GET ARGS "80 81 a4 7461736b 91 01"),
                         -STATUS_BAD_REQUEST);
        assert_string_equal(d->scanner.why, "option task is not hashable");
}

static void request_that_is_refused_has_its_number_if_that_can_be_read(void **state)
{
        static const struct {
                const char *hex;
                bool numbered;
        } cases[] = {
                { "95 00 " GET ARGS "80 81 a1 69 07", true },           /* ident 0 */
                { "95 01 05 90 80 81 a1 69 07", true },                 /* the method is 5 */
                { "95 01 " GET "80 80 81 a1 69 07", true },             /* arguments are a map */
                { "95 01 " GET "90 81 01 02 81 a1 69 07", true },       /* a keyword is 1 */
                { "95 01 " GET "91 a1 ff 80 81 a1 69 07", true },       /* not UTF-8 */
                { "95 01 " GET "91 c7 01 7f 00 80 81 a1 69 07", true }, /* no such extension */
                { "95 01 " GET "90 80 82 a4 7461736b 91 01 a1 69 07", true },
                { "95 01 " GET "90 80 82 a1 69 07 a4 7461736b 91 01", true },
                { "95 01 " GET "90 80 81 a1 69 07 c0", true },           /* something behind it */
                { "95 01 " GET "90 80 81 a1 69 ff", false },             /* the number is -1 */
                { "95 01 " GET "90 80 81 a1 6a 07 c0", false },          /* there is none */
                { "95 01 " GET "90 80 a1 69", false },                   /* options are a str */
                { "95 01 " GET "91 c1 80 81 a1 69 07", false },          /* no msgpack */
                { "95 01 " GET "dd ff ff ff ff 80 81 a1 69 07", false }, /* more than there is */
                { "95 01 " GET "91 c6 ff ff ff ff 80 81 a1 69 07", false },
                { "94 01 " GET "90 01", false },
                { "95", false },
                { "", false },
        };
        struct decoded *d = *state;
        char deep[400] = "95 01 " GET;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_true(decode_request(d, cases[i].hex) < 0);
                if (d->request.numbered != cases[i].numbered)
                        fail_msg("%s", cases[i].hex);
                if (cases[i].numbered)
                        assert_true(d->request.number == 7);
        }
        for (unsigned i = 0; i < 60; ++i)
                strcat(deep, "91 ");
        strcat(deep, "c0 80 81 a1 69 07");
        assert_int_equal(decode_request(d, deep), -STATUS_TOO_LARGE);
        assert_true(d->request.numbered && d->request.number == 7);
}

static void request_options_that_are_unknown_are_ignored(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "95 01 " GET ARGS "80 83 a1 6a 91 01 05 06 c0 80"), 0);
        assert_false(d->request.numbered);
        assert_true(span_is_absent(d->request.task));
}

static void request_tokens_are_noticed_in_arguments_and_keywords(void **state)
{
        struct decoded *d = *state;

#define TOKEN "c7 05 02 93 a1 64 c0 05"
        assert_int_equal(decode_request(d, "94 01 " GET "91 " TOKEN "80"), 0);
        assert_true(d->request.has_tokens);
        assert_int_equal(decode_request(d, "94 01 " GET "90 81 a1 61 91 " TOKEN), 0);
        assert_true(d->request.has_tokens);
        assert_int_equal(decode_request(d, "94 01 " GET ARGS "80"), 0);
        assert_false(d->request.has_tokens);
#undef TOKEN
}

static void request_keywords_are_kept_packed(void **state)
{
        struct decoded *d = *state;

        assert_int_equal(decode_request(d, "94 01 " GET "90 82 a1 61 91 01 a1 62 02"), 0);
        assert_hex(d->request.kwds, "82 a1 61 91 01 a1 62 02");
        assert_int_equal(decode_request(d, "94 01 " GET "90 de 0000"), 0);
        assert_hex(d->request.kwds, "de 0000");
}

static void malformed_requests_are_refused(void **state)
{
        static const struct {
                const char *hex;
                int status;
                const char *why;
        } cases[] = {
                { "", -STATUS_BAD_REQUEST, "message is not an array" },
                { "c0", -STATUS_BAD_REQUEST, "message is not an array" },
                { "84 01 01 02 02 03 03 04 04", -STATUS_BAD_REQUEST, "message is not an array" },
                { "dc 00", -STATUS_BAD_REQUEST, "message is not an array" },
                { "90", -STATUS_BAD_REQUEST, "request is not an array of four or five" },
                { "93 01 " GET ARGS, -STATUS_BAD_REQUEST,
                  "request is not an array of four or five" },
                { "96 01 " GET ARGS "80 80 80", -STATUS_BAD_REQUEST,
                  "request is not an array of four or five" },
                { "dd 10000000", -STATUS_BAD_REQUEST, "request is not an array of four or five" },
                { "94 00 " GET ARGS "80", -STATUS_BAD_REQUEST, "ident is zero" },
                { "94 cf 0000000000000000 " GET ARGS "80", -STATUS_BAD_REQUEST, "ident is zero" },
                { "94 ff " GET ARGS "80", -STATUS_BAD_REQUEST,
                  "ident is not nil or a positive integer" },
                { "94 c2 " GET ARGS "80", -STATUS_BAD_REQUEST,
                  "ident is not nil or a positive integer" },
                { "94 a1 31 " GET ARGS "80", -STATUS_BAD_REQUEST,
                  "ident is not nil or a positive integer" },
                { "94 01 01 " ARGS "80", -STATUS_BAD_REQUEST, "method is not a str" },
                { "94 01 c4 03 676574 " ARGS "80", -STATUS_BAD_REQUEST, "method is not a str" },
                { "94 01 a2 c328 " ARGS "80", -STATUS_UNICODE, "str is not UTF-8" },
                { "94 01 " GET "c0 80", -STATUS_BAD_REQUEST, "arguments are not a list or tuple" },
                { "94 01 " GET "80 80", -STATUS_BAD_REQUEST, "arguments are not a list or tuple" },
                { "94 01 " GET "a1 61 80", -STATUS_BAD_REQUEST,
                  "arguments are not a list or tuple" },
                { "94 01 " GET ARGS "90", -STATUS_BAD_REQUEST, "keywords are not a dict" },
                { "94 01 " GET ARGS "c0", -STATUS_BAD_REQUEST, "keywords are not a dict" },
                { "94 01 " GET ARGS "81 01 02", -STATUS_BAD_REQUEST, "a keyword is not a str" },
                { "94 01 " GET ARGS "82 a1 61 01 c4 01 62 02", -STATUS_BAD_REQUEST,
                  "a keyword is not a str" },
                { "94 01 " GET ARGS "82 a1 61 01 a1 61 02", -STATUS_BAD_REQUEST,
                  "two keys are equal" },
                { "94 01 " GET ARGS "80 80", -STATUS_BAD_REQUEST, "bytes follow the request" },
                { "95 01 " GET ARGS "80", -STATUS_BAD_REQUEST, "value is cut short" },
                { "95 01 " GET ARGS "80 90", -STATUS_BAD_REQUEST, "options are not a dict" },
                { "95 01 " GET ARGS "80 c0", -STATUS_BAD_REQUEST, "options are not a dict" },
                { "95 01 " GET ARGS "80 81 a1 69 c0", -STATUS_BAD_REQUEST,
                  "option i is not an integer of 0 to 2**64-1" },
                { "95 01 " GET ARGS "80 81 a1 69 ff", -STATUS_BAD_REQUEST,
                  "option i is not an integer of 0 to 2**64-1" },
                { "95 01 " GET ARGS "80 81 a1 69 ca 3f800000", -STATUS_BAD_REQUEST,
                  "option i is not an integer of 0 to 2**64-1" },
                { "95 01 " GET ARGS "80 82 a1 69 01 a1 69 02", -STATUS_BAD_REQUEST,
                  "two keys are equal" },
                { "95 01 " GET ARGS "80 81 a1 69 01 00", -STATUS_BAD_REQUEST,
                  "bytes follow the request" },
        };
        struct decoded *d = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_int_equal(decode_request(d, cases[i].hex), cases[i].status);
                assert_string_equal(d->scanner.why, cases[i].why);
        }
}

/* Every prefix, and every prefix with something else behind it. */
static void request_cut_anywhere_is_refused(void **state)
{
        static const char *const whole[] = {
                "94 cf abcdef0000000001 " GET ARGS "80",
                "95 01 ab 5f5f6765746974656d5f5f 91 a3 6b6579 81 a1 78 92 01 02 81 a1 69 cd 0102",
                "95 c0 " GET "c7 03 01 91 a1 61 80 82 a1 69 cf 0000000000000001 a4 7461736b a1 74",
                "dd 00000005 ce 00010000 " GET "90 80 81 a1 69 7f",
        };
        struct decoded *d = *state;

        for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); ++i) {
                size_t n;

                assert_int_equal(decode_request(d, whole[i]), 0);
                n = d->payload.size;
                for (size_t k = 0; k < n; ++k) {
                        struct span all = buffer_span(&d->payload);
                        uint8_t *copy = bytes_copy(span_of(all.data, k));

                        assert_true(request_decode(&d->request, &d->scanner, span_of(copy, k)) < 0);
                        free(copy);
                }
        }
}

/* What is inside the arguments is one level deeper than in a value alone. */
static void request_depth_counts_the_message_itself(void **state)
{
        struct decoded *d = *state;

        for (unsigned depth = 1; depth < 40; ++depth) {
                int expected = 1 + depth <= SCAN_DEFAULT_DEPTH ? 0 : -STATUS_TOO_LARGE;

                buffer_truncate(&d->payload, 0);
                bytes_append_hex(&d->payload, "94 01 " GET);
                for (unsigned i = 1; i < depth; ++i)
                        buffer_append_byte(&d->payload, 0x91);
                bytes_append_hex(&d->payload, "90 80");
                assert_int_equal(request_decode(&d->request, &d->scanner, copy_payload(d)),
                                 expected);
        }
}

static void request_survives_the_round_trip(void **state)
{
        static const struct request_head heads[] = {
                { .ident = 0, .method = { (const uint8_t *)"create", 6 } },
                { .ident = 1, .method = { (const uint8_t *)"get", 3 } },
                { .ident = UINT64_MAX,
                  .method = { (const uint8_t *)"", 0 },
                  .numbered = true,
                  .number = 0 },
                { .ident = 70000,
                  .method = { (const uint8_t *)"acquire", 7 },
                  .numbered = true,
                  .number = UINT64_MAX,
                  .task = { (const uint8_t *)"\xa2t1", 3 } },
                { .ident = 5,
                  .method = { (const uint8_t *)"acquire", 7 },
                  .task = { (const uint8_t *)"\x07", 1 } },
        };
        struct decoded *d = *state;

        for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); ++i) {
                buffer_truncate(&d->payload, 0);
                request_begin(&d->payload, &heads[i]);
                pack_array(&d->payload, 2);
                pack_cstr(&d->payload, "key");
                pack_int(&d->payload, -5);
                request_end(&d->payload, &heads[i]);
                assert_int_equal(d->payload.failed, 0);

                assert_int_equal(request_decode(&d->request, &d->scanner, copy_payload(d)), 0);
                assert_true(d->request.ident == heads[i].ident);
                assert_true(span_equal(d->request.method, heads[i].method));
                assert_hex(d->request.args, "92 a3 6b6579 fb");
                assert_int_equal(d->request.numbered, heads[i].numbered);
                if (heads[i].numbered)
                        assert_true(d->request.number == heads[i].number);
                assert_true(span_equal(d->request.task, heads[i].task));
                assert_int_equal(span_is_absent(d->request.task), span_is_absent(heads[i].task));
        }
}

static void request_bytes_are_as_the_protocol_says(void **state)
{
        struct request_head head = { .ident = 0x2a, .method = SPAN_LITERAL("get") };
        struct decoded *d = *state;

        request_begin(&d->payload, &head);
        pack_array(&d->payload, 1);
        pack_cstr(&d->payload, "a");
        request_end(&d->payload, &head);
        assert_hex(buffer_span(&d->payload), "94 2a " GET ARGS "80");

        head.numbered = true;
        head.number = 300;
        head.ident = MESSAGE_IDENT_NONE;
        buffer_truncate(&d->payload, 0);
        request_begin(&d->payload, &head);
        pack_array(&d->payload, 0);
        request_end(&d->payload, &head);
        assert_hex(buffer_span(&d->payload), "95 c0 " GET "90 80 81 a1 69 cd 012c");
}

/* Flipping any bit of a message gives another message or a refusal, never a fault. */
static void flipped_bits_are_survived(void **state)
{
        static const char whole[] =
                "95 cf abcdef0000000001 a6 757064617465 93 c7 05 02 93 a1 64 c0 05 "
                "c7 04 04 93 01 02 03 82 c0 01 a2 c3bc 02 81 a1 78 92 "
                "c4 01 00 cb 3ff0000000000000 82 a1 69 cd 0102 "
                "a4 7461736b c7 03 01 92 01 02";
        struct decoded *d = *state;
        unsigned n_accepted = 0;

        assert_int_equal(decode_request(d, whole), 0);
        for (size_t i = 0; i < d->payload.size * 8; ++i) {
                d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
                n_accepted += request_decode(&d->request, &d->scanner, copy_payload(d)) == 0;
                d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
        }
        assert_in_range(n_accepted, 1, d->payload.size * 8 - 1);
        assert_int_equal(request_decode(&d->request, &d->scanner, copy_payload(d)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(request_is_taken_apart),
                TEST(request_ident_may_be_written_in_any_width),
                TEST(request_may_have_a_long_array_head),
                TEST(request_arguments_may_be_a_tuple),
                TEST(request_number_is_found),
                TEST(request_without_a_number_forgets_the_last_one),
                TEST(request_task_is_any_hashable_value),
                TEST(request_that_is_refused_has_its_number_if_that_can_be_read),
                TEST(request_options_that_are_unknown_are_ignored),
                TEST(request_tokens_are_noticed_in_arguments_and_keywords),
                TEST(request_keywords_are_kept_packed),
                TEST(malformed_requests_are_refused),
                TEST(request_cut_anywhere_is_refused),
                TEST(request_depth_counts_the_message_itself),
                TEST(request_survives_the_round_trip),
                TEST(request_bytes_are_as_the_protocol_says),
                TEST(flipped_bits_are_survived),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
