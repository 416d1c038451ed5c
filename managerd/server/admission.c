/*
 * admission - the handshake of a session
 *
 * A failed one is answered late and without a reason, so that a key cannot be
 * guessed quickly; the log has the reason.
 */
#include "managerd/server/admission.h"

#include <stdlib.h>

#include "proto/frame.h"
#include "proto/status.h"

static const struct span admission_failure = SPAN_LITERAL("#FAILURE#");

int admission_begin(struct session *session, uid_t uid)
{
        struct sessions *sessions = session->sessions;
        struct auth_identity identity = sessions->self;

        session->auth = malloc(sizeof(*session->auth));
        if (!session->auth)
                return -STATUS_NOMEM;
        identity.pid = session->peer->pid;
        identity.uid = uid;
        auth_init(session->auth, AUTH_SERVER, sessions->key, &identity);
        if (auth_start(session->auth, &sessions->answer) != AUTH_CONTINUE)
                return -STATUS_AUTHENTICATION;
        frame_append(&session->replies, buffer_span(&sessions->answer));
        session_touch(session);
        return session->replies.failed;
}

static void admission_log(struct session *session, const char *why)
{
        struct sessions *sessions = session->sessions;
        uint64_t n;

        ++sessions->figures->authentication_failed;
        if (!log_limiter_pass(&sessions->log_failures, turn_now(sessions->turn), &n))
                return;
        log_warning("process %d (user %u) failed to authenticate: %s", (int)session->peer->pid,
                    (unsigned)session->auth->identity.uid, why);
        if (n)
                log_warning("(and %llu others before)", (unsigned long long)n);
}

static void admission_welcome(struct session *session)
{
        struct sessions *sessions = session->sessions;
        struct peer *peer = session->peer;
        struct process_info process = {
                .number = peer->number,
                .pid = peer->pid,
                .uid = session->auth->identity.uid,
        };
        int r;

        free(session->auth);
        session->auth = NULL;
        r = engine_begin_session(sessions->engine, &process, &session->replies, session,
                                 &session->caller);
        if (r < 0) {
                log_warning("process %d: no session for it: %s", (int)peer->pid, status_text(r));
                session_set_state(session, SESSION_DRAINING);
                return;
        }
        peer->known = true;
        session->caller_figures = caller_figures(session->caller);
        session->caller_figures->transport = session->transport->type->name;
        ++sessions->figures->authenticated;
        session_set_state(session, SESSION_READY);
        log_debug("session %llu of process %d begins",
                  (unsigned long long)caller_number(session->caller), (int)peer->pid);
}

void admission_feed(struct session *session, struct span payload)
{
        struct buffer *answer = &session->sessions->answer;
        enum auth_result result = auth_feed(session->auth, payload, answer);

        if (answer->size)
                frame_append(&session->replies, buffer_span(answer));
        session_touch(session);
        if (result == AUTH_DONE) {
                admission_welcome(session);
        } else if (result == AUTH_FAILED) {
                admission_log(session, session->auth->why);
                session_set_state(session, SESSION_REFUSED);
        }
}

void admission_refuse(struct session *session, const char *why)
{
        admission_log(session, why);
        frame_append(&session->replies, admission_failure);
        session_set_state(session, SESSION_REFUSED);
}
