/*
 * refuse - a kernel without pidfds, as far as this process and its children can tell
 */
#pragma once

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* There is no way back. */
static inline void refuse_pidfds(void)
{
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { .len = 4, .filter = filter };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ||
            syscall(SYS_pidfd_open, getpid(), 0) >= 0) {
                perror("pidfds cannot be refused");
                _exit(EXIT_FAILURE);
        }
}

/* Runs the tests in a child that has no pidfds. Returns how many failed. */
static inline int run_without_pidfds(int (*run)(void))
{
        pid_t pid;
        int status;

        fflush(NULL);
        pid = fork();
        if (pid == 0) {
                refuse_pidfds();
                printf("without pidfds:\n");
                status = run();
                fflush(NULL);
                _exit(status != 0);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}
