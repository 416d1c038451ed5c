/*
 * set - Python's set, since 3.14 one of Manager()'s types
 *
 * A table of packed elements, in order of insertion. This room has the table of
 * methods and those of one element or of the whole.
 */
#include "managerd/types/set.h"

#include "managerd/types/types.h"
#include "proto/pack.h"

/* --- one element */

/*
 * The entry that equals the argument, or NULL. As in Python a set may be looked for, though it
 * is not hashable: as the frozenset that it equals.
 */
static int set_lookup(struct set *set, struct call *call, struct table_entry **entry)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL, frozen = BUFFER_NULL;
        struct span element = call->args[0];
        struct table_key key;
        bool has_nan;
        int r;

        if (value_kind(element) == VALUE_SET) {
                r = value_canonical(element, &frozen, &has_nan);
                if (r < 0)
                        return call_fail_status(call, r);
                element = buffer_span(&frozen);
        }
        r = entries_get_key(&set->table, call, element, &scratch, &key);
        if (r < 0)
                return r;
        *entry = table_find(&set->table, &key);
        return 0;
}

static int run_contains(struct object *self, struct call *call)
{
        struct table_entry *entry;
        int r;

        r = set_lookup(set_of(self), call, &entry);
        if (r < 0)
                return r;
        pack_bool(call->reply, entry != NULL);
        return CALL_DONE;
}

static int set_insert(struct set *set, struct call *call, const struct table_key *key)
{
        int r = 0;

        if (call->has_tokens)
                r = object_adopt(&set->object, key->spelling);
        if (r < 0)
                return call_fail_status(call, r);
        r = table_set(&set->table, key, SPAN_LITERAL(""), NULL);
        if (r == 0)
                return 0;
        object_disown(&set->object, key->spelling);
        return call_fail_status(call, r);
}

static int run_add(struct object *self, struct call *call)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        struct set *set = set_of(self);
        struct table_key key;
        int r;

        r = entries_get_key(&set->table, call, call->args[0], &scratch, &key);
        if (r < 0)
                return r;
        r = call_return_none(call);
        if (r < 0 || table_find(&set->table, &key))
                return r;
        return set_insert(set, call, &key);
}

static int set_take_out(struct object *self, struct call *call, bool must_be_there)
{
        struct table_entry *entry;
        int r;

        r = set_lookup(set_of(self), call, &entry);
        if (r < 0)
                return r;
        if (!entry && must_be_there)
                return call_fail_value(call, STATUS_KEY, call->args[0]);
        r = call_return_none(call);
        if (r == 0 && entry)
                set_drop(set_of(self), entry);
        return r;
}

static int run_discard(struct object *self, struct call *call)
{
        return set_take_out(self, call, false);
}

static int run_remove(struct object *self, struct call *call)
{
        return set_take_out(self, call, true);
}

/* Python's takes any; ours the one that has been there longest, so that none is left behind. */
static int run_pop(struct object *self, struct call *call)
{
        struct table_entry *entry = table_first(&set_of(self)->table);
        int r;

        if (!entry)
                return call_fail(call, STATUS_KEY, "pop from an empty set");
        pack_packed(call->reply, table_entry_key(entry));
        r = call_returned(call);
        if (r == 0)
                set_drop(set_of(self), entry);
        return r;
}

/* --- the whole set */

static void set_pack(const struct set *set, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, table_count(&set->table));
        entries_pack_keys(&set->table, out);
        pack_ext_end(out, begin, EXT_SET);
}

static int run_len(struct object *self, struct call *call)
{
        pack_uint(call->reply, table_count(&set_of(self)->table));
        return CALL_DONE;
}

static int run_copy(struct object *self, struct call *call)
{
        set_pack(set_of(self), call->reply);
        return CALL_DONE;
}

static int run_clear(struct object *self, struct call *call)
{
        int r;

        r = call_return_none(call);
        if (r == 0)
                set_empty(set_of(self));
        return r;
}

static int run_iter(struct object *self, struct call *call)
{
        return call_return_iterator(call, self);
}

static void pack_page_element(const struct table_entry *entry, struct buffer *out)
{
        pack_packed(out, table_entry_key(entry));
}

static int run_page(struct object *self, struct call *call)
{
        return entries_page(&set_of(self)->table, call, pack_page_element);
}

static const struct method set_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
#define A METHOD_VARIADIC
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "__and__", "other", 1, 1, R | N, ARITY_SLOT, set_run_and, NULL },
        { "__contains__", "element", 1, 1, R, ARITY_ONE, run_contains, NULL },
        { "__ge__", "other", 1, 1, R | N, ARITY_SLOT, set_run_ge, NULL },
        { "__gt__", "other", 1, 1, R | N, ARITY_SLOT, set_run_gt, NULL },
        { "__iand__", "other", 1, 1, W | N, ARITY_SLOT, set_run_iand, NULL },
        { "__ior__", "other", 1, 1, W, ARITY_SLOT, set_run_ior, NULL },
        { "__isub__", "other", 1, 1, W | N, ARITY_SLOT, set_run_isub, NULL },
        { "__iter__", "", 0, 0, W, ARITY_SLOT, run_iter, NULL },
        { "__ixor__", "other", 1, 1, W | N, ARITY_SLOT, set_run_ixor, NULL },
        { "__le__", "other", 1, 1, R | N, ARITY_SLOT, set_run_le, NULL },
        { "__len__", "", 0, 0, R, ARITY_SLOT, run_len, NULL },
        { "__lt__", "other", 1, 1, R | N, ARITY_SLOT, set_run_lt, NULL },
        { "__or__", "other", 1, 1, R | N, ARITY_SLOT, set_run_or, NULL },
        { "__rand__", "other", 1, 1, R | N, ARITY_SLOT, set_run_rand, NULL },
        { "__ror__", "other", 1, 1, R | N, ARITY_SLOT, set_run_ror, NULL },
        { "__rsub__", "other", 1, 1, R | N, ARITY_SLOT, set_run_rsub, NULL },
        { "__rxor__", "other", 1, 1, R | N, ARITY_SLOT, set_run_rxor, NULL },
        { "__sub__", "other", 1, 1, R | N, ARITY_SLOT, set_run_sub, NULL },
        { "__xor__", "other", 1, 1, R | N, ARITY_SLOT, set_run_xor, NULL },
        { "add", "element", 1, 1, W, ARITY_ONE, run_add, NULL },
        { "clear", "", 0, 0, W, ARITY_NONE, run_clear, NULL },
        { "copy", "", 0, 0, R | N, ARITY_NONE, run_copy, NULL },
        { "difference", "", 0, 0, R | N | A, ARITY_POSITIONAL, set_run_difference, NULL },
        { "difference_update", "", 0, 0, W | N | A, ARITY_POSITIONAL, set_run_difference_update,
          NULL },
        { "discard", "element", 1, 1, W, ARITY_ONE, run_discard, NULL },
        { "intersection", "", 0, 0, R | N | A, ARITY_POSITIONAL, set_run_intersection, NULL },
        { "intersection_update", "", 0, 0, W | N | A, ARITY_POSITIONAL, set_run_intersection_update,
          NULL },
        { "isdisjoint", "other", 1, 1, R | N, ARITY_ONE, set_run_isdisjoint, NULL },
        { "issubset", "other", 1, 1, R | N, ARITY_ONE, set_run_issubset, NULL },
        { "issuperset", "other", 1, 1, R | N, ARITY_ONE, set_run_issuperset, NULL },
        { "page", "cursor count", 2, 0, R | K, ARITY_FUNCTION, run_page, NULL },
        { "pop", "", 0, 0, W, ARITY_NONE, run_pop, NULL },
        { "remove", "element", 1, 1, W, ARITY_ONE, run_remove, NULL },
        { "symmetric_difference", "other", 1, 1, R | N, ARITY_ONE, set_run_symmetric_difference,
          NULL },
        { "symmetric_difference_update", "other", 1, 1, W | N, ARITY_ONE,
          set_run_symmetric_difference_update, NULL },
        { "union", "", 0, 0, R | N | A, ARITY_POSITIONAL, set_run_union, NULL },
        { "update", "", 0, 0, W | A, ARITY_POSITIONAL, set_run_update, NULL },
#undef R
#undef W
#undef N
#undef K
#undef A
};

/* --- the type */

static int set_construct(struct object *self, struct call *call)
{
        struct set *set = set_of(self);

        table_init(&set->table, &self->store->world);
        return call_has(call, 0) ? set_fill(set, call, call->args[0]) : 0;
}

static bool set_reap(struct object *self, size_t *budget)
{
        return table_reap(&set_of(self)->table, budget);
}

static int set_value(struct object *self, struct buffer *out)
{
        set_pack(set_of(self), out);
        return out->failed;
}

static size_t set_length(const struct object *self)
{
        return table_count(&((const struct set *)self)->table);
}

static int set_elements(struct object *self, struct buffer *out, size_t *n)
{
        *n = table_count(&set_of(self)->table);
        entries_pack_keys(&set_of(self)->table, out);
        return out->failed;
}

static const struct iterable set_iterable = { .elements = set_elements };

static void set_walk_begin(struct object *self, struct cursor *cursor)
{
        entries_walk_begin(&set_of(self)->table, cursor);
}

static int set_walk_next(struct object *self, struct cursor *cursor, struct span *element)
{
        return entries_walk_next(&set_of(self)->table, cursor, element);
}

static const struct walkable set_walkable = {
        .iterator = "set_iterator",
        .changed = "Set changed size during iteration",
        .begin = set_walk_begin,
        .next = set_walk_next,
};

const struct type set_type = {
        .name = "set",
        .params = "iterable",
        .n_params = 1,
        .size = sizeof(struct set),
        .methods = set_methods,
        .n_methods = sizeof(set_methods) / sizeof(set_methods[0]),
        .init = set_construct,
        .reap = set_reap,
        .value = set_value,
        .length = set_length,
        .iterable = &set_iterable,
        .walkable = &set_walkable,
};
