/*
 * daemon - a process that ends with its parent
 *
 * In Python:
 *
 *      import os, signal
 *      from multiprocessing import Event, Process
 *
 *      def serve(serving):
 *              try:
 *                      Process(target=print).start()
 *              except AssertionError as e:
 *                      print(e)
 *              serving.set()
 *              signal.pause()
 *
 *      def be_parent():
 *              serving = Event()
 *              Process(target=serve, args=(serving,), daemon=True).start()
 *              serving.wait()
 *              os.kill(os.getpid(), signal.SIGKILL)
 *
 *      p = Process(target=be_parent)
 *      p.start()
 *      p.join()
 *      print('the parent ended with', p.exitcode)
 *
 * There the daemon lives on when its parent is killed. Here it ends however its parent ends, which
 * is shown by a pipe: it closes when the last process that has it is gone. It prints:
 *
 *      daemonic processes are not allowed to have children
 *      the parent ended with -9
 *      the daemon is gone, too
 */
#include <manager.h>

#include <signal.h>
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

struct pipes {
        int serving[2]; /* the daemon says that it is there */
        int alive[2];   /* nobody says anything: it closes */
};

static int do_nothing(void *arg)
{
        (void)arg;
        return 0;
}

static int serve(void *arg)
{
        const struct pipes *pipes = arg;
        mgr_process *p;

        if (mgr_process_start(&p, do_nothing, NULL, NULL) == MGR_EASSERTION)
                printf("%s\n", mgr_errmsg());
        fflush(stdout); /* it will not come to its end */
        if (write(pipes->serving[1], "", 1) != 1)
                return EXIT_FAILURE;
        for (;;)
                pause();
}

static int be_parent(void *arg)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        const struct pipes *pipes = arg;
        mgr_process *p;
        char byte;

        options.daemon = 1;
        check(mgr_process_start(&p, serve, arg, &options));
        if (read(pipes->serving[0], &byte, 1) != 1)
                return EXIT_FAILURE;
        raise(SIGKILL);
        return 0;
}

int main(void)
{
        struct pipes pipes;
        mgr_process *p;
        char byte;
        int code;

        if (pipe(pipes.serving) < 0 || pipe(pipes.alive) < 0)
                return EXIT_FAILURE;
        check(mgr_process_start(&p, be_parent, &pipes, NULL));
        check(mgr_process_join(p, MGR_FOREVER));
        check(mgr_process_exitcode(p, &code));
        printf("the parent ended with %d\n", code);
        mgr_process_free(p);

        close(pipes.alive[1]);
        if (read(pipes.alive[0], &byte, 1) == 0)
                printf("the daemon is gone, too\n");
        return 0;
}
