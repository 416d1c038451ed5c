/*
 * decimal - numbers as decimal digits
 *
 * A double is expanded digit by digit in exact arithmetic, as Steele and White
 * described it and Burger and Dybvig refined it: the remainder and the distance
 * to the neighbouring doubles are scaled up by ten each step, and digits stop
 * as soon as what they say can mean no other double.
 */
#include "proto/decimal.h"

#include <assert.h>

#define LIMBS 20 /* the largest there is: 10 * 2 ^ 1076, and a limb to carry into */

struct natural {
        unsigned n; /* limbs in use; the highest is not 0 */
        uint64_t limbs[LIMBS];
};

/* --- natural numbers */

static void natural_set(struct natural *a, uint64_t number)
{
        a->n = number ? 1 : 0;
        a->limbs[0] = number;
}

static void natural_multiply(struct natural *a, uint64_t factor)
{
        unsigned __int128 carry = 0;

        for (unsigned i = 0; i < a->n; ++i) {
                carry += (unsigned __int128)a->limbs[i] * factor;
                a->limbs[i] = (uint64_t)carry;
                carry >>= 64;
        }
        if (carry) {
                assert(a->n < LIMBS);
                a->limbs[a->n++] = (uint64_t)carry;
        }
}

static void natural_multiply_power_of_ten(struct natural *a, unsigned exponent)
{
        for (; exponent >= 19; exponent -= 19)
                natural_multiply(a, 10000000000000000000u);
        for (; exponent; --exponent)
                natural_multiply(a, 10);
}

static void natural_shift(struct natural *a, unsigned bits)
{
        unsigned whole = bits / 64;

        assert(a->n + whole <= LIMBS);
        memmove(a->limbs + whole, a->limbs, a->n * sizeof(a->limbs[0]));
        memset(a->limbs, 0, whole * sizeof(a->limbs[0]));
        if (a->n)
                a->n += whole;
        natural_multiply(a, (uint64_t)1 << bits % 64);
}

static int natural_compare(const struct natural *a, const struct natural *b)
{
        if (a->n != b->n)
                return a->n < b->n ? -1 : 1;
        for (unsigned i = a->n; i--;)
                if (a->limbs[i] != b->limbs[i])
                        return a->limbs[i] < b->limbs[i] ? -1 : 1;
        return 0;
}

/* a + b against c */
static int natural_compare_sum(const struct natural *a, const struct natural *b,
                               const struct natural *c)
{
        unsigned n = a->n > b->n ? a->n : b->n;
        unsigned __int128 carry = 0;
        struct natural sum;

        for (unsigned i = 0; i < n; ++i) {
                carry += i < a->n ? a->limbs[i] : 0;
                carry += i < b->n ? b->limbs[i] : 0;
                sum.limbs[i] = (uint64_t)carry;
                carry >>= 64;
        }
        sum.n = n;
        if (carry) {
                assert(n < LIMBS);
                sum.limbs[sum.n++] = (uint64_t)carry;
        }
        return natural_compare(&sum, c);
}

/* a -= b, which is not larger */
static void natural_subtract(struct natural *a, const struct natural *b)
{
        uint64_t borrow = 0;

        for (unsigned i = 0; i < a->n; ++i) {
                uint64_t take = i < b->n ? b->limbs[i] : 0, left;
                bool less = __builtin_sub_overflow(a->limbs[i], take, &left);

                less |= __builtin_sub_overflow(left, borrow, &a->limbs[i]);
                borrow = less;
        }
        while (a->n && !a->limbs[a->n - 1])
                --a->n;
}

/* a %= b; returns the quotient, which is a digit */
static unsigned natural_divide(struct natural *a, const struct natural *b)
{
        unsigned digit = 0;

        while (natural_compare(a, b) >= 0) {
                natural_subtract(a, b);
                ++digit;
        }
        return digit;
}

/* --- doubles */

/*
 * The double is remainder / scale; half the way down to its neighbour is
 * below / scale, half the way up above / scale. What lies between reads back as
 * the double, and the ends themselves do where its mantissa is even.
 */
struct expansion {
        struct natural remainder, scale, below, above;
        bool even;
};

/* Whether the remainder reaches into the gap to the next lower or higher double's reading. */
static bool expansion_may_stop_low(const struct expansion *e)
{
        int order = natural_compare(&e->remainder, &e->below);

        return order < 0 || (order == 0 && e->even);
}

static bool expansion_may_stop_high(const struct expansion *e)
{
        int order = natural_compare_sum(&e->remainder, &e->above, &e->scale);

        return order > 0 || (order == 0 && e->even);
}

static void expansion_multiply_power_of_ten(struct expansion *e, unsigned exponent)
{
        natural_multiply_power_of_ten(&e->remainder, exponent);
        natural_multiply_power_of_ten(&e->below, exponent);
        natural_multiply_power_of_ten(&e->above, exponent);
}

static void expansion_init(struct expansion *e, uint64_t mantissa, int exponent, bool narrow)
{
        unsigned up = exponent > 0 ? (unsigned)exponent : 0;
        unsigned down = exponent < 0 ? (unsigned)-exponent : 0;

        /* Everything twice, for the halves; and twice again where the lower gap is half as wide. */
        natural_set(&e->remainder, mantissa);
        natural_shift(&e->remainder, up + 1 + narrow);
        natural_set(&e->scale, 1);
        natural_shift(&e->scale, down + 1 + narrow);
        natural_set(&e->below, 1);
        natural_shift(&e->below, up);
        natural_set(&e->above, 1);
        natural_shift(&e->above, up + narrow);
        e->even = !(mantissa & 1);
}

/* Scales so that the first digit comes next; returns where the decimal point is. */
static int expansion_scale(struct expansion *e, int estimate)
{
        if (estimate >= 0)
                natural_multiply_power_of_ten(&e->scale, (unsigned)estimate);
        else
                expansion_multiply_power_of_ten(e, (unsigned)-estimate);

        /* The estimate is right or one too small. */
        if (expansion_may_stop_high(e))
                return estimate + 1;
        expansion_multiply_power_of_ten(e, 1);
        return estimate;
}

/* The last digit: down or up, whichever is allowed; the closer where both are. */
static unsigned expansion_round(struct expansion *e, unsigned digit, bool low, bool high)
{
        int order;

        if (low != high)
                return low ? digit : digit + 1;
        order = natural_compare_sum(&e->remainder, &e->remainder, &e->scale);
        return order > 0 || (order == 0 && digit % 2) ? digit + 1 : digit;
}

static size_t expansion_generate(struct expansion *e, char digits[DECIMAL_REAL_DIGITS + 1])
{
        size_t n = 0;

        for (;;) {
                unsigned digit = natural_divide(&e->remainder, &e->scale);
                bool low = expansion_may_stop_low(e), high = expansion_may_stop_high(e);

                assert(n < DECIMAL_REAL_DIGITS);
                if (low || high) {
                        digits[n++] = (char)('0' + expansion_round(e, digit, low, high));
                        return n;
                }
                digits[n++] = (char)('0' + digit);
                expansion_multiply_power_of_ten(e, 1);
        }
}

size_t decimal_of_real(double real, char digits[DECIMAL_REAL_DIGITS + 1], int *point)
{
        struct expansion expansion;
        uint64_t bits, mantissa;
        int exponent, n_bits, estimate;
        bool narrow;
        size_t n;

        memcpy(&bits, &real, sizeof(bits));
        mantissa = bits & 0xfffffffffffffu;
        exponent = (int)(bits >> 52 & 0x7ff);
        narrow = !mantissa && exponent > 1;
        if (exponent)
                mantissa |= 0x10000000000000u;
        else
                exponent = 1;
        exponent -= 1075;
        n_bits = 64 - __builtin_clzll(mantissa);

        /* The logarithm of the highest bit, rounded down: 1292913986 is log10(2) * 2 ^ 32. */
        estimate = (int)((exponent + n_bits - 1) * INT64_C(1292913986) >> 32) + 1;
        expansion_init(&expansion, mantissa, exponent, narrow);
        *point = expansion_scale(&expansion, estimate);
        n = expansion_generate(&expansion, digits);
        digits[n] = '\0';
        return n;
}

/* --- integers */

#define CHUNK        1000000000u /* as much as 32 bits hold */
#define CHUNK_DIGITS 9
#define MAX_WORDS    (DECIMAL_MAX_BYTES / 4 + 1)
#define MAX_CHUNKS   (DECIMAL_MAX_DIGITS / CHUNK_DIGITS + 2)

/* Ten to the DECIMAL_MAX_DIGITS takes 14,286 bits with its sign. */
#define DECIMAL_MAX_BYTES 1786

/* The magnitude as 32-bit words, the lowest first; returns how many. */
static size_t decimal_load(struct span bytes, uint32_t words[MAX_WORDS])
{
        uint8_t flip = bytes.data[0] & 0x80 ? 0xff : 0x00;
        size_t n = (bytes.size + 3) / 4;
        unsigned carry = flip & 1;

        memset(words, 0, n * sizeof(words[0]));
        for (size_t i = 0; i < bytes.size; ++i) {
                carry += (uint8_t)(bytes.data[bytes.size - 1 - i] ^ flip);
                words[i / 4] |= (uint32_t)(uint8_t)carry << i % 4 * 8;
                carry >>= 8;
        }
        return n;
}

/* Divides by CHUNK and returns the remainder; *n loses the words that become 0. */
static uint32_t decimal_divide(uint32_t *words, size_t *n)
{
        uint64_t rest = 0;

        for (size_t i = *n; i--;) {
                rest = rest << 32 | words[i];
                words[i] = (uint32_t)(rest / CHUNK);
                rest %= CHUNK;
        }
        while (*n && !words[*n - 1])
                --*n;
        return (uint32_t)rest;
}

size_t decimal_of_integer(struct span bytes, char text[DECIMAL_MAX_DIGITS + 1])
{
        char digits[MAX_CHUNKS * CHUNK_DIGITS];
        size_t at = sizeof(digits), n, n_words;
        bool negative = bytes.data[0] & 0x80;
        uint32_t words[MAX_WORDS];

        if (bytes.size > DECIMAL_MAX_BYTES)
                return 0;

        n_words = decimal_load(bytes, words);
        while (n_words) {
                uint32_t chunk = decimal_divide(words, &n_words);

                for (unsigned i = 0; i < CHUNK_DIGITS; ++i, chunk /= 10)
                        digits[--at] = (char)('0' + chunk % 10);
        }
        while (at < sizeof(digits) - 1 && digits[at] == '0')
                ++at;

        n = sizeof(digits) - at;
        if (n > DECIMAL_MAX_DIGITS)
                return 0;
        if (negative)
                *text++ = '-';
        memcpy(text, digits + at, n);
        return n + negative;
}
