/*
 * test_scan - what is let in: heads, counts, depth, text, extensions
 *
 * Equal keys have test_scan_keys, the comparison with msgpack-c test_scan_oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/scan.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"

static int setup(void **state)
{
        struct scanner *scanner = malloc(sizeof(*scanner));

        if (!scanner)
                return -1;
        scanner_init(scanner, SCAN_DEFAULT_DEPTH);
        *state = scanner;
        return 0;
}

static int teardown(void **state)
{
        scanner_deinit(*state);
        free(*state);
        return 0;
}

/* Scans from memory that ends where the bytes end. */
static int scan_exact(struct scanner *scanner, struct span bytes, size_t *size)
{
        uint8_t *copy = bytes_copy(bytes);
        int r = scan_value(scanner, span_of(copy, bytes.size), size);

        free(copy);
        return r;
}

static int scan_hex(struct scanner *scanner, const char *hex, size_t *size, size_t *n_bytes)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        bytes_append_hex(&bytes, hex);
        *n_bytes = bytes.size;
        return scan_exact(scanner, buffer_span(&bytes), size);
}

static void assert_accepted(struct scanner *scanner, const char *hex)
{
        size_t size = 0, n_bytes;
        int r = scan_hex(scanner, hex, &size, &n_bytes);

        if (r < 0)
                print_error("%s: %s\n", hex, scanner->why);
        assert_int_equal(r, 0);
        assert_int_equal(size, n_bytes);
}

static void assert_refused(struct scanner *scanner, const char *hex, int status, const char *why)
{
        size_t size = 12345, n_bytes;

        scanner->why = "";
        if (scan_hex(scanner, hex, &size, &n_bytes) != status || size != 12345 ||
            strcmp(scanner->why, why)) {
                print_error("%s: %s\n", hex, scanner->why);
                fail();
        }
}

static void refuse_all(struct scanner *scanner, const char *const *hex, size_t n, const char *why)
{
        for (size_t i = 0; i < n; ++i)
                assert_refused(scanner, hex[i], -STATUS_BAD_REQUEST, why);
}

#define REFUSE_ALL(scanner, why, ...)                                                              \
        do {                                                                                       \
                static const char *const cases_[] = { __VA_ARGS__ };                               \
                refuse_all(scanner, cases_, sizeof(cases_) / sizeof(cases_[0]), why);              \
        } while (0)

#define CUT_SHORT "value is cut short"

static void every_form_of_head_is_accepted(void **state)
{
        static const char *const forms[] = {
                "00",
                "7f",
                "e0",
                "ff",
                "c0",
                "c2",
                "c3",
                "80",
                "90",
                "a0",
                "a1 61",
                "81 01 02",
                "91 01",
                "c4 00",
                "c4 02 00ff",
                "c5 0001 80",
                "c6 00000001 80",
                "ca 7fc00000",
                "cb 7ff8000000000000",
                "cc ff",
                "cd ffff",
                "ce ffffffff",
                "cf ffffffffffffffff",
                "d0 80",
                "d1 8000",
                "d2 80000000",
                "d3 8000000000000000",
                "d9 01 61",
                "da 0001 61",
                "db 00000001 61",
                "dc 0001 01",
                "dd 00000001 01",
                "dc 0000",
                "dd 00000000",
                "de 0001 01 02",
                "df 00000001 01 02",
                "de 0000",
                "df 00000000",
                "8f 00c0 01c0 02c0 03c0 04c0 05c0 06c0 07c0 08c0 09c0 0ac0 0bc0 0cc0 0dc0 0ec0",
        };

        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i)
                assert_accepted(*state, forms[i]);
}

static void size_ends_where_the_value_ends(void **state)
{
        size_t size, n_bytes;

        assert_int_equal(scan_hex(*state, "93 01 a2 6162 91 c0 ff ff ff", &size, &n_bytes), 0);
        assert_int_equal(size, 7);
        assert_int_equal(scan_whole(*state, SPAN_LITERAL("\x91\x01")), 0);
        assert_int_equal(scan_whole(*state, SPAN_LITERAL("\x91\x01\x02")), -STATUS_BAD_REQUEST);
        assert_string_equal(((struct scanner *)*state)->why, "bytes follow the value");
        assert_int_equal(scan_whole(*state, SPAN_ABSENT), -STATUS_BAD_REQUEST);
}

/* One of everything. */
#define EVERYTHING                                                                                 \
        "dc 0019 c0 c3 cd 0102 d1 8000 ca 3f800000 cb 3ff0000000000000 a3 e282ac d9 01 61 "        \
        "c5 0002 0001 91 92 01 02 82 a1 61 01 c4 01 61 02 de 0001 c7 04 01 92 01 a1 62 90 "        \
        "c7 05 02 93 a1 64 c0 05 c7 05 03 92 a1 45 91 01 c7 04 04 93 01 02 03 d5 05 91 01 "        \
        "d6 06 93 c0 01 c0 c7 00 07 c7 09 08 010000000000000000 c7 05 09 69 01000000 "             \
        "c7 06 0a 93 a1 70 c4 00 c2 c8 0002 01 91 c0 c9 00000001 01 90 0a 0b"

static void every_prefix_is_cut_short(void **state)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        struct scanner *scanner = *state;
        size_t size;

        bytes_append_hex(&bytes, EVERYTHING);
        assert_int_equal(scan_exact(scanner, buffer_span(&bytes), &size), 0);
        assert_int_equal(size, bytes.size);
        for (size_t n = 0; n < bytes.size; ++n) {
                assert_int_equal(scan_exact(scanner, span_of(bytes.data, n), &size),
                                 -STATUS_BAD_REQUEST);
                assert_string_equal(scanner->why, CUT_SHORT);
        }
}

static void flipped_bits_are_survived(void **state)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        size_t size, n_refused = 0;

        bytes_append_hex(&bytes, EVERYTHING);
        for (size_t i = 0; i < bytes.size * 8; ++i) {
                size = 0;
                bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
                n_refused += scan_exact(*state, buffer_span(&bytes), &size) < 0;
                assert_true(size <= bytes.size);
                bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
        }
        assert_in_range(n_refused, bytes.size, bytes.size * 8 - 1);
}

static void byte_c1_begins_no_value(void **state)
{
        REFUSE_ALL(*state, "byte 0xc1 begins no value", "c1", "91 c1", "81 01 c1", "81 c1 01",
                   "c7 02 01 91 c1", "d6 06 93 c0 c1 c0");
        assert_refused(*state, "d4 01 c1", -STATUS_BAD_REQUEST, "extension holds no array");
}

/* A few bytes that claim much must cost nothing. */
static void counts_beyond_the_bytes_that_are_left_are_refused(void **state)
{
        struct scanner *scanner = *state;

        REFUSE_ALL(scanner, CUT_SHORT, "dd 10000000", "dd ffffffff", "df 10000000", "df ffffffff",
                   "df 80000000 01 02", "dc ffff 01", "de 0001 01", "81 01", "92 01", "c4 01",
                   "c6 ffffffff 00", "db ffffffff 61", "d9 02 61", "a2 61", "c9 ffffffff 01 90",
                   "c7 02 01 90", "d8 01 90", "91 dd 7fffffff 00",
                   /* nested claims, each as much as it may */
                   "dd 0fffffff dd 0fffffff dd 0fffffff dd 0fffffff");
        assert_int_equal(scanner->scratch.capacity, 0);
}

static int scan_nested(unsigned max_depth, unsigned depth, const char *head, const char *core)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        struct scanner scanner;
        size_t size;
        int r;

        scanner_init(&scanner, max_depth);
        for (unsigned i = 1; i < depth; ++i)
                bytes_append_hex(&bytes, head);
        bytes_append_hex(&bytes, core);
        r = scan_exact(&scanner, buffer_span(&bytes), &size);
        scanner_deinit(&scanner);
        return r;
}

static void lists_and_dicts_nest_as_deep_as_the_limit(void **state)
{
        static const char *const heads[] = { "91",    "dc 0001",    "dd 00000001",
                                             "81 01", "de 0001 01", "81 a1 61" };
        static const char *const cores[] = { "90", "80", "91 01", "81 01 02" };

        (void)state;
        for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); ++h) {
                for (size_t c = 0; c < sizeof(cores) / sizeof(cores[0]); ++c) {
                        for (unsigned max = 1; max <= 64; ++max) {
                                assert_int_equal(scan_nested(max, max, heads[h], cores[c]), 0);
                                assert_int_equal(scan_nested(max, max + 1, heads[h], cores[c]),
                                                 -STATUS_TOO_LARGE);
                        }
                }
                assert_int_equal(scan_nested(16, 1000000, heads[h], "90"), -STATUS_TOO_LARGE);
        }
}

static void limit_of_depth_is_kept_within_what_the_stack_holds(void **state)
{
        (void)state;
        assert_int_equal(scan_nested(0, 1, "91", "90"), 0);
        assert_int_equal(scan_nested(0, 2, "91", "90"), -STATUS_TOO_LARGE);
        assert_int_equal(scan_nested(1000000, 64, "91", "90"), 0);
        assert_int_equal(scan_nested(1000000, 65, "91", "90"), -STATUS_TOO_LARGE);
}

/* Wraps the bytes into an extension of this type, holding a list of one. */
static void wrap(struct buffer *bytes, uint8_t type)
{
        struct buffer inner = *bytes;
        uint32_t n = (uint32_t)inner.size + 1;
        uint8_t head[7] = {
                0xc9, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, type,
                0x91
        };

        *bytes = BUFFER_NULL;
        buffer_append(bytes, head, sizeof(head));
        buffer_append_span(bytes, buffer_span(&inner));
        buffer_deinit(&inner);
}

/* A tuple is one level, as a list is, and so is a frozenset. */
static void extensions_nest_as_deep_as_the_limit(void **state)
{
        struct scanner *scanner = *state;

        for (uint8_t type = 1; type <= 5; type += 4 - type % 4) {
                _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
                size_t size;

                buffer_append_byte(&bytes, 0x01);
                for (unsigned depth = 1; depth <= 40; ++depth) {
                        wrap(&bytes, type == 1 ? 1 : 5);
                        assert_int_equal(scan_exact(scanner, buffer_span(&bytes), &size),
                                         depth <= SCAN_DEFAULT_DEPTH ? 0 : -STATUS_TOO_LARGE);
                }
        }
}

static void element_is_as_deep_as_its_caller_says(void **state)
{
        struct span list = SPAN_LITERAL("\x91\x90"), number = SPAN_LITERAL("\x05");
        size_t size;

        assert_int_equal(scan_element(*state, list, 14, &size), 0);
        assert_int_equal(scan_element(*state, list, 15, &size), -STATUS_TOO_LARGE);
        assert_int_equal(scan_element(*state, list, 1000, &size), -STATUS_TOO_LARGE);
        assert_int_equal(scan_element(*state, number, 16, &size), 0);
        assert_int_equal(size, 1);
}

static void text_must_be_utf8(void **state)
{
        static const char *const good[] = {
                "a2 c2a9", "a3 e2 82 ac", "a4 f0 9f 98 80", "a4 f4 8f bf bf",  "a3 ef bf bf",
                "a1 00",   "a3 eda080",   "a3 edbfbf",      "a6 eda0bdedb880",
        };
        static const char *const bad[] = {
                "a1 80",
                "a1 ff",
                "a2 c080",
                "a2 c1bf",
                "a2 c328",
                "a1 c3",
                "a3 e08080",
                "a2 e282",
                "a4 f0808080",
                "a4 f08fbfbf",
                "a4 f4908080",
                "a4 f5808080",
                "a3 e28228",
                "a5 f888808080",
                "a2 a9c2",
                "a4 6162 c3 61",
                "91 a1 80",
                "81 a1 80 01",
                "81 01 a1 80",
                "c7 03 01 91 a1 80",
                "c7 05 02 93 a1 80 c0 05",
                "c7 06 02 93 a1 64 a1 80 05",
                "c7 04 03 92 a1 80 90",
                "c7 06 0a 93 a1 80 c4 00 c2",
        };

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); ++i)
                assert_accepted(*state, good[i]);
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
                size_t size, n_bytes;

                assert_int_equal(scan_hex(*state, bad[i], &size, &n_bytes), -STATUS_UNICODE);
        }
        assert_accepted(*state, "c4 02 c328");
}

/* At every place of every length: none is left out by looking at words. */
static void bad_byte_in_text_is_found_everywhere(void **state)
{
        uint8_t bytes[3 + 70];
        size_t size;

        for (size_t n = 1; n <= 70; ++n) {
                bytes[0] = 0xda;
                bytes[1] = 0;
                bytes[2] = (uint8_t)n;
                memset(bytes + 3, 'a', n);
                assert_int_equal(scan_exact(*state, span_of(bytes, 3 + n), &size), 0);
                for (size_t i = 0; i < n; ++i) {
                        bytes[3 + i] = 0x80;
                        assert_int_equal(scan_exact(*state, span_of(bytes, 3 + n), &size),
                                         -STATUS_UNICODE);
                        if (n < 32) {
                                bytes[2] = (uint8_t)(0xa0 | n);
                                assert_int_equal(
                                        scan_exact(*state, span_of(bytes + 2, 1 + n), &size),
                                        -STATUS_UNICODE);
                                bytes[2] = (uint8_t)n;
                        }
                        bytes[3 + i] = 'a';
                }
        }
}

static void unknown_extensions_are_refused(void **state)
{
        REFUSE_ALL(*state, "extension of an unknown type", "d4 00 00", "d4 0b 90", "d4 7f 90",
                   "d4 80 90", "c7 00 00", "c7 00 0b",
                   /* msgpack's timestamps */
                   "d6 ff 00000000", "d7 ff 0000000000000000", "c7 0c ff 000000000000000000000000");
}

static void tuples_hold_one_array(void **state)
{
        assert_accepted(*state, "d4 01 90");
        assert_accepted(*state, "d5 01 91 01");
        assert_accepted(*state, "d6 01 93 01 02 03");
        assert_accepted(*state, "d7 01 97 01 02 03 04 05 06 07");
        assert_accepted(*state, "c7 05 01 dd 00000000");
        assert_accepted(*state, "c7 05 01 91 d5 01 91 01");
        assert_accepted(*state, "92 d5 01 91 01 02");
        REFUSE_ALL(*state, "extension holds no array", "d4 01 01", "d4 01 80", "d4 01 c0",
                   "c7 00 01", "d5 01 a1 61", "d4 01 dc", "d5 04 81 01", "d4 05 c0", "d4 06 01");
}

static void extension_and_its_array_end_together(void **state)
{
        REFUSE_ALL(*state, "extension holds more than its value", "d5 01 90 00",
                   "c7 03 01 91 01 02", "d5 04 90 c0", "c7 05 06 93 01 02 03 04",
                   "c7 05 03 92 a1 45 90 01", "c7 06 01 91 d4 01 90 05 00");
        /* the list would take from behind the extension what it lacks */
        REFUSE_ALL(*state, "extension holds no array", "d5 01 92 01 02", "d4 01 91 01");
        REFUSE_ALL(*state, CUT_SHORT, "c7 03 01 91 a2 61 62", "c7 03 01 91 cd 01 02",
                   "c7 03 01 92 01 91 05", "c7 03 01 91 81 01 02");
}

static void tokens_are_typeid_address_ident(void **state)
{
        struct scanner *scanner = *state;

        assert_accepted(scanner, "c7 05 02 93 a1 64 c0 05");
        assert_true(scanner->has_tokens);
        assert_accepted(scanner, "c7 06 02 93 a1 64 a1 2f 05");
        assert_accepted(scanner, "c7 0d 02 93 a1 64 c0 cf ffffffffffffffff");
        assert_accepted(scanner, "c7 06 02 93 a1 64 c0 d0 05");
        assert_accepted(scanner, "c7 08 02 dc 0003 d9 01 64 c0 05");
        assert_accepted(scanner, "90");
        assert_false(scanner->has_tokens);
        assert_accepted(scanner, "91 81 01 c7 09 01 91 c7 05 02 93 a1 64 c0 05");
        assert_true(scanner->has_tokens);

        REFUSE_ALL(scanner, "token is not an array of three", "c7 00 02", "d4 02 90", "d4 02 c0",
                   "c7 04 02 92 a1 64 c0", "c7 06 02 94 a1 64 c0 05 05", "c7 03 02 94 c0 05",
                   "c7 05 02 83 a1 64 c0 05");
        REFUSE_ALL(scanner, "token's typeid is not a str", "c7 04 02 93 c0 c0 05",
                   "c7 06 02 93 c4 01 64 c0 05", "c7 04 02 93 a5 c0 05");
        REFUSE_ALL(scanner, "token's address is not a str", "c7 05 02 93 a1 64 01 05",
                   "c7 05 02 93 a1 64 a5 05", "c7 06 02 93 a1 64 91 c0 05",
                   "c7 05 02 93 a1 64 90 05");
        REFUSE_ALL(scanner, "token's ident is not a positive integer", "c7 05 02 93 a1 64 c0 00",
                   "c7 05 02 93 a1 64 c0 ff", "c7 0d 02 93 a1 64 c0 d3 8000000000000000",
                   "c7 0d 02 93 a1 64 c0 cf 0000000000000000", "c7 05 02 93 a1 64 c0 c3",
                   "c7 09 02 93 a1 64 c0 ca 3f800000", "c7 06 02 93 a1 64 c0 a1 35",
                   "c7 05 02 93 a1 64 c0 cc 05");
        REFUSE_ALL(scanner, "token holds more than three elements", "c7 06 02 93 a1 64 c0 05 05");
}

static void exceptions_are_name_and_arguments(void **state)
{
        assert_accepted(*state, "c7 04 03 92 a1 45 90");
        assert_accepted(*state, "c7 07 03 92 a1 45 92 91 01 02");
        REFUSE_ALL(*state, "exception is not an array of two", "d4 03 90", "c7 00 03", "d4 03 c0",
                   "c7 05 03 93 a1 45 90 90");
        REFUSE_ALL(*state, "exception's name is not a str", "c7 03 03 92 c0 90",
                   "c7 05 03 92 c4 01 45 90");
        REFUSE_ALL(*state, "exception's arguments are not an array", "c7 04 03 92 a1 45 c0",
                   "c7 04 03 92 a1 45 80", "c7 03 03 92 a1 45", "c7 06 03 92 a1 45 d4 01 90");
}

static void slices_have_three_parts(void **state)
{
        assert_accepted(*state, "d6 06 93 c0 c0 c0");
        assert_accepted(*state, "c7 05 06 93 01 90 a1 61");
        REFUSE_ALL(*state, "slice is not an array of three", "d4 06 90", "c7 03 06 92 c0 c0",
                   "c7 05 06 94 c0 c0 c0 c0");
}

static void not_implemented_is_empty(void **state)
{
        assert_accepted(*state, "c7 00 07");
        assert_accepted(*state, "c8 0000 07");
        REFUSE_ALL(*state, "NotImplemented has a payload", "d4 07 00", "c7 01 07 c0");
}

static void big_integers_do_not_fit_64_bits_and_are_shortest(void **state)
{
        static const char fits[] = "big integer fits into 64 bits";
        static const char longer[] = "big integer is not written shortest";

        /* 2^64, -2^63 - 1, 2^71 - 1, -2^71, 2^72 */
        assert_accepted(*state, "c7 09 08 010000000000000000");
        assert_accepted(*state, "c7 09 08 ff7fffffffffffffff");
        assert_accepted(*state, "c7 09 08 7fffffffffffffffff");
        assert_accepted(*state, "c7 09 08 800000000000000000");
        assert_accepted(*state, "c7 0a 08 01000000000000000000");
        assert_accepted(*state, "d8 08 00ff0000000000000000000000000000");
        /* 0, -1, 2^63 - 1, -2^63, 2^63, 2^64 - 1 */
        REFUSE_ALL(*state, fits, "c7 00 08", "d4 08 00", "d4 08 ff", "d5 08 0080",
                   "d7 08 7fffffffffffffff", "d7 08 8000000000000000",
                   "c7 09 08 008000000000000000", "c7 09 08 00ffffffffffffffff");
        REFUSE_ALL(*state, longer, "d5 08 0000", "d5 08 007f", "d5 08 ffff",
                   "c7 0a 08 00010000000000000000", "c7 0a 08 ffff7fffffffffffffff",
                   "c7 09 08 ff8000000000000000", "c7 09 08 007fffffffffffffff");
}

static void typed_arrays_are_whole_items_of_a_known_kind(void **state)
{
        static const char codes[] = "bBuhHiIlLqQfd";
        static const uint8_t sizes[] = { 1, 1, 4, 2, 2, 4, 4, 8, 8, 8, 8, 4, 8 };

        for (unsigned code = 0; code < 256; ++code) {
                const char *known = code ? strchr(codes, (int)code) : NULL;

                for (uint8_t n = 0; n <= 33; ++n) {
                        uint8_t bytes[4 + 33] = { 0xc7, (uint8_t)(1 + n), 9, (uint8_t)code };
                        size_t size;
                        int r = scan_exact(*state, span_of(bytes, 4u + n), &size);

                        assert_int_equal(r == 0, known && n % sizes[known - codes] == 0);
                }
        }
        REFUSE_ALL(*state, "typed array has an unknown typecode", "c7 00 09", "d4 09 77");
        assert_accepted(*state, "c7 09 09 75 ffff1000 00d80000");
        REFUSE_ALL(*state, "typed array holds what is no code point", "c7 05 09 75 00001100",
                   "c7 05 09 75 00000001", "c7 09 09 75 61000000 ffffffff");
}

static void opaque_objects_are_codec_payload_hashable(void **state)
{
        assert_accepted(*state, "c7 06 0a 93 a1 70 c4 00 c2");
        assert_accepted(*state, "c7 0a 0a 93 a1 70 c6 00000001 ff c3");
        REFUSE_ALL(*state, "opaque object is not an array of three", "c7 00 0a", "d4 0a 90",
                   "c7 05 0a 92 a1 70 c4 00", "c7 07 0a 94 a1 70 c4 00 c2 c2");
        REFUSE_ALL(*state, "opaque object's codec is not a str", "c7 05 0a 93 c0 c4 00 c2");
        REFUSE_ALL(*state, "opaque object's payload is not a bin", "c7 05 0a 93 a1 70 a0 c2",
                   "c7 06 0a 93 a1 70 c4 05 c2");
        REFUSE_ALL(*state, "opaque object's third element is not a bool",
                   "c7 06 0a 93 a1 70 c4 00 01", "c7 05 0a 93 a1 70 c4 00",
                   "c7 06 0a 93 a1 70 c4 00 c0");
        REFUSE_ALL(*state, "opaque object holds more than three elements",
                   "c7 07 0a 93 a1 70 c4 00 c2 c2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_form_of_head_is_accepted),
                TEST(size_ends_where_the_value_ends),
                TEST(every_prefix_is_cut_short),
                TEST(flipped_bits_are_survived),
                TEST(byte_c1_begins_no_value),
                TEST(counts_beyond_the_bytes_that_are_left_are_refused),
                TEST(lists_and_dicts_nest_as_deep_as_the_limit),
                TEST(limit_of_depth_is_kept_within_what_the_stack_holds),
                TEST(extensions_nest_as_deep_as_the_limit),
                TEST(element_is_as_deep_as_its_caller_says),
                TEST(text_must_be_utf8),
                TEST(bad_byte_in_text_is_found_everywhere),
                TEST(unknown_extensions_are_refused),
                TEST(tuples_hold_one_array),
                TEST(extension_and_its_array_end_together),
                TEST(tokens_are_typeid_address_ident),
                TEST(exceptions_are_name_and_arguments),
                TEST(slices_have_three_parts),
                TEST(not_implemented_is_empty),
                TEST(big_integers_do_not_fit_64_bits_and_are_shortest),
                TEST(typed_arrays_are_whole_items_of_a_known_kind),
                TEST(opaque_objects_are_codec_payload_hashable),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
