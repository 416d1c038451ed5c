/*
 * buckets - uthash, but growing by one bucket at a time
 *
 * The array of the buckets grows in doublings, but is mapped memory once it is
 * large: the kernel moves the pages instead of copying them, and those not used
 * yet cost nothing.
 */
#define _GNU_SOURCE 1

#include "managerd/object/buckets.h"

#include <string.h>
#include <sys/mman.h>

/* Entries a bucket on average, and how many buckets may share one before they get fewer. */
#define BUCKETS_MAX_LOAD 2
#define BUCKETS_MIN_FILL 2
#define BUCKETS_MAX      (1u << 31)

/* An array of so many buckets is mapped. */
#define BUCKETS_N_MAPPED 8192

/* uthash has no use of its own for log2_num_buckets any more. */
static size_t buckets_capacity(const UT_hash_table *buckets)
{
        return (size_t)1 << buckets->log2_num_buckets;
}

static void buckets_deallocate(UT_hash_bucket *array, size_t capacity)
{
        if (capacity >= BUCKETS_N_MAPPED)
                munmap(array, capacity * sizeof(*array));
        else
                free(array);
}

static UT_hash_bucket *buckets_allocate(size_t capacity)
{
        size_t size = capacity * sizeof(UT_hash_bucket);
        void *array;

        if (capacity < BUCKETS_N_MAPPED)
                return malloc(size);
        array = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return array == MAP_FAILED ? NULL : array;
}

/* Another capacity for the array; the buckets in use fit into it. */
static bool buckets_resize(UT_hash_table *buckets, unsigned log2)
{
        size_t from = buckets_capacity(buckets), to = (size_t)1 << log2;
        UT_hash_bucket *array;

        if (from >= BUCKETS_N_MAPPED && to >= BUCKETS_N_MAPPED) {
                array = mremap(buckets->buckets, from * sizeof(*array), to * sizeof(*array),
                               MREMAP_MAYMOVE);
                if (array == MAP_FAILED)
                        return false;
        } else {
                array = buckets_allocate(to);
                if (!array)
                        return false;
                memcpy(array, buckets->buckets, buckets->num_buckets * sizeof(*array));
                buckets_deallocate(buckets->buckets, from);
        }
        buckets->buckets = array;
        buckets->log2_num_buckets = log2;
        return true;
}

/* The pages of the piece that begins at bucket `first` are not needed any more. */
static void buckets_forget_piece(UT_hash_table *buckets, size_t first)
{
        size_t n = buckets_capacity(buckets) - first;

        if (n > BUCKETS_N_PIECE)
                n = BUCKETS_N_PIECE;
        madvise(buckets->buckets + first, n * sizeof(*buckets->buckets), MADV_DONTNEED);
}

static void bucket_link(UT_hash_bucket *bucket, UT_hash_handle *handle)
{
        handle->hh_prev = NULL;
        handle->hh_next = bucket->hh_head;
        if (bucket->hh_head)
                bucket->hh_head->hh_prev = handle;
        bucket->hh_head = handle;
        ++bucket->count;
}

/* Adds one bucket and moves there what belongs to it. False where there is no memory for it. */
static bool buckets_add(UT_hash_table *buckets)
{
        unsigned added = buckets->num_buckets, origin;
        UT_hash_handle *handle, *next;

        if (added == buckets_capacity(buckets) &&
            !buckets_resize(buckets, buckets->log2_num_buckets + 1))
                return false;

        HASH_TO_BKT(added, added, origin);
        buckets->buckets[added] = (UT_hash_bucket){ 0 };
        ++buckets->num_buckets;
        for (handle = buckets->buckets[origin].hh_head; handle; handle = next) {
                unsigned now;

                next = handle->hh_next;
                HASH_TO_BKT(handle->hashv, buckets->num_buckets, now);
                if (now == origin)
                        continue;
                HASH_DEL_IN_BKT(buckets->buckets[origin], handle);
                bucket_link(&buckets->buckets[added], handle);
        }
        return true;
}

/* Merges the last bucket into the one it was split from. */
static void buckets_take(UT_hash_table *buckets)
{
        unsigned last = buckets->num_buckets - 1, origin;
        UT_hash_handle *handle, *next;

        HASH_TO_BKT(last, last, origin);
        --buckets->num_buckets;
        for (handle = buckets->buckets[last].hh_head; handle; handle = next) {
                next = handle->hh_next;
                bucket_link(&buckets->buckets[origin], handle);
        }

        if (last % BUCKETS_N_PIECE == 0)
                buckets_forget_piece(buckets, last);
        /* where this fails the array stays larger than it needs to be */
        if (last == buckets_capacity(buckets) / 2)
                buckets_resize(buckets, buckets->log2_num_buckets - 1);
}

void buckets_adjust(UT_hash_table *buckets)
{
        for (unsigned i = 0; i < 2; ++i) {
                unsigned n = buckets->num_buckets;

                if (buckets->num_items / BUCKETS_MAX_LOAD >= n && n < BUCKETS_MAX) {
                        if (!buckets_add(buckets))
                                return;
                } else if (n > HASH_INITIAL_NUM_BUCKETS &&
                           buckets->num_items < n / BUCKETS_MIN_FILL) {
                        buckets_take(buckets);
                } else {
                        return;
                }
        }
}

bool buckets_forget(UT_hash_table *buckets)
{
        size_t first = (buckets->num_buckets - 1) / BUCKETS_N_PIECE * BUCKETS_N_PIECE;

        if (first == 0)
                return false;
        buckets_forget_piece(buckets, first);
        buckets->num_buckets = (unsigned)first;
        return true;
}

void buckets_free(UT_hash_table *buckets)
{
        buckets_deallocate(buckets->buckets, buckets_capacity(buckets));
        free(buckets);
}

/* SIZE_MAX where the chain of bucket `i` is not what it says. */
static size_t bucket_chain(const UT_hash_table *buckets, unsigned i)
{
        const UT_hash_bucket *bucket = &buckets->buckets[i];
        const UT_hash_handle *previous = NULL;
        size_t n = 0;

        for (const UT_hash_handle *at = bucket->hh_head; at; previous = at, at = at->hh_next) {
                unsigned home;

                HASH_TO_BKT(at->hashv, buckets->num_buckets, home);
                if (home != i || at->hh_prev != previous || at->tbl != buckets)
                        return SIZE_MAX;
                ++n;
        }
        return n == bucket->count ? n : SIZE_MAX;
}

size_t buckets_longest_chain(const UT_hash_table *buckets)
{
        size_t longest = 0, total = 0;

        for (unsigned i = 0; i < buckets->num_buckets; ++i) {
                size_t n = bucket_chain(buckets, i);

                if (n == SIZE_MAX)
                        return SIZE_MAX;
                longest = n > longest ? n : longest;
                total += n;
        }
        return total == buckets->num_items ? longest : SIZE_MAX;
}
