/*
 * chunk - a few packed values, one behind the other
 *
 * What a sequence is made of. A packed value tells its own length, so the
 * elements need nothing between them; where every tenth begins is remembered,
 * so that finding one takes a few steps. A chunk holds as many elements as
 * below, or one that is longer than that.
 *
 * Elements that are taken from the front leave a gap, and count on for the
 * marks: taking one moves nothing, at either end.
 */
#pragma once

#include "managerd/object/memory.h"
#include "proto/span.h"
#include "proto/value.h"

#define CHUNK_MAX_ELEMENTS 64
#define CHUNK_MAX_BYTES    2048
#define CHUNK_MIN_ROOM     16 /* for more to come: with the head, a block that malloc likes */

#define CHUNK_STRIDE  10
#define CHUNK_N_MARKS 6

struct chunk {
        uint32_t room; /* bytes allocated behind the head */
        uint32_t size; /* bytes in use, from `begin` on */
        union {
                struct {
                        uint16_t begin;                /* where the first element is */
                        uint8_t n_gone;                /* elements that were taken before it */
                        uint8_t n;                     /* elements */
                        uint16_t marks[CHUNK_N_MARKS]; /* where each CHUNK_STRIDE-th is */
                };
                struct chunk *next; /* once it is rubbish */
        };
        uint8_t bytes[];
};

_Static_assert((CHUNK_N_MARKS + 1) * CHUNK_STRIDE >= CHUNK_MAX_ELEMENTS, "marks reach to the end");
_Static_assert(sizeof(struct chunk) + CHUNK_MAX_ELEMENTS == 88,
               "a chunk of one-byte elements fills what malloc makes of it");

/* An empty one. Returns 0, -STATUS_NOMEM or -STATUS_TOO_LARGE (4 GiB). */
int chunk_new(struct chunk **out, struct memory *memory, size_t room);
void chunk_free(struct chunk *chunk, struct memory *memory);

/* --- reading */

static inline size_t chunk_value_size(const uint8_t *at)
{
        uint8_t first = *at;

        /* small numbers and short texts are most of what there is */
        if (first < 0x80 || first >= 0xe0)
                return 1;
        if (first >= 0xa0 && first < 0xc0)
                return 1 + (size_t)(first & 0x1f);
        return value_size(at);
}

/* Where the k-th element begins; with k == n, where the last one ends. */
static inline size_t chunk_offset(const struct chunk *chunk, unsigned k)
{
        unsigned index = chunk->n_gone + k;
        unsigned from = index / CHUNK_STRIDE * CHUNK_STRIDE;
        size_t at = chunk->begin;

        assert(k <= chunk->n);
        if (k == chunk->n)
                return at + chunk->size;
        if (from > chunk->n_gone)
                at = chunk->marks[from / CHUNK_STRIDE - 1];
        else
                from = chunk->n_gone;
        for (; from < index; ++from)
                at += chunk_value_size(chunk->bytes + at);
        return at;
}

static inline struct span chunk_at(const struct chunk *chunk, unsigned k)
{
        const uint8_t *at = chunk->bytes + chunk_offset(chunk, k);
        const uint8_t *end = chunk->bytes + chunk->begin + chunk->size;

        assert(k < chunk->n);
        return span_of(at, k + 1u == chunk->n ? (size_t)(end - at) : chunk_value_size(at));
}

/* The bytes of n elements from the k-th on. */
static inline struct span chunk_range(const struct chunk *chunk, unsigned k, unsigned n)
{
        size_t from = chunk_offset(chunk, k);

        return span_of(chunk->bytes + from, chunk_offset(chunk, k + n) - from);
}

/* How many of n packed elements fit together into so much room, and their size. */
unsigned chunk_measure(const uint8_t *at, size_t n, unsigned max_elements, size_t max_bytes,
                       size_t *size);

/* --- changing */

/*
 * Whether n elements from the k-th on may be replaced by n_new that take `size`
 * bytes. Behind the last one only where nothing has to move for it.
 */
bool chunk_takes(const struct chunk *chunk, unsigned k, unsigned n, unsigned n_new, size_t size);

/*
 * Makes room for that; `spare` for more to come. *chunk may move. Returns 0,
 * -STATUS_NOMEM or -STATUS_TOO_LARGE, and has changed nothing then.
 */
int chunk_reserve(struct chunk **chunk, struct memory *memory, unsigned k, unsigned n, size_t size,
                  bool spare);

/* Whether there is such room already. */
bool chunk_has_room(const struct chunk *chunk, unsigned k, unsigned n, size_t size);

/* Does it. `packed` lies outside of the chunk, which has room; dropping needs none. */
void chunk_replace(struct chunk *chunk, unsigned k, unsigned n, struct span packed, unsigned n_new);

/* The same for one element of the same size; false where it has another. */
bool chunk_overwrite(struct chunk *chunk, unsigned k, struct span packed);

/* Drops elements k, k + step, … as long as there are some, at most `max`. Returns how many. */
unsigned chunk_thin(struct chunk *chunk, unsigned k, size_t step, size_t max);

void chunk_reverse(struct chunk *chunk);

/* Gives back room that is not in use. *chunk may move. */
void chunk_trim(struct chunk **chunk, struct memory *memory);

/* The same where it is most of the room. */
void chunk_trim_sparse(struct chunk **chunk, struct memory *memory);

/* Whether two neighbours should be one. */
static inline bool chunk_suits(const struct chunk *chunk, const struct chunk *other)
{
        return chunk->n + other->n <= CHUNK_MAX_ELEMENTS / 4 * 3 &&
               (size_t)chunk->size + other->size <= CHUNK_MAX_BYTES / 4 * 3;
}

/* Appends what the other has. False, and nothing happened, where there is no memory. */
bool chunk_merge(struct chunk **chunk, struct memory *memory, const struct chunk *other);
