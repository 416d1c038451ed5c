/*
 * ctl - one command under way: its options, its daemon, and what can go wrong
 */
#pragma once

#include <manager.h>

#include "client/managerctl/command.h"
#include "client/managerctl/options.h"

struct ctl {
        const struct options *options;
        mgr_manager *m;  /* NULL where the command does without */
        bool terminal;   /* stdout is one: tables, instead of tabs for awk */
        int write_error; /* errno of the first write to stdout that failed, as far as it is known */
};

/* Connects as the options say. EXIT_DONE, or another exit code, which has been told. */
int ctl_connect(struct ctl *ctl);
void ctl_disconnect(struct ctl *ctl);

/* A sentence to stderr, "managerctl: …", nothing in it that a terminal could take for a command. */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Tells what manager.h said of its error `r`, and what the process shall end with. */
int ctl_fail(int r);

/* A sentence about the command line: EXIT_USAGE. */
int ctl_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The reply was not what PROTOCOL.md says: EXIT_SERVER. */
int ctl_strange(void);

/* EXIT_SERVER, too. */
int ctl_out_of_memory(void);

/*
 * Whether everything so far could be written to stdout. To be asked where more is about to
 * be fetched, and before anything else can fail, because errno tells why.
 */
bool ctl_can_write(struct ctl *ctl);

/* Tells that it could not; then `code` becomes EXIT_SERVER, if it was EXIT_DONE. */
int ctl_finish(struct ctl *ctl, int code);

/* Of commands without a result: nothing, or {"ok": true} with --json. EXIT_DONE. */
int ctl_done(const struct ctl *ctl);
