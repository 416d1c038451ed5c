/*
 * set_compare - set: how two sets lie to each other
 */
#include "managerd/types/set.h"
#include "proto/pack.h"

static bool is_subset(const struct table *table, const struct table *of)
{
        if (table_count(table) > table_count(of))
                return false;
        for (struct table_entry *entry = table_first(table); entry;
             entry = table_next(table, entry))
                if (!set_table_has(of, table, entry))
                        return false;
        return true;
}

static bool is_disjoint(const struct table *a, const struct table *b)
{
        const struct table *small = table_count(a) <= table_count(b) ? a : b;
        const struct table *large = small == a ? b : a;

        for (struct table_entry *entry = table_first(small); entry;
             entry = table_next(small, entry))
                if (set_table_has(large, small, entry))
                        return false;
        return true;
}

/* --- operators: of sets */

static int run_order(struct object *self, struct call *call, bool reflected, bool strict)
{
        struct set *set = set_of(self);
        struct set_operand other;
        const struct table *a, *b;
        int r;

        r = set_operand_of_set(&other, set, call, call->args[0]);
        a = reflected ? other.table : &set->table;
        b = reflected ? &set->table : other.table;
        if (r == 0)
                pack_ext(call->reply, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
        else if (r > 0)
                pack_bool(call->reply,
                          is_subset(a, b) && !(strict && table_count(a) == table_count(b)));
        set_operand_deinit(&other, set);
        return r < 0 ? r : CALL_DONE;
}

int set_run_le(struct object *self, struct call *call)
{
        return run_order(self, call, false, false);
}

int set_run_lt(struct object *self, struct call *call)
{
        return run_order(self, call, false, true);
}

int set_run_ge(struct object *self, struct call *call)
{
        return run_order(self, call, true, false);
}

int set_run_gt(struct object *self, struct call *call)
{
        return run_order(self, call, true, true);
}

/* --- methods: of any iterable */

int set_run_issubset(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = set_operand_of_iterable(&other, set, call, call->args[0]);
        if (r == 0)
                pack_bool(call->reply, is_subset(&set->table, other.table));
        set_operand_deinit(&other, set);
        return r;
}

/*
 * Whether each element that the argument iterates over is in the set, or none is. As in Python it
 * ends at the first that decides: one behind it may be unhashable.
 */
static int walk_each(struct set *set, struct call *call, bool wanted)
{
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        _elements_cleanup_ struct elements elements;
        bool as_wanted = true;
        struct table_key key;
        struct span element;
        int r;

        r = elements_init(&elements, call, call->args[0]);
        if (r < 0)
                return r;
        while (as_wanted && elements_next(&elements, &element)) {
                r = entries_get_key(&set->table, call, element, &scratch, &key);
                if (r < 0)
                        return r;
                as_wanted = (table_find(&set->table, &key) != NULL) == wanted;
        }
        pack_bool(call->reply, as_wanted);
        return CALL_DONE;
}

/* The same; a set of our own is looked into where it lies. */
static int run_each(struct object *self, struct call *call, bool wanted)
{
        struct set *set = set_of(self), *other;
        int r;

        r = set_get_other(call, call->args[0], &other);
        if (r < 0)
                return r;
        if (!other)
                return walk_each(set, call, wanted);
        pack_bool(call->reply, wanted ? is_subset(&other->table, &set->table)
                                      : is_disjoint(&other->table, &set->table));
        return CALL_DONE;
}

int set_run_issuperset(struct object *self, struct call *call)
{
        return run_each(self, call, true);
}

int set_run_isdisjoint(struct object *self, struct call *call)
{
        return run_each(self, call, false);
}
