/*
 * dict - Python's dict
 *
 * A table of packed keys and values. This room has the table of methods and
 * those of one key or of the whole.
 */
#include "managerd/types/dict.h"

#include "managerd/types/entries.h"
#include "managerd/types/types.h"
#include "proto/pack.h"

/* --- results and arguments */

void dict_pack_entry(const struct table_entry *entry, struct buffer *out)
{
        pack_packed(out, table_entry_key(entry));
        pack_packed(out, table_entry_value(entry));
}

int dict_get_pairs(struct call *call, struct span value, struct dict_pairs *pairs)
{
        struct object *object;
        int r;

        pairs->copy = BUFFER_NULL;
        r = call_get_object(call, value, &object);
        if (r < 0)
                return r;
        if (object && object->type->mapping) {
                do {
                        pairs->copy.limit = call_memory_left(call);
                        buffer_truncate(&pairs->copy, 0);
                        r = object->type->mapping->items(object, &pairs->copy, &pairs->n);
                } while (r < 0 && call_reclaim_memory(call));
                if (r < 0)
                        return call_fail_status(call, -STATUS_NOMEM);
                pairs->iter = (struct value_iter){ pairs->copy.data, pairs->n * 2 };
                return 1;
        }
        return value_kind(value) == VALUE_DICT && value_iter_init(&pairs->iter, value, &pairs->n);
}

/* The entry of the first argument, or NULL. */
static int dict_lookup(struct dict *dict, struct call *call, struct table_entry **entry)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct table_key key;
        int r;

        r = entries_get_key(&dict->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        *entry = table_find(&dict->table, &key);
        return 0;
}

/* --- one key */

static int run_contains(struct object *self, struct call *call)
{
        struct table_entry *entry;
        int r;

        r = dict_lookup(dict_of(self), call, &entry);
        if (r < 0)
                return r;
        pack_bool(call->reply, entry != NULL);
        return CALL_DONE;
}

static int run_getitem(struct object *self, struct call *call)
{
        struct table_entry *entry;
        int r;

        r = dict_lookup(dict_of(self), call, &entry);
        if (r < 0)
                return r;
        if (!entry)
                return call_fail_value(call, STATUS_KEY, call->args[0]);
        pack_packed(call->reply, table_entry_value(entry));
        return CALL_DONE;
}

static void pack_default(struct call *call)
{
        if (call_has(call, 1))
                pack_packed(call->reply, call->args[1]);
        else
                pack_nil(call->reply);
}

static int run_get(struct object *self, struct call *call)
{
        struct table_entry *entry;
        int r;

        r = dict_lookup(dict_of(self), call, &entry);
        if (r < 0)
                return r;
        if (entry)
                pack_packed(call->reply, table_entry_value(entry));
        else
                pack_default(call);
        return CALL_DONE;
}

static int run_setitem(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct dict *dict = dict_of(self);
        struct table_key key;
        int r;

        r = entries_get_key(&dict->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        r = call_return_none(call);
        if (r < 0)
                return r;
        return dict_put(dict, call, &key, call->args[1]);
}

static int run_setdefault(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct dict *dict = dict_of(self);
        struct table_entry *entry;
        struct table_key key;
        int r;

        r = entries_get_key(&dict->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        entry = table_find(&dict->table, &key);
        if (entry) {
                pack_packed(call->reply, table_entry_value(entry));
                return CALL_DONE;
        }
        pack_default(call);
        r = call_returned(call);
        if (r < 0)
                return r;
        return dict_put(dict, call, &key, call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\xc0"));
}

static int run_delitem(struct object *self, struct call *call)
{
        struct dict *dict = dict_of(self);
        struct table_entry *entry;
        int r;

        r = dict_lookup(dict, call, &entry);
        if (r < 0)
                return r;
        if (!entry)
                return call_fail_value(call, STATUS_KEY, call->args[0]);
        r = call_return_none(call);
        if (r < 0)
                return r;
        dict_drop(dict, entry);
        return CALL_DONE;
}

static int run_pop(struct object *self, struct call *call)
{
        struct dict *dict = dict_of(self);
        struct table_entry *entry = NULL;
        int r = 0;

        /* Python does not hash the key where there is nothing to be found */
        if (table_count(&dict->table) > 0)
                r = dict_lookup(dict, call, &entry);
        if (r < 0)
                return r;
        if (!entry && !call_has(call, 1))
                return call_fail_value(call, STATUS_KEY, call->args[0]);

        pack_packed(call->reply, entry ? table_entry_value(entry) : call->args[1]);
        r = call_returned(call);
        if (r < 0)
                return r;
        if (entry)
                dict_drop(dict, entry);
        return CALL_DONE;
}

static void pack_item(const struct table_entry *entry, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 2);
        dict_pack_entry(entry, out);
        pack_ext_end(out, begin, EXT_TUPLE);
}

static int run_popitem(struct object *self, struct call *call)
{
        struct dict *dict = dict_of(self);
        struct table_entry *entry = table_last(&dict->table);
        int r;

        if (!entry)
                return call_fail(call, STATUS_KEY, "popitem(): dictionary is empty");
        pack_item(entry, call->reply);
        r = call_returned(call);
        if (r < 0)
                return r;
        dict_drop(dict, entry);
        return CALL_DONE;
}

/* --- the whole dict */

static int run_len(struct object *self, struct call *call)
{
        pack_uint(call->reply, table_count(&dict_of(self)->table));
        return CALL_DONE;
}

static void pack_pairs(const struct table *table, struct buffer *out)
{
        for (struct table_entry *entry = table_first(table); entry && !out->failed;
             entry = table_next(table, entry))
                dict_pack_entry(entry, out);
}

static int run_keys(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;

        pack_array(call->reply, table_count(table));
        entries_pack_keys(table, call->reply);
        return CALL_DONE;
}

static int run_values(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;

        pack_array(call->reply, table_count(table));
        for (struct table_entry *entry = table_first(table); entry && !call->reply->failed;
             entry = table_next(table, entry))
                pack_packed(call->reply, table_entry_value(entry));
        return CALL_DONE;
}

static int run_items(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;

        pack_array(call->reply, table_count(table));
        for (struct table_entry *entry = table_first(table); entry && !call->reply->failed;
             entry = table_next(table, entry))
                pack_item(entry, call->reply);
        return CALL_DONE;
}

static int run_reversed(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;

        pack_array(call->reply, table_count(table));
        for (struct table_entry *entry = table_last(table); entry && !call->reply->failed;
             entry = table_previous(table, entry))
                pack_packed(call->reply, table_entry_key(entry));
        return CALL_DONE;
}

static int run_copy(struct object *self, struct call *call)
{
        const struct table *table = &dict_of(self)->table;

        pack_map(call->reply, table_count(table));
        pack_pairs(table, call->reply);
        return CALL_DONE;
}

static int run_clear(struct object *self, struct call *call)
{
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        object_disown_all(self);
        entries_discard(self->store, &dict_of(self)->table);
        return CALL_DONE;
}

/* Also |=, whose result a proxy ignores: Python would send a copy of the whole dict. */
static int run_update(struct object *self, struct call *call)
{
        int r;

        r = call_return_none(call);
        return r < 0 ? r : dict_update(dict_of(self), call);
}

static int run_iter(struct object *self, struct call *call)
{
        return call_return_iterator(call, self);
}

static const struct method dict_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "__contains__", "key", 1, 1, R, ARITY_ONE, run_contains, NULL },
        { "__delitem__", "key", 1, 1, W, ARITY_SLOT, run_delitem, NULL },
        { "__getitem__", "key", 1, 1, R, ARITY_ONE, run_getitem, NULL },
        { "__ior__", "other", 1, 1, W, ARITY_SLOT, run_update, NULL },
        { "__iter__", "", 0, 0, W, ARITY_SLOT, run_iter, NULL },
        { "__len__", "", 0, 0, R, ARITY_SLOT, run_len, NULL },
        { "__or__", "other", 1, 1, R | N, ARITY_SLOT, dict_run_or, NULL },
        { "__reversed__", "", 0, 0, R | N, ARITY_NONE, run_reversed, NULL },
        { "__ror__", "other", 1, 1, R | N, ARITY_SLOT, dict_run_ror, NULL },
        { "__setitem__", "key value", 2, 2, W, ARITY_SLOT, run_setitem, NULL },
        { "clear", "", 0, 0, W, ARITY_NONE, run_clear, NULL },
        { "compare_and_swap", "key expected new", 3, 1, W | K, ARITY_FUNCTION,
          dict_run_compare_and_swap, NULL },
        { "copy", "", 0, 0, R | N, ARITY_NONE, run_copy, NULL },
        { "fromkeys", "iterable value", 2, 1, R, ARITY_POSITIONAL, dict_run_fromkeys, NULL },
        { "get", "key default", 2, 1, R, ARITY_POSITIONAL, run_get, NULL },
        { "get_many", "keys default", 2, 1, R | K, ARITY_FUNCTION, dict_run_get_many, NULL },
        { "incr", "key delta", 2, 1, W | K, ARITY_FUNCTION, dict_run_incr, NULL },
        { "items", "", 0, 0, R | N, ARITY_NONE, run_items, NULL },
        { "keys", "", 0, 0, R | N, ARITY_NONE, run_keys, NULL },
        { "page", "cursor count", 2, 0, R | K, ARITY_FUNCTION, dict_run_page, NULL },
        { "pop", "key default", 2, 1, W, ARITY_POSITIONAL, run_pop, NULL },
        { "popitem", "", 0, 0, W, ARITY_NONE, run_popitem, NULL },
        { "setdefault", "key default", 2, 1, W, ARITY_POSITIONAL, run_setdefault, NULL },
        { "update", "other", 1, 0, W | METHOD_ANY_KEYWORDS, ARITY_POSITIONAL, run_update, NULL },
        { "values", "", 0, 0, R | N, ARITY_NONE, run_values, NULL },
#undef R
#undef W
#undef N
#undef K
};

/* --- the type */

static int dict_construct(struct object *self, struct call *call)
{
        table_init(&dict_of(self)->table, &self->store->world);
        return dict_update(dict_of(self), call);
}

static bool dict_reap(struct object *self, size_t *budget)
{
        return table_reap(&dict_of(self)->table, budget);
}

static int dict_value(struct object *self, struct buffer *out)
{
        pack_map(out, table_count(&dict_of(self)->table));
        pack_pairs(&dict_of(self)->table, out);
        return out->failed;
}

static size_t dict_length(const struct object *self)
{
        return table_count(&((const struct dict *)self)->table);
}

static int dict_elements(struct object *self, struct buffer *out, size_t *n)
{
        *n = table_count(&dict_of(self)->table);
        entries_pack_keys(&dict_of(self)->table, out);
        return out->failed;
}

static const struct iterable dict_iterable = { .elements = dict_elements };

static int dict_items(struct object *self, struct buffer *out, size_t *n)
{
        *n = table_count(&dict_of(self)->table);
        pack_pairs(&dict_of(self)->table, out);
        return out->failed;
}

static const struct mapping dict_mapping = { .items = dict_items };

static void dict_walk_begin(struct object *self, struct cursor *cursor)
{
        entries_walk_begin(&dict_of(self)->table, cursor);
}

static int dict_walk_next(struct object *self, struct cursor *cursor, struct span *element)
{
        return entries_walk_next(&dict_of(self)->table, cursor, element);
}

static const struct walkable dict_walkable = {
        .iterator = "dict_keyiterator",
        .changed = "dictionary changed size during iteration",
        .begin = dict_walk_begin,
        .next = dict_walk_next,
};

const struct type dict_type = {
        .name = "dict",
        .params = "mapping",
        .n_params = 1,
        .flags = METHOD_ANY_KEYWORDS,
        .size = sizeof(struct dict),
        .methods = dict_methods,
        .n_methods = sizeof(dict_methods) / sizeof(dict_methods[0]),
        .init = dict_construct,
        .reap = dict_reap,
        .value = dict_value,
        .length = dict_length,
        .iterable = &dict_iterable,
        .mapping = &dict_mapping,
        .walkable = &dict_walkable,
};
