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

size_t call_memory_left(const struct call *call)
{
        const struct memory *memory = &call->store->memory;

        return memory->used < memory->limit ? memory->limit - memory->used : 0;
}

bool call_reclaim_memory(const struct call *call)
{
        struct memory *memory = &call->store->memory;
        size_t before = memory->used;

        if (memory->limit != SIZE_MAX)
                memory->reclaim(memory, SIZE_MAX);
        return memory->used < before;
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

int call_create_rlock(struct call *call, struct object *holder, struct object **out)
{
        _buffer_cleanup_ struct buffer token = BUFFER_NULL;
        struct call creation = *call;
        int r;

        memset(creation.args, 0, sizeof(creation.args));
        creation.kwds = SPAN_ABSENT;
        r = store_create(call->store, call->store->rlock, &creation, out);
        if (r < 0) {
                call->status = r;
                return r;
        }
        pack_token(&token, (*out)->type->name, (*out)->ident);
        r = token.failed;
        if (r == 0)
                r = object_adopt(holder, buffer_span(&token));
        return r < 0 ? call_fail_status(call, r) : 0;
}
