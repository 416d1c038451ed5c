/*
 * watch - the end of another process
 *
 * A process is held by a pidfd: it becomes readable when the process ends, names that process
 * and never one that has got its number later, and one waits for it without waiting for
 * anybody else's child. Where there are none (an old kernel, a filter of system calls) a pipe
 * does its work: the process has the write end, so that it closes with it; and then the number
 * is good as long as nobody has waited for it.
 *
 * Nothing here is locked but what is said.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct watch {
        pid_t pid;
        int fd;        /* pidfd, or the pipe's read end; -1: closed */
        bool is_pidfd; /* else it is the pipe's */
        bool is_child; /* it is ours to wait for */

        bool ended;
        bool has_code; /* after the end: we know how */
        int code;      /* 0 to 255, or -N: by signal N */
};

#define WATCH_NULL ((struct watch){ .fd = -1 })

/*
 * The pidfd of a process, close-on-exec. -1 with errno: `*missing` tells whether there are none
 * to be had at all.
 */
int watch_open_pidfd(pid_t pid, bool *missing);

/*
 * Whether it has ended; a child that has is waited for, which happens once. One thread at a
 * time.
 */
bool watch_check(struct watch *watch);

/*
 * How it has ended, after it has: false where somebody else waited for the child, and the kernel
 * does not tell us. One thread at a time.
 */
bool watch_read_code(struct watch *watch, int *code);

/*
 * Sends a signal; to one that has ended none. 0, or -1 with errno. Not while another thread
 * checks.
 */
int watch_signal(struct watch *watch, int signal_number);

/*
 * Waits until the descriptor is ready, or it is time to check again. -STATUS_TIMEOUT. Any
 * number of threads may.
 */
int watch_wait(int fd, bool is_pidfd, uint64_t deadline);
