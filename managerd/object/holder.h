/*
 * holder - whoever can die, and what is held until then
 *
 * A *holder* is a session or a client process. What it holds, a lock, a permit, an
 * item that is being worked on, is a *holding*: part of the object that gave it,
 * and on the holder's list. When the holder ends, however it ends, the object's
 * type is told of each (struct type.holder_ended), which must not fail.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "managerd/object/list.h"
#include "proto/buffer.h"
#include "proto/span.h"

struct call;
struct object;
struct store;

/* Bytes of a task that are kept; in canonical form, so that equal tasks are equal bytes. */
#define OWNER_TASK_MAX 47

/* Who calls: a task within a session. */
struct owner {
        uint64_t session; /* number of the session, never reused; 0: nobody */
        uint8_t task_size;
        uint8_t task[OWNER_TASK_MAX]; /* packed; of size 0: the session itself */
};

static inline bool owner_equal(const struct owner *a, const struct owner *b)
{
        return a->session == b->session && a->task_size == b->task_size &&
               memcmp(a->task, b->task, a->task_size) == 0;
}

static inline struct span owner_task(const struct owner *owner)
{
        return owner->task_size ? span_of(owner->task, owner->task_size) : SPAN_ABSENT;
}

/* Appends pid, session and task as pairs of key and value: OWNER_PACKED pairs. */
#define OWNER_PACKED 3
void owner_pack(const struct owner *owner, int64_t pid, struct buffer *out);

struct holder {
        uint64_t number;           /* of all sessions, or all processes, there ever are */
        struct list_node holdings; /* struct holding.on_holder, oldest first */
        struct holder *process;    /* of a session: its process; of a process: itself */
        int64_t pid;               /* 0 where it has none here */
};

/* The number is the engine's to give. */
void holder_init(struct holder *holder, uint64_t number, struct holder *process, int64_t pid);

/*
 * It is no more: tells the objects of all that it held, the latest first. Where there is an heir
 * nobody is told: that one has it from now on.
 */
void holder_end(struct holder *holder, struct holder *heir);

struct holding {
        struct object *object;      /* whose it is */
        struct holder *holder;      /* NULL: nobody, or somebody who has ended */
        struct list_node on_holder; /* struct holder.holdings */
        struct list_node in_store;  /* struct store.holdings, oldest first, while it is held */
        struct owner owner;         /* who took it */
        int64_t pid;                /* of who took it; 0 where it has none here */
        uint64_t since;             /* when, monotonic nanoseconds */
        uint64_t fence;             /* grows with every grant of any lock there is */
        uint64_t n;                 /* how often it was taken: permits, levels of an RLock */
        bool untracked;             /* anyone may give it back: no deadlock is told from it */
};

void holding_init(struct holding *holding, struct object *object);

/*
 * The call's owner takes it once, until `holder` ends: call->session or call->keeper. It
 * must not be held, or be abandoned: then the caller is told that the owner died.
 */
void holding_take(struct holding *holding, struct call *call, struct holder *holder);

/* The same for what is no lock: not listed as held, no fence, nobody is told anything. */
void holding_keep(struct holding *holding, struct call *call, struct holder *holder);

/* Nobody holds it any more. Harmless where nobody did. */
void holding_drop(struct holding *holding);

/*
 * Appends what there is to say about a holding that is held, as pairs of key and value; how many
 * pairs these are is HOLDING_PACKED. `now` is the time of the turn.
 */
#define HOLDING_PACKED 7
void holding_pack(const struct holding *holding, uint64_t now, struct buffer *out);

/* Taken and not dropped, be it by somebody who has died since. */
static inline bool holding_is_held(const struct holding *holding)
{
        return holding->owner.session != 0;
}

/* Whoever took it ended without giving it back. */
static inline bool holding_is_abandoned(const struct holding *holding)
{
        return holding_is_held(holding) && !holding->holder;
}

/* Whether it is held by this owner, who lives. */
static inline bool holding_is_of(const struct holding *holding, const struct owner *owner)
{
        return holding->holder && owner_equal(&holding->owner, owner);
}
