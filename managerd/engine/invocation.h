/*
 * invocation - one call of a method, from its arguments to its reply
 *
 * The reply is written straight into the session's buffer: the head first, then
 * the result by the handler. What turns out to have failed is cut off again and
 * replaced by the error.
 */
#pragma once

#include "managerd/engine/caller.h"
#include "managerd/object/call.h"

struct invocation {
        struct caller *caller;
        struct object *object; /* NULL: a server-level call */
        bool numbered;
        uint64_t number;
        bool raises; /* exceptions travel as #ERROR, not as #TRACEBACK */
        struct call call;

        /* positions in the session's replies */
        size_t frame, result;
        size_t limit;         /* what the buffer's limit was */
        bool may_hold_tokens; /* the result may have proxies of our own inside */
        size_t n_received;    /* bytes of the result whose proxies have been counted */
};

/* What every call finds room for in its reply. The longest of those that count on it is hello's. */
#define INVOCATION_SHORT_RESULT 128

/* Opens the reply; from here on the handler may pack its result. */
void invocation_begin(struct invocation *invocation);

/* The result will have proxies inside, which neither the arguments nor the object tell. */
void invocation_expect_tokens(struct invocation *invocation);

/* Closes the reply as what the handler returned says: CALL_DONE or a negative status. */
void invocation_finish(struct invocation *invocation, int result);

/* Takes the opened reply back, for a call that parks. */
void invocation_suspend(struct invocation *invocation);
