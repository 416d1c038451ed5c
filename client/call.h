/*
 * call - one method call, from the arguments to the result
 */
#pragma once

#include "client/connection.h"
#include "client/owned.h"
#include "client/proxy.h"
#include "client/request.h"

/* Everything is borrowed until call_make() returns. */
struct call {
        mgr_manager *manager;
        uint64_t ident; /* MESSAGE_IDENT_NONE: a server-level call */
        const struct method *method;
        const mgr_value *const *args; /* arguments wherever they are; */
        size_t n_args;
        const mgr_value *row; /* and behind them those in a row */
        size_t n_row;
        struct span kwds;    /* packed; absent: none */
        uint64_t *ident_out; /* NULL, or where the ident goes of a result [ident, exposed] */
        bool waits;          /* may wait at the daemon: others may then pass by */
        bool in_flight;      /* is one of many, see flight.h: numbered, and not alone */
        struct span task;    /* packed, of one in flight; absent: none */
        double seconds;      /* for how long, of what waits */
        struct notes *notes; /* NULL, or where what the reply says besides its result goes, where
                              * one came: also an error's, and with -STATUS_INTERRUPTED */
        struct ownership *ownership; /* NULL, or what the call does to a lock: then notes, too */
};

/* What a reply to a call that waits says besides its result. */
struct notes {
        uint64_t fence;  /* of the lock that was taken, or 0 */
        bool owner_died; /* whoever had it before died with it: */
        int64_t dead_pid;
};

/*
 * Makes the call. `result` may be NULL; it is written where 0 is returned. Errors are
 * set. What only reads is made once more where the connection was lost.
 */
int call_make(const struct call *call, mgr_value *result);

/* A method of an object, with arguments that are all there, given one by one. */
#define call_method(proxy_, method_, result_, ...)                                                 \
        call_values(proxy_, method_, (const mgr_value *const[]){ __VA_ARGS__ },                    \
                    sizeof((const mgr_value *const[]){ __VA_ARGS__ }) / sizeof(mgr_value *),       \
                    result_)
int call_values(const struct mgr_proxy *proxy, const struct method *method,
                const mgr_value *const *args, size_t n_args, mgr_value *result);

/* A timeout as the daemon takes it: None for ever. */
mgr_value call_seconds(double timeout);

/* Without arguments. */
int call_plain(const struct mgr_proxy *proxy, const struct method *method, mgr_value *result);

/*
 * The result as a bool (1 or 0), or as a count; -STATUS_PROTOCOL where it is none. `r` is what
 * the call returned.
 */
int call_result_bool(int r, mgr_value *result);
int call_result_count(int r, mgr_value *result, size_t *n);

/*
 * The result as what page() returns, [where the next one begins, elements], which becomes two
 * values; -STATUS_PROTOCOL where it is none.
 */
int call_result_page(int r, mgr_value *page, mgr_value *next, mgr_value *elements);

/* An output that nothing can be written to is an error before the call, not after it. */
int call_check_out(const void *out);

/* A call that writes was made, but what it returned is lost: -STATUS_UNKNOWN_OUTCOME. */
int call_lose_result(void);

/* A reply to a value, or to an error which is set. Its tokens are taken over. */
int call_read_reply(mgr_manager *m, const struct reply *reply, mgr_value *result);

/* The same, where the call has changed something unless it `reads`, so that it cannot be undone. */
int call_read_outcome(mgr_manager *m, const struct reply *reply, bool reads, mgr_value *result);

/* Whether the reply says that the call was withdrawn. */
bool call_was_cancelled(const struct reply *reply);

/* What a reply says besides its result. */
void call_read_notes(const struct reply *reply, struct notes *notes);

/*
 * For flight.c. Checks that the call can be made; and packs it behind what is in connection->out,
 * which is to be truncated where that fails. Set the error.
 */
int call_check(const struct call *call);
int call_pack(const struct call *call, struct connection *connection, uint64_t *number);

/*
 * Packs decrefs that are due in front of what goes out next. The connection will skip their
 * replies.
 */
void call_pack_drops(struct connection *connection);

/*
 * Tells the daemon of all of them, if there are many, or `all`. On a connection that is checked
 * out.
 */
int call_flush_drops(struct connection *connection, bool all, uint64_t deadline);
