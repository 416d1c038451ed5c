/*
 * test_lost - what a program sees when its daemon is gone, slow, or somebody else's
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/client.h"

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The pid of the daemon at the other end: its socket knows. */
static pid_t daemon_pid(mgr_manager *of)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct ucred peer;
        socklen_t size = sizeof(peer);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        strcpy(address.sun_path, mgr_manager_address(of));
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
        close(fd);
        return peer.pid;
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

/* --- starting and connecting */

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
        while (stat(address, &st) == 0) {
                assert_true(now() - begin < 1);
                usleep(1000);
        }
        close(fds[0]);
        close(fds[1]);
        *strrchr(address, '/') = '\0';
        rmdir(address);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_daemon_that_is_gone_is_an_error_at_once),
                cmocka_unit_test(a_killed_daemon_does_not_leave_a_wait_hanging),
                cmocka_unit_test(a_write_without_a_reply_is_unknown),
                cmocka_unit_test(a_call_has_a_time_limit_where_one_is_set),
                cmocka_unit_test(connecting_needs_address_and_key),
                cmocka_unit_test(starting_says_why_it_failed),
                cmocka_unit_test(what_a_freed_manager_made_fails_and_can_be_freed),
                cmocka_unit_test(a_private_daemon_ends_with_its_starter),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
