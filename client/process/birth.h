/*
 * birth - a child between its fork and its first own step
 *
 * A child waits at a *gate*, a pipe from its parent, until the parent has in hand what it needs
 * for it; where something fails there, the child ends, and nobody has seen it. Afterwards the pipe
 * is a *leash*: a child that is to end with its parent has the kernel send SIGKILL to it when the
 * other end closes, which happens however the parent ends. (PR_SET_PDEATHSIG would follow the
 * thread.) Where there are no pidfds, it tells every child of its parent's end.
 */
#pragma once

#include "client/process/process.h"

struct birth {
        mgr_process *process; /* borrowed; it has the parent's end of the leash */
        pid_t parent_pid;
        int gate;   /* the child's end */
        int parent; /* our pidfd, for the child to see our end; -1: the leash tells */
        int life;   /* the end of a pipe that closes with the child; -1: a pidfd tells */
};

#define BIRTH_NULL ((struct birth){ .gate = -1, .parent = -1, .life = -1 })

/* Before the fork. Sets the error. */
int birth_prepare(struct birth *birth, mgr_process *process);

/* What the child is to keep, for private_fd_keep(). */
#define BIRTH_N_KEPT 3
void birth_kept(const struct birth *birth, int kept[BIRTH_N_KEPT]);

/* In the parent: takes hold of the child. Sets the error; the child is to be aborted then. */
int birth_take(struct birth *birth, pid_t pid);

/* Lets it go on. */
void birth_go(struct birth *birth);

/* Instead, also where there is no child yet: it ends, and is waited for. */
void birth_abort(struct birth *birth);

/* --- in the child; only what is safe in a signal handler */

/* Waits at the gate; false: it is to end. */
bool birth_wait(const struct birth *birth);

/* Ties it to the leash. Its end may come at once. 0, or -1 with errno. */
int birth_tie(const struct birth *birth);

/* Whether the child needs its end of the leash any longer. */
static inline bool birth_has_leash(const struct birth *birth)
{
        return birth->process->daemon || birth->parent < 0;
}
