/*
 * entries - what the containers that keep a table have in common
 */
#include "managerd/types/entries.h"

#include <stdlib.h>

#include "managerd/types/page.h"
#include "proto/pack.h"

/* From this many entries on freeing is spread over turns. */
#define DISCARD_IN_STEPS 1024

/* A walk that has come to its end, or was spoilt, stays there. */
#define WALK_ENDED UINT64_MAX

/* --- keys */

int entries_get_key(const struct table *table, struct call *call, struct span value,
                    struct buffer *scratch, struct table_key *key)
{
        int r;

        r = table_key_from_value(key, table, value, scratch);
        if (r == -STATUS_TYPE)
                return call_fail_unhashable(call, value);
        return r < 0 ? call_fail_status(call, r) : 0;
}

struct table_entry *entries_find(const struct table *table, const struct table_entry *like)
{
        struct table_key key;

        table_key_from_entry(&key, like);
        return table_find(table, &key);
}

int entries_collect(struct table *table, struct call *call, struct elements *elements,
                    const struct table *except)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct table_key key;
        struct span element;
        int r;

        while (elements_next(elements, &element)) {
                r = entries_get_key(table, call, element, &scratch, &key);
                if (r < 0)
                        return r;
                if (except && table_find(except, &key))
                        continue;
                r = table_set(table, &key, SPAN_LITERAL(""), NULL);
                if (r < 0)
                        return call_fail_status(call, r);
        }
        return 0;
}

void entries_pack_keys(const struct table *table, struct buffer *out)
{
        for (struct table_entry *entry = table_first(table); entry && !out->failed;
             entry = table_next(table, entry))
                pack_packed(out, table_entry_key(entry));
}

/* --- walking */

void entries_walk_begin(const struct table *table, struct cursor *cursor)
{
        cursor->sequence = 0;
        cursor->version = table_count(table);
}

int entries_walk_next(const struct table *table, struct cursor *cursor, struct span *element)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct table_entry *entry;
        struct table_key near;
        int r;

        if (cursor->sequence == WALK_ENDED)
                return -STATUS_STOP_ITERATION;
        if (cursor->version != table_count(table)) {
                cursor->version = WALK_ENDED;
                return -STATUS_RUNTIME;
        }
        if (cursor->key.size > 0) {
                r = table_key_from_value(&near, table, buffer_span(&cursor->key), &scratch);
                if (r < 0)
                        return r;
        }
        entry = table_after(table, cursor->sequence, cursor->key.size > 0 ? &near : NULL);
        if (!entry) {
                cursor->sequence = WALK_ENDED;
                return -STATUS_STOP_ITERATION;
        }

        buffer_truncate(&cursor->key, 0);
        buffer_append_span(&cursor->key, table_entry_key(entry));
        if (cursor->key.failed)
                return cursor->key.failed;
        cursor->sequence = table_entry_sequence(entry);
        *element = table_entry_key(entry);
        return 0;
}

/* --- pages */

/* A cursor is a tuple of the last entry's sequence and key. */
static void pack_cursor(const struct table_entry *last, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 2);
        pack_uint(out, table_entry_sequence(last));
        pack_packed(out, table_entry_key(last));
        pack_ext_end(out, begin, EXT_TUPLE);
}

/* The first entry of the page that the arguments ask for. */
static int page_begin(const struct table *table, struct call *call, struct table_entry **entry)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct span cursor = call->args[0], sequence, key;
        struct table_key near;
        struct value_iter iter;
        uint64_t number;
        size_t n;
        int r;

        if (!call_has(call, 0) || value_is_none(cursor)) {
                *entry = table_first(table);
                return 0;
        }
        if (value_kind(cursor) != VALUE_TUPLE || !value_iter_init(&iter, cursor, &n) || n != 2 ||
            !value_iter_next(&iter, &sequence) || !value_iter_next(&iter, &key) ||
            !value_get_uint64(sequence, &number) || value_unhashable(key))
                return call_fail(call, STATUS_VALUE, "not a cursor that page() returned");
        r = table_key_from_value(&near, table, key, &scratch);
        if (r < 0)
                return call_fail_status(call, r);
        *entry = table_after(table, number, &near);
        return 0;
}

/* How many entries from `first` on make a page, and the last of them; one at least. */
static size_t page_measure(const struct table *table, struct table_entry *first, size_t count,
                           struct table_entry **last)
{
        struct table_entry *entry = first;
        size_t n = 0, bytes = 0;

        *last = NULL;
        for (; entry && n < count; entry = table_next(table, entry)) {
                bytes += table_entry_key(entry).size + table_entry_value(entry).size;
                if (bytes > PAGE_MAX_BYTES && n > 0)
                        break;
                *last = entry;
                ++n;
        }
        return n;
}

int entries_page(const struct table *table, struct call *call,
                 void (*pack)(const struct table_entry *entry, struct buffer *out))
{
        struct table_entry *entry = NULL, *last;
        size_t count = PAGE_DEFAULT, n;
        int r;

        r = call_has(call, 1) ? page_get_count(call, call->args[1], "count", &count) : 0;
        if (r < 0)
                return r;
        r = page_begin(table, call, &entry);
        if (r < 0)
                return r;
        n = page_measure(table, entry, count, &last);

        pack_array(call->reply, 2);
        if (last && table_next(table, last))
                pack_cursor(last, call->reply);
        else
                pack_nil(call->reply);
        pack_array(call->reply, n);
        for (; n > 0; --n, entry = table_next(table, entry))
                pack(entry, call->reply);
        return CALL_DONE;
}

/* --- freeing */

struct table_rubbish {
        struct rubbish rubbish;
        struct table table;
};

static bool table_rubbish_reap(struct rubbish *rubbish, size_t *budget)
{
        struct table_rubbish *self = container_of(rubbish, struct table_rubbish, rubbish);

        if (!table_reap(&self->table, budget))
                return false;
        free(self);
        return true;
}

void entries_discard(struct store *store, struct table *table)
{
        struct table_rubbish *self = NULL;

        if (table_count(table) >= DISCARD_IN_STEPS)
                self = malloc(sizeof(*self));
        if (!self) {
                table_deinit(table);
                return;
        }
        list_init(&self->rubbish.in_store);
        self->rubbish.reap = table_rubbish_reap;
        table_init(&self->table, table->world);
        table_move(table, &self->table);
        store_discard_content(store, &self->rubbish);
}
