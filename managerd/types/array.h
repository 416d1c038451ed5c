/*
 * array - what the rooms of the type Array share
 *
 * For array*.c only; everyone else knows array_type by types.h.
 *
 * Items lie one behind the other as they travel (PROTOCOL.md, extension 9): little-endian, each
 * of the size that its typecode says. So a slice is copied as it is.
 */
#pragma once

#include "managerd/object/elements.h"
#include "managerd/object/store.h"
#include "managerd/types/range.h"
#include "proto/value.h"

#define ARRAY_ITEM_MAX 8

struct array {
        struct object object;
        char typecode;
        uint8_t item_size;
        uint8_t *items; /* owned; NULL where there are none */
        size_t size;    /* of all of them, in bytes; charged to the memory */
};

static inline struct array *array_of(struct object *object)
{
        return container_of(object, struct array, object);
}

static inline size_t array_length(const struct array *array)
{
        return array->item_size ? array->size / array->item_size : 0;
}

/* The items as if they had arrived. Borrowed until the next change. */
static inline struct value_typed_array array_view(const struct array *array)
{
        return (struct value_typed_array){
                .typecode = array->typecode,
                .item_size = array->item_size,
                .items = span_of(array->items, array->size),
        };
}

/* An element's place; IndexError with this text where there is none. */
int array_get_place(struct call *call, const struct array *array, struct span value,
                    const char *out_of_range, size_t *i);

/* --- array_item.c */

/* Writes a value as an item, or fails in the words of Python's array. */
int array_write_item(struct call *call, char typecode, struct span value,
                     uint8_t item[ARRAY_ITEM_MAX]);

/* ValueError where bytes are no items: cut short, or (of 'u') beyond all code points. */
int array_check_items(struct call *call, char typecode, struct span items);

/* --- array_store.c */

/* Cuts or stretches it; what is new is not written yet. 0 or -STATUS_NOMEM, never when cutting. */
int array_resize(struct array *array, size_t size);

/* Puts bytes that are not its own in the place of n bytes from `at` on. As array_resize(). */
int array_splice(struct array *array, size_t at, size_t n, struct span with);

/* --- array_slice.c: the index is a slice */

int array_run_getitem_slice(struct array *array, struct call *call);
int array_run_setitem_slice(struct array *array, struct call *call);
