/*
 * test_reply - replies
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
        struct reply reply;
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

static int decode_reply(struct decoded *decoded, const char *hex)
{
        buffer_truncate(&decoded->payload, 0);
        bytes_append_hex(&decoded->payload, hex);
        return reply_decode(&decoded->reply, &decoded->scanner, copy_payload(decoded));
}

static void assert_hex(struct span bytes, const char *hex)
{
        _buffer_cleanup_ struct buffer expected = BUFFER_NULL;

        bytes_append_hex(&expected, hex);
        assert_int_equal(bytes.size, expected.size);
        assert_memory_equal(bytes.data, expected.data, expected.size);
}

static const struct {
        enum reply_kind kind;
        const char *hex;
} kinds[] = {
        { REPLY_RETURN, "a7 2352455455524e" },
        { REPLY_ERROR, "a6 234552524f52" },
        { REPLY_TRACEBACK, "aa 23545241434542 41434b" },
        { REPLY_PROXY, "a6 2350524f5859" },
        { REPLY_UNSERIALIZABLE, "af 23554e53455249414c495a41424c45" },
};

static void reply_bytes_are_as_the_protocol_says(void **state)
{
        struct decoded *d = *state;
        char hex[128];

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
                buffer_truncate(&d->payload, 0);
                reply_begin(&d->payload, kinds[i].kind, false);
                pack_int(&d->payload, 18);
                reply_end(&d->payload, false, 0, 0);
                snprintf(hex, sizeof(hex), "92 %s 12", kinds[i].hex);
                assert_hex(buffer_span(&d->payload), hex);

                buffer_truncate(&d->payload, 0);
                reply_begin(&d->payload, kinds[i].kind, true);
                pack_int(&d->payload, 18);
                reply_end(&d->payload, true, 7, 0);
                snprintf(hex, sizeof(hex), "93 %s 12 81 a1 69 07", kinds[i].hex);
                assert_hex(buffer_span(&d->payload), hex);
        }
}

static void reply_leaves_room_for_more_options(void **state)
{
        struct decoded *d = *state;

        reply_begin(&d->payload, REPLY_RETURN, true);
        pack_nil(&d->payload);
        reply_end(&d->payload, true, 7, 2);
        pack_cstr(&d->payload, "died");
        pack_int(&d->payload, 4711);
        pack_cstr(&d->payload, "more");
        pack_bool(&d->payload, true);
        assert_int_equal(reply_decode(&d->reply, &d->scanner, copy_payload(d)), 0);
        assert_true(d->reply.numbered);
        assert_true(d->reply.number == 7);
        assert_hex(d->reply.options, "83 a1 69 07 a4 64696564 cd 1267 a4 6d6f7265 c3");

        buffer_truncate(&d->payload, 0);
        reply_begin(&d->payload, REPLY_RETURN, true);
        pack_nil(&d->payload);
        reply_end(&d->payload, false, 0, 1);
        pack_cstr(&d->payload, "more");
        pack_bool(&d->payload, true);
        assert_int_equal(reply_decode(&d->reply, &d->scanner, copy_payload(d)), 0);
        assert_false(d->reply.numbered);
}

static void reply_is_taken_apart(void **state)
{
        struct decoded *d = *state;
        char hex[128];

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
                snprintf(hex, sizeof(hex), "92 %s 92 01 02", kinds[i].hex);
                assert_int_equal(decode_reply(d, hex), 0);
                assert_int_equal(d->reply.kind, kinds[i].kind);
                assert_hex(d->reply.value, "92 01 02");
                assert_false(d->reply.numbered);
                assert_true(span_is_absent(d->reply.options));

                snprintf(hex, sizeof(hex), "93 %s c0 81 a1 69 cd 0102", kinds[i].hex);
                assert_int_equal(decode_reply(d, hex), 0);
                assert_hex(d->reply.value, "c0");
                assert_true(d->reply.numbered);
                assert_true(d->reply.number == 0x102);
                assert_hex(d->reply.options, "81 a1 69 cd 0102");
        }
}

static void malformed_replies_are_refused(void **state)
{
        static const char *const cases[] = {
                "",
                "c0",
                "91 a7 2352455455524e",
                "92 a7 2352455455524e",
                "92 a7 2352455455524f c0",
                "92 a6 52455455524e c0",
                "92 a8 2352455455524e4e c0",
                "92 c4 07 2352455455524e c0",
                "92 05 c0",
                "92 a7 2352455455524e c0 c0",
                "92 a7 2352455455524e 92 01",
                "93 a7 2352455455524e c0",
                "93 a7 2352455455524e c0 90",
                "93 a7 2352455455524e c0 81 a1 69 a1 35",
                "93 a7 2352455455524e c0 81 a1 69 05 00",
                "94 a7 2352455455524e c0 80 80",
        };
        struct decoded *d = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                d->scanner.why = NULL;
                assert_int_equal(decode_reply(d, cases[i]), -STATUS_BAD_REQUEST);
                assert_non_null(d->scanner.why);
        }
}

/* Flipping any bit of a reply gives another reply or a refusal, never a fault. */
static void flipped_bits_are_survived(void **state)
{
        static const char whole[] = "93 a7 2352455455524e 93 c7 05 02 93 a1 64 c0 05 82 c0 01 "
                                    "a1 78 c4 01 00 cb 3ff0000000000000 82 a1 69 cd 0102 "
                                    "a4 64696564 07";
        struct decoded *d = *state;
        unsigned n_accepted = 0;

        assert_int_equal(decode_reply(d, whole), 0);
        for (size_t i = 0; i < d->payload.size * 8; ++i) {
                d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
                n_accepted += reply_decode(&d->reply, &d->scanner, copy_payload(d)) == 0;
                d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
        }
        assert_in_range(n_accepted, 1, d->payload.size * 8 - 1);
}

static void reply_cut_anywhere_is_refused(void **state)
{
        struct decoded *d = *state;
        size_t n;

        assert_int_equal(decode_reply(d, "93 a7 2352455455524e 92 a1 61 05 "
                                         "82 a1 69 07 a1 6a cd 0102"),
                         0);
        n = d->payload.size;
        while (n-- > 0) {
                buffer_truncate(&d->payload, n);
                assert_int_equal(reply_decode(&d->reply, &d->scanner, copy_payload(d)),
                                 -STATUS_BAD_REQUEST);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(reply_bytes_are_as_the_protocol_says),
                TEST(reply_leaves_room_for_more_options),
                TEST(reply_is_taken_apart),
                TEST(malformed_replies_are_refused),
                TEST(flipped_bits_are_survived),
                TEST(reply_cut_anywhere_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
