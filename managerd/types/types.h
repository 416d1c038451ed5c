/*
 * types - the list of all types of referents
 *
 * A new type is one file that exports its const struct type, and one row here;
 * nothing else in the daemon needs to know it.
 */
#pragma once

#include "managerd/object/type.h"

/* Type X is what X_type in its own file says. */
#define TYPES_LIST(X)                                                                              \
        X(array)                                                                                   \
        X(barrier)                                                                                 \
        X(bounded_semaphore)                                                                       \
        X(cell)                                                                                    \
        X(condition)                                                                               \
        X(dict)                                                                                    \
        X(event)                                                                                   \
        X(iterator)                                                                                \
        X(joinable_queue)                                                                          \
        X(list)                                                                                    \
        X(lock)                                                                                    \
        X(namespace)                                                                               \
        X(queue)                                                                                   \
        X(rlock)                                                                                   \
        X(semaphore)                                                                               \
        X(set)

#define TYPES_DECLARE(name) extern const struct type name##_type;
TYPES_LIST(TYPES_DECLARE)
#undef TYPES_DECLARE

extern const struct type *const types_all[];
extern const size_t n_types;
