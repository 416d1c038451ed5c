/*
 * dict_store - getting entries into a dict and out of it
 *
 * Changes of more than one entry, and of entries that hold proxies, are staged:
 * a second table is filled with what is going to be stored, the referents of
 * its proxies are held, and when nothing can fail any more it is merged.
 */
#include "managerd/types/dict.h"
#include "managerd/types/entries.h"
#include "proto/pack.h"

/* --- freeing */

void dict_drop(struct dict *dict, struct table_entry *entry)
{
        if (object_has_links(&dict->object)) {
                object_disown(&dict->object, table_entry_value(entry));
                object_disown(&dict->object, table_entry_key(entry));
        }
        table_remove(&dict->table, entry);
}

/* --- the referents of proxies */

/* The first spelling of a key stays, with the proxies in it: a new one is not stored. */
static int dict_adopt_entry(struct dict *dict, const struct table_entry *staged)
{
        int r;

        r = object_adopt(&dict->object, table_entry_value(staged));
        if (r < 0 || entries_find(&dict->table, staged))
                return r;
        r = object_adopt(&dict->object, table_entry_key(staged));
        if (r < 0)
                object_disown(&dict->object, table_entry_value(staged));
        return r;
}

static int dict_adopt_stage(struct dict *dict, const struct table *stage)
{
        struct table_entry *entry;
        int r = 0;

        for (entry = table_first(stage); entry; entry = table_next(stage, entry)) {
                r = dict_adopt_entry(dict, entry);
                if (r < 0)
                        break;
        }
        if (r == 0)
                return 0;
        while ((entry = table_previous(stage, entry))) {
                object_disown(&dict->object, table_entry_value(entry));
                if (!entries_find(&dict->table, entry))
                        object_disown(&dict->object, table_entry_key(entry));
        }
        return r;
}

static void dict_disown_replaced(struct dict *dict, const struct table *stage)
{
        struct table_entry *entry, *old;

        for (entry = table_first(stage); entry; entry = table_next(stage, entry)) {
                old = entries_find(&dict->table, entry);
                if (old)
                        object_disown(&dict->object, table_entry_value(old));
        }
}

/* --- storing what was staged */

/* Consumes the stage, also on failure. */
static int dict_commit(struct dict *dict, struct call *call, struct table *stage)
{
        int r;

        r = call->has_tokens ? dict_adopt_stage(dict, stage) : 0;
        if (r < 0) {
                entries_discard(dict->object.store, stage);
                return call_fail_status(call, r);
        }
        if (object_has_links(&dict->object))
                dict_disown_replaced(dict, stage);
        table_merge(&dict->table, stage);
        return 0;
}

static int stop_at_token(void *data, const struct value_token *token)
{
        (void)data;
        (void)token;
        return 1;
}

/* Whether storing under this key neither brings nor drops a proxy. */
static bool dict_is_plain(struct dict *dict, struct call *call, const struct table_key *key)
{
        struct table_entry *old;

        if (call->has_tokens)
                return false;
        if (!object_has_links(&dict->object))
                return true;
        old = table_find(&dict->table, key);
        return !old || value_visit_tokens(table_entry_value(old), stop_at_token, NULL) == 0;
}

int dict_put(struct dict *dict, struct call *call, const struct table_key *key, struct span value)
{
        struct table stage;
        int r;

        if (dict_is_plain(dict, call, key)) {
                r = table_set(&dict->table, key, value, NULL);
                return r < 0 ? call_fail_status(call, r) : 0;
        }
        table_stage_begin(&stage, &dict->table);
        r = table_stage(&stage, &dict->table, key, value);
        if (r < 0) {
                table_deinit(&stage);
                return call_fail_status(call, r);
        }
        return dict_commit(dict, call, &stage);
}

/* --- update() */

struct update {
        struct dict *dict;
        struct call *call;
        struct table stage;
        struct buffer scratch; /* for canonical keys */
};

static int update_stage(struct update *update, struct span key, struct span value)
{
        struct table_key made;
        int r;

        r = entries_get_key(&update->dict->table, update->call, key, &update->scratch, &made);
        if (r < 0)
                return r;
        r = table_stage(&update->stage, &update->dict->table, &made, value);
        return r < 0 ? call_fail_status(update->call, r) : 0;
}

static int update_from_pairs(struct update *update, struct value_iter *iter)
{
        struct span key, value;
        int r = 0;

        while (r == 0 && value_iter_next(iter, &key) && value_iter_next(iter, &value))
                r = update_stage(update, key, value);
        return r;
}

/* The i-th element of an iterable of pairs. */
static int update_from_element(struct update *update, struct span element, size_t i)
{
        _buffer_cleanup_ struct buffer copy = BUFFER_NULL;
        _elements_cleanup_ struct elements pair;
        struct span key, value;
        int r;

        r = elements_init(&pair, update->call, element);
        if (r == -STATUS_TYPE)
                return call_fail(update->call, STATUS_TYPE,
                                 "cannot convert dictionary update sequence element #%zu "
                                 "to a sequence",
                                 i);
        if (r < 0)
                return r;
        if (pair.n != 2)
                return call_fail(update->call, STATUS_VALUE,
                                 "dictionary update sequence element #%zu has length %zu; "
                                 "2 is required",
                                 i, pair.n);

        /* the key is good until the step to the value only, where it is a character */
        elements_next(&pair, &key);
        if (!elements_packed(&pair)) {
                buffer_append_span(&copy, key);
                if (copy.failed)
                        return call_fail_status(update->call, copy.failed);
                key = buffer_span(&copy);
        }
        elements_next(&pair, &value);
        return update_stage(update, key, value);
}

static int update_from_iterable(struct update *update, struct span iterable)
{
        _elements_cleanup_ struct elements elements;
        struct span element;
        int r;

        r = elements_init(&elements, update->call, iterable);
        for (size_t i = 0; r == 0 && elements_next(&elements, &element); ++i)
                r = update_from_element(update, element, i);
        return r;
}

static int update_from_arguments(struct update *update)
{
        struct call *call = update->call;
        struct dict_pairs pairs;
        struct value_iter iter;
        size_t n;
        int r = 0;

        if (call_has(call, 0)) {
                r = dict_get_pairs(call, call->args[0], &pairs);
                if (r > 0)
                        r = update_from_pairs(update, &pairs.iter);
                else if (r == 0)
                        r = update_from_iterable(update, call->args[0]);
                buffer_deinit(&pairs.copy);
        }
        if (r == 0 && !span_is_absent(call->kwds) && value_iter_init(&iter, call->kwds, &n))
                r = update_from_pairs(update, &iter);
        return r;
}

int dict_update(struct dict *dict, struct call *call)
{
        struct update update = { .dict = dict, .call = call, .scratch = BUFFER_NULL };
        int r;

        table_stage_begin(&update.stage, &dict->table);
        r = update_from_arguments(&update);
        buffer_deinit(&update.scratch);
        if (r < 0) {
                entries_discard(dict->object.store, &update.stage);
                return r;
        }
        return dict_commit(dict, call, &update.stage);
}
