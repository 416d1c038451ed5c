/*
 * under_valgrind - what a program needs that runs under valgrind
 *
 * Stands before the C library by LD_PRELOAD. First: children do not answer for what their parent
 * has. A child that was forked ends by _exit(), in the middle of everything: what it has of its
 * parent's memory is referred to by variables that it will not use any more, and counts as lost. So
 * leaks are looked for where a program ends, and everything else that valgrind finds, in children
 * too.
 *
 * Second: /proc/self/exe is the program, and not valgrind, for who starts it once more.
 *
 * Third: pidfds. Valgrind refuses the system calls that it does not know, and these are among them
 * in those that are around. run_valgrind.py makes them for us: $PIDFDS is where it listens.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <valgrind/valgrind.h>

#define EXPORT __attribute__((visibility("default")))

static long (*next_syscall)(long number, ...);
static int (*next_prctl)(int option, ...);
static int (*next_execve)(const char *path, char *const argv[], char *const environment[]);
static int (*next_posix_spawn)(pid_t *pid, const char *path,
                               const posix_spawn_file_actions_t *actions,
                               const posix_spawnattr_t *attributes, char *const argv[],
                               char *const environment[]);

static const char *pidfds; /* where they are made, or NULL */

static void look_for_no_leaks(void)
{
        VALGRIND_CLO_CHANGE("--leak-check=no");
}

__attribute__((constructor)) static void under_valgrind_begin(void)
{
        next_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        next_prctl = (int (*)(int, ...))dlsym(RTLD_NEXT, "prctl");
        next_execve = (__typeof__(next_execve))dlsym(RTLD_NEXT, "execve");
        next_posix_spawn = (__typeof__(next_posix_spawn))dlsym(RTLD_NEXT, "posix_spawn");
        if (!RUNNING_ON_VALGRIND)
                return; /* a program that was started by one of ours */
        pidfds = getenv("PIDFDS");
        pthread_atfork(NULL, NULL, look_for_no_leaks);
}

/* --- /proc/self/exe */

/* Valgrind has the link lead to the program, but for those who do not read it. */
static const char *what_is_meant(const char *path, char room[PATH_MAX])
{
        ssize_t n;

        if (!RUNNING_ON_VALGRIND || strcmp(path, "/proc/self/exe"))
                return path;
        n = readlink(path, room, PATH_MAX - 1);
        room[n > 0 ? n : 0] = '\0';
        return n > 0 ? room : path;
}

EXPORT int execve(const char *path, char *const argv[], char *const environment[])
{
        char room[PATH_MAX];

        return next_execve(what_is_meant(path, room), argv, environment);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[],
                       char *const environment[])
{
        char room[PATH_MAX];

        return next_posix_spawn(pid, what_is_meant(path, room), actions, attributes, argv,
                                environment);
}

/* --- pidfds */

/* A call: its number; a pid or a signal; and, where there is one, the descriptor travels along. */
struct question {
        int32_t number, argument;
};

static int ask(const struct question *question, int *fd)
{
        union {
                struct cmsghdr head;
                char room[CMSG_SPACE(sizeof(int))];
        } control = { .room = { 0 } };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct question copy = *question;
        struct iovec piece = { &copy, sizeof(copy) };
        struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
        int32_t result = EIO;
        int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        strncpy(address.sun_path, pidfds, sizeof(address.sun_path) - 1);
        if (s < 0 || connect(s, (struct sockaddr *)&address, sizeof(address)) < 0)
                goto out;
        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        if (*fd >= 0) {
                control.head.cmsg_len = CMSG_LEN(sizeof(int));
                control.head.cmsg_level = SOL_SOCKET;
                control.head.cmsg_type = SCM_RIGHTS;
                memcpy(CMSG_DATA(&control.head), fd, sizeof(*fd));
        } else {
                message.msg_control = NULL;
                message.msg_controllen = 0;
        }
        if (sendmsg(s, &message, MSG_NOSIGNAL) != sizeof(copy))
                goto out;
        piece = (struct iovec){ &result, sizeof(result) };
        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        while (recvmsg(s, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL) < 0 && errno == EINTR)
                ;
        if (message.msg_controllen >= CMSG_LEN(sizeof(int)))
                memcpy(fd, CMSG_DATA(&control.head), sizeof(*fd));
out:
        close(s);
        return result;
}

static long open_pidfd(int32_t pid)
{
        const struct question question = { SYS_pidfd_open, pid };
        int fd = -1;

        errno = ask(&question, &fd);
        return errno ? -1 : fd;
}

static long send_signal(int fd, int32_t signum)
{
        const struct question question = { SYS_pidfd_send_signal, signum };

        errno = ask(&question, &fd);
        return errno ? -1 : 0;
}

EXPORT long syscall(long number, ...)
{
        long arguments[6], r;
        va_list list;

        va_start(list, number);
        for (int i = 0; i < 6; ++i)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (pidfds && number == SYS_pidfd_open)
                return open_pidfd((int32_t)arguments[0]);
        if (pidfds && number == SYS_pidfd_send_signal)
                return send_signal((int)arguments[0], (int32_t)arguments[1]);
        r = next_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                         arguments[4], arguments[5]);
        if (number == SYS_clone && r == 0)
                look_for_no_leaks(); /* a child that pthread_atfork() does not tell of */
        return r;
}

/* A filter that a test installs is there to forbid them. */
EXPORT int prctl(int option, ...)
{
        unsigned long arguments[4];
        va_list list;

        va_start(list, option);
        for (int i = 0; i < 4; ++i)
                arguments[i] = va_arg(list, unsigned long);
        va_end(list);
        if (option == PR_SET_SECCOMP)
                pidfds = NULL;
        return next_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}
