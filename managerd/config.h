/*
 * config - the command line
 *
 * One table holds every option: getopt_long and --help are both fed from it.
 */
#pragma once

#include <stdio.h>

#include "managerd/log.h"
#include "managerd/server/server.h"

struct config {
        struct server_options server; /* paths are borrowed from argv */
        enum log_level log_level;
};

enum config_result {
        CONFIG_RUN,
        CONFIG_SHOWN, /* --help or --version: done */
        CONFIG_WRONG, /* `err` has been told what is wrong */
};

/* Reads the command line, on top of the defaults. */
enum config_result config_parse(struct config *config, int argc, char **argv, FILE *out, FILE *err);
