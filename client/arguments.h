/*
 * arguments - what is asked of arguments that many functions have
 */
#pragma once

#include <stddef.h>

/* Seconds to wait, 0 and MGR_FOREVER among them. 0, or -STATUS_VALUE, which is set. */
int arguments_check_timeout(double timeout);

/*
 * A struct of options, which begins with its size: what the caller's has, NULL for nothing, over
 * the defaults that stand in `out`. `name` is the type's. 0, or -STATUS_ARGUMENT, which is set.
 */
int arguments_read_options(void *out, size_t size, const void *given, const char *name);
