/*
 * shared_item - the items of shared memory: one number or character of a C type
 *
 * An item on its way is *raw*: the bytes that lie in memory, as an integer of the same size.
 * In memory it is only ever read and written as a whole, whoever else does so at the same time,
 * with a lock or without one.
 */
#pragma once

#include "client/manager.h"

enum item_kind {
        ITEM_SIGNED,
        ITEM_UNSIGNED,
        ITEM_FLOAT,
        ITEM_BYTE,      /* c: bytes of length 1 */
        ITEM_CHARACTER, /* u: a str of length 1 */
};

struct item_type {
        char typecode;
        uint8_t size; /* in bytes: 1, 2, 4 or 8 */
        enum item_kind kind;
};

/* NULL where there is no such typecode. */
const struct item_type *item_type_find(char typecode);

/* Item i of those that begin at `items`, aligned as C has them. */
uint64_t item_load(const struct item_type *type, const void *items, size_t i);
void item_store(const struct item_type *type, void *items, size_t i, uint64_t raw);

/* Stores `desired` where *expected is; else *expected becomes what is there, and it is false. */
bool item_exchange(const struct item_type *type, void *items, size_t i, uint64_t *expected,
                   uint64_t desired);

/* In and out, each 0 or an error, which is set: see mgr_shared_array_new_ints(). */
int item_from_value(const struct item_type *type, const mgr_value *value, uint64_t *raw);
int item_from_int(const struct item_type *type, int64_t integer, uint64_t *raw);
int item_from_double(const struct item_type *type, double real, uint64_t *raw);
int item_to_value(const struct item_type *type, uint64_t raw, mgr_value *value);
int item_to_int(const struct item_type *type, uint64_t raw, long long *integer);
int item_to_double(const struct item_type *type, uint64_t raw, double *real);

/* The sum as an item of the same type. */
int item_add(const struct item_type *type, uint64_t raw, const mgr_value *delta, uint64_t *sum);
