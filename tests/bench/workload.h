/*
 * workload - what every contender is asked to do
 *
 * The same thousand keys and values for everybody, and a deterministic stream
 * of calls over them, so that two contenders never differ in what they were
 * asked. A key has exactly one value: whatever a get returns can be checked in
 * full, and a reply that belongs to another request is noticed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_KEYS       1000
#define WORKLOAD_KEY_SIZE   10
#define WORKLOAD_VALUE_SIZE 16

enum call_kind {
        CALL_GET,
        CALL_SET,
};

/* The strings are owned by the workload and end in a NUL that is not counted. */
struct call {
        enum call_kind kind;
        unsigned n; /* which key, 0 … WORKLOAD_KEYS - 1 */
        size_t key_size;
        size_t value_size;
        const char *key;
        const char *value; /* what to set, or what a get has to return */
};

struct workload {
        char keys[WORKLOAD_KEYS][WORKLOAD_KEY_SIZE + 1];
        char values[WORKLOAD_KEYS][WORKLOAD_VALUE_SIZE + 1];
};

/* A position in the stream of calls: xorshift64, one per worker. */
struct draw {
        uint64_t state;
};

void workload_init(struct workload *workload);

/* The call that sets (or gets) one key. */
void workload_call(const struct workload *workload, enum call_kind kind, unsigned n,
                   struct call *out);

/* The stream of the given worker, from its beginning. */
void draw_init(struct draw *draw, unsigned worker);

static inline uint64_t draw_next(struct draw *draw)
{
        uint64_t x = draw->state;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        draw->state = x;
        return x;
}

/* The next call of the stream: half gets, half sets, any key. */
static inline void draw_call(struct draw *draw, const struct workload *workload, struct call *out)
{
        uint64_t x = draw_next(draw);

        workload_call(workload, x >> 63 ? CALL_SET : CALL_GET,
                      (unsigned)((x & 0xffffffff) * WORKLOAD_KEYS >> 32), out);
}

/* Whether the reply to a get is the value that it has to be. */
bool call_accepts(const struct call *call, const void *value, size_t size);
