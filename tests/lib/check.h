/*
 * check - packed values in unit tests
 *
 * Values are short enough to be written as the bytes they are packed to.
 */
#pragma once

#include "proto/buffer.h"
#include "tests/lib/cmocka.h"

#define V(literal) SPAN_LITERAL(literal)

static inline void check_span(struct span got, struct span wanted)
{
        assert_int_equal(got.size, wanted.size);
        if (wanted.size)
                assert_memory_equal(got.data, wanted.data, wanted.size);
}

static inline void check_text(struct span got, const char *wanted)
{
        check_span(got, span_of_cstr(wanted));
}
