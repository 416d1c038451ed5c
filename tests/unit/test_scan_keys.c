/*
 * test_scan_keys - no two keys of a dict, or elements of a set, are equal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"

#define EQUAL      "two keys are equal"
#define UNHASHABLE "a key is not hashable"

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

static int scan_exact(struct scanner *scanner, struct span bytes)
{
        uint8_t *copy = bytes_copy(bytes);
        int r;

        scanner->why = "";
        r = scan_whole(scanner, span_of(copy, bytes.size));
        free(copy);
        return r;
}

static int scan_hex(struct scanner *scanner, const char *hex)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        bytes_append_hex(&bytes, hex);
        return scan_exact(scanner, buffer_span(&bytes));
}

static void assert_refused(struct scanner *scanner, const char *hex, const char *why)
{
        if (scan_hex(scanner, hex) != -STATUS_BAD_REQUEST || strcmp(scanner->why, why)) {
                print_error("%s: '%s'\n", hex, scanner->why);
                fail();
        }
}

/* A dict of n entries: the two keys at two places, and numbers that are nobody else's. */
static void write_dict(struct buffer *out, size_t n, size_t at_a, const char *a, size_t at_b,
                       const char *b)
{
        buffer_truncate(out, 0);
        pack_map(out, n);
        for (size_t i = 0; i < n; ++i) {
                if (i == at_a)
                        bytes_append_hex(out, a);
                else if (i == at_b)
                        bytes_append_hex(out, b);
                else
                        pack_uint(out, 1000000 + i);
                pack_nil(out);
        }
}

static void write_set(struct buffer *out, size_t n, size_t at_a, const char *a, size_t at_b,
                      const char *b)
{
        size_t begin;

        buffer_truncate(out, 0);
        begin = pack_ext_begin(out);
        pack_array(out, n);
        for (size_t i = 0; i < n; ++i) {
                if (i == at_a)
                        bytes_append_hex(out, a);
                else if (i == at_b)
                        bytes_append_hex(out, b);
                else
                        pack_uint(out, 1000000 + i);
        }
        pack_ext_end(out, begin, EXT_SET);
}

/* Few and many, in dicts and sets, whichever comes first. */
static void check_pair(struct scanner *scanner, const char *a, const char *b, bool equal)
{
        static const size_t sizes[] = { 2, 3, 8, 9, 15, 16, 40, 300 };
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
                for (unsigned form = 0; form < 4; ++form) {
                        size_t at_a = form & 1 ? 0 : sizes[i] - 1;
                        size_t at_b = form & 1 ? sizes[i] - 1 : 0;

                        if (form & 2)
                                write_set(&bytes, sizes[i], at_a, a, at_b, b);
                        else
                                write_dict(&bytes, sizes[i], at_a, a, at_b, b);
                        if (scan_exact(scanner, buffer_span(&bytes)) !=
                                    (equal ? -STATUS_BAD_REQUEST : 0) ||
                            strcmp(scanner->why, equal ? EQUAL : "")) {
                                print_error("%s and %s of %zu, form %u: '%s'\n", a, b, sizes[i],
                                            form, scanner->why);
                                fail();
                        }
                }
        }
}

static void equal_keys_are_refused_however_they_are_spelt(void **state)
{
        static const char *const pairs[][2] = {
                { "a1 61", "a1 61" },
                { "a1 61", "d9 01 61" },
                { "a0", "db 00000000" },
                { "c4 01 61", "c5 0001 61" },
                { "01", "01" },
                { "01", "cc 01" },
                { "01", "d3 0000000000000001" },
                { "01", "c3" },
                { "00", "c2" },
                { "01", "cb 3ff0000000000000" },
                { "c3", "ca 3f800000" },
                { "00", "cb 8000000000000000" },
                { "ff", "d1 ffff" },
                { "c0", "c0" },
                { "cf 8000000000000000", "cb 43e0000000000000" },
                { "c7 09 08 010000000000000000", "cb 43f0000000000000" },
                { "c7 09 08 010000000000000000", "c7 09 08 010000000000000000" },
                { "cb 7ff0000000000000", "ca 7f800000" },
                { "d5 01 91 01", "c7 02 01 91 c3" },
                { "d4 01 90", "c7 05 01 dd 00000000" },
                { "c7 03 05 92 01 02", "c7 03 05 92 02 01" },
                { "c7 03 05 92 01 02", "c7 03 05 92 02 c3" },
                { "c7 04 01 92 a1 61 01", "c7 05 01 92 d9 01 61 01" },
        };

        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i)
                check_pair(*state, pairs[i][0], pairs[i][1], true);
}

static void different_keys_are_accepted(void **state)
{
        static const char *const pairs[][2] = {
                { "a1 61", "a1 62" },
                { "a1 61", "a2 6161" },
                { "a1 61", "c4 01 61" },
                { "a0", "c4 00" },
                { "a0", "c0" },
                { "00", "c0" },
                { "00", "a1 00" },
                { "01", "ff" },
                { "01", "a1 31" },
                { "01", "cb 3ff0000000000001" },
                { "cf ffffffffffffffff", "d3 ffffffffffffffff" },
                { "cf ffffffffffffffff", "cb 43f0000000000000" },
                { "cf 0020000000000001", "cb 4340000000000000" },
                { "d4 01 90", "c7 01 05 90" },
                { "d5 01 91 01", "d5 05 91 01" },
                { "d5 01 91 01", "d5 01 91 02" },
                { "c7 03 01 92 01 02", "c7 03 01 92 02 01" },
                { "c7 09 08 010000000000000000", "c7 09 08 ff7fffffffffffffff" },
        };

        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i)
                check_pair(*state, pairs[i][0], pairs[i][1], false);
}

static void nan_equals_nothing(void **state)
{
        static const char *const nans[] = {
                "cb 7ff8000000000000",
                "ca 7fc00000",
                "c7 0a 01 91 cb 7ff8000000000000",
                "c7 0b 01 92 01 cb 7ff8000000000000",
                "c7 0a 05 91 cb 7ff8000000000000",
        };

        for (size_t i = 0; i < sizeof(nans) / sizeof(nans[0]); ++i)
                check_pair(*state, nans[i], nans[i], false);
        check_pair(*state, nans[0], nans[1], false);
}

/* The others are compared all the same. */
static void equal_keys_are_found_among_nans(void **state)
{
        assert_refused(*state, "84 cb7ff8000000000000 c0 01 c0 cb7ff8000000000000 c0 c3 c0", EQUAL);
        assert_refused(*state, "84 cb7ff8000000000000 c0 90 c0 cb7ff8000000000000 c0 c3 c0",
                       UNHASHABLE);
}

static void equal_keys_are_found_at_every_two_places(void **state)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        for (size_t n = 2; n <= 40; ++n) {
                for (size_t a = 0; a < n; ++a) {
                        for (size_t b = a + 1; b < n; ++b) {
                                write_dict(&bytes, n, a, "a3 6b6579", b, "a3 6b6579");
                                assert_int_equal(scan_exact(*state, buffer_span(&bytes)),
                                                 -STATUS_BAD_REQUEST);
                                write_dict(&bytes, n, a, "a3 6b6579", b, "a3 6b657a");
                                assert_int_equal(scan_exact(*state, buffer_span(&bytes)), 0);
                        }
                }
        }
}

static void few_keys_of_text_need_no_memory(void **state)
{
        struct scanner *scanner = *state;
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        char key[8];

        for (unsigned n = 0; n <= 8; ++n) {
                buffer_truncate(&bytes, 0);
                pack_map(&bytes, n);
                for (unsigned i = 0; i < n; ++i) {
                        snprintf(key, sizeof(key), "k%u", i);
                        pack_cstr(&bytes, key);
                        pack_nil(&bytes);
                }
                assert_int_equal(scan_exact(scanner, buffer_span(&bytes)), 0);
        }
        assert_int_equal(scanner->scratch.capacity, 0);
        /* one key of any kind is its own only rival */
        assert_int_equal(scan_hex(scanner, "92 81 01 02 d5 04 91 01"), 0);
        assert_int_equal(scanner->scratch.capacity, 0);
}

static void unhashable_keys_are_refused(void **state)
{
        static const char *const unhashable[] = {
                "90",
                "80",
                "dc 0001 01",
                "d4 04 90",
                "c7 02 01 91 90",
                "c7 04 01 91 d4 04 90",
                "c7 06 01 92 01 d5 01 91 80",
                "c7 09 09 69 0100000002000000",
                "c7 06 0a 93 a1 70 c4 00 c2",
        };
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        struct scanner *scanner = *state;
        static const size_t sizes[] = { 1, 2, 8, 9, 40 };

        for (size_t i = 0; i < sizeof(unhashable) / sizeof(unhashable[0]); ++i) {
                for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
                        write_dict(&bytes, sizes[k], sizes[k] - 1, unhashable[i], SIZE_MAX, "");
                        assert_int_equal(scan_exact(scanner, buffer_span(&bytes)),
                                         -STATUS_BAD_REQUEST);
                        assert_string_equal(scanner->why, UNHASHABLE);
                        write_set(&bytes, sizes[k], 0, unhashable[i], SIZE_MAX, "");
                        assert_int_equal(scan_exact(scanner, buffer_span(&bytes)),
                                         -STATUS_BAD_REQUEST);
                        assert_string_equal(scanner->why, UNHASHABLE);
                }
        }
}

static void hashable_extensions_are_keys(void **state)
{
        static const char *const hashable[] = {
                "d4 01 90",
                "c7 06 01 92 01 d5 05 91 02",
                "c7 05 05 91 d5 01 91 01",
                "c7 09 08 010000000000000000",
                "c7 06 0a 93 a1 70 c4 00 c3",
        };
        char hex[96];

        for (size_t i = 0; i < sizeof(hashable) / sizeof(hashable[0]); ++i) {
                snprintf(hex, sizeof(hex), "81 %s 01", hashable[i]);
                assert_int_equal(scan_hex(*state, hex), 0);
                snprintf(hex, sizeof(hex), "82 %s 01 a1 61 02", hashable[i]);
                assert_int_equal(scan_hex(*state, hex), 0);
                snprintf(hex, sizeof(hex), "82 %s 01 %s 02", hashable[i], hashable[i]);
                assert_refused(*state, hex, EQUAL);
        }
}

/* Dicts within dicts share the scratch, and each is judged for itself. */
static void nested_dicts_are_judged_each_for_itself(void **state)
{
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        assert_int_equal(scan_hex(*state, "82 a1 61 82 a1 61 01 a1 62 02 a1 62 81 a1 61 03"), 0);
        assert_refused(*state, "82 a1 61 82 a1 61 01 a1 61 02 a1 62 03", EQUAL);
        assert_refused(*state, "82 a1 61 82 a1 61 01 a1 62 02 a1 61 03", EQUAL);
        assert_refused(*state, "91 91 91 82 01 c0 c3 c0", EQUAL);
        assert_refused(*state, "c7 08 01 91 82 a1 61 c0 a1 61 c0", EQUAL);
        /* inside a key */
        assert_refused(*state, "81 c7 03 05 92 01 c3 c0", EQUAL);
        assert_refused(*state, "82 01 c0 c7 07 01 91 c7 03 05 92 01 c3 c0", EQUAL);
        for (unsigned bad = 0; bad <= 21; ++bad) {
                buffer_truncate(&bytes, 0);
                pack_map(&bytes, 20);
                for (unsigned i = 0; i < 20; ++i) {
                        pack_uint(&bytes, bad == 20 && i == 19 ? 5 : i);
                        pack_map(&bytes, 20);
                        for (unsigned k = 0; k < 20; ++k) {
                                pack_uint(&bytes, bad == i && k == 17 ? 3 : k);
                                pack_uint(&bytes, k);
                        }
                }
                assert_int_equal(scan_exact(*state, buffer_span(&bytes)),
                                 bad <= 20 ? -STATUS_BAD_REQUEST : 0);
        }
}

enum filling { TEXTS, INTEGERS, REALS, NANS, TUPLES, N_FILLINGS };

static void write_large(struct buffer *out, enum filling filling, unsigned n)
{
        buffer_truncate(out, 0);
        pack_map(out, n);
        for (unsigned i = 0; i < n; ++i) {
                char text[16];
                size_t begin;

                switch (filling) {
                case TEXTS:
                        snprintf(text, sizeof(text), "key:%u", i);
                        pack_cstr(out, text);
                        break;
                case INTEGERS:
                        pack_uint(out, i);
                        break;
                case REALS:
                        pack_float(out, i);
                        break;
                case NANS:
                        bytes_append_hex(out, "cb 7ff8000000000000");
                        break;
                case TUPLES:
                case N_FILLINGS:
                        begin = pack_ext_begin(out);
                        pack_array(out, 2);
                        pack_uint(out, i / 300);
                        pack_uint(out, i % 300);
                        pack_ext_end(out, begin, EXT_TUPLE);
                        break;
                }
                pack_nil(out);
        }
}

/* 100,000 entries, and then one more that is equal to the first. */
static void large_dicts_are_checked(void **state)
{
        const unsigned n = 100000;
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;
        struct scanner *scanner = *state;

        for (enum filling filling = 0; filling < N_FILLINGS; ++filling) {
                size_t mark, size_first;

                write_large(&bytes, filling, n);
                assert_int_equal(scan_whole(scanner, buffer_span(&bytes)), 0);
                assert_int_equal(scanner->scratch.size, 0);
                /* what so many needed is not kept for ever */
                assert_true(scanner->scratch.capacity <= 1 << 20);

                mark = bytes.size;
                assert_int_equal(
                        scan_value(scanner, span_of(bytes.data + 5, mark - 5), &size_first), 0);
                bytes.data[4] += 1;
                buffer_reserve(&bytes, size_first);
                buffer_append(&bytes, bytes.data + 5, size_first);
                pack_nil(&bytes);
                assert_int_equal(scan_whole(scanner, buffer_span(&bytes)),
                                 filling == NANS ? 0 : -STATUS_BAD_REQUEST);
        }
}

/* So that no one can prepare keys that collide. */
/* They are looked at after 65,536, and again after eight times as many more. */
static void equal_keys_of_huge_dicts_are_found_wherever_they_are(void **state)
{
        static const size_t places[] = { 0, 65535, 65536, 589824 };
        static const size_t n_places = sizeof(places) / sizeof(places[0]);
        static const size_t n = 590000;
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        write_dict(&out, n, n, "", n, "");
        assert_int_equal(scan_exact(*state, buffer_span(&out)), 0);
        for (size_t i = 0; i < n_places; ++i) {
                for (size_t j = i + 1; j < n_places; ++j) {
                        write_dict(&out, n, places[i], "01", places[j], "cb3ff0000000000000");
                        assert_int_equal(scan_exact(*state, buffer_span(&out)),
                                         -STATUS_BAD_REQUEST);
                        write_dict(&out, n, places[i], "cb7ff8000000000000", places[j],
                                   "cb7ff8000000000000");
                        assert_int_equal(scan_exact(*state, buffer_span(&out)), 0);
                }
        }
}

/* Whoever repeats a few keys is stopped before many of them have been noted. */
static void repeated_keys_take_little_memory(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct scanner *scanner = *state;

        pack_map(&out, 1000000);
        for (unsigned i = 0; i < 1000000; ++i) {
                pack_uint(&out, i % 1000);
                if (i < 70000)
                        pack_nil(&out);
                else
                        buffer_append_byte(&out, 0xc1); /* would be refused for another reason */
        }
        assert_int_equal(scan_whole(scanner, buffer_span(&out)), -STATUS_BAD_REQUEST);
        assert_string_equal(scanner->why, EQUAL);
}

static void scanners_hash_differently(void **state)
{
        struct scanner other;

        scanner_init(&other, 16);
        assert_memory_not_equal(other.hash_key, ((struct scanner *)*state)->hash_key,
                                sizeof(other.hash_key));
        scanner_deinit(&other);
}

/* The same scanner serves the next value after every kind of failure. */
static void scanner_recovers_after_a_refusal(void **state)
{
        struct scanner *scanner = *state;
        _buffer_cleanup_ struct buffer bytes = BUFFER_NULL;

        write_dict(&bytes, 100, 1, "a1 61", 99, "a1 61");
        for (unsigned i = 0; i < 3; ++i) {
                assert_int_equal(scan_exact(scanner, buffer_span(&bytes)), -STATUS_BAD_REQUEST);
                assert_int_equal(scanner->scratch.size, 0);
                assert_int_equal(scan_hex(scanner, "82 01 c0 02 c0"), 0);
        }
        /* cut in the midst of many keys */
        for (size_t n = 0; n < bytes.size; ++n)
                assert_true(scan_exact(scanner, span_of(bytes.data, n)) < 0);

        /* without memory */
        write_dict(&bytes, 100, 1, "a1 61", 99, "a1 62");
        buffer_deinit(&scanner->scratch);
        scanner->scratch.limit = 64;
        assert_int_equal(scan_exact(scanner, buffer_span(&bytes)), -STATUS_NOMEM);
        assert_string_equal(scanner->why, "out of memory");
        scanner->scratch.limit = SIZE_MAX;
        assert_int_equal(scan_exact(scanner, buffer_span(&bytes)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(equal_keys_are_refused_however_they_are_spelt),
                TEST(different_keys_are_accepted),
                TEST(nan_equals_nothing),
                TEST(equal_keys_are_found_among_nans),
                TEST(equal_keys_are_found_at_every_two_places),
                TEST(few_keys_of_text_need_no_memory),
                TEST(unhashable_keys_are_refused),
                TEST(hashable_extensions_are_keys),
                TEST(nested_dicts_are_judged_each_for_itself),
                TEST(large_dicts_are_checked),
                TEST(equal_keys_of_huge_dicts_are_found_wherever_they_are),
                TEST(repeated_keys_take_little_memory),
                TEST(scanners_hash_differently),
                TEST(scanner_recovers_after_a_refusal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
