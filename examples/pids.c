/*
 * pids - who is who: names, process numbers, parents
 *
 * In Python:
 *
 *      import os
 *      from multiprocessing import Process, current_process, parent_process
 *
 *      def info(title):
 *              print(title)
 *              print('  name:', current_process().name)
 *              print('  parent:', parent_process().name if parent_process() else None)
 *              print('  process id:', os.getpid(), 'of parent', os.getppid())
 *
 *      def work(name):
 *              info('function work')
 *              print('hello', name)
 *
 *      info('main')
 *      p = Process(target=work, args=('bob',))
 *      p.start()
 *      p.join()
 *
 * Here the numbers are compared instead of printed, for they are others every time. It prints:
 *
 *      main
 *        name: MainProcess
 *        parent: None
 *      function work
 *        name: Process-1
 *        parent: MainProcess
 *        the parent's process id is that of getppid()
 *      hello bob
 *      the child had another process id than we, and its handle knows it
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static void info(const char *title)
{
        mgr_process *parent = mgr_parent_process();

        printf("%s\n", title);
        printf("  name: %s\n", mgr_process_name(mgr_current_process()));
        printf("  parent: %s\n", parent ? mgr_process_name(parent) : "None");
        if (parent && mgr_process_pid(parent) == getppid())
                printf("  the parent's process id is that of getppid()\n");
}

/* Its own number, so that the parent can compare it. */
struct job {
        const char *name;
        int fd;
};

static int work(void *arg)
{
        const struct job *job = arg;
        pid_t pid = getpid();

        info("function work");
        printf("hello %s\n", job->name);
        return write(job->fd, &pid, sizeof(pid)) != sizeof(pid);
}

int main(void)
{
        struct job job = { .name = "bob" };
        mgr_process *p;
        pid_t pid;
        int fds[2];

        info("main");
        if (pipe(fds) < 0)
                return EXIT_FAILURE;
        job.fd = fds[1];
        check(mgr_process_start(&p, work, &job, NULL));
        if (read(fds[0], &pid, sizeof(pid)) != sizeof(pid))
                return EXIT_FAILURE;
        check(mgr_process_join(p, MGR_FOREVER));
        if (pid != getpid() && pid == mgr_process_pid(p))
                printf("the child had another process id than we, and its handle knows it\n");
        mgr_process_free(p);
        return 0;
}
