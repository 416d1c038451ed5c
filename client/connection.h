/*
 * connection - one session with the daemon
 *
 * A socket, authenticated and introduced. It belongs to one thread, which checks
 * it out for a call and in again (thread.h), so nothing here is locked. poll() is asked
 * only where there is a time limit.
 *
 * Functions return a negative status. -STATUS_GONE is the end of the connection, in
 * whatever way, and has no message: what it means depends on how far the
 * caller's request had got.
 */
#pragma once

#include "client/state.h"
#include "proto/message.h"
#include "proto/patience.h"

struct connection {
        mgr_manager *manager;    /* borrowed: it closes its connections */
        struct connection *next; /* in manager->connections */
        const void *thread;      /* whose: see thread.h */
        bool apart;              /* it is no thread's, and its owner frees it */
        bool busy;               /* checked out; only its thread looks */
        bool holds_lock;         /* whoever uses it holds the manager's lock: see fork.c */
        int fd;                  /* -1: the socket is a parent's */
        size_t n_skip;           /* replies to plain requests that nobody waits for come first */
        uint64_t n_numbers;      /* the last number given to a call */
        struct buffer out;
        struct buffer in;
        size_t in_at; /* where the next frame begins */
        struct scanner scanner;
        struct patience patience;
        uint64_t epoch;      /* of the daemon's idents */
        uint64_t max_frame;  /* bytes that the daemon takes as one request */
        size_t max_arriving; /* and that we take as one reply: few until we know who sends */
};

/*
 * Connects, authenticates and says hello, all before the deadline. Sets the error. Before
 * anything else is said, refs of the manager want to be settled: see fork_settle().
 */
int connection_new(mgr_manager *m, uint64_t deadline, struct connection **out);

/* Ends the session, also where a forked child still has the socket. */
void connection_free(struct connection *connection);

/*
 * In a forked child: closes its copy of a session that is the parent's. One that is apart stays,
 * without a socket.
 */
void connection_abandon(struct connection *connection);

/*
 * Sends all of connection->out. *complete tells whether the last byte has been
 * accepted: if not, the last request in it was not made.
 */
int connection_send(struct connection *connection, uint64_t deadline, bool *complete);

/*
 * The payload of the next frame, good until the next call. -STATUS_TIMEOUT;
 * -STATUS_INTERRUPTED where asked for; -STATUS_PROTOCOL or -STATUS_NOMEM, which are set.
 */
int connection_receive(struct connection *connection, uint64_t deadline, bool interruptible,
                       struct span *payload);

/*
 * The next reply that somebody waits for: to the last plain request, or to the
 * numbered one. Others that were asked for once are thrown away, with what they carry. As
 * connection_receive().
 */
struct expected {
        bool numbered;
        uint64_t number;
};
int connection_receive_reply(struct connection *connection, const struct expected *expected,
                             uint64_t deadline, bool interruptible, struct reply *reply);

/* Gives memory back that a big call has left. */
void connection_trim(struct connection *connection);

/* --- below: for those who read and write at the same time: pipeline.c and flight.c */

/* Reads a frame as a reply. -STATUS_PROTOCOL or -STATUS_NOMEM, which are set. */
int connection_decode_reply(struct connection *connection, struct span payload,
                            struct reply *reply);

/*
 * A plain request was packed, from `begin` on, whose reply nobody waits for. Where it could not be,
 * it is taken back: the error, which is set.
 */
int connection_skip_next(struct connection *connection, size_t begin);

/*
 * A reply that nobody waits for any more: gives back what it carries. -STATUS_PROTOCOL, which is
 * set, where nobody ever asked.
 */
int connection_skip_reply(struct connection *connection, const struct reply *reply);

/* Without waiting: bytes sent, 0 where there is no space now, or -STATUS_GONE. */
ssize_t connection_send_some(struct connection *connection, struct span bytes);

/* Appends what has arrived to a buffer: its size, 0 where nothing is there and wait is false. */
ssize_t connection_receive_some(struct connection *connection, struct buffer *in, size_t want,
                                bool wait);

/*
 * Appends what arrives next, and waits for it: awake for a moment, then asleep. 0, or as
 * connection_receive().
 */
int connection_await(struct connection *connection, struct buffer *in, size_t want,
                     uint64_t deadline, bool interruptible);

/* Waits for events of poll(). 0, -STATUS_TIMEOUT or, where asked for, -STATUS_INTERRUPTED. */
int connection_wait(struct connection *connection, short events, uint64_t deadline,
                    bool interruptible);
