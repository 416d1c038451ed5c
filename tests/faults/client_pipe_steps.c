/*
 * client_pipe_steps - pipes, what travels through them, and waiting, while memory runs out
 */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/faults/client_steps.h"

/* Without memory for what is in it, a message stays, and can be asked for once more. */
static int receive(mgr_pipe_end *end)
{
        mgr_value value;
        int first = mgr_pipe_recv(end, 0, &value), r = first;

        if (r == MGR_ENOMEM)
                r = mgr_pipe_recv(end, 0, &value);
        if (r == 0)
                mgr_value_clear(&value);
        return r < 0 ? r : first;
}

static int exchange(mgr_pipe_end *a, mgr_pipe_end *b, const mgr_value *list)
{
        mgr_value bytes;
        int fd, r = mgr_pipe_send(a, TEXT);

        if (r == 0)
                r = mgr_pipe_send_value(a, list);
        if (r == 0)
                r = mgr_pipe_send_bytes(a, TEXT, sizeof(TEXT));
        if (r == 0)
                r = mgr_pipe_send_fd(a, 0);
        if (r == 0)
                r = receive(b);
        if (r == 0)
                r = receive(b);
        if (r == 0)
                r = mgr_pipe_recv_bytes(b, MGR_FOREVER, &bytes);
        if (r < 0)
                return r;
        mgr_value_clear(&bytes);
        r = mgr_pipe_recv_fd(b, 0, &fd);
        if (r == 0)
                close(fd);
        return r;
}

static int pipe_values(struct scene *s)
{
        const mgr_value items[] = { mgr_str(TEXT), mgr_int(1), mgr_bytes(TEXT, sizeof(TEXT)) };
        mgr_pipe_end *a, *b;
        mgr_value list;
        int r;

        (void)s;
        r = mgr_compose(MGR_KIND_LIST, items, 3, &list);
        if (r < 0)
                return r;
        r = mgr_pipe(&a, &b, true);
        if (r == 0) {
                r = exchange(a, b, &list);
                mgr_pipe_free(a);
                mgr_pipe_free(b);
        }
        mgr_value_clear(&list);
        return r;
}

static int pipe_proxies(struct scene *s)
{
        const mgr_value items[] = { mgr_from_list(s->l), mgr_str(TEXT), mgr_from_dict(s->d),
                                    mgr_from_list(s->l) };
        mgr_pipe_end *a, *b;
        mgr_value list;
        int r;

        r = mgr_compose(MGR_KIND_LIST, items, 4, &list);
        if (r < 0)
                return r;
        r = mgr_pipe(&a, &b, true);
        if (r == 0) {
                r = exchange(a, b, &list);
                mgr_pipe_free(a);
                mgr_pipe_free(b);
        }
        mgr_value_clear(&list);
        return r;
}

static int pipe_adopt(struct scene *s)
{
        mgr_pipe_end *end;
        int fds[2], r;

        (void)s;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return MGR_ESYSTEM;
        r = mgr_pipe_adopt(fds[0], &end);
        if (r < 0)
                close(fds[0]); /* ours still */
        else
                mgr_pipe_free(end);
        close(fds[1]);
        return r;
}

/* In vain; then not; and what waits is withdrawn. */
static int wait_for(mgr_queue *q, mgr_queue *empty, mgr_pipe_end *end)
{
        mgr_waitable what[] = { mgr_wait_queue(q), mgr_wait_queue(empty), mgr_wait_pipe(end) };
        int r = mgr_wait(what, 3, 0.0001);

        if (r != MGR_ETIMEOUT)
                return r < 0 ? r : MGR_EPROTOCOL;
        r = mgr_queue_put(q, TEXT, 0);
        if (r == 0)
                r = mgr_wait(what, 3, MGR_FOREVER);
        if (r >= 0 && !what[0].ready)
                return MGR_EPROTOCOL;
        if (r > 0)
                r = mgr_queue_poll(q, MGR_FOREVER);
        return r;
}

static int wait_for_queues(struct scene *s)
{
        mgr_pipe_end *a = NULL, *b = NULL;
        mgr_queue *q = NULL, *empty = NULL;
        int r = mgr_queue_new(s->m, 0, NULL, &q);

        if (r == 0)
                r = mgr_queue_new(s->m, 0, NULL, &empty);
        if (r == 0)
                r = mgr_pipe(&a, &b, true);
        if (r == 0)
                r = wait_for(q, empty, a);
        mgr_pipe_free(a);
        mgr_pipe_free(b);
        mgr_queue_free(q);
        mgr_queue_free(empty);
        return r < 0 ? r : mgr_manager_ping(s->m);
}

const struct step pipe_steps[] = {
        { "pipe_values", pipe_values, 0 },
        { "pipe_proxies", pipe_proxies, 0 },
        { "pipe_adopt", pipe_adopt, 0 },
        { "wait_for_queues", wait_for_queues, 0 },
};

const size_t n_pipe_steps = sizeof(pipe_steps) / sizeof(pipe_steps[0]);
