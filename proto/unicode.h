/*
 * unicode - UTF-8, and what Python's repr() thinks of a code point
 *
 * Text is UTF-8 in which lone surrogates may stand as three bytes, the way
 * Python's "surrogatepass" writes them: a Python str that came from a file name
 * can hold them, and must come back as it was.
 */
#pragma once

#include "proto/span.h"

#define UNICODE_MAX 0x10ffffu

/* Whether the bytes are such UTF-8: nothing overlong, cut off, or beyond UNICODE_MAX. */
bool utf8_valid(struct span text);

/* The code point at *at, which is moved behind it. The text has been found valid. */
static inline uint32_t utf8_next(const uint8_t **at)
{
        const uint8_t *p = *at;

        if (p[0] < 0x80) {
                *at = p + 1;
                return p[0];
        }
        if (p[0] < 0xe0) {
                *at = p + 2;
                return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        }
        if (p[0] < 0xf0) {
                *at = p + 3;
                return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        }
        *at = p + 4;
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/* The beginning of a valid text: at most n bytes, and no character is cut through. */
static inline struct span utf8_cut(struct span text, size_t n)
{
        if (text.size <= n)
                return text;
        while (n > 0 && (text.data[n] & 0xc0) == 0x80)
                --n;
        return span_of(text.data, n);
}

/* Writes a code point (a surrogate too) and returns how many bytes it took. */
size_t utf8_encode(uint32_t code, uint8_t bytes[4]);

/* str.isprintable() of one code point: repr() shows it as it is. */
bool unicode_printable(uint32_t code);

/* Sorted, first and last inclusive; in unicode_table.c, which unicode.py writes. */
struct unicode_range {
        uint32_t first, last;
};
#define UNICODE_N_PRINTABLE_RANGES 700
extern const struct unicode_range unicode_printable_ranges[UNICODE_N_PRINTABLE_RANGES];
