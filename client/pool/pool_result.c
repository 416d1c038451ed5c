/*
 * pool_result - jobs of one result, and of an array of them: apply, map, and AsyncResult
 */
#include <stdlib.h>

#include "client/error.h"
#include "client/pool/pool_core.h"

#define MAX_DEFAULT_CHUNK 1000

/* --- what came out */

/* The callbacks of a settled job come before its result, but for those themselves. */
static bool job_is_ready(void *arg)
{
        const struct job *job = arg;

        return job->settled && (job->called || pool_is_calling(job->pool, job));
}

/* An array's results as one list. 0 or an error, which is set. */
static int job_make_list(struct job *job)
{
        int r;

        if (job->kind != JOB_MAP || job->has_list)
                return 0;
        r = mgr_compose(MGR_KIND_LIST, job->results, job->n_tasks, &job->one);
        if (r < 0)
                return r;
        job->has_list = true;
        for (size_t i = 0; i < job->n_tasks; ++i)
                mgr_value_clear(&job->results[i]);
        free(job->results);
        job->results = NULL;
        return 0;
}

static int job_set_error(const struct job *job)
{
        if (!job->error.size)
                return error_set_status(-STATUS_NOMEM);
        return error_set_packed(buffer_span(&job->error));
}

/* Of one that is settled. */
int job_get(struct job *job, mgr_value *value)
{
        int r;

        if (job->failed)
                return job_set_error(job);
        r = job_make_list(job);
        if (r < 0 || !value)
                return r;
        return mgr_value_copy(&job->one, value);
}

/* --- submitting */

/* Values that are copied, in chunks that wait. */
static int job_queue_all(struct job *job, const mgr_value *items)
{
        while (job->n_fed < job->n_tasks) {
                size_t n = job->n_tasks - job->n_fed;
                struct chunk *chunk;
                int r;

                r = chunk_new(job, &chunk);
                if (r < 0)
                        return r;
                chunk->first = job->n_fed;
                chunk->n = n < job->chunk_size ? n : job->chunk_size;
                r = chunk_add_many(chunk, items + job->n_fed, chunk->n);
                if (r < 0) {
                        chunk_drop(chunk);
                        return r;
                }
                job->n_fed += chunk->n;
                job_queue(job, chunk);
        }
        return 0;
}

/*
 * As Python's map(): four chunks for each worker; but while one of many small tasks is run, the
 * next one can be packed and the last one's results unpacked.
 */
static size_t default_chunk_size(const mgr_pool *pool, size_t n)
{
        size_t n_chunks = pool->n_workers * 4, size = n / n_chunks + (n % n_chunks != 0);

        return size < MAX_DEFAULT_CHUNK ? size : MAX_DEFAULT_CHUNK;
}

struct submission {
        mgr_callable function;
        enum call_kind call;
        const mgr_value *items; /* of a map, or the arguments */
        size_t n;
        size_t chunk_size;
        const mgr_callbacks *callbacks;
        mgr_value *results; /* of a call that waits; NULL: the job's own array */
};

static int job_prepare_apply(struct job *job, const struct submission *s)
{
        struct chunk *chunk;
        int r;

        job->results = &job->one;
        job->n_tasks = 1;
        job->n_args = s->n;
        r = chunk_new(job, &chunk);
        if (r < 0)
                return r;
        chunk->n = 1;
        r = chunk_add_many(chunk, s->items, s->n);
        if (r < 0)
                chunk_drop(chunk);
        else
                job_queue(job, chunk);
        return r;
}

static int job_prepare_map(struct job *job, const struct submission *s)
{
        job->n_tasks = s->n;
        job->chunk_size = s->chunk_size ? s->chunk_size : default_chunk_size(job->pool, s->n);
        if (s->results) {
                job->results = s->results;
                job->borrowed = true;
                job->items = s->items;
                if (s->n)
                        job_take_turn(job);
                return 0;
        }
        job->results = calloc(s->n ? s->n : 1, sizeof(*job->results));
        if (!job->results) {
                job->n_tasks = 0;
                return error_set_status(-STATUS_NOMEM);
        }
        return job_queue_all(job, s->items);
}

/* With the lock held: a job that is under way, and a share of it. */
static int pool_submit(mgr_pool *pool, const struct submission *s, struct job **out)
{
        struct job *job;
        int r;

        if (s->n && !s->items)
                return error_set_status(-STATUS_ARGUMENT);
        r = pool_check_running(pool);
        if (r == 0)
                r = job_make(pool, sizeof(mgr_result), s->call == CALL_APPLY ? JOB_ONE : JOB_MAP,
                             s->call, s->function, &job);
        if (r < 0)
                return r;
        if (s->callbacks)
                job->callbacks = *s->callbacks;
        r = s->call == CALL_APPLY ? job_prepare_apply(job, s) : job_prepare_map(job, s);
        if (r < 0) {
                job_forget(job);
                return r;
        }
        job_open(job);
        job_look(job);
        pool_poll(pool);
        *out = job;
        return 0;
}

static int submit_async(mgr_pool *pool, const struct submission *s, mgr_result **result)
{
        struct job *job;
        int r;

        if (result)
                *result = NULL;
        r = pool_enter(pool);
        if (r < 0)
                return r;
        r = pool_submit(pool, s, &job);
        if (r == 0 && result)
                *result = (mgr_result *)(void *)job;
        else if (r == 0)
                job_unref(job);
        pool_leave(pool);
        return r;
}

/* --- calls that wait */

static int submit_and_wait(mgr_pool *pool, const struct submission *s, mgr_value *result)
{
        struct job *job;
        int r;

        r = pool_enter(pool);
        if (r < 0)
                return r;
        r = pool_submit(pool, s, &job);
        if (r == 0) {
                pool_wait(pool, job_is_ready, job, UINT64_MAX);
                if (job->failed) {
                        for (size_t i = 0; i < s->n && s->results; ++i)
                                mgr_value_clear(&s->results[i]);
                        r = job_set_error(job);
                } else if (result) {
                        *result = job->one;
                        job->one = mgr_none();
                }
                job_unref(job);
        }
        pool_leave(pool);
        return r;
}

int mgr_pool_apply_of(mgr_pool *pool, mgr_callable function, const mgr_value *args, size_t n_args,
                      mgr_value *result)
{
        const struct submission s = {
                .function = function, .call = CALL_APPLY, .items = args, .n = n_args
        };

        return submit_and_wait(pool, &s, result);
}

/* map and starmap */
static int map_and_wait(mgr_pool *pool, enum call_kind call, mgr_callable function,
                        const mgr_value *items, size_t n, size_t chunk_size, mgr_value *results)
{
        const struct submission s = {
                .function = function,
                .call = call,
                .items = items,
                .n = n,
                .chunk_size = chunk_size,
                .results = results,
        };
        int r;

        if (n && !results)
                return error_set_status(-STATUS_ARGUMENT);
        r = submit_and_wait(pool, &s, NULL);
        for (size_t i = 0; i < n && r < 0; ++i)
                results[i] = mgr_none(); /* of one that was never begun nothing was written */
        return r;
}

int mgr_pool_map_of(mgr_pool *pool, mgr_callable function, const mgr_value *items, size_t n,
                    size_t chunk_size, mgr_value *results)
{
        return map_and_wait(pool, CALL_MAP, function, items, n, chunk_size, results);
}

int mgr_pool_starmap_of(mgr_pool *pool, mgr_callable function, const mgr_value *tuples, size_t n,
                        size_t chunk_size, mgr_value *results)
{
        return map_and_wait(pool, CALL_STAR, function, tuples, n, chunk_size, results);
}

/* --- calls that do not */

int mgr_pool_apply_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *args,
                            size_t n_args, const mgr_callbacks *callbacks, mgr_result **result)
{
        const struct submission s = {
                .function = function,
                .call = CALL_APPLY,
                .items = args,
                .n = n_args,
                .callbacks = callbacks,
        };

        return submit_async(pool, &s, result);
}

static int map_async(mgr_pool *pool, enum call_kind call, mgr_callable function,
                     const mgr_value *items, size_t n, size_t chunk_size,
                     const mgr_callbacks *callbacks, mgr_result **result)
{
        const struct submission s = {
                .function = function,
                .call = call,
                .items = items,
                .n = n,
                .chunk_size = chunk_size,
                .callbacks = callbacks,
        };

        return submit_async(pool, &s, result);
}

int mgr_pool_map_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *items, size_t n,
                          size_t chunk_size, const mgr_callbacks *callbacks, mgr_result **result)
{
        return map_async(pool, CALL_MAP, function, items, n, chunk_size, callbacks, result);
}

int mgr_pool_starmap_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *tuples,
                              size_t n, size_t chunk_size, const mgr_callbacks *callbacks,
                              mgr_result **result)
{
        return map_async(pool, CALL_STAR, function, tuples, n, chunk_size, callbacks, result);
}

/* --- AsyncResult */

static int result_enter(mgr_result *result)
{
        return result ? pool_enter(result->job.pool) : error_set_status(-STATUS_ARGUMENT);
}

/* 0 and the lock is held, ready; or an error. */
static int result_enter_ready(mgr_result *result, double timeout)
{
        uint64_t deadline;
        int r;

        r = pool_deadline(timeout, &deadline);
        if (r == 0)
                r = result_enter(result);
        if (r < 0)
                return r;
        if (pool_wait(result->job.pool, job_is_ready, &result->job, deadline) == 0)
                return 0;
        pool_leave(result->job.pool);
        return error_set(-STATUS_TIMEOUT, "the result is not ready");
}

int mgr_result_get_value(mgr_result *result, double timeout, mgr_value *value)
{
        int r;

        r = result_enter_ready(result, timeout);
        if (r < 0)
                return r;
        r = job_get(&result->job, value);
        pool_leave(result->job.pool);
        return r;
}

int mgr_result_wait(mgr_result *result, double timeout)
{
        int r;

        r = result_enter_ready(result, timeout);
        if (r == 0)
                pool_leave(result->job.pool);
        return r;
}

int mgr_result_ready(mgr_result *result)
{
        int r;

        r = result_enter(result);
        if (r < 0)
                return r;
        r = pool_wait(result->job.pool, job_is_ready, &result->job, 0) == 0;
        pool_leave(result->job.pool);
        return r;
}

int mgr_result_successful(mgr_result *result)
{
        int r;

        r = mgr_result_ready(result);
        if (r < 0)
                return r;
        if (r == 0)
                return error_set(-STATUS_VALUE, "the result is not ready");
        return !result->job.failed;
}

void mgr_result_free(mgr_result *result)
{
        mgr_pool *pool;

        if (!result)
                return;
        pool = result->job.pool;
        if (!pool_enter_to_free(pool))
                return;
        job_unref(&result->job);
        pool_leave(pool);
}
