/*
 * pool_lane - between a pool and one of the workers that it forked
 *
 * Memory that the two share, and nobody else: two rings of bytes, one each way, and a socket on
 * which a byte is a bell and whose end is a sign that the other one has gone. A side that is about
 * to sleep says so in its `sleeps`, and looks once more; whoever puts bytes in or takes bytes out
 * looks there and rings. What a worker has put into its ring is there even if it is killed in the
 * next moment, and so is how many tasks it has begun.
 *
 * The pool believes nothing that it reads here: it keeps its own cursors, checks the worker's
 * against them, and copies bytes out before it looks at them.
 */
#pragma once

#include <stdatomic.h>

#include "proto/buffer.h"

#define LANE_RING_SIZE ((size_t)256 << 10)
#define LANE_N_GIVEN   16 /* chunks that may be on their way to a worker */

/* One direction. The cursors count bytes, and do not wrap. */
struct ring_cursors {
        _Alignas(64) _Atomic uint64_t written;
        _Alignas(64) _Atomic uint64_t read;
};

struct lane_memory {
        struct ring_cursors to_worker, to_pool;
        _Alignas(64) atomic_uint pool_sleeps;
        _Alignas(64) atomic_uint worker_sleeps;
        _Alignas(64) _Atomic uint64_t n_begun;  /* tasks, by the worker, before it runs them */
        atomic_uint is_ready;                   /* the worker: its initializer has returned */
        _Alignas(64) _Atomic uint64_t n_chunks; /* the worker: that it is done with */
        /*
         * Chunk `number`, at number % LANE_N_GIVEN: LANE_GIVEN when it is sent; who changes that
         * first has it: the worker, which runs it, or the pool, which takes it back.
         */
        _Alignas(64) _Atomic uint64_t given[LANE_N_GIVEN];
        _Alignas(64) uint8_t ring_to_worker[LANE_RING_SIZE];
        uint8_t ring_to_pool[LANE_RING_SIZE];
};

enum lane_mark {
        LANE_GIVEN = 1,
        LANE_TAKEN,
        LANE_REVOKED,
};

static inline uint64_t lane_mark(uint64_t number, enum lane_mark mark)
{
        return number << 2 | mark;
}

/* One side's end of one ring. */
struct ring {
        struct ring_cursors *cursors;
        uint8_t *data;
        uint64_t mine;   /* this side's cursor: never read back */
        uint64_t theirs; /* the other's, as it was seen last */
};

struct lane {
        struct lane_memory *memory;
        struct ring out, in;
        atomic_uint *my_sleeps, *their_sleeps;
        int fd; /* the socket */
};

/*
 * Memory and sockets for a worker that is to be forked. *worker_fd is its end. 0 or an error,
 * which is set.
 */
int lane_init(struct lane *lane, int *worker_fd);
void lane_deinit(struct lane *lane);
/* After the fork: in the pool's process no other child gets the memory, in the worker's … */
void lane_keep_private(struct lane *lane);
/* … the lane's ends are turned round. */
void lane_enter_worker(struct lane *lane, int worker_fd);

/* Whether the other side's cursors may be so; afterwards they are seen as they are now. */
bool lane_look(struct lane *lane);

/* After lane_look(): bytes to be read, and room to write. */
static inline size_t ring_n_bytes(const struct ring *in)
{
        return (size_t)(in->theirs - in->mine);
}

static inline size_t ring_n_room(const struct ring *out)
{
        return LANE_RING_SIZE - (size_t)(out->mine - out->theirs);
}

/* Where the next byte goes, and how many until the end of the ring: no more than there is room. */
static inline uint8_t *ring_at(const struct ring *out, size_t *n_straight)
{
        size_t at = (size_t)out->mine % LANE_RING_SIZE, n = LANE_RING_SIZE - at;
        size_t n_room = ring_n_room(out);

        *n_straight = n < n_room ? n : n_room;
        return out->data + at;
}

/* What was written is there for the other side, who is not told. */
static inline void ring_publish(struct ring *out)
{
        atomic_store_explicit(&out->cursors->written, out->mine, memory_order_release);
}

/* As much as there is room for; it is published. Returns how much. */
size_t ring_write(struct ring *out, struct span bytes);
/* Appends all that is there, up to `max`, and makes room of it. -STATUS_NOMEM, not set. */
int ring_read(struct ring *in, size_t max, struct buffer *bytes);

/* Wakes the other side if it sleeps: after anything was written or read. */
void lane_ring_bell(struct lane *lane);
/* Says that this side is about to sleep; false: there is what it waits for, at least so much. */
bool lane_arm(struct lane *lane, size_t wants_bytes, bool wants_room);
void lane_disarm(struct lane *lane);
/* The pool: what has been rung is heard. False: the worker has closed its end. */
bool lane_hear(struct lane *lane);
/* The pool: nothing more will come; the worker hears it when it has done all that came. */
void lane_say_end(struct lane *lane);
/* The worker: sleeps until it is rung. False: the pool is gone, or has no more for us. */
bool lane_sleep(struct lane *lane);
