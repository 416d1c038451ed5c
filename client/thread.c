/*
 * thread - each thread's own connection
 */
#include "client/thread.h"

#include <sys/socket.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/owned.h"
#include "proto/clock.h"

/* Its address is the thread's name; a later thread may bear it again. */
static _Thread_local char thread_anchor;

/*
 * The one that was used last, without a look at any list. The serial is never that of another
 * manager.
 */
static _Thread_local struct {
        uint64_t serial;
        struct connection *connection;
} recent;

static pthread_key_t thread_key;

/* The thread ends: its sessions do. */
static void thread_end(void *anchor)
{
        image_check();
        registry_lock();
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                struct connection **at = &m->connections;

                while (*at) {
                        struct connection *connection = *at;

                        if (connection->thread != anchor) {
                                at = &connection->next;
                                continue;
                        }
                        *at = connection->next;
                        connection_free(connection);
                }
                pthread_mutex_lock(&m->lock);
                owned_forget_thread(m, anchor);
                pthread_mutex_unlock(&m->lock);
        }
        registry_unlock();
        recent.serial = 0;
}

int thread_init(void)
{
        return pthread_key_create(&thread_key, thread_end) == 0 ? 0 : -STATUS_SYSTEM;
}

/*
 * The oldest is the thread's own, which its locks belong to. Others are for calls that come in
 * between: *between says that this is one.
 */
static struct connection *thread_find_idle(mgr_manager *m, bool *between)
{
        struct connection *connection = m->connections;

        *between = false;
        while (connection && (connection->thread != &thread_anchor || connection->busy)) {
                if (connection->thread == &thread_anchor)
                        *between = true;
                connection = connection->next;
        }
        return connection;
}

static void link_last(struct connection *connection)
{
        struct connection **at = &connection->manager->connections;

        while (*at)
                at = &(*at)->next;
        *at = connection;
}

static void unlink_it(struct connection *connection)
{
        struct connection **at = &connection->manager->connections;

        while (*at != connection)
                at = &(*at)->next;
        *at = connection->next;
}

static int thread_link(struct connection *connection)
{
        if (pthread_setspecific(thread_key, &thread_anchor) != 0)
                return error_set_status(-STATUS_NOMEM);
        connection->thread = &thread_anchor;
        link_last(connection);
        return 0;
}

/* Nothing is locked while a connection is made, but for what the parent of a fork lent. */
static int connect_anew(mgr_manager *m, struct connection **out)
{
        uint64_t deadline = clock_after(m->connect_timeout);
        struct connection *connection;
        int r;

        r = connection_new(m, deadline, &connection);
        if (r < 0)
                return r;
        pthread_mutex_lock(&m->lock);
        r = fork_settle(connection, deadline);
        pthread_mutex_unlock(&m->lock);
        if (r < 0) {
                connection_free(connection);
                return r;
        }
        *out = connection;
        return 0;
}

static int thread_connect(mgr_manager *m, struct connection **out)
{
        int r = connect_anew(m, out);

        if (r < 0)
                return r;
        registry_lock();
        r = thread_link(*out);
        registry_unlock();
        if (r < 0)
                connection_free(*out);
        return r;
}

int thread_open_apart(mgr_manager *m, struct connection **out)
{
        int r;

        image_check();
        r = connect_anew(m, out);
        if (r < 0)
                return r;
        registry_lock();
        (*out)->apart = true;
        link_last(*out);
        if (atomic_load(&m->closed))
                shutdown((*out)->fd, SHUT_RDWR); /* whoever freed it has not seen this one */
        registry_unlock();
        return 0;
}

/* In a forked child it is on no list any more. */
void thread_close_apart(struct connection *connection)
{
        image_check();
        registry_lock();
        if (connection->fd >= 0)
                unlink_it(connection);
        registry_unlock();
        connection_free(connection);
}

/* A thread whose session is gone with locks that it held hears of it before anything else works. */
static int thread_tell_lost(mgr_manager *m)
{
        size_t n;

        pthread_mutex_lock(&m->lock);
        n = owned_take_lost(m, &thread_anchor);
        pthread_mutex_unlock(&m->lock);
        if (n == 0)
                return 0;
        return error_set(-STATUS_OWNER_LOST,
                         "%zu lock%s of this thread %s lost with its connection", n,
                         n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

int thread_check_out(mgr_manager *m, struct connection **out)
{
        struct connection *connection = recent.connection;
        bool between;
        int r;

        image_check();
        if (recent.serial == atomic_load_explicit(&m->serial, memory_order_relaxed) &&
            !connection->busy) {
                connection->busy = true;
                *out = connection;
                return 0;
        }
        r = thread_tell_lost(m);
        if (r < 0)
                return r;
        registry_lock();
        connection = thread_find_idle(m, &between);
        registry_unlock();
        if (!connection) {
                r = thread_connect(m, &connection);
                if (r < 0)
                        return r;
        }
        connection->busy = true;
        if (!between) {
                recent.serial = atomic_load_explicit(&m->serial, memory_order_relaxed);
                recent.connection = connection;
        }
        *out = connection;
        return 0;
}

int thread_check_out_locked(mgr_manager *m, uint64_t deadline, struct connection **out)
{
        bool between;
        struct connection *connection = thread_find_idle(m, &between);
        int r;

        if (!connection) {
                r = connection_new(m, deadline, &connection);
                if (r < 0)
                        return r;
                r = fork_settle(connection, deadline);
                if (r == 0)
                        r = thread_link(connection);
                if (r < 0) {
                        connection_free(connection);
                        return r;
                }
        }
        /* not remembered: the next call is to see first whether locks were lost */
        connection->busy = true;
        *out = connection;
        return 0;
}

void thread_check_in(struct connection *connection)
{
        connection_trim(connection);
        connection->busy = false;
}

void thread_discard_locked(struct connection *connection)
{
        unlink_it(connection);
        recent.serial = 0;
        owned_lose(connection->manager, connection);
        connection_free(connection);
}

void thread_discard(struct connection *connection)
{
        mgr_manager *m = connection->manager;

        registry_lock();
        pthread_mutex_lock(&m->lock);
        thread_discard_locked(connection);
        pthread_mutex_unlock(&m->lock);
        registry_unlock();
}
