/*
 * set_fixture - what tests of the type set begin with: {'a', 'b', 1}
 */
#pragma once

#include "tests/lib/cmocka.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/lib/type_harness.h"

struct set_world {
        struct harness h;
        struct object *s;
        char text[128]; /* of arguments */
};

static inline int set_setup(void **state)
{
        struct set_world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        harness_init(&w->h);
        w->s = harness_create(&w->h, &set_type, "['a', 'b', 1]");
        assert_non_null(w->s);
        *state = w;
        return 0;
}

static inline int set_teardown(void **state)
{
        struct set_world *w = *state;

        harness_deinit(&w->h);
        free(w);
        return 0;
}

#define CALL(method, arguments, expected) assert_call(&w->h, w->s, method, arguments, expected)
#define HOLDS(expected)                   assert_string_equal(harness_repr(&w->h, w->s), expected)

/* The notation of a proxy: in w->text. */
static inline const char *proxy(struct set_world *w, const struct object *object)
{
        snprintf(w->text, sizeof(w->text), "proxy(%" PRIu64 ")", object->ident);
        return w->text;
}

/* The arguments with the proxy in place of each '@'. */
static inline const char *with_proxy(struct set_world *w, const char *arguments,
                                     const struct object *object)
{
        size_t n = 0;

        for (; *arguments && n < sizeof(w->text) - 32; ++arguments) {
                if (*arguments == '@')
                        n += (size_t)sprintf(w->text + n, "proxy(%" PRIu64 ")", object->ident);
                else
                        w->text[n++] = *arguments;
        }
        w->text[n] = '\0';
        return w->text;
}

#define SET_TEST(name) cmocka_unit_test_setup_teardown(name, set_setup, set_teardown)
