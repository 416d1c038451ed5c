/*
 * span - a borrowed run of bytes
 *
 * The daemon and the client library pass values around as the packed bytes
 * they arrived in. A span points into memory that somebody else owns; it never
 * frees anything. A span whose data is NULL is *absent*, which differs from an
 * empty one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
        const uint8_t *data;
        size_t size;
};

#define SPAN_ABSENT ((struct span){ NULL, 0 })

/* The bytes of a string literal, without its terminating zero. */
#define SPAN_LITERAL(literal) ((struct span){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static inline struct span span_of(const void *data, size_t size)
{
        return (struct span){ data, size };
}

static inline struct span span_of_cstr(const char *cstr)
{
        return (struct span){ (const uint8_t *)cstr, strlen(cstr) };
}

static inline bool span_is_absent(struct span s)
{
        return !s.data;
}

static inline bool span_equal(struct span a, struct span b)
{
        return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Below, at or above zero: by the first byte that differs, a prefix first. */
static inline int span_compare(struct span a, struct span b)
{
        size_t n = a.size < b.size ? a.size : b.size;
        int order = n ? memcmp(a.data, b.data, n) : 0;

        return order ? order : (a.size > b.size) - (a.size < b.size);
}
