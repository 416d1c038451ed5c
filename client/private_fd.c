/*
 * private_fd - descriptors that are of this process alone
 */
#include "client/private_fd.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/error.h"
#include "proto/status.h"

static struct {
        pthread_mutex_t lock;
        int *fds; /* owned, in no order */
        size_t n, n_room;
} private_fds = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What this thread's next fork leaves to the child. */
static _Thread_local struct {
        const int *fds; /* borrowed */
        size_t n;
} kept;

/* Room for n more. With the lock held. */
static int make_room(size_t n)
{
        size_t n_room = private_fds.n_room ? private_fds.n_room * 2 : 16;
        int *fds;

        if (private_fds.n + n <= private_fds.n_room)
                return 0;
        fds = realloc(private_fds.fds, n_room * sizeof(*fds));
        if (!fds)
                return -STATUS_NOMEM;
        private_fds.fds = fds;
        private_fds.n_room = n_room;
        return 0;
}

int private_fd_add(int fd)
{
        int r;

        pthread_mutex_lock(&private_fds.lock);
        r = make_room(1);
        if (r == 0)
                private_fds.fds[private_fds.n++] = fd;
        pthread_mutex_unlock(&private_fds.lock);
        return r < 0 ? error_set_status(r) : 0;
}

int private_fd_pipe(int *reader, int *writer)
{
        int fds[2], r;

        pthread_mutex_lock(&private_fds.lock);
        r = make_room(2);
        if (r == 0 && pipe2(fds, O_CLOEXEC) < 0)
                r = -STATUS_SYSTEM;
        if (r == 0) {
                private_fds.fds[private_fds.n++] = *reader = fds[0];
                private_fds.fds[private_fds.n++] = *writer = fds[1];
        }
        pthread_mutex_unlock(&private_fds.lock);
        if (r == -STATUS_SYSTEM)
                return error_set_errno(r, "pipe");
        return r < 0 ? error_set_status(r) : 0;
}

void private_fd_keep(const int *fds, size_t n)
{
        kept.fds = fds;
        kept.n = n;
}

static bool is_kept(int fd)
{
        for (size_t i = 0; i < kept.n; ++i)
                if (kept.fds[i] == fd)
                        return true;
        return false;
}

/* With the lock held. */
static void forget(int fd)
{
        for (size_t i = 0; i < private_fds.n; ++i)
                if (private_fds.fds[i] == fd) {
                        private_fds.fds[i] = private_fds.fds[--private_fds.n];
                        return;
                }
}

void private_fd_remove(int fd)
{
        pthread_mutex_lock(&private_fds.lock);
        forget(fd);
        pthread_mutex_unlock(&private_fds.lock);
}

void private_fd_close(int fd)
{
        if (fd < 0)
                return;
        /* in one step: a fork in between must not close what has the number next */
        pthread_mutex_lock(&private_fds.lock);
        forget(fd);
        close(fd);
        pthread_mutex_unlock(&private_fds.lock);
}

void private_fd_prepare(void)
{
        pthread_mutex_lock(&private_fds.lock);
}

void private_fd_parent(void)
{
        kept.n = 0;
        pthread_mutex_unlock(&private_fds.lock);
}

/*
 * All but those that are kept. By a bare system call: what watches over threads takes this for one
 * of them, and a child for its parent.
 */
static void close_others(void)
{
        size_t n = 0;

        for (size_t i = 0; i < private_fds.n; ++i)
                if (is_kept(private_fds.fds[i]))
                        private_fds.fds[n++] = private_fds.fds[i];
                else
                        syscall(SYS_close, private_fds.fds[i]);
        private_fds.n = n;
        kept.n = 0;
}

void private_fd_child(void)
{
        close_others();
        pthread_mutex_unlock(&private_fds.lock);
}

void private_fd_leave(void)
{
        close_others();
}

/*
 * What is listed may be other descriptors by now. Another thread may have been in the middle of the
 * list: then it is left as it is, unread.
 */
void private_fd_noticed(void)
{
        if (pthread_mutex_trylock(&private_fds.lock) == 0) {
                pthread_mutex_unlock(&private_fds.lock);
        } else {
                pthread_mutex_init(&private_fds.lock, NULL);
                private_fds.fds = NULL;
                private_fds.n_room = 0;
        }
        private_fds.n = 0;
        kept.n = 0;
}
