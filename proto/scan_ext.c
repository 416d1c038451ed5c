/*
 * scan_ext - the shape of each extension
 *
 * ext.h lists them. Those whose payload is one array of any values are opened
 * like a list; the others are short or flat and are judged here at once.
 */
#include "proto/ext.h"
#include "proto/head.h"
#include "proto/scan_parts.h"
#include "proto/status.h"
#include "proto/unicode.h"

/* What is left of a payload. */
struct rest {
        const uint8_t *at;
        const uint8_t *end;
};

static int ext_refuse(struct scanner *scanner, const char *why)
{
        return scan_refuse(scanner, -STATUS_BAD_REQUEST, why);
}

/* Reads a head and steps over it and what it claims to be followed by, elements excepted. */
static bool rest_take(struct rest *rest, struct head *head)
{
        size_t n_left = (size_t)(rest->end - rest->at);

        if (n_left == 0 || n_left < scan_head_size(rest->at[0]))
                return false;
        *head = head_read(rest->at);
        n_left -= head->size;
        if (head->payload > n_left || head->elements > n_left)
                return false;
        rest->at += head->size + head->payload;
        return true;
}

static bool rest_take_kind(struct rest *rest, enum head_kind kind, struct head *head)
{
        return rest_take(rest, head) && head->kind == kind;
}

static bool rest_take_array(struct rest *rest, size_t n_elements)
{
        struct head head;

        return rest_take_kind(rest, HEAD_ARRAY, &head) && head.elements == n_elements;
}

/* Returns 1, 0 where no text is next, or a status. */
static int rest_take_text(struct scanner *scanner, struct rest *rest)
{
        struct head head;
        int r;

        if (!rest_take_kind(rest, HEAD_STR, &head))
                return 0;
        r = scan_text(scanner, span_of(rest->at - head.payload, head.payload));
        return r < 0 ? r : 1;
}

/* [typeid, address | nil, ident] */
static int ext_token(struct scanner *scanner, struct rest rest)
{
        struct head head;
        int r;

        if (!rest_take_array(&rest, 3))
                return ext_refuse(scanner, "token is not an array of three");
        r = rest_take_text(scanner, &rest);
        if (r <= 0)
                return r < 0 ? r : ext_refuse(scanner, "token's typeid is not a str");
        if (rest.at < rest.end && rest.at[0] == 0xc0) {
                ++rest.at;
        } else {
                r = rest_take_text(scanner, &rest);
                if (r <= 0)
                        return r < 0 ? r : ext_refuse(scanner, "token's address is not a str");
        }
        if (!rest_take_kind(&rest, HEAD_UINT, &head) || head.number == 0)
                return ext_refuse(scanner, "token's ident is not a positive integer");
        if (rest.at != rest.end)
                return ext_refuse(scanner, "token holds more than three elements");
        scanner->has_tokens = true;
        return SCAN_PASSED;
}

/* [codec, payload, hashable] */
static int ext_opaque(struct scanner *scanner, struct rest rest)
{
        struct head head;
        int r;

        if (!rest_take_array(&rest, 3))
                return ext_refuse(scanner, "opaque object is not an array of three");
        r = rest_take_text(scanner, &rest);
        if (r <= 0)
                return r < 0 ? r : ext_refuse(scanner, "opaque object's codec is not a str");
        if (!rest_take_kind(&rest, HEAD_BIN, &head))
                return ext_refuse(scanner, "opaque object's payload is not a bin");
        if (!rest_take_kind(&rest, HEAD_BOOL, &head))
                return ext_refuse(scanner, "opaque object's third element is not a bool");
        if (rest.at != rest.end)
                return ext_refuse(scanner, "opaque object holds more than three elements");
        return SCAN_PASSED;
}

static int ext_big_integer(struct scanner *scanner, struct span digits)
{
        if (digits.size < 2)
                return ext_refuse(scanner, "big integer fits into 64 bits");
        if ((digits.data[0] == 0x00 && !(digits.data[1] & 0x80)) ||
            (digits.data[0] == 0xff && (digits.data[1] & 0x80)))
                return ext_refuse(scanner, "big integer is not written shortest");
        /* Of nine bytes, a first one of zero is just the sign of an uint64. */
        if (digits.size < 9 || (digits.size == 9 && digits.data[0] == 0x00))
                return ext_refuse(scanner, "big integer fits into 64 bits");
        return SCAN_PASSED;
}

static size_t typed_array_item_size(char typecode)
{
        switch (typecode) {
        case 'b':
        case 'B':
                return 1;
        case 'h':
        case 'H':
                return 2;
        case 'u':
        case 'i':
        case 'I':
        case 'f':
                return 4;
        case 'l':
        case 'L':
        case 'q':
        case 'Q':
        case 'd':
                return 8;
        default:
                return 0;
        }
}

static int ext_typed_array(struct scanner *scanner, struct span payload)
{
        size_t item_size = payload.size ? typed_array_item_size((char)payload.data[0]) : 0;
        const uint8_t *item;

        if (item_size == 0)
                return ext_refuse(scanner, "typed array has an unknown typecode");
        if ((payload.size - 1) % item_size)
                return ext_refuse(scanner, "typed array ends within an item");
        if (payload.data[0] != 'u')
                return SCAN_PASSED;
        for (size_t i = 1; i < payload.size; i += item_size) {
                item = payload.data + i;
                if (item[3] || item[2] > UNICODE_MAX >> 16)
                        return ext_refuse(scanner, "typed array holds what is no code point");
        }
        return SCAN_PASSED;
}

/* The one array of a tuple, set …: its elements are the walk's business. */
static int ext_open(struct scanner *scanner, struct rest rest, enum ext type,
                    struct scan_found *found)
{
        struct head head;
        int r;

        if (type == EXT_EXCEPTION) {
                if (!rest_take_array(&rest, 2))
                        return ext_refuse(scanner, "exception is not an array of two");
                r = rest_take_text(scanner, &rest);
                if (r <= 0)
                        return r < 0 ? r : ext_refuse(scanner, "exception's name is not a str");
        }
        if (!rest_take_kind(&rest, HEAD_ARRAY, &head))
                return ext_refuse(scanner, type == EXT_EXCEPTION
                                                   ? "exception's arguments are not an array"
                                                   : "extension holds no array");
        if (type == EXT_SLICE && head.elements != 3)
                return ext_refuse(scanner, "slice is not an array of three");
        *found = (struct scan_found){
                .at = rest.at,
                .end = rest.end,
                .n = (uint32_t)head.elements,
                .container = type == EXT_SET || type == EXT_FROZENSET ? SCAN_SET : SCAN_LIST,
                .is_ext = true,
        };
        return SCAN_OPENED;
}

int scan_ext(struct scanner *scanner, const uint8_t *at, const uint8_t *end,
             struct scan_found *found)
{
        struct rest rest = { at, end };
        struct head head;
        struct span payload;

        if (!rest_take(&rest, &head))
                return ext_refuse(scanner, "value is cut short");
        found->at = rest.at;
        payload = span_of(rest.at - head.payload, head.payload);
        rest.at = payload.data;
        rest.end = found->at;

        switch ((enum ext)head.ext) {
        case EXT_TUPLE:
        case EXT_EXCEPTION:
        case EXT_SET:
        case EXT_FROZENSET:
        case EXT_SLICE:
                return ext_open(scanner, rest, (enum ext)head.ext, found);
        case EXT_TOKEN:
                return ext_token(scanner, rest);
        case EXT_NOT_IMPLEMENTED:
                return payload.size ? ext_refuse(scanner, "NotImplemented has a payload")
                                    : SCAN_PASSED;
        case EXT_BIG_INTEGER:
                return ext_big_integer(scanner, payload);
        case EXT_TYPED_ARRAY:
                return ext_typed_array(scanner, payload);
        case EXT_OPAQUE:
                return ext_opaque(scanner, rest);
        }
        return ext_refuse(scanner, "extension of an unknown type");
}
