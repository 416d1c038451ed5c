/*
 * barrier - three processes take each step together
 *
 *      from multiprocessing import Array, Barrier, Process
 *
 *      def work(barrier, heights, me):
 *          for step in range(1, 4):
 *              heights[me] = step * (me + 1)
 *              if barrier.wait() == 0:            # everybody has written, one of them tells
 *                  print('after step', step, 'the sum is', sum(heights[:]), flush=True)
 *              barrier.wait()                     # before anybody writes again
 *
 *      barrier, heights = Barrier(3), Array('i', 3)
 *      workers = [Process(target=work, args=(barrier, heights, i)) for i in range(3)]
 *      …
 *
 * Both print:
 *
 *      after step 1 the sum is 6
 *      after step 2 the sum is 12
 *      after step 3 the sum is 18
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_WORKERS 3
#define N_STEPS   3

struct job {
        mgr_barrier *barrier;
        mgr_shared_array *heights;
        int me;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static mgr_process *start(mgr_target *target, void *arg)
{
        mgr_process *process;

        check(mgr_process_start(&process, target, arg, NULL));
        return process;
}

static void join(mgr_process *process)
{
        int code;

        check(mgr_process_join(process, MGR_FOREVER));
        check(mgr_process_exitcode(process, &code));
        if (code != 0)
                exit(EXIT_FAILURE); /* it has told why */
        mgr_process_free(process);
}

static void tell(const struct job *job, int step)
{
        long long heights[N_WORKERS], sum = 0;

        check(mgr_shared_array_read(job->heights, 0, heights, N_WORKERS, NULL));
        for (int i = 0; i < N_WORKERS; ++i)
                sum += heights[i];
        printf("after step %d the sum is %lld\n", step, sum);
        fflush(stdout);
}

static int work(void *arg)
{
        const struct job *job = arg;
        size_t index;

        for (int step = 1; step <= N_STEPS; ++step) {
                check(mgr_shared_array_set(job->heights, job->me, step * (job->me + 1)));
                check(mgr_barrier_wait(job->barrier, MGR_FOREVER, &index));
                if (index == 0) /* everybody has written, one of them tells */
                        tell(job, step);
                check(mgr_barrier_wait(job->barrier, MGR_FOREVER, &index));
        }
        return 0;
}

int main(void)
{
        struct job jobs[N_WORKERS];
        mgr_process *workers[N_WORKERS];
        mgr_manager *manager;
        mgr_barrier *barrier;
        mgr_shared_array *heights;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_barrier_new(manager, N_WORKERS, &barrier));
        check(mgr_shared_array_new_zeros('i', N_WORKERS, 0, &heights));

        for (int i = 0; i < N_WORKERS; ++i) {
                jobs[i] = (struct job){ barrier, heights, i };
                workers[i] = start(work, &jobs[i]);
        }
        for (int i = 0; i < N_WORKERS; ++i)
                join(workers[i]);

        mgr_barrier_free(barrier);
        mgr_shared_array_free(heights);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
