/*
 * invocation - one call of a method, from its arguments to its reply
 */
#include "managerd/engine/invocation.h"

#include "managerd/engine/state.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/value.h"

/* What ends a reply at most: {"i": number}, and of what took a lock "fence" and "owner_died". */
#define REPLY_END_MAX   12
#define REPLY_NOTES_MAX 35

/* An error's arguments are rarely long: what they took is given back beyond this. */
#define ERROR_MAX_KEPT 65536

/* Room is left for the end of the reply, which may not fail any more when the call is done. */
static void reply_open(struct invocation *invocation, enum reply_kind kind)
{
        struct buffer *replies = invocation->caller->replies;
        size_t max = invocation->caller->engine->options.max_reply;

        invocation->limit = replies->limit;
        invocation->frame = frame_begin(replies);
        max = max > REPLY_END_MAX ? max - REPLY_END_MAX : 0;
        if (max < replies->limit - replies->size)
                replies->limit = replies->size + max;
        reply_begin(replies, kind, invocation->numbered);
        invocation->result = replies->size;
}

static struct span invocation_result(const struct invocation *invocation)
{
        const struct buffer *replies = invocation->caller->replies;

        return span_of(replies->data + invocation->result, replies->size - invocation->result);
}

/* Room for the end of the reply, which the limit of the result leaves out of account. */
static int reply_reserve_end(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;
        size_t limit = replies->limit;

        replies->limit = invocation->limit;
        buffer_reserve(replies, REPLY_END_MAX + REPLY_NOTES_MAX);
        replies->limit = limit;
        return replies->failed;
}

/* What call_returned() calls: the result is whole, and nothing has been changed yet. */
static int invocation_receive(void *data)
{
        struct invocation *invocation = data;
        struct span result;
        int r;

        r = reply_reserve_end(invocation);
        if (r < 0 || !invocation->may_hold_tokens || invocation->n_received > 0)
                return r;
        result = invocation_result(invocation);
        r = caller_receive_tokens(invocation->caller, result);
        if (r == 0)
                invocation->n_received = result.size;
        return r;
}

void invocation_begin(struct invocation *invocation)
{
        invocation->call.reply = invocation->caller->replies;
        invocation->call.error = &invocation->caller->engine->error;
        invocation->call.receive = invocation_receive;
        invocation->call.receiver = invocation;
        invocation->n_received = 0;
        invocation->may_hold_tokens = invocation->call.has_tokens ||
                                      (invocation->object && object_has_links(invocation->object));
        reply_open(invocation, REPLY_RETURN);
}

void invocation_expect_tokens(struct invocation *invocation)
{
        invocation->may_hold_tokens = true;
}

void invocation_suspend(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;

        replies->limit = invocation->limit;
        buffer_truncate(replies, invocation->frame);
}

static void reply_restart(struct invocation *invocation, enum reply_kind kind)
{
        invocation_suspend(invocation);
        reply_open(invocation, kind);
}

static unsigned count_notes(const struct notes *notes)
{
        return (notes->fence != 0) + notes->owner_died;
}

static void pack_notes(struct buffer *out, const struct notes *notes)
{
        if (notes->fence) {
                pack_cstr(out, "fence");
                pack_uint(out, notes->fence);
        }
        if (notes->owner_died) {
                pack_cstr(out, "owner_died");
                pack_int(out, notes->dead_pid);
        }
}

static void reply_close(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;
        const struct notes *notes = &invocation->call.notes;

        replies->limit = invocation->limit;
        reply_end(replies, invocation->numbered, invocation->number,
                  invocation->numbered ? count_notes(notes) : 0);
        if (invocation->numbered)
                pack_notes(replies, notes);
        frame_end(replies, invocation->frame);
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
        /* repr() takes several characters for a byte: never more than can be sent */
        _buffer_cleanup_ struct buffer text = { .limit = out->limit - out->size };
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

static void reply_error(struct invocation *invocation, int status, struct span args)
{
        bool exception = invocation->raises && status_is_exception(status);

        reply_restart(invocation, exception ? REPLY_ERROR : REPLY_TRACEBACK);
        if (exception)
                pack_exception(invocation->caller->replies, status, args);
        else
                pack_traceback(invocation->caller->replies, status, args);
}

static void reply_fail(struct invocation *invocation, int status)
{
        struct buffer *replies = invocation->caller->replies;
        struct buffer *error = invocation->call.error;

        if (invocation->n_received > 0)
                caller_give_back_tokens(
                        invocation->caller,
                        span_of(replies->data + invocation->result, invocation->n_received));

        /* a status that no call_fail() explained, no memory for its text, or one too long: none */
        if (!error->failed && error->size > 0)
                reply_error(invocation, status, buffer_span(error));
        if (error->failed || error->size == 0 || replies->failed)
                reply_error(invocation, status, SPAN_LITERAL("\x90"));
        reply_close(invocation);

        buffer_truncate(error, 0);
        if (error->capacity > ERROR_MAX_KEPT)
                buffer_deinit(error);
}

/* The result is a new object: the reference in the reply is the receiver's. */
static int reply_proxy(struct invocation *invocation, struct object *object)
{
        struct caller *caller = invocation->caller;
        const struct kind *kind = registry_kind_of(&caller->engine->registry, object->type);

        reply_restart(invocation, REPLY_PROXY);
        pack_array(caller->replies, 2);
        pack_packed(caller->replies, buffer_span(&kind->exposed));
        pack_token(caller->replies, object->type->name, object->ident);
        return caller->replies->failed ? caller->replies->failed : image_add(caller->image, object);
}

static int invocation_complete(struct invocation *invocation)
{
        struct buffer *replies = invocation->caller->replies;
        int r = 0;

        if (replies->failed == -STATUS_TOO_LARGE) {
                ++invocation->caller->engine->n_too_large;
                return call_fail(&invocation->call, STATUS_TOO_LARGE,
                                 "the result exceeds the limit of %zu bytes: fetch it in pages",
                                 invocation->caller->engine->options.max_reply);
        }
        if (replies->failed)
                return call_fail_status(&invocation->call, replies->failed);
        if (invocation->call.proxy)
                r = reply_proxy(invocation, invocation->call.proxy);
        else if (invocation->may_hold_tokens)
                r = invocation_receive(invocation);
        return r < 0 ? call_fail_status(&invocation->call, r) : 0;
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
