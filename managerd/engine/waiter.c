/*
 * waiter - a parked call
 */
#include "managerd/engine/waiter.h"

#include <stdlib.h>

#include "managerd/engine/state.h"

/* --- the heap of deadlines */

static bool earlier(const struct waiter *a, const struct waiter *b)
{
        if (a->invocation.call.deadline != b->invocation.call.deadline)
                return a->invocation.call.deadline < b->invocation.call.deadline;
        return a->number < b->number;
}

static void heap_place(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        deadlines->heap[i] = waiter;
        waiter->in_deadlines = i + 1;
}

static void heap_rise(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        for (; i > 0 && earlier(waiter, deadlines->heap[(i - 1) / 2]); i = (i - 1) / 2)
                heap_place(deadlines, i, deadlines->heap[(i - 1) / 2]);
        heap_place(deadlines, i, waiter);
}

static void heap_sink(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        size_t child;

        while ((child = 2 * i + 1) < deadlines->n) {
                if (child + 1 < deadlines->n &&
                    earlier(deadlines->heap[child + 1], deadlines->heap[child]))
                        ++child;
                if (!earlier(deadlines->heap[child], waiter))
                        break;
                heap_place(deadlines, i, deadlines->heap[child]);
                i = child;
        }
        heap_place(deadlines, i, waiter);
}

static int deadlines_add(struct deadlines *deadlines, struct waiter *waiter)
{
        struct waiter **heap;
        size_t n;

        if (deadlines->n == deadlines->n_allocated) {
                n = deadlines->n_allocated ? deadlines->n_allocated * 2 : 16;
                heap = reallocarray(deadlines->heap, n, sizeof(*heap));
                if (!heap)
                        return -STATUS_NOMEM;
                deadlines->heap = heap;
                deadlines->n_allocated = n;
        }
        heap_rise(deadlines, deadlines->n++, waiter);
        return 0;
}

static void deadlines_remove(struct deadlines *deadlines, struct waiter *waiter)
{
        size_t i = waiter->in_deadlines;
        struct waiter *last;

        if (i-- == 0)
                return;
        waiter->in_deadlines = 0;
        last = deadlines->heap[--deadlines->n];
        if (last == waiter)
                return;
        if (i > 0 && earlier(last, deadlines->heap[(i - 1) / 2]))
                heap_rise(deadlines, i, last);
        else
                heap_sink(deadlines, i, last);
}

uint64_t deadlines_next(const struct deadlines *deadlines)
{
        return deadlines->n ? deadlines->heap[0]->invocation.call.deadline : UINT64_MAX;
}

void deadlines_deinit(struct deadlines *deadlines)
{
        free(deadlines->heap);
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

static size_t bytes_to_keep(const struct call *call)
{
        size_t n = call->kwds.size + call->owner.task.size;

        for (size_t i = 0; i < CALL_MAX_PARAMS; ++i)
                n += call->args[i].size;
        return n;
}

static size_t waiter_size(const struct waiter *waiter)
{
        return sizeof(*waiter) + bytes_to_keep(&waiter->invocation.call);
}

static int waiter_new(struct engine *engine, const struct invocation *invocation,
                      struct waiter **out)
{
        struct waiter *waiter;
        struct call *call;
        size_t size = sizeof(*waiter) + bytes_to_keep(&invocation->call);
        uint8_t *at;

        if (!memory_charge(&engine->store.memory, size))
                return -STATUS_NOMEM;
        waiter = malloc(size);
        if (!waiter) {
                memory_refund(&engine->store.memory, size);
                return -STATUS_NOMEM;
        }
        *waiter = (struct waiter){ .number = engine->n_calls, .invocation = *invocation };
        list_init(&waiter->on_object);
        list_init(&waiter->on_caller);

        call = &waiter->invocation.call;
        at = waiter->bytes;
        for (size_t i = 0; i < CALL_MAX_PARAMS; ++i)
                call->args[i] = keep(&at, call->args[i]);
        call->kwds = keep(&at, call->kwds);
        call->owner.task = keep(&at, call->owner.task);
        call->resumed = true;
        *out = waiter;
        return 0;
}

int waiter_park(struct engine *engine, const struct invocation *invocation)
{
        struct waiter *waiter;
        int r;

        r = waiter_new(engine, invocation, &waiter);
        if (r < 0)
                return r;
        if (invocation->call.deadline != CALL_NO_DEADLINE) {
                r = deadlines_add(&engine->deadlines, waiter);
                if (r < 0) {
                        memory_refund(&engine->store.memory, waiter_size(waiter));
                        free(waiter);
                        return r;
                }
        }
        object_retain(invocation->object);
        list_append(&invocation->object->waiters, &waiter->on_object);
        list_append(&invocation->caller->waiters, &waiter->on_caller);
        if (!invocation->numbered)
                invocation->caller->plain = waiter;
        ++engine->n_parked;
        return 0;
}

/* --- the end of a wait */

static void waiter_free(struct engine *engine, struct waiter *waiter)
{
        struct caller *caller = waiter->invocation.caller;
        struct object *object = waiter->invocation.object;

        deadlines_remove(&engine->deadlines, waiter);
        list_unlink(&waiter->on_object);
        list_unlink(&waiter->on_caller);
        if (caller->plain == waiter)
                caller->plain = NULL;
        --engine->n_parked;

        /* whoever stands behind it may be first now */
        object_notify(object);
        object_release(object);
        memory_refund(&engine->store.memory, waiter_size(waiter));
        free(waiter);
}

static void waiter_finish(struct engine *engine, struct waiter *waiter, int result)
{
        struct caller *caller = waiter->invocation.caller;

        invocation_finish(&waiter->invocation, result);
        waiter_free(engine, waiter);
        engine->options.ready(engine->options.data, caller);
}

/* Parked again, with the deadline that the handler named now. 0 or -STATUS_NOMEM. */
static int waiter_move_deadline(struct engine *engine, struct waiter *waiter, uint64_t before)
{
        uint64_t deadline = waiter->invocation.call.deadline;

        if (deadline == before && (waiter->in_deadlines || deadline == CALL_NO_DEADLINE))
                return 0;
        deadlines_remove(&engine->deadlines, waiter);
        return deadline == CALL_NO_DEADLINE ? 0 : deadlines_add(&engine->deadlines, waiter);
}

/* False where the call parks again. */
static bool waiter_run(struct engine *engine, struct waiter *waiter)
{
        struct invocation *invocation = &waiter->invocation;
        struct call *call = &invocation->call;
        const struct method *method = call->method;
        uint64_t deadline = call->deadline;
        int r;

        call->now = engine->now;
        invocation_begin(invocation);
        if (!call->expired)
                r = method->run(invocation->object, call);
        else if (method->expired)
                r = method->expired(invocation->object, call);
        else
                r = call_fail_status(call, -STATUS_TIMEOUT);
        if (r == CALL_PARKED) {
                r = waiter_move_deadline(engine, waiter, deadline);
                if (r == 0) {
                        invocation_suspend(invocation);
                        return false;
                }
                r = call_fail_status(call, r);
        }
        waiter_finish(engine, waiter, r);
        return true;
}

void waiters_resume(struct engine *engine)
{
        while (!list_is_empty(&engine->store.notified)) {
                struct list_node *node = engine->store.notified.next;
                struct object *object = container_of(node, struct object, in_notified);

                list_unlink(node);
                while (object_has_waiters(object))
                        if (!waiter_run(engine, container_of(object->waiters.next, struct waiter,
                                                             on_object)))
                                break;
        }
}

void waiters_expire(struct engine *engine)
{
        while (deadlines_next(&engine->deadlines) <= engine->now) {
                struct waiter *waiter = engine->deadlines.heap[0];

                waiter->invocation.call.expired = true;
                /* a type may go on waiting past its deadline (Condition): then without one */
                deadlines_remove(&engine->deadlines, waiter);
                waiter_run(engine, waiter);
        }
}

struct waiter *waiter_find(struct caller *caller, uint64_t number)
{
        list_for_each(node, &caller->waiters) {
                struct waiter *waiter = container_of(node, struct waiter, on_caller);

                if (waiter->invocation.numbered && waiter->invocation.number == number)
                        return waiter;
        }
        return NULL;
}

void waiter_cancel(struct engine *engine, struct waiter *waiter)
{
        invocation_begin(&waiter->invocation);
        waiter_finish(engine, waiter,
                      call_fail_status(&waiter->invocation.call, -STATUS_CANCELLED));
}

void waiters_withdraw(struct engine *engine, struct caller *caller)
{
        while (!list_is_empty(&caller->waiters))
                waiter_free(engine, container_of(caller->waiters.next, struct waiter, on_caller));
}
