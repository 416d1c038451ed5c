/*
 * peer - one client process
 *
 * References belong to processes, not to connections, so the server must know
 * when a process has ended: end of file on its sockets will not tell, because a
 * forked child may keep them open. A pidfd does tell. A process of which a
 * session has been authenticated is watched until it ends; one that never got
 * so far is forgotten with its last connection.
 */
#pragma once

#include <sys/types.h>

#include "managerd/server/turn.h"

struct peers;

struct peer {
        struct peers *peers; /* borrowed */
        uint64_t number;     /* never reused; 0 for processes that have no pid here */
        pid_t pid;           /* 0 likewise */
        int pidfd;           /* owned; -1 likewise */
        uv_poll_t poll;      /* of the pidfd */
        struct list_node in_peers;
        struct list_node sessions; /* struct session.in_peer */
        size_t n_unauthenticated;  /* of the sessions */
        size_t n_held;             /* bytes in the buffers of the sessions: they keep it */
        bool known;                /* the engine has heard of it */
        bool ended;                /* being taken apart */
        struct turn_job farewell;  /* its end, after what it has sent has been read */
};

/* All of them. */
struct peers {
        struct turn *turn;    /* borrowed */
        void *by_pid;         /* tsearch() tree of struct peer */
        struct list_node all; /* struct peer.in_peers */
        uint64_t *n;          /* borrowed figures: of them, and of open descriptors */
        uint64_t *n_descriptors;
        uint64_t last_number;
        struct peer unknown; /* stands for all processes that have no pid here */

        /*
         * The process has ended: its sessions are to be closed, the engine is to be told. False
         * where that takes more turns and may: then it is called again in the next one.
         */
        bool (*ended)(void *data, struct peer *peer, bool at_once);
        void *data;
};

void peers_init(struct peers *peers, struct turn *turn, uint64_t *n, uint64_t *n_descriptors);

/* Begins to close the handles of those that are left, without saying that they ended. */
void peers_deinit(struct peers *peers);

/*
 * The process at the other end of a connection that was just accepted, which
 * has this pid. An earlier process of the same pid is ended first. 0 or -errno: -EMFILE where
 * no descriptor is left to watch it, -ESRCH where it is gone already.
 */
int peers_find(struct peers *peers, int fd, pid_t pid, struct peer **out);

/* Forgets a peer that has no sessions and was never known. */
void peer_forget_unused(struct peer *peer);
