/*
 * polls - queues that are asked whether there is something to get, all at once
 */
#include "client/pipe/polls.h"

#include <poll.h>
#include <stdlib.h>

#include "client/error.h"
#include "client/pipe/wait.h"
#include "client/thread.h"
#include "proto/clock.h"
#include "proto/value.h"

static const struct method poll_method = METHOD_READ("poll");

/* --- which queues, and whose */

static struct polls_session *polls_session(struct polls *polls, mgr_manager *m)
{
        struct polls_session *session = polls->sessions;

        for (size_t i = 0; i < polls->n_sessions; ++i, ++session)
                if (session->manager == m)
                        return session;
        ++polls->n_sessions;
        session->manager = m;
        return session;
}

int polls_init(struct polls *polls, mgr_waitable *what, size_t n)
{
        size_t n_queues = 0;

        *polls = (struct polls){ .n = 0 };
        for (size_t i = 0; i < n; ++i)
                n_queues += what[i].kind == WAIT_QUEUE;
        if (!n_queues)
                return 0;
        polls->sessions = calloc(n_queues, sizeof(*polls->sessions));
        polls->polls = calloc(n_queues, sizeof(*polls->polls));
        if (!polls->sessions || !polls->polls) {
                polls_deinit(polls);
                return error_set_status(-STATUS_NOMEM);
        }
        for (size_t i = 0; i < n; ++i)
                if (what[i].kind == WAIT_QUEUE)
                        polls->polls[polls->n++] = (struct poll){
                                .polls = polls,
                                .session = polls_session(polls,
                                                         mgr_queue_proxy(what[i].object)->manager),
                                .thing = &what[i],
                        };
        return 0;
}

/* --- answers */

static void poll_fail(struct poll *poll, int status)
{
        if (!poll->session->status)
                poll->session->status = status;
}

static void poll_landed(struct flown *flown, const struct reply *reply)
{
        struct poll *poll = (struct poll *)flown; /* its first member */
        bool ready;

        if (!reply)
                return; /* lost with the connection, which tells so */
        if (poll->session->withdrawn && call_was_cancelled(reply))
                return; /* else it is the daemon's end */
        if (reply->kind != REPLY_RETURN) {
                poll_fail(poll, call_read_reply(poll->session->manager, reply, NULL));
        } else if (!value_get_bool(reply->value, &ready)) {
                poll_fail(poll, error_set(-STATUS_PROTOCOL, "the manager answers with something "
                                                            "that is no bool"));
        } else if (ready && !poll->thing->ready) {
                poll->thing->ready = true;
                ++poll->polls->n_ready;
        }
}

/* The connection is of no use any more. */
static void session_lose(struct polls_session *session)
{
        flight_lose(&session->flight);
        flight_deinit(&session->flight);
        thread_discard(session->connection);
        session->connection = NULL;
}

/* These two have no message yet, as long as it may be tried once more. */
static int set_lost(int r)
{
        return r == -STATUS_GONE || r == -STATUS_TIMEOUT ? error_set_status(r) : r;
}

/* Until something arrives, or more can be sent. */
static int session_await(struct polls_session *session, uint64_t deadline)
{
        struct connection *connection = session->connection;

        if (flight_wants_out(&session->flight))
                return connection_wait(connection, POLLIN | POLLOUT, deadline, false);
        return connection_await(connection, &connection->in, 0, deadline, false);
}

/*
 * Until all is sent, plain requests have been answered and, with `all`, the polls, too. Loses the
 * connection on failure; that is set, but for -STATUS_GONE and -STATUS_TIMEOUT. A poll that was
 * answered with an error is no failure of the connection.
 */
static int session_collect(struct polls_session *session, bool all)
{
        uint64_t deadline = clock_after(session->manager->call_timeout);
        struct connection *connection = session->connection;
        struct flight *flight = &session->flight;
        int r = 0;

        for (;;) {
                flight_push(flight);
                if (!flight_wants_out(flight) && !connection->n_skip && !(all && flight->n))
                        return 0;
                r = session_await(session, deadline);
                if (r == 0)
                        r = flight_pull(flight);
                if (r < 0)
                        break;
        }
        session_lose(session);
        return r;
}

/* --- asking */

/* Behind the polls: when this plain request is answered, all that need not wait have been. */
static int pack_barrier(struct connection *connection)
{
        struct request_frame frame = { .head = { .method = SPAN_LITERAL("dummy") } };
        size_t begin = connection->out.size;

        request_open(&connection->out, &frame, 0);
        request_close(&connection->out, &frame);
        return connection_skip_next(connection, begin);
}

/* What was packed when this fails goes out in the end, with what withdraws it. */
static int session_pack(struct polls *polls, struct polls_session *session, bool at_once)
{
        const mgr_value timeout = at_once ? mgr_int(0) : mgr_none();
        struct call call = {
                .manager = session->manager,
                .method = &poll_method,
                .row = &timeout,
                .n_row = 1,
                .in_flight = true,
        };
        int r = 0;

        for (size_t i = 0; i < polls->n && r == 0; ++i) {
                struct poll *poll = &polls->polls[i];

                if (poll->session != session)
                        continue;
                call.ident = mgr_queue_proxy(poll->thing->object)->ident;
                poll->flown.landed = poll_landed;
                r = flight_start(&session->flight, &poll->flown, &call);
        }
        return r == 0 && !at_once ? pack_barrier(session->connection) : r;
}

/* A poll changes nothing: where the connection was lost it is made once more. */
static int session_ask(struct polls *polls, struct polls_session *session, bool at_once)
{
        for (bool again = true;; again = false) {
                int r = manager_check(session->manager);

                if (r == 0)
                        r = thread_check_out(session->manager, &session->connection);
                if (r < 0)
                        return r;
                flight_init(&session->flight, session->connection);
                r = session_pack(polls, session, at_once);
                if (r < 0)
                        return r;
                r = session_collect(session, at_once);
                if (r != -STATUS_GONE || !again)
                        return r < 0 ? set_lost(r) : session->status;
        }
}

int polls_begin(struct polls *polls, bool at_once)
{
        int r = 0;

        for (size_t i = 0; i < polls->n_sessions && r == 0; ++i)
                r = session_ask(polls, &polls->sessions[i], at_once);
        return r;
}

int polls_receive(struct polls_session *session)
{
        int r = flight_pull(&session->flight);

        if (r >= 0)
                return session->status;
        session_lose(session);
        return set_lost(r);
}

/* --- the end */

/* Each call gets one reply: what it was asked for, or that it was cancelled. */
static void session_withdraw(struct polls_session *session)
{
        int r = 0;

        session->withdrawn = true;
        for (const struct flown *flown = session->flight.first; flown && r == 0;
             flown = flown->next)
                r = flight_cancel(&session->flight, flown);
        if (r < 0)
                session_lose(session);
        else
                session_collect(session, true);
}

void polls_deinit(struct polls *polls)
{
        for (size_t i = 0; i < polls->n_sessions; ++i) {
                struct polls_session *session = &polls->sessions[i];

                if (session->connection)
                        session_withdraw(session);
                if (!session->connection)
                        continue;
                flight_deinit(&session->flight);
                thread_check_in(session->connection);
        }
        free(polls->sessions);
        free(polls->polls);
        *polls = (struct polls){ .n = 0 };
}
