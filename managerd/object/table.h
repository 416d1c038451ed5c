/*
 * table - an insertion-ordered hash table of bytes to bytes
 *
 * What it has that uthash, from whose utlist.h its order is made, has not:
 *   - the hash is SipHash under the daemon's key, so that nobody can choose
 *     keys that collide;
 *   - one allocation an entry, key and value bytes inline;
 *   - it grows by one bucket at each insertion (linear hashing), so that no
 *     single call pays for all;
 *   - out of memory is an error, and leaves the table as it was;
 *   - a table can hand over all its entries in O(1) to be freed later, in steps.
 *
 * A key is looked up by its canonical form and stored as it was spelled first:
 * after d[1] = "a"; d[True] = "b" there is one entry, 1: "b".
 */
#pragma once

#include "managerd/object/memory.h"
#include "proto/buffer.h"
#include "proto/span.h"

#define TABLE_HASH_KEY_SIZE 16

/* What all tables of a daemon share. Borrowed by each table. */
struct table_world {
        uint8_t hash_key[TABLE_HASH_KEY_SIZE];
        struct memory *memory; /* borrowed */
};

struct table_entry; /* valid until it is removed, or its value replaced */

struct table {
        const struct table_world *world; /* borrowed, outlives the table */
        struct table_entry *head;        /* in order of insertion; NULL where empty */
        struct buckets *buckets;         /* NULL where empty */
        uint64_t next_sequence;          /* of the next entry, from 1; never reused in a table */
        uint64_t version;                /* changes whenever an entry comes or goes */
};

/* A key made ready to look for. Borrows the bytes it was made from, and `scratch`. */
struct table_key {
        struct span spelling;
        struct span canonical;
        uint32_t hash;
        bool has_nan; /* equals nothing: never found */
};

void table_init(struct table *table, const struct table_world *world);

/* Frees all entries at once. For small tables and at exit; else see table_reap(). */
void table_deinit(struct table *table);

size_t table_count(const struct table *table);

/*
 * A key from a packed value. Returns 0; -STATUS_TYPE where it is unhashable
 * (value_unhashable() says what to blame); -STATUS_NOMEM. The canonical form
 * replaces the content of `scratch` if it may differ from the spelling.
 */
int table_key_from_value(struct table_key *key, const struct table *table, struct span value,
                         struct buffer *scratch);

/* A key of raw bytes that are not a packed value: idents, names. */
void table_key_from_bytes(struct table_key *key, const struct table *table, struct span bytes);

struct table_entry *table_find(const struct table *table, const struct table_key *key);

/*
 * Sets key to value: replaces the value of the entry that is there (its
 * spelling and place stay) or appends a new one. The entry that holds the
 * value now is returned in *entry (may be NULL). `key` and `value` must not
 * point into the same table's entries. Returns 0, or -STATUS_NOMEM and nothing changed.
 */
int table_set(struct table *table, const struct table_key *key, struct span value,
              struct table_entry **entry);

void table_remove(struct table *table, struct table_entry *entry);

struct span table_entry_key(const struct table_entry *entry);   /* as spelled */
struct span table_entry_value(const struct table_entry *entry); /* not aligned */
uint64_t table_entry_sequence(const struct table_entry *entry); /* grows in insertion order */

struct table_entry *table_first(const struct table *table);
struct table_entry *table_last(const struct table *table);
struct table_entry *table_next(const struct table *table, const struct table_entry *entry);
struct table_entry *table_previous(const struct table *table, const struct table_entry *entry);

/*
 * The first entry whose sequence is beyond `sequence`. `near` is the key that
 * had that sequence, or NULL: if it is still there with it this is O(1), else
 * the table is walked from the end that is nearer.
 */
struct table_entry *table_after(const struct table *table, uint64_t sequence,
                                const struct table_key *near);

/* Moves everything out of `table`, which is empty afterwards, into `to`, which was. O(1). */
void table_move(struct table *table, struct table *to);

/*
 * Changes to several entries, all or none: table_stage() collects them in
 * `stage`, which began with table_stage_begin(), and may fail; table_merge()
 * then moves them into `table`, as table_set() would one by one, and cannot.
 * In between the table must not be changed. A stage that is given up is freed
 * by table_deinit().
 */
void table_stage_begin(struct table *stage, const struct table *table);
int table_stage(struct table *stage, const struct table *table, const struct table_key *key,
                struct span value);
void table_merge(struct table *table, struct table *stage);

/* An entry's own key, to look for it in another table of the same world. Borrows the entry. */
void table_key_from_entry(struct table_key *key, const struct table_entry *entry);

/*
 * Frees up to *budget entries and lowers it by as many; the memory of the
 * buckets counts as some more. True when nothing is left. Once it has begun,
 * nothing but table_reap() and table_deinit() may be done with the table.
 */
bool table_reap(struct table *table, size_t *budget);

/* For tests: how the buckets are filled. False where they contradict themselves. */
struct table_shape {
        size_t n_entries, n_buckets, longest_chain;
};
bool table_inspect(const struct table *table, struct table_shape *shape);
