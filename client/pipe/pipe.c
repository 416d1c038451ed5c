/*
 * pipe - two connected ends
 */
#include "client/pipe/pipe.h"
#include "client/arguments.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/content.h"
#include "client/error.h"
#include "client/parcel.h"
#include "proto/clock.h"

/* --- coming and going */

static mgr_pipe_end *end_new(int fd, bool readable, bool writable)
{
        mgr_pipe_end *end = calloc(1, sizeof(*end));
        socklen_t size = sizeof(int);
        int domain;

        if (!end)
                return NULL;
        end->fd = fd;
        end->local =
                getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
        end->readable = readable;
        end->writable = writable;
        end->passed = -1;
        buffer_init(&end->out, FRAME_HEADER_SIZE + (size_t)FRAME_MAX);
        buffer_init(&end->in, FRAME_MAX);
        scanner_init(&end->scanner, SCAN_MAX_DEPTH);
        return end;
}

/* All but its own descriptor. */
static void end_free(mgr_pipe_end *end)
{
        if (!end)
                return;
        if (end->passed >= 0)
                close(end->passed);
        buffer_deinit(&end->out);
        buffer_deinit(&end->in);
        scanner_deinit(&end->scanner);
        free(end);
}

void mgr_pipe_free(mgr_pipe_end *end)
{
        if (!end)
                return;
        close(end->fd); /* and no shutdown(): another process may have it, too */
        end_free(end);
}

int mgr_pipe(mgr_pipe_end **a, mgr_pipe_end **b, bool duplex)
{
        mgr_pipe_end *first, *second;
        int fds[2], r;

        if (!a || !b)
                return error_set_status(-STATUS_ARGUMENT);
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return error_set_errno(-STATUS_SYSTEM, "socketpair");
        first = end_new(fds[0], true, duplex);
        second = end_new(fds[1], duplex, true);
        /* of both sides: what one does not send the other does not receive */
        if (!first || !second)
                r = error_set_status(-STATUS_NOMEM);
        else if (!duplex && shutdown(fds[0], SHUT_WR) < 0)
                r = error_set_errno(-STATUS_SYSTEM, "shutdown");
        else
                r = 0;
        if (r == 0) {
                *a = first;
                *b = second;
                return 0;
        }
        end_free(first);
        end_free(second);
        close(fds[0]);
        close(fds[1]);
        return r;
}

int mgr_pipe_adopt(int fd, mgr_pipe_end **end)
{
        struct sockaddr_storage peer;
        socklen_t size = sizeof(int);
        int type, flags;

        if (!end)
                return error_set_status(-STATUS_ARGUMENT);
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
                return error_set(-STATUS_ARGUMENT, "descriptor %d is no stream socket", fd);
        size = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
                return error_set(-STATUS_ARGUMENT, "descriptor %d is not connected", fd);
        *end = end_new(fd, true, true);
        if (!*end)
                return error_set_status(-STATUS_NOMEM);
        flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC))
                fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
        return 0;
}

int mgr_pipe_fd(const mgr_pipe_end *end)
{
        return end ? end->fd : -1;
}

/* --- what every call looks at first */

static int check_writable(const mgr_pipe_end *end)
{
        if (!end)
                return error_set_status(-STATUS_ARGUMENT);
        return end->writable ? 0 : error_set(-STATUS_RUNTIME, "connection is read-only");
}

static int check_readable(const mgr_pipe_end *end, double timeout, const void *out)
{
        int r;

        if (!end || !out)
                return error_set_status(-STATUS_ARGUMENT);
        r = arguments_check_timeout(timeout);
        if (r < 0)
                return r;
        return end->readable ? 0 : error_set(-STATUS_RUNTIME, "connection is write-only");
}

/* --- sending */

static int pack_message(struct buffer *out, const mgr_value *value)
{
        size_t begin = frame_begin(out);
        int r;

        r = parcel_pack(out, value);
        if (r < 0)
                return r;
        frame_end(out, begin);
        return out->failed ? error_set_status(out->failed) : 0;
}

int mgr_pipe_send_value(mgr_pipe_end *end, const mgr_value *value)
{
        int r;

        r = check_writable(end);
        if (r == 0)
                r = pack_message(&end->out, value);
        if (r == 0)
                r = pipe_write(end, buffer_span(&end->out), SPAN_LITERAL(""));
        if (end)
                pipe_trim_out(end);
        return r;
}

int mgr_pipe_send_bytes(mgr_pipe_end *end, const void *data, size_t size)
{
        uint32_t header = htobe32((uint32_t)size);
        int r;

        r = check_writable(end);
        if (r < 0)
                return r;
        if (size && !data)
                return error_set_status(-STATUS_ARGUMENT);
        if (size > FRAME_MAX)
                return error_set(-STATUS_TOO_LARGE, "a message takes at most %u bytes, not %zu",
                                 FRAME_MAX, size);
        return pipe_write(end, span_of(&header, sizeof(header)),
                          size ? span_of(data, size) : SPAN_LITERAL(""));
}

int mgr_pipe_send_fd(mgr_pipe_end *end, int fd)
{
        int r = check_writable(end);

        /* elsewhere the kernel would send the byte, and say nothing of the descriptor */
        if (r == 0 && !end->local)
                r = error_set(-STATUS_RUNTIME, "descriptors travel over Unix sockets only");
        return r < 0 ? r : pipe_write_fd(end, fd);
}

/* --- receiving */

/* A whole message, which stays at the front. */
static int await_message(mgr_pipe_end *end, double timeout)
{
        uint64_t deadline = clock_after(timeout);
        int r;

        r = pipe_look(end, true, deadline);
        if (r < 0)
                return r;
        if (end->front == PIPE_DESCRIPTOR)
                return error_set(-STATUS_TYPE, "a descriptor arrived, where a message was wanted");
        return pipe_read(end, deadline);
}

/* Without memory for what is inside, the message can be asked for once more. */
static int finish_message(mgr_pipe_end *end, int r)
{
        if (r != -STATUS_NOMEM)
                pipe_advance(end);
        return r;
}

static struct span message_of(const mgr_pipe_end *end)
{
        return end->size ? buffer_span(&end->in) : SPAN_LITERAL("");
}

int mgr_pipe_recv_value(mgr_pipe_end *end, double timeout, mgr_value *value)
{
        int r = check_readable(end, timeout, value);

        if (r == 0)
                r = await_message(end, timeout);
        if (r < 0)
                return r;
        return finish_message(end, parcel_open(&end->scanner, message_of(end), value));
}

int mgr_pipe_recv_bytes(mgr_pipe_end *end, double timeout, mgr_value *bytes)
{
        int r = check_readable(end, timeout, bytes);

        if (r == 0)
                r = await_message(end, timeout);
        if (r < 0)
                return r;
        return finish_message(end, content_copy_text(MGR_KIND_BYTES, message_of(end), bytes));
}

int mgr_pipe_recv_fd(mgr_pipe_end *end, double timeout, int *fd)
{
        int r = check_readable(end, timeout, fd);

        if (r == 0)
                r = pipe_look(end, false, clock_after(timeout));
        if (r < 0)
                return r;
        if (end->front == PIPE_MESSAGE)
                return error_set(-STATUS_TYPE, "a message arrived, where a descriptor was wanted");
        if (end->passed < 0)
                r = error_set(-STATUS_SYSTEM, "there was no room for the descriptor that arrived");
        else
                *fd = end->passed;
        pipe_advance(end);
        return r;
}

int mgr_pipe_poll(mgr_pipe_end *end, double timeout)
{
        int r = check_readable(end, timeout, end);

        if (r < 0)
                return r;
        if (pipe_is_ready(end))
                return 1;
        r = pipe_await(end->fd, POLLIN, clock_after(timeout));
        return r == -STATUS_TIMEOUT ? 0 : r < 0 ? r : 1;
}
