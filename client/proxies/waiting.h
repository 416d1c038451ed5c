/*
 * waiting - the calls that wait, each described once
 *
 * A call that may wait at the daemon is made in two ways: it blocks, or it is one of many in
 * flight (manager/calls.h). What it is called, what its arguments are and what its result means
 * is the same for both.
 */
#pragma once

#include "client/call.h"

struct waiting {
        struct method method;
        bool blocks; /* before the seconds stands `block`, which is True */

        /*
         * Makes of the result what the caller gets: a value, and 0, or above 0, or an error, which
         * is set; then the result is cleared. NULL: it is that already.
         */
        int (*read)(mgr_value *result, const struct notes *notes, double timeout);
};

extern const struct waiting waiting_queue_put;      /* one argument before: the item */
extern const struct waiting waiting_queue_put_many; /* a list of them */
extern const struct waiting waiting_queue_get;
extern const struct waiting waiting_queue_get_many;     /* one before: waiting_how_many() */
extern const struct waiting waiting_queue_get_delivery; /* the result is [item, how often] */
extern const struct waiting waiting_queue_poll;         /* 1 or 0 */
extern const struct waiting waiting_queue_join;
extern const struct waiting waiting_list_take;
extern const struct waiting waiting_event;
extern const struct waiting waiting_barrier; /* the result is an index; 1 where it is None */
extern const struct waiting waiting_lock;    /* and an RLock, and a Condition's */
extern const struct waiting waiting_permit;
extern const struct waiting waiting_condition;

/* What a struct call borrows. */
struct waiting_args {
        mgr_value block, seconds;
        const mgr_value *each[3];
};

/*
 * Describes the call of a proxy, with an argument before the others or without (NULL). Sets the
 * error: the timeout is negative or NaN, the proxy is NULL.
 */
int waiting_describe(const struct waiting *waiting, const mgr_proxy *proxy, const mgr_value *first,
                     double timeout, struct waiting_args *args, struct call *call);

/* Makes it: one that blocks. */
int waiting_call(const struct waiting *waiting, const mgr_proxy *proxy, const mgr_value *first,
                 double timeout, mgr_value *result);

/* What `read` does, or nothing. `r` is what the call returned. */
int waiting_read(const struct waiting *waiting, int r, mgr_value *result, const struct notes *notes,
                 double timeout);

/* So many items at most, as the daemon takes it. */
mgr_value waiting_how_many(size_t n);

/* What a Condition's wait fails with: -STATUS_TIMEOUT, which is set. */
int waiting_fail_unnotified(double timeout);
