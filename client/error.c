/*
 * error - what went wrong last in this thread
 */
#include "client/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "client/content.h"
#include "client/manager.h"
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
