/*
 * error - what went wrong last in this thread
 *
 * Fixed room in each thread, no allocation. An exception is kept in its packed
 * form and put into words when somebody asks, because programs that look for keys
 * that may be missing fail often and read nothing.
 */
#pragma once

#include "proto/buffer.h"

/* Remembers a status and its message; returns the status, for `return error_set(…)`. */
int error_set(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The status's own text. */
int error_set_status(int status);

/* A failed system call: "what: strerror(errno)". */
int error_set_errno(int status, const char *what);

/* An exception that the daemon sent, packed; its status. */
int error_set_exception(struct span exception);

/* A #TRACEBACK: "Name: text"; its status. */
int error_set_traceback(struct span text);

/* Forgets it: what happens next tells whether something fails. */
void error_clear(void);

/* The status of this thread's last error, 0 after error_clear(). */
int error_status(void);

/*
 * Appends this thread's last error, all of it: a list [status, name, message, exception or None].
 * A failure sticks in the buffer.
 */
void error_pack(struct buffer *out);

/*
 * Sets the error that error_pack() has packed somewhere else, and returns its status. The bytes
 * have been accepted by scan; what is no error becomes -STATUS_PROTOCOL. Where the status is
 * None or no negative number, the exception tells it, else the name.
 */
int error_set_packed(struct span packed);
