/*
 * run - one contender, one work, a fixed time
 *
 * Workers are processes. Each reports that it is connected by a byte in one
 * pipe and is released when another pipe is closed, all at the same moment; an
 * end of file instead of the bytes tells that a worker died on its way. What a
 * worker found out it leaves in its lane, memory shared with the harness, once
 * it is done: while it measures it touches nothing that others touch.
 */

#include "tests/bench/run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/child.h"

#define NS_PER_SECOND 1000000000u

/* How long connecting, and ending after the time, may take before a worker is stuck. */
#define RUN_PATIENCE_SECONDS 20

struct lane {
        uint64_t n_calls;
        struct histogram latency;
};

struct run {
        const struct contender *contender;
        void *server;
        const struct work *work;
        const struct workload *workload;
        struct lane *lanes; /* shared with the workers, one each */
        uint64_t *deadline; /* shared, written before the workers are released */
        size_t shared_size;
        pid_t pids[BENCH_MAX_WORKERS]; /* 0 where collected */
        unsigned n_forked;
        int ready[2]; /* worker: "connected" */
        int go[2];    /* nothing is written: the end of file is the message */
};

uint64_t clock_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* The loop that everything is measured with. */
static int worker_measure(const struct run *run, unsigned worker, void *client, struct lane *lane)
{
        const struct contender *contender = run->contender;
        size_t n = run->work->batch ? run->work->batch : 1;
        uint64_t deadline = *run->deadline, before, after;
        struct call calls[BENCH_MAX_BATCH];
        struct draw draw;
        int r;

        draw_init(&draw, worker);
        for (before = clock_now();; before = after) {
                for (size_t i = 0; i < n; ++i)
                        draw_call(&draw, run->workload, &calls[i]);

                if (run->work->batch)
                        r = contender->batch(client, calls, n);
                else
                        r = contender->call(client, calls);
                if (r < 0)
                        return r;

                after = clock_now();
                histogram_add(&lane->latency, after - before, 1);
                if (after > deadline)
                        return 0;
                lane->n_calls += n;
        }
}

static int worker_main(struct run *run, unsigned worker)
{
        struct lane lane = {};
        void *client;
        char byte = 0;
        int r;

        close(run->go[1]);
        r = run->contender->open(run->server, worker, &client);
        if (r < 0)
                return r;
        if (write(run->ready[1], &byte, 1) != 1)
                return -1;
        close(run->ready[1]);
        if (read(run->go[0], &byte, 1) != 0)
                return -1;

        r = worker_measure(run, worker, client, &lane);
        run->contender->close(client);
        if (r < 0)
                return r;
        memcpy(&run->lanes[worker], &lane, sizeof(lane));
        return 0;
}

static int run_init(struct run *run)
{
        size_t size = sizeof(struct lane) * run->work->n_workers;
        void *shared;

        if (pipe2(run->ready, O_CLOEXEC) < 0)
                return -1;
        if (pipe2(run->go, O_CLOEXEC) < 0)
                return -1;

        run->shared_size = size + sizeof(*run->deadline);
        shared = mmap(NULL, run->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                      -1, 0);
        if (shared == MAP_FAILED)
                return -1;
        run->lanes = shared;
        run->deadline = (uint64_t *)(void *)((char *)shared + size);
        return 0;
}

static void run_close(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void run_deinit(struct run *run)
{
        for (unsigned i = 0; i < run->n_forked; ++i) {
                if (!run->pids[i])
                        continue;
                kill(run->pids[i], SIGKILL);
                waitpid(run->pids[i], NULL, 0);
        }
        for (int i = 0; i < 2; ++i) {
                run_close(&run->ready[i]);
                run_close(&run->go[i]);
        }
        if (run->lanes)
                munmap(run->lanes, run->shared_size);
}

static int run_fork(struct run *run)
{
        for (unsigned i = 0; i < run->work->n_workers; ++i) {
                pid_t pid = child_fork();

                if (pid < 0)
                        return -1;
                if (!pid)
                        _exit(worker_main(run, i) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
                run->pids[run->n_forked++] = pid;
        }
        run_close(&run->ready[1]);
        run_close(&run->go[0]);
        return 0;
}

/* Wait until every worker is connected. */
static int run_gather(struct run *run)
{
        unsigned n = 0;

        while (n < run->work->n_workers) {
                struct pollfd poller = { .fd = run->ready[0], .events = POLLIN };
                char bytes[BENCH_MAX_WORKERS];
                ssize_t r;

                if (poll(&poller, 1, RUN_PATIENCE_SECONDS * 1000) <= 0)
                        return -1;
                r = read(run->ready[0], bytes, sizeof(bytes));
                if (r <= 0)
                        return -1;
                n += (unsigned)r;
        }
        return 0;
}

/* Collect whichever workers have ended; how many are left, negative if one had failed. */
static int run_collect(struct run *run)
{
        int n_left = 0;

        for (unsigned i = 0; i < run->n_forked; ++i) {
                int status;

                if (!run->pids[i])
                        continue;
                if (waitpid(run->pids[i], &status, WNOHANG) != run->pids[i]) {
                        ++n_left;
                        continue;
                }
                run->pids[i] = 0;
                if (status)
                        return -1;
        }
        return n_left;
}

static int run_wait(struct run *run, double seconds)
{
        uint64_t limit = clock_now() + (uint64_t)((seconds + RUN_PATIENCE_SECONDS) * NS_PER_SECOND);
        const struct timespec second = { .tv_sec = 1 };
        sigset_t signals;
        int n_left;

        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGCHLD);

        while ((n_left = run_collect(run)) > 0) {
                int signal = sigtimedwait(&signals, NULL, &second);

                if (signal == SIGINT || signal == SIGTERM)
                        return RUN_INTERRUPTED;
                if (clock_now() > limit) {
                        fprintf(stderr, "bench: %s: a worker is stuck\n", run->contender->name);
                        return -1;
                }
        }
        return n_left;
}

static int run_forked(struct run *run, double seconds, struct outcome *out)
{
        int r;

        if (run_init(run) < 0 || run_fork(run) < 0 || run_gather(run) < 0)
                return -1;

        *run->deadline = clock_now() + (uint64_t)(seconds * NS_PER_SECOND);
        run_close(&run->go[1]);
        r = run_wait(run, seconds);
        if (r)
                return r;

        out->seconds = seconds;
        for (unsigned i = 0; i < run->n_forked; ++i) {
                out->n_calls += run->lanes[i].n_calls;
                histogram_merge(&out->latency, &run->lanes[i].latency);
        }
        return 0;
}

int run_once(const struct contender *contender, void *server, const struct work *work,
             const struct workload *workload, double seconds, struct outcome *out)
{
        struct run run = {
                .contender = contender,
                .server = server,
                .work = work,
                .workload = workload,
                .ready = { -1, -1 },
                .go = { -1, -1 },
        };
        int r;

        *out = (struct outcome){};
        if (contender->begin) {
                r = contender->begin(server, work->n_workers);
                if (r < 0)
                        return r;
        }

        if (work->n_tasks) {
                r = contender->map(server, work, seconds, out);
        } else if (contender->whole) {
                r = contender->whole(server, work, seconds, out);
        } else {
                r = run_forked(&run, seconds, out);
                run_deinit(&run);
        }

        if (contender->end)
                contender->end(server);
        return r;
}

static int fill_main(const struct contender *contender, void *server,
                     const struct workload *workload)
{
        struct call call;
        void *client;
        int r;

        r = contender->open(server, 0, &client);
        for (unsigned n = 0; r >= 0 && n < WORKLOAD_KEYS; ++n) {
                workload_call(workload, CALL_SET, n, &call);
                r = contender->call(client, &call);
        }
        return r;
}

int run_fill(const struct contender *contender, void *server, const struct workload *workload)
{
        int status = 0;
        pid_t pid;

        if (contender->whole)
                return 0;
        if (contender->begin && contender->begin(server, 1) < 0)
                return -1;

        pid = child_fork();
        if (!pid)
                _exit(fill_main(contender, server, workload) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                status = -1;

        if (contender->end)
                contender->end(server);
        return status ? -1 : 0;
}
