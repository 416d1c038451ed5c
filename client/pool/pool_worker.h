/*
 * pool_worker - what a forked worker does, and what it and its pool say to each other
 *
 * To the worker go chunks: a struct order, and behind it the function's name, the packed values,
 * and the ticket of their proxies. Back come outcomes, one for each task, in order, and nothing
 * else: None, bool, int and float as they are packed, everything else behind a struct reply.
 * Both are of one program in one memory, so numbers are as the machine has them.
 */
#pragma once

#include "client/pool/pool_lane.h"
#include "client/pool/pool_parts.h"

struct order {
        uint64_t number; /* see lane_memory.given */
        uint32_t call;   /* enum call_kind */
        uint32_t n_name;
        uint64_t n_tasks;
        uint64_t n_values;
        uint64_t n_bytes; /* of the values */
        uint64_t n_ticket;
        mgr_function *function; /* or the name */
};

/* No msgpack value begins with it. */
#define REPLY_MARK 0xc1

struct reply {
        uint8_t mark;
        uint8_t is_error; /* what follows is by error_pack(); else by parcel_pack() */
        uint8_t reserved[6];
        uint64_t size; /* of what follows */
};

struct worker_task {
        struct lane lane;
        int fd; /* the worker's end */
        mgr_target *initializer;
        void *initializer_arg;
        size_t max_chunks; /* 0: without end */
};

/* A worker's whole life, by mgr_process_start(); `arg` is a struct worker_task. */
int worker_run(void *arg);
