/*
 * function - the functions that workers run, and how what they say comes back
 *
 * Workers that were forked from here know a function by its address, all others by the name
 * under which both programs have registered it. Names are never forgotten: a list that only
 * grows needs no lock, which a forked child might find held.
 *
 * Errors travel whole, as error_pack() writes them, so that whoever asked for the task is told
 * what the worker's thread was.
 */
#pragma once

#include "client/error.h"
#include "client/manager.h"

#define FUNCTION_MAX_NAME 255 /* bytes */

/* What is registered under a name; NULL where nothing is. */
mgr_function *function_find(struct span name);

/* A name of a function, the last one that it was given; NULL where it has none. Never goes. */
const char *function_name(mgr_function *function);

/*
 * Finds what a task asks for: by its name, or NULL and -STATUS_ATTRIBUTE, set, which tells what
 * there is instead.
 */
mgr_function *function_need(struct span name);

/*
 * Runs a function in this thread. 0 and *result, which is the caller's; or below 0: the error
 * is set, whatever the function forgot, and *result is None.
 */
int function_call(mgr_function *function, const mgr_value *args, size_t n_args, mgr_value *result);

/*
 * What a user's function returned, put right: above 0 is 0; where it failed without an error of
 * this thread, one is set. To be called behind error_clear() and the function.
 */
int function_status(int r);

/* The error that is set, of packing a result, said of the result; returns r. */
int function_unsendable(int r);
