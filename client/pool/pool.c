/*
 * pool - a pool's life
 */
#include "client/manager.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/pool/pool_core.h"
#include "client/private_fd.h"
#include "proto/clock.h"

/* What was killed is gone at once, but where the kernel keeps it. */
#define POOL_FREE_PATIENCE 10.0

/* --- entering and leaving */

int pool_enter(mgr_pool *pool)
{
        int r;

        if (!pool)
                return error_set_status(-STATUS_ARGUMENT);
        r = registry_init();
        if (r < 0)
                return r;
        if (pool->image != image_number())
                return error_set(-STATUS_RUNTIME, "the pool belongs to another process");
        pthread_mutex_lock(&pool->lock);
        return 0;
}

bool pool_enter_to_free(mgr_pool *pool)
{
        if (registry_init() < 0 || pool->image != image_number())
                return false;
        pthread_mutex_lock(&pool->lock);
        return true;
}

static void pool_destroy(mgr_pool *pool)
{
        if (pool->workers)
                pool->workers->ops->free(pool->workers);
        chunk_free_spares(pool);
        buffer_deinit(&pool->broken);
        private_fd_close(pool->bell);
        private_fd_close(pool->epoll);
        pthread_cond_destroy(&pool->changed);
        pthread_mutex_destroy(&pool->lock);
        free(pool);
}

void pool_leave(mgr_pool *pool)
{
        bool is_last = pool->n_refs == 0;

        if (pool->has_loop && !is_last)
                pool_arm(pool);
        pthread_mutex_unlock(&pool->lock);
        if (is_last)
                pool_destroy(pool);
}

int pool_check_running(mgr_pool *pool)
{
        if (pool->state != POOL_RUNNING)
                return error_set(-STATUS_VALUE, "Pool not running");
        if (!pool->is_broken)
                return 0;
        if (!pool->broken.size)
                return error_set_status(-STATUS_NOMEM);
        return error_set_packed(buffer_span(&pool->broken));
}

/* --- making */

static int pool_add_fd(int fd, int *out, const char *what)
{
        int r;

        if (fd < 0)
                return error_set_errno(-STATUS_SYSTEM, what);
        r = private_fd_add(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        *out = fd;
        return 0;
}

static int pool_make_locks(mgr_pool *pool)
{
        pthread_condattr_t attributes;
        int r;

        if (pthread_mutex_init(&pool->lock, NULL) != 0)
                return error_set_status(-STATUS_NOMEM);
        r = pthread_condattr_init(&attributes);
        if (r == 0) {
                pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
                r = pthread_cond_init(&pool->changed, &attributes);
                pthread_condattr_destroy(&attributes);
        }
        if (r == 0)
                return 0;
        pthread_mutex_destroy(&pool->lock);
        return error_set_status(-STATUS_NOMEM);
}

int pool_make(mgr_pool **out, const mgr_pool_options *options)
{
        mgr_pool *pool;
        int r;

        pool = calloc(1, sizeof(*pool));
        if (!pool)
                return error_set_status(-STATUS_NOMEM);
        r = pool_make_locks(pool);
        if (r < 0) {
                free(pool);
                return r;
        }
        pool->epoll = pool->bell = -1;
        pool->image = image_number();
        pool->n_refs = 1;
        pool->n_workers = options->n_workers ? options->n_workers : (size_t)mgr_cpu_count();
        pool->max_retries = options->max_retries;
        buffer_init(&pool->broken, SIZE_MAX);
        r = pool_add_fd(epoll_create1(EPOLL_CLOEXEC), &pool->epoll, "epoll_create1");
        if (r == 0)
                r = pool_add_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), &pool->bell, "eventfd");
        if (r == 0)
                r = pool_watch(pool, pool->bell, POOL_BELL);
        if (r < 0) {
                pool_destroy(pool);
                return r;
        }
        *out = pool;
        return 0;
}

void pool_unmake(mgr_pool *pool)
{
        pool_destroy(pool);
}

int pool_read_options(const mgr_pool_options *given, mgr_pool_options *options)
{
        static const mgr_pool_options defaults = MGR_POOL_OPTIONS_INIT;

        *options = defaults;
        return arguments_read_options(options, sizeof(*options), given, "mgr_pool_options");
}

int mgr_pool_new(mgr_pool **out, const mgr_pool_options *given)
{
        mgr_pool_options options;
        mgr_pool *pool;
        int r;

        if (!out)
                return error_set_status(-STATUS_ARGUMENT);
        *out = NULL;
        r = registry_init();
        if (r == 0)
                r = pool_read_options(given, &options);
        if (r == 0)
                r = pool_make(&pool, &options);
        if (r < 0)
                return r;
        r = local_workers_new(pool, &options, &pool->workers);
        if (r < 0) {
                pool_unmake(pool);
                return r;
        }
        *out = pool;
        return 0;
}

/* --- ending */

static void pool_abandon_jobs(mgr_pool *pool)
{
        pool->workers->ops->terminate(pool->workers);
        while (pool->jobs)
                job_abandon(pool->jobs);
}

void pool_break(mgr_pool *pool)
{
        if (pool->is_broken)
                return;
        pool->is_broken = true;
        error_pack(&pool->broken);
        if (pool->broken.failed)
                buffer_truncate(&pool->broken, 0); /* which says that there was no memory */
        pool_abandon_jobs(pool);
        pool_changed(pool);
}

/* With the lock held. */
static void pool_terminate(mgr_pool *pool)
{
        if (pool->state == POOL_TERMINATED)
                return;
        pool->state = POOL_TERMINATED;
        error_set(-STATUS_CANCELLED, "Pool was terminated");
        pool_abandon_jobs(pool);
        pool_changed(pool);
}

int mgr_pool_close(mgr_pool *pool)
{
        int r;

        r = pool_enter(pool);
        if (r < 0)
                return r;
        if (pool->state == POOL_RUNNING) {
                pool->state = POOL_CLOSED;
                pool->workers->ops->close(pool->workers);
                pool_changed(pool);
        }
        pool_leave(pool);
        return 0;
}

int mgr_pool_terminate(mgr_pool *pool)
{
        int r;

        r = pool_enter(pool);
        if (r < 0)
                return r;
        pool_terminate(pool);
        pool_leave(pool);
        return 0;
}

/* Callbacks that join their own pool would wait for themselves. */
static bool pool_is_over(void *arg)
{
        mgr_pool *pool = arg;
        const struct calling *calling;

        if (pool->jobs || pool->done || !pool->workers->ops->ended(pool->workers))
                return false;
        for (calling = pool->calling; calling; calling = calling->next)
                if (!pthread_equal(calling->thread, pthread_self()))
                        return false;
        return true;
}

/* Whatever sources still have is work that was promised; nobody else will ask them now. */
static void pool_pull_all(mgr_pool *pool)
{
        struct job *job = pool->jobs;

        while (job) {
                if (job->kind >= JOB_IMAP && !job_imap(job)->exhausted && !job_imap(job)->pulling) {
                        job_ref(job);
                        imap_pull_all(job_imap(job));
                        job_unref(job);
                        job = pool->jobs; /* the lock was let go */
                } else {
                        job = job->next;
                }
        }
}

int mgr_pool_join(mgr_pool *pool, double timeout)
{
        uint64_t deadline;
        int r;

        r = pool_deadline(timeout, &deadline);
        if (r == 0)
                r = pool_enter(pool);
        if (r < 0)
                return r;
        if (pool->state == POOL_RUNNING) {
                r = error_set(-STATUS_VALUE, "Pool is still running");
        } else {
                pool_pull_all(pool);
                if (pool_wait(pool, pool_is_over, pool, deadline) < 0)
                        r = error_set(-STATUS_TIMEOUT, "the pool still works");
        }
        pool_leave(pool);
        return r;
}

static bool pool_has_ended(void *arg)
{
        mgr_pool *pool = arg;

        return pool->workers->ops->ended(pool->workers);
}

void mgr_pool_free(mgr_pool *pool)
{
        if (!pool)
                return;
        if (!pool_enter_to_free(pool))
                return;
        pool_terminate(pool);
        while (pool->done)
                job_skip_callbacks(pool->done);
        pool_wait(pool, pool_has_ended, pool, clock_after(POOL_FREE_PATIENCE));
        pool->has_loop = false;
        --pool->n_refs;
        pool_leave(pool);
}
