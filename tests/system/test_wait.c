/*
 * test_wait - waiting for pipes, processes, queues and descriptors at once
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "tests/system/workers.h"

static mgr_queue *new_queue(void)
{
        mgr_queue *q;

        assert_done(mgr_queue_new(m, 0, NULL, &q));
        return q;
}

/* "01": the second is ready. */
#define assert_ready(what, text) check_ready(what, text, __FILE__, __LINE__)
static void check_ready(const mgr_waitable *what, const char *text, const char *file, int line)
{
        for (size_t i = 0; text[i]; ++i)
                if (what[i].ready != (text[i] == '1')) {
                        print_error("number %zu is %s\n", i, what[i].ready ? "ready" : "not ready");
                        _fail(file, line);
                }
}

static void assert_no_call_waits(void)
{
        mgr_value waiters;

        assert_done(mgr_manager_call(m, "waiters", NULL, 0, &waiters));
        assert_int_equal(mgr_value_len(&waiters), 0);
        mgr_value_clear(&waiters);
}

/* --- one kind at a time */

static void pipe_is_ready_when_there_is_something_or_its_end(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_waitable what[2];
        mgr_value value;
        int fd;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        what[0] = mgr_wait_pipe(a);
        what[1] = mgr_wait_pipe(b);
        assert_error(mgr_wait(what, 2, 0), MGR_ETIMEOUT, "timed out");
        assert_ready(what, "00");
        assert_error(mgr_wait(what, 2, 0.002), MGR_ETIMEOUT, "timed out");
        assert_done(mgr_pipe_send(a, 1));
        assert_yes(mgr_wait(what, 2, MGR_FOREVER));
        assert_ready(what, "01");
        /* what was read already, because something else was wanted, counts */
        assert_done(mgr_pipe_send_fd(b, 0));
        assert_int_equal(mgr_pipe_recv(a, 0, &value), MGR_ETYPE);
        assert_int_equal(mgr_wait(what, 2, MGR_FOREVER), 2);
        assert_ready(what, "11");
        assert_done(mgr_pipe_recv_fd(a, 0, &fd));
        close(fd);
        assert_yes(mgr_wait(what, 2, 0));
        mgr_pipe_free(b);
        assert_yes(mgr_wait(what, 1, MGR_FOREVER));
        mgr_pipe_free(a);
}

static int end_when_told(void *arg)
{
        int number;

        return mgr_pipe_recv((mgr_pipe_end *)arg, MGR_FOREVER, &number) < 0 ? 200 : number;
}

static void process_is_ready_when_it_has_ended(void **state)
{
        mgr_pipe_end *ends[2], *theirs[2];
        mgr_process *processes[2];
        mgr_waitable what[2];
        int code;

        (void)state;
        for (int i = 0; i < 2; ++i) {
                assert_done(mgr_pipe(&ends[i], &theirs[i], true));
                assert_done(mgr_process_start(&processes[i], end_when_told, theirs[i], NULL));
                what[i] = mgr_wait_process(processes[i]);
        }
        assert_int_equal(mgr_wait(what, 2, 0), MGR_ETIMEOUT);
        assert_done(mgr_pipe_send(ends[1], 7));
        assert_yes(mgr_wait(what, 2, MGR_FOREVER));
        assert_ready(what, "01");
        assert_true(mgr_process_exitcode(processes[1], &code) >= 0);
        assert_int_equal(code, 7);
        assert_done(mgr_pipe_send(ends[0], 8));
        assert_done(mgr_process_join(processes[0], PATIENCE));
        assert_int_equal(mgr_wait(what, 2, MGR_FOREVER), 2);
        for (int i = 0; i < 2; ++i) {
                mgr_process_free(processes[i]);
                mgr_pipe_free(ends[i]);
                mgr_pipe_free(theirs[i]);
        }
}

static void queue_is_ready_when_a_get_would_not_wait(void **state)
{
        mgr_queue *q = new_queue(), *r = new_queue();
        mgr_waitable what[] = { mgr_wait_queue(q), mgr_wait_queue(r) };
        int number;
        size_t n;

        (void)state;
        assert_int_equal(mgr_wait(what, 2, 0), MGR_ETIMEOUT);
        assert_int_equal(mgr_wait(what, 2, 0.002), MGR_ETIMEOUT);
        assert_done(mgr_queue_put(r, 1, 0));
        assert_done(mgr_queue_put(r, 2, 0));
        for (int i = 0; i < 3; ++i) {
                assert_yes(mgr_wait(what, 2, i ? MGR_FOREVER : 0));
                assert_ready(what, "01");
        }
        assert_done(mgr_queue_qsize(r, &n));
        assert_int_equal(n, 2); /* nothing is taken */
        assert_done(mgr_queue_get(r, 0, &number));
        assert_int_equal(number, 1);
        assert_done(mgr_queue_get(r, 0, &number));
        assert_int_equal(mgr_wait(what, 2, 0), MGR_ETIMEOUT);
        assert_done(mgr_queue_shutdown(q, false));
        assert_yes(mgr_wait(what, 2, MGR_FOREVER));
        assert_ready(what, "10");
        assert_no_call_waits();
        mgr_queue_free(q);
        mgr_queue_free(r);
}

static int put_when_somebody_waits(void *arg)
{
        until_waiting(1);
        return mgr_queue_put(arg, 5, 0) < 0;
}

static void queue_that_another_process_puts_into_wakes(void **state)
{
        mgr_queue *q = new_queue(), *empty = new_queue();
        mgr_waitable what[] = { mgr_wait_queue(empty), mgr_wait_queue(q), mgr_wait_queue(empty) };
        int number;

        (void)state;
        for (int i = 0; i < 20; ++i) {
                pid_t pid = fork();

                if (pid == 0) {
                        until_waiting(3);
                        _exit(mgr_queue_put(q, 5, 0) < 0);
                }
                assert_yes(mgr_wait(what, 3, MGR_FOREVER));
                assert_ready(what, "010");
                assert_done(mgr_queue_get(q, 0, &number));
                assert_int_equal(end_of(pid), 0);
        }
        assert_no_call_waits();
        mgr_queue_free(q);
        mgr_queue_free(empty);
}

static void queue_poll_waits_without_taking(void **state)
{
        mgr_queue *q = new_queue();
        pid_t pid;

        (void)state;
        assert_int_equal(mgr_queue_poll(q, 0), 0);
        assert_int_equal(mgr_queue_poll(q, 0.002), 0);
        assert_error(mgr_queue_poll(q, -1), MGR_EVALUE, "'timeout' must be a non-negative number");
        pid = start(put_when_somebody_waits, q);
        assert_yes(mgr_queue_poll(q, MGR_FOREVER));
        assert_int_equal(end_of(pid), 0);
        assert_yes(mgr_queue_poll(q, 0));
        assert_int_equal(mgr_queue_poll(NULL, 0), MGR_EARGUMENT);
        mgr_queue_free(q);
}

static void any_descriptor_can_be_waited_for(void **state)
{
        int fds[2];
        mgr_waitable what[2];

        (void)state;
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        what[0] = what[1] = mgr_wait_fd(fds[0]); /* twice the same */
        assert_int_equal(mgr_wait(what, 2, 0), MGR_ETIMEOUT);
        assert_int_equal(write(fds[1], "x", 1), 1);
        assert_int_equal(mgr_wait(what, 2, 0), 2);
        close(fds[0]);
        close(fds[1]);
        assert_int_equal(mgr_wait(what, 2, PATIENCE), MGR_EARGUMENT);
        assert_ready(what, "00");
}

static void nothing_at_all_is_waited_for_in_vain(void **state)
{
        (void)state;
        assert_int_equal(mgr_wait(NULL, 0, 0), MGR_ETIMEOUT);
        assert_int_equal(mgr_wait(NULL, 0, 0.01), MGR_ETIMEOUT);
}

/* --- all kinds at once */

static void everything_at_once(void **state)
{
        mgr_queue *q = new_queue();
        mgr_pipe_end *a, *b, *ours, *theirs;
        mgr_process *process;
        mgr_waitable what[4];
        int fds[2], number;
        char byte;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe(&ours, &theirs, true));
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_done(mgr_process_start(&process, end_when_told, theirs, NULL));
        what[0] = mgr_wait_fd(fds[0]);
        what[1] = mgr_wait_queue(q);
        what[2] = mgr_wait_process(process);
        what[3] = mgr_wait_pipe(a);
        assert_int_equal(mgr_wait(what, 4, 0.002), MGR_ETIMEOUT);
        assert_done(mgr_queue_put(q, 1, 0));
        assert_yes(mgr_wait(what, 4, MGR_FOREVER));
        assert_ready(what, "0100");
        assert_int_equal(write(fds[1], "x", 1), 1);
        assert_int_equal(mgr_wait(what, 4, MGR_FOREVER), 2);
        assert_ready(what, "1100");
        assert_done(mgr_pipe_send(b, 1));
        assert_int_equal(mgr_wait(what, 4, MGR_FOREVER), 3);
        assert_ready(what, "1101");
        assert_done(mgr_pipe_send(ours, 0));
        assert_done(mgr_process_join(process, PATIENCE));
        assert_int_equal(mgr_wait(what, 4, MGR_FOREVER), 4);
        assert_int_equal(read(fds[0], &byte, 1), 1);
        assert_done(mgr_pipe_recv(a, 0, &number));
        assert_int_equal(mgr_wait(what, 4, MGR_FOREVER), 2);
        assert_ready(what, "0110");
        assert_done(mgr_queue_get(q, 0, &number));
        assert_yes(mgr_wait(what, 4, MGR_FOREVER));
        assert_ready(what, "0010");
        assert_no_call_waits();

        mgr_process_free(process);
        mgr_pipe_free(a);
        mgr_pipe_free(b);
        mgr_pipe_free(ours);
        mgr_pipe_free(theirs);
        close(fds[0]);
        close(fds[1]);
        mgr_queue_free(q);
}

/* What is always ready hides nothing else. */
static void all_that_are_ready_are_told(void **state)
{
        mgr_queue *queues[40];
        mgr_waitable what[41];
        mgr_pipe_end *a, *b;
        int number;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe_send(b, 1));
        what[0] = mgr_wait_pipe(a);
        for (int i = 0; i < 40; ++i) {
                queues[i] = new_queue();
                what[i + 1] = mgr_wait_queue(queues[i]);
        }
        for (int i = 0; i < 40; ++i) {
                assert_done(mgr_queue_put(queues[i], i, 0));
                for (int j = 0; j < 2; ++j) {
                        assert_int_equal(mgr_wait(what, 41, j ? MGR_FOREVER : 0), i + 2);
                        for (int k = 0; k < 40; ++k)
                                assert_true(what[k + 1].ready == (k <= i));
                }
        }
        for (int i = 0; i < 40; ++i) {
                assert_done(mgr_queue_get(queues[i], 0, &number));
                mgr_queue_free(queues[i]);
        }
        mgr_pipe_free(a);
        mgr_pipe_free(b);
}

static void queues_of_two_managers_wait_together(void **state)
{
        mgr_queue *here = new_queue(), *there;
        mgr_manager *other;
        mgr_waitable what[3];

        (void)state;
        assert_done(mgr_manager_start(&other, NULL));
        assert_done(mgr_queue_new(other, 0, NULL, &there));
        what[0] = mgr_wait_queue(here);
        what[1] = mgr_wait_queue(there);
        what[2] = mgr_wait_queue(here);
        assert_int_equal(mgr_wait(what, 3, 0.002), MGR_ETIMEOUT);
        assert_done(mgr_queue_put(there, 1, 0));
        assert_yes(mgr_wait(what, 3, MGR_FOREVER));
        assert_ready(what, "010");
        assert_done(mgr_queue_put(here, 1, 0));
        assert_int_equal(mgr_wait(what, 3, MGR_FOREVER), 3);
        mgr_queue_free(here);
        mgr_queue_free(there);
        mgr_manager_free(other);
}

/* --- many who wait */

#define N_ITEMS   3000
#define N_WORKERS 4

/* Takes what it finds, until both queues are shut down. `seen` is in shared memory. */
static int take_all(mgr_queue *const *queues, atomic_int *seen)
{
        const mgr_queue *left[] = { queues[0], queues[1] };
        size_t n = 2;

        while (n) {
                mgr_waitable what[] = { mgr_wait_queue(left[0]), mgr_wait_queue(left[1]) };

                if (mgr_wait(what, n, PATIENCE) < 0)
                        return 1;
                for (size_t i = n; i-- > 0;) {
                        int number, r;

                        if (!what[i].ready)
                                continue;
                        r = mgr_queue_get(left[i], 0, &number);
                        if (r == 0)
                                atomic_fetch_add(&seen[number], 1);
                        else if (r == MGR_ESHUT_DOWN)
                                left[i] = left[--n];
                        else if (r != MGR_EEMPTY) /* another came first */
                                return 2;
                }
        }
        return 0;
}

static void many_who_wait_for_the_same_get_each_item_once(void **state)
{
        mgr_queue *queues[] = { new_queue(), new_queue() };
        size_t size = N_ITEMS * sizeof(atomic_int);
        atomic_int *seen =
                mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        pid_t pids[N_WORKERS];

        (void)state;
        assert_ptr_not_equal(seen, MAP_FAILED);
        for (int i = 0; i < N_WORKERS; ++i) {
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(take_all(queues, seen));
        }
        for (int i = 0; i < N_ITEMS; ++i)
                assert_done(mgr_queue_put(queues[i & 1], i, 0));
        for (int i = 0; i < 2; ++i)
                assert_done(mgr_queue_shutdown(queues[i], false));
        for (int i = 0; i < N_WORKERS; ++i)
                assert_int_equal(end_of(pids[i]), 0);
        for (int i = 0; i < N_ITEMS; ++i)
                assert_int_equal(atomic_load(&seen[i]), 1);
        assert_no_call_waits();
        munmap(seen, size);
        for (int i = 0; i < 2; ++i)
                mgr_queue_free(queues[i]);
}

static void thousands_of_rounds_leave_nothing_behind(void **state)
{
        size_t before = count_objects();
        mgr_queue *q = new_queue(), *r = new_queue();
        mgr_waitable what[] = { mgr_wait_queue(q), mgr_wait_queue(r), mgr_wait_queue(q) };
        int number;

        (void)state;
        for (int i = 0; i < 3000; ++i) {
                if (i % 3 == 0)
                        assert_done(mgr_queue_put(q, i, 0));
                if (i % 3 == 0)
                        assert_int_equal(mgr_wait(what, 3, MGR_FOREVER), 2);
                else
                        assert_int_equal(mgr_wait(what, 3, i % 3 == 1 ? 0 : 1e-6), MGR_ETIMEOUT);
                if (i % 3 == 0)
                        assert_done(mgr_queue_get(q, 0, &number));
        }
        assert_no_call_waits();
        mgr_queue_free(q);
        mgr_queue_free(r);
        assert_int_equal(count_objects(), before);
}

static void *wait_and_take(void *arg)
{
        mgr_waitable what = mgr_wait_queue(arg);
        int number;

        do
                if (mgr_wait(&what, 1, PATIENCE) < 0)
                        return arg;
        while (mgr_queue_get((mgr_queue *)arg, 0, &number) == MGR_EEMPTY);
        return NULL;
}

static void threads_wait_each_for_itself(void **state)
{
        mgr_queue *q = new_queue();
        pthread_t threads[4];
        void *failed;

        (void)state;
        for (int i = 0; i < 4; ++i)
                assert_int_equal(pthread_create(&threads[i], NULL, wait_and_take, q), 0);
        until_waiting(4);
        for (int i = 0; i < 4; ++i)
                assert_done(mgr_queue_put(q, i, 0));
        for (int i = 0; i < 4; ++i) {
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        mgr_queue_free(q);
}

/* --- what goes wrong */

/* The connection that the locks belong to is the one that waits: nothing may happen to it. */
static void locks_are_kept_while_one_waits(void **state)
{
        mgr_queue *q = new_queue();
        mgr_waitable what = mgr_wait_queue(q);
        mgr_lock *lock;

        (void)state;
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_lock_acquire(lock, MGR_FOREVER, NULL));
        assert_int_equal(mgr_wait(&what, 1, 0.002), MGR_ETIMEOUT);
        mgr_queue_free(q);
        assert_done(mgr_lock_release(lock));
        mgr_lock_free(lock);
}

static void queue_of_a_manager_that_is_gone_is_an_error(void **state)
{
        mgr_queue *here = new_queue(), *there;
        mgr_manager *other;
        mgr_waitable what[2];
        pid_t pid;
        int r;

        (void)state;
        assert_done(mgr_manager_start(&other, NULL));
        assert_done(mgr_queue_new(other, 0, NULL, &there));
        what[0] = mgr_wait_queue(here);
        what[1] = mgr_wait_queue(there);
        pid = fork();
        if (pid == 0) {
                until_waiting(1); /* that of the other queue, which is asked first */
                mgr_manager_shutdown(other);
                _exit(0);
        }
        r = mgr_wait(what, 2, MGR_FOREVER);
        /* whoever waits at a daemon that ends in order hears of it, if there is time */
        assert_true(r == MGR_EGONE || r == MGR_ECANCELLED);
        assert_ready(what, "00");
        assert_int_equal(end_of(pid), 0);
        assert_no_call_waits();
        assert_int_equal(mgr_wait(what, 2, MGR_FOREVER), MGR_EGONE);
        mgr_manager_free(other);
        assert_error(mgr_wait(what, 2, 0), MGR_EGONE, "the manager has been freed");
        assert_int_equal(mgr_wait(what, 1, 0), MGR_ETIMEOUT);
        mgr_queue_free(here);
        mgr_queue_free(there);
}

static void nonsense_is_refused(void **state)
{
        mgr_waitable what[2];
        mgr_pipe_end *a, *b;
        mgr_queue *q = new_queue();

        (void)state;
        assert_int_equal(mgr_wait(NULL, 1, 0), MGR_EARGUMENT);
        memset(what, 0, sizeof(what));
        assert_int_equal(mgr_wait(what, 1, 0), MGR_EARGUMENT);
        what[0] = mgr_wait_queue(q);
        assert_error(mgr_wait(what, 1, -1), MGR_EVALUE, "'timeout' must be a non-negative number");
        assert_error(mgr_wait(what, 1, (double)NAN), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        what[1] = mgr_wait_queue(NULL);
        assert_int_equal(mgr_wait(what, 2, 0), MGR_EARGUMENT);
        what[1] = mgr_wait_pipe(NULL);
        assert_int_equal(mgr_wait(what, 2, 0), MGR_EARGUMENT);
        what[1] = mgr_wait_process(NULL);
        assert_int_equal(mgr_wait(what, 2, 0), MGR_EARGUMENT);
        what[1] = mgr_wait_fd(-1);
        assert_error(mgr_wait(what, 2, 0), MGR_EARGUMENT, "descriptor -1 is not open");
        assert_done(mgr_pipe(&a, &b, false));
        what[1] = mgr_wait_pipe(b);
        assert_error(mgr_wait(what, 2, 0), MGR_ERUNTIME, "connection is write-only");
        mgr_pipe_free(a);
        mgr_pipe_free(b);
        mgr_queue_free(q);
}

/* --- signals */

static void nothing_happens(int number)
{
        (void)number;
}

/* Sends the signal until the parent does not wait any more. */
static void signal_ends_a_wait_where_that_was_asked_for(void **state)
{
        struct sigaction action = { .sa_handler = nothing_happens, .sa_flags = SA_RESTART };
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_pipe_end *a, *b;
        mgr_waitable what[2];
        mgr_manager *other;
        mgr_queue *q;
        pid_t pid, parent = getpid();
        size_t n;

        (void)state;
        options.flags = MGR_INTERRUPTIBLE;
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        assert_done(mgr_manager_start(&other, &options));
        assert_done(mgr_queue_new(other, 0, NULL, &q));
        assert_done(mgr_pipe(&a, &b, true));
        what[0] = mgr_wait_queue(q);
        what[1] = mgr_wait_pipe(a);
        pid = fork();
        if (pid == 0)
                while (mgr_pipe_poll(b, 0.001) == 0)
                        kill(parent, SIGUSR1);
        if (pid == 0)
                _exit(0);
        assert_error(mgr_wait(what, 2, MGR_FOREVER), MGR_EINTERRUPTED, "interrupted by a signal");
        /* where there is no queue signals do not matter */
        assert_int_equal(mgr_wait(what + 1, 1, 0.05), MGR_ETIMEOUT);
        assert_done(mgr_pipe_send(a, 1));
        assert_int_equal(end_of(pid), 0);
        assert_done(mgr_queue_qsize(q, &n));
        assert_int_equal(mgr_wait(what, 2, 0), MGR_ETIMEOUT);
        mgr_pipe_free(a);
        mgr_pipe_free(b);
        mgr_queue_free(q);
        mgr_manager_free(other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                /* first: children of others may have references for a while */
                cmocka_unit_test(thousands_of_rounds_leave_nothing_behind),
                cmocka_unit_test(pipe_is_ready_when_there_is_something_or_its_end),
                cmocka_unit_test(process_is_ready_when_it_has_ended),
                cmocka_unit_test(queue_is_ready_when_a_get_would_not_wait),
                cmocka_unit_test(queue_that_another_process_puts_into_wakes),
                cmocka_unit_test(queue_poll_waits_without_taking),
                cmocka_unit_test(any_descriptor_can_be_waited_for),
                cmocka_unit_test(nothing_at_all_is_waited_for_in_vain),
                cmocka_unit_test(everything_at_once),
                cmocka_unit_test(all_that_are_ready_are_told),
                cmocka_unit_test(queues_of_two_managers_wait_together),
                cmocka_unit_test(many_who_wait_for_the_same_get_each_item_once),
                cmocka_unit_test(threads_wait_each_for_itself),
                cmocka_unit_test(locks_are_kept_while_one_waits),
                cmocka_unit_test(queue_of_a_manager_that_is_gone_is_an_error),
                cmocka_unit_test(nonsense_is_refused),
                cmocka_unit_test(signal_ends_a_wait_where_that_was_asked_for),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
