/*
 * test_order - Python's <, and sums
 */
#include "proto/pack.h"
#include "proto/status.h"
#include "proto/value.h"
#include "tests/lib/check.h"

static bool is_less(struct span a, struct span b)
{
        struct span wrong[2];
        bool less;

        assert_int_equal(value_less(a, b, &less, wrong), 0);
        return less;
}

/* a < b, and not b < a */
static void check_less(struct span a, struct span b)
{
        assert_true(is_less(a, b));
        assert_false(is_less(b, a));
}

static void check_neither(struct span a, struct span b)
{
        assert_false(is_less(a, b));
        assert_false(is_less(b, a));
}

static void check_refused(struct span a, struct span b, struct span wrong_a, struct span wrong_b)
{
        struct span wrong[2];
        bool less;

        assert_int_equal(value_less(a, b, &less, wrong), -STATUS_TYPE);
        check_span(wrong[0], wrong_a);
        check_span(wrong[1], wrong_b);
}

static void numbers_compare_exactly(void **state)
{
        struct span big = V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0");
        struct span bigger = V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\1");
        struct span less_big = V("\xc7\x09\x08\xff\0\0\0\0\0\0\0\0");

        (void)state;
        check_less(V("\x01"), V("\x02"));
        check_less(V("\xff"), V("\xc2"));
        check_less(V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), big);
        check_less(big, bigger);
        check_less(less_big, V("\xd3\x80\0\0\0\0\0\0\0"));
        check_less(less_big, big);
        /* 2 ** 53 + 1 is above 2.0 ** 53, to which it would be rounded; 2 ** 64 + 1 likewise */
        check_less(V("\xcb\x43\x40\0\0\0\0\0\0"), V("\xcf\0\x20\0\0\0\0\0\1"));
        check_less(V("\xcb\x43\xf0\0\0\0\0\0\0"), bigger);
        check_neither(V("\xcb\x43\xf0\0\0\0\0\0\0"), big);
        check_less(bigger, V("\xcb\x7f\xf0\0\0\0\0\0\0"));
        check_less(V("\xcb\xff\xf0\0\0\0\0\0\0"), less_big);
        /* -(2 ** 63) - 1 is above -(2.0 ** 63) - 2048, below -(2.0 ** 63) */
        check_less(V("\xcb\xc3\xe0\0\0\0\0\0\1"),
                   V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xff\xff"));
        check_less(V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xff\xff"),
                   V("\xcb\xc3\xe0\0\0\0\0\0\0"));
        check_less(V("\x01"), V("\xca\x3f\xc0\0\0"));
        check_less(V("\xca\xbf\xc0\0\0"), V("\xff"));
}

static void nan_compares_false(void **state)
{
        struct span nan = V("\xcb\x7f\xf8\0\0\0\0\0\0");

        (void)state;
        check_neither(nan, nan);
        check_neither(nan, V("\x01"));
        check_neither(nan, V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"));
        check_neither(V("\x92\xcb\x7f\xf8\0\0\0\0\0\0\x01"), V("\x92\xcb\x7f\xf8\0\0\0\0\0\0\x02"));
}

static void text_compares_by_code_point(void **state)
{
        (void)state;
        check_less(V("\xa0"), V("\xa1"
                                "a"));
        check_less(V("\xa1"
                     "a"),
                   V("\xd9\x01"
                     "b"));
        check_less(V("\xa1"
                     "a"),
                   V("\xa2"
                     "aa"));
        check_less(V("\xa3\xef\xbf\xbf"), V("\xa4\xf0\x90\x80\x80"));
        check_less(V("\xa3\xed\xa0\x80"), V("\xa3\xee\x80\x80"));
        check_less(V("\xc4\x01\x7f"), V("\xc4\x01\x80"));
        check_neither(V("\xa1"
                        "a"),
                      V("\xd9\x01"
                        "a"));
}

static void sequences_compare_by_the_first_difference(void **state)
{
        (void)state;
        check_less(V("\x92\x01\x02"), V("\x92\x01\x03"));
        check_less(V("\x91\x01"), V("\x92\xc3\x03"));
        check_less(V("\x90"), V("\x91\xc0"));
        check_neither(V("\x92\xc3\xc0"), V("\x92\x01\xc0"));
        check_less(V("\xd5\x01\x91\x01"), V("\xd5\x01\x91\x02"));
        check_less(V("\x91\x92\x01\x02"), V("\x91\x92\x01\x03"));
        check_less(V("\xc7\x04\x06\x93\x01\x02\xc0"), V("\xc7\x04\x06\x93\x01\x03\xc0"));
}

static void arrays_compare_by_their_items(void **state)
{
        (void)state;
        check_less(V("\xd5\x09"
                     "b\xff"),
                   V("\xd5\x09"
                     "B\x01"));
        check_less(V("\xd5\x09"
                     "b\x01"),
                   V("\xc7\x05\x09"
                     "f\0\0\xc0\x3f"));
        check_less(V("\xd4\x09"
                     "b"),
                   V("\xd5\x09"
                     "b\x01"));
        check_less(V("\xc7\x05\x09u\xff\0\0\0"), V("\xc7\x05\x09u\0\1\0\0"));
        /* as Python: 'a' < 97 between the items */
        check_refused(V("\xc7\x05\x09u\x61\0\0\0"),
                      V("\xd5\x09"
                        "b\x61"),
                      V("\xa0"), V("\0"));
        check_refused(V("\xd5\x09"
                        "b\x61"),
                      V("\x90"),
                      V("\xd5\x09"
                        "b\x61"),
                      V("\x90"));
}

static void sets_compare_as_subsets(void **state)
{
        struct span one = V("\xd5\x04\x91\x01"), two = V("\xd5\x05\x91\x02");
        struct span both = V("\xc7\x0c\x04\x93\x02\xcb\x3f\xf0\0\0\0\0\0\0\xc0");

        (void)state;
        check_less(one, both);
        check_less(two, both);
        check_neither(one, two);
        check_neither(one, one);
        check_neither(V("\xd5\x04\x91\x03"), both);
        check_less(V("\xd4\x04\x90"), one);
        /* a NaN is in no set, but does not keep one from having subsets */
        check_neither(V("\xc7\x06\x04\x91\xca\x7f\xc0\0\0"),
                      V("\xc7\x07\x04\x92\x01\xca\x7f\xc0\0\0"));
        check_less(one, V("\xc7\x07\x04\x92\xca\x7f\xc0\0\0\x01"));
}

static void what_has_no_order_is_refused(void **state)
{
        static const struct span values[] = {
#define VALUE(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
                VALUE("\xc0"),
                VALUE("\x80"),
                VALUE("\xc7\x00\x07"),
                VALUE("\xc7\x05\x02\x93\xa1t\xc0\x01"),
                VALUE("\xc7\x05\x03\x92\xa1"
                      "E\x91\xc3"),
                VALUE("\xc7\x07\x0a\x93\xa1p\xc4\x01x\xc3"),
        };

        (void)state;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i)
                check_refused(values[i], values[i], values[i], values[i]);
        check_refused(V("\x01"),
                      V("\xa1"
                        "1"),
                      V("\x01"),
                      V("\xa1"
                        "1"));
        check_refused(V("\xa1"
                        "1"),
                      V("\xc4\x01"
                        "1"),
                      V("\xa1"
                        "1"),
                      V("\xc4\x01"
                        "1"));
        check_refused(V("\x90"), V("\xd4\x01\x90"), V("\x90"), V("\xd4\x01\x90"));
        check_refused(V("\xd4\x04\x90"), V("\x90"), V("\xd4\x04\x90"), V("\x90"));
        /* [1, [2, None]] < [1, [2, "x"]] names the innermost */
        check_refused(V("\x92\x01\x92\x02\xc0"), V("\x92\x01\x92\x02\xa1x"), V("\xc0"), V("\xa1x"));
}

static void check_sum(struct span a, struct span b, struct span wanted)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        pack_nil(&out); /* a sum is appended */
        assert_int_equal(value_add_numbers(a, b, &out), 0);
        assert_int_equal(out.data[0], 0xc0);
        check_span(span_of(out.data + 1, out.size - 1), wanted);
        buffer_truncate(&out, 1);
        assert_int_equal(value_add_numbers(b, a, &out), 0);
        check_span(span_of(out.data + 1, out.size - 1), wanted);
}

static void sums_are_exact(void **state)
{
        struct span most = V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
        struct span big = V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0");

        (void)state;
        check_sum(V("\x01"), V("\x02"), V("\x03"));
        check_sum(V("\xc3"), V("\xc3"), V("\x02"));
        check_sum(V("\x01"), V("\xff"), V("\x00"));
        check_sum(V("\xff"), V("\xff"), V("\xfe"));
        check_sum(most, V("\x01"), big);
        check_sum(big, V("\xff"), most);
        check_sum(V("\xd3\x80\0\0\0\0\0\0\0"), V("\xff"),
                  V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xff\xff"));
        check_sum(V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), V("\x01"),
                  V("\xd3\x80\0\0\0\0\0\0\0"));
        check_sum(big, V("\xc7\x09\x08\xff\0\0\0\0\0\0\0\0"), V("\x00"));
        check_sum(V("\xc7\x09\x08\x7f\0\0\0\0\0\0\0\0"), V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"),
                  V("\xc7\x0a\x08\0\x80\0\0\0\0\0\0\0\0"));
}

static void sums_with_floats_are_floats(void **state)
{
        (void)state;
        check_sum(V("\x01"), V("\xca\x3f\x80\0\0"), V("\xcb\x40\0\0\0\0\0\0\0"));
        check_sum(V("\xcb\x80\0\0\0\0\0\0\0"), V("\xcb\x80\0\0\0\0\0\0\0"),
                  V("\xcb\x80\0\0\0\0\0\0\0"));
        check_sum(V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"), V("\xcb\0\0\0\0\0\0\0\0"),
                  V("\xcb\x43\xf0\0\0\0\0\0\0"));
        check_sum(V("\xcb\x7f\xf0\0\0\0\0\0\0"), V("\x01"), V("\xcb\x7f\xf0\0\0\0\0\0\0"));
}

static void impossible_sums_are_refused(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL, big = BUFFER_NULL;
        uint8_t bytes[129] = { 1 };

        (void)state;
        assert_int_equal(value_add_numbers(V("\x01"), V("\xa1x"), &out), -STATUS_TYPE);
        assert_int_equal(value_add_numbers(V("\xc0"), V("\x01"), &out), -STATUS_TYPE);
        assert_int_equal(value_add_numbers(V("\x90"), V("\x90"), &out), -STATUS_TYPE);
        pack_ext(&big, EXT_BIG_INTEGER, span_of(bytes, sizeof(bytes)));
        assert_int_equal(value_add_numbers(buffer_span(&big), V("\xca\0\0\0\0"), &out),
                         -STATUS_OVERFLOW);
        assert_int_equal(out.size, 0);
        assert_int_equal(value_add_numbers(buffer_span(&big), V("\x01"), &out), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(numbers_compare_exactly),
                cmocka_unit_test(nan_compares_false),
                cmocka_unit_test(text_compares_by_code_point),
                cmocka_unit_test(sequences_compare_by_the_first_difference),
                cmocka_unit_test(arrays_compare_by_their_items),
                cmocka_unit_test(sets_compare_as_subsets),
                cmocka_unit_test(what_has_no_order_is_refused),
                cmocka_unit_test(sums_are_exact),
                cmocka_unit_test(sums_with_floats_are_floats),
                cmocka_unit_test(impossible_sums_are_refused),
        };

        return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
