/*
 * items - what the containers that keep a sequence have in common
 *
 * list and Queue are both a sequence of packed values. How these are given up, with the
 * referents of the proxies in them, is the same for both.
 */
#pragma once

#include "managerd/object/store.h"
#include "managerd/types/sequence.h"

/* The object gives up the referents of n items from the i-th on. */
void items_disown(struct object *object, const struct sequence *items, size_t i, size_t n);

/* Frees a whole sequence, at once or, where it is big, in steps. It is empty then. */
void items_discard(struct store *store, struct sequence *items);

/* The same for what changes of the sequence have dropped, and is still to be freed. */
void items_discard_dropped(struct store *store, struct sequence *items);
