/*
 * owned - the locks that this process's threads hold
 */
#include "client/owned.h"

#include <stdlib.h>

#include "client/connection.h"
#include "client/error.h"

struct owned {
        struct owned *next; /* in manager->owned, the latest first */
        uint64_t lock;
        uint64_t fence;                      /* of the grant */
        uint64_t n;                          /* levels of an RLock, permits of a semaphore */
        const struct connection *connection; /* NULL: it was lost */
        const void *thread;                  /* whose that is */
        bool waits;                          /* given up for a while, to be had again */
        bool shared;                         /* permits */
};

/* --- one lock */

static void owned_remove(struct owned **at)
{
        struct owned *owned = *at;

        *at = owned->next;
        free(owned);
}

static struct owned *owned_find(const mgr_manager *m, uint64_t lock,
                                const struct connection *connection)
{
        struct owned *owned = m->owned;

        while (owned && (owned->lock != lock || owned->connection != connection))
                owned = owned->next;
        return owned;
}

/* It has one holder at most: what others are said to hold, they have not any more. */
static void owned_forget_others(mgr_manager *m, const struct owned *current)
{
        struct owned **at = &m->owned;

        while (*at) {
                const struct owned *owned = *at;

                if (owned != current && owned->lock == current->lock && owned->connection &&
                    !owned->waits)
                        owned_remove(at);
                else
                        at = &(*at)->next;
        }
}

static void owned_take(struct ownership *ownership, struct connection *connection, uint64_t fence)
{
        mgr_manager *m = connection->manager;
        struct owned *owned = owned_find(m, ownership->lock, connection);

        if (!owned) {
                owned = ownership->spare;
                ownership->spare = NULL;
                owned->lock = ownership->lock;
                owned->connection = connection;
                owned->thread = connection->thread;
                owned->next = m->owned;
                m->owned = owned;
        }
        if (ownership->kind == OWNERSHIP_SHARES)
                ++owned->n;
        else if (ownership->kind == OWNERSHIP_TAKES)
                owned->n = owned->fence == fence ? owned->n + 1 : 1;
        else if (owned->n == 0)
                owned->n = 1;
        owned->fence = fence;
        owned->waits = false;
        owned->shared = ownership->kind == OWNERSHIP_SHARES;
        if (ownership->kind != OWNERSHIP_SHARES)
                owned_forget_others(m, owned);
}

/* Its own, if the connection has one; else another thread's, who does not wait. */
static const struct owned *owned_find_given(const mgr_manager *m, uint64_t lock,
                                            const struct connection *connection)
{
        const struct owned *owned, *found = NULL;

        for (owned = m->owned; owned; owned = owned->next) {
                if (owned->lock != lock || !owned->connection)
                        continue;
                if (owned->connection == connection)
                        return owned;
                if (!owned->waits)
                        found = owned;
        }
        return found;
}

/*
 * What the giver had before the call. Meanwhile somebody may have got it whose reply was seen
 * first: a lock that the giver has not any more is not taken from him. Of permits
 * there are enough for the rest of them to be another thread's.
 */
static void owned_give(mgr_manager *m, const struct ownership *ownership)
{
        struct owned **at = &m->owned;
        uint64_t left = ownership->n;

        for (int others = 0; others < 2; ++others, at = &m->owned) {
                while (*at && left) {
                        struct owned *owned = *at;
                        bool given =
                                owned->lock == ownership->lock && owned->connection &&
                                (others ? owned->shared : owned->connection == ownership->giver);
                        uint64_t n = !given ? 0 : left < owned->n ? left : owned->n;

                        left -= n;
                        owned->n -= n;
                        if (owned->n == 0)
                                owned_remove(at);
                        else
                                at = &owned->next;
                }
        }
}

/* --- one call */

int ownership_init(struct ownership *ownership, enum ownership_kind kind, uint64_t lock)
{
        *ownership = (struct ownership){ .kind = kind, .lock = lock };
        ownership->spare = calloc(1, sizeof(*ownership->spare));
        return ownership->spare ? 0 : error_set_status(-STATUS_NOMEM);
}

void ownership_init_giving(struct ownership *ownership, uint64_t lock, uint64_t n)
{
        *ownership = (struct ownership){ .kind = OWNERSHIP_GIVES, .lock = lock, .n = n };
}

void ownership_deinit(struct ownership *ownership)
{
        free(ownership->spare);
}

void ownership_begin(struct ownership *ownership, struct connection *connection)
{
        mgr_manager *m = connection->manager;
        const struct owned *given;
        struct owned *owned;

        pthread_mutex_lock(&m->lock);
        if (ownership->kind == OWNERSHIP_WAITS) {
                owned = owned_find(m, ownership->lock, connection);
                if (owned)
                        owned->waits = true;
        } else if (ownership->kind == OWNERSHIP_GIVES) {
                given = owned_find_given(m, ownership->lock, connection);
                ownership->giver = given ? given->connection : NULL;
        }
        pthread_mutex_unlock(&m->lock);
}

void ownership_end(struct ownership *ownership, struct connection *connection, bool done,
                   uint64_t fence)
{
        mgr_manager *m = connection->manager;
        struct owned *owned;

        pthread_mutex_lock(&m->lock);
        if (ownership->kind == OWNERSHIP_GIVES) {
                if (done)
                        owned_give(m, ownership);
        } else if (fence) {
                owned_take(ownership, connection, fence);
        } else if (ownership->kind == OWNERSHIP_WAITS) {
                owned = owned_find(m, ownership->lock, connection);
                if (owned)
                        owned->waits = false; /* it was refused */
        }
        pthread_mutex_unlock(&m->lock);
}

/* --- a manager's */

void owned_lose(mgr_manager *m, const struct connection *connection)
{
        for (struct owned *owned = m->owned; owned; owned = owned->next)
                if (owned->connection == connection)
                        owned->connection = NULL;
}

size_t owned_take_lost(mgr_manager *m, const void *thread)
{
        struct owned **at = &m->owned;
        size_t n = 0;

        while (*at) {
                if ((*at)->connection || (*at)->thread != thread) {
                        at = &(*at)->next;
                        continue;
                }
                owned_remove(at);
                ++n;
        }
        return n;
}

void owned_forget_thread(mgr_manager *m, const void *thread)
{
        struct owned **at = &m->owned;

        while (*at)
                if ((*at)->thread == thread)
                        owned_remove(at);
                else
                        at = &(*at)->next;
}

void owned_forget_all(mgr_manager *m)
{
        while (m->owned)
                owned_remove(&m->owned);
}
