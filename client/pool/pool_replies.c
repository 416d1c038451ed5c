/*
 * pool_replies - what a forked worker answers
 *
 * Nothing of it is believed: it is copied out of the memory that is shared with the worker, and
 * looked at there. A worker that says what is no outcome is ended.
 */
#include "client/error.h"
#include "client/parcel.h"
#include "client/pool/pool_local.h"
#include "client/pool/scalar.h"
#include "proto/clock.h"

#define QUICK    (CLOCK_SECOND / 20000) /* a chunk that takes no longer is not waited for */
#define MAX_READ LANE_RING_SIZE
#define ENOUGH   (LANE_RING_SIZE / 2)
#define MAX_KEPT (4 * LANE_RING_SIZE) /* bytes of memory that a worker's replies may keep */

enum taken {
        TAKEN_ALL,  /* that there is */
        TAKEN_MORE, /* one, or some, and there may be more */
        TAKEN_NONSENSE,
};

struct reading {
        const uint8_t *at, *end;
};

/* So many tasks of the first chunk in line are answered; the chunk leaves the line with its last.
 */
static void forked_count(struct forked *worker, size_t n)
{
        struct chunk *chunk = worker->line;

        worker->n_answered += n;
        if (chunk->n_done + n == chunk->n)
                line_take_first(worker);
}

/* Scalars into the array where they belong: the inner loop of a map. */
static enum taken take_scalars(struct forked *worker, struct reading *reading)
{
        struct chunk *chunk = worker->line;
        mgr_value *results = chunk_results(chunk);
        size_t n_left = chunk->n - chunk->n_done, n = 0;
        const uint8_t *at = reading->at, *end = reading->end;

        for (; n < n_left && at < end; ++n) {
                size_t size = scalar_size(*at);

                if (!size || size > (size_t)(end - at))
                        break;
                scalar_unpack(at, &results[n]);
                at += size;
        }
        reading->at = at;
        if (!n)
                return TAKEN_ALL;
        forked_count(worker, n);
        chunk_advance(chunk, n);
        return TAKEN_MORE;
}

static enum taken take_scalar(struct forked *worker, struct reading *reading)
{
        struct chunk *chunk = worker->line;
        size_t size = scalar_size(*reading->at);
        mgr_value value;

        if (size > (size_t)(reading->end - reading->at))
                return TAKEN_ALL;
        if (chunk_results(chunk))
                return take_scalars(worker, reading);
        scalar_unpack(reading->at, &value);
        reading->at += size;
        forked_count(worker, 1);
        chunk_done(chunk, &value);
        return TAKEN_MORE;
}

static enum taken take_error(struct local *local, struct forked *worker, struct span packed)
{
        struct chunk *chunk = worker->line;

        if (scan_whole(&local->scanner, packed) < 0 || error_set_packed(packed) >= 0)
                return TAKEN_NONSENSE;
        forked_count(worker, 1);
        chunk_failed(chunk);
        return TAKEN_MORE;
}

static enum taken take_value(struct local *local, struct forked *worker, struct span parcel)
{
        struct chunk *chunk = worker->line;
        mgr_value value;
        int r;

        r = parcel_open(&local->scanner, parcel, &value);
        if (r == -STATUS_PROTOCOL)
                return TAKEN_NONSENSE;
        forked_count(worker, 1);
        if (r < 0)
                chunk_failed(chunk);
        else
                chunk_done(chunk, &value);
        return TAKEN_MORE;
}

/* What is no scalar: behind a head of its own. */
static enum taken take_reply(struct local *local, struct forked *worker, struct reading *reading)
{
        size_t n_left = (size_t)(reading->end - reading->at);
        struct reply reply;
        struct span bytes;

        if (*reading->at != REPLY_MARK)
                return TAKEN_NONSENSE;
        if (n_left < sizeof(reply))
                return TAKEN_ALL;
        memcpy(&reply, reading->at, sizeof(reply));
        if (reply.size == 0)
                return TAKEN_NONSENSE;
        if (n_left - sizeof(reply) < reply.size)
                return TAKEN_ALL;
        bytes = span_of(reading->at + sizeof(reply), (size_t)reply.size);
        reading->at += sizeof(reply) + bytes.size;
        return reply.is_error ? take_error(local, worker, bytes) : take_value(local, worker, bytes);
}

/* All whole outcomes that are here. */
static enum taken forked_take(struct local *local, struct forked *worker)
{
        struct reading reading = { worker->in.data, worker->in.data + worker->in.size };
        enum taken taken = TAKEN_MORE;

        while (taken == TAKEN_MORE && reading.at < reading.end) {
                if (!worker->line)
                        taken = TAKEN_NONSENSE;
                else if (scalar_size(*reading.at))
                        taken = take_scalar(worker, &reading);
                else
                        taken = take_reply(local, worker, &reading);
        }
        /* a big one that is not whole yet stays where it is */
        if (reading.at != worker->in.data)
                buffer_consume(&worker->in, (size_t)(reading.at - worker->in.data));
        if (!worker->in.size && worker->in.capacity > MAX_KEPT)
                buffer_deinit(&worker->in);
        return taken;
}

/* The quicker its chunks are done, the more of them wait in its line. */
static void forked_set_depth(struct forked *worker, size_t n_chunks)
{
        uint64_t now = clock_now(), took = (now - worker->since) / n_chunks;

        worker->since = now;
        if (took > QUICK)
                worker->depth = DEPTH_SLOW;
        else if (worker->depth < LANE_N_GIVEN)
                worker->depth *= 2;
}

static uint64_t forked_n_chunks(const struct forked *worker)
{
        return atomic_load_explicit(&worker->lane.memory->n_chunks, memory_order_acquire);
}

bool forked_arm(struct forked *worker)
{
        return lane_arm(&worker->lane, ENOUGH, worker->out.size) &&
               forked_n_chunks(worker) == worker->n_seen;
}

/* What is there now, if it is enough. Whether it was. */
static bool forked_read_once(struct local *local, struct forked *worker, bool any)
{
        uint64_t n_chunks = forked_n_chunks(worker);
        size_t n;

        if (!lane_look(&worker->lane) || n_chunks < worker->n_seen ||
            n_chunks > worker->n_numbers) {
                forked_kill(worker, "it wrote where it must not");
                return false;
        }
        n = ring_n_bytes(&worker->lane.in);
        if (!any && n < ENOUGH && n_chunks == worker->n_seen)
                return false;
        worker->n_seen = n_chunks;
        if (!n)
                return false;
        if (ring_read(&worker->lane.in, MAX_READ, &worker->in) < 0) {
                buffer_truncate(&worker->in, worker->in.size);
                worker->was_no_memory = true;
                forked_kill(worker, "there is no memory for what it answered");
                return false;
        }
        lane_ring_bell(&worker->lane);
        if (forked_take(local, worker) != TAKEN_NONSENSE)
                return true;
        forked_kill(worker, "it answered what is no answer");
        return false;
}

void forked_read(struct local *local, struct forked *worker, bool at_its_end)
{
        size_t n_line = worker->n_line;
        uint64_t n_answered = worker->n_answered;

        while (forked_read_once(local, worker, at_its_end))
                ;
        if (worker->n_answered != n_answered)
                local->n_failures = 0;
        if (worker->n_line < n_line)
                forked_set_depth(worker, n_line - worker->n_line);
}
