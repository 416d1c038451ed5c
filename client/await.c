/*
 * await - until a descriptor is ready, or it is too late
 */
#include "client/await.h"

#include <errno.h>
#include <poll.h>

#include "proto/clock.h"

int await_fd(int fd, short events, uint64_t deadline, bool interruptible)
{
        struct pollfd pollfd = { .fd = fd, .events = events };

        for (;;) {
                struct timespec left;
                int n;

                n = ppoll(&pollfd, 1, clock_left(deadline, &left), NULL);
                if (n >= 0 || errno != EINTR || interruptible)
                        return n;
        }
}
