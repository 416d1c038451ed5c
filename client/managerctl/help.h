/*
 * help - what managerctl says about itself
 */
#pragma once

#include "client/managerctl/command.h"

/* Each returns an exit code. */
int help_all(void);
int help_command(const struct command *command);

/* Says that there is no such command, and which one may have been meant. */
int help_unknown(const char *name);
