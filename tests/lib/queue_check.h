/*
 * queue_check - whether the state of a Queue contradicts itself
 */
#pragma once

#include "managerd/object/object.h"

/* NULL, or what is wrong; also NULL for objects of other types. */
const char *queue_check(struct object *object);

/* All that a Queue stores, as one packed list: false, and nothing, for objects of other types. */
bool queue_check_pack(struct object *object, struct buffer *out);

/* How many steps lead to the place of an item that comes back, at most. */
struct landed;
size_t queue_check_depth(const struct landed *landed);
