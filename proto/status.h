/*
 * status - every error there is, once
 *
 * One list joins the number that functions return (negated), the name that
 * travels on the wire as the name of a Python exception, and a text for people.
 * manager.h publishes the same numbers as MGR_E*; a test compares the two.
 *
 * Functions of proto/ and of the daemon return 0 or a negative status, such as
 * -STATUS_KEY.
 */
#pragma once

#include "proto/span.h"

/*
 * X(NAME, number, wire name, text)
 *
 * The first block are exceptions that a method raises: kind #ERROR, the wire
 * name is that of the exception in Python. The second block reaches a client as
 * #TRACEBACK, whose text begins with the wire name and a colon. The third never
 * travels: it arises in the client library.
 */
#define STATUS_LIST(X)                                                                             \
        X(TYPE, 1, "TypeError", "wrong type")                                                      \
        X(VALUE, 2, "ValueError", "wrong value")                                                   \
        X(KEY, 3, "KeyError", "no such key")                                                       \
        X(INDEX, 4, "IndexError", "index out of range")                                            \
        X(ATTRIBUTE, 5, "AttributeError", "no such attribute")                                     \
        X(OVERFLOW, 6, "OverflowError", "number too large")                                        \
        X(RUNTIME, 7, "RuntimeError", "not possible in this state")                                \
        X(STOP_ITERATION, 8, "StopIteration", "no more elements")                                  \
        X(NOMEM, 9, "MemoryError", "out of memory")                                                \
        X(EMPTY, 10, "Empty", "queue is empty")                                                    \
        X(FULL, 11, "Full", "queue is full")                                                       \
        X(SHUT_DOWN, 12, "ShutDown", "queue has been shut down")                                   \
        X(BROKEN_BARRIER, 13, "BrokenBarrierError", "barrier is broken")                           \
        X(TIMEOUT, 14, "TimeoutError", "timed out")                                                \
        X(CANCELLED, 15, "CancelledError", "cancelled")                                            \
        X(DEADLOCK, 16, "DeadlockError", "would wait for ever")                                    \
        X(NAME, 17, "NameError", "no object of that name")                                         \
        X(NOT_IMPLEMENTED, 18, "NotImplementedError", "not implemented")                           \
        X(UNICODE, 19, "UnicodeDecodeError", "not UTF-8")                                          \
        X(ASSERTION, 20, "AssertionError", "assertion failed")                                     \
                                                                                                   \
        X(NO_OBJECT, 32, "NoSuchObject", "no such object")                                         \
        X(NO_METHOD, 33, "NoSuchMethod", "no such method")                                         \
        X(BAD_REQUEST, 34, "BadRequest", "malformed request")                                      \
        X(TOO_LARGE, 35, "TooLarge", "exceeds a limit")                                            \
        X(CREATION, 36, "CreationError", "the object could not be created")                        \
        X(REMOTE, 37, "RemoteError", "the daemon reports an error")                                \
                                                                                                   \
        X(ARGUMENT, 64, "", "invalid argument")                                                    \
        X(SYSTEM, 65, "", "system call failed")                                                    \
        X(CONNECT, 66, "", "cannot connect to the manager")                                        \
        X(AUTHENTICATION, 67, "", "authentication failed")                                         \
        X(GONE, 68, "", "the manager is gone")                                                     \
        X(UNKNOWN_OUTCOME, 69, "", "connection lost: the call may or may not have been applied")   \
        X(PROTOCOL, 70, "", "the manager speaks nonsense")                                         \
        X(START, 71, "", "the manager could not be started")                                       \
        X(INTERRUPTED, 72, "", "interrupted by a signal")                                          \
        X(OWNER_LOST, 73, "", "locks were lost with the connection")                               \
        X(EOF, 74, "", "the other end is closed")                                                  \
        X(WORKER_LOST, 75, "", "the worker died while it ran the task")                            \
        X(EXISTS, 76, "", "the name is taken")

enum status {
        STATUS_OK = 0,
#define STATUS_ENUM(name, number, wire, text) STATUS_##name = (number),
        STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
};

/* The wire name of a status, "" where it has none. Accepts either sign. */
const char *status_wire_name(int status);

/* What a status means, for people. Accepts either sign; never NULL. */
const char *status_text(int status);

/* The status with this wire name; STATUS_REMOTE where the name is not ours. */
enum status status_from_wire_name(struct span name);

/* Whether a status travels as #ERROR (a Python exception) or as #TRACEBACK. */
static inline bool status_is_exception(int status)
{
        return (status < 0 ? -status : status) < STATUS_NO_OBJECT;
}
