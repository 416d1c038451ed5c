/*
 * test_canonical - one form for equal values, ==, and what hash() refuses
 */
#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/status.h"
#include "proto/value.h"
#include "tests/lib/check.h"

static void check_canonical(struct span value, struct span wanted)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        bool nan = true;

        assert_int_equal(value_canonical(value, &out, &nan), 0);
        assert_false(nan);
        check_span(buffer_span(&out), wanted);
}

static bool is_equal(struct span a, struct span b)
{
        bool equal, other;

        assert_int_equal(value_equal(a, b, &equal), 0);
        assert_int_equal(value_equal(b, a, &other), 0);
        assert_int_equal(equal, other);
        return equal;
}

static void equal_numbers_have_one_form(void **state)
{
        (void)state;
        check_canonical(V("\x01"), V("\x01"));
        check_canonical(V("\xc3"), V("\x01"));
        check_canonical(V("\xc2"), V("\x00"));
        check_canonical(V("\xd3\0\0\0\0\0\0\0\1"), V("\x01"));
        check_canonical(V("\xca\x3f\x80\0\0"), V("\x01"));
        check_canonical(V("\xcb\x3f\xf0\0\0\0\0\0\0"), V("\x01"));
        check_canonical(V("\xcb\x80\0\0\0\0\0\0\0"), V("\x00"));
        check_canonical(V("\xca\x3f\xc0\0\0"), V("\xcb\x3f\xf8\0\0\0\0\0\0"));
        check_canonical(V("\xca\x7f\x80\0\0"), V("\xcb\x7f\xf0\0\0\0\0\0\0"));
        check_canonical(V("\xd1\xff\xff"), V("\xff"));
        check_canonical(V("\xd1\x00\xc8"), V("\xcc\xc8"));
}

static void large_floats_become_integers(void **state)
{
        (void)state;
        /* 2 ** 63, 2 ** 64, -(2 ** 63), -(2 ** 64), 2 ** 71 */
        check_canonical(V("\xcb\x43\xe0\0\0\0\0\0\0"), V("\xcf\x80\0\0\0\0\0\0\0"));
        check_canonical(V("\xcb\x43\xf0\0\0\0\0\0\0"), V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"));
        check_canonical(V("\xcb\xc3\xe0\0\0\0\0\0\0"), V("\xd3\x80\0\0\0\0\0\0\0"));
        check_canonical(V("\xcb\xc3\xf0\0\0\0\0\0\0"), V("\xc7\x09\x08\xff\0\0\0\0\0\0\0\0"));
        check_canonical(V("\xcb\x44\x60\0\0\0\0\0\0"), V("\xc7\x0a\x08\x00\x80\0\0\0\0\0\0\0\0"));
        /* -(2 ** 63) - 2048 has nine bytes */
        check_canonical(V("\xcb\xc3\xe0\0\0\0\0\0\1"),
                        V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xf8\0"));
}

static void text_has_the_shortest_head(void **state)
{
        (void)state;
        check_canonical(V("\xdb\0\0\0\3"
                          "abc"),
                        V("\xa3"
                          "abc"));
        check_canonical(V("\xc6\0\0\0\3"
                          "abc"),
                        V("\xc4\3"
                          "abc"));
        check_canonical(V("\xdd\0\0\0\1\xd9\1x"), V("\x91\xa1x"));
}

static void entries_and_elements_are_sorted(void **state)
{
        (void)state;
        check_canonical(V("\x83\xa1z\x01\xc3\x02\x00\xcc\x03"), V("\x83\x00\x03\x01\x02\xa1z\x01"));
        check_canonical(V("\xc7\x04\x04\x93\x03\x01\x02"), V("\xd6\x05\x93\x01\x02\x03"));
        check_canonical(V("\xc7\x04\x05\x93\x03\x01\x02"), V("\xd6\x05\x93\x01\x02\x03"));
        check_canonical(V("\x91\x82\x02\xc0\x01\xc0"), V("\x91\x82\x01\xc0\x02\xc0"));
        check_canonical(V("\x80"), V("\x80"));
        check_canonical(V("\xd4\x04\x90"), V("\xd4\x05\x90"));
}

static void sequences_keep_their_order(void **state)
{
        (void)state;
        check_canonical(V("\x93\x03\xc3\x02"), V("\x93\x03\x01\x02"));
        check_canonical(V("\xc7\x04\x01\x93\x03\xc3\x02"), V("\xd6\x01\x93\x03\x01\x02"));
        check_canonical(V("\xc7\x04\x06\x93\xc3\xc2\xc0"), V("\xd6\x06\x93\x01\x00\xc0"));
        check_canonical(V("\xc7\x05\x03\x92\xa1"
                          "E\x91\xc3"),
                        V("\xc7\x05\x03\x92\xa1"
                          "E\x91\x01"));
}

static void tokens_keep_only_their_ident(void **state)
{
        (void)state;
        check_canonical(V("\xc7\x0a\x02\x93\xa4"
                          "list"
                          "\xa2/x\x05"),
                        V("\xd6\x02\x93\xa0\xc0\x05"));
}

/* Sets, in descending order, of more elements than are sorted on the stack. */
static void many_elements_are_sorted(void **state)
{
        _buffer_cleanup_ struct buffer up = BUFFER_NULL, down = BUFFER_NULL, form = BUFFER_NULL;
        size_t begin_up = pack_ext_begin(&up), begin_down = pack_ext_begin(&down), n = 3001;
        struct value_iter iter;
        struct span element;
        int64_t number;
        bool nan;

        (void)state;
        pack_array(&up, n);
        pack_array(&down, n);
        for (size_t i = 0; i < n; ++i) {
                pack_int(&up, (int64_t)i);
                pack_float(&down, (double)(n - 1 - i));
        }
        pack_ext_end(&up, begin_up, EXT_FROZENSET);
        pack_ext_end(&down, begin_down, EXT_SET);

        assert_int_equal(value_canonical(buffer_span(&down), &form, &nan), 0);
        check_span(buffer_span(&form), buffer_span(&up));
        assert_true(is_equal(buffer_span(&up), buffer_span(&down)));
        assert_true(value_iter_init(&iter, buffer_span(&form), &n));
        for (int64_t i = 0; i < 3001; ++i) {
                assert_true(value_iter_next(&iter, &element));
                assert_true(value_get_int64(element, &number));
                assert_int_equal(number, i);
        }
}

static void arrays_compare_by_their_items(void **state)
{
        (void)state;
        /* array('b', [1]) == array('d', [1.0]) */
        check_canonical(V("\xd5\x09"
                          "b\x01"),
                        V("\xc7\x09\x09q\1\0\0\0\0\0\0\0"));
        check_canonical(V("\xc7\x09\x09"
                          "d\0\0\0\0\0\0\xf0\x3f"),
                        V("\xc7\x09\x09q\1\0\0\0\0\0\0\0"));
        assert_true(is_equal(V("\xd5\x09"
                               "b\x01"),
                             V("\xc7\x09\x09"
                               "d\0\0\0\0\0\0\xf0\x3f")));
        assert_false(is_equal(V("\xd5\x09"
                                "b\x01"),
                              V("\xd5\x09"
                                "b\x02")));
        assert_false(is_equal(V("\xd5\x09"
                                "b\x01"),
                              V("\xc7\x03\x09"
                                "b\x01\x01")));
        /* 'Q' of 2 ** 64 - 1 is not 'q' of -1 */
        assert_false(is_equal(V("\xc7\x09\x09Q\xff\xff\xff\xff\xff\xff\xff\xff"),
                              V("\xc7\x09\x09q\xff\xff\xff\xff\xff\xff\xff\xff")));
        check_canonical(V("\xc7\x09\x09Q\xff\xff\xff\xff\xff\xff\xff\xff"),
                        V("\xc7\x09\x09Q\xff\xff\xff\xff\xff\xff\xff\xff"));
        /* empty ones are equal, characters only to characters */
        assert_true(is_equal(V("\xd4\x09"
                               "b"),
                             V("\xd4\x09u")));
        check_canonical(V("\xd4\x09u"), V("\xd4\x09q"));
        assert_false(is_equal(V("\xc7\x05\x09u\x61\0\0\0"), V("\xc7\x05\x09i\x61\0\0\0")));
        assert_false(is_equal(V("\xc7\x05\x09u\x61\0\0\0"), V("\xc7\x05\x09u\x62\0\0\0")));
        assert_true(is_equal(V("\xc7\x05\x09u\x61\0\0\0"), V("\xc8\0\x05\x09u\x61\0\0\0")));
        /* an array is not a list */
        assert_false(is_equal(V("\xd5\x09"
                                "b\x01"),
                              V("\x91\x01")));
}

/* array('d', [-1.0, 2.0 ** 63]) has no integer type that holds both. */
static void arrays_beyond_every_integer_type_stay_floats(void **state)
{
        struct span mixed = V("\xc7\x11\x09"
                              "d\0\0\0\0\0\0\xf0\xbf\0\0\0\0\0\0\xe0\x43");
        struct span minus_zero = V("\xc7\x11\x09"
                                   "d\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\xe0\x3f");
        struct span zero = V("\xc7\x11\x09"
                             "d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xe0\x3f");

        (void)state;
        check_canonical(mixed, mixed);
        check_canonical(minus_zero, zero);
        assert_true(is_equal(minus_zero, zero));
}

static void opaque_objects_are_their_bytes(void **state)
{
        struct span plain = V("\xc7\x07\x0a\x93\xa1p\xc4\x01x\xc3");

        (void)state;
        assert_true(is_equal(plain, V("\xc7\x09\x0a\x93\xd9\x01p\xc5\0\x01x\xc2")));
        check_canonical(V("\xc7\x09\x0a\x93\xd9\x01p\xc5\0\x01x\xc2"), plain);
        assert_false(is_equal(plain, V("\xc7\x07\x0a\x93\xa1p\xc4\x01y\xc3")));
        assert_false(is_equal(plain, V("\xc7\x07\x0a\x93\xa1q\xc4\x01x\xc3")));
}

static void nan_is_noticed_and_equals_nothing(void **state)
{
        static const struct span cases[] = {
                { (const uint8_t *)"\xcb\x7f\xf8\0\0\0\0\0\0", 9 },
                { (const uint8_t *)"\xca\x7f\xc0\0\0", 5 },
                { (const uint8_t *)"\x91\x91\xca\x7f\xc0\0\0", 7 },
                { (const uint8_t *)"\x81\x01\xca\x7f\xc0\0\0", 7 },
                { (const uint8_t *)"\xc7\x06\x01\x91\xca\x7f\xc0\0\0", 9 },
                { (const uint8_t *)"\xc7\x06\x04\x91\xca\x7f\xc0\0\0", 9 },
                { (const uint8_t *)"\xc7\x05\x09"
                                   "f\0\0\xc0\x7f",
                  8 },
        };
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        bool nan;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_int_equal(value_size(cases[i].data), cases[i].size);
                assert_int_equal(value_canonical(cases[i], &out, &nan), 0);
                assert_true(nan);
                assert_false(is_equal(cases[i], cases[i]));
        }
        assert_int_equal(value_canonical(V("\xca\x7f\x80\0\0"), &out, &nan), 0);
        assert_false(nan);
}

static void kinds_are_told_apart(void **state)
{
        static const struct span values[] = {
#define VALUE(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
                VALUE("\xc0"),                             /* None */
                VALUE("\x00"),                             /* 0 */
                VALUE("\x01"),                             /* 1 */
                VALUE("\xcb\x3f\xe0\0\0\0\0\0\0"),         /* 0.5 */
                VALUE("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"), /* 2 ** 64 */
                VALUE("\xa1"
                      "a"), /* "a" */
                VALUE("\xc4\x01"
                      "a"),                             /* b"a" */
                VALUE("\x90"),                          /* [] */
                VALUE("\x91\x01"),                      /* [1] */
                VALUE("\x80"),                          /* {} */
                VALUE("\x81\x01\x01"),                  /* {1: 1} */
                VALUE("\x81\x01\x02"),                  /* {1: 2} */
                VALUE("\xd4\x01\x90"),                  /* () */
                VALUE("\xd5\x01\x91\x01"),              /* (1,) */
                VALUE("\xd4\x04\x90"),                  /* set() */
                VALUE("\xd5\x04\x91\x01"),              /* {1} */
                VALUE("\xd5\x04\x91\x02"),              /* {2} */
                VALUE("\xd6\x06\x93\xc0\xc0\xc0"),      /* slice(None) */
                VALUE("\xc7\x00\x07"),                  /* NotImplemented */
                VALUE("\xc7\x05\x02\x93\xa1t\xc0\x01"), /* a proxy */
                VALUE("\xc7\x05\x02\x93\xa1t\xc0\x02"), /* and another */
        };

        (void)state;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i)
                for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); ++j)
                        assert_int_equal(is_equal(values[i], values[j]), i == j);
}

static void other_spellings_are_equal(void **state)
{
        (void)state;
        assert_true(is_equal(V("\xc3"), V("\x01")));
        assert_true(is_equal(V("\xcb\x43\xf0\0\0\0\0\0\0"), V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0")));
        assert_true(is_equal(V("\x82\x01\x02\x03\x04"), V("\x82\x03\x04\xc3\x02")));
        assert_true(is_equal(V("\xc7\x03\x04\x92\x01\x02"), V("\xc7\x03\x05\x92\x02\xc3")));
        assert_true(
                is_equal(V("\xc7\x05\x02\x93\xa1t\xc0\x01"), V("\xc7\x06\x02\x93\xa1s\xa1x\x01")));
        assert_true(is_equal(V("\x92\x80\xd4\x04\x90"), V("\x92\x80\xd4\x05\x90")));
}

/* {1, ((…(number)…))}, as deep as can be, with heads as long as can be or the shortest. */
static void pack_deep_set(struct buffer *out, bool is_long, uint8_t number)
{
        const unsigned n = SCAN_MAX_DEPTH - 1;
        size_t begin = pack_ext_begin(out), begins[SCAN_MAX_DEPTH];

        buffer_append_span(out, is_long ? V("\xdd\0\0\0\2\xd3\0\0\0\0\0\0\0\1") : V("\x92\x01"));
        for (unsigned i = 0; i < n; ++i) {
                begins[i] = pack_ext_begin(out);
                buffer_append_span(out, is_long ? V("\xdd\0\0\0\1") : V("\x91"));
        }
        buffer_append_byte(out, number);
        for (unsigned i = n; i--;)
                pack_ext_end(out, begins[i], EXT_TUPLE);
        pack_ext_end(out, begin, is_long ? EXT_SET : EXT_FROZENSET);
}

/* Writing the second form stops where it gets longer than the first. */
static void sets_of_one_length_are_compared_whatever_their_size(void **state)
{
        _buffer_cleanup_ struct buffer one = BUFFER_NULL, other = BUFFER_NULL, third = BUFFER_NULL;
        _buffer_cleanup_ struct buffer large = BUFFER_NULL;
        size_t begin = pack_ext_begin(&large);
        uint8_t text[2000] = { 0 };

        (void)state;
        pack_deep_set(&one, false, 5);
        pack_deep_set(&other, true, 5);
        pack_deep_set(&third, true, 6);
        pack_array(&large, 2);
        pack_bytes(&large, span_of(text, sizeof(text)));
        pack_nil(&large);
        pack_ext_end(&large, begin, EXT_SET);
        assert_true(is_equal(buffer_span(&one), buffer_span(&other)));
        assert_false(is_equal(buffer_span(&one), buffer_span(&third)));
        assert_false(is_equal(buffer_span(&one), buffer_span(&large)));
        assert_true(is_equal(buffer_span(&large), buffer_span(&large)));
}

static void the_form_is_cheaply_known_where_it_is_the_spelling(void **state)
{
        static const struct {
                bool is;
                struct span value;
        } cases[] = {
                { true, VALUE("\xc0") },         { true, VALUE("\x05") },
                { true, VALUE("\xff") },         { true, VALUE("\xcc\x80") },
                { false, VALUE("\xcc\x7f") },    { false, VALUE("\xd1\x00\xff") },
                { true, VALUE("\xd0\xdf") },     { false, VALUE("\xd0\xe0") },
                { true, VALUE("\xd1\xff\x7f") }, { false, VALUE("\xd1\xff\x80") },
                { true, VALUE("\xa1x") },        { false, VALUE("\xd9\x01x") },
                { true, VALUE("\xc4\x01x") },    { false, VALUE("\xc5\x00\x01x") },
                { false, VALUE("\xc3") },        { false, VALUE("\xca\0\0\0\0") },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_int_equal(value_is_canonical(cases[i].value), cases[i].is);
                if (cases[i].is)
                        check_canonical(cases[i].value, cases[i].value);
        }
}

/* A form that has no room fails at every size, and says so. */
static void failure_is_reported(void **state)
{
        struct span value = V("\x92\x83\xa1z\x01\xc3\x02\x00\xcc\x03\xc7\x04\x04\x93\x03\x01\x02");
        struct buffer out;
        bool nan;

        (void)state;
        for (size_t limit = 0; limit < value.size; ++limit) {
                buffer_init(&out, limit);
                assert_int_equal(value_canonical(value, &out, &nan), -STATUS_TOO_LARGE);
                assert_int_equal(out.failed, -STATUS_TOO_LARGE);
                buffer_deinit(&out);
        }
}

static void unhashable_types_are_named(void **state)
{
        (void)state;
        assert_null(value_unhashable(V("\xa1x")));
        assert_null(value_unhashable(V("\xd5\x01\x91\x01")));
        assert_null(value_unhashable(V("\xd5\x05\x91\x01")));
        assert_null(value_unhashable(V("\xc7\x05\x02\x93\xa1t\xc0\x01")));
        assert_null(value_unhashable(V("\xc7\x07\x0a\x93\xa1p\xc4\x01x\xc3")));
        assert_null(value_unhashable(V("\xc7\x05\x03\x92\xa1"
                                       "E\x91\xc3")));
        assert_null(value_unhashable(V("\xc7\x00\x07")));
        assert_string_equal(value_unhashable(V("\x90")), "list");
        assert_string_equal(value_unhashable(V("\x80")), "dict");
        assert_string_equal(value_unhashable(V("\xd4\x04\x90")), "set");
        assert_string_equal(value_unhashable(V("\xd6\x06\x93\xc0\xc0\xc0")), "slice");
        assert_string_equal(value_unhashable(V("\xd5\x09"
                                               "b\x01")),
                            "array.array");
        assert_string_equal(value_unhashable(V("\xc7\x07\x0a\x93\xa1p\xc4\x01x\xc2")), "object");
        assert_string_equal(value_unhashable(V("\xc7\x05\x03\x92\xa1"
                                               "E\x91\x90")),
                            "list");
        /* (1, ((2,), {})) */
        assert_string_equal(
                value_unhashable(V("\xc7\x0a\x01\x92\x01\xc7\x05\x01\x92\x91\x02\x80\xc0")),
                "list");
        assert_string_equal(
                value_unhashable(V("\xc7\x0b\x01\x92\x01\xc7\x06\x01\x92\xd5\x01\x91\x02\x80")),
                "dict");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(equal_numbers_have_one_form),
                cmocka_unit_test(large_floats_become_integers),
                cmocka_unit_test(text_has_the_shortest_head),
                cmocka_unit_test(entries_and_elements_are_sorted),
                cmocka_unit_test(sequences_keep_their_order),
                cmocka_unit_test(tokens_keep_only_their_ident),
                cmocka_unit_test(many_elements_are_sorted),
                cmocka_unit_test(arrays_compare_by_their_items),
                cmocka_unit_test(arrays_beyond_every_integer_type_stay_floats),
                cmocka_unit_test(opaque_objects_are_their_bytes),
                cmocka_unit_test(nan_is_noticed_and_equals_nothing),
                cmocka_unit_test(kinds_are_told_apart),
                cmocka_unit_test(other_spellings_are_equal),
                cmocka_unit_test(sets_of_one_length_are_compared_whatever_their_size),
                cmocka_unit_test(the_form_is_cheaply_known_where_it_is_the_spelling),
                cmocka_unit_test(failure_is_reported),
                cmocka_unit_test(unhashable_types_are_named),
        };

        return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
