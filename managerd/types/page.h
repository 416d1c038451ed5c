/*
 * page - what the methods page() of all containers have in common
 *
 * They look at a part of what is too much for one reply. Its size is bounded, whatever
 * is asked for, so that it takes a bounded time and fits into a reply.
 */
#pragma once

#include "managerd/object/call.h"

#define PAGE_DEFAULT   100
#define PAGE_MAX       10000
#define PAGE_MAX_BYTES ((size_t)1 << 20) /* of its elements, but one may be longer */

/* How many elements at most: 1 to PAGE_MAX. ValueError that says `name` where it is less. */
int page_get_count(struct call *call, struct span value, const char *name, size_t *out);

/*
 * Packs what is in front of n elements from the `start`-th on, of `length` in all: the result
 * is [where the next page starts, or None, elements].
 */
void page_pack_head(size_t start, size_t n, size_t length, struct buffer *out);
