/*
 * server - the daemon around the engine
 *
 * Owns the loop, the listener, the clients' processes and sessions; brings
 * what they ask for to the engine and its replies back to them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "managerd/server/limits.h"

#define SERVER_MAX_ALLOWED_UIDS 32

struct server;

struct server_options {
        const char *socket_path;  /* NULL: the default place */
        const char *authkey_path; /* NULL: "authkey" beside the socket, made where there is none */
        int authkey_fd;           /* or read from here, which is closed then; -1: none */
        int ready_fd;             /* is told the path of the socket and closed; -1: none */
        int follow_fd;            /* a pidfd: the daemon ends when that process does; -1: none */
        uid_t allowed_uids[SERVER_MAX_ALLOWED_UIDS]; /* besides our own */
        size_t n_allowed_uids;
        bool no_sandbox; /* see sandbox.h; it is entered before the first client is served */
        struct limits limits;
};

#define SERVER_OPTIONS_DEFAULT                                                                     \
        ((struct server_options){                                                                  \
                .authkey_fd = -1,                                                                  \
                .ready_fd = -1,                                                                    \
                .follow_fd = -1,                                                                   \
                .limits = LIMITS_DEFAULT,                                                          \
        })

/*
 * A server that listens. The options' strings are copied, their descriptors
 * consumed, in case of failure too. What failed has been logged.
 */
int server_new(struct server **out, const struct server_options *options);

/* Serves until TERM, INT, shutdown() or the end of whom it follows. 0, or a negative status. */
int server_run(struct server *server);

struct server *server_free(struct server *server);
