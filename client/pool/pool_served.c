/*
 * pool_served - workers that were started separately, on the other side of a daemon
 *
 * The pool's core (pool_parts.h) submits chunks; here each becomes a task in the queue that is
 * named for the pool, and answers come back by a queue of this client's own (pool_answers.c). Both
 * ways go by calls that are under way while nobody waits. See pool_tasks.h for what travels.
 */
#include "client/pool/pool_served.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "client/content.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/pool/function.h"
#include "proto/clock.h"
#include "proto/pack.h"

static struct served *served_of(struct workers *w)
{
        return (struct served *)w;
}

/* --- slots */

static void slots_init(struct served *served)
{
        for (size_t i = SERVED_N_SLOTS; i-- > 0;) {
                struct slot *slot = &served->slots[i];

                *slot = (struct slot){ .served = served, .number = i, .next = served->free_slots };
                served->free_slots = slot;
        }
}

static struct slot *slot_take(struct served *served, struct chunk *chunk)
{
        struct slot *slot = served->free_slots;

        served->free_slots = slot->next;
        slot->number += SERVED_N_SLOTS;
        slot->chunk = chunk;
        slot->putting = true;
        slot->watched = false;
        ++served->n_out;
        return slot;
}

void slot_settle(struct slot *slot)
{
        if (slot->chunk || slot->putting)
                return;
        slot->next = slot->served->free_slots;
        slot->served->free_slots = slot;
}

struct chunk *slot_give_chunk(struct slot *slot)
{
        struct chunk *chunk = slot->chunk;

        slot->chunk = NULL;
        --slot->served->n_out;
        slot_settle(slot);
        return chunk;
}

/* The core may change the error with each of them. */
void slot_fail(struct slot *slot)
{
        _buffer_cleanup_ struct buffer said = BUFFER_NULL;
        struct chunk *chunk = slot_give_chunk(slot);
        int status = error_status();

        error_pack(&said);
        for (size_t n = chunk->n - chunk->n_done; n > 0; --n) {
                if (said.failed)
                        error_set_status(status);
                else
                        error_set_packed(buffer_span(&said));
                chunk_failed(chunk);
        }
}

/* --- the daemon */

/* At its end a descriptor is readable for ever. */
static void served_unhear(struct served *served)
{
        if (!served->unheard)
                pool_unwatch(served->workers.pool, mgr_fd(served->calls));
        served->unheard = true;
        served->leaving = false;
}

void served_break(struct served *served)
{
        int status = error_status();

        if (served->over)
                return;
        served->over = true;
        /* of a session that was lost there is nothing else to know; who ends in order cancels */
        if (status == -STATUS_CANCELLED ||
            (status == -STATUS_UNKNOWN_OUTCOME && mgr_events(served->calls) == 0))
                error_set_status(-STATUS_GONE);
        served_unhear(served);
        pool_break(served->workers.pool);
}

bool served_is_lost(int error)
{
        return error == -STATUS_GONE || error == -STATUS_UNKNOWN_OUTCOME ||
               error == -STATUS_PROTOCOL;
}

/* --- a task */

static void put_done(void *arg, int error, const mgr_value *nothing)
{
        struct slot *slot = arg;

        (void)nothing;
        slot->putting = false;
        if (error < 0 && served_is_lost(error))
                served_break(slot->served);
        else if (error < 0 && slot->chunk)
                slot_fail(slot);
        else
                slot_settle(slot);
}

static const char *chunk_function_name(const struct chunk *chunk)
{
        mgr_callable callable = chunk_function(chunk);
        const char *name = callable.name ? callable.name : function_name(callable.function);

        if (!name)
                error_set(-STATUS_ARGUMENT, "the function is not registered: workers that were "
                                            "started separately know it by its name alone");
        return name;
}

/* [1, ident of the results queue, number, max_retries, function, call, arguments] */
static int pack_task(struct served *served, const struct chunk *chunk, const char *function,
                     uint64_t number)
{
        struct buffer *out = &served->task;

        buffer_truncate(out, 0);
        pack_array(out, POOL_TASK_FIELDS);
        pack_int(out, POOL_TASK_VERSION);
        pack_uint(out, mgr_proxy_ident(mgr_queue_proxy(served->results)));
        pack_uint(out, number);
        pack_uint(out, served->workers.pool->max_retries);
        pack_cstr(out, function);
        pack_cstr(out, pool_call_names[chunk_call(chunk)]);
        pack_array(out, chunk_n_values(chunk));
        buffer_append_span(out, buffer_span(&chunk->args));
        return out->failed ? error_set_status(out->failed) : 0;
}

/* --- what the core asks for */

static bool served_wants(struct workers *w)
{
        const struct served *served = served_of(w);

        return served->free_slots && !served->over;
}

static int served_submit(struct workers *w, struct chunk *chunk)
{
        struct served *served = served_of(w);
        const char *function = chunk_function_name(chunk);
        struct slot *slot;
        mgr_value task;
        int r;

        if (!function)
                return -STATUS_ARGUMENT;
        slot = slot_take(served, chunk);
        r = pack_task(served, chunk, function, slot->number);
        if (r == 0) {
                task = pool_list_of(&served->task);
                r = mgr_calls_queue_put_value(served->calls, served->tasks, &task, MGR_FOREVER,
                                              put_done, slot, NULL);
        }
        if (r < 0) {
                slot->putting = false;
                slot_give_chunk(slot);
                return r;
        }
        served_get(served);
        return 0;
}

static void served_pump(struct workers *w)
{
        struct served *served = served_of(w);
        int r;

        if (served->over && !served->leaving)
                return;
        r = mgr_process_events(served->calls);
        if (r >= 0 || r == -STATUS_NOMEM)
                return;
        served_break(served);
        served_unhear(served);
}

static void served_heard(struct workers *w, uint64_t tag)
{
        (void)w; /* pump() looks anyway */
        (void)tag;
}

static bool served_arm(struct workers *w)
{
        struct served *served = served_of(w);
        struct epoll_event event = { .data.u64 = 0 };

        if (served->unheard)
                return true;
        event.events = (uint32_t)mgr_events(served->calls);
        epoll_ctl(w->pool->epoll, EPOLL_CTL_MOD, mgr_fd(served->calls), &event);
        return true;
}

static uint64_t served_deadline(struct workers *w)
{
        (void)w;
        return CLOCK_FOREVER;
}

static void served_close(struct workers *w)
{
        (void)w; /* they are not ours to end */
}

static void has_left(void *arg, int error, const mgr_value *nothing)
{
        (void)error;
        (void)nothing;
        served_unhear(arg);
}

/* Workers that put an answer into a queue that is shut down leave our other tasks alone. */
static void served_terminate(struct workers *w)
{
        struct served *served = served_of(w);
        mgr_value immediate = MGR_TRUE;

        for (size_t i = 0; i < SERVED_N_SLOTS; ++i)
                if (served->slots[i].chunk)
                        chunk_drop(slot_give_chunk(&served->slots[i]));
        if (served->over)
                return;
        served->over = true;
        served->leaving = mgr_calls_start(served->calls, mgr_queue_proxy(served->results),
                                          "shutdown", &immediate, 1, has_left, served, NULL) == 0;
        if (!served->leaving)
                served_unhear(served);
}

static bool served_ended(struct workers *w)
{
        const struct served *served = served_of(w);

        return served->n_out == 0 && !served->leaving;
}

static void served_free(struct workers *w)
{
        struct served *served = served_of(w);

        served->over = true;
        if (served->calls)
                served_unhear(served);
        mgr_calls_free(served->calls);
        mgr_queue_free(served->tasks);
        mgr_queue_free(served->results);
        manager_unref(served->manager);
        buffer_deinit(&served->task);
        free(served->slots);
        free(served);
}

static const struct workers_ops served_ops = {
        .wants = served_wants,
        .submit = served_submit,
        .pump = served_pump,
        .heard = served_heard,
        .arm = served_arm,
        .deadline = served_deadline,
        .close = served_close,
        .terminate = served_terminate,
        .ended = served_ended,
        .free = served_free,
};

/* --- making one */

static int served_new(mgr_pool *pool, mgr_manager *m, const char *name, struct workers **out)
{
        struct served *served = calloc(1, sizeof(*served));
        int r = 0;

        if (!served)
                return error_set_status(-STATUS_NOMEM);
        served->workers = (struct workers){ .ops = &served_ops, .pool = pool };
        served->manager = manager_ref(m);
        served->task = BUFFER_NULL;
        served->slots = calloc(SERVED_N_SLOTS, sizeof(*served->slots));
        if (served->slots)
                slots_init(served);
        else
                r = error_set_status(-STATUS_NOMEM);
        if (r == 0)
                r = pool_open_tasks(m, name, &served->tasks);
        if (r == 0)
                r = mgr_queue_new(m, 0, NULL, &served->results);
        if (r == 0)
                r = mgr_calls_new(m, &served->calls);
        if (r == 0)
                r = pool_watch(pool, mgr_fd(served->calls), 0);
        if (r < 0) {
                served_free(&served->workers);
                return r;
        }
        *out = &served->workers;
        return 0;
}

/* Whoever gives those of workers of one's own expects what will not happen. */
static int read_options(const mgr_pool_options *given, mgr_pool_options *options)
{
        int r;

        r = pool_read_options(given, options);
        if (r < 0)
                return r;
        if (options->initializer)
                return error_set(-STATUS_ARGUMENT,
                                 "workers that were started separately have no initializer");
        if (options->max_tasks_per_child)
                return error_set(-STATUS_ARGUMENT, "a worker that was started separately decides "
                                                   "itself when it ends");
        return 0;
}

int mgr_pool_open(mgr_manager *m, const char *name, const mgr_pool_options *given, mgr_pool **out)
{
        mgr_pool_options options;
        mgr_pool *pool;
        int r;

        if (!out)
                return error_set_status(-STATUS_ARGUMENT);
        *out = NULL;
        r = manager_check(m);
        if (r == 0)
                r = registry_init();
        if (r == 0)
                r = read_options(given, &options);
        if (r == 0)
                r = pool_make(&pool, &options);
        if (r < 0)
                return r;
        r = served_new(pool, m, name, &pool->workers);
        if (r < 0)
                pool_unmake(pool);
        else
                *out = pool;
        return r;
}
