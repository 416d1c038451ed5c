/*
 * number - Python's numbers, exactly
 *
 * bool, int, float and big integers compare and add by their exact value in
 * Python, never by way of a rounded double. For the rooms of proto/ that need
 * it; others use value.h.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/head.h"
#include "proto/value.h"

enum number_kind {
        NUMBER_INT, /* within int64_t or uint64_t */
        NUMBER_BIG, /* an integer beyond */
        NUMBER_FLOAT,
};

struct number {
        enum number_kind kind;
        bool negative;      /* of an int: whether -magnitude is meant */
        uint64_t magnitude; /* of an int */
        double real;        /* of a float */
        struct span big;    /* of a big: big-endian two's complement, borrowed */
};

/* The number at `at`, whose head has been read; false where it is none. */
bool number_of_head(const uint8_t *at, const struct head *head, struct number *out);
bool number_read(struct span value, struct number *out);

/* Item i of a typed array; false for arrays of characters. */
bool number_read_item(const struct value_typed_array *array, size_t i, struct number *out);

bool number_is_nan(const struct number *number);

/* Rounded to nearest, ties to even; false where it is too large for a double. */
bool number_to_double(const struct number *number, double *out);

/* As an int; false where it is not integral or beyond 64 bits. */
bool number_to_int(const struct number *number, struct number *out);

/* -1, 0 or 1, exactly; neither is NaN. */
int number_compare(const struct number *a, const struct number *b);

/* Python's a == b and a < b: both false for NaN. */
bool number_equal(const struct number *a, const struct number *b);
bool number_less(const struct number *a, const struct number *b);

/*
 * Appends the number in the one form that all numbers equal to it have: an
 * integer, of whatever size, where it is integral, else a float of 64 bits.
 */
void number_pack(struct buffer *out, const struct number *number);
