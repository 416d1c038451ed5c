/*
 * work_queue - jobs for workers that crash, and not one job is lost
 *
 * With Python's queue a job is gone as soon as a worker has taken it, whatever becomes
 * of the worker. Here it stays in flight until the worker says that it is done; if
 * the worker dies first, the job goes back to the head of the queue. A job that kills
 * whoever takes it would do so for ever, so after three times it is put aside.
 *
 * In this program job 5 has bad luck once, and job 13 kills every worker. It prints:
 *
 *      job 5 is tried again
 *      19 jobs are done: the sum of their squares is 2701
 *      job 13 was given up
 *      4 workers crashed
 */
#include <manager.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_WORKERS 4
#define N_JOBS    20

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

/* What a segmentation fault, or the kernel short of memory, would do to it. */
static void crash(void)
{
        raise(SIGKILL);
}

static void do_job(mgr_dict *results, int job, uint64_t delivery)
{
        if (job == 13 || (job == 5 && delivery == 1))
                crash();
        if (delivery > 1) {
                printf("job %d is tried again\n", job);
                fflush(stdout);
        }
        check(mgr_dict_incr(results, "sum", job * job, NULL));
        check(mgr_dict_incr(results, "n", 1, NULL));
}

static void work(mgr_queue *jobs, mgr_dict *results)
{
        uint64_t delivery;
        int job, r;

        while ((r = mgr_queue_get_delivery(jobs, MGR_FOREVER, &job, &delivery)) == 0) {
                do_job(results, job, delivery);
                check(mgr_queue_task_done(jobs)); /* from here on it cannot come back */
        }
        /* shut down, empty, and nothing in flight that could come back */
        exit(r == MGR_ESHUT_DOWN ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void start_worker(mgr_queue *jobs, mgr_dict *results)
{
        if (fork() == 0)
                work(jobs, results);
}

static void tell(mgr_queue *jobs, mgr_dict *results, int n_crashed)
{
        mgr_value letters, letter, job;
        uint64_t start = 0;
        int n, sum;

        check(mgr_dict_get(results, "n", &n));
        check(mgr_dict_get(results, "sum", &sum));
        printf("%d jobs are done: the sum of their squares is %d\n", n, sum);

        check(mgr_queue_dead_letters(jobs, &start, 10, &letters));
        check(mgr_value_at(&letters, 0, &letter));
        check(mgr_value_find(&letter, MGR_IN("item"), &job));
        printf("job %lld was given up\n", (long long)job.as.integer);
        mgr_value_clear(&letters);
        printf("%d workers crashed\n", n_crashed);
}

int main(void)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        mgr_manager *manager;
        mgr_queue *jobs;
        mgr_dict *results;
        int status, n_crashed = 0;

        options.redeliver = true;
        options.max_deliveries = 3;
        check(mgr_manager_start(&manager, NULL));
        check(mgr_queue_new(manager, 0, &options, &jobs));
        check(mgr_dict_new(manager, &results));

        for (int job = 1; job <= N_JOBS; ++job)
                check(mgr_queue_put(jobs, job, MGR_FOREVER));
        check(mgr_queue_shutdown(jobs, false)); /* no more will come */

        for (int i = 0; i < N_WORKERS; ++i)
                start_worker(jobs, results);
        while (wait(&status) > 0) {
                if (WIFEXITED(status))
                        continue;
                ++n_crashed;
                start_worker(jobs, results);
        }
        check(mgr_queue_join(jobs, MGR_FOREVER)); /* every job is done, or given up */
        tell(jobs, results, n_crashed);

        mgr_queue_free(jobs);
        mgr_dict_free(results);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
