/*
 * notation - values as Python writes them, packed
 */
#include "tests/lib/notation.h"

#include <ctype.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/pack.h"
#include "proto/unicode.h"
#include "proto/value.h"

struct notation {
        const char *whole, *at;
};

static void fail(const struct notation *in, const char *why)
{
        fprintf(stderr, "notation: %s in \"%s\" before \"%s\"\n", why, in->whole, in->at);
        abort();
}

static void skip_blanks(struct notation *in)
{
        while (isspace((unsigned char)*in->at))
                ++in->at;
}

/* Goes behind the text if it is next. */
static bool accept(struct notation *in, const char *text)
{
        size_t n = strlen(text);

        skip_blanks(in);
        if (strncmp(in->at, text, n) != 0)
                return false;
        in->at += n;
        return true;
}

static void expect(struct notation *in, const char *text)
{
        if (!accept(in, text))
                fail(in, text);
}

static void pack_value(struct notation *in, struct buffer *out);

/* Values up to `close`, packed one after another; `colon` where they are key: value. */
static size_t pack_elements(struct notation *in, const char *close, bool colon, struct buffer *out)
{
        size_t n = 0;

        while (!accept(in, close)) {
                pack_value(in, out);
                if (colon) {
                        expect(in, ":");
                        pack_value(in, out);
                }
                ++n;
                if (!accept(in, ",")) {
                        expect(in, close);
                        break;
                }
        }
        return n;
}

static void pack_list(struct notation *in, const char *close, struct buffer *out)
{
        size_t begin = pack_array_begin(out);

        pack_array_end(out, begin, pack_elements(in, close, false, out));
}

static void pack_list_ext(struct notation *in, const char *close, enum ext ext, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);

        pack_list(in, close, out);
        pack_ext_end(out, begin, ext);
}

/* Parentheses around one value are no tuple without a comma. */
static void pack_tuple(struct notation *in, struct buffer *out)
{
        struct notation ahead = *in;
        _buffer_cleanup_ struct buffer inner = BUFFER_NULL;

        if (!accept(&ahead, ")")) {
                pack_value(&ahead, &inner);
                if (accept(&ahead, ")")) {
                        pack_packed(out, buffer_span(&inner));
                        *in = ahead;
                        return;
                }
        }
        pack_list_ext(in, ")", EXT_TUPLE, out);
}

static void pack_braces(struct notation *in, struct buffer *out)
{
        struct notation ahead = *in;
        _buffer_cleanup_ struct buffer inner = BUFFER_NULL;
        size_t n = 0;

        if (!accept(in, "}")) {
                pack_value(&ahead, &inner);
                if (!accept(&ahead, ":")) {
                        pack_list_ext(in, "}", EXT_SET, out);
                        return;
                }
                buffer_truncate(&inner, 0);
                n = pack_elements(in, "}", true, &inner);
        }
        pack_map(out, n);
        pack_packed(out, buffer_span(&inner));
}

/* --- integers of any size: a magnitude of bytes, least significant first */

#define INTEGER_MAX_BYTES 2048

struct integer {
        uint8_t bytes[INTEGER_MAX_BYTES];
        bool negative;
};

static void integer_multiply_add(struct integer *integer, unsigned by, unsigned more)
{
        unsigned long carry = more;

        for (size_t i = 0; i < INTEGER_MAX_BYTES; ++i) {
                carry += (unsigned long)integer->bytes[i] * by;
                integer->bytes[i] = (uint8_t)carry;
                carry >>= 8;
        }
}

static unsigned digit_of(char c)
{
        return isdigit((unsigned char)c) ? (unsigned)(c - '0') : (unsigned)(tolower(c) - 'a') + 10;
}

static void integer_parse(struct integer *integer, struct notation *in)
{
        unsigned base = 10;

        if (strncmp(in->at, "0x", 2) == 0) {
                base = 16;
                in->at += 2;
        }
        for (; isxdigit((unsigned char)*in->at) && digit_of(*in->at) < base; ++in->at)
                integer_multiply_add(integer, base, digit_of(*in->at));

        if (accept(in, "**")) {
                unsigned factor = integer->bytes[0];
                unsigned long exponent = strtoul(in->at, (char **)(uintptr_t)&in->at, 10);

                while (exponent-- > 1)
                        integer_multiply_add(integer, factor, 0);
        }
}

static void pack_integer(struct integer *integer, struct buffer *out)
{
        size_t n = INTEGER_MAX_BYTES;
        uint8_t big[INTEGER_MAX_BYTES];
        uint64_t low;
        unsigned carry = 1;

        while (n > 1 && integer->bytes[n - 1] == 0)
                --n;
        memcpy(&low, integer->bytes, sizeof(low));
        low = le64toh(low);
        if (n <= 8 && !integer->negative) {
                pack_uint(out, low);
                return;
        }
        if (n <= 8 && low <= (uint64_t)1 << 63) {
                pack_int(out, (int64_t)(0 - low));
                return;
        }
        if (integer->bytes[n - 1] & 0x80)
                ++n;
        for (size_t i = 0; integer->negative && i < n; ++i) {
                carry += (uint8_t)~integer->bytes[i];
                integer->bytes[i] = (uint8_t)carry;
                carry >>= 8;
        }
        /* -2**(8k-1) needs no byte for the sign */
        if (integer->negative && integer->bytes[n - 1] == 0xff && integer->bytes[n - 2] & 0x80)
                --n;
        for (size_t i = 0; i < n; ++i)
                big[i] = integer->bytes[n - 1 - i];
        pack_ext(out, EXT_BIG_INTEGER, span_of(big, n));
}

static void pack_number(struct notation *in, struct buffer *out)
{
        const char *end = in->at + (*in->at == '-');
        struct integer integer = { .negative = *in->at == '-' };
        bool real = strncmp(end, "inf", 3) == 0 || strncmp(end, "nan", 3) == 0;
        bool hex = strncmp(end, "0x", 2) == 0;

        for (; isalnum((unsigned char)*end) || *end == '.' ||
               (strchr("+-", *end) && *end && tolower(end[-1]) == 'e');
             ++end)
                real |= !hex && (*end == '.' || tolower(*end) == 'e');
        if (end == in->at + integer.negative)
                fail(in, "no value");

        if (real) {
                pack_float(out, strtod(in->at, (char **)(uintptr_t)&in->at));
        } else {
                in->at += integer.negative;
                integer_parse(&integer, in);
                pack_integer(&integer, out);
        }
}

/* --- text */

static uint32_t parse_hex(struct notation *in, unsigned n)
{
        uint32_t code = 0;

        while (n--) {
                if (!isxdigit((unsigned char)*in->at))
                        fail(in, "no hex digit");
                code = code << 4 | digit_of(*in->at++);
        }
        return code;
}

static void parse_escape(struct notation *in, bool is_bytes, struct buffer *text)
{
        uint8_t utf8[4];
        char c = *in->at++;
        uint32_t code;

        switch (c) {
        case 'n':
                buffer_append_byte(text, '\n');
                return;
        case 't':
                buffer_append_byte(text, '\t');
                return;
        case 'r':
                buffer_append_byte(text, '\r');
                return;
        case 'x':
        case 'u':
        case 'U':
                code = parse_hex(in, c == 'x' ? 2 : c == 'u' ? 4 : 8);
                if (is_bytes)
                        buffer_append_byte(text, (uint8_t)code);
                else
                        buffer_append(text, utf8, utf8_encode(code, utf8));
                return;
        case '\0':
                fail(in, "no end of the text");
                return;
        default:
                buffer_append_byte(text, (uint8_t)c);
        }
}

static void pack_text(struct notation *in, bool is_bytes, struct buffer *out)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        char quote = *in->at++;

        while (*in->at != quote) {
                if (!*in->at)
                        fail(in, "no end of the text");
                if (*in->at++ == '\\')
                        parse_escape(in, is_bytes, &text);
                else
                        buffer_append_byte(&text, (uint8_t)in->at[-1]);
        }
        ++in->at;
        if (is_bytes)
                pack_bytes(out, buffer_span(&text));
        else
                pack_str(out, buffer_span(&text));
}

/* --- array('i', [1, 2]) */

static void pack_item(struct notation *in, char typecode, struct buffer *out)
{
        uint64_t bits;
        float narrow;
        double wide;

        skip_blanks(in);
        if (typecode == 'f' || typecode == 'd') {
                wide = strtod(in->at, (char **)(uintptr_t)&in->at);
                narrow = (float)wide;
                buffer_append(out, typecode == 'f' ? (void *)&narrow : (void *)&wide,
                              typecode == 'f' ? 4 : 8);
                return;
        }
        bits = *in->at == '-' ? (uint64_t)strtoll(in->at, (char **)(uintptr_t)&in->at, 10)
                              : strtoull(in->at, (char **)(uintptr_t)&in->at, 10);
        bits = htole64(bits);
        buffer_append(out, &bits,
                      strchr("bB", typecode)   ? 1
                      : strchr("hH", typecode) ? 2
                      : strchr("iI", typecode) ? 4
                                               : 8);
}

/* The characters of a str, as the items of an array of them. */
static void pack_characters(struct notation *in, struct buffer *out)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        struct span content;

        skip_blanks(in);
        pack_text(in, false, &text);
        value_get_str(buffer_span(&text), &content);
        for (const uint8_t *at = content.data; at < content.data + content.size;) {
                uint32_t code = htole32(utf8_next(&at));

                buffer_append(out, &code, sizeof(code));
        }
}

static void pack_typed_array(struct notation *in, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);
        char typecode;

        skip_blanks(in);
        typecode = in->at[1];
        in->at += 3;
        buffer_append_byte(out, (uint8_t)typecode);
        if (accept(in, ",") && typecode == 'u') {
                pack_characters(in, out);
        } else if (in->at[-1] == ',') {
                expect(in, "[");
                while (!accept(in, "]")) {
                        pack_item(in, typecode, out);
                        accept(in, ",");
                }
        }
        expect(in, ")");
        pack_ext_end(out, begin, EXT_TYPED_ARRAY);
}

static void pack_proxy(struct notation *in, struct buffer *out)
{
        uint64_t ident = strtoull(in->at, (char **)(uintptr_t)&in->at, 0);

        expect(in, ")");
        pack_token(out, "proxy", ident);
}

static void pack_frozenset(struct notation *in, struct buffer *out)
{
        if (accept(in, ")")) {
                pack_ext(out, EXT_FROZENSET, SPAN_LITERAL("\x90"));
                return;
        }
        expect(in, "{");
        pack_list_ext(in, "}", EXT_FROZENSET, out);
        expect(in, ")");
}

/* --- any value */

static bool pack_word(struct notation *in, struct buffer *out)
{
        if (accept(in, "None"))
                pack_nil(out);
        else if (accept(in, "True"))
                pack_bool(out, true);
        else if (accept(in, "False"))
                pack_bool(out, false);
        else if (accept(in, "NotImplemented"))
                pack_ext(out, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
        else if (accept(in, "set()"))
                pack_ext(out, EXT_SET, SPAN_LITERAL("\x90"));
        else if (accept(in, "frozenset("))
                pack_frozenset(in, out);
        else if (accept(in, "slice("))
                pack_list_ext(in, ")", EXT_SLICE, out);
        else if (accept(in, "array("))
                pack_typed_array(in, out);
        else if (accept(in, "proxy("))
                pack_proxy(in, out);
        else if (accept(in, "opaque("))
                pack_list_ext(in, ")", EXT_OPAQUE, out);
        else
                return false;
        return true;
}

static void pack_value(struct notation *in, struct buffer *out)
{
        if (accept(in, "["))
                pack_list(in, "]", out);
        else if (accept(in, "("))
                pack_tuple(in, out);
        else if (accept(in, "{"))
                pack_braces(in, out);
        else if (*in->at == '\'' || *in->at == '"')
                pack_text(in, false, out);
        else if (*in->at == 'b' && (in->at[1] == '\'' || in->at[1] == '"'))
                ++in->at, pack_text(in, true, out);
        else if (!pack_word(in, out))
                pack_number(in, out);
}

void notation_pack(struct buffer *out, const char *notation)
{
        struct notation in = { notation, notation };

        pack_value(&in, out);
        skip_blanks(&in);
        if (*in.at)
                fail(&in, "more than one value");
}

/* "name=": packs the name and goes behind it. */
static bool pack_keyword(struct notation *in, struct buffer *out)
{
        const char *end;

        skip_blanks(in);
        end = in->at;
        while (isalnum((unsigned char)*end) || *end == '_')
                ++end;
        if (end == in->at || *end != '=')
                return false;
        pack_str(out, span_of(in->at, (size_t)(end - in->at)));
        in->at = end + 1;
        return true;
}

void notation_pack_arguments(const char *notation, struct buffer *args, size_t *n_args,
                             struct buffer *kwds)
{
        _buffer_cleanup_ struct buffer named = BUFFER_NULL;
        struct notation in = { notation, notation };
        size_t n_named = 0;

        *n_args = 0;
        skip_blanks(&in);
        while (*in.at) {
                if (pack_keyword(&in, &named)) {
                        pack_value(&in, &named);
                        ++n_named;
                } else {
                        pack_value(&in, args);
                        ++*n_args;
                }
                if (!accept(&in, ",") && *in.at)
                        fail(&in, "no comma");
                skip_blanks(&in);
        }
        pack_map(kwds, n_named);
        pack_packed(kwds, buffer_span(&named));
}
