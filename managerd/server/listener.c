/*
 * listener - accepts connections
 */
#define _GNU_SOURCE 1
#include "managerd/server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/frame.h"

#define LISTENER_BURST     32
#define LISTENER_MAX_SENDS 256

static void listener_reopen_reserve(struct listener *listener)
{
        if (listener->reserve < 0)
                listener->reserve = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
}

static void listener_pause(struct listener *listener)
{
        listener->runs = false;
        uv_poll_stop(&listener->poll);
}

static void listener_pause_for_a_while(struct listener *listener)
{
        listener_pause(listener);
        deadline_start(listener->turn, &listener->retry, TIMEOUT_ACCEPT);
}

static int listener_accept_one(struct listener *listener)
{
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

void listener_turn_away(int fd, const char *why)
{
        uint8_t frame[FRAME_HEADER_SIZE + 128] = { 0 };
        int n = snprintf((char *)frame + FRAME_HEADER_SIZE, 128, "#REFUSED# %s", why);
        size_t at = 0, size = FRAME_HEADER_SIZE + (size_t)n;

        frame[3] = (uint8_t)n;
        /* It is short, and the first that is sent, so it fits. Nobody waits for it if not. */
        for (int i = 0; i < LISTENER_MAX_SENDS && at < size; ++i) {
                ssize_t r = send(fd, frame + at, size - at, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (r < 0 && errno != EINTR && errno != EAGAIN)
                        break;
                at += r < 0 ? 0 : (size_t)r;
        }
        close(fd);
}

/* There are no descriptors left: uses the reserve to get rid of one connection. */
static bool listener_refuse_one(struct listener *listener)
{
        int fd;

        listener_reopen_reserve(listener);
        if (listener->reserve < 0)
                return false;
        close(listener->reserve);
        listener->reserve = -1;
        fd = listener_accept_one(listener);
        if (fd >= 0) {
                listener->owner.exhausted(listener->owner.data);
                listener_turn_away(fd, "too many open descriptors");
        }
        listener_reopen_reserve(listener);
        return listener->reserve >= 0 && fd != -EMFILE && fd != -ENFILE;
}

static void listener_on_poll(uv_poll_t *poll, int status, int events)
{
        struct listener *listener = poll->data;

        (void)status, (void)events;
        for (int i = 0; i < LISTENER_BURST && listener->fd >= 0; ++i) {
                int fd;

                if (!listener->owner.is_open(listener->owner.data)) {
                        listener_pause(listener);
                        return;
                }
                fd = listener_accept_one(listener);
                if (fd >= 0) {
                        listener->owner.accepted(listener->owner.data, fd);
                } else if (fd == -EMFILE || fd == -ENFILE) {
                        if (!listener_refuse_one(listener)) {
                                listener_pause_for_a_while(listener);
                                return;
                        }
                } else if (fd == -EAGAIN) {
                        return;
                } else if (fd != -EINTR && fd != -ECONNABORTED) {
                        /* Such as ENOMEM: trying again at once would help nobody. */
                        listener_pause_for_a_while(listener);
                        return;
                }
        }
}

static void listener_on_retry(struct deadline *deadline)
{
        listener_resume(container_of(deadline, struct listener, retry));
}

void listener_resume(struct listener *listener)
{
        if (listener->fd < 0 || listener->runs || deadline_runs(&listener->retry))
                return;
        listener->runs = true;
        listener_reopen_reserve(listener);
        uv_poll_start(&listener->poll, UV_READABLE, listener_on_poll);
}

int listener_init(struct listener *listener, struct turn *turn, int fd,
                  const struct listener_owner *owner)
{
        int r;

        *listener = (struct listener){ .turn = turn, .owner = *owner, .fd = fd, .reserve = -1 };
        deadline_init(&listener->retry, listener_on_retry);
        r = uv_poll_init(turn->loop, &listener->poll, fd);
        if (r < 0) {
                close(fd);
                listener->fd = -1;
                return r;
        }
        listener->poll.data = listener;
        listener_resume(listener);
        return 0;
}

void listener_close(struct listener *listener)
{
        if (listener->fd < 0)
                return;
        deadline_stop(&listener->retry);
        uv_close((uv_handle_t *)&listener->poll, NULL);
        close(listener->fd);
        if (listener->reserve >= 0)
                close(listener->reserve);
        listener->fd = listener->reserve = -1;
}
