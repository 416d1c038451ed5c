/*
 * memory - what the stored state costs
 *
 * State is charged by what was asked for, by formula, and never by what malloc
 * made of it: the same inputs reach the same limit on every machine. Whoever
 * stores charges first and stores then; whoever drops refunds.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
        size_t used;        /* bytes charged and not refunded */
        size_t limit;       /* SIZE_MAX: none */
        uint64_t n_refused; /* how often it would have been exceeded */
        /* Frees what was dropped and is still charged, until n bytes fit or nothing is left. */
        void (*reclaim)(struct memory *memory, size_t n); /* NULL: nothing ever is */
};

static inline bool memory_has_room(const struct memory *memory, size_t n)
{
        return memory->used <= memory->limit && n <= memory->limit - memory->used;
}

/* False, and nothing charged, where the limit would be exceeded. */
static inline bool memory_charge(struct memory *memory, size_t n)
{
        if (!memory_has_room(memory, n) && memory->reclaim)
                memory->reclaim(memory, n);
        if (!memory_has_room(memory, n)) {
                ++memory->n_refused;
                return false;
        }
        memory->used += n;
        return true;
}

static inline void memory_refund(struct memory *memory, size_t n)
{
        assert(n <= memory->used);
        memory->used -= n;
}
