/*
 * listing - the server-level calls that tell what there is
 */
#pragma once

#include "managerd/engine/builtin.h"

int listing_number_of_objects(struct builtin_call *b);
int listing_debug_info(struct builtin_call *b);
int listing_get_methods(struct builtin_call *b);
int listing_objects(struct builtin_call *b);
int listing_describe(struct builtin_call *b);
int listing_find(struct builtin_call *b);
int listing_sessions(struct builtin_call *b);
int listing_processes(struct builtin_call *b);
int listing_stats(struct builtin_call *b);

/* listing_waits.c */
int listing_locks(struct builtin_call *b);
int listing_waiters(struct builtin_call *b);

/* The object that a value names: an ident, a token or a name. 0 or the failure. */
int listing_get_object(struct builtin_call *b, struct span what, struct object **object);

/* Python's str() of an object: also the fallback __str__ and __repr__. 0 or a negative status. */
int object_str(struct object *object, struct buffer *out);
