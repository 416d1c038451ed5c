/*
 * shared_item - the items of shared memory: one number or character of a C type
 */
#include "client/shared/shared_item.h"

#include <wchar.h>

#include "client/content.h"
#include "client/error.h"
#include "proto/unicode.h"

/* --- types */

static const struct item_type item_types[] = {
        { 'b', sizeof(signed char), ITEM_SIGNED },
        { 'B', sizeof(unsigned char), ITEM_UNSIGNED },
        { 'c', sizeof(char), ITEM_BYTE },
        { 'd', sizeof(double), ITEM_FLOAT },
        { 'f', sizeof(float), ITEM_FLOAT },
        { 'h', sizeof(short), ITEM_SIGNED },
        { 'H', sizeof(unsigned short), ITEM_UNSIGNED },
        { 'i', sizeof(int), ITEM_SIGNED },
        { 'I', sizeof(unsigned), ITEM_UNSIGNED },
        { 'l', sizeof(long), ITEM_SIGNED },
        { 'L', sizeof(unsigned long), ITEM_UNSIGNED },
        { 'q', sizeof(long long), ITEM_SIGNED },
        { 'Q', sizeof(unsigned long long), ITEM_UNSIGNED },
        { 'u', sizeof(wchar_t), ITEM_CHARACTER },
};

_Static_assert(sizeof(float) == 4 && sizeof(double) == 8 && sizeof(long long) == 8,
               "an item is raw in at most 8 bytes");

const struct item_type *item_type_find(char typecode)
{
        for (size_t i = 0; i < sizeof(item_types) / sizeof(item_types[0]); ++i)
                if (item_types[i].typecode == typecode)
                        return &item_types[i];
        error_set(-STATUS_VALUE, "there is no typecode '%c'", typecode);
        return NULL;
}

/* --- in memory */

uint64_t item_load(const struct item_type *type, const void *items, size_t i)
{
        switch (type->size) {
        case 1:
                return __atomic_load_n((const uint8_t *)items + i, __ATOMIC_RELAXED);
        case 2:
                return __atomic_load_n((const uint16_t *)items + i, __ATOMIC_RELAXED);
        case 4:
                return __atomic_load_n((const uint32_t *)items + i, __ATOMIC_RELAXED);
        default:
                return __atomic_load_n((const uint64_t *)items + i, __ATOMIC_RELAXED);
        }
}

void item_store(const struct item_type *type, void *items, size_t i, uint64_t raw)
{
        switch (type->size) {
        case 1:
                __atomic_store_n((uint8_t *)items + i, (uint8_t)raw, __ATOMIC_RELAXED);
                break;
        case 2:
                __atomic_store_n((uint16_t *)items + i, (uint16_t)raw, __ATOMIC_RELAXED);
                break;
        case 4:
                __atomic_store_n((uint32_t *)items + i, (uint32_t)raw, __ATOMIC_RELAXED);
                break;
        default:
                __atomic_store_n((uint64_t *)items + i, raw, __ATOMIC_RELAXED);
        }
}

/* Without a lock, too, a counter or a flag must order what is written around it. */
#define EXCHANGE(type_, items_, i_, expected_, desired_)                                           \
        ({                                                                                         \
                type_ old_ = (type_) * (expected_);                                                \
                bool done_ = __atomic_compare_exchange_n((type_ *)(items_) + (i_), &old_,          \
                                                         (type_)(desired_), false,                 \
                                                         __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);      \
                *(expected_) = old_;                                                               \
                done_;                                                                             \
        })

bool item_exchange(const struct item_type *type, void *items, size_t i, uint64_t *expected,
                   uint64_t desired)
{
        switch (type->size) {
        case 1:
                return EXCHANGE(uint8_t, items, i, expected, desired);
        case 2:
                return EXCHANGE(uint16_t, items, i, expected, desired);
        case 4:
                return EXCHANGE(uint32_t, items, i, expected, desired);
        default:
                return EXCHANGE(uint64_t, items, i, expected, desired);
        }
}

/* --- raw and not */

static int64_t raw_to_signed(const struct item_type *type, uint64_t raw)
{
        unsigned n_unused = 64 - 8 * type->size;

        return (int64_t)(raw << n_unused) >> n_unused;
}

static double raw_to_float(const struct item_type *type, uint64_t raw)
{
        uint32_t half = (uint32_t)raw;
        double real;
        float single;

        if (type->size == sizeof(float)) {
                memcpy(&single, &half, sizeof(single));
                return (double)single;
        }
        memcpy(&real, &raw, sizeof(real));
        return real;
}

static uint64_t raw_from_float(const struct item_type *type, double real)
{
        float single = (float)real;
        uint32_t half;
        uint64_t raw;

        if (type->size == sizeof(float)) {
                memcpy(&half, &single, sizeof(half));
                return half;
        }
        memcpy(&raw, &real, sizeof(raw));
        return raw;
}

static uint64_t unsigned_max(const struct item_type *type)
{
        return UINT64_MAX >> (64 - 8 * type->size);
}

/* --- in */

static int fail_wide(const struct item_type *type, const char *sign, uint64_t magnitude)
{
        return error_set(-STATUS_OVERFLOW, "%s%ju does not fit an item of typecode '%c'", sign,
                         (uintmax_t)magnitude, type->typecode);
}

/* Ints come in two halves, as in an mgr_value. */
static int from_negative(const struct item_type *type, int64_t integer, uint64_t *raw)
{
        if (type->kind == ITEM_UNSIGNED || integer < -(int64_t)(unsigned_max(type) >> 1) - 1)
                return fail_wide(type, "-", -(uint64_t)integer);
        *raw = (uint64_t)integer & unsigned_max(type);
        return 0;
}

static int from_natural(const struct item_type *type, uint64_t integer, uint64_t *raw)
{
        if (integer > unsigned_max(type) >> (type->kind == ITEM_SIGNED))
                return fail_wide(type, "", integer);
        *raw = integer;
        return 0;
}

static int fail_no_int(const char *type_name)
{
        return error_set(-STATUS_TYPE, "'%s' object cannot be interpreted as an integer",
                         type_name);
}

static int fail_no_byte(void)
{
        return error_set(-STATUS_TYPE, "one character bytes, bytearray or integer expected");
}

static int fail_no_character(const char *type_name)
{
        return error_set(-STATUS_TYPE, "unicode string expected instead of %s instance", type_name);
}

int item_from_int(const struct item_type *type, int64_t integer, uint64_t *raw)
{
        switch (type->kind) {
        case ITEM_FLOAT:
                *raw = raw_from_float(type, (double)integer);
                return 0;
        case ITEM_BYTE:
                *raw = (uint64_t)integer;
                return *raw <= UINT8_MAX ? 0 : fail_no_byte();
        case ITEM_CHARACTER:
                return fail_no_character("int");
        default:
                return integer < 0 ? from_negative(type, integer, raw)
                                   : from_natural(type, (uint64_t)integer, raw);
        }
}

int item_from_double(const struct item_type *type, double real, uint64_t *raw)
{
        switch (type->kind) {
        case ITEM_FLOAT:
                *raw = raw_from_float(type, real);
                return 0;
        case ITEM_BYTE:
                return fail_no_byte();
        case ITEM_CHARACTER:
                return fail_no_character("float");
        default:
                return fail_no_int("float");
        }
}

static int from_wide(const struct item_type *type, uint64_t integer, uint64_t *raw)
{
        switch (type->kind) {
        case ITEM_FLOAT:
                *raw = raw_from_float(type, (double)integer);
                return 0;
        case ITEM_BYTE:
                return fail_no_byte();
        case ITEM_CHARACTER:
                return fail_no_character("int");
        default:
                return from_natural(type, integer, raw);
        }
}

static int from_text(const struct item_type *type, const mgr_value *value, uint64_t *raw)
{
        struct span text = content_span(value);
        const uint8_t *at = text.data;

        if (type->kind == ITEM_BYTE && value->kind == MGR_KIND_BYTES) {
                if (text.size != 1)
                        return fail_no_byte();
                *raw = *at;
                return 0;
        }
        if (!utf8_valid(text))
                return error_set_status(-STATUS_UNICODE);
        if (text.size)
                *raw = utf8_next(&at);
        if (!text.size || at != text.data + text.size)
                return error_set(-STATUS_TYPE, "one character unicode string expected");
        return 0;
}

/* What is no int, float, or text for where it stands. */
static int from_other(const struct item_type *type, const mgr_value *value, uint64_t *raw)
{
        const char *name = mgr_value_type_name(value);
        bool is_int = strcmp(name, "int") == 0; /* beyond 64 bits */
        double real;
        int r;

        switch (type->kind) {
        case ITEM_FLOAT:
                if (!is_int)
                        return error_set(-STATUS_TYPE, "must be real number, not %s", name);
                r = mgr_value_get_float(value, &real);
                return r < 0 ? r : item_from_double(type, real, raw);
        case ITEM_BYTE:
                return fail_no_byte();
        case ITEM_CHARACTER:
                return fail_no_character(name);
        default:
                if (!is_int)
                        return fail_no_int(name);
                return error_set(-STATUS_OVERFLOW,
                                 "an int of more than 64 bits does not fit an item of typecode "
                                 "'%c'",
                                 type->typecode);
        }
}

int item_from_value(const struct item_type *type, const mgr_value *value, uint64_t *raw)
{
        switch (value->kind) {
        case MGR_KIND_BOOL:
                return item_from_int(type, value->as.boolean, raw);
        case MGR_KIND_INT:
                return item_from_int(type, value->as.integer, raw);
        case MGR_KIND_UINT:
                return from_wide(type, value->as.uinteger, raw);
        case MGR_KIND_FLOAT:
                return item_from_double(type, value->as.real, raw);
        default:
                if ((type->kind == ITEM_BYTE && value->kind == MGR_KIND_BYTES) ||
                    (type->kind == ITEM_CHARACTER && value->kind == MGR_KIND_STR))
                        return from_text(type, value, raw);
                return from_other(type, value, raw);
        }
}

/* --- out */

static int to_character(uint64_t raw, mgr_value *value)
{
        uint8_t text[4];

        if (raw > UNICODE_MAX)
                return error_set(-STATUS_VALUE,
                                 "character U+%jx is not in range [U+0000; U+10ffff]",
                                 (uintmax_t)raw);
        return content_copy_text(MGR_KIND_STR, span_of(text, utf8_encode((uint32_t)raw, text)),
                                 value);
}

int item_to_value(const struct item_type *type, uint64_t raw, mgr_value *value)
{
        uint8_t byte = (uint8_t)raw;

        switch (type->kind) {
        case ITEM_SIGNED:
                *value = mgr_int(raw_to_signed(type, raw));
                return 0;
        case ITEM_UNSIGNED:
                *value = mgr_uint(raw);
                return 0;
        case ITEM_FLOAT:
                *value = mgr_float(raw_to_float(type, raw));
                return 0;
        case ITEM_BYTE:
                return content_copy_text(MGR_KIND_BYTES, span_of(&byte, 1), value);
        default:
                return to_character(raw, value);
        }
}

static int fail_no_number(void)
{
        return error_set(-STATUS_TYPE, "a character is no number");
}

int item_to_int(const struct item_type *type, uint64_t raw, long long *integer)
{
        switch (type->kind) {
        case ITEM_SIGNED:
                *integer = raw_to_signed(type, raw);
                return 0;
        case ITEM_UNSIGNED:
                if (raw > INT64_MAX)
                        return error_set(-STATUS_OVERFLOW, "%ju does not fit", (uintmax_t)raw);
                *integer = (long long)raw;
                return 0;
        case ITEM_FLOAT:
                return error_set(-STATUS_TYPE, "'float' is no int");
        default:
                return fail_no_number();
        }
}

int item_to_double(const struct item_type *type, uint64_t raw, double *real)
{
        switch (type->kind) {
        case ITEM_SIGNED:
                *real = (double)raw_to_signed(type, raw);
                return 0;
        case ITEM_UNSIGNED:
                *real = (double)raw;
                return 0;
        case ITEM_FLOAT:
                *real = raw_to_float(type, raw);
                return 0;
        default:
                return fail_no_number();
        }
}

/* --- sums */

static int fail_sum(const struct item_type *type)
{
        return error_set(-STATUS_OVERFLOW, "the sum does not fit an item of typecode '%c'",
                         type->typecode);
}

/* Both addends and the sum are each a value without bounds: the compiler counts as we learnt to. */
static int add_integers(const struct item_type *type, uint64_t raw, const mgr_value *delta,
                        uint64_t *sum)
{
        bool is_wide = delta->kind == MGR_KIND_UINT, overflows;
        int64_t small = delta->kind == MGR_KIND_BOOL ? delta->as.boolean : delta->as.integer;
        uint64_t natural;
        int64_t integer;

        if (type->kind == ITEM_SIGNED) {
                int64_t old = raw_to_signed(type, raw);

                overflows = is_wide ? __builtin_add_overflow(old, delta->as.uinteger, &integer)
                                    : __builtin_add_overflow(old, small, &integer);
                return overflows || item_from_int(type, integer, sum) < 0 ? fail_sum(type) : 0;
        }
        overflows = is_wide ? __builtin_add_overflow(raw, delta->as.uinteger, &natural)
                            : __builtin_add_overflow(raw, small, &natural);
        return overflows || from_natural(type, natural, sum) < 0 ? fail_sum(type) : 0;
}

int item_add(const struct item_type *type, uint64_t raw, const mgr_value *delta, uint64_t *sum)
{
        uint64_t checked;
        double real;
        int r;

        switch (type->kind) {
        case ITEM_SIGNED:
        case ITEM_UNSIGNED:
                if (delta->kind == MGR_KIND_BOOL || delta->kind == MGR_KIND_INT ||
                    delta->kind == MGR_KIND_UINT)
                        return add_integers(type, raw, delta, sum);
                return from_other(type, delta, &checked); /* no int: fails */
        case ITEM_FLOAT:
                /* of an f, too, in double */
                r = item_from_value(item_type_find('d'), delta, &checked);
                if (r < 0)
                        return r;
                memcpy(&real, &checked, sizeof(real));
                *sum = raw_from_float(type, raw_to_float(type, raw) + real);
                return 0;
        default:
                return fail_no_number();
        }
}
