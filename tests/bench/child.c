/*
 * child - processes that end with the benchmark, however it ends
 */
#include "tests/bench/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t child_fork(void)
{
        pid_t parent = getpid(), pid = fork();
        sigset_t none;

        if (pid)
                return pid;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(EXIT_FAILURE); /* it died before the line above */
        return 0;
}

void child_stop(pid_t pid)
{
        const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };

        if (pid <= 0)
                return;
        kill(pid, SIGTERM);
        for (int i = 0; i < 400; ++i) {
                if (waitpid(pid, NULL, WNOHANG) == pid)
                        return;
                nanosleep(&pause, NULL);
        }
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}

void child_exec(const char *const argv[], int in, int out)
{
        char *args[32];
        size_t n = 0;

        for (; argv[n] && n + 1 < sizeof(args) / sizeof(args[0]); ++n)
                args[n] = strdup(argv[n]);
        args[n] = NULL;

        if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
                return;
        execvp(args[0], args);
}
