/*
 * sandbox_attempts - what somebody would try who steers the daemon
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "managerd/server/sandbox.h"

/* What there is to be harmed. */
struct place {
        char directory[32]; /* of the socket */
        char outside[32];   /* another one */
        char socket[64], file[64], other[64], log[64], listener[64];
        int listening, datagram; /* open before the sandbox */
        int readable;
        pid_t victim;
        struct sandbox possible; /* with this kernel, in this container */
};

typedef int attempt_function(const struct place *place); /* 0 or errno */

/* What works without a sandbox, and by what it is denied; 0: is no concern of that one. */
struct attempt {
        const char *name;
        attempt_function *function;
        int seccomp;
        int landlock;
        unsigned version; /* of Landlock, which knows of it */
};

#define N_ATTEMPTS 23

extern const struct attempt attempts[N_ATTEMPTS];
