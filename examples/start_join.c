/*
 * start_join - a function in a process of its own
 *
 * In Python:
 *
 *      from multiprocessing import Process
 *
 *      def greet(name):
 *              print('hello', name)
 *
 *      p = Process(target=greet, args=('bob',))
 *      p.start()
 *      p.join()
 *      print('exit code', p.exitcode)
 *
 * Here the process is started as soon as it is made. It prints:
 *
 *      hello bob
 *      exit code 0
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static int greet(void *name)
{
        printf("hello %s\n", (const char *)name);
        return 0;
}

int main(void)
{
        char name[] = "bob";
        mgr_process *p;
        int code;

        check(mgr_process_start(&p, greet, name, NULL));
        check(mgr_process_join(p, MGR_FOREVER));
        check(mgr_process_exitcode(p, &code));
        printf("exit code %d\n", code);
        mgr_process_free(p);
        return 0;
}
