/*
 * types - the list of all types of referents
 *
 * A new type is one file that exports its const struct type, one name here and
 * one row in types.c; nothing else in the daemon needs to know it.
 */
#pragma once

#include "managerd/object/type.h"

extern const struct type dict_type, list_type, iterator_type;

extern const struct type *const types_all[];
extern const size_t n_types;
