/*
 * child - processes that end with the benchmark, however it ends
 */
#pragma once

#include <sys/types.h>

/*
 * fork(), after which the child has no signals blocked and is killed when the
 * benchmark dies. The benchmark itself keeps INT, TERM and CHLD blocked: it
 * looks for them where it waits.
 */
pid_t child_fork(void);

/* End a child that we forked and collect it: asks first, kills after two seconds. */
void child_stop(pid_t pid);

/* Replace the process, which is a fresh child, by a program found in PATH. Returns on failure. */
void child_exec(const char *const argv[], int in, int out);
