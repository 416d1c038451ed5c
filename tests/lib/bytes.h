/*
 * bytes - bytes for tests: written as hex, drawn from a seed, exact in memory
 */
#pragma once

#include <assert.h>
#include <stdlib.h>

#include "proto/buffer.h"

static inline unsigned bytes_hex_digit(char c)
{
        return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

/* Appends what the digits mean; blanks between bytes are skipped. */
static inline void bytes_append_hex(struct buffer *out, const char *hex)
{
        for (; *hex; hex += 2) {
                while (*hex == ' ')
                        ++hex;
                if (!*hex)
                        break;
                buffer_append_byte(
                        out, (uint8_t)(bytes_hex_digit(hex[0]) << 4 | bytes_hex_digit(hex[1])));
        }
}

/*
 * A copy that ends where its allocation ends, so that a sanitizer sees every
 * access beyond it. To be freed by free().
 */
static inline uint8_t *bytes_copy(struct span bytes)
{
        uint8_t *copy = malloc(bytes.size ? bytes.size : 1);

        assert(copy);
        if (bytes.size)
                memcpy(copy, bytes.data, bytes.size);
        return copy;
}

/* xorshift64*: the same numbers from the same seed everywhere. */
struct bytes_random {
        uint64_t state; /* not zero */
};

static inline uint64_t bytes_random_next(struct bytes_random *random)
{
        random->state ^= random->state >> 12;
        random->state ^= random->state << 25;
        random->state ^= random->state >> 27;
        return random->state * 0x2545f4914f6cdd1du;
}

/* 0 … n - 1 */
static inline uint32_t bytes_random_below(struct bytes_random *random, uint32_t n)
{
        return (uint32_t)((bytes_random_next(random) >> 32) * n >> 32);
}
