/*
 * sandbox - what the process cannot do any more once it serves
 *
 * A daemon that parses what strangers send may have a bug that lets them steer
 * it. So when everything is open that it needs, it gives up the rest for good:
 * starting programs and processes, opening files, making sockets, signalling
 * others, making memory executable. seccomp leaves the system calls that the
 * loop, the allocator and the end of the daemon make; Landlock, where the kernel
 * has it, leaves nothing of the file system but removing files in the socket's
 * directory. Each holds without the other, and the daemon goes on without both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What the end of the daemon takes. */
struct sandbox_needs {
        int directory;          /* borrowed; of the socket that is to be removed; -1: none is */
        bool removes_directory; /* and then the directory */
};

/* What is in force. */
struct sandbox {
        uint64_t seccomp;  /* 1: the allow-list */
        uint64_t landlock; /* the version of the kernel's interface; 0: none */
};

/* Whether this build has one: with a sanitizer it has not. */
bool sandbox_is_built_in(void);

/*
 * Everything needed is open, and there is one thread. Tells in the log how it went. What the
 * kernel does not have is no failure; -STATUS_NOMEM is one: that must not decide about walls.
 */
int sandbox_enter(struct sandbox *out, const struct sandbox_needs *needs);
