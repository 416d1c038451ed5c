/*
 * decimal - numbers as decimal digits
 *
 * Exact, and without the C library's printf and strtod: those depend on the
 * locale of the program, and do not say which digits are the shortest.
 */
#pragma once

#include "proto/span.h"

#define DECIMAL_REAL_DIGITS 17   /* at most, for any double */
#define DECIMAL_MAX_DIGITS  4300 /* of an integer; Python's sys.get_int_max_str_digits() */

/*
 * The shortest digits that read back as `real`, which is finite and above zero,
 * and of those the closest. Its value is 0.DIGITS times ten to the *point.
 * Returns their number; the last is not '0'.
 */
size_t decimal_of_real(double real, char digits[DECIMAL_REAL_DIGITS + 1], int *point);

/*
 * The digits of an integer in big-endian two's complement, with its sign, and
 * no terminating zero. Returns their number, or 0 where there would be more
 * than DECIMAL_MAX_DIGITS, which costs no work worth mentioning.
 */
size_t decimal_of_integer(struct span bytes, char text[DECIMAL_MAX_DIGITS + 1]);
