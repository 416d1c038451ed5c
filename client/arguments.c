/*
 * arguments - what is asked of arguments that many functions have
 */
#include "client/arguments.h"

#include <string.h>

#include "client/error.h"
#include "proto/status.h"

int arguments_check_timeout(double timeout)
{
        if (timeout >= 0)
                return 0;
        return error_set(-STATUS_VALUE, "'timeout' must be a non-negative number");
}

int arguments_read_options(void *out, size_t size, const void *given, const char *name)
{
        size_t given_size;

        if (!given)
                return 0;
        memcpy(&given_size, given, sizeof(given_size));
        if (given_size < sizeof(given_size))
                return error_set(-STATUS_ARGUMENT, "%s.size is not set", name);
        memcpy(out, given, given_size < size ? given_size : size);
        return 0;
}
