/*
 * session - one connection
 */
#include "managerd/server/session.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "managerd/server/admission.h"
#include "managerd/server/intake.h"
#include "proto/message.h"
#include "proto/status.h"

/* Sent bytes are cut off a long queue only once that pays for moving the rest. */
#define SESSION_COMPACT_SIZE (256 << 10)

static bool session_is_unauthenticated(const struct session *session)
{
        return session->state == SESSION_AUTHENTICATING || session->state == SESSION_REFUSED;
}

/* --- what they hold */

/* Keeps the sums over all sessions, and over those of its process. */
static void session_account(struct session *session)
{
        size_t held = session->input.size + session->backlog.size + session->replies.size;

        session->sessions->figures->buffered_now += held - session->n_held;
        session->peer->n_held += held - session->n_held;
        session->n_held = held;
}

/* Of the process that holds most: spreading it over many connections gains nobody anything. */
static struct session *sessions_fullest(const struct sessions *sessions)
{
        struct session *fullest = NULL;

        list_for_each(node, &sessions->all) {
                struct session *session = container_of(node, struct session, in_sessions);
                size_t n_held = session->peer->n_held;

                if (!fullest || n_held > fullest->peer->n_held ||
                    (n_held == fullest->peer->n_held && session->n_held > fullest->n_held))
                        fullest = session;
        }
        return fullest;
}

/*
 * After its buffers may have grown, as the last that is done with it: where that
 * is too much for all, the fullest is closed, itself perhaps. Few hold nearly
 * everything then, or else the limits of each would have stopped them before.
 */
static void session_limit_held(struct session *session)
{
        struct sessions *sessions = session->sessions;

        if (session->state == SESSION_CLOSED)
                return;
        session_account(session);
        while (sessions->figures->buffered_now > sessions->limits->max_buffered) {
                struct session *fullest = sessions_fullest(sessions);

                assert(fullest && fullest->n_held > 0);
                ++sessions->figures->closed_fullest;
                log_warning("too much is buffered: process %d, with %zu bytes of it, is cut off",
                            (int)fullest->peer->pid, fullest->n_held);
                session_close(fullest);
        }
}

/* --- states */

static void session_count(struct session *session, bool was_unauthenticated)
{
        struct sessions *sessions = session->sessions;
        struct figures *figures = sessions->figures;

        if (was_unauthenticated && !session_is_unauthenticated(session)) {
                --figures->unauthenticated_now;
                --session->peer->n_unauthenticated;
                sessions->fewer(sessions->data);
        }
        if (session->state == SESSION_CLOSED) {
                --figures->connections_now;
                --figures->descriptors_now;
                sessions->fewer(sessions->data);
        }
}

void session_set_state(struct session *session, enum session_state state)
{
        bool was_unauthenticated = session_is_unauthenticated(session);

        deadline_stop(&session->reading);
        session->state = state;
        switch (state) {
        case SESSION_AUTHENTICATING:
                deadline_start(session->sessions->turn, &session->reading, TIMEOUT_AUTH);
                break;
        case SESSION_REFUSED:
                deadline_start(session->sessions->turn, &session->reading, TIMEOUT_REFUSAL);
                session->transport->type->want(session->transport, 0);
                break;
        case SESSION_READY:
        case SESSION_DRAINING:
                session_touch(session);
                break;
        case SESSION_CLOSED:
                deadline_stop(&session->writing);
                turn_job_drop(&session->work);
                turn_job_drop(&session->flush);
                list_unlink(&session->in_sessions);
                list_unlink(&session->in_peer);
                break;
        }
        session_count(session, was_unauthenticated);
}

void session_close(struct session *session)
{
        struct sessions *sessions = session->sessions;
        struct caller *caller = session->caller;

        if (session->state == SESSION_CLOSED)
                return;
        session->caller = NULL;
        session_set_state(session, SESSION_CLOSED);
        if (caller) {
                log_debug("session %llu of process %d ends",
                          (unsigned long long)caller_number(caller), (int)session->peer->pid);
                engine_end_session(sessions->engine, caller, turn_now(sessions->turn));
        }
        buffer_deinit(&session->input);
        buffer_deinit(&session->backlog);
        spare_return(&sessions->spare, &session->replies);
        session_account(session);
        free(session->auth);
        session->auth = NULL;
        peer_forget_unused(session->peer);
        session->transport->type->close(session->transport);
}

static void session_on_transport_closed(struct transport *transport)
{
        free(container_of(transport, struct session, socket.transport));
}

void session_drain(struct session *session)
{
        if (session_is_unauthenticated(session))
                session_close(session);
        else if (session->state == SESSION_READY)
                session_set_state(session, SESSION_DRAINING);
}

void session_end_with_process(struct session *session, bool at_once)
{
        session->ending |= at_once;
        if (!intake_read_last(session) || at_once)
                session_close(session);
}

/* --- replies */

static void session_all_written(struct session *session)
{
        spare_return(&session->sessions->spare, &session->replies);
        session->n_sent = 0;
        session->blocked = false;
        session->written_at = session->n_read;
        deadline_stop(&session->writing);
}

static void session_partly_written(struct session *session, bool progress)
{
        if (session->n_sent >= SESSION_COMPACT_SIZE &&
            session->n_sent >= session->replies.size / 2) {
                buffer_consume(&session->replies, session->n_sent);
                session->n_sent = 0;
        }
        session->blocked = true;
        if (progress || !deadline_runs(&session->writing))
                deadline_start(session->sessions->turn, &session->writing, TIMEOUT_STALL);
}

static void session_write(struct session *session)
{
        struct sessions *sessions = session->sessions;
        struct transport *transport = session->transport;
        ssize_t r;

        r = transport->type->write(transport, session->replies.data + session->n_sent,
                                   session_queued(session));
        if (r == -EPIPE || r == -ECONNRESET) {
                /* Nobody reads its replies any more. What it had sent is applied all the same. */
                session_all_written(session);
                return;
        }
        if (r == -EAGAIN)
                r = 0;
        if (r < 0) {
                session_close(session);
                return;
        }
        session->n_sent += (size_t)r;
        sessions->figures->bytes_out += (uint64_t)r;
        if (session->caller_figures)
                session->caller_figures->n_bytes_out += (uint64_t)r;
        if (session_queued(session))
                session_partly_written(session, r > 0);
        else
                session_all_written(session);
}

static void session_settle_reading(struct session *session, bool reads, bool resumes)
{
        struct sessions *sessions = session->sessions;
        struct figures *figures = sessions->figures;
        bool paused = !reads && !resumes;

        if (paused && !session->paused)
                ++*(session_queued(session) ? &figures->reading_paused_replies
                                            : &figures->reading_paused_backlog);
        session->paused = paused;
        /* The clock of a frame stands while we are the ones who do not read. */
        if (!reads || !session->input.size)
                deadline_stop(&session->reading);
        else if (!deadline_runs(&session->reading))
                deadline_start(sessions->turn, &session->reading, TIMEOUT_FRAME);
}

/* Everything that could be applied has been, and all replies are written that there will be. */
static bool session_is_over(const struct session *session)
{
        if (session_queued(session))
                return false;
        return session->state == SESSION_DRAINING ||
               (session->finished && !caller_waits(session->caller));
}

/* What the session waits for, now that this turn's work is done. */
static void session_settle(struct session *session)
{
        unsigned wants = intake_wants(session);
        bool resumes = intake_can_resume(session);

        if (resumes)
                turn_job_add(session->sessions->turn, &session->work, TURN_NEXT);
        else if (session_is_over(session)) {
                session_close(session);
                return;
        }

        if (session->state == SESSION_READY && !session->finished)
                session_settle_reading(session, wants & TRANSPORT_DATA, resumes);
        if (session->blocked)
                wants |= TRANSPORT_SPACE;
        session->transport->type->want(session->transport, wants);
}

static void session_on_flush(struct turn_job *job)
{
        struct session *session = container_of(job, struct session, flush);

        if (session->state == SESSION_REFUSED)
                return;
        if (session->replies.failed) {
                /* A reply is missing, so what follows would be taken for it. */
                ++session->sessions->figures->closed_out_of_memory;
                session_close(session);
                return;
        }
        if (session_queued(session) && !session->blocked)
                session_write(session);
        if (session->state != SESSION_CLOSED)
                session_settle(session);
        session_limit_held(session);
}

void session_on_replies(struct session *session)
{
        if (session->state != SESSION_CLOSED)
                session_touch(session);
}

/* --- events */

static void session_on_work(struct turn_job *job)
{
        struct session *session = container_of(job, struct session, work);

        intake_resume(session);
        session_limit_held(session);
}

static void session_on_event(struct transport *transport, unsigned events)
{
        struct session *session = container_of(transport, struct session, socket.transport);

        if (events & TRANSPORT_SPACE) {
                session->blocked = false;
                session_touch(session);
        }
        if (events & TRANSPORT_DATA)
                intake_read(session);
        else if (events & TRANSPORT_END)
                session_drain(session);

        /*
         * Its own replies leave at once, all that it asked for with one write: while the
         * others are read the client goes on, on another processor. Measured with 16
         * clients on two processors that is an eighth more than waiting for the end.
         */
        if (list_is_linked(&session->flush.in_turn)) {
                turn_job_drop(&session->flush);
                session_on_flush(&session->flush);
        }
}

static void session_frame_timed_out(struct session *session)
{
        ++session->sessions->figures->closed_frame_timed_out;
        engine_refuse(session->caller, NULL, -STATUS_BAD_REQUEST,
                      "the frame did not arrive in time");
        session_set_state(session, SESSION_DRAINING);
}

static void session_on_reading_expired(struct deadline *deadline)
{
        struct session *session = container_of(deadline, struct session, reading);

        switch (session->state) {
        case SESSION_AUTHENTICATING:
                ++session->sessions->figures->authentication_timed_out;
                session_close(session);
                break;
        case SESSION_REFUSED:
                session_set_state(session, SESSION_DRAINING);
                break;
        case SESSION_READY:
                session_frame_timed_out(session);
                break;
        case SESSION_DRAINING:
        case SESSION_CLOSED:
                break;
        }
}

static void session_on_writing_expired(struct deadline *deadline)
{
        struct session *session = container_of(deadline, struct session, writing);

        ++session->sessions->figures->closed_stalled;
        log_info("process %d reads no replies: connection closed", (int)session->peer->pid);
        session_close(session);
}

/* --- birth */

static void session_link(struct session *session, struct sessions *sessions, struct peer *peer)
{
        session->sessions = sessions;
        session->peer = peer;
        list_append(&sessions->all, &session->in_sessions);
        list_append(&peer->sessions, &session->in_peer);
        ++sessions->figures->connections_now;
        ++sessions->figures->descriptors_now;
        ++sessions->figures->unauthenticated_now;
        ++peer->n_unauthenticated;
}

int session_new(struct sessions *sessions, struct peer *peer, uid_t uid, int fd)
{
        struct session *session = calloc(1, sizeof(*session));
        int r;

        if (!session) {
                close(fd);
                return -STATUS_NOMEM;
        }
        r = socket_init(&session->socket, sessions->turn->loop, fd);
        if (r < 0) {
                free(session);
                return -STATUS_SYSTEM;
        }
        session->transport = &session->socket.transport;
        session->transport->event = session_on_event;
        session->transport->closed = session_on_transport_closed;
        buffer_init(&session->input, SIZE_MAX);
        buffer_init(&session->backlog, SIZE_MAX);
        buffer_init(&session->replies, SIZE_MAX);
        session->written_at = UINT64_MAX;
        turn_job_init(&session->work, session_on_work);
        turn_job_init(&session->flush, session_on_flush);
        deadline_init(&session->reading, session_on_reading_expired);
        deadline_init(&session->writing, session_on_writing_expired);
        session_link(session, sessions, peer);
        session_set_state(session, SESSION_AUTHENTICATING);

        r = admission_begin(session, uid);
        if (r < 0)
                session_close(session);
        return r;
}

int sessions_init(struct sessions *sessions, uint64_t max_depth)
{
        list_init(&sessions->all);
        scanner_init(&sessions->scanner, (unsigned)max_depth + MESSAGE_DEPTH);
        buffer_init(&sessions->answer, SIZE_MAX);
        sessions->area = malloc(INTAKE_AREA_SIZE);
        return sessions->area ? 0 : -STATUS_NOMEM;
}

void sessions_deinit(struct sessions *sessions)
{
        scanner_deinit(&sessions->scanner);
        buffer_deinit(&sessions->answer);
        spare_deinit(&sessions->spare);
        free(sessions->area);
}
