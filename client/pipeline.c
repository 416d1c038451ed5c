/*
 * pipeline - many requests on their way at once
 */
#include "client/pipeline.h"

#include <poll.h>
#include <stdlib.h>

#include "client/error.h"
#include "proto/frame.h"

#define REPLIES_KEEP ((size_t)1 << 20)

void replies_init(struct replies *replies)
{
        *replies = (struct replies){ .bytes = BUFFER_NULL };
}

void replies_deinit(struct replies *replies)
{
        buffer_deinit(&replies->bytes);
        free(replies->ends);
        replies_init(replies);
}

void replies_clear(struct replies *replies)
{
        if (replies->bytes.capacity > REPLIES_KEEP) {
                replies_deinit(replies);
                return;
        }
        buffer_truncate(&replies->bytes, 0);
        replies->n = 0;
}

struct span replies_at(const struct replies *replies, size_t i)
{
        size_t begin = (i ? replies->ends[i - 1] : 0) + FRAME_HEADER_SIZE;

        return span_of(replies->bytes.data + begin, replies->ends[i] - begin);
}

static int replies_add(struct replies *replies, size_t end)
{
        if (replies->n == replies->n_room) {
                size_t n_room = replies->n_room ? replies->n_room * 2 : 128;
                size_t *ends = realloc(replies->ends, n_room * sizeof(*ends));

                if (!ends)
                        return error_set_status(-STATUS_NOMEM);
                replies->ends = ends;
                replies->n_room = n_room;
        }
        replies->ends[replies->n++] = end;
        return 0;
}

/* A frame that nobody asked for now: what it carries is given back, and it is cut out. */
static int replies_skip(struct connection *connection, struct replies *replies, size_t begin,
                        size_t taken)
{
        uint8_t *at = replies->bytes.data + begin;
        struct reply reply;
        int r;

        r = reply_decode(&reply, &connection->scanner,
                         span_of(at + FRAME_HEADER_SIZE, taken - FRAME_HEADER_SIZE));
        if (r < 0)
                return error_set(-STATUS_PROTOCOL, "the manager sent no reply");
        r = connection_skip_reply(connection, &reply);
        if (r < 0)
                return r;
        memmove(at, at + taken, replies->bytes.size - begin - taken);
        replies->bytes.size -= taken;
        return 0;
}

/* A reply to a numbered request is an array of three; to a plain one, of two. */
static bool is_expected(const struct connection *connection, struct span payload)
{
        return connection->n_skip == 0 && payload.size && payload.data[0] != 0x93;
}

/* Finds the frames that have become whole. */
static int replies_collect(struct connection *connection, struct replies *replies, size_t n,
                           size_t *want)
{
        *want = 0;
        while (replies->n < n) {
                size_t begin = replies->n ? replies->ends[replies->n - 1] : 0, taken = 0;
                struct span left = buffer_span_from(&replies->bytes, begin);
                struct span payload;
                int r;

                r = frame_next(left, FRAME_MAX, &payload, &taken);
                if (r < 0)
                        return error_set(-STATUS_PROTOCOL, "the manager sent no frame");
                if (r == 0) {
                        *want = taken > left.size ? taken - left.size : 0;
                        return 0;
                }
                if (is_expected(connection, payload))
                        r = replies_add(replies, begin + taken);
                else
                        r = replies_skip(connection, replies, begin, taken);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What the connection has read already comes first. */
static int pipeline_take_over(struct connection *connection, struct replies *replies)
{
        buffer_append_span(&replies->bytes, buffer_span_from(&connection->in, connection->in_at));
        connection->in_at = 0;
        buffer_truncate(&connection->in, 0);
        return replies->bytes.failed ? error_set_status(replies->bytes.failed) : 0;
}

/*
 * What came behind the last reply belongs to the connection. Text may end with a zero: the last
 * one too, also where others are missing behind it.
 */
static int pipeline_give_back(struct connection *connection, struct replies *replies, int r)
{
        size_t end = replies->n ? replies->ends[replies->n - 1] : 0;

        if (r == 0)
                buffer_append_span(&connection->in, buffer_span_from(&replies->bytes, end));
        buffer_truncate(&replies->bytes, end);
        buffer_append_byte(&replies->bytes, 0);
        if (replies->bytes.failed && replies->n)
                --replies->n;
        if (connection->in.failed || replies->bytes.failed)
                return error_set_status(-STATUS_NOMEM);
        return r;
}

/* Sends what there is space for, and reads what is there; waits where there is neither. */
static int pipeline_send(struct connection *connection, struct span *requests, uint64_t deadline,
                         struct replies *replies, size_t want)
{
        ssize_t sent, received;

        sent = connection_send_some(connection, *requests);
        if (sent < 0)
                return (int)sent;
        *requests = span_of(requests->data + sent, requests->size - (size_t)sent);
        if (!requests->size)
                return 0;
        received = connection_receive_some(connection, &replies->bytes, want, false);
        if (received < 0 && received != -STATUS_INTERRUPTED)
                return (int)received;
        if (sent || received)
                return 0;
        return connection_wait(connection, POLLIN | POLLOUT, deadline, false);
}

int pipeline_run(struct connection *connection, struct span requests, size_t n, uint64_t deadline,
                 struct replies *replies, size_t *n_sent)
{
        const uint8_t *begin = requests.data;
        size_t want = 0;
        int r;

        *n_sent = 0;
        r = pipeline_take_over(connection, replies);
        while (r == 0) {
                r = replies_collect(connection, replies, n, &want);
                if (r < 0 || (replies->n == n && !requests.size))
                        break;
                if (requests.size)
                        r = pipeline_send(connection, &requests, deadline, replies, want);
                else
                        r = connection_await(connection, &replies->bytes, want, deadline, false);
                *n_sent = (size_t)(requests.data - begin);
        }
        return pipeline_give_back(connection, replies, r);
}
