/*
 * entries - what the containers that keep a table have in common
 *
 * dict and set are both a table of packed keys in order of insertion. How keys
 * are read, walked through, handed out in pages and freed is the same for both.
 */
#pragma once

#include "managerd/object/elements.h"
#include "managerd/object/store.h"

/* --- keys */

/* Makes a key ready, or fails with TypeError. It lives as long as the value and `scratch`. */
int entries_get_key(const struct table *table, struct call *call, struct span value,
                    struct buffer *scratch, struct table_key *key);

/* The entry of another table of the same world with the same key, or NULL. */
struct table_entry *entries_find(const struct table *table, const struct table_entry *like);

/*
 * Adds each element as a key without a value, where neither `table` nor `except`, which may be
 * NULL, has one that equals it. 0 or the failure.
 */
int entries_collect(struct table *table, struct call *call, struct elements *elements,
                    const struct table *except);

/* All keys, one behind the other. */
void entries_pack_keys(const struct table *table, struct buffer *out);

/* --- walking: struct walkable */

/* As in Python a walk is spoilt when the number of keys differs from that at its beginning. */
void entries_walk_begin(const struct table *table, struct cursor *cursor);
int entries_walk_next(const struct table *table, struct cursor *cursor, struct span *element);

/* The method page(cursor, count): [next, entries], each as `pack` packs it, one value. */
int entries_page(const struct table *table, struct call *call,
                 void (*pack)(const struct table_entry *entry, struct buffer *out));

/* --- freeing */

/* Frees a whole table, at once or, where it is big, in steps. The table is empty then. */
void entries_discard(struct store *store, struct table *table);
