/*
 * fork - what a parent leaves to its child
 */
#include "client/fork.h"

#include "client/error.h"
#include "client/fork_parts.h"
#include "client/owned.h"
#include "client/pipeline.h"
#include "client/private_fd.h"
#include "client/process/family.h"
#include "client/request.h"
#include "client/thread.h"
#include "proto/clock.h"
#include "proto/pack.h"
#include "proto/value.h"

/* A daemon that does not answer must not keep a process from forking. */
#define FORK_PATIENCE 2.0

/* --- in the parent */

static void pack_lend(struct buffer *out, const struct refs *refs)
{
        struct request_frame frame = { .head = { .method = SPAN_LITERAL("lend") } };
        size_t place = 0;
        uint64_t ident;

        request_open(out, &frame, 1);
        pack_array(out, refs->n);
        while ((ident = refs_next(refs, &place)))
                pack_uint(out, ident);
        request_close(out, &frame);
}

/* One call with its reply, of a kind that returns an integer or None. The lock is held. */
static int fork_call(struct connection *connection, uint64_t deadline, struct reply *reply)
{
        const struct expected plain = { .numbered = false };
        bool complete;
        int r;

        if (connection->out.failed)
                return error_set_status(connection->out.failed);
        connection->holds_lock = true;
        r = connection_send(connection, deadline, &complete);
        buffer_truncate(&connection->out, 0);
        if (r == 0)
                r = connection_receive_reply(connection, &plain, deadline, false, reply);
        connection->holds_lock = false;
        return r == -STATUS_GONE || r == -STATUS_TIMEOUT ? error_set_status(r) : r;
}

/* Fails in silence: the child then asks for what it needs by itself. */
static void fork_lend(mgr_manager *m)
{
        uint64_t deadline = clock_after(FORK_PATIENCE);
        struct connection *connection;
        struct reply reply;
        int r;

        if (m->refs.n == 0 || thread_check_out_locked(m, deadline, &connection) < 0) {
                m->has_ticket = false;
                return;
        }
        pack_lend(&connection->out, &m->refs);
        r = fork_call(connection, deadline, &reply);
        if (r < 0) {
                m->has_ticket = false;
                thread_discard_locked(connection);
                return;
        }
        m->has_ticket = reply.kind == REPLY_RETURN && value_get_uint64(reply.value, &m->ticket);
        thread_check_in(connection);
}

void fork_prepare(void)
{
        image_check();
        registry_lock();
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                pthread_mutex_lock(&m->lock);
                if (!atomic_load(&m->closed))
                        fork_lend(m);
        }
        family_prepare();
        private_fd_prepare();
}

void fork_parent(void)
{
        private_fd_parent();
        family_forked_parent();
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                m->has_ticket = false;
                pthread_mutex_unlock(&m->lock);
        }
        registry_unlock();
}

/* --- in the child */

/* Sessions are the parent's; so are references, but for what was lent. */
static void fork_renew(mgr_manager *m, bool has_ticket)
{
        while (m->connections) {
                struct connection *connection = m->connections;

                m->connections = connection->next;
                connection_abandon(connection);
        }
        atomic_store(&m->serial, registry_next_serial());
        m->adopted = false;
        m->has_ticket = has_ticket;
        m->started.owner = 0;
        refs_inherit(&m->refs, has_ticket);
        owned_forget_all(m);
}

void fork_child(void)
{
        private_fd_child();
        family_forked_child();
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                fork_renew(m, m->has_ticket);
                pthread_mutex_unlock(&m->lock);
        }
        image_renew_after_fork();
        registry_unlock();
}

/*
 * Whoever held a lock when the process was cloned is not here to give it back, and
 * may have been in the middle of what it guards.
 */
void fork_noticed(void)
{
        registry_free_lock();
        family_noticed();
        private_fd_noticed();
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                if (pthread_mutex_trylock(&m->lock) == 0) {
                        pthread_mutex_unlock(&m->lock);
                } else {
                        pthread_mutex_init(&m->lock, NULL);
                        m->refs = (struct refs){ 0 };
                        m->owned = NULL;
                }
                fork_renew(m, false);
        }
}

/* Asks for each reference by itself; what is gone is gone. */
static int fork_ask_again(struct connection *connection, uint64_t deadline)
{
        struct refs *refs = &connection->manager->refs;
        struct scanner *scanner = &connection->scanner;
        struct replies replies;
        struct reply reply;
        size_t place = 0, n_sent, i = 0;
        uint64_t ident;
        int r;

        while ((ident = refs_next(refs, &place)))
                request_pack_ident(&connection->out, SPAN_LITERAL("incref"), ident);
        if (connection->out.failed)
                return error_set_status(connection->out.failed);
        replies_init(&replies);
        connection->holds_lock = true;
        r = pipeline_run(connection, buffer_span(&connection->out), refs->n, deadline, &replies,
                         &n_sent);
        connection->holds_lock = false;
        buffer_truncate(&connection->out, 0);
        for (place = 0; r == 0 && (ident = refs_next(refs, &place)); ++i) {
                bool held = reply_decode(&reply, scanner, replies_at(&replies, i)) == 0 &&
                            reply.kind == REPLY_RETURN;

                refs_set_held(refs, ident, held);
        }
        replies_deinit(&replies);
        if (r == 0)
                refs_forget_lost(refs);
        return r == -STATUS_GONE || r == -STATUS_TIMEOUT ? error_set_status(r) : r;
}

static int fork_adopt(struct connection *connection, uint64_t deadline)
{
        mgr_manager *m = connection->manager;
        struct reply reply;
        int r;

        if (m->has_ticket) {
                request_pack_ident(&connection->out, SPAN_LITERAL("claim"), m->ticket);
                r = fork_call(connection, deadline, &reply);
                if (r < 0)
                        return r;
                m->has_ticket = false;
                if (reply.kind == REPLY_RETURN)
                        return 0;
                refs_inherit(&m->refs, false);
        }
        return m->refs.n ? fork_ask_again(connection, deadline) : 0;
}

int fork_settle(struct connection *connection, uint64_t deadline)
{
        mgr_manager *m = connection->manager;
        uint64_t epoch = atomic_load(&m->epoch);
        int r;

        if (epoch && epoch != connection->epoch) {
                /* another daemon, to which the old one's idents mean nothing */
                refs_inherit(&m->refs, false);
                refs_forget_lost(&m->refs);
                m->adopted = true;
        }
        atomic_store(&m->epoch, connection->epoch);
        atomic_store(&m->max_frame, connection->max_frame);
        if (m->adopted)
                return 0;
        r = fork_adopt(connection, deadline);
        if (r == 0)
                m->adopted = true;
        return r;
}
