/*
 * locking - what proxies of locks, of Conditions over them, and of semaphores have in common
 */
#pragma once

#include "client/call.h"

/* `lock` is the ident of the lock that the proxy stands for, or that is behind it. */
int locking_acquire(const mgr_proxy *proxy, uint64_t lock, double timeout, mgr_grant *grant);
int locking_release(const mgr_proxy *proxy, uint64_t lock);

/* The same of a semaphore. */
int locking_acquire_permit(const mgr_proxy *proxy, double timeout, mgr_grant *grant);
int locking_release_permits(const mgr_proxy *proxy, uint64_t n);

/*
 * The method wait() of a Condition over the lock, which returns with the lock in any case: 1, or 0
 * where `timeout` has passed. *notes becomes what it says besides.
 */
int locking_wait(const mgr_proxy *proxy, uint64_t lock, double timeout, struct notes *notes);

/* Above 0: whoever had the lock before died with it. `grant` may be NULL. */
int locking_granted(const struct notes *notes, mgr_grant *grant);

int locking_is_locked(const mgr_proxy *proxy);
int locking_get_fence(const mgr_proxy *proxy, uint64_t *fence);
int locking_get_holder(const mgr_proxy *proxy, mgr_holder *holder);

/* Lock() and RLock(), with flags; open() where it has a name. */
int locking_create(mgr_manager *m, const char *type, const char *name, unsigned flags,
                   mgr_proxy **out);
