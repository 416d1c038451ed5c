/*
 * test_key_file - files that a client refuses to take its key from
 *
 * The file that it is told of, the one that it finds beside the socket, and the
 * one that a private daemon is to get: each with a message that says what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/client.h"

#define KEY      "a key of our own"
#define STRANGER 12345

#define OPEN_TO_OTHERS "key file is accessible to others (mode must be 0600 or less)"

struct place {
        char directory[32];
        char file[64]; /* "authkey", in a directory with what looks like a socket */
        char other[64];
        char address[64];
};

static void write_file(const char *path, mode_t mode, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        assert_int_equal(fchmod(fd, mode), 0);
        close(fd);
}

static int setup(void **state)
{
        struct place *place = calloc(1, sizeof(*place));

        assert_non_null(place);
        strcpy(place->directory, "/tmp/test_key_file.XXXXXX");
        assert_non_null(mkdtemp(place->directory));
        snprintf(place->file, sizeof(place->file), "%s/authkey", place->directory);
        snprintf(place->other, sizeof(place->other), "%s/other", place->directory);
        snprintf(place->address, sizeof(place->address), "%s/manager.sock", place->directory);
        write_file(place->address, 0600, "");
        *state = place;
        return 0;
}

static int teardown(void **state)
{
        struct place *place = *state;

        unlink(place->file);
        rmdir(place->file);
        unlink(place->other);
        unlink(place->address);
        rmdir(place->directory);
        free(place);
        return 0;
}

/* Whichever way it is come by, the file is refused, and the message is about it. */
static void assert_refused(const struct place *place, const char *why)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *manager;
        char message[160];

        snprintf(message, sizeof(message), "authkey %s: %s", place->file, why);
        assert_error(mgr_connect(&manager, place->address, NULL), MGR_EAUTHENTICATION, message);
        assert_null(manager);
        options.authkey_file = place->file;
        assert_error(mgr_connect(&manager, place->address, &options), MGR_EAUTHENTICATION, message);
        assert_null(manager);
        assert_error(mgr_manager_start(&manager, &options), MGR_EAUTHENTICATION, message);
        assert_null(manager);
}

static void a_key_file_that_others_may_use_is_refused(void **state)
{
        static const mode_t modes[] = { 0640, 0604, 0660, 0620, 0601 };

        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); ++i) {
                struct place *place = *state;

                write_file(place->file, modes[i], KEY);
                assert_refused(place, OPEN_TO_OTHERS);
        }
}

static void a_symbolic_link_is_refused(void **state)
{
        struct place *place = *state;

        write_file(place->other, 0600, KEY);
        assert_int_equal(symlink(place->other, place->file), 0);
        assert_refused(place, "key file is a symbolic link");
}

/* At once: nobody will ever write into it. */
static void a_fifo_is_refused(void **state)
{
        struct place *place = *state;

        assert_int_equal(mkfifo(place->file, 0600), 0);
        assert_refused(place, "key file is not a regular file");
}

static void a_directory_is_refused(void **state)
{
        struct place *place = *state;

        assert_int_equal(mkdir(place->file, 0700), 0);
        assert_refused(place, "key file is not a regular file");
}

static void an_empty_file_is_refused(void **state)
{
        struct place *place = *state;

        write_file(place->file, 0600, "");
        assert_refused(place, "key file is empty");
}

static void a_missing_file_is_said_to_be_missing(void **state)
{
        assert_refused(*state, "key file is missing");
}

static void the_file_of_another_user_is_refused(void **state)
{
        struct place *place = *state;

        if (geteuid() != 0) {
                print_error("not tested: only root can give a file away\n");
                skip();
        }
        write_file(place->file, 0600, KEY);
        assert_int_equal(chown(place->file, STRANGER, STRANGER), 0);
        assert_refused(place, "key file belongs to another user");
}

/* So that the refusals above are due to the files. */
static void a_proper_file_is_taken(void **state)
{
        struct place *place = *state;
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own, *other;

        write_file(place->file, 0600, KEY);
        options.authkey_file = place->file;
        assert_done(mgr_manager_start(&own, &options));
        assert_done(mgr_connect(&other, mgr_manager_address(own), &options));
        mgr_manager_free(other);

        write_file(place->file, 0400, KEY "\n"); /* the newline would be part of it */
        assert_int_equal(mgr_connect(&other, mgr_manager_address(own), &options),
                         MGR_EAUTHENTICATION);
        mgr_manager_free(own);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_key_file_that_others_may_use_is_refused),
                TEST(a_symbolic_link_is_refused),
                TEST(a_fifo_is_refused),
                TEST(a_directory_is_refused),
                TEST(an_empty_file_is_refused),
                TEST(a_missing_file_is_said_to_be_missing),
                TEST(the_file_of_another_user_is_refused),
                TEST(a_proper_file_is_taken),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
