/*
 * bare_ring - what shared memory could do if nothing had to be done
 *
 * A frozen yardstick: two byte rings per client, frames copied in and out,
 * waiting by spinning and yielding, a server that sends every frame back. No
 * engine, no bells, no sleep, no distrust. It is not a design to ship, and it
 * is not to be tuned: numbers of different days are compared through it.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/contender.h"
#include "tests/bench/echo.h"

#define RING_SIZE 16384u
#define RING_LINE 64

/* How often to look again before giving the processor to somebody else. */
#define RING_SPINS 256

/* One direction. Both cursors only ever grow; each has one writer. */
struct ring {
        _Alignas(RING_LINE) _Atomic uint32_t head; /* the writer's */
        _Alignas(RING_LINE) _Atomic uint32_t tail; /* the reader's */
        _Alignas(RING_LINE) unsigned char bytes[RING_SIZE];
};

struct ring_pair {
        struct ring requests;
        struct ring replies;
};

/* What one side remembers of a ring, so that it looks at the other's line only if it must. */
struct ring_side {
        struct ring *ring;
        uint32_t mine;
        uint32_t theirs;
};

struct ring_server {
        struct ring_pair *pairs; /* shared, BENCH_MAX_WORKERS of them */
        pid_t pid;
};

struct ring_client {
        struct ring_side requests;
        struct ring_side replies;
        uint64_t number;
};

static inline void ring_pause(unsigned *spins)
{
        if (++*spins < RING_SPINS)
                return;
        *spins = 0;
        sched_yield();
}

static inline bool ring_put(struct ring_side *side, const struct echo *echo)
{
        struct ring *ring = side->ring;
        uint32_t at = side->mine % RING_SIZE, first = RING_SIZE - at;

        if (RING_SIZE - (side->mine - side->theirs) < sizeof(*echo)) {
                side->theirs = atomic_load_explicit(&ring->tail, memory_order_acquire);
                if (RING_SIZE - (side->mine - side->theirs) < sizeof(*echo))
                        return false;
        }
        if (first >= sizeof(*echo)) {
                memcpy(ring->bytes + at, echo, sizeof(*echo));
        } else {
                memcpy(ring->bytes + at, echo, first);
                memcpy(ring->bytes, (const char *)echo + first, sizeof(*echo) - first);
        }
        side->mine += sizeof(*echo);
        atomic_store_explicit(&ring->head, side->mine, memory_order_release);
        return true;
}

static inline bool ring_get(struct ring_side *side, struct echo *echo)
{
        struct ring *ring = side->ring;
        uint32_t at = side->mine % RING_SIZE, first = RING_SIZE - at;

        if (side->theirs - side->mine < sizeof(*echo)) {
                side->theirs = atomic_load_explicit(&ring->head, memory_order_acquire);
                if (side->theirs - side->mine < sizeof(*echo))
                        return false;
        }
        if (first >= sizeof(*echo)) {
                memcpy(echo, ring->bytes + at, sizeof(*echo));
        } else {
                memcpy(echo, ring->bytes + at, first);
                memcpy((char *)echo + first, ring->bytes, sizeof(*echo) - first);
        }
        side->mine += sizeof(*echo);
        atomic_store_explicit(&ring->tail, side->mine, memory_order_release);
        return true;
}

_Noreturn static void ring_serve(struct ring_pair *pairs, unsigned n_pairs)
{
        struct ring_side requests[BENCH_MAX_WORKERS], replies[BENCH_MAX_WORKERS];
        struct echo echo;
        unsigned spins = 0;

        for (unsigned i = 0; i < n_pairs; ++i) {
                requests[i] = (struct ring_side){ .ring = &pairs[i].requests };
                replies[i] = (struct ring_side){ .ring = &pairs[i].replies };
        }
        for (;;) {
                bool idle = true;

                for (unsigned i = 0; i < n_pairs; ++i) {
                        while (ring_get(&requests[i], &echo)) {
                                while (!ring_put(&replies[i], &echo))
                                        sched_yield();
                                idle = false;
                        }
                }
                if (idle)
                        ring_pause(&spins);
                else
                        spins = 0;
        }
}

static int ring_start(const char *directory, void **serverp)
{
        struct ring_server *server = calloc(1, sizeof(*server));

        (void)directory;
        if (!server)
                return -1;
        server->pairs = mmap(NULL, sizeof(*server->pairs) * BENCH_MAX_WORKERS,
                             PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (server->pairs == MAP_FAILED) {
                free(server);
                return -1;
        }
        *serverp = server;
        return 0;
}

static void ring_stop(void *data)
{
        struct ring_server *server = data;

        munmap(server->pairs, sizeof(*server->pairs) * BENCH_MAX_WORKERS);
        free(server);
}

/* The server spins, so it lives only while it is measured. */
static int ring_begin(void *data, unsigned n_workers)
{
        struct ring_server *server = data;

        memset(server->pairs, 0, sizeof(*server->pairs) * n_workers);
        server->pid = child_fork();
        if (!server->pid)
                ring_serve(server->pairs, n_workers);
        return server->pid < 0 ? -1 : 0;
}

static void ring_end(void *data)
{
        struct ring_server *server = data;

        kill(server->pid, SIGKILL);
        waitpid(server->pid, NULL, 0);
}

static int ring_open(void *data, unsigned worker, void **clientp)
{
        struct ring_server *server = data;
        struct ring_client *client = calloc(1, sizeof(*client));

        if (!client)
                return -1;
        client->requests.ring = &server->pairs[worker].requests;
        client->replies.ring = &server->pairs[worker].replies;
        *clientp = client;
        return 0;
}

static void ring_close(void *client)
{
        free(client);
}

static int ring_batch(void *data, const struct call *calls, size_t n)
{
        struct ring_client *client = data;
        size_t n_sent = 0, n_received = 0;
        struct echo echo;
        unsigned spins = 0;

        while (n_received < n) {
                for (; n_sent < n; ++n_sent) {
                        echo_init(&echo, client->number + n_sent, &calls[n_sent]);
                        if (!ring_put(&client->requests, &echo))
                                break;
                }
                if (!ring_get(&client->replies, &echo)) {
                        ring_pause(&spins);
                        continue;
                }
                if (!echo_answers(&echo, client->number + n_received, &calls[n_received])) {
                        fprintf(stderr, "bench: bare-ring: a wrong reply\n");
                        return -1;
                }
                ++n_received;
                spins = 0;
        }
        client->number += n;
        return 0;
}

static int ring_call(void *client, const struct call *call)
{
        return ring_batch(client, call, 1);
}

const struct contender contender_bare_ring = {
        .name = "bare-ring",
        .title = "bare ring in shared memory",
        .family = "bare-ring",
        .start = ring_start,
        .stop = ring_stop,
        .begin = ring_begin,
        .end = ring_end,
        .open = ring_open,
        .close = ring_close,
        .call = ring_call,
        .batch = ring_batch,
};
