/*
 * sequence_fixture - elements for sequences, and what a sequence has to be like
 */
#pragma once

#include "managerd/types/sequence.h"
#include "managerd/types/sequence_slots.h"
#include "proto/pack.h"
#include "tests/lib/cmocka.h"

#define VALUE_MAX 6000

/* Packs the value that goes with a number: most are short, a few do not fit a chunk. */
static inline struct span value_of(unsigned number, uint8_t text[VALUE_MAX])
{
        static const char filler[VALUE_MAX];
        unsigned kind = number % 100;
        struct buffer out = BUFFER_NULL;
        size_t size;

        if (kind < 2)
                pack_str(&out, span_of(filler, 1500 + number));
        else if (kind < 10)
                pack_bytes(&out, span_of(filler, 50 + number % 200));
        else if (kind < 30)
                pack_str(&out, span_of(filler, number % 30));
        else if (kind < 40)
                pack_array(&out, 3);
        if (kind >= 40 && kind < 60)
                pack_uint(&out, 1000 + number);
        else if (kind >= 60)
                pack_uint(&out, number % 128);
        for (unsigned i = 0; kind >= 30 && kind < 40 && i < 3; ++i)
                pack_uint(&out, number * i);
        assert_true(!out.failed && out.size <= VALUE_MAX);
        size = out.size;
        memcpy(text, out.data, size);
        buffer_deinit(&out);
        return span_of(text, size);
}

static inline void append(struct sequence *sequence, unsigned number)
{
        uint8_t text[VALUE_MAX];

        assert_int_equal(sequence_append(sequence, value_of(number, text)), 0);
}

static inline void append_times(struct sequence *sequence, unsigned number, size_t times)
{
        for (size_t i = 0; i < times; ++i)
                append(sequence, number);
}

/* --- a sequence is what it should be */

static inline void assert_chunk(const struct chunk *chunk)
{
        size_t at = chunk->begin;

        assert_in_range(chunk->n, 1, CHUNK_MAX_ELEMENTS);
        assert_true(chunk->n_gone + chunk->n <= CHUNK_MAX_ELEMENTS);
        assert_true(chunk->n == 1 || chunk->begin + chunk->size <= CHUNK_MAX_BYTES);
        assert_true(chunk->begin + (size_t)chunk->size <= chunk->room);
        for (unsigned k = 0; k < chunk->n; ++k) {
                assert_int_equal(chunk_offset(chunk, k), at);
                at += value_size(chunk->bytes + at);
                assert_ptr_equal(chunk_at(chunk, k).data + chunk_at(chunk, k).size,
                                 chunk->bytes + at);
        }
        assert_int_equal(at, chunk->begin + chunk->size);
}

/* Slots count right, and what is charged is what is there. */
static inline void assert_sound(const struct sequence *sequence)
{
        size_t cost = sequence->n_room * sizeof(struct sequence_slot);
        size_t n = 0;

        assert_true(sequence->begin + sequence->n_slots <= sequence->n_room);
        for (size_t p = 0; p < sequence->n_slots; ++p) {
                const struct sequence_slot *slot = sequence_slot(sequence, p);

                assert_chunk(slot->chunk);
                n += slot->chunk->n;
                assert_true(slot->end - sequence->base == n);
                cost += sizeof(struct chunk) + slot->chunk->room;
        }
        assert_int_equal(sequence->n, n);
        for (const struct chunk *chunk = sequence->dropped; chunk; chunk = chunk->next)
                cost += sizeof(struct chunk) + chunk->room;
        assert_int_equal(sequence->memory->used, cost);
}

/* No two neighbours are so small that they should be one, and none is mostly empty. */
static inline void assert_shapely(const struct sequence *sequence)
{
        assert_sound(sequence);
        for (size_t p = 0; p < sequence->n_slots; ++p) {
                const struct sequence_slot *slot = sequence_slot(sequence, p);

                assert_true(slot->chunk->room <= 64 || slot->chunk->size >= slot->chunk->room / 4);
                if (p > 0)
                        assert_false(chunk_suits(slot[-1].chunk, slot->chunk));
        }
        assert_true(sequence->n_room <= 16 || sequence->n_slots > sequence->n_room / 4);
}

static inline void assert_elements(const struct sequence *sequence, const unsigned *numbers,
                                   size_t n)
{
        uint8_t text[VALUE_MAX];
        struct sequence_cursor cursor;
        struct span element = SPAN_ABSENT;

        assert_int_equal(sequence->n, n);
        sequence_walk(sequence, 0, n, &cursor);
        for (size_t i = 0; i < n; ++i) {
                assert_true(sequence_next(&cursor, &element));
                assert_true(span_equal(element, value_of(numbers[i], text)));
        }
        assert_false(sequence_next(&cursor, &element));
}
