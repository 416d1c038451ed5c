/*
 * family - which process this is, whose child, and who its children are
 *
 * The children on the list have been started, and nobody has seen their end yet. One that its
 * user has forgotten is there, too: the list is gone through whenever a child is started or the
 * children are asked for, so that none stays a zombie for long.
 */
#pragma once

#include "client/process/process.h"

/* At every entry: what registry_init() does, and what this program was spawned with. */
int family_init(void);

mgr_process *family_current(void);

/* NULL where nobody started this process: the main one, and the child of a bare fork(). */
mgr_process *family_parent(void);

/*
 * A new child of the current process: its name, if none was chosen, and what it inherits. Sets
 * the error.
 */
int family_new_child(mgr_process **out, const mgr_process_options *options);

/* A child has begun: the list has a share of it. And somebody has seen its end. */
void family_add(mgr_process *process);
void family_remove(mgr_process *process);

/* Looks who has ended. Returns how many have not, and stores shares of at most n_room. */
size_t family_check(mgr_process **children, size_t n_room);

/* In the child that was started: it is the current process now. */
void family_enter(mgr_process *process);

/*
 * A descriptor by which children see this process's end: its pidfd; -1 where there are none, and
 * then the leash tells. It is ours alone. Sets the error.
 */
int family_self_fd(int *fd);

/* A share of a new key with these bytes, or random ones. Sets the error. */
int family_key_new(struct family_key **out, struct span bytes);

/* The authkey of the current process, made when it is needed first. Shares. Sets the error. */
int family_key_get(const mgr_process *process, struct family_key **out);
int family_key_set(mgr_process *process, struct span bytes);
void family_key_unref(struct family_key *key);

/* A copy of the current process's, for a manager. Sets the error. */
int family_key_copy(struct auth_key **out);

/* For pthread_atfork(), and in a child that was cloned by hand. */
void family_prepare(void);
void family_forked_parent(void);
void family_forked_child(void);
void family_noticed(void);
