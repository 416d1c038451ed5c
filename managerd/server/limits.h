/*
 * limits - how much the daemon lets anyone have
 *
 * Every limit is an option of the command line (config.c has the table) and
 * stands in stats(). All are uint64_t, so that one table can fill them.
 */
#pragma once

#include <stdint.h>

#define LIMITS_SECOND 1000000000ull

struct limits {
        uint64_t max_memory;   /* bytes of stored state; UINT64_MAX: none */
        uint64_t max_frame;    /* bytes of one request or reply */
        uint64_t max_depth;    /* containers within containers */
        uint64_t max_queued;   /* bytes of unread replies at which a session's requests wait */
        uint64_t max_buffered; /* bytes in buffers, of all sessions: then the fullest is closed */

        uint64_t max_clients;                     /* connections, all together */
        uint64_t max_unauthenticated;             /* of them, before their handshake is done */
        uint64_t max_unauthenticated_per_process; /* and of those, from one process */

        uint64_t auth_timeout;  /* nanoseconds for the whole handshake */
        uint64_t frame_timeout; /* nanoseconds from a frame's first byte to its last */
        uint64_t stall_timeout; /* nanoseconds in which a client takes none of its replies */
};

#define LIMITS_DEFAULT                                                                             \
        ((struct limits){                                                                          \
                .max_memory = UINT64_MAX,                                                          \
                .max_frame = 64 << 20,                                                             \
                .max_depth = 16,                                                                   \
                .max_queued = 8 << 20,                                                             \
                .max_buffered = 2ull << 30,                                                        \
                .max_clients = 10000,                                                              \
                .max_unauthenticated = 1024,                                                       \
                .max_unauthenticated_per_process = 64,                                             \
                .auth_timeout = 5 * LIMITS_SECOND,                                                 \
                .frame_timeout = 30 * LIMITS_SECOND,                                               \
                .stall_timeout = 10 * LIMITS_SECOND,                                               \
        })
