/*
 * maker - values, packed as an input chooses
 */
#include "tests/fuzz/maker.h"

#include <math.h>

#include "proto/pack.h"
#include "proto/value.h"

#define MAX_DEPTH 5

static void pack_any(struct maker *maker, struct buffer *out, unsigned depth);

uint64_t maker_ident(struct maker *maker)
{
        static const uint64_t strange[] = { 0, 1, UINT64_MAX, UINT64_C(2) << 40 | 1 };
        uint8_t choice = input_byte(maker->input);

        if (choice >= 0xf0)
                return strange[choice & 3];
        if (choice >= 0x80)
                return maker->next_ident - 1 - (choice & 7);
        return (maker->next_ident >> 40 << 40) + (choice & 15) + 1;
}

const char *maker_word(struct maker *maker)
{
        static const char *const words[] = { "",     "a",    "b",        "key",          "\xc3\xbc",
                                             "dict", "list", "Iterator", "\xed\xa0\x80", "default",
                                             "set" };

        return words[input_below(maker->input, sizeof(words) / sizeof(words[0]))];
}

static double make_real(struct maker *maker)
{
        static const double reals[] = { 0.0,    -0.0,  1.0,       2.5,      0.5, NAN,
                                        0x1p64, 1e300, -INFINITY, INFINITY, 1e-3 };
        uint8_t choice = input_byte(maker->input);
        uint64_t bits;
        double real;

        if (choice < 0xf0)
                return reals[choice % (sizeof(reals) / sizeof(reals[0]))];
        bits = input_number(maker->input, 8);
        memcpy(&real, &bits, sizeof(real));
        return real;
}

static void pack_elements(struct maker *maker, struct buffer *out, unsigned n, unsigned depth)
{
        while (n--)
                pack_any(maker, out, depth + 1);
}

static void pack_nested(struct maker *maker, struct buffer *out, enum ext type, unsigned n,
                        unsigned depth)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, n);
        pack_elements(maker, out, n, depth);
        pack_ext_end(out, begin, type);
}

static void make_token(struct maker *maker, struct buffer *out, unsigned choice)
{
        static const char *const types[] = { "dict", "list",  "Iterator", "Lock",
                                             "set",  "Array", "Namespace" };

        pack_token(out, types[choice % 7], maker_ident(maker));
}

static void make_raw(struct maker *maker, struct buffer *out, unsigned type)
{
        struct span bytes = input_take(maker->input, input_below(maker->input, 24));

        switch (type) {
        case 0:
                pack_str(out, bytes);
                return;
        case 1:
                pack_bytes(out, bytes);
                return;
        case 2:
                pack_ext(out, EXT_BIG_INTEGER, bytes);
                return;
        case 3:
                pack_ext(out, EXT_TYPED_ARRAY, bytes);
                return;
        default:
                pack_packed(out, bytes);
        }
}

/* Long enough to meet limits. */
static void make_long(struct maker *maker, struct buffer *out, unsigned n)
{
        char text[8 * 64];

        memset(text, 'x', sizeof(text));
        pack_str(out, span_of(text, (n + 1) * 64));
        (void)maker;
}

static void make_deep(struct maker *maker, struct buffer *out)
{
        for (unsigned n = input_below(maker->input, 20); n > 0; --n)
                pack_array(out, 1);
        pack_nil(out);
}

static void make_opaque(struct maker *maker, struct buffer *out, unsigned n)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 3);
        pack_cstr(out, "pickle");
        pack_bytes(out, span_of(&n, 1));
        pack_bool(out, n & 1);
        pack_ext_end(out, begin, EXT_OPAQUE);
        (void)maker;
}

/* A part of the last result, so that cursors and tickets come back. */
static void make_last(struct maker *maker, struct buffer *out, unsigned n)
{
        struct value_iter iter;
        struct span element;
        size_t length;

        if (span_is_absent(maker->last)) {
                pack_nil(out);
                return;
        }
        if (n && value_iter_init(&iter, maker->last, &length))
                while (n-- > 0 && value_iter_next(&iter, &element))
                        if (n == 0) {
                                pack_packed(out, element);
                                return;
                        }
        pack_packed(out, maker->last);
}

static void pack_scalar(struct maker *maker, struct buffer *out, unsigned kind, unsigned n)
{
        switch (kind) {
        case 0:
                pack_nil(out);
                return;
        case 1:
                pack_bool(out, n & 1);
                return;
        case 7:
                pack_int(out, -1 - (int64_t)n);
                return;
        case 8:
                pack_int(out, (int64_t)input_number(maker->input, n + 1));
                return;
        case 9:
                pack_uint(out, UINT64_MAX - n);
                return;
        case 10:
        case 11:
                pack_float(out, make_real(maker));
                return;
        case 12:
        case 13:
        case 14:
                pack_cstr(out, maker_word(maker));
                return;
        case 15:
        case 16:
                make_raw(maker, out, n % 5);
                return;
        default:
                pack_uint(out, n);
        }
}

static void pack_container(struct maker *maker, struct buffer *out, unsigned kind, unsigned n,
                           unsigned depth)
{
        switch (kind) {
        case 20:
                pack_map(out, n / 2);
                pack_elements(maker, out, n / 2 * 2, depth);
                return;
        case 21:
                pack_nested(maker, out, EXT_TUPLE, n / 2, depth);
                return;
        case 25:
                pack_nested(maker, out, n & 1 ? EXT_SET : EXT_FROZENSET, n / 2, depth);
                return;
        case 26:
                pack_nested(maker, out, EXT_SLICE, 3, depth);
                return;
        default:
                pack_array(out, n);
                pack_elements(maker, out, n, depth);
        }
}

static void pack_any(struct maker *maker, struct buffer *out, unsigned depth)
{
        uint8_t choice = input_byte(maker->input);
        unsigned kind = choice % 32, n = choice / 32;

        switch (kind) {
        case 22:
        case 23:
        case 24:
                make_token(maker, out, n);
                return;
        case 27:
                make_long(maker, out, n);
                return;
        case 28:
                make_deep(maker, out);
                return;
        case 29:
                if (n < 6)
                        make_opaque(maker, out, n);
                else
                        pack_ext(out, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
                return;
        case 30:
        case 31:
                make_last(maker, out, n);
                return;
        default:
                break;
        }
        if (kind < 18 || depth >= MAX_DEPTH)
                pack_scalar(maker, out, kind, n);
        else
                pack_container(maker, out, kind, n, depth);
}

void maker_pack(struct maker *maker, struct buffer *out)
{
        pack_any(maker, out, 0);
}

/* --- what a parameter expects */

static void make_typeid(struct maker *maker, struct buffer *out)
{
        static const struct {
                uint8_t below;
                const char *name;
        } types[] = {
                { 50, "dict" },           { 95, "list" },       { 125, "set" },
                { 140, "Iterator" },      { 150, "Namespace" }, { 155, "Value" },
                { 165, "Array" },         { 177, "Lock" },      { 187, "RLock" },
                { 199, "Condition" },     { 211, "Semaphore" }, { 216, "BoundedSemaphore" },
                { 223, "Event" },         { 233, "Barrier" },   { 246, "Queue" },
                { 250, "JoinableQueue" },
        };
        uint8_t choice = input_byte(maker->input);
        size_t i = 0;

        /* each as often as it is of use */
        while (i < sizeof(types) / sizeof(types[0]) && choice >= types[i].below)
                ++i;
        pack_cstr(out, i < sizeof(types) / sizeof(types[0]) ? types[i].name : "tuple");
}

static void make_idents(struct maker *maker, struct buffer *out)
{
        unsigned n = input_below(maker->input, 5);

        pack_array(out, n);
        while (n--)
                pack_uint(out, maker_ident(maker));
}

static void make_hello(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input), token[16];

        memset(token, 'A' + (choice & 1), sizeof(token));
        pack_map(out, choice & 8 ? 3 : 2);
        pack_cstr(out, "token");
        pack_bytes(out, span_of(token, sizeof(token) - (choice >= 0xf0)));
        pack_cstr(out, "own");
        pack_cstr(out, choice & 2 ? "session" : "process");
        if (choice & 8) {
                pack_cstr(out, "name");
                pack_any(maker, out, 1);
        }
}

/* [index], or a slice of small numbers. */
static void make_key(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        size_t begin;

        if (choice < 0xa0) {
                pack_int(out, (int64_t)(choice % 12) - 4);
                return;
        }
        if (choice < 0xc0) {
                pack_cstr(out, maker_word(maker));
                return;
        }
        begin = pack_ext_begin(out);
        pack_array(out, 3);
        for (unsigned i = 0; i < 3; ++i) {
                uint8_t part = input_byte(maker->input);

                if (part & 0x80)
                        pack_nil(out);
                else
                        pack_int(out, (int64_t)(part % 16) - 7);
        }
        pack_ext_end(out, begin, EXT_SLICE);
}

/* A few small numbers and words, so that sets have some in common. */
static void make_set(struct maker *maker, struct buffer *out, enum ext type)
{
        uint8_t bits = input_byte(maker->input);
        size_t begin = pack_ext_begin(out), array = pack_array_begin(out), n = 0;

        for (unsigned i = 0; i < 8; ++i) {
                if (!(bits & 1u << i))
                        continue;
                if (i < 4)
                        pack_uint(out, i);
                else
                        pack_str(out, span_of(&"abkx"[i - 4], 1));
                ++n;
        }
        pack_array_end(out, array, n);
        pack_ext_end(out, begin, type);
}

/* What has elements: values, pairs, a set, a proxy. */
static void make_iterable(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        unsigned n = choice / 4 % 8;

        switch (choice & 3) {
        case 0:
                make_token(maker, out, n);
                return;
        case 1:
                if (choice & 0x80) {
                        make_set(maker, out, choice & 0x40 ? EXT_SET : EXT_FROZENSET);
                        return;
                }
                pack_array(out, n);
                pack_elements(maker, out, n, 1);
                return;
        case 2:
                pack_map(out, n);
                for (unsigned i = 0; i < n; ++i) {
                        pack_uint(out, i);
                        pack_any(maker, out, 2);
                }
                return;
        default:
                pack_array(out, n);
                for (unsigned i = 0; i < n; ++i) {
                        pack_array(out, 2);
                        pack_elements(maker, out, 2, 2);
                }
        }
}

static void make_small(struct maker *maker, struct buffer *out)
{
        pack_int(out, (int64_t)input_below(maker->input, 16) - 3);
}

/* What an array is of: a few kinds of each sort, so that arrays meet their like. */
static void make_typecode(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);

        pack_str(out, span_of(&"iiibBuhdfQ"[choice % 10], 1));
}

static void make_array(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        char typecode = "iiibBuhdfQ"[choice % 10];
        size_t begin = pack_ext_begin(out), n = choice / 10 % 5 * value_item_size(typecode);

        buffer_append_byte(out, (uint8_t)typecode);
        for (size_t i = 0; i < n; ++i)
                buffer_append_byte(out,
                                   typecode == 'u' && i % 4 > 1 ? 0 : input_byte(maker->input));
        pack_ext_end(out, begin, EXT_TYPED_ARRAY);
}

/* What an array may be made of: numbers, characters, bytes, an array, a proxy. */
static void make_sequence(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        unsigned n = choice / 8 % 8;

        switch (choice & 7) {
        case 0:
                make_token(maker, out, n);
                return;
        case 1:
                make_array(maker, out);
                return;
        case 2:
                pack_bytes(out, SPAN_LITERAL("abcdefgh"));
                return;
        case 3:
                pack_cstr(out, maker_word(maker));
                return;
        default:
                pack_array(out, n);
                while (n--)
                        make_small(maker, out);
        }
}

/* Anything; now and then a number, or an array, which slices of arrays take. */
static void make_value(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);

        if (choice < 0x40)
                make_array(maker, out);
        else if (choice < 0x80)
                make_small(maker, out);
        else
                pack_any(maker, out, 0);
}

/* What a queue takes together: a list, now and then something else. */
static void make_items(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);
        unsigned n = choice / 8 % 8;

        if ((choice & 7) == 0) {
                pack_nested(maker, out, EXT_TUPLE, n, 2);
                return;
        }
        pack_array(out, n);
        pack_elements(maker, out, n, 2);
}

static void make_flag(struct maker *maker, struct buffer *out)
{
        pack_bool(out, input_byte(maker->input) & 1);
}

static void make_timeout(struct maker *maker, struct buffer *out)
{
        uint8_t choice = input_byte(maker->input);

        if (choice & 1)
                pack_nil(out);
        else
                pack_float(out, choice / 16);
}

static void make_word(struct maker *maker, struct buffer *out)
{
        pack_cstr(out, maker_word(maker));
}

static void make_ident(struct maker *maker, struct buffer *out)
{
        pack_uint(out, maker_ident(maker));
}

static void make_what(struct maker *maker, struct buffer *out)
{
        make_token(maker, out, 0);
}

/* An object, which may be a lock, or None for one of its own. */
static void make_lock(struct maker *maker, struct buffer *out)
{
        if (input_byte(maker->input) & 3)
                make_token(maker, out, 0);
        else
                pack_nil(out);
}

static void make_cursor(struct maker *maker, struct buffer *out)
{
        make_last(maker, out, 1);
}

static const struct {
        const char *param;
        void (*make)(struct maker *maker, struct buffer *out);
} params[] = {
        { "key", make_key },           { "index", make_key },
        { "typeid", make_typeid },     { "name", make_word },
        { "ident", make_ident },       { "idents", make_idents },
        { "ticket", make_small },      { "number", make_small },
        { "info", make_hello },        { "what", make_what },
        { "token", make_what },        { "iterable", make_iterable },
        { "other", make_iterable },    { "keys", make_iterable },
        { "indexes", make_iterable },  { "start", make_small },
        { "stop", make_small },        { "count", make_small },
        { "after", make_small },       { "timeout", make_timeout },
        { "cursor", make_cursor },     { "delta", make_small },
        { "mapping", make_iterable },  { "element", make_key },
        { "others", make_iterable },   { "typecode", make_typecode },
        { "sequence", make_sequence }, { "parties", make_small },
        { "value", make_value },       { "expected", make_value },
        { "new", make_value },         { "items", make_items },
        { "n", make_small },           { "maxsize", make_small },
        { "block", make_flag },        { "redeliver", make_flag },
        { "immediate", make_flag },    { "max_deliveries", make_small },
        { "blocking", make_flag },     { "deadlock", make_flag },
        { "lock", make_lock },
};

void maker_pack_for(struct maker *maker, struct span param, struct buffer *out)
{
        if (input_byte(maker->input) & 7)
                for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); ++i)
                        if (span_equal(param, span_of_cstr(params[i].param))) {
                                params[i].make(maker, out);
                                return;
                        }
        pack_any(maker, out, 0);
}
