/*
 * permits - how many permits a semaphore has, and who holds them
 */
#include "managerd/types/permits.h"

#include <stdlib.h>

#include "managerd/object/index.h"

/* A holder: a session or process within a process. Or a process: any of the shares in it. */
struct share_key {
        uint64_t process;
        uint64_t holder; /* 0: any */
};

/* What one holder holds: holding.n permits. */
struct share {
        struct holding holding;
        struct share_key key;        /* of the holder, when it took the first */
        struct list_node in_permits; /* struct permits.shares or .abandoned */
        struct list_node of_process; /* a ring of the shares of one process, without a head */
};

static struct memory *permits_memory(const struct permits *permits)
{
        return &permits->object->store->memory;
}

static struct share_key key_of(const struct holder *holder)
{
        /* sessions and processes are numbered each by themselves */
        return (struct share_key){ holder->process->number,
                                   holder->number * 2 + (holder->process == holder) };
}

static struct span key_span(const struct share_key *key)
{
        return span_of(key, sizeof(*key));
}

static struct share *share_in(struct list_node *in_permits)
{
        return container_of(in_permits, struct share, in_permits);
}

/* --- shares */

static struct share *next_of_process(struct share *share)
{
        return container_of(share->of_process.next, struct share, of_process);
}

static struct share *permits_find_key(const struct permits *permits, struct share_key key)
{
        return index_find(&permits->index, key_span(&key));
}

/* Any share of the process, or NULL. */
static struct share *permits_find_process(const struct permits *permits, uint64_t number)
{
        return permits_find_key(permits, (struct share_key){ number, 0 });
}

static struct share *permits_find(const struct permits *permits, const struct holder *holder)
{
        return permits_find_key(permits, key_of(holder));
}

/* Into the index, and among those of its process. */
static int share_enter(struct permits *permits, struct share *share)
{
        struct share_key process = { share->key.process, 0 };
        struct share *first = permits_find_key(permits, process);
        int r;

        r = index_set(&permits->index, key_span(&share->key), share);
        if (r == 0 && !first)
                r = index_set(&permits->index, key_span(&process), share);
        if (r < 0) {
                index_remove(&permits->index, key_span(&share->key));
                return r;
        }
        if (first)
                list_append(&first->of_process, &share->of_process);
        list_append(&permits->shares, &share->in_permits);
        return 0;
}

static void share_leave(struct permits *permits, struct share *share)
{
        struct share_key process = { share->key.process, 0 };
        struct share *next = next_of_process(share);

        index_remove(&permits->index, key_span(&share->key));
        if (next == share)
                index_remove(&permits->index, key_span(&process));
        else if (permits_find_key(permits, process) == share)
                /* the same size: replaced in place, which cannot fail */
                (void)index_set(&permits->index, key_span(&process), next);
        list_unlink(&share->of_process);
        list_unlink(&share->in_permits);
}

static int share_new(struct permits *permits, const struct holder *holder, struct share **out)
{
        struct share *share;
        int r;

        if (!memory_charge(permits_memory(permits), sizeof(*share)))
                return -STATUS_NOMEM;
        share = calloc(1, sizeof(*share));
        r = share ? 0 : -STATUS_NOMEM;
        if (r == 0) {
                holding_init(&share->holding, permits->object);
                share->key = key_of(holder);
                list_init(&share->in_permits);
                list_init(&share->of_process);
                r = share_enter(permits, share);
        }
        if (r < 0) {
                free(share);
                memory_refund(permits_memory(permits), sizeof(*share));
                return r;
        }
        *out = share;
        return 0;
}

static void share_free(struct permits *permits, struct share *share)
{
        holding_drop(&share->holding);
        list_unlink(&share->in_permits);
        memory_refund(permits_memory(permits), sizeof(*share));
        free(share);
}

/* Up to n permits out of a share, which ends with the last. */
static void share_lower(struct permits *permits, struct share *share, uint64_t n)
{
        uint64_t taken = n < share->holding.n ? n : share->holding.n;

        permits->n_held -= taken;
        share->holding.n -= taken;
        if (share->holding.n == 0) {
                share_leave(permits, share);
                share_free(permits, share);
        }
}

static void permits_lower_abandoned(struct permits *permits, uint64_t n)
{
        while (n > 0) {
                struct share *oldest = share_in(permits->abandoned.next);
                uint64_t taken = n < oldest->holding.n ? n : oldest->holding.n;

                n -= taken;
                permits->n_abandoned -= taken;
                oldest->holding.n -= taken;
                if (oldest->holding.n == 0)
                        share_free(permits, oldest);
        }
}

/* --- coming and going */

void permits_init(struct permits *permits, struct object *object, uint64_t n)
{
        *permits = (struct permits){ .object = object, .n_initial = n, .n_free = n };
        table_init(&permits->index, &object->store->world);
        list_init(&permits->shares);
        list_init(&permits->abandoned);
}

/* Nobody holds any, nobody left any; at most *budget holders at a time. */
static bool permits_forget(struct permits *permits, size_t *budget)
{
        for (; *budget > 0 && !list_is_empty(&permits->shares); --*budget)
                share_lower(permits, share_in(permits->shares.next), UINT64_MAX);
        for (; *budget > 0 && !list_is_empty(&permits->abandoned); --*budget)
                permits_lower_abandoned(permits, share_in(permits->abandoned.next)->holding.n);
        return list_is_empty(&permits->shares) && list_is_empty(&permits->abandoned);
}

bool permits_reap(struct permits *permits, size_t *budget)
{
        if (!permits_forget(permits, budget))
                return false;
        table_deinit(&permits->index);
        return true;
}

/* --- acquiring */

static uint64_t permits_inheritable(const struct permits *permits)
{
        uint64_t n_known = permits->n_free + permits->n_held;
        uint64_t n_missing = n_known < permits->n_initial ? permits->n_initial - n_known : 0;

        return n_missing < permits->n_abandoned ? n_missing : permits->n_abandoned;
}

uint64_t permits_available(const struct permits *permits)
{
        return permits->n_free + permits_inheritable(permits);
}

static void permits_inherit(struct permits *permits, struct call *call)
{
        call->notes.owner_died = true;
        call->notes.dead_pid = share_in(permits->abandoned.next)->holding.pid;
        permits_lower_abandoned(permits, 1);
        ++permits->n_late;
}

static void share_raise(struct permits *permits, struct share *share, struct call *call)
{
        ++permits->n_held;
        if (!holding_is_held(&share->holding)) {
                holding_take(&share->holding, call, call->keeper);
                return;
        }
        ++share->holding.n;
        share->holding.fence = ++permits->object->store->last_fence;
        call->notes.fence = share->holding.fence;
}

int permits_take(struct permits *permits, struct call *call)
{
        struct share *share;
        int r;

        if (permits->n_free > permits->n_initial) {
                --permits->n_free; /* nobody's: there is no number by which he has it */
                return 0;
        }
        share = permits_find(permits, call->keeper);
        if (!share) {
                r = share_new(permits, call->keeper, &share);
                if (r < 0)
                        return r;
        }
        if (permits_inheritable(permits) > 0)
                permits_inherit(permits, call);
        else
                --permits->n_free;
        share_raise(permits, share, call);
        return 0;
}

uint64_t permits_fence(const struct permits *permits, const struct call *call)
{
        struct share *first = permits_find_process(permits, call->session->process->number);
        struct share *share = first;
        uint64_t fence = 0;

        if (!first)
                return 0;
        do {
                if (share->holding.fence > fence)
                        fence = share->holding.fence;
                share = next_of_process(share);
        } while (share != first);
        return fence;
}

/* --- releasing */

/* Moves at most `max` of what is left to `part`. */
static void move_some(uint64_t *n_left, uint64_t max, uint64_t *part)
{
        *part = *n_left < max ? *n_left : max;
        *n_left -= *part;
}

/* Of the caller's process, but not the caller's: how many, and whose where there is one. */
static struct share *permits_of_others(const struct permits *permits, const struct call *call,
                                       uint64_t *n)
{
        struct share *first = permits_find_process(permits, call->session->process->number);
        struct share *share = first, *other = NULL;
        size_t n_others = 0;

        *n = 0;
        if (!first)
                return NULL;
        do {
                if (share->holding.holder != call->keeper) {
                        *n += share->holding.n;
                        other = share;
                        ++n_others;
                }
                share = next_of_process(share);
        } while (share != first);
        return n_others == 1 ? other : NULL;
}

void permits_plan_release(const struct permits *permits, const struct call *call, uint64_t n,
                          struct release *release)
{
        const struct share *own = permits_find(permits, call->keeper), *other = NULL;
        uint64_t n_left = n, n_others = 0, n_more;

        move_some(&n_left, own ? own->holding.n : 0, &release->n_own);
        if (n_left > 0)
                other = permits_of_others(permits, call, &n_others);
        move_some(&n_left, n_others, &release->n_other);
        if (!other)
                release->n_other = 0;
        move_some(&n_left, permits_inheritable(permits), &release->n_abandoned);
        move_some(&n_left, permits->n_late, &release->n_late);
        release->n_added = n - release->n_late;
        /* what is released besides may be what somebody has left of whom it was said before */
        move_some(&n_left, permits->n_abandoned - release->n_abandoned, &n_more);
        release->n_abandoned += n_more;
}

void permits_release(struct permits *permits, const struct call *call,
                     const struct release *release)
{
        size_t budget = SIZE_MAX;
        uint64_t n_others;

        if (release->n_other > 0)
                share_lower(permits, permits_of_others(permits, call, &n_others), release->n_other);
        if (release->n_own > 0)
                share_lower(permits, permits_find(permits, call->keeper), release->n_own);
        permits_lower_abandoned(permits, release->n_abandoned);
        permits->n_late -= release->n_late;
        permits->n_free += release->n_added;
        if (permits->n_free >= permits->n_initial)
                permits_forget(permits, &budget);
}

/* --- dying */

void permits_abandon(struct permits *permits, struct holding *holding)
{
        struct share *share = container_of(holding, struct share, holding);

        share_leave(permits, share);
        list_append(&permits->abandoned, &share->in_permits);
        permits->n_held -= holding->n;
        permits->n_abandoned += holding->n;
        if (permits->n_abandoned > permits->n_initial)
                permits_lower_abandoned(permits, permits->n_abandoned - permits->n_initial);
}
