/*
 * head - the first bytes of a packed value
 *
 * Takes one msgpack header apart. What it reads has been accepted by scan, so
 * there is no bound to check and no way to fail. For the rooms of proto/ that
 * walk over values; others use value.h.
 */
#pragma once

#include <endian.h>

#include "proto/ext.h"
#include "proto/span.h"

enum head_kind {
        HEAD_NIL,
        HEAD_BOOL,
        HEAD_INT,  /* negative, in `number` as int64_t */
        HEAD_UINT, /* not negative, however it was written */
        HEAD_FLOAT,
        HEAD_STR,
        HEAD_BIN,
        HEAD_ARRAY,
        HEAD_MAP,
        HEAD_EXT,
};

struct head {
        enum head_kind kind;
        uint8_t ext;     /* enum ext, of HEAD_EXT */
        unsigned size;   /* bytes up to where the payload or the first element begins */
        size_t payload;  /* bytes behind the head: of str, bin, ext */
        size_t elements; /* values behind the head: of array, map (two an entry) */
        union {
                uint64_t number; /* of bool, int, uint */
                double real;     /* of float */
        };
};

static inline uint16_t head_load16(const uint8_t *at)
{
        uint16_t big;

        memcpy(&big, at, sizeof(big));
        return be16toh(big);
}

static inline uint32_t head_load32(const uint8_t *at)
{
        uint32_t big;

        memcpy(&big, at, sizeof(big));
        return be32toh(big);
}

static inline uint64_t head_load64(const uint8_t *at)
{
        uint64_t big;

        memcpy(&big, at, sizeof(big));
        return be64toh(big);
}

static inline double head_load_float(const uint8_t *at)
{
        uint32_t bits = head_load32(at);
        float real;

        memcpy(&real, &bits, sizeof(real));
        return (double)real;
}

static inline double head_load_double(const uint8_t *at)
{
        uint64_t bits = head_load64(at);
        double real;

        memcpy(&real, &bits, sizeof(real));
        return real;
}

#define HEAD_PLAIN(kind_, size_) ((struct head){ .kind = (kind_), .size = (size_) })
#define HEAD_BYTES(kind_, size_, payload_)                                                         \
        ((struct head){ .kind = (kind_), .size = (size_), .payload = (payload_) })
#define HEAD_ELEMENTS(kind_, size_, elements_)                                                     \
        ((struct head){ .kind = (kind_), .size = (size_), .elements = (elements_) })
#define HEAD_EXTENSION(type_, size_, payload_)                                                     \
        ((struct head){ .kind = HEAD_EXT, .ext = (type_), .size = (size_), .payload = (payload_) })
#define HEAD_REAL(size_, real_)                                                                    \
        ((struct head){ .kind = HEAD_FLOAT, .size = (size_), .real = (real_) })

static inline struct head head_of_uint(unsigned size, uint64_t number)
{
        return (struct head){ .kind = HEAD_UINT, .size = size, .number = number };
}

static inline struct head head_of_int(unsigned size, int64_t number)
{
        return (struct head){
                .kind = number < 0 ? HEAD_INT : HEAD_UINT,
                .size = size,
                .number = (uint64_t)number,
        };
}

/* Everything but the forms of one byte's head, which head_read() sees to itself. */
static inline struct head head_read_long(const uint8_t *at)
{
        switch (at[0]) {
        case 0xc2:
        case 0xc3:
                return (struct head){ .kind = HEAD_BOOL, .size = 1, .number = at[0] & 1 };
        case 0xc4:
                return HEAD_BYTES(HEAD_BIN, 2, at[1]);
        case 0xc5:
                return HEAD_BYTES(HEAD_BIN, 3, head_load16(at + 1));
        case 0xc6:
                return HEAD_BYTES(HEAD_BIN, 5, head_load32(at + 1));
        case 0xc7:
                return HEAD_EXTENSION(at[2], 3, at[1]);
        case 0xc8:
                return HEAD_EXTENSION(at[3], 4, head_load16(at + 1));
        case 0xc9:
                return HEAD_EXTENSION(at[5], 6, head_load32(at + 1));
        case 0xca:
                return HEAD_REAL(5, head_load_float(at + 1));
        case 0xcb:
                return HEAD_REAL(9, head_load_double(at + 1));
        case 0xcc:
                return head_of_uint(2, at[1]);
        case 0xcd:
                return head_of_uint(3, head_load16(at + 1));
        case 0xce:
                return head_of_uint(5, head_load32(at + 1));
        case 0xcf:
                return head_of_uint(9, head_load64(at + 1));
        case 0xd0:
                return head_of_int(2, (int8_t)at[1]);
        case 0xd1:
                return head_of_int(3, (int16_t)head_load16(at + 1));
        case 0xd2:
                return head_of_int(5, (int32_t)head_load32(at + 1));
        case 0xd3:
                return head_of_int(9, (int64_t)head_load64(at + 1));
        case 0xd4 ... 0xd8:
                return HEAD_EXTENSION(at[1], 2, (size_t)1 << (at[0] - 0xd4));
        case 0xd9:
                return HEAD_BYTES(HEAD_STR, 2, at[1]);
        case 0xda:
                return HEAD_BYTES(HEAD_STR, 3, head_load16(at + 1));
        case 0xdb:
                return HEAD_BYTES(HEAD_STR, 5, head_load32(at + 1));
        case 0xdc:
                return HEAD_ELEMENTS(HEAD_ARRAY, 3, head_load16(at + 1));
        case 0xdd:
                return HEAD_ELEMENTS(HEAD_ARRAY, 5, head_load32(at + 1));
        case 0xde:
                return HEAD_ELEMENTS(HEAD_MAP, 3, (size_t)head_load16(at + 1) * 2);
        case 0xdf:
                return HEAD_ELEMENTS(HEAD_MAP, 5, (size_t)head_load32(at + 1) * 2);
        default:
                return HEAD_PLAIN(HEAD_NIL, 1);
        }
}

static inline struct head head_read(const uint8_t *at)
{
        uint8_t first = at[0];

        if (first < 0x80)
                return head_of_uint(1, first);
        if (first >= 0xe0)
                return head_of_int(1, (int8_t)first);
        if (first >= 0xc0)
                return head_read_long(at);
        if (first >= 0xa0)
                return HEAD_BYTES(HEAD_STR, 1, first & 0x1f);
        if (first >= 0x90)
                return HEAD_ELEMENTS(HEAD_ARRAY, 1, first & 0x0f);
        return HEAD_ELEMENTS(HEAD_MAP, 1, (size_t)(first & 0x0f) * 2);
}

/* Whether an extension's payload is itself one packed value (an array) with values inside. */
static inline bool head_is_nest(const struct head *head)
{
        return head->kind == HEAD_EXT &&
               (head->ext == EXT_TUPLE || head->ext == EXT_EXCEPTION || head->ext == EXT_SET ||
                head->ext == EXT_FROZENSET || head->ext == EXT_SLICE);
}
