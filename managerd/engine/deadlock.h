/*
 * deadlock - owners who wait for each other's locks
 *
 * An *edge* runs from an owner who does nothing but wait, without a deadline, for
 * a lock, to whoever holds that. Each owner has one at most, so that following
 * them is a walk along a chain. Only a new edge can close a cycle: when a lock is
 * handed over, whoever gets it waits no more.
 */
#pragma once

#include "managerd/engine/waiter.h"

/* Owners in the longest cycle that is looked for: so that a look takes a millisecond at most. */
#define DEADLOCK_LONGEST 4096

/*
 * Whether what the call is about to wait for would wait for the call itself: then it
 * fails with DeadlockError, that names the cycle, and its negative status is returned.
 */
int deadlock_check(struct engine *engine, struct call *call);

/* The waiter has parked: others may find it now. 0 or -STATUS_NOMEM. */
int deadlock_add_edge(struct engine *engine, struct waiter *waiter);

/* It waits no more, or for something else. */
void deadlock_remove_edge(struct engine *engine, struct waiter *waiter);

/*
 * A waiter that may not fail has parked for a lock (Condition.wait, to have it again). Where
 * that closes a cycle: the one of it that parked last and may fail, for
 * deadlock_check() to fail it. Else NULL.
 */
struct waiter *deadlock_victim(struct engine *engine, struct waiter *waiter);
