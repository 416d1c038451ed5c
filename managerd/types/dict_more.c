/*
 * dict_more - dict: operators, and what Python's has not
 *
 * Each of the latter is one atomic call for what otherwise takes several and a
 * lock, or a bounded one for what otherwise takes too long.
 */
#include "managerd/types/dict.h"
#include "managerd/types/entries.h"
#include "proto/pack.h"

/* --- operators: a | b is a new value, not a new object */

/* The keys as `first` orders and spells them, the values of `second` where it has the key. */
static void pack_union(const struct table *first, const struct table *second, struct buffer *out)
{
        size_t n = table_count(first) + table_count(second);
        struct table_entry *entry, *other;

        for (entry = table_first(second); entry; entry = table_next(second, entry))
                n -= entries_find(first, entry) != NULL;
        pack_map(out, n);

        for (entry = table_first(first); entry && !out->failed; entry = table_next(first, entry)) {
                other = entries_find(second, entry);
                pack_packed(out, table_entry_key(entry));
                pack_packed(out, table_entry_value(other ? other : entry));
        }
        for (entry = table_first(second); entry && !out->failed; entry = table_next(second, entry))
                if (!entries_find(first, entry))
                        dict_pack_entry(entry, out);
}

static int fill_table(struct table *table, struct call *call, struct value_iter *pairs)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct span key, value;
        struct table_key made;
        int r;

        while (value_iter_next(pairs, &key) && value_iter_next(pairs, &value)) {
                r = entries_get_key(table, call, key, &scratch, &made);
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
        r = entries_collect(&keys, call, &elements, NULL);
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

        r = entries_get_key(&dict->table, call, call->args[0], &scratch, &key);
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
        r = entries_get_key(&dict->table, call, call->args[0], &scratch, &key);
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
                r = entries_get_key(table, call, element, &scratch, &key);
                if (r < 0)
                        return r;
                entry = table_find(table, &key);
                pack_packed(call->reply, entry ? table_entry_value(entry) : missing);
        }
        return CALL_DONE;
}

static void pack_page_entry(const struct table_entry *entry, struct buffer *out)
{
        pack_array(out, 2);
        dict_pack_entry(entry, out);
}

int dict_run_page(struct object *self, struct call *call)
{
        return entries_page(&dict_of(self)->table, call, pack_page_entry);
}
