/*
 * faulty_io - system calls that are interrupted, that would block, and that stop halfway
 *
 * Stands before the C library's by LD_PRELOAD. Of the calls that read, write, accept,
 * connect or wait, 30 in 100 do not happen: they return EINTR, or, where they must not
 * wait, EAGAIN; of the others some are cut to one byte. Nothing is done that a kernel
 * could not do: no EINTR where all signals are blocked, no EAGAIN where the descriptor
 * waits, no half of a datagram, of an eventfd, or of what a pipe writes at once.
 *
 * FAULTY_IO_SEED in the environment chooses which ones; the same program that makes the
 * same calls meets the same faults.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static atomic_uint_fast64_t n_rolls;

/* --- deciding */

/* Even, and the same for the same seed. */
static unsigned roll(unsigned n)
{
        static atomic_uint_fast64_t seed;
        uint64_t x;

        if (!seed) {
                const char *text = getenv("FAULTY_IO_SEED");

                seed = (text ? strtoull(text, NULL, 10) : 0) * 2 + 1;
        }
        x = seed + atomic_fetch_add(&n_rolls, 1) * 0x9e3779b97f4a7c15u;
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

/* Of a call that can wait: whether it is interrupted, with errno set. */
static bool is_interrupted(void)
{
        int saved_errno = errno;

        if (roll(100) >= PERCENT_FAIL || !may_be_interrupted()) {
                errno = saved_errno;
                return false;
        }
        errno = EINTR;
        return true;
}

/* A file never makes anybody wait; nor does a pipe or an eventfd that has room for more. */
static bool is_socket(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* Of a call that must not wait, because it says so or because of its descriptor. */
static bool fails(int fd, bool does_not_wait)
{
        int saved_errno = errno;

        if (roll(100) >= PERCENT_FAIL)
                return false;
        if (!does_not_wait)
                does_not_wait = fcntl(fd, F_GETFL) & O_NONBLOCK && is_socket(fd);
        if (does_not_wait && roll(2)) {
                errno = EAGAIN;
                return true;
        }
        errno = saved_errno;
        if (!may_be_interrupted())
                return false;
        errno = EINTR;
        return true;
}

static bool is_stream_socket(int fd)
{
        int type = 0;
        socklen_t n = sizeof(type);

        return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM;
}

/* What kinds of descriptors give and take parts. */
static bool can_be_cut(int fd, size_t n, bool writes)
{
        struct stat st;
        bool can;
        int saved_errno = errno;

        if (n < 2 || roll(100) >= PERCENT_CUT)
                return false;
        can = fstat(fd, &st) == 0;
        if (can && S_ISSOCK(st.st_mode))
                can = is_stream_socket(fd);
        else
                can = can &&
                      ((S_ISFIFO(st.st_mode) && (!writes || n > PIPE_BUF)) || (S_ISREG(st.st_mode) && !writes));
        errno = saved_errno;
        return can;
}

/* --- reading and writing */

EXPORT ssize_t read(int fd, void *to, size_t n)
{
        if (fails(fd, false))
                return -1;
        return NEXT(read)(fd, to, can_be_cut(fd, n, false) ? 1 : n);
}

EXPORT ssize_t write(int fd, const void *from, size_t n)
{
        if (fails(fd, false))
                return -1;
        return NEXT(write)(fd, from, can_be_cut(fd, n, true) ? 1 : n);
}

EXPORT ssize_t recv(int fd, void *to, size_t n, int flags)
{
        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(recv)(fd, to, !(flags & MSG_WAITALL) && can_be_cut(fd, n, false) ? 1 : n,
                          flags);
}

EXPORT ssize_t send(int fd, const void *from, size_t n, int flags)
{
        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(send)(fd, from, can_be_cut(fd, n, true) ? 1 : n, flags);
}

EXPORT ssize_t recvfrom(int fd, void *to, size_t n, int flags, struct sockaddr *address,
                        socklen_t *size)
{
        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(recvfrom)(fd, to, n, flags, address, size);
}

EXPORT ssize_t sendto(int fd, const void *from, size_t n, int flags, const struct sockaddr *address,
                      socklen_t size)
{
        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        return NEXT(sendto)(fd, from, n, flags, address, size);
}

/* The first byte of the first piece that has one, with all that is sent beside it. */
static size_t cut_pieces(int fd, const struct iovec *pieces, size_t n, bool writes,
                         struct iovec *one)
{
        size_t all = 0;

        for (size_t i = 0; i < n; ++i)
                all += pieces[i].iov_len;
        if (!can_be_cut(fd, all, writes))
                return n;
        while (!pieces->iov_len)
                ++pieces;
        *one = (struct iovec){ pieces->iov_base, 1 };
        return 0;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
        struct iovec one, *pieces = message->msg_iov;
        size_t n = message->msg_iovlen;
        ssize_t r;

        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        if (cut_pieces(fd, pieces, n, false, &one) != n) {
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
        struct iovec one;

        if (fails(fd, flags & MSG_DONTWAIT))
                return -1;
        if (cut_pieces(fd, sent.msg_iov, sent.msg_iovlen, true, &one) != sent.msg_iovlen) {
                sent.msg_iov = &one;
                sent.msg_iovlen = 1;
        }
        return NEXT(sendmsg)(fd, &sent, flags);
}

EXPORT ssize_t readv(int fd, const struct iovec *pieces, int n)
{
        struct iovec one;

        if (fails(fd, false))
                return -1;
        if (cut_pieces(fd, pieces, (size_t)n, false, &one) != (size_t)n)
                return NEXT(readv)(fd, &one, 1);
        return NEXT(readv)(fd, pieces, n);
}

EXPORT ssize_t writev(int fd, const struct iovec *pieces, int n)
{
        struct iovec one;

        if (fails(fd, false))
                return -1;
        if (cut_pieces(fd, pieces, (size_t)n, true, &one) != (size_t)n)
                return NEXT(writev)(fd, &one, 1);
        return NEXT(writev)(fd, pieces, n);
}

/* --- connections */

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
        if (fails(fd, false))
                return -1;
        return NEXT(accept4)(fd, address, size, flags);
}

EXPORT int accept(int fd, struct sockaddr *address, socklen_t *size)
{
        if (fails(fd, false))
                return -1;
        return NEXT(accept)(fd, address, size);
}

/* On a Unix socket EAGAIN means that the backlog is full, EINTR that nothing has happened. */
EXPORT int connect(int fd, const struct sockaddr *address, socklen_t size)
{
        if (address->sa_family == AF_UNIX && fails(fd, false))
                return -1;
        return NEXT(connect)(fd, address, size);
}

/* --- waiting */

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
        return is_interrupted() ? -1 : NEXT(poll)(fds, n, timeout);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
        if (is_interrupted())
                return -1;
        return NEXT(ppoll)(fds, n, timeout, mask);
}

EXPORT int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
        if (is_interrupted())
                return -1;
        return NEXT(epoll_wait)(fd, events, n, timeout);
}

EXPORT int epoll_pwait(int fd, struct epoll_event *events, int n, int timeout, const sigset_t *mask)
{
        if (is_interrupted())
                return -1;
        return NEXT(epoll_pwait)(fd, events, n, timeout, mask);
}

EXPORT int nanosleep(const struct timespec *pause, struct timespec *left)
{
        if (is_interrupted()) {
                if (left)
                        *left = *pause;
                return -1;
        }
        return NEXT(nanosleep)(pause, left);
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
        if (!(options & WNOHANG) && is_interrupted())
                return -1;
        return NEXT(waitpid)(pid, status, options);
}
