/*
 * chunk - a few packed values, one behind the other
 */
#include "managerd/types/chunk.h"

#include <stdlib.h>

#include "proto/status.h"

int chunk_new(struct chunk **out, struct memory *memory, size_t room)
{
        struct chunk *chunk;

        if (room > UINT32_MAX)
                return -STATUS_TOO_LARGE;
        if (!memory_charge(memory, sizeof(*chunk) + room))
                return -STATUS_NOMEM;
        chunk = malloc(sizeof(*chunk) + room);
        if (!chunk) {
                memory_refund(memory, sizeof(*chunk) + room);
                return -STATUS_NOMEM;
        }
        *chunk = (struct chunk){ .room = (uint32_t)room };
        *out = chunk;
        return 0;
}

void chunk_free(struct chunk *chunk, struct memory *memory)
{
        memory_refund(memory, sizeof(*chunk) + chunk->room);
        free(chunk);
}

static int chunk_resize(struct chunk **chunkp, struct memory *memory, size_t room)
{
        struct chunk *chunk = *chunkp;
        size_t before = chunk->room;

        if (room > before && !memory_charge(memory, room - before))
                return -STATUS_NOMEM;
        chunk = realloc(chunk, sizeof(*chunk) + room);
        if (!chunk) {
                if (room > before)
                        memory_refund(memory, room - before);
                return -STATUS_NOMEM;
        }
        if (room < before)
                memory_refund(memory, before - room);
        chunk->room = (uint32_t)room;
        *chunkp = chunk;
        return 0;
}

/* --- what fits */

unsigned chunk_measure(const uint8_t *at, size_t n, unsigned max_elements, size_t max_bytes,
                       size_t *size)
{
        unsigned k = 0;

        for (*size = 0; k < n && k < max_elements; ++k) {
                size_t one = chunk_value_size(at + *size);

                if (one > max_bytes - *size)
                        break;
                *size += one;
        }
        return k;
}

static size_t chunk_size_after(const struct chunk *chunk, unsigned k, unsigned n, size_t size)
{
        return chunk->size - (n ? chunk_range(chunk, k, n).size : 0) + size;
}

bool chunk_takes(const struct chunk *chunk, unsigned k, unsigned n, unsigned n_new, size_t size)
{
        unsigned n_after = chunk->n - n + n_new;
        size_t after;

        if (n_after <= 1)
                return true;
        after = chunk_size_after(chunk, k, n, size);
        if (n_after > CHUNK_MAX_ELEMENTS || after > CHUNK_MAX_BYTES)
                return false;
        return k < chunk->n || (chunk->n_gone + n_after <= CHUNK_MAX_ELEMENTS &&
                                chunk->begin + after <= CHUNK_MAX_BYTES);
}

/* Where something is moved anyway, the gap in front is room as well. */
static size_t chunk_room_for(const struct chunk *chunk, unsigned k, unsigned n, size_t size)
{
        return chunk_size_after(chunk, k, n, size) + (k == chunk->n ? chunk->begin : 0);
}

bool chunk_has_room(const struct chunk *chunk, unsigned k, unsigned n, size_t size)
{
        return chunk_room_for(chunk, k, n, size) <= chunk->room;
}

int chunk_reserve(struct chunk **chunk, struct memory *memory, unsigned k, unsigned n, size_t size,
                  bool spare)
{
        size_t needed = chunk_room_for(*chunk, k, n, size);
        size_t room = 0;

        if (needed <= (*chunk)->room)
                return 0;
        if (needed > UINT32_MAX)
                return -STATUS_TOO_LARGE;
        if (spare && needed <= CHUNK_MAX_BYTES) {
                /* these sizes, too, are such as malloc has */
                room = 2 * ((size_t)(*chunk)->room + CHUNK_MIN_ROOM);
                if (room > CHUNK_MAX_BYTES)
                        room = CHUNK_MAX_BYTES;
        }
        return chunk_resize(chunk, memory, room < needed ? needed : room);
}

/* --- changing */

/* Notes where elements from the k-th on are; it is at `at`. */
static void chunk_mark(struct chunk *chunk, unsigned k, size_t at)
{
        unsigned end = chunk->n_gone + chunk->n;

        for (unsigned index = chunk->n_gone + k; index < end; ++index) {
                if (index && index % CHUNK_STRIDE == 0)
                        chunk->marks[index / CHUNK_STRIDE - 1] = (uint16_t)at;
                if (index + 1 < end)
                        at += chunk_value_size(chunk->bytes + at);
        }
}

/* Closes the gap in front. */
static void chunk_settle(struct chunk *chunk)
{
        if (!chunk->n_gone)
                return;
        memmove(chunk->bytes, chunk->bytes + chunk->begin, chunk->size);
        chunk->begin = 0;
        chunk->n_gone = 0;
        chunk_mark(chunk, 0, 0);
}

static void chunk_empty(struct chunk *chunk)
{
        chunk->begin = 0;
        chunk->n_gone = 0;
        chunk->size = 0;
        chunk->n = 0;
}

/* Drops n elements from the k-th on, but not all. */
static void chunk_drop(struct chunk *chunk, unsigned k, unsigned n)
{
        size_t from = chunk_offset(chunk, k), to = chunk_offset(chunk, k + n);
        size_t end = chunk->begin + chunk->size;
        bool last = k + n == chunk->n;

        chunk->n = (uint8_t)(chunk->n - n);
        chunk->size -= (uint32_t)(to - from);
        if (last)
                return;
        if (k == 0) {
                chunk->begin = (uint16_t)to;
                chunk->n_gone = (uint8_t)(chunk->n_gone + n);
                return;
        }
        memmove(chunk->bytes + from, chunk->bytes + to, end - to);
        chunk_mark(chunk, k, from);
}

void chunk_replace(struct chunk *chunk, unsigned k, unsigned n, struct span packed, unsigned n_new)
{
        unsigned n_after = chunk->n - n + n_new;
        size_t from, to, end, after;

        if (n_after == 0) {
                chunk_empty(chunk);
                return;
        }
        if (n_new == 0) {
                chunk_drop(chunk, k, n);
                return;
        }
        after = chunk_size_after(chunk, k, n, packed.size);
        assert(after <= chunk->room);
        if (chunk->begin + after > chunk->room || chunk->n_gone + n_after > CHUNK_MAX_ELEMENTS)
                chunk_settle(chunk);

        from = chunk_offset(chunk, k);
        to = chunk_offset(chunk, k + n);
        end = chunk->begin + chunk->size;
        if (to < end)
                memmove(chunk->bytes + from + packed.size, chunk->bytes + to, end - to);
        memcpy(chunk->bytes + from, packed.data, packed.size);
        chunk->n = (uint8_t)n_after;
        chunk->size = (uint32_t)after;
        chunk_mark(chunk, k, from);
}

bool chunk_overwrite(struct chunk *chunk, unsigned k, struct span packed)
{
        size_t at = chunk_offset(chunk, k);
        size_t size = chunk->n == 1 ? chunk->size : chunk_value_size(chunk->bytes + at);

        if (size != packed.size)
                return false;
        memcpy(chunk->bytes + at, packed.data, size);
        return true;
}

unsigned chunk_thin(struct chunk *chunk, unsigned k, size_t step, size_t max)
{
        size_t at = chunk_offset(chunk, k), to = at, next = k;
        unsigned n_dropped = 0;

        for (unsigned i = k; i < chunk->n; ++i) {
                size_t size = chunk_value_size(chunk->bytes + at);

                if (i == next && n_dropped < max) {
                        ++n_dropped;
                        next += step;
                } else {
                        memmove(chunk->bytes + to, chunk->bytes + at, size);
                        to += size;
                }
                at += size;
        }
        if (n_dropped == chunk->n) {
                chunk_empty(chunk);
                return n_dropped;
        }
        chunk->n = (uint8_t)(chunk->n - n_dropped);
        chunk->size = (uint32_t)(to - chunk->begin);
        chunk_settle(chunk);
        chunk_mark(chunk, 0, 0);
        return n_dropped;
}

void chunk_reverse(struct chunk *chunk)
{
        uint8_t copy[CHUNK_MAX_BYTES];
        const uint8_t *at = chunk->bytes + chunk->begin;
        size_t to = chunk->size;

        if (chunk->n < 2)
                return;
        for (unsigned i = 0; i < chunk->n; ++i) {
                size_t size = chunk_value_size(at);

                to -= size;
                memcpy(copy + to, at, size);
                at += size;
        }
        memcpy(chunk->bytes, copy, chunk->size);
        chunk->begin = 0;
        chunk->n_gone = 0;
        chunk_mark(chunk, 0, 0);
}

void chunk_trim(struct chunk **chunk, struct memory *memory)
{
        chunk_settle(*chunk);
        if ((*chunk)->size < (*chunk)->room)
                (void)chunk_resize(chunk, memory, (*chunk)->size);
}

void chunk_trim_sparse(struct chunk **chunk, struct memory *memory)
{
        if ((*chunk)->room > 4 * CHUNK_MIN_ROOM && (*chunk)->size < (*chunk)->room / 4)
                chunk_trim(chunk, memory);
}

bool chunk_merge(struct chunk **chunk, struct memory *memory, const struct chunk *other)
{
        size_t after = (size_t)(*chunk)->size + other->size;

        if (after > (*chunk)->room && chunk_resize(chunk, memory, after) < 0)
                return false;
        chunk_replace(*chunk, (*chunk)->n, 0, chunk_range(other, 0, other->n), other->n);
        return true;
}
