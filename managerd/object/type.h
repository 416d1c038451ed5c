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
struct holding;
struct line;
struct object;

enum method_flags {
        METHOD_READS = 1 << 0, /* changes nothing, but for an Iterator among its arguments */
        METHOD_WRITES = 1 << 1,
        METHOD_BLOCKS = 1 << 2,       /* may park */
        METHOD_LINEAR = 1 << 3,       /* takes time in proportion to the object */
        METHOD_KEYWORDS = 1 << 4,     /* parameters may be given by name */
        METHOD_ANY_KEYWORDS = 1 << 5, /* further keywords arrive in call->kwds (dict.update) */
        METHOD_KEYWORD_ONLY = 1 << 6, /* positional arguments are refused (list.sort) */
        METHOD_VARIADIC = 1 << 7,     /* any number of further ones is in call->more (set.union) */
};

/* How CPython words a wrong number of arguments for this kind of function. */
enum method_arity {
        ARITY_ONE,        /* "list.append() takes exactly one argument (2 given)" */
        ARITY_NONE,       /* "list.reverse() takes no arguments (1 given)" */
        ARITY_POSITIONAL, /* "pop expected at most 1 argument, got 2" */
        ARITY_SLOT,       /* "expected 1 argument, got 2" */
        ARITY_PARSED,     /* "acquire() takes at most 2 arguments (3 given)" */
        ARITY_FUNCTION,   /* "Queue.put() missing 1 required positional argument: 'item'" */
};

/* How a wait begins, and how it may end other than by run(). What is NULL ends as said. */
struct wait_ends {
        /* It has parked: gives up what it does not keep meanwhile. NULL: nothing to do. */
        void (*parked)(struct object *self, struct call *call);
        /* The deadline passed: as run(), also in that it may park again. NULL: TimeoutError. */
        int (*expired)(struct object *self, struct call *call);
        /* It was cancelled: as run(), also in that it may park again. NULL: CancelledError. */
        int (*cancelled)(struct object *self, struct call *call);
        /* It goes without having been run: its session ended, or there is no memory for its
         * reply. NULL: nothing to do. */
        void (*left)(struct object *self, struct call *call);
};

struct method {
        const char *name;
        const char *params; /* names separated by spaces: "key default" */
        uint8_t n_params, n_required;
        uint16_t flags; /* enum method_flags */
        enum method_arity arity;

        /* Returns CALL_DONE, CALL_PARKED or the negative status of call_fail(). */
        int (*run)(struct object *self, struct call *call);

        const struct wait_ends *ends; /* NULL where all its functions would be */
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

/* A capability: it can be locked (Condition(lock)). */
struct lockable {
        /* The methods acquire(blocking, timeout) and release(), as run() with their arguments. */
        int (*acquire)(struct object *self, struct call *call);
        int (*acquire_expired)(struct object *self, struct call *call);
        int (*release)(struct object *self, struct call *call);
        /* Whether the caller may wait and notify: an RLock is his, a Lock is locked at all. */
        bool (*is_owned)(struct object *self, const struct call *call);
        /* Unlocks it, however often it was locked: returns what restore() is to be given. */
        uint64_t (*release_save)(struct object *self, struct call *call);
        /* Locks it again for the caller, whose turn it must be: see line(). False: it is held. */
        bool (*restore)(struct object *self, struct call *call, uint64_t saved);
        /* Where those stand who want to lock it. */
        struct line *(*line)(struct object *self);
        /* Who holds it, for call_park_for(). */
        const struct holding *(*holding)(struct object *self);
        bool (*is_locked)(struct object *self);
};

struct type {
        const char *name;   /* the typeid: "dict" */
        const char *params; /* of the constructor */
        uint8_t n_params, n_required;
        uint16_t flags; /* of the constructor: METHOD_KEYWORDS, METHOD_ANY_KEYWORDS */
        /* What CPython's errors call it where it is written in Python: a function's name, or
         * "__init__". NULL: it is a type written in C. */
        const char *constructor;
        const char *class_name; /* what CPython's errors call the class; NULL: its typeid */
        size_t size;            /* of its struct, which begins with struct object */

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

        /* Appends the whole value, packed (#GETVALUE, repr, str). 0 or a negative status. NULL
         * where there is none to be sent, as of a lock: then there must be str(). */
        int (*value)(struct object *self, struct buffer *out);

        /* Appends Python's str() / repr(); NULL: that of value(). */
        int (*str)(struct object *self, struct buffer *out);

        /* Python's len(), for listings; NULL where it has none. */
        size_t (*length)(const struct object *self);

        /* Whoever held this ended: it is detached from him already, and abandoned until it is
         * dropped or taken. Cannot fail. NULL where nothing can be held. */
        void (*holder_ended)(struct object *self, struct holding *holding);

        const struct iterable *iterable;
        const struct mapping *mapping;
        const struct walkable *walkable;
        const struct lockable *lockable;
};
