/*
 * client - what the client's system tests have in common
 *
 * A private daemon for each program, and assertions that show what the library said. Where
 * $TEST_ADDRESS is set there is one already, which nobody else uses now.
 */
#pragma once

#include <string.h>

#include "client/manager.h"
#include "tests/lib/cmocka.h"

/* Of this program: started before its first test, ended behind the last one. */
static mgr_manager *m;

/* Whether every instruction is looked at: then numbers are as small as makes sense. */
static inline bool is_slow(void)
{
        return getenv("TEST_SLOW") != NULL;
}

/* A manager with these options, of a daemon of its own where that can be. */
static inline int new_manager(mgr_manager **manager, const mgr_options *options)
{
        const char *address = getenv("TEST_ADDRESS");

        return address ? mgr_connect(manager, address, options)
                       : mgr_manager_start(manager, options);
}

static inline int start_manager(void **state)
{
        (void)state;
        if (new_manager(&m, NULL) == 0)
                return 0;
        print_error("%s\n", mgr_errmsg());
        return -1;
}

static inline int end_manager(void **state)
{
        (void)state;
        mgr_manager_free(m);
        return 0;
}

static inline void check_return(int r, int expected, const char *call, const char *file, int line)
{
        if (r == expected)
                return;
        print_error("%s returned %d, not %d (%s)\n", call, r, expected, r < 0 ? mgr_errmsg() : "-");
        _fail(file, line);
}

/* The call returns 0; or 1, or an error with exactly this message. */
#define assert_done(call) check_return(call, 0, #call, __FILE__, __LINE__)
#define assert_yes(call)  check_return(call, 1, #call, __FILE__, __LINE__)
#define assert_error(call, error, message)                                                         \
        do {                                                                                       \
                check_return(call, error, #call, __FILE__, __LINE__);                              \
                assert_string_equal(mgr_errmsg(), message);                                        \
        } while (0)

/* The value's repr() is this; it is cleared. */
#define assert_repr(value, text) check_repr(value, text, __FILE__, __LINE__)
static inline void check_repr(mgr_value *value, const char *text, const char *file, int line)
{
        mgr_value repr;

        check_return(mgr_value_repr(value, &repr), 0, "mgr_value_repr", file, line);
        if (strcmp(mgr_cstr(&repr), text) != 0) {
                print_error("%s is not %s\n", mgr_cstr(&repr), text);
                _fail(file, line);
        }
        mgr_value_clear(&repr);
        mgr_value_clear(value);
}

/* A call that writes a value, and the value's repr(). */
#define assert_value(call, value, text)                                                            \
        do {                                                                                       \
                assert_done(call);                                                                 \
                assert_repr(value, text);                                                          \
        } while (0)

static inline void assert_dict(const mgr_dict *d, const char *text)
{
        mgr_value str;

        assert_done(mgr_dict_str(d, &str));
        assert_string_equal(mgr_cstr(&str), text);
        mgr_value_clear(&str);
}

static inline void assert_list(const mgr_list *l, const char *text)
{
        mgr_value str;

        assert_done(mgr_list_str(l, &str));
        assert_string_equal(mgr_cstr(&str), text);
        mgr_value_clear(&str);
}

/* A list of the integers from 0 to n - 1. */
static inline mgr_list *new_range(int n)
{
        mgr_list *l;

        assert_done(mgr_list_new(m, &l));
        for (int i = 0; i < n; ++i)
                assert_done(mgr_list_append(l, i));
        return l;
}

static inline mgr_dict *new_dict(void)
{
        mgr_dict *d;

        assert_done(mgr_dict_new(m, &d));
        return d;
}

static inline size_t count_objects(void)
{
        size_t n;

        assert_done(mgr_manager_number_of_objects(m, &n));
        return n;
}
