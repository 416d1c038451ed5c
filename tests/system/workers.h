/*
 * workers - child processes that wait at the daemon and are killed there
 *
 * Nothing sleeps: a process that waits is seen to wait at the daemon, and one that is
 * killed is reaped before its end is looked for.
 */
#pragma once

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

/* As long as any of this may take on a machine that does other things. */
#define PATIENCE 30.0

static inline pid_t start(int (*run)(void *arg), void *arg)
{
        pid_t pid = fork();

        if (pid == 0)
                _exit(run(arg));
        assert_true(pid > 0);
        return pid;
}

static inline int end_of(pid_t pid)
{
        int status;

        while (waitpid(pid, &status, 0) < 0)
                assert_int_equal(errno, EINTR);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void kill_and_reap(pid_t pid)
{
        kill(pid, SIGKILL);
        assert_int_equal(end_of(pid), -SIGKILL);
}

/* Until so many calls wait at the daemon, those of all tests of this program. */
static inline void until_waiting(int n)
{
        mgr_value waiters;
        size_t n_waiters;

        do {
                assert_done(mgr_manager_call(m, "waiters", NULL, 0, &waiters));
                n_waiters = mgr_value_len(&waiters);
                mgr_value_clear(&waiters);
        } while (n_waiters != (size_t)n);
}
