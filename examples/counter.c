/*
 * counter - four workers count together, and not one increment is lost
 *
 * In Python this loses most of them, because += reads and writes in two calls and
 * others come in between:
 *
 *      def work(d):
 *          for _ in range(10000):
 *              d["n"] += 1
 *
 *      with Manager() as manager:
 *          d = manager.dict(n=0)
 *          workers = [Process(target=work, args=(d,)) for _ in range(4)]
 *          ...
 *          print(d["n"])                   # some number below 40000
 *
 * mgr_dict_incr() is one call, and every call is atomic. It prints:
 *
 *      40000
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_WORKERS    4
#define N_INCREMENTS 10000

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static void work(mgr_dict *d)
{
        for (int i = 0; i < N_INCREMENTS; ++i)
                check(mgr_dict_incr(d, "n", 1, NULL)); /* NULL: the sum is not wanted here */
}

int main(void)
{
        mgr_manager *manager;
        mgr_dict *d;
        int n;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_dict_new(manager, &d));

        for (int i = 0; i < N_WORKERS; ++i) {
                if (fork() == 0) {
                        work(d);
                        exit(EXIT_SUCCESS);
                }
        }
        while (wait(NULL) > 0)
                ;

        check(mgr_dict_get(d, "n", &n)); /* an int, a long, a double …: whatever &n points to */
        printf("%d\n", n);

        mgr_dict_free(d);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
