/*
 * birth - a child between its fork and its first own step
 */
#include "client/process/birth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/error.h"
#include "client/private_fd.h"
#include "client/process/family.h"
#include "proto/status.h"
#include "proto/whole.h"

#define GATE_GO "g" /* anything else, and the end of the pipe: stop */

static void close_one(int *fd)
{
        private_fd_close(*fd);
        *fd = -1;
}

int birth_prepare(struct birth *birth, mgr_process *process)
{
        int r;

        birth->process = process;
        birth->parent_pid = getpid();
        r = family_self_fd(&birth->parent);
        if (r == 0)
                r = private_fd_pipe(&birth->gate, &process->leash);
        if (r == 0 && birth->parent < 0)
                r = private_fd_pipe(&process->watch.fd, &birth->life);
        return r;
}

void birth_kept(const struct birth *birth, int kept[BIRTH_N_KEPT])
{
        kept[0] = birth->gate;
        kept[1] = birth->parent;
        kept[2] = birth->life;
}

int birth_take(struct birth *birth, pid_t pid)
{
        struct watch *watch = &birth->process->watch;
        bool missing;
        int fd, r;

        birth->process->pid = watch->pid = pid;
        watch->is_child = true;
        close_one(&birth->life);
        if (birth->parent < 0)
                return 0;
        fd = watch_open_pidfd(pid, &missing);
        if (fd < 0)
                return error_set_errno(-STATUS_SYSTEM, "pidfd_open");
        r = private_fd_add(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        watch->fd = fd;
        watch->is_pidfd = true;
        return 0;
}

void birth_go(struct birth *birth)
{
        /* we have the reading end still, so there is always somebody to write to */
        whole_write(birth->process->leash, GATE_GO, 1);
        close_one(&birth->gate);
        if (!birth_has_leash(birth))
                close_one(&birth->process->leash);
}

void birth_abort(struct birth *birth)
{
        mgr_process *process = birth->process;

        /* not by the pipe's end alone: somebody else may have got a copy of it */
        if (process->pid > 0 && birth->gate >= 0)
                whole_write(process->leash, "s", 1);
        close_one(&birth->gate);
        close_one(&birth->life);
        close_one(&process->leash);
        while (process->pid > 0 && waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

/* --- in the child */

bool birth_wait(const struct birth *birth)
{
        char said = 0;

        return whole_read(birth->gate, &said, 1) == 1 && said == *GATE_GO;
}

int birth_tie(const struct birth *birth)
{
        const struct f_owner_ex self = { .type = F_OWNER_PID, .pid = getpid() };
        struct pollfd pollfd = { .fd = birth->gate };
        int flags = fcntl(birth->gate, F_GETFL);

        if (flags < 0 || fcntl(birth->gate, F_SETOWN_EX, &self) < 0 ||
            fcntl(birth->gate, F_SETSIG, SIGKILL) < 0 ||
            fcntl(birth->gate, F_SETFL, flags | O_ASYNC) < 0)
                return -1;
        /* closed before anybody listened */
        while (poll(&pollfd, 1, 0) < 0 && errno == EINTR)
                ;
        if (pollfd.revents & POLLHUP)
                kill(getpid(), SIGKILL);
        return 0;
}
