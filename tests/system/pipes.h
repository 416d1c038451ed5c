/*
 * pipes - what the tests of pipes have in common
 */
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/system/workers.h"

static inline void close_both(mgr_pipe_end *a, mgr_pipe_end *b)
{
        mgr_pipe_free(a);
        mgr_pipe_free(b);
}

/* One end, and the bare descriptor of the other. */
static inline mgr_pipe_end *new_end(int *other)
{
        mgr_pipe_end *end;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_done(mgr_pipe_adopt(fds[0], &end));
        *other = fds[1];
        return end;
}

static inline void write_all(int fd, const void *bytes, size_t n)
{
        assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), n);
}

/* Python's framing. */
static inline size_t make_frame(uint8_t *to, const void *payload, size_t n)
{
        uint32_t header = htonl((uint32_t)n);

        memcpy(to, &header, sizeof(header));
        memcpy(to + sizeof(header), payload, n);
        return sizeof(header) + n;
}
