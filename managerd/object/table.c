/*
 * table - an insertion-ordered hash table of bytes to bytes
 */
#include "managerd/object/table.h"

#include <sodium.h>
#include <stdlib.h>

#include "managerd/object/buckets.h"
#include "proto/status.h"
#include "proto/value.h"

/* The formula of what is charged: an entry without its bytes, and a table that is not empty. */
#define TABLE_ENTRY_COST 88
#define TABLE_COST       128

#define TABLE_MAX_BYTES ((size_t)INT32_MAX)

struct table_entry {
        UT_hash_handle hh; /* its key is the canonical form */
        uint64_t sequence;
        uint32_t has_nan : 1;
        uint32_t key_size : 31; /* of the spelling */
        uint32_t value_size;
        uint8_t bytes[]; /* the key as spelled, its canonical form if that differs, the value */
};

/* --- entries */

static size_t entry_value_offset(const struct table_entry *entry)
{
        return (size_t)((const uint8_t *)entry->hh.key - entry->bytes) + entry->hh.keylen;
}

static size_t entry_cost(const struct table_entry *entry)
{
        return TABLE_ENTRY_COST + entry_value_offset(entry) + entry->value_size;
}

/* What malloc gives in any case: a value that stays within these needs no new entry. */
static size_t entry_round(size_t n_bytes)
{
        return ((sizeof(struct table_entry) + n_bytes + 8 + 15) & ~(size_t)15) - 8;
}

static void entry_write_value(struct table_entry *entry, struct span value)
{
        entry->value_size = (uint32_t)value.size;
        if (value.size)
                memcpy(entry->bytes + entry_value_offset(entry), value.data, value.size);
}

static struct table_entry *entry_new(const struct table_key *key, struct span value)
{
        bool same = span_equal(key->spelling, key->canonical);
        size_t n_key = key->spelling.size, n_canonical = same ? 0 : key->canonical.size;
        struct table_entry *entry;

        if (n_key > TABLE_MAX_BYTES || n_canonical > TABLE_MAX_BYTES ||
            value.size > TABLE_MAX_BYTES)
                return NULL;
        entry = malloc(entry_round(n_key + n_canonical + value.size));
        if (!entry)
                return NULL;

        entry->has_nan = key->has_nan;
        entry->key_size = (uint32_t)n_key & INT32_MAX;
        if (n_key)
                memcpy(entry->bytes, key->spelling.data, n_key);
        if (n_canonical)
                memcpy(entry->bytes + n_key, key->canonical.data, n_canonical);
        entry->hh.key = same ? entry->bytes : entry->bytes + n_key;
        entry->hh.keylen = (unsigned)key->canonical.size;
        entry_write_value(entry, value);
        return entry;
}

static struct table_entry *entry_of_handle(UT_hash_handle *handle)
{
        return (struct table_entry *)(void *)((char *)handle - offsetof(struct table_entry, hh));
}

struct span table_entry_key(const struct table_entry *entry)
{
        return span_of(entry->bytes, entry->key_size);
}

struct span table_entry_value(const struct table_entry *entry)
{
        return span_of(entry->bytes + entry_value_offset(entry), entry->value_size);
}

uint64_t table_entry_sequence(const struct table_entry *entry)
{
        return entry->sequence;
}

/* --- keys */

static uint32_t table_hash(const struct table *table, struct span bytes)
{
        uint8_t hash[crypto_shorthash_BYTES];
        uint32_t half[2];

        _Static_assert(sizeof(half) == sizeof(hash), "SipHash gives 64 bits");
        _Static_assert(crypto_shorthash_KEYBYTES == TABLE_HASH_KEY_SIZE, "SipHash's key");
        crypto_shorthash(hash, bytes.data, bytes.size, table->world->hash_key);
        memcpy(half, hash, sizeof(half));
        return half[0] ^ half[1];
}

/* NaN keys are never looked for, but must not all lie in one bucket. */
static uint32_t table_key_hash(const struct table *table, const struct table_key *key,
                               uint64_t sequence)
{
        return key->has_nan ? table_hash(table, span_of(&sequence, sizeof(sequence))) : key->hash;
}

int table_key_from_value(struct table_key *key, const struct table *table, struct span value,
                         struct buffer *scratch)
{
        int r;

        key->spelling = key->canonical = value;
        key->has_nan = false;
        if (!value_is_canonical(value)) {
                if (value_unhashable(value))
                        return -STATUS_TYPE;
                buffer_truncate(scratch, 0);
                r = value_canonical(value, scratch, &key->has_nan);
                if (r < 0)
                        return r;
                key->canonical = buffer_span(scratch);
        }
        key->hash = table_hash(table, key->canonical);
        return 0;
}

void table_key_from_bytes(struct table_key *key, const struct table *table, struct span bytes)
{
        key->spelling = key->canonical = bytes;
        key->hash = table_hash(table, bytes);
        key->has_nan = false;
}

void table_key_from_entry(struct table_key *key, const struct table_entry *entry)
{
        key->spelling = table_entry_key(entry);
        key->canonical = span_of(entry->hh.key, entry->hh.keylen);
        key->hash = entry->hh.hashv;
        key->has_nan = entry->has_nan;
}

/* --- the table */

void table_init(struct table *table, const struct table_world *world)
{
        *table = (struct table){ .world = world, .next_sequence = 1 };
}

void table_deinit(struct table *table)
{
        size_t budget = SIZE_MAX;

        table_reap(table, &budget);
}

size_t table_count(const struct table *table)
{
        return HASH_COUNT(table->head);
}

struct table_entry *table_find(const struct table *table, const struct table_key *key)
{
        struct table_entry *entry;

        if (key->has_nan)
                return NULL;
        HASH_FIND_BYHASHVALUE(hh, table->head, key->canonical.data, key->canonical.size, key->hash,
                              entry);
        return entry;
}

/* Appends an entry whose key is set. Fails only where it would be the first. */
static bool table_link(struct table *table, struct table_entry *entry, uint32_t hash)
{
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, table->head, entry->hh.key, entry->hh.keylen, hash, entry);
        if (!entry->hh.tbl)
                return false;
        entry->hh.tbl->noexpand = 1;
        ++table->version;
        buckets_adjust(entry->hh.tbl);
        return true;
}

static int table_insert(struct table *table, const struct table_key *key, struct span value,
                        struct table_entry **out)
{
        struct memory *memory = table->world->memory;
        struct table_entry *entry;
        uint64_t sequence = table->next_sequence;
        uint32_t hash = table_key_hash(table, key, sequence);
        size_t cost;

        if (table_count(table) == UINT32_MAX)
                return -STATUS_NOMEM;
        entry = entry_new(key, value);
        if (!entry)
                return -STATUS_NOMEM;

        entry->sequence = sequence;
        cost = entry_cost(entry) + (table->head ? 0 : TABLE_COST);
        if (memory_charge(memory, cost)) {
                if (table_link(table, entry, hash)) {
                        ++table->next_sequence;
                        *out = entry;
                        return 0;
                }
                memory_refund(memory, cost);
        }
        free(entry);
        return -STATUS_NOMEM;
}

/* The entry lies somewhere else now: everything that pointed to it points there. */
static void table_relink(struct table *table, struct table_entry *entry)
{
        UT_hash_handle *hh = &entry->hh;
        struct table_entry *previous = hh->prev, *next = hh->next;
        unsigned bucket;

        if (previous)
                previous->hh.next = entry;
        else
                table->head = entry;
        if (next)
                next->hh.prev = entry;
        else
                hh->tbl->tail = hh;

        if (hh->hh_next)
                hh->hh_next->hh_prev = hh;
        if (hh->hh_prev) {
                hh->hh_prev->hh_next = hh;
        } else {
                HASH_TO_BKT(hh->hashv, hh->tbl->num_buckets, bucket);
                hh->tbl->buckets[bucket].hh_head = hh;
        }
}

/* Another size for the allocation of an entry. NULL, and nothing changed, without memory. */
static struct table_entry *table_resize_entry(struct table *table, struct table_entry *entry,
                                              size_t n_bytes)
{
        size_t key_offset = (size_t)((const uint8_t *)entry->hh.key - entry->bytes);

        entry = realloc(entry, entry_round(n_bytes));
        if (!entry)
                return NULL;
        entry->hh.key = entry->bytes + key_offset;
        table_relink(table, entry);
        return entry;
}

static int table_replace(struct table *table, struct table_entry **at, struct span value)
{
        struct memory *memory = table->world->memory;
        struct table_entry *entry = *at;
        size_t offset = entry_value_offset(entry), old = entry->value_size;

        if (value.size > TABLE_MAX_BYTES)
                return -STATUS_NOMEM;
        if (value.size > old && !memory_charge(memory, value.size - old))
                return -STATUS_NOMEM;
        if (entry_round(offset + value.size) != entry_round(offset + old)) {
                entry = table_resize_entry(table, entry, offset + value.size);
                if (!entry) {
                        if (value.size > old)
                                memory_refund(memory, value.size - old);
                        return -STATUS_NOMEM;
                }
        }
        if (value.size < old)
                memory_refund(memory, old - value.size);
        entry_write_value(entry, value);
        *at = entry;
        return 0;
}

int table_set(struct table *table, const struct table_key *key, struct span value,
              struct table_entry **out)
{
        struct table_entry *entry = table_find(table, key);
        int r;

        r = entry ? table_replace(table, &entry, value) : table_insert(table, key, value, &entry);
        if (r == 0 && out)
                *out = entry;
        return r;
}

/* The buckets of a table that has lost its last entry. */
static void table_free_buckets(struct table *table, UT_hash_table *buckets)
{
        buckets_free(buckets);
        table->head = NULL;
        memory_refund(table->world->memory, TABLE_COST);
}

void table_remove(struct table *table, struct table_entry *entry)
{
        UT_hash_table *buckets = entry->hh.tbl;

        memory_refund(table->world->memory, entry_cost(entry));
        ++table->version;
        if (buckets->num_items == 1) {
                table_free_buckets(table, buckets);
        } else {
                HASH_DELETE(hh, table->head, entry);
                buckets_adjust(buckets);
        }
        free(entry);
}

/* --- in order */

struct table_entry *table_first(const struct table *table)
{
        return table->head;
}

struct table_entry *table_last(const struct table *table)
{
        return table->head ? entry_of_handle(table->head->hh.tbl->tail) : NULL;
}

struct table_entry *table_next(const struct table *table, const struct table_entry *entry)
{
        (void)table;
        return entry->hh.next;
}

struct table_entry *table_previous(const struct table *table, const struct table_entry *entry)
{
        (void)table;
        return entry->hh.prev;
}

/* By key and sequence: for a NaN key too, which table_find() never finds. */
static struct table_entry *table_find_sequence(const struct table *table, uint64_t sequence,
                                               const struct table_key *key)
{
        uint32_t hash = table_key_hash(table, key, sequence);
        UT_hash_handle *handle;
        unsigned bucket;

        if (!table->head)
                return NULL;
        HASH_TO_BKT(hash, table->head->hh.tbl->num_buckets, bucket);
        handle = table->head->hh.tbl->buckets[bucket].hh_head;
        while (handle && entry_of_handle(handle)->sequence != sequence)
                handle = handle->hh_next;
        return handle ? entry_of_handle(handle) : NULL;
}

struct table_entry *table_after(const struct table *table, uint64_t sequence,
                                const struct table_key *near)
{
        struct table_entry *entry = near ? table_find_sequence(table, sequence, near) : NULL;
        struct table_entry *last = table_last(table);

        if (entry)
                return entry->hh.next;
        if (!last || last->sequence <= sequence)
                return NULL;

        if (sequence < table->head->sequence ||
            sequence - table->head->sequence < last->sequence - sequence) {
                for (entry = table->head; entry->sequence <= sequence;)
                        entry = entry->hh.next;
        } else {
                for (entry = last; table_previous(table, entry)->sequence > sequence;)
                        entry = entry->hh.prev;
        }
        return entry;
}

/* --- whole tables */

void table_move(struct table *table, struct table *to)
{
        assert(!to->head);
        to->world = table->world;
        to->head = table->head;
        to->next_sequence = table->next_sequence;
        ++to->version;
        table->head = NULL;
        ++table->version;
}

void table_stage_begin(struct table *stage, const struct table *table)
{
        table_init(stage, table->world);
        stage->next_sequence = table->next_sequence;
}

int table_stage(struct table *stage, const struct table *table, const struct table_key *key,
                struct span value)
{
        struct table_entry *entry = table_find(table, key);
        struct table_key stored = *key;

        /* the first spelling stays */
        if (entry)
                table_key_from_entry(&stored, entry);
        return table_set(stage, &stored, value, NULL);
}

/* `entry` takes the place of an entry with the same key. */
static void table_substitute(struct table *table, struct table_entry *old,
                             struct table_entry *entry)
{
        const void *key = entry->hh.key;

        entry->hh = old->hh;
        entry->hh.key = key;
        entry->sequence = old->sequence;
        table_relink(table, entry);
        memory_refund(table->world->memory, entry_cost(old));
        free(old);
}

void table_merge(struct table *table, struct table *stage)
{
        UT_hash_table *buckets = stage->head ? stage->head->hh.tbl : NULL;
        struct table_entry *entry, *next, *old;
        struct table_key key;

        table->next_sequence = stage->next_sequence;
        if (!table->head) {
                table->head = stage->head;
                stage->head = NULL;
                ++table->version;
                return;
        }
        for (entry = stage->head; entry; entry = next) {
                next = entry->hh.next;
                table_key_from_entry(&key, entry);
                old = table_find(table, &key);
                if (old)
                        table_substitute(table, old, entry);
                else
                        table_link(table, entry, entry->hh.hashv);
        }
        if (buckets)
                table_free_buckets(stage, buckets);
}

/* The last first: malloc then gives back its end bit by bit, and not all of it at once. */
static void table_reap_last(struct table *table, UT_hash_table *buckets)
{
        struct table_entry *entry = entry_of_handle(buckets->tail);
        struct table_entry *previous = entry->hh.prev;

        memory_refund(table->world->memory, entry_cost(entry));
        free(entry);
        if (!previous) {
                table_free_buckets(table, buckets);
                return;
        }
        previous->hh.next = NULL;
        buckets->tail = &previous->hh;
        --buckets->num_items;
}

bool table_reap(struct table *table, size_t *budget)
{
        while (table->head && *budget > 0) {
                UT_hash_table *buckets = table->head->hh.tbl;

                if (buckets_forget(buckets)) {
                        *budget -= *budget < BUCKETS_PIECE_BUDGET ? *budget : BUCKETS_PIECE_BUDGET;
                } else {
                        --*budget;
                        table_reap_last(table, buckets);
                }
        }
        return !table->head;
}

bool table_inspect(const struct table *table, struct table_shape *shape)
{
        const UT_hash_table *buckets = table->head ? table->head->hh.tbl : NULL;

        *shape = (struct table_shape){ .n_entries = table_count(table) };
        shape->n_buckets = buckets ? buckets->num_buckets : 0;
        shape->longest_chain = buckets ? buckets_longest_chain(buckets) : 0;
        return shape->longest_chain != SIZE_MAX;
}
