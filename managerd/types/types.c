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

const struct type *types_find(struct span name)
{
        for (size_t i = 0; i < n_types; ++i)
                if (span_equal(name, span_of_cstr(types_all[i]->name)))
                        return types_all[i];
        return NULL;
}
