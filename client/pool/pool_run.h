/*
 * pool_run - what becomes of a task from a pool's queue: its answer
 *
 * See pool_tasks.h for what both look like. The tasks come from anybody.
 */
#pragma once

#include "client/pool/pool_tasks.h"

/* A view of the item. */
struct task {
        uint64_t results; /* the ident of a queue, or so it says */
        mgr_value number, version, max_retries, function, call, args;
        uint64_t n_deliveries;
        enum call_kind kind;
};

/*
 * Reads an item of the queue: whether somebody waits for an answer. Whether the task makes sense is
 * looked at when it is run.
 */
bool task_read(struct task *task, const mgr_value *item, uint64_t n_deliveries);

/* Results are packed as they come, and kept: their proxies are ours until the answer was put. */
struct answer {
        struct buffer packed; /* in the end, all of it */
        struct buffer results, errors;
        size_t n_results, n_errors;
        mgr_value *kept; /* owned */
        size_t n_kept, n_kept_room;
        struct scanner scanner;
};

void answer_init(struct answer *answer);
void answer_deinit(struct answer *answer);

/* Forgets it; the memory stays for the next one. */
void answer_clear(struct answer *answer);

/* Instead of all results: this thread's last error. Failures stick in answer->packed. */
void answer_fail(struct answer *answer, const struct task *task);

/*
 * Runs the task in this thread; whatever comes of it, answer->packed tells it. A failure, which is
 * set, means that there is no memory even for that.
 */
int task_run(struct task *task, mgr_manager *m, struct answer *answer);
