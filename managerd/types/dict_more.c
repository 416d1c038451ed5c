/*
 * dict_more - dict: operators, and what Python's has not
 *
 * Each of the latter is one atomic call for what otherwise takes several and a
 * lock, or a bounded one for what otherwise takes too long.
 */
#include "managerd/types/dict.h"
#include "proto/pack.h"

#define DICT_PAGE_DEFAULT   100
#define DICT_PAGE_MAX       10000
#define DICT_PAGE_MAX_BYTES ((size_t)1 << 20)

/* --- operators: a | b is a new value, not a new object */

static struct table_entry *find_like(const struct table *table, const struct table_entry *entry)
{
        struct table_key key;

        table_key_from_entry(&key, entry);
        return table_find(table, &key);
}

/* The keys as `first` orders and spells them, the values of `second` where it has the key. */
static void pack_union(const struct table *first, const struct table *second, struct buffer *out)
{
        size_t n = table_count(first) + table_count(second);
        struct table_entry *entry, *other;

        for (entry = table_first(second); entry; entry = table_next(second, entry))
                n -= find_like(first, entry) != NULL;
        pack_map(out, n);

        for (entry = table_first(first); entry && !out->failed; entry = table_next(first, entry)) {
                other = find_like(second, entry);
                pack_packed(out, table_entry_key(entry));
                pack_packed(out, table_entry_value(other ? other : entry));
        }
        for (entry = table_first(second); entry && !out->failed; entry = table_next(second, entry))
                if (!find_like(first, entry))
                        dict_pack_entry(entry, out);
}

static int fill_table(struct table *table, struct call *call, struct value_iter *pairs)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct span key, value;
        struct table_key made;
        int r;

        while (value_iter_next(pairs, &key) && value_iter_next(pairs, &value)) {
                r = dict_get_key(table, call, key, &scratch, &made);
                if (r < 0)
                        return r;
                r = table_set(table, &made, value, NULL);
                if (r < 0)
                        return call_fail_status(call, r);
        }
        return 0;
}

static int dict_union(struct dict *dict, struct call *call, bool reflected)
{
        struct dict_pairs pairs;
        struct table other;
        int r;

        table_init(&other, dict->table.world);
        r = dict_get_pairs(call, call->args[0], &pairs);
        if (r == 0) {
                pack_ext(call->reply, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
        } else if (r > 0) {
                r = fill_table(&other, call, &pairs.iter);
                if (r == 0)
                        pack_union(reflected ? &other : &dict->table,
                                   reflected ? &dict->table : &other, call->reply);
        }
        buffer_deinit(&pairs.copy);
        table_deinit(&other);
        return r;
}

int dict_run_or(struct object *self, struct call *call)
{
        return dict_union(dict_of(self), call, false);
}

int dict_run_ror(struct object *self, struct call *call)
{
        return dict_union(dict_of(self), call, true);
}

/* --- fromkeys: as in Python it has nothing to do with the dict it is called on */

static int collect_keys(struct table *table, struct call *call, struct elements *keys)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct table_key key;
        struct span element;
        int r;

        while (elements_next(keys, &element)) {
                r = dict_get_key(table, call, element, &scratch, &key);
                if (r < 0)
                        return r;
                r = table_set(table, &key, SPAN_LITERAL(""), NULL);
                if (r < 0)
                        return call_fail_status(call, r);
        }
        return 0;
}

int dict_run_fromkeys(struct object *self, struct call *call)
{
        _elements_cleanup_ struct elements elements;
        struct span value = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\xc0");
        struct table keys;
        int r;

        r = elements_init(&elements, call, call->args[0]);
        if (r < 0)
                return r;

        table_init(&keys, &self->store->world);
        r = collect_keys(&keys, call, &elements);
        if (r == 0)
                pack_map(call->reply, table_count(&keys));
        for (struct table_entry *entry = table_first(&keys);
             r == 0 && entry && !call->reply->failed; entry = table_next(&keys, entry)) {
                pack_packed(call->reply, table_entry_key(entry));
                pack_packed(call->reply, value);
        }
        table_deinit(&keys);
        return r;
}

/* --- read, change and write in one */

int dict_run_incr(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct dict *dict = dict_of(self);
        struct span delta = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\x01");
        struct span value = SPAN_LITERAL("\x00");
        size_t begin = call->reply->size;
        struct table_entry *entry;
        struct table_key key;
        int r;

        r = dict_get_key(&dict->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        entry = table_find(&dict->table, &key);
        if (entry)
                value = table_entry_value(entry);

        r = call_return_sum(call, value, delta);
        if (r < 0)
                return r;
        return dict_put(dict, call, &key,
                        span_of(call->reply->data + begin, call->reply->size - begin));
}

/* Whether to swap: the value is `expected`, or without that there is none. */
static int compare(struct call *call, const struct table_entry *entry, bool *equal)
{
        int r;

        if (!call_has(call, 1)) {
                *equal = !entry;
                return 0;
        }
        if (!entry)
                return call_fail_value(call, STATUS_KEY, call->args[0]);
        r = value_equal(table_entry_value(entry), call->args[1], equal);
        return r < 0 ? call_fail_status(call, r) : 0;
}

int dict_run_compare_and_swap(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct dict *dict = dict_of(self);
        struct table_entry *entry;
        struct table_key key;
        bool equal;
        int r;

        if (!call_has(call, 1) && !call_has(call, 2))
                return call_fail(call, STATUS_TYPE,
                                 "compare_and_swap() needs 'expected' or 'new', or both");
        r = dict_get_key(&dict->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        entry = table_find(&dict->table, &key);
        r = compare(call, entry, &equal);
        if (r < 0)
                return r;

        pack_bool(call->reply, equal);
        r = call_returned(call);
        if (r < 0 || !equal)
                return r;
        if (call_has(call, 2))
                return dict_put(dict, call, &key, call->args[2]);
        dict_drop(dict, entry);
        return CALL_DONE;
}

/* --- many at once, and not too many */

int dict_run_get_many(struct object *self, struct call *call)
{
        _elements_cleanup_ struct elements keys;
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        const struct table *table = &dict_of(self)->table;
        struct span missing = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\xc0");
        struct table_entry *entry;
        struct table_key key;
        struct span element;
        int r;

        r = elements_init(&keys, call, call->args[0]);
        if (r < 0)
                return r;
        pack_array(call->reply, keys.n);
        while (elements_next(&keys, &element) && !call->reply->failed) {
                r = dict_get_key(table, call, element, &scratch, &key);
                if (r < 0)
                        return r;
                entry = table_find(table, &key);
                pack_packed(call->reply, entry ? table_entry_value(entry) : missing);
        }
        return CALL_DONE;
}

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

static int page_count(struct call *call, size_t *count)
{
        int64_t number = DICT_PAGE_DEFAULT;
        int r;

        r = call_has(call, 1) ? call_get_integer(call, call->args[1], &number) : 0;
        if (r < 0)
                return r;
        if (number < 1)
                return call_fail(call, STATUS_VALUE, "count must be positive");
        *count = number < DICT_PAGE_MAX ? (size_t)number : DICT_PAGE_MAX;
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
                if (bytes > DICT_PAGE_MAX_BYTES && n > 0)
                        break;
                *last = entry;
                ++n;
        }
        return n;
}

int dict_run_page(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;
        struct table_entry *entry = NULL, *last;
        size_t count = 0, n;
        int r;

        r = page_count(call, &count);
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
        for (; n > 0; --n, entry = table_next(table, entry)) {
                pack_array(call->reply, 2);
                dict_pack_entry(entry, call->reply);
        }
        return CALL_DONE;
}
