/*
 * sequence_slots - the slots of a sequence
 */
#include "managerd/types/sequence_slots.h"

#include <stdlib.h>

#include "proto/status.h"

#define SLOTS_MAX (SIZE_MAX / sizeof(struct sequence_slot) / 4)

/* Below this many slots the room is kept, however few are in use. */
#define SLOTS_KEPT 16

/* Up to so many chunks are freed at once. */
#define CHUNKS_AT_ONCE 32

/* --- finding */

static inline bool slots_has(const struct sequence *sequence, size_t p, size_t i)
{
        const struct sequence_slot *slot = sequence_slot(sequence, p);

        return i < slot->end - sequence->base && (p == 0 || i >= slot[-1].end - sequence->base);
}

static size_t slots_search(const struct sequence *sequence, size_t i)
{
        const struct sequence_slot *slots = sequence_slot(sequence, 0);
        size_t p = 0, n = sequence->n_slots;

        while (n > 1) {
                size_t half = n / 2;

                p += slots[p + half - 1].end - sequence->base <= i ? half : 0;
                n -= half;
        }
        return p;
}

size_t sequence_find(const struct sequence *sequence, size_t i, unsigned *k)
{
        const struct sequence_slot *slots = sequence_slot(sequence, 0);
        size_t p, last = sequence->n_slots - 1;

        assert(sequence->n_slots > 0 && i <= sequence->n);
        if (last == 0 || i >= slots[last - 1].end - sequence->base) {
                p = last;
        } else {
                /* where it is if all chunks have as many, which mostly they have */
                p = i < UINT32_MAX && last < UINT32_MAX ? i * (last + 1) / sequence->n : 0;
                if (p > 0 && !slots_has(sequence, p, i))
                        --p;
                if (!slots_has(sequence, p, i))
                        p = slots_search(sequence, i);
        }
        *k = (unsigned)(i - (size_t)(p ? slots[p - 1].end - sequence->base : 0));
        return p;
}

/* --- room */

static int slots_resize(struct sequence *sequence, size_t n_room)
{
        size_t before = sequence->n_room * sizeof(*sequence->slots);
        size_t after = n_room * sizeof(*sequence->slots);
        struct sequence_slot *slots;

        if (after > before && !memory_charge(sequence->memory, after - before))
                return -STATUS_NOMEM;
        slots = realloc(sequence->slots, after);
        if (!slots) {
                if (after > before)
                        memory_refund(sequence->memory, after - before);
                return -STATUS_NOMEM;
        }
        if (after < before)
                memory_refund(sequence->memory, before - after);
        sequence->slots = slots;
        sequence->n_room = n_room;
        return 0;
}

static void slots_move(struct sequence *sequence, size_t begin)
{
        if (sequence->n_slots && begin != sequence->begin)
                memmove(sequence->slots + begin, sequence_slot(sequence, 0),
                        sequence->n_slots * sizeof(*sequence->slots));
        sequence->begin = begin;
}

static size_t slots_behind(const struct sequence *sequence)
{
        return sequence->n_room - sequence->begin - sequence->n_slots;
}

int sequence_reserve_slots(struct sequence *sequence, size_t p, size_t n)
{
        size_t n_slots = sequence->n_slots, spare, half;
        bool front = p < n_slots / 2;
        int r;

        if (n <= (front ? sequence->begin : slots_behind(sequence)))
                return 0;
        if (n > SLOTS_MAX - n_slots)
                return -STATUS_NOMEM;

        /* only a gap in proportion is worth moving everything for */
        if (sequence->n_room - n_slots < n + n_slots / 4) {
                r = slots_resize(sequence, n_slots + n + n_slots / 2);
                if (r < 0)
                        return r;
        }
        spare = sequence->n_room - n_slots - n;
        half = spare / 2;
        if (front)
                slots_move(sequence, n + half);
        else
                slots_move(sequence, sequence->begin < half ? sequence->begin : half);
        return 0;
}

/* Gives room back when most of it is empty. That it cannot be had is no harm. */
static void slots_shrink(struct sequence *sequence)
{
        size_t n_room = 2 * sequence->n_slots;

        if (sequence->n_room <= SLOTS_KEPT || sequence->n_slots > sequence->n_room / 4)
                return;
        slots_move(sequence, 0);
        (void)slots_resize(sequence, n_room < SLOTS_KEPT ? SLOTS_KEPT : n_room);
}

/* Opens a hole of n slots before slot p: the shorter side moves, or the one that can. */
static void slots_open(struct sequence *sequence, size_t p, size_t n)
{
        struct sequence_slot *first = sequence_slot(sequence, 0);

        if (n <= sequence->begin && (p < sequence->n_slots / 2 || n > slots_behind(sequence))) {
                memmove(first - n, first, p * sizeof(*first));
                sequence->begin -= n;
        } else {
                assert(n <= slots_behind(sequence));
                memmove(first + p + n, first + p, (sequence->n_slots - p) * sizeof(*first));
        }
        sequence->n_slots += n;
}

static void slots_close(struct sequence *sequence, size_t p, size_t n)
{
        struct sequence_slot *first = sequence_slot(sequence, 0);
        size_t behind = sequence->n_slots - p - n;

        if (p < behind) {
                memmove(first + n, first, p * sizeof(*first));
                sequence->begin += n;
        } else {
                memmove(first + p, first + p + n, behind * sizeof(*first));
        }
        sequence->n_slots -= n;
}

/* --- counting */

/* Adds to the ends from slot p on, or takes as much from everything before. */
static void slots_shift(struct sequence *sequence, size_t p, uint64_t delta)
{
        struct sequence_slot *slots = sequence_slot(sequence, 0);

        sequence->n += (size_t)delta;
        if (p < sequence->n_slots / 2) {
                sequence->base -= delta;
                for (size_t i = 0; i < p; ++i)
                        slots[i].end -= delta;
        } else {
                for (size_t i = p; i < sequence->n_slots; ++i)
                        slots[i].end += delta;
        }
}

void sequence_count(struct sequence *sequence, size_t p, uint64_t delta)
{
        if (delta)
                slots_shift(sequence, p, delta);
}

/* The end of the slot before slot p. */
static uint64_t slots_end_before(const struct sequence *sequence, size_t p)
{
        return p ? sequence_slot(sequence, p - 1)->end : sequence->base;
}

/* Sets the ends of n slots from slot p on. Returns how many elements they have. */
static size_t slots_set_ends(struct sequence *sequence, size_t p, size_t n)
{
        uint64_t begin = slots_end_before(sequence, p), end = begin;
        struct sequence_slot *slots = sequence_slot(sequence, p);

        for (size_t i = 0; i < n; ++i) {
                end += slots[i].chunk->n;
                slots[i].end = end;
        }
        return (size_t)(end - begin);
}

void sequence_recount(struct sequence *sequence, size_t p)
{
        uint64_t before = slots_end_before(sequence, p) - sequence->base;

        sequence->n = (size_t)before + slots_set_ends(sequence, p, sequence->n_slots - p);
}

/* --- linking */

void sequence_link(struct sequence *sequence, size_t p, const struct sequence_slot *slots, size_t n)
{
        size_t n_elements;

        slots_open(sequence, p, n);
        memcpy(sequence_slot(sequence, p), slots, n * sizeof(*slots));
        n_elements = slots_set_ends(sequence, p, n);
        slots_shift(sequence, p + n, n_elements);
}

void sequence_unlink(struct sequence *sequence, size_t p, size_t n)
{
        struct sequence_slot *slots = sequence_slot(sequence, p);
        uint64_t n_elements;

        if (n == 0)
                return;
        n_elements = slots[n - 1].end - slots_end_before(sequence, p);
        for (size_t i = 0; i < n; ++i) {
                if (n <= CHUNKS_AT_ONCE) {
                        chunk_free(slots[i].chunk, sequence->memory);
                        continue;
                }
                slots[i].chunk->next = sequence->dropped;
                sequence->dropped = slots[i].chunk;
                ++sequence->n_dropped;
        }
        slots_close(sequence, p, n);
        sequence_count(sequence, p, -n_elements);
}

/* --- mending */

/* Makes one chunk of that of slot p and the next. False where they are not so small. */
static bool slots_join(struct sequence *sequence, size_t p)
{
        struct sequence_slot *slot = sequence_slot(sequence, p);
        struct chunk *other = slot[1].chunk;

        if (!chunk_suits(slot->chunk, other) || !chunk_merge(&slot->chunk, sequence->memory, other))
                return false;
        slot->end = slot[1].end;
        chunk_free(other, sequence->memory);
        slots_close(sequence, p + 1, 1);
        return true;
}

/* Joins the chunk of slot p with its neighbours as long as that is small. */
static void slots_join_around(struct sequence *sequence, size_t p)
{
        while (p < sequence->n_slots) {
                if (p + 1 < sequence->n_slots && slots_join(sequence, p))
                        continue;
                if (p == 0 || !slots_join(sequence, p - 1))
                        break;
                --p;
        }
}

void sequence_mend(struct sequence *sequence, size_t p)
{
        if (p < sequence->n_slots) {
                struct sequence_slot *slot = sequence_slot(sequence, p);

                if (slot->chunk->n == 0)
                        sequence_unlink(sequence, p, 1);
                else
                        chunk_trim_sparse(&slot->chunk, sequence->memory);
        }
        slots_join_around(sequence, p);
        slots_shrink(sequence);
}

/* Closes up n slots from slot p on where chunks are empty or small. Returns how many are left. */
static size_t slots_compact(struct sequence *sequence, size_t p, size_t n)
{
        struct sequence_slot *first = sequence_slot(sequence, 0);
        size_t to = p;

        for (size_t from = p; from < p + n; ++from) {
                struct chunk *chunk = first[from].chunk;

                if (chunk->n == 0 || (to > 0 && chunk_suits(first[to - 1].chunk, chunk) &&
                                      chunk_merge(&first[to - 1].chunk, sequence->memory, chunk))) {
                        chunk_free(chunk, sequence->memory);
                        continue;
                }
                first[to].chunk = chunk;
                chunk_trim_sparse(&first[to].chunk, sequence->memory);
                ++to;
        }
        return to - p;
}

void sequence_mend_all(struct sequence *sequence, size_t p, size_t n)
{
        /* the first may go into the one before it */
        size_t first = p ? p - 1 : 0;
        uint64_t before =
                sequence_slot(sequence, p + n - 1)->end - slots_end_before(sequence, first);
        size_t n_left = slots_compact(sequence, p, n);
        size_t end = p + n_left;

        slots_close(sequence, end, n - n_left);
        sequence_count(sequence, end, slots_set_ends(sequence, first, end - first) - before);
        slots_join_around(sequence, end);
        slots_shrink(sequence);
}

/* --- the whole */

void sequence_init(struct sequence *sequence, struct memory *memory)
{
        *sequence = (struct sequence){ .memory = memory };
}

bool sequence_reap(struct sequence *sequence, size_t *budget)
{
        struct memory *memory = sequence->memory;

        for (; *budget && sequence->dropped; --*budget) {
                struct chunk *chunk = sequence->dropped;

                sequence->dropped = chunk->next;
                --sequence->n_dropped;
                chunk_free(chunk, memory);
        }
        for (; *budget && sequence->n_slots; --*budget) {
                struct chunk *chunk = sequence_slot(sequence, --sequence->n_slots)->chunk;

                sequence->n -= chunk->n;
                chunk_free(chunk, memory);
        }
        if (sequence->dropped || sequence->n_slots)
                return false;
        memory_refund(memory, sequence->n_room * sizeof(*sequence->slots));
        free(sequence->slots);
        sequence_init(sequence, memory);
        return true;
}

void sequence_deinit(struct sequence *sequence)
{
        size_t budget = SIZE_MAX;

        sequence_reap(sequence, &budget);
}

bool sequence_is_big(const struct sequence *sequence)
{
        return sequence->n_slots > CHUNKS_AT_ONCE || sequence->n_dropped > 0;
}

void sequence_take_dropped(struct sequence *sequence, struct sequence *out)
{
        sequence_init(out, sequence->memory);
        out->dropped = sequence->dropped;
        out->n_dropped = sequence->n_dropped;
        sequence->dropped = NULL;
        sequence->n_dropped = 0;
}

void sequence_swap(struct sequence *a, struct sequence *b)
{
        struct sequence c = *a;

        assert(a->memory == b->memory);
        *a = *b;
        *b = c;
}
