/*
 * sequence_slots - the slots of a sequence, for sequence*.c only
 */
#pragma once

#include "managerd/types/sequence.h"

static inline struct sequence_slot *sequence_slot(const struct sequence *sequence, size_t p)
{
        return sequence->slots + sequence->begin + p;
}

/* The slot of the i-th element, and which of its chunk it is; of i == n, the end of the last. */
size_t sequence_find(const struct sequence *sequence, size_t i, unsigned *k);

/* Makes room for n more slots before slot p. Returns 0 or -STATUS_NOMEM. */
int sequence_reserve_slots(struct sequence *sequence, size_t p, size_t n);

/* Moves copies of n slots in before slot p, for which there is room. Their ends are set here. */
void sequence_link(struct sequence *sequence, size_t p, const struct sequence_slot *slots,
                   size_t n);

/* Takes n slots from slot p on out, and drops their chunks. */
void sequence_unlink(struct sequence *sequence, size_t p, size_t n);

/* The chunk of slot p has got `delta` (modulo 2^64) elements more. */
void sequence_count(struct sequence *sequence, size_t p, uint64_t delta);

/* Counts all ends from slot p on anew. */
void sequence_recount(struct sequence *sequence, size_t p);

/*
 * Puts things right where the chunk of slot p is new or has shrunk, perhaps to
 * nothing. Room for slots that is not needed is given back here only.
 */
void sequence_mend(struct sequence *sequence, size_t p);

/* The same for n slots from slot p on, whose chunks have not been counted again yet. */
void sequence_mend_all(struct sequence *sequence, size_t p, size_t n);
