/*
 * pipe_io - the bytes of a pipe
 *
 * The file description is shared with other processes, who may want it to block: so O_NONBLOCK is
 * neither set nor relied on. Where there is no time limit calls block; else they do not wait, and
 * poll() does.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "client/await.h"
#include "client/error.h"
#include "client/pipe/pipe.h"
#include "proto/clock.h"
#include "proto/status.h"

#define PIPE_ROOM     ((size_t)16 << 10)  /* read at least so much at once, if there is so much */
#define PIPE_MAX_ROOM ((size_t)1 << 20)   /* and allocate so much ahead of what has arrived */
#define PIPE_KEEP     ((size_t)256 << 10) /* a buffer larger than this is not kept */
#define PIPE_MARK     1   /* the byte that a descriptor travels with: how many there are */
#define PIPE_LABEL    512 /* room for what a security module says of the sender */

int pipe_await(int fd, short events, uint64_t deadline)
{
        int n = await_fd(fd, events, deadline, false);

        if (n < 0)
                return error_set_errno(-STATUS_SYSTEM, "poll");
        return n ? 0 : -STATUS_TIMEOUT;
}

static bool is_full(int error)
{
        return error == EAGAIN || error == EWOULDBLOCK;
}

/* --- sending */

static int fail_send(void)
{
        if (errno == EPIPE || errno == ECONNRESET)
                return error_set_status(-STATUS_EOF);
        return error_set_errno(-STATUS_SYSTEM, "sendmsg");
}

/* Bytes sent, at least one. */
static ssize_t send_some(int fd, const struct msghdr *message)
{
        for (;;) {
                ssize_t n = sendmsg(fd, message, MSG_NOSIGNAL);

                if (n >= 0)
                        return n;
                if (is_full(errno)) {
                        int r = pipe_await(fd, POLLOUT, CLOCK_FOREVER);

                        if (r < 0)
                                return r;
                } else if (errno != EINTR) {
                        return fail_send();
                }
        }
}

static struct iovec iovec_of(struct span bytes)
{
        struct iovec iovec = { .iov_len = bytes.size };

        memcpy(&iovec.iov_base, &bytes.data, sizeof(bytes.data));
        return iovec;
}

static void skip(struct span *bytes, size_t *n)
{
        size_t taken = *n < bytes->size ? *n : bytes->size;

        *bytes = span_of(bytes->data + taken, bytes->size - taken);
        *n -= taken;
}

int pipe_write(mgr_pipe_end *end, struct span head, struct span body)
{
        size_t whole = head.size + body.size;

        if (end->torn)
                return error_set(-STATUS_SYSTEM, "half a message was sent before, and no more");
        while (head.size + body.size) {
                struct iovec iovecs[] = { iovec_of(head), iovec_of(body) };
                struct msghdr message = { .msg_iov = iovecs, .msg_iovlen = 2 };
                ssize_t n = send_some(end->fd, &message);
                size_t n_sent = (size_t)n;

                if (n < 0) {
                        end->torn = head.size + body.size < whole && n != -STATUS_EOF;
                        return (int)n;
                }
                skip(&head, &n_sent);
                skip(&body, &n_sent);
        }
        return 0;
}

void pipe_trim_out(mgr_pipe_end *end)
{
        if (end->out.capacity > PIPE_KEEP)
                buffer_deinit(&end->out);
        else
                buffer_truncate(&end->out, 0);
}

union passing {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int))];
};

int pipe_write_fd(mgr_pipe_end *end, int fd)
{
        uint8_t mark = PIPE_MARK;
        struct iovec iovec = { .iov_base = &mark, .iov_len = 1 };
        union passing passing = { .room = { 0 } };
        struct msghdr message = {
                .msg_iov = &iovec,
                .msg_iovlen = 1,
                .msg_control = &passing,
                .msg_controllen = sizeof(passing.room),
        };
        ssize_t n;

        if (end->torn)
                return error_set(-STATUS_SYSTEM, "half a message was sent before, and no more");
        passing.header.cmsg_level = SOL_SOCKET;
        passing.header.cmsg_type = SCM_RIGHTS;
        passing.header.cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(&passing.header), &fd, sizeof(fd));
        n = send_some(end->fd, &message);
        return n < 0 ? (int)n : 0;
}

/* --- receiving */

/* How a call that has read nothing goes on: 0 to try again, or an error. */
static int receive_again(mgr_pipe_end *end, ssize_t n, uint64_t deadline)
{
        if (n < 0 && is_full(errno)) {
                int r = pipe_await(end->fd, POLLIN, deadline);

                return r == -STATUS_TIMEOUT ? error_set_status(r) : r;
        }
        if (n < 0 && errno == EINTR)
                return 0;
        if (n < 0 && errno != ECONNRESET)
                return error_set_errno(-STATUS_SYSTEM, "recvmsg");
        if (end->front == PIPE_MESSAGE)
                return error_set(-STATUS_EOF, "got end of file during message");
        return error_set_status(-STATUS_EOF);
}

static int receive_flags(uint64_t deadline)
{
        return deadline == CLOCK_FOREVER ? 0 : MSG_DONTWAIT;
}

/*
 * Beside a descriptor stand the sender's credentials, where whoever made the socket asks for them:
 * what there is no room for looks as a descriptor that was lost.
 */
union passed {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred)) + PIPE_LABEL];
};

/* The one descriptor that came with what was read, or -1. */
static int take_passed(struct msghdr *message)
{
        int passed = -1;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < n; ++i) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
                        if (passed < 0)
                                passed = fd;
                        else
                                close(fd); /* nobody sent two */
                }
        }
        return passed;
}

/* A descriptor comes alone with its byte: with others it is none that was sent by us. */
static void notice_front(mgr_pipe_end *end, struct msghdr *message, size_t n)
{
        int passed = take_passed(message);

        if (n == 1 && *end->header == PIPE_MARK &&
            (passed >= 0 || message->msg_flags & MSG_CTRUNC)) {
                end->front = PIPE_DESCRIPTOR;
                end->passed = passed;
                return;
        }
        if (passed >= 0)
                close(passed);
        end->front = PIPE_MESSAGE;
        end->n_header = n;
}

int pipe_look(mgr_pipe_end *end, bool more, uint64_t deadline)
{
        while (end->front == PIPE_UNKNOWN) {
                struct iovec iovec = { .iov_base = end->header,
                                       .iov_len = more ? sizeof(end->header) : 1 };
                union passed passed;
                struct msghdr message = {
                        .msg_iov = &iovec,
                        .msg_iovlen = 1,
                        .msg_control = &passed,
                        .msg_controllen = sizeof(passed.room),
                };
                ssize_t n = recvmsg(end->fd, &message, MSG_CMSG_CLOEXEC | receive_flags(deadline));

                if (n > 0) {
                        notice_front(end, &message, (size_t)n);
                } else {
                        int r = receive_again(end, n, deadline);

                        if (r < 0)
                                return r;
                }
        }
        if (end->front == PIPE_BROKEN)
                return error_set(-STATUS_PROTOCOL, "what arrives are no messages");
        return 0;
}

/* Bytes received, or 0 where it is worth another try. */
static ssize_t receive_some(mgr_pipe_end *end, void *to, size_t n, uint64_t deadline)
{
        ssize_t received = recv(end->fd, to, n, receive_flags(deadline));

        return received > 0 ? received : receive_again(end, received, deadline);
}

static int read_header(mgr_pipe_end *end, uint64_t deadline)
{
        struct span header = span_of(end->header, sizeof(end->header)), payload;
        size_t taken = 0;

        while (end->n_header < header.size) {
                ssize_t n = receive_some(end, end->header + end->n_header,
                                         header.size - end->n_header, deadline);

                if (n < 0)
                        return (int)n;
                end->n_header += (size_t)n;
        }
        if (frame_next(header, FRAME_MAX, &payload, &taken) < 0) {
                end->front = PIPE_BROKEN;
                return error_set(-STATUS_PROTOCOL, "what arrives are no messages");
        }
        end->size = taken - header.size;
        return 0;
}

/* What a header claims is believed only as far as bytes have arrived. */
static int read_body(mgr_pipe_end *end, uint64_t deadline)
{
        struct buffer *in = &end->in;

        while (in->size < end->size) {
                size_t left = end->size - in->size, room = in->size;
                uint8_t *to;
                ssize_t n;

                room = room > PIPE_MAX_ROOM ? PIPE_MAX_ROOM : room < PIPE_ROOM ? PIPE_ROOM : room;
                to = buffer_reserve(in, left < room ? left : room);
                if (!to) {
                        int r = in->failed;

                        buffer_truncate(in, in->size); /* it can be tried again */
                        return error_set_status(r);
                }
                room = in->capacity - in->size;
                n = receive_some(end, to, left < room ? left : room, deadline);
                if (n < 0)
                        return (int)n;
                in->size += (size_t)n;
        }
        return 0;
}

int pipe_read(mgr_pipe_end *end, uint64_t deadline)
{
        int r = read_header(end, deadline);

        return r < 0 ? r : read_body(end, deadline);
}

void pipe_advance(mgr_pipe_end *end)
{
        if (end->front == PIPE_BROKEN)
                return;
        end->front = PIPE_UNKNOWN;
        end->n_header = 0;
        end->passed = -1;
        if (end->in.capacity > PIPE_KEEP)
                buffer_deinit(&end->in);
        else
                buffer_truncate(&end->in, 0);
}

bool pipe_is_ready(const mgr_pipe_end *end)
{
        if (end->front == PIPE_MESSAGE)
                return end->n_header == sizeof(end->header) && end->in.size == end->size;
        return end->front != PIPE_UNKNOWN;
}
