/*
 * spawned - a program that was started by mgr_process_spawn(), and what came with it
 *
 * What comes with it lies in a sealed file in memory, which nobody can change any more or find
 * by a name. The environment tells its descriptor's number, and nothing else: whoever comes upon
 * that variable later, a child of the program for one, finds no such file, or one with the number
 * of another process inside.
 */
#pragma once

#include "client/process/process.h"

#define SPAWN_VARIABLE "MANAGERD_SPAWN_FD"
#define SPAWN_SEALS    (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define SPAWN_MAGIC    "managerd spawn 1"

/* What follows the head, in this order, one behind the other. Text without a zero. */
enum spawn_part {
        SPAWN_NAME,
        SPAWN_IDENTITY,
        SPAWN_PARENT_NAME,
        SPAWN_AUTHKEY,
        SPAWN_ADDRESS, /* empty: no manager */
        SPAWN_MANAGER_KEY,
        SPAWN_MANAGER_NAME,
        SPAWN_ARGS, /* a parcel */
        N_SPAWN_PARTS
};

struct spawn_head {
        char magic[16];
        int64_t pid; /* who may read this: the child writes it, for its number is its own to say */
        int64_t parent_pid;
        int32_t gate, parent, life; /* as in struct birth; -1: not there */
        int32_t daemon;
        double connect_timeout, call_timeout, shutdown_timeout;
        uint32_t flags, reserved;
        uint64_t sizes[N_SPAWN_PARTS];
};

/*
 * At the beginning of a process: *process becomes the current one if this program was spawned,
 * else it is left alone. 0, or a negative status, and then it may be tried again. With the
 * family's lock held.
 */
int spawned_read(mgr_process **process);
