/*
 * types - the list of all types of referents
 */
#include "managerd/types/types.h"

#define TYPES_POINTER(name) &name##_type,

const struct type *const types_all[] = { TYPES_LIST(TYPES_POINTER) };

const size_t n_types = sizeof(types_all) / sizeof(types_all[0]);
