/*
 * buckets - chains of entries by hash, growing by one bucket at a time
 *
 * Linear hashing: buckets are added one by one, so that there may be any number
 * of them, and the first have been split already while the others have not. No
 * insertion pays for more than two. They lie in segments of equal size, so that
 * growing neither copies nor moves what is there; only the first segment of a
 * small table is smaller.
 *
 * For table.c alone.
 */
#pragma once

#include "managerd/object/entry.h"

/* Buckets in a segment; freeing one costs so much of the budget of table_reap(). */
#define BUCKETS_N_SEGMENT      16384u
#define BUCKETS_SEGMENT_BUDGET 64

struct buckets {
        struct table_entry ***segments; /* all of full length, but a first that is the only one */
        struct table_entry **first;     /* what `segments` points to until there are two */
        unsigned n_segments;
        unsigned n_first;   /* length of the first segment */
        unsigned n;         /* buckets in use */
        unsigned n_entries; /* in all chains */
};

/* NULL without memory. */
struct buckets *buckets_new(void);

/* Frees the buckets, not the entries. */
void buckets_free(struct buckets *buckets);

/* The chain in which an entry of that hash is, or would be. */
struct table_entry *buckets_chain(const struct buckets *buckets, uint32_t hash);

/* An entry came or went. Neither fails: without memory the chains get longer. */
void buckets_link(struct buckets *buckets, struct table_entry *entry);
void buckets_unlink(struct buckets *buckets, struct table_entry *entry);

/* Where the pointer to an entry is kept: another one of the same hash may take its place. */
struct table_entry **buckets_place(struct buckets *buckets, const struct table_entry *entry);

/*
 * For a table that will not be searched any more: gives back one segment. False
 * where there is but one.
 */
bool buckets_forget(struct buckets *buckets);

/* For tests: the longest chain, or SIZE_MAX where something is in a wrong place. Linear. */
size_t buckets_longest_chain(const struct buckets *buckets);
