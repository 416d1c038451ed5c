/*
 * equal - Python's ==, and what hash() refuses
 *
 * Equality walks two values side by side and allocates nothing, except where a
 * dict or a set may have its entries in another order: those are compared by
 * their canonical forms.
 */
#include "proto/head.h"
#include "proto/number.h"
#include "proto/status.h"
#include "proto/value.h"

/* While it is written a canonical form is longer by the room for the heads of what is open. */
#define EQUAL_SLACK 512

/* 1 and both moved behind their values, which are equal; 0 where they are not; or -STATUS_NOMEM. */
static int equal_next(const uint8_t **a, const uint8_t **b);

static int equal_next_n(const uint8_t **a, const uint8_t **b, size_t n)
{
        while (n--) {
                int r = equal_next(a, b);

                if (r <= 0)
                        return r;
        }
        return 1;
}

/* --- NaN */

static bool typed_array_has_nan(struct span value)
{
        struct value_typed_array array;
        struct number number;

        value_get_typed_array(value, &array);
        if (array.typecode != 'f' && array.typecode != 'd')
                return false;
        for (size_t i = 0; i < array.items.size / array.item_size; ++i)
                if (number_read_item(&array, i, &number) && number_is_nan(&number))
                        return true;
        return false;
}

static bool value_has_nan(struct span value)
{
        const uint8_t *at = value.data;
        size_t left = 1;

        do {
                struct head head = head_read(at);

                if (head_is_nest(&head)) {
                        at += head.size;
                        continue; /* what is inside counts in its stead */
                }
                if (head.kind == HEAD_FLOAT && __builtin_isnan(head.real))
                        return true;
                if (head.kind == HEAD_EXT && head.ext == EXT_TYPED_ARRAY &&
                    typed_array_has_nan(span_of(at, head.size + head.payload)))
                        return true;
                at += head.size + head.payload;
                left += head.elements;
                --left;
        } while (left);
        return false;
}

/* --- equality */

/* Dicts or sets of the same length. */
static int equal_unordered(const uint8_t **a, const uint8_t **b)
{
        /* their sizes take time to find, and are needed only where they are equal */
        struct span x = { .data = *a }, y = { .data = *b };
        _buffer_cleanup_ struct buffer form_x = BUFFER_NULL, form_y = BUFFER_NULL;
        bool nan = false;
        int r;

        r = value_canonical(x, &form_x, &nan);
        if (r < 0 || nan)
                return r;
        /* a longer one differs: a small value is not compared with all of a large one */
        form_y.limit = form_x.size + EQUAL_SLACK;
        r = value_canonical(y, &form_y, &nan);
        if (r < 0 || nan)
                return r == -STATUS_TOO_LARGE ? 0 : r;
        *a += value_size(x.data);
        *b += value_size(y.data);
        return span_equal(buffer_span(&form_x), buffer_span(&form_y));
}

static int equal_typed_arrays(struct span a, struct span b)
{
        struct value_typed_array x, y;
        struct number item_x, item_y;
        size_t n;

        value_get_typed_array(a, &x);
        value_get_typed_array(b, &y);
        n = x.items.size / x.item_size;
        if (n != y.items.size / y.item_size)
                return 0;
        for (size_t i = 0; i < n; ++i) {
                bool number_x = number_read_item(&x, i, &item_x);
                bool number_y = number_read_item(&y, i, &item_y);

                if (number_x != number_y)
                        return 0;
                if (!number_x)
                        return span_equal(x.items, y.items);
                if (!number_equal(&item_x, &item_y))
                        return 0;
        }
        return 1;
}

static bool equal_tokens(struct span a, struct span b)
{
        struct value_token x, y;

        return value_get_token(a, &x) && value_get_token(b, &y) && x.ident == y.ident;
}

static bool equal_opaque(struct span a, struct span b)
{
        struct value_opaque x, y;

        return value_get_opaque(a, &x) && value_get_opaque(b, &y) && span_equal(x.codec, y.codec) &&
               span_equal(x.payload, y.payload);
}

static bool head_is_set(const struct head *head)
{
        return head->kind == HEAD_EXT && (head->ext == EXT_SET || head->ext == EXT_FROZENSET);
}

/* Extensions of one type, or a set and a frozenset; neither is a number. */
static int equal_exts(const uint8_t **a, const uint8_t **b, const struct head *x,
                      const struct head *y)
{
        struct span value_a = span_of(*a, x->size + x->payload);
        struct span value_b = span_of(*b, y->size + y->payload);

        if (head_is_set(x) && head_read(*a + x->size).elements &&
            head_read(*a + x->size).elements == head_read(*b + y->size).elements)
                return equal_unordered(a, b);

        *a += x->size;
        *b += y->size;
        /* What is left has an array inside; two sets get here empty, or unequal in length. */
        if (head_is_nest(x))
                return equal_next(a, b);

        *a += x->payload;
        *b += y->payload;
        if (x->ext == EXT_TOKEN)
                return equal_tokens(value_a, value_b);
        if (x->ext == EXT_TYPED_ARRAY)
                return equal_typed_arrays(value_a, value_b);
        if (x->ext == EXT_OPAQUE)
                return equal_opaque(value_a, value_b);
        return x->ext == EXT_NOT_IMPLEMENTED;
}

static int equal_numbers(const uint8_t **a, const uint8_t **b, const struct head *x,
                         const struct head *y)
{
        struct number number_x, number_y;

        if (!number_of_head(*a, x, &number_x) || !number_of_head(*b, y, &number_y) ||
            !number_equal(&number_x, &number_y))
                return 0;
        *a += x->size + x->payload;
        *b += y->size + y->payload;
        return 1;
}

static int equal_next(const uint8_t **a, const uint8_t **b)
{
        struct head x = head_read(*a), y = head_read(*b);

        switch (x.kind) {
        case HEAD_BOOL:
        case HEAD_INT:
        case HEAD_UINT:
        case HEAD_FLOAT:
                return equal_numbers(a, b, &x, &y);
        case HEAD_EXT:
                if (x.ext == EXT_BIG_INTEGER)
                        return equal_numbers(a, b, &x, &y);
                if (y.kind == HEAD_EXT && (x.ext == y.ext || (head_is_set(&x) && head_is_set(&y))))
                        return equal_exts(a, b, &x, &y);
                return 0;
        case HEAD_MAP:
                if (y.kind != HEAD_MAP || x.elements != y.elements)
                        return 0;
                if (x.elements)
                        return equal_unordered(a, b);
                break;
        default:
                if (x.kind != y.kind || x.payload != y.payload || x.elements != y.elements)
                        return 0;
                break;
        }

        *a += x.size;
        *b += y.size;
        if (x.payload && memcmp(*a, *b, x.payload) != 0)
                return 0;
        *a += x.payload;
        *b += y.payload;
        return equal_next_n(a, b, x.elements);
}

int value_equal(struct span a, struct span b, bool *equal)
{
        int r;

        if (span_equal(a, b)) {
                *equal = !value_has_nan(a);
                return 0;
        }
        r = equal_next(&a.data, &b.data);
        *equal = r > 0;
        return r < 0 ? r : 0;
}

/* --- hash() */

const char *value_unhashable(struct span value)
{
        const uint8_t *at = value.data;
        size_t left = 1;

        do {
                struct head head = head_read(at);
                struct span part = span_of(at, head.size + head.payload);
                struct value_opaque opaque;

                switch (value_kind(part)) {
                case VALUE_LIST:
                case VALUE_DICT:
                case VALUE_SET:
                case VALUE_SLICE:
                case VALUE_TYPED_ARRAY:
                        return value_type_name(part);
                case VALUE_OPAQUE:
                        if (value_get_opaque(part, &opaque) && !opaque.hashable)
                                return value_type_name(part);
                        break;
                case VALUE_TUPLE: /* what is in a frozenset is hashable, or it would not be one */
                        at += head.size;
                        head = head_read(at);
                        break;
                case VALUE_EXCEPTION: {
                        struct value_exception exception;

                        value_get_exception(part, &exception);
                        at = exception.args.data;
                        head = head_read(at);
                        break;
                }
                default:
                        break;
                }
                at += head.size + head.payload;
                left += head.elements;
        } while (--left);
        return NULL;
}
