/*
 * permits - how many permits a semaphore has, and who holds them
 *
 * Python's semaphore is a number: acquiring takes one off, anyone may add some. Beside
 * it stands who took how many, so that permits outlive nobody: those of a holder who
 * ends are *abandoned*, and can be taken over as long as what is free, held and taken
 * over is together no more than the number that there was at first. What is acquired
 * while there are more than at first is not noted at all; and when as many are free
 * as there were at first, then nobody holds any. So a semaphore that only signals
 * is a number, as Python's.
 */
#pragma once

#include "managerd/object/store.h"

struct permits {
        struct object *object; /* borrowed: in which they are */
        uint64_t n_initial;
        uint64_t n_free;
        uint64_t n_held;            /* by those who live, as far as it was noted */
        uint64_t n_abandoned;       /* at most n_initial */
        uint64_t n_late;            /* taken over, and not yet released by whom they were before */
        struct table index;         /* struct share_key → struct share *, of those who live */
        struct list_node shares;    /* struct share.in_permits: of those who live */
        struct list_node abandoned; /* struct share.in_permits: of the others, oldest first */
};

/* Most there can be. */
#define PERMITS_MAX ((uint64_t)INT64_MAX)

void permits_init(struct permits *permits, struct object *object, uint64_t n);

/* Gives up what there is in steps, as struct type.reap. */
bool permits_reap(struct permits *permits, size_t *budget);

/* How many can be had at once. */
uint64_t permits_available(const struct permits *permits);

/* The caller gets one, which must be available. 0 or -STATUS_NOMEM, and nothing changed. */
int permits_take(struct permits *permits, struct call *call);

/*
 * What it means that this caller releases n: his own come first, then those of his process, then
 * those that the dead left, then those that have been taken over from them. Where
 * several others of his process hold some, nobody knows whose these are.
 */
struct release {
        uint64_t n_own;       /* the caller's */
        uint64_t n_other;     /* those of the one other session of its process that has any */
        uint64_t n_abandoned; /* nobody's */
        uint64_t n_late;      /* of the dead, and somebody else's now: no longer to be had */
        uint64_t n_added;     /* to what is free */
};
void permits_plan_release(const struct permits *permits, const struct call *call, uint64_t n,
                          struct release *release);

/* Does it. Nothing may have happened in between; n_free + n_added is at most PERMITS_MAX. */
void permits_release(struct permits *permits, const struct call *call,
                     const struct release *release);

/* As struct type.holder_ended. */
void permits_abandon(struct permits *permits, struct holding *holding);

/* The number of the caller's process's latest grant, 0 where it is not known to hold any. */
uint64_t permits_fence(const struct permits *permits, const struct call *call);
