/*
 * socket - the transport over a Unix stream socket
 */
#include "managerd/server/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "managerd/object/list.h"

/*
 * UV_DISCONNECT would come already when the other side has only finished sending. A
 * hang-up is told whatever one asks for, so this asks for what these sockets never have.
 */
#define SOCKET_HUNG_UP UV_PRIORITIZED

static struct socket *socket_of(struct transport *transport)
{
        return container_of(transport, struct socket, transport);
}

static ssize_t socket_read(struct transport *transport, void *to, size_t n)
{
        ssize_t r;

        do
                r = recv(socket_of(transport)->fd, to, n, MSG_DONTWAIT);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : r;
}

static ssize_t socket_write(struct transport *transport, const void *from, size_t n)
{
        ssize_t r;

        do
                r = send(socket_of(transport)->fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : r;
}

static void socket_on_poll(uv_poll_t *poll, int status, int events)
{
        struct socket *sock = poll->data;
        unsigned happened = 0;

        if (status < 0) {
                /* libuv has stopped the handle; reading or writing will tell the error. */
                happened = sock->wanted;
                sock->wanted = 0;
        }
        if (events & UV_READABLE)
                happened |= TRANSPORT_DATA;
        if (events & UV_WRITABLE)
                happened |= TRANSPORT_SPACE;
        if (events & SOCKET_HUNG_UP)
                happened |= TRANSPORT_END;
        sock->transport.event(&sock->transport, happened);
}

static void socket_want(struct transport *transport, unsigned events)
{
        struct socket *sock = socket_of(transport);
        int polled = 0;

        if (events == sock->wanted)
                return;
        sock->wanted = events;
        if (events & TRANSPORT_DATA)
                polled |= UV_READABLE;
        if (events & TRANSPORT_SPACE)
                polled |= UV_WRITABLE;
        if (events & TRANSPORT_END)
                polled |= SOCKET_HUNG_UP;
        uv_poll_start(&sock->poll, polled, socket_on_poll);
}

static void socket_on_close(uv_handle_t *handle)
{
        struct socket *sock = handle->data;

        sock->transport.closed(&sock->transport);
}

static void socket_close(struct transport *transport)
{
        struct socket *sock = socket_of(transport);

        /* libuv forgets the descriptor at once: it can be closed and its number used again. */
        uv_close((uv_handle_t *)&sock->poll, socket_on_close);
        close(sock->fd);
        sock->fd = -1;
}

static const struct transport_type socket_type = {
        .name = "socket",
        .read = socket_read,
        .write = socket_write,
        .want = socket_want,
        .close = socket_close,
};

int socket_init(struct socket *sock, uv_loop_t *loop, int fd)
{
        int r;

        *sock = (struct socket){ .transport.type = &socket_type, .fd = fd };
        r = uv_poll_init(loop, &sock->poll, fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        sock->poll.data = sock;
        return 0;
}
