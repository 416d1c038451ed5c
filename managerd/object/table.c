/*
 * table - an insertion-ordered hash table of bytes to bytes
 */
#include "managerd/object/table.h"

#include <sodium.h>
#include <stdlib.h>
#include <utlist.h>

#include "managerd/object/buckets.h"
#include "managerd/object/entry.h"
#include "proto/status.h"
#include "proto/value.h"

/* What is charged for a table that is not empty, besides its entries. */
#define TABLE_COST 128

/* --- entries */

struct span table_entry_key(const struct table_entry *entry)
{
        return entry_key(entry);
}

struct span table_entry_value(const struct table_entry *entry)
{
        return entry_value(entry);
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
        key->spelling = entry_key(entry);
        key->canonical = entry_canonical(entry);
        key->hash = entry->hash;
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
        return table->buckets ? table->buckets->n_entries : 0;
}

struct table_entry *table_find(const struct table *table, const struct table_key *key)
{
        struct table_entry *entry;

        if (key->has_nan || !table->head)
                return NULL;
        entry = buckets_chain(table->buckets, key->hash);
        while (entry &&
               (entry->hash != key->hash || !span_equal(entry_canonical(entry), key->canonical)))
                entry = entry->chained;
        return entry;
}

/* Appends an entry. Fails only where it would be the first. */
static bool table_link(struct table *table, struct table_entry *entry)
{
        if (!table->buckets) {
                table->buckets = buckets_new();
                if (!table->buckets)
                        return false;
        }
        DL_APPEND(table->head, entry);
        buckets_link(table->buckets, entry);
        ++table->version;
        return true;
}

static int table_insert(struct table *table, const struct table_key *key, struct span value,
                        struct table_entry **out)
{
        struct memory *memory = table->world->memory;
        struct table_entry *entry;
        size_t cost;

        if (table_count(table) == UINT32_MAX)
                return -STATUS_NOMEM;
        entry = entry_new(key, value);
        if (!entry)
                return -STATUS_NOMEM;

        entry->sequence = table->next_sequence;
        entry->hash = table_key_hash(table, key, entry->sequence);
        cost = entry_cost(entry) + (table->head ? 0 : TABLE_COST);
        if (memory_charge(memory, cost)) {
                if (table_link(table, entry)) {
                        ++table->next_sequence;
                        *out = entry;
                        return 0;
                }
                memory_refund(memory, cost);
        }
        entry_free(entry);
        return -STATUS_NOMEM;
}

/* An entry with the links of one in the table takes its place. */
static void table_put_in_place(struct table *table, struct table_entry **place,
                               struct table_entry *entry, bool was_first)
{
        *place = entry;
        if (was_first)
                table->head = entry;
        else
                entry->prev->next = entry;
        /* utlist.h: the first one's prev is the last one */
        if (entry->next)
                entry->next->prev = entry;
        else
                table->head->prev = entry;
}

/* Like entry_move(). */
static struct table_entry *table_move_entry(struct table *table, struct table_entry *entry,
                                            size_t value_size)
{
        struct table_entry **place = buckets_place(table->buckets, entry);
        bool is_first = entry == table->head;

        entry = entry_move(entry, value_size);
        if (entry)
                table_put_in_place(table, place, entry, is_first);
        return entry;
}

static int table_replace(struct table *table, struct table_entry **at, struct span value)
{
        struct memory *memory = table->world->memory;
        struct table_entry *entry = *at;
        size_t old = entry->value_size;

        if (value.size > old && !memory_charge(memory, value.size - old))
                return -STATUS_NOMEM;
        if (!entry_fits(entry, value.size)) {
                entry = table_move_entry(table, entry, value.size);
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

/* Of a table that has lost its last entry. */
static void table_free_buckets(struct table *table)
{
        buckets_free(table->buckets);
        table->buckets = NULL;
        memory_refund(table->world->memory, TABLE_COST);
}

void table_remove(struct table *table, struct table_entry *entry)
{
        memory_refund(table->world->memory, entry_cost(entry));
        ++table->version;
        buckets_unlink(table->buckets, entry);
        DL_DELETE(table->head, entry);
        entry_free(entry);
        if (!table->head)
                table_free_buckets(table);
}

/* --- in order */

struct table_entry *table_first(const struct table *table)
{
        return table->head;
}

struct table_entry *table_last(const struct table *table)
{
        return table->head ? table->head->prev : NULL;
}

struct table_entry *table_next(const struct table *table, const struct table_entry *entry)
{
        (void)table;
        return entry->next;
}

struct table_entry *table_previous(const struct table *table, const struct table_entry *entry)
{
        return entry == table->head ? NULL : entry->prev;
}

/* By key and sequence: for a NaN key too, which table_find() never finds. */
static struct table_entry *table_find_sequence(const struct table *table, uint64_t sequence,
                                               const struct table_key *key)
{
        uint32_t hash = table_key_hash(table, key, sequence);
        struct table_entry *entry;

        if (!table->head)
                return NULL;
        entry = buckets_chain(table->buckets, hash);
        while (entry && entry->sequence != sequence)
                entry = entry->chained;
        return entry;
}

struct table_entry *table_after(const struct table *table, uint64_t sequence,
                                const struct table_key *near)
{
        struct table_entry *entry = near ? table_find_sequence(table, sequence, near) : NULL;
        struct table_entry *last = table_last(table);

        if (entry)
                return entry->next;
        if (!last || last->sequence <= sequence)
                return NULL;

        if (sequence < table->head->sequence ||
            sequence - table->head->sequence < last->sequence - sequence) {
                for (entry = table->head; entry->sequence <= sequence;)
                        entry = entry->next;
        } else {
                for (entry = last; table_previous(table, entry)->sequence > sequence;)
                        entry = entry->prev;
        }
        return entry;
}

/* --- whole tables */

void table_move(struct table *table, struct table *to)
{
        assert(!to->head);
        to->world = table->world;
        to->head = table->head;
        to->buckets = table->buckets;
        to->next_sequence = table->next_sequence;
        ++to->version;
        table->head = NULL;
        table->buckets = NULL;
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
        entry->prev = old->prev == old ? entry : old->prev;
        entry->next = old->next;
        entry->chained = old->chained;
        entry->sequence = old->sequence;
        table_put_in_place(table, buckets_place(table->buckets, old), entry, old == table->head);
        memory_refund(table->world->memory, entry_cost(old));
        entry_free(old);
}

void table_merge(struct table *table, struct table *stage)
{
        struct table_entry *entry, *next, *old;
        struct table_key key;

        table->next_sequence = stage->next_sequence;
        if (!table->head) {
                table->head = stage->head;
                table->buckets = stage->buckets;
                stage->head = NULL;
                stage->buckets = NULL;
                ++table->version;
                return;
        }
        for (entry = stage->head; entry; entry = next) {
                next = entry->next;
                table_key_from_entry(&key, entry);
                old = table_find(table, &key);
                if (old)
                        table_substitute(table, old, entry);
                else
                        table_link(table, entry);
        }
        stage->head = NULL;
        if (stage->buckets)
                table_free_buckets(stage);
}

/* The last first: malloc then gives back its end bit by bit, and not all of it at once. */
static void table_reap_last(struct table *table)
{
        struct table_entry *entry = table->head->prev;

        memory_refund(table->world->memory, entry_cost(entry));
        DL_DELETE(table->head, entry);
        --table->buckets->n_entries;
        entry_free(entry);
        if (!table->head)
                table_free_buckets(table);
}

bool table_reap(struct table *table, size_t *budget)
{
        while (table->head && *budget > 0) {
                if (buckets_forget(table->buckets)) {
                        *budget -=
                                *budget < BUCKETS_SEGMENT_BUDGET ? *budget : BUCKETS_SEGMENT_BUDGET;
                } else {
                        --*budget;
                        table_reap_last(table);
                }
        }
        return !table->head;
}

bool table_inspect(const struct table *table, struct table_shape *shape)
{
        const struct buckets *buckets = table->buckets;

        *shape = (struct table_shape){ .n_entries = table_count(table) };
        shape->n_buckets = buckets ? buckets->n : 0;
        shape->longest_chain = buckets ? buckets_longest_chain(buckets) : 0;
        return shape->longest_chain != SIZE_MAX;
}
