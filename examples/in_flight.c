/*
 * in_flight - many calls under way in one thread, in the loop of an application
 *
 * What coroutines are for, in Python:
 *
 *      async def consumer(q, answers):
 *              while (n := await q.get()) is not None:
 *                      await answers.put(n * n)
 *
 *      await asyncio.gather(*(consumer(q, answers) for _ in range(1000)))
 *
 * with queues that other processes share: which asyncio has not, and where Manager()'s calls block.
 * Here a thousand consumers wait in one thread, over one connection, and libuv tells when there is
 * something to do. Beside them a timer ticks, which a call that blocks would hold up.
 * Another process puts the numbers. It prints:
 *
 *      1000 consumers wait
 *      332833500 is the sum of the squares of 0 to 999
 *      the loop ran on meanwhile
 */
#include <manager.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uv.h>

#define N_CONSUMERS 1000

struct application {
        mgr_calls *calls;
        mgr_queue *numbers, *answers;
        uv_poll_t poll;
        uv_timer_t timer;
        int n_ticks, n_answers;
        long long sum;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

/* --- the consumers: one callback for each thing that they wait for */

static void add(void *arg, int error, const mgr_value *answer)
{
        struct application *app = arg;

        check(error);
        app->sum += answer->as.integer;
        ++app->n_answers;
}

static void consume(void *arg, int error, const mgr_value *number)
{
        struct application *app = arg;
        long long n = number->as.integer;

        check(error);
        check(mgr_calls_queue_put(app->calls, app->answers, n * n, MGR_FOREVER, NULL, NULL, NULL));
        check(mgr_calls_queue_get(app->calls, app->answers, MGR_FOREVER, add, app, NULL));
}

/* --- the loop */

static void on_events(uv_poll_t *poll, int status, int events);

/* What the calls want to be woken for may be another thing after each turn. */
static void watch(struct application *app)
{
        int events = mgr_events(app->calls);

        uv_poll_start(&app->poll,
                      (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0),
                      on_events);
}

static void on_events(uv_poll_t *poll, int status, int events)
{
        struct application *app = poll->data;

        (void)status; /* a failure is found by whoever reads */
        (void)events;
        check(mgr_process_events(app->calls));
        if (app->n_answers < N_CONSUMERS)
                watch(app);
        else
                uv_stop(poll->loop);
}

static void on_tick(uv_timer_t *timer)
{
        struct application *app = timer->data;

        ++app->n_ticks;
}

static void produce(mgr_queue *numbers)
{
        for (int i = 0; i < N_CONSUMERS; ++i)
                check(mgr_queue_put(numbers, i, MGR_FOREVER));
}

static void run(struct application *app)
{
        uv_loop_t *loop = uv_default_loop();

        app->poll.data = app->timer.data = app;
        uv_poll_init(loop, &app->poll, mgr_fd(app->calls));
        uv_timer_init(loop, &app->timer);
        uv_timer_start(&app->timer, on_tick, 0, 1);
        watch(app);
        uv_run(loop, UV_RUN_DEFAULT);

        uv_close((uv_handle_t *)&app->poll, NULL);
        uv_close((uv_handle_t *)&app->timer, NULL);
        uv_run(loop, UV_RUN_DEFAULT);
        uv_loop_close(loop);
}

int main(void)
{
        struct application app = { 0 };
        mgr_manager *manager;
        pid_t producer;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_queue_new(manager, 0, NULL, &app.numbers));
        check(mgr_queue_new(manager, 0, NULL, &app.answers));
        check(mgr_calls_new(manager, &app.calls));
        for (int i = 0; i < N_CONSUMERS; ++i)
                check(mgr_calls_queue_get(app.calls, app.numbers, MGR_FOREVER, consume, &app,
                                          NULL));
        printf("%zu consumers wait\n", mgr_calls_len(app.calls));
        fflush(stdout);
        producer = fork();
        if (producer < 0) {
                perror("fork");
                return EXIT_FAILURE;
        }
        if (producer == 0) {
                produce(app.numbers);
                _exit(EXIT_SUCCESS);
        }
        run(&app);
        wait(NULL);
        printf("%lld is the sum of the squares of 0 to %d\n", app.sum, N_CONSUMERS - 1);
        if (app.n_ticks > 0)
                printf("the loop ran on meanwhile\n");
        mgr_calls_free(app.calls);
        mgr_queue_free(app.answers);
        mgr_queue_free(app.numbers);
        mgr_manager_free(manager);
        return 0;
}
