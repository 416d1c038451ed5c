/*
 * semaphore - six want in, and there is room for two
 *
 *      from multiprocessing import Array, Process, Semaphore
 *
 *      def visit(room, counts):
 *          with room:
 *              with counts.get_lock():
 *                  counts[INSIDE] += 1
 *                  counts[MOST] = max(counts[MOST], counts[INSIDE])
 *                  counts[VISITS] += 1
 *              …
 *              with counts.get_lock():
 *                  counts[INSIDE] -= 1
 *
 *      room, counts = Semaphore(2), Array('i', 3)
 *      visitors = [Process(target=visit, args=(room, counts)) for _ in range(6)]
 *      …
 *      print(counts[VISITS], 'were inside, never more than', max(counts[MOST], 2), 'at once')
 *
 * Both print:
 *
 *      6 were inside, never more than 2 at once
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_VISITORS 6
#define N_ROOM     2

enum { INSIDE, MOST, VISITS, N_COUNTS };

struct place {
        mgr_semaphore *room;
        mgr_shared_array *counts;
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

static int visit(void *arg)
{
        const struct place *place = arg;
        int inside, most;

        check(mgr_semaphore_acquire(place->room, MGR_FOREVER, NULL));

        check(mgr_shared_array_lock(place->counts, MGR_FOREVER));
        check(mgr_shared_array_incr(place->counts, INSIDE, 1, &inside));
        check(mgr_shared_array_get(place->counts, MOST, &most));
        check(mgr_shared_array_set(place->counts, MOST, inside > most ? inside : most));
        check(mgr_shared_array_incr(place->counts, VISITS, 1, NULL));
        check(mgr_shared_array_unlock(place->counts));

        check(mgr_shared_array_incr(place->counts, INSIDE, -1, NULL));
        check(mgr_semaphore_release(place->room, 1));
        return 0;
}

int main(void)
{
        mgr_process *visitors[N_VISITORS];
        mgr_manager *manager;
        struct place place;
        int visits, most;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_semaphore_new(manager, N_ROOM, &place.room));
        check(mgr_shared_array_new_zeros('i', N_COUNTS, 0, &place.counts));

        for (int i = 0; i < N_VISITORS; ++i)
                visitors[i] = start(visit, &place);
        for (int i = 0; i < N_VISITORS; ++i)
                join(visitors[i]);

        check(mgr_shared_array_get(place.counts, VISITS, &visits));
        check(mgr_shared_array_get(place.counts, MOST, &most));
        if (most < N_ROOM)
                most = N_ROOM; /* they may have come one after the other */
        printf("%d were inside, never more than %d at once\n", visits, most);

        mgr_semaphore_free(place.room);
        mgr_shared_array_free(place.counts);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
