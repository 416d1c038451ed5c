/*
 * test_refused - a daemon that has no room for another connection says so
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/client.h"

struct place {
        char directory[64];
        char address[96];
        char refusal[160];
        pid_t daemon;
};

/* A daemon for one connection, once it listens. */
static int start_daemon(void **state)
{
        static struct place place;
        char number[16], line[128];
        int ready[2];
        ssize_t n;

        snprintf(place.directory, sizeof(place.directory), "/tmp/managerd-test-XXXXXX");
        if (!mkdtemp(place.directory) || pipe(ready) < 0)
                return -1;
        snprintf(place.address, sizeof(place.address), "%s/manager.sock", place.directory);
        snprintf(place.refusal, sizeof(place.refusal), "%s: refused: too many clients",
                 place.address);
        snprintf(number, sizeof(number), "%d", ready[1]);
        place.daemon = fork();
        if (place.daemon == 0) {
                execl(getenv("MANAGERD"), "managerd", "--socket", place.address, "--max-clients",
                      "1", "--ready-fd", number, (char *)NULL);
                _exit(127);
        }
        close(ready[1]);
        n = read(ready[0], line, sizeof(line));
        close(ready[0]);
        *state = &place;
        return place.daemon > 0 && n > 0 ? 0 : -1;
}

static int end_daemon(void **state)
{
        const struct place *place = *state;
        char path[96];

        kill(place->daemon, SIGTERM);
        waitpid(place->daemon, NULL, 0);
        snprintf(path, sizeof(path), "%s/authkey", place->directory);
        unlink(path);
        return rmdir(place->directory);
}

static void a_program_too_many_is_told_why(void **state)
{
        const struct place *place = *state;
        mgr_manager *first, *second;

        assert_done(mgr_connect(&first, place->address, NULL));
        assert_error(mgr_connect(&second, place->address, NULL), MGR_ECONNECT, place->refusal);
        assert_null(second);
        assert_done(mgr_manager_ping(first));
        mgr_manager_free(first);
}

struct other {
        const struct place *place;
        mgr_dict *d;
        int status;
        char message[256];
};

static void *set_from_another_thread(void *data)
{
        struct other *other = data;

        other->status = mgr_dict_set(other->d, "x", 2);
        snprintf(other->message, sizeof(other->message), "%s", mgr_errmsg());
        return NULL;
}

static void a_thread_too_many_is_told_so_and_the_others_go_on(void **state)
{
        struct other other = { .place = *state };
        mgr_manager *only;
        pthread_t thread;
        int x;

        /* the test before has left, but perhaps not been noticed yet */
        while (mgr_connect(&only, other.place->address, NULL) < 0)
                assert_string_equal(mgr_errmsg(), other.place->refusal);
        assert_done(mgr_dict_new(only, &other.d));
        assert_done(mgr_dict_set(other.d, "x", 1));
        assert_int_equal(pthread_create(&thread, NULL, set_from_another_thread, &other), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(other.status, MGR_ECONNECT);
        assert_string_equal(other.message, other.place->refusal);
        assert_done(mgr_dict_get(other.d, "x", &x));
        assert_int_equal(x, 1);
        mgr_dict_free(other.d);
        mgr_manager_free(only);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_program_too_many_is_told_why),
                cmocka_unit_test(a_thread_too_many_is_told_so_and_the_others_go_on),
        };

        (void)m;
        (void)start_manager;
        (void)end_manager;
        (void)count_objects;
        return cmocka_run_group_tests(tests, start_daemon, end_daemon);
}
