/*
 * pool_job - what was asked for, and what became of it
 */
#include <assert.h>
#include <stdlib.h>

#include "client/error.h"
#include "client/pool/pool_core.h"

/* --- life */

int job_make(mgr_pool *pool, size_t size, enum job_kind kind, enum call_kind call,
             mgr_callable callable, struct job **out)
{
        struct job *job;

        if (!callable.function && !callable.name)
                return error_set(-STATUS_ARGUMENT, "no function to call");
        job = calloc(1, size);
        if (job && callable.name && !callable.function) {
                job->name = strdup(callable.name);
                if (!job->name) {
                        free(job);
                        job = NULL;
                }
        }
        if (!job)
                return error_set_status(-STATUS_NOMEM);
        job->n_refs = 1;
        job->pool = pool;
        ++pool->n_refs;
        job->kind = kind;
        job->call = call;
        job->function = callable.function;
        job->chunk_size = 1;
        job->one = mgr_none();
        buffer_init(&job->error, SIZE_MAX);
        *out = job;
        return 0;
}

struct job *job_ref(struct job *job)
{
        ++job->n_refs;
        return job;
}

/* The pool is held by somebody else: by whoever holds its lock. */
void job_unref(struct job *job)
{
        if (--job->n_refs)
                return;
        assert(!job->queue);
        if (job->kind >= JOB_IMAP)
                imap_deinit(job_imap(job));
        if (job->kind == JOB_MAP && job->results && !job->borrowed) {
                for (size_t i = 0; i < job->n_tasks; ++i)
                        mgr_value_clear(&job->results[i]);
                free(job->results);
        }
        mgr_value_clear(&job->one);
        buffer_deinit(&job->error);
        --job->pool->n_refs;
        free(job->name);
        free(job);
}

void job_open(struct job *job)
{
        mgr_pool *pool = job->pool;

        job_ref(job);
        job->prev = NULL;
        job->next = pool->jobs;
        if (job->next)
                job->next->prev = job;
        pool->jobs = job;
        pool->n_open += job->n_tasks;
}

void job_grow(struct job *job, size_t n)
{
        job->n_tasks += n;
        job->pool->n_open += n;
}

/* --- work */

void job_take_turn(struct job *job)
{
        mgr_pool *pool = job->pool;

        if (job->has_turn)
                return;
        job->has_turn = true;
        job->next_turn = NULL;
        if (pool->last)
                pool->last->next_turn = job;
        else
                pool->first = job;
        pool->last = job;
}

static struct job *pool_take_first(mgr_pool *pool)
{
        struct job *job = pool->first;

        if (!job)
                return NULL;
        pool->first = job->next_turn;
        if (!pool->first)
                pool->last = NULL;
        job->has_turn = false;
        return job;
}

static void job_leave_turn(struct job *job)
{
        mgr_pool *pool = job->pool;
        struct job **at = &pool->first, *before = NULL;

        if (!job->has_turn)
                return;
        while (*at != job) {
                before = *at;
                at = &before->next_turn;
        }
        *at = job->next_turn;
        if (pool->last == job)
                pool->last = before;
        job->has_turn = false;
}

void job_queue(struct job *job, struct chunk *chunk)
{
        chunk->next = NULL;
        if (job->queue)
                job->queue_last->next = chunk;
        else
                job->queue = chunk;
        job->queue_last = chunk;
        job_take_turn(job);
}

void job_queue_first(struct job *job, struct chunk *chunk)
{
        chunk->next = job->queue;
        if (!job->queue)
                job->queue_last = chunk;
        job->queue = chunk;
        job_take_turn(job);
}

/* The next items of a call that waits. NULL: there is no memory, and they have failed. */
static struct chunk *job_feed(struct job *job)
{
        size_t first = job->n_fed, n = job->n_tasks - first;
        struct chunk *chunk;
        int r;

        if (n > job->chunk_size)
                n = job->chunk_size;
        job->n_fed += n;
        r = chunk_new(job, &chunk);
        if (r < 0) {
                for (size_t i = 0; i < n; ++i)
                        job_answer(job, first + i, NULL);
                job_look(job);
                return NULL;
        }
        chunk->first = first;
        chunk->n = n;
        r = chunk_add_many(chunk, job->items + first, n);
        if (r < 0) {
                chunk_fail(chunk);
                return NULL;
        }
        return chunk;
}

static bool job_has_work(const struct job *job)
{
        return job->queue || (job->items && job->n_fed < job->n_tasks);
}

struct chunk *pool_next_chunk(mgr_pool *pool)
{
        struct chunk *chunk = NULL;
        struct job *job;

        while (!chunk && (job = pool_take_first(pool))) {
                job_ref(job);
                chunk = job->queue;
                if (chunk)
                        job->queue = chunk->next;
                else if (job_has_work(job))
                        chunk = job_feed(job);
                if (job_has_work(job))
                        job_take_turn(job);
                job_unref(job);
        }
        return chunk;
}

/* --- answers */

static void job_keep_error(struct job *job, size_t index)
{
        if (job->failed && job->failed_at <= index)
                return;
        job->failed = true;
        job->failed_at = index;
        buffer_truncate(&job->error, 0);
        error_pack(&job->error);
        if (job->error.failed)
                buffer_truncate(&job->error, 0); /* which says that there was no memory */
}

void job_answer_many(struct job *job, size_t n)
{
        job->n_answered += n;
        job->pool->n_open -= n;
        ++job->pool->n_events;
}

void job_answer(struct job *job, size_t index, mgr_value *value)
{
        if (job->kind >= JOB_IMAP) {
                imap_answer(job_imap(job), index, value);
                pool_changed(job->pool);
        } else if (value) {
                job->results[index] = *value;
        } else {
                job->results[index] = mgr_none();
                job_keep_error(job, index);
        }
        job_answer_many(job, 1);
}

static void job_settle(struct job *job)
{
        mgr_pool *pool = job->pool;

        job_leave_turn(job);
        job->settled = true;
        if (job->prev)
                job->prev->next = job->next;
        else
                pool->jobs = job->next;
        if (job->next)
                job->next->prev = job->prev;
        pool_changed(pool);
        if (!job->callbacks.done && !job->callbacks.failed) {
                job->called = true;
                job_unref(job);
                return;
        }
        job->next_turn = NULL;
        if (pool->done_last)
                pool->done_last->next_turn = job;
        else
                pool->done = job;
        pool->done_last = job;
}

void job_look(struct job *job)
{
        if (job->settled || job->n_answered < job->n_tasks)
                return;
        if (job->kind >= JOB_IMAP && !job_imap(job)->exhausted)
                return;
        job_settle(job);
}

void job_answer_none(struct job *job, size_t from, size_t to)
{
        if (job->kind < JOB_IMAP && job->results)
                for (; from < to; ++from)
                        job->results[from] = mgr_none();
}

static void job_drop_work(struct job *job)
{
        job_leave_turn(job);
        while (job->queue) {
                struct chunk *chunk = job->queue;

                job->queue = chunk->next;
                chunk_drop(chunk);
        }
        if (job->items)
                job_answer_none(job, job->n_fed, job->n_tasks);
        job->items = NULL;
}

void job_forget(struct job *job)
{
        job_drop_work(job);
        job_unref(job);
}

void job_abandon(struct job *job)
{
        size_t n = job->n_tasks - job->n_answered;

        job_ref(job);
        job_drop_work(job);
        if (job->kind >= JOB_IMAP) {
                imap_abandon(job_imap(job));
        } else if (n) {
                job_keep_error(job, 0);
        }
        job_answer_many(job, n);
        job_look(job);
        job_unref(job);
}
