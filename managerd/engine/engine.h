/*
 * engine - applies inputs to the state
 *
 * The only writer of state. Its inputs are: a process or a session began or
 * ended, a request arrived, time passed, a step of cleaning up. Applying one
 * uses no clock, no randomness, no order of pointers: the sequence of inputs
 * determines the state, so that a log of them could rebuild it. `now` is the
 * time of the turn in which the input came, monotonic nanoseconds.
 *
 * It knows neither sockets nor pidfds: the server tells it who came and went,
 * and sends what it appends to a caller's replies.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/message.h"

struct engine;
struct caller; /* a session, as the engine sees it */

/* A client process as the server knows it. */
struct process_info {
        uint64_t number; /* given by the server, from 1 on, never reused; 0: no pid to know it by */
        int64_t pid;     /* for people only: 0 where it has none here */
        uint32_t uid;
};

struct engine_options {
        uint32_t epoch; /* 24 bits, not 0 */
        uint8_t hash_key[16];
        uint64_t first_fence; /* beyond every fencing number that earlier daemons gave */
        size_t max_memory;    /* bytes of stored state, SIZE_MAX: no limit */
        size_t max_reply;     /* bytes of one reply's payload */
        size_t max_frame;     /* bytes of one request's payload, and its depth: told by hello() */
        unsigned max_depth;
        const char *address; /* where the daemon listens: told by stats(); copied */
        /* Replies were appended for a caller outside of its own request: they wait to be sent. */
        void (*ready)(void *data, struct caller *caller);
        /* shutdown() was called. */
        void (*shutdown)(void *data);
        void *data;
};

int engine_new(struct engine **out, const struct engine_options *options);
struct engine *engine_free(struct engine *engine);

/*
 * Input: a session began. `replies` is borrowed until engine_end_session():
 * whole frames are appended to it. `data` is the server's own, see caller_data().
 */
int engine_begin_session(struct engine *engine, const struct process_info *process,
                         struct buffer *replies, void *data, struct caller **out);

/* Input: a session ended. Its parked calls are withdrawn; nothing is appended for it any more. */
void engine_end_session(struct engine *engine, struct caller *caller, uint64_t now);

/* Input: a process ended (its sessions have been ended before): its references are dropped. */
void engine_end_process(struct engine *engine, uint64_t process_number, uint64_t now);

/*
 * Input: a request. It gets exactly one reply: at once, or later where it parks.
 * The request's bytes are not needed any more when this returns.
 */
void engine_request(struct engine *engine, struct caller *caller, const struct request *request,
                    uint64_t now);

/*
 * Bytes that were no request: appends the #TRACEBACK that says so. No input. `request` is what
 * request_decode() made of them, or NULL: their number, if it could be read.
 */
void engine_refuse(struct caller *caller, const struct request *request, int status,
                   const char *why);

/* Whether a plain call of the caller is parked: later plain requests must wait for its reply. */
bool caller_is_parked(const struct caller *caller);

/* Whether any call of it is, plain or numbered: a reply is to come without further requests. */
bool caller_waits(const struct caller *caller);

/*
 * The server has read new requests after all replies so far had been written:
 * what those replies pinned for a client that counts by itself is let go
 * when the next request is applied.
 */
void caller_replies_written(struct caller *caller);

void *caller_data(const struct caller *caller);

/* The number the session was given; never reused. */
uint64_t caller_number(const struct caller *caller);

/* Figures the server keeps, for listings: it updates them as it likes. */
struct caller_figures {
        uint64_t n_bytes_in, n_bytes_out;
        const char *transport; /* a literal: "socket" */
};
struct caller_figures *caller_figures(struct caller *caller);

/* Figures of the server that stats() reports: borrowed from the server, counters by name. */
struct server_figure {
        const char *name;
        const uint64_t *value;
};
void engine_set_server_figures(struct engine *engine, const struct server_figure *figures,
                               size_t n_figures);

/*
 * Input: the daemon is about to end. The calls that wait fail with CancelledError, and so does
 * whatever would have to wait from here on: nobody is to be handed what others, whose
 * sessions end one after the other now, believe to hold.
 */
void engine_stop_waiting(struct engine *engine, uint64_t now);

/* When engine_expire() is due next, or UINT64_MAX. */
uint64_t engine_next_deadline(const struct engine *engine);

/* Input: time passed. */
void engine_expire(struct engine *engine, uint64_t now);

/* Input: a bounded step of cleaning up (well below a millisecond). True while more is left to do.
 */
bool engine_reap(struct engine *engine);
