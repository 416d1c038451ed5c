/*
 * gate - who may come in
 */
#define _GNU_SOURCE 1
#include "managerd/server/gate.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static bool gate_allows(const struct server_options *options, uid_t uid)
{
        if (uid == geteuid())
                return true;
        for (size_t i = 0; i < options->n_allowed_uids; ++i)
                if (options->allowed_uids[i] == uid)
                        return true;
        return false;
}

static void gate_turn_away(struct gate *gate, int fd, const struct ucred *who, uint64_t *figure,
                           const char *why)
{
        uint64_t n;

        ++*figure;
        if (log_limiter_pass(&gate->log, turn_now(gate->sessions->turn), &n)) {
                log_warning("process %d (user %u) is turned away: %s", (int)who->pid,
                            (unsigned)who->uid, why);
                if (n)
                        log_warning("(and %llu others before)", (unsigned long long)n);
        }
        listener_turn_away(fd, why);
}

/* Which process it is, or why it cannot be let in. */
static const char *gate_find_peer(struct gate *gate, int fd, pid_t pid, struct peer **peer,
                                  uint64_t **figure)
{
        const struct limits *limits = &gate->options->limits;
        int r = peers_find(gate->peers, fd, pid, peer);

        if (r == -EMFILE || r == -ENFILE) {
                *figure = &gate->figures->refused_descriptors;
                return "too many open descriptors";
        }
        if (r < 0) {
                *figure = &gate->figures->refused_other;
                return strerror(-r);
        }
        if ((*peer)->n_unauthenticated >= limits->max_unauthenticated_per_process) {
                *figure = &gate->figures->refused_unauthenticated_per_process;
                return "too many unauthenticated connections of one process";
        }
        return NULL;
}

static void gate_on_accepted(void *data, int fd)
{
        struct gate *gate = data;
        struct figures *figures = gate->figures;
        struct ucred who = { 0 };
        socklen_t n = sizeof(who);
        struct peer *peer = NULL;
        uint64_t *figure = NULL;
        const char *why = NULL;

        ++figures->connections_accepted;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0 ||
            !gate_allows(gate->options, who.uid)) {
                figure = &figures->refused_uid;
                why = "not for this user";
        } else if (figures->connections_now >= gate->options->limits.max_clients) {
                figure = &figures->refused_clients;
                why = "too many clients";
        } else {
                why = gate_find_peer(gate, fd, who.pid, &peer, &figure);
        }
        if (why) {
                gate_turn_away(gate, fd, &who, figure, why);
                return;
        }
        session_new(gate->sessions, peer, who.uid, fd);
        peer_forget_unused(peer);
}

static void gate_on_exhausted(void *data)
{
        struct gate *gate = data;
        uint64_t n;

        ++gate->figures->refused_descriptors;
        if (log_limiter_pass(&gate->log, turn_now(gate->sessions->turn), &n))
                log_warning("out of descriptors: connections are refused");
}

bool gate_is_open(const struct gate *gate)
{
        return gate->figures->unauthenticated_now < gate->options->limits.max_unauthenticated;
}

static bool gate_check_open(void *data)
{
        struct gate *gate = data;

        if (gate_is_open(gate))
                return true;
        ++gate->figures->accepting_paused;
        return false;
}

struct listener_owner gate_listener_owner(struct gate *gate)
{
        return (struct listener_owner){
                .is_open = gate_check_open,
                .accepted = gate_on_accepted,
                .exhausted = gate_on_exhausted,
                .data = gate,
        };
}
