/*
 * list_fixture - what tests of the type list begin with
 */
#pragma once

#include "tests/lib/cmocka.h"
#include "tests/lib/type_harness.h"

static inline int list_setup(void **state)
{
        struct harness *h = malloc(sizeof(*h));

        if (!h)
                return -1;
        harness_init(h);
        *state = h;
        return 0;
}

static inline int list_teardown(void **state)
{
        struct harness *h = *state;

        harness_deinit(h);
        free(h);
        return 0;
}

static inline void assert_list(struct harness *h, struct object *list, const char *expected)
{
        assert_string_equal(harness_repr(h, list), expected);
}

static inline struct object *new_list(struct harness *h, const char *elements)
{
        struct object *list = harness_create(h, &list_type, "%s", elements);

        assert_non_null(list);
        return list;
}

#define LIST_TEST(name) cmocka_unit_test_setup_teardown(name, list_setup, list_teardown)
