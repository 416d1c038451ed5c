/*
 * pool_local - workers that are forked from here
 */
#pragma once

#include "client/pool/pool_parts.h"
#include "client/pool/pool_worker.h"

struct forked {
        mgr_process *process; /* owned; NULL: there is none at the moment */
        struct lane lane;
        struct buffer out; /* what waits for room in the lane … */
        size_t n_sent;     /* … and is there already */
        struct buffer in;  /* what has come and is no whole outcome yet */

        /* Chunks that were given to it and are not answered, in order; the first is being run. */
        struct chunk *line, *line_last;
        size_t n_line, n_line_bytes;
        size_t depth;        /* how long the line may be */
        uint64_t n_numbers;  /* chunks sent, those included that were taken back */
        size_t n_given;      /* chunks, without those */
        uint64_t n_answered; /* tasks */

        uint64_t born;
        uint64_t since;      /* it last was done with a chunk, or had nothing to do */
        bool is_stuck;       /* that is long ago: what stands in its line is better off elsewhere */
        bool may_have_ended; /* its sentinel was heard */
        uint64_t n_seen;     /* of lane_memory.n_chunks, when its answers were read */
        bool is_killed;      /* by us: nothing more is expected of it … */
        const char *why;     /* … for this reason, a literal; NULL: what it did is believed */
        bool was_no_memory;  /* that was the reason: here, for what it said */
};

struct local {
        struct workers workers;
        mgr_target *initializer;
        void *initializer_arg; /* borrowed */
        size_t max_chunks;     /* a worker's, 0: without end */

        size_t n;
        struct forked *forked; /* owned */
        size_t n_started;
        size_t n_failures;   /* workers in a row that ended before they did anything */
        uint64_t restart_at; /* where none could be started */
        bool is_closed;      /* nothing more will come */
        bool is_over;        /* workers end, and are not replaced */
        bool gives_up;
        struct scanner scanner;
};

static inline struct local *local_of(struct workers *workers)
{
        return (struct local *)(void *)workers;
}

/* --- pool_line.c */

#define DEPTH_SLOW 2 /* chunks in a line, where they take their time */

/* Of struct workers_ops. */
bool local_wants(struct workers *workers);
int local_submit(struct workers *workers, struct chunk *chunk);

/* Takes back what waits behind another's work, for those that have less to do. */
void local_even_out(struct local *local);

/* The first chunk of a line, NULL where there is none. */
struct chunk *line_take_first(struct forked *worker);

/* Nobody wants them any more. */
void line_drop(struct forked *worker);

/* Moves what could not be sent yet into the lane. */
void forked_flush(struct forked *worker);

/* --- pool_local.c */

/* Ends a worker that cannot be trusted, or has no right to go on. */
void forked_kill(struct forked *worker, const char *why);

/* --- pool_replies.c */

/*
 * Takes what a worker has answered to the tasks that it was given: when it is done with a chunk,
 * or its ring is half full, or it is at its end. To look for each byte would slow down both.
 */
void forked_read(struct local *local, struct forked *worker, bool at_its_end);
/* Whether forked_read() would find nothing, and the worker rings when that changes. */
bool forked_arm(struct forked *worker);
