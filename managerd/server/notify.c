/*
 * notify - telling whoever started the daemon how it is
 */
#define _GNU_SOURCE 1
#include "managerd/server/notify.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "managerd/log.h"
#include "proto/status.h"

#define NOTIFY_FIRST_FD 3

/* Whoever does not read is waited for this long, not for ever. */
#define NOTIFY_TRIES 10
#define NOTIFY_PAUSE 10 /* ms */

int notify_take_socket(void)
{
        const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

        if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid())
                return -1;
        if (strcmp(n, "1")) {
                log_error("socket activation: one socket was expected, not %s", n);
                return -STATUS_SYSTEM;
        }
        unsetenv("LISTEN_PID");
        unsetenv("LISTEN_FDS");
        unsetenv("LISTEN_FDNAMES");
        return NOTIFY_FIRST_FD;
}

int notify_open(void)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        size_t n = path ? strlen(path) : 0;
        int fd;

        if (n < 2 || n >= sizeof(sun.sun_path) || (path[0] != '/' && path[0] != '@'))
                return -1;
        memcpy(sun.sun_path, path, n);
        if (path[0] == '@')
                sun.sun_path[0] = 0;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -1;
        if (connect(fd, (struct sockaddr *)&sun,
                    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
                log_debug("$NOTIFY_SOCKET cannot be reached");
                close(fd);
                return -1;
        }
        return fd;
}

void notify_send(int fd, const char *state)
{
        for (int i = 0; fd >= 0; ++i) {
                struct pollfd room = { .fd = fd, .events = POLLOUT };

                if (send(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
                        return;
                if ((errno != EINTR && errno != EAGAIN) || i == NOTIFY_TRIES) {
                        log_debug("$NOTIFY_SOCKET could not be told %s", state);
                        return;
                }
                if (errno == EAGAIN)
                        poll(&room, 1, NOTIFY_PAUSE);
        }
}
