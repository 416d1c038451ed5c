/*
 * dict - what the rooms of the type dict share
 *
 * For dict*.c only; everyone else knows dict_type by types.h.
 *
 * How a method changes the dict: it packs its result, which may fail, stages
 * the new entries, which may fail, and only then replaces the old ones by them,
 * which cannot. So a failed call has changed nothing.
 */
#pragma once

#include "managerd/object/elements.h"
#include "managerd/object/store.h"
#include "proto/value.h"

struct dict {
        struct object object;
        struct table table; /* packed key → packed value */
};

static inline struct dict *dict_of(struct object *object)
{
        return container_of(object, struct dict, object);
}

/* --- results */

/* Key and value of an entry, one after the other. */
void dict_pack_entry(const struct table_entry *entry, struct buffer *out);

/* --- arguments */

/* The keys and values of a mapping, alternating: of the argument itself, or of a proxy's referent.
 */
struct dict_pairs {
        struct buffer copy;
        struct value_iter iter;
        size_t n; /* pairs */
};

/*
 * 1 where the argument is a dict or the proxy of a mapping, 0 where it is not, or the failure. To
 * be freed by buffer_deinit(&pairs->copy) in any case.
 */
int dict_get_pairs(struct call *call, struct span value, struct dict_pairs *pairs);

/* --- storing (dict_store.c) */

/* Sets one key. 0 or the failure. */
int dict_put(struct dict *dict, struct call *call, const struct table_key *key, struct span value);

/* Removes an entry, and gives up the referents of its proxies. */
void dict_drop(struct dict *dict, struct table_entry *entry);

/* All that a call brings as the arguments of update(): args[0], where given, and kwds. */
int dict_update(struct dict *dict, struct call *call);

/* --- dict_more.c: operators, and what Python's dict has not */

int dict_run_or(struct object *self, struct call *call);
int dict_run_ror(struct object *self, struct call *call);
int dict_run_fromkeys(struct object *self, struct call *call);
int dict_run_incr(struct object *self, struct call *call);
int dict_run_compare_and_swap(struct object *self, struct call *call);
int dict_run_get_many(struct object *self, struct call *call);
int dict_run_page(struct object *self, struct call *call);
