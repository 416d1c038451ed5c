/*
 * test_calls_many - thousands of calls in flight, driven by an event loop
 */
#include <sys/epoll.h>
#include <time.h>

#include "tests/system/calls.h"
#include "tests/system/daemon.h"

/* --- a loop, as an application has it */

struct loop {
        mgr_calls *calls;
        int epoll;
        uint32_t events;
        bool saw_out; /* there were requests that the socket had no room for */
};

static struct loop loop_of(mgr_calls *calls)
{
        struct loop loop = { .calls = calls, .epoll = epoll_create1(EPOLL_CLOEXEC) };
        struct epoll_event event = { .events = 0 };

        assert_true(loop.epoll >= 0);
        assert_int_equal(epoll_ctl(loop.epoll, EPOLL_CTL_ADD, mgr_fd(calls), &event), 0);
        return loop;
}

/* One turn: how many calls have ended. */
static int loop_turn(struct loop *loop)
{
        struct epoll_event event = { .events = (uint32_t)mgr_events(loop->calls) };
        int n;

        if (event.events != loop->events) {
                assert_int_equal(epoll_ctl(loop->epoll, EPOLL_CTL_MOD, mgr_fd(loop->calls), &event),
                                 0);
                loop->events = event.events;
        }
        loop->saw_out |= (event.events & POLLOUT) != 0;
        do
                n = epoll_wait(loop->epoll, &event, 1, (int)(PATIENCE * 1000));
        while (n < 0 && errno == EINTR);
        assert_int_equal(n, 1);
        n = mgr_process_events(loop->calls);
        assert_true(n >= 0);
        return n;
}

static void loop_run(struct loop *loop)
{
        while (mgr_calls_len(loop->calls))
                loop_turn(loop);
        close(loop->epoll);
}

/* --- many that wait */

#define N_QUEUES  10
#define N_GETS    1000
#define N_WORKERS 4

struct line {
        mgr_queue *q;
        int n_served;
};

struct get {
        struct line *line;
        int place; /* in it */
        int served_as;
        int64_t item;
};

static void serve(void *arg, int error, const mgr_value *item)
{
        struct get *get = arg;

        get->served_as = error ? -2 : get->line->n_served++;
        get->item = item->as.integer;
}

/* Puts its share of the items, each into the queue of its number. */
struct producer {
        struct line *lines;
        int begin;
};

static int produce(void *arg)
{
        struct producer *producer = arg;

        for (int i = producer->begin; i < N_GETS; i += N_WORKERS)
                if (mgr_queue_put(producer->lines[i % N_QUEUES].q, i, 0) < 0)
                        return 1;
        return 0;
}

static void none_of_a_thousand_gets_starves(void **state)
{
        static struct get gets[N_GETS];
        struct line lines[N_QUEUES] = { { 0 } };
        pid_t producers[N_WORKERS];
        bool seen[N_GETS] = { false };
        mgr_calls *calls = new_calls();
        struct loop loop = loop_of(calls);

        (void)state;
        for (int i = 0; i < N_QUEUES; ++i)
                lines[i].q = new_queue(0);
        for (int i = 0; i < N_GETS; ++i) {
                gets[i] = (struct get){ &lines[i % N_QUEUES], i / N_QUEUES, -1, 0 };
                assert_done(mgr_calls_queue_get(calls, gets[i].line->q, MGR_FOREVER, serve,
                                                &gets[i], NULL));
        }
        until_sent(calls);
        until_waiting(N_GETS);
        for (int i = 0; i < N_WORKERS; ++i) {
                struct producer producer = { lines, i };

                producers[i] = start(produce, &producer);
        }
        loop_run(&loop);
        for (int i = 0; i < N_GETS; ++i) {
                assert_int_equal(gets[i].served_as, gets[i].place); /* in their order */
                assert_false(seen[gets[i].item]);
                seen[gets[i].item] = true;
        }
        for (int i = 0; i < N_WORKERS; ++i)
                assert_int_equal(end_of(producers[i]), 0);
        mgr_calls_free(calls);
        for (int i = 0; i < N_QUEUES; ++i)
                mgr_queue_free(lines[i].q);
}

static void count(void *arg, int error, const mgr_value *result)
{
        size_t *n = arg;

        (void)result;
        *n += error == 0;
}

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds for each get and put, of so many that wait at once. */
static double time_gets(size_t n)
{
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        double begin = now(), seconds;
        size_t n_done = 0;

        for (size_t i = 0; i < n; ++i)
                assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, count, &n_done, NULL));
        assert_int_equal(mgr_calls_len(calls), n);
        for (size_t i = 0; i < n; ++i)
                assert_done(mgr_calls_queue_put(calls, q, 0, 0, NULL, NULL, NULL));
        while (mgr_calls_len(calls))
                assert_true(mgr_calls_wait(calls, PATIENCE) > 0);
        seconds = (now() - begin) / (double)n;
        assert_int_equal(n_done, n);
        mgr_calls_free(calls);
        mgr_queue_free(q);
        return seconds;
}

/* Quadratic it would be a hundred times as long for each. */
static void a_call_among_many_takes_no_longer(void **state)
{
        double few, many;

        (void)state;
        few = time_gets(200);
        many = time_gets(20000);
        if (many > 20 * few)
                fail_msg("%g us a call among 20,000, %g among 200", many * 1e6, few * 1e6);
}

/* --- much to send, and much to read */

#define N_BIG 64
#define BIG   ((size_t)1 << 20)

static void what_the_socket_does_not_take_is_sent_later(void **state)
{
        char *bytes = calloc(BIG, 1);
        mgr_value item = mgr_bytes(bytes, BIG);
        size_t n_put = 0, n_got = 0;
        mgr_manager *own;
        mgr_calls *calls;
        struct loop loop;
        mgr_queue *q;
        pid_t daemon;

        (void)state;
        assert_non_null(bytes);
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_calls_new(own, &calls));
        loop = loop_of(calls);
        daemon = daemon_pid(own);
        kill(daemon, SIGSTOP);
        for (int i = 0; i < N_BIG; ++i)
                assert_done(mgr_calls_queue_put_value(calls, q, &item, 0, count, &n_put, NULL));
        assert_int_equal(mgr_events(calls), POLLIN | POLLOUT);
        /* more than the daemon keeps of replies that are not read while it is written to */
        for (int i = 0; i < N_BIG; ++i)
                assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, count, &n_got, NULL));
        assert_done(mgr_process_events(calls)); /* and does not wait */
        kill(daemon, SIGCONT);
        loop_run(&loop);
        assert_true(loop.saw_out);
        assert_int_equal(n_put, N_BIG);
        assert_int_equal(n_got, N_BIG);
        assert_int_equal(mgr_events(calls), POLLIN);
        mgr_calls_free(calls);
        mgr_queue_free(q);
        mgr_manager_free(own);
        free(bytes);
}

/* Nobody reads it while the manager is freed, and it is more than there is room for in between. */
static void a_reply_under_way_does_not_hold_up_the_daemons_end(void **state)
{
        static char big[8 << 20];
        mgr_options options = MGR_OPTIONS_INIT;
        const mgr_value item = mgr_bytes(big, sizeof(big));
        double before;
        mgr_calls *calls;
        mgr_manager *own;
        mgr_call *call;
        mgr_queue *q;
        size_t n = 1;

        (void)state;
        options.shutdown_timeout = PATIENCE;
        assert_done(mgr_manager_start(&own, &options));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_queue_put_value(q, &item, 0));
        assert_done(mgr_calls_new(own, &calls));
        assert_done(mgr_calls_queue_get(calls, q, 0, NULL, NULL, &call));
        until_sent(calls);
        while (n)
                assert_done(mgr_queue_qsize(q, &n));
        before = now();
        mgr_manager_free(own);
        assert_true(now() - before < 4); /* a daemon waits five seconds for whoever reads */
        assert_call(call, MGR_EUNKNOWN_OUTCOME);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

/* --- callbacks that never stop */

struct chain {
        mgr_calls *calls;
        mgr_queue *q;
        int n, n_left;
};

static void go_on(void *arg, int error, const mgr_value *result)
{
        struct chain *chain = arg;

        (void)result;
        assert_int_equal(error, 0);
        ++chain->n;
        if (chain->n_left)
                --chain->n_left;
        else
                return;
        assert_done(mgr_calls_start(chain->calls, mgr_queue_proxy(chain->q), "qsize", NULL, 0,
                                    go_on, chain, NULL));
}

static void calls_that_go_on_for_ever_let_others_run(void **state)
{
        struct chain chains[8], *last = &chains[7];
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        struct loop loop = loop_of(calls);
        int n_turns = 0;

        (void)state;
        for (int i = 0; i < 8; ++i) {
                chains[i] = (struct chain){ calls, q, 0, 500 };
                assert_done(mgr_calls_start(calls, mgr_queue_proxy(q), "qsize", NULL, 0, go_on,
                                            &chains[i], NULL));
        }
        while (mgr_calls_len(calls)) {
                size_t n_before = mgr_calls_len(calls);

                assert_true((size_t)loop_turn(&loop) <= n_before); /* none of those it starts */
                ++n_turns;
        }
        close(loop.epoll);
        assert_true(n_turns >= 501);
        for (int i = 0; i < 8; ++i)
                assert_int_equal(chains[i].n, last->n);
        assert_int_equal(last->n, 501);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(none_of_a_thousand_gets_starves),
                cmocka_unit_test(a_call_among_many_takes_no_longer),
                cmocka_unit_test(what_the_socket_does_not_take_is_sent_later),
                cmocka_unit_test(a_reply_under_way_does_not_hold_up_the_daemons_end),
                cmocka_unit_test(calls_that_go_on_for_ever_let_others_run),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
