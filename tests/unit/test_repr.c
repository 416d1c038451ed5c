/*
 * test_repr - values as Python prints them
 */
#include <stdlib.h>

#include "proto/decimal.h"
#include "proto/pack.h"
#include "proto/status.h"
#include "proto/value.h"
#include "tests/lib/check.h"

static void check_repr(struct span value, const char *wanted)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        assert_int_equal(value_repr(value, &out), 0);
        check_text(buffer_span(&out), wanted);
}

static void check_float(double number, const char *wanted)
{
        char text[32];
        size_t n = value_format_float(number, text);

        assert_string_equal(text, wanted);
        assert_int_equal(n, strlen(wanted));
}

static void floats_have_the_shortest_digits(void **state)
{
        (void)state;
        check_float(0.0, "0.0");
        check_float(-0.0, "-0.0");
        check_float(1.0, "1.0");
        check_float(-1.5, "-1.5");
        check_float(0.1, "0.1");
        check_float(0.1 + 0.2, "0.30000000000000004");
        check_float(1.0 / 3, "0.3333333333333333");
        check_float(100.0, "100.0");
        check_float(123456789012345680.0, "1.2345678901234568e+17");
        check_float(9007199254740993.0, "9007199254740992.0");
        check_float(9999999999999998.0, "9999999999999998.0");
        check_float(1e16, "1e+16");
        check_float(1e22, "1e+22");
        check_float(1e23, "1e+23");
        check_float(0.0001, "0.0001");
        check_float(0.00001, "1e-05");
        check_float(0.00012345, "0.00012345");
        check_float(5e-324, "5e-324");
        check_float(2.2250738585072014e-308, "2.2250738585072014e-308");
        check_float(1.7976931348623157e308, "1.7976931348623157e+308");
        check_float(__builtin_inf(), "inf");
        check_float(-__builtin_inf(), "-inf");
        check_float(__builtin_nan(""), "nan");
        check_float(-__builtin_nan(""), "nan");
}

/* Below a power of two doubles are twice as dense as above. */
static void powers_of_two_have_pythons_digits(void **state)
{
        (void)state;
        check_float(0x1p-44, "5.684341886080802e-14");
        check_float(0x1p-1022, "2.2250738585072014e-308");
        check_float(0x1p-24, "5.960464477539063e-08");
        check_float(0x1p89, "6.189700196426902e+26");
        check_float(0x1p-96, "1.262177448353619e-29");
        check_float(0x1p1023, "8.98846567431158e+307");
}

/* Every power of two and its neighbours reads back as itself. */
static void digits_read_back(void **state)
{
        char text[32];

        (void)state;
        for (int k = -1074; k < 1024; ++k) {
                double power = __builtin_ldexp(1, k);

                for (int64_t i = -1; i <= 1; ++i) {
                        double number = power;
                        uint64_t bits;

                        memcpy(&bits, &number, sizeof(bits));
                        bits += (uint64_t)i;
                        memcpy(&number, &bits, sizeof(bits));
                        value_format_float(number, text);
                        if (strtod(text, NULL) != number)
                                fail_msg("2^%d %+d is not %s", k, (int)i, text);
                }
        }
}

static void scalars_are_shown(void **state)
{
        (void)state;
        check_repr(V("\xc0"), "None");
        check_repr(V("\xc3"), "True");
        check_repr(V("\xc2"), "False");
        check_repr(V("\x7f"), "127");
        check_repr(V("\xff"), "-1");
        check_repr(V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615");
        check_repr(V("\xd3\x80\0\0\0\0\0\0\0"), "-9223372036854775808");
        check_repr(V("\xca\x3f\xc0\0\0"), "1.5");
        check_repr(V("\xca\x3d\xcc\xcc\xcd"), "0.10000000149011612");
        check_repr(V("\xc7\x00\x07"), "NotImplemented");
}

static void big_integers_are_shown(void **state)
{
        (void)state;
        check_repr(V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"), "18446744073709551616");
        check_repr(V("\xc7\x09\x08\xff\0\0\0\0\0\0\0\0"), "-18446744073709551616");
        check_repr(V("\xc7\x09\x08\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), "-9223372036854775809");
}

/* 2 ** 14284 has 4300 digits, and 2 ** 14285 has 4301; both take 1786 bytes. */
static void digits_of_integers_are_bounded(void **state)
{
        _buffer_cleanup_ struct buffer value = BUFFER_NULL, out = BUFFER_NULL;
        uint8_t bytes[1786] = { 0x10 };
        static uint8_t huge[1 << 20] = { 1 };

        (void)state;
        pack_ext(&value, EXT_BIG_INTEGER, span_of(bytes, sizeof(bytes)));
        assert_int_equal(value_repr(buffer_span(&value), &out), 0);
        assert_int_equal(out.size, DECIMAL_MAX_DIGITS);

        buffer_truncate(&value, 0);
        buffer_truncate(&out, 3);
        bytes[0] = 0x20;
        pack_array(&value, 2);
        pack_nil(&value);
        pack_ext(&value, EXT_BIG_INTEGER, span_of(bytes, sizeof(bytes)));
        assert_int_equal(value_repr(buffer_span(&value), &out), -STATUS_VALUE);
        assert_int_equal(out.size, 3);
        assert_int_equal(out.failed, 0);

        buffer_truncate(&value, 0);
        pack_ext(&value, EXT_BIG_INTEGER, span_of(huge, sizeof(huge)));
        assert_int_equal(value_repr(buffer_span(&value), &out), -STATUS_VALUE);
}

static void text_is_quoted_and_escaped(void **state)
{
        (void)state;
        check_repr(V("\xa0"), "''");
        check_repr(V("\xa3"
                     "abc"),
                   "'abc'");
        check_repr(V("\xa4it's"), "\"it's\"");
        check_repr(V("\xa3\"'\\"), "'\"\\'\\\\'");
        check_repr(V("\xa1\""), "'\"'");
        check_repr(V("\xa5\t\n\r\0\x7f"), "'\\t\\n\\r\\x00\\x7f'");
        check_repr(V("\xa6\xe8\x83\xa1\xe6\x97\xba"), "'\xe8\x83\xa1\xe6\x97\xba'");
        check_repr(V("\xa2\xc2\xa0"), "'\\xa0'");
        check_repr(V("\xa3\xe2\x80\x8b"), "'\\u200b'");
        check_repr(V("\xa3\xed\xb2\x80"), "'\\udc80'");
        check_repr(V("\xa4\xf3\xa0\x80\x81"), "'\\U000e0001'");
        check_repr(V("\xa4\xf0\x9f\x98\x80"), "'\xf0\x9f\x98\x80'");
}

static void bytes_are_quoted_and_escaped(void **state)
{
        (void)state;
        check_repr(V("\xc4\x00"), "b''");
        check_repr(V("\xc4\x05"
                     "a\\\n\x80\xff"),
                   "b'a\\\\\\n\\x80\\xff'");
        check_repr(V("\xc4\x01'"), "b\"'\"");
        check_repr(V("\xc4\x02'\""), "b'\\'\"'");
}

static void containers_are_shown(void **state)
{
        (void)state;
        check_repr(V("\x90"), "[]");
        check_repr(V("\x93\x01\x91\x02\xa1x"), "[1, [2], 'x']");
        check_repr(V("\x80"), "{}");
        check_repr(V("\x82\xa1"
                     "a\x01\x02\x80"),
                   "{'a': 1, 2: {}}");
        check_repr(V("\xd4\x01\x90"), "()");
        check_repr(V("\xd5\x01\x91\x01"), "(1,)");
        check_repr(V("\xc7\x03\x01\x92\x01\x02"), "(1, 2)");
        check_repr(V("\xd4\x04\x90"), "set()");
        check_repr(V("\xc7\x03\x04\x92\x01\x02"), "{1, 2}");
        check_repr(V("\xd4\x05\x90"), "frozenset()");
        check_repr(V("\xd5\x05\x91\x01"), "frozenset({1})");
        check_repr(V("\xc7\x04\x06\x93\x01\x02\xc0"), "slice(1, 2, None)");
}

static void arrays_are_shown(void **state)
{
        (void)state;
        check_repr(V("\xd4\x09i"), "array('i')");
        check_repr(V("\xc7\x03\x09"
                     "b\x01\xff"),
                   "array('b', [1, -1])");
        check_repr(V("\xc7\x03\x09"
                     "B\x01\xff"),
                   "array('B', [1, 255])");
        check_repr(V("\xc7\x03\x09h\xfe\xff"), "array('h', [-2])");
        check_repr(V("\xc7\x05\x09I\xff\xff\xff\xff"), "array('I', [4294967295])");
        check_repr(V("\xc7\x05\x09"
                     "f\xcd\xcc\xcc\x3d"),
                   "array('f', [0.10000000149011612])");
        check_repr(V("\xc7\x09\x09"
                     "d\0\0\0\0\0\0\xf0\x3f"),
                   "array('d', [1.0])");
        check_repr(V("\xd4\x09u"), "array('u')");
        check_repr(V("\xc7\x09\x09u\x27\0\0\0\x80\xdc\0\0"), "array('u', \"'\\udc80\")");
        /* not a code point at all */
        check_repr(V("\xc7\x05\x09u\xff\xff\xff\xff"), "array('u', '\\Uffffffff')");
}

static void objects_are_shown(void **state)
{
        (void)state;
        check_repr(V("\xc7\x0c\x03\x92\xa8"
                     "KeyError"
                     "\x91\x01"),
                   "KeyError(1)");
        check_repr(V("\xc7\x06\x03\x92\xa1"
                     "E\x92\x01\x02"),
                   "E(1, 2)");
        check_repr(V("\xd6\x03\x92\xa1"
                     "E\x90"),
                   "E()");
        check_repr(V("\xc7\x0c\x0a\x93\xa6pickle\xc4\x01x\xc3"), "<pickle object of 1 bytes>");
        check_repr(V("\xc7\x08\x02\x93\xa4"
                     "dict"
                     "\xc0\x1f"),
                   "<DictProxy object, typeid 'dict' at 0x1f>");
        check_repr(V("\xc7\x08\x02\x93\xa4"
                     "Lock"
                     "\xc0\x1f"),
                   "<AcquirerProxy object, typeid 'Lock' at 0x1f>");
        check_repr(V("\xc7\x09\x02\x93\xa5Queue\xc0\x1f"),
                   "<AutoProxy[Queue] object, typeid 'Queue' at 0x1f>");
        check_repr(V("\x91\xc7\x08\x02\x93\xa4it's\xc0\x1f"),
                   "[<AutoProxy[it's] object, typeid \"it's\" at 0x1f>]");
}

static void str_of_text_is_the_text(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        assert_int_equal(value_str(V("\xa3"
                                     "a'\n"),
                                   &out),
                         0);
        check_text(buffer_span(&out), "a'\n");
        buffer_truncate(&out, 0);
        assert_int_equal(value_str(V("\x91\xa1x"), &out), 0);
        check_text(buffer_span(&out), "['x']");
}

static void failure_sticks(void **state)
{
        struct span value = V("\x83\xa1z\x01\xc3\x02\x00\xcb\x3f\xf0\0\0\0\0\0\0");
        struct buffer out;

        (void)state;
        for (size_t limit = 0; limit < strlen("{'z': 1, True: 2, 0: 1.0}"); ++limit) {
                buffer_init(&out, limit);
                assert_int_equal(value_repr(value, &out), -STATUS_TOO_LARGE);
                assert_int_equal(out.failed, -STATUS_TOO_LARGE);
                buffer_deinit(&out);
        }
        check_repr(value, "{'z': 1, True: 2, 0: 1.0}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(floats_have_the_shortest_digits),
                cmocka_unit_test(powers_of_two_have_pythons_digits),
                cmocka_unit_test(digits_read_back),
                cmocka_unit_test(scalars_are_shown),
                cmocka_unit_test(big_integers_are_shown),
                cmocka_unit_test(digits_of_integers_are_bounded),
                cmocka_unit_test(text_is_quoted_and_escaped),
                cmocka_unit_test(bytes_are_quoted_and_escaped),
                cmocka_unit_test(containers_are_shown),
                cmocka_unit_test(arrays_are_shown),
                cmocka_unit_test(objects_are_shown),
                cmocka_unit_test(str_of_text_is_the_text),
                cmocka_unit_test(failure_sticks),
        };

        return cmocka_run_group_tests_name("repr", tests, NULL, NULL);
}
