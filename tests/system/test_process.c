/*
 * test_process - starting processes, waiting for their end, and what is known of them
 *
 * All of it twice: the second time without pidfds.
 */
#include <math.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "tests/system/family.h"
#include "tests/system/refuse.h"

static bool has_pidfds;

/* --- how it ends */

static int exit_with_3(void *arg)
{
        (void)arg;
        _exit(3);
}

static int raise_signal(void *arg)
{
        raise(*(int *)arg);
        return 0;
}

static void exit_codes_are_told(void **state)
{
        int code, five = 5, many = 256 + 7, usr2 = SIGUSR2;
        mgr_process *p;

        (void)state;
        assert_ends(begin(return_at_once, NULL), 0);
        assert_ends(begin(return_at_once, &five), 5);
        assert_ends(begin(return_at_once, &many), 7);
        assert_ends(begin(exit_with_3, NULL), 3);
        assert_ends(begin(raise_signal, &usr2), -SIGUSR2);

        p = begin(hang, NULL);
        code = 1000;
        assert_int_equal(mgr_process_exitcode(p, &code), 0);
        assert_int_equal(code, 1000);
        assert_yes(mgr_process_is_alive(p));
        assert_done(mgr_process_terminate(p));
        assert_ends(p, -SIGTERM);

        p = begin(hang, NULL);
        end_by_kill(p);
}

static void who_has_ended_can_be_asked_and_told_anything(void **state)
{
        mgr_process *p = begin(return_at_once, NULL);
        int code;

        (void)state;
        assert_done(mgr_process_join(p, PATIENCE));
        assert_done(mgr_process_join(p, 0));
        assert_done(mgr_process_terminate(p));
        assert_done(mgr_process_kill(p));
        assert_done(mgr_process_signal(p, 0));
        assert_yes(mgr_process_exitcode(p, &code));
        assert_int_equal(code, 0);
        assert_true(mgr_process_pid(p) > 0);
        mgr_process_free(p);
}

/* Between its end and its first join nobody has waited for it. */
static void who_has_ended_unseen_can_be_told_anything(void **state)
{
        mgr_process *p = begin(return_at_once, NULL);

        (void)state;
        seconds_until_gone(mgr_process_pid(p));
        assert_done(mgr_process_kill(p));
        assert_ends(p, 0);
}

static void join_waits_no_longer_than_asked(void **state)
{
        mgr_process *p = begin(hang, NULL);
        double begin_at = seconds_now(), took;

        (void)state;
        assert_int_equal(mgr_process_join(p, 0.15), MGR_ETIMEOUT);
        assert_non_null(strstr(mgr_errmsg(), " has not ended within 0.15 seconds"));
        took = seconds_now() - begin_at;
        assert_true(took >= 0.15 && took < PATIENCE);
        assert_int_equal(mgr_process_join(p, 0), MGR_ETIMEOUT);
        assert_error(mgr_process_join(p, -1), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_error(mgr_process_join(p, NAN), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        end_by_kill(p);
}

static void on_alarm(int signal_number)
{
        (void)signal_number;
}

static void *pester(void *arg)
{
        pthread_t thread = *(pthread_t *)arg;

        for (int i = 0; i < 50; ++i) {
                poll(NULL, 0, 2);
                pthread_kill(thread, SIGALRM);
        }
        return NULL;
}

static void signals_do_not_end_a_join(void **state)
{
        struct sigaction action = { .sa_handler = on_alarm }, old;
        mgr_process *p = begin(hang, NULL);
        pthread_t self = pthread_self(), thread;
        double begin_at = seconds_now();

        (void)state;
        sigaction(SIGALRM, &action, &old);
        assert_int_equal(pthread_create(&thread, NULL, pester, &self), 0);
        assert_int_equal(mgr_process_join(p, 0.3), MGR_ETIMEOUT);
        assert_true(seconds_now() - begin_at >= 0.3);
        pthread_join(thread, NULL);
        sigaction(SIGALRM, &old, NULL);
        end_by_kill(p);
}

static int count_usr1(void *arg)
{
        const struct gate *ready = arg;
        sigset_t set;
        int number;

        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, NULL);
        gate_say(ready, "", 1);
        sigwait(&set, &number);
        return number == SIGUSR1 ? 11 : 12;
}

static void any_signal_can_be_sent(void **state)
{
        struct gate ready = gate_new();
        mgr_process *p = begin(count_usr1, &ready);
        char byte;

        (void)state;
        gate_hear(&ready, &byte, 1);
        assert_error(mgr_process_signal(p, 1000), MGR_EVALUE, "1000 is no signal");
        assert_error(mgr_process_signal(p, -1), MGR_EVALUE, "-1 is no signal");
        assert_done(mgr_process_signal(p, SIGUSR1));
        assert_ends(p, 11);
        gate_free(&ready);
}

static void the_sentinel_is_ready_at_the_end(void **state)
{
        mgr_process *p = begin(hang, NULL);
        struct pollfd pollfd = { .fd = mgr_process_sentinel(p), .events = POLLIN };

        (void)state;
        assert_true(pollfd.fd >= 0);
        assert_true(fcntl(pollfd.fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(poll(&pollfd, 1, 0), 0);
        assert_done(mgr_process_kill(p));
        assert_int_equal(poll(&pollfd, 1, (int)(PATIENCE * 1000)), 1);
        assert_true(pollfd.revents & (POLLIN | POLLHUP));
        assert_ends(p, -SIGKILL);
}

static void closing_is_for_those_who_have_ended(void **state)
{
        int n = count_descriptors(), code;
        mgr_process *p = begin(hang, NULL);

        (void)state;
        assert_error(mgr_process_close(p), MGR_EVALUE,
                     "Cannot close a process while it is still running. You should first call "
                     "join() or terminate().");
        assert_done(mgr_process_kill(p));
        assert_done(mgr_process_join(p, PATIENCE));
        assert_done(mgr_process_close(p));
        assert_int_equal(count_descriptors(), n);
        assert_done(mgr_process_close(p));
        assert_error(mgr_process_join(p, 0), MGR_EVALUE, "process object is closed");
        assert_error(mgr_process_is_alive(p), MGR_EVALUE, "process object is closed");
        assert_error(mgr_process_exitcode(p, &code), MGR_EVALUE, "process object is closed");
        assert_error(mgr_process_kill(p), MGR_EVALUE, "process object is closed");
        assert_error(mgr_process_pid(p), MGR_EVALUE, "process object is closed");
        assert_error(mgr_process_sentinel(p), MGR_EVALUE, "process object is closed");
        assert_int_equal(strncmp(mgr_process_name(p), "Process-", 8), 0);
        mgr_process_free(p);
}

/* --- who else waits */

static void children_of_others_are_not_taken(void **state)
{
        pid_t other = start(return_at_once, (int[]){ 42 });
        mgr_process *children[4];

        (void)state;
        seconds_until_gone(other);
        for (int i = 0; i < 10; ++i)
                assert_ends(begin(return_at_once, NULL), 0);
        assert_int_equal(mgr_active_children(children, 4), 0);
        assert_int_equal(end_of(other), 42);
}

/* Linux tells by a pidfd, from 6.15 on, how a process has ended that somebody else waited for. */
static bool kernel_remembers(void)
{
        struct utsname name;
        int major, minor;

        return has_pidfds && uname(&name) == 0 &&
               sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
               (major > 6 || (major == 6 && minor >= 15));
}

static void check_taken(mgr_process *p, int expected)
{
        int code = 1000, r;

        assert_done(mgr_process_join(p, PATIENCE));
        assert_int_equal(mgr_process_is_alive(p), 0);
        r = mgr_process_exitcode(p, &code);
        if (kernel_remembers()) {
                assert_int_equal(r, 1);
                assert_int_equal(code, expected);
        } else {
                assert_int_equal(r, MGR_ESYSTEM);
                assert_non_null(strstr(mgr_errmsg(), "the exit code of Process-"));
        }
        assert_done(mgr_process_kill(p));
        mgr_process_free(p);
}

static void who_is_taken_by_somebody_else_is_joined_all_the_same(void **state)
{
        mgr_process *p = begin(return_at_once, (int[]){ 42 });
        int status;

        (void)state;
        assert_int_equal(waitpid(-1, &status, 0), mgr_process_pid(p));
        check_taken(p, 42);

        p = begin(hang, NULL);
        assert_done(mgr_process_terminate(p));
        assert_int_equal(waitpid(-1, &status, 0), mgr_process_pid(p));
        check_taken(p, -SIGTERM);
}

static void a_program_may_ignore_sigchld(void **state)
{
        (void)state;
        signal(SIGCHLD, SIG_IGN);
        for (int i = 0; i < 10; ++i)
                check_taken(begin(return_at_once, (int[]){ i }), i);
        signal(SIGCHLD, SIG_DFL);
}

/* --- several at once */

enum { N_THREADS = 4, N_ROUNDS = 20 };

static void *start_and_join(void *arg)
{
        for (int i = 0; i < N_ROUNDS; ++i) {
                mgr_process *p;
                int wanted = (int)(intptr_t)arg + i, code;

                if (mgr_process_start(&p, return_at_once, &wanted, NULL) < 0 ||
                    mgr_process_join(p, PATIENCE) < 0 || mgr_process_exitcode(p, &code) != 1 ||
                    code != wanted) {
                        print_error("%s\n", mgr_errmsg());
                        return arg;
                }
                mgr_process_free(p);
        }
        return NULL;
}

static void threads_start_and_join_at_once(void **state)
{
        pthread_t threads[N_THREADS];
        int n = count_descriptors();
        void *failed;

        (void)state;
        for (int i = 0; i < N_THREADS; ++i)
                pthread_create(&threads[i], NULL, start_and_join, (void *)(intptr_t)(i * 40 + 1));
        for (int i = 0; i < N_THREADS; ++i) {
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        assert_int_equal(count_descriptors(), n);
        assert_int_equal(mgr_active_children(NULL, 0), 0);
}

static void *join_one(void *arg)
{
        void *failed =
                mgr_process_join(arg, PATIENCE) < 0 || mgr_process_is_alive(arg) ? arg : NULL;

        mgr_process_free(arg);
        return failed;
}

static void threads_join_one_and_the_same(void **state)
{
        mgr_process *p = begin(hang, NULL);
        pthread_t threads[N_THREADS];
        void *failed;

        (void)state;
        for (int i = 0; i < N_THREADS; ++i)
                pthread_create(&threads[i], NULL, join_one, mgr_process_ref(p));
        assert_done(mgr_process_kill(p));
        for (int i = 0; i < N_THREADS; ++i) {
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        mgr_process_free(p);
}

static void active_children_are_those_who_live(void **state)
{
        mgr_process *some[3], *found[2];

        (void)state;
        assert_int_equal(mgr_active_children(NULL, 0), 0);
        for (int i = 0; i < 3; ++i)
                some[i] = begin(hang, NULL);
        assert_int_equal(mgr_active_children(found, 2), 3);
        for (int i = 0; i < 2; ++i) {
                assert_true(found[i] == some[0] || found[i] == some[1] || found[i] == some[2]);
                mgr_process_free(found[i]);
        }
        assert_ptr_not_equal(found[0], found[1]);
        end_by_kill(some[1]);
        assert_int_equal(mgr_active_children(NULL, 0), 2);
        end_by_kill(some[0]);
        end_by_kill(some[2]);
        assert_int_equal(mgr_active_children(NULL, 0), 0);
}

static void who_is_joined_leaves_nothing(void **state)
{
        int n = count_descriptors();

        (void)state;
        assert_ends(begin(return_at_once, NULL), 0);
        assert_int_equal(count_descriptors(), n);
        assert_ends(begin_daemon(return_at_once, NULL), 0);
        assert_int_equal(count_descriptors(), n);
}

static void who_is_forgotten_does_not_stay(void **state)
{
        int n = count_descriptors();
        mgr_process *p = begin(hang, NULL), *found;
        pid_t pid = mgr_process_pid(p);

        (void)state;
        mgr_process_free(p);
        assert_int_equal(mgr_active_children(&found, 1), 1);
        assert_int_equal(mgr_process_pid(found), pid);
        assert_done(mgr_process_kill(found));
        mgr_process_free(found);
        seconds_until_gone(pid);
        assert_int_equal(kill(pid, 0), 0); /* a zombie so far */
        assert_ends(begin(return_at_once, NULL), 0);
        assert_int_equal(kill(pid, 0), -1);
        assert_int_equal(errno, ESRCH);
        assert_int_equal(count_descriptors(), n);
}

/* --- what is wrong */

static void what_is_missing_is_refused(void **state)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        mgr_process *p;

        (void)state;
        assert_int_equal(mgr_process_start(NULL, hang, NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_process_start(&p, NULL, NULL, NULL), MGR_EARGUMENT);
        options.size = 0;
        assert_error(mgr_process_start(&p, hang, NULL, &options), MGR_EARGUMENT,
                     "mgr_process_options.size is not set");
        assert_null(p);
        options.size = sizeof(options);
        options.daemon = 2;
        assert_error(mgr_process_start(&p, hang, NULL, &options), MGR_EVALUE,
                     "mgr_process_options.daemon is 1, 0 or -1, not 2");
        assert_int_equal(mgr_process_join(NULL, 0), MGR_EARGUMENT);
        assert_int_equal(mgr_process_is_alive(NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_process_close(NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_process_pid(NULL), MGR_EARGUMENT);
        mgr_process_free(NULL);
        assert_null(mgr_process_ref(NULL));
        assert_string_equal(mgr_process_name(NULL), "");
}

static void the_machine_has_processors(void **state)
{
        (void)state;
        assert_int_equal(mgr_cpu_count(), sysconf(_SC_NPROCESSORS_ONLN));
}

static int run(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(exit_codes_are_told),
                cmocka_unit_test(who_has_ended_can_be_asked_and_told_anything),
                cmocka_unit_test(who_has_ended_unseen_can_be_told_anything),
                cmocka_unit_test(join_waits_no_longer_than_asked),
                cmocka_unit_test(signals_do_not_end_a_join),
                cmocka_unit_test(any_signal_can_be_sent),
                cmocka_unit_test(the_sentinel_is_ready_at_the_end),
                cmocka_unit_test(closing_is_for_those_who_have_ended),
                cmocka_unit_test(children_of_others_are_not_taken),
                cmocka_unit_test(who_is_taken_by_somebody_else_is_joined_all_the_same),
                cmocka_unit_test(a_program_may_ignore_sigchld),
                cmocka_unit_test(threads_start_and_join_at_once),
                cmocka_unit_test(threads_join_one_and_the_same),
                cmocka_unit_test(active_children_are_those_who_live),
                cmocka_unit_test(who_is_joined_leaves_nothing),
                cmocka_unit_test(who_is_forgotten_does_not_stay),
                cmocka_unit_test(what_is_missing_is_refused),
                cmocka_unit_test(the_machine_has_processors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
        int n_failed = run_without_pidfds(run);

        has_pidfds = true;
        return n_failed + run();
}
