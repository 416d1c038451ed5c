/*
 * test_unicode - what is UTF-8, and what repr() shows
 */
#include "proto/unicode.h"
#include "tests/lib/check.h"

static void valid_text_is_accepted(void **state)
{
        (void)state;
        assert_true(utf8_valid(SPAN_ABSENT));
        assert_true(utf8_valid(V("")));
        assert_true(utf8_valid(V("\0")));
        assert_true(utf8_valid(V("eighteen characters")));
        assert_true(utf8_valid(V("\xc2\x80\xdf\xbf")));
        assert_true(utf8_valid(V("\xe0\xa0\x80\xef\xbf\xbf")));
        assert_true(utf8_valid(V("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
}

static void lone_surrogates_pass(void **state)
{
        (void)state;
        assert_true(utf8_valid(V("\xed\xa0\x80")));
        assert_true(utf8_valid(V("\xed\xbf\xbf")));
}

static void malformed_text_is_refused(void **state)
{
        static const char *const cases[] = {
                "\x80",             /* a continuation alone */
                "\xbf",             /**/
                "\xc0\x80",         /* overlong */
                "\xc1\xbf",         /**/
                "\xe0\x9f\xbf",     /**/
                "\xf0\x8f\xbf\xbf", /**/
                "\xf4\x90\x80\x80", /* beyond U+10FFFF */
                "\xf5\x80\x80\x80", /**/
                "\xff",             /* never a lead */
                "\xc2",             /* cut off */
                "\xe2\x82",         /**/
                "\xf0\x9f\x98",     /**/
                "\xc2\x41",         /* no continuation */
                "\xe2\x41\x80",     /**/
                "\xe2\x82\x41",     /**/
                "\xf0\x9f\x41\x80", /**/
                "\xf0\x9f\x98\xc0", /**/
        };
        char text[64];

        (void)state;
        /* At every place in a text, so that no path over many bytes at once misses it. */
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                size_t n = strlen(cases[i]);

                for (size_t at = 0; at <= 24; ++at) {
                        memset(text, 'a', sizeof(text));
                        memcpy(text + at, cases[i], n);
                        assert_false(utf8_valid(span_of(text, at + n)));
                        assert_false(utf8_valid(span_of(text, at + n + 9)));
                }
        }
}

static void every_code_point_survives(void **state)
{
        (void)state;
        for (uint32_t code = 0; code <= UNICODE_MAX; ++code) {
                uint8_t bytes[4];
                const uint8_t *at = bytes;
                size_t n = utf8_encode(code, bytes);

                if (!utf8_valid(span_of(bytes, n)) || utf8_next(&at) != code || at != bytes + n)
                        fail_msg("U+%04X", code);
                if (n > 1 && utf8_valid(span_of(bytes, n - 1)))
                        fail_msg("U+%04X is accepted without its end", code);
        }
}

static void printability_is_pythons(void **state)
{
        (void)state;
        assert_true(unicode_printable(' '));
        assert_true(unicode_printable('~'));
        assert_true(unicode_printable(0xe9));
        assert_true(unicode_printable(0x80e1));
        assert_true(unicode_printable(0x1f600));
        assert_true(unicode_printable(0xe01ef));
        assert_false(unicode_printable(0));
        assert_false(unicode_printable(0x7f));
        assert_false(unicode_printable(0xa0));
        assert_false(unicode_printable(0xad));
        assert_false(unicode_printable(0x200b));
        assert_false(unicode_printable(0xd800));
        assert_false(unicode_printable(0xe000));
        assert_false(unicode_printable(0xe01f0));
        assert_false(unicode_printable(UNICODE_MAX));
        assert_false(unicode_printable(UINT32_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(valid_text_is_accepted),
                cmocka_unit_test(lone_surrogates_pass),
                cmocka_unit_test(malformed_text_is_refused),
                cmocka_unit_test(every_code_point_survives),
                cmocka_unit_test(printability_is_pythons),
        };

        return cmocka_run_group_tests_name("unicode", tests, NULL, NULL);
}
