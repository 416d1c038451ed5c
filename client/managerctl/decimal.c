/*
 * decimal - integers of any size, read from text
 *
 * What does not fit 64 bits becomes the extension of PROTOCOL.md: two's complement, as
 * short as possible.
 */
#include "client/managerctl/decimal.h"

#include <string.h>

#define EXT_BIG_INTEGER 8
#define CHUNK_DIGITS    9
#define CHUNK           1000000000u
#define MAX_BYTES       1792 /* 10 to the 4300th takes 14,286 bits with its sign */
#define MAX_WORDS       (MAX_BYTES / 4)
#define HEAD_SIZE       4

bool decimal_is_integer(const char *text, size_t size)
{
        if (size && *text == '-') {
                ++text;
                --size;
        }
        if (size == 0 || (size > 1 && *text == '0'))
                return false;
        for (size_t i = 0; i < size; ++i)
                if (text[i] < '0' || text[i] > '9')
                        return false;
        return true;
}

/* Digits to words, the least significant first. How many words there are. */
static size_t load(const char *digits, size_t size, uint32_t words[MAX_WORDS])
{
        size_t n = 0;

        while (size) {
                size_t n_digits = size % CHUNK_DIGITS ? size % CHUNK_DIGITS : CHUNK_DIGITS;
                uint64_t carry = 0;

                for (size_t i = 0; i < n_digits; ++i)
                        carry = carry * 10 + (uint64_t)(digits[i] - '0');
                for (size_t i = 0; i < n; ++i) {
                        carry += (uint64_t)words[i] * CHUNK;
                        words[i] = (uint32_t)carry;
                        carry >>= 32;
                }
                if (carry)
                        words[n++] = (uint32_t)carry;
                digits += n_digits;
                size -= n_digits;
        }
        return n;
}

/* Words to two's complement with the most significant byte first; where it begins in `bytes`. */
static size_t store(const uint32_t *words, size_t n, bool negative, unsigned char *bytes,
                    size_t size)
{
        unsigned carry = negative;
        size_t begin = 0;

        for (size_t i = 0; i < size; ++i) {
                unsigned byte = i / 4 < n ? words[i / 4] >> (8 * (i % 4)) & 0xff : 0;

                if (negative) {
                        byte = (~byte & 0xff) + carry;
                        carry = byte >> 8;
                }
                bytes[size - 1 - i] = (unsigned char)byte;
        }
        while (begin + 1 < size && bytes[begin] == (negative ? 0xff : 0) &&
               (bytes[begin + 1] & 0x80) == (negative ? 0x80 : 0))
                ++begin;
        return begin;
}

static int make_big(const uint32_t *words, size_t n, bool negative, mgr_value *value)
{
        unsigned char packed[HEAD_SIZE + MAX_BYTES + 4];
        const size_t room = 4 * n + 1;
        size_t begin = store(words, n, negative, packed + HEAD_SIZE, room);
        size_t size = room - begin;
        unsigned char *head;

        if (size < 256) {
                head = packed + HEAD_SIZE + begin - 3;
                memcpy(head, (unsigned char[]){ 0xc7, (unsigned char)size, EXT_BIG_INTEGER }, 3);
                return mgr_value_unpack(head, size + 3, value);
        }
        head = packed + HEAD_SIZE + begin - 4;
        memcpy(head,
               (unsigned char[]){ 0xc8, (unsigned char)(size >> 8), (unsigned char)size,
                                  EXT_BIG_INTEGER },
               4);
        return mgr_value_unpack(head, size + 4, value);
}

int decimal_read(const char *text, size_t size, mgr_value *value)
{
        bool negative = size && *text == '-';
        uint32_t words[MAX_WORDS];
        uint64_t small;
        size_t n;

        text += negative;
        size -= negative;
        if (size > DECIMAL_MAX_DIGITS)
                return MGR_ETOO_LARGE;
        n = load(text, size, words);
        small = (n > 0 ? words[0] : 0) | (uint64_t)(n > 1 ? words[1] : 0) << 32;
        if (n > 2 || (negative && small > (uint64_t)INT64_MAX + 1))
                return make_big(words, n, negative, value);
        if (!negative)
                *value = mgr_uint(small);
        else
                *value = mgr_int(small > INT64_MAX ? INT64_MIN : -(int64_t)small);
        return 0;
}
