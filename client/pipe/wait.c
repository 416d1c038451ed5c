/*
 * wait - until one of several things is ready
 *
 * One ppoll() for all: pipes, processes and plain descriptors are descriptors anyway, and of
 * queues it is the connection to their daemon (polls.h).
 */
#include "client/pipe/wait.h"
#include "client/arguments.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/pipe/pipe.h"
#include "client/pipe/polls.h"
#include "proto/clock.h"

struct wait {
        mgr_waitable *what; /* borrowed */
        size_t n;
        struct pollfd *pollfds; /* owned: one for each thing, and one for each session */
        struct polls polls;
        size_t n_ready;     /* besides queues */
        bool interruptible; /* a signal ends it */
};

static mgr_waitable waitable(int kind, const void *object, int fd)
{
        mgr_waitable thing = { .kind = kind, .object = object, .fd = fd };

        return thing;
}

mgr_waitable mgr_wait_pipe(const mgr_pipe_end *end)
{
        return waitable(WAIT_PIPE, end, -1);
}

mgr_waitable mgr_wait_process(const mgr_process *process)
{
        return waitable(WAIT_PROCESS, process, -1);
}

mgr_waitable mgr_wait_queue(const mgr_queue *queue)
{
        return waitable(WAIT_QUEUE, queue, -1);
}

mgr_waitable mgr_wait_fd(int fd)
{
        return waitable(WAIT_FD, NULL, fd);
}

/* --- beginning */

static void mark_ready(struct wait *wait, mgr_waitable *thing)
{
        if (!thing->ready)
                ++wait->n_ready;
        thing->ready = true;
}

static int check_pipe(const mgr_pipe_end *end)
{
        return end->readable ? 0 : error_set(-STATUS_RUNTIME, "connection is write-only");
}

/* Which descriptor tells of it; a queue has none of its own. */
static int find_fd(struct wait *wait, mgr_waitable *thing, int *fd)
{
        int r = 0;

        *fd = -1;
        if (thing->kind != WAIT_FD && !thing->object)
                return error_set_status(-STATUS_ARGUMENT);
        switch (thing->kind) {
        case WAIT_PIPE:
                r = check_pipe(thing->object);
                *fd = mgr_pipe_fd(thing->object);
                if (r == 0 && pipe_is_ready(thing->object))
                        mark_ready(wait, thing);
                return r;
        case WAIT_PROCESS:
                *fd = mgr_process_sentinel(thing->object);
                return *fd < 0 ? *fd : 0;
        case WAIT_QUEUE:
                return 0;
        case WAIT_FD:
                *fd = thing->fd;
                return *fd < 0 ? error_set(-STATUS_ARGUMENT, "descriptor %d is not open", *fd) : 0;
        default:
                return error_set_status(-STATUS_ARGUMENT);
        }
}

static void wait_deinit(struct wait *wait)
{
        polls_deinit(&wait->polls);
        free(wait->pollfds);
}

static int wait_init(struct wait *wait, mgr_waitable *what, size_t n)
{
        int r = 0;

        *wait = (struct wait){ .what = what, .n = n };
        for (size_t i = 0; i < n; ++i)
                what[i].ready = false;
        wait->pollfds = calloc(n ? 2 * n : 1, sizeof(*wait->pollfds));
        if (!wait->pollfds)
                return error_set_status(-STATUS_NOMEM);
        for (size_t i = 0; i < n && r == 0; ++i) {
                wait->pollfds[i].events = POLLIN;
                r = find_fd(wait, &what[i], &wait->pollfds[i].fd);
        }
        if (r == 0)
                r = polls_init(&wait->polls, what, n);
        for (size_t i = 0; r == 0 && i < wait->polls.n_sessions; ++i)
                wait->interruptible |= wait->polls.sessions[i].manager->flags & MGR_INTERRUPTIBLE;
        return r;
}

/* --- waiting */

static size_t count_ready(const struct wait *wait)
{
        return wait->n_ready + wait->polls.n_ready;
}

/* 1 where something happened, 0 where time is up. */
static int sleep_until(struct wait *wait, size_t n, uint64_t deadline)
{
        for (;;) {
                struct timespec left;
                int r;

                r = ppoll(wait->pollfds, n, clock_left(deadline, &left), NULL);
                if (r >= 0)
                        return r > 0;
                if (errno != EINTR)
                        return error_set_errno(-STATUS_SYSTEM, "poll");
                if (wait->interruptible && !count_ready(wait) && clock_now() < deadline)
                        return error_set_status(-STATUS_INTERRUPTED);
        }
}

static int take_descriptors(struct wait *wait)
{
        for (size_t i = 0; i < wait->n; ++i) {
                if (wait->pollfds[i].revents & POLLNVAL)
                        return error_set(-STATUS_ARGUMENT, "descriptor %d is not open",
                                         wait->pollfds[i].fd);
                if (wait->pollfds[i].fd >= 0 && wait->pollfds[i].revents)
                        mark_ready(wait, &wait->what[i]);
        }
        return 0;
}

/* Looks at everything once, and sleeps before it where nothing is ready yet. */
static int look(struct wait *wait, uint64_t deadline)
{
        struct polls *polls = &wait->polls;
        struct pollfd *pollfds = wait->pollfds + wait->n;
        int r, happened;

        for (size_t i = 0; i < polls->n_sessions; ++i) {
                pollfds[i].fd = polls_fd(&polls->sessions[i]);
                pollfds[i].events = POLLIN;
                pollfds[i].revents = 0;
        }
        happened = sleep_until(wait, wait->n + polls->n_sessions, deadline);
        if (happened <= 0)
                return happened;
        r = take_descriptors(wait);
        for (size_t i = 0; i < polls->n_sessions && r == 0; ++i)
                if (pollfds[i].revents)
                        r = polls_receive(&polls->sessions[i]);
        return r < 0 ? r : 1;
}

/* The number of those that are ready, or 0. */
static int wait_run(struct wait *wait, double timeout)
{
        uint64_t deadline = clock_after(timeout);
        int r;

        r = polls_begin(&wait->polls, timeout == 0);
        while (r >= 0) {
                /* what is ready is no reason not to look at the others */
                r = look(wait, count_ready(wait) ? 0 : deadline);
                if (r == 0 || (r > 0 && count_ready(wait)))
                        break;
        }
        return r;
}

int mgr_wait(mgr_waitable *what, size_t n, double timeout)
{
        struct wait wait;
        size_t n_ready;
        int r;

        if (n && !what)
                return error_set_status(-STATUS_ARGUMENT);
        r = arguments_check_timeout(timeout);
        if (r == 0)
                r = registry_init();
        if (r < 0)
                return r;
        r = wait_init(&wait, what, n);
        if (r == 0)
                r = wait_run(&wait, timeout);
        /* whoever is withdrawn may have been told in the meantime */
        wait_deinit(&wait);
        n_ready = 0;
        for (size_t i = 0; i < n; ++i) {
                if (r < 0)
                        what[i].ready = false;
                n_ready += what[i].ready;
        }
        if (r < 0)
                return error_status(); /* to withdraw may have failed, too */
        return n_ready ? (int)n_ready : error_set_status(-STATUS_TIMEOUT);
}
