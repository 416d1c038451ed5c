/*
 * pool_imap - tasks from a source that is asked for more while results are read
 */
#include <assert.h>
#include <stdlib.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/pool/function.h"
#include "client/pool/pool_core.h"

/* Chunks for each worker that may be begun and not read yet. */
#define IMAP_WINDOW 16
/* There is room for the outcomes of a whole chunk before the source is asked for it. */
#define IMAP_MAX_CHUNK 65536

/* --- outcomes */

static struct outcome *imap_outcome(struct mgr_imap *imap, size_t i)
{
        return &imap->outcomes[i % imap->n_room];
}

/* Room for the outcomes of n more tasks. */
static int imap_reserve(struct mgr_imap *imap, size_t n)
{
        size_t n_used = imap->job.n_tasks - imap->n_read, n_room = imap->n_room ? imap->n_room : 8;
        struct outcome *outcomes;

        if (n_used + n <= imap->n_room)
                return 0;
        while (n_room < n_used + n)
                n_room *= 2;
        outcomes = calloc(n_room, sizeof(*outcomes));
        if (!outcomes)
                return error_set_status(-STATUS_NOMEM);
        for (size_t i = imap->n_read; i < imap->n_read + n_used; ++i)
                outcomes[i % n_room] = *imap_outcome(imap, i);
        free(imap->outcomes);
        imap->outcomes = outcomes;
        imap->n_room = n_room;
        return 0;
}

static void outcome_clear(struct outcome *outcome)
{
        if (outcome->kind == OUTCOME_VALUE)
                mgr_value_clear(&outcome->value);
        if (outcome->kind == OUTCOME_ERROR)
                buffer_deinit(&outcome->error);
        outcome->kind = OUTCOME_NONE;
}

void imap_answer(struct mgr_imap *imap, size_t index, mgr_value *value)
{
        struct outcome *outcome;

        if (imap->unwanted) {
                mgr_value_clear(value);
                return;
        }
        if (imap->job.kind == JOB_IMAP_UNORDERED)
                index = imap->n_arrived++;
        assert(index - imap->n_read < imap->n_room);
        outcome = imap_outcome(imap, index);
        if (value) {
                outcome->kind = OUTCOME_VALUE;
                outcome->value = *value;
                return;
        }
        outcome->kind = OUTCOME_ERROR;
        buffer_init(&outcome->error, SIZE_MAX);
        error_pack(&outcome->error);
        if (outcome->error.failed)
                buffer_deinit(&outcome->error); /* which says that there was no memory */
}

void imap_abandon(struct mgr_imap *imap)
{
        size_t n = imap->job.n_tasks - imap->job.n_answered;

        imap->exhausted = true;
        for (size_t i = imap->n_read; n; ++i)
                if (imap->unwanted || imap->job.kind == JOB_IMAP_UNORDERED ||
                    imap_outcome(imap, i)->kind == OUTCOME_NONE) {
                        imap_answer(imap, i, NULL);
                        --n;
                }
}

void imap_deinit(struct mgr_imap *imap)
{
        for (size_t i = 0; i < imap->n_room; ++i)
                outcome_clear(&imap->outcomes[i]);
        free(imap->outcomes);
        imap->outcomes = NULL;
        imap->n_room = 0;
}

/* --- the source */

/* A task that failed before it was one: the source's error, or a value that cannot be sent. */
static void imap_add_error(struct mgr_imap *imap)
{
        size_t index = imap->job.n_tasks;

        job_grow(&imap->job, 1);
        job_answer(&imap->job, index, NULL);
}

/*
 * Asks the source for one chunk, without the lock, and adds what came of it. The room is there.
 * Items are packed one by one, as they belong to the source's next call.
 */
static int imap_pull_chunk(struct mgr_imap *imap)
{
        mgr_pool *pool = imap->job.pool;
        struct chunk *chunk;
        mgr_value item;
        int r, packed = 0;

        r = chunk_new(&imap->job, &chunk);
        if (r < 0)
                return r;
        pthread_mutex_unlock(&pool->lock);
        do {
                item = mgr_none();
                error_clear();
                r = imap->source(imap->source_arg, &item);
                if (r < 0)
                        function_status(r);
                if (r > 0) {
                        packed = chunk_add(chunk, &item);
                        if (packed == 0)
                                ++chunk->n;
                        mgr_value_clear(&item);
                }
        } while (r > 0 && packed == 0 && chunk->n < imap->job.chunk_size);
        pthread_mutex_lock(&pool->lock);

        if (r <= 0)
                imap->exhausted = true;
        chunk->first = imap->job.n_tasks;
        if (imap->job.settled || !chunk->n) { /* abandoned meanwhile, or nothing came */
                chunk_drop(chunk);
        } else {
                job_grow(&imap->job, chunk->n);
                job_queue(&imap->job, chunk);
        }
        if (!imap->job.settled && (r < 0 || packed < 0))
                imap_add_error(imap);
        return 0;
}

/* As many chunks as the window has room for; `all`: as there are. 0 or an error, which is set. */
static int imap_pull(struct mgr_imap *imap, bool all)
{
        int r = 0;

        if (imap->pulling)
                return 0;
        imap->pulling = true;
        while (r == 0 && !imap->exhausted &&
               (all || imap->job.n_tasks - imap->n_read < imap->window)) {
                r = imap_reserve(imap, imap->job.chunk_size + 1);
                if (r == 0)
                        r = imap_pull_chunk(imap);
                pool_dispatch(imap->job.pool);
        }
        imap->pulling = false;
        pool_changed(imap->job.pool);
        job_look(&imap->job);
        return r;
}

void imap_pull_all(struct mgr_imap *imap)
{
        if (imap_pull(imap, true) < 0) {
                imap->exhausted = true;
                job_look(&imap->job);
        }
}

/* --- the user's */

static int imap_new(mgr_pool *pool, mgr_callable function, mgr_source *source, void *source_arg,
                    size_t chunk_size, enum job_kind kind, mgr_imap **out)
{
        struct job *job;
        mgr_imap *imap;
        int r;

        if (!out || !source)
                return error_set_status(-STATUS_ARGUMENT);
        *out = NULL;
        r = pool_enter(pool);
        if (r < 0)
                return r;
        r = pool_check_running(pool);
        if (r == 0)
                r = job_make(pool, sizeof(mgr_imap), kind, CALL_MAP, function, &job);
        if (r < 0) {
                pool_leave(pool);
                return r;
        }
        imap = job_imap(job);
        imap->source = source;
        imap->source_arg = source_arg;
        job->chunk_size = chunk_size ? chunk_size : 1;
        if (job->chunk_size > IMAP_MAX_CHUNK)
                job->chunk_size = IMAP_MAX_CHUNK;
        imap->window = job->chunk_size * IMAP_WINDOW * pool->n_workers;
        job_open(job);
        r = imap_pull(imap, false);
        if (r < 0) {
                imap->unwanted = imap->exhausted = true;
                job_look(job);
                job_unref(job);
        } else {
                *out = imap;
        }
        pool_leave(pool);
        return r;
}

int mgr_pool_imap_of(mgr_pool *pool, mgr_callable function, mgr_source *source, void *source_arg,
                     size_t chunk_size, mgr_imap **imap)
{
        return imap_new(pool, function, source, source_arg, chunk_size, JOB_IMAP, imap);
}

int mgr_pool_imap_unordered_of(mgr_pool *pool, mgr_callable function, mgr_source *source,
                               void *source_arg, size_t chunk_size, mgr_imap **imap)
{
        return imap_new(pool, function, source, source_arg, chunk_size, JOB_IMAP_UNORDERED, imap);
}

/* There is an outcome to read, or none will come, or the source can be asked. */
static bool imap_can_go_on(void *arg)
{
        mgr_imap *imap = arg;

        if (imap->n_room && imap->n_read < imap->job.n_tasks)
                return imap_outcome(imap, imap->n_read)->kind != OUTCOME_NONE;
        return !imap->pulling;
}

/* 1, or 0 at the end, or the task's error. */
static int imap_read(struct mgr_imap *imap, mgr_value *value)
{
        struct outcome *outcome;
        int r;

        if (imap->n_read == imap->job.n_tasks)
                return 0;
        outcome = imap_outcome(imap, imap->n_read++);
        if (outcome->kind == OUTCOME_VALUE) {
                outcome->kind = OUTCOME_NONE;
                *value = outcome->value;
                return 1;
        }
        if (outcome->error.size)
                r = error_set_packed(buffer_span(&outcome->error));
        else
                r = error_set_status(-STATUS_NOMEM);
        outcome_clear(outcome);
        return r;
}

int mgr_imap_next_value(mgr_imap *imap, double timeout, mgr_value *value)
{
        uint64_t deadline;
        mgr_pool *pool;
        int r;

        if (!imap || !value)
                return error_set_status(-STATUS_ARGUMENT);
        pool = imap->job.pool;
        r = pool_deadline(timeout, &deadline);
        if (r == 0)
                r = pool_enter(pool);
        if (r < 0)
                return r;
        pool_poll(pool);
        do {
                r = imap_pull(imap, false);
                if (r == 0 && pool_wait(pool, imap_can_go_on, imap, deadline) < 0)
                        r = error_set(-STATUS_TIMEOUT, "no result in time");
        } while (r == 0 && imap->n_read == imap->job.n_tasks && !imap->exhausted);
        if (r == 0)
                r = imap_read(imap, value);
        pool_leave(pool);
        return r;
}

void mgr_imap_free(mgr_imap *imap)
{
        mgr_pool *pool;

        if (!imap)
                return;
        pool = imap->job.pool;
        if (!pool_enter_to_free(pool))
                return;
        imap->unwanted = imap->exhausted = true;
        imap_deinit(imap);
        job_look(&imap->job);
        job_unref(&imap->job);
        pool_leave(pool);
}
