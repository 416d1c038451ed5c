/*
 * buckets - chains of entries by hash, growing by one bucket at a time
 */
#include "managerd/object/buckets.h"

#include <stdlib.h>

/* Entries a bucket on average, and how many buckets may share one before they get fewer. */
#define BUCKETS_MAX_LOAD 2
#define BUCKETS_MIN_FILL 2
#define BUCKETS_INITIAL  4u
#define BUCKETS_MAX      (1u << 31)

/* A bucket that is not there yet is still part of the one it will be split from. */
static unsigned buckets_home(unsigned n, uint32_t hash)
{
        unsigned mask = UINT32_MAX >> __builtin_clz(n - 1), home = hash & mask;

        return home < n ? home : home - (mask / 2 + 1);
}

static struct table_entry **bucket_at(const struct buckets *buckets, unsigned i)
{
        return &buckets->segments[i / BUCKETS_N_SEGMENT][i % BUCKETS_N_SEGMENT];
}

struct buckets *buckets_new(void)
{
        struct buckets *buckets = malloc(sizeof(*buckets));

        if (!buckets)
                return NULL;
        *buckets = (struct buckets){
                .n_segments = 1,
                .n_first = BUCKETS_INITIAL,
                .n = BUCKETS_INITIAL,
                .first = calloc(BUCKETS_INITIAL, sizeof(*buckets->first)),
        };
        buckets->segments = &buckets->first;
        if (!buckets->first) {
                free(buckets);
                return NULL;
        }
        return buckets;
}

void buckets_free(struct buckets *buckets)
{
        for (unsigned i = 0; i < buckets->n_segments; ++i)
                free(buckets->segments[i]);
        if (buckets->segments != &buckets->first)
                free(buckets->segments);
        free(buckets);
}

/* --- segments */

static bool buckets_resize_first(struct buckets *buckets, unsigned n)
{
        struct table_entry **first = realloc(buckets->segments[0], n * sizeof(*first));

        if (!first)
                return false;
        buckets->segments[0] = first;
        buckets->n_first = n;
        return true;
}

/* Room for one more in the list of segments, which doubles at the powers of two. */
static bool buckets_grow_list(struct buckets *buckets)
{
        unsigned n = buckets->n_segments;
        bool is_own = buckets->segments != &buckets->first;
        struct table_entry ***list;

        if (n & (n - 1) || (n == 1 && is_own))
                return true;
        list = realloc(is_own ? buckets->segments : NULL, 2 * n * sizeof(*list));
        if (!list)
                return false;
        if (!is_own)
                list[0] = buckets->first;
        buckets->segments = list;
        return true;
}

/* Room for one more bucket. */
static bool buckets_reserve(struct buckets *buckets)
{
        struct table_entry **segment;

        if (buckets->n < buckets->n_first)
                return true;
        if (buckets->n < BUCKETS_N_SEGMENT)
                return buckets_resize_first(buckets, buckets->n_first * 2);
        if (buckets->n < buckets->n_segments * BUCKETS_N_SEGMENT)
                return true;
        segment = malloc(BUCKETS_N_SEGMENT * sizeof(*segment));
        if (!segment)
                return false;
        if (!buckets_grow_list(buckets)) {
                free(segment);
                return false;
        }
        buckets->segments[buckets->n_segments++] = segment;
        return true;
}

static void buckets_drop_segment(struct buckets *buckets)
{
        free(buckets->segments[--buckets->n_segments]);
}

/* --- adding and taking one bucket */

static void bucket_push(struct table_entry **bucket, struct table_entry *entry)
{
        entry->chained = *bucket;
        *bucket = entry;
}

static bool buckets_add(struct buckets *buckets)
{
        unsigned added = buckets->n;
        struct table_entry **link, **bucket, *entry;

        if (!buckets_reserve(buckets))
                return false;
        link = bucket_at(buckets, buckets_home(added, added));
        bucket = bucket_at(buckets, added);
        *bucket = NULL;
        ++buckets->n;
        while ((entry = *link)) {
                if (buckets_home(buckets->n, entry->hash) != added) {
                        link = &entry->chained;
                        continue;
                }
                *link = entry->chained;
                bucket_push(bucket, entry);
        }
        return true;
}

/* Merges the last bucket into the one it was split from. */
static void buckets_take(struct buckets *buckets)
{
        unsigned last = --buckets->n;
        struct table_entry **bucket = bucket_at(buckets, buckets_home(last, last));
        struct table_entry *entry = *bucket_at(buckets, last), *next;

        for (; entry; entry = next) {
                next = entry->chained;
                bucket_push(bucket, entry);
        }

        /* some room stays, for the table may grow again; where a resize fails more of it does */
        if (buckets->n_segments > 1) {
                if (last + BUCKETS_N_SEGMENT / 2 <= (buckets->n_segments - 1) * BUCKETS_N_SEGMENT)
                        buckets_drop_segment(buckets);
        } else if (last <= buckets->n_first / 4) {
                buckets_resize_first(buckets, buckets->n_first / 2);
        }
}

static void buckets_adjust(struct buckets *buckets)
{
        for (unsigned i = 0; i < 2; ++i) {
                unsigned n = buckets->n;

                if (buckets->n_entries / BUCKETS_MAX_LOAD >= n && n < BUCKETS_MAX) {
                        if (!buckets_add(buckets))
                                return;
                } else if (n > BUCKETS_INITIAL && buckets->n_entries < n / BUCKETS_MIN_FILL) {
                        buckets_take(buckets);
                } else {
                        return;
                }
        }
}

/* --- entries */

struct table_entry *buckets_chain(const struct buckets *buckets, uint32_t hash)
{
        return *bucket_at(buckets, buckets_home(buckets->n, hash));
}

void buckets_link(struct buckets *buckets, struct table_entry *entry)
{
        bucket_push(bucket_at(buckets, buckets_home(buckets->n, entry->hash)), entry);
        ++buckets->n_entries;
        buckets_adjust(buckets);
}

struct table_entry **buckets_place(struct buckets *buckets, const struct table_entry *entry)
{
        struct table_entry **place = bucket_at(buckets, buckets_home(buckets->n, entry->hash));

        while (*place != entry)
                place = &(*place)->chained;
        return place;
}

void buckets_unlink(struct buckets *buckets, struct table_entry *entry)
{
        *buckets_place(buckets, entry) = entry->chained;
        --buckets->n_entries;
        buckets_adjust(buckets);
}

bool buckets_forget(struct buckets *buckets)
{
        if (buckets->n_segments == 1)
                return false;
        buckets_drop_segment(buckets);
        return true;
}

/* --- for tests */

size_t buckets_longest_chain(const struct buckets *buckets)
{
        size_t longest = 0, total = 0;

        for (unsigned i = 0; i < buckets->n; ++i) {
                size_t n = 0;

                for (const struct table_entry *at = *bucket_at(buckets, i); at; at = at->chained) {
                        if (buckets_home(buckets->n, at->hash) != i || ++n > buckets->n_entries)
                                return SIZE_MAX;
                }
                longest = n > longest ? n : longest;
                total += n;
        }
        return total == buckets->n_entries ? longest : SIZE_MAX;
}
