/*
 * type_harness - drives the types of the daemon without a daemon
 *
 * A store, a call, and Python's notation on both sides: a test says
 * harness_call(&h, d, "pop", "'a', [1, 2]") and gets the repr() of what came
 * back, or "KeyError: 'a'" for a failure. Arguments are bound as the engine
 * binds them.
 */
#pragma once

#include "managerd/object/store.h"
#include "managerd/types/types.h"
#include "proto/scan.h"
#include "tests/lib/notation.h"

struct harness {
        struct store store;
        struct scanner scanner; /* of arguments and results: what we pack must be well-formed */
        struct buffer arguments, kwds, reply, error, text;
        struct object *proxy;           /* what the last call returned as a new object, else NULL */
        int status;                     /* of the last call: CALL_DONE, CALL_PARKED or negative */
        uint64_t now;                   /* nanoseconds; the test sets it */
        uint64_t deadline;              /* of the last call, if it parked */
        struct owner owner;             /* of the next calls; the test sets it */
        struct holder process, session; /* what the next calls' owner keeps, ends with these */
};

void harness_init(struct harness *h);

/* Frees everything, whoever refers to it; all memory must have been refunded then. */
void harness_deinit(struct harness *h);

/*
 * Arguments are in the notation of notation.h, with name=value at the end, as
 * printf makes it from format and what follows.
 */

/* Packs one value written in the notation. */
static inline void harness_pack(struct buffer *out, const char *notation)
{
        notation_pack(out, notation);
}

/* A new object, retained once; NULL where it fails, and harness_text() says why. */
struct object *harness_create(struct harness *h, const struct type *type, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Gives up a reference (of harness_create(), of h->proxy) and reaps whatever died of it. */
void harness_release(struct harness *h, struct object *object);

/*
 * Calls a method. Returns the repr() of the result; "proxy" where it is a new
 * object (in h->proxy, retained); "parked"; or "Name: text" of the failure, with
 * the repr() of an argument that is no text. Borrowed until the next call.
 */
const char *harness_call(struct harness *h, struct object *object, const char *method,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same with arguments packed one after another. */
const char *harness_call_packed(struct harness *h, struct object *object, const char *method,
                                struct span arguments, size_t n_arguments);

/* repr() of the whole value. Borrowed until the next call. */
const char *harness_repr(struct harness *h, struct object *object);

/* What the last call came to, again. */
const char *harness_text(const struct harness *h);

/* Cleans up until nothing is left to do. Returns how many objects live. */
size_t harness_reap(struct harness *h);

#define assert_call(h, object, method, arguments, expected)                                        \
        assert_string_equal(harness_call(h, object, method, "%s", arguments), expected)
