/*
 * test_key - the authkey that both sides share
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/key.h"
#include "proto/status.h"

/* A directory of our own, and a path in it that each test may use. */
struct place {
        char directory[32];
        char path[64];
        char other[64];
};

static int place_setup(void **state)
{
        struct place *place = calloc(1, sizeof(*place));

        if (!place)
                return -1;
        strcpy(place->directory, "/tmp/test_key.XXXXXX");
        if (!mkdtemp(place->directory))
                return -1;
        snprintf(place->path, sizeof(place->path), "%s/authkey", place->directory);
        snprintf(place->other, sizeof(place->other), "%s/other", place->directory);
        *state = place;
        return 0;
}

static int place_teardown(void **state)
{
        struct place *place = *state;

        unlink(place->path);
        rmdir(place->path);
        unlink(place->other);
        rmdir(place->directory);
        free(place);
        return 0;
}

static void write_file(const char *path, mode_t mode, const void *data, size_t n)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, n), n);
        assert_int_equal(fchmod(fd, mode), 0);
        close(fd);
}

static void assert_refused(const char *path, const char *reason)
{
        struct auth_key *key = NULL;
        const char *why = NULL;

        assert_int_equal(auth_key_load(&key, path, &why), -STATUS_AUTHENTICATION);
        assert_null(key);
        assert_non_null(why);
        assert_string_equal(why, reason);
}

static void key_load_takes_the_bytes_as_they_are(void **state)
{
        static const char bytes[] = "\0secret\xff with a newline\n";
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL;
        const char *why = "";

        write_file(place->path, 0600, bytes, sizeof(bytes) - 1);
        assert_int_equal(auth_key_load(&key, place->path, &why), 0);
        assert_true(span_equal(auth_key_bytes(key), SPAN_LITERAL(bytes)));
}

static void key_load_accepts_stricter_modes(void **state)
{
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL;
        const char *why;

        write_file(place->path, 0400, "k", 1);
        assert_int_equal(auth_key_load(&key, place->path, &why), 0);
}

static void key_load_refuses_a_missing_file(void **state)
{
        struct place *place = *state;

        assert_refused(place->path, "key file is missing");
}

static void key_load_refuses_files_open_to_others(void **state)
{
        static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0666 };
        struct place *place = *state;

        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); ++i) {
                write_file(place->path, modes[i], "secret", 6);
                assert_refused(place->path,
                               "key file is accessible to others (mode must be 0600 or less)");
        }
}

static void key_load_refuses_a_symbolic_link(void **state)
{
        struct place *place = *state;

        write_file(place->other, 0600, "secret", 6);
        assert_int_equal(symlink(place->other, place->path), 0);
        assert_refused(place->path, "key file is a symbolic link");
}

/* Without a writer: the load must not wait for one. */
static void key_load_refuses_a_fifo_at_once(void **state)
{
        struct place *place = *state;

        assert_int_equal(mkfifo(place->path, 0600), 0);
        assert_refused(place->path, "key file is not a regular file");
}

static void key_load_refuses_a_directory(void **state)
{
        struct place *place = *state;

        assert_int_equal(mkdir(place->path, 0700), 0);
        assert_refused(place->path, "key file is not a regular file");
}

static void key_load_refuses_a_socket(void **state)
{
        struct place *place = *state;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        assert_true(fd >= 0);
        strcpy(address.sun_path, place->path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_refused(place->path, "key file is not a regular file");
        close(fd);
}

static void key_load_refuses_an_empty_file(void **state)
{
        struct place *place = *state;

        write_file(place->path, 0600, "", 0);
        assert_refused(place->path, "key file is empty");
}

static void key_load_takes_4096_bytes_and_no_more(void **state)
{
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL;
        char bytes[AUTH_KEY_MAX_SIZE + 1];
        const char *why;

        memset(bytes, 'k', sizeof(bytes));
        write_file(place->path, 0600, bytes, AUTH_KEY_MAX_SIZE);
        assert_int_equal(auth_key_load(&key, place->path, &why), 0);
        assert_int_equal(auth_key_bytes(key).size, AUTH_KEY_MAX_SIZE);
        write_file(place->path, 0600, bytes, sizeof(bytes));
        assert_refused(place->path, "key file is too large for a key");
}

static void key_load_refuses_the_file_of_another_user(void **state)
{
        struct place *place = *state;

        if (geteuid() != 0)
                skip();
        write_file(place->path, 0600, "secret", 6);
        assert_int_equal(chown(place->path, 65534, (gid_t)-1), 0);
        assert_refused(place->path, "key file belongs to another user");
}

static void key_survives_being_saved_and_loaded(void **state)
{
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL, *again = NULL;
        mode_t mask = umask(0777);
        struct stat st;
        const char *why;

        assert_int_equal(auth_key_generate(&key), 0);
        assert_int_equal(auth_key_bytes(key).size, 32);
        assert_int_equal(auth_key_save(key, place->path), 0);
        umask(mask);
        assert_int_equal(stat(place->path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(auth_key_load(&again, place->path, &why), 0);
        assert_true(span_equal(auth_key_bytes(key), auth_key_bytes(again)));
}

static void key_save_never_replaces_a_file(void **state)
{
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL, *loaded = NULL;
        const char *why;

        write_file(place->path, 0600, "precious", 8);
        assert_int_equal(auth_key_generate(&key), 0);
        errno = 0;
        assert_int_equal(auth_key_save(key, place->path), -STATUS_SYSTEM);
        assert_int_equal(errno, EEXIST);
        assert_int_equal(auth_key_load(&loaded, place->path, &why), 0);
        assert_true(span_equal(auth_key_bytes(loaded), SPAN_LITERAL("precious")));
}

/* Through a dangling link a key would be written where somebody else says. */
static void key_save_does_not_follow_a_link(void **state)
{
        struct place *place = *state;
        _auth_key_cleanup_ struct auth_key *key = NULL;

        assert_int_equal(symlink(place->other, place->path), 0);
        assert_int_equal(auth_key_generate(&key), 0);
        assert_int_equal(auth_key_save(key, place->path), -STATUS_SYSTEM);
        assert_int_equal(access(place->other, F_OK), -1);
}

static void generated_keys_differ(void **state)
{
        _auth_key_cleanup_ struct auth_key *one = NULL, *two = NULL;

        (void)state;
        assert_int_equal(auth_key_generate(&one), 0);
        assert_int_equal(auth_key_generate(&two), 0);
        assert_false(span_equal(auth_key_bytes(one), auth_key_bytes(two)));
}

static void key_new_refuses_nothing_and_too_much(void **state)
{
        static const uint8_t bytes[AUTH_KEY_MAX_SIZE + 1];
        struct auth_key *key = NULL;

        (void)state;
        assert_int_equal(auth_key_new(&key, SPAN_ABSENT), -STATUS_VALUE);
        assert_int_equal(auth_key_new(&key, span_of(bytes, sizeof(bytes))), -STATUS_TOO_LARGE);
        assert_null(key);
        assert_null(auth_key_free(NULL));
}

static void key_read_fd_collects_pieces_until_the_end(void **state)
{
        _auth_key_cleanup_ struct auth_key *key = NULL;
        int fds[2];

        (void)state;
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], "first,", 6), 6);
        assert_int_equal(write(fds[1], "second", 6), 6);
        close(fds[1]);
        assert_int_equal(auth_key_read_fd(&key, fds[0]), 0);
        assert_true(span_equal(auth_key_bytes(key), SPAN_LITERAL("first,second")));
        assert_int_equal(close(fds[0]), 0);
}

static void key_read_fd_refuses_nothing_and_too_much(void **state)
{
        static const uint8_t bytes[AUTH_KEY_MAX_SIZE + 1];
        struct auth_key *key = NULL;
        int fds[2];

        (void)state;
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(write(fds[1], bytes, sizeof(bytes)), sizeof(bytes));
        close(fds[1]);
        assert_int_equal(auth_key_read_fd(&key, fds[0]), -STATUS_TOO_LARGE);
        /* all has been read: the end is next */
        assert_int_equal(auth_key_read_fd(&key, fds[0]), -STATUS_VALUE);
        close(fds[0]);
        assert_int_equal(auth_key_read_fd(&key, -1), -STATUS_SYSTEM);
        assert_int_equal(errno, EBADF);
        assert_null(key);
}

/* In a child: writing to a key ends the process. */
static void key_is_protected_from_writing(void **state)
{
        _auth_key_cleanup_ struct auth_key *key = NULL;
        int status;
        pid_t pid;

        (void)state;
        assert_int_equal(auth_key_new(&key, SPAN_LITERAL("secret")), 0);
        pid = fork();
        if (pid == 0) {
                union {
                        const uint8_t *read;
                        volatile uint8_t *write;
                } bytes = { auth_key_bytes(key).data };

                signal(SIGSEGV, SIG_DFL);
                bytes.write[0] = 'S';
                _exit(0);
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSEGV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(key_load_takes_the_bytes_as_they_are),
                TEST(key_load_accepts_stricter_modes),
                TEST(key_load_refuses_a_missing_file),
                TEST(key_load_refuses_files_open_to_others),
                TEST(key_load_refuses_a_symbolic_link),
                TEST(key_load_refuses_a_fifo_at_once),
                TEST(key_load_refuses_a_directory),
                TEST(key_load_refuses_a_socket),
                TEST(key_load_refuses_an_empty_file),
                TEST(key_load_takes_4096_bytes_and_no_more),
                TEST(key_load_refuses_the_file_of_another_user),
                TEST(key_survives_being_saved_and_loaded),
                TEST(key_save_never_replaces_a_file),
                TEST(key_save_does_not_follow_a_link),
                cmocka_unit_test(generated_keys_differ),
                cmocka_unit_test(key_new_refuses_nothing_and_too_much),
                cmocka_unit_test(key_read_fd_collects_pieces_until_the_end),
                cmocka_unit_test(key_read_fd_refuses_nothing_and_too_much),
                cmocka_unit_test(key_is_protected_from_writing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
