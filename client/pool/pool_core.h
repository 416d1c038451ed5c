/*
 * pool_core - jobs, and the rooms of the pool's core: see pool_parts.h
 *
 * A job is what one call of apply, map or imap asks for. It is settled when each of its tasks has
 * an answer; an imap's, when its source is at its end besides, or nobody wants more of it.
 */
#pragma once

#include "client/pool/pool_parts.h"

enum job_kind {
        JOB_ONE,            /* apply: one task, one result */
        JOB_MAP,            /* map, starmap: results in an array */
        JOB_IMAP,           /* results one by one, in the order of the tasks */
        JOB_IMAP_UNORDERED, /* in the order in which they come */
};

struct job {
        size_t n_refs;  /* the pool's lists, each chunk, and the user's handle */
        mgr_pool *pool; /* shared */
        enum job_kind kind;
        enum call_kind call;
        mgr_function *function; /* or */
        char *name;             /* owned */
        size_t n_args;          /* of an apply */
        size_t chunk_size;

        /* Work: chunks that wait for a worker, and behind them items that are in no chunk yet. */
        struct chunk *queue, *queue_last;
        const mgr_value *items; /* borrowed: of a call that waits for its results */
        size_t n_fed;           /* of them, in chunks */

        struct job *next, *prev; /* among those that are not settled */
        struct job *next_turn;   /* among those with work, or with callbacks to run */
        bool has_turn;

        /* Outcome. */
        size_t n_tasks, n_answered;
        mgr_value *results;  /* of JOB_ONE and JOB_MAP; NULL once they are the list's */
        bool borrowed;       /* they are the caller's */
        mgr_value one;       /* of JOB_ONE; of JOB_MAP the list, once somebody asked for it */
        bool has_list;       /* that is so */
        bool failed;         /* a task did */
        size_t failed_at;    /* the first of them */
        struct buffer error; /* its error_pack() */
        bool settled;
        bool called; /* and its callbacks have been run, if there are any */
        mgr_callbacks callbacks;
};

struct mgr_result {
        struct job job;
};

/* What an imap has for its reader. */
struct outcome {
        enum {
                OUTCOME_NONE, /* not there yet */
                OUTCOME_VALUE,
                OUTCOME_ERROR,
        } kind;
        mgr_value value;
        struct buffer error; /* error_pack() */
};

struct mgr_imap {
        struct job job;
        mgr_source *source;
        void *source_arg; /* borrowed */
        bool pulling;     /* a thread is asking the source */
        bool exhausted;   /* it has no more, or nobody wants it */
        bool unwanted;    /* the handle is gone */
        size_t window;    /* tasks that may be begun and not read */

        /* The outcomes of the tasks from n_read on: task or arrival i stands at i % n_room. */
        struct outcome *outcomes;
        size_t n_room;
        size_t n_read;
        size_t n_arrived;
};

/* --- pool.c */

/* What every function of the user begins with: 0 and the lock is held, or an error, which is set.
 */
int pool_enter(mgr_pool *pool);
/* Lets the lock go. The pool may be gone then. */
void pool_leave(mgr_pool *pool);
/* As pool_enter() for what is to be freed: false in a child, where nothing of it is touched. */
bool pool_enter_to_free(mgr_pool *pool);
/* Whether a job may be submitted. 0 or an error, which is set. */
int pool_check_running(mgr_pool *pool);

/* --- pool_pump.c */

/* An absolute deadline of a user's timeout: 0, or -STATUS_VALUE, which is set. */
int pool_deadline(double timeout, uint64_t *deadline);

/*
 * Waits until is_done(arg), which is asked with the lock held; 0 or -STATUS_TIMEOUT, not set.
 * Runs callbacks meanwhile, without the lock.
 */
typedef bool pool_question(void *arg);
int pool_wait(mgr_pool *pool, pool_question *is_done, void *arg, uint64_t deadline);

/* Gives the workers what they want. */
void pool_dispatch(mgr_pool *pool);
/* As that, after looking what they have done. No callback is run. */
void pool_poll(mgr_pool *pool);
/* Something happened that another thread may wait for. */
void pool_changed(mgr_pool *pool);
/* Of pool->done, the first: it is ready as if its callbacks had been run. */
void job_skip_callbacks(struct job *job);
/* From here on the pool's descriptor tells whatever happens. */
void pool_arm(mgr_pool *pool);
/* Whether this thread is inside of a callback; of that job, or of any where it is NULL. */
bool pool_is_calling(const mgr_pool *pool, const struct job *job);

/* --- pool_job.c: with the lock held */

int job_make(mgr_pool *pool, size_t size, enum job_kind kind, enum call_kind call,
             mgr_callable callable, struct job **out);
struct job *job_ref(struct job *job);
void job_unref(struct job *job);
/* On the pool's list; its tasks are counted as open. From here on it will be settled. */
void job_open(struct job *job);
/* n more tasks. */
void job_grow(struct job *job, size_t n);
/* It has chunks to submit. */
void job_take_turn(struct job *job);
/* One chunk to submit, from the job whose turn it is; NULL: there is none. */
struct chunk *pool_next_chunk(mgr_pool *pool);
void job_queue(struct job *job, struct chunk *chunk);
void job_queue_first(struct job *job, struct chunk *chunk);

/* Task `index` has an answer: the value, which is taken over, or NULL and this thread's error. */
void job_answer(struct job *job, size_t index, mgr_value *value);
void job_answer_many(struct job *job, size_t n);
/* These will have no answer: there is nothing to clear where their results belong. */
void job_answer_none(struct job *job, size_t from, size_t to);
/* All tasks without an answer fail with this thread's error, and no chunk of it is left. */
void job_abandon(struct job *job);
/* Settles it if nothing is missing. */
void job_look(struct job *job);
/* Gives up one that was never opened. */
void job_forget(struct job *job);

/* --- pool_result.c: with the lock held */

/* What a settled job of JOB_ONE or JOB_MAP has come to: a copy; or its error, which is set. */
int job_get(struct job *job, mgr_value *value);

/* --- pool_imap.c: with the lock held */

void imap_answer(struct mgr_imap *imap, size_t index, mgr_value *value);
/* Nothing more comes: what is missing fails with this thread's error. */
void imap_abandon(struct mgr_imap *imap);
void imap_deinit(struct mgr_imap *imap);
/* Takes all that the source still has. The lock is let go meanwhile. */
void imap_pull_all(struct mgr_imap *imap);

/* --- pool_chunk.c: with the lock held */

/* 0 or -STATUS_NOMEM, which is set. */
int chunk_new(struct job *job, struct chunk **out);
/* One value more. 0 or an error, which is set. */
int chunk_add(struct chunk *chunk, const mgr_value *value);
int chunk_add_many(struct chunk *chunk, const mgr_value *values, size_t n);
/* All of its tasks that have no answer get this thread's error; it is gone. */
void chunk_fail(struct chunk *chunk);
void chunk_free_spares(mgr_pool *pool);

static inline mgr_imap *job_imap(struct job *job)
{
        return (mgr_imap *)(void *)job;
}
