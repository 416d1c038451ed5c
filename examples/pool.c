/*
 * pool - ten tasks for two workers, and somebody who is told of each that is done
 *
 * The Python original:
 *
 *      import os
 *      from multiprocessing import Pool
 *
 *      def work(i):
 *          return (i + 100, os.getpid())
 *
 *      seen, pids = [], set()
 *
 *      def done(result):
 *          seen.append(result[0])
 *          pids.add(result[1])
 *
 *      if __name__ == '__main__':
 *          pool = Pool(2)
 *          for i in range(10):
 *              pool.apply_async(func=work, args=(i,), callback=done)
 *          pool.close()
 *          pool.join()
 *          print("results:", *sorted(seen))
 *          print("our own process did none:", os.getpid() not in pids)
 *
 * There is no thread behind the pool that would run the callback: mgr_pool_join() does, while it
 * waits, so that the callback needs no lock. It prints:
 *
 *      results: 100 101 102 103 104 105 106 107 108 109
 *      our own process did none: True
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define N_TASKS 10

struct results {
        int seen[N_TASKS]; /* how often 100 + i came */
        bool own_pid;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

/* In a worker. What it returns is the result; where it fails, that is. */
static int work(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_value pair[2];
        int64_t i;
        int r;

        (void)n_args;
        r = mgr_value_get_int(&args[0], &i);
        if (r < 0)
                return r;
        pair[0] = mgr_int(i + 100);
        pair[1] = mgr_int(getpid());
        return mgr_compose(MGR_KIND_TUPLE, pair, 2, result);
}

/* In our own process, while it waits. */
static void done(void *arg, const mgr_value *result)
{
        struct results *results = arg;
        mgr_value number, pid;

        check(mgr_value_at(result, 0, &number));
        check(mgr_value_at(result, 1, &pid));
        if (number.as.integer >= 100 && number.as.integer < 100 + N_TASKS)
                ++results->seen[number.as.integer - 100];
        results->own_pid |= pid.as.integer == getpid();
}

static void failed(void *arg, int error, const char *message)
{
        (void)arg, (void)error;
        fprintf(stderr, "%s\n", message);
}

int main(void)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        struct results results = { .own_pid = false };
        mgr_callbacks callbacks = { done, failed, &results };
        mgr_pool *pool;

        options.n_workers = 2;
        check(mgr_pool_new(&pool, &options));
        for (int i = 0; i < N_TASKS; ++i)
                check(mgr_pool_apply_async(pool, work, &callbacks, NULL, i));
        check(mgr_pool_close(pool));
        check(mgr_pool_join(pool, MGR_FOREVER));

        printf("results:");
        for (int i = 0; i < N_TASKS; ++i)
                while (results.seen[i]-- > 0)
                        printf(" %d", 100 + i);
        printf("\nour own process did none: %s\n", results.own_pid ? "False" : "True");
        mgr_pool_free(pool);
        return EXIT_SUCCESS;
}
