/*
 * shared_block - items in memory that forked processes share, and the lock in front of them
 *
 * The memory has no name and no descriptor: it is inherited, and gone with the last process that
 * has it. The lock is a mutex that the kernel frees when a thread dies with it. Who finds it freed
 * like that notes it for the next one who asks for the lock by name: functions of one step have
 * nobody to tell it to.
 */
#pragma once

#include "client/shared/shared_item.h"

struct shared_head; /* in the memory, before the items */

/* A handle: of one process, and a child's copy of it. */
struct shared_block {
        const struct item_type *type;
        size_t n; /* items */
        uint8_t *items;
        struct shared_head *head;
        size_t map_size; /* of head and items */
        bool has_lock;
};

/* A handle is a block and nothing else; an mgr_shared_cell is one of length 1. */
static inline struct shared_block *shared_block_of(const mgr_shared_array *array)
{
        return (struct shared_block *)(uintptr_t)array;
}

/* Items of zero. 0 or an error, which is set. */
int shared_block_new(char typecode, size_t n, unsigned flags, struct shared_block **out);

/* NULL is fine. For what becomes of the lock see mgr_shared_array_free(). */
void shared_block_free(struct shared_block *block);

/*
 * Around whatever reads or writes items; waits as long as it takes. Without a lock nothing happens.
 * 0 or an error, which is set.
 */
int shared_block_enter(const struct shared_block *block);
void shared_block_leave(const struct shared_block *block);

/* As mgr_shared_array_lock() and its like. */
int shared_block_lock(const struct shared_block *block, double timeout);
int shared_block_unlock(const struct shared_block *block);

/* One item: within its bounds, and in one step. */
int shared_block_get(const struct shared_block *block, size_t i, uint64_t *raw);
int shared_block_set(const struct shared_block *block, size_t i, uint64_t raw);
int shared_block_incr(const struct shared_block *block, size_t i, const mgr_value *delta,
                      mgr_value *value);
int shared_block_compare_and_swap(const struct shared_block *block, size_t i,
                                  const mgr_value *expected, const mgr_value *desired);
