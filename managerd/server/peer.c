/*
 * peer - one client process
 */
#include "managerd/server/peer.h"

#include <errno.h>
#include <poll.h>
#include <search.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

static int peer_compare(const void *a, const void *b)
{
        const struct peer *pa = a, *pb = b;

        return (pa->pid > pb->pid) - (pa->pid < pb->pid);
}

/* Whether something can be read there now: of a pidfd, whether its process has ended. */
static bool peer_is_readable(int fd, short *events)
{
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };
        int r;

        do
                r = poll(&pollfd, 1, 0);
        while (r < 0 && errno == EINTR);
        *events = pollfd.revents;
        return r > 0;
}

static bool peer_has_ended(int pidfd)
{
        short events;

        return peer_is_readable(pidfd, &events);
}

/*
 * Before Linux 6.5 the pid must do, though it may belong to another process by
 * the time it is opened. If the connection is not hung up afterwards then who
 * made it is still alive and keeps its pid, so the two are the same. (Unless it
 * left the connection to a child: then the challenge, which names the pid, is
 * refused by native clients.)
 */
static int peer_open_by_pid(int fd, pid_t pid)
{
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        short events;

        if (pidfd < 0)
                return -errno;
        peer_is_readable(fd, &events);
        if (events & (POLLHUP | POLLERR)) {
                close(pidfd);
                return -ESRCH;
        }
        return pidfd;
}

static int peer_open(int fd, pid_t pid)
{
        socklen_t n = sizeof(int);
        int pidfd;

        if (!getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &n))
                return pidfd;
        if (errno == ENOPROTOOPT)
                return peer_open_by_pid(fd, pid);
        return errno == EINVAL || errno == ENODATA ? -ESRCH : -errno;
}

static void peer_on_closed(uv_handle_t *handle)
{
        free(handle->data);
}

/* Off all lists; the memory follows when the loop has let go of the handle. */
static void peer_drop(struct peer *peer)
{
        peer->ended = true;
        tdelete(peer, &peer->peers->by_pid, peer_compare);
        list_unlink(&peer->in_peers);
        turn_job_drop(&peer->farewell);
        --*peer->peers->n;
        --*peer->peers->n_descriptors;
        uv_close((uv_handle_t *)&peer->poll, peer_on_closed);
        close(peer->pidfd);
}

static void peer_end(struct peer *peer, bool at_once)
{
        struct peers *peers = peer->peers;

        peer->ended = true;
        if (peers->ended(peers->data, peer, at_once))
                peer_drop(peer);
        else
                turn_job_add(peers->turn, &peer->farewell, TURN_NEXT);
}

static void peer_on_farewell(struct turn_job *job)
{
        peer_end(container_of(job, struct peer, farewell), false);
}

static void peer_on_poll(uv_poll_t *poll, int status, int events)
{
        struct peer *peer = poll->data;

        (void)status, (void)events;
        uv_poll_stop(poll);
        turn_job_add(peer->peers->turn, &peer->farewell, TURN_FAREWELL);
}

static int peer_link(struct peer *peer)
{
        struct peers *peers = peer->peers;
        int r;

        if (!tsearch(peer, &peers->by_pid, peer_compare))
                return -ENOMEM;
        r = uv_poll_init(peers->turn->loop, &peer->poll, peer->pidfd);
        if (r < 0) {
                tdelete(peer, &peers->by_pid, peer_compare);
                return r;
        }
        peer->poll.data = peer;
        uv_poll_start(&peer->poll, UV_READABLE, peer_on_poll);
        list_append(&peers->all, &peer->in_peers);
        ++*peers->n;
        ++*peers->n_descriptors;
        return 0;
}

/* Consumes the pidfd, in case of failure too. */
static int peer_new(struct peers *peers, pid_t pid, int pidfd, struct peer **out)
{
        struct peer *peer = calloc(1, sizeof(*peer));
        int r = -ENOMEM;

        if (peer) {
                peer->peers = peers;
                peer->pid = pid;
                peer->pidfd = pidfd;
                list_init(&peer->sessions);
                turn_job_init(&peer->farewell, peer_on_farewell);
                r = peer_link(peer);
        }
        if (r < 0) {
                free(peer);
                close(pidfd);
                return r;
        }
        peer->number = ++peers->last_number;
        *out = peer;
        return 0;
}

int peers_find(struct peers *peers, int fd, pid_t pid, struct peer **out)
{
        struct peer **found, *old;
        int pidfd;

        *out = &peers->unknown;
        if (!pid)
                return 0;

        found = tfind(&(struct peer){ .pid = pid }, &peers->by_pid, peer_compare);
        old = found ? *found : NULL;
        if (old && !peer_has_ended(old->pidfd)) {
                *out = old;
                return 0;
        }
        pidfd = peer_open(fd, pid);
        if (pidfd == -ENOSYS)
                return 0;
        if (pidfd < 0)
                return pidfd;
        /* most likely the same as the old one, which has all its time to end */
        if (peer_has_ended(pidfd)) {
                close(pidfd);
                return -ESRCH;
        }
        if (old)
                peer_end(old, true);
        return peer_new(peers, pid, pidfd, out);
}

void peer_forget_unused(struct peer *peer)
{
        if (peer->number && !peer->known && !peer->ended && list_is_empty(&peer->sessions))
                peer_drop(peer);
}

void peers_init(struct peers *peers, struct turn *turn, uint64_t *n, uint64_t *n_descriptors)
{
        *peers = (struct peers){ .turn = turn, .n = n, .n_descriptors = n_descriptors };
        list_init(&peers->all);
        peers->unknown = (struct peer){ .peers = peers, .pidfd = -1, .known = true };
        list_init(&peers->unknown.sessions);
}

void peers_deinit(struct peers *peers)
{
        while (!list_is_empty(&peers->all))
                peer_drop(container_of(peers->all.next, struct peer, in_peers));
}
