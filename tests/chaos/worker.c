/*
 * worker - one process of the chaos test, that may be killed at any moment
 */
#include "tests/chaos/worker.h"

#include <stdio.h>
#include <stdlib.h>

/* Seconds. Nobody ever waits so long, as long as nothing is stranded. */
#define PATIENCE 20.0

struct worker {
        const struct shared *shared;
        struct ledger *ledger;
        struct slot *self;
        unsigned number;
        unsigned short seed[3];
};

static unsigned choose(struct worker *w, unsigned n)
{
        return (unsigned)(nrand48(w->seed) % n);
}

/* True where the call did what it had to. */
static bool expect(struct worker *w, bool condition, const char *what, int r)
{
        if (!condition)
                ledger_fail(w->ledger, "%s: %d (%s)", what, r, mgr_errmsg());
        return condition;
}

/* What is done under a lock: a read and a write, that nobody may come between. */
static void raise_version(struct worker *w, enum place place)
{
        static const char *const keys[] = { "lock", "rlock", "condition" };
        atomic_uchar *marks;
        long long version;
        int r;

        r = mgr_dict_get(w->shared->counters, keys[place], &version);
        if (!expect(w, r == 0 && version >= 0 && version + 1 < MAX_VERSIONS, "get", r))
                return;
        marks = &w->ledger->versions[place][version + 1];
        atomic_fetch_or(marks, MARK_BEGUN);
        r = mgr_dict_set(w->shared->counters, keys[place], version + 1);
        if (!expect(w, r == 0, "set", r))
                return;
        if (atomic_fetch_or(marks, MARK_ACKNOWLEDGED) & MARK_ACKNOWLEDGED)
                ledger_fail(w->ledger, "%s: version %lld was written twice", keys[place],
                            version + 1);
}

/* Long enough to be killed meanwhile. */
static void take_a_while(struct worker *w)
{
        size_t n;
        int r = mgr_dict_len(w->shared->counters, &n);

        expect(w, r == 0, "len", r);
}

/* Between acquire and release: nobody else may be here, or not more than there are permits. */
static void be_inside(struct worker *w, enum place place, unsigned n_max)
{
        unsigned n;

        atomic_store(&w->self->inside[place], true);
        n = ledger_count_inside(w->ledger, place);
        if (n > n_max)
                ledger_fail(w->ledger, "%u workers are inside of place %d", n, place);
        if (place == IN_SEMAPHORE)
                take_a_while(w);
        else
                raise_version(w, place);
        atomic_store(&w->self->inside[place], false);
}

static bool acquired(struct worker *w, int r, const mgr_grant *grant, uint64_t since,
                     const char *what)
{
        if (!expect(w, r == 0 || r == MGR_OWNER_DIED, what, r))
                return false;
        if (r == MGR_OWNER_DIED)
                ledger_note_takeover(w->ledger, (pid_t)grant->dead_pid, since);
        return true;
}

static void use_lock(struct worker *w)
{
        uint64_t since = ledger_now();
        mgr_grant grant;
        int r;

        r = mgr_lock_acquire(w->shared->lock, PATIENCE, &grant);
        if (!acquired(w, r, &grant, since, "lock acquire"))
                return;
        be_inside(w, IN_LOCK, 1);
        r = mgr_lock_release(w->shared->lock);
        expect(w, r == 0, "lock release", r);
}

static void use_rlock(struct worker *w)
{
        uint64_t since = ledger_now();
        mgr_grant grant;
        int r;

        r = mgr_rlock_acquire(w->shared->rlock, PATIENCE, &grant);
        if (!acquired(w, r, &grant, since, "rlock acquire"))
                return;
        r = mgr_rlock_acquire(w->shared->rlock, 0, NULL);
        expect(w, r == 0, "rlock acquire again", r);
        be_inside(w, IN_RLOCK, 1);
        for (int i = 0; i < 2; ++i) {
                r = mgr_rlock_release(w->shared->rlock);
                expect(w, r == 0, "rlock release", r);
        }
}

static void use_semaphore(struct worker *w)
{
        uint64_t since = ledger_now();
        mgr_grant grant;
        int r;

        r = mgr_semaphore_acquire(w->shared->semaphore, PATIENCE, &grant);
        if (!acquired(w, r, &grant, since, "semaphore acquire"))
                return;
        be_inside(w, IN_SEMAPHORE, N_PERMITS);
        r = mgr_semaphore_release(w->shared->semaphore, 1);
        expect(w, r == 0, "semaphore release", r);
}

static void use_condition(struct worker *w)
{
        mgr_condition *condition = w->shared->condition;
        uint64_t since = ledger_now();
        mgr_grant grant;
        int r;

        r = mgr_condition_acquire(condition, PATIENCE, &grant);
        if (!acquired(w, r, &grant, since, "condition acquire"))
                return;
        be_inside(w, IN_CONDITION, 1);
        if (choose(w, 2)) {
                r = mgr_condition_wait(condition, choose(w, 20) * 1e-3, NULL);
                expect(w, r == 0 || r == MGR_OWNER_DIED || r == MGR_ETIMEOUT, "condition wait", r);
                if (r >= 0)
                        atomic_fetch_add(&w->ledger->n_notified, 1);
        } else {
                r = mgr_condition_notify(condition, 1 + choose(w, 3));
                expect(w, r == 0, "notify", r);
        }
        be_inside(w, IN_CONDITION, 1);
        r = mgr_condition_release(condition);
        expect(w, r == 0, "condition release", r);
}

static void put_item(struct worker *w)
{
        unsigned item = atomic_fetch_add(&w->ledger->n_items, 1);
        int r;

        if (item >= MAX_ITEMS)
                return;
        atomic_fetch_or(&w->ledger->items[item], MARK_BEGUN);
        r = mgr_queue_put(w->shared->queue, item, PATIENCE);
        if (expect(w, r == 0, "put", r))
                atomic_fetch_or(&w->ledger->items[item], MARK_ACKNOWLEDGED);
}

static void take_item(struct worker *w)
{
        unsigned before;
        long long item;
        int r;

        r = mgr_queue_get(w->shared->queue, 0.01, &item);
        if (r == MGR_EEMPTY || !expect(w, r == 0, "get", r))
                return;
        before = atomic_exchange(&w->ledger->takers[item], w->number);
        if (before && (before == w->number || ledger_lives(w->ledger, before)))
                ledger_fail(w->ledger, "item %lld was delivered twice", item);
        if (atomic_fetch_or(&w->ledger->items[item], MARK_TAKEN) & MARK_FINISHED)
                ledger_fail(w->ledger, "item %lld came back after it was finished", item);
        atomic_store(&w->self->inside[IN_ITEM], true);
        take_a_while(w);
        atomic_store(&w->self->inside[IN_ITEM], false);
        r = mgr_queue_task_done(w->shared->queue);
        if (expect(w, r == 0, "task_done", r) &&
            atomic_fetch_or(&w->ledger->items[item], MARK_FINISHED) & MARK_FINISHED)
                ledger_fail(w->ledger, "item %lld was finished twice", item);
}

static void use_barrier(struct worker *w)
{
        size_t index;
        int r;

        r = mgr_barrier_wait(w->shared->barrier, 0.02, &index);
        if (r == 0) {
                atomic_fetch_add(&w->ledger->n_barriers, 1);
        } else if (expect(w, r == MGR_EBROKEN_BARRIER, "barrier", r)) {
                r = mgr_barrier_reset(w->shared->barrier);
                expect(w, r == 0, "reset", r);
        }
}

static void use_event(struct worker *w)
{
        int r;

        switch (choose(w, 3)) {
        case 0:
                r = mgr_event_set(w->shared->event);
                break;
        case 1:
                r = mgr_event_clear(w->shared->event);
                break;
        default:
                r = mgr_event_wait(w->shared->event, 0.005);
                if (r == MGR_ETIMEOUT)
                        r = 0;
        }
        expect(w, r >= 0, "event", r);
}

/* A number of its own in the dict, that must be what was acknowledged last, or one more. */
static void count(struct worker *w, char *key, long long *n)
{
        long long sum;
        int r;

        r = mgr_dict_incr(w->shared->counters, key, 1, &sum);
        if (expect(w, r == 0, "incr", r) && sum != ++*n)
                ledger_fail(w->ledger, "%s is %lld, and was raised %lld times", key, sum, *n);
}

int worker_run(const struct shared *shared, unsigned slot, unsigned number)
{
        static void (*const uses[])(struct worker *) = {
                use_lock, use_rlock, use_semaphore, use_condition, use_condition,
                put_item, take_item, take_item,     use_barrier,   use_event,
        };
        struct worker w = {
                .shared = shared,
                .ledger = shared->ledger,
                .self = &shared->ledger->slots[slot],
                .number = number,
                .seed = { (unsigned short)number, (unsigned short)(number >> 16), 7 },
        };
        long long n = 0;
        char key[32];

        snprintf(key, sizeof(key), "worker %u", number);
        while (!atomic_load(&w.ledger->stop)) {
                uses[choose(&w, sizeof(uses) / sizeof(uses[0]))](&w);
                count(&w, key, &n);
                atomic_fetch_add(&w.self->n_rounds, 1);
        }
        return ledger_has_failed(w.ledger);
}
