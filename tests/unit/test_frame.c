/*
 * test_frame - length-prefixed messages on a byte stream
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/frame.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"

static void frame_append_writes_a_big_endian_length(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        frame_append(&out, SPAN_LITERAL("hello"));
        assert_int_equal(out.size, 9);
        assert_memory_equal(out.data, "\0\0\0\5hello", 9);
        buffer_truncate(&out, 0);
        frame_append(&out, SPAN_ABSENT);
        assert_int_equal(out.size, 4);
        assert_memory_equal(out.data, "\0\0\0\0", 4);
}

static void frame_next_waits_until_the_frame_is_whole(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct span payload;
        size_t taken;

        (void)state;
        frame_append(&out, SPAN_LITERAL("hello"));
        for (size_t n = 0; n < out.size; ++n) {
                uint8_t *copy = bytes_copy(span_of(out.data, n));

                assert_int_equal(frame_next(span_of(copy, n), 100, &payload, &taken), 0);
                assert_int_equal(taken, n < FRAME_HEADER_SIZE ? 0 : 9);
                free(copy);
        }
        assert_int_equal(frame_next(buffer_span(&out), 100, &payload, &taken), 1);
        assert_int_equal(taken, 9);
        assert_true(span_equal(payload, SPAN_LITERAL("hello")));
        assert_ptr_equal(payload.data, out.data + 4);
}

static void frame_next_takes_one_frame_after_the_other(void **state)
{
        static const char *const texts[] = { "first", "", "third and last" };
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        struct span payload, rest;
        size_t taken;

        (void)state;
        for (unsigned i = 0; i < 3; ++i)
                frame_append(&out, span_of_cstr(texts[i]));
        rest = buffer_span(&out);
        for (unsigned i = 0; i < 3; ++i) {
                assert_int_equal(frame_next(rest, 100, &payload, &taken), 1);
                assert_false(span_is_absent(payload));
                assert_true(span_equal(payload, span_of_cstr(texts[i])));
                rest = span_of(rest.data + taken, rest.size - taken);
        }
        assert_int_equal(rest.size, 0);
        assert_int_equal(frame_next(rest, 100, &payload, &taken), 0);
}

static void frame_beyond_the_limit_is_refused_by_its_header_alone(void **state)
{
        struct span payload;
        size_t taken;

        (void)state;
        assert_int_equal(frame_next(span_of("\0\0\1\0", 4), 256, &payload, &taken), 0);
        assert_int_equal(taken, 260);
        assert_int_equal(frame_next(span_of("\0\0\1\1", 4), 256, &payload, &taken),
                         -STATUS_TOO_LARGE);
        assert_int_equal(frame_next(span_of("\x7f\xff\xff\xff", 4), 256, &payload, &taken),
                         -STATUS_TOO_LARGE);
        assert_int_equal(frame_next(span_of("\x7f\xff\xff\xff", 4), SIZE_MAX, &payload, &taken), 0);
        assert_int_equal(taken, (size_t)FRAME_MAX + 4);
}

static void frame_of_a_negative_length_is_refused(void **state)
{
        struct span payload;
        size_t taken;

        (void)state;
        /* Python's announcement of more than 2 GiB */
        assert_int_equal(frame_next(span_of("\xff\xff\xff\xff\0\0\0\0\x80\0\0\0", 12), SIZE_MAX,
                                    &payload, &taken),
                         -STATUS_BAD_REQUEST);
        assert_int_equal(frame_next(span_of("\x80\0\0\0", 4), 100, &payload, &taken),
                         -STATUS_BAD_REQUEST);
}

static void frame_end_fills_in_what_was_written_since_begin(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        size_t begin;

        (void)state;
        frame_append(&out, SPAN_LITERAL("x"));
        begin = frame_begin(&out);
        assert_int_equal(begin, 5);
        for (unsigned i = 0; i < 300; ++i)
                buffer_append_byte(&out, 'y');
        frame_end(&out, begin);
        assert_int_equal(out.failed, 0);
        assert_int_equal(out.size, 5 + 4 + 300);
        assert_memory_equal(out.data + 5, "\0\0\1\x2cyy", 6);
}

static void frame_whose_content_failed_can_be_written_anew(void **state)
{
        _buffer_cleanup_ struct buffer out;
        size_t begin, mark;

        (void)state;
        buffer_init(&out, 16);
        begin = frame_begin(&out);
        mark = out.size;
        buffer_append(&out, "a reply that is too long", 24);
        frame_end(&out, begin);
        assert_int_equal(out.failed, -STATUS_TOO_LARGE);

        buffer_truncate(&out, mark);
        buffer_append(&out, "too long", 8);
        frame_end(&out, begin);
        assert_int_equal(out.failed, 0);
        assert_int_equal(out.size, 12);
        assert_memory_equal(out.data, "\0\0\0\x8too long", 12);
}

/* Else the content would be taken for the header that had no room. */
static void frame_without_room_for_its_header_stays_failed(void **state)
{
        _buffer_cleanup_ struct buffer out;
        size_t begin, mark;

        (void)state;
        buffer_init(&out, 10);
        buffer_append(&out, "1234567", 7);
        mark = out.size;
        begin = frame_begin(&out);
        assert_true(begin == FRAME_NOWHERE);
        buffer_truncate(&out, mark);
        buffer_append(&out, "ab", 2);
        frame_end(&out, begin);
        assert_int_not_equal(out.failed, 0);
        assert_memory_equal(out.data, "1234567ab", 9);
}

static void frame_append_writes_all_or_nothing(void **state)
{
        _buffer_cleanup_ struct buffer out;

        (void)state;
        buffer_init(&out, 8);
        frame_append(&out, SPAN_LITERAL("hello"));
        assert_int_equal(out.failed, -STATUS_TOO_LARGE);
        assert_int_equal(out.size, 0);
        buffer_truncate(&out, 0);
        frame_append(&out, SPAN_LITERAL("four"));
        assert_int_equal(out.failed, 0);
        assert_int_equal(out.size, 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(frame_append_writes_a_big_endian_length),
                cmocka_unit_test(frame_next_waits_until_the_frame_is_whole),
                cmocka_unit_test(frame_next_takes_one_frame_after_the_other),
                cmocka_unit_test(frame_beyond_the_limit_is_refused_by_its_header_alone),
                cmocka_unit_test(frame_of_a_negative_length_is_refused),
                cmocka_unit_test(frame_end_fills_in_what_was_written_since_begin),
                cmocka_unit_test(frame_whose_content_failed_can_be_written_anew),
                cmocka_unit_test(frame_without_room_for_its_header_stays_failed),
                cmocka_unit_test(frame_append_writes_all_or_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
