/*
 * shared_content - many items of shared memory at once, from values and to them
 *
 * They are converted in memory of our own, outside of the lock: what fails has changed nothing, and
 * nobody waits while it is found out.
 */
#pragma once

#include "client/shared/shared_item.h"

/* Items one after the other, as C has them. Begin with { NULL, 0 }. */
struct shared_content {
        uint8_t *items; /* owned; NULL where there are none */
        size_t n;
};

#define _shared_content_cleanup_ __attribute__((cleanup(shared_content_deinit)))

/* Room for n items, whatever is in them. 0 or an error, which is set; so below. */
int shared_content_init(struct shared_content *content, const struct item_type *type, size_t n);
void shared_content_deinit(struct shared_content *content);

/* Of the elements of a container, the items of an array value, the bytes of c, the text of u. */
int shared_content_from_value(struct shared_content *content, const struct item_type *type,
                              const mgr_value *value);

int shared_content_from_ints(struct shared_content *content, const struct item_type *type,
                             const long long *items, size_t n);
int shared_content_from_doubles(struct shared_content *content, const struct item_type *type,
                                const double *items, size_t n);

/* A list, bytes or str. */
int shared_content_to_value(const struct shared_content *content, const struct item_type *type,
                            mgr_value *value);
