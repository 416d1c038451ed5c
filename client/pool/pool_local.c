/*
 * pool_local - workers that are forked from here
 *
 * Each has a lane of its own (see pool_lane.h) and its own line of chunks, so that one that dies
 * takes nothing with it but the task that it runs. A line holds a second chunk behind the one
 * that is run, and more where they are done quickly; a worker without any is given what waits in
 * another's line.
 */
#include "client/pool/pool_local.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/error.h"
#include "client/pool/pool_core.h"
#include "proto/clock.h"

/* Deaths in a row, of workers that had done nothing, after which there is no sense in more. */
#define MAX_FAILURES(n_workers) (6 + 2 * (n_workers))
#define SHORT_LIFE              (CLOCK_SECOND / 20)
#define RESTART_PAUSE           (CLOCK_SECOND / 20) /* where no process could be started */

#define TAG_SENTINEL 1u /* 2 * worker + 1; its socket is 2 * worker */

/* --- processes */

static int forked_watch(struct local *local, struct forked *worker)
{
        mgr_pool *pool = local->workers.pool;
        uint64_t tag = 2 * (uint64_t)(worker - local->forked);
        int r;

        r = pool_watch(pool, worker->lane.fd, tag);
        if (r < 0)
                return r;
        r = pool_watch(pool, mgr_process_sentinel(worker->process), tag | TAG_SENTINEL);
        if (r < 0)
                pool_unwatch(pool, worker->lane.fd);
        return r;
}

static void forked_end(struct forked *worker)
{
        if (worker->process) {
                mgr_process_kill(worker->process);
                mgr_process_join(worker->process, MGR_FOREVER);
                mgr_process_free(worker->process);
        }
        worker->process = NULL;
        lane_deinit(&worker->lane);
        buffer_deinit(&worker->out);
        buffer_deinit(&worker->in);
}

static int forked_start(struct local *local, struct forked *worker)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        struct worker_task task = {
                .initializer = local->initializer,
                .initializer_arg = local->initializer_arg,
                .max_chunks = local->max_chunks,
        };
        char name[48];
        int r;

        snprintf(name, sizeof(name), "ForkPoolWorker-%zu", local->n_started + 1);
        options.name = name;
        options.daemon = 1;
        *worker = (struct forked){ .depth = DEPTH_SLOW, .lane.fd = -1 };
        buffer_init(&worker->out, SIZE_MAX);
        buffer_init(&worker->in, SIZE_MAX);
        r = lane_init(&worker->lane, &task.fd);
        if (r < 0)
                return r;
        task.lane = worker->lane;
        r = mgr_process_start(&worker->process, worker_run, &task, &options);
        close(task.fd);
        lane_keep_private(&worker->lane);
        if (r == 0)
                r = forked_watch(local, worker);
        if (r < 0) {
                forked_end(worker);
                return r;
        }
        ++local->n_started;
        worker->since = worker->born = clock_now();
        return 0;
}

void forked_kill(struct forked *worker, const char *why)
{
        if (worker->is_killed)
                return;
        worker->is_killed = true;
        worker->why = why;
        mgr_process_kill(worker->process);
}

/* How it ended, as this thread's last error. */
static void set_how_it_ended(const struct forked *worker)
{
        int pid = mgr_process_pid(worker->process), code = 0;

        if (worker->was_no_memory) {
                error_set_status(-STATUS_NOMEM);
                return;
        }
        if (worker->why) {
                error_set(-STATUS_WORKER_LOST, "worker with pid %d was ended: %s", pid,
                          worker->why);
                return;
        }
        if (mgr_process_exitcode(worker->process, &code) != 1)
                error_set(-STATUS_WORKER_LOST, "worker with pid %d ended", pid);
        else if (code < 0)
                error_set(-STATUS_WORKER_LOST, "worker with pid %d was killed by signal %d (%s)",
                          pid, -code, sigdescr_np(-code) ? sigdescr_np(-code) : "unknown");
        else
                error_set(-STATUS_WORKER_LOST, "worker with pid %d ended with exit code %d", pid,
                          code);
}

/* What it was given and has not answered. The error says how it ended. */
static void forked_give_up_line(struct forked *worker, uint64_t n_begun)
{
        struct chunk *first = line_take_first(worker), *returned = NULL, *chunk;

        while ((chunk = line_take_first(worker))) {
                chunk->next = returned;
                returned = chunk;
        }
        while (returned) {
                chunk = returned;
                returned = chunk->next;
                chunk_return(chunk);
        }
        if (first)
                chunk_lost(first, first->n_done + (size_t)(n_begun - worker->n_answered));
}

/* It had begun nothing; but one that had nothing to begin may have been killed by somebody. */
static void local_count_failure(struct local *local, const struct forked *worker, bool was_ready,
                                uint64_t n_begun)
{
        bool was_idle = was_ready && !worker->line;

        if (n_begun || local->is_over)
                return;
        if (was_idle && clock_now() - worker->born > SHORT_LIFE)
                return;
        ++local->n_failures;
}

/* A worker that has ended: nothing that it had done or not begun is lost. */
static void forked_bury(struct local *local, struct forked *worker)
{
        mgr_pool *pool = local->workers.pool;
        uint64_t n_begun;
        bool was_ready;

        if (!worker->why)
                forked_read(local, worker, true);
        n_begun = atomic_load(&worker->lane.memory->n_begun);
        if (n_begun < worker->n_answered)
                n_begun = worker->n_answered;
        was_ready = atomic_load(&worker->lane.memory->is_ready);
        local_count_failure(local, worker, was_ready, n_begun);
        set_how_it_ended(worker);
        if (local->n_failures >= MAX_FAILURES(local->n))
                local->gives_up = true;
        if (local->gives_up && !pool->is_broken)
                error_set(-STATUS_WORKER_LOST,
                          "the pool gives up: %zu workers in a row ended before they had begun a "
                          "task (does its initializer fail?): %s",
                          local->n_failures, mgr_errmsg());
        forked_give_up_line(worker, n_begun);
        if (local->gives_up)
                pool_break(pool);
        pool_unwatch(pool, worker->lane.fd);
        pool_unwatch(pool, mgr_process_sentinel(worker->process));
        forked_end(worker);
        pool_changed(pool);
}

/* --- the vtable */

static void local_heard(struct workers *workers, uint64_t tag)
{
        struct local *local = local_of(workers);
        struct forked *worker = &local->forked[tag / 2];

        if (!worker->process)
                return;
        if (tag & TAG_SENTINEL)
                worker->may_have_ended = true;
        else if (!lane_hear(&worker->lane)) {
                /* it ends, or has closed what is ours: neither can go on */
                pool_unwatch(local->workers.pool, worker->lane.fd);
                mgr_process_kill(worker->process);
                worker->is_killed = true;
        }
}

/* Idle ones read the end of their socket, and end. */
static void local_let_go(struct local *local)
{
        for (size_t i = 0; i < local->n; ++i)
                if (local->forked[i].process)
                        lane_say_end(&local->forked[i].lane);
}

static bool local_has_worker(const struct local *local)
{
        for (size_t i = 0; i < local->n; ++i)
                if (local->forked[i].process)
                        return true;
        return false;
}

/* Where none can be started, those that there are do the work meanwhile. */
static void local_restart(struct local *local)
{
        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                if (worker->process || local->restart_at > clock_now())
                        continue;
                if (forked_start(local, worker) == 0) {
                        local->restart_at = 0;
                        continue;
                }
                local->restart_at = clock_now() + RESTART_PAUSE;
                pool_changed(local->workers.pool); /* whoever sleeps has another deadline now */
                if (!local_has_worker(local) && ++local->n_failures >= MAX_FAILURES(local->n)) {
                        local->gives_up = true;
                        pool_break(local->workers.pool);
                }
        }
}

static bool local_needs_restart(const struct local *local)
{
        if (local->is_over || local->gives_up)
                return false;
        for (size_t i = 0; i < local->n; ++i)
                if (!local->forked[i].process)
                        return true;
        return false;
}

static void local_pump(struct workers *workers)
{
        struct local *local = local_of(workers);

        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                if (!worker->process)
                        continue;
                if (!worker->is_killed) {
                        lane_disarm(&worker->lane);
                        forked_read(local, worker, false);
                        forked_flush(worker);
                }
                if (worker->may_have_ended && !mgr_process_is_alive(worker->process))
                        forked_bury(local, worker);
        }
        if (local->is_closed && !local->is_over && !local->workers.pool->jobs) {
                local->is_over = true;
                local_let_go(local);
        }
        if (local_needs_restart(local))
                local_restart(local);
        local_even_out(local);
}

static bool local_arm(struct workers *workers)
{
        struct local *local = local_of(workers);

        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                if (worker->process && !worker->is_killed && !forked_arm(worker))
                        return false;
        }
        return true;
}

static uint64_t local_deadline(struct workers *workers)
{
        const struct local *local = local_of(workers);

        return local_needs_restart(local) ? local->restart_at : CLOCK_FOREVER;
}

static void local_close(struct workers *workers)
{
        local_of(workers)->is_closed = true;
}

static void local_terminate(struct workers *workers)
{
        struct local *local = local_of(workers);

        local->is_over = true;
        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                if (!worker->process)
                        continue;
                line_drop(worker);
                forked_kill(worker, "terminated");
        }
}

static bool local_ended(struct workers *workers)
{
        const struct local *local = local_of(workers);

        return !local_has_worker(local) && (local->is_over || local->gives_up);
}

static void local_free(struct workers *workers)
{
        struct local *local = local_of(workers);

        for (size_t i = 0; i < local->n; ++i) {
                line_drop(&local->forked[i]);
                if (local->forked[i].process)
                        forked_end(&local->forked[i]);
        }
        scanner_deinit(&local->scanner);
        free(local->forked);
        free(local);
}

static const struct workers_ops local_ops = {
        .wants = local_wants,
        .submit = local_submit,
        .pump = local_pump,
        .heard = local_heard,
        .arm = local_arm,
        .deadline = local_deadline,
        .close = local_close,
        .terminate = local_terminate,
        .ended = local_ended,
        .free = local_free,
};

int local_workers_new(mgr_pool *pool, const mgr_pool_options *options, struct workers **out)
{
        struct local *local;
        int r = 0;

        local = calloc(1, sizeof(*local));
        if (local)
                local->forked = calloc(pool->n_workers, sizeof(*local->forked));
        if (!local || !local->forked) {
                free(local);
                return error_set_status(-STATUS_NOMEM);
        }
        local->workers = (struct workers){ &local_ops, pool };
        local->initializer = options->initializer;
        local->initializer_arg = options->initializer_arg;
        local->max_chunks = options->max_tasks_per_child;
        scanner_init(&local->scanner, SCAN_MAX_DEPTH);
        while (local->n < pool->n_workers && r == 0) {
                r = forked_start(local, &local->forked[local->n]);
                local->n += r == 0;
        }
        if (r < 0) {
                local_free(&local->workers);
                return r;
        }
        *out = &local->workers;
        return 0;
}
