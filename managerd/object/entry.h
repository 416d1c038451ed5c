/*
 * entry - one entry of a table: a single allocation, key and value inline
 *
 * For table.c and buckets.c alone. A table of millions pays for every byte here,
 * so the sizes are 32 bits wide, the fields lie without a gap, and the bytes
 * begin where the fields end.
 */
#pragma once

#include <stddef.h>

#include "managerd/object/table.h"

struct table_entry {
        struct table_entry *prev, *next; /* by utlist.h: in order of insertion */
        struct table_entry *chained;     /* the next one in its bucket */
        uint64_t sequence;
        uint32_t hash;             /* of the canonical key */
        uint32_t key_size : 31;    /* of the spelling */
        uint32_t is_canonical : 1; /* the spelling is: it is stored once */
        uint32_t value_size : 31;
        uint32_t has_nan : 1;
        /* the key as spelled, its canonical form behind its size if that differs, the value */
        uint8_t bytes[];
};

/* The formula of what is charged for an entry: this much, and its bytes. */
#define ENTRY_COST 56

/* A new entry in no table yet, or NULL. Without a sequence and a hash. */
struct table_entry *entry_new(const struct table_key *key, struct span value);
void entry_free(struct table_entry *entry);

struct span entry_key(const struct table_entry *entry); /* as spelled */
struct span entry_canonical(const struct table_entry *entry);
struct span entry_value(const struct table_entry *entry);
size_t entry_cost(const struct table_entry *entry);

/* Whether a value of that size can be stored without moving the entry. */
bool entry_fits(const struct table_entry *entry, size_t value_size);

/* The entry at another place where the value fits. NULL, and nothing changed, without memory. */
struct table_entry *entry_move(struct table_entry *entry, size_t value_size);

/* Another value, which fits. */
void entry_write_value(struct table_entry *entry, struct span value);
