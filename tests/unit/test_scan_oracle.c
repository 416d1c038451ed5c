/*
 * test_scan_oracle - scan against msgpack-c, on random and damaged bytes
 *
 * What scan accepts, msgpack-c must accept with the same size. Of what msgpack-c
 * accepts, scan must accept exactly what its own rules allow, which are written
 * a second time, slowly, over msgpack-c's tree (scan_oracle.h): depth, UTF-8, keys. Of
 * extensions msgpack-c knows nothing, so values that hold one are compared in
 * the first direction only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <msgpack/unpack.h>

#include "proto/scan.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"
#include "tests/lib/scan_oracle.h"

#define N_ROUNDS  150000
#define MAX_DEPTH 6

/* --- random values, written in any width there is */

static void write_number(struct buffer *out, uint8_t head, uint64_t number, unsigned n)
{
        buffer_append_byte(out, head);
        while (n--)
                buffer_append_byte(out, (uint8_t)(number >> 8 * n));
}

/* A head with a length: the short form where it can and chance wills, else a longer one. */
static void write_head(struct bytes_random *random, struct buffer *out, uint8_t fix,
                       uint32_t fix_max, const uint8_t long_heads[3], uint32_t n)
{
        unsigned width = bytes_random_below(random, 4);

        if (n <= fix_max && width == 0)
                buffer_append_byte(out, (uint8_t)(fix | n));
        else if (long_heads[0] && width <= 1)
                write_number(out, long_heads[0], n, 1);
        else
                write_number(out, long_heads[width == 3 ? 2 : 1], n, width == 3 ? 4 : 2);
}

static void write_text(struct bytes_random *random, struct buffer *out)
{
        static const char *const pieces[] = {
                "a",
                "b",
                "key",
                "\xc3\xbc",
                "\xe2\x82\xac",
                "\xf0\x9f\x98\x80",
                "\xed\xa0\x80",
                "0123456789",
                "\xc3",
                "\x80",
        };
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        unsigned n = bytes_random_below(random, 5);

        /* now and then one of the last two, which are none */
        while (n--)
                buffer_append_span(&text,
                                   span_of_cstr(pieces[bytes_random_below(
                                           random, bytes_random_below(random, 50) ? 8 : 10)]));
        write_head(random, out, 0xa0, 31, (const uint8_t[]){ 0xd9, 0xda, 0xdb },
                   (uint32_t)text.size);
        buffer_append_span(out, buffer_span(&text));
}

static void write_scalar(struct bytes_random *random, struct buffer *out)
{
        static const double reals[] = { 0.0, -0.0, 1.0, 2.5, 0x1p64, NAN, INFINITY };
        uint64_t number = bytes_random_below(random, 3) ? bytes_random_below(random, 6)
                                                        : bytes_random_next(random);
        double real = reals[bytes_random_below(random, 7)];
        float narrow = (float)real;
        uint32_t bits32;
        uint64_t bits64;

        memcpy(&bits32, &narrow, 4);
        memcpy(&bits64, &real, 8);
        switch (bytes_random_below(random, 10)) {
        case 0:
                buffer_append_byte(out, 0xc0);
                break;
        case 1:
                buffer_append_byte(out, (uint8_t)(0xc2 + number % 2));
                break;
        case 2:
                buffer_append_byte(
                        out, (uint8_t)(number % 160 < 128 ? number % 160 : 128 - number % 160));
                break;
        case 3:
        case 4:
                write_number(out, (uint8_t)(0xcc + number % 4), number >> 2, 1u << number % 4);
                break;
        case 5:
                write_number(out, (uint8_t)(0xd0 + number % 4), number >> 2, 1u << number % 4);
                break;
        case 6:
                write_number(out, 0xca, bits32, 4);
                break;
        case 7:
                write_number(out, 0xcb, bits64, 8);
                break;
        case 8:
                write_head(random, out, 0, 0, (const uint8_t[]){ 0xc4, 0xc5, 0xc6 }, 3);
                buffer_append(out, "a\xff", 3);
                break;
        default:
                write_text(random, out);
        }
}

static void write_value(struct bytes_random *random, struct buffer *out, unsigned depth);

/* An extension of any type that may or may not hold what it should. */
static void write_extension(struct bytes_random *random, struct buffer *out, unsigned depth)
{
        _buffer_cleanup_ struct buffer payload = BUFFER_NULL;
        uint8_t type = (uint8_t)bytes_random_below(random, 12);
        unsigned n = type == 6 || type == 2 ? 3 : type == 3 ? 2 : bytes_random_below(random, 4);

        if (type != 7)
                buffer_append_byte(&payload, (uint8_t)(0x90 | n));
        for (unsigned i = 0; type != 7 && i < n; ++i)
                write_value(random, &payload, depth + 1);
        if (payload.size == 1 || payload.size == 2 || payload.size == 4 || payload.size == 8) {
                buffer_append_byte(out, (uint8_t)(0xd4 + (payload.size > 1) + (payload.size > 2) +
                                                  (payload.size > 4)));
        } else {
                buffer_append_byte(out, 0xc8);
                buffer_append_byte(out, (uint8_t)(payload.size >> 8));
                buffer_append_byte(out, (uint8_t)payload.size);
        }
        buffer_append_byte(out, type);
        buffer_append_span(out, buffer_span(&payload));
}

static void write_value(struct bytes_random *random, struct buffer *out, unsigned depth)
{
        uint32_t n = bytes_random_below(random, bytes_random_below(random, 20) ? 4 : 24);

        switch (depth < MAX_DEPTH ? bytes_random_below(random, 8) : 7) {
        case 0:
        case 1:
                write_head(random, out, 0x90, 15, (const uint8_t[]){ 0, 0xdc, 0xdd }, n);
                while (n--)
                        write_value(random, out, depth + 1);
                break;
        case 2:
        case 3:
                write_head(random, out, 0x80, 15, (const uint8_t[]){ 0, 0xde, 0xdf }, n);
                while (n--) {
                        if (bytes_random_below(random, 20))
                                write_scalar(random, out);
                        else
                                write_value(random, out, depth + 1);
                        write_value(random, out, depth + 1);
                }
                break;
        case 4:
                if (bytes_random_below(random, 3) == 0) {
                        write_extension(random, out, depth);
                        break;
                }
                write_scalar(random, out);
                break;
        default:
                write_scalar(random, out);
        }
}

/* Changes, inserts, removes or cuts. */
static void damage(struct bytes_random *random, struct buffer *bytes)
{
        static const uint8_t heads[] = { 0xc1, 0xc7, 0xd4, 0x90, 0x91, 0x80, 0x81, 0xdc, 0xdd,
                                         0xde, 0xdf, 0xa1, 0xd9, 0xdb, 0xc4, 0x00, 0xff, 0xcb };
        uint32_t at;

        if (bytes->size == 0)
                return;
        at = bytes_random_below(random, (uint32_t)bytes->size);
        switch (bytes_random_below(random, 5)) {
        case 0:
                bytes->data[at] ^= (uint8_t)(1u << bytes_random_below(random, 8));
                break;
        case 1:
                bytes->data[at] = (uint8_t)bytes_random_next(random);
                break;
        case 2:
                bytes->data[at] = heads[bytes_random_below(random, sizeof(heads))];
                break;
        case 3:
                memmove(bytes->data + at, bytes->data + at + 1, bytes->size - at - 1);
                --bytes->size;
                break;
        default:
                buffer_truncate(bytes, at);
        }
}

/* --- the comparison */

struct tally {
        unsigned n_accepted, n_refused, n_plain_refused, n_extensions;
};

static void compare(struct scanner *scanner, struct span bytes, struct tally *tally)
{
        uint8_t *copy = bytes_copy(bytes);
        msgpack_unpacked unpacked;
        msgpack_unpack_return result;
        size_t size = 0, offset = 0;
        bool accepted, oracle;

        accepted = scan_value(scanner, span_of(copy, bytes.size), &size) == 0;
        ++*(accepted ? &tally->n_accepted : &tally->n_refused);
        if (!accepted && !oracle_claims_little(bytes)) {
                free(copy);
                return;
        }
        msgpack_unpacked_init(&unpacked);
        result = msgpack_unpack_next(&unpacked, (const char *)copy, bytes.size, &offset);
        oracle = result == MSGPACK_UNPACK_SUCCESS || result == MSGPACK_UNPACK_EXTRA_BYTES;
        if (accepted) {
                assert_true(oracle);
                assert_int_equal(size, offset);
        }
        if (oracle && oracle_is_plain(&unpacked.data)) {
                assert_int_equal(accepted, oracle_is_allowed(&unpacked.data, scanner->max_depth));
                tally->n_plain_refused += !accepted;
        } else if (oracle) {
                tally->n_extensions += accepted;
        }
        msgpack_unpacked_destroy(&unpacked);
        free(copy);
}

static void scan_agrees_with_msgpack_on_damaged_values(void **state)
{
        struct bytes_random random = { 0x20261120 };
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        struct tally tally = { 0 };
        struct scanner scanner;

        (void)state;
        scanner_init(&scanner, SCAN_DEFAULT_DEPTH);
        for (unsigned i = 0; i < N_ROUNDS; ++i) {
                buffer_truncate(&bytes, 0);
                write_value(&random, &bytes, 0);
                compare(&scanner, buffer_span(&bytes), &tally);
                for (unsigned k = bytes_random_below(&random, 4); k > 0; --k) {
                        damage(&random, &bytes);
                        compare(&scanner, buffer_span(&bytes), &tally);
                }
        }
        scanner_deinit(&scanner);
        /* the comparison is worth nothing unless all of these have happened often */
        assert_true(tally.n_accepted > N_ROUNDS / 4);
        assert_true(tally.n_refused > N_ROUNDS / 4);
        assert_true(tally.n_plain_refused > N_ROUNDS / 100);
        assert_true(tally.n_extensions > N_ROUNDS / 1000);
}

static void scan_agrees_with_msgpack_on_random_bytes(void **state)
{
        struct bytes_random random = { 4711 };
        struct tally tally = { 0 };
        struct scanner scanner;
        uint8_t bytes[40];

        (void)state;
        scanner_init(&scanner, 3);
        for (unsigned i = 0; i < N_ROUNDS; ++i) {
                size_t n = bytes_random_below(&random, sizeof(bytes) + 1);

                /* containers more often than chance has them, so that some nest */
                for (size_t k = 0; k < n; ++k)
                        bytes[k] = (uint8_t)(bytes_random_below(&random, 3)
                                                     ? bytes_random_next(&random)
                                                     : 0x80 + bytes_random_below(&random, 0x24));
                compare(&scanner, span_of(bytes, n), &tally);
        }
        scanner_deinit(&scanner);
        assert_true(tally.n_accepted > N_ROUNDS / 10);
        assert_true(tally.n_refused > N_ROUNDS / 10);
}

/* All that begin with these two bytes, followed by enough. */
static void scan_agrees_with_msgpack_on_every_two_bytes(void **state)
{
        struct tally tally = { 0 };
        struct scanner scanner;

        (void)state;
        scanner_init(&scanner, SCAN_DEFAULT_DEPTH);
        for (unsigned i = 0; i < 65536; ++i) {
                uint8_t bytes[64] = { (uint8_t)(i >> 8), (uint8_t)i };

                memset(bytes + 2, 0x01, sizeof(bytes) - 2);
                compare(&scanner, span_of(bytes, sizeof(bytes)), &tally);
                compare(&scanner, span_of(bytes, 2), &tally);
        }
        scanner_deinit(&scanner);
        assert_true(tally.n_accepted > 65536 / 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(scan_agrees_with_msgpack_on_damaged_values),
                cmocka_unit_test(scan_agrees_with_msgpack_on_random_bytes),
                cmocka_unit_test(scan_agrees_with_msgpack_on_every_two_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
