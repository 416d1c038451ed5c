/*
 * test_buffer - bytes that grow
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/buffer.h"
#include "proto/status.h"

/* Where AddressSanitizer looks: a huge allocation shall fail, as without it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
        return "allocator_may_return_null=1";
}

static void buffer_starts_without_memory(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;

        (void)state;
        assert_null(buffer.data);
        assert_int_equal(buffer.size, 0);
        assert_int_equal(buffer.capacity, 0);
}

static void buffer_keeps_what_is_appended_while_it_grows(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;

        (void)state;
        for (unsigned i = 0; i < 10000; ++i) {
                uint8_t three[3] = { (uint8_t)i, (uint8_t)(i >> 8), 0x5a };

                buffer_append(&buffer, three, sizeof(three));
                buffer_append_byte(&buffer, (uint8_t)(i * 7));
        }
        assert_int_equal(buffer.failed, 0);
        assert_int_equal(buffer.size, 40000);
        assert_true(buffer.capacity >= buffer.size);
        for (unsigned i = 0; i < 10000; ++i) {
                assert_int_equal(buffer.data[4 * i], (uint8_t)i);
                assert_int_equal(buffer.data[4 * i + 1], (uint8_t)(i >> 8));
                assert_int_equal(buffer.data[4 * i + 2], 0x5a);
                assert_int_equal(buffer.data[4 * i + 3], (uint8_t)(i * 7));
        }
}

static void buffer_reserve_gives_room_that_is_not_counted_yet(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;
        uint8_t *room;

        (void)state;
        buffer_append(&buffer, "ab", 2);
        room = buffer_reserve(&buffer, 1000);
        assert_non_null(room);
        assert_int_equal(buffer.size, 2);
        assert_true(buffer.capacity >= 1002);
        memset(room, 'x', 1000);
        buffer.size += 1000;
        assert_memory_equal(buffer.data, "abxx", 4);
}

static void buffer_append_of_nothing_needs_no_pointer(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;

        (void)state;
        buffer_append(&buffer, NULL, 0);
        buffer_append_span(&buffer, SPAN_ABSENT);
        assert_int_equal(buffer.size, 0);
        assert_int_equal(buffer.failed, 0);
}

static void buffer_limit_is_reached_exactly_and_then_sticks(void **state)
{
        _buffer_cleanup_ struct buffer buffer;

        (void)state;
        buffer_init(&buffer, 10);
        buffer_append(&buffer, "0123456789", 10);
        assert_int_equal(buffer.failed, 0);
        assert_int_equal(buffer.size, 10);

        buffer_append(&buffer, "x", 1);
        assert_int_equal(buffer.failed, -STATUS_TOO_LARGE);
        assert_int_equal(buffer.size, 10);

        buffer_truncate(&buffer, 4);
        assert_int_equal(buffer.failed, 0);
        buffer_append(&buffer, "abcdefg", 7);
        assert_int_equal(buffer.failed, -STATUS_TOO_LARGE);
        buffer_append(&buffer, "a", 1);
        assert_int_equal(buffer.size, 4);
        assert_null(buffer_reserve(&buffer, 1));
        assert_memory_equal(buffer.data, "0123", 4);
}

static void buffer_refuses_sizes_that_would_overflow(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;

        (void)state;
        buffer_append(&buffer, "abc", 3);
        assert_null(buffer_reserve(&buffer, SIZE_MAX));
        assert_int_equal(buffer.failed, -STATUS_TOO_LARGE);
        buffer_truncate(&buffer, 3);
        assert_null(buffer_reserve(&buffer, SIZE_MAX / 2));
        assert_int_equal(buffer.failed, -STATUS_NOMEM);
        assert_memory_equal(buffer.data, "abc", 3);
}

static void buffer_truncate_to_the_same_size_clears_a_failure(void **state)
{
        _buffer_cleanup_ struct buffer buffer;

        (void)state;
        buffer_init(&buffer, 3);
        buffer_append(&buffer, "abc", 3);
        buffer_append(&buffer, "d", 1);
        buffer_truncate(&buffer, 3);
        assert_int_equal(buffer.failed, 0);
        assert_int_equal(buffer.size, 3);
        buffer_truncate(&buffer, 100);
        assert_int_equal(buffer.size, 3);
}

static void buffer_consume_moves_the_rest_to_the_front(void **state)
{
        _buffer_cleanup_ struct buffer buffer = BUFFER_NULL;

        (void)state;
        buffer_append(&buffer, "0123456789", 10);
        buffer_consume(&buffer, 0);
        assert_int_equal(buffer.size, 10);
        buffer_consume(&buffer, 3);
        assert_int_equal(buffer.size, 7);
        assert_memory_equal(buffer.data, "3456789", 7);
        buffer_consume(&buffer, 100);
        assert_int_equal(buffer.size, 0);
}

static void buffer_deinit_keeps_the_limit(void **state)
{
        struct buffer buffer;

        (void)state;
        buffer_init(&buffer, 5);
        buffer_append(&buffer, "12345", 5);
        buffer_deinit(&buffer);
        assert_null(buffer.data);
        assert_int_equal(buffer.size, 0);
        assert_int_equal(buffer.capacity, 0);
        assert_int_equal(buffer.limit, 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(buffer_starts_without_memory),
                cmocka_unit_test(buffer_keeps_what_is_appended_while_it_grows),
                cmocka_unit_test(buffer_reserve_gives_room_that_is_not_counted_yet),
                cmocka_unit_test(buffer_append_of_nothing_needs_no_pointer),
                cmocka_unit_test(buffer_limit_is_reached_exactly_and_then_sticks),
                cmocka_unit_test(buffer_refuses_sizes_that_would_overflow),
                cmocka_unit_test(buffer_truncate_to_the_same_size_clears_a_failure),
                cmocka_unit_test(buffer_consume_moves_the_rest_to_the_front),
                cmocka_unit_test(buffer_deinit_keeps_the_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
