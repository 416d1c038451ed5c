/*
 * await - until a descriptor is ready, or it is too late
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Waits for events of poll(): 1 where there are some, 0 where time is up, -1 with errno; with
 * EINTR only where signals may end it, for else it waits on.
 */
int await_fd(int fd, short events, uint64_t deadline, bool interruptible);
