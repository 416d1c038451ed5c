/*
 * socket - the transport over a Unix stream socket
 */
#pragma once

#include <uv.h>

#include "managerd/server/transport.h"

struct socket {
        struct transport transport; /* `event` and `closed` are the owner's to set */
        uv_poll_t poll;
        int fd;          /* owned */
        unsigned wanted; /* enum transport_event */
};

/* Consumes the descriptor, in case of failure too. Nothing is wanted yet. 0 or -errno. */
int socket_init(struct socket *sock, uv_loop_t *loop, int fd);
