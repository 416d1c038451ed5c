/*
 * test_inherit - what a child begins with: proxies, descriptors, streams, threads that are not
 * there
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/system/family.h"

/* --- proxies */

struct heirloom {
        struct gate begun, go_on;
        mgr_dict *d, *results;
};

/* Sockets of this process that are connected to somebody. */
static int count_connections(void)
{
        struct sockaddr_storage address;
        int n = 0;

        for (int fd = 0; fd < 1024; ++fd) {
                socklen_t size = sizeof(address);

                n += getpeername(fd, (struct sockaddr *)&address, &size) == 0;
        }
        return n;
}

static int use_heirloom(void *arg)
{
        const struct heirloom *h = arg;
        int n = count_connections();
        char byte;

        gate_say(&h->begun, &n, sizeof(n));
        gate_hear(&h->go_on, &byte, 1);
        CHECK(mgr_dict_set(h->d, "used", 1) == 0);
        CHECK(mgr_dict_set(h->results, "used", h->d) == 0);
        CHECK(mgr_dict_set(h->results, "child", 1) == 0);
        return 0;
}

static int drop_heirloom(void *arg)
{
        struct heirloom *h = arg;
        mgr_process *p;

        CHECK(mgr_dict_new(m, &h->d) == 0);
        CHECK(mgr_process_start(&p, use_heirloom, h, NULL) == 0);
        mgr_dict_free(h->d);
        CHECK(mgr_manager_ping(m) == 0);
        raise(SIGKILL);
        return 0;
}

static void a_child_has_its_references_before_it_begins(void **state)
{
        struct heirloom h = { gate_new(), gate_new(), NULL, new_dict() };
        int before = count_connections(), n;
        size_t len;

        (void)state;
        assert_ends(begin(drop_heirloom, &h), -SIGKILL);
        gate_hear(&h.begun, &n, sizeof(n));
        assert_int_equal(n, before); /* the parent's was closed, and one of its own made */
        gate_say(&h.go_on, "", 1);
        do
                assert_done(mgr_dict_len(h.results, &len));
        while (len < 2);
        gate_free(&h.begun);
        gate_free(&h.go_on);
        mgr_dict_free(h.results);
}

static int return_40(void *arg)
{
        (void)arg;
        return 40;
}

static void a_daemon_that_is_gone_is_no_reason_not_to_begin(void **state)
{
        mgr_manager *other;
        mgr_process *p;
        mgr_dict *d;

        (void)state;
        assert_done(mgr_manager_start(&other, NULL));
        assert_done(mgr_dict_new(other, &d));
        assert_done(mgr_manager_shutdown(other));
        assert_done(mgr_process_start(&p, return_40, NULL, NULL));
        assert_ends(p, 40);
        mgr_dict_free(d);
        mgr_manager_free(other);
}

/* --- raw forks and started processes side by side */

enum { N_EACH = 6, N_CALLS = 200 };

static int increment(void *arg)
{
        for (int i = 0; i < N_CALLS; ++i)
                CHECK(mgr_dict_incr(arg, "n", 1, NULL) == 0);
        return 0;
}

static void forked_and_started_children_work_side_by_side(void **state)
{
        mgr_process *started[N_EACH];
        mgr_dict *d = new_dict();
        pid_t forked[N_EACH];
        int n;

        (void)state;
        for (int i = 0; i < N_EACH; ++i) {
                started[i] = begin(increment, d);
                forked[i] = start(increment, d);
        }
        for (int i = 0; i < N_EACH; ++i) {
                assert_ends(started[i], 0);
                assert_int_equal(end_of(forked[i]), 0);
        }
        assert_done(mgr_dict_get(d, "n", &n));
        assert_int_equal(n, 2 * N_EACH * N_CALLS);
        mgr_dict_free(d);
}

/* --- threads */

struct busy {
        mgr_dict *d;
        atomic_bool stop;
        atomic_int n_failed;
};

static void *be_busy(void *arg)
{
        struct busy *busy = arg;

        while (!atomic_load(&busy->stop)) {
                char *block = malloc(1000);

                if (!block || mgr_dict_incr(busy->d, "thread", 1, NULL) < 0)
                        atomic_fetch_add(&busy->n_failed, 1);
                free(block);
        }
        return NULL;
}

static int allocate_and_call(void *arg)
{
        for (int i = 1; i < 200; ++i) {
                char *block = malloc((size_t)i * 100);

                CHECK(block != NULL);
                memset(block, i, (size_t)i * 100);
                free(block);
        }
        CHECK(mgr_dict_incr(arg, "child", 1, NULL) == 0);
        return 0;
}

static void programs_with_threads_start_processes(void **state)
{
        enum { N_BUSY = 3, N_STARTS = 30 };
        struct busy busy = { .d = new_dict() };
        pthread_t threads[N_BUSY];
        int n;

        (void)state;
        for (int i = 0; i < N_BUSY; ++i)
                assert_int_equal(pthread_create(&threads[i], NULL, be_busy, &busy), 0);
        for (int i = 0; i < N_STARTS; ++i)
                assert_ends(begin(allocate_and_call, busy.d), 0);
        atomic_store(&busy.stop, true);
        for (int i = 0; i < N_BUSY; ++i)
                pthread_join(threads[i], NULL);
        assert_int_equal(atomic_load(&busy.n_failed), 0);
        assert_done(mgr_dict_get(busy.d, "child", &n));
        assert_int_equal(n, N_STARTS);
        mgr_dict_free(busy.d);
}

/* --- streams */

static int say_child(void *arg)
{
        (void)arg;
        printf("child ");
        fprintf(stderr, "error ");
        return 0;
}

/* In a process of its own, whose output goes into a file. */
static int speak_and_start(void *arg)
{
        mgr_process *p;

        CHECK(dup2(*(int *)arg, STDOUT_FILENO) >= 0 && dup2(*(int *)arg, STDERR_FILENO) >= 0);
        setvbuf(stdout, NULL, _IOFBF, 4096);
        setvbuf(stderr, NULL, _IOFBF, 4096);
        printf("before ");
        CHECK(mgr_process_start(&p, say_child, NULL, NULL) == 0);
        CHECK(mgr_process_join(p, PATIENCE) == 0);
        mgr_process_free(p);
        printf("after");
        fflush(stdout);
        return 0;
}

static void what_is_printed_is_printed_once(void **state)
{
        char path[] = "/tmp/managerd-test-XXXXXX", text[128];
        int fd = mkostemp(path, O_APPEND);
        ssize_t n;

        (void)state;
        assert_true(fd >= 0);
        unlink(path);
        assert_int_equal(end_of(start(speak_and_start, &fd)), 0);
        n = pread(fd, text, sizeof(text) - 1, 0);
        assert_true(n > 0);
        text[n] = '\0';
        assert_string_equal(text, "before child error after");
        close(fd);
}

/* --- descriptors */

static int count_in_child(void *arg)
{
        int n = count_descriptors();

        gate_say(arg, &n, sizeof(n));
        return 0;
}

/* How many a new child has. */
static int count_in_new_child(mgr_process **others, int n_others)
{
        struct gate gate = gate_new();
        mgr_process *p;
        int n;

        for (int i = 0; i < n_others; ++i)
                others[i] = i % 2 ? begin(hang, NULL) : begin_daemon(hang, NULL);
        p = begin(count_in_child, &gate);
        gate_hear(&gate, &n, sizeof(n));
        assert_ends(p, 0);
        for (int i = 0; i < n_others; ++i)
                end_by_kill(others[i]);
        gate_free(&gate);
        return n;
}

static void siblings_leave_it_no_descriptors(void **state)
{
        int n = count_descriptors();
        mgr_process *others[5];

        (void)state;
        assert_int_equal(count_in_new_child(others, 5), count_in_new_child(others, 0));
        assert_int_equal(count_descriptors(), n);
}

/* --- starts that fail */

static int start_without_descriptors(void *arg)
{
        const struct rlimit limit = { 200, 200 };
        mgr_process *p;
        int fds[200], n = 0;

        (void)arg;
        CHECK(mgr_process_start(&p, hang, NULL, NULL) == 0);
        CHECK(mgr_process_kill(p) == 0 && mgr_process_join(p, PATIENCE) == 0);
        mgr_process_free(p);
        CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
        while (n < 200 && (fds[n] = open("/dev/null", O_RDONLY)) >= 0)
                ++n;
        /* with each one more it gets further; in the end it succeeds */
        for (int spare = 0; spare <= 5; ++spare) {
                int r = mgr_process_start(&p, hang, NULL, NULL);

                if (r == 0) {
                        CHECK(spare > 0);
                        CHECK(mgr_process_kill(p) == 0 && mgr_process_join(p, PATIENCE) == 0);
                        mgr_process_free(p);
                        return waitpid(-1, NULL, WNOHANG) == -1 ? 41 : 42;
                }
                CHECK(r == MGR_ESYSTEM && p == NULL);
                CHECK(strstr(mgr_errmsg(), "Too many open files") != NULL);
                CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
                CHECK(mgr_active_children(NULL, 0) == 0);
                close(fds[--n]);
        }
        return 43;
}

static void a_start_that_fails_leaves_no_child(void **state)
{
        (void)state;
        assert_int_equal(end_of(start(start_without_descriptors, NULL)), 41);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_child_has_its_references_before_it_begins),
                cmocka_unit_test(a_daemon_that_is_gone_is_no_reason_not_to_begin),
                cmocka_unit_test(forked_and_started_children_work_side_by_side),
                cmocka_unit_test(programs_with_threads_start_processes),
                cmocka_unit_test(what_is_printed_is_printed_once),
                cmocka_unit_test(siblings_leave_it_no_descriptors),
                cmocka_unit_test(a_start_that_fails_leaves_no_child),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
