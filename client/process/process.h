/*
 * process - what a process is to others of its family
 *
 * A handle means the same process for its whole life, but whose it is changes: what a parent
 * started as its child is in that child the current process, and the parent's current process
 * is there the parent. So nothing has to be made in a new child, where memory may be short.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "client/manager.h"
#include "client/process/watch.h"
#include "proto/key.h"

/* Children inherit it: the same one in memory, until somebody sets another. */
struct family_key {
        atomic_size_t n_refs;
        struct auth_key *key; /* owned */
};

struct mgr_process {
        atomic_size_t n_refs;

        /* Set before anybody else sees the handle. */
        uint64_t image; /* see image_number(): where it is a child, or the parent */
        pid_t pid;
        char *identity; /* owned: "1:2"; NULL in the main process */
        bool daemon;
        struct mgr_process *parent; /* where this is the current process: borrowed, or NULL */

        char *name; /* owned; NULL: the main process's */
        atomic_bool closed;

        pthread_mutex_t lock; /* guards all below; only where it is a child, or the parent */
        struct watch watch;
        int leash;          /* of a child: its gate at first: see birth.h */
        unsigned n_waiting; /* threads that use the descriptor: the last one closes it */

        /* Guarded by the family's lock. */
        struct family_key *key;   /* shared */
        struct mgr_process *next; /* on the list of children, which has a share */
        bool is_listed;
};

/* A handle with one share, as it is before the process is. Sets the error. */
int process_new(mgr_process **out, const char *name, const char *identity);

/* In a forked child, with what its parent had: no descriptor is closed. */
void process_unref_inherited(mgr_process *process);

/* Whether a child has ended; if so it is waited for. The list of children stays as it is. */
bool process_has_ended(mgr_process *process);

/* The options that the user gave, or the defaults. Sets the error. */
int process_read_options(mgr_process_options *out, const mgr_process_options *given);
