/*
 * repr - Python's repr() and str()
 */
#include <inttypes.h>
#include <stdio.h>

#include "proto/decimal.h"
#include "proto/head.h"
#include "proto/number.h"
#include "proto/status.h"
#include "proto/unicode.h"
#include "proto/value.h"

/* Appends the repr of the value at *at, which is moved behind it. 0 or -STATUS_VALUE. */
static int repr_next(const uint8_t **at, struct buffer *out);

static void repr_text(struct buffer *out, const char *text)
{
        buffer_append_span(out, span_of_cstr(text));
}

static void repr_uint(struct buffer *out, const char *sign, uint64_t number)
{
        char text[32];

        snprintf(text, sizeof(text), "%s%" PRIu64, sign, number);
        repr_text(out, text);
}

/* --- str and bytes */

static void repr_escape(struct buffer *out, uint32_t code)
{
        char text[16];

        if (code == '\t')
                strcpy(text, "\\t");
        else if (code == '\n')
                strcpy(text, "\\n");
        else if (code == '\r')
                strcpy(text, "\\r");
        else if (code < 0x100)
                snprintf(text, sizeof(text), "\\x%02" PRIx32, code);
        else if (code < 0x10000)
                snprintf(text, sizeof(text), "\\u%04" PRIx32, code);
        else
                snprintf(text, sizeof(text), "\\U%08" PRIx32, code);
        repr_text(out, text);
}

/* Double quotes only where that saves escaping single ones. */
static uint8_t repr_quote(struct span text)
{
        return text.size && memchr(text.data, '\'', text.size) && !memchr(text.data, '"', text.size)
                       ? '"'
                       : '\'';
}

static inline bool repr_is_plain(uint8_t byte, uint8_t quote)
{
        return byte >= 0x20 && byte < 0x7f && byte != '\\' && byte != quote;
}

/* Appends what needs no escape, up to the first byte that may; returns where that is. */
static const uint8_t *repr_plain(struct buffer *out, const uint8_t *at, const uint8_t *end,
                                 uint8_t quote)
{
        const uint8_t *from = at;

        while (at < end && repr_is_plain(*at, quote))
                ++at;
        buffer_append(out, from, (size_t)(at - from));
        return at;
}

static void repr_code(struct buffer *out, uint32_t code, uint8_t quote)
{
        uint8_t bytes[4];

        if (code == quote || code == '\\')
                buffer_append(out, (uint8_t[]){ '\\', (uint8_t)code }, 2);
        else if (unicode_printable(code))
                buffer_append(out, bytes, utf8_encode(code, bytes));
        else
                repr_escape(out, code);
}

static void repr_str(struct buffer *out, struct span text)
{
        const uint8_t *at = text.data, *end = at + text.size;
        uint8_t quote = repr_quote(text);

        buffer_append_byte(out, quote);
        while ((at = repr_plain(out, at, end, quote)) < end)
                repr_code(out, utf8_next(&at), quote);
        buffer_append_byte(out, quote);
}

static void repr_bytes(struct buffer *out, struct span bytes)
{
        const uint8_t *at = bytes.data, *end = at + bytes.size;
        uint8_t quote = repr_quote(bytes);

        buffer_append_byte(out, 'b');
        buffer_append_byte(out, quote);
        while ((at = repr_plain(out, at, end, quote)) < end) {
                if (*at == quote || *at == '\\')
                        buffer_append(out, (uint8_t[]){ '\\', *at }, 2);
                else
                        repr_escape(out, *at);
                ++at;
        }
        buffer_append_byte(out, quote);
}

/* --- numbers */

/* d.ddde+XX, as Python writes it where the point would be far from the digits. */
static size_t format_exponent(char *text, const char *digits, size_t n, int exponent)
{
        size_t size = 0;

        text[size++] = digits[0];
        if (n > 1) {
                text[size++] = '.';
                memcpy(text + size, digits + 1, n - 1);
                size += n - 1;
        }
        return size + (size_t)sprintf(text + size, "e%c%02d", exponent < 0 ? '-' : '+',
                                      exponent < 0 ? -exponent : exponent);
}

static size_t format_fixed(char *text, const char *digits, size_t n, int point)
{
        size_t size = 0, n_whole = point > 0 ? (size_t)point : 0;

        if (!n_whole)
                text[size++] = '0';
        for (size_t i = 0; i < n_whole; ++i)
                text[size++] = i < n ? digits[i] : '0';
        text[size++] = '.';
        for (; point < 0; ++point)
                text[size++] = '0';
        for (size_t i = n_whole; i < n; ++i)
                text[size++] = digits[i];
        if (n <= n_whole)
                text[size++] = '0';
        return size;
}

size_t value_format_float(double number, char text[32])
{
        char digits[DECIMAL_REAL_DIGITS + 1];
        bool negative = __builtin_signbit(number) && !__builtin_isnan(number);
        size_t size = 0, n;
        int point;

        if (negative) {
                text[size++] = '-';
                number = -number;
        }
        if (__builtin_isnan(number) || __builtin_isinf(number)) {
                memcpy(text + size, __builtin_isnan(number) ? "nan" : "inf", 4);
                return size + 3;
        }

        if (number == 0) {
                digits[0] = '0';
                n = 1;
                point = 1;
        } else {
                n = decimal_of_real(number, digits, &point);
        }
        if (point > 16 || point < -3)
                size += format_exponent(text + size, digits, n, point - 1);
        else
                size += format_fixed(text + size, digits, n, point);
        text[size] = '\0';
        return size;
}

static int repr_number(struct buffer *out, const struct number *number)
{
        char digits[DECIMAL_MAX_DIGITS + 1];
        size_t n;

        switch (number->kind) {
        case NUMBER_INT:
                repr_uint(out, number->negative ? "-" : "", number->magnitude);
                return 0;
        case NUMBER_FLOAT:
                buffer_append(out, digits, value_format_float(number->real, digits));
                return 0;
        case NUMBER_BIG:
                n = decimal_of_integer(number->big, digits);
                if (!n)
                        return -STATUS_VALUE;
                buffer_append(out, digits, n);
                return 0;
        }
        return 0;
}

/* --- containers */

static int repr_elements(const uint8_t **at, size_t n, struct buffer *out)
{
        int r = 0;

        for (size_t i = 0; i < n && !r; ++i) {
                if (i)
                        repr_text(out, ", ");
                r = repr_next(at, out);
        }
        return r;
}

static int repr_dict(const uint8_t **at, size_t n, struct buffer *out)
{
        int r = 0;

        buffer_append_byte(out, '{');
        for (size_t i = 0; i < n && !r; ++i) {
                if (i)
                        repr_text(out, i % 2 ? ": " : ", ");
                r = repr_next(at, out);
        }
        buffer_append_byte(out, '}');
        return r;
}

/* The array at *at between two texts. */
static int repr_array(const uint8_t **at, struct buffer *out, const char *before, const char *after,
                      const char *after_one)
{
        struct head array = head_read(*at);
        int r;

        *at += array.size;
        repr_text(out, before);
        r = repr_elements(at, array.elements, out);
        repr_text(out, array.elements == 1 ? after_one : after);
        return r;
}

static int repr_exception(const uint8_t **at, struct buffer *out)
{
        struct head array = head_read(*at), name = head_read(*at + array.size);

        *at += array.size + name.size;
        buffer_append_span(out, span_of(*at, name.payload));
        *at += name.payload;
        return repr_array(at, out, "(", ")", ")");
}

/* The array inside an extension, whose head *at is behind. */
static int repr_nest(const uint8_t **at, const struct head *head, struct buffer *out)
{
        bool empty = !head_read(*at).elements;

        switch (head->ext) {
        case EXT_TUPLE:
                return repr_array(at, out, "(", ")", ",)");
        case EXT_SET:
                return empty ? repr_array(at, out, "set(", ")", ")")
                             : repr_array(at, out, "{", "}", "}");
        case EXT_FROZENSET:
                return empty ? repr_array(at, out, "frozenset(", ")", ")")
                             : repr_array(at, out, "frozenset({", "})", "})");
        case EXT_SLICE:
                return repr_array(at, out, "slice(", ")", ")");
        default:
                return repr_exception(at, out);
        }
}

/* --- what has no literal */

static void repr_token(struct span value, struct buffer *out)
{
        struct value_token token;
        const char *name;
        char text[32];

        value_get_token(value, &token);
        name = value_proxy_name(token.typeid);
        buffer_append_byte(out, '<');
        if (name) {
                repr_text(out, name);
        } else {
                repr_text(out, "AutoProxy[");
                buffer_append_span(out, token.typeid);
                buffer_append_byte(out, ']');
        }
        repr_text(out, " object, typeid ");
        repr_str(out, token.typeid);
        snprintf(text, sizeof(text), " at 0x%" PRIx64 ">", token.ident);
        repr_text(out, text);
}

static void repr_opaque(struct span value, struct buffer *out)
{
        struct value_opaque opaque;

        value_get_opaque(value, &opaque);
        buffer_append_byte(out, '<');
        buffer_append_span(out, opaque.codec);
        repr_text(out, " object of ");
        repr_uint(out, "", opaque.payload.size);
        repr_text(out, " bytes>");
}

/* The text of a 'u' array: its items as one str. */
static void repr_characters(const struct value_typed_array *array, struct buffer *out)
{
        const uint8_t *at = array->items.data, *end = at + array->items.size;
        bool single = false, twice = false;
        uint8_t quote;
        uint32_t code;

        for (const uint8_t *p = at; p < end; p += sizeof(code)) {
                memcpy(&code, p, sizeof(code));
                single |= le32toh(code) == '\'';
                twice |= le32toh(code) == '"';
        }
        quote = single && !twice ? '"' : '\'';
        buffer_append_byte(out, quote);
        for (; at < end; at += sizeof(code)) {
                memcpy(&code, at, sizeof(code));
                repr_code(out, le32toh(code), quote);
        }
        buffer_append_byte(out, quote);
}

static int repr_typed_array(struct span value, struct buffer *out)
{
        struct value_typed_array array;
        struct number number;
        size_t n;

        value_get_typed_array(value, &array);
        n = array.items.size / array.item_size;
        repr_text(out, "array('");
        buffer_append_byte(out, (uint8_t)array.typecode);
        buffer_append_byte(out, '\'');
        if (n && !number_read_item(&array, 0, &number)) {
                repr_text(out, ", ");
                repr_characters(&array, out);
                n = 0;
        }
        for (size_t i = 0; i < n; ++i) {
                repr_text(out, i ? ", " : ", [");
                number_read_item(&array, i, &number);
                repr_number(out, &number);
        }
        repr_text(out, n ? "])" : ")");
        return 0;
}

static int repr_ext(const uint8_t **at, const struct head *head, struct buffer *out)
{
        struct span value = span_of(*at, head->size + head->payload);
        struct number number;
        int r = 0;

        *at += head->size;
        if (head_is_nest(head))
                return repr_nest(at, head, out);

        *at += head->payload;
        switch (head->ext) {
        case EXT_TOKEN:
                repr_token(value, out);
                break;
        case EXT_BIG_INTEGER:
                number_read(value, &number);
                r = repr_number(out, &number);
                break;
        case EXT_TYPED_ARRAY:
                r = repr_typed_array(value, out);
                break;
        case EXT_OPAQUE:
                repr_opaque(value, out);
                break;
        default:
                repr_text(out, "NotImplemented");
                break;
        }
        return r;
}

static int repr_next(const uint8_t **at, struct buffer *out)
{
        struct head head = head_read(*at);
        struct span bytes = span_of(*at + head.size, head.payload);
        struct number number;

        if (head.kind == HEAD_EXT)
                return repr_ext(at, &head, out);
        if (head.kind == HEAD_ARRAY)
                return repr_array(at, out, "[", "]", "]");

        *at += head.size + head.payload;
        switch (head.kind) {
        case HEAD_NIL:
                repr_text(out, "None");
                return 0;
        case HEAD_BOOL:
                repr_text(out, head.number ? "True" : "False");
                return 0;
        case HEAD_STR:
                repr_str(out, bytes);
                return 0;
        case HEAD_BIN:
                repr_bytes(out, bytes);
                return 0;
        case HEAD_MAP:
                return repr_dict(at, head.elements, out);
        default:
                number_of_head(*at, &head, &number);
                return repr_number(out, &number);
        }
}

int value_repr(struct span value, struct buffer *out)
{
        const uint8_t *at = value.data;
        size_t size = out->size;
        int r = repr_next(&at, out);

        if (out->failed)
                return out->failed;
        if (r < 0)
                buffer_truncate(out, size);
        return r;
}

int value_str(struct span value, struct buffer *out)
{
        struct span text;

        if (!value_get_str(value, &text))
                return value_repr(value, out);
        buffer_append_span(out, text);
        return out->failed;
}
