/*
 * pool_lane - between a pool and one of the workers that it forked
 */
#include "client/pool/pool_lane.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/error.h"
#include "client/private_fd.h"
#include "proto/status.h"

/* --- life */

static void lane_set(struct lane *lane)
{
        struct lane_memory *memory = lane->memory;

        lane->out = (struct ring){ &memory->to_worker, memory->ring_to_worker, 0, 0 };
        lane->in = (struct ring){ &memory->to_pool, memory->ring_to_pool, 0, 0 };
        lane->my_sleeps = &memory->pool_sleeps;
        lane->their_sleeps = &memory->worker_sleeps;
}

int lane_init(struct lane *lane, int *worker_fd)
{
        int fds[2], r;

        lane->fd = -1;
        lane->memory = mmap(NULL, sizeof(*lane->memory), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (lane->memory == MAP_FAILED) {
                lane->memory = NULL;
                return error_set_status(-STATUS_NOMEM);
        }
        lane_set(lane);
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
                lane_deinit(lane);
                return error_set_errno(-STATUS_SYSTEM, "socketpair");
        }
        r = private_fd_add(fds[0]);
        if (r < 0) {
                close(fds[0]);
                close(fds[1]);
                lane_deinit(lane);
                return r;
        }
        lane->fd = fds[0];
        *worker_fd = fds[1];
        return 0;
}

void lane_deinit(struct lane *lane)
{
        int error = errno;

        private_fd_close(lane->fd);
        lane->fd = -1;
        if (lane->memory)
                munmap(lane->memory, sizeof(*lane->memory));
        lane->memory = NULL;
        errno = error;
}

void lane_keep_private(struct lane *lane)
{
        madvise(lane->memory, sizeof(*lane->memory), MADV_DONTFORK);
}

void lane_enter_worker(struct lane *lane, int worker_fd)
{
        const struct ring in = lane->out;

        lane_keep_private(lane);
        lane->out = lane->in;
        lane->in = in;
        lane->my_sleeps = &lane->memory->worker_sleeps;
        lane->their_sleeps = &lane->memory->pool_sleeps;
        lane->fd = worker_fd;
}

/* --- rings */

bool lane_look(struct lane *lane)
{
        struct ring *in = &lane->in, *out = &lane->out;

        in->theirs = atomic_load_explicit(&in->cursors->written, memory_order_acquire);
        out->theirs = atomic_load_explicit(&out->cursors->read, memory_order_acquire);
        return in->theirs - in->mine <= LANE_RING_SIZE && out->mine - out->theirs <= LANE_RING_SIZE;
}

size_t ring_write(struct ring *out, struct span bytes)
{
        size_t n = 0;

        while (n < bytes.size && ring_n_room(out)) {
                size_t n_straight;
                uint8_t *to = ring_at(out, &n_straight);

                if (n_straight > bytes.size - n)
                        n_straight = bytes.size - n;
                memcpy(to, bytes.data + n, n_straight);
                out->mine += n_straight;
                n += n_straight;
        }
        ring_publish(out);
        return n;
}

int ring_read(struct ring *in, size_t max, struct buffer *bytes)
{
        size_t n = ring_n_bytes(in);
        uint8_t *to;

        if (n > max)
                n = max;
        to = buffer_reserve(bytes, n);
        if (!to)
                return bytes->failed;
        while (n) {
                size_t at = (size_t)in->mine % LANE_RING_SIZE, n_straight = LANE_RING_SIZE - at;

                if (n_straight > n)
                        n_straight = n;
                memcpy(to, in->data + at, n_straight);
                to += n_straight;
                bytes->size += n_straight;
                in->mine += n_straight;
                n -= n_straight;
        }
        atomic_store_explicit(&in->cursors->read, in->mine, memory_order_release);
        return 0;
}

/* --- bells */

/*
 * A socket that takes nothing holds bells that have not been heard, and the other side wakes from
 * those; where it does not, it is asked once more.
 */
static void lane_send_bell(int fd)
{
        int n_unheard;

        while (send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != EAGAIN || ioctl(fd, SIOCOUTQ, &n_unheard) < 0 || n_unheard > 0)
                        return;
        }
}

void lane_ring_bell(struct lane *lane)
{
        /* whoever sleeps has set the word before it looked for what we have just done */
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load_explicit(lane->their_sleeps, memory_order_relaxed) &&
            atomic_exchange(lane->their_sleeps, 0))
                lane_send_bell(lane->fd);
}

bool lane_arm(struct lane *lane, size_t wants_bytes, bool wants_room)
{
        atomic_store(lane->my_sleeps, 1);
        atomic_thread_fence(memory_order_seq_cst);
        if (!lane_look(lane))
                return false;
        return !(wants_bytes && ring_n_bytes(&lane->in) >= wants_bytes) &&
               !(wants_room && ring_n_room(&lane->out));
}

void lane_disarm(struct lane *lane)
{
        atomic_store_explicit(lane->my_sleeps, 0, memory_order_relaxed);
}

bool lane_hear(struct lane *lane)
{
        uint8_t bells[64];
        ssize_t n;

        do {
                n = recv(lane->fd, bells, sizeof(bells), MSG_DONTWAIT);
        } while (n < 0 && errno == EINTR);
        return n > 0 || (n < 0 && errno == EAGAIN);
}

void lane_say_end(struct lane *lane)
{
        shutdown(lane->fd, SHUT_WR);
}

bool lane_sleep(struct lane *lane)
{
        uint8_t bells[64];
        ssize_t n;

        do {
                n = recv(lane->fd, bells, sizeof(bells), 0);
        } while (n < 0 && (errno == EINTR || errno == EAGAIN));
        lane_disarm(lane);
        return n > 0;
}
