/*
 * test_family - parents and children: names, daemons, keys, and what a child inherits
 *
 * All of it twice: the second time without pidfds. The manager is that of the whole program.
 */
#include <pthread.h>

#include "tests/system/family.h"
#include "tests/system/refuse.h"

/* --- who one is */

static int check_names(void *arg)
{
        mgr_process *self = mgr_current_process(), *parent = mgr_parent_process(), *p;
        char expected[64];
        int code;

        CHECK(mgr_process_pid(self) == getpid());
        CHECK(mgr_process_pid(parent) == getppid());
        CHECK(mgr_process_is_alive(self) == 1);
        CHECK(mgr_process_is_alive(parent) == 1);
        CHECK(mgr_process_is_daemon(self) == 0);
        CHECK(mgr_active_children(NULL, 0) == 0);
        if (!arg) {
                CHECK(strchr(strchr(mgr_process_name(self), ':'), '1') != NULL);
                CHECK(strncmp(mgr_process_name(parent), "Process-", 8) == 0);
                return 21;
        }
        CHECK(strcmp(mgr_process_name(parent), "MainProcess") == 0);
        CHECK(strchr(mgr_process_name(self), ':') == NULL);

        /* its own children are numbered from 1 on */
        CHECK(mgr_process_start(&p, check_names, NULL, NULL) == 0);
        snprintf(expected, sizeof(expected), "%s:1", mgr_process_name(self));
        CHECK(strcmp(mgr_process_name(p), expected) == 0);
        CHECK(mgr_process_join(p, PATIENCE) == 0);
        CHECK(mgr_process_exitcode(p, &code) == 1 && code == 21);
        mgr_process_free(p);
        return 22;
}

static void children_know_who_they_are(void **state)
{
        mgr_process *self = mgr_current_process();
        unsigned first, second;
        mgr_process *p;

        (void)state;
        assert_string_equal(mgr_process_name(self), "MainProcess");
        assert_null(mgr_parent_process());
        assert_int_equal(mgr_process_pid(self), getpid());
        assert_int_equal(mgr_process_is_daemon(self), 0);
        p = begin(check_names, "");
        assert_int_equal(sscanf(mgr_process_name(p), "Process-%u", &first), 1);
        assert_ends(p, 22);
        p = begin(check_names, "");
        assert_int_equal(sscanf(mgr_process_name(p), "Process-%u", &second), 1);
        assert_int_equal(second, first + 1);
        assert_ends(p, 22);
}

static int check_chosen_name(void *arg)
{
        CHECK(strcmp(mgr_process_name(mgr_current_process()), arg) == 0);
        CHECK(mgr_process_set_name(mgr_current_process(), "renamed") == 0);
        CHECK(strcmp(mgr_process_name(mgr_current_process()), "renamed") == 0);
        return 23;
}

static void a_name_can_be_chosen(void **state)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        char name[] = "the baker";
        mgr_process *p;

        (void)state;
        options.name = name;
        assert_done(mgr_process_start(&p, check_chosen_name, "the baker", &options));
        name[0] = 'X';
        assert_string_equal(mgr_process_name(p), "the baker");
        assert_error(mgr_process_set_name(p, NULL), MGR_EASSERTION, "name must be a string");
        assert_done(mgr_process_set_name(p, "Bob"));
        assert_string_equal(mgr_process_name(p), "Bob");
        assert_ends(p, 23);
}

static void some_things_make_no_sense_with_oneself(void **state)
{
        mgr_process *self = mgr_current_process();
        int code;

        (void)state;
        assert_error(mgr_process_join(self, 0), MGR_EASSERTION, "can only join a child process");
        assert_yes(mgr_process_is_alive(self));
        assert_int_equal(mgr_process_exitcode(self, &code), 0);
        assert_error(mgr_process_sentinel(self), MGR_EVALUE, "process not started");
        assert_error(mgr_process_terminate(self), MGR_EASSERTION,
                     "can only signal a child process");
        assert_error(mgr_process_close(self), MGR_EASSERTION, "can only close a child process");
}

/* --- handles are of the process that started them */

static int check_stranger(mgr_process *p, mgr_process *self)
{
        int code;

        CHECK(fails_with(mgr_process_join(p, 0), MGR_EASSERTION, "can only join a child process"));
        CHECK(fails_with(mgr_process_is_alive(p), MGR_EASSERTION, "can only test a child process"));
        CHECK(fails_with(mgr_process_exitcode(p, &code), MGR_EASSERTION,
                         "can only test a child process"));
        CHECK(fails_with(mgr_process_kill(p), MGR_EASSERTION, "can only signal a child process"));
        CHECK(fails_with(mgr_process_close(p), MGR_EASSERTION, "can only close a child process"));
        CHECK(mgr_process_sentinel(p) == MGR_EASSERTION);
        CHECK(strncmp(mgr_process_name(p), "Process-", 8) == 0);
        CHECK(mgr_process_pid(p) > 0);
        mgr_process_free(p);

        CHECK(mgr_active_children(NULL, 0) == 0);
        CHECK(mgr_current_process() == self);
        CHECK(mgr_process_pid(self) == getpid());
        return 0;
}

struct handles {
        mgr_process *p, *self;
};

static int check_handles_in_child(void *arg)
{
        const struct handles *handles = arg;

        CHECK(handles->self == mgr_parent_process());
        return check_stranger(handles->p, mgr_current_process());
}

static int check_handles_in_fork(void *arg)
{
        const struct handles *handles = arg;
        mgr_process *p;
        int code;

        check_stranger(handles->p, handles->self);
        CHECK(mgr_parent_process() == NULL);
        /* it has a family of its own */
        CHECK(mgr_process_start(&p, return_at_once, (int[]){ 7 }, NULL) == 0);
        CHECK(mgr_process_join(p, PATIENCE) == 0);
        CHECK(mgr_process_exitcode(p, &code) == 1 && code == 7);
        mgr_process_free(p);
        return 0;
}

static int clone_and_check(void *arg)
{
        int status;
        long pid = syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(check_handles_in_fork(arg));
        CHECK(waitpid((pid_t)pid, &status, 0) == pid && WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void handles_are_of_no_use_to_children(void **state)
{
        struct handles handles = { begin(hang, NULL), mgr_current_process() };

        (void)state;
        assert_ends(begin(check_handles_in_child, &handles), 0);
        assert_int_equal(end_of(start(check_handles_in_fork, &handles)), 0);
        assert_int_equal(clone_and_check(&handles), 0);
        assert_yes(mgr_process_is_alive(handles.p));
        end_by_kill(handles.p);
}

/* --- daemons */

static int try_to_have_children(void *arg)
{
        mgr_process *p;

        (void)arg;
        CHECK(mgr_process_is_daemon(mgr_current_process()) == 1);
        CHECK(fails_with(mgr_process_start(&p, hang, NULL, NULL), MGR_EASSERTION,
                         "daemonic processes are not allowed to have children"));
        CHECK(p == NULL);
        CHECK(fails_with(mgr_process_spawn(&p, NULL, NULL, NULL, NULL, NULL), MGR_EASSERTION,
                         "daemonic processes are not allowed to have children"));
        return 24;
}

static void daemons_have_no_children(void **state)
{
        mgr_process *p = begin_daemon(try_to_have_children, NULL);

        (void)state;
        assert_yes(mgr_process_is_daemon(p));
        assert_ends(p, 24);
}

static void daemons_end_like_others(void **state)
{
        mgr_process *p = begin_daemon(hang, NULL);

        (void)state;
        assert_int_equal(mgr_process_join(p, 0.02), MGR_ETIMEOUT);
        end_by_kill(p);
        assert_ends(begin_daemon(return_at_once, (int[]){ 5 }), 5);
}

/* What a parent tells the test of its children. */
struct told {
        pid_t daemon, siblings[2];
};

/* Nothing but SIGKILL ends it, nor the end of what it could read or write. */
static int hang_on(void *arg)
{
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        return hang(arg);
}

static void *start_daemon(void *arg)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        struct told *told = arg;
        mgr_process *p;

        options.daemon = 1;
        CHECK(mgr_process_start(&p, hang_on, NULL, &options) == 0);
        told->daemon = mgr_process_pid(p);
        return NULL;
}

enum how { BY_RETURNING, BY_EXIT, BY_SIGKILL };
struct plan {
        enum how how;
        struct gate gate;
};

static int have_daemon_and_end(void *arg)
{
        const struct plan *plan = arg;
        struct told told;
        pthread_t thread;
        mgr_process *p;

        CHECK(mgr_process_start(&p, hang, NULL, NULL) == 0);
        told.siblings[0] = mgr_process_pid(p);
        CHECK(pthread_create(&thread, NULL, start_daemon, &told) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        told.siblings[1] = fork();
        if (told.siblings[1] == 0)
                hang(NULL);
        gate_say(&plan->gate, &told, sizeof(told));
        if (plan->how == BY_SIGKILL)
                hang(NULL);
        if (plan->how == BY_EXIT)
                exit(0);
        return 0;
}

/* How long a daemon lived longer than its parent. */
static double outlived(mgr_target *parent, enum how how)
{
        struct plan plan = { how, gate_new() };
        mgr_process *p = begin(parent, &plan);
        struct told told;
        double took;

        gate_hear(&plan.gate, &told, sizeof(told));
        if (how == BY_SIGKILL)
                assert_done(mgr_process_kill(p));
        assert_ends(p, how == BY_SIGKILL ? -SIGKILL : 0);
        took = seconds_until_gone(told.daemon);
        for (int i = 0; i < 2; ++i) {
                assert_false(is_gone(told.siblings[i]));
                kill(told.siblings[i], SIGKILL);
        }
        gate_free(&plan.gate);
        return took;
}

/* A machine that does other things may once be late. */
static void assert_not_outlived(mgr_target *parent, enum how how)
{
        double took = PATIENCE;

        for (int i = 0; i < 5 && took > 0.1; ++i)
                took = outlived(parent, how);
        assert_true(took <= 0.1);
}

static void a_daemon_ends_with_its_parent(void **state)
{
        (void)state;
        assert_not_outlived(have_daemon_and_end, BY_SIGKILL);
        assert_not_outlived(have_daemon_and_end, BY_RETURNING);
        assert_not_outlived(have_daemon_and_end, BY_EXIT);
}

/* A fork of the parent is not its parent. */
static int have_daemon_and_fork(void *arg)
{
        const struct plan *plan = arg;
        struct told told = { 0 };
        mgr_process *p;
        pid_t pid;

        start_daemon(&told);
        CHECK(mgr_process_start(&p, hang, NULL, NULL) == 0);
        told.siblings[0] = mgr_process_pid(p);
        pid = fork();
        if (pid == 0) {
                told.siblings[1] = fork();
                if (told.siblings[1] == 0)
                        hang(NULL);
                gate_say(&plan->gate, &told, sizeof(told));
                _exit(0);
        }
        return hang(NULL);
}

static void the_forks_of_its_parent_do_not_keep_a_daemon_alive(void **state)
{
        (void)state;
        assert_not_outlived(have_daemon_and_fork, BY_SIGKILL);
}

/* --- parents */

struct relay {
        struct gate ready, done;
};

static int watch_parent(void *arg)
{
        const struct relay *relay = arg;
        mgr_process *parent = mgr_parent_process();
        struct pollfd pollfd = { .fd = mgr_process_sentinel(parent), .events = POLLIN };
        int code;
        bool well;

        well = mgr_process_is_alive(parent) == 1 && poll(&pollfd, 1, 0) == 0 &&
               mgr_process_join(parent, 0) == MGR_ETIMEOUT &&
               mgr_process_exitcode(parent, &code) == MGR_EASSERTION &&
               mgr_process_kill(parent) == MGR_EASSERTION;
        gate_say(&relay->ready, &well, sizeof(well));
        well = well && mgr_process_join(parent, PATIENCE) == 0 &&
               mgr_process_is_alive(parent) == 0 && poll(&pollfd, 1, 0) == 1;
        gate_say(&relay->done, &well, sizeof(well));
        return 0;
}

static int have_child(void *arg)
{
        mgr_process *p;

        CHECK(mgr_process_start(&p, watch_parent, arg, NULL) == 0);
        return hang(NULL);
}

static void a_child_sees_its_parents_end(void **state)
{
        struct relay relay = { gate_new(), gate_new() };
        mgr_process *p = begin(have_child, &relay);
        bool well;

        (void)state;
        gate_hear(&relay.ready, &well, sizeof(well));
        assert_true(well);
        end_by_kill(p);
        gate_hear(&relay.done, &well, sizeof(well));
        assert_true(well);
        gate_free(&relay.ready);
        gate_free(&relay.done);
}

/* --- keys */

static int check_key(void *arg)
{
        unsigned char key[MGR_AUTHKEY_SIZE];
        mgr_process *p;
        int code;

        CHECK(mgr_process_authkey(mgr_current_process(), key) == 0);
        CHECK(memcmp(key, arg, sizeof(key)) == 0);
        memset(key, 'c', sizeof(key));
        if (memcmp(key, arg, sizeof(key)) == 0)
                return 25;
        /* another key for the children */
        CHECK(mgr_process_set_authkey(mgr_current_process(), key) == 0);
        CHECK(mgr_process_start(&p, check_key, key, NULL) == 0);
        CHECK(mgr_process_join(p, PATIENCE) == 0);
        CHECK(mgr_process_exitcode(p, &code) == 1 && code == 25);
        mgr_process_free(p);
        return 26;
}

static void children_inherit_the_key(void **state)
{
        unsigned char key[MGR_AUTHKEY_SIZE], again[MGR_AUTHKEY_SIZE],
                zero[MGR_AUTHKEY_SIZE] = { 0 };
        mgr_process *p;

        (void)state;
        assert_done(mgr_process_authkey(mgr_current_process(), key));
        assert_memory_not_equal(key, zero, sizeof(key));
        p = begin(check_key, key);
        assert_done(mgr_process_authkey(p, again));
        assert_memory_equal(key, again, sizeof(key));
        assert_ends(p, 26);
        assert_done(mgr_process_authkey(mgr_current_process(), again));
        assert_memory_equal(key, again, sizeof(key));
}

static void a_manager_has_its_starters_key(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        unsigned char key[MGR_AUTHKEY_SIZE];
        mgr_manager *other;

        (void)state;
        if (getenv("TEST_ADDRESS"))
                skip(); /* it is not ours */
        assert_done(mgr_process_authkey(mgr_current_process(), key));
        options.authkey = key;
        options.authkey_size = sizeof(key);
        assert_done(mgr_connect(&other, mgr_manager_address(m), &options));
        mgr_manager_free(other);
        key[0] ^= 1;
        assert_int_equal(mgr_connect(&other, mgr_manager_address(m), &options),
                         MGR_EAUTHENTICATION);
}

static int run(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(children_know_who_they_are),
                cmocka_unit_test(a_name_can_be_chosen),
                cmocka_unit_test(some_things_make_no_sense_with_oneself),
                cmocka_unit_test(handles_are_of_no_use_to_children),
                cmocka_unit_test(daemons_have_no_children),
                cmocka_unit_test(daemons_end_like_others),
                cmocka_unit_test(a_daemon_ends_with_its_parent),
                cmocka_unit_test(the_forks_of_its_parent_do_not_keep_a_daemon_alive),
                cmocka_unit_test(a_child_sees_its_parents_end),
                cmocka_unit_test(children_inherit_the_key),
                cmocka_unit_test(a_manager_has_its_starters_key),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
        int n_failed;

        if (start_manager(NULL) < 0)
                return EXIT_FAILURE;
        n_failed = run_without_pidfds(run);
        n_failed += run();
        end_manager(NULL);
        return n_failed;
}
