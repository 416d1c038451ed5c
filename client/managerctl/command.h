/*
 * command - what managerctl can do, one entry for each command
 *
 * Every command is a file of its own, cmd_*.c, which exports one of these; commands.c
 * lists them. A command reads what options.h found, asks the daemon through manager.h,
 * writes data to stdout and returns an exit code. It never ends the process, so that
 * one process can run many.
 */
#pragma once

#include <stddef.h>

struct ctl;

/* What the process ends with. */
enum exit_code {
        EXIT_DONE = 0,
        EXIT_NEGATIVE = 1,       /* no such object or key; a method raised */
        EXIT_USAGE = 2,          /* the command line, or a value on it, makes no sense */
        EXIT_CONNECT = 3,        /* no daemon there */
        EXIT_AUTHENTICATION = 4, /* the authkey is missing, not trusted or not the daemon's */
        EXIT_SERVER = 5,         /* the daemon was lost or could not; or the output was */
};

/* Options that not every command has. */
enum command_options {
        OPTION_STR = 1 << 0,
        OPTION_LIMIT = 1 << 1,
        OPTION_CREATE = 1 << 2,
        OPTION_KW = 1 << 3,
};

#define ARGUMENTS_ANY ((size_t)-1)

struct command {
        const char *name;
        const char *usage;   /* what stands behind the name */
        const char *summary; /* one line, in the list of commands */
        const char *help;    /* all of it, with examples; ends with a newline */
        unsigned options;    /* enum command_options */
        size_t min_args, max_args;
        enum { COMMAND_CONNECTS, COMMAND_ALONE } needs;
        int (*run)(struct ctl *ctl); /* returns enum exit_code; failures have been told */
};

extern const struct command *const commands[]; /* ends with NULL */

/* NULL where there is none. */
const struct command *command_find(const char *name);

/* The command whose name is most like this one, or NULL where none is. */
const struct command *command_nearest(const char *name);
