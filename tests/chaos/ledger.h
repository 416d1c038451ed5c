/*
 * ledger - what the workers of the chaos test did, told by memory that survives them
 *
 * A page of shared memory that every worker writes down in before it does a
 * thing, and after the daemon has acknowledged it. A worker that is killed leaves
 * at most one thing begun and not acknowledged; from all others it can be told
 * exactly what the daemon's state must be.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_WORKERS   64
#define MAX_VERSIONS  (1u << 20) /* of a counter under a lock */
#define MAX_ITEMS     (1u << 20) /* ever put */
#define MAX_DEATHS    (1u << 18)
#define MAX_TAKEOVERS (1u << 18)

/* Where something is held: of all but the last only so many may be inside at a time. */
enum place {
        IN_LOCK,
        IN_RLOCK,
        IN_CONDITION,
        IN_SEMAPHORE,
        IN_ITEM, /* taken from the queue, and not finished */
        N_PLACES,
};

/* Bits of what became of an item, or of a version of a counter. */
enum mark {
        MARK_BEGUN = 1,
        MARK_ACKNOWLEDGED = 2,
        MARK_TAKEN = 4,
        MARK_FINISHED = 8, /* task_done() was acknowledged */
};

struct slot {
        atomic_int pid;
        atomic_uint number; /* of all workers there ever are, from 1 on */
        atomic_bool dying;  /* set before it is killed: what it says of itself counts no more */
        atomic_bool inside[N_PLACES];
        atomic_ulong n_rounds;
};

struct death {
        atomic_int pid;
        uint64_t at; /* nanoseconds, just before the signal */
};

struct ledger {
        atomic_bool stop;
        atomic_flag failed;
        char failure[512]; /* the first one */
        struct slot slots[MAX_WORKERS];
        atomic_uint n_items;
        atomic_uchar items[MAX_ITEMS];
        atomic_uint takers[MAX_ITEMS]; /* number of the worker that took it last */
        atomic_uchar versions[N_PLACES][MAX_VERSIONS];
        atomic_uint n_deaths;
        struct death deaths[MAX_DEATHS];
        atomic_uint n_takeovers;
        uint64_t takeovers[MAX_TAKEOVERS]; /* nanoseconds from the death of the holder */
        atomic_ulong n_barriers, n_notified, n_inherited;
};

/* Shared with all children, zeroed; NULL without memory. */
struct ledger *ledger_new(void);

/* Only the first failure is kept. */
void ledger_fail(struct ledger *ledger, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

bool ledger_has_failed(struct ledger *ledger);

/* How many workers are inside that nobody is about to kill. */
unsigned ledger_count_inside(struct ledger *ledger, enum place place);

/* Whether nobody is about to kill the worker of this number. */
bool ledger_lives(struct ledger *ledger, unsigned number);

void ledger_note_death(struct ledger *ledger, pid_t pid);

/*
 * Somebody who has waited since `since` took over what a dead process held, if that is
 * known and he came first.
 */
void ledger_note_takeover(struct ledger *ledger, pid_t dead, uint64_t since);

uint64_t ledger_now(void);
