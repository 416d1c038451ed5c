/*
 * lock_workers - forked processes that do what they are told, and are killed at the worst moment
 */
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/client.h"

static inline double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct worker {
        pid_t pid;
        int says, hears; /* pipes, by a byte at a time */
};

/* In the worker: where it has got to, and the word to go on. */
static int worker_says, worker_hears;

static inline void say(char word)
{
        if (write(worker_says, &word, 1) != 1)
                _exit(98);
}

static inline char hear(void)
{
        char word;

        return read(worker_hears, &word, 1) == 1 ? word : 0;
}

/* Ends with what `work` returns. */
static inline struct worker start_worker(int (*work)(void *arg), void *arg)
{
        struct worker worker;
        int up[2], down[2];

        assert_int_equal(pipe(up) | pipe(down), 0);
        worker.pid = fork();
        assert_true(worker.pid >= 0);
        if (worker.pid == 0) {
                close(up[0]);
                close(down[1]);
                worker_says = up[1];
                worker_hears = down[0];
                _exit(work(arg));
        }
        close(up[1]);
        close(down[0]);
        worker.says = up[0];
        worker.hears = down[1];
        return worker;
}

#define assert_worker_says(worker, word) assert_int_equal(hear_worker(worker), word)
static inline char hear_worker(const struct worker *worker)
{
        char word;

        return read(worker->says, &word, 1) == 1 ? word : 0;
}

static inline void tell_worker(const struct worker *worker)
{
        assert_int_equal(write(worker->hears, "g", 1), 1);
}

static inline int end_worker(struct worker *worker)
{
        int status;

        assert_int_equal(waitpid(worker->pid, &status, 0), worker->pid);
        close(worker->says);
        close(worker->hears);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void kill_worker(struct worker *worker)
{
        kill(worker->pid, SIGKILL);
        assert_int_equal(end_worker(worker), -SIGKILL);
}

/* Whoever is to wait does: the daemon has so many calls parked. */
static inline void await_parked(mgr_manager *of, int64_t n)
{
        double begin = now();

        for (;;) {
                mgr_value stats, key = mgr_str("calls_parked"), parked;

                assert_done(mgr_manager_call(of, "stats", NULL, 0, &stats));
                assert_done(mgr_value_find(&stats, &key, &parked));
                mgr_value_clear(&stats);
                if (parked.as.integer == n)
                        return;
                assert_true(now() - begin < 20);
        }
}
