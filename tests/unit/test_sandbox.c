/*
 * test_sandbox - what the daemon cannot do any more once it serves
 *
 * Each attempt is made by a process of its own that has started the daemon's own
 * server, and so has entered its sandbox where the daemon does. Every attempt
 * succeeds without the sandbox; it is denied by seccomp and by Landlock each
 * alone where it is theirs, in processes in which the other one cannot be had.
 */
#include "managerd/server/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "managerd/server/server.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/sandbox_attempts.h"

#define NOT_STARTED 255 /* exit status */

enum mode {
        MODE_NONE, /* --no-sandbox */
        MODE_BOTH,
        MODE_SECCOMP,  /* a kernel without Landlock */
        MODE_LANDLOCK, /* or without seccomp */
        MODE_NEITHER,
};

/* --- the places of attempts */

static void make_file(const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, "precious", 8), 8);
        close(fd);
}

static struct sockaddr_un address_of(const char *path)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
        return sun;
}

static pid_t make_victim(void)
{
        int ready[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe(ready), 0);
        pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (write(ready[1], "", 1) == 1)
                        pause();
                _exit(0);
        }
        assert_true(pid > 0);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        close(ready[1]);
        return pid;
}

/* What of a sandbox this kernel, or the container that we are in, lets us have. */
static struct sandbox probe(void)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                struct sandbox sandbox;

                assert_int_equal(
                        sandbox_enter(&sandbox, &(struct sandbox_needs){ .directory = -1 }), 0);
                _exit((int)(sandbox.landlock << 1 | sandbox.seccomp));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return (struct sandbox){ WEXITSTATUS(status) & 1, (uint64_t)WEXITSTATUS(status) >> 1 };
}

static int setup(void **state)
{
        struct place *place = calloc(1, sizeof(*place));
        struct sockaddr_un sun;

        assert_non_null(place);
        strcpy(place->directory, "/tmp/test_sandbox.XXXXXX");
        strcpy(place->outside, "/tmp/test_sandbox.XXXXXX");
        assert_non_null(mkdtemp(place->directory));
        assert_non_null(mkdtemp(place->outside));
        snprintf(place->socket, sizeof(place->socket), "%s/socket", place->directory);
        snprintf(place->file, sizeof(place->file), "%s/file", place->directory);
        snprintf(place->log, sizeof(place->log), "%s/log", place->directory);
        snprintf(place->other, sizeof(place->other), "%s/other", place->outside);
        snprintf(place->listener, sizeof(place->listener), "%s/listener", place->outside);
        make_file(place->file);
        make_file(place->other);
        place->readable = open(place->file, O_RDONLY);
        place->datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
        place->listening = socket(AF_UNIX, SOCK_DGRAM, 0);
        sun = address_of(place->listener);
        assert_int_equal(bind(place->listening, (struct sockaddr *)&sun, sizeof(sun)), 0);
        place->victim = make_victim();
        place->possible = probe();
        *state = place;
        return 0;
}

static int teardown(void **state)
{
        struct place *place = *state;

        kill(place->victim, SIGKILL);
        waitpid(place->victim, NULL, 0);
        close(place->readable);
        close(place->datagram);
        close(place->listening);
        unlink(place->file);
        unlink(place->log);
        unlink(place->socket);
        unlink(place->other);
        unlink(place->listener);
        rmdir(place->directory);
        rmdir(place->outside);
        free(place);
        return 0;
}

/* --- a process that is the daemon */

/* As if the kernel did not have it. */
static bool hide(bool seccomp, bool landlock)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        int r = filter ? 0 : -1;

        if (r == 0 && seccomp)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                     SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
        if (r == 0 && seccomp)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
        if (r == 0 && landlock)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
                                     SCMP_SYS(landlock_create_ruleset), 0);
        if (r == 0)
                r = seccomp_load(filter);
        seccomp_release(filter);
        return r == 0;
}

static struct server *start_server(const struct place *place, enum mode mode)
{
        struct server_options options = SERVER_OPTIONS_DEFAULT;
        struct server *server;
        int key[2];
        int log = open(place->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        if (log < 0 || dup2(log, STDERR_FILENO) < 0 || pipe(key) < 0 || write(key[1], "k", 1) != 1)
                return NULL;
        close(key[1]);
        if (mode != MODE_NONE && mode != MODE_BOTH &&
            !hide(mode != MODE_SECCOMP, mode != MODE_LANDLOCK))
                return NULL;
        options.socket_path = place->socket;
        options.authkey_fd = key[0];
        options.no_sandbox = mode == MODE_NONE;
        return server_new(&server, &options) < 0 ? NULL : server;
}

/* The status of a process that has become the daemon and then done this. */
static int status_of(const struct place *place, enum mode mode, attempt_function *attempt)
{
        pid_t pid;
        int status;

        unlink(place->socket);
        pid = fork();
        if (pid == 0) {
                if (!start_server(place, mode))
                        _exit(NOT_STARTED);
                _exit(attempt(place));
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static int result_of(const struct place *place, enum mode mode, attempt_function *attempt)
{
        int status = status_of(place, mode, attempt);

        assert_true(WIFEXITED(status));
        assert_int_not_equal(WEXITSTATUS(status), NOT_STARTED);
        return WEXITSTATUS(status);
}

static void expect(const struct place *place, enum mode mode, const struct attempt *attempt,
                   int expected)
{
        int r;

        make_file(place->other);
        r = result_of(place, mode, attempt->function);
        if (r != expected)
                fail_msg("%s: %s, expected %s", attempt->name, r ? strerror(r) : "possible",
                         expected ? strerror(expected) : "possible");
}

static void without_sandbox_all_of_it_is_possible(void **state)
{
        for (size_t i = 0; i < N_ATTEMPTS; ++i)
                expect(*state, MODE_NONE, &attempts[i], 0);
}

static void want(bool possible, const char *what)
{
        if (possible)
                return;
        fprintf(stderr, "not tested: this kernel or container has no %s\n", what);
        skip();
}

static void the_sandbox_denies_all_of_it(void **state)
{
        const struct place *place = *state;

        want(place->possible.seccomp && place->possible.landlock, "seccomp with Landlock");
        for (size_t i = 0; i < N_ATTEMPTS; ++i)
                expect(place, MODE_BOTH, &attempts[i],
                       attempts[i].seccomp ? attempts[i].seccomp : attempts[i].landlock);
}

static void seccomp_denies_its_part_alone(void **state)
{
        const struct place *place = *state;

        want(place->possible.seccomp, "seccomp");
        for (size_t i = 0; i < N_ATTEMPTS; ++i)
                expect(place, MODE_SECCOMP, &attempts[i], attempts[i].seccomp);
}

static void landlock_denies_its_part_alone(void **state)
{
        const struct place *place = *state;

        want(place->possible.landlock && place->possible.seccomp, "Landlock");
        for (size_t i = 0; i < N_ATTEMPTS; ++i)
                if (place->possible.landlock >= attempts[i].version)
                        expect(place, MODE_LANDLOCK, &attempts[i], attempts[i].landlock);
                else
                        fprintf(stderr, "not tested: Landlock of this kernel and %s\n",
                                attempts[i].name);
}

/* --- and what must go on */

static void assert_logged(const struct place *place, const char *text)
{
        char log[4096] = "";
        int fd = open(place->log, O_RDONLY);

        assert_true(fd >= 0);
        assert_true(read(fd, log, sizeof(log) - 1) >= 0);
        close(fd);
        if (!strstr(log, text))
                fail_msg("the log does not say \"%s\" but \"%s\"", text, log);
}

static int do_nothing(const struct place *place)
{
        (void)place;
        return 0;
}

static void the_daemon_goes_on_where_the_kernel_has_neither_and_says_so(void **state)
{
        const struct place *place = *state;

        want(place->possible.seccomp, "seccomp, to hide it with");
        assert_int_equal(result_of(place, MODE_NEITHER, do_nothing), 0);
        assert_logged(place, "warning: sandbox: no seccomp: ");
        assert_logged(place, "warning: sandbox: no Landlock: ");
        assert_logged(place, "listens at");
        for (size_t i = 0; i < N_ATTEMPTS; ++i)
                expect(place, MODE_NEITHER, &attempts[i], 0);
}

static void the_log_says_what_is_in_force(void **state)
{
        const struct place *place = *state;

        want(place->possible.seccomp && place->possible.landlock, "seccomp with Landlock");
        assert_int_equal(result_of(place, MODE_BOTH, do_nothing), 0);
        assert_logged(place, "info: sandbox: seccomp, Landlock (ABI ");
        assert_int_equal(result_of(place, MODE_SECCOMP, do_nothing), 0);
        assert_logged(place, "info: sandbox: seccomp only");
        assert_int_equal(result_of(place, MODE_LANDLOCK, do_nothing), 0);
        assert_logged(place, "info: sandbox: Landlock only");
        assert_int_equal(result_of(place, MODE_NONE, do_nothing), 0);
        assert_logged(place, "info: sandbox: none, as asked for");
}

static int do_fail_an_assertion(const struct place *place)
{
        assert(!place);
        return 0;
}

static void a_failed_assertion_is_told_and_ends_the_process(void **state)
{
        const struct place *place = *state;
        int status = status_of(place, MODE_BOTH, do_fail_an_assertion);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
        assert_logged(place, "Assertion `!place' failed");
}

/* From pages to heaps, in the ways of an allocator. */
static int do_allocate(const struct place *place)
{
        (void)place;
        for (size_t n = 1; n <= 64 << 20; n *= 4) {
                char *memory = malloc(n), *more;

                if (!memory)
                        return ENOMEM;
                memset(memory, 1, n);
                more = realloc(memory, 2 * n);
                if (!more)
                        return ENOMEM;
                free(more);
        }
        return 0;
}

static void memory_can_be_had(void **state)
{
        assert_int_equal(result_of(*state, MODE_BOTH, do_allocate), 0);
}

#ifdef __x86_64__
/* getpid() of 32-bit programs, whose numbers the filter does not know */
static int do_call_as_another_architecture(const struct place *place)
{
        int r = 20;

        (void)place;
        __asm__ volatile("int $0x80" : "+a"(r) : : "memory");
        return 0;
}

static void calls_of_another_architecture_end_the_process(void **state)
{
        const struct place *place = *state;
        int status;

        want(place->possible.seccomp, "seccomp");
        if (status_of(place, MODE_NONE, do_call_as_another_architecture) != 0)
                want(false, "32-bit system calls");
        status = status_of(place, MODE_BOTH, do_call_as_another_architecture);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(without_sandbox_all_of_it_is_possible),
                TEST(the_sandbox_denies_all_of_it),
                TEST(seccomp_denies_its_part_alone),
                TEST(landlock_denies_its_part_alone),
                TEST(the_daemon_goes_on_where_the_kernel_has_neither_and_says_so),
                TEST(the_log_says_what_is_in_force),
                TEST(a_failed_assertion_is_told_and_ends_the_process),
                TEST(memory_can_be_had),
#ifdef __x86_64__
                TEST(calls_of_another_architecture_end_the_process),
#endif
        };

        if (!sandbox_is_built_in()) {
                fprintf(stderr, "not tested: with a sanitizer there is no sandbox\n");
                return 77; /* skipped */
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
