/*
 * fuzz_scan - values from outside, and all that is done with accepted ones
 *
 * scan against msgpack-c and against its own rules written a second time; then
 * the laws of equality, order, hash and text on every value that was accepted,
 * and on two that stand one behind the other.
 */
#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/status.h"
#include "proto/unicode.h"
#include "proto/value.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/scan_oracle.h"

/* Kept from one input to the next: nothing is left in them but memory. */
static struct scanner scanner, loose;
static struct buffer first, second, again, text;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        scanner_init(&scanner, SCAN_DEFAULT_DEPTH);
        scanner_init(&loose, SCAN_MAX_DEPTH);
        memset(scanner.hash_key, 1, sizeof(scanner.hash_key));
        memset(loose.hash_key, 1, sizeof(loose.hash_key));
        first = second = again = text = BUFFER_NULL;
        return 0;
}

/* --- scan */

static void compare_with_oracle(struct span bytes, bool accepted, size_t size)
{
        msgpack_unpack_return result;
        msgpack_unpacked unpacked;
        size_t offset = 0;
        bool oracle;

        if (!accepted && !oracle_claims_little(bytes))
                return;
        msgpack_unpacked_init(&unpacked);
        result = msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.size, &offset);
        oracle = result == MSGPACK_UNPACK_SUCCESS || result == MSGPACK_UNPACK_EXTRA_BYTES;
        if (accepted)
                fuzz_check(oracle && offset == size);
        if (oracle && oracle_is_plain(&unpacked.data))
                fuzz_check(accepted == oracle_is_allowed(&unpacked.data, scanner.max_depth));
        msgpack_unpacked_destroy(&unpacked);
}

/* The value that begins here, or absent where none is accepted. */
static struct span scan_next(struct span bytes)
{
        size_t size = 0, same = 0;
        int r = scan_value(&scanner, bytes, &size);

        fuzz_check(r == 0 || r == -STATUS_BAD_REQUEST || r == -STATUS_UNICODE ||
                   r == -STATUS_TOO_LARGE);
        fuzz_check(r == 0 || scanner.why);
        compare_with_oracle(bytes, r == 0, size);
        fuzz_check(scan_element(&loose, bytes, SCAN_MAX_DEPTH - SCAN_DEFAULT_DEPTH, &same) == r);
        if (r < 0)
                return SPAN_ABSENT;
        fuzz_check(size > 0 && size <= bytes.size && same == size);
        fuzz_check(value_size(bytes.data) == size);
        fuzz_check(scan_whole(&scanner, span_of(bytes.data, size)) == 0);
        if (size > 1) /* the same without its last byte is no value */
                fuzz_check(scan_whole(&scanner, span_of(bytes.data, size - 1)) < 0);
        return span_of(bytes.data, size);
}

/* --- one value */

static int count_token(void *data, const struct value_token *token)
{
        (void)token;
        ++*(size_t *)data;
        return 0;
}

static void check_tokens(struct span value)
{
        size_t n = 0;

        fuzz_check(scan_whole(&scanner, value) == 0);
        fuzz_check(value_visit_tokens(value, count_token, &n) == 0);
        fuzz_check(scanner.has_tokens == (n > 0));
}

static bool canonical(struct span value, struct buffer *out)
{
        bool has_nan;

        buffer_truncate(out, 0);
        fuzz_check(value_canonical(value, out, &has_nan) == 0);
        return has_nan;
}

static void check_canonical(struct span value, bool has_nan)
{
        struct span form = buffer_span(&first);
        bool equal;

        fuzz_check(scan_whole(&scanner, form) == 0);
        fuzz_check(canonical(form, &again) == has_nan);
        fuzz_check(span_equal(form, buffer_span(&again)));
        fuzz_check(!value_is_canonical(value) || span_equal(value, form));
        fuzz_check(value_equal(value, value, &equal) == 0 && equal == !has_nan);
        fuzz_check(value_equal(value, form, &equal) == 0 && equal == !has_nan);
        fuzz_check(value_equal(form, value, &equal) == 0 && equal == !has_nan);
}

/* A copy elsewhere in memory, aligned otherwise, is the same value. */
static void check_copy(struct span value, bool has_nan)
{
        uint8_t *copy = malloc(value.size + 1);
        bool equal;

        fuzz_check(copy);
        memcpy(copy + 1, value.data, value.size);
        fuzz_check(value_equal(value, span_of(copy + 1, value.size), &equal) == 0);
        fuzz_check(equal == !has_nan);
        free(copy);
}

static void check_text(struct span value)
{
        struct span inside;
        int r;

        buffer_truncate(&text, 0);
        r = value_repr(value, &text);
        fuzz_check(r == 0 || r == -STATUS_VALUE);
        fuzz_check(r < 0 || text.size > 0);
        fuzz_check(utf8_valid(buffer_span(&text)));

        buffer_truncate(&text, 0);
        fuzz_check(value_str(value, &text) == r || value_kind(value) == VALUE_STR);
        fuzz_check(utf8_valid(buffer_span(&text)));
        if (value_get_str(value, &inside))
                fuzz_check(span_equal(inside, buffer_span(&text)));
}

/* The elements fill the value up to its end. */
static void check_elements(struct span value)
{
        struct value_iter iter;
        struct span element, last = SPAN_ABSENT;
        size_t n, n_walked = 0;

        if (!value_iter_init(&iter, value, &n))
                return;
        while (value_iter_next(&iter, &element)) {
                fuzz_check(element.data > value.data);
                fuzz_check(span_is_absent(last) || element.data == last.data + last.size);
                fuzz_check(scan_whole(&scanner, element) == 0);
                last = element;
                ++n_walked;
        }
        fuzz_check(n_walked == (value_kind(value) == VALUE_DICT ? 2 * n : n));
        if (n)
                fuzz_check(last.data + last.size == value.data + value.size);
}

static void check_array(const struct value_typed_array *array)
{
        for (size_t i = 0; i < array->items.size / array->item_size && i < 8; ++i) {
                buffer_truncate(&text, 0);
                value_pack_item(array, i, &text);
                fuzz_check(scan_whole(&scanner, buffer_span(&text)) == 0);
        }
}

/* Every typed reading; a slice's parts and the like are values again. */
static void check_readings(struct span value)
{
        enum value_kind kind = value_kind(value);
        struct value_typed_array array;
        struct value_exception exception;
        struct value_slice slice;
        struct value_opaque opaque;
        struct value_token token;
        struct span inside;
        uint64_t uinteger;
        int64_t integer;
        double number;
        bool boolean;

        fuzz_check(value_type_name(value) != NULL);
        fuzz_check(value_is_none(value) == (kind == VALUE_NONE));
        fuzz_check(value_get_bool(value, &boolean) == (kind == VALUE_BOOL));
        if (value_get_int64(value, &integer) && integer >= 0)
                fuzz_check(value_get_uint64(value, &uinteger) ? uinteger == (uint64_t)integer
                                                              : kind == VALUE_BOOL);
        (void)value_get_number(value, &number);
        fuzz_check(value_get_str(value, &inside) == (kind == VALUE_STR));
        fuzz_check(value_get_bytes(value, &inside) == (kind == VALUE_BYTES));
        fuzz_check(value_get_token(value, &token) == (kind == VALUE_TOKEN));
        if (value_get_slice(value, &slice))
                fuzz_check(scan_whole(&scanner, slice.start) == 0 &&
                           scan_whole(&scanner, slice.stop) == 0 &&
                           scan_whole(&scanner, slice.step) == 0);
        if (value_get_exception(value, &exception))
                fuzz_check(scan_whole(&scanner, exception.args) == 0);
        if (value_get_typed_array(value, &array))
                check_array(&array);
        fuzz_check(value_get_opaque(value, &opaque) == (kind == VALUE_OPAQUE));
}

static void check_value(struct span value)
{
        bool has_nan = canonical(value, &first), less;
        struct span wrong[2];
        int r;

        check_tokens(value);
        check_canonical(value, has_nan);
        check_copy(value, has_nan);
        check_text(value);
        check_elements(value);
        check_readings(value);
        r = value_less(value, value, &less, wrong);
        fuzz_check(r == -STATUS_TYPE || (r == 0 && !less));
}

/* --- two values */

static void check_sum(struct span a, struct span b)
{
        int r, s;

        buffer_truncate(&text, 0);
        buffer_truncate(&again, 0);
        r = value_add_numbers(a, b, &text);
        s = value_add_numbers(b, a, &again);
        fuzz_check(r == s || (r < 0 && s < 0));
        if (r < 0)
                return;
        fuzz_check(scan_whole(&scanner, buffer_span(&text)) == 0);
        if (value_kind(buffer_span(&text)) != VALUE_FLOAT)
                fuzz_check(span_equal(buffer_span(&text), buffer_span(&again)));
}

static void check_order(struct span a, struct span b, bool equal)
{
        bool less = false, greater = false;
        struct span wrong[2];
        int r, s;

        r = value_less(a, b, &less, wrong);
        fuzz_check(r == 0 || r == -STATUS_TYPE);
        if (r == -STATUS_TYPE)
                fuzz_check(scan_whole(&scanner, wrong[0]) == 0 &&
                           scan_whole(&scanner, wrong[1]) == 0);
        s = value_less(b, a, &greater, wrong);
        fuzz_check(r == s);
        if (r == 0)
                fuzz_check(!(less && greater) && !(equal && (less || greater)));
}

static void check_pair(struct span a, struct span b)
{
        bool a_nan = canonical(a, &first), b_nan = canonical(b, &second), equal, turned;

        fuzz_check(value_equal(a, b, &equal) == 0 && value_equal(b, a, &turned) == 0);
        fuzz_check(equal == turned);
        fuzz_check(equal ==
                   (!a_nan && !b_nan && span_equal(buffer_span(&first), buffer_span(&second))));
        check_order(a, b, equal);
        check_sum(a, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span bytes = span_of(data, size), value, next;

        if (!size)
                return 0;
        value = scan_next(bytes);
        if (span_is_absent(value))
                return 0;
        check_value(value);
        bytes = span_of(value.data + value.size, bytes.size - value.size);
        if (!bytes.size)
                return 0;
        next = scan_next(bytes);
        if (span_is_absent(next))
                return 0;
        check_value(next);
        check_pair(value, next);
        return 0;
}
