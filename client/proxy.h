/*
 * proxy - a handle on an object at the daemon
 *
 * Never changes but for what it learns, so that any number of threads may use it. It stands for
 * one use of this process's reference to the object.
 */
#pragma once

#include "client/state.h"

struct mgr_proxy {
        atomic_size_t n_refs;
        mgr_manager *manager; /* shared */
        uint64_t ident;
        _Atomic uint64_t lock; /* of a Condition: its lock's ident, 0 before it was asked for */
        const char *type;      /* the typeid; behind the struct in the same memory */
};

struct mgr_dict {
        struct mgr_proxy proxy;
};

struct mgr_list {
        struct mgr_proxy proxy;
};

struct mgr_lock {
        struct mgr_proxy proxy;
};

struct mgr_rlock {
        struct mgr_proxy proxy;
};

struct mgr_condition {
        struct mgr_proxy proxy;
};

struct mgr_namespace {
        struct mgr_proxy proxy;
};

struct mgr_semaphore {
        struct mgr_proxy proxy;
};

struct mgr_event {
        struct mgr_proxy proxy;
};

struct mgr_barrier {
        struct mgr_proxy proxy;
};

struct mgr_cell {
        struct mgr_proxy proxy;
};

struct mgr_array {
        struct mgr_proxy proxy;
};

struct mgr_set {
        struct mgr_proxy proxy;
};

struct mgr_queue {
        struct mgr_proxy proxy;
};

/*
 * A handle for one use that is counted already and is taken over; also on failure, when it is
 * released.
 */
int proxy_make(mgr_manager *m, struct span type, uint64_t ident, mgr_proxy **out);

/* create() and open(): `name` is NULL for an object without. `type` is a literal or the user's. */
int proxy_create(mgr_manager *m, const char *type, const char *name, const mgr_value *args,
                 size_t n_args, mgr_proxy **out);

/* A new handle on what a value is a proxy of; `type` is what it must be, NULL: anything. */
int proxy_of_value(const mgr_value *value, const char *type, mgr_proxy **out);
