/*
 * order - Python's <
 *
 * Sequences compare by the first pair of elements that are not equal, so that
 * an error names those elements and not the sequences, as Python's does.
 */
#include "proto/number.h"
#include "proto/status.h"
#include "proto/value.h"

static int order_refuse(struct span a, struct span b, struct span wrong[2])
{
        wrong[0] = a;
        wrong[1] = b;
        return -STATUS_TYPE;
}

static int order_elements(struct value_iter *a, struct value_iter *b, bool *less,
                          struct span wrong[2])
{
        struct span x, y;
        bool equal;
        int r;

        while (value_iter_next(a, &x)) {
                if (!value_iter_next(b, &y)) {
                        *less = false;
                        return 0;
                }
                r = value_equal(x, y, &equal);
                if (r < 0)
                        return r;
                if (!equal)
                        return value_less(x, y, less, wrong);
        }
        *less = b->n_left > 0;
        return 0;
}

static int order_sequences(struct span a, struct span b, bool *less, struct span wrong[2])
{
        struct value_iter x, y;
        size_t n;

        value_iter_init(&x, a, &n);
        value_iter_init(&y, b, &n);
        return order_elements(&x, &y, less, wrong);
}

static int order_slices(struct span a, struct span b, bool *less, struct span wrong[2])
{
        struct value_slice x, y;
        struct value_iter iter_x = { .n_left = 3 }, iter_y = { .n_left = 3 };

        value_get_slice(a, &x);
        value_get_slice(b, &y);
        iter_x.at = x.start.data;
        iter_y.at = y.start.data;
        return order_elements(&iter_x, &iter_y, less, wrong);
}

/* --- arrays of Python's array module */

/* A value of the type that an item has in Python, to name in an error. */
static struct span order_item_sample(char typecode)
{
        if (typecode == 'u')
                return SPAN_LITERAL("\xa0");
        if (typecode == 'f' || typecode == 'd')
                return SPAN_LITERAL("\xca\0\0\0\0");
        return SPAN_LITERAL("\0");
}

static uint32_t order_character(const struct value_typed_array *array, size_t i)
{
        uint32_t code;

        memcpy(&code, array->items.data + i * 4, sizeof(code));
        return le32toh(code);
}

/* Whether items i differ, and then which is less. */
static int order_items(const struct value_typed_array *a, const struct value_typed_array *b,
                       size_t i, bool *less, struct span wrong[2])
{
        struct number x, y;
        bool number_x = number_read_item(a, i, &x), number_y = number_read_item(b, i, &y);
        uint32_t code_x, code_y;

        if (number_x != number_y)
                return order_refuse(order_item_sample(a->typecode), order_item_sample(b->typecode),
                                    wrong);
        if (number_x) {
                *less = number_less(&x, &y);
                return !number_equal(&x, &y);
        }
        code_x = order_character(a, i);
        code_y = order_character(b, i);
        *less = code_x < code_y;
        return code_x != code_y;
}

static int order_typed_arrays(struct span a, struct span b, bool *less, struct span wrong[2])
{
        struct value_typed_array x, y;
        size_t n_x, n_y;

        value_get_typed_array(a, &x);
        value_get_typed_array(b, &y);
        n_x = x.items.size / x.item_size;
        n_y = y.items.size / y.item_size;
        for (size_t i = 0; i < n_x && i < n_y; ++i) {
                int r = order_items(&x, &y, i, less, wrong);

                if (r)
                        return r < 0 ? r : 0;
        }
        *less = n_x < n_y;
        return 0;
}

/* --- sets: a proper subset is less */

/* Both are canonical, so that their elements come in the order of their bytes. */
static bool order_is_subset(struct span a, struct span b)
{
        struct value_iter iter_a, iter_b;
        struct span x, y;
        size_t n;

        value_iter_init(&iter_a, a, &n);
        value_iter_init(&iter_b, b, &n);
        while (value_iter_next(&iter_a, &x)) {
                int order = -1;

                while (order < 0 && value_iter_next(&iter_b, &y))
                        order = span_compare(y, x);
                if (order != 0)
                        return false;
        }
        return true;
}

static int order_sets(struct span a, struct span b, bool *less)
{
        _buffer_cleanup_ struct buffer form_a = BUFFER_NULL, form_b = BUFFER_NULL;
        struct value_iter iter;
        size_t n_a, n_b;
        bool nan;
        int r;

        value_iter_init(&iter, a, &n_a);
        value_iter_init(&iter, b, &n_b);
        *less = false;
        if (n_a >= n_b)
                return 0;

        r = value_canonical(a, &form_a, &nan);
        if (r < 0 || nan) /* a NaN is in no other set */
                return r;
        r = value_canonical(b, &form_b, &nan);
        if (r < 0)
                return r;
        *less = order_is_subset(buffer_span(&form_a), buffer_span(&form_b));
        return 0;
}

static bool order_is_set(enum value_kind kind)
{
        return kind == VALUE_SET || kind == VALUE_FROZENSET;
}

int value_less(struct span a, struct span b, bool *less, struct span wrong[2])
{
        enum value_kind kind = value_kind(a), other = value_kind(b);
        struct number x, y;
        struct span text_a, text_b;

        if (number_read(a, &x) && number_read(b, &y)) {
                *less = number_less(&x, &y);
                return 0;
        }
        if (order_is_set(kind) && order_is_set(other))
                return order_sets(a, b, less);
        if (kind != other)
                return order_refuse(a, b, wrong);

        switch (kind) {
        case VALUE_STR:
                /* UTF-8 sorts by its bytes as by its code points. */
                value_get_str(a, &text_a);
                value_get_str(b, &text_b);
                break;
        case VALUE_BYTES:
                value_get_bytes(a, &text_a);
                value_get_bytes(b, &text_b);
                break;
        case VALUE_LIST:
        case VALUE_TUPLE:
                return order_sequences(a, b, less, wrong);
        case VALUE_SLICE:
                return order_slices(a, b, less, wrong);
        case VALUE_TYPED_ARRAY:
                return order_typed_arrays(a, b, less, wrong);
        default:
                return order_refuse(a, b, wrong);
        }
        *less = span_compare(text_a, text_b) < 0;
        return 0;
}
