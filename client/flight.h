/*
 * flight - numbered calls under way on one connection
 *
 * Requests go out as far as the socket takes them, the rest is kept; replies come in any order
 * and are brought to their calls by number, in constant time. Nothing here waits.
 *
 * A connection that cannot be written to any more may still have replies to read: so it is the
 * reading that finds the end. Then every call that is left is told that it was lost.
 */
#pragma once

#include "client/call.h"

/* One call, embedded in whatever knows what it is for. */
struct flown {
        uint64_t number;
        uint64_t end; /* of its request, counted in bytes of the session; see flight_was_sent() */
        struct flown *chain;       /* of those with the same place in the table */
        struct flown *next, *prev; /* in the order in which they were started */

        /*
         * It is under way no more: its reply, good until this returns, or NULL where it was lost.
         * May start and cancel others. Tokens in the reply are to be taken over.
         */
        void (*landed)(struct flown *flown, const struct reply *reply);
};

struct flight {
        struct connection *connection; /* borrowed */
        struct flown **chains;         /* owned: by number, a power of two of them */
        size_t n_chains;
        size_t n; /* under way */
        struct flown *first, *last;
        size_t out_at;   /* what stands before it in connection->out was sent */
        uint64_t n_sent; /* bytes, in all */
        bool shut;       /* nothing can be sent any more */
};

/* Whatever stands in connection->out by then goes out first. */
void flight_init(struct flight *flight, struct connection *connection);

/* None is under way any more. The connection is as it was found, unless bytes are left to send. */
void flight_deinit(struct flight *flight);

/*
 * Numbers and packs a call that call_check() has passed, with `in_flight` set; flight_push() sends
 * it. flown->landed is the caller's. On failure, which is set, it is not under way.
 */
int flight_start(struct flight *flight, struct flown *flown, const struct call *call);

/* Asks for its end: it lands all the same, once. To be pushed, too. Sets the error. */
int flight_cancel(struct flight *flight, const struct flown *flown);

/* Sends as much as the socket takes now. */
void flight_push(struct flight *flight);

/* Whether something is left to send. */
static inline bool flight_wants_out(const struct flight *flight)
{
        return !flight->shut && flight->connection->out.size > flight->out_at;
}

/*
 * Reads once, and lands what has become whole: how many, so no call of it takes for ever. Errors
 * are set but for -STATUS_GONE. After -STATUS_NOMEM it may be tried again; after others there is
 * nothing more to come: flight_lose(). In a child that was forked by what landed: -STATUS_GONE.
 */
int flight_pull(struct flight *flight);

/* Lands all that are left, without a reply. How many. */
size_t flight_lose(struct flight *flight);

/* Of a call that was lost: whether all of its request was sent, so that it was perhaps made. */
bool flight_was_sent(const struct flight *flight, const struct flown *flown);

/* In a forked child: the connection is the parent's. */
static inline bool flight_is_foreign(const struct flight *flight)
{
        return flight->connection->fd < 0;
}

/* Takes a call out without landing it, in a forked child. */
void flight_remove(struct flight *flight, struct flown *flown);
