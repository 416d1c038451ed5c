/*
 * ext - the msgpack extension types of the protocol
 *
 * msgpack has nil, bool, int, float, str, bin, array (Python's list) and map
 * (Python's dict). What else Python's managers pass around travels as an
 * extension. PROTOCOL.md defines each payload; scan checks it.
 */
#pragma once

enum ext {
        EXT_TUPLE = 1,           /* one msgpack array */
        EXT_TOKEN = 2,           /* array [typeid str, address str|nil, ident uint] */
        EXT_EXCEPTION = 3,       /* array [name str, args array] */
        EXT_SET = 4,             /* one msgpack array, no two elements equal */
        EXT_FROZENSET = 5,       /* as EXT_SET */
        EXT_SLICE = 6,           /* array [start, stop, step], each any value */
        EXT_NOT_IMPLEMENTED = 7, /* empty */
        EXT_BIG_INTEGER = 8,     /* big-endian two's complement, shortest, beyond 64 bits */
        EXT_TYPED_ARRAY =
                9,       /* one typecode byte of Python's array module, then little-endian items */
        EXT_OPAQUE = 10, /* array [codec str, payload bin, hashable bool] */
};
