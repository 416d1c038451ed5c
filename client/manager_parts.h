/*
 * manager_parts - what manager.c and start.c say to each other
 */
#pragma once

#include "client/state.h"

/*
 * How both ways to a manager begin: *m is NULL, the library is ready, and the user's options
 * (or none) are read, with defaults where nothing was chosen. Sets the error.
 */
int manager_begin(mgr_manager **m, const mgr_options *given, mgr_options *out);

/* The key that the options give, by themselves or by file. Sets the error. */
int manager_read_key(struct auth_key **out, const mgr_options *options);

/* Consumes the key, also on failure. Knows nobody yet. Sets the error. */
int manager_new(mgr_manager **out, const char *address, struct auth_key *key,
                const mgr_options *options);

/* Connects this thread: is somebody there? Sets the error. */
int manager_greet(mgr_manager *m);

/* Both: a manager that somebody is there for, or none. */
int manager_new_greeted(mgr_manager **out, const char *address, struct auth_key *key,
                        const mgr_options *options);

/* Closes its connections and gives back the user's share. */
void manager_close(mgr_manager *m);

/* Ends the daemon that this process has started and removes what was made for it. */
void private_daemon_end(mgr_manager *m);
