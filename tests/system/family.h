/*
 * family - what the tests of processes have in common
 *
 * A child checks for itself: an assertion of cmocka would run the rest of the tests twice.
 */
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "tests/system/workers.h"

/* What a child ends with whose check has failed. */
#define CHECK_FAILED 99

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__,            \
                                #condition, mgr_errmsg());                                         \
                        _exit(CHECK_FAILED);                                                       \
                }                                                                                  \
        } while (0)

static inline bool fails_with(int r, int error, const char *message)
{
        return r == error && strcmp(mgr_errmsg(), message) == 0;
}

static inline int hang(void *arg)
{
        (void)arg;
        for (;;)
                pause();
        return 0;
}

static inline int return_at_once(void *arg)
{
        return arg ? *(int *)arg : 0;
}

static inline mgr_process *begin(mgr_target *target, void *arg)
{
        mgr_process *p;

        assert_done(mgr_process_start(&p, target, arg, NULL));
        return p;
}

static inline mgr_process *begin_daemon(mgr_target *target, void *arg)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        mgr_process *p;

        options.daemon = 1;
        assert_done(mgr_process_start(&p, target, arg, &options));
        return p;
}

static inline void check_ends(mgr_process *p, int expected, const char *file, int line)
{
        int code = 1000, r;

        check_return(mgr_process_join(p, PATIENCE), 0, "join", file, line);
        r = mgr_process_exitcode(p, &code);
        check_return(r, 1, "exitcode", file, line);
        if (code != expected) {
                print_error("it ended with %d, not %d\n", code, expected);
                _fail(file, line);
        }
        check_return(mgr_process_is_alive(p), 0, "is_alive", file, line);
        mgr_process_free(p);
}

/* It ends like this. The handle is given back. */
#define assert_ends(p, code) check_ends(p, code, __FILE__, __LINE__)

static inline void end_by_kill(mgr_process *p)
{
        assert_done(mgr_process_kill(p));
        assert_ends(p, -SIGKILL);
}

/* A pipe by which one process waits for another. */
struct gate {
        int fds[2];
};

static inline struct gate gate_new(void)
{
        struct gate gate;

        assert_int_equal(pipe2(gate.fds, O_CLOEXEC), 0);
        return gate;
}

static inline void gate_free(struct gate *gate)
{
        close(gate->fds[0]);
        close(gate->fds[1]);
}

static inline void gate_say(const struct gate *gate, const void *what, size_t n)
{
        if (write(gate->fds[1], what, n) != (ssize_t)n)
                abort();
}

static inline void gate_hear(const struct gate *gate, void *what, size_t n)
{
        ssize_t r;

        do
                r = read(gate->fds[0], what, n);
        while (r < 0 && errno == EINTR);
        if (r != (ssize_t)n)
                abort();
}

static inline double seconds_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Whether a process has ended that is not ours: for at most so long. It is there until reaped. */
static inline bool is_gone(pid_t pid)
{
        char path[64], text[512];
        const char *state;
        ssize_t n;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return true;
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
        if (n <= 0)
                return true;
        text[n] = '\0';
        state = strrchr(text, ')');
        return !state || state[2] == 'Z' || state[2] == 'X';
}

static inline double seconds_until_gone(pid_t pid)
{
        double begin_at = seconds_now();

        while (!is_gone(pid) && seconds_now() - begin_at < PATIENCE)
                poll(NULL, 0, 1);
        return seconds_now() - begin_at;
}

static inline int count_descriptors(void)
{
        int n = 0;

        for (int fd = 0; fd < 1024; ++fd)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}
