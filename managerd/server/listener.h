/*
 * listener - accepts connections
 *
 * Accepts a few at a wake-up, so that a flood of them leaves time for the
 * sessions there are. When there are no descriptors left, connections would wait
 * and wake us for ever: then a reserve is given up to accept, inform and close
 * them one by one; and if even that fails, it pauses.
 */
#pragma once

#include "managerd/server/turn.h"

struct listener_owner {
        /* Whether more connections are wanted: else it pauses until listener_resume(). */
        bool (*is_open)(void *data);
        /* A new connection, non-blocking: consumes the descriptor. */
        void (*accepted)(void *data, int fd);
        /* A connection was refused for want of descriptors. */
        void (*exhausted)(void *data);
        void *data;
};

struct listener {
        struct turn *turn; /* borrowed */
        struct listener_owner owner;
        int fd;      /* owned; -1: closed */
        int reserve; /* owned; -1: used up */
        bool runs;
        uv_poll_t poll;
        struct deadline retry; /* on TIMEOUT_ACCEPT while out of descriptors */
};

/* Consumes the descriptor, in case of failure too. Accepts from the next turn on. 0 or -errno. */
int listener_init(struct listener *listener, struct turn *turn, int fd,
                  const struct listener_owner *owner);

/* Stops listening. Does nothing where it has stopped already. */
void listener_close(struct listener *listener);

/* Goes on after a pause. */
void listener_resume(struct listener *listener);

/* Tells a client that gets no session why, in place of a challenge, and closes. */
void listener_turn_away(int fd, const char *why);
