/*
 * polls - queues that are asked whether there is something to get, all at once
 *
 * What mgr_wait() has under way at daemons: a numbered Queue.poll() for each queue, on the
 * thread's own connection to each manager. Beginning takes one round trip, for all queues of a
 * manager; by then those are known that are ready already. The others wait at the daemon, and
 * their connections can be waited for as any descriptor. The end withdraws what still waits, and
 * the connections are as they were before.
 */
#pragma once

#include "client/flight.h"

/* Of one manager. */
struct polls_session {
        mgr_manager *manager;          /* borrowed */
        struct connection *connection; /* checked out; NULL before and after, and when it is lost */
        struct flight flight;          /* on it */
        int status;                    /* of the first poll that failed, which is set; or 0 */
        bool withdrawn;                /* those under way were cancelled by us */
};

/* Of one queue. */
struct poll {
        struct flown flown;
        struct polls *polls;
        struct polls_session *session;
        mgr_waitable *thing; /* borrowed */
};

struct polls {
        struct polls_session *sessions; /* owned */
        size_t n_sessions;
        struct poll *polls; /* owned */
        size_t n;
        size_t n_ready; /* so many things have been marked */
};

/* Finds the queues among n things; nothing is asked yet. 0 or an error, which is set. */
int polls_init(struct polls *polls, mgr_waitable *what, size_t n);

/* Ends what is under way. What is ready is marked until the end of this. */
void polls_deinit(struct polls *polls);

/*
 * Asks all of them; marks what is ready. With `at_once` nothing is left waiting. An error is set;
 * polls_deinit() then.
 */
int polls_begin(struct polls *polls, bool at_once);

/* Takes what has arrived for a session. 0 or an error, which is set. */
int polls_receive(struct polls_session *session);

/* The descriptor that becomes readable then, or -1 where nothing is under way. */
static inline int polls_fd(const struct polls_session *session)
{
        return session->connection && session->flight.n ? session->connection->fd : -1;
}
