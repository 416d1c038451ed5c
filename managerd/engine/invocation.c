/*
 * invocation - one call of a method, from its arguments to its reply
 */
#include "managerd/engine/invocation.h"

#include "managerd/engine/state.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/value.h"

void invocation_begin(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;

        invocation->call.reply = replies;
        invocation->call.error = &invocation->caller->engine->error;
        invocation->may_hold_tokens = invocation->call.has_tokens ||
                                      (invocation->object && object_has_links(invocation->object));
        invocation->limit = replies->limit;
        invocation->frame = frame_begin(replies);
        if (invocation->caller->engine->options.max_reply < replies->limit - replies->size)
                replies->limit = replies->size + invocation->caller->engine->options.max_reply;
        reply_begin(replies, REPLY_RETURN, invocation->numbered);
        invocation->value = replies->size;
}

void invocation_suspend(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;

        replies->limit = invocation->limit;
        buffer_truncate(replies, invocation->frame);
}

static void reply_restart(struct invocation *invocation, enum reply_kind kind)
{
        struct buffer *replies = invocation->caller->replies;

        invocation_suspend(invocation);
        invocation->frame = frame_begin(replies);
        reply_begin(replies, kind, invocation->numbered);
}

static void reply_close(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;

        reply_end(replies, invocation->numbered, invocation->number, 0);
        frame_end(replies, invocation->frame);
        replies->limit = invocation->limit;
}

static void pack_exception(struct buffer *out, int status, struct span args)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 2);
        pack_cstr(out, status_wire_name(status));
        pack_packed(out, args);
        pack_ext_end(out, begin, EXT_EXCEPTION);
}

/* "KeyError: 'x'": the last line of a Python traceback. */
static void pack_traceback(struct buffer *out, int status, struct span args)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        struct value_iter iter;
        struct span argument;
        size_t n;

        buffer_append_span(&text, span_of_cstr(status_wire_name(status)));
        value_iter_init(&iter, args, &n);
        if (value_iter_next(&iter, &argument)) {
                buffer_append_span(&text, SPAN_LITERAL(": "));
                if (status == -STATUS_KEY)
                        value_repr(argument, &text);
                else
                        value_str(argument, &text);
        }
        pack_str(out, text.failed ? span_of_cstr(status_wire_name(status)) : buffer_span(&text));
}

static void reply_fail(struct invocation *invocation, int status)
{
        struct buffer *replies = invocation->caller->replies;
        struct buffer *error = invocation->call.error;
        bool exception = invocation->raises && status_is_exception(status);
        struct span args;

        /* a status that no call_fail() explained, or no memory for its text: an empty list */
        args = error->failed || error->size == 0 ? SPAN_LITERAL("\x90") : buffer_span(error);

        reply_restart(invocation, exception ? REPLY_ERROR : REPLY_TRACEBACK);
        if (exception)
                pack_exception(replies, status, args);
        else
                pack_traceback(replies, status, args);
        reply_close(invocation);
        buffer_truncate(error, 0);
}

/* The result is a new object: the reference in the reply is the receiver's. */
static int reply_proxy(struct invocation *invocation, struct object *object)
{
        struct caller *caller = invocation->caller;
        const struct kind *kind = registry_kind_of(&caller->engine->registry, object->type);
        int r;

        r = image_add(caller->image, object);
        if (r < 0)
                return r;
        reply_restart(invocation, REPLY_PROXY);
        pack_array(caller->replies, 2);
        pack_packed(caller->replies, buffer_span(&kind->exposed));
        pack_token(caller->replies, object->type->name, object->ident);
        return 0;
}

static int invocation_complete(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;

        if (replies->failed == -STATUS_TOO_LARGE) {
                return call_fail(&invocation->call, STATUS_TOO_LARGE,
                                 "the result exceeds the limit of %zu bytes: fetch it in pages",
                                 invocation->caller->engine->options.max_reply);
        }
        if (replies->failed)
                return call_fail_status(&invocation->call, replies->failed);
        if (invocation->call.proxy)
                return reply_proxy(invocation, invocation->call.proxy);
        if (invocation->may_hold_tokens)
                return caller_receive_tokens(invocation->caller,
                                             span_of(replies->data + invocation->value,
                                                     replies->size - invocation->value));
        return 0;
}

void invocation_finish(struct invocation *invocation, int result)
{
        if (result == CALL_DONE)
                result = invocation_complete(invocation);
        if (result < 0)
                reply_fail(invocation, result);
        else
                reply_close(invocation);
}
