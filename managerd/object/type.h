/*
 * type - what a type of referent is to the rest of the daemon
 *
 * Each file of types/ exports one const struct type; types/types.h lists them.
 * Nothing else in the daemon knows any type by name. Types meet only through
 * the capabilities below.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/span.h"

struct call;
struct object;
struct owner;

enum method_flags {
        METHOD_READS = 1 << 0, /* changes nothing, but for an Iterator among its arguments */
        METHOD_WRITES = 1 << 1,
        METHOD_BLOCKS = 1 << 2,       /* may park */
        METHOD_LINEAR = 1 << 3,       /* takes time in proportion to the object */
        METHOD_KEYWORDS = 1 << 4,     /* parameters may be given by name */
        METHOD_ANY_KEYWORDS = 1 << 5, /* further keywords arrive in call->kwds (dict.update) */
        METHOD_KEYWORD_ONLY = 1 << 6, /* positional arguments are refused (list.sort) */
};

/* How CPython words a wrong number of arguments for this kind of function. */
enum method_arity {
        ARITY_ONE,        /* "list.append() takes exactly one argument (2 given)" */
        ARITY_NONE,       /* "list.reverse() takes no arguments (1 given)" */
        ARITY_POSITIONAL, /* "pop expected at most 1 argument, got 2" */
        ARITY_SLOT,       /* "expected 1 argument, got 2" */
        ARITY_FUNCTION,   /* "Queue.put() missing 1 required positional argument: 'item'" */
};

struct method {
        const char *name;
        const char *params; /* names separated by spaces: "key default" */
        uint8_t n_params, n_required;
        uint16_t flags; /* enum method_flags */
        enum method_arity arity;

        /* Returns CALL_DONE, CALL_PARKED or the negative status of call_fail(). */
        int (*run)(struct object *self, struct call *call);

        /* The deadline of a parked call passed: as run(). NULL: it fails with TimeoutError. */
        int (*expired)(struct object *self, struct call *call);
};

/* A capability: the elements can be copied out one after another (list.extend(proxy)). */
struct iterable {
        /* Appends every element, packed, and counts them. 0 or a negative status. */
        int (*elements)(struct object *self, struct buffer *out, size_t *n);
};

/* A capability: keys and values (dict.update(proxy)). */
struct mapping {
        /* Appends key, value, key, value …; counts the pairs. 0 or a negative status. */
        int (*items)(struct object *self, struct buffer *out, size_t *n);
};

/* A position in a container that survives changes of it. */
struct cursor {
        uint64_t sequence; /* of the last element passed, 0 before the first */
        struct buffer key; /* of the last element passed, packed */
        uint64_t version;  /* of the container when the walk began */
};

/* A capability: a walk that can be interrupted (dict.__iter__). */
struct walkable {
        const char *iterator; /* Python's name of such a walk: "dict_keyiterator" */
        const char *changed;  /* the text of -STATUS_RUNTIME */
        void (*begin)(struct object *self, struct cursor *cursor);
        /* 0 and the next element (borrowed till the next change); -STATUS_STOP_ITERATION;
         * -STATUS_RUNTIME where the container does not allow to go on; -STATUS_NOMEM. */
        int (*next)(struct object *self, struct cursor *cursor, struct span *element);
};

/* Declared for the types that wait: implemented by those that can be locked (Condition(lock)). */
struct lockable;

struct type {
        const char *name;   /* the typeid: "dict" */
        const char *params; /* of the constructor */
        uint8_t n_params, n_required;
        uint16_t flags; /* of the constructor: METHOD_KEYWORDS, METHOD_ANY_KEYWORDS */
        size_t size;    /* of its struct, which begins with struct object */

        const struct method *methods;
        size_t n_methods;

        /* The constructor; the struct is zeroed, its object part ready. 0 or call_fail(). On
         * failure reap() is still called. */
        int (*init)(struct object *self, struct call *call);

        /*
         * Dismantles at most *budget parts and lowers it by as many; true when nothing is left to
         * dismantle. The proxies stored in it have been given up by then.
         */
        bool (*reap)(struct object *self, size_t *budget);

        /* Appends the whole value, packed (#GETVALUE, repr, str). 0 or a negative status. */
        int (*value)(struct object *self, struct buffer *out);

        /* Appends Python's str() / repr(); NULL: that of value(). */
        int (*str)(struct object *self, struct buffer *out);

        /* Python's len(), for listings; NULL where it has none. */
        size_t (*length)(const struct object *self);

        /* What happens when an owner of something in here ends; NULL where nothing can be owned. */
        void (*owner_ended)(struct object *self, const struct owner *owner);

        const struct iterable *iterable;
        const struct mapping *mapping;
        const struct walkable *walkable;
        const struct lockable *lockable;
};
