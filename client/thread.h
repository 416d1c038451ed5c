/*
 * thread - each thread's own connection
 *
 * A thread that calls through a manager for the first time opens a connection; it
 * is closed when the thread ends. Whoever uses one checks it out: a call that comes in
 * between, such as a signal handler's, gets another one, and the thread goes on with its own,
 * for it is that session which has its locks.
 */
#pragma once

#include "client/connection.h"

/* Once in a process. 0 or -STATUS_SYSTEM. */
int thread_init(void);

/* A connection for this thread alone. Sets the error. */
int thread_check_out(mgr_manager *m, struct connection **out);

/*
 * A connection that is no thread's: nobody finds it, and it does not end with a thread. It ends
 * with the owner, who frees it; that of the manager only shuts it down. Sets the error.
 */
int thread_open_apart(mgr_manager *m, struct connection **out);
void thread_close_apart(struct connection *connection);

/* As above in fork's prepare: with the registry's and the manager's lock held. */
int thread_check_out_locked(mgr_manager *m, uint64_t deadline, struct connection **out);

void thread_check_in(struct connection *connection);

/* Instead of checking it in: it is of no use any more. If it held locks, the thread's next
 * thread_check_out() fails with -STATUS_OWNER_LOST, once. Locked: as above. */
void thread_discard(struct connection *connection);
void thread_discard_locked(struct connection *connection);
