/*
 * test_spawn - children that are programs: this one again, and others
 *
 * All of it twice: the second time without pidfds. What the program does when it is spawned, its
 * first argument says.
 */
#include <linux/memfd.h>
#include <spawn.h>

#include "client/process/spawned.h"
#include "tests/system/family.h"
#include "tests/system/refuse.h"

static char program[4096]; /* this one */

static mgr_process *spawn(const char *role, const mgr_value *args)
{
        char *argv[] = { program, (char *)(uintptr_t)role, NULL };
        mgr_process *p;

        assert_done(mgr_process_spawn(&p, NULL, argv, m, args, NULL));
        return p;
}

static mgr_value args_of(const mgr_dict *d, mgr_value other)
{
        const mgr_value items[] = { mgr_from_dict(d), other };
        mgr_value args;

        assert_done(mgr_compose(MGR_KIND_TUPLE, items, 2, &args));
        return args;
}

/* --- as a spawned program */

struct spawned {
        mgr_manager *m;
        mgr_dict *d;
        mgr_value args, other;
};

static void take(struct spawned *s)
{
        mgr_value first;

        CHECK(mgr_spawned(&s->m, &s->args) == 1);
        CHECK(mgr_value_at(&s->args, 0, &first) == 0);
        CHECK(mgr_value_at(&s->args, 1, &s->other) == 0);
        CHECK(mgr_value_dict(&first, &s->d) == 0);
}

static void give_back(struct spawned *s)
{
        mgr_value_clear(&s->args);
        mgr_dict_free(s->d);
        mgr_manager_free(s->m);
}

static int as_child(void)
{
        unsigned char key[MGR_AUTHKEY_SIZE];
        mgr_value args;
        mgr_manager *none;
        struct spawned s;

        /* it is known before the arguments are taken */
        CHECK(mgr_process_is_daemon(mgr_current_process()) == 0);
        take(&s);
        CHECK(fails_with(mgr_spawned(&none, &args), MGR_EASSERTION,
                         "what this program was spawned with has been taken already"));
        CHECK(mgr_process_authkey(mgr_current_process(), key) == 0);
        CHECK(s.other.as.text.size == sizeof(key));
        CHECK(memcmp(s.other.as.text.data, key, sizeof(key)) == 0);
        CHECK(mgr_process_pid(mgr_current_process()) == getpid());
        CHECK(mgr_process_pid(mgr_parent_process()) == getppid());
        CHECK(mgr_process_is_alive(mgr_parent_process()) == 1);
        CHECK(mgr_process_join(mgr_parent_process(), 0) == MGR_ETIMEOUT);
        CHECK(mgr_dict_set(s.d, "name", mgr_process_name(mgr_current_process())) == 0);
        CHECK(mgr_dict_set(s.d, "parent", mgr_process_name(mgr_parent_process())) == 0);
        give_back(&s);
        return 31;
}

/* Whoever comes behind a spawned program was not spawned. */
static int as_parent(void)
{
        char *argv[] = { program, (char[]){ "stranger" }, NULL };
        mgr_manager *none;
        struct spawned s;
        mgr_value args;
        pid_t pid;

        pid = fork();
        if (pid == 0)
                _exit(mgr_spawned(&none, &args));
        CHECK(end_of(pid) == 0);
        CHECK(posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0);
        CHECK(end_of(pid) == 0);
        take(&s);
        CHECK(posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0);
        CHECK(end_of(pid) == 0);
        give_back(&s);
        return 32;
}

static int as_stranger(void)
{
        mgr_manager *none;
        mgr_value args;

        CHECK(mgr_spawned(&none, &args) == 0);
        CHECK(none == NULL && args.kind == MGR_KIND_NONE);
        CHECK(mgr_parent_process() == NULL);
        CHECK(strcmp(mgr_process_name(mgr_current_process()), "MainProcess") == 0);
        return 0;
}

static int as_waiter(void)
{
        struct spawned s;

        take(&s);
        CHECK(mgr_dict_set(s.d, "here", 1) == 0);
        return hang(NULL);
}

/* Once its parent is gone. */
static int as_orphan(void)
{
        struct spawned s;

        take(&s);
        CHECK(mgr_process_join(mgr_parent_process(), PATIENCE) == 0);
        CHECK(mgr_dict_set(s.d, "mine", 1) == 0);
        CHECK(mgr_dict_set(s.d, "name", mgr_process_name(mgr_current_process())) == 0);
        CHECK(write((int)s.other.as.integer, "k", 1) == 1);
        give_back(&s);
        return 0;
}

static int as_signalled(void)
{
        struct sigaction action;
        struct spawned s;
        sigset_t mask;

        take(&s);
        CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
        CHECK(sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGTERM) == 0);
        CHECK(sigaction(SIGUSR2, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
        CHECK(sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
        give_back(&s);
        return 33;
}

static int as_loner(void)
{
        mgr_manager *none;
        mgr_value args;
        int64_t n;

        CHECK(mgr_spawned(&none, &args) == 1);
        CHECK(none == NULL);
        CHECK(mgr_value_get_int(&args, &n) == 0);
        return (int)n;
}

/* Makes what is made for us, but not well, and goes on as a program that finds it. */
static int forge(bool sealed, const char *role)
{
        struct spawn_head head = { .magic = SPAWN_MAGIC, .pid = getpid(), .sizes = { 1 } };
        char variable[16], *argv[] = { program, (char *)(uintptr_t)role, NULL };
        int fd = (int)syscall(SYS_memfd_create, "x", MFD_ALLOW_SEALING);

        CHECK(write(fd, &head, sizeof(head)) == sizeof(head));
        CHECK(!sealed || fcntl(fd, F_ADD_SEALS, SPAWN_SEALS) == 0);
        snprintf(variable, sizeof(variable), "%d", fd);
        CHECK(setenv(SPAWN_VARIABLE, variable, 1) == 0);
        execv(program, argv);
        return CHECK_FAILED;
}

static int as_unsealed(void)
{
        return forge(false, "stranger");
}

static int as_garbled(void)
{
        return forge(true, "refused");
}

static int as_refused(void)
{
        mgr_manager *none;
        mgr_value args;

        CHECK(fails_with(mgr_spawned(&none, &args), MGR_EPROTOCOL,
                         "spawned with what is no message"));
        CHECK(mgr_current_process() == NULL);
        return 0;
}

static const struct role {
        const char *name;
        int (*run)(void);
} roles[] = {
        { "child", as_child },       { "parent", as_parent },   { "stranger", as_stranger },
        { "waiter", as_waiter },     { "orphan", as_orphan },   { "signalled", as_signalled },
        { "unsealed", as_unsealed }, { "garbled", as_garbled }, { "refused", as_refused },
        { "loner", as_loner },
};

/* --- this program again */

static void a_spawned_program_has_what_it_was_given(void **state)
{
        unsigned char key[MGR_AUTHKEY_SIZE];
        mgr_dict *d = new_dict();
        char expected[128];
        mgr_process *p;
        mgr_value args;

        (void)state;
        assert_done(mgr_process_authkey(mgr_current_process(), key));
        args = args_of(d, mgr_bytes(key, sizeof(key)));
        p = spawn("child", &args);
        mgr_value_clear(&args);
        snprintf(expected, sizeof(expected), "{'name': '%s', 'parent': 'MainProcess'}",
                 mgr_process_name(p));
        assert_ends(p, 31);
        assert_dict(d, expected);
        mgr_dict_free(d);
}

static void it_may_have_no_manager(void **state)
{
        char *argv[] = { program, (char[]){ "loner" }, NULL };
        mgr_value seven = mgr_int(7);
        mgr_process *p;

        (void)state;
        assert_done(mgr_process_spawn(&p, NULL, argv, NULL, &seven, NULL));
        assert_ends(p, 7);
}

static void its_children_are_not_taken_for_it(void **state)
{
        mgr_dict *d = new_dict();
        mgr_value args = args_of(d, MGR_NONE);
        mgr_process *p = spawn("parent", &args);

        (void)state;
        mgr_value_clear(&args);
        assert_ends(p, 32);
        mgr_dict_free(d);
}

static void this_program_was_not_spawned(void **state)
{
        mgr_manager *none;
        mgr_value args;

        (void)state;
        assert_int_equal(mgr_spawned(&none, &args), 0);
        assert_null(none);
        assert_int_equal(mgr_spawned(NULL, &args), MGR_EARGUMENT);
}

static void on_signal(int number)
{
        (void)number;
}

static void signals_are_as_after_any_exec(void **state)
{
        mgr_dict *d = new_dict();
        mgr_value args = args_of(d, MGR_NONE);
        sigset_t set, old;
        mgr_process *p;

        (void)state;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, &old);
        signal(SIGUSR2, SIG_IGN);
        signal(SIGHUP, on_signal);
        p = spawn("signalled", &args);
        signal(SIGUSR2, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        sigprocmask(SIG_SETMASK, &old, NULL);
        mgr_value_clear(&args);
        assert_ends(p, 33);
        mgr_dict_free(d);
}

/* --- secrets */

static size_t read_all(pid_t pid, const char *name, char *to, size_t room)
{
        char path[64];
        size_t n = 0;
        ssize_t r;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        while ((r = read(fd, to + n, room - n)) > 0)
                n += (size_t)r;
        close(fd);
        return n;
}

static void nothing_secret_can_be_seen(void **state)
{
        static char text[1 << 17];
        unsigned char key[MGR_AUTHKEY_SIZE];
        mgr_dict *d = new_dict();
        mgr_value args = args_of(d, mgr_str("a private word")), value;
        const char *address = mgr_manager_address(m), *variable;
        mgr_process *p;
        pid_t pid;
        size_t n;

        (void)state;
        unsetenv("TEST_ADDRESS"); /* which tells it to everybody */
        p = spawn("waiter", &args);
        pid = mgr_process_pid(p);
        mgr_value_clear(&args);
        assert_done(mgr_process_authkey(mgr_current_process(), key));
        while (mgr_dict_get(d, "here", &value) < 0)
                assert_yes(mgr_process_is_alive(p));
        for (int i = 0; i < 2; ++i) {
                n = read_all(pid, i ? "environ" : "cmdline", text, sizeof(text));
                assert_true(n > 0 && n < sizeof(text));
                assert_null(memmem(text, n, key, sizeof(key)));
                assert_null(memmem(text, n, address, strlen(address)));
                assert_null(memmem(text, n, "private", 7));
        }
        variable = memmem(text, n, SPAWN_VARIABLE "=", sizeof(SPAWN_VARIABLE));
        assert_non_null(variable);
        variable += sizeof(SPAWN_VARIABLE);
        assert_int_equal(strspn(variable, "0123456789"), strlen(variable));

        /* the descriptor itself is closed, or another one's by now */
        snprintf(text, sizeof(text), "/proc/%d/fd/%s", (int)pid, variable);
        n = (size_t)readlink(text, text + 1000, 1000);
        assert_true((ssize_t)n < 0 || !memmem(text + 1000, n, "managerd-spawn", 14));
        end_by_kill(p);
        mgr_dict_free(d);
}

static int run_as(const char *role, int fd)
{
        char variable[64], *argv[] = { program, (char *)(uintptr_t)role, NULL };
        char *environment[] = { variable, NULL };
        pid_t pid;

        snprintf(variable, sizeof(variable), SPAWN_VARIABLE "=%d", fd);
        assert_int_equal(posix_spawn(&pid, program, NULL, NULL, argv, environment), 0);
        return end_of(pid);
}

static void what_is_not_for_it_is_not_read(void **state)
{
        struct spawn_head head = { .magic = SPAWN_MAGIC };
        int fd;

        (void)state;
        assert_int_equal(run_as("stranger", 0), 0);
        assert_int_equal(run_as("stranger", 12345), 0);
        assert_int_equal(run_as("stranger", -1), 0);
        fd = (int)syscall(SYS_memfd_create, "x", MFD_ALLOW_SEALING); /* inherited */
        assert_true(fd >= 0);
        head.pid = getpid();
        assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
        assert_int_equal(run_as("stranger", fd), 0); /* not sealed */
        assert_int_equal(fcntl(fd, F_ADD_SEALS, SPAWN_SEALS), 0);
        assert_int_equal(run_as("stranger", fd), 0); /* of another process */
        close(fd);
        assert_int_equal(run_as("unsealed", -1), 0);
        assert_int_equal(run_as("garbled", -1), 0);
}

static void arguments_are_of_the_manager_that_is_given(void **state)
{
        mgr_dict *d = new_dict();
        mgr_value args = args_of(d, MGR_NONE);
        mgr_process *p;

        (void)state;
        assert_error(mgr_process_spawn(&p, NULL, NULL, NULL, &args, NULL), MGR_EARGUMENT,
                     "the arguments have proxies of another manager than what is given");
        mgr_value_clear(&args);
        mgr_dict_free(d);
}

/* --- parents that end */

struct plan {
        mgr_dict *d;
        int fd; /* for the child to inherit */
};

static int leave_an_orphan(void *arg)
{
        struct plan *plan = arg;
        mgr_dict *mine = new_dict();
        mgr_value args = args_of(mine, mgr_int(plan->fd));

        assert_done(mgr_dict_set(plan->d, "mine", mine));
        spawn("orphan", &args);
        /* nobody but the orphan has it now */
        assert_done(mgr_dict_clear(plan->d));
        mgr_value_clear(&args);
        mgr_dict_free(mine);
        assert_done(mgr_manager_ping(m));
        raise(SIGKILL);
        return 0;
}

static void what_it_was_given_outlives_who_gave_it(void **state)
{
        struct plan plan = { .d = new_dict() };
        int fds[2];
        char byte;

        (void)state;
        assert_int_equal(pipe(fds), 0); /* inherited */
        plan.fd = fds[1];
        assert_ends(begin(leave_an_orphan, &plan), -SIGKILL);
        close(fds[1]);
        assert_int_equal(read(fds[0], &byte, 1), 1); /* and not the end of the pipe */
        close(fds[0]);
        mgr_dict_free(plan.d);
}

static int run(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_spawned_program_has_what_it_was_given),
                cmocka_unit_test(it_may_have_no_manager),
                cmocka_unit_test(its_children_are_not_taken_for_it),
                cmocka_unit_test(this_program_was_not_spawned),
                cmocka_unit_test(signals_are_as_after_any_exec),
                cmocka_unit_test(nothing_secret_can_be_seen),
                cmocka_unit_test(what_is_not_for_it_is_not_read),
                cmocka_unit_test(arguments_are_of_the_manager_that_is_given),
                cmocka_unit_test(what_it_was_given_outlives_who_gave_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
        int n_failed;

        if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
                return EXIT_FAILURE;
        for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(*roles); ++i)
                if (strcmp(argv[1], roles[i].name) == 0)
                        return roles[i].run();
        if (start_manager(NULL) < 0)
                return EXIT_FAILURE;
        n_failed = run_without_pidfds(run);
        n_failed += run();
        end_manager(NULL);
        return n_failed;
}
