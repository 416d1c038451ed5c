/*
 * list - what the rooms of the type list share
 *
 * For list*.c only; everyone else knows list_type by types.h.
 *
 * How a method changes the list: it packs its result, makes ready what it is
 * going to store, reserves room, and only then, when nothing can fail any more,
 * gives up the old and stores the new. So a failed call has changed nothing.
 */
#pragma once

#include "managerd/object/store.h"
#include "managerd/types/cells.h"
#include "proto/value.h"

struct list {
        struct object object;
        struct cells cells;
};

static inline struct list *list_of(struct object *object)
{
        return container_of(object, struct list, object);
}

/* --- results */

/* The elements, without a header. */
void list_pack_cells(const struct list *list, struct buffer *out);

/* --- arguments */

/* A number as Python takes for a count; beyond int64 it is OverflowError with this text. */
int list_get_integer(struct call *call, struct span value, const char *overflow, int64_t *out);

/* A bound of a range: an int of any size, clamped to int64; else TypeError with this text. */
int list_get_bound(struct call *call, struct span value, const char *refusal, int64_t *out);

/* Places a bound within a sequence: negative ones count from its end. */
size_t list_place(int64_t bound, size_t length);

/* An element's place; IndexError with this text where there is none. */
int list_get_place(struct call *call, const struct list *list, struct span value,
                   const char *out_of_range, size_t *i);

/*
 * The elements of an iterable as one packed list. The type error is worded
 * `refusal` unless that is NULL. The buffer is bounded by the memory that is left.
 */
int list_get_elements(struct call *call, struct span iterable, const char *refusal,
                      struct buffer *packed, size_t *n);

/* --- storing */

/* Makes a value ready to be stored: copied, and its referents held. 0 or the failure. */
int list_prepare(struct list *list, struct call *call, struct span value, struct cell *cell);

/* The same for the elements of an iterable; `batch` is initialized here and empty on failure. */
int list_prepare_elements(struct list *list, struct call *call, struct span iterable,
                          const char *refusal, struct cells *batch);

/* Gives up the referents of n elements from the i-th on. */
void list_disown(struct list *list, const struct cells *cells, size_t i, size_t n);

/* Frees cells that were the list's, or were made ready for it; empty afterwards. */
void list_discard(struct list *list, struct cells *cells);

/* Puts `cell` in the place of the i-th. */
void list_replace(struct list *list, size_t i, const struct cell *cell);

/* Drops n elements from the i-th on. */
void list_remove(struct list *list, size_t i, size_t n);

/*
 * Puts what was made ready in the place of n elements from the i-th on.
 * Consumes `batch`, also on failure. 0 or the failure.
 */
int list_store(struct list *list, struct call *call, size_t i, size_t n, struct cells *batch);

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
int list_take_expired(struct object *self, struct call *call);
