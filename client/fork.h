/*
 * fork - whose process this is
 *
 * A process image is known to the daemon by a random token, kept in a page that
 * the kernel empties in every child (MADV_WIPEONFORK), however the child was made:
 * an empty page means that everything else here is the parent's. A
 * child of fork() hears of it from pthread_atfork(); one of a bare clone() finds the
 * page empty at its first call.
 *
 * Before a fork the parent lends the child a reference to each object it holds; the
 * child claims them in the session that it opens for its first call.
 *
 * The registry is the list of managers, and all that is global.
 */
#pragma once

#include "client/state.h"

#define IMAGE_TOKEN_SIZE 16

struct connection;

/* Once in a process, before anything else. 0 or an error, which is set. */
int registry_init(void);

void registry_lock(void);
void registry_unlock(void);

/* With the lock held. */
void registry_add(mgr_manager *m);
void registry_remove(mgr_manager *m);
mgr_manager *registry_first(void);

/* A number that no manager of this process has had. */
uint64_t registry_next_serial(void);

/* To be called at the beginning of whatever the user calls: finds out whether we are a child. */
void image_check(void);

/*
 * Which process this is, of all that were forked from one another: a child's is another than
 * its parent's. What belongs to one process alone remembers it.
 */
uint64_t image_number(void);

/* This image's token. */
const uint8_t *image_token(void);

/*
 * With the manager's lock held, on a connection that is new: claims what a parent
 * lent, if that has not been done, and notices a daemon that is not the old one. Sets the error.
 */
int fork_settle(struct connection *connection, uint64_t deadline);
