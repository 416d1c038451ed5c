/*
 * lock - what Lock and RLock share
 *
 * For lock*.c and rlock.c only; everyone else knows them by types.h and by the
 * capability lockable.
 */
#pragma once

#include "managerd/object/store.h"

struct lock {
        struct object object;
        struct holding holding;
        struct line line; /* those who want to acquire it, or to have it again */
        uint64_t n_late;  /* Lock: takeovers whose previous grant has not been released yet */
};

static inline struct lock *lock_of(struct object *object)
{
        return container_of(object, struct lock, object);
}

/* The constructor: Lock(deadlock=True). */
int lock_construct(struct object *self, struct call *call);
bool lock_reap(struct object *self, size_t *budget);

/* When an acquire(blocking, timeout) gives up. 0 or the failure. */
int lock_get_deadline(struct call *call, uint64_t *deadline);

/* Nobody who lives has it. */
bool lock_is_free(const struct lock *lock);

/* Waits for it, or says False. */
int lock_wait(struct lock *lock, struct call *call, uint64_t deadline);

/* Nobody has it any more: the next in line gets it. */
void lock_free(struct lock *lock);

/* The methods that do not differ. */
int lock_run_fence(struct object *self, struct call *call);
int lock_run_holder(struct object *self, struct call *call);
int lock_run_locked(struct object *self, struct call *call);

/* The capabilities that do not differ. */
int lock_acquire_expired(struct object *self, struct call *call);
void lock_holder_ended(struct object *self, struct holding *holding);
struct line *lock_line(struct object *self);
const struct holding *lock_holding(struct object *self);
bool lock_is_locked(struct object *self);
