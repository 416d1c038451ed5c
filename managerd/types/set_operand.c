/*
 * set_operand - set: the other side of an operation
 *
 * A proxy of a set is looked into where it lies. Anything else becomes a table
 * first: what is asked of it is mostly whether it has an element.
 */
#include "managerd/types/set.h"

#include "managerd/types/types.h"

static void operand_init(struct set_operand *operand, struct set *set)
{
        table_init(&operand->made, set->table.world);
        operand->table = &operand->made;
        operand->frozen = false;
}

void set_operand_deinit(struct set_operand *operand, struct set *set)
{
        entries_discard(set->object.store, &operand->made);
}

int set_get_other(struct call *call, struct span value, struct set **other)
{
        struct object *object;
        int r;

        r = call_get_object(call, value, &object);
        *other = r == 0 && object && object->type == &set_type ? set_of(object) : NULL;
        return r;
}

/* Adds the elements of any iterable. */
static int operand_add(struct set_operand *operand, struct call *call, struct span value)
{
        _elements_cleanup_ struct elements elements;
        int r;

        r = elements_init(&elements, call, value);
        return r < 0 ? r : entries_collect(&operand->made, call, &elements, NULL);
}

/* Adds the element of an entry of another table. */
static int operand_add_entry(struct set_operand *operand, struct call *call,
                             const struct table_entry *entry)
{
        struct table_key key;
        int r;

        table_key_from_entry(&key, entry);
        r = table_set(&operand->made, &key, SPAN_LITERAL(""), NULL);
        return r < 0 ? call_fail_status(call, r) : 0;
}

int set_operand_of_set(struct set_operand *operand, struct set *set, struct call *call,
                       struct span value)
{
        enum value_kind kind = value_kind(value);
        struct set *other;
        int r;

        operand_init(operand, set);
        r = set_get_other(call, value, &other);
        if (r < 0)
                return r;
        if (other) {
                operand->table = &other->table;
                return 1;
        }
        if (kind != VALUE_SET && kind != VALUE_FROZENSET)
                return 0;
        operand->frozen = kind == VALUE_FROZENSET;
        r = operand_add(operand, call, value);
        return r < 0 ? r : 1;
}

int set_operand_of_iterable(struct set_operand *operand, struct set *set, struct call *call,
                            struct span value)
{
        struct set *other;
        int r;

        operand_init(operand, set);
        r = set_get_other(call, value, &other);
        if (r < 0)
                return r;
        if (!other)
                return operand_add(operand, call, value);
        operand->table = &other->table;
        return 0;
}

/* Adds what a proxy of a set, or any other iterable, has. */
static int operand_unite(struct set_operand *operand, struct call *call, struct span value)
{
        struct table_entry *entry;
        struct set *other;
        int r;

        r = set_get_other(call, value, &other);
        if (r < 0)
                return r;
        if (!other)
                return operand_add(operand, call, value);
        for (entry = table_first(&other->table); r == 0 && entry;
             entry = table_next(&other->table, entry))
                r = operand_add_entry(operand, call, entry);
        return r;
}

int set_operand_of_any(struct set_operand *operand, struct set *set, struct call *call)
{
        struct value_iter iter = { call->more, call->n_more };
        struct span argument;
        int r = 0;

        if (call->n_more == 1 && value_iter_next(&iter, &argument))
                return set_operand_of_iterable(operand, set, call, argument);
        operand_init(operand, set);
        while (r == 0 && value_iter_next(&iter, &argument))
                r = operand_unite(operand, call, argument);
        return r;
}

/* What is in both becomes the operand. */
static int operand_intersect(struct set_operand *operand, struct set *set, struct call *call,
                             const struct set_operand *other)
{
        bool smaller = table_count(operand->table) <= table_count(other->table);
        const struct table *small = smaller ? operand->table : other->table;
        const struct table *large = smaller ? other->table : operand->table;
        struct set_operand both;
        struct table_entry *entry;
        int r = 0;

        operand_init(&both, set);
        for (entry = table_first(small); r == 0 && entry; entry = table_next(small, entry))
                if (set_table_has(large, small, entry))
                        r = operand_add_entry(&both, call, entry);
        set_operand_deinit(operand, set);
        operand_init(operand, set);
        table_move(&both.made, &operand->made);
        return r;
}

int set_operand_of_each(struct set_operand *operand, struct set *set, struct call *call)
{
        struct value_iter iter = { call->more, call->n_more };
        struct set_operand other;
        struct span argument;
        int r;

        operand_init(operand, set);
        if (!value_iter_next(&iter, &argument))
                return 0;
        r = set_operand_of_iterable(operand, set, call, argument);
        while (r == 0 && value_iter_next(&iter, &argument)) {
                r = set_operand_of_iterable(&other, set, call, argument);
                if (r == 0)
                        r = operand_intersect(operand, set, call, &other);
                set_operand_deinit(&other, set);
        }
        return r;
}
