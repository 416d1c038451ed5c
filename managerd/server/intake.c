/*
 * intake - what a session takes in
 *
 * Applying never closes the session: the bytes being worked on may be its own.
 * Where it has to end it is made to drain, and ends when the turn does.
 */
#include "managerd/server/intake.h"

#include <errno.h>

#include "managerd/server/admission.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/status.h"

/* The scratch memory of one monstrous request is not kept for ever. */
#define INTAKE_MAX_SCRATCH (1 << 20)

/* Bytes. More than any socket holds; a child with the same descriptor may send for ever. */
#define INTAKE_MAX_LAST (32 * INTAKE_READ_SIZE)

#define INTAKE_LAST_TRIES 8

/* So long a turn goes on; a session gets that many requests in it even so. */
#define INTAKE_TURN  (LIMITS_SECOND / 1000)
#define INTAKE_SHARE 16

/* Whether there is room for one more request and its reply. */
static bool intake_is_open(const struct session *session)
{
        return session_queued(session) < session->sessions->limits->max_queued &&
               session->n_backlog < INTAKE_MAX_BACKLOG &&
               session->backlog.size - session->backlog_at < INTAKE_MAX_BACKLOG_SIZE;
}

static bool intake_can_dispatch(const struct session *session)
{
        return session->n_backlog && !caller_is_parked(session->caller) &&
               session_queued(session) < session->sessions->limits->max_queued;
}

bool intake_can_resume(const struct session *session)
{
        return session->caller &&
               (intake_can_dispatch(session) || (session->leftover && intake_is_open(session)));
}

unsigned intake_wants(const struct session *session)
{
        if (session->state == SESSION_AUTHENTICATING)
                return TRANSPORT_DATA;
        if (session->state != SESSION_READY)
                return 0;
        if (!session->finished && !session->leftover && intake_is_open(session))
                return TRANSPORT_DATA;
        /* Behind a parked call neither reading nor writing would tell that the client has gone. */
        return caller_waits(session->caller) && !session_queued(session) ? TRANSPORT_END : 0;
}

/* What has been kept is still applied, then it ends. */
static void intake_give_up(struct session *session)
{
        ++session->sessions->figures->closed_out_of_memory;
        log_warning("process %d: out of memory, connection closed", (int)session->peer->pid);
        session->leftover = false;
        session_set_state(session, SESSION_DRAINING);
}

static void intake_refuse_frame(struct session *session, int status)
{
        ++session->sessions->figures->closed_frame_too_large;
        if (session->state == SESSION_AUTHENTICATING) {
                admission_refuse(session, "a frame too large for a handshake");
                return;
        }
        engine_refuse(session->caller, NULL, status,
                      status == -STATUS_TOO_LARGE ? "the frame is larger than the limit"
                                                  : "the length of the frame is negative");
        session_set_state(session, SESSION_DRAINING);
}

/* --- requests */

static void intake_keep_for_later(struct session *session, struct span frame)
{
        buffer_append_span(&session->backlog, frame);
        if (session->backlog.failed)
                intake_give_up(session);
        else
                ++session->n_backlog;
}

/*
 * Replies that had all been written before this request was read may be
 * forgotten: whoever sent it knows them. A request that began to arrive before
 * that, or that has unwritten replies in front of it, proves nothing.
 */
static void intake_acknowledge(struct session *session, size_t n_unapplied)
{
        if (session->n_read - n_unapplied < session->written_at || session->replies.size)
                return;
        session->written_at = UINT64_MAX;
        caller_replies_written(session->caller);
}

static void intake_apply(struct session *session, struct span frame, struct span payload,
                         bool from_backlog)
{
        struct sessions *sessions = session->sessions;
        struct scanner *scanner = &sessions->scanner;
        struct request request;
        int r = request_decode(&request, scanner, payload);

        if (!request.numbered && !from_backlog &&
            (session->n_backlog || caller_is_parked(session->caller))) {
                intake_keep_for_later(session, frame);
                return;
        }
        if (r < 0) {
                ++*(r == -STATUS_TOO_LARGE ? &sessions->figures->refused_depth
                                           : &sessions->figures->malformed_requests);
                engine_refuse(session->caller, &request, r, scanner->why);
        } else {
                sessions->turn->served = true;
                engine_request(sessions->engine, session->caller, &request,
                               turn_now(sessions->turn));
        }
        if (scanner->scratch.capacity > INTAKE_MAX_SCRATCH)
                buffer_deinit(&scanner->scratch);
}

/*
 * Whether the turn has lasted so long that what is left of this session's
 * requests waits for the next one. Most take less than a microsecond, but a
 * large state in cold memory can make each cost a hundred.
 */
static bool intake_has_had_its_share(const struct session *session, unsigned n_taken)
{
        struct turn *turn = session->sessions->turn;

        return n_taken > 0 && n_taken % INTAKE_SHARE == 0 && !session->ending &&
               uv_hrtime() - turn_now(turn) > INTAKE_TURN;
}

/*
 * Takes whole frames off the front of `bytes`, as long as there is room for
 * their replies, and time.
 */
static void intake_take(struct session *session, struct span *bytes)
{
        const struct limits *limits = session->sessions->limits;
        unsigned n_taken = 0;

        session->leftover = false;
        session->n_wanted = 0;
        while (bytes->size) {
                bool is_auth = session->state == SESSION_AUTHENTICATING;
                struct span payload;
                size_t taken = 0;
                int r;

                if (!is_auth && !session->caller)
                        return;
                r = frame_next(*bytes, is_auth ? AUTH_MAX_FRAME : limits->max_frame, &payload,
                               &taken);
                if (r == 0) {
                        session->n_wanted = taken;
                        return;
                }
                if (r < 0) {
                        intake_refuse_frame(session, r);
                        return;
                }
                if (!intake_is_open(session) || intake_has_had_its_share(session, n_taken)) {
                        session->leftover = true;
                        return;
                }
                if (is_auth) {
                        admission_feed(session, payload);
                } else {
                        intake_acknowledge(session, bytes->size);
                        intake_apply(session, span_of(bytes->data, taken), payload, false);
                        if (session->backlog.failed)
                                return;
                }
                /* The next frame has all its time to arrive. */
                if (session->state == SESSION_READY)
                        deadline_stop(&session->reading);
                bytes->data += taken;
                bytes->size -= taken;
                ++n_taken;
        }
}

/* What waited behind a parked call, as long as none is parked again, and there is time. */
static void intake_dispatch(struct session *session)
{
        unsigned n_taken = 0;

        while (intake_can_dispatch(session) && !intake_has_had_its_share(session, n_taken)) {
                struct span rest = span_of(session->backlog.data + session->backlog_at,
                                           session->backlog.size - session->backlog_at);
                struct span payload;
                size_t taken;

                frame_next(rest, FRAME_MAX, &payload, &taken);
                intake_apply(session, span_of(rest.data, taken), payload, true);
                session->backlog_at += taken;
                --session->n_backlog;
                ++n_taken;
        }
        if (!session->n_backlog) {
                buffer_deinit(&session->backlog);
                session->backlog_at = 0;
        } else if (session->backlog_at > INTAKE_MAX_BACKLOG_SIZE) {
                buffer_consume(&session->backlog, session->backlog_at);
                session->backlog_at = 0;
        }
}

/* --- bytes */

/* Nothing more comes. What the session had sent stays sent: its replies may still be read. */
static void intake_end(struct session *session)
{
        if (session->state != SESSION_READY) {
                session_close(session);
                return;
        }
        session->finished = true;
        deadline_stop(&session->reading);
        session_touch(session);
}

static void intake_count(struct session *session, size_t n)
{
        session->n_read += n;
        session->sessions->figures->bytes_in += n;
        if (session->caller_figures)
                session->caller_figures->n_bytes_in += n;
}

static bool intake_has_read(struct session *session, ssize_t r)
{
        if (r > 0) {
                intake_count(session, (size_t)r);
                spare_lend(&session->sessions->spare, &session->replies);
                return true;
        }
        if (r == 0)
                intake_end(session);
        else if (r == -EAGAIN)
                session_touch(session); /* behind an error events must be wanted anew */
        else if (r == -ECONNRESET)
                session_drain(session); /* it left replies unread; what it had sent is applied */
        else
                session_close(session);
        return false;
}

/* The input becomes `rest`, which stands elsewhere. */
static void intake_keep(struct session *session, struct span rest)
{
        bool goes_on = session->state == SESSION_AUTHENTICATING || session->state == SESSION_READY;

        if (!rest.size || !goes_on) {
                if (session->input.capacity)
                        buffer_deinit(&session->input);
                return;
        }
        buffer_truncate(&session->input, 0);
        buffer_append_span(&session->input, rest);
        if (session->input.failed)
                intake_give_up(session);
}

/* The input loses what has been taken off its front. */
static void intake_take_input(struct session *session)
{
        struct span bytes = buffer_span(&session->input);

        intake_take(session, &bytes);
        buffer_consume(&session->input, session->input.size - bytes.size);
        if (!session->input.size)
                buffer_deinit(&session->input);
}

static void intake_read_to_area(struct session *session)
{
        uint8_t *area = session->sessions->area;
        size_t n = session->input.size, room = INTAKE_READ_SIZE;
        struct span bytes;
        ssize_t r;

        if (session->state == SESSION_AUTHENTICATING)
                room = FRAME_HEADER_SIZE + AUTH_MAX_FRAME - n;
        r = session->transport->type->read(session->transport, area + n, room);
        if (!intake_has_read(session, r))
                return;
        if (n)
                memcpy(area, session->input.data, n);
        bytes = span_of(area, n + (size_t)r);
        intake_take(session, &bytes);
        intake_keep(session, bytes);
        session_touch(session);
}

static void intake_read_in_place(struct session *session)
{
        size_t n = session->n_wanted - session->input.size;
        uint8_t *to;
        ssize_t r;

        if (n > 4 * INTAKE_READ_SIZE)
                n = 4 * INTAKE_READ_SIZE;
        to = buffer_reserve(&session->input, n);
        if (!to) {
                intake_give_up(session);
                session_touch(session);
                return;
        }
        r = session->transport->type->read(session->transport, to, n);
        if (!intake_has_read(session, r))
                return;
        session->input.size += (size_t)r;
        if (session->input.size == session->n_wanted)
                intake_take_input(session);
        session_touch(session);
}

void intake_read(struct session *session)
{
        if (!(intake_wants(session) & TRANSPORT_DATA))
                return;
        if (session->n_wanted > INTAKE_DIRECT_SIZE)
                intake_read_in_place(session);
        else
                intake_read_to_area(session);
}

/* False where nothing more is there: a single read that finds nothing does not prove it. */
static bool intake_read_some(struct session *session)
{
        uint64_t before = session->n_read;

        for (int i = 0; i < INTAKE_LAST_TRIES && session->n_read == before; ++i)
                intake_read(session);
        return session->n_read > before;
}

bool intake_read_last(struct session *session)
{
        bool more;

        if (!session->n_last)
                session->n_last = session->n_read + INTAKE_MAX_LAST;
        intake_dispatch(session);
        if (session->leftover)
                intake_take_input(session);
        do
                more = intake_read_some(session) && session->n_read < session->n_last;
        while (more && session->ending);
        if (session->state != SESSION_CLOSED)
                session_touch(session);
        return more || (session->n_read < session->n_last && intake_can_resume(session));
}

void intake_resume(struct session *session)
{
        spare_lend(&session->sessions->spare, &session->replies);
        intake_dispatch(session);
        if (session->leftover)
                intake_take_input(session);
        session_touch(session);
}
