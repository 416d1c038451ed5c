/*
 * test_spawn_others - children that are programs which know nothing of this library
 *
 * All of it twice: the second time without pidfds.
 */
#include <pthread.h>

#include "tests/system/family.h"
#include "tests/system/refuse.h"

static mgr_process *shell(const char *command, int daemon)
{
        char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)(uintptr_t)command, NULL };
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        mgr_process *p;

        options.daemon = daemon;
        assert_done(mgr_process_spawn(&p, "/bin/sh", argv, NULL, NULL, &options));
        return p;
}

static void any_program_can_be_spawned(void **state)
{
        int n;

        (void)state;
        assert_ends(shell("exit 9", 0), 9);
        n = count_descriptors();
        assert_ends(shell("kill -TERM $$", 0), -SIGTERM);
        assert_ends(shell("exit 8", 1), 8);
        assert_int_equal(count_descriptors(), n);
}

static void what_cannot_be_executed_is_an_error(void **state)
{
        int n = count_descriptors();
        mgr_process *p;

        (void)state;
        assert_error(mgr_process_spawn(&p, "/nonexistent/program", NULL, NULL, NULL, NULL),
                     MGR_ESYSTEM, "/nonexistent/program: No such file or directory");
        assert_null(p);
        assert_error(mgr_process_spawn(&p, "/tmp", NULL, NULL, NULL, NULL), MGR_ESYSTEM,
                     "/tmp: Permission denied");
        assert_int_equal(count_descriptors(), n);
        assert_int_equal(mgr_active_children(NULL, 0), 0);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void *spawn_and_join(void *arg)
{
        char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "exit 6" }, NULL };

        for (int i = 0; i < 10; ++i) {
                mgr_process *p;
                int code;

                if (mgr_process_spawn(&p, "/bin/sh", argv, NULL, NULL, NULL) < 0 ||
                    mgr_process_join(p, PATIENCE) < 0 || mgr_process_exitcode(p, &code) != 1 ||
                    code != 6) {
                        print_error("%s\n", mgr_errmsg());
                        return arg;
                }
                mgr_process_free(p);
        }
        return NULL;
}

static void threads_spawn_at_once(void **state)
{
        enum { N_THREADS = 4 };
        pthread_t threads[N_THREADS];
        int n = count_descriptors();
        void *failed;

        (void)state;
        for (int i = 0; i < N_THREADS; ++i)
                pthread_create(&threads[i], NULL, spawn_and_join, &n);
        for (int i = 0; i < N_THREADS; ++i) {
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        assert_int_equal(count_descriptors(), n);
}

static int have_daemon(void *arg)
{
        pid_t pid = mgr_process_pid(shell("exec sleep 1000", 1));

        gate_say(arg, &pid, sizeof(pid));
        return hang(NULL);
}

static void a_program_that_knows_nothing_ends_with_its_parent_too(void **state)
{
        struct gate gate = gate_new();
        double took = PATIENCE;
        pid_t pid;

        (void)state;
        for (int i = 0; i < 5 && took > 0.1; ++i) {
                mgr_process *p = begin(have_daemon, &gate);

                gate_hear(&gate, &pid, sizeof(pid));
                assert_false(is_gone(pid));
                end_by_kill(p);
                took = seconds_until_gone(pid);
        }
        assert_true(took <= 0.1);
        gate_free(&gate);
}

static int run(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(any_program_can_be_spawned),
                cmocka_unit_test(what_cannot_be_executed_is_an_error),
                cmocka_unit_test(threads_spawn_at_once),
                cmocka_unit_test(a_program_that_knows_nothing_ends_with_its_parent_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
        int n_failed = run_without_pidfds(run);

        return n_failed + run();
}
