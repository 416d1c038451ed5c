/*
 * pipe - one end of a pipe between processes
 *
 * A connected stream socket. Messages are framed as multiprocessing.connection frames them; a
 * descriptor travels as one byte beside it, as multiprocessing.reduction sends it. Whatever is
 * read belongs to the message that is asked for: the next one stays in the socket, for whoever
 * else has this end, and for poll(). What was read of a message that is not whole yet, or of one
 * that was not asked for, stays here for the next call.
 *
 * Sending and receiving share nothing, so that one thread may do the one while another does the
 * other.
 */
#pragma once

#include "client/manager.h"
#include "proto/frame.h"
#include "proto/scan.h"

/* What stands at the front of the stream, as far as it was read. */
enum pipe_front {
        PIPE_UNKNOWN, /* nothing was */
        PIPE_MESSAGE,
        PIPE_DESCRIPTOR, /* it is in `passed` */
        PIPE_BROKEN,     /* what came is no message: nobody knows where the next one begins */
};

struct mgr_pipe_end {
        int fd;     /* owned */
        bool local; /* a Unix socket: descriptors may travel */
        bool readable;

        bool writable;
        bool torn;         /* half a message was sent, and the rest could not be */
        struct buffer out; /* memory for messages */

        enum pipe_front front;
        int passed; /* owned: a descriptor that has arrived, or -1 where there was no room for it */
        uint8_t header[FRAME_HEADER_SIZE];
        size_t n_header;
        size_t size;      /* of the message, as soon as its header is whole */
        struct buffer in; /* of the message, what has arrived */
        struct scanner scanner;
};

/*
 * Waits until there is something to read (POLLIN), or room to write. -STATUS_TIMEOUT; other errors
 * are set.
 */
int pipe_await(int fd, short events, uint64_t deadline);

/* Sends both. -STATUS_EOF where nobody reads any more. Sets the error. */
int pipe_write(mgr_pipe_end *end, struct span head, struct span body);

/* Gives memory back that a big message has left, whether it was sent or not. */
void pipe_trim_out(mgr_pipe_end *end);

/* Sends a descriptor. */
int pipe_write_fd(mgr_pipe_end *end, int fd);

/*
 * Finds out what stands at the front: afterwards it is PIPE_MESSAGE or PIPE_DESCRIPTOR. Reads one
 * byte, or with `more` as much of the header as there is. Sets the error.
 */
int pipe_look(mgr_pipe_end *end, bool more, uint64_t deadline);

/* Of a PIPE_MESSAGE, reads all of it into end->in. Sets the error. */
int pipe_read(mgr_pipe_end *end, uint64_t deadline);

/* What stood at the front is done with. */
void pipe_advance(mgr_pipe_end *end);

/* Whether something can be received without a look at the descriptor. */
bool pipe_is_ready(const mgr_pipe_end *end);
