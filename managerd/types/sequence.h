/*
 * sequence - packed values in order, close together
 *
 * What a list keeps its elements in: chunks of them (chunk.h), and an array of
 * slots that says of each chunk how many elements there are up to its end.
 * Elements of one byte cost less than two and a half. Both ends are cheap: there
 * may be a gap in front of the slots, and the ends of chunks are counted from a
 * base that moves.
 *
 * Every change that returns a status is all or nothing: what it allocates, it
 * allocates first. Dropping cannot fail. Spans point into the chunks: they are
 * good until the next change of the sequence.
 */
#pragma once

#include "managerd/types/chunk.h"
#include "proto/buffer.h"

struct sequence_slot {
        struct chunk *chunk; /* owned, never empty */
        uint64_t end;        /* elements up to its end, as counted from `base`; both wrap around */
};

struct sequence {
        struct memory *memory;       /* borrowed: charged for slots and chunks */
        struct sequence_slot *slots; /* owned; NULL while n_room is 0 */
        size_t n_room;               /* slots allocated */
        size_t begin;                /* slots of the gap in front */
        size_t n_slots;              /* slots in use, from slots[begin] on */
        size_t n;                    /* elements */
        uint64_t base;
        struct chunk *dropped; /* owned: by a change of many, still to be freed */
        size_t n_dropped;
};

void sequence_init(struct sequence *sequence, struct memory *memory);

/* Frees everything at once; empty afterwards. For a few chunks; else see sequence_reap(). */
void sequence_deinit(struct sequence *sequence);

/* Frees up to *budget chunks and lowers it; true when nothing is left. Of no other use then. */
bool sequence_reap(struct sequence *sequence, size_t *budget);

/* Whether freeing it is work for more than one step. */
bool sequence_is_big(const struct sequence *sequence);

/* Makes `out` of the chunks that changes have dropped and not freed. */
void sequence_take_dropped(struct sequence *sequence, struct sequence *out);

/* Exchanges two sequences that charge the same memory. */
void sequence_swap(struct sequence *a, struct sequence *b);

/* --- reading */

struct span sequence_at(const struct sequence *sequence, size_t i);

/* Appends n elements from the i-th on, packed, without a header. */
void sequence_pack(const struct sequence *sequence, size_t i, size_t n, struct buffer *out);

/* The same of all, the last one first. */
void sequence_pack_reversed(const struct sequence *sequence, struct buffer *out);

/* A walk. Good until the next change. */
struct sequence_cursor {
        const struct sequence_slot *slot;
        const uint8_t *at;
        unsigned n_near; /* elements still to come of this chunk */
        size_t n_left;   /* elements still to come */
};

/* n elements from the i-th on. */
void sequence_walk(const struct sequence *sequence, size_t i, size_t n,
                   struct sequence_cursor *cursor);

static inline bool sequence_next(struct sequence_cursor *cursor, struct span *element)
{
        if (!cursor->n_left)
                return false;
        if (!cursor->n_near) {
                ++cursor->slot;
                cursor->at = cursor->slot->chunk->bytes + cursor->slot->chunk->begin;
                cursor->n_near = cursor->slot->chunk->n;
        }
        *element = span_of(cursor->at, chunk_value_size(cursor->at));
        cursor->at += element->size;
        --cursor->n_near;
        --cursor->n_left;
        return true;
}

/* --- adding: 0, -STATUS_NOMEM or -STATUS_TOO_LARGE (an element of 4 GiB) */

/* Copies of `value`, which is no part of the sequence. */
int sequence_append(struct sequence *sequence, struct span value);
int sequence_insert(struct sequence *sequence, size_t i, struct span value);
int sequence_replace(struct sequence *sequence, size_t i, struct span value);

/* Appends n values that lie one behind the other. On failure some of them have been. */
int sequence_append_packed(struct sequence *sequence, const uint8_t *at, size_t n);

/* Appends all of `from` so many times. On failure some of it has been. */
int sequence_append_repeated(struct sequence *sequence, const struct sequence *from, size_t times);

/* --- exchanging many */

/* Makes ready what sequence_splice() with the same arguments needs, which cannot fail then. */
int sequence_reserve(struct sequence *sequence, size_t i, size_t n, const struct sequence *batch);

/*
 * Drops n elements from the i-th on and moves all of `batch` into their place.
 * Only after sequence_reserve(). What `batch` is afterwards, is to be freed.
 */
void sequence_splice(struct sequence *sequence, size_t i, size_t n, struct sequence *batch);

/* --- what needs no memory */

void sequence_remove(struct sequence *sequence, size_t i, size_t n);

/* Drops n elements, each `step` behind the one before it. */
void sequence_remove_stepwise(struct sequence *sequence, size_t i, size_t step, size_t n);

void sequence_reverse(struct sequence *sequence);
