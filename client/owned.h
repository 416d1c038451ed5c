/*
 * owned - the locks that this process's threads hold
 *
 * A lock is held as long as the session lives in which it was acquired. A thread that
 * has lost its session, with locks, must not go on as if nothing had happened: so it is
 * remembered which connection holds what. Whoever of the process releases a lock,
 * and through whatever proxy, it is the same lock; a new grant, told by its fencing number,
 * shows that an older one is over which somebody else has released. A semaphore is a lock
 * that several may have, and one several times.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection;
struct mgr_manager;
struct owned;

/* What a call does to a lock. */
enum ownership_kind {
        OWNERSHIP_TAKES,
        OWNERSHIP_SHARES, /* takes a permit: others may have some, too */
        OWNERSHIP_WAITS,  /* gives it up meanwhile, and returns with it */
        OWNERSHIP_GIVES,
};

struct ownership {
        enum ownership_kind kind;
        uint64_t lock;                  /* its ident */
        uint64_t n;                     /* how many levels or permits it gives; */
        const struct connection *giver; /* and whose they are: compared only, NULL: nobody's */
        struct owned *spare;            /* room for what is taken: afterwards there may be none */
};

/* Before the call. 0 or -STATUS_NOMEM, which is set. */
int ownership_init(struct ownership *ownership, enum ownership_kind kind, uint64_t lock);

/* The same of a call that gives n back, which needs no memory. */
void ownership_init_giving(struct ownership *ownership, uint64_t lock, uint64_t n);

void ownership_deinit(struct ownership *ownership);

/* The call goes out. */
void ownership_begin(struct ownership *ownership, struct connection *connection);

/* Its reply came: whether the call was done, and the fencing number that it told, or 0. */
void ownership_end(struct ownership *ownership, struct connection *connection, bool done,
                   uint64_t fence);

/* --- a manager's, with its lock held */

/* The connection is no more: its thread is to be told if it held something. */
void owned_lose(struct mgr_manager *m, const struct connection *connection);

/* How many locks the thread has lost and was not told of: it is now. */
size_t owned_take_lost(struct mgr_manager *m, const void *thread);

/* The thread is no more. */
void owned_forget_thread(struct mgr_manager *m, const void *thread);

/* All of it: in a forked child, who holds nothing, and in the end. */
void owned_forget_all(struct mgr_manager *m);
