/*
 * error - what went wrong last in this thread
 */
#include "client/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "client/content.h"
#include "client/manager.h"
#include "proto/pack.h"
#include "proto/status.h"
#include "proto/unicode.h"
#include "proto/value.h"

#define STATUS_ASSERT(name, number, wire, text)                                                    \
        _Static_assert(MGR_E##name == -(number), "MGR_E" #name " is not what is in status.h");
STATUS_LIST(STATUS_ASSERT)
#undef STATUS_ASSERT

#define ERROR_MAX_TEXT   512
#define ERROR_MAX_NAME   64
#define ERROR_MAX_PACKED 256

struct last_error {
        int status;
        size_t n_packed; /* of an exception that is not in words yet, or whose argument is wanted */
        bool in_words;
        char name[ERROR_MAX_NAME];
        char text[ERROR_MAX_TEXT];
        uint8_t packed[ERROR_MAX_PACKED];
};

static _Thread_local struct last_error last;

/* What does not fit is left out, whole characters. */
static void copy_text(char *to, size_t size, struct span text)
{
        struct span kept = utf8_cut(text, size - 1);

        if (kept.size)
                memcpy(to, kept.data, kept.size);
        to[kept.size] = '\0';
}

static void error_begin(int status)
{
        last.status = status;
        last.n_packed = 0;
        last.in_words = true;
        last.name[0] = '\0';
}

int error_set(int status, const char *format, ...)
{
        char text[ERROR_MAX_TEXT + 1]; /* one byte more tells where a character ends */
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        error_begin(status);
        copy_text(last.text, sizeof(last.text), span_of(text, strlen(text)));
        return status;
}

int error_set_status(int status)
{
        return error_set(status, "%s", status_text(status));
}

int error_set_errno(int status, const char *what)
{
        char text[128];

        return error_set(status, "%s: %s", what, strerror_r(errno, text, sizeof(text)));
}

/* "KeyError: 'age'"; where there is no argument, what the name means: "Empty: queue is empty". */
static void error_put_in_words(struct span packed)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        struct value_exception exception;
        struct span argument = SPAN_ABSENT;
        struct value_iter iter;
        size_t n = 0;

        last.in_words = true;
        copy_text(last.text, sizeof(last.text), SPAN_LITERAL("error"));
        if (!value_get_exception(packed, &exception))
                return;
        buffer_append_span(&text, exception.name);
        if (value_iter_init(&iter, exception.args, &n) && value_iter_next(&iter, &argument)) {
                buffer_append_span(&text, SPAN_LITERAL(": "));
                /* a DeadlockError's first says it all; the others are for programs */
                if (n > 1 && last.status != -STATUS_DEADLOCK)
                        value_repr(exception.args, &text);
                else if (last.status == -STATUS_KEY)
                        value_repr(argument, &text);
                else
                        value_str(argument, &text);
        } else if (status_from_wire_name(exception.name) != STATUS_REMOTE) {
                buffer_append_span(&text, SPAN_LITERAL(": "));
                buffer_append_span(&text, span_of_cstr(status_text(last.status)));
        }
        if (!text.failed)
                copy_text(last.text, sizeof(last.text), buffer_span(&text));
}

int error_set_exception(struct span packed)
{
        struct value_exception exception;

        if (!value_get_exception(packed, &exception))
                return error_set(-STATUS_PROTOCOL, "an error that is no exception");
        error_begin(-(int)status_from_wire_name(exception.name));
        copy_text(last.name, sizeof(last.name), exception.name);
        if (packed.size > sizeof(last.packed)) {
                error_put_in_words(packed);
        } else {
                memcpy(last.packed, packed.data, packed.size);
                last.n_packed = packed.size;
                last.in_words = false;
        }
        return last.status;
}

int error_set_traceback(struct span text)
{
        const uint8_t *colon = text.size ? memchr(text.data, ':', text.size) : NULL;
        struct span name = colon ? span_of(text.data, (size_t)(colon - text.data)) : text;

        error_begin(-(int)status_from_wire_name(name));
        copy_text(last.name, sizeof(last.name), name);
        copy_text(last.text, sizeof(last.text), text);
        return last.status;
}

void error_clear(void)
{
        error_begin(0);
        last.text[0] = '\0';
}

int error_status(void)
{
        return last.status;
}

/* What is kept of an exception; or nothing, where it is too long. */
static void error_keep(struct span packed)
{
        last.n_packed = packed.size <= sizeof(last.packed) ? packed.size : 0;
        if (last.n_packed)
                memcpy(last.packed, packed.data, packed.size);
}

/* --- errors of others, and for others */

/*
 * Texts of the system and of users are not always UTF-8: then each byte becomes the character
 * that it is in Latin-1. The text is one of ours: there is a bound to its length.
 */
static void pack_text(struct buffer *out, const char *text)
{
        uint8_t utf8[2 * ERROR_MAX_TEXT];
        size_t n = 0;

        if (utf8_valid(span_of_cstr(text))) {
                pack_cstr(out, text);
                return;
        }
        for (const char *at = text; *at && n + 2 <= sizeof(utf8); ++at)
                n += utf8_encode((uint8_t)*at, utf8 + n);
        pack_str(out, span_of(utf8, n));
}

void error_pack(struct buffer *out)
{
        pack_array(out, 4);
        pack_int(out, last.status);
        pack_text(out, last.name);
        pack_text(out, mgr_errmsg());
        if (last.n_packed)
                pack_packed(out, span_of(last.packed, last.n_packed));
        else
                pack_nil(out);
}

/* By its name alone, as one says who does not know our numbers. */
static int error_set_named(struct span name, struct span message)
{
        error_begin(-(int)status_from_wire_name(name));
        copy_text(last.name, sizeof(last.name), name);
        copy_text(last.text, sizeof(last.text), message);
        return last.status;
}

int error_set_packed(struct span packed)
{
        struct span fields[4], name, message;
        struct value_exception exception;
        struct value_iter iter;
        int64_t status = 0;
        size_t n;

        if (value_kind(packed) != VALUE_LIST || !value_iter_init(&iter, packed, &n) || n != 4)
                return error_set(-STATUS_PROTOCOL, "an answer that is neither result nor error");
        for (size_t i = 0; i < n; ++i)
                value_iter_next(&iter, &fields[i]);
        if (!value_get_str(fields[1], &name) || !value_get_str(fields[2], &message))
                return error_set(-STATUS_PROTOCOL, "an error without a name or a message");
        if (!value_get_exception(fields[3], &exception))
                fields[3] = SPAN_ABSENT;
        value_get_int64(fields[0], &status);
        if (status >= 0 || status < INT32_MIN) {
                if (!span_is_absent(fields[3]))
                        return error_set_exception(fields[3]);
                return error_set_named(name, message);
        }
        error_begin((int)status);
        copy_text(last.name, sizeof(last.name), name);
        copy_text(last.text, sizeof(last.text), message);
        error_keep(fields[3]);
        return last.status;
}

/* As a function of the library fails, and as Python's raise: the message is the argument. */
int mgr_raise(int error, const char *message)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        const char *name = status_wire_name(error);
        size_t begin;

        if (error >= 0)
                return error_set(-STATUS_ARGUMENT, "%d is no error to be raised", error);
        error_set(error, "%s", message ? message : status_text(error));
        if (!*name)
                return error;
        begin = pack_ext_begin(&packed);
        pack_array(&packed, 2);
        pack_cstr(&packed, name);
        pack_array(&packed, message ? 1 : 0);
        if (message)
                pack_text(&packed, last.text);
        pack_ext_end(&packed, begin, EXT_EXCEPTION);
        copy_text(last.name, sizeof(last.name), span_of_cstr(name));
        if (!packed.failed)
                error_keep(buffer_span(&packed));
        return error;
}

/* --- what users ask */

const char *mgr_errmsg(void)
{
        if (last.status == 0)
                return status_text(0);
        if (!last.in_words)
                error_put_in_words(span_of(last.packed, last.n_packed));
        return last.text;
}

const char *mgr_strerror(int error)
{
        return status_text(error);
}

const char *mgr_error_name(void)
{
        return last.name;
}

int mgr_error_value(mgr_value *value)
{
        struct value_exception exception;
        struct span argument;
        struct value_iter iter;
        size_t n;

        if (!value)
                return error_set_status(-STATUS_ARGUMENT);
        *value = mgr_none();
        if (!last.n_packed || !value_get_exception(span_of(last.packed, last.n_packed), &exception))
                return 0;
        if (!value_iter_init(&iter, exception.args, &n) || !value_iter_next(&iter, &argument))
                return 0;
        return content_take(NULL, argument, value);
}
