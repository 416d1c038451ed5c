/*
 * test_lost - what a program sees when its daemon is gone, slow, or somebody else's
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/client.h"
#include "tests/system/daemon.h"

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static mgr_manager *start_one(double call_timeout)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own;

        options.call_timeout = call_timeout;
        assert_done(mgr_manager_start(&own, &options));
        return own;
}

/* --- gone */

static void a_daemon_that_is_gone_is_an_error_at_once(void **state)
{
        mgr_manager *own = start_one(0);
        double begin = now();
        mgr_value value;
        mgr_batch *b;
        mgr_dict *d;
        size_t n;

        (void)state;
        assert_done(mgr_dict_new(own, &d));
        assert_done(mgr_manager_shutdown(own));
        while (mgr_manager_ping(own) == 0)
                assert_true(now() - begin < 5);
        begin = now();
        assert_int_equal(mgr_dict_get(d, "x", &value), MGR_EGONE);
        assert_int_equal(mgr_dict_set(d, "x", 1), MGR_EGONE);
        assert_int_equal(mgr_manager_number_of_objects(own, &n), MGR_EGONE);
        assert_done(mgr_batch_new(own, &b));
        assert_done(mgr_batch_dict_set(b, d, "x", 1));
        assert_int_equal(mgr_batch_run(b), MGR_EGONE);
        assert_int_equal(mgr_batch_result(b, 0, NULL), MGR_EGONE);
        assert_non_null(strstr(mgr_errmsg(), "gone"));
        assert_true(now() - begin < 1);
        mgr_batch_free(b);
        mgr_dict_free(d);
        mgr_manager_free(own);
}

static void a_killed_daemon_does_not_leave_a_wait_hanging(void **state)
{
        mgr_manager *own = start_one(0);
        pid_t killer, pid = daemon_pid(own);
        mgr_value value;
        mgr_list *l;
        int r;

        (void)state;
        assert_done(mgr_list_new(own, &l));
        killer = fork();
        if (killer == 0) {
                usleep(100000);
                kill(pid, SIGKILL);
                _exit(0);
        }
        r = mgr_list_take(l, MGR_FOREVER, &value);
        assert_int_equal(r, MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(mgr_list_append(l, 1), MGR_EGONE);
        waitpid(killer, NULL, 0);
        mgr_list_free(l);
        mgr_manager_free(own);
}

static void a_write_without_a_reply_is_unknown(void **state)
{
        mgr_manager *own = start_one(0);
        pid_t killer, pid = daemon_pid(own);
        mgr_value value;
        mgr_batch *b;
        mgr_dict *d;

        (void)state;
        assert_done(mgr_dict_new(own, &d));
        assert_done(mgr_batch_new(own, &b));
        assert_done(mgr_batch_dict_set(b, d, "a", 1));
        assert_done(mgr_batch_dict_get(b, d, "a"));
        killer = fork();
        if (killer == 0) {
                usleep(200000);
                kill(pid, SIGKILL);
                _exit(0);
        }
        kill(pid, SIGSTOP);
        assert_int_equal(mgr_batch_run(b), MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(mgr_batch_result(b, 0, NULL), MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(mgr_batch_result(b, 1, &value), MGR_EUNKNOWN_OUTCOME);
        waitpid(killer, NULL, 0);
        mgr_batch_free(b);
        mgr_dict_free(d);
        mgr_manager_free(own);
}

/* --- slow */

static void a_call_has_a_time_limit_where_one_is_set(void **state)
{
        mgr_manager *own = start_one(0.2);
        pid_t pid = daemon_pid(own);
        double begin;
        mgr_value value;
        mgr_dict *d;
        int n;

        (void)state;
        assert_done(mgr_dict_new(own, &d));
        assert_done(mgr_dict_set(d, "n", 1));
        assert_done(mgr_dict_set(d, "text", "x"));
        kill(pid, SIGSTOP);
        begin = now();
        assert_error(mgr_dict_incr(d, "n", 1, NULL), MGR_ETIMEOUT,
                     "no answer within 0.2 seconds; the call may still be made");
        assert_true(now() - begin >= 0.2);
        kill(pid, SIGCONT);

        /* the late reply is not taken for that of the next call */
        assert_value(mgr_dict_get(d, "text", &value), &value, "'x'");
        assert_done(mgr_dict_get(d, "n", &n));
        assert_int_equal(n, 2);
        mgr_dict_free(d);
        mgr_manager_free(own);
}

/* Its reply brings a proxy, which a fork, of all calls, is the next to receive. */
static void a_fork_may_be_what_receives_a_late_reply(void **state)
{
        mgr_manager *own = start_one(0.2);
        pid_t child, pid = daemon_pid(own);
        mgr_value value;
        mgr_dict *d;
        int status;

        (void)state;
        assert_done(mgr_dict_new(own, &d));
        assert_done(mgr_dict_set(d, "self", d));
        kill(pid, SIGSTOP);
        assert_int_equal(mgr_dict_get(d, "self", &value), MGR_ETIMEOUT);
        kill(pid, SIGCONT);
        alarm(10); /* a deadlock ends the test */
        child = fork();
        if (child == 0)
                _exit(mgr_dict_contains(d, "self") != 1);
        alarm(0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_yes(mgr_dict_contains(d, "self"));
        mgr_dict_free(d);
        mgr_manager_free(own);
}

static void a_daemon_that_hangs_is_ended_all_the_same(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own;
        double begin;
        pid_t pid;

        (void)state;
        options.shutdown_timeout = 0.2;
        assert_done(mgr_manager_start(&own, &options));
        pid = daemon_pid(own);
        kill(pid, SIGSTOP);
        begin = now();
        alarm(10);
        mgr_manager_free(own);
        alarm(0);
        assert_true(now() - begin < 5);
        while (kill(pid, 0) == 0) {
                assert_true(now() - begin < 5);
                usleep(1000);
        }
}

/* --- another one at the same place */

static const char key[] = "the key of both";

/* A daemon that is nobody's own; it listens when this returns. */
static pid_t run_daemon(const char *address)
{
        int authkey[2], ready[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe(authkey), 0);
        assert_int_equal(pipe(ready), 0);
        pid = fork();
        if (pid == 0) {
                close(authkey[1]);
                close(ready[0]);
                dup2(authkey[0], 100);
                dup2(ready[1], 101);
                execl(getenv("MANAGERD"), "managerd", "--socket", address, "--authkey-fd", "100",
                      "--ready-fd", "101", "--log-level", "warning", (char *)NULL);
                _exit(1);
        }
        close(authkey[0]);
        close(ready[1]);
        assert_int_equal(write(authkey[1], key, sizeof(key) - 1), sizeof(key) - 1);
        close(authkey[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        return pid;
}

static void end_daemon(pid_t pid)
{
        kill(pid, SIGTERM);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* What is left of the old daemon's objects must not spoil what is lent to children. */
static void children_inherit_what_is_of_a_new_daemon(void **state)
{
        char directory[] = "/tmp/managerd-test-XXXXXX", address[64];
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_dict *old, *new;
        int fds[2], status;
        mgr_manager *own;
        pid_t pid, child;
        char byte;

        (void)state;
        assert_non_null(mkdtemp(directory));
        snprintf(address, sizeof(address), "%s/socket", directory);
        options.authkey = key;
        options.authkey_size = sizeof(key) - 1;
        pid = run_daemon(address);
        assert_done(mgr_connect(&own, address, &options));
        assert_done(mgr_dict_new(own, &old));
        end_daemon(pid);
        pid = run_daemon(address);
        assert_int_equal(mgr_dict_set(old, "x", 1), MGR_ENO_OBJECT);
        assert_done(mgr_dict_new(own, &new));

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        child = fork();
        if (child == 0)
                _exit(read(fds[0], &byte, 1) != 1 || mgr_dict_set(new, "x", 1) < 0 ||
                      mgr_dict_set(old, "x", 1) != MGR_ENO_OBJECT);
        mgr_dict_free(new);
        assert_done(mgr_manager_ping(own)); /* the daemon knows that it was dropped */
        assert_int_equal(write(fds[1], "", 1), 1);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        close(fds[0]);
        close(fds[1]);
        mgr_dict_free(old);
        mgr_manager_free(own);
        end_daemon(pid);
        rmdir(directory);
}

/* --- starting and connecting */

static void a_program_may_be_given_relative_to_where_we_are(void **state)
{
        const char *program = getenv("MANAGERD");
        mgr_options options = MGR_OPTIONS_INIT;
        char before[4096], directory[4096];
        mgr_manager *own;

        (void)state;
        assert_non_null(program);
        assert_non_null(getcwd(before, sizeof(before)));
        snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(program, '/') - program),
                 program);
        assert_int_equal(chdir(directory), 0);
        options.managerd = strrchr(program, '/') + 1;
        assert_done(mgr_manager_start(&own, &options));
        assert_done(mgr_manager_ping(own));
        assert_int_equal(chdir(before), 0);
        mgr_manager_free(own);
}

/* A line of /proc/PID/status that is a set of signals. */
static unsigned long long signals_of(pid_t pid, const char *name)
{
        unsigned long long set = ~0ull;
        char path[64], line[256];
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        file = fopen(path, "re");
        assert_non_null(file);
        while (fgets(line, sizeof(line), file))
                if (strncmp(line, name, strlen(name)) == 0)
                        sscanf(line + strlen(name), ":%llx", &set);
        fclose(file);
        return set;
}

static void a_daemon_does_not_inherit_what_is_done_with_signals(void **state)
{
        static const int signals[] = { SIGUSR2, SIGALRM, SIGWINCH };
        mgr_manager *own;
        sigset_t all, old;
        pid_t pid;

        (void)state;
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
                signal(signals[i], SIG_IGN);
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &old);
        own = start_one(0);
        sigprocmask(SIG_SETMASK, &old, NULL);
        pid = daemon_pid(own);
        assert_int_equal(signals_of(pid, "SigBlk"), 0);
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i) {
                assert_int_equal(signals_of(pid, "SigIgn") >> (signals[i] - 1) & 1, 0);
                signal(signals[i], SIG_DFL);
        }
        mgr_manager_free(own);
}

/* In a child, which writes no more: the daemon's log goes nowhere, not into a socket. */
static void a_daemon_has_a_stderr_where_its_starter_has_none(void **state)
{
        pid_t child = fork();
        int status;

        (void)state;
        if (child == 0) {
                char path[64], is[64] = "";
                mgr_manager *own;

                close(STDIN_FILENO);
                close(STDOUT_FILENO);
                close(STDERR_FILENO);
                if (mgr_manager_start(&own, NULL) < 0)
                        _exit(1);
                snprintf(path, sizeof(path), "/proc/%d/fd/2", (int)daemon_pid(own));
                (void)!readlink(path, is, sizeof(is) - 1);
                mgr_manager_free(own);
                _exit(strcmp(is, "/dev/null") != 0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

/* Such as the first process of a container: every orphan becomes its child. */
static void a_daemon_leaves_no_zombie_to_who_adopts_orphans(void **state)
{
        mgr_manager *own;

        (void)state;
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        own = start_one(0);
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
        mgr_manager_free(own);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
}

static void connecting_needs_address_and_key(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own, *other;
        mgr_dict *d;

        (void)state;
        options.authkey = "a shared secret";
        options.authkey_size = 15;
        assert_done(mgr_manager_start(&own, &options));
        assert_done(mgr_connect(&other, mgr_manager_address(own), &options));
        assert_done(mgr_dict_open(other, "name", &d));
        mgr_dict_free(d);
        mgr_manager_free(other);

        options.authkey_size = 14;
        assert_int_equal(mgr_connect(&other, mgr_manager_address(own), &options),
                         MGR_EAUTHENTICATION);
        assert_null(other);
        assert_int_equal(mgr_connect(&other, "/nonexistent/socket", &options), MGR_ECONNECT);
        assert_string_equal(mgr_errmsg(),
                            "cannot connect to /nonexistent/socket: No such file or directory");
        options.authkey = NULL;
        options.authkey_file = "/nonexistent/key";
        assert_int_equal(mgr_connect(&other, mgr_manager_address(own), &options),
                         MGR_EAUTHENTICATION);
        assert_done(mgr_manager_ping(own));
        mgr_manager_free(own);
}

static void starting_says_why_it_failed(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own;

        (void)state;
        options.managerd = "/nonexistent/managerd";
        assert_error(mgr_manager_start(&own, &options), MGR_ESTART,
                     "/nonexistent/managerd is no program");
        options.managerd = "/bin/true";
        assert_error(mgr_manager_start(&own, &options), MGR_ESTART,
                     "/bin/true ended before it was ready");
        options.call_timeout = -1;
        assert_error(mgr_manager_start(&own, &options), MGR_EVALUE,
                     "a timeout must be a non-negative number");
}

static void what_a_freed_manager_made_fails_and_can_be_freed(void **state)
{
        mgr_manager *own = start_one(0);
        char directory[108];
        struct stat st;
        mgr_value value;
        mgr_dict *d;

        (void)state;
        assert_done(mgr_dict_new(own, &d));
        assert_done(mgr_dict_set(d, "self", d));
        assert_done(mgr_dict_get(d, "self", &value));
        snprintf(directory, sizeof(directory), "%s", mgr_manager_address(own));
        *strrchr(directory, '/') = '\0';
        assert_int_equal(stat(directory, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        mgr_manager_free(own);

        assert_int_equal(stat(directory, &st), -1);
        assert_error(mgr_dict_set(d, "x", 1), MGR_EGONE, "the manager has been freed");
        mgr_value_clear(&value);
        mgr_dict_free(d);
}

/* The program is killed; its daemon has nobody to ask it to end, and removes what it made. */
static void a_private_daemon_ends_with_its_starter(void **state)
{
        double begin;
        int fds[2], status;
        struct stat st;
        char address[108] = "";
        pid_t pid;

        (void)state;
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                mgr_manager *own;

                if (mgr_manager_start(&own, NULL) < 0)
                        _exit(1);
                (void)!write(fds[1], mgr_manager_address(own), strlen(mgr_manager_address(own)));
                for (;;)
                        pause();
        }
        assert_true(read(fds[0], address, sizeof(address) - 1) > 0);
        assert_int_equal(stat(address, &st), 0);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        begin = now();
        *strrchr(address, '/') = '\0';
        while (stat(address, &st) == 0) { /* the directory, not just the socket */
                assert_true(now() - begin < 1);
                usleep(1000);
        }
        close(fds[0]);
        close(fds[1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_daemon_that_is_gone_is_an_error_at_once),
                cmocka_unit_test(a_killed_daemon_does_not_leave_a_wait_hanging),
                cmocka_unit_test(a_write_without_a_reply_is_unknown),
                cmocka_unit_test(a_call_has_a_time_limit_where_one_is_set),
                cmocka_unit_test(a_fork_may_be_what_receives_a_late_reply),
                cmocka_unit_test(a_daemon_that_hangs_is_ended_all_the_same),
                cmocka_unit_test(children_inherit_what_is_of_a_new_daemon),
                cmocka_unit_test(a_program_may_be_given_relative_to_where_we_are),
                cmocka_unit_test(a_daemon_does_not_inherit_what_is_done_with_signals),
                cmocka_unit_test(a_daemon_has_a_stderr_where_its_starter_has_none),
                cmocka_unit_test(a_daemon_leaves_no_zombie_to_who_adopts_orphans),
                cmocka_unit_test(connecting_needs_address_and_key),
                cmocka_unit_test(starting_says_why_it_failed),
                cmocka_unit_test(what_a_freed_manager_made_fails_and_can_be_freed),
                cmocka_unit_test(a_private_daemon_ends_with_its_starter),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
