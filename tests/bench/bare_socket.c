/*
 * bare_socket - what a Unix stream socket could do if nothing had to be done
 *
 * One process with an epoll loop that sends back whatever arrives, and clients
 * that block. The difference between this and a contender on sockets is what
 * the contender itself costs; the rest is the kernel's.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/contender.h"
#include "tests/bench/echo.h"

#define SOCKET_BUFFER 65536
#define SOCKET_EVENTS 64

struct socket_server {
        struct sockaddr_un address;
        pid_t pid;
};

struct socket_client {
        int fd;
        uint64_t number;
        struct echo frames[BENCH_MAX_BATCH];
};

static bool socket_write(int fd, const void *data, size_t size)
{
        const char *bytes = data;

        while (size) {
                ssize_t r = send(fd, bytes, size, MSG_NOSIGNAL);

                if (r <= 0)
                        return false;
                bytes += r;
                size -= (size_t)r;
        }
        return true;
}

static bool socket_read(int fd, void *data, size_t size)
{
        char *bytes = data;

        while (size) {
                ssize_t r = recv(fd, bytes, size, 0);

                if (r <= 0)
                        return false;
                bytes += r;
                size -= (size_t)r;
        }
        return true;
}

static void socket_accept(int poller, int listener)
{
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

        if (fd >= 0 && epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
                close(fd);
}

/* A batch fits into the kernel's buffers, so writing cannot block for long. */
static void socket_echo(int fd)
{
        char buffer[SOCKET_BUFFER];
        ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

        if (n <= 0 || !socket_write(fd, buffer, (size_t)n))
                close(fd);
}

_Noreturn static void socket_serve(int listener)
{
        struct epoll_event events[SOCKET_EVENTS] = { { .events = EPOLLIN } };
        int poller = epoll_create1(EPOLL_CLOEXEC);

        events[0].data.fd = listener;
        if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &events[0]) < 0)
                _exit(EXIT_FAILURE);
        for (;;) {
                int n = epoll_wait(poller, events, SOCKET_EVENTS, -1);

                for (int i = 0; i < n; ++i) {
                        if (events[i].data.fd == listener)
                                socket_accept(poller, listener);
                        else
                                socket_echo(events[i].data.fd);
                }
        }
}

static int socket_start(const char *directory, void **serverp)
{
        struct socket_server *server = calloc(1, sizeof(*server));
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (!server || listener < 0)
                goto fail;
        server->address.sun_family = AF_UNIX;
        if ((size_t)snprintf(server->address.sun_path, sizeof(server->address.sun_path),
                             "%s/echo.socket", directory) >= sizeof(server->address.sun_path))
                goto fail;
        if (bind(listener, (struct sockaddr *)&server->address, sizeof(server->address)) < 0 ||
            listen(listener, SOMAXCONN) < 0)
                goto fail;

        server->pid = child_fork();
        if (!server->pid)
                socket_serve(listener);
        if (server->pid < 0)
                goto fail;
        close(listener);
        *serverp = server;
        return 0;

fail:
        perror("bench: bare-socket");
        if (listener >= 0)
                close(listener);
        free(server);
        return -1;
}

static void socket_stop(void *data)
{
        struct socket_server *server = data;

        child_stop(server->pid);
        unlink(server->address.sun_path);
        free(server);
}

static int socket_open(void *data, unsigned worker, void **clientp)
{
        struct socket_server *server = data;
        struct socket_client *client = calloc(1, sizeof(*client));

        (void)worker;
        if (!client)
                return -1;
        client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (client->fd < 0 ||
            connect(client->fd, (struct sockaddr *)&server->address, sizeof(server->address)) < 0) {
                perror("bench: bare-socket: connect");
                if (client->fd >= 0)
                        close(client->fd);
                free(client);
                return -1;
        }
        *clientp = client;
        return 0;
}

static void socket_close(void *data)
{
        struct socket_client *client = data;

        close(client->fd);
        free(client);
}

static int socket_batch(void *data, const struct call *calls, size_t n)
{
        struct socket_client *client = data;

        for (size_t i = 0; i < n; ++i)
                echo_init(&client->frames[i], client->number + i, &calls[i]);
        if (!socket_write(client->fd, client->frames, n * ECHO_SIZE) ||
            !socket_read(client->fd, client->frames, n * ECHO_SIZE)) {
                perror("bench: bare-socket");
                return -1;
        }
        for (size_t i = 0; i < n; ++i) {
                if (!echo_answers(&client->frames[i], client->number + i, &calls[i])) {
                        fprintf(stderr, "bench: bare-socket: a wrong reply\n");
                        return -1;
                }
        }
        client->number += n;
        return 0;
}

static int socket_call(void *client, const struct call *call)
{
        return socket_batch(client, call, 1);
}

const struct contender contender_bare_socket = {
        .name = "bare-socket",
        .title = "bare echo over a Unix socket",
        .family = "bare-socket",
        .start = socket_start,
        .stop = socket_stop,
        .open = socket_open,
        .close = socket_close,
        .call = socket_call,
        .batch = socket_batch,
};
