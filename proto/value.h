/*
 * value - reading packed values as Python sees them
 *
 * Everything here works on bytes that scan has accepted (or that we packed
 * ourselves) and never reads outside of them. A value is one span that covers
 * exactly one packed value.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/ext.h"
#include "proto/span.h"

enum value_kind {
        VALUE_NONE,
        VALUE_BOOL,
        VALUE_INT, /* fits int64_t or uint64_t */
        VALUE_FLOAT,
        VALUE_STR,
        VALUE_BYTES,
        VALUE_LIST,
        VALUE_DICT,
        VALUE_TUPLE,
        VALUE_TOKEN,
        VALUE_EXCEPTION,
        VALUE_SET,
        VALUE_FROZENSET,
        VALUE_SLICE,
        VALUE_NOT_IMPLEMENTED,
        VALUE_BIG_INTEGER,
        VALUE_TYPED_ARRAY,
        VALUE_OPAQUE,
};

enum value_kind value_kind(struct span value);

/* Python's name of the value's type: "int", "NoneType", "array.array", "object" for opaque … */
const char *value_type_name(struct span value);

/* The class of Python's proxy for this typeid, such as "DictProxy"; NULL for an AutoProxy. */
const char *value_proxy_name(struct span typeid);

/* The length in bytes of the value that begins at `bytes` (accepted by scan before). */
size_t value_size(const uint8_t *bytes);

/* --- typed reading: true and *out, or false where the value is of another kind or out of range */

bool value_get_bool(struct span value, bool *out);
bool value_get_int64(struct span value, int64_t *out); /* also from bool, as in Python */
bool value_get_uint64(struct span value, uint64_t *out);
bool value_get_number(struct span value, double *out); /* int of any size, bool or float; rounded */
bool value_get_str(struct span value, struct span *out);
bool value_get_bytes(struct span value, struct span *out);
bool value_is_none(struct span value);

struct value_token {
        struct span typeid;
        struct span address; /* absent where nil */
        uint64_t ident;
};
bool value_get_token(struct span value, struct value_token *out);

struct value_slice {
        struct span start, stop, step; /* packed values */
};
bool value_get_slice(struct span value, struct value_slice *out);

struct value_exception {
        struct span name; /* text */
        struct span args; /* a packed list */
};
bool value_get_exception(struct span value, struct value_exception *out);

struct value_typed_array {
        char typecode;
        size_t item_size;
        struct span items; /* little-endian */
};
bool value_get_typed_array(struct span value, struct value_typed_array *out);

/* The size of an array's item by its typecode; 0 where there is no such typecode. */
size_t value_item_size(char typecode);
/* Appends item i as a value of its own: int or float, str for 'u'. */
void value_pack_item(const struct value_typed_array *array, size_t i, struct buffer *out);

struct value_opaque {
        struct span codec; /* text */
        struct span payload;
        bool hashable;
};
bool value_get_opaque(struct span value, struct value_opaque *out);

/* --- elements of list, tuple, set, frozenset; keys and values of a dict, alternating */

struct value_iter {
        const uint8_t *at;
        size_t n_left; /* elements still to come (a dict counts key and value each) */
};

/* False where the value has no elements to walk. *n is the Python len(). */
bool value_iter_init(struct value_iter *iter, struct span value, size_t *n);
bool value_iter_next(struct value_iter *iter, struct span *element);

/* --- equality, hash, order: Python's */

/*
 * Appends the canonical form: two values are equal in Python exactly when their
 * canonical forms are the same bytes and hold no NaN. 1, 1.0 and True have one
 * form; dicts and sets do not depend on order; a set equals a frozenset. The
 * form is itself a packed value that scan accepts. *has_nan tells whether a NaN
 * is inside (a value that equals nothing, itself included). Returns 0 or the
 * failure of the buffer, -STATUS_NOMEM or -STATUS_TOO_LARGE.
 */
int value_canonical(struct span value, struct buffer *out, bool *has_nan);

/* Whether the bytes are their own canonical form for sure: a cheap check of str, bytes and int. */
bool value_is_canonical(struct span value);

/* Python's ==. Returns 0 and *equal, or -STATUS_NOMEM. */
int value_equal(struct span a, struct span b, bool *equal);

/*
 * Python's hash(): NULL where the value is hashable, else the name of the type
 * that is not, for "unhashable type: 'list'". Looks inside tuples.
 */
const char *value_unhashable(struct span value);

/*
 * Python's a < b. Returns 0 and *less; -STATUS_TYPE where Python raises
 * TypeError, with the two offending elements in wrong[2] for the message
 * "'<' not supported between instances of 'A' and 'B'"; or -STATUS_NOMEM.
 */
int value_less(struct span a, struct span b, bool *less, struct span wrong[2]);

/* --- numbers */

/*
 * Appends a + b as Python computes it: ints without bounds, floats, bools.
 * Returns 0, -STATUS_TYPE (not numbers), -STATUS_OVERFLOW ("int too large to
 * convert to float") or -STATUS_NOMEM.
 */
int value_add_numbers(struct span a, struct span b, struct buffer *out);

/* --- text */

/*
 * Appends Python's repr() as UTF-8. A token is shown as Python shows a proxy:
 * <DictProxy object, typeid 'dict' at 0x1f>. Returns 0, -STATUS_NOMEM, or
 * -STATUS_VALUE for an integer of more than 4300 digits, as Python refuses it.
 */
int value_repr(struct span value, struct buffer *out);

/* Python's str(): as repr(), but the text itself for a str. */
int value_str(struct span value, struct buffer *out);

/* Python's repr() of a float: shortest digits that round-trip. Returns the length. */
size_t value_format_float(double number, char text[32]);

/* Calls `visit` for every token inside, however deep; stops at and returns the first non-zero. */
int value_visit_tokens(struct span value, int (*visit)(void *data, const struct value_token *token),
                       void *data);
