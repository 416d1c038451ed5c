/*
 * producer_consumer - a queue between two processes, once full and once empty
 *
 *      from multiprocessing import Event, Process, Queue
 *      from queue import Empty, Full
 *
 *      def produce(queue, full):
 *          for item in range(1, 6):
 *              try:
 *                  queue.put(item, timeout=0.1)
 *                  …
 *              except Full:
 *                  print('the queue is full, item', item, 'waits', flush=True)
 *                  full.set()
 *                  queue.put(item)
 *
 *      def consume(queue, full):
 *          full.wait()
 *          for _ in range(5):
 *              print('got', queue.get(), flush=True)
 *          try:
 *              queue.get(timeout=0.1)
 *          except Empty:
 *              print('the queue is empty', flush=True)
 *
 *      queue, full = Queue(3), Event()
 *      processes = [Process(target=f, args=(queue, full)) for f in (produce, consume)]
 *      …
 *
 * With room for 3 and 5 items it prints:
 *
 *      the queue is full, item 4 waits
 *      got 1
 *      got 2
 *      got 3
 *      got 4
 *      got 5
 *      the queue is empty
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_ROOM  3
#define N_ITEMS 5

struct shared {
        mgr_queue *queue;
        mgr_event *full;
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

static int produce(void *arg)
{
        const struct shared *shared = arg;

        for (int item = 1; item <= N_ITEMS; ++item) {
                int r = mgr_queue_put(shared->queue, item, item > N_ROOM + 1 ? MGR_FOREVER : 0.1);

                if (r == MGR_EFULL) {
                        printf("the queue is full, item %d waits\n", item);
                        fflush(stdout);
                        check(mgr_event_set(shared->full));
                        r = mgr_queue_put(shared->queue, item, MGR_FOREVER);
                }
                check(r);
        }
        return 0;
}

static int consume(void *arg)
{
        const struct shared *shared = arg;
        int item, r;

        check(mgr_event_wait(shared->full, MGR_FOREVER));
        for (int i = 0; i < N_ITEMS; ++i) {
                check(mgr_queue_get(shared->queue, MGR_FOREVER, &item));
                printf("got %d\n", item);
        }
        r = mgr_queue_get(shared->queue, 0.1, &item);
        if (r == MGR_EEMPTY)
                printf("the queue is empty\n");
        else
                check(r);
        fflush(stdout);
        return 0;
}

int main(void)
{
        mgr_process *producer, *consumer;
        mgr_manager *manager;
        struct shared shared;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_queue_new(manager, N_ROOM, NULL, &shared.queue));
        check(mgr_event_new(manager, &shared.full));

        producer = start(produce, &shared);
        consumer = start(consume, &shared);
        join(producer);
        join(consumer);

        mgr_queue_free(shared.queue);
        mgr_event_free(shared.full);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
