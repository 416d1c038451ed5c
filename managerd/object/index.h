/*
 * index - bytes to pointers: finding things that live elsewhere
 *
 * A table (table.h) whose values are pointers that it does not own.
 */
#pragma once

#include "managerd/object/table.h"

/* What the key leads to, or NULL. */
void *index_find(const struct table *index, struct span key);

/* Leads the key to `pointer` from now on. 0 or -STATUS_NOMEM, and nothing changed. */
int index_set(struct table *index, struct span key, void *pointer);

/* Harmless where the key is not there. */
void index_remove(struct table *index, struct span key);
