/*
 * several - several processes at once
 *
 * In Python:
 *
 *      from multiprocessing import Process, Barrier, active_children, current_process
 *
 *      def run(barrier, n):
 *              barrier.wait()          # all of them are here, or none gets further
 *              exit(n * n)
 *
 *      barrier = Barrier(4)
 *      processes = [Process(target=run, args=(barrier, n)) for n in range(4)]
 *      for p in processes:
 *              p.start()
 *      for p in processes:
 *              p.join()
 *              print(p.name, 'ended with', p.exitcode)
 *      print(len(active_children()), 'left')
 *
 * It prints:
 *
 *      Process-1 ended with 0
 *      Process-2 ended with 1
 *      Process-3 ended with 4
 *      Process-4 ended with 9
 *      0 left
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_PROCESSES 4

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

struct job {
        mgr_barrier *barrier;
        int n;
};

static int run(void *arg)
{
        const struct job *job = arg;

        check(mgr_barrier_wait(job->barrier, MGR_FOREVER, NULL));
        return job->n * job->n;
}

int main(void)
{
        mgr_process *processes[N_PROCESSES];
        struct job job;
        mgr_manager *m;
        int code;

        check(mgr_manager_start(&m, NULL));
        check(mgr_barrier_new(m, N_PROCESSES, &job.barrier));
        for (job.n = 0; job.n < N_PROCESSES; ++job.n)
                check(mgr_process_start(&processes[job.n], run, &job, NULL)); /* gets a copy */
        for (int i = 0; i < N_PROCESSES; ++i) {
                check(mgr_process_join(processes[i], MGR_FOREVER));
                check(mgr_process_exitcode(processes[i], &code));
                printf("%s ended with %d\n", mgr_process_name(processes[i]), code);
                mgr_process_free(processes[i]);
        }
        printf("%zu left\n", mgr_active_children(NULL, 0));
        mgr_barrier_free(job.barrier);
        mgr_manager_free(m);
        return 0;
}
