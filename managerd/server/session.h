/*
 * session - one connection
 *
 * Authenticates it, takes its requests to the engine in order, sends the
 * replies, keeps it within its limits, and ends it in one place. While it is
 * idle it holds no buffers.
 *
 *      transport ─► input ─► (backlog) ─► engine ─► replies ─► transport
 *
 * The rooms: session.c has the states, the timeouts and the replies; intake.c
 * what comes in; admission.c the handshake.
 */
#pragma once

#include "managerd/log.h"
#include "managerd/server/figures.h"
#include "managerd/server/limits.h"
#include "managerd/server/peer.h"
#include "managerd/server/socket.h"
#include "managerd/server/spare.h"
#include "proto/auth.h"
#include "proto/scan.h"

/*
 * Every session but a closed one is in sessions->all and in its peer's list. Its
 * job `flush` is queued whenever replies, a state or room for requests changed
 * in this turn.
 */
enum session_state {
        /* Shakes hands: has `auth` and no caller; `reading` runs on TIMEOUT_AUTH. */
        SESSION_AUTHENTICATING,
        /* Failed to: neither reads nor writes while `reading` runs on TIMEOUT_REFUSAL. */
        SESSION_REFUSED,
        /* Served: has a caller; `reading` runs on TIMEOUT_FRAME while a frame is incomplete. */
        SESSION_READY,
        /* Reads no more, and closes when what was read is applied and its replies are written. */
        SESSION_DRAINING,
        /* On no list, no timer, without caller and buffers; freed when the transport has closed. */
        SESSION_CLOSED,
};

struct sessions;

struct session {
        struct sessions *sessions; /* borrowed */
        struct peer *peer;         /* borrowed: it outlives its sessions */
        struct list_node in_sessions;
        struct list_node in_peer;
        enum session_state state;
        bool blocked;  /* the transport took less than there was: wait for space */
        bool paused;   /* served, but not read from, for now */
        bool leftover; /* whole frames stand in `input` and wait for room, or for the next turn */
        bool ending;   /* its process has ended: all that it sent is applied in this turn */
        bool finished; /* the client sends no more; it may read still */

        struct auth *auth;                     /* owned; NULL once the handshake is done */
        struct caller *caller;                 /* owned by the engine; NULL before and after */
        struct caller_figures *caller_figures; /* of the caller */

        struct transport *transport; /* `socket`, today */
        struct socket socket;

        struct buffer input;   /* read and not applied: leftovers, then an incomplete frame */
        size_t n_wanted;       /* bytes of the incomplete frame once it is whole; 0: not known */
        struct buffer backlog; /* whole frames behind a parked plain call */
        size_t backlog_at;     /* where its first one begins */
        size_t n_backlog;      /* how many they are */
        struct buffer replies; /* the engine appends to it */
        size_t n_sent;         /* of `replies` */
        size_t n_held;         /* bytes in these buffers, as far as they are in buffered_now */
        uint64_t n_read;       /* bytes that ever arrived */
        uint64_t n_last;       /* its process has ended: how far `n_read` may go still; else 0 */
        uint64_t written_at;   /* n_read when all replies had been written, or UINT64_MAX */

        struct turn_job work;    /* leftovers and backlog, in the next turn */
        struct turn_job flush;   /* see above */
        struct deadline reading; /* by state */
        struct deadline writing; /* on TIMEOUT_STALL while blocked */
};

/* All of them, and what they share. */
struct sessions {
        struct turn *turn; /* borrowed, as all that is not said to be owned */
        struct engine *engine;
        const struct limits *limits;
        struct figures *figures;
        const struct auth_key *key;
        struct auth_identity self; /* our namespaces, for the challenges */
        struct list_node all;      /* struct session.in_sessions */
        struct scanner scanner;
        struct buffer answer; /* owned: one payload of a handshake */
        uint8_t *area;        /* owned: what any session reads, it reads into here */
        struct spare spare;
        struct log_limiter log_failures;

        /* There are fewer, or fewer unauthenticated ones. */
        void (*fewer)(void *data);
        void *data;
};

int sessions_init(struct sessions *sessions, uint64_t max_depth);
void sessions_deinit(struct sessions *sessions); /* when none is left */

/* Consumes the descriptor, in case of failure too. 0, or a negative status. */
int session_new(struct sessions *sessions, struct peer *peer, uid_t uid, int fd);

/* Ends it, now, whatever it was doing. The one place where that happens. */
void session_close(struct session *session);

/* Reads no more; closes when what it had read is applied and answered. */
void session_drain(struct session *session);

/*
 * The client's process has ended, though its socket may be open still elsewhere: what it
 * sent is applied. Closes the session when that is done; to be called in each turn until then.
 */
void session_end_with_process(struct session *session, bool at_once);

/* The engine has appended replies for it. */
void session_on_replies(struct session *session);

/* --- between the rooms */

void session_set_state(struct session *session, enum session_state state);

/* Something changed: replies, leftovers, state. Looked at when the turn ends at the latest. */
static inline void session_touch(struct session *session)
{
        turn_job_add(session->sessions->turn, &session->flush, TURN_FLUSH);
}

/* Bytes of replies that wait to be written. */
static inline size_t session_queued(const struct session *session)
{
        return session->replies.size - session->n_sent;
}
