/*
 * builtin - the server-level calls
 *
 * What multiprocessing's Server offers, and what native clients need beyond:
 * requests whose ident is nil.
 */
#pragma once

#include "managerd/engine/bind.h"
#include "managerd/engine/invocation.h"

struct engine;

struct builtin_call {
        struct engine *engine;
        struct caller *caller;
        struct call *call;
        struct arguments rest; /* what the call's own parameters left (create, open) */
};

enum builtin_flags {
        BUILTIN_RAISES = 1 << 0,   /* its exceptions travel as #ERROR, else as #TRACEBACK */
        BUILTIN_VARIADIC = 1 << 1, /* takes a constructor's arguments behind its own */
        BUILTIN_TOKENS = 1 << 2,   /* its result holds proxies, whatever its arguments are */
};

struct builtin {
        struct signature signature;
        unsigned flags;
        int (*run)(struct builtin_call *b);
};

extern const struct builtin builtins[];
extern const size_t n_builtins;

/* NULL where there is no such call. */
const struct builtin *builtin_find(struct span name);
