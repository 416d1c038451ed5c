/*
 * waiter - a parked call
 */
#include "managerd/engine/waiter.h"

#include <stdlib.h>

#include "managerd/engine/deadlock.h"
#include "managerd/engine/state.h"
#include "managerd/object/index.h"

/* --- found by its number */

/* Two numbers as one key: they are compared on this machine only. */
struct number_key {
        uint64_t session, number;
};

static struct span number_key(struct number_key *key, const struct caller *caller, uint64_t number)
{
        *key = (struct number_key){ caller->number, number };
        return span_of(key, sizeof(*key));
}

struct waiter *waiter_find(const struct engine *engine, const struct caller *caller,
                           uint64_t number)
{
        struct number_key key;

        return index_find(&engine->numbers, number_key(&key, caller, number));
}

static int waiter_add_number(struct engine *engine, struct waiter *waiter)
{
        struct invocation *invocation = &waiter->invocation;
        struct number_key key;
        int r;

        if (!invocation->numbered)
                return 0;
        r = index_set(&engine->numbers, number_key(&key, invocation->caller, invocation->number),
                      waiter);
        waiter->in_numbers = r == 0;
        return r;
}

static void waiter_remove_number(struct engine *engine, struct waiter *waiter)
{
        struct number_key key;

        if (waiter->in_numbers)
                index_remove(&engine->numbers, number_key(&key, waiter->invocation.caller,
                                                          waiter->invocation.number));
        waiter->in_numbers = false;
}

/* --- its places */

static void waiter_stand(struct waiter *waiter, struct line *line)
{
        struct object *object = line->object;

        if (list_is_empty(&object->waiters))
                list_append(&object->store->waited, &object->in_waited);
        list_append(&object->waiters, &waiter->on_object);
        ++object->n_waiters;
        list_append(&line->waiters, &waiter->on_line);
        ++line->n;
        waiter->line = line;
}

/* Whoever stood behind it may be first now. */
static void waiter_step_out(struct waiter *waiter)
{
        struct line *line = waiter->line;
        bool first = line->waiters.next == &waiter->on_line;

        list_unlink(&waiter->on_line);
        list_unlink(&waiter->on_object);
        --line->object->n_waiters;
        --line->n;
        if (list_is_empty(&line->object->waiters))
                list_unlink(&line->object->in_waited);
        if (first)
                line_notify(line);
        waiter->line = NULL;
}

/* --- parking */

static struct span keep(uint8_t **at, struct span s)
{
        struct span kept = s;

        if (span_is_absent(s))
                return s;
        memcpy(*at, s.data, s.size);
        kept.data = *at;
        *at += s.size;
        return kept;
}

static size_t waiter_size(const struct call *call)
{
        size_t n = sizeof(struct waiter) + call->kwds.size;

        for (size_t i = 0; i < CALL_MAX_PARAMS; ++i)
                n += call->args[i].size;
        return n;
}

static int waiter_new(struct engine *engine, const struct invocation *invocation,
                      struct waiter **out)
{
        size_t size = waiter_size(&invocation->call);
        struct waiter *waiter;
        struct call *call;
        uint8_t *at;

        if (!memory_charge(&engine->store.memory, size))
                return -STATUS_NOMEM;
        waiter = malloc(size);
        if (!waiter) {
                memory_refund(&engine->store.memory, size);
                return -STATUS_NOMEM;
        }
        *waiter = (struct waiter){
                .input = engine->n_calls,
                .since = engine->now,
                .invocation = *invocation,
        };
        list_init(&waiter->on_line);
        list_init(&waiter->on_object);
        list_init(&waiter->on_caller);

        call = &waiter->invocation.call;
        at = waiter->bytes;
        for (size_t i = 0; i < CALL_MAX_PARAMS; ++i)
                call->args[i] = keep(&at, call->args[i]);
        call->kwds = keep(&at, call->kwds);
        call->resumed = true;
        *out = waiter;
        return 0;
}

/* Out of all that finds it. */
static void waiter_hide(struct engine *engine, struct waiter *waiter)
{
        waiter_remove_number(engine, waiter);
        deadlock_remove_edge(engine, waiter);
        deadlines_remove(&engine->deadlines, waiter);
}

static void waiter_free(struct engine *engine, struct waiter *waiter)
{
        waiter_hide(engine, waiter);
        memory_refund(&engine->store.memory, waiter_size(&waiter->invocation.call));
        free(waiter);
}

/* Into all that finds it, but its place in the line. */
static int waiter_show(struct engine *engine, struct waiter *waiter)
{
        int r;

        r = waiter_add_number(engine, waiter);
        if (r == 0)
                r = deadlock_add_edge(engine, waiter);
        if (r == 0 && waiter->invocation.call.deadline != CALL_NO_DEADLINE)
                r = deadlines_add(&engine->deadlines, waiter);
        return r;
}

static int fail_stopped(struct call *call)
{
        return call_fail(call, STATUS_CANCELLED, "the manager ends");
}

int waiter_park(struct engine *engine, struct invocation *invocation)
{
        const struct wait_ends *ends = invocation->call.method->ends;
        struct caller *caller = invocation->caller;
        struct waiter *waiter;
        int r;

        if (engine->processes.heir)
                return fail_stopped(&invocation->call);
        if (invocation->numbered && waiter_find(engine, caller, invocation->number))
                return call_fail(&invocation->call, STATUS_BAD_REQUEST,
                                 "a call of number %ju waits already",
                                 (uintmax_t)invocation->number);
        r = deadlock_check(engine, &invocation->call);
        if (r < 0)
                return r;
        r = waiter_new(engine, invocation, &waiter);
        if (r < 0)
                return call_fail_status(&invocation->call, r);
        r = waiter_show(engine, waiter);
        if (r < 0) {
                waiter_free(engine, waiter);
                return call_fail_status(&invocation->call, r);
        }
        object_retain(invocation->object);
        waiter_stand(waiter, invocation->call.line);
        list_append(&caller->waiters, &waiter->on_caller);
        if (!invocation->numbered)
                caller->plain = waiter;
        ++engine->n_parked;
        if (ends && ends->parked)
                ends->parked(invocation->object, &waiter->invocation.call);
        return 0;
}

/* --- the end of a wait */

/* It is of no session any more, and stands nowhere. */
static void waiter_leave(struct engine *engine, struct waiter *waiter)
{
        struct caller *caller = waiter->invocation.caller;
        struct object *object = waiter->invocation.object;

        waiter_step_out(waiter);
        list_unlink(&waiter->on_caller);
        if (caller->plain == waiter)
                caller->plain = NULL;
        --engine->n_parked;
        waiter_free(engine, waiter);
        object_release(object);
}

/* Its type did not make it end. */
static void waiter_tell_left(struct waiter *waiter)
{
        const struct wait_ends *ends = waiter->invocation.call.method->ends;

        if (ends && ends->left)
                ends->left(waiter->invocation.object, &waiter->invocation.call);
}

static void waiter_finish(struct engine *engine, struct waiter *waiter, int result)
{
        struct caller *caller = waiter->invocation.caller;

        invocation_finish(&waiter->invocation, result);
        waiter_leave(engine, waiter);
        engine->options.ready(engine->options.data, caller);
}

/* --- waking */

enum wake {
        WAKE_NOTIFIED,
        WAKE_EXPIRED,
        WAKE_CANCELLED,
};

static int waiter_call(struct waiter *waiter, enum wake wake)
{
        struct object *object = waiter->invocation.object;
        struct call *call = &waiter->invocation.call;
        const struct wait_ends *ends = call->method->ends;

        switch (wake) {
        case WAKE_NOTIFIED:
                return call->method->run(object, call);
        case WAKE_EXPIRED:
                if (ends && ends->expired)
                        return ends->expired(object, call);
                return call_fail_status(call, -STATUS_TIMEOUT);
        case WAKE_CANCELLED:
                if (ends && ends->cancelled)
                        return ends->cancelled(object, call);
                break;
        }
        return call_fail_status(call, -STATUS_CANCELLED);
}

/*
 * Parked for something else than before. What waits to have again what it had may not
 * fail: where there is no memory for an edge, no deadlock will be told from it.
 */
static int waiter_move(struct engine *engine, struct waiter *waiter)
{
        const struct call *call = &waiter->invocation.call;
        struct waiter *victim;
        int r = 0;

        deadlock_remove_edge(engine, waiter);
        deadlines_remove(&engine->deadlines, waiter);
        if (call->deadline != CALL_NO_DEADLINE)
                r = deadlines_add(&engine->deadlines, waiter);
        if (r == 0)
                r = deadlock_add_edge(engine, waiter);
        if (r < 0 && !call->restoring)
                return r;

        if (waiter->line != call->line) {
                waiter_step_out(waiter);
                waiter_stand(waiter, call->line);
        }
        victim = deadlock_victim(engine, waiter);
        if (victim) {
                invocation_begin(&victim->invocation);
                waiter_finish(engine, victim, deadlock_check(engine, &victim->invocation.call));
        }
        return 0;
}

static void waiter_wake(struct engine *engine, struct waiter *waiter, enum wake wake)
{
        struct invocation *invocation = &waiter->invocation;
        struct call *call = &invocation->call;
        const struct holding *waits_for = call->waits_for;
        uint64_t deadline = call->deadline;
        int r;

        call->now = engine->now;
        call->keeper = caller_keeper(invocation->caller); /* hello() may have been said */
        invocation_begin(invocation);
        /* who restores something has it again even if there is no memory to say so */
        if (buffer_reserve(call->reply, INVOCATION_SHORT_RESULT) || call->restoring) {
                r = waiter_call(waiter, wake);
        } else {
                waiter_tell_left(waiter);
                r = call_fail_status(call, call->reply->failed);
        }
        if (r != CALL_PARKED) {
                waiter_finish(engine, waiter, r);
                return;
        }
        invocation_suspend(invocation);
        if (call->line == waiter->line && call->deadline == deadline &&
            call->waits_for == waits_for && wake != WAKE_EXPIRED)
                return;
        r = waiter_move(engine, waiter);
        if (r < 0) {
                waiter_tell_left(waiter);
                invocation_begin(invocation);
                waiter_finish(engine, waiter, call_fail_status(call, r));
        }
}

/* As long as the first of the line goes, the next is first. */
static void line_resume(struct engine *engine, struct line *line)
{
        while (!line_is_empty(line)) {
                struct list_node *first = line->waiters.next;

                waiter_wake(engine, container_of(first, struct waiter, on_line), WAKE_NOTIFIED);
                if (!line_is_empty(line) && line->waiters.next == first)
                        return;
        }
}

void waiters_resume(struct engine *engine)
{
        struct list_node *notified = &engine->store.notified;

        while (!list_is_empty(notified)) {
                struct line *line = container_of(notified->next, struct line, in_notified);

                list_unlink(&line->in_notified);
                line_resume(engine, line);
        }
}

void waiters_expire(struct engine *engine)
{
        while (deadlines_next(&engine->deadlines) <= engine->now) {
                struct waiter *waiter = engine->deadlines.heap[0];

                /* a type may go on waiting past its deadline (Condition): then without one */
                deadlines_remove(&engine->deadlines, waiter);
                waiter_wake(engine, waiter, WAKE_EXPIRED);
                waiters_resume(engine);
        }
}

void waiter_cancel(struct engine *engine, struct waiter *waiter)
{
        waiter_wake(engine, waiter, WAKE_CANCELLED);
}

void waiters_stop(struct engine *engine)
{
        list_for_each(node, &engine->callers) {
                struct caller *caller = container_of(node, struct caller, in_engine);

                while (!list_is_empty(&caller->waiters)) {
                        struct waiter *waiter =
                                container_of(caller->waiters.next, struct waiter, on_caller);

                        waiter_tell_left(waiter);
                        invocation_begin(&waiter->invocation);
                        waiter_finish(engine, waiter, fail_stopped(&waiter->invocation.call));
                }
        }
}

void waiters_withdraw(struct engine *engine, struct caller *caller)
{
        while (!list_is_empty(&caller->waiters)) {
                struct waiter *waiter =
                        container_of(caller->waiters.next, struct waiter, on_caller);

                waiter_tell_left(waiter);
                waiter_leave(engine, waiter);
        }
}
