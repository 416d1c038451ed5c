/*
 * set - what the rooms of the type set share
 *
 * For set*.c only; everyone else knows set_type by types.h.
 *
 * How a method changes the set: it reads all its arguments and packs its result,
 * which may fail, stages what will be new and holds the referents of the proxies in
 * it, which may fail, and only then puts in and takes out, which cannot. So a
 * failed call has changed nothing.
 */
#pragma once

#include "managerd/object/store.h"
#include "managerd/types/entries.h"
#include "proto/value.h"

struct set {
        struct object object;
        struct table table; /* packed element → nothing */
};

static inline struct set *set_of(struct object *object)
{
        return container_of(object, struct set, object);
}

/* Whether `table` has the element of an entry of `from`; of its own it has each, a NaN too. */
static inline bool set_table_has(const struct table *table, const struct table *from,
                                 const struct table_entry *entry)
{
        return table == from || entries_find(table, entry);
}

/* --- the other side of an operation (set_operand.c) */

struct set_operand {
        const struct table *table; /* the elements: of a set, borrowed, or `made` */
        struct table made;
        bool frozen; /* it is a frozenset */
};

/*
 * Each is to be deinitialized in any case.
 *
 * Of what an operator takes: 1 where the value is a set, a frozenset or the proxy of a
 * set, 0 where it is not, or the failure.
 */
int set_operand_of_set(struct set_operand *operand, struct set *set, struct call *call,
                       struct span value);
/* Of what a method takes: 0, or the failure where the value is not iterable. */
int set_operand_of_iterable(struct set_operand *operand, struct set *set, struct call *call,
                            struct span value);
/* Of all arguments of a call that takes any number: what is in any of them, or in each. */
int set_operand_of_any(struct set_operand *operand, struct set *set, struct call *call);
int set_operand_of_each(struct set_operand *operand, struct set *set, struct call *call);

void set_operand_deinit(struct set_operand *operand, struct set *set);

/* The set whose proxy the value is, or NULL in *other. 0 or the failure. */
int set_get_other(struct call *call, struct span value, struct set **other);

/* --- set_update.c: changes of the whole set */

/* Adds the elements of any iterable. 0 or the failure. */
int set_fill(struct set *set, struct call *call, struct span iterable);

/* Gives up all elements. */
void set_empty(struct set *set);

/* Gives up one element, and the referents of the proxies in it. */
void set_drop(struct set *set, struct table_entry *entry);

int set_run_update(struct object *self, struct call *call);
int set_run_difference_update(struct object *self, struct call *call);
int set_run_intersection_update(struct object *self, struct call *call);
int set_run_symmetric_difference_update(struct object *self, struct call *call);
int set_run_iand(struct object *self, struct call *call);
int set_run_ior(struct object *self, struct call *call);
int set_run_isub(struct object *self, struct call *call);
int set_run_ixor(struct object *self, struct call *call);

/* --- set_result.c: results that are new sets */

int set_run_and(struct object *self, struct call *call);
int set_run_or(struct object *self, struct call *call);
int set_run_sub(struct object *self, struct call *call);
int set_run_xor(struct object *self, struct call *call);
int set_run_rand(struct object *self, struct call *call);
int set_run_ror(struct object *self, struct call *call);
int set_run_rsub(struct object *self, struct call *call);
int set_run_rxor(struct object *self, struct call *call);
int set_run_difference(struct object *self, struct call *call);
int set_run_intersection(struct object *self, struct call *call);
int set_run_symmetric_difference(struct object *self, struct call *call);
int set_run_union(struct object *self, struct call *call);

/* --- set_compare.c: how two sets lie to each other */

int set_run_ge(struct object *self, struct call *call);
int set_run_gt(struct object *self, struct call *call);
int set_run_le(struct object *self, struct call *call);
int set_run_lt(struct object *self, struct call *call);
int set_run_isdisjoint(struct object *self, struct call *call);
int set_run_issubset(struct object *self, struct call *call);
int set_run_issuperset(struct object *self, struct call *call);
