/*
 * options - the command line, read
 *
 * Options may stand anywhere, as --name value or --name=value; "--" ends them. What
 * begins with a minus and a digit is a number, not an option.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LIMIT_NONE ((size_t)-1)

struct options {
        const char *socket;  /* NULL: the default */
        const char *authkey; /* NULL: beside the socket */
        double timeout;      /* 0: none given */
        bool json, help, version;

        unsigned given; /* enum command_options: those on the command line */
        size_t limit;   /* of OPTION_LIMIT; LIMIT_NONE: all */
        char **kw;      /* name=value, borrowed from argv */
        size_t n_kw;

        char *command; /* NULL: none */
        char **args;   /* behind the command, borrowed from argv */
        size_t n_args;
};

/*
 * 0; -EINVAL with a message in `why`; or -ENOMEM. To be given back by options_deinit() in any
 * case.
 */
int options_read(struct options *options, int argc, char **argv, char *why, size_t size);
void options_deinit(struct options *options);

/* The name of one of enum command_options: "--str". */
const char *option_name(unsigned option);
