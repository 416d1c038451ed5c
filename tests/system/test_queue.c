/*
 * test_queue - queues of C programs: workers that are killed lose nothing
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

#define PATIENCE 60 /* seconds */

static mgr_queue *new_queue(size_t max_size, bool redeliver, uint64_t max_deliveries)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        mgr_queue *q;

        options.redeliver = redeliver;
        options.max_deliveries = max_deliveries;
        assert_done(mgr_queue_new(m, max_size, &options, &q));
        return q;
}

static size_t length(const mgr_queue *q)
{
        size_t n;

        assert_done(mgr_queue_qsize(q, &n));
        return n;
}

static size_t unfinished(const mgr_queue *q)
{
        size_t n;

        assert_done(mgr_queue_unfinished(q, &n));
        return n;
}

/* --- one process */

static void queue_takes_and_gives_any_value(void **state)
{
        mgr_queue *q = new_queue(0, false, 0), *inner;
        mgr_value value;
        const char *text;
        int number;

        (void)state;
        assert_yes(mgr_queue_empty(q));
        assert_done(mgr_queue_put(q, 5, 0));
        assert_done(mgr_queue_put(q, "text", MGR_FOREVER));
        assert_done(mgr_queue_put(q, MGR_NONE, 1));
        assert_done(mgr_queue_put(q, q, 1));
        assert_int_equal(length(q), 4);
        assert_done(mgr_queue_full(q));
        assert_done(mgr_queue_get(q, 0, &number));
        assert_int_equal(number, 5);
        assert_done(mgr_queue_get(q, 0, &value));
        text = mgr_cstr(&value);
        assert_string_equal(text, "text");
        mgr_value_clear(&value);
        assert_done(mgr_queue_get(q, MGR_FOREVER, NULL));
        assert_done(mgr_queue_get(q, 0, &value));
        assert_done(mgr_value_queue(&value, &inner));
        mgr_value_clear(&value);
        assert_done(mgr_queue_put(inner, 6, 0));
        assert_int_equal(length(q), 1);
        mgr_queue_free(inner);
        mgr_queue_free(q);
}

static void queue_says_what_python_says(void **state)
{
        mgr_queue *q = new_queue(1, false, 0);
        mgr_value value;

        (void)state;
        assert_error(mgr_queue_get(q, 0, &value), MGR_EEMPTY, "Empty: queue is empty");
        assert_error(mgr_queue_get(q, 0.001, &value), MGR_EEMPTY, "Empty: queue is empty");
        assert_done(mgr_queue_put(q, 1, 0));
        assert_yes(mgr_queue_full(q));
        assert_error(mgr_queue_put(q, 2, 0), MGR_EFULL, "Full: queue is full");
        assert_error(mgr_queue_put(q, 2, 0.001), MGR_EFULL, "Full: queue is full");
        assert_error(mgr_queue_put(q, 2, -1), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_int_equal(mgr_queue_join(q, 0), MGR_ETIMEOUT);
        assert_done(mgr_queue_task_done(q));
        assert_error(mgr_queue_task_done(q), MGR_EVALUE,
                     "ValueError: task_done() called too many times");
        assert_done(mgr_queue_join(q, MGR_FOREVER));
        assert_done(mgr_queue_shutdown(q, false));
        assert_error(mgr_queue_put(q, 2, 0), MGR_ESHUT_DOWN, "ShutDown: queue has been shut down");
        assert_value(mgr_queue_get_value(q, 0, &value), &value, "1");
        assert_error(mgr_queue_get(q, 0, &value), MGR_ESHUT_DOWN,
                     "ShutDown: queue has been shut down");
        mgr_queue_free(q);
}

static void many_items_travel_together(void **state)
{
        mgr_value items[] = { mgr_int(1), mgr_str("two"), mgr_float(3) }, value;
        mgr_queue *q = new_queue(4, false, 0);
        uint64_t start = 0;
        size_t n;

        (void)state;
        assert_done(mgr_queue_put_many(q, items, 3, 0));
        assert_error(mgr_queue_put_many(q, items, 3, 0), MGR_EFULL, "Full: queue is full");
        assert_value(mgr_queue_get_many(q, 2, 0, &value), &value, "[1, 'two']");
        assert_done(mgr_queue_put_many(q, items, 3, 0));
        assert_yes(mgr_queue_page(q, &start, 2, &value));
        assert_repr(&value, "[3.0, 1]");
        assert_int_equal(start, 2);
        assert_done(mgr_queue_page(q, &start, 2, &value));
        assert_repr(&value, "['two', 3.0]");
        assert_done(mgr_queue_clear(q, &n));
        assert_int_equal(n, 4);
        assert_done(mgr_queue_str(q, &value));
        assert_int_equal(strncmp(mgr_cstr(&value), "<queue.Queue object at 0x", 25), 0);
        mgr_value_clear(&value);
        mgr_queue_free(q);
}

static void joinable_queue_of_python_is_a_queue(void **state)
{
        mgr_proxy *proxy;
        mgr_value value;
        mgr_queue *q;
        mgr_list *l;

        (void)state;
        assert_done(mgr_proxy_new(m, "JoinableQueue", NULL, 0, &proxy));
        value = mgr_from_proxy(proxy);
        assert_done(mgr_value_queue(&value, &q));
        assert_done(mgr_queue_put(q, 1, 0));
        assert_int_equal(length(q), 1);
        mgr_queue_free(q);
        mgr_proxy_free(proxy);

        assert_done(mgr_list_new(m, &l));
        value = mgr_from_list(l);
        assert_error(mgr_value_queue(&value, &q), MGR_ETYPE,
                     "a proxy of a 'Queue' is wanted, this is a 'list'");
        mgr_list_free(l);
}

static void named_queue_is_found_again(void **state)
{
        mgr_queue *a, *b;
        mgr_proxy *proxy;

        (void)state;
        assert_done(mgr_queue_open(m, "jobs", 2, NULL, &a));
        assert_done(mgr_queue_open(m, "jobs", 7, NULL, &b));
        assert_done(mgr_queue_put(a, 1, 0));
        assert_done(mgr_queue_put(a, 2, 0));
        assert_yes(mgr_queue_full(b));
        assert_yes(mgr_manager_unlink(m, "jobs"));
        mgr_queue_free(a);
        mgr_queue_free(b);

        /* Python has two names for the type */
        assert_done(mgr_proxy_open(m, "JoinableQueue", "tasks", NULL, 0, &proxy));
        assert_done(mgr_queue_open(m, "tasks", 0, NULL, &a));
        assert_int_equal(mgr_proxy_ident(mgr_queue_proxy(a)), mgr_proxy_ident(proxy));
        assert_yes(mgr_manager_unlink(m, "tasks"));
        mgr_proxy_free(proxy);
        mgr_queue_free(a);
}

/* --- several */

static pid_t start(void (*work)(mgr_queue *jobs, void *data), mgr_queue *jobs, void *data)
{
        pid_t pid = fork();

        if (pid == 0) {
                work(jobs, data);
                _exit(0);
        }
        assert_true(pid > 0);
        return pid;
}

/* In a child: whatever fails ends it. */
static void need(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "child: %s\n", mgr_errmsg());
        _exit(1);
}

static void echo(mgr_queue *jobs, void *data)
{
        mgr_queue *results = data;
        int job;

        for (;;) {
                int r = mgr_queue_get(jobs, PATIENCE, &job);

                if (r == MGR_ESHUT_DOWN)
                        _exit(0);
                need(r);
                need(mgr_queue_put(results, job * 2, PATIENCE));
                need(mgr_queue_task_done(jobs));
        }
}

static void assert_ends_well(pid_t pid)
{
        int status;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void items_pass_between_processes_through_little_room(void **state)
{
        mgr_queue *jobs = new_queue(2, false, 0), *results = new_queue(3, false, 0);
        pid_t workers[3];
        int result, sum = 0, n_put = 0;

        (void)state;
        for (int i = 0; i < 3; ++i)
                workers[i] = start(echo, jobs, results);
        for (int i = 0; i < 100; ++i) {
                while (n_put < 100 && n_put < i + 4)
                        assert_done(mgr_queue_put(jobs, n_put++, PATIENCE));
                assert_done(mgr_queue_get(results, PATIENCE, &result));
                sum += result;
        }
        assert_int_equal(sum, 9900);
        assert_done(mgr_queue_join(jobs, PATIENCE));
        assert_done(mgr_queue_shutdown(jobs, false));
        for (int i = 0; i < 3; ++i)
                assert_ends_well(workers[i]);
        mgr_queue_free(jobs);
        mgr_queue_free(results);
}

/* --- workers that are killed */

#define N_JOBS    200
#define N_WORKERS 4

struct plant {
        mgr_dict *done;       /* job → how often it was done */
        mgr_dict *deliveries; /* job → how often it was delivered */
        mgr_queue *victims;   /* pids of those who ask to be killed now */
        mgr_queue *never;     /* where nothing ever comes */
};

/* Every tenth job has whoever takes it first killed in the midst of it. */
static void work(mgr_queue *jobs, void *data)
{
        const struct plant *p = data;
        uint64_t n;
        int job;

        for (;;) {
                int r = mgr_queue_get_delivery(jobs, PATIENCE, &job, &n);

                if (r == MGR_ESHUT_DOWN)
                        _exit(0);
                need(r);
                need(mgr_dict_incr(p->deliveries, job, 1, NULL));
                if (job % 10 == 3 && n == 1) {
                        need(mgr_queue_put(p->victims, (int)getpid(), PATIENCE));
                        need(mgr_queue_get(p->never, PATIENCE, NULL));
                }
                need(mgr_dict_incr(p->done, job, 1, NULL));
                need(mgr_queue_task_done(jobs));
        }
}

static void kill_one(struct plant *p, pid_t workers[N_WORKERS], mgr_queue *jobs)
{
        int victim, status, i = 0;

        assert_done(mgr_queue_get(p->victims, PATIENCE, &victim));
        while (i < N_WORKERS && workers[i] != victim)
                ++i;
        assert_true(i < N_WORKERS);
        kill(victim, SIGKILL);
        assert_int_equal(waitpid(victim, &status, 0), victim);
        assert_true(WIFSIGNALED(status));
        workers[i] = start(work, jobs, p);
}

static void every_job_is_done_although_workers_are_killed_at_it(void **state)
{
        mgr_queue *jobs = new_queue(0, true, 0);
        struct plant p = { new_dict(), new_dict(), new_queue(0, false, 0), new_queue(0, false, 0) };
        mgr_value items[N_JOBS];
        pid_t workers[N_WORKERS];

        (void)state;
        for (int i = 0; i < N_JOBS; ++i)
                items[i] = mgr_int(i);
        assert_done(mgr_queue_put_many(jobs, items, N_JOBS, 0));
        for (int i = 0; i < N_WORKERS; ++i)
                workers[i] = start(work, jobs, &p);
        for (int i = 0; i < N_JOBS / 10; ++i)
                kill_one(&p, workers, jobs);
        assert_done(mgr_queue_join(jobs, PATIENCE));
        assert_done(mgr_queue_shutdown(jobs, false));
        for (int i = 0; i < N_WORKERS; ++i)
                assert_ends_well(workers[i]);

        for (int i = 0; i < N_JOBS; ++i) {
                int done, deliveries;

                assert_done(mgr_dict_get(p.done, i, &done));
                assert_done(mgr_dict_get(p.deliveries, i, &deliveries));
                assert_int_equal(done, 1);
                assert_int_equal(deliveries, i % 10 == 3 ? 2 : 1);
        }
        assert_int_equal(length(jobs), 0);
        mgr_queue_free(jobs);
        mgr_queue_free(p.victims);
        mgr_queue_free(p.never);
        mgr_dict_free(p.done);
        mgr_dict_free(p.deliveries);
}

/* Killed wherever they are: what was done is done once, or was delivered again. */
static void jobs_survive_kills_at_any_moment(void **state)
{
        mgr_queue *jobs = new_queue(0, true, 0);
        struct plant p = { new_dict(), new_dict(), new_queue(0, false, 0), new_queue(0, false, 0) };
        pid_t workers[N_WORKERS];
        int n_twice = 0, n_killed = 0;
        size_t n = N_JOBS;

        (void)state;
        for (int i = 0; i < N_JOBS; ++i)
                assert_done(mgr_queue_put(jobs, i * 10, 0));
        for (int i = 0; i < N_WORKERS; ++i)
                workers[i] = start(work, jobs, &p);
        while (n > N_JOBS / 4) {
                size_t before = n;
                int i = n_killed++ % N_WORKERS;

                kill(workers[i], SIGKILL);
                waitpid(workers[i], NULL, 0);
                workers[i] = start(work, jobs, &p);
                while (n > N_JOBS / 4 && n + 2 > before)
                        n = unfinished(jobs);
        }
        assert_done(mgr_queue_join(jobs, PATIENCE));
        assert_done(mgr_queue_shutdown(jobs, false));
        for (int i = 0; i < N_WORKERS; ++i)
                assert_ends_well(workers[i]);
        for (int i = 0; i < N_JOBS; ++i) {
                int done;

                assert_done(mgr_dict_get(p.done, i * 10, &done));
                assert_true(done >= 1);
                n_twice += done - 1;
        }
        assert_true(n_twice <= n_killed);
        mgr_queue_free(jobs);
        mgr_queue_free(p.victims);
        mgr_queue_free(p.never);
        mgr_dict_free(p.done);
        mgr_dict_free(p.deliveries);
}

static void die_of_it(mgr_queue *jobs, void *data)
{
        (void)data;
        need(mgr_queue_get(jobs, PATIENCE, NULL));
        raise(SIGKILL);
}

static void job_that_kills_its_workers_becomes_a_dead_letter(void **state)
{
        mgr_queue *jobs = new_queue(0, true, 3);
        uint64_t start_at = 0, n_delivered;
        mgr_value letters, letter, key = mgr_str("item"), item;
        size_t n;

        (void)state;
        assert_done(mgr_queue_put(jobs, "deadly", 0));
        for (int i = 0; i < 3; ++i)
                waitpid(start(die_of_it, jobs, NULL), NULL, 0);
        assert_done(mgr_queue_join(jobs, PATIENCE));
        assert_int_equal(length(jobs), 0);
        assert_done(mgr_queue_dead_letters(jobs, &start_at, 10, &letters));
        assert_int_equal(start_at, 1);
        assert_done(mgr_value_at(&letters, 0, &letter));
        assert_done(mgr_value_find(&letter, &key, &item));
        assert_string_equal(mgr_cstr(&item), "deadly");
        mgr_value_clear(&letters);

        assert_done(mgr_queue_retry_dead_letters(jobs, &n));
        assert_int_equal(n, 1);
        assert_done(mgr_queue_get_delivery(jobs, 0, NULL, &n_delivered));
        assert_int_equal(n_delivered, 1);
        start_at = 0;
        assert_done(mgr_queue_in_flight(jobs, &start_at, 10, &letters));
        assert_int_equal(start_at, 1);
        mgr_value_clear(&letters);
        assert_done(mgr_queue_task_done(jobs));
        assert_done(mgr_queue_drop_dead_letters(jobs, &n));
        assert_int_equal(n, 0);
        mgr_queue_free(jobs);
}

static void *take_one(void *q)
{
        return (void *)(intptr_t)mgr_queue_get(q, 0, NULL);
}

static void item_returns_when_its_thread_ends(void **state)
{
        mgr_queue *q = new_queue(0, true, 0);
        pthread_t thread;
        uint64_t n;
        void *r;

        (void)state;
        assert_done(mgr_queue_put(q, 1, 0));
        pthread_create(&thread, NULL, take_one, q);
        pthread_join(thread, &r);
        assert_int_equal((intptr_t)r, 0);
        assert_done(mgr_queue_get_delivery(q, PATIENCE, NULL, &n));
        assert_int_equal(n, 2);
        assert_done(mgr_queue_task_done(q));
        mgr_queue_free(q);
}

static void options_must_have_a_size(void **state)
{
        mgr_queue_options options = { .size = 0 };
        mgr_queue *q;

        (void)state;
        assert_error(mgr_queue_new(m, 0, &options, &q), MGR_EARGUMENT,
                     "mgr_queue_options.size is not set");
        options.size = sizeof(options);
        options.max_deliveries = 2;
        assert_error(mgr_queue_new(m, 0, &options, &q), MGR_EVALUE,
                     "ValueError: max_deliveries needs redeliver=True");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(queue_takes_and_gives_any_value),
                cmocka_unit_test(queue_says_what_python_says),
                cmocka_unit_test(many_items_travel_together),
                cmocka_unit_test(joinable_queue_of_python_is_a_queue),
                cmocka_unit_test(named_queue_is_found_again),
                cmocka_unit_test(items_pass_between_processes_through_little_room),
                cmocka_unit_test(every_job_is_done_although_workers_are_killed_at_it),
                cmocka_unit_test(jobs_survive_kills_at_any_moment),
                cmocka_unit_test(job_that_kills_its_workers_becomes_a_dead_letter),
                cmocka_unit_test(item_returns_when_its_thread_ends),
                cmocka_unit_test(options_must_have_a_size),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
