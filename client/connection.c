/*
 * connection - one session with the daemon
 */
#include "client/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/request.h"
#include "proto/auth.h"
#include "proto/clock.h"
#include "proto/frame.h"
#include "proto/pack.h"
#include "proto/unicode.h"
#include "proto/value.h"

#define PROTOCOL_VERSION 1
#define DIAL_PAUSE       (CLOCK_SECOND / 500) /* before trying a full backlog again */
#define REFUSAL          SPAN_LITERAL("#REFUSED#")
#define REFUSED_USER     SPAN_LITERAL("not for this user")

/* --- reaching the socket */

/* Before the first hello nobody was there yet; later somebody is not there any more. */
static int set_unreachable(const mgr_manager *m)
{
        bool known = atomic_load(&m->epoch) != 0;
        char text[128];

        return error_set(known ? -STATUS_GONE : -STATUS_CONNECT, "%s %s: %s",
                         known ? "the manager is gone from" : "cannot connect to", m->address,
                         strerror_r(errno, text, sizeof(text)));
}

static int dial_once(int fd, const struct sockaddr_un *address)
{
        const struct sockaddr *generic = (const struct sockaddr *)address;

        while (connect(fd, generic, sizeof(*address)) < 0)
                if (errno != EINTR)
                        return -1;
        return 0;
}

/* A full backlog is EAGAIN at once, not a wait: try again until the deadline. */
static int dial(const mgr_manager *m, uint64_t deadline, int *out)
{
        const struct timespec pause = { .tv_nsec = (long)DIAL_PAUSE };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd, r;

        if (strlen(m->address) >= sizeof(address.sun_path)) {
                errno = ENAMETOOLONG;
                return set_unreachable(m);
        }
        memcpy(address.sun_path, m->address, strlen(m->address));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return error_set_errno(-STATUS_SYSTEM, "socket");

        while (dial_once(fd, &address) < 0) {
                if (errno != EAGAIN || clock_now() + DIAL_PAUSE >= deadline) {
                        r = set_unreachable(m);
                        close(fd);
                        return r;
                }
                nanosleep(&pause, NULL);
        }
        if (fcntl(fd, F_SETFL, 0) < 0) {
                r = error_set_errno(-STATUS_SYSTEM, "fcntl");
                close(fd);
                return r;
        }
        *out = fd;
        return 0;
}

/* --- being turned away */

/* Whoever sent it is not known: nothing in it may reach a terminal as a command. */
static void escape(struct span text, char to[4 * AUTH_MAX_FRAME + 1])
{
        const uint8_t *at = text.data, *end = text.data + text.size;
        bool valid = utf8_valid(text);
        size_t n = 0;

        while (at < end) {
                const uint8_t *begin = at;
                uint32_t c = *at;

                if (valid)
                        c = utf8_next(&at);
                else
                        ++at;
                if ((valid || c < 0x80) && unicode_printable(c)) {
                        memcpy(to + n, begin, (size_t)(at - begin));
                        n += (size_t)(at - begin);
                } else {
                        n += (size_t)sprintf(to + n,
                                             c < 0x100     ? "\\x%02" PRIx32
                                             : c < 0x10000 ? "\\u%04" PRIx32
                                                           : "\\U%08" PRIx32,
                                             c);
                }
        }
        to[n] = '\0';
}

/* A frame "#REFUSED# why" in place of the challenge. */
static bool is_refusal(struct span frame)
{
        return frame.size >= REFUSAL.size && span_equal(span_of(frame.data, REFUSAL.size), REFUSAL);
}

static int set_refused(const mgr_manager *m, struct span frame)
{
        struct span why = span_of(frame.data + REFUSAL.size, frame.size - REFUSAL.size);
        char text[4 * AUTH_MAX_FRAME + 1];

        if (why.size && *why.data == ' ')
                why = span_of(why.data + 1, why.size - 1);
        escape(why, text);
        return error_set(span_equal(why, REFUSED_USER) ? -STATUS_AUTHENTICATION : -STATUS_CONNECT,
                         "%s: refused: %s", m->address, *text ? text : "no reason given");
}

/* --- who is there */

/* The last payload stays in connection->out: it travels with what is said next. */
static int authenticate(struct connection *connection, uint64_t deadline)
{
        _buffer_cleanup_ struct buffer payload = BUFFER_NULL;
        struct auth_identity identity;
        enum auth_result result;
        struct span arrived;
        struct auth auth;
        bool complete, first = true;
        int r;

        r = auth_identity_self(&identity);
        if (r < 0)
                return error_set_errno(r, "identity");
        /* running out of it on the way would look like a wrong key, or like silence */
        if (!buffer_reserve(&payload, AUTH_MAX_FRAME) ||
            !buffer_reserve(&connection->out, 2 * (FRAME_HEADER_SIZE + AUTH_MAX_FRAME)))
                return error_set_status(-STATUS_NOMEM);
        auth_init(&auth, AUTH_CLIENT, connection->manager->key, &identity);
        result = auth_start(&auth, &payload);
        while (result == AUTH_CONTINUE) {
                r = connection_send(connection, deadline, &complete);
                buffer_truncate(&connection->out, 0);
                if (r == 0)
                        r = connection_receive(connection, deadline, false, &arrived);
                if (r == -STATUS_PROTOCOL)
                        return error_set(-STATUS_AUTHENTICATION,
                                         "authentication with %s failed: no frame of a handshake",
                                         connection->manager->address);
                if (r < 0)
                        return r;
                if (first && is_refusal(arrived))
                        return set_refused(connection->manager, arrived);
                first = false;
                result = auth_feed(&auth, arrived, &payload);
                if (payload.size)
                        frame_append(&connection->out, buffer_span(&payload));
        }
        if (result == AUTH_DONE) {
                connection->max_arriving = FRAME_MAX;
                return 0;
        }
        connection_send(connection, deadline, &complete);
        return error_set(-STATUS_AUTHENTICATION, "authentication with %s failed: %s",
                         connection->manager->address, auth.why ? auth.why : "no reason given");
}

static void pack_hello(struct connection *connection, const uint8_t token[IMAGE_TOKEN_SIZE])
{
        struct request_frame frame = { .head = { .method = SPAN_LITERAL("hello") } };
        struct buffer *out = &connection->out;

        request_open(out, &frame, 1);
        pack_map(out, 4);
        pack_cstr(out, "version");
        pack_int(out, PROTOCOL_VERSION);
        pack_cstr(out, "token");
        pack_bytes(out, span_of(token, IMAGE_TOKEN_SIZE));
        pack_cstr(out, "own");
        pack_cstr(out, "session");
        pack_cstr(out, "name");
        pack_cstr(out, connection->manager->name);
        request_close(out, &frame);
}

/* What hello answers. False where that is not what a managerd answers. */
static bool read_welcome(struct connection *connection, struct span info)
{
        struct span key, name, value;
        struct value_iter iter;
        size_t n;

        if (value_kind(info) != VALUE_DICT || !value_iter_init(&iter, info, &n))
                return false;
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value)) {
                if (!value_get_str(key, &name))
                        continue;
                if (span_equal(name, SPAN_LITERAL("epoch")))
                        value_get_uint64(value, &connection->epoch);
                else if (span_equal(name, SPAN_LITERAL("max_frame")))
                        value_get_uint64(value, &connection->max_frame);
        }
        return connection->epoch && connection->epoch >> 24 == 0;
}

static int greet(struct connection *connection, uint64_t deadline)
{
        const struct expected plain = { .numbered = false };
        struct reply reply;
        bool complete;
        int r;

        pack_hello(connection, image_token());
        if (connection->out.failed)
                return error_set_status(connection->out.failed);
        r = connection_send(connection, deadline, &complete);
        buffer_truncate(&connection->out, 0);
        if (r == 0)
                r = connection_receive_reply(connection, &plain, deadline, false, &reply);
        if (r < 0)
                return r;
        if (reply.kind != REPLY_RETURN || !read_welcome(connection, reply.value))
                return error_set(-STATUS_PROTOCOL, "what listens at %s is no managerd",
                                 connection->manager->address);
        return 0;
}

/* --- coming and going */

static int connection_establish(struct connection *connection, uint64_t deadline)
{
        int r;

        r = authenticate(connection, deadline);
        if (r == 0)
                r = greet(connection, deadline);
        if (r == -STATUS_GONE) {
                errno = ECONNRESET;
                r = set_unreachable(connection->manager);
        } else if (r == -STATUS_TIMEOUT) {
                errno = ETIMEDOUT;
                r = set_unreachable(connection->manager);
        }
        return r;
}

int connection_new(mgr_manager *m, uint64_t deadline, struct connection **out)
{
        struct connection *connection;
        int r;

        connection = calloc(1, sizeof(*connection));
        if (!connection)
                return error_set_status(-STATUS_NOMEM);
        connection->manager = m;
        buffer_init(&connection->out, FRAME_MAX);
        buffer_init(&connection->in, SIZE_MAX);
        scanner_init(&connection->scanner, SCAN_MAX_DEPTH);
        connection->max_frame = FRAME_MAX;
        connection->patience = PATIENCE_INIT;
        connection->max_arriving = AUTH_MAX_FRAME;
        r = dial(m, deadline, &connection->fd);
        if (r < 0) {
                connection->fd = -1;
                connection_free(connection);
                return r;
        }
        r = connection_establish(connection, deadline);
        if (r < 0) {
                connection_free(connection);
                return r;
        }
        *out = connection;
        return 0;
}

static void connection_release(struct connection *connection)
{
        buffer_deinit(&connection->out);
        buffer_deinit(&connection->in);
        scanner_deinit(&connection->scanner);
        free(connection);
}

void connection_free(struct connection *connection)
{
        if (connection->fd >= 0) {
                shutdown(connection->fd, SHUT_RDWR);
                close(connection->fd);
        }
        connection_release(connection);
}

void connection_abandon(struct connection *connection)
{
        close(connection->fd);
        connection->fd = -1;
        /* a thread that is not here may have been in the middle of its buffers */
        if (!connection->busy && !connection->apart)
                connection_release(connection);
}
