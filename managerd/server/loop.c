/*
 * loop - libuv's loop, with all the memory that it will ever want
 */
#include "managerd/server/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "managerd/log.h"

/*
 * Half a megabyte of places. Where a process has more descriptors open than that, and no memory
 * for a bigger table, it ends.
 */
#define LOOP_MAX_ROOM 65000

/* libuv asks for it only for the table of descriptors, and takes no failure for an answer. */
static void *loop_realloc(void *block, size_t size)
{
        void *grown = realloc(block, size);

        if (grown)
                return grown;
        log_error("loop: out of memory");
        exit(EXIT_FAILURE);
}

static void loop_on_poll(uv_poll_t *poll, int status, int events)
{
        (void)poll, (void)status, (void)events;
}

/* Watches the highest descriptor for a moment: the table never shrinks. */
static int loop_make_room(uv_loop_t *loop)
{
        struct rlimit rlimit;
        uv_poll_t poll;
        int low, high, r;

        if (getrlimit(RLIMIT_NOFILE, &rlimit) < 0)
                return -errno;
        if (rlimit.rlim_cur > LOOP_MAX_ROOM)
                rlimit.rlim_cur = LOOP_MAX_ROOM;
        low = eventfd(0, EFD_CLOEXEC);
        if (low < 0)
                return -errno;
        high = fcntl(low, F_DUPFD_CLOEXEC, (int)rlimit.rlim_cur - 1);
        r = high < 0 ? -errno : uv_poll_init(loop, &poll, high);
        if (r == 0) {
                uv_poll_start(&poll, UV_READABLE, loop_on_poll);
                uv_close((uv_handle_t *)&poll, NULL);
                uv_run(loop, UV_RUN_NOWAIT);
        }
        if (high >= 0)
                close(high);
        close(low);
        return r;
}

int loop_init(uv_loop_t *loop)
{
        int r = uv_replace_allocator(malloc, loop_realloc, calloc, free);

        if (r == 0)
                r = uv_loop_init(loop);
        if (r < 0)
                return r;
        r = loop_make_room(loop);
        if (r < 0)
                uv_loop_close(loop);
        return r;
}
