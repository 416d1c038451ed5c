/*
 * condition - the second stage waits until the first one is done
 *
 *      from multiprocessing import Condition, Process, Value
 *
 *      def first_stage(changed, done):
 *          with changed:
 *              print('the first stage is done', flush=True)
 *              done.value = 1
 *              changed.notify_all()
 *
 *      def second_stage(changed, done):
 *          with changed:
 *              changed.wait_for(lambda: done.value)
 *              print('the second stage runs', flush=True)
 *
 *      changed, done = Condition(), Value('i', 0)
 *      processes = [Process(target=second_stage, args=(changed, done)) for _ in range(2)]
 *      processes.append(Process(target=first_stage, args=(changed, done)))
 *      …
 *
 * Both print:
 *
 *      the first stage is done
 *      the second stage runs
 *      the second stage runs
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_SECOND 2

struct stages {
        mgr_condition *changed;
        mgr_shared_cell *done;
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

static int first_stage(void *arg)
{
        const struct stages *stages = arg;

        check(mgr_condition_acquire(stages->changed, MGR_FOREVER, NULL));
        printf("the first stage is done\n");
        fflush(stdout);
        check(mgr_shared_cell_set(stages->done, 1));
        check(mgr_condition_notify_all(stages->changed));
        check(mgr_condition_release(stages->changed));
        return 0;
}

static int is_done(void *cell)
{
        int done;
        int r = mgr_shared_cell_get(cell, &done);

        return r < 0 ? r : done;
}

static int second_stage(void *arg)
{
        const struct stages *stages = arg;

        check(mgr_condition_acquire(stages->changed, MGR_FOREVER, NULL));
        check(mgr_condition_wait_for(stages->changed, is_done, stages->done, MGR_FOREVER, NULL));
        printf("the second stage runs\n");
        fflush(stdout);
        check(mgr_condition_release(stages->changed));
        return 0;
}

int main(void)
{
        mgr_process *first, *second[N_SECOND];
        mgr_manager *manager;
        struct stages stages;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_condition_new(manager, NULL, &stages.changed));
        check(mgr_shared_cell_new('i', 0, 0, &stages.done));

        for (int i = 0; i < N_SECOND; ++i)
                second[i] = start(second_stage, &stages);
        first = start(first_stage, &stages);
        join(first);
        for (int i = 0; i < N_SECOND; ++i)
                join(second[i]);

        mgr_condition_free(stages.changed);
        mgr_shared_cell_free(stages.done);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
