/*
 * watch - the end of another process
 */
#include "client/process/watch.h"
#include "client/await.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/status.h"

#define WAIT_PIDFD ((idtype_t)3) /* P_PIDFD, which older headers do not have */

/* As long as it may take the kernel to write down what it has told somebody else. */
#define REAPED_TRIES 20

/*
 * Without a pidfd we look every so often: a descriptor that the process gave to others tells of
 * their end, too.
 */
#define PIPE_PATIENCE (CLOCK_SECOND / 20)

/* What Linux 6.15 and later tell by a pidfd of a process that is gone. */
struct pidfd_info {
        uint64_t mask;
        uint64_t cgroup_id;
        uint32_t pid, tgid, ppid;
        uint32_t ids[8];
        int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info) == 64, "the kernel's first size of it");

#define PIDFD_INFO_HAS_EXIT (UINT64_C(1) << 3)
#define PIDFD_ASK_INFO      _IOWR(0xff, 11, struct pidfd_info)

int watch_open_pidfd(pid_t pid, bool *missing)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        siginfo_t info = { 0 };

        *missing = fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EACCES);
        if (fd < 0 || pid != getpid())
                return fd;
        /* one that cannot be waited for (Linux 5.3) is of no use; nobody is his own child */
        if (waitid(WAIT_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG) < 0 && errno == EINVAL) {
                close(fd);
                *missing = true;
                errno = ENOSYS;
                return -1;
        }
        return fd;
}

static bool is_ready(int fd)
{
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };
        int n;

        do
                n = poll(&pollfd, 1, 0);
        while (n < 0 && errno == EINTR);
        return n > 0;
}

static void set_ended(struct watch *watch, const siginfo_t *info)
{
        watch->ended = watch->has_code = true;
        watch->code = info->si_code == CLD_EXITED ? info->si_status : -info->si_status;
}

bool watch_check(struct watch *watch)
{
        siginfo_t info = { 0 };
        int r;

        if (watch->ended)
                return true;
        if (!watch->is_child) {
                watch->ended = is_ready(watch->fd);
                return watch->ended;
        }
        do
                r = watch->is_pidfd ? waitid(WAIT_PIDFD, (id_t)watch->fd, &info, WEXITED | WNOHANG)
                                    : waitid(P_PID, (id_t)watch->pid, &info, WEXITED | WNOHANG);
        while (r < 0 && errno == EINTR);
        if (r == 0 && info.si_pid != 0)
                set_ended(watch, &info);
        else if (r < 0)
                watch->ended = true; /* somebody else was told */
        return watch->ended;
}

/* Once the child is wholly gone; until then the answer lacks what we ask for. */
static bool ask_kernel(struct watch *watch)
{
        struct pidfd_info info;

        for (int i = 0; i < REAPED_TRIES; ++i) {
                info = (struct pidfd_info){ .mask = PIDFD_INFO_HAS_EXIT };
                if (ioctl(watch->fd, PIDFD_ASK_INFO, &info) < 0 && errno != ESRCH)
                        return false;
                if (info.mask & PIDFD_INFO_HAS_EXIT) {
                        watch->has_code = true;
                        watch->code = WIFSIGNALED(info.exit_code) ? -WTERMSIG(info.exit_code)
                                                                  : WEXITSTATUS(info.exit_code);
                        return true;
                }
                poll(NULL, 0, 1);
        }
        return false;
}

bool watch_read_code(struct watch *watch, int *code)
{
        if (!watch->has_code && (!watch->is_child || !watch->is_pidfd || !ask_kernel(watch)))
                return false;
        *code = watch->code;
        return true;
}

int watch_signal(struct watch *watch, int signal_number)
{
        int r;

        if (watch->is_pidfd)
                r = (int)syscall(SYS_pidfd_send_signal, watch->fd, signal_number, NULL, 0);
        else if (watch_check(watch))
                return 0; /* the number may be another one's already */
        else
                r = kill(watch->pid, signal_number);
        return r < 0 && errno == ESRCH ? 0 : r;
}

int watch_wait(int fd, bool is_pidfd, uint64_t deadline)
{
        uint64_t again = is_pidfd ? CLOCK_FOREVER : clock_now() + PIPE_PATIENCE;
        int n = await_fd(fd, POLLIN, again < deadline ? again : deadline, false);

        if (n < 0)
                return -STATUS_SYSTEM;
        return n || clock_now() < deadline ? 0 : -STATUS_TIMEOUT;
}
