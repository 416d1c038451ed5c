/*
 * call - a method call as a type sees it
 *
 * A handler reads its arguments with the typed getters below, writes exactly
 * one packed value into call->reply and returns CALL_DONE; or returns what
 * call_fail() returned, having changed nothing; or parks.
 *
 * A parked call is run again by the engine, with call->resumed set, each time
 * that its line was notified and it is the first of it, until it does not park
 * any more; so a handler decides by the state it finds. What it wants to know
 * then besides it leaves in call->state.
 */
#pragma once

#include "managerd/object/holder.h"
#include "managerd/object/object.h"
#include "proto/status.h"

#define CALL_DONE   0
#define CALL_PARKED 1

#define CALL_MAX_PARAMS  6
#define CALL_NO_DEADLINE UINT64_MAX

/* What a reply says besides its result, to those who number their requests. */
struct notes {
        uint64_t fence;  /* of the lock that was taken; 0: none was */
        bool owner_died; /* whoever had it before died with it */
        int64_t dead_pid;
};

struct call {
        struct store *store;
        const struct method *method;       /* NULL in a constructor */
        struct span args[CALL_MAX_PARAMS]; /* by parameter; absent where not given */
        /* of METHOD_VARIADIC: those beyond the parameters, packed one behind the other */
        const uint8_t *more;
        size_t n_more;
        struct span kwds; /* packed dict of keywords beyond the parameters; absent where none */
        bool has_tokens;  /* whether proxies are among the arguments */
        bool resumed;     /* run again after having been parked */
        bool alone;       /* its owner does nothing else before it has the reply */
        struct owner owner;
        struct holder *session; /* what ends with the session */
        struct holder *keeper;  /* the same, or its process where sessions do not own */
        uint64_t now;           /* time of the turn, monotonic nanoseconds */
        uint64_t deadline;      /* of a parked call, or CALL_NO_DEADLINE */
        struct buffer *reply;   /* the result is packed here */
        struct notes notes;
        int (*receive)(void *receiver); /* the result is whole: see call_returned(); or NULL */
        void *receiver;
        struct object *proxy; /* or: the result is a proxy of this new object */

        int status;           /* set by call_fail() */
        struct buffer *error; /* packed list of the exception's arguments */

        /* of a parked call */
        struct line *line;               /* where it stands */
        const struct holding *waits_for; /* or NULL: see call_park_for() */
        bool restoring;                  /* waits to have again what it had: no deadlock ends it */
        uint64_t state[2];               /* the handler's own; zero at first */
};

/* --- failing: each returns the negative status for the handler to return */

int call_fail(struct call *call, enum status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The exception's one argument is a value: KeyError(key). */
int call_fail_value(struct call *call, enum status status, struct span value);
/* Any negative status that a function returned, with the text that it has by itself. */
int call_fail_status(struct call *call, int status);
/* No object has this ident; it may be one of a daemon that is no more. */
int call_fail_no_object(struct call *call, uint64_t ident);
/* TypeError: unhashable type: 'list' */
int call_fail_unhashable(struct call *call, struct span value);

/* --- arguments */

static inline bool call_has(const struct call *call, unsigned i)
{
        return !span_is_absent(call->args[i]);
}

/* An index as list and dict take one: int or bool; else TypeError in Python's words with `format`
 * getting the type's name ("list indices must be integers or slices, not %s"). Beyond int64:
 * IndexError "cannot fit 'int' into an index-sized integer". */
int call_get_index(struct call *call, struct span value, const char *format, int64_t *out);

/* A count: as call_get_index(), worded "'%s' object cannot be interpreted as an integer". */
int call_get_integer(struct call *call, struct span value, int64_t *out);

/* Python's truth of a value: bool(x). */
bool call_truth(struct span value);

/* Seconds, or None or absent for ever, into an absolute deadline. ValueError where negative or
 * NaN ("'timeout' must be a non-negative number"), TypeError where not a number, OverflowError
 * where huge. */
int call_get_deadline(struct call *call, struct span value, uint64_t *deadline);

/* A proxy argument: the object, or NULL in *object where the value is no token of our own.
 * -STATUS_NO_OBJECT where it is gone. */
int call_get_object(struct call *call, struct span value, struct object **object);

/* How much a handler may copy for a while: what is left of the memory. */
size_t call_memory_left(const struct call *call);

/* Frees what was dropped and is still charged. True where that made room. */
bool call_reclaim_memory(const struct call *call);

/* --- results */

/*
 * The result has been packed: CALL_DONE, or the failure where it does not fit, where there is no
 * memory for the end of the reply, or its receiver cannot be given the proxies in it. To be called
 * before anything is changed.
 */
int call_returned(struct call *call);

/* The result is None. */
int call_return_none(struct call *call);

/*
 * The result is a + b, two numbers; else TypeError in Python's words for +=, or
 * OverflowError. The sum stands at the end of call->reply.
 */
int call_return_sum(struct call *call, struct span a, struct span b);

/*
 * The result is a proxy (reply kind #PROXY) of a new Iterator over `over`,
 * whose type must be walkable. To be returned from run().
 */
int call_return_iterator(struct call *call, struct object *over);

/* A new RLock, which `holder` holds by its proxy from now on. 0 or the failure. */
int call_create_rlock(struct call *call, struct object *holder, struct object **out);

/* --- waiting */

/* Parks until notified or until the deadline: to be returned from run(). Who stands in the line
 * already keeps his place in it. */
static inline int call_park(struct call *call, struct line *line, uint64_t deadline)
{
        call->line = line;
        call->deadline = deadline;
        call->waits_for = NULL;
        return CALL_PARKED;
}

/*
 * The same, for what somebody holds: where it closes a cycle of owners who wait for each
 * other, and will for ever, the call fails with DeadlockError instead of waiting.
 */
static inline int call_park_for(struct call *call, struct line *line, uint64_t deadline,
                                const struct holding *holding)
{
        call_park(call, line, deadline);
        call->waits_for = holding;
        return CALL_PARKED;
}

/* Whether others came first: a new call must not overtake those who wait. */
static inline bool call_must_queue(const struct call *call, const struct line *line)
{
        return !call->resumed && !line_is_empty(line);
}
