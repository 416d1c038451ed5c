/*
 * server - the daemon around the engine
 */
#define _GNU_SOURCE 1
#include "managerd/server/server.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "managerd/server/address.h"
#include "managerd/server/descriptors.h"
#include "managerd/server/gate.h"
#include "managerd/server/listener.h"
#include "managerd/server/loop.h"
#include "managerd/server/notify.h"
#include "managerd/server/sandbox.h"
#include "managerd/server/secret.h"
#include "managerd/server/session.h"
#include "proto/status.h"

#define SERVER_DRAIN_MS  5000 /* to flush replies at the end */
#define SERVER_ORPHAN_MS 500  /* likewise where whoever it was for has gone */

#define SERVER_REFUSAL_DELAY (LIMITS_SECOND / 5)
#define SERVER_ACCEPT_PAUSE  (LIMITS_SECOND / 20)

struct server {
        struct server_options options; /* strings are not used after server_new() */
        const struct limits *limits;   /* in the options */
        struct figures figures;
        struct server_figure figures_list[FIGURES_MAX];
        uv_loop_t loop;
        bool has_loop;
        bool is_draining;
        struct turn turn;
        struct address address;
        struct listener listener;
        struct gate gate;
        struct auth_key *key;
        int notify; /* owned; of notify_open() */
        struct engine *engine;
        struct peers peers;
        struct sessions sessions;
        struct turn_job shutdown; /* shutdown() was called: at the end of the turn */
        uv_signal_t terminate, interrupt;
        uv_poll_t follow; /* of options.follow_fd */
        uv_timer_t drain_timer;
};

/* --- the end */

static void server_close_handle(void *handle)
{
        uv_handle_t *h = handle;

        /* One that was never initialised has no type. */
        if (h->type != UV_UNKNOWN_HANDLE && !uv_is_closing(h))
                uv_close(h, NULL);
}

static void server_close_all(struct server *server)
{
        list_for_each_safe(node, &server->sessions.all)
                session_close(container_of(node, struct session, in_sessions));
}

static void server_on_drained_long_enough(uv_timer_t *timer)
{
        struct server *server = timer->data;

        log_info("%llu connections are cut", (unsigned long long)server->figures.connections_now);
        server_close_all(server);
        uv_stop(&server->loop);
}

/*
 * Takes no more connections or requests, applies those that it has, and ends
 * when their replies are written or the time is up.
 */
static void server_drain(struct server *server, const char *why, unsigned max_ms)
{
        if (server->is_draining) {
                server_on_drained_long_enough(&server->drain_timer);
                return;
        }
        server->is_draining = true;
        log_info("ends: %s", why);
        notify_send(server->notify, "STOPPING=1");
        /* The file goes while we still listen: nobody takes it for a stale one of theirs. */
        address_remove(&server->address);
        /* whoever is followed made it for us, and may not be there any more to remove it */
        if (server->options.follow_fd >= 0)
                address_remove_directory(&server->address);
        listener_close(&server->listener);
        /* before the first session ends: what it holds must not go to another one's waiter */
        engine_stop_waiting(server->engine, turn_now(&server->turn));
        list_for_each_safe(node, &server->sessions.all)
                session_drain(container_of(node, struct session, in_sessions));
        if (list_is_empty(&server->sessions.all))
                uv_stop(&server->loop);
        else
                uv_timer_start(&server->drain_timer, server_on_drained_long_enough, max_ms, 0);
}

static void server_on_signal(uv_signal_t *handle, int signum)
{
        server_drain(handle->data, strsignal(signum), SERVER_DRAIN_MS);
}

static void server_on_follow(uv_poll_t *poll, int status, int events)
{
        (void)status, (void)events;
        uv_poll_stop(poll);
        server_drain(poll->data, "the process it follows has ended", SERVER_ORPHAN_MS);
}

static void server_on_shutdown_job(struct turn_job *job)
{
        struct server *server = container_of(job, struct server, shutdown);

        if (!server->is_draining)
                server_drain(server, "shutdown() was called", SERVER_DRAIN_MS);
}

/* --- what the engine tells */

static void server_on_replies(void *data, struct caller *caller)
{
        (void)data;
        session_on_replies(caller_data(caller));
}

static void server_on_shutdown(void *data)
{
        struct server *server = data;

        turn_job_add(&server->turn, &server->shutdown, TURN_FAREWELL);
}

/* --- what the rooms tell */

static void server_on_fewer(void *data)
{
        struct server *server = data;

        if (server->is_draining) {
                if (list_is_empty(&server->sessions.all))
                        uv_stop(&server->loop);
                return;
        }
        if (gate_is_open(&server->gate))
                listener_resume(&server->listener);
}

static bool server_on_peer_ended(void *data, struct peer *peer, bool at_once)
{
        struct server *server = data;

        list_for_each_safe(node, &peer->sessions)
                session_end_with_process(container_of(node, struct session, in_peer), at_once);
        if (!list_is_empty(&peer->sessions))
                return false;
        log_debug("process %d has ended", (int)peer->pid);
        if (peer->known)
                engine_end_process(server->engine, peer->number, turn_now(&server->turn));
        return true;
}

/* --- the beginning */

static int server_fail(const char *what, int r)
{
        log_error("%s: %s", what, uv_strerror(r));
        return -STATUS_SYSTEM;
}

static int server_start_loop(struct server *server)
{
        const struct limits *limits = server->limits;
        const uint64_t durations[TIMEOUT_N] = {
                [TIMEOUT_AUTH] = limits->auth_timeout,   [TIMEOUT_REFUSAL] = SERVER_REFUSAL_DELAY,
                [TIMEOUT_FRAME] = limits->frame_timeout, [TIMEOUT_STALL] = limits->stall_timeout,
                [TIMEOUT_ACCEPT] = SERVER_ACCEPT_PAUSE,
        };
        int r = loop_init(&server->loop);

        if (r < 0)
                return server_fail("loop", r);
        server->has_loop = true;
        turn_init(&server->turn, &server->loop, durations);
        peers_init(&server->peers, &server->turn, &server->figures.processes_now,
                   &server->figures.descriptors_now);
        server->peers.ended = server_on_peer_ended;
        server->peers.data = server;
        turn_job_init(&server->shutdown, server_on_shutdown_job);
        uv_timer_init(&server->loop, &server->drain_timer);
        server->drain_timer.data = server;
        return 0;
}

static int server_start_listening(struct server *server)
{
        const struct listener_owner owner = gate_listener_owner(&server->gate);
        int fd = notify_take_socket(), r;

        if (fd < -1)
                return fd;
        if (fd >= 0) {
                r = address_adopt(&server->address, fd);
        } else {
                r = fd = address_listen(&server->address, server->options.socket_path);
        }
        if (r < 0)
                return r;
        r = listener_init(&server->listener, &server->turn, fd, &owner);
        return r < 0 ? server_fail("listening", r) : 0;
}

static int server_start_engine(struct server *server)
{
        const struct limits *limits = server->limits;
        struct engine_options options = {
                .epoch = 1 + randombytes_uniform((1 << 24) - 1),
                /* a daemon would have to grant a million locks a second to reach its successor */
                .first_fence = (uint64_t)time(NULL) << 20,
                .max_memory = limits->max_memory > SIZE_MAX ? SIZE_MAX : (size_t)limits->max_memory,
                .max_reply = (size_t)limits->max_frame,
                .max_frame = (size_t)limits->max_frame,
                .max_depth = (unsigned)limits->max_depth,
                .address = server->address.path,
                .ready = server_on_replies,
                .shutdown = server_on_shutdown,
                .data = server,
        };
        size_t n;
        int r;

        randombytes_buf(options.hash_key, sizeof(options.hash_key));
        r = engine_new(&server->engine, &options);
        if (r < 0) {
                log_error("engine: %s", status_text(r));
                return r;
        }
        n = figures_list(server->figures_list, &server->figures, limits, &server->turn.n_turns,
                         &server->turn.longest);
        engine_set_server_figures(server->engine, server->figures_list, n);
        server->turn.engine = server->engine;
        return 0;
}

static int server_start_sessions(struct server *server)
{
        struct sessions *sessions = &server->sessions;
        int r;

        sessions->turn = &server->turn;
        sessions->engine = server->engine;
        sessions->limits = server->limits;
        sessions->figures = &server->figures;
        sessions->key = server->key;
        sessions->fewer = server_on_fewer;
        sessions->data = server;
        r = auth_identity_self(&sessions->self);
        if (r < 0)
                log_error("cannot tell our own namespaces: %s", status_text(r));
        return r;
}

static int server_start_watching(struct server *server)
{
        int r = uv_signal_init(&server->loop, &server->terminate);

        if (r >= 0)
                r = uv_signal_init(&server->loop, &server->interrupt);
        server->terminate.data = server->interrupt.data = server;
        if (r >= 0)
                r = uv_signal_start(&server->terminate, server_on_signal, SIGTERM);
        if (r >= 0)
                r = uv_signal_start(&server->interrupt, server_on_signal, SIGINT);
        if (r < 0)
                return server_fail("signals", r);

        if (server->options.follow_fd < 0)
                return 0;
        r = uv_poll_init(&server->loop, &server->follow, server->options.follow_fd);
        if (r < 0)
                return server_fail("--follow-fd", r);
        server->follow.data = server;
        uv_poll_start(&server->follow, UV_READABLE, server_on_follow);
        return 0;
}

/* All that has to be opened is open now. Whoever is told that we are ready finds it in force. */
static int server_enter_sandbox(struct server *server)
{
        const struct sandbox_needs needs = {
                .directory = server->address.directory,
                .removes_directory = server->options.follow_fd >= 0,
        };
        struct sandbox sandbox;
        int r;

        if (server->options.no_sandbox) {
                log_info("sandbox: none, as asked for");
                return 0;
        }
        r = sandbox_enter(&sandbox, &needs);
        server->figures.sandbox_seccomp = sandbox.seccomp;
        server->figures.sandbox_landlock = sandbox.landlock;
        return r;
}

static int server_tell_ready(struct server *server)
{
        const struct iovec line[] = { { server->address.path, strlen(server->address.path) },
                                      { (char[]){ "\n" }, 1 } };
        int fd = server->options.ready_fd;
        ssize_t r;

        log_info("listens at %s", server->address.path);
        notify_send(server->notify, "READY=1");
        if (fd < 0)
                return 0;
        do
                r = writev(fd, line, 2); /* no more than a pipe takes at once */
        while (r < 0 && errno == EINTR);
        /* whoever wanted to know may have stopped listening: that is no reason to fail */
        if (r < 0 && errno != EPIPE) {
                log_error("--ready-fd: %s", strerror(errno));
                return -STATUS_SYSTEM;
        }
        close(fd);
        server->options.ready_fd = -1;
        return 0;
}

/* No client has been let in yet: all that are open are our own, but for one that is closed soon. */
static void server_count_descriptors(struct server *server)
{
        struct figures *figures = &server->figures;

        figures->descriptors_own = descriptors_count() - (server->options.ready_fd >= 0);
        figures->descriptors_now = figures->descriptors_own;
        descriptors_log(figures->descriptors_allowed, figures->descriptors_own,
                        server->limits->max_clients);
}

static int server_start(struct server *server)
{
        int r = sodium_init() < 0 ? -STATUS_SYSTEM : 0;

        server->figures.descriptors_allowed = descriptors_raise();
        if (r >= 0)
                r = server_start_loop(server);
        /* From here on a signal waits for the loop, so that the socket is removed after all. */
        if (r >= 0)
                r = server_start_watching(server);
        if (r >= 0)
                r = server_start_listening(server);
        if (r >= 0) {
                r = secret_open(&server->key, &server->address, server->options.authkey_path,
                                server->options.authkey_fd);
                server->options.authkey_fd = -1;
        }
        if (r >= 0)
                r = server_start_engine(server);
        if (r >= 0)
                r = server_start_sessions(server);
        if (r >= 0) {
                server->notify = notify_open();
                server_count_descriptors(server);
                r = server_enter_sandbox(server);
        }
        if (r >= 0)
                r = server_tell_ready(server);
        server->options.socket_path = server->options.authkey_path = NULL;
        return r;
}

int server_new(struct server **out, const struct server_options *options)
{
        struct server *server = calloc(1, sizeof(*server));
        int r;

        if (!server) {
                log_error("%s", status_text(-STATUS_NOMEM));
                return -STATUS_NOMEM;
        }
        server->options = *options;
        server->limits = &server->options.limits;
        server->listener.fd = server->notify = -1;
        server->gate = (struct gate){
                .options = &server->options,
                .figures = &server->figures,
                .peers = &server->peers,
                .sessions = &server->sessions,
        };
        address_init(&server->address, options->n_allowed_uids > 0);
        r = sessions_init(&server->sessions, server->limits->max_depth);
        if (r < 0)
                log_error("%s", status_text(r));
        else
                r = server_start(server);
        if (r < 0) {
                server_free(server);
                return r;
        }
        *out = server;
        return 0;
}

int server_run(struct server *server)
{
        uv_run(&server->loop, UV_RUN_DEFAULT);
        return 0;
}

static void server_close_descriptor(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void server_stop_loop(struct server *server)
{
        server_close_all(server);
        address_remove(&server->address);
        listener_close(&server->listener);
        peers_deinit(&server->peers);
        turn_close(&server->turn);
        server_close_handle(&server->terminate);
        server_close_handle(&server->interrupt);
        server_close_handle(&server->follow);
        server_close_handle(&server->drain_timer);
        while (uv_run(&server->loop, UV_RUN_DEFAULT))
                ;
        if (uv_loop_close(&server->loop) < 0)
                assert(!"a handle was left open");
}

struct server *server_free(struct server *server)
{
        if (!server)
                return NULL;
        if (server->has_loop)
                server_stop_loop(server);
        engine_free(server->engine);
        sessions_deinit(&server->sessions);
        auth_key_free(server->key);
        address_deinit(&server->address);
        server_close_descriptor(&server->notify);
        server_close_descriptor(&server->options.authkey_fd);
        server_close_descriptor(&server->options.ready_fd);
        server_close_descriptor(&server->options.follow_fd);
        free(server);
        return NULL;
}
