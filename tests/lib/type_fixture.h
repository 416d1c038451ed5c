/*
 * type_fixture - what tests of a type begin and end with: a harness
 */
#pragma once

#include "tests/lib/cmocka.h"
#include "tests/lib/type_harness.h"

static inline int type_setup(void **state)
{
        struct harness *h = malloc(sizeof(*h));

        if (!h)
                return -1;
        harness_init(h);
        *state = h;
        return 0;
}

/* All that was stored must have been given back by then. */
static inline int type_teardown(void **state)
{
        struct harness *h = *state;

        harness_deinit(h);
        free(h);
        return 0;
}

/* Python's str() of the object. */
static inline void assert_str(struct object *object, const char *expected)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;

        assert_int_equal(object->type->str(object, &text), 0);
        buffer_append_byte(&text, '\0');
        assert_string_equal(text.data, expected);
}

/* A new object, which must be. */
#define new_object(h, type, ...)                                                                   \
        __extension__({                                                                            \
                struct object *object_ = harness_create(h, type, __VA_ARGS__);                     \
                if (!object_)                                                                      \
                        fail_msg("not created: %s", harness_text(h));                              \
                object_;                                                                           \
        })

/* The constructor fails with this. */
#define assert_not_created(h, type, arguments, expected)                                           \
        do {                                                                                       \
                assert_null(harness_create(h, type, "%s", arguments));                             \
                assert_string_equal(harness_text(h), expected);                                    \
        } while (0)

#define TYPE_TEST(name) cmocka_unit_test_setup_teardown(name, type_setup, type_teardown)
