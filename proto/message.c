/*
 * message - requests and replies
 *
 * The outer array is taken apart here and its elements go through scan one by
 * one, so that one pass both checks a request and tells where its parts are.
 * What nearly every request looks like (empty keywords, a number as the only
 * option) is recognised by its first bytes.
 */
#include "proto/message.h"

#include "proto/head.h"
#include "proto/pack.h"
#include "proto/status.h"
#include "proto/value.h"

#define OPTION_NUMBER "i"
#define OPTION_TASK   "task"
#define OPTION_ALONE  "alone"

static int message_refuse(struct scanner *scanner, const char *why)
{
        scanner->why = why;
        return -STATUS_BAD_REQUEST;
}

static inline void message_skip(struct span *rest, size_t n)
{
        *rest = span_of(rest->data + n, rest->size - n);
}

/* Reads the head of the array that a message is. */
static inline int message_open(struct scanner *scanner, struct span *rest, size_t *n_elements)
{
        scanner->has_tokens = false;
        if (rest->size >= 1 && (rest->data[0] & 0xf0) == 0x90) {
                *n_elements = rest->data[0] & 0x0f;
                message_skip(rest, 1);
                return 0;
        }
        if (rest->size >= 3 && rest->data[0] == 0xdc) {
                *n_elements = head_load16(rest->data + 1);
                message_skip(rest, 3);
                return 0;
        }
        if (rest->size >= 5 && rest->data[0] == 0xdd) {
                *n_elements = head_load32(rest->data + 1);
                message_skip(rest, 5);
                return 0;
        }
        return message_refuse(scanner, "message is not an array");
}

/* Scans the next element of the message. */
static inline int message_take(struct scanner *scanner, struct span *rest, struct span *element)
{
        size_t size = 0;
        int r = scan_element(scanner, *rest, 1, &size);

        if (r < 0)
                return r;
        *element = span_of(rest->data, size);
        message_skip(rest, size);
        return 0;
}

static inline int message_take_text(struct scanner *scanner, struct span *rest, struct span *text,
                                    const char *why)
{
        struct span element;
        struct head head;
        int r = message_take(scanner, rest, &element);

        if (r < 0)
                return r;
        head = head_read(element.data);
        if (head.kind != HEAD_STR)
                return message_refuse(scanner, why);
        *text = span_of(element.data + head.size, head.payload);
        return 0;
}

static inline int request_take_ident(struct scanner *scanner, struct span *rest, uint64_t *ident)
{
        struct span element;
        struct head head;
        int r;

        if (rest->size >= 9 && rest->data[0] == 0xcf) {
                *ident = head_load64(rest->data + 1);
                message_skip(rest, 9);
        } else {
                r = message_take(scanner, rest, &element);
                if (r < 0)
                        return r;
                head = head_read(element.data);
                if (head.kind == HEAD_NIL) {
                        *ident = MESSAGE_IDENT_NONE;
                        return 0;
                }
                if (head.kind != HEAD_UINT)
                        return message_refuse(scanner, "ident is not nil or a positive integer");
                *ident = head.number;
        }
        /* Zero stands for nil inside; from outside it must not. */
        if (*ident == MESSAGE_IDENT_NONE)
                return message_refuse(scanner, "ident is zero");
        return 0;
}

static inline int request_take_args(struct scanner *scanner, struct span *rest, struct span *args)
{
        struct head head;
        int r = message_take(scanner, rest, args);

        if (r < 0)
                return r;
        head = head_read(args->data);
        if (head.kind == HEAD_ARRAY || (head.kind == HEAD_EXT && head.ext == EXT_TUPLE))
                return 0;
        return message_refuse(scanner, "arguments are not a list or tuple");
}

static int request_check_kwds(struct scanner *scanner, struct span kwds)
{
        struct value_iter iter;
        struct span key, value;
        size_t n;

        if (!value_iter_init(&iter, kwds, &n))
                return 0;
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value))
                if (head_read(key.data).kind != HEAD_STR)
                        return message_refuse(scanner, "a keyword is not a str");
        return 0;
}

static inline int request_take_kwds(struct scanner *scanner, struct span *rest, struct span *kwds)
{
        int r;

        if (rest->size && rest->data[0] == 0x80) {
                *kwds = span_of(rest->data, 1);
                message_skip(rest, 1);
                return 0;
        }
        r = message_take(scanner, rest, kwds);
        if (r < 0)
                return r;
        if (head_read(kwds->data).kind != HEAD_MAP)
                return message_refuse(scanner, "keywords are not a dict");
        return request_check_kwds(scanner, *kwds);
}

/* Options of a request or reply, those we know. */
struct options {
        bool numbered;
        uint64_t number;
        struct span task;
        bool alone;
};

/* {"i": number}, as it is nearly always written. Returns its size, or 0. */
static inline size_t options_read_short(struct span rest, struct options *options)
{
        static const uint8_t start[3] = { 0x81, 0xa1, 'i' };
        size_t n_digits;
        uint8_t form;

        if (rest.size < 4 || memcmp(rest.data, start, sizeof(start)))
                return 0;
        form = rest.data[3];
        if (form >= 0x80 && (form & 0xfc) != 0xcc)
                return 0;
        n_digits = form < 0x80 ? 0 : (size_t)1 << (form & 3);
        if (rest.size < 4 + n_digits)
                return 0;
        options->numbered = true;
        options->number = head_read(rest.data + 3).number;
        return 4 + n_digits;
}

static int options_read_one(struct scanner *scanner, struct span key, struct span value,
                            struct options *options)
{
        struct span name;

        if (!value_get_str(key, &name))
                return 0;
        if (span_equal(name, SPAN_LITERAL(OPTION_NUMBER))) {
                struct head head = head_read(value.data);

                if (head.kind != HEAD_UINT)
                        return message_refuse(scanner,
                                              "option i is not an integer of 0 to 2**64-1");
                options->numbered = true;
                options->number = head.number;
        } else if (span_equal(name, SPAN_LITERAL(OPTION_TASK))) {
                if (value_unhashable(value))
                        return message_refuse(scanner, "option task is not hashable");
                options->task = value;
        } else if (span_equal(name, SPAN_LITERAL(OPTION_ALONE))) {
                if (!value_get_bool(value, &options->alone))
                        return message_refuse(scanner, "option alone is not a bool");
        }
        return 0;
}

static int options_take_long(struct scanner *scanner, struct span *rest, struct span *packed,
                             struct options *options)
{
        struct value_iter iter;
        struct span key, value;
        size_t n;
        int r = message_take(scanner, rest, packed);

        if (r < 0)
                return r;
        if (head_read(packed->data).kind != HEAD_MAP || !value_iter_init(&iter, *packed, &n))
                return message_refuse(scanner, "options are not a dict");
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value)) {
                r = options_read_one(scanner, key, value, options);
                if (r < 0)
                        return r;
        }
        return 0;
}

static inline int options_take(struct scanner *scanner, struct span *rest, struct span *packed,
                               struct options *options)
{
        size_t size = options_read_short(*rest, options);

        if (size == 0)
                return options_take_long(scanner, rest, packed, options);
        *packed = span_of(rest->data, size);
        message_skip(rest, size);
        return 0;
}

/* --- what cannot be decoded may have a number nevertheless */

/* The head of the next value, of bytes that no scan has accepted. */
static bool unchecked_head(struct span rest, struct head *head)
{
        uint8_t bytes[16] = { 0 };

        if (!rest.size || rest.data[0] == 0xc1)
                return false;
        memcpy(bytes, rest.data, rest.size < sizeof(bytes) ? rest.size : sizeof(bytes));
        *head = head_read(bytes);
        return head->size <= rest.size && head->payload <= rest.size - head->size &&
               head->elements <= rest.size;
}

/* Passes over one value, however deep it is. */
static bool unchecked_skip(struct span *rest)
{
        struct head head;

        for (size_t n_left = 1; n_left > 0; --n_left) {
                if (!unchecked_head(*rest, &head))
                        return false;
                message_skip(rest, head.size + head.payload);
                n_left += head.elements;
        }
        return true;
}

static bool unchecked_is_number(struct span key)
{
        return key.size == 2 && key.data[0] == 0xa1 && key.data[1] == OPTION_NUMBER[0];
}

/* The option i of a request, if everything up to there can be told apart. */
static bool request_find_number(struct span payload, uint64_t *number)
{
        struct span rest = payload, key;
        struct head head;

        if (!unchecked_head(rest, &head) || head.kind != HEAD_ARRAY || head.elements != 5)
                return false;
        message_skip(&rest, head.size);
        for (unsigned i = 0; i < 4; ++i)
                if (!unchecked_skip(&rest))
                        return false;
        if (!unchecked_head(rest, &head) || head.kind != HEAD_MAP)
                return false;
        message_skip(&rest, head.size);
        for (size_t n_left = head.elements; n_left > 0; n_left -= 2) {
                key = rest;
                if (!unchecked_skip(&rest) || !unchecked_head(rest, &head))
                        return false;
                key.size -= rest.size;
                if (unchecked_is_number(key) && head.kind == HEAD_UINT) {
                        *number = head.number;
                        return true;
                }
                if (!unchecked_skip(&rest))
                        return false;
        }
        return false;
}

static int request_take_all(struct request *request, struct scanner *scanner, struct span payload)
{
        struct options options = { .numbered = false };
        struct span rest = payload, packed;
        size_t n_elements;
        int r;

        r = message_open(scanner, &rest, &n_elements);
        if (r < 0)
                return r;
        if (n_elements != 4 && n_elements != 5)
                return message_refuse(scanner, "request is not an array of four or five");
        r = request_take_ident(scanner, &rest, &request->ident);
        if (r < 0)
                return r;
        r = message_take_text(scanner, &rest, &request->method, "method is not a str");
        if (r < 0)
                return r;
        r = request_take_args(scanner, &rest, &request->args);
        if (r < 0)
                return r;
        r = request_take_kwds(scanner, &rest, &request->kwds);
        if (r < 0)
                return r;
        request->has_tokens = scanner->has_tokens;
        if (n_elements == 5) {
                r = options_take(scanner, &rest, &packed, &options);
                if (r < 0)
                        return r;
        }
        if (rest.size)
                return message_refuse(scanner, "bytes follow the request");
        request->numbered = options.numbered;
        request->number = options.number;
        request->task = options.task;
        request->alone = options.alone;
        return 0;
}

int request_decode(struct request *request, struct scanner *scanner, struct span payload)
{
        int r = request_take_all(request, scanner, payload);

        if (r < 0)
                request->numbered = request_find_number(payload, &request->number);
        return r;
}

static bool request_has_options(const struct request_head *head)
{
        return head->numbered || head->alone || !span_is_absent(head->task);
}

void request_begin(struct buffer *out, const struct request_head *head)
{
        pack_array(out, request_has_options(head) ? 5 : 4);
        if (head->ident == MESSAGE_IDENT_NONE)
                pack_nil(out);
        else
                pack_uint(out, head->ident);
        pack_str(out, head->method);
}

void request_end(struct buffer *out, const struct request_head *head)
{
        if (span_is_absent(head->kwds))
                pack_map(out, 0);
        else
                pack_packed(out, head->kwds);
        if (!request_has_options(head))
                return;
        pack_map(out, (size_t)head->numbered + head->alone + !span_is_absent(head->task));
        if (head->numbered) {
                pack_str(out, SPAN_LITERAL(OPTION_NUMBER));
                pack_uint(out, head->number);
        }
        if (head->alone) {
                pack_str(out, SPAN_LITERAL(OPTION_ALONE));
                pack_bool(out, true);
        }
        if (!span_is_absent(head->task)) {
                pack_str(out, SPAN_LITERAL(OPTION_TASK));
                pack_packed(out, head->task);
        }
}

/* The kinds as they are packed, with the head of an array of two before them. */
#define REPLY_HEAD(length, kind)                                                                   \
        {                                                                                          \
                (const uint8_t *)"\x92" length kind, sizeof(kind) + 1                              \
        }

static const struct span reply_heads[] = {
        [REPLY_RETURN] = REPLY_HEAD("\xa7", "#RETURN"),
        [REPLY_ERROR] = REPLY_HEAD("\xa6", "#ERROR"),
        [REPLY_TRACEBACK] = REPLY_HEAD("\xaa", "#TRACEBACK"),
        [REPLY_PROXY] = REPLY_HEAD("\xa6", "#PROXY"),
        [REPLY_UNSERIALIZABLE] = REPLY_HEAD("\xaf", "#UNSERIALIZABLE"),
};

#define N_REPLY_KINDS (sizeof(reply_heads) / sizeof(reply_heads[0]))

static struct span reply_kind_text(size_t kind)
{
        return span_of(reply_heads[kind].data + 2, reply_heads[kind].size - 2);
}

static int reply_take_kind(struct scanner *scanner, struct span *rest, enum reply_kind *kind)
{
        struct span text;
        int r = message_take_text(scanner, rest, &text, "kind of the reply is not a str");

        if (r < 0)
                return r;
        for (size_t i = 0; i < N_REPLY_KINDS; ++i) {
                if (span_equal(text, reply_kind_text(i))) {
                        *kind = (enum reply_kind)i;
                        return 0;
                }
        }
        return message_refuse(scanner, "reply is of an unknown kind");
}

int reply_decode(struct reply *reply, struct scanner *scanner, struct span payload)
{
        struct options options = { .numbered = false };
        struct span rest = payload;
        size_t n_elements;
        int r;

        r = message_open(scanner, &rest, &n_elements);
        if (r < 0)
                return r;
        if (n_elements != 2 && n_elements != 3)
                return message_refuse(scanner, "reply is not an array of two or three");
        r = reply_take_kind(scanner, &rest, &reply->kind);
        if (r < 0)
                return r;
        r = message_take(scanner, &rest, &reply->value);
        if (r < 0)
                return r;
        reply->options = SPAN_ABSENT;
        if (n_elements == 3) {
                r = options_take(scanner, &rest, &reply->options, &options);
                if (r < 0)
                        return r;
        }
        if (rest.size)
                return message_refuse(scanner, "bytes follow the reply");
        reply->numbered = options.numbered;
        reply->number = options.number;
        return 0;
}

void reply_begin(struct buffer *out, enum reply_kind kind, bool has_options)
{
        size_t begin = out->size;

        buffer_append_span(out, reply_heads[kind]);
        if (has_options && !out->failed)
                out->data[begin] = 0x93;
}

void reply_end(struct buffer *out, bool numbered, uint64_t number, unsigned n_more)
{
        if (!numbered && n_more == 0)
                return;
        pack_map(out, (size_t)numbered + n_more);
        if (numbered) {
                pack_str(out, SPAN_LITERAL(OPTION_NUMBER));
                pack_uint(out, number);
        }
}
