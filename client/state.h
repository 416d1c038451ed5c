/*
 * state - what a manager is inside of the library
 *
 * A manager is an address, a key, and what this process holds of the daemon
 * behind it: its connections, one for each thread, and its references. The
 * user's handle, every proxy, every value that carries proxies and every batch
 * keep the struct; it works until the user frees the handle.
 *
 * Two locks, always taken in this order: the registry's, for the list of
 * managers and their lists of connections, and a manager's own, for its references.
 * Neither is held while a call is under way, with two exceptions: while a
 * fork is prepared, and while a forked child claims what was lent to it.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "client/manager.h"
#include "client/refs.h"
#include "proto/key.h"
#include "proto/status.h"

struct connection;
struct owned;

/* A daemon of our own. */
struct started {
        pid_t owner;     /* the process that started it, the only one to end it; 0: not ours */
        int pidfd;       /* the daemon's, or -1 */
        char *directory; /* owned: made for it, and removed with it */
};

struct mgr_manager {
        atomic_size_t n_refs;
        atomic_bool closed; /* the user's handle was freed: no call works any more */

        /* Never change after the manager was made. */
        char *address;        /* owned */
        struct auth_key *key; /* owned */
        char *name;           /* owned: what we call ourselves in front of the daemon */
        double connect_timeout, call_timeout, shutdown_timeout; /* seconds; less at the end */
        unsigned flags;                                         /* MGR_INTERRUPTIBLE */
        struct started started;

        /* Guarded by the registry's lock. It is on the list until its memory is given back. */
        struct mgr_manager *next;
        struct connection *connections;

        /*
         * Names this manager in this process, never reused: a thread remembers its
         * connection by it. A forked child gives itself a new one.
         */
        _Atomic uint64_t serial;

        pthread_mutex_t lock; /* guards all below */
        struct refs refs;
        struct owned *owned; /* the locks that its threads hold: see owned.h */
        bool adopted;        /* false in a child that has not claimed yet what its parent lent */
        bool has_ticket;     /* between a fork's prepare and the child's claim */
        uint64_t ticket;

        /* From the last hello; the epoch is 0 before the first. Written under the lock. */
        _Atomic uint64_t epoch;
        _Atomic uint64_t max_frame;
};

mgr_manager *manager_ref(mgr_manager *m);
void manager_unref(mgr_manager *m);

/*
 * 0, or -STATUS_ARGUMENT, -STATUS_GONE where a call makes no sense; tells the thread's last
 * error.
 */
int manager_check(const mgr_manager *m);

/* References of this process: bookkeeping here, see refs.h. They take the manager's lock. */
int manager_receive_ref(mgr_manager *m, uint64_t ident);
int manager_use_ref(mgr_manager *m, uint64_t ident);
void manager_release_ref(mgr_manager *m, uint64_t ident);
void manager_drop_ref(mgr_manager *m, uint64_t ident); /* one that arrived, and nobody wants */

/* Whether an ident is of the daemon that the manager is connected to. */
static inline bool manager_owns(const mgr_manager *m, uint64_t ident)
{
        return ident >> 40 == atomic_load_explicit(&m->epoch, memory_order_relaxed);
}
