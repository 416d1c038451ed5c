/*
 * faulty_io - system calls that are interrupted, that would block, and that stop halfway
 *
 * Stands before the C library's by LD_PRELOAD. Of the calls that read, write, accept,
 * connect or wait, 30 in 100 do not happen: they return EINTR, or, where they must not
 * wait, EAGAIN; of the others some are cut to one byte. Only those of the daemon, of
 * libuv in it and of libmanager.so are meant: tests and Python may be preloaded as well.
 * Nothing is done that a kernel could not do: no EINTR where all signals are blocked,
 * no EAGAIN where the descriptor waits or the sender has died, no half of a datagram, of
 * an eventfd, or of what a pipe writes at once.
 *
 * Environment: FAULTY_IO_SEED chooses which ones. FAULTY_IO_COUNTS names a file of struct
 * counts, one for the library and one for the daemon, where it is counted what was done,
 * and how many processes were begun: the n-th that makes the same calls meets the same
 * faults, and not those of the one before.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define PERCENT_FAIL 30 /* half of them EAGAIN, where that is possible */
#define PERCENT_CUT  30 /* of those that do not fail */

/* The C library's own. */
#define NEXT(name)                                                                                 \
        ({                                                                                         \
                static __typeof__(&(name)) next_;                                                  \
                                                                                                   \
                if (!next_)                                                                        \
                        next_ = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name);                      \
                next_;                                                                             \
        })

/* Of calls that could have been disturbed. */
struct counts {
        atomic_uint_fast64_t n_processes, n_calls, n_interrupted, n_not_ready, n_cut;
};

static struct counts own_counts;
static struct counts *counts = &own_counts;
static bool is_daemon;
static uint64_t seed;
static atomic_uint_fast64_t n_rolls;

__attribute__((constructor)) static void faulty_io_begin(void)
{
        const char *text = getenv("FAULTY_IO_SEED"), *path = getenv("FAULTY_IO_COUNTS");
        struct counts *all;
        int fd;

        is_daemon = strcmp(program_invocation_short_name, "managerd") == 0;
        seed = (text ? strtoull(text, NULL, 10) : 0) * 2 + 1;
        if (!path)
                return;
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return;
        all = mmap(NULL, 2 * sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (all == MAP_FAILED)
                return;
        counts = &all[is_daemon];
        seed += atomic_fetch_add(&counts->n_processes, 1) << 32;
}

/* --- deciding */

enum meant {
        NOT_MEANT,
        MEANT_TO_FAIL, /* libuv reads the messages of its own pipe whole, as they are written */
        MEANT,
};

/* Whether the call is one of those that are disturbed. */
#define IS_MEANT() is_meant(__builtin_return_address(0))

static enum meant is_meant(void *caller)
{
        enum meant meant = NOT_MEANT;
        struct dl_find_object found;
        const char *name;

        if (_dl_find_object(caller, &found) < 0)
                return NOT_MEANT;
        name = found.dlfo_link_map->l_name;
        if (is_daemon)
                meant = !*name ? MEANT : strstr(name, "/libuv.so") ? MEANT_TO_FAIL : NOT_MEANT;
        else if (strstr(name, "/libmanager.so"))
                meant = MEANT;
        if (meant)
                atomic_fetch_add(&counts->n_calls, 1);
        return meant;
}

/* Even, and the same for the same seed. */
static unsigned roll(unsigned n)
{
        uint64_t x = seed + atomic_fetch_add(&n_rolls, 1) * 0x9e3779b97f4a7c15u;

        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return (unsigned)((x >> 33) % n);
}

/* A handler can only run where its signal is not blocked. */
static bool may_be_interrupted(void)
{
        sigset_t mask;

        return pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 && !sigismember(&mask, SIGUSR1);
}

static bool interrupt(void)
{
        if (!may_be_interrupted())
                return false;
        atomic_fetch_add(&counts->n_interrupted, 1);
        errno = EINTR;
        return true;
}

/* Of a call that can wait: whether it is interrupted, with errno set. */
static bool is_interrupted(void)
{
        return roll(100) < PERCENT_FAIL && interrupt();
}

/* A file never makes anybody wait; nor does a pipe or an eventfd that has room for more. */
static bool is_socket(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* What a process that has ended had sent is there: nothing can be said to come later. */
static bool has_died_on_us(int fd)
{
        struct ucred who = { 0 };
        socklen_t n = sizeof(who);
        struct pollfd ended = { .events = POLLIN };
        bool has = false;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0 || who.pid <= 0)
                return false; /* a listener */
        ended.fd = (int)syscall(SYS_pidfd_open, who.pid, 0);
        if (ended.fd < 0)
                return true;
        has = NEXT(poll)(&ended, 1, 0) != 0;
        close(ended.fd);
        return has;
}

/* Of a call that must not wait, because it says so or because of its descriptor. */
static bool fails(int fd, bool does_not_wait)
{
        int saved_errno = errno;

        if (roll(100) >= PERCENT_FAIL)
                return false;
        if (!does_not_wait)
                does_not_wait = fcntl(fd, F_GETFL) & O_NONBLOCK && is_socket(fd);
        if (does_not_wait && roll(2) && !has_died_on_us(fd)) {
                atomic_fetch_add(&counts->n_not_ready, 1);
                errno = EAGAIN;
                return true;
        }
        errno = saved_errno;
        return interrupt();
}

static bool is_stream_socket(int fd)
{
        struct ucred who = { 0 };
        int type = 0;
        socklen_t n = sizeof(type);

        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0)
                return type == SOCK_STREAM;
        /* the daemon's sandbox allows but one question: only these have an answer to it */
        n = sizeof(who);
        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && who.pid > 0;
}

/* What kinds of descriptors give and take parts. */
static bool is_cut(enum meant meant, int fd, size_t n, bool writes)
{
        int saved_errno = errno;
        struct stat st;
        bool cut;

        if (meant != MEANT || n < 2 || roll(100) >= PERCENT_CUT)
                return false;
        cut = fstat(fd, &st) == 0;
        if (cut && S_ISSOCK(st.st_mode))
                cut = is_stream_socket(fd);
        else
                cut = cut && ((S_ISFIFO(st.st_mode) && (!writes || n > PIPE_BUF)) ||
                              (S_ISREG(st.st_mode) && !writes));
        errno = saved_errno;
        if (cut)
                atomic_fetch_add(&counts->n_cut, 1);
        return cut;
}

/* --- reading and writing */

EXPORT ssize_t read(int fd, void *to, size_t n)
{
        enum meant meant = IS_MEANT();

        if (meant && fails(fd, false))
                return -1;
        return NEXT(read)(fd, to, is_cut(meant, fd, n, false) ? 1 : n);
}

EXPORT ssize_t write(int fd, const void *from, size_t n)
{
        enum meant meant = IS_MEANT();

        if (meant && fails(fd, false))
                return -1;
        return NEXT(write)(fd, from, is_cut(meant, fd, n, true) ? 1 : n);
}

EXPORT ssize_t recv(int fd, void *to, size_t n, int flags)
{
        enum meant meant = IS_MEANT();

        if (meant && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(recv)(fd, to, is_cut(meant, fd, n, false) ? 1 : n, flags);
}

EXPORT ssize_t send(int fd, const void *from, size_t n, int flags)
{
        enum meant meant = IS_MEANT();

        if (meant && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(send)(fd, from, is_cut(meant, fd, n, true) ? 1 : n, flags);
}

EXPORT ssize_t recvfrom(int fd, void *to, size_t n, int flags, struct sockaddr *address,
                        socklen_t *size)
{
        if (IS_MEANT() && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(recvfrom)(fd, to, n, flags, address, size);
}

EXPORT ssize_t sendto(int fd, const void *from, size_t n, int flags, const struct sockaddr *address,
                      socklen_t size)
{
        if (IS_MEANT() && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(sendto)(fd, from, n, flags, address, size);
}

/* Into the first byte of the first piece that has one. True where that is what is done. */
static bool cut_pieces(enum meant meant, int fd, const struct iovec *pieces, size_t n, bool writes,
                       struct iovec *one)
{
        size_t all = 0;

        for (size_t i = 0; i < n; ++i)
                all += pieces[i].iov_len;
        if (!is_cut(meant, fd, all, writes))
                return false;
        while (!pieces->iov_len)
                ++pieces;
        *one = (struct iovec){ pieces->iov_base, 1 };
        return true;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
        struct iovec one, *pieces = message->msg_iov;
        size_t n = message->msg_iovlen;
        enum meant meant = IS_MEANT();
        ssize_t r;

        if (meant && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        if (cut_pieces(meant, fd, pieces, n, false, &one)) {
                message->msg_iov = &one;
                message->msg_iovlen = 1;
        }
        r = NEXT(recvmsg)(fd, message, flags);
        message->msg_iov = pieces;
        message->msg_iovlen = n;
        return r;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
        struct msghdr sent = *message;
        enum meant meant = IS_MEANT();
        struct iovec one;

        if (meant && fails(fd, flags & MSG_DONTWAIT))
                return -1;
        if (cut_pieces(meant, fd, sent.msg_iov, sent.msg_iovlen, true, &one)) {
                sent.msg_iov = &one;
                sent.msg_iovlen = 1;
        }
        return NEXT(sendmsg)(fd, &sent, flags);
}

EXPORT ssize_t readv(int fd, const struct iovec *pieces, int n)
{
        enum meant meant = IS_MEANT();
        struct iovec one;

        if (meant && fails(fd, false))
                return -1;
        if (cut_pieces(meant, fd, pieces, (size_t)n, false, &one))
                return NEXT(readv)(fd, &one, 1);
        return NEXT(readv)(fd, pieces, n);
}

EXPORT ssize_t writev(int fd, const struct iovec *pieces, int n)
{
        enum meant meant = IS_MEANT();
        struct iovec one;

        if (meant && fails(fd, false))
                return -1;
        if (cut_pieces(meant, fd, pieces, (size_t)n, true, &one))
                return NEXT(writev)(fd, &one, 1);
        return NEXT(writev)(fd, pieces, n);
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t size)
{
        return IS_MEANT() && is_interrupted() ? -1 : NEXT(fallocate)(fd, mode, offset, size);
}

/* --- connections */

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
        if (IS_MEANT() && fails(fd, false))
                return -1;
        return NEXT(accept4)(fd, address, size, flags);
}

EXPORT int accept(int fd, struct sockaddr *address, socklen_t *size)
{
        if (IS_MEANT() && fails(fd, false))
                return -1;
        return NEXT(accept)(fd, address, size);
}

/*
 * On a Unix socket EAGAIN means that the backlog is full, EINTR that nothing has happened.
 * Not the daemon's: it connects to find out whether anybody listens, and both would say so.
 */
EXPORT int connect(int fd, const struct sockaddr *address, socklen_t size)
{
        if (address->sa_family == AF_UNIX && !is_daemon && IS_MEANT() && fails(fd, false))
                return -1;
        return NEXT(connect)(fd, address, size);
}

/* --- waiting */

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
        return IS_MEANT() && is_interrupted() ? -1 : NEXT(poll)(fds, n, timeout);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
        return IS_MEANT() && is_interrupted() ? -1 : NEXT(ppoll)(fds, n, timeout, mask);
}

EXPORT int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
        return IS_MEANT() && is_interrupted() ? -1 : NEXT(epoll_wait)(fd, events, n, timeout);
}

EXPORT int epoll_pwait(int fd, struct epoll_event *events, int n, int timeout, const sigset_t *mask)
{
        if (IS_MEANT() && is_interrupted())
                return -1;
        return NEXT(epoll_pwait)(fd, events, n, timeout, mask);
}

EXPORT int nanosleep(const struct timespec *pause, struct timespec *left)
{
        if (IS_MEANT() && is_interrupted()) {
                if (left)
                        *left = *pause;
                return -1;
        }
        return NEXT(nanosleep)(pause, left);
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
        if (!(options & WNOHANG) && IS_MEANT() && is_interrupted())
                return -1;
        return NEXT(waitpid)(pid, status, options);
}
