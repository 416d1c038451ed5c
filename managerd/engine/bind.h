/*
 * bind - arguments to parameters, and Python's words for what does not fit
 */
#pragma once

#include "managerd/object/call.h"
#include "proto/value.h"

/* What can be called: a method, a constructor, a server-level call. */
struct signature {
        const char *owner; /* of a method: the type's name; else NULL */
        const char *name;
        const char *params; /* names separated by spaces */
        unsigned n_params, n_required;
        unsigned flags; /* enum method_flags */
        enum method_arity arity;
};

struct signature signature_of_constructor(const struct type *type);

/* What a request brings: `args` stands before the first of n_args arguments. */
struct arguments {
        struct value_iter args;
        size_t n_args;
        struct span kwds; /* packed dict with str keys */
        bool more; /* arguments beyond the parameters are left in `args` and n_args (create) */
};

/* How much of a name from the wire is put into a message, by %.*s: some whole characters. */
int bind_shown(struct span name);

/*
 * Fills call->args, call->kwds and call->more, which must be absent. Returns 0, or the
 * status of call_fail() with TypeError in CPython's words.
 */
int bind_arguments(struct call *call, const struct signature *signature,
                   struct arguments *arguments);
