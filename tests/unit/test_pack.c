/*
 * test_pack - headers and integers are written shortest
 */
#include <stdlib.h>

#include "proto/pack.h"
#include "proto/status.h"
#include "tests/lib/check.h"

static void check_packed(struct buffer *out, struct span wanted)
{
        assert_int_equal(out->failed, 0);
        check_span(buffer_span(out), wanted);
        buffer_truncate(out, 0);
}

static void integers_are_shortest(void **state)
{
        static const struct {
                int64_t number;
                struct span packed;
        } cases[] = {
                { 0, { (const uint8_t *)"\x00", 1 } },
                { 127, { (const uint8_t *)"\x7f", 1 } },
                { 128, { (const uint8_t *)"\xcc\x80", 2 } },
                { 255, { (const uint8_t *)"\xcc\xff", 2 } },
                { 256, { (const uint8_t *)"\xcd\x01\x00", 3 } },
                { 65536, { (const uint8_t *)"\xce\x00\x01\x00\x00", 5 } },
                { 4294967296, { (const uint8_t *)"\xcf\0\0\0\1\0\0\0\0", 9 } },
                { -1, { (const uint8_t *)"\xff", 1 } },
                { -32, { (const uint8_t *)"\xe0", 1 } },
                { -33, { (const uint8_t *)"\xd0\xdf", 2 } },
                { -129, { (const uint8_t *)"\xd1\xff\x7f", 3 } },
                { -32769, { (const uint8_t *)"\xd2\xff\xff\x7f\xff", 5 } },
                { INT64_MIN, { (const uint8_t *)"\xd3\x80\0\0\0\0\0\0\0", 9 } },
        };
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                pack_int(&out, cases[i].number);
                check_packed(&out, cases[i].packed);
                if (cases[i].number < 0)
                        continue;
                pack_uint(&out, (uint64_t)cases[i].number);
                check_packed(&out, cases[i].packed);
        }
        pack_uint(&out, UINT64_MAX);
        check_packed(&out, V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"));
}

static void scalars_are_packed(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        pack_nil(&out);
        pack_bool(&out, true);
        pack_bool(&out, false);
        pack_float(&out, 1.5);
        check_packed(&out, V("\xc0\xc3\xc2\xcb\x3f\xf8\0\0\0\0\0\0"));
}

/* Packs n bytes as str and as bytes, and checks the heads. */
static void check_heads(size_t n, struct span str_head, struct span bytes_head)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        uint8_t *text = malloc(n + 1);

        assert_non_null(text);
        memset(text, 'x', n);
        pack_str(&out, span_of(text, n));
        assert_int_equal(out.size, str_head.size + n);
        assert_memory_equal(out.data, str_head.data, str_head.size);
        assert_int_equal(memcmp(out.data + str_head.size, text, n), 0);

        buffer_truncate(&out, 0);
        pack_bytes(&out, span_of(text, n));
        assert_int_equal(out.size, bytes_head.size + n);
        assert_memory_equal(out.data, bytes_head.data, bytes_head.size);
        assert_int_equal(memcmp(out.data + bytes_head.size, text, n), 0);
        free(text);
}

static void text_has_the_shortest_head(void **state)
{
        (void)state;
        check_heads(0, V("\xa0"), V("\xc4\x00"));
        check_heads(31, V("\xbf"), V("\xc4\x1f"));
        check_heads(32, V("\xd9\x20"), V("\xc4\x20"));
        check_heads(255, V("\xd9\xff"), V("\xc4\xff"));
        check_heads(256, V("\xda\x01\x00"), V("\xc5\x01\x00"));
        check_heads(65535, V("\xda\xff\xff"), V("\xc5\xff\xff"));
        check_heads(65536, V("\xdb\x00\x01\x00\x00"), V("\xc6\x00\x01\x00\x00"));
}

static void containers_have_the_shortest_head(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        pack_array(&out, 15);
        pack_array(&out, 16);
        pack_array(&out, 65536);
        check_packed(&out, V("\x9f\xdc\x00\x10\xdd\x00\x01\x00\x00"));
        pack_map(&out, 15);
        pack_map(&out, 16);
        pack_map(&out, 65536);
        check_packed(&out, V("\x8f\xde\x00\x10\xdf\x00\x01\x00\x00"));
}

static void more_than_msgpack_can_count_fails(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        pack_array(&out, (size_t)UINT32_MAX + 1);
        assert_int_equal(out.failed, -STATUS_TOO_LARGE);
        assert_int_equal(out.size, 0);
}

/* An extension packed in place has the bytes of one packed at once. */
static void check_ext_in_place(size_t n)
{
        _buffer_cleanup_ struct buffer whole = BUFFER_NULL, in_place = BUFFER_NULL;
        uint8_t *payload = malloc(n + 1);
        size_t begin;

        assert_non_null(payload);
        for (size_t i = 0; i < n; ++i)
                payload[i] = (uint8_t)(i * 7);
        pack_nil(&whole);
        pack_ext(&whole, EXT_TUPLE, span_of(payload, n));
        pack_nil(&in_place);
        begin = pack_ext_begin(&in_place);
        buffer_append(&in_place, payload, n);
        pack_ext_end(&in_place, begin, EXT_TUPLE);
        check_span(buffer_span(&in_place), buffer_span(&whole));
        free(payload);
}

static void ext_in_place_has_the_shortest_head(void **state)
{
        static const size_t sizes[] = { 0,  1,  2,  3,   4,   5,     7,     8,
                                        15, 16, 17, 255, 256, 65535, 65536, 70000 };
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i)
                check_ext_in_place(sizes[i]);
        pack_ext(&out, EXT_NOT_IMPLEMENTED, V(""));
        check_packed(&out, V("\xc7\x00\x07"));
        pack_ext(&out, EXT_TUPLE, V("\x92\x01\x02"));
        check_packed(&out, V("\xc7\x03\x01\x92\x01\x02"));
        pack_ext(&out, EXT_TUPLE, V("\x91\x01"));
        check_packed(&out, V("\xd5\x01\x91\x01"));
}

static void array_in_place_has_the_shortest_head(void **state)
{
        static const size_t counts[] = { 0, 1, 15, 16, 65535, 65536 };
        _buffer_cleanup_ struct buffer whole = BUFFER_NULL, in_place = BUFFER_NULL;

        (void)state;
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
                size_t begin = pack_array_begin(&in_place);

                pack_array(&whole, counts[i]);
                for (size_t j = 0; j < counts[i]; ++j) {
                        pack_int(&in_place, (int64_t)j);
                        pack_int(&whole, (int64_t)j);
                }
                pack_array_end(&in_place, begin, counts[i]);
                check_packed(&in_place, buffer_span(&whole));
                buffer_truncate(&whole, 0);
        }
}

static void token_has_no_address(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        pack_token(&out, "dict", 300);
        check_packed(&out, V("\xc7\x0a\x02\x93\xa4"
                             "dict"
                             "\xc0\xcd\x01\x2c"));
}

static void failure_sticks_and_writes_nothing_more(void **state)
{
        struct buffer out;
        size_t begin, size;

        (void)state;
        buffer_init(&out, 10);
        pack_nil(&out);
        begin = pack_ext_begin(&out);
        pack_cstr(&out, "does not fit");
        assert_int_equal(out.failed, -STATUS_TOO_LARGE);
        size = out.size;
        pack_nil(&out);
        pack_ext_end(&out, begin, EXT_TUPLE);
        assert_int_equal(out.failed, -STATUS_TOO_LARGE);
        assert_int_equal(out.size, size);

        buffer_truncate(&out, 1);
        pack_cstr(&out, "fits");
        check_packed(&out, V("\xc0\xa4"
                             "fits"));
        buffer_deinit(&out);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(integers_are_shortest),
                cmocka_unit_test(scalars_are_packed),
                cmocka_unit_test(text_has_the_shortest_head),
                cmocka_unit_test(containers_have_the_shortest_head),
                cmocka_unit_test(more_than_msgpack_can_count_fails),
                cmocka_unit_test(ext_in_place_has_the_shortest_head),
                cmocka_unit_test(array_in_place_has_the_shortest_head),
                cmocka_unit_test(token_has_no_address),
                cmocka_unit_test(failure_sticks_and_writes_nothing_more),
        };

        return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
