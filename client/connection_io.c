/*
 * connection_io - bytes and frames on a connection
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "client/await.h"
#include "client/connection.h"
#include "client/content.h"
#include "client/error.h"
#include "proto/clock.h"
#include "proto/frame.h"
#include "proto/patience.h"

#define IO_ROOM     ((size_t)16 << 10)  /* read at least so much at once */
#define IO_MAX_ROOM ((size_t)1 << 20)   /* and allocate at most so much ahead of what has arrived */
#define IO_KEEP     ((size_t)256 << 10) /* a buffer larger than this is not kept */
#define IO_PATIENCE (CLOCK_SECOND / 20000) /* a reply that takes longer is slept for */

/* --- bytes */

int connection_wait(struct connection *connection, short events, uint64_t deadline,
                    bool interruptible)
{
        int n = await_fd(connection->fd, events, deadline, interruptible);

        if (n >= 0)
                return n ? 0 : -STATUS_TIMEOUT;
        return errno == EINTR ? -STATUS_INTERRUPTED : -STATUS_GONE;
}

static bool is_full(int error)
{
        return error == EAGAIN || error == EWOULDBLOCK;
}

ssize_t connection_send_some(struct connection *connection, struct span bytes)
{
        ssize_t n;

        do
                n = send(connection->fd, bytes.data, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return is_full(errno) ? 0 : -STATUS_GONE;
        return n;
}

int connection_send(struct connection *connection, uint64_t deadline, bool *complete)
{
        struct span bytes = buffer_span(&connection->out);
        int flags = MSG_NOSIGNAL | (deadline == CLOCK_FOREVER ? 0 : MSG_DONTWAIT);

        *complete = false;
        while (bytes.size) {
                ssize_t n = send(connection->fd, bytes.data, bytes.size, flags);

                if (n >= 0) {
                        bytes = span_of(bytes.data + n, bytes.size - (size_t)n);
                } else if (is_full(errno) && deadline != CLOCK_FOREVER) {
                        int r = connection_wait(connection, POLLOUT, deadline, false);

                        if (r < 0)
                                return r;
                } else if (errno != EINTR) {
                        return -STATUS_GONE;
                }
        }
        *complete = true;
        return 0;
}

ssize_t connection_receive_some(struct connection *connection, struct buffer *in, size_t want,
                                bool wait)
{
        size_t room = want > in->size ? in->size : want;
        uint8_t *to;
        ssize_t n;

        /* what a header claims is believed only as far as bytes have arrived */
        room = room > IO_MAX_ROOM ? IO_MAX_ROOM : room < IO_ROOM ? IO_ROOM : room;
        to = buffer_reserve(in, room);
        if (!to)
                return error_set_status(in->failed);
        n = recv(connection->fd, to, in->capacity - in->size, wait ? 0 : MSG_DONTWAIT);
        if (n > 0)
                in->size += (size_t)n;
        else if (n < 0 && errno == EINTR)
                return -STATUS_INTERRUPTED;
        else if (n == 0 || !is_full(errno))
                return -STATUS_GONE;
        return n > 0 ? n : 0;
}

/* Sleeps until something has arrived. */
static ssize_t receive_asleep(struct connection *connection, struct buffer *in, size_t want,
                              uint64_t deadline, bool interruptible)
{
        int r;

        /* recv() would be restarted behind a handler with SA_RESTART, ppoll() never is */
        if (deadline == CLOCK_FOREVER && !interruptible)
                return connection_receive_some(connection, in, want, true);
        r = connection_wait(connection, POLLIN, deadline, interruptible);
        return r < 0 ? r : connection_receive_some(connection, in, want, false);
}

int connection_await(struct connection *connection, struct buffer *in, size_t want,
                     uint64_t deadline, bool interruptible)
{
        struct patience *patience = &connection->patience;
        bool awake;

        patience_begin(patience, IO_PATIENCE);
        for (awake = patience->waiting;; awake = awake && patience_wait(patience)) {
                ssize_t n;

                if (awake)
                        n = connection_receive_some(connection, in, want, false);
                else
                        n = receive_asleep(connection, in, want, deadline, interruptible);
                if (n > 0) {
                        patience_rewarded(patience);
                        return 0;
                }
                if (n < 0 && (n != -STATUS_INTERRUPTED || interruptible))
                        return (int)n;
        }
}

/* --- frames */

int connection_receive(struct connection *connection, uint64_t deadline, bool interruptible,
                       struct span *payload)
{
        for (;;) {
                struct span bytes = buffer_span_from(&connection->in, connection->in_at);
                size_t taken = 0;
                int r;

                r = frame_next(bytes, connection->max_arriving, payload, &taken);
                if (r < 0)
                        return error_set(-STATUS_PROTOCOL, "the manager sent no frame");
                if (r > 0) {
                        connection->in_at += taken;
                        return 0;
                }
                if (connection->in_at)
                        buffer_consume(&connection->in, connection->in_at);
                connection->in_at = 0;
                r = connection_await(connection, &connection->in,
                                     taken > bytes.size ? taken - bytes.size : 0, deadline,
                                     interruptible);
                if (r < 0)
                        return r;
        }
}

int connection_skip_next(struct connection *connection, size_t begin)
{
        int r = connection->out.failed;

        if (r == 0) {
                ++connection->n_skip;
                return 0;
        }
        buffer_truncate(&connection->out, begin);
        return error_set_status(r);
}

int connection_skip_reply(struct connection *connection, const struct reply *reply)
{
        bool asked = reply->numbered ? reply->number - 1 < connection->n_numbers
                                     : connection->n_skip > 0;

        if (!asked)
                return error_set(-STATUS_PROTOCOL, "the manager answers what nobody asked");
        if (!reply->numbered)
                --connection->n_skip;
        if (reply->kind != REPLY_RETURN && reply->kind != REPLY_PROXY)
                return 0;
        if (connection->holds_lock)
                content_drop_locked(connection->manager, reply->value);
        else
                content_drop(connection->manager, reply->value);
        return 0;
}

static bool is_expected(const struct connection *connection, const struct expected *expected,
                        const struct reply *reply)
{
        /* what the daemon cannot read has no number for it either: it refuses that in turn */
        if (expected->numbered && !reply->numbered)
                return connection->n_skip == 0 && reply->kind != REPLY_RETURN &&
                       reply->kind != REPLY_PROXY;
        if (reply->numbered != expected->numbered)
                return false;
        return reply->numbered ? reply->number == expected->number : connection->n_skip == 0;
}

int connection_decode_reply(struct connection *connection, struct span payload, struct reply *reply)
{
        struct scanner *scanner = &connection->scanner;
        int r = reply_decode(reply, scanner, payload);

        if (r == -STATUS_NOMEM)
                return error_set_status(r);
        if (r < 0)
                return error_set(-STATUS_PROTOCOL, "the manager sent no reply: %s",
                                 scanner->why ? scanner->why : status_text(r));
        return 0;
}

int connection_receive_reply(struct connection *connection, const struct expected *expected,
                             uint64_t deadline, bool interruptible, struct reply *reply)
{
        for (;;) {
                struct span payload;
                int r;

                r = connection_receive(connection, deadline, interruptible, &payload);
                if (r < 0)
                        return r;
                r = connection_decode_reply(connection, payload, reply);
                if (r < 0)
                        return r;
                if (is_expected(connection, expected, reply))
                        return 0;
                r = connection_skip_reply(connection, reply);
                if (r < 0)
                        return r;
        }
}

static void trim(struct buffer *buffer)
{
        if (buffer->capacity > IO_KEEP)
                buffer_deinit(buffer);
}

void connection_trim(struct connection *connection)
{
        buffer_truncate(&connection->out, 0);
        trim(&connection->out);
        if (connection->in_at == connection->in.size) {
                connection->in_at = 0;
                buffer_truncate(&connection->in, 0);
                trim(&connection->in);
        }
}
