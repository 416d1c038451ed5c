/*
 * private_fd - descriptors that are of this process alone
 *
 * Close-on-exec keeps a descriptor from another program, nothing keeps it from a forked child;
 * and there it does harm: a copy of a pipe's end keeps the pipe open after the process that it
 * told of has died. What is listed here is closed in each child of fork() before fork() returns.
 */
#pragma once

#include <stddef.h>

/* The descriptor is ours alone from now on. 0, or -STATUS_NOMEM, which is set. */
int private_fd_add(int fd);

/*
 * A pipe, both of whose ends are ours alone from their first moment: no fork comes in between. 0,
 * or -STATUS_NOMEM or -STATUS_SYSTEM, which are set.
 */
int private_fd_pipe(int *reader, int *writer);

/*
 * The child of this thread's next fork gets these: they stay open in it, and are its alone. -1 is
 * fine. The array is borrowed until then.
 */
void private_fd_keep(const int *fds, size_t n);

/* Forgets and closes it; -1 and what was never added are fine, too. */
void private_fd_close(int fd);

/* Forgets it, and leaves it open: somebody else may have it now. */
void private_fd_remove(int fd);

/* For pthread_atfork(), and in a child that was cloned by hand, where nothing is closed. */
void private_fd_prepare(void);
void private_fd_parent(void);
void private_fd_child(void);
void private_fd_noticed(void);

/*
 * Behind private_fd_prepare(), in a child that was cloned by hand to be another program at once:
 * as in any child, but with nothing but system calls, and nobody may come after.
 */
void private_fd_leave(void);
