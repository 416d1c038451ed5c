/*
 * namespace - Namespace: an object with attributes, and nothing else
 *
 * A table of names and values. Names that begin and end with two underscores are Python's own:
 * of them there is only __dict__, all attributes at once, to be read.
 */
#include <stdlib.h>

#include "managerd/object/store.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/unicode.h"
#include "proto/value.h"

/* How much of a name an error shows. */
#define NAME_SHOWN 400

struct namespace
{
        struct object object;
        struct table table; /* packed name → packed value */
};

static struct namespace *namespace_of(struct object *object)
{
        return container_of(object, struct namespace, object);
}

/* --- names */

struct name {
        struct span text; /* borrowed */
        struct buffer scratch;
        struct table_key key;
};

static void name_deinit(struct name *name)
{
        buffer_deinit(&name->scratch);
}

#define _name_cleanup_ __attribute__((cleanup(name_deinit)))

static int name_get(struct name *name, const struct table *table, struct call *call,
                    struct span value)
{
        int r;

        name->scratch = BUFFER_NULL;
        if (!value_get_str(value, &name->text))
                return call_fail(call, STATUS_TYPE, "attribute name must be string, not '%s'",
                                 value_type_name(value));
        r = table_key_from_value(&name->key, table, value, &name->scratch);
        return r < 0 ? call_fail_status(call, r) : 0;
}

static int name_shown(const struct name *name)
{
        return (int)utf8_cut(name->text, NAME_SHOWN).size;
}

static int fail_missing(struct call *call, const struct name *name)
{
        return call_fail(call, STATUS_ATTRIBUTE, "'Namespace' object has no attribute '%.*s'",
                         name_shown(name), (const char *)name->text.data);
}

static bool name_is_pythons(const struct name *name)
{
        struct span text = name->text;

        return text.size > 4 && memcmp(text.data, "__", 2) == 0 &&
               memcmp(text.data + text.size - 2, "__", 2) == 0;
}

static int name_get_to_change(struct name *name, const struct table *table, struct call *call,
                              struct span value)
{
        int r;

        r = name_get(name, table, call, value);
        if (r == 0 && name_is_pythons(name))
                return call_fail(call, STATUS_ATTRIBUTE,
                                 "'Namespace' object attribute '%.*s' is read-only",
                                 name_shown(name), (const char *)name->text.data);
        return r;
}

/* --- storing */

/* Sets one attribute: all of what may fail comes first. 0 or the failure. */
static int namespace_put(struct namespace *namespace, struct call *call,
                         const struct table_key *key, struct span value)
{
        struct object *self = &namespace->object;
        struct table_entry *old;
        struct table stage;
        int r;

        r = call->has_tokens ? object_adopt(self, value) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        if (!object_has_links(self)) {
                r = table_set(&namespace->table, key, value, NULL);
                return r < 0 ? call_fail_status(call, r) : 0;
        }
        table_stage_begin(&stage, &namespace->table);
        r = table_stage(&stage, &namespace->table, key, value);
        if (r < 0) {
                table_deinit(&stage);
                object_disown(self, value);
                return call_fail_status(call, r);
        }
        old = table_find(&namespace->table, key);
        if (old)
                object_disown(self, table_entry_value(old));
        table_merge(&namespace->table, &stage);
        return 0;
}

static void namespace_drop(struct namespace *namespace, struct table_entry *entry)
{
        object_disown(&namespace->object, table_entry_value(entry));
        table_remove(&namespace->table, entry);
}

/* --- attributes */

static void pack_pairs(const struct table *table, struct buffer *out)
{
        for (struct table_entry *entry = table_first(table); entry && !out->failed;
             entry = table_next(table, entry)) {
                pack_packed(out, table_entry_key(entry));
                pack_packed(out, table_entry_value(entry));
        }
}

static int namespace_value(struct object *self, struct buffer *out)
{
        const struct table *table = &namespace_of(self)->table;

        pack_map(out, table_count(table));
        pack_pairs(table, out);
        return out->failed;
}

static int run_getattribute(struct object *self, struct call *call)
{
        const struct table *table = &namespace_of(self)->table;
        _name_cleanup_ struct name name;
        struct table_entry *entry;
        int r;

        r = name_get(&name, table, call, call->args[0]);
        if (r < 0)
                return r;
        if (span_equal(name.text, SPAN_LITERAL("__dict__"))) {
                namespace_value(self, call->reply);
                return CALL_DONE;
        }
        entry = table_find(table, &name.key);
        if (!entry)
                return fail_missing(call, &name);
        pack_packed(call->reply, table_entry_value(entry));
        return CALL_DONE;
}

static int run_setattr(struct object *self, struct call *call)
{
        struct namespace *namespace = namespace_of(self);
        _name_cleanup_ struct name name;
        int r;

        r = name_get_to_change(&name, &namespace->table, call, call->args[0]);
        if (r == 0)
                r = call_return_none(call);
        return r < 0 ? r : namespace_put(namespace, call, &name.key, call->args[1]);
}

static int run_delattr(struct object *self, struct call *call)
{
        struct namespace *namespace = namespace_of(self);
        _name_cleanup_ struct name name;
        struct table_entry *entry;
        int r;

        r = name_get_to_change(&name, &namespace->table, call, call->args[0]);
        if (r < 0)
                return r;
        entry = table_find(&namespace->table, &name.key);
        if (!entry)
                return fail_missing(call, &name);
        r = call_return_none(call);
        if (r < 0)
                return r;
        namespace_drop(namespace, entry);
        return CALL_DONE;
}

/* --- read, change and write in one */

static int run_incr(struct object *self, struct call *call)
{
        struct namespace *namespace = namespace_of(self);
        struct span delta = call_has(call, 1) ? call->args[1] : SPAN_LITERAL("\x01");
        size_t begin = call->reply->size;
        _name_cleanup_ struct name name;
        struct table_entry *entry;
        int r;

        r = name_get_to_change(&name, &namespace->table, call, call->args[0]);
        if (r < 0)
                return r;
        entry = table_find(&namespace->table, &name.key);
        if (!entry)
                return fail_missing(call, &name);
        r = call_return_sum(call, table_entry_value(entry), delta);
        if (r < 0)
                return r;
        return namespace_put(namespace, call, &name.key, buffer_span_from(call->reply, begin));
}

/* Whether to swap: the value is `expected`, or without that there is none. */
static int compare(struct call *call, const struct table_entry *entry, const struct name *name,
                   bool *equal)
{
        int r;

        if (!call_has(call, 1)) {
                *equal = !entry;
                return 0;
        }
        if (!entry)
                return fail_missing(call, name);
        r = value_equal(table_entry_value(entry), call->args[1], equal);
        return r < 0 ? call_fail_status(call, r) : 0;
}

static int run_compare_and_swap(struct object *self, struct call *call)
{
        struct namespace *namespace = namespace_of(self);
        _name_cleanup_ struct name name = { .scratch = BUFFER_NULL };
        struct table_entry *entry;
        bool equal;
        int r;

        if (!call_has(call, 1) && !call_has(call, 2))
                return call_fail(call, STATUS_TYPE,
                                 "compare_and_swap() needs 'expected' or 'new', or both");
        r = name_get_to_change(&name, &namespace->table, call, call->args[0]);
        if (r < 0)
                return r;
        entry = table_find(&namespace->table, &name.key);
        r = compare(call, entry, &name, &equal);
        if (r < 0)
                return r;
        pack_bool(call->reply, equal);
        r = call_returned(call);
        if (r < 0 || !equal)
                return r;
        if (call_has(call, 2))
                return namespace_put(namespace, call, &name.key, call->args[2]);
        namespace_drop(namespace, entry);
        return CALL_DONE;
}

static const struct method namespace_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "__delattr__", "name", 1, 1, W, ARITY_SLOT, run_delattr, NULL },
        { "__getattribute__", "name", 1, 1, R | N, ARITY_SLOT, run_getattribute, NULL },
        { "__setattr__", "name value", 2, 2, W, ARITY_SLOT, run_setattr, NULL },
        { "compare_and_swap", "name expected new", 3, 1, W | K, ARITY_FUNCTION,
          run_compare_and_swap, NULL },
        { "incr", "name delta", 2, 1, W | K, ARITY_FUNCTION, run_incr, NULL },
#undef R
#undef W
#undef N
#undef K
};

/* --- making one */

static int fill(struct namespace *namespace, struct call *call, struct value_iter *pairs)
{
        struct span key, value;
        int r = 0;

        while (r == 0 && value_iter_next(pairs, &key) && value_iter_next(pairs, &value)) {
                _name_cleanup_ struct name name;

                r = name_get_to_change(&name, &namespace->table, call, key);
                if (r == 0)
                        r = namespace_put(namespace, call, &name.key, value);
        }
        return r;
}

/* The argument that Python's has not: a dict, or the proxy of a mapping. */
static int fill_from_mapping(struct namespace *namespace, struct call *call, struct span other)
{
        _buffer_cleanup_ struct buffer copy = BUFFER_NULL;
        struct value_iter iter;
        struct object *object;
        size_t n;
        int r;

        r = call_get_object(call, other, &object);
        if (r < 0)
                return r;
        if (object && object->type->mapping) {
                do {
                        copy.limit = call_memory_left(call);
                        buffer_truncate(&copy, 0);
                        r = object->type->mapping->items(object, &copy, &n);
                } while (r < 0 && call_reclaim_memory(call));
                if (r < 0)
                        return call_fail_status(call, -STATUS_NOMEM);
                iter = (struct value_iter){ copy.data, n * 2 };
        } else if (value_kind(other) != VALUE_DICT || !value_iter_init(&iter, other, &n)) {
                return call_fail(call, STATUS_TYPE, "Namespace() takes a mapping, not '%s'",
                                 object ? object->type->name : value_type_name(other));
        }
        return fill(namespace, call, &iter);
}

static int namespace_construct(struct object *self, struct call *call)
{
        struct namespace *namespace = namespace_of(self);
        struct value_iter iter;
        size_t n;
        int r = 0;

        table_init(&namespace->table, &self->store->world);
        if (call_has(call, 0))
                r = fill_from_mapping(namespace, call, call->args[0]);
        if (r == 0 && !span_is_absent(call->kwds) && value_iter_init(&iter, call->kwds, &n))
                r = fill(namespace, call, &iter);
        return r;
}

static bool namespace_reap(struct object *self, size_t *budget)
{
        return table_reap(&namespace_of(self)->table, budget);
}

/* --- how Python shows it: sorted, and without what begins with an underscore */

static int pack_attribute(const struct table_entry *entry, struct buffer *out)
{
        struct span name;

        value_get_str(table_entry_key(entry), &name);
        buffer_append_span(out, name);
        buffer_append_byte(out, '=');
        return value_repr(table_entry_value(entry), out);
}

static bool is_hidden(const struct table_entry *entry)
{
        struct span name;

        value_get_str(table_entry_key(entry), &name);
        return name.size > 0 && name.data[0] == '_';
}

static int compare_texts(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Writes the attributes one behind the other, and where each begins. */
static int write_attributes(const struct table *table, struct buffer *text, struct buffer *begins)
{
        int r = 0;

        for (struct table_entry *entry = table_first(table); r == 0 && entry;
             entry = table_next(table, entry)) {
                size_t begin = text->size;

                if (is_hidden(entry))
                        continue;
                r = pack_attribute(entry, text);
                buffer_append(begins, &begin, sizeof(begin));
        }
        return r < 0 ? r : text->failed ? text->failed : begins->failed;
}

static int write_sorted(const struct buffer *text, const struct buffer *begins, struct buffer *out)
{
        size_t n = begins->size / sizeof(size_t), begin, end;
        struct span *texts = calloc(n ? n : 1, sizeof(*texts));

        if (!texts)
                return -STATUS_NOMEM;
        end = text->size;
        for (size_t i = n; i-- > 0; end = begin) {
                memcpy(&begin, begins->data + i * sizeof(begin), sizeof(begin));
                texts[i] = span_of(text->data + begin, end - begin);
        }
        qsort(texts, n, sizeof(*texts), compare_texts);
        buffer_append_span(out, SPAN_LITERAL("Namespace("));
        for (size_t i = 0; i < n; ++i) {
                buffer_append_span(out, i ? SPAN_LITERAL(", ") : SPAN_LITERAL(""));
                buffer_append_span(out, texts[i]);
        }
        buffer_append_byte(out, ')');
        free(texts);
        return out->failed;
}

static int namespace_str(struct object *self, struct buffer *out)
{
        /* what would not fit behind each other does not fit into the result */
        _buffer_cleanup_ struct buffer text = { .limit = out->limit - out->size };
        _buffer_cleanup_ struct buffer begins = BUFFER_NULL;
        int r;

        r = write_attributes(&namespace_of(self)->table, &text, &begins);
        return r < 0 ? r : write_sorted(&text, &begins, out);
}

static int namespace_items(struct object *self, struct buffer *out, size_t *n)
{
        *n = table_count(&namespace_of(self)->table);
        pack_pairs(&namespace_of(self)->table, out);
        return out->failed;
}

static const struct mapping namespace_mapping = { .items = namespace_items };

const struct type namespace_type = {
        .name = "Namespace",
        .params = "other",
        .constructor = "__init__",
        .n_params = 1,
        .flags = METHOD_ANY_KEYWORDS,
        .size = sizeof(struct namespace),
        .methods = namespace_methods,
        .n_methods = sizeof(namespace_methods) / sizeof(namespace_methods[0]),
        .init = namespace_construct,
        .reap = namespace_reap,
        .value = namespace_value,
        .str = namespace_str,
        .mapping = &namespace_mapping,
};
