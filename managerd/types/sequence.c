/*
 * sequence - packed values in order, close together
 *
 * This room reads and changes; how the slots are kept is sequence_slots.c.
 */
#include "managerd/types/sequence.h"

#include "managerd/types/sequence_slots.h"
#include "proto/pack.h"
#include "proto/status.h"

/* --- reading */

struct span sequence_at(const struct sequence *sequence, size_t i)
{
        unsigned k;
        size_t p;

        assert(i < sequence->n);
        p = sequence_find(sequence, i, &k);
        return chunk_at(sequence_slot(sequence, p)->chunk, k);
}

void sequence_walk(const struct sequence *sequence, size_t i, size_t n,
                   struct sequence_cursor *cursor)
{
        const struct chunk *chunk;
        unsigned k;

        assert(i <= sequence->n && n <= sequence->n - i);
        *cursor = (struct sequence_cursor){ .n_left = n };
        if (n == 0)
                return;
        cursor->slot = sequence_slot(sequence, sequence_find(sequence, i, &k));
        chunk = cursor->slot->chunk;
        cursor->at = chunk->bytes + chunk_offset(chunk, k);
        cursor->n_near = chunk->n - k;
}

void sequence_pack(const struct sequence *sequence, size_t i, size_t n, struct buffer *out)
{
        const struct sequence_slot *slot;
        unsigned k;

        assert(i <= sequence->n && n <= sequence->n - i);
        if (n == 0)
                return;
        slot = sequence_slot(sequence, sequence_find(sequence, i, &k));
        for (; n > 0 && !out->failed; ++slot, k = 0) {
                unsigned here = slot->chunk->n - k;

                if (here > n)
                        here = (unsigned)n;
                pack_packed(out, chunk_range(slot->chunk, k, here));
                n -= here;
        }
}

static void chunk_pack_reversed(const struct chunk *chunk, struct buffer *out)
{
        struct span elements[CHUNK_MAX_ELEMENTS];
        const uint8_t *at = chunk->bytes + chunk->begin;

        for (unsigned i = 0; i < chunk->n; ++i) {
                elements[i] = span_of(at, chunk_value_size(at));
                at += elements[i].size;
        }
        for (unsigned i = chunk->n; i > 0; --i)
                pack_packed(out, elements[i - 1]);
}

void sequence_pack_reversed(const struct sequence *sequence, struct buffer *out)
{
        for (size_t p = sequence->n_slots; p > 0 && !out->failed; --p)
                chunk_pack_reversed(sequence_slot(sequence, p - 1)->chunk, out);
}

/* --- appending */

/* A new chunk behind all others, with room for so many bytes; nothing in it yet. */
static int sequence_add_chunk(struct sequence *sequence, size_t room)
{
        struct sequence_slot slot;
        int r;

        r = sequence_reserve_slots(sequence, sequence->n_slots, 1);
        if (r < 0)
                return r;
        r = chunk_new(&slot.chunk, sequence->memory, room);
        if (r < 0)
                return r;
        if (sequence->n_slots)
                chunk_trim(&sequence_slot(sequence, sequence->n_slots - 1)->chunk,
                           sequence->memory);
        sequence_link(sequence, sequence->n_slots, &slot, 1);
        return 0;
}

/* How many of n values the last chunk takes, and their size. */
static unsigned sequence_measure(const struct sequence *sequence, const uint8_t *at, size_t n,
                                 size_t *size)
{
        const struct chunk *chunk;
        size_t used;

        if (!sequence->n_slots)
                return 0;
        chunk = sequence_slot(sequence, sequence->n_slots - 1)->chunk;
        used = (size_t)chunk->begin + chunk->size;
        if (used >= CHUNK_MAX_BYTES)
                return 0;
        return chunk_measure(at, n, CHUNK_MAX_ELEMENTS - chunk->n_gone - chunk->n,
                             CHUNK_MAX_BYTES - used, size);
}

/* Gives a new chunk room for as many of n_left values as it takes. */
static int sequence_add_chunk_for(struct sequence *sequence, const uint8_t *at, size_t n_left,
                                  unsigned *n, size_t *size)
{
        *n = chunk_measure(at, n_left, CHUNK_MAX_ELEMENTS, CHUNK_MAX_BYTES, size);
        if (*n == 0) {
                *n = 1;
                *size = value_size(at);
        }
        return sequence_add_chunk(sequence,
                                  n_left == 1 && *size < CHUNK_MIN_ROOM ? CHUNK_MIN_ROOM : *size);
}

/* Appends to the last chunk, or to a new one; *n is how many, and *size how long they are. */
static int sequence_append_some(struct sequence *sequence, const uint8_t *at, size_t n_left,
                                unsigned *n, size_t *size)
{
        struct sequence_slot *slot;
        bool adds;
        int r;

        *n = sequence_measure(sequence, at, n_left, size);
        adds = *n == 0;
        if (adds) {
                r = sequence_add_chunk_for(sequence, at, n_left, n, size);
        } else {
                slot = sequence_slot(sequence, sequence->n_slots - 1);
                r = chunk_reserve(&slot->chunk, sequence->memory, slot->chunk->n, 0, *size,
                                  n_left == 1);
        }
        if (r < 0)
                return r;

        slot = sequence_slot(sequence, sequence->n_slots - 1);
        chunk_replace(slot->chunk, slot->chunk->n, 0, span_of(at, *size), *n);
        slot->end += *n;
        sequence->n += *n;
        /* the one before may have been full of elements that are gone */
        if (adds && sequence->n_slots > 1 && slot[-1].chunk->n < CHUNK_MAX_ELEMENTS)
                sequence_mend(sequence, sequence->n_slots - 1);
        return 0;
}

int sequence_append_packed(struct sequence *sequence, const uint8_t *at, size_t n)
{
        unsigned n_some;
        size_t size;
        int r;

        for (; n > 0; n -= n_some, at += size) {
                r = sequence_append_some(sequence, at, n, &n_some, &size);
                if (r < 0)
                        return r;
        }
        return 0;
}

int sequence_append(struct sequence *sequence, struct span value)
{
        return sequence_append_packed(sequence, value.data, 1);
}

int sequence_append_repeated(struct sequence *sequence, const struct sequence *from, size_t times)
{
        const struct sequence_slot *slots;
        int r;

        if (from->n == 0)
                return 0;
        slots = sequence_slot(from, 0);
        /* as if all chunks became full ones: what cannot be is not begun */
        if (times > SIZE_MAX / from->n)
                return -STATUS_NOMEM;
        r = sequence_reserve_slots(sequence, sequence->n_slots,
                                   from->n * times / CHUNK_MAX_ELEMENTS);
        for (; r == 0 && times > 0; --times)
                for (size_t p = 0; r == 0 && p < from->n_slots; ++p) {
                        struct span bytes = chunk_range(slots[p].chunk, 0, slots[p].chunk->n);

                        r = sequence_append_packed(sequence, bytes.data, slots[p].chunk->n);
                }
        return r;
}

/* --- dropping */

/* Drops n elements of the chunk in slot p from its k-th on. */
static void sequence_cut(struct sequence *sequence, size_t p, unsigned k, unsigned n)
{
        if (n == 0)
                return;
        chunk_replace(sequence_slot(sequence, p)->chunk, k, n, SPAN_ABSENT, 0);
        sequence_count(sequence, p, -(uint64_t)n);
}

/* Drops n elements from the i-th on, but mends nothing. Returns the slot they were before. */
static size_t sequence_clear_range(struct sequence *sequence, size_t i, size_t n)
{
        size_t p, begin, end;
        unsigned k, k_end;

        p = sequence_find(sequence, i, &k);
        end = sequence_find(sequence, i + n, &k_end);
        if (p == end) {
                sequence_cut(sequence, p, k, k_end - k);
                if (sequence_slot(sequence, p)->chunk->n == 0)
                        sequence_unlink(sequence, p, 1);
                else if (k > 0)
                        ++p;
                return p;
        }
        if (k_end == sequence_slot(sequence, end)->chunk->n)
                ++end;
        else
                sequence_cut(sequence, end, 0, k_end);
        begin = k > 0 ? p + 1 : p;
        if (k > 0)
                sequence_cut(sequence, p, k, sequence_slot(sequence, p)->chunk->n - k);
        sequence_unlink(sequence, begin, end - begin);
        return begin;
}

/* Mends what is before slot p and what is behind. */
static void sequence_mend_around(struct sequence *sequence, size_t p)
{
        sequence_mend(sequence, p);
        if (p > 0)
                sequence_mend(sequence, p - 1);
}

void sequence_remove(struct sequence *sequence, size_t i, size_t n)
{
        struct chunk *chunk;
        size_t p;
        unsigned k;

        assert(i <= sequence->n && n <= sequence->n - i);
        if (n == 0)
                return;
        p = sequence_find(sequence, i, &k);
        chunk = sequence_slot(sequence, p)->chunk;
        if (n <= chunk->n - k) {
                sequence_cut(sequence, p, k, (unsigned)n);
                sequence_mend(sequence, p);
        } else {
                sequence_mend_around(sequence, sequence_clear_range(sequence, i, n));
        }
}

void sequence_remove_stepwise(struct sequence *sequence, size_t i, size_t step, size_t n)
{
        size_t p, first;
        unsigned k;
        size_t at;

        if (n == 0)
                return;
        assert(i < sequence->n && n - 1 <= (sequence->n - 1 - i) / step);
        first = sequence_find(sequence, i, &k);
        at = k;
        for (p = first; n > 0; ++p) {
                struct chunk *chunk = sequence_slot(sequence, p)->chunk;
                size_t n_before = chunk->n, n_dropped;

                if (at < n_before) {
                        n_dropped = chunk_thin(chunk, (unsigned)at, step, n);
                        at += n_dropped * step;
                        n -= n_dropped;
                }
                at -= n_before;
        }
        sequence_mend_all(sequence, first, p - first);
}

void sequence_reverse(struct sequence *sequence)
{
        struct sequence_slot *slots;
        size_t n = sequence->n_slots;

        if (n == 0)
                return;
        slots = sequence_slot(sequence, 0);
        for (size_t p = 0; p < n; ++p)
                chunk_reverse(slots[p].chunk);
        for (size_t p = 0; p < n / 2; ++p) {
                struct chunk *chunk = slots[p].chunk;

                slots[p].chunk = slots[n - 1 - p].chunk;
                slots[n - 1 - p].chunk = chunk;
        }
        sequence_recount(sequence, 0);
}

/* --- exchanging */

/*
 * The chunk that n elements from the i-th on may be exchanged in for n_new of
 * that size, or false: they are in several, or it would become too much.
 */
static bool sequence_fits(const struct sequence *sequence, size_t i, size_t n, size_t n_new,
                          size_t size, size_t *p, unsigned *k)
{
        const struct chunk *chunk;

        if (n_new > CHUNK_MAX_ELEMENTS || !sequence->n_slots)
                return false;
        *p = sequence_find(sequence, i, k);
        if (n == 0 && *k == 0 && *p > 0) {
                chunk = sequence_slot(sequence, *p - 1)->chunk;
                if (chunk_takes(chunk, chunk->n, 0, (unsigned)n_new, size)) {
                        --*p;
                        *k = chunk->n;
                        return true;
                }
        }
        chunk = sequence_slot(sequence, *p)->chunk;
        return n <= chunk->n - *k && chunk_takes(chunk, *k, (unsigned)n, (unsigned)n_new, size);
}

static int sequence_reserve_near(struct sequence *sequence, size_t p, unsigned k, unsigned n,
                                 size_t size)
{
        return chunk_reserve(&sequence_slot(sequence, p)->chunk, sequence->memory, k, n, size,
                             n == 0);
}

static void sequence_exchange_near(struct sequence *sequence, size_t p, unsigned k, unsigned n,
                                   struct span packed, unsigned n_new)
{
        chunk_replace(sequence_slot(sequence, p)->chunk, k, n, packed, n_new);
        sequence_count(sequence, p, (uint64_t)n_new - n);
}

/*
 * Room for more slots in the place of n elements from the i-th on. Where these
 * are inside of one chunk, it is split behind them.
 */
static int sequence_part(struct sequence *sequence, size_t i, size_t n, size_t n_slots)
{
        struct sequence_slot slot;
        struct chunk *chunk;
        struct span behind;
        unsigned k, k_end, n_behind;
        size_t p;
        int r;

        if (!sequence->n_slots)
                return sequence_reserve_slots(sequence, 0, n_slots);
        p = sequence_find(sequence, i, &k);
        chunk = sequence_slot(sequence, p)->chunk;
        r = sequence_reserve_slots(sequence, p, n_slots + 1);
        if (r < 0 || k == 0 || n >= chunk->n - k)
                return r;

        k_end = k + (unsigned)n;
        n_behind = chunk->n - k_end;
        behind = chunk_range(chunk, k_end, n_behind);
        r = chunk_new(&slot.chunk, sequence->memory, behind.size);
        if (r < 0)
                return r;
        chunk_replace(slot.chunk, 0, 0, behind, n_behind);
        sequence_cut(sequence, p, k_end, n_behind);
        sequence_link(sequence, p + 1, &slot, 1);
        return 0;
}

static struct span sequence_bytes_of_one(const struct sequence *batch)
{
        const struct chunk *chunk = sequence_slot(batch, 0)->chunk;

        return chunk_range(chunk, 0, chunk->n);
}

int sequence_reserve(struct sequence *sequence, size_t i, size_t n, const struct sequence *batch)
{
        unsigned k;
        size_t p;

        assert(i <= sequence->n && n <= sequence->n - i);
        assert(sequence->memory == batch->memory);
        /* dropping needs nothing, and where all is dropped the batch is the sequence */
        if (batch->n == 0 || n == sequence->n)
                return 0;
        if (batch->n_slots == 1) {
                size_t size = sequence_bytes_of_one(batch).size;

                if (sequence_fits(sequence, i, n, batch->n, size, &p, &k))
                        return sequence_reserve_near(sequence, p, k, (unsigned)n, size);
        }
        return sequence_part(sequence, i, n, batch->n_slots);
}

/* Exchanges within one chunk, where it takes the batch and has the room. */
static bool sequence_splice_near(struct sequence *sequence, size_t i, size_t n,
                                 const struct sequence *batch)
{
        struct span bytes;
        unsigned k;
        size_t p;

        if (batch->n_slots != 1)
                return false;
        bytes = sequence_bytes_of_one(batch);
        if (!sequence_fits(sequence, i, n, batch->n, bytes.size, &p, &k) ||
            !chunk_has_room(sequence_slot(sequence, p)->chunk, k, (unsigned)n, bytes.size))
                return false;
        sequence_exchange_near(sequence, p, k, (unsigned)n, bytes, (unsigned)batch->n);
        /* a neighbour may be what was split off */
        sequence_mend(sequence, p + 1);
        sequence_mend_around(sequence, p);
        return true;
}

void sequence_splice(struct sequence *sequence, size_t i, size_t n, struct sequence *batch)
{
        size_t p, n_linked = batch->n_slots;

        if (n == sequence->n) {
                sequence_swap(sequence, batch);
        } else if (batch->n == 0) {
                sequence_remove(sequence, i, n);
        } else if (!sequence_splice_near(sequence, i, n, batch)) {
                p = sequence_clear_range(sequence, i, n);
                sequence_link(sequence, p, sequence_slot(batch, 0), n_linked);
                batch->n_slots = 0;
                batch->n = 0;
                sequence_mend_around(sequence, p + n_linked);
                sequence_mend_around(sequence, p);
        }
}

static int sequence_exchange_one(struct sequence *sequence, size_t i, size_t n, struct span value)
{
        struct sequence batch;
        unsigned k;
        size_t p;
        int r;

        if (sequence_fits(sequence, i, n, 1, value.size, &p, &k)) {
                r = sequence_reserve_near(sequence, p, k, (unsigned)n, value.size);
                if (r < 0)
                        return r;
                sequence_exchange_near(sequence, p, k, (unsigned)n, value, 1);
                sequence_mend(sequence, p);
                return 0;
        }
        sequence_init(&batch, sequence->memory);
        r = sequence_append(&batch, value);
        if (r == 0)
                r = sequence_reserve(sequence, i, n, &batch);
        if (r == 0)
                sequence_splice(sequence, i, n, &batch);
        sequence_deinit(&batch);
        return r;
}

int sequence_insert(struct sequence *sequence, size_t i, struct span value)
{
        assert(i <= sequence->n);
        if (i == sequence->n)
                return sequence_append(sequence, value);
        return sequence_exchange_one(sequence, i, 0, value);
}

int sequence_replace(struct sequence *sequence, size_t i, struct span value)
{
        unsigned k;
        size_t p;

        assert(i < sequence->n);
        p = sequence_find(sequence, i, &k);
        if (chunk_overwrite(sequence_slot(sequence, p)->chunk, k, value))
                return 0;
        return sequence_exchange_one(sequence, i, 1, value);
}
