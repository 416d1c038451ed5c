/*
 * array_item - values to items, with the limits and the words of Python's array
 *
 * Python checks an integer in steps, from the widest C type it passes through to the item's own,
 * and each step has a text of its own.
 */
#include <endian.h>

#include "managerd/types/array.h"
#include "proto/unicode.h"

/* A step: what is below min or above max has left it. Without a text that cannot be. */
struct step {
        int64_t min;
        uint64_t max;
        const char *below, *above;
};

#define STEPS_MAX 3

#define LONG_TEXT          "Python int too large to convert to C long"
#define UNSIGNED_TEXT      "can't convert negative value to unsigned int"
#define UNSIGNED_LONG_TEXT "Python int too large to convert to C unsigned long"
#define LONG_LONG_TEXT     "int too big to convert"

#define LONG                                                                                       \
        {                                                                                          \
                INT64_MIN, INT64_MAX, LONG_TEXT, LONG_TEXT                                         \
        }
#define UNSIGNED_LONG                                                                              \
        {                                                                                          \
                0, UINT64_MAX, UNSIGNED_TEXT, UNSIGNED_LONG_TEXT                                   \
        }
#define STEP(min, max, name)                                                                       \
        {                                                                                          \
                min, max, name " is less than minimum", name " is greater than maximum"            \
        }

static const struct limits {
        char typecode;
        struct step steps[STEPS_MAX]; /* those that are not used have no text */
} limits[] = {
        { 'b',
          { LONG, STEP(INT16_MIN, INT16_MAX, "signed short integer"),
            STEP(INT8_MIN, INT8_MAX, "signed char") } },
        { 'B', { LONG, STEP(0, UINT8_MAX, "unsigned byte integer") } },
        { 'h', { LONG, STEP(INT16_MIN, INT16_MAX, "signed short integer") } },
        { 'H',
          { LONG, STEP(INT32_MIN, INT32_MAX, "signed integer"),
            STEP(0, UINT16_MAX, "unsigned short") } },
        { 'i', { LONG, STEP(INT32_MIN, INT32_MAX, "signed integer") } },
        { 'I', { UNSIGNED_LONG, STEP(0, UINT32_MAX, "unsigned int") } },
        { 'l', { LONG } },
        { 'L', { UNSIGNED_LONG } },
        { 'q', { { INT64_MIN, INT64_MAX, LONG_LONG_TEXT, LONG_LONG_TEXT } } },
        { 'Q', { { 0, UINT64_MAX, "can't convert negative int to unsigned", LONG_LONG_TEXT } } },
};

static const struct step *steps_of(char typecode)
{
        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); ++i)
                if (limits[i].typecode == typecode)
                        return limits[i].steps;
        return NULL;
}

/* --- integers */

/* An int that is as far from zero as counts: the sign, and 64 bits of two's complement. */
struct integer {
        bool negative;
        bool fits; /* int64_t where it is negative, uint64_t where not */
        uint64_t bits;
};

static bool integer_read(struct span value, struct integer *out)
{
        struct span wrong[2];
        int64_t number;

        *out = (struct integer){ .fits = true };
        if (value_get_int64(value, &number)) {
                out->negative = number < 0;
                out->bits = (uint64_t)number;
                return true;
        }
        if (value_get_uint64(value, &out->bits))
                return true;
        if (value_kind(value) != VALUE_BIG_INTEGER)
                return false;
        out->fits = false;
        /* two integers: they have an order, and finding it takes no memory */
        return value_less(value, SPAN_LITERAL("\x00"), &out->negative, wrong) == 0;
}

static int write_integer(struct call *call, const struct step *steps, struct span value,
                         uint8_t item[ARRAY_ITEM_MAX])
{
        struct integer integer;
        uint64_t little;

        if (!integer_read(value, &integer))
                return call_fail(call, STATUS_TYPE,
                                 "'%s' object cannot be interpreted as an integer",
                                 value_type_name(value));
        for (size_t i = 0; i < STEPS_MAX && steps[i].below; ++i) {
                if (integer.negative && (!integer.fits || (int64_t)integer.bits < steps[i].min))
                        return call_fail(call, STATUS_OVERFLOW, "%s", steps[i].below);
                if (!integer.negative && (!integer.fits || integer.bits > steps[i].max))
                        return call_fail(call, STATUS_OVERFLOW, "%s", steps[i].above);
        }
        /* an item is the lower end of it */
        little = htole64(integer.bits);
        memcpy(item, &little, sizeof(little));
        return 0;
}

/* --- floats and characters */

static int write_float(struct call *call, char typecode, struct span value,
                       uint8_t item[ARRAY_ITEM_MAX])
{
        enum value_kind kind = value_kind(value);
        uint32_t narrow_bits;
        uint64_t bits;
        double number;
        float narrow;

        if (!value_get_number(value, &number)) {
                if (kind == VALUE_INT || kind == VALUE_BIG_INTEGER)
                        return call_fail(call, STATUS_OVERFLOW,
                                         "int too large to convert to float");
                return call_fail(call, STATUS_TYPE, "must be real number, not %s",
                                 value_type_name(value));
        }
        if (typecode == 'f') {
                narrow = (float)number;
                memcpy(&narrow_bits, &narrow, sizeof(narrow));
                narrow_bits = htole32(narrow_bits);
                memcpy(item, &narrow_bits, sizeof(narrow_bits));
        } else {
                memcpy(&bits, &number, sizeof(bits));
                bits = htole64(bits);
                memcpy(item, &bits, sizeof(bits));
        }
        return 0;
}

static int write_character(struct call *call, struct span value, uint8_t item[ARRAY_ITEM_MAX])
{
        const uint8_t *at;
        struct span text;
        uint32_t code = 0;

        at = value_get_str(value, &text) ? text.data : NULL;
        if (at && text.size > 0)
                code = utf8_next(&at);
        if (!at || text.size == 0 || at != text.data + text.size)
                return call_fail(call, STATUS_TYPE, "array item must be unicode character");
        code = htole32(code);
        memcpy(item, &code, sizeof(code));
        return 0;
}

int array_write_item(struct call *call, char typecode, struct span value,
                     uint8_t item[ARRAY_ITEM_MAX])
{
        switch (typecode) {
        case 'f':
        case 'd':
                return write_float(call, typecode, value, item);
        case 'u':
                return write_character(call, value, item);
        default:
                return write_integer(call, steps_of(typecode), value, item);
        }
}

int array_check_items(struct call *call, char typecode, struct span items)
{
        uint32_t code;

        if (items.size % value_item_size(typecode))
                return call_fail(call, STATUS_VALUE, "bytes length not a multiple of item size");
        for (size_t i = 0; typecode == 'u' && i < items.size; i += sizeof(code)) {
                memcpy(&code, items.data + i, sizeof(code));
                if (le32toh(code) > UNICODE_MAX)
                        return call_fail(call, STATUS_VALUE,
                                         "character U+%x is not in range [U+0000; U+10ffff]",
                                         le32toh(code));
        }
        return 0;
}
