/*
 * pool_served - what the rooms of a client of a served pool have in common
 *
 * pool_served.c puts tasks, pool_answers.c gets answers. All of it with the pool's lock held.
 */
#pragma once

#include "client/pool/pool_tasks.h"

#define SERVED_N_SLOTS 1024 /* chunks that are out at once */

/* A chunk that is out. */
struct slot {
        struct served *served;
        struct chunk *chunk; /* NULL: was answered, or nobody wants it any more */
        uint64_t number;     /* of the task: the slot's index, and how often it was used */
        bool putting;        /* the call that puts it is under way: the slot cannot be used again */
        bool watched;        /* it was in the queue when the watch began */
        struct slot *next;   /* of those that are free */
};

enum watch {
        WATCH_NONE,
        WATCH_QUEUE,   /* until the pool's queue has nothing left to do; */
        WATCH_RESULTS, /* and then until there is no answer left in ours */
};

struct served {
        struct workers workers;
        mgr_manager *manager; /* shared */
        mgr_queue *tasks, *results;
        mgr_calls *calls;
        struct slot *slots, *free_slots;
        size_t n_out; /* slots with a chunk */
        bool getting; /* get_many() is under way */
        bool over;    /* terminated, or the daemon is as good as gone */
        bool leaving; /* over, but the daemon has not heard it yet */
        bool unheard; /* the pool does not watch the descriptor any more: it has nothing to say */
        enum watch watch;
        struct buffer task; /* where one is packed */
};

/* The chunk is the core's again. */
struct chunk *slot_give_chunk(struct slot *slot);
/* The slot may be used again, once nothing is under way of it. */
void slot_settle(struct slot *slot);
/* All its tasks have failed with this thread's last error. */
void slot_fail(struct slot *slot);

/* This thread's last error is one after which no answer can be hoped for. */
void served_break(struct served *served);

/* Whether an error of a call is one of the connection, and not of what was said. */
bool served_is_lost(int error);

/* Gets answers, as long as any are to come. */
void served_get(struct served *served);
