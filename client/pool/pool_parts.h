/*
 * pool_parts - what the rooms of the pool say to each other
 *
 * A pool has a *core*, which knows tasks, jobs, results and callbacks and nothing of processes,
 * and behind it *workers*, of which there are two makes: pool_local.c forks them, pool_served.c
 * reaches them through queues on a daemon. The core cuts jobs into *chunks* and hands them to the
 * workers; the workers give each task's outcome back, a chunk's in order. Everything here is done
 * with the pool's lock held, which is let go only while a thread waits and while a callback runs.
 *
 * No thread works in the background: whoever waits for anything pumps (pool_pump.c), one at a
 * time, and the others wait until it has something for them.
 */
#pragma once

#include <pthread.h>

#include "client/state.h"
#include "proto/scan.h"

struct chunk;
struct job;
struct workers;

/* How a task's arguments are made of a chunk's values. */
enum call_kind {
        CALL_APPLY, /* a chunk is one task, its values are the arguments */
        CALL_MAP,   /* each value is the only argument of one task */
        CALL_STAR,  /* each value is a tuple or list of the arguments of one task */
};

/* Proxies that travel in a chunk: held for so long that somebody may need the chunk. */
struct pins {
        size_t n_refs;
        size_t n, n_room;
        mgr_value *values; /* owned copies */
};

/*
 * Tasks that travel together. The core owns it, but between workers_ops.submit() and the call
 * that answers its last task, or gives it back.
 */
struct chunk {
        struct chunk *next; /* of its job's queue; with a worker: free for the workers to use */
        struct job *job;    /* shared */
        size_t first;       /* the number of its first task in the job */
        size_t n;           /* tasks */
        size_t n_done;      /* of them answered; those before the others */
        size_t n_lost;      /* how many workers have died while they ran it */
        struct buffer args; /* packed values, one behind the other, as the daemon takes them */
        struct pins *pins;  /* shared; NULL where `args` holds no tokens */

        /* For the workers' own use. */
        void *worker;
        uint64_t number;
};

/* What a chunk asks for. */
enum call_kind chunk_call(const struct chunk *chunk);
/* With one of function and name NULL. Borrowed from the job. */
mgr_callable chunk_function(const struct chunk *chunk);
/* How many values `args` holds: the tasks, or the arguments of an apply. */
size_t chunk_n_values(const struct chunk *chunk);

/*
 * A make of workers. All is called with the pool's lock held; nothing may block but submit(),
 * for a call to a daemon, and start(). `w` is pool->workers.
 */
struct workers_ops {
        /*
         * Whether one more chunk may be submitted now. A pool with several jobs is fair as long as
         * few chunks are ahead: enough to hide the way there and back.
         */
        bool (*wants)(struct workers *w);

        /*
         * Takes a chunk on. 0; or an error, which is set, and the chunk is still the core's, which
         * fails its tasks with it.
         */
        int (*submit)(struct workers *w, struct chunk *chunk);

        /*
         * Does all that can be done without waiting: results that are here go to chunk_*() below,
         * workers that died are replaced. Never fails: what cannot go on is told by pool_break().
         */
        void (*pump)(struct workers *w);

        /* A descriptor that was given to pool_watch() with this tag can be read, or so it seemed.
         */
        void (*heard)(struct workers *w, uint64_t tag);

        /*
         * Somebody is about to wait for what the workers have given to pool_watch(). Returns
         * false where there is something to pump already.
         */
        bool (*arm)(struct workers *w);

        /* When to pump though nothing was heard: absolute, CLOCK_FOREVER for never. */
        uint64_t (*deadline)(struct workers *w);

        /* No chunk will come any more; workers that have nothing left to do may end. */
        void (*close)(struct workers *w);

        /* Ends workers at once (those of ours). Nobody wants its chunks any more: chunk_drop(). */
        void (*terminate)(struct workers *w);

        /* After close() or terminate(): nothing is left to wait for. */
        bool (*ended)(struct workers *w);

        /* After terminate(), or of a pool that nobody has seen. Never in a forked child. */
        void (*free)(struct workers *w);
};

/* The first member of what each make keeps. */
struct workers {
        const struct workers_ops *ops;
        mgr_pool *pool; /* borrowed */
};

/* --- workers to core: one of these for each task of a chunk that was submitted, in order */

/* The next task returned this; *value is taken over. The chunk is gone after its last one. */
void chunk_done(struct chunk *chunk, mgr_value *value);
/*
 * The same for many: where the results of the tasks from n_done on belong, NULL where they must go
 * to chunk_done() one by one; and that so many have been written there.
 */
mgr_value *chunk_results(struct chunk *chunk);
void chunk_advance(struct chunk *chunk, size_t n);
/* The next task failed, with this thread's last error. */
void chunk_failed(struct chunk *chunk);
/* The chunk comes back as it is, from a worker that had not begun: it is run soon elsewhere. */
void chunk_return(struct chunk *chunk);
/*
 * Its worker died when it had begun `n_begun` of the tasks: this thread's last error says how.
 * Those answered stay answered, those not begun come back, those between fail or are run again.
 */
void chunk_lost(struct chunk *chunk, size_t n_begun);
/* Gone without an answer. */
void chunk_drop(struct chunk *chunk);

/* The pool cannot go on: every task, now and later, fails with this thread's last error. */
void pool_break(mgr_pool *pool);

/* --- the pool */

enum pool_state {
        POOL_RUNNING,
        POOL_CLOSED,     /* what was submitted is done, no more is taken */
        POOL_TERMINATED, /* all that was not done has failed */
};

/* A callback that runs right now, on the stack of its thread. */
struct calling {
        struct calling *next;
        pthread_t thread;
        const struct job *job;
};

struct mgr_pool {
        pthread_mutex_t lock;
        pthread_cond_t changed; /* monotonic: something happened, or nobody pumps any more */
        size_t n_refs;          /* the user's handle, and each job */
        uint64_t image;         /* image_number() of its process */
        bool freed;             /* the user's handle is gone */

        enum pool_state state;
        struct workers *workers; /* owned */
        size_t n_workers;        /* for chunk sizes and windows */
        size_t max_retries;
        int epoll; /* private to this process; what mgr_pool_fd() tells */

        int bell; /* an eventfd that `epoll` watches: for a thread that sleeps there */
        bool rung;
        bool has_loop; /* somebody asked for the descriptor */

        bool pumping;         /* a thread sleeps at `epoll` */
        size_t n_waiting;     /* threads that wait for `changed` */
        bool is_broken;       /* see pool_break() */
        struct buffer broken; /* its error_pack() */

        struct job *jobs;             /* all that are not settled */
        size_t n_open;                /* tasks of them that have no answer yet */
        struct job *first, *last;     /* of them those with chunks to submit, taken in turn */
        struct job *done, *done_last; /* settled, their callbacks not yet run */
        struct calling *calling;
        uint64_t n_events;   /* goes up when anything happens: an answer, a callback */
        struct chunk *spare; /* chunks and their memory, to be used again */
        size_t n_spare;
};

/* What was there in the struct's size when the user's program was compiled, and defaults. */
int pool_read_options(const mgr_pool_options *given, mgr_pool_options *options);

/* Of mgr_pool_new() and mgr_pool_open(): everything but the workers, which the caller puts in. */
int pool_make(mgr_pool **out, const mgr_pool_options *options);
/* Gives up a pool that nobody has seen. */
void pool_unmake(mgr_pool *pool);

/*
 * Lets the pool's epoll watch a descriptor for EPOLLIN, and no more; `tag` is for ops->heard(), any
 * but POOL_BELL. The first sets the error.
 */
#define POOL_BELL UINT64_MAX
int pool_watch(mgr_pool *pool, int fd, uint64_t tag);
void pool_unwatch(mgr_pool *pool, int fd);

/* The workers of mgr_pool_new(). 0 or an error, which is set. */
int local_workers_new(mgr_pool *pool, const mgr_pool_options *options, struct workers **out);
