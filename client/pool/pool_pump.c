/*
 * pool_pump - waiting, which is when a pool does its work
 *
 * One thread at a time pumps: it looks what the workers have done, gives them more, runs
 * callbacks, and sleeps until they are heard of. Others that wait sleep until the one that pumps
 * says that something happened, or leaves the pump to them.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/pool/pool_core.h"
#include "proto/clock.h"

#define POOL_N_HEARD 32  /* descriptors to be told of at once */
#define MAX_MESSAGE  640 /* longer than any of mgr_errmsg() */

int pool_deadline(double timeout, uint64_t *deadline)
{
        int r = arguments_check_timeout(timeout);

        if (r < 0)
                return r;
        *deadline = timeout > 0 ? clock_after(timeout) : 0;
        return 0;
}

int pool_watch(mgr_pool *pool, int fd, uint64_t tag)
{
        struct epoll_event event = { .events = EPOLLIN, .data.u64 = tag };

        if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
                return error_set_errno(-STATUS_SYSTEM, "epoll_ctl");
        return 0;
}

void pool_unwatch(mgr_pool *pool, int fd)
{
        struct epoll_event event = { .events = 0 };

        epoll_ctl(pool->epoll, EPOLL_CTL_DEL, fd, &event);
}

static void pool_ring(mgr_pool *pool)
{
        const uint64_t one = 1;

        if (pool->rung)
                return;
        while (write(pool->bell, &one, sizeof(one)) < 0 && (errno == EINTR || errno == EAGAIN))
                ;
        pool->rung = true;
}

static void pool_hear(mgr_pool *pool)
{
        uint64_t number;

        if (!pool->rung)
                return;
        while (read(pool->bell, &number, sizeof(number)) < 0 && (errno == EINTR || errno == EAGAIN))
                ;
        pool->rung = false;
}

void pool_changed(mgr_pool *pool)
{
        if (pool->n_waiting)
                pthread_cond_broadcast(&pool->changed);
        if (pool->pumping)
                pool_ring(pool);
}

/* Whoever sleeps at the descriptor outside of here must hear of all that comes from now on. */
void pool_arm(mgr_pool *pool)
{
        if (pool->pumping)
                return;
        pool_hear(pool);
        while (!pool->workers->ops->arm(pool->workers))
                pool_poll(pool);
        /* a deadline is rare and short: it is better to be asked too often than not at all */
        if (pool->done || pool->workers->ops->deadline(pool->workers) != CLOCK_FOREVER)
                pool_ring(pool);
}

bool pool_is_calling(const mgr_pool *pool, const struct job *job)
{
        for (const struct calling *calling = pool->calling; calling; calling = calling->next)
                if (pthread_equal(calling->thread, pthread_self()) && (!job || calling->job == job))
                        return true;
        return false;
}

/* --- work */

void pool_dispatch(mgr_pool *pool)
{
        struct workers *w = pool->workers;
        struct chunk *chunk;

        while (pool->first && !pool->is_broken && w->ops->wants(w)) {
                chunk = pool_next_chunk(pool);
                if (chunk && w->ops->submit(w, chunk) < 0)
                        chunk_fail(chunk);
        }
}

void pool_poll(mgr_pool *pool)
{
        struct workers *w = pool->workers;

        do {
                w->ops->pump(w);
                pool_dispatch(pool);
                /* another thread sleeps: it must hear what comes next */
        } while (pool->pumping && !w->ops->arm(w));
}

/* --- callbacks */

/* What a settled job comes to, to its callback: without the lock, but for finding out. */
static void job_call(struct job *job)
{
        mgr_pool *pool = job->pool;
        char message[MAX_MESSAGE];
        mgr_value value;
        int r;

        r = job_get(job, &value);
        pthread_mutex_unlock(&pool->lock);
        if (r == 0) {
                if (job->callbacks.done)
                        job->callbacks.done(job->callbacks.arg, &value);
                mgr_value_clear(&value);
        } else if (job->callbacks.failed) {
                snprintf(message, sizeof(message), "%s", mgr_errmsg());
                job->callbacks.failed(job->callbacks.arg, r, message);
        }
        pthread_mutex_lock(&pool->lock);
}

/* The first of those that wait for their callbacks. */
static void pool_take_done(mgr_pool *pool)
{
        pool->done = pool->done->next_turn;
        if (!pool->done)
                pool->done_last = NULL;
}

static void job_was_called(struct job *job)
{
        job->called = true;
        ++job->pool->n_events;
        pool_changed(job->pool);
        job_unref(job);
}

void job_skip_callbacks(struct job *job)
{
        pool_take_done(job->pool);
        job_was_called(job);
}

/* One callback of a job that was settled. Whether there was one. */
static bool pool_call_one(mgr_pool *pool)
{
        struct job *job = pool->done;
        struct calling calling, **at;

        if (!job)
                return false;
        pool_take_done(pool);
        calling = (struct calling){ pool->calling, pthread_self(), job };
        pool->calling = &calling;
        job_call(job);
        for (at = &pool->calling; *at != &calling; at = &(*at)->next)
                ;
        *at = calling.next;
        job_was_called(job);
        return true;
}

/* --- waiting */

static void pool_sleep_for_changes(mgr_pool *pool, uint64_t deadline)
{
        struct timespec until = {
                .tv_sec = (time_t)(deadline / CLOCK_SECOND),
                .tv_nsec = (long)(deadline % CLOCK_SECOND),
        };

        ++pool->n_waiting;
        if (deadline == CLOCK_FOREVER)
                pthread_cond_wait(&pool->changed, &pool->lock);
        else
                pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
        --pool->n_waiting;
}

/* In milliseconds, rounded up: who wakes too early would only have to sleep again. */
static int milliseconds_until(uint64_t deadline)
{
        uint64_t now, left;

        if (deadline == CLOCK_FOREVER)
                return -1;
        if (deadline == 0)
                return 0;
        now = clock_now();
        if (deadline <= now)
                return 0;
        left = (deadline - now + 999999) / 1000000;
        return left < 1000000000 ? (int)left : 1000000000;
}

/* Without the lock, as the thread that pumps. What is ready is found by looking. */
static void pool_sleep_for_workers(mgr_pool *pool, uint64_t deadline)
{
        struct workers *w = pool->workers;
        uint64_t theirs = w->ops->deadline(w);
        struct epoll_event events[POOL_N_HEARD];
        int n;

        /* even where nobody need sleep: who has ended is told in no other way */
        if (!w->ops->arm(w))
                deadline = 0;
        pthread_mutex_unlock(&pool->lock);
        n = epoll_wait(pool->epoll, events, POOL_N_HEARD,
                       milliseconds_until(theirs < deadline ? theirs : deadline));
        pthread_mutex_lock(&pool->lock);
        for (int i = 0; i < n; ++i)
                if (events[i].data.u64 != POOL_BELL && w->ops->heard)
                        w->ops->heard(w, events[i].data.u64);
}

int pool_wait(mgr_pool *pool, pool_question *is_done, void *arg, uint64_t deadline)
{
        bool timed_out = false;

        pool_poll(pool);
        for (;;) {
                if (pool_call_one(pool)) {
                        pool_poll(pool);
                        continue;
                }
                if (is_done(arg))
                        return 0;
                if (timed_out)
                        return -STATUS_TIMEOUT;
                if (pool->pumping) {
                        pool_sleep_for_changes(pool, deadline);
                } else {
                        pool->pumping = true;
                        pool_sleep_for_workers(pool, deadline);
                        pool->pumping = false;
                        pool_hear(pool);
                        pool_poll(pool);
                        pool_changed(pool); /* somebody else may have to pump */
                }
                timed_out = deadline != CLOCK_FOREVER && clock_now() >= deadline;
        }
}

/* --- the user's */

struct pump {
        const mgr_pool *pool;
        uint64_t n_events;
};

static bool pump_has_done_something(void *arg)
{
        const struct pump *pump = arg;

        return pump->pool->n_events != pump->n_events;
}

int mgr_pool_pump(mgr_pool *pool, double timeout)
{
        struct pump pump = { .pool = pool };
        uint64_t deadline;
        int r;

        r = pool_deadline(timeout, &deadline);
        if (r == 0)
                r = pool_enter(pool);
        if (r < 0)
                return r;
        pump.n_events = pool->n_events;
        r = pool_wait(pool, pump_has_done_something, &pump, deadline) == 0;
        pool_leave(pool);
        return r;
}

int mgr_pool_fd(mgr_pool *pool)
{
        int r;

        r = pool_enter(pool);
        if (r < 0)
                return r;
        pool->has_loop = true;
        r = pool->epoll;
        pool_leave(pool);
        return r;
}
