/*
 * scalar - None, bool, int and float, packed and unpacked on the spot
 *
 * A pool's tasks are many and their values small: these loops are where its time goes. The same
 * bytes as content_pack() writes and content_view() reads, without a call and with the bounds
 * checked, so that what arrives needs no scan.
 */
#pragma once

#include "client/manager.h"
#include "proto/head.h"

#define SCALAR_MAX_SIZE 9

static inline bool scalar_is(const mgr_value *value)
{
        return (unsigned)value->kind < MGR_KIND_STR;
}

static inline size_t scalar_put16(uint8_t *to, uint8_t head, uint16_t number)
{
        number = htobe16(number);
        to[0] = head;
        memcpy(to + 1, &number, sizeof(number));
        return 3;
}

static inline size_t scalar_put32(uint8_t *to, uint8_t head, uint32_t number)
{
        number = htobe32(number);
        to[0] = head;
        memcpy(to + 1, &number, sizeof(number));
        return 5;
}

static inline size_t scalar_put64(uint8_t *to, uint8_t head, uint64_t number)
{
        number = htobe64(number);
        to[0] = head;
        memcpy(to + 1, &number, sizeof(number));
        return 9;
}

static inline size_t scalar_pack_uint(uint8_t *to, uint64_t number)
{
        if (number < 0x80) {
                to[0] = (uint8_t)number;
                return 1;
        }
        if (number > UINT32_MAX)
                return scalar_put64(to, 0xcf, number);
        if (number > UINT16_MAX)
                return scalar_put32(to, 0xce, (uint32_t)number);
        if (number > UINT8_MAX)
                return scalar_put16(to, 0xcd, (uint16_t)number);
        to[0] = 0xcc;
        to[1] = (uint8_t)number;
        return 2;
}

static inline size_t scalar_pack_negative(uint8_t *to, int64_t number)
{
        if (number >= -32) {
                to[0] = (uint8_t)number;
                return 1;
        }
        if (number < INT32_MIN)
                return scalar_put64(to, 0xd3, (uint64_t)number);
        if (number < INT16_MIN)
                return scalar_put32(to, 0xd2, (uint32_t)number);
        if (number < INT8_MIN)
                return scalar_put16(to, 0xd1, (uint16_t)number);
        to[0] = 0xd0;
        to[1] = (uint8_t)number;
        return 2;
}

/* Of a value that scalar_is(), to where SCALAR_MAX_SIZE bytes have room. Returns how many. */
static inline size_t scalar_pack(uint8_t *to, const mgr_value *value)
{
        uint64_t bits;

        switch (value->kind) {
        case MGR_KIND_INT:
                if (value->as.integer < 0)
                        return scalar_pack_negative(to, value->as.integer);
                return scalar_pack_uint(to, value->as.uinteger);
        case MGR_KIND_UINT:
                return scalar_pack_uint(to, value->as.uinteger);
        case MGR_KIND_FLOAT:
                memcpy(&bits, &value->as.real, sizeof(bits));
                return scalar_put64(to, 0xcb, bits);
        case MGR_KIND_BOOL:
                to[0] = value->as.boolean ? 0xc3 : 0xc2;
                return 1;
        default:
                to[0] = 0xc0;
                return 1;
        }
}

/* How long a scalar is, by its first byte; 0 of anything else. */
static inline size_t scalar_size(uint8_t first)
{
        static const uint8_t sizes[] = {
                [0xc0 - 0xc0] = 1, [0xc2 - 0xc0] = 1, [0xc3 - 0xc0] = 1, [0xca - 0xc0] = 5,
                [0xcb - 0xc0] = 9, [0xcc - 0xc0] = 2, [0xcd - 0xc0] = 3, [0xce - 0xc0] = 5,
                [0xcf - 0xc0] = 9, [0xd0 - 0xc0] = 2, [0xd1 - 0xc0] = 3, [0xd2 - 0xc0] = 5,
                [0xd3 - 0xc0] = 9, [0xdf - 0xc0] = 0,
        };

        if (first < 0x80 || first >= 0xe0)
                return 1;
        return first >= 0xc0 ? sizes[first - 0xc0] : 0;
}

/*
 * Member by member: a struct that is made and then copied is read back in bigger pieces than it was
 * written in, which costs a processor more than all the rest here.
 */
static inline void scalar_set(mgr_value *out, int kind, uint64_t bits)
{
        out->kind = kind;
        out->flags = 0;
        out->as.text.size = 0;
        out->as.uinteger = bits;
        out->owner = NULL;
        out->origin = NULL;
        out->reserved[0] = out->reserved[1] = NULL;
}

static inline void scalar_set_uint(mgr_value *out, uint64_t number)
{
        scalar_set(out, number > INT64_MAX ? MGR_KIND_UINT : MGR_KIND_INT, number);
}

static inline void scalar_set_int(mgr_value *out, int64_t number)
{
        scalar_set(out, MGR_KIND_INT, (uint64_t)number);
}

static inline void scalar_set_float(mgr_value *out, double real)
{
        uint64_t bits;

        memcpy(&bits, &real, sizeof(bits));
        scalar_set(out, MGR_KIND_FLOAT, bits);
}

static inline void scalar_unpack_long(const uint8_t *at, mgr_value *out)
{
        switch (at[0]) {
        case 0xc0:
                scalar_set(out, MGR_KIND_NONE, 0);
                return;
        case 0xc2:
        case 0xc3:
                scalar_set(out, MGR_KIND_BOOL, 0);
                out->as.boolean = at[0] & 1;
                return;
        case 0xca:
                scalar_set_float(out, head_load_float(at + 1));
                return;
        case 0xcb:
                scalar_set_float(out, head_load_double(at + 1));
                return;
        case 0xcc:
                scalar_set_int(out, at[1]);
                return;
        case 0xcd:
                scalar_set_int(out, head_load16(at + 1));
                return;
        case 0xcf:
                scalar_set_uint(out, head_load64(at + 1));
                return;
        case 0xd0:
                scalar_set_int(out, (int8_t)at[1]);
                return;
        case 0xd1:
                scalar_set_int(out, (int16_t)head_load16(at + 1));
                return;
        case 0xd2:
                scalar_set_int(out, (int32_t)head_load32(at + 1));
                return;
        case 0xd3:
                scalar_set_int(out, (int64_t)head_load64(at + 1));
                return;
        default:
                scalar_set_int(out, (int8_t)at[0]);
        }
}

/* Of as many bytes as scalar_size() said. */
static inline void scalar_unpack(const uint8_t *at, mgr_value *out)
{
        if (at[0] == 0xce)
                scalar_set_int(out, head_load32(at + 1));
        else if (at[0] == 0xcf)
                scalar_set_uint(out, head_load64(at + 1));
        else
                scalar_unpack_long(at, out);
}
