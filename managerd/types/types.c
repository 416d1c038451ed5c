/*
 * types - the list of all types of referents
 */
#include "managerd/types/types.h"

const struct type *const types_all[] = {
        &dict_type,
        &list_type,
        &iterator_type,
};

const size_t n_types = sizeof(types_all) / sizeof(types_all[0]);
