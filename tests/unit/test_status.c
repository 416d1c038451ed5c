/*
 * test_status - every error there is, once
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/status.h"

static const struct {
        int number;
        const char *wire;
        const char *text;
} rows[] = {
#define ROW(name, number, wire, text) { number, wire, text },
        STATUS_LIST(ROW)
#undef ROW
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static void status_numbers_and_wire_names_are_unique(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ROWS; ++i) {
                assert_true(rows[i].number > 0);
                for (size_t j = 0; j < i; ++j) {
                        assert_int_not_equal(rows[i].number, rows[j].number);
                        if (rows[i].wire[0])
                                assert_string_not_equal(rows[i].wire, rows[j].wire);
                }
        }
}

static void status_accepts_either_sign(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ROWS; ++i) {
                assert_string_equal(status_wire_name(rows[i].number), rows[i].wire);
                assert_string_equal(status_wire_name(-rows[i].number), rows[i].wire);
                assert_string_equal(status_text(rows[i].number), rows[i].text);
                assert_string_equal(status_text(-rows[i].number), rows[i].text);
        }
        assert_string_equal(status_text(0), "done");
        assert_string_equal(status_text(9999), "unknown error");
        assert_string_equal(status_wire_name(9999), "");
}

static void status_comes_back_from_its_wire_name(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_ROWS; ++i)
                if (rows[i].wire[0])
                        assert_int_equal(status_from_wire_name(span_of_cstr(rows[i].wire)),
                                         rows[i].number);
}

static void status_of_a_foreign_name_is_remote(void **state)
{
        (void)state;
        assert_int_equal(status_from_wire_name(SPAN_LITERAL("ZeroDivisionError")), STATUS_REMOTE);
        assert_int_equal(status_from_wire_name(SPAN_LITERAL("KeyErro")), STATUS_REMOTE);
        assert_int_equal(status_from_wire_name(SPAN_LITERAL("KeyErrors")), STATUS_REMOTE);
        assert_int_equal(status_from_wire_name(SPAN_LITERAL("")), STATUS_REMOTE);
        assert_int_equal(status_from_wire_name(SPAN_ABSENT), STATUS_REMOTE);
}

static void status_tells_exceptions_from_tracebacks(void **state)
{
        (void)state;
        assert_true(status_is_exception(-STATUS_KEY));
        assert_true(status_is_exception(STATUS_ASSERTION));
        assert_false(status_is_exception(-STATUS_NO_OBJECT));
        assert_false(status_is_exception(STATUS_BAD_REQUEST));
}

/* Numbers are published: they may be added to, never changed. */
static void status_numbers_stay_what_they_were(void **state)
{
        (void)state;
        assert_int_equal(STATUS_KEY, 3);
        assert_int_equal(STATUS_UNICODE, 19);
        assert_int_equal(STATUS_NO_OBJECT, 32);
        assert_int_equal(STATUS_TOO_LARGE, 35);
        assert_int_equal(STATUS_AUTHENTICATION, 67);
        assert_int_equal(STATUS_OWNER_LOST, 73);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(status_numbers_and_wire_names_are_unique),
                cmocka_unit_test(status_accepts_either_sign),
                cmocka_unit_test(status_comes_back_from_its_wire_name),
                cmocka_unit_test(status_of_a_foreign_name_is_remote),
                cmocka_unit_test(status_tells_exceptions_from_tracebacks),
                cmocka_unit_test(status_numbers_stay_what_they_were),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
