/*
 * test_fork - the same proxies in parents, children and threads
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

/* In a child: an assertion of cmocka would run the rest of the tests twice. */
#define CHILD_TRY(call)                                                                            \
        do {                                                                                       \
                if ((call) < 0) {                                                                  \
                        print_error("child: %s: %s\n", #call, mgr_errmsg());                       \
                        _exit(1);                                                                  \
                }                                                                                  \
        } while (0)

static void assert_exits_well(pid_t pid)
{
        int status;

        while (waitpid(pid, &status, 0) < 0)
                assert_int_equal(errno, EINTR);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* A pipe by which a process waits for another: it reads until the other writes or closes. */
struct gate {
        int fds[2];
};

static struct gate gate_new(void)
{
        struct gate gate;

        assert_int_equal(pipe2(gate.fds, O_CLOEXEC), 0);
        return gate;
}

static void gate_wait(struct gate *gate)
{
        char byte;

        close(gate->fds[1]);
        (void)!read(gate->fds[0], &byte, 1);
        close(gate->fds[0]);
}

static void gate_open(struct gate *gate)
{
        close(gate->fds[0]);
        (void)!write(gate->fds[1], "", 1);
        close(gate->fds[1]);
}

static void no_increment_is_lost(void **state)
{
        enum { N_WORKERS = 4, N_CALLS = 10000 };
        mgr_dict *d = new_dict();
        pid_t pids[N_WORKERS];
        long long n;

        (void)state;
        for (int i = 0; i < N_WORKERS; ++i) {
                pids[i] = fork();
                if (pids[i] == 0) {
                        for (int k = 0; k < N_CALLS; ++k)
                                CHILD_TRY(mgr_dict_incr(d, "n", 1, NULL));
                        _exit(0);
                }
        }
        for (int i = 0; i < N_WORKERS; ++i)
                assert_exits_well(pids[i]);
        assert_done(mgr_dict_get(d, "n", &n));
        assert_int_equal(n, N_WORKERS * N_CALLS);
        mgr_dict_free(d);
}

static void a_child_uses_what_the_parent_dropped(void **state)
{
        mgr_dict *d = new_dict(), *results = new_dict();
        struct gate gate = gate_new();
        size_t n;
        pid_t pid;

        (void)state;
        assert_done(mgr_dict_set(d, "a", 1));
        pid = fork();
        if (pid == 0) {
                gate_wait(&gate);
                CHILD_TRY(mgr_dict_set(d, "b", 2));
                CHILD_TRY(mgr_dict_len(d, &n));
                CHILD_TRY(mgr_dict_set(results, "len", n));
                _exit(0);
        }
        mgr_dict_free(d);
        assert_done(mgr_manager_ping(m)); /* the daemon knows that it was dropped */
        gate_open(&gate);
        assert_exits_well(pid);
        assert_dict(results, "{'len': 2}");
        mgr_dict_free(results);
}

static void grandchildren_inherit_too(void **state)
{
        mgr_dict *d = new_dict(), *results = new_dict();
        pid_t pid;

        (void)state;
        pid = fork();
        if (pid == 0) {
                struct gate gate = gate_new();
                int status;

                /*
                 * a child that has not made a call yet forks, drops, and ends before the
                 * grandchild begins
                 */
                pid = fork();
                if (pid == 0) {
                        gate_wait(&gate);
                        CHILD_TRY(mgr_dict_set(d, "grandchild", 1));
                        CHILD_TRY(mgr_dict_set(results, "ok", 1));
                        _exit(0);
                }
                mgr_dict_free(d);
                CHILD_TRY(mgr_manager_ping(m));
                gate_open(&gate);
                _exit(waitpid(pid, &status, 0) != pid || status != 0);
        }
        mgr_dict_free(d);
        assert_done(mgr_manager_ping(m));
        assert_exits_well(pid);
        assert_dict(results, "{'ok': 1}");
        mgr_dict_free(results);
}

static void a_raw_clone_is_noticed(void **state)
{
        mgr_dict *d = new_dict(), *dropped = new_dict();
        struct gate ready = gate_new(), gate = gate_new();
        long pid;

        (void)state;
        assert_done(mgr_dict_set(d, "parent", 1));
        pid = syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0) {
                for (int i = 0; i < 1000; ++i)
                        CHILD_TRY(mgr_dict_incr(d, "n", 1, NULL));
                gate_open(&ready);
                gate_wait(&gate);
                CHILD_TRY(mgr_dict_set(dropped, "mine", 1));
                _exit(0);
        }
        for (int i = 0; i < 1000; ++i)
                assert_done(mgr_dict_incr(d, "n", 1, NULL));

        /* from its first call on the child has references of its own */
        gate_wait(&ready);
        mgr_dict_free(dropped);
        assert_done(mgr_manager_ping(m));
        gate_open(&gate);
        assert_exits_well((pid_t)pid);
        assert_dict(d, "{'parent': 1, 'n': 2000}");
        mgr_dict_free(d);
}

/* What the replies brought was counted for the parent; the child's own reference is another one. */
static void an_inherited_batch_costs_a_child_no_reference(void **state)
{
        mgr_dict *d = new_dict(), *results = new_dict();
        struct gate gate = gate_new();
        mgr_value value;
        mgr_batch *b;
        pid_t pid;

        (void)state;
        assert_done(mgr_dict_set(results, "a", d));
        assert_done(mgr_batch_new(m, &b));
        assert_done(mgr_batch_dict_get(b, results, "a"));
        assert_done(mgr_batch_dict_get(b, results, "a"));
        assert_done(mgr_batch_run(b));
        pid = fork();
        if (pid == 0) {
                gate_wait(&gate);
                CHILD_TRY(mgr_batch_result(b, 0, &value));
                mgr_batch_free(b);
                CHILD_TRY(mgr_manager_ping(m));
                CHILD_TRY(mgr_dict_set(d, "x", 1));
                _exit(0);
        }
        mgr_batch_free(b);
        mgr_dict_free(d);
        assert_done(mgr_dict_clear(results)); /* now only the child holds it */
        gate_open(&gate);
        assert_exits_well(pid);
        mgr_dict_free(results);
}

static void an_object_outlives_its_creator(void **state)
{
        mgr_dict *shared = new_dict(), *found;
        size_t before = count_objects();
        mgr_value value;
        pid_t pid;

        (void)state;
        pid = fork();
        if (pid == 0) {
                mgr_dict *made;

                CHILD_TRY(mgr_dict_new(m, &made));
                CHILD_TRY(mgr_dict_set(made, "by", "the child"));
                CHILD_TRY(mgr_dict_set(shared, "made", made));
                _exit(0);
        }
        assert_exits_well(pid);
        assert_done(mgr_dict_pop(shared, "made", &value));
        assert_done(mgr_value_dict(&value, &found));
        mgr_value_clear(&value);
        assert_dict(found, "{'by': 'the child'}");
        mgr_dict_free(found);
        assert_int_equal(count_objects(), before);
        mgr_dict_free(shared);
}

static void what_a_killed_child_held_is_dropped(void **state)
{
        struct gate ready = gate_new();
        size_t before = count_objects();
        int status;
        pid_t pid;

        (void)state;
        pid = fork();
        if (pid == 0) {
                for (int i = 0; i < 100; ++i) {
                        mgr_dict *d;

                        CHILD_TRY(mgr_dict_new(m, &d));
                }
                gate_open(&ready);
                for (;;)
                        pause();
        }
        gate_wait(&ready);
        assert_int_equal(count_objects(), before + 100);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        for (int i = 0; i < 5000 && count_objects() != before; ++i)
                usleep(1000);
        assert_int_equal(count_objects(), before);
}

/* --- processes and threads at once */

enum { N_CHILDREN = 8, N_THREADS = 4, N_ROUNDS = 300 };

struct crowd {
        mgr_dict *d;
        mgr_list *l;
        int number;
};

/* What a thread reads back must be what it wrote itself: a frame of another's would show. */
static void *crowd_thread(void *data)
{
        struct crowd *crowd = data;
        mgr_value value;
        char key[32], text[64];

        snprintf(key, sizeof(key), "%d", crowd->number);
        for (int i = 0; i < N_ROUNDS; ++i) {
                snprintf(text, sizeof(text), "%d:%d", crowd->number, i);
                if (mgr_dict_set(crowd->d, key, text) < 0 ||
                    mgr_dict_incr(crowd->d, "n", 1, NULL) < 0 ||
                    mgr_dict_get(crowd->d, key, &value) < 0)
                        return data;
                if (strcmp(mgr_cstr(&value), text) != 0)
                        return data;
                mgr_value_clear(&value);
        }
        return mgr_list_append(crowd->l, crowd->number) < 0 ? data : NULL;
}

static int crowd_run(mgr_dict *d, mgr_list *l, int first)
{
        struct crowd crowds[N_THREADS];
        pthread_t threads[N_THREADS];
        int n_failed = 0;

        for (int i = 0; i < N_THREADS; ++i) {
                crowds[i] = (struct crowd){ d, l, first + i };
                if (pthread_create(&threads[i], NULL, crowd_thread, &crowds[i]) != 0)
                        return -1;
        }
        for (int i = 0; i < N_THREADS; ++i) {
                void *failed;

                pthread_join(threads[i], &failed);
                n_failed += failed != NULL;
        }
        return n_failed;
}

static void parent_and_children_and_their_threads_at_once(void **state)
{
        enum { N = (N_CHILDREN + 1) * N_THREADS };
        mgr_dict *d = new_dict();
        mgr_list *l = new_range(0);
        pid_t pids[N_CHILDREN];
        long long n;
        size_t len;

        (void)state;
        for (int i = 0; i < N_CHILDREN; ++i) {
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(crowd_run(d, l, (i + 1) * N_THREADS));
        }
        assert_int_equal(crowd_run(d, l, 0), 0);
        for (int i = 0; i < N_CHILDREN; ++i)
                assert_exits_well(pids[i]);
        assert_done(mgr_dict_get(d, "n", &n));
        assert_int_equal(n, N * N_ROUNDS);
        assert_done(mgr_list_len(l, &len));
        assert_int_equal(len, N);
        for (int i = 0; i < N; ++i)
                assert_yes(mgr_list_contains(l, i));
        mgr_list_free(l);
        mgr_dict_free(d);
}

static size_t count_sessions(void)
{
        mgr_value sessions;
        size_t n;

        assert_done(mgr_manager_call(m, "sessions", NULL, 0, &sessions));
        n = mgr_value_len(&sessions);
        mgr_value_clear(&sessions);
        return n;
}

static void *ping(void *data)
{
        return mgr_manager_ping(m) < 0 || count_sessions() < 2 ? data : NULL;
}

static void a_thread_takes_its_session_with_it(void **state)
{
        size_t before = count_sessions();
        pthread_t thread;
        void *failed;

        assert_int_equal(pthread_create(&thread, NULL, ping, state), 0);
        pthread_join(thread, &failed);
        assert_null(failed);
        for (int i = 0; i < 5000 && count_sessions() != before; ++i)
                usleep(1000);
        assert_int_equal(count_sessions(), before);
}

/* Threads call, while another one forks children who call. */
static void *fork_again_and_again(void *data)
{
        struct crowd *crowd = data;

        for (int i = 0; i < 20; ++i) {
                pid_t pid = fork();
                int status;

                if (pid == 0)
                        _exit(mgr_dict_incr(crowd->d, "forked", 1, NULL) < 0);
                if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                        return data;
        }
        return NULL;
}

static void forking_while_other_threads_call(void **state)
{
        mgr_dict *d = new_dict();
        mgr_list *l = new_range(0);
        struct crowd crowd = { d, l, 0 };
        pthread_t thread;
        long long n;
        void *failed;

        (void)state;
        assert_int_equal(pthread_create(&thread, NULL, fork_again_and_again, &crowd), 0);
        assert_int_equal(crowd_run(d, l, 100), 0);
        pthread_join(thread, &failed);
        assert_null(failed);
        assert_done(mgr_dict_get(d, "forked", &n));
        assert_int_equal(n, 20);
        mgr_list_free(l);
        mgr_dict_free(d);
}

static void the_daemon_is_its_starters(void **state)
{
        mgr_manager *own;
        pid_t pid;

        (void)state;
        assert_done(mgr_manager_start(&own, NULL));
        pid = fork();
        if (pid == 0) {
                CHILD_TRY(mgr_manager_ping(own));
                mgr_manager_free(own);
                _exit(0);
        }
        assert_exits_well(pid);
        assert_done(mgr_manager_ping(own));

        /* and it is no child of anyone's: there is nothing to wait for */
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
        mgr_manager_free(own);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_increment_is_lost),
                cmocka_unit_test(a_child_uses_what_the_parent_dropped),
                cmocka_unit_test(grandchildren_inherit_too),
                cmocka_unit_test(a_raw_clone_is_noticed),
                cmocka_unit_test(an_inherited_batch_costs_a_child_no_reference),
                cmocka_unit_test(an_object_outlives_its_creator),
                cmocka_unit_test(what_a_killed_child_held_is_dropped),
                cmocka_unit_test(parent_and_children_and_their_threads_at_once),
                cmocka_unit_test(a_thread_takes_its_session_with_it),
                cmocka_unit_test(forking_while_other_threads_call),
                cmocka_unit_test(the_daemon_is_its_starters),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
