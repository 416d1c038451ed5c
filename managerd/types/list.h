/*
 * list - what the rooms of the type list share
 *
 * For list*.c only; everyone else knows list_type by types.h.
 *
 * How a method changes the list: it packs its result, holds the referents of what
 * it is going to store, and then either makes a change that is all or nothing
 * itself, or reserves what that takes, gives up the old elements and exchanges
 * them. So a failed call has changed nothing.
 */
#pragma once

#include "managerd/object/elements.h"
#include "managerd/object/store.h"
#include "managerd/types/items.h"
#include "managerd/types/range.h"
#include "proto/value.h"

struct list {
        struct object object;
        struct sequence elements;
        struct line takers;
};

static inline struct list *list_of(struct object *object)
{
        return container_of(object, struct list, object);
}

/* --- arguments */

/* An element's place; IndexError with this text where there is none. */
int list_get_place(struct call *call, const struct list *list, struct span value,
                   const char *out_of_range, size_t *i);

/* --- storing: each returns 0 or the failure, unless it cannot fail */

/* Puts a value before the i-th element. */
int list_insert(struct list *list, struct call *call, size_t i, struct span value);

/* Puts a value in the place of the i-th element. */
int list_replace(struct list *list, struct call *call, size_t i, struct span value);

/* Drops n elements from the i-th on. Cannot fail. */
void list_remove(struct list *list, size_t i, size_t n);

/*
 * Elements for the list: copied from an iterable, and their referents held. The type error is
 * worded `refusal` unless that is NULL. `batch` is initialized here, and empty on failure.
 */
int list_prepare(struct list *list, struct call *call, struct span iterable, const char *refusal,
                 struct sequence *batch);

/*
 * Puts what was made ready in the place of n elements from the i-th on. Consumes
 * `batch`, also on failure.
 */
int list_store(struct list *list, struct call *call, size_t i, size_t n, struct sequence *batch);

/* sequence_splice(), and frees what it drops. Cannot fail. */
void list_splice(struct list *list, size_t i, size_t n, struct sequence *batch);

/* Holds the referents of all elements of a sequence, or of none. */
int list_adopt(struct list *list, const struct sequence *elements);

/* --- list_slice.c: the index is a slice */

int list_run_getitem_slice(struct list *list, struct call *call);
int list_run_setitem_slice(struct list *list, struct call *call);
int list_run_delitem_slice(struct list *list, struct call *call);

/* --- list_search.c */

int list_run_contains(struct object *self, struct call *call);
int list_run_count(struct object *self, struct call *call);
int list_run_index(struct object *self, struct call *call);
int list_run_remove(struct object *self, struct call *call);

/* --- list_sort.c */

int list_run_sort(struct object *self, struct call *call);

/* --- list_more.c: what Python's list has not */

int list_run_compare_and_swap(struct object *self, struct call *call);
int list_run_get_many(struct object *self, struct call *call);
int list_run_incr(struct object *self, struct call *call);
int list_run_page(struct object *self, struct call *call);
int list_run_take(struct object *self, struct call *call);
extern const struct wait_ends list_take_ends;
