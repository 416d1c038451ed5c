/*
 * message - requests and replies
 *
 * multiprocessing.managers' messages in msgpack:
 *   request  [ident | nil, method, args, kwds]            plain
 *            [ident | nil, method, args, kwds, options]   options: {"i": number, "task": value}
 *   reply    [kind, value]                                to a plain request
 *            [kind, value, options]                       to a numbered one: {"i": number, …}
 */
#pragma once

#include "proto/buffer.h"
#include "proto/scan.h"

/* What a request puts around the values in it: it is a list, and so are its arguments. */
#define MESSAGE_DEPTH 2

#define MESSAGE_IDENT_NONE 0 /* nil: a server-level call; never the ident of an object */

struct request {
        uint64_t ident;
        struct span method; /* text */
        struct span args;   /* packed list or tuple */
        struct span kwds;   /* packed dict with str keys */
        bool numbered;
        uint64_t number;  /* valid when numbered */
        struct span task; /* packed value of the option "task", absent without */
        bool alone;       /* option "alone": nothing else is sent before the reply */
        bool has_tokens;  /* proxies travel in the arguments */
};

/*
 * Scans one payload and takes it apart; the spans point into it. Returns 0,
 * or what scan returned, or -STATUS_BAD_REQUEST for a value of another shape,
 * with scanner->why; then only the number is there, if it can be read, so that the
 * refusal finds whoever waits for it.
 */
int request_decode(struct request *request, struct scanner *scanner, struct span payload);

/*
 * Appends the head of a request: everything up to the arguments, which the caller
 * packs as one array next, then request_end().
 */
struct request_head {
        uint64_t ident;
        struct span method;
        bool numbered;
        uint64_t number;
        bool alone;
        struct span task; /* packed, or absent */
        struct span kwds; /* packed, or absent: none */
};
void request_begin(struct buffer *out, const struct request_head *head);
/* Appends kwds and the options. */
void request_end(struct buffer *out, const struct request_head *head);

enum reply_kind {
        REPLY_RETURN,
        REPLY_ERROR,
        REPLY_TRACEBACK,
        REPLY_PROXY,
        REPLY_UNSERIALIZABLE,
};

struct reply {
        enum reply_kind kind;
        struct span value; /* packed */
        bool numbered;
        uint64_t number;
        struct span options; /* packed dict, absent without */
};

int reply_decode(struct reply *reply, struct scanner *scanner, struct span payload);

/*
 * Writing a reply: begin writes "[kind,", the caller packs exactly one value,
 * end writes the options, if any. n_more counts options besides the number that
 * the caller packs itself after reply_end() as key and value.
 */
void reply_begin(struct buffer *out, enum reply_kind kind, bool has_options);
void reply_end(struct buffer *out, bool numbered, uint64_t number, unsigned n_more);
