/*
 * fuzz_frame - framing, in pieces of any size
 *
 * A stream of bytes is cut into frames at once, piece by piece as the daemon
 * does it, and by the client's connection, whose recv() is replaced by one that
 * hands out the pieces. All three must see the same frames and end the same way.
 */
#include <sys/socket.h>

#include "client/connection.h"
#include "proto/clock.h"
#include "proto/frame.h"
#include "proto/status.h"
#include "tests/fuzz/fuzz.h"

#define MAX_FRAMES 64

/* The stream and how it is cut. */
static struct {
        struct span stream;
        struct span sizes; /* of the pieces, over and over again */
        size_t n_pieces;
} feed;

static struct span feed_next(size_t most)
{
        size_t n = feed.sizes.size ? feed.sizes.data[feed.n_pieces++ % feed.sizes.size] + 1u : most;
        struct span piece = feed.stream;

        piece.size = n < piece.size ? n : piece.size;
        piece.size = most < piece.size ? most : piece.size;
        feed.stream = span_of(feed.stream.data + piece.size, feed.stream.size - piece.size);
        return piece;
}

ssize_t __wrap_recv(int fd, void *to, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t n, int flags)
{
        struct span piece = feed_next(n);

        (void)fd;
        (void)flags;
        if (piece.size)
                memcpy(to, piece.data, piece.size);
        return (ssize_t)piece.size;
}

struct frames {
        struct span payloads[MAX_FRAMES]; /* of the stream */
        size_t n;
        int end; /* 0: it stops in the middle of a frame or between two */
};

static void cut_at_once(struct frames *frames, struct span stream, size_t limit)
{
        struct span payload;
        size_t taken;

        *frames = (struct frames){ .n = 0 };
        while (frames->n < MAX_FRAMES) {
                int r = frame_next(stream, limit, &payload, &taken);

                if (r <= 0) {
                        frames->end = r;
                        fuzz_check(span_is_absent(payload));
                        fuzz_check(r == 0 || taken == 0);
                        fuzz_check(r < 0 || taken == 0 || taken > stream.size);
                        return;
                }
                fuzz_check(taken <= stream.size && taken == payload.size + FRAME_HEADER_SIZE);
                fuzz_check(payload.data == stream.data + FRAME_HEADER_SIZE);
                fuzz_check(payload.size <= limit);
                frames->payloads[frames->n++] = payload;
                stream = span_of(stream.data + taken, stream.size - taken);
        }
}

static void check_frame(const struct frames *frames, size_t i, struct span payload)
{
        fuzz_check(i < frames->n);
        fuzz_check(span_equal(frames->payloads[i], payload));
}

static void cut_in_pieces(const struct frames *frames, size_t limit)
{
        _buffer_cleanup_ struct buffer arrived = BUFFER_NULL;
        size_t n = 0, promised = 0;

        while (n < frames->n || feed.stream.size) {
                struct span payload;
                size_t taken;
                int r = frame_next(buffer_span(&arrived), limit, &payload, &taken);

                if (r > 0) {
                        check_frame(frames, n++, payload);
                        fuzz_check(!promised || taken == promised);
                        promised = 0;
                        buffer_consume(&arrived, taken);
                        if (n == MAX_FRAMES)
                                return;
                } else if (r < 0) {
                        fuzz_check(n == frames->n && r == frames->end);
                        return;
                } else {
                        fuzz_check(!promised || taken == promised);
                        promised = taken;
                        fuzz_check(feed.stream.size);
                        buffer_append_span(&arrived, feed_next(SIZE_MAX));
                }
        }
}

static void cut_by_connection(const struct frames *frames, size_t limit)
{
        struct connection connection = {
                .fd = -1,
                .patience = PATIENCE_INIT,
                .max_arriving = limit,
        };
        size_t n = 0;
        int r;

        buffer_init(&connection.in, SIZE_MAX);
        do {
                struct span payload;

                r = connection_receive(&connection, CLOCK_FOREVER, false, &payload);
                if (r == 0)
                        check_frame(frames, n++, payload);
                fuzz_check(connection.in_at <= connection.in.size);
        } while (r == 0 && n < MAX_FRAMES);
        fuzz_check(n == frames->n);
        if (r < 0)
                fuzz_check(r == (frames->end < 0 ? -STATUS_PROTOCOL : -STATUS_GONE));
        buffer_deinit(&connection.in);
}

/* What was cut is joined again, in both ways there are. */
static void join(const struct frames *frames, struct span stream)
{
        _buffer_cleanup_ struct buffer appended = BUFFER_NULL, filled = BUFFER_NULL;

        for (size_t i = 0; i < frames->n; ++i) {
                size_t begin = frame_begin(&filled);

                buffer_append_span(&filled, frames->payloads[i]);
                frame_end(&filled, begin);
                frame_append(&appended, frames->payloads[i]);
        }
        fuzz_check(!appended.failed && !filled.failed && appended.size <= stream.size);
        fuzz_check(span_equal(buffer_span(&appended), buffer_span(&filled)));
        fuzz_check(span_equal(buffer_span(&appended), span_of(stream.data, appended.size)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const size_t limits[] = { 0, 1, 7, 256, 4096, 1 << 26, FRAME_MAX, FRAME_MAX };
        struct input input = input_of(data, size);
        size_t limit = limits[input_below(&input, 8)];
        struct span sizes = input_take(&input, input_below(&input, 8));
        struct span stream = span_of(input.at, input.n_left);
        struct frames frames;

        if (!stream.size)
                return 0;
        cut_at_once(&frames, stream, limit);
        join(&frames, stream);
        feed.stream = stream;
        feed.sizes = sizes;
        feed.n_pieces = 0;
        cut_in_pieces(&frames, limit);
        feed.stream = stream;
        feed.n_pieces = 0;
        cut_by_connection(&frames, limit);
        return 0;
}
