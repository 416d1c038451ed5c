/*
 * call - one method call, from the arguments to the result
 */
#include "client/call.h"

#include "client/content.h"
#include "client/error.h"
#include "client/pipeline.h"
#include "client/thread.h"
#include "proto/clock.h"
#include "proto/pack.h"
#include "proto/value.h"

#define DROPS_AT_ONCE  64   /* decrefs that a call takes along */
#define DROPS_TOO_MANY 1024 /* when more are due, a call tells the daemon of them first */

/* --- references that are not needed any more */

static size_t drops_due(const mgr_manager *m)
{
        return atomic_load_explicit(&m->refs.n_drops, memory_order_relaxed);
}

static size_t pack_drops(struct connection *connection, size_t max)
{
        mgr_manager *m = connection->manager;
        size_t n;

        pthread_mutex_lock(&m->lock);
        n = refs_pack_drops(&m->refs, &connection->out, max);
        pthread_mutex_unlock(&m->lock);
        return n;
}

void call_pack_drops(struct connection *connection)
{
        size_t n, begin = connection->out.size;

        if (!drops_due(connection->manager))
                return;
        n = pack_drops(connection, DROPS_AT_ONCE);
        if (connection->out.failed)
                buffer_truncate(&connection->out, begin); /* the references end with the process */
        else
                connection->n_skip += n;
}

int call_flush_drops(struct connection *connection, bool all, uint64_t deadline)
{
        int r = 0;

        while (r == 0 && drops_due(connection->manager) > (all ? 0 : DROPS_TOO_MANY)) {
                struct replies replies;
                size_t n, n_sent;

                replies_init(&replies);
                n = pack_drops(connection, DROPS_TOO_MANY);
                if (connection->out.failed)
                        return error_set_status(connection->out.failed);
                r = pipeline_run(connection, buffer_span(&connection->out), n, deadline, &replies,
                                 &n_sent);
                replies_deinit(&replies);
                buffer_truncate(&connection->out, 0);
        }
        return r;
}

/* --- the request */

int call_pack(const struct call *call, struct connection *connection, uint64_t *number)
{
        mgr_manager *m = call->manager;
        struct buffer *out = &connection->out;
        bool numbered = call->waits || call->in_flight;
        struct request_frame frame = {
                .head = { .ident = call->ident,
                          .method = call->method->name,
                          .numbered = numbered,
                          .alone = call->waits && !call->in_flight,
                          .task = call->task,
                          .kwds = call->kwds },
        };

        if (numbered)
                frame.head.number = *number = ++connection->n_numbers;
        request_open(out, &frame, call->n_args + call->n_row);
        for (size_t i = 0; i < call->n_args; ++i)
                content_pack(out, m, call->args[i]);
        for (size_t i = 0; i < call->n_row; ++i)
                content_pack(out, m, &call->row[i]);
        request_close(out, &frame);
        if (out->failed)
                return error_set_status(out->failed);
        if (out->size - frame.begin > connection->max_frame)
                return error_set(-STATUS_TOO_LARGE, "the call takes %zu bytes, the daemon %ju",
                                 out->size - frame.begin, connection->max_frame);
        return 0;
}

int call_check(const struct call *call)
{
        for (size_t i = 0; i < call->n_args; ++i)
                if (!call->args[i])
                        return error_set(-STATUS_ARGUMENT, "an argument is NULL");
        if (call->n_row && !call->row)
                return error_set(-STATUS_ARGUMENT, "the arguments are NULL");
        return manager_check(call->manager);
}

/* --- the reply */

int call_read_reply(mgr_manager *m, const struct reply *reply, mgr_value *result)
{
        struct span value = reply->value, text;
        struct value_iter iter;
        size_t n;

        switch (reply->kind) {
        case REPLY_PROXY:
                /* [exposed, token] */
                if (!value_iter_init(&iter, reply->value, &n) || n != 2 ||
                    !value_iter_next(&iter, &value) || !value_iter_next(&iter, &value) ||
                    value_kind(value) != VALUE_TOKEN)
                        return error_set(-STATUS_PROTOCOL, "a proxy without a token");
                /* fallthrough */
        case REPLY_RETURN:
                if (result)
                        return content_take(m, value, result);
                content_drop(m, value);
                return 0;
        case REPLY_ERROR:
                return error_set_exception(value);
        case REPLY_TRACEBACK:
        case REPLY_UNSERIALIZABLE:
                break;
        }
        return error_set_traceback(value_get_str(value, &text) ? text : SPAN_LITERAL("?"));
}

/* What create() and open() return. Needs no memory: nobody could give the object back. */
static int call_read_ident(const struct reply *reply, uint64_t *ident)
{
        struct value_iter iter;
        struct span first;
        size_t n;

        if (reply->kind != REPLY_RETURN && reply->kind != REPLY_PROXY)
                return call_read_reply(NULL, reply, NULL);
        if (value_iter_init(&iter, reply->value, &n) && value_iter_next(&iter, &first) &&
            value_get_uint64(first, ident) && *ident)
                return 0;
        return error_set(-STATUS_PROTOCOL, "the manager made a strange object");
}

int call_lose_result(void)
{
        return error_set(-STATUS_UNKNOWN_OUTCOME,
                         "the call was made, but there is no memory for its result");
}

void call_read_notes(const struct reply *reply, struct notes *notes)
{
        struct value_iter iter;
        struct span key, value, name;
        size_t n;

        *notes = (struct notes){ 0 };
        /* what the daemon refuses unread is answered without options */
        if (!reply->options.size || !value_iter_init(&iter, reply->options, &n))
                return;
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value)) {
                if (!value_get_str(key, &name))
                        continue;
                if (span_equal(name, SPAN_LITERAL("fence")))
                        value_get_uint64(value, &notes->fence);
                else if (span_equal(name, SPAN_LITERAL("owner_died")))
                        notes->owner_died = value_get_int64(value, &notes->dead_pid);
        }
}

/* What it says besides its result. */
static void call_note(const struct call *call, struct connection *connection,
                      const struct reply *reply)
{
        if (call->notes)
                call_read_notes(reply, call->notes);
        if (call->ownership)
                ownership_end(call->ownership, connection, reply->kind == REPLY_RETURN,
                              call->notes ? call->notes->fence : 0);
}

int call_read_outcome(mgr_manager *m, const struct reply *reply, bool reads, mgr_value *result)
{
        bool done = reply->kind == REPLY_RETURN || reply->kind == REPLY_PROXY;
        int r = call_read_reply(m, reply, result);

        return r == -STATUS_NOMEM && done && !reads ? call_lose_result() : r;
}

static int call_read_result(const struct call *call, const struct reply *reply, mgr_value *result)
{
        if (call->ident_out)
                return call_read_ident(reply, call->ident_out);
        return call_read_outcome(call->manager, reply, call->method->reads, result);
}

bool call_was_cancelled(const struct reply *reply)
{
        struct value_exception exception;

        return reply->kind == REPLY_ERROR && value_get_exception(reply->value, &exception) &&
               status_from_wire_name(exception.name) == STATUS_CANCELLED;
}

/* A signal handler ran while the call waits: withdraw it, and see whether that was too late. */
static int call_withdraw(struct connection *connection, const struct expected *expected,
                         uint64_t deadline, struct reply *reply)
{
        bool complete;
        int r;

        buffer_truncate(&connection->out, 0);
        request_pack_ident(&connection->out, SPAN_LITERAL("cancel"), expected->number);
        if (connection->out.failed)
                return error_set_status(connection->out.failed);
        ++connection->n_skip;
        r = connection_send(connection, deadline, &complete);
        if (r == 0)
                r = connection_receive_reply(connection, expected, deadline, false, reply);
        if (r == 0 && call_was_cancelled(reply))
                return -STATUS_INTERRUPTED;
        return r;
}

static int call_exchange(const struct call *call, struct connection *connection,
                         const struct expected *expected, bool *complete, struct reply *reply)
{
        bool interruptible = call->waits && call->manager->flags & MGR_INTERRUPTIBLE;
        uint64_t deadline = clock_after(call->manager->call_timeout + call->seconds);
        int r;

        r = connection_send(connection, deadline, complete);
        if (r == 0)
                r = connection_receive_reply(connection, expected, deadline, interruptible, reply);
        if (r == -STATUS_INTERRUPTED)
                r = call_withdraw(connection, expected, deadline, reply);
        return r;
}

/* --- both */

enum lost {
        LOST_NOT,    /* the connection, if any, is as good as before */
        LOST_BEFORE, /* the call was certainly not made */
        LOST_AFTER,  /* nobody knows */
};

/*
 * The reply to a plain call that nobody waits for any more will come; a numbered one is
 * withdrawn.
 */
static int call_give_up(const struct call *call, struct connection *connection, bool complete)
{
        if (complete && !call->waits) {
                ++connection->n_skip;
                thread_check_in(connection);
        } else {
                thread_discard(connection);
        }
        return error_set(-STATUS_TIMEOUT, "no answer within %g seconds; the call %s",
                         call->manager->call_timeout,
                         complete ? "may still be made" : "was not made");
}

/*
 * The request could not be packed: the decrefs before it, whose replies are counted on, go
 * alone.
 */
static int call_refuse(struct connection *connection, size_t n_drops, int status)
{
        uint64_t deadline = clock_after(connection->manager->call_timeout);
        bool complete;

        buffer_truncate(&connection->out, n_drops);
        if (connection_send(connection, deadline, &complete) < 0)
                thread_discard(connection);
        else
                thread_check_in(connection);
        return status;
}

static int call_try(const struct call *call, mgr_value *result, enum lost *lost)
{
        struct expected expected = { .numbered = call->waits };
        struct connection *connection;
        bool complete = false;
        struct reply reply;
        size_t n_drops;
        int r;

        *lost = LOST_NOT;
        r = thread_check_out(call->manager, &connection);
        if (r < 0)
                return r;
        r = call_flush_drops(connection, false, clock_after(call->manager->call_timeout));
        if (r == 0) {
                call_pack_drops(connection);
                n_drops = connection->out.size;
                r = call_pack(call, connection, &expected.number);
                if (r < 0)
                        return call_refuse(connection, n_drops, r);
                if (call->ownership)
                        ownership_begin(call->ownership, connection);
                r = call_exchange(call, connection, &expected, &complete, &reply);
        }
        if (r == 0 || r == -STATUS_INTERRUPTED)
                call_note(call, connection, &reply);
        if (r == 0) {
                r = call_read_result(call, &reply, result);
                thread_check_in(connection);
                return r;
        }
        if (r == -STATUS_INTERRUPTED) {
                thread_check_in(connection);
                return error_set_status(r);
        }
        if (r == -STATUS_TIMEOUT)
                return call_give_up(call, connection, complete);
        if (r == -STATUS_GONE)
                *lost = complete ? LOST_AFTER : LOST_BEFORE;
        thread_discard(connection);
        if (r == -STATUS_NOMEM && complete && !call->method->reads)
                return error_set(-STATUS_UNKNOWN_OUTCOME,
                                 "there is no memory for the answer: the call was perhaps made");
        return r;
}

int call_make(const struct call *call, mgr_value *result)
{
        enum lost lost;
        int r;

        r = call_check(call);
        if (r < 0)
                return r;
        r = call_try(call, result, &lost);
        if (lost == LOST_BEFORE || (lost == LOST_AFTER && call->method->reads && !call->waits))
                r = call_try(call, result, &lost);
        if (lost == LOST_AFTER && !call->method->reads)
                return error_set_status(-STATUS_UNKNOWN_OUTCOME);
        if (lost != LOST_NOT)
                return error_set_status(-STATUS_GONE);
        return r;
}

int call_values(const struct mgr_proxy *proxy, const struct method *method,
                const mgr_value *const *args, size_t n_args, mgr_value *result)
{
        struct call call = { .method = method, .args = args, .n_args = n_args };

        if (!proxy)
                return error_set_status(-STATUS_ARGUMENT);
        call.manager = proxy->manager;
        call.ident = proxy->ident;
        return call_make(&call, result);
}

mgr_value call_seconds(double timeout)
{
        return timeout < MGR_FOREVER ? mgr_float(timeout) : mgr_none();
}

int call_plain(const struct mgr_proxy *proxy, const struct method *method, mgr_value *result)
{
        return call_values(proxy, method, NULL, 0, result);
}

int call_result_bool(int r, mgr_value *result)
{
        if (r < 0)
                return r;
        if (result->kind == MGR_KIND_BOOL)
                return result->as.boolean;
        mgr_value_clear(result);
        return error_set(-STATUS_PROTOCOL, "the manager answers with something that is no bool");
}

int call_result_count(int r, mgr_value *result, size_t *n)
{
        if (r < 0)
                return r;
        if (result->kind == MGR_KIND_INT && result->as.integer >= 0) {
                *n = (size_t)result->as.integer;
                return 0;
        }
        mgr_value_clear(result);
        return error_set(-STATUS_PROTOCOL, "the manager answers with something that is no count");
}

/* Copies one of the two; where it cannot be had, the page is none. */
static int copy_part(const mgr_value *page, int64_t index, mgr_value *part)
{
        mgr_value view;
        int r = mgr_value_at(page, index, &view);

        return r < 0 ? r : mgr_value_copy(&view, part);
}

int call_result_page(int r, mgr_value *page, mgr_value *next, mgr_value *elements)
{
        mgr_value begin = mgr_none(), content = mgr_none();

        if (r < 0)
                return r;
        if ((page->kind == MGR_KIND_LIST || page->kind == MGR_KIND_TUPLE) &&
            mgr_value_len(page) == 2) {
                r = copy_part(page, 0, &begin);
                if (r == 0)
                        r = copy_part(page, 1, &content);
        }
        mgr_value_clear(page);
        if (r == 0 && content.kind == MGR_KIND_LIST) {
                *next = begin;
                *elements = content;
                return 0;
        }
        mgr_value_clear(&begin);
        mgr_value_clear(&content);
        return r < 0 ? r
                     : error_set(-STATUS_PROTOCOL,
                                 "the manager answers with something that is no page");
}

int call_check_out(const void *out)
{
        return out ? 0 : error_set(-STATUS_ARGUMENT, "there is nothing to write the result to");
}
