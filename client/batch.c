/*
 * batch - many calls for one round trip
 *
 * Requests are packed as they are added, replies stay as they arrive, and a reply
 * is looked into when its result is asked for: text is read where it lies. What a
 * reply carries in proxies is given back when the batch forgets it.
 */
#include <stdlib.h>

#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/kept.h"
#include "client/pipeline.h"
#include "client/thread.h"
#include "proto/clock.h"
#include "proto/frame.h"
#include "proto/pack.h"

#define BATCH_KEEP ((size_t)1 << 20)

struct mgr_batch {
        mgr_manager *manager; /* shared */
        struct buffer requests;
        size_t n; /* calls in it, or of the last run */
        bool ran;
        uint64_t serial;   /* the manager's at the last run: in a forked child it is another */
        int unanswered;    /* what became of calls without a reply */
        struct kept *kept; /* owned: what the requests refer to */
        size_t n_kept, n_kept_room;
        struct replies replies;
        struct blob **blobs; /* owned, one for each call: containers that were looked at */
        struct scanner scanner;
};

int mgr_batch_new(mgr_manager *m, mgr_batch **batch)
{
        mgr_batch *b;
        int r;

        r = manager_check(m);
        if (r == 0)
                r = call_check_out(batch);
        if (r < 0)
                return r;
        b = calloc(1, sizeof(*b));
        if (!b)
                return error_set_status(-STATUS_NOMEM);
        b->manager = manager_ref(m);
        buffer_init(&b->requests, SIZE_MAX);
        replies_init(&b->replies);
        scanner_init(&b->scanner, SCAN_MAX_DEPTH);
        *batch = b;
        return 0;
}

/* --- forgetting */

static void batch_release_kept(mgr_batch *b)
{
        for (size_t i = 0; i < b->n_kept; ++i)
                kept_release(&b->kept[i]);
        b->n_kept = 0;
}

/* References in replies are the process's that ran the batch; a forked child has none of them. */
static bool batch_owns_references(const mgr_batch *b)
{
        image_check();
        return b->serial == atomic_load(&b->manager->serial);
}

#define RETURN_HEAD "\x92\xa7#RETURN"
#define PROXY_HEAD  "\x92\xa6#PROXY"

static bool begins_with(struct span payload, struct span head)
{
        return payload.size > head.size && memcmp(payload.data, head.data, head.size) == 0;
}

/* Whether a reply may have brought proxies: hardly any does, so it is not taken apart for that. */
static bool may_carry_tokens(struct span payload)
{
        if (begins_with(payload, SPAN_LITERAL(RETURN_HEAD)))
                return content_may_hold_tokens(payload.data[sizeof(RETURN_HEAD) - 1]);
        return begins_with(payload, SPAN_LITERAL(PROXY_HEAD));
}

static void batch_drop_reply(mgr_batch *b, size_t i, bool owned)
{
        struct span payload = replies_at(&b->replies, i);
        struct reply reply;

        if (b->blobs && b->blobs[i])
                blob_unref(b->blobs[i]);
        else if (owned && may_carry_tokens(payload) &&
                 reply_decode(&reply, &b->scanner, payload) == 0)
                content_drop(b->manager, reply.value);
}

void mgr_batch_clear(mgr_batch *batch)
{
        mgr_batch *b = batch;
        bool owned;

        if (!b)
                return;
        batch_release_kept(b);
        owned = batch_owns_references(b);
        for (size_t i = 0; i < b->replies.n; ++i)
                batch_drop_reply(b, i, owned);
        replies_clear(&b->replies);
        free(b->blobs);
        b->blobs = NULL;
        buffer_truncate(&b->requests, 0);
        if (b->requests.capacity > BATCH_KEEP)
                buffer_deinit(&b->requests);
        b->n = 0;
        b->ran = false;
}

void mgr_batch_free(mgr_batch *batch)
{
        if (!batch)
                return;
        mgr_batch_clear(batch);
        buffer_deinit(&batch->requests);
        replies_deinit(&batch->replies);
        scanner_deinit(&batch->scanner);
        free(batch->kept);
        manager_unref(batch->manager);
        free(batch);
}

/* --- adding */

static int batch_make_room(mgr_batch *b, size_t n)
{
        size_t n_room = b->n_kept_room ? b->n_kept_room * 2 : 8;
        struct kept *kept;

        if (b->n_kept + n <= b->n_kept_room)
                return 0;
        while (n_room < b->n_kept + n)
                n_room *= 2;
        kept = realloc(b->kept, n_room * sizeof(*kept));
        if (!kept)
                return error_set_status(-STATUS_NOMEM);
        b->kept = kept;
        b->n_kept_room = n_room;
        return 0;
}

/* Most calls of a batch are of the proxy that the one before was of. */
static void batch_keep_proxy(mgr_batch *b, const mgr_proxy *proxy)
{
        if (!b->n_kept || b->kept[b->n_kept - 1].proxy != proxy)
                kept_take_proxy(&b->kept[b->n_kept++], proxy);
}

static void batch_keep_value(mgr_batch *b, const mgr_value *value)
{
        if (kept_take_value(&b->kept[b->n_kept], value))
                ++b->n_kept;
}

static int batch_check(mgr_batch *b, const mgr_proxy *proxy, const mgr_value *const *args,
                       size_t n_args)
{
        if (!b || !proxy)
                return error_set_status(-STATUS_ARGUMENT);
        if (proxy->manager != b->manager)
                return error_set(-STATUS_ARGUMENT, "the proxy is of another manager");
        for (size_t i = 0; i < n_args; ++i)
                if (!args[i])
                        return error_set(-STATUS_ARGUMENT, "an argument is NULL");
        if (b->ran)
                mgr_batch_clear(b);
        return batch_make_room(b, n_args + 1);
}

static int batch_add(mgr_batch *b, const mgr_proxy *proxy, struct span method,
                     const mgr_value *const *args, size_t n_args)
{
        struct request_frame frame = { .head = { .method = method } };
        struct buffer *out;
        int r;

        r = batch_check(b, proxy, args, n_args);
        if (r < 0)
                return r;
        out = &b->requests;
        frame.head.ident = proxy->ident;
        frame.begin = out->size;
        request_open(out, &frame, n_args);
        for (size_t i = 0; i < n_args; ++i)
                content_pack(out, b->manager, args[i]);
        request_close(out, &frame);
        if (!out->failed && out->size - frame.begin > atomic_load_explicit(&b->manager->max_frame,
                                                                           memory_order_relaxed))
                out->failed = -STATUS_TOO_LARGE;
        if (out->failed) {
                r = error_set_status(out->failed);
                buffer_truncate(out, frame.begin);
                return r;
        }
        batch_keep_proxy(b, proxy);
        for (size_t i = 0; i < n_args; ++i)
                batch_keep_value(b, args[i]);
        ++b->n;
        return 0;
}

#define BATCH_ADD(b, proxy, name, ...)                                                             \
        batch_add(b, proxy, SPAN_LITERAL(name), (const mgr_value *const[]){ __VA_ARGS__ },         \
                  sizeof((const mgr_value *const[]){ __VA_ARGS__ }) / sizeof(mgr_value *))

#define BATCH_FEW_ARGS 8

int mgr_batch_call(mgr_batch *batch, const mgr_proxy *proxy, const char *method,
                   const mgr_value *args, size_t n_args)
{
        const mgr_value *few[BATCH_FEW_ARGS] = { NULL }, **each = few;
        int r;

        if (!method || (n_args && !args))
                return error_set_status(-STATUS_ARGUMENT);
        if (n_args > BATCH_FEW_ARGS) {
                each = calloc(n_args, sizeof(const mgr_value *));
                if (!each)
                        return error_set_status(-STATUS_NOMEM);
        }
        for (size_t i = 0; i < n_args; ++i)
                each[i] = &args[i];
        r = batch_add(batch, proxy, span_of_cstr(method), each, n_args);
        if (each != few)
                free(each);
        return r;
}

int mgr_batch_dict_set_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key,
                             const mgr_value *value)
{
        return BATCH_ADD(batch, mgr_dict_proxy(d), "__setitem__", key, value);
}

int mgr_batch_dict_get_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key)
{
        return BATCH_ADD(batch, mgr_dict_proxy(d), "__getitem__", key);
}

int mgr_batch_dict_incr_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key,
                              const mgr_value *delta)
{
        return BATCH_ADD(batch, mgr_dict_proxy(d), "incr", key, delta);
}

int mgr_batch_list_append_value(mgr_batch *batch, const mgr_list *l, const mgr_value *value)
{
        return BATCH_ADD(batch, mgr_list_proxy(l), "append", value);
}

int mgr_batch_list_get(mgr_batch *batch, const mgr_list *l, int64_t index)
{
        mgr_value i = mgr_int(index);

        return BATCH_ADD(batch, mgr_list_proxy(l), "__getitem__", &i);
}

size_t mgr_batch_len(const mgr_batch *batch)
{
        return batch ? batch->n : 0;
}

/* --- making the calls */

static int batch_try(mgr_batch *b, struct connection *connection, size_t *n_sent)
{
        uint64_t deadline = clock_after(b->manager->call_timeout);
        bool complete;
        int r;

        *n_sent = 0;
        r = call_flush_drops(connection, false, deadline);
        if (r < 0)
                return r;
        call_pack_drops(connection);
        r = connection_send(connection, deadline, &complete);
        buffer_truncate(&connection->out, 0);
        if (r < 0)
                return r;
        return pipeline_run(connection, buffer_span(&b->requests), b->n, deadline, &b->replies,
                            n_sent);
}

static int batch_fail(mgr_batch *b, int status, bool sent)
{
        b->unanswered = sent ? -STATUS_UNKNOWN_OUTCOME : -STATUS_GONE;
        if (status == -STATUS_GONE)
                return error_set_status(b->unanswered);
        if (status == -STATUS_TIMEOUT)
                return error_set(status, "%zu of %zu calls were not answered within %g seconds",
                                 b->n - b->replies.n, b->n, b->manager->call_timeout);
        return status;
}

/* Where the connection turns out to be dead before anything was sent, another one is tried. */
static int batch_make(mgr_batch *b)
{
        for (int attempt = 0;; ++attempt) {
                struct connection *connection;
                size_t n_sent;
                int r;

                r = thread_check_out(b->manager, &connection);
                if (r < 0)
                        return batch_fail(b, r, false);
                replies_clear(&b->replies); /* half a frame of the attempt before */
                b->serial = atomic_load(&b->manager->serial);
                r = batch_try(b, connection, &n_sent);
                if (r == 0) {
                        thread_check_in(connection);
                        return 0;
                }
                thread_discard(connection);
                if (r != -STATUS_GONE || n_sent || attempt)
                        return batch_fail(b, r, n_sent != 0);
        }
}

int mgr_batch_run(mgr_batch *batch)
{
        mgr_batch *b = batch;
        int n_failed = 0, r;

        if (!b)
                return error_set_status(-STATUS_ARGUMENT);
        r = manager_check(b->manager);
        if (r < 0)
                return r;
        if (b->ran)
                mgr_batch_clear(b);
        r = b->n ? batch_make(b) : 0;
        b->ran = true;
        buffer_truncate(&b->requests, 0);
        batch_release_kept(b);
        if (r < 0)
                return r;
        for (size_t i = 0; i < b->n; ++i) {
                struct span payload = replies_at(&b->replies, i);

                if (!begins_with(payload, SPAN_LITERAL(RETURN_HEAD)) &&
                    !begins_with(payload, SPAN_LITERAL(PROXY_HEAD)) && n_failed < INT32_MAX)
                        ++n_failed;
        }
        return n_failed;
}

/* --- results */

/* A container needs its text apart, and its proxies counted: once for each result. */
static int batch_open_container(mgr_batch *b, size_t i, const struct reply *reply)
{
        mgr_value value;
        int r;

        if (!b->blobs)
                b->blobs = calloc(b->n, sizeof(struct blob *));
        if (!b->blobs)
                return error_set_status(-STATUS_NOMEM);
        r = call_read_reply(batch_owns_references(b) ? b->manager : NULL, reply, &value);
        if (r == 0)
                b->blobs[i] = value.owner;
        return r;
}

static int batch_read(mgr_batch *b, size_t i, mgr_value *value)
{
        struct span payload = replies_at(&b->replies, i);
        struct reply reply;
        int r;

        if (span_equal(payload, SPAN_LITERAL(RETURN_HEAD "\xc0"))) {
                *value = mgr_none(); /* what every call returns that just does something */
                return 0;
        }
        r = reply_decode(&reply, &b->scanner, payload);
        if (r < 0)
                return error_set(-STATUS_PROTOCOL, "the manager sent no reply");
        if (reply.kind == REPLY_RETURN) {
                content_view(reply.value, NULL, value);
                if (value->kind < MGR_KIND_STR)
                        return 0;
                if (value->kind <= MGR_KIND_BYTES) {
                        /* behind the text lies the next frame's length, which is known already */
                        b->replies.bytes.data[b->replies.ends[i]] = '\0';
                        return 0;
                }
        } else if (reply.kind != REPLY_PROXY) {
                return call_read_reply(b->manager, &reply, NULL);
        }
        r = batch_open_container(b, i, &reply);
        if (r == 0)
                content_view(span_of(b->blobs[i]->bytes, b->blobs[i]->size), b->blobs[i], value);
        return r;
}

int mgr_batch_result(mgr_batch *batch, size_t i, mgr_value *value)
{
        mgr_batch *b = batch;
        mgr_value unused;

        if (!b)
                return error_set_status(-STATUS_ARGUMENT);
        if (!b->ran || i >= b->n)
                return error_set(-STATUS_INDEX, "the batch has no result %zu", i);
        if (i >= b->replies.n)
                return error_set_status(b->unanswered);
        value = value ? value : &unused;
        if (b->blobs && b->blobs[i]) {
                content_view(span_of(b->blobs[i]->bytes, b->blobs[i]->size), b->blobs[i], value);
                return 0;
        }
        return batch_read(b, i, value);
}
