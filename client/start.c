/*
 * start - a daemon of one's own
 *
 * It must not get in its starter's way: it is nobody's child, so that a program that
 * waits for all of its children does not wait for the daemon; it is in a session of its
 * own, so that Ctrl-C does not reach it; and it inherits no descriptor but those
 * that it is given: the key, a pipe to say that it is ready, and a pidfd of ours by
 * which it knows when to end.
 *
 * Between clone and exec only system calls are made: other threads of the program may
 * have held any lock when it was cloned.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/await.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/manager_parts.h"
#include "client/process/family.h"
#include "proto/clock.h"
#include "proto/whole.h"

#ifndef MANAGERD_BINDIR
#define MANAGERD_BINDIR "/usr/local/bin"
#endif

#define SOCKET_NAME "manager.sock"
#define WAIT_PIDFD  ((idtype_t)3) /* P_PIDFD, which older headers do not have */

/* --- finding the program */

static bool is_program(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* DIRECTORY/managerd or DIRECTORY/../managerd, where `file` is in DIRECTORY. */
static bool find_beside(const char *file, char path[PATH_MAX])
{
        const char *slash = strrchr(file, '/');
        int n = slash ? (int)(slash - file) : 1;
        const char *directory = slash ? file : ".";

        return (snprintf(path, PATH_MAX, "%.*s/managerd", n, directory) < PATH_MAX &&
                is_program(path)) ||
               (snprintf(path, PATH_MAX, "%.*s/../managerd", n, directory) < PATH_MAX &&
                is_program(path));
}

static bool find_in_path(char path[PATH_MAX])
{
        const char *at = secure_getenv("PATH");

        while (at && *at) {
                int n = (int)strcspn(at, ":");

                if (n && snprintf(path, PATH_MAX, "%.*s/managerd", n, at) < PATH_MAX &&
                    is_program(path))
                        return true;
                at += n + (at[n] == ':');
        }
        return false;
}

static int find_program(const char *chosen, char path[PATH_MAX])
{
        char self[PATH_MAX];
        Dl_info info;
        ssize_t n;

        if (!chosen)
                chosen = secure_getenv("MANAGERD");
        if (chosen) {
                if (snprintf(path, PATH_MAX, "%s", chosen) < PATH_MAX && is_program(path))
                        return 0;
                return error_set(-STATUS_START, "%s is no program", chosen);
        }
        if (dladdr((const void *)image_token, &info) && info.dli_fname &&
            strchr(info.dli_fname, '/') && find_beside(info.dli_fname, path))
                return 0;
        n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        if (n > 0) {
                self[n] = '\0';
                if (find_beside(self, path))
                        return 0;
        }
        if (is_program(MANAGERD_BINDIR "/managerd")) {
                snprintf(path, PATH_MAX, "%s", MANAGERD_BINDIR "/managerd");
                return 0;
        }
        if (find_in_path(path))
                return 0;
        return error_set(-STATUS_START,
                         "managerd is not beside this program, not in %s, not in $PATH, and "
                         "$MANAGERD does not tell where it is",
                         MANAGERD_BINDIR);
}

/* The process leaves our directory before it becomes the program. */
static int make_absolute(char path[PATH_MAX])
{
        char *directory, *relative;
        int n, r = 0;

        if (*path == '/')
                return 0;
        directory = getcwd(NULL, 0);
        if (!directory)
                return error_set_errno(-STATUS_START, "getcwd");
        relative = strdup(path);
        n = relative ? snprintf(path, PATH_MAX, "%s/%s", directory, relative) : -1;
        if (n < 0)
                r = error_set_status(-STATUS_NOMEM);
        else if (n >= PATH_MAX)
                r = error_set(-STATUS_START, "%s has too long a path", relative);
        free(relative);
        free(directory);
        return r;
}

/* --- what it is given */

enum { GIVEN_KEY, GIVEN_READY, GIVEN_FOLLOW, N_GIVEN };
#define GIVEN_FIRST 3 /* their numbers there: 3, 4, 5 */

struct launch {
        char program[PATH_MAX];
        char *directory;    /* owned until the manager has it */
        char *address;      /* owned */
        int given[N_GIVEN]; /* our copies of what it gets */
        int key;            /* we write the key into it */
        int ready;          /* we read from it */
        int pid;            /* the daemon's pid comes out of it */
        int pid_there;
};

#define LAUNCH_NULL                                                                                \
        ((struct launch){                                                                          \
                .given = { -1, -1, -1 }, .key = -1, .ready = -1, .pid = -1, .pid_there = -1 })

static void close_one(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void launch_close_given(struct launch *launch)
{
        for (int i = 0; i < N_GIVEN; ++i)
                close_one(&launch->given[i]);
        close_one(&launch->pid_there);
}

static void launch_deinit(struct launch *launch)
{
        launch_close_given(launch);
        close_one(&launch->key);
        close_one(&launch->ready);
        close_one(&launch->pid);
        if (launch->directory) {
                if (launch->address)
                        unlink(launch->address);
                rmdir(launch->directory);
        }
        free(launch->directory);
        free(launch->address);
}

static int make_pipe(int *reader, int *writer)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return error_set_errno(-STATUS_SYSTEM, "pipe");
        *reader = fds[0];
        *writer = fds[1];
        return 0;
}

/* A directory that nobody else can enter, where the socket will be. */
static int make_directory(struct launch *launch)
{
        const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
        const char *parent = runtime && *runtime == '/' ? runtime : "/tmp";

        if (access(parent, W_OK | X_OK) < 0)
                parent = "/tmp";
        if (asprintf(&launch->directory, "%s/managerd-XXXXXX", parent) < 0) {
                launch->directory = NULL;
                return error_set_status(-STATUS_NOMEM);
        }
        if (!mkdtemp(launch->directory)) {
                error_set_errno(-STATUS_START, launch->directory);
                free(launch->directory);
                launch->directory = NULL;
                return -STATUS_START;
        }
        if (asprintf(&launch->address, "%s/" SOCKET_NAME, launch->directory) < 0) {
                launch->address = NULL;
                return error_set_status(-STATUS_NOMEM);
        }
        return 0;
}

static int launch_prepare(struct launch *launch, const mgr_options *options)
{
        int r;

        r = find_program(options->managerd, launch->program);
        if (r == 0)
                r = make_absolute(launch->program);
        if (r == 0)
                r = make_directory(launch);
        if (r == 0)
                r = make_pipe(&launch->given[GIVEN_KEY], &launch->key);
        if (r == 0)
                r = make_pipe(&launch->ready, &launch->given[GIVEN_READY]);
        if (r == 0)
                r = make_pipe(&launch->pid, &launch->pid_there);
        if (r < 0)
                return r;
        launch->given[GIVEN_FOLLOW] = (int)syscall(SYS_pidfd_open, getpid(), 0);
        return launch->given[GIVEN_FOLLOW] < 0 ? error_set_errno(-STATUS_SYSTEM, "pidfd_open") : 0;
}

/* --- the other side of clone: system calls only */

static long clone_quietly(void)
{
        /* no exit signal: SIGCHLD is not raised, and wait() does not see it */
        return syscall(SYS_clone, 0L, NULL, NULL, NULL, NULL);
}

/*
 * Gives descriptors their numbers and closes all others. Those given lie above, so that none is
 * overwritten.
 */
static bool arrange_descriptors(int given[N_GIVEN])
{
        int null, flags;

        for (int i = 0; i < N_GIVEN; ++i)
                given[i] = fcntl(given[i], F_DUPFD, GIVEN_FIRST + N_GIVEN);
        null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
                return false;
        /* without a stderr to inherit, the daemon's log would go into what it opens next */
        flags = fcntl(STDERR_FILENO, F_GETFD);
        if ((flags < 0 || flags & FD_CLOEXEC) && dup2(null, STDERR_FILENO) < 0)
                return false;
        for (int i = 0; i < N_GIVEN; ++i)
                if (given[i] < 0 || dup2(given[i], GIVEN_FIRST + i) < 0)
                        return false;
        return syscall(SYS_close_range, GIVEN_FIRST + N_GIVEN, ~0U, 0) == 0;
}

static void default_signals(void)
{
        sigset_t none;

        for (int i = 1; i < NSIG; ++i)
                signal(i, SIG_DFL); /* those that cannot be set are so already */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_daemon(struct launch *launch, char *const argv[])
{
        default_signals();
        if (arrange_descriptors(launch->given) && chdir("/") == 0)
                execv(launch->program, argv);
        _exit(EXIT_FAILURE);
}

/* The child in between has its own child, tells its number, and is gone. */
static _Noreturn void launch_from_child(struct launch *launch, char *const argv[])
{
        long pid;

        setsid();
        pid = clone_quietly();
        if (pid == 0)
                become_daemon(launch, argv);
        _exit(pid < 0 || write(launch->pid_there, &pid, sizeof(pid)) != sizeof(pid));
}

static int launch_clone(struct launch *launch)
{
        char *argv[] = {
                launch->program,       (char[]){ "--socket" },
                launch->address,       (char[]){ "--authkey-fd" },
                (char[]){ "3" },       (char[]){ "--ready-fd" },
                (char[]){ "4" },       (char[]){ "--follow-fd" },
                (char[]){ "5" },       (char[]){ "--log-level" },
                (char[]){ "warning" }, NULL,
        };
        sigset_t all, old;
        int status = 0;
        long pid;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old); /* our handlers must not run in the child */
        pid = clone_quietly();
        if (pid == 0)
                launch_from_child(launch, argv);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (pid < 0)
                return error_set_errno(-STATUS_START, "clone");
        while (waitpid((pid_t)pid, &status, __WCLONE) < 0 && errno == EINTR)
                ;
        launch_close_given(launch);
        return 0;
}

/* --- until it listens */

static int launch_open_pidfd(struct launch *launch, int *pidfd)
{
        long pid = 0;

        if (whole_read(launch->pid, &pid, sizeof(pid)) != sizeof(pid))
                return error_set(-STATUS_START, "%s could not be started", launch->program);
        *pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
        if (*pidfd >= 0 || errno == ESRCH)
                return 0; /* one that is gone already will not say that it is ready */
        return error_set_errno(-STATUS_START, "pidfd_open"); /* without a key the daemon ends */
}

static int launch_wait(struct launch *launch, const struct auth_key *key, uint64_t deadline)
{
        struct span bytes = auth_key_bytes(key);
        char first;

        /* less than a pipe holds, so this does not wait; nobody there is found out below */
        if (whole_write(launch->key, bytes.data, bytes.size) < 0 && errno != EPIPE)
                return error_set_errno(-STATUS_START, "authkey");
        close_one(&launch->key);
        if (await_fd(launch->ready, POLLIN, deadline, false) != 1)
                return error_set(-STATUS_START, "%s was not ready in time", launch->program);
        if (whole_read(launch->ready, &first, 1) != 1)
                return error_set(-STATUS_START, "%s ended before it was ready", launch->program);
        return 0;
}

static int launch_run(struct launch *launch, const struct auth_key *key, uint64_t deadline,
                      int *pidfd)
{
        sigset_t pipe_signal, old;
        int r;

        r = launch_clone(launch);
        if (r == 0)
                r = launch_open_pidfd(launch, pidfd);
        if (r < 0)
                return r;
        /* a daemon that ends at once leaves a pipe without a reader */
        sigemptyset(&pipe_signal);
        sigaddset(&pipe_signal, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
        r = launch_wait(launch, key, deadline);
        if (!sigismember(&old, SIGPIPE))
                sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 });
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        return r;
}

/* --- its end */

static bool has_ended(int pidfd, uint64_t deadline)
{
        return await_fd(pidfd, POLLIN, deadline, false) == 1;
}

/* It is our child nevertheless where orphans are given to us: then nobody else expects it. */
static void reap(int pidfd)
{
        siginfo_t info;

        waitid(WAIT_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
}

static void daemon_kill(int pidfd)
{
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
        has_ended(pidfd, clock_after(1));
        reap(pidfd);
}

/* No call takes longer than we wait for the end. Nobody else uses the manager any more. */
static void limit_patience(mgr_manager *m)
{
        if (m->call_timeout > m->shutdown_timeout)
                m->call_timeout = m->shutdown_timeout;
        if (m->connect_timeout > m->shutdown_timeout)
                m->connect_timeout = m->shutdown_timeout;
}

void private_daemon_end(mgr_manager *m)
{
        struct started *started = &m->started;
        uint64_t deadline = clock_after(m->shutdown_timeout);

        if (started->pidfd >= 0 && !has_ended(started->pidfd, 0)) {
                /* asked by its socket, told by a signal, made to */
                limit_patience(m);
                if (mgr_manager_shutdown(m) < 0)
                        syscall(SYS_pidfd_send_signal, started->pidfd, SIGTERM, NULL, 0);
                if (!has_ended(started->pidfd, deadline))
                        daemon_kill(started->pidfd);
        }
        reap(started->pidfd);
        unlink(m->address);
        rmdir(started->directory);
}

/* --- from the first to the last */

static int start(struct launch *launch, const mgr_options *options, mgr_manager **m)
{
        struct auth_key *key;
        int pidfd = -1, r;

        r = launch_prepare(launch, options);
        if (r < 0)
                return r;
        if (options->authkey || options->authkey_file)
                r = manager_read_key(&key, options);
        else
                r = family_key_copy(&key);
        if (r < 0)
                return r;
        r = launch_run(launch, key, clock_after(options->connect_timeout), &pidfd);
        if (r < 0)
                auth_key_free(key);
        else
                r = manager_new(m, launch->address, key, options);
        if (r < 0) {
                if (pidfd >= 0)
                        daemon_kill(pidfd);
                close_one(&pidfd);
                return r;
        }
        (*m)->started = (struct started){ getpid(), pidfd, launch->directory };
        launch->directory = NULL;
        r = manager_greet(*m);
        if (r < 0) {
                mgr_manager_free(*m);
                *m = NULL;
        }
        return r;
}

int mgr_manager_start(mgr_manager **m, const mgr_options *options)
{
        struct launch launch = LAUNCH_NULL;
        mgr_options o;
        int r;

        r = manager_begin(m, options, &o);
        if (r == 0)
                r = start(&launch, &o, m);
        launch_deinit(&launch);
        return r;
}
