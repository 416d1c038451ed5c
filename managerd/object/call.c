/*
 * call - a method call as a type sees it
 */
#include "managerd/object/call.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "managerd/object/store.h"
#include "proto/pack.h"
#include "proto/value.h"

#define ERROR_TEXT_MAX 512

/* Beyond this many seconds (292 years) a deadline does not fit nanoseconds. */
#define TIMEOUT_MAX 9e9

/* --- failing */

int call_fail(struct call *call, enum status status, const char *format, ...)
{
        char text[ERROR_TEXT_MAX];
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        if (n < 0)
                n = 0;
        if ((size_t)n >= sizeof(text))
                n = (int)strnlen(text, sizeof(text));

        call->status = -(int)status;
        buffer_truncate(call->error, 0);
        pack_array(call->error, n > 0);
        if (n > 0)
                pack_str(call->error, span_of(text, (size_t)n));
        return call->status;
}

int call_fail_value(struct call *call, enum status status, struct span value)
{
        call->status = -(int)status;
        buffer_truncate(call->error, 0);
        pack_array(call->error, 1);
        pack_packed(call->error, value);
        return call->status;
}

int call_fail_status(struct call *call, int status)
{
        return call_fail(call, (enum status) - status, "%s", status_text(status));
}

int call_fail_no_object(struct call *call, uint64_t ident)
{
        return call_fail(
                call, STATUS_NO_OBJECT, "%ju%s", (uintmax_t)ident,
                store_is_own(call->store, ident) ? "" : ": of another daemon, or an earlier one");
}

int call_fail_unhashable(struct call *call, struct span value)
{
        const char *type = value_unhashable(value);

        return call_fail(call, STATUS_TYPE, "unhashable type: '%s'", type ? type : "object");
}

/* --- arguments */

int call_get_index(struct call *call, struct span value, const char *format, int64_t *out)
{
        if (value_get_int64(value, out))
                return 0;
        switch (value_kind(value)) {
        case VALUE_INT:
        case VALUE_BIG_INTEGER:
                return call_fail(call, STATUS_INDEX,
                                 "cannot fit 'int' into an index-sized integer");
        default:
                break;
        }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        return call_fail(call, STATUS_TYPE, format, value_type_name(value));
#pragma GCC diagnostic pop
}

int call_get_integer(struct call *call, struct span value, int64_t *out)
{
        return call_get_index(call, value, "'%s' object cannot be interpreted as an integer", out);
}

bool call_truth(struct span value)
{
        struct value_iter iter;
        struct span content;
        double number;
        size_t n;

        if (value_get_number(value, &number))
                return number != 0;
        if (value_get_str(value, &content) || value_get_bytes(value, &content))
                return content.size > 0;
        if (value_iter_init(&iter, value, &n))
                return n > 0;
        return !value_is_none(value);
}

int call_get_deadline(struct call *call, struct span value, uint64_t *deadline)
{
        double seconds;

        if (span_is_absent(value) || value_is_none(value)) {
                *deadline = CALL_NO_DEADLINE;
                return 0;
        }
        if (!value_get_number(value, &seconds))
                return call_fail(call, STATUS_TYPE,
                                 "'%s' object cannot be interpreted as a number of seconds",
                                 value_type_name(value));
        if (isnan(seconds) || seconds < 0)
                return call_fail(call, STATUS_VALUE, "'timeout' must be a non-negative number");
        if (isinf(seconds)) {
                *deadline = CALL_NO_DEADLINE;
                return 0;
        }
        if (seconds > TIMEOUT_MAX)
                return call_fail(call, STATUS_OVERFLOW, "timeout value is too large");
        *deadline = call->now + (uint64_t)(seconds * 1e9);
        return 0;
}

int call_get_object(struct call *call, struct span value, struct object **object)
{
        struct value_token token;

        *object = NULL;
        if (!value_get_token(value, &token) || !store_is_own(call->store, token.ident))
                return 0;
        *object = store_find(call->store, token.ident);
        return *object ? 0 : call_fail_status(call, -STATUS_NO_OBJECT);
}

/* --- elements of an iterable argument */

static void elements_of_dict(struct span value, struct buffer *out, size_t *n)
{
        struct value_iter iter;
        struct span element;
        bool is_key = true;

        value_iter_init(&iter, value, n);
        for (; value_iter_next(&iter, &element); is_key = !is_key)
                if (is_key)
                        pack_packed(out, element);
}

static size_t utf8_length(uint8_t first)
{
        return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static void elements_of_str(struct span text, struct buffer *out, size_t *n)
{
        size_t length;

        *n = 0;
        for (size_t i = 0; i < text.size; i += length, ++*n) {
                length = utf8_length(text.data[i]);
                pack_str(out, span_of(text.data + i, length));
        }
}

static void elements_of_bytes(struct span bytes, struct buffer *out, size_t *n)
{
        *n = bytes.size;
        for (size_t i = 0; i < bytes.size; ++i)
                pack_uint(out, bytes.data[i]);
}

/* False where the value's kind has no elements of its own. */
static bool elements_of_value(struct span value, struct buffer *out, size_t *n)
{
        struct value_typed_array array;
        struct value_iter iter;
        struct span content, element;

        if (value_kind(value) == VALUE_DICT) {
                elements_of_dict(value, out, n);
        } else if (value_get_str(value, &content)) {
                elements_of_str(content, out, n);
        } else if (value_get_bytes(value, &content)) {
                elements_of_bytes(content, out, n);
        } else if (value_get_typed_array(value, &array)) {
                *n = array.items.size / array.item_size;
                for (size_t i = 0; i < *n; ++i)
                        value_pack_item(&array, i, out);
        } else if (value_iter_init(&iter, value, n)) {
                while (value_iter_next(&iter, &element))
                        pack_packed(out, element);
        } else {
                return false;
        }
        return true;
}

int call_get_elements(struct call *call, struct span value, struct buffer *out, size_t *n)
{
        struct object *object;
        int r;

        r = call_get_object(call, value, &object);
        if (r < 0)
                return r;

        if (object && object->type->iterable) {
                r = object->type->iterable->elements(object, out, n);
                if (r < 0)
                        return call_fail_status(call, r);
        } else if (!elements_of_value(value, out, n)) {
                return call_fail(call, STATUS_TYPE, "'%s' object is not iterable",
                                 object ? object->type->name : value_type_name(value));
        }
        return out->failed ? call_fail_status(call, out->failed) : 0;
}

size_t call_memory_left(const struct call *call)
{
        const struct memory *memory = &call->store->memory;

        return memory->used < memory->limit ? memory->limit - memory->used : 0;
}

/* --- results */

int call_returned(struct call *call)
{
        int r = call->reply->failed;

        if (r == 0 && call->receive)
                r = call->receive(call->receiver);
        return r < 0 ? call_fail_status(call, r) : CALL_DONE;
}

int call_return_none(struct call *call)
{
        pack_nil(call->reply);
        return call_returned(call);
}

int call_return_sum(struct call *call, struct span a, struct span b)
{
        int r;

        r = value_add_numbers(a, b, call->reply);
        switch (-r) {
        case 0:
                return call_returned(call);
        case STATUS_TYPE:
                return call_fail(call, STATUS_TYPE,
                                 "unsupported operand type(s) for +=: '%s' and '%s'",
                                 value_type_name(a), value_type_name(b));
        case STATUS_OVERFLOW:
                return call_fail(call, STATUS_OVERFLOW, "int too large to convert to float");
        default:
                return call_fail_status(call, r);
        }
}

int call_return_iterator(struct call *call, struct object *over)
{
        _buffer_cleanup_ struct buffer token = BUFFER_NULL;
        struct call creation = *call;

        pack_token(&token, over->type->name, over->ident);
        if (token.failed)
                return call_fail_status(call, token.failed);

        memset(creation.args, 0, sizeof(creation.args));
        creation.args[0] = buffer_span(&token);
        creation.kwds = SPAN_ABSENT;
        creation.method = NULL;
        creation.receive = NULL;
        creation.has_tokens = true;
        call->status = store_create(call->store, call->store->iterator, &creation, &call->proxy);
        return call->status;
}
