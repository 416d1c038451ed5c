/*
 * buckets - uthash, but growing by one bucket at a time
 *
 * The one includer of uthash, for table.c alone. uthash keeps the order and the
 * chains. Its growth, which doubles all at once, is replaced by linear hashing:
 * buckets are added one at a time, so that there may be any number of them, and
 * the first have been split already while the others have not.
 */
#pragma once

#include <stdbool.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#define HASH_INITIAL_NUM_BUCKETS      4U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 2U

/* Linear hashing: a bucket that is not there yet is still part of the one it will be split from. */
#undef HASH_TO_BKT
#define HASH_TO_BKT(hashv, num_bkts, bkt)                                                          \
        do {                                                                                       \
                unsigned tb_mask = UINT32_MAX >> __builtin_clz((num_bkts)-1U);                     \
                (bkt) = (hashv)&tb_mask;                                                           \
                if ((bkt) >= (num_bkts))                                                           \
                        (bkt) -= tb_mask / 2U + 1U;                                                \
        } while (0)

/* Buckets of a table that gives back its memory: so many cost so much of the budget. */
#define BUCKETS_N_PIECE      16384
#define BUCKETS_PIECE_BUDGET 256

/*
 * An entry came or went: adds or takes two buckets at most. Never fails:
 * without memory the chains get longer.
 */
void buckets_adjust(UT_hash_table *buckets);

/*
 * For a table that will not be searched any more: gives back the memory of one
 * piece. False where little is left.
 */
bool buckets_forget(UT_hash_table *buckets);

/* Frees the buckets and the table of them, in place of uthash. */
void buckets_free(UT_hash_table *buckets);

/* For tests: the longest chain, or SIZE_MAX where something points to a wrong place. Linear. */
size_t buckets_longest_chain(const UT_hash_table *buckets);
