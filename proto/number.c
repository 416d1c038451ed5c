/*
 * number - Python's numbers, exactly
 */
#include "proto/number.h"

#include "proto/pack.h"
#include "proto/status.h"
#include "proto/unicode.h"

#define TWO_TO_63 0x1p63
#define TWO_TO_64 0x1p64

/* The largest double has 1024 bits; a sign bit, and room to store eight bytes at a time. */
#define NUMBER_REAL_BYTES 144

bool number_of_head(const uint8_t *at, const struct head *head, struct number *out)
{
        switch (head->kind) {
        case HEAD_BOOL:
        case HEAD_UINT:
                *out = (struct number){ .kind = NUMBER_INT, .magnitude = head->number };
                return true;
        case HEAD_INT:
                *out = (struct number){
                        .kind = NUMBER_INT,
                        .negative = true,
                        .magnitude = -head->number,
                };
                return true;
        case HEAD_FLOAT:
                *out = (struct number){ .kind = NUMBER_FLOAT, .real = head->real };
                return true;
        case HEAD_EXT:
                if (head->ext != EXT_BIG_INTEGER)
                        return false;
                *out = (struct number){
                        .kind = NUMBER_BIG,
                        .big = span_of(at + head->size, head->payload),
                };
                return true;
        default:
                return false;
        }
}

bool number_read(struct span value, struct number *out)
{
        struct head head = head_read(value.data);

        return number_of_head(value.data, &head, out);
}

static struct number number_of_int64(int64_t number)
{
        return (struct number){
                .kind = NUMBER_INT,
                .negative = number < 0,
                .magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number,
        };
}

/* n little-endian bytes. */
static uint64_t number_load(const uint8_t *at, size_t n)
{
        uint64_t bits = 0;

        memcpy(&bits, at, n);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bits = __builtin_bswap64(bits);
#endif
        return bits;
}

bool number_read_item(const struct value_typed_array *array, size_t i, struct number *out)
{
        uint64_t bits = number_load(array->items.data + i * array->item_size, array->item_size);
        uint32_t bits32 = (uint32_t)bits;
        unsigned unused = 64 - 8 * (unsigned)array->item_size;
        float narrow;

        switch (array->typecode) {
        case 'b':
        case 'h':
        case 'i':
        case 'l':
        case 'q':
                /* Shifted up and down again, the sign fills the bits that the item does not have.
                 */
                *out = number_of_int64((int64_t)(bits << unused) >> unused);
                return true;
        case 'f':
                memcpy(&narrow, &bits32, sizeof(narrow));
                *out = (struct number){ .kind = NUMBER_FLOAT, .real = (double)narrow };
                return true;
        case 'd':
                *out = (struct number){ .kind = NUMBER_FLOAT };
                memcpy(&out->real, &bits, sizeof(bits));
                return true;
        case 'u':
                return false;
        default:
                *out = (struct number){ .kind = NUMBER_INT, .magnitude = bits };
                return true;
        }
}

void value_pack_item(const struct value_typed_array *array, size_t i, struct buffer *out)
{
        struct number number;
        uint8_t text[4];
        uint32_t code;

        if (!number_read_item(array, i, &number)) {
                code = (uint32_t)number_load(array->items.data + i * sizeof(code), sizeof(code));
                pack_str(out, span_of(text, utf8_encode(code, text)));
        } else if (number.kind == NUMBER_FLOAT) {
                pack_float(out, number.real);
        } else if (number.negative) {
                pack_int(out, -(int64_t)(number.magnitude - 1) - 1);
        } else {
                pack_uint(out, number.magnitude);
        }
}

bool number_is_nan(const struct number *number)
{
        return number->kind == NUMBER_FLOAT && __builtin_isnan(number->real);
}

/* --- integers as two's complement */

static bool bytes_negative(struct span bytes)
{
        return bytes.data[0] & 0x80;
}

/* Without the leading bytes that only repeat the sign. */
static struct span bytes_shorten(struct span bytes)
{
        uint8_t fill = bytes_negative(bytes) ? 0xff : 0x00;

        while (bytes.size > 1 && bytes.data[0] == fill && !((bytes.data[1] ^ fill) & 0x80)) {
                ++bytes.data;
                --bytes.size;
        }
        return bytes;
}

static void bytes_negate(uint8_t *bytes, size_t n)
{
        unsigned carry = 1;

        while (n--) {
                carry += (uint8_t)~bytes[n];
                bytes[n] = (uint8_t)carry;
                carry >>= 8;
        }
}

static void bytes_store64(uint8_t *at, uint64_t number)
{
        number = htobe64(number);
        memcpy(at, &number, sizeof(number));
}

/* The integer that a double beyond 2^53 is; the bytes live in `bytes`. */
static struct span bytes_of_real(double real, uint8_t bytes[NUMBER_REAL_BYTES])
{
        uint64_t bits, mantissa;
        size_t shift;

        memcpy(&bits, &real, sizeof(bits));
        mantissa = (bits & 0xfffffffffffffu) | 0x10000000000000u;
        shift = (bits >> 52 & 0x7ff) - 1075;

        memset(bytes, 0, NUMBER_REAL_BYTES);
        bytes_store64(bytes + NUMBER_REAL_BYTES - 8 - shift / 8, mantissa << shift % 8);
        if (real < 0)
                bytes_negate(bytes, NUMBER_REAL_BYTES);
        return bytes_shorten(span_of(bytes, NUMBER_REAL_BYTES));
}

/* An int or big integer; an int's bytes live in `bytes`. */
static struct span bytes_of_integer(const struct number *number, uint8_t bytes[9])
{
        if (number->kind == NUMBER_BIG)
                return number->big;
        bytes[0] = 0;
        bytes_store64(bytes + 1, number->magnitude);
        if (number->negative)
                bytes_negate(bytes, 9);
        return span_of(bytes, 9);
}

/* Both are shortened. */
static int bytes_compare(struct span a, struct span b)
{
        bool negative = bytes_negative(a);
        int order;

        if (negative != bytes_negative(b))
                return negative ? -1 : 1;
        if (a.size != b.size)
                return (a.size < b.size) != negative ? -1 : 1;
        order = memcmp(a.data, b.data, a.size);
        return (order > 0) - (order < 0);
}

static void bytes_pack(struct buffer *out, struct span bytes)
{
        uint8_t wide[8];
        uint64_t number;

        bytes = bytes_shorten(bytes);
        if (bytes.size > 8 && (bytes.size > 9 || bytes.data[0] != 0)) {
                pack_ext(out, EXT_BIG_INTEGER, bytes);
                return;
        }
        memset(wide, bytes_negative(bytes) ? 0xff : 0x00, sizeof(wide));
        if (bytes.size == 9)
                memcpy(wide, bytes.data + 1, 8);
        else
                memcpy(wide + 8 - bytes.size, bytes.data, bytes.size);
        number = head_load64(wide);
        if (bytes_negative(bytes))
                pack_int(out, (int64_t)number);
        else
                pack_uint(out, number);
}

/* --- conversion and comparison */

/*
 * The first 128 bits decide, and whether anything follows them. A negative
 * number is -(window + rest), so that a rest takes one more off the window.
 */
static bool bytes_to_double(struct span bytes, double *out)
{
        bool negative = bytes_negative(bytes), rest = false;
        unsigned __int128 window = negative ? ~(unsigned __int128)0 : 0;
        size_t n = bytes.size < 16 ? bytes.size : 16;
        double real;

        for (size_t i = 0; i < n; ++i)
                window = window << 8 | bytes.data[i];
        if (bytes.size - n > 128)
                return false;
        for (size_t i = n; i < bytes.size; ++i)
                rest |= bytes.data[i] != 0;
        if (negative)
                window = -window - rest;
        real = (double)(window | rest);
        for (size_t i = n; i < bytes.size; ++i)
                real *= 256;
        *out = negative ? -real : real;
        return !__builtin_isinf(real);
}

bool number_to_double(const struct number *number, double *out)
{
        switch (number->kind) {
        case NUMBER_INT:
                *out = number->negative ? -(double)number->magnitude : (double)number->magnitude;
                return true;
        case NUMBER_BIG:
                return bytes_to_double(number->big, out);
        case NUMBER_FLOAT:
                *out = number->real;
                return true;
        }
        return false;
}

bool number_to_int(const struct number *number, struct number *out)
{
        double size = number->real < 0 ? -number->real : number->real;

        if (number->kind == NUMBER_INT) {
                *out = *number;
                return true;
        }
        /* Written so that NaN fails. */
        if (number->kind == NUMBER_BIG || !(size < TWO_TO_64) || (double)(uint64_t)size != size)
                return false;
        *out = (struct number){
                .kind = NUMBER_INT,
                .negative = number->real < 0,
                .magnitude = (uint64_t)size,
        };
        return true;
}

static int number_compare_int(const struct number *a, const struct number *b)
{
        int order;

        if (a->negative != b->negative)
                return a->negative ? -1 : 1;
        order = (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
        return a->negative ? -order : order;
}

static int number_compare_int_real(const struct number *a, double real)
{
        double size = real < 0 ? -real : real;
        uint64_t whole;
        int order;

        if (size >= TWO_TO_64)
                return real < 0 ? 1 : -1;
        if (a->negative != (real < 0))
                return a->negative ? -1 : 1;
        whole = (uint64_t)size;
        order = (a->magnitude > whole) - (a->magnitude < whole);
        if (order == 0 && (double)whole < size)
                order = -1;
        return a->negative ? -order : order;
}

static int number_compare_big_real(struct span big, double real)
{
        uint8_t bytes[NUMBER_REAL_BYTES];

        if (real > -TWO_TO_63 && real < TWO_TO_63)
                return bytes_negative(big) ? -1 : 1;
        if (__builtin_isinf(real))
                return real < 0 ? 1 : -1;
        return bytes_compare(big, bytes_of_real(real, bytes));
}

int number_compare(const struct number *a, const struct number *b)
{
        if (a->kind > b->kind)
                return -number_compare(b, a);

        if (a->kind == NUMBER_FLOAT)
                return (a->real > b->real) - (a->real < b->real);
        if (b->kind == NUMBER_FLOAT)
                return a->kind == NUMBER_INT ? number_compare_int_real(a, b->real)
                                             : number_compare_big_real(a->big, b->real);
        if (a->kind == NUMBER_BIG)
                return bytes_compare(a->big, b->big);
        if (b->kind == NUMBER_BIG)
                return bytes_negative(b->big) ? 1 : -1;
        return number_compare_int(a, b);
}

bool number_equal(const struct number *a, const struct number *b)
{
        return !number_is_nan(a) && !number_is_nan(b) && number_compare(a, b) == 0;
}

bool number_less(const struct number *a, const struct number *b)
{
        return !number_is_nan(a) && !number_is_nan(b) && number_compare(a, b) < 0;
}

static void number_pack_int(struct buffer *out, bool negative, uint64_t magnitude)
{
        struct number number = { .negative = negative, .magnitude = magnitude };
        uint8_t bytes[9];

        if (!negative)
                pack_uint(out, magnitude);
        else if (magnitude <= (uint64_t)1 << 63)
                pack_int(out, (int64_t)-magnitude);
        else
                bytes_pack(out, bytes_of_integer(&number, bytes));
}

void number_pack(struct buffer *out, const struct number *number)
{
        uint8_t bytes[NUMBER_REAL_BYTES];
        struct number whole;

        if (number->kind == NUMBER_BIG)
                pack_ext(out, EXT_BIG_INTEGER, number->big);
        else if (number_to_int(number, &whole))
                number_pack_int(out, whole.negative, whole.magnitude);
        else if (!__builtin_isinf(number->real) &&
                 (number->real >= TWO_TO_64 || number->real <= -TWO_TO_64))
                bytes_pack(out, bytes_of_real(number->real, bytes));
        else
                pack_float(out, number->real);
}

/* --- sums */

static int number_add_bytes(struct span a, struct span b, struct buffer *out)
{
        size_t n = (a.size > b.size ? a.size : b.size) + 1, begin = pack_ext_begin(out);
        uint8_t fill_a = bytes_negative(a) ? 0xff : 0x00;
        uint8_t fill_b = bytes_negative(b) ? 0xff : 0x00;
        uint8_t *sum = buffer_reserve(out, n), small[9];
        struct span shortest;
        unsigned carry = 0;

        if (!sum)
                return out->failed;
        for (size_t i = 1; i <= n; ++i) {
                carry += i <= a.size ? a.data[a.size - i] : fill_a;
                carry += i <= b.size ? b.data[b.size - i] : fill_b;
                sum[n - i] = (uint8_t)carry;
                carry >>= 8;
        }

        shortest = bytes_shorten(span_of(sum, n));
        if (shortest.size <= sizeof(small)) {
                memcpy(small, shortest.data, shortest.size);
                buffer_truncate(out, begin);
                bytes_pack(out, span_of(small, shortest.size));
                return out->failed;
        }
        memmove(sum, shortest.data, shortest.size);
        out->size += shortest.size;
        pack_ext_end(out, begin, EXT_BIG_INTEGER);
        return out->failed;
}

static int number_add_integers(const struct number *a, const struct number *b, struct buffer *out)
{
        uint8_t bytes_a[9], bytes_b[9];
        uint64_t sum;

        if (a->kind == NUMBER_INT && b->kind == NUMBER_INT && a->negative == b->negative &&
            !__builtin_add_overflow(a->magnitude, b->magnitude, &sum)) {
                number_pack_int(out, a->negative && sum, sum);
                return out->failed;
        }
        return number_add_bytes(bytes_of_integer(a, bytes_a), bytes_of_integer(b, bytes_b), out);
}

int value_add_numbers(struct span a, struct span b, struct buffer *out)
{
        struct number x, y;
        double real_x, real_y;

        if (!number_read(a, &x) || !number_read(b, &y))
                return -STATUS_TYPE;
        if (x.kind != NUMBER_FLOAT && y.kind != NUMBER_FLOAT)
                return number_add_integers(&x, &y, out);
        if (!number_to_double(&x, &real_x) || !number_to_double(&y, &real_y))
                return -STATUS_OVERFLOW;
        pack_float(out, real_x + real_y);
        return out->failed;
}
