/*
 * event - cars wait at a light until it is green
 *
 *      from multiprocessing import Event, Process, Value
 *
 *      def drive(green, n_passed):
 *          green.wait()
 *          with n_passed.get_lock():
 *              n_passed.value += 1
 *
 *      green, n_passed = Event(), Value('i', 0)
 *      cars = [Process(target=drive, args=(green, n_passed)) for _ in range(3)]
 *      for car in cars:
 *          car.start()
 *      if not green.wait(0.1):
 *          print('red:', n_passed.value, 'cars have passed')
 *      green.set()
 *      for car in cars:
 *          car.join()
 *      print('green:', n_passed.value, 'cars have passed')
 *
 * Both print:
 *
 *      red: 0 cars have passed
 *      green: 3 cars have passed
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_CARS 3

struct crossing {
        mgr_event *green;
        mgr_shared_cell *n_passed;
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

static int drive(void *arg)
{
        const struct crossing *crossing = arg;

        check(mgr_event_wait(crossing->green, MGR_FOREVER));
        check(mgr_shared_cell_incr(crossing->n_passed, 1, NULL));
        return 0;
}

static int count_passed(const struct crossing *crossing)
{
        int n;

        check(mgr_shared_cell_get(crossing->n_passed, &n));
        return n;
}

int main(void)
{
        mgr_process *cars[N_CARS];
        struct crossing crossing;
        mgr_manager *manager;
        int r;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_event_new(manager, &crossing.green));
        check(mgr_shared_cell_new('i', 0, 0, &crossing.n_passed));

        for (int i = 0; i < N_CARS; ++i)
                cars[i] = start(drive, &crossing);
        r = mgr_event_wait(crossing.green, 0.1);
        if (r == MGR_ETIMEOUT)
                printf("red: %d cars have passed\n", count_passed(&crossing));
        else
                check(r);
        fflush(stdout);
        check(mgr_event_set(crossing.green));
        for (int i = 0; i < N_CARS; ++i)
                join(cars[i]);
        printf("green: %d cars have passed\n", count_passed(&crossing));

        mgr_event_free(crossing.green);
        mgr_shared_cell_free(crossing.n_passed);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
