/*
 * deadlock - owners who wait for each other's locks
 */
#include "managerd/engine/deadlock.h"

#include <inttypes.h>
#include <stdio.h>

#include "managerd/engine/state.h"
#include "managerd/object/index.h"
#include "proto/pack.h"
#include "proto/unicode.h"

/* Bytes of an object's name that are told. */
#define NAME_SHOWN 64

static struct span edge_key(const struct owner *owner)
{
        return span_of(owner, offsetof(struct owner, task) + owner->task_size);
}

static struct waiter *edge_of(const struct engine *engine, const struct owner *owner)
{
        return index_find(&engine->edges, edge_key(owner));
}

/* Somebody who lives holds it, and nobody else will give it back. */
static bool holding_binds(const struct holding *holding)
{
        return holding->holder && !holding->untracked;
}

/* Whether it waits for ever. Nobody waits so for himself: a Lock is anybody's to release. */
static bool call_has_edge(const struct call *call)
{
        return call->waits_for && call->alone && call->deadline == CALL_NO_DEADLINE &&
               !owner_equal(&call->waits_for->owner, &call->owner);
}

int deadlock_add_edge(struct engine *engine, struct waiter *waiter)
{
        const struct call *call = &waiter->invocation.call;
        int r;

        if (!call_has_edge(call))
                return 0;
        r = index_set(&engine->edges, edge_key(&call->owner), waiter);
        waiter->in_edges = r == 0;
        return r;
}

void deadlock_remove_edge(struct engine *engine, struct waiter *waiter)
{
        const struct owner *owner = &waiter->invocation.call.owner;

        /* a client that did not keep its promise may have overwritten it by another */
        if (waiter->in_edges && edge_of(engine, owner) == waiter)
                index_remove(&engine->edges, edge_key(owner));
        waiter->in_edges = false;
}

/*
 * Follows the edges from what the call waits for: true where they lead back to it. `visit`
 * is called with every waiter on the way, which may lead into a cycle of others.
 */
static bool deadlock_walk(const struct engine *engine, const struct call *call,
                          void (*visit)(void *data, struct waiter *waiter), void *data)
{
        const struct holding *holding = call->waits_for;
        struct waiter *waiter;

        for (unsigned n = 0; n < DEADLOCK_LONGEST; ++n) {
                if (!holding_binds(holding))
                        return false;
                if (owner_equal(&holding->owner, &call->owner))
                        return true;
                waiter = edge_of(engine, &holding->owner);
                if (!waiter)
                        return false;
                if (visit)
                        visit(data, waiter);
                holding = waiter->invocation.call.waits_for;
        }
        return false;
}

/* --- telling of it */

struct report {
        struct buffer *text;    /* for people */
        struct buffer *members; /* [ident, pid], … */
        size_t n;
};

static void report_object(struct buffer *text, const struct object *object)
{
        char ident[32];

        buffer_append_span(text, span_of_cstr(object->type->name));
        if (span_is_absent(object->name)) {
                snprintf(ident, sizeof(ident), " 0x%" PRIx64, object->ident);
                buffer_append_span(text, span_of_cstr(ident));
                return;
        }
        buffer_append_span(text, SPAN_LITERAL(" '"));
        buffer_append_span(text, utf8_cut(object->name, NAME_SHOWN));
        buffer_append_span(text, SPAN_LITERAL("'"));
}

static void report_call(struct report *report, const struct call *call)
{
        const struct holding *holding = call->waits_for;
        char pids[64];

        if (report->n++ > 0)
                buffer_append_span(report->text, SPAN_LITERAL(", which waits for "));
        report_object(report->text, holding->object);
        snprintf(pids, sizeof(pids), " held by pid %" PRId64, holding->pid);
        buffer_append_span(report->text, span_of_cstr(pids));

        pack_array(report->members, 2);
        pack_uint(report->members, holding->object->ident);
        pack_int(report->members, holding->pid);
}

static void report_waiter(void *data, struct waiter *waiter)
{
        report_call(data, &waiter->invocation.call);
}

/* The error's arguments: the text, and a list of the objects and who holds them. */
static int deadlock_fail(struct engine *engine, struct call *call)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL, members = BUFFER_NULL;
        struct report report = { .text = &text, .members = &members };
        char head[64];

        snprintf(head, sizeof(head), "deadlock: pid %" PRId64 " waits for ", call->session->pid);
        buffer_append_span(&text, span_of_cstr(head));
        report_call(&report, call);
        deadlock_walk(engine, call, report_waiter, &report);

        ++engine->n_deadlocks;
        call_fail_status(call, -STATUS_DEADLOCK);
        if (text.failed || members.failed)
                return call->status;
        buffer_truncate(call->error, 0);
        pack_array(call->error, 2);
        pack_str(call->error, buffer_span(&text));
        pack_array(call->error, report.n);
        buffer_append_span(call->error, buffer_span(&members));
        return call->status;
}

int deadlock_check(struct engine *engine, struct call *call)
{
        if (!call_has_edge(call) || !deadlock_walk(engine, call, NULL, NULL))
                return 0;
        return deadlock_fail(engine, call);
}

/* --- a cycle that was closed by one that may not fail */

static void prefer_victim(void *data, struct waiter *waiter)
{
        struct waiter **victim = data;

        if (!waiter->invocation.call.restoring && (!*victim || waiter->input > (*victim)->input))
                *victim = waiter;
}

struct waiter *deadlock_victim(struct engine *engine, struct waiter *waiter)
{
        struct waiter *victim = NULL;

        if (!waiter->in_edges ||
            !deadlock_walk(engine, &waiter->invocation.call, prefer_victim, &victim))
                return NULL;
        return victim;
}
