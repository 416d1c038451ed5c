/*
 * entry - one entry of a table: a single allocation, key and value inline
 */
#include "managerd/object/entry.h"

#include <stdlib.h>

#define ENTRY_MAX_BYTES ((size_t)INT32_MAX)

_Static_assert(offsetof(struct table_entry, bytes) == 44, "an entry has grown");

/* What malloc gives in any case: a value that stays within these needs no new entry. */
static size_t entry_round(size_t n_bytes)
{
        return ((offsetof(struct table_entry, bytes) + n_bytes + 8 + 15) & ~(size_t)15) - 8;
}

/* The canonical form with its size in front, where it differs from the spelling. */
static size_t canonical_room(size_t size)
{
        return sizeof(uint32_t) + size;
}

struct span entry_key(const struct table_entry *entry)
{
        return span_of(entry->bytes, entry->key_size);
}

struct span entry_canonical(const struct table_entry *entry)
{
        const uint8_t *at = entry->bytes + entry->key_size;
        uint32_t size;

        if (entry->is_canonical)
                return entry_key(entry);
        memcpy(&size, at, sizeof(size));
        return span_of(at + sizeof(size), size);
}

static size_t entry_value_offset(const struct table_entry *entry)
{
        if (entry->is_canonical)
                return entry->key_size;
        return entry->key_size + canonical_room(entry_canonical(entry).size);
}

struct span entry_value(const struct table_entry *entry)
{
        return span_of(entry->bytes + entry_value_offset(entry), entry->value_size);
}

size_t entry_cost(const struct table_entry *entry)
{
        return ENTRY_COST + entry_value_offset(entry) + entry->value_size;
}

static void entry_write_key(struct table_entry *entry, const struct table_key *key)
{
        uint8_t *at = entry->bytes + key->spelling.size;
        uint32_t size = (uint32_t)key->canonical.size;

        entry->key_size = (uint32_t)key->spelling.size & INT32_MAX;
        if (key->spelling.size)
                memcpy(entry->bytes, key->spelling.data, key->spelling.size);
        if (entry->is_canonical)
                return;
        memcpy(at, &size, sizeof(size));
        if (size)
                memcpy(at + sizeof(size), key->canonical.data, size);
}

void entry_write_value(struct table_entry *entry, struct span value)
{
        entry->value_size = (uint32_t)value.size & INT32_MAX;
        if (value.size)
                memcpy(entry->bytes + entry_value_offset(entry), value.data, value.size);
}

struct table_entry *entry_new(const struct table_key *key, struct span value)
{
        bool same = span_equal(key->spelling, key->canonical);
        size_t n_key = key->spelling.size, n_canonical = key->canonical.size;
        struct table_entry *entry;

        if (n_key > ENTRY_MAX_BYTES || n_canonical > ENTRY_MAX_BYTES ||
            value.size > ENTRY_MAX_BYTES)
                return NULL;
        entry = malloc(entry_round(n_key + (same ? 0 : canonical_room(n_canonical)) + value.size));
        if (!entry)
                return NULL;
        entry->is_canonical = same;
        entry->has_nan = key->has_nan;
        entry_write_key(entry, key);
        entry_write_value(entry, value);
        return entry;
}

void entry_free(struct table_entry *entry)
{
        free(entry);
}

bool entry_fits(const struct table_entry *entry, size_t value_size)
{
        size_t offset = entry_value_offset(entry);

        return value_size <= ENTRY_MAX_BYTES &&
               entry_round(offset + value_size) == entry_round(offset + entry->value_size);
}

struct table_entry *entry_move(struct table_entry *entry, size_t value_size)
{
        if (value_size > ENTRY_MAX_BYTES)
                return NULL;
        return realloc(entry, entry_round(entry_value_offset(entry) + value_size));
}
