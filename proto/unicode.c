/*
 * unicode - UTF-8, and what Python's repr() thinks of a code point
 */
#include "proto/unicode.h"

/* The length of the sequence at `at`, which begins with a byte >= 0x80; 0 where it is wrong. */
static inline size_t utf8_check_sequence(const uint8_t *at, const uint8_t *end)
{
        uint8_t lead = at[0];
        size_t n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint8_t low = 0x80, high = 0xbf;

        if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - at) < n)
                return 0;

        /* Only the second byte tells overlong and too large forms apart. */
        if (lead == 0xe0)
                low = 0xa0;
        else if (lead == 0xf0)
                low = 0x90;
        else if (lead == 0xf4)
                high = 0x8f;
        if (at[1] < low || at[1] > high)
                return 0;

        for (size_t i = 2; i < n; ++i)
                if ((at[i] & 0xc0) != 0x80)
                        return 0;
        return n;
}

bool utf8_valid(struct span text)
{
        const uint8_t *at = text.data, *end;

        if (!text.size)
                return true;

        end = at + text.size;
        while (at < end) {
                uint64_t word;
                size_t n;

                if (*at >= 0x80) {
                        n = utf8_check_sequence(at, end);
                        if (!n)
                                return false;
                        at += n;
                        continue;
                }
                while (end - at >= 8) {
                        memcpy(&word, at, 8);
                        if (word & 0x8080808080808080u)
                                break;
                        at += 8;
                }
                while (at < end && *at < 0x80)
                        ++at;
        }
        return true;
}

size_t utf8_encode(uint32_t code, uint8_t bytes[4])
{
        if (code < 0x80) {
                bytes[0] = (uint8_t)code;
                return 1;
        }
        if (code < 0x800) {
                bytes[0] = (uint8_t)(0xc0 | code >> 6);
                bytes[1] = (uint8_t)(0x80 | (code & 0x3f));
                return 2;
        }
        if (code < 0x10000) {
                bytes[0] = (uint8_t)(0xe0 | code >> 12);
                bytes[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
                bytes[2] = (uint8_t)(0x80 | (code & 0x3f));
                return 3;
        }
        bytes[0] = (uint8_t)(0xf0 | code >> 18);
        bytes[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        bytes[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        bytes[3] = (uint8_t)(0x80 | (code & 0x3f));
        return 4;
}

bool unicode_printable(uint32_t code)
{
        size_t low = 0, high = UNICODE_N_PRINTABLE_RANGES;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (code > unicode_printable_ranges[middle].last)
                        low = middle + 1;
                else if (code < unicode_printable_ranges[middle].first)
                        high = middle;
                else
                        return true;
        }
        return false;
}
