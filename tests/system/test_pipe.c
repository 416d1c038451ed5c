/*
 * test_pipe - pipes between processes: whole messages, however the bytes arrive
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/system/pipes.h"

/* --- messages */

static void values_of_every_kind_arrive(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_value value, list;
        double real;
        long long big;
        int small;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe_send(a, 42));
        assert_done(mgr_pipe_recv(b, 0, &small));
        assert_int_equal(small, 42);
        assert_done(mgr_pipe_send(b, 2.5));
        assert_done(mgr_pipe_recv(a, 0, &real));
        assert_true(real == 2.5);
        assert_done(mgr_pipe_send(b, INT64_MIN));
        assert_done(mgr_pipe_recv(a, 0, &big));
        assert_true(big == INT64_MIN);
        assert_done(mgr_pipe_send(a, MGR_NONE));
        assert_done(mgr_pipe_recv(b, 0, &value));
        assert_repr(&value, "None");
        assert_done(mgr_pipe_send(a, "胡旺"));
        assert_done(mgr_pipe_recv(b, 0, &value));
        assert_string_equal(mgr_cstr(&value), "胡旺");
        mgr_value_clear(&value);

        mgr_value items[] = { mgr_int(1), mgr_str("two"), mgr_bytes("\0x", 2), MGR_TRUE };

        assert_done(mgr_compose(MGR_KIND_TUPLE, items, 4, &list));
        assert_done(mgr_pipe_send(a, &list));
        mgr_value_clear(&list);
        assert_done(mgr_pipe_recv(b, MGR_FOREVER, &value));
        assert_repr(&value, "(1, 'two', b'\\x00x', True)");
        close_both(a, b);
}

static int echo(void *arg)
{
        mgr_pipe_end *end = arg;
        mgr_value bytes;
        int r;

        while ((r = mgr_pipe_recv_bytes(end, PATIENCE, &bytes)) == 0) {
                r = mgr_pipe_send_bytes(end, bytes.as.text.data, bytes.as.text.size);
                mgr_value_clear(&bytes);
                if (r < 0)
                        return 1;
        }
        return r == MGR_EEOF ? 0 : 2;
}

static void messages_of_any_size_go_to_another_process_and_back(void **state)
{
        static const size_t sizes[] = { 0,     1,     2,      4,       16383,   16384,
                                        16385, 65536, 250000, 1 << 20, 9000001, 0 };
        mgr_pipe_end *a, *b;
        mgr_value bytes;
        char *data;
        pid_t pid;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        pid = fork();
        if (pid == 0) {
                mgr_pipe_free(a);
                _exit(echo(b));
        }
        mgr_pipe_free(b);
        data = malloc(9000001);
        assert_non_null(data);
        for (size_t i = 0; i < 9000001; ++i)
                data[i] = (char)(i * 2654435761u >> 13);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
                assert_done(mgr_pipe_send_bytes(a, data, sizes[i]));
                assert_done(mgr_pipe_recv_bytes(a, PATIENCE, &bytes));
                assert_int_equal(bytes.kind, MGR_KIND_BYTES);
                assert_int_equal(bytes.as.text.size, sizes[i]);
                assert_memory_equal(bytes.as.text.data, data, sizes[i]);
                mgr_value_clear(&bytes);
        }
        free(data);
        mgr_pipe_free(a);
        assert_int_equal(end_of(pid), 0);
}

static void message_arrives_whole_wherever_its_bytes_are_parted(void **state)
{
        uint8_t frame[64];
        size_t n = make_frame(frame, "\xa7to part", 8);
        mgr_pipe_end *end;
        mgr_value value;
        int other;

        (void)state;
        end = new_end(&other);
        for (size_t cut = 0; cut <= n; ++cut) {
                write_all(other, frame, cut);
                if (cut < n)
                        assert_error(mgr_pipe_recv(end, 0, &value), MGR_ETIMEOUT, "timed out");
                if (cut > 0 && cut < n)
                        assert_int_equal(mgr_pipe_poll(end, 0), 0);
                if (cut < n)
                        write_all(other, frame + cut, n - cut);
                assert_yes(mgr_pipe_poll(end, 0));
                assert_done(mgr_pipe_recv(end, 0, &value));
                assert_string_equal(mgr_cstr(&value), "to part");
                mgr_value_clear(&value);
        }
        for (size_t i = 0; i < n; ++i) { /* byte by byte */
                assert_error(mgr_pipe_recv(end, 0, &value), MGR_ETIMEOUT, "timed out");
                write_all(other, frame + i, 1);
        }
        assert_done(mgr_pipe_recv(end, 0, &value));
        mgr_value_clear(&value);
        close(other);
        mgr_pipe_free(end);
}

static void message_behind_is_left_in_the_descriptor(void **state)
{
        struct pollfd pollfd = { .events = POLLIN };
        uint8_t frames[64];
        mgr_pipe_end *end;
        int other, number;
        size_t n;

        (void)state;
        end = new_end(&other);
        n = make_frame(frames, "\1", 1);
        n += make_frame(frames + n, "\2", 1);
        n += make_frame(frames + n, "\3", 1);
        write_all(other, frames, n);
        assert_done(mgr_pipe_recv(end, 0, &number));
        assert_int_equal(number, 1);
        pollfd.fd = mgr_pipe_fd(end);
        assert_int_equal(poll(&pollfd, 1, 0), 1);

        pid_t pid = fork(); /* who has the same end takes the next */

        if (pid == 0)
                _exit(mgr_pipe_recv(end, 0, &number) == 0 && number == 2 ? 0 : 1);
        assert_int_equal(end_of(pid), 0);
        assert_done(mgr_pipe_recv(end, 0, &number));
        assert_int_equal(number, 3);
        assert_int_equal(poll(&pollfd, 1, 0), 0);
        close(other);
        mgr_pipe_free(end);
}

static void descriptor_that_does_not_block_is_as_good(void **state)
{
        mgr_pipe_end *end;
        int other, flags;
        pid_t pid;

        (void)state;
        end = new_end(&other);
        flags = fcntl(mgr_pipe_fd(end), F_GETFL);
        assert_int_equal(flags & O_NONBLOCK, 0);
        assert_int_equal(fcntl(mgr_pipe_fd(end), F_SETFL, flags | O_NONBLOCK), 0);
        pid = fork();
        if (pid == 0) {
                mgr_pipe_end *own;
                int r = mgr_pipe_adopt(other, &own);

                mgr_pipe_free(end);
                _exit(r < 0 ? 9 : echo(own));
        }
        close(other);

        size_t n = 3000000;
        char *data = calloc(1, n);
        mgr_value bytes;

        assert_done(mgr_pipe_send_bytes(end, data, n));
        assert_done(mgr_pipe_recv_bytes(end, MGR_FOREVER, &bytes));
        assert_int_equal(bytes.as.text.size, n);
        mgr_value_clear(&bytes);
        free(data);
        mgr_pipe_free(end);
        assert_int_equal(end_of(pid), 0);
}

static void a_tcp_connection_is_a_pipe_too(void **state)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
        socklen_t size = sizeof(address);
        mgr_pipe_end *a, *b;
        int number;

        (void)state;
        assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
        assert_int_equal(mgr_pipe_adopt(listener, &a), MGR_EARGUMENT);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
        assert_done(mgr_pipe_adopt(fd, &a));
        assert_done(mgr_pipe_adopt(accept(listener, NULL, NULL), &b));
        assert_true(fcntl(mgr_pipe_fd(b), F_GETFD) & FD_CLOEXEC);
        assert_done(mgr_pipe_send(a, 7));
        assert_done(mgr_pipe_recv(b, PATIENCE, &number));
        assert_int_equal(number, 7);
        assert_error(mgr_pipe_send_fd(a, 0), MGR_ERUNTIME,
                     "descriptors travel over Unix sockets only");
        close(listener);
        close_both(a, b);
}

/* --- ends */

static void what_was_sent_arrives_before_the_end(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_value value;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe_send(b, "last"));
        assert_done(mgr_pipe_send(a, "nobody asks for it"));
        mgr_pipe_free(b);
        assert_done(mgr_pipe_recv(a, PATIENCE, &value));
        assert_string_equal(mgr_cstr(&value), "last");
        mgr_value_clear(&value);
        assert_yes(mgr_pipe_poll(a, 0));
        for (int i = 0; i < 2; ++i) {
                assert_error(mgr_pipe_recv(a, 0, &value), MGR_EEOF, "the other end is closed");
                assert_error(mgr_pipe_recv_bytes(a, PATIENCE, &value), MGR_EEOF,
                             "the other end is closed");
        }
        /* and no signal ends us */
        assert_error(mgr_pipe_send(a, 1), MGR_EEOF, "the other end is closed");
        assert_error(mgr_pipe_send_fd(a, 0), MGR_EEOF, "the other end is closed");
        mgr_pipe_free(a);
}

static void end_in_the_middle_of_a_message_is_told(void **state)
{
        uint8_t frame[64];
        size_t n = make_frame(frame, "\xa7to part", 8);
        mgr_value value;

        (void)state;
        for (size_t cut = 1; cut < n; ++cut) {
                int other;
                mgr_pipe_end *end = new_end(&other);

                write_all(other, frame, cut);
                close(other);
                assert_error(mgr_pipe_recv(end, PATIENCE, &value), MGR_EEOF,
                             "got end of file during message");
                assert_yes(mgr_pipe_poll(end, 0));
                mgr_pipe_free(end);
        }
}

static void end_is_seen_when_the_other_process_is_killed(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_value value;
        pid_t pid;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        pid = fork();
        if (pid == 0) {
                mgr_pipe_free(a);
                mgr_pipe_send(b, "here");
                for (;;)
                        pause();
        }
        mgr_pipe_free(b);
        assert_done(mgr_pipe_recv(a, PATIENCE, &value));
        mgr_value_clear(&value);
        assert_int_equal(mgr_pipe_poll(a, 0), 0);
        kill_and_reap(pid);
        assert_error(mgr_pipe_recv(a, MGR_FOREVER, &value), MGR_EEOF, "the other end is closed");
        mgr_pipe_free(a);
}

static void one_way_pipe_goes_one_way(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_value value;
        int number, fd;

        (void)state;
        assert_done(mgr_pipe(&a, &b, false));
        assert_error(mgr_pipe_send(a, 1), MGR_ERUNTIME, "connection is read-only");
        assert_error(mgr_pipe_send_bytes(a, "", 0), MGR_ERUNTIME, "connection is read-only");
        assert_error(mgr_pipe_send_fd(a, 0), MGR_ERUNTIME, "connection is read-only");
        assert_error(mgr_pipe_recv(b, 0, &value), MGR_ERUNTIME, "connection is write-only");
        assert_error(mgr_pipe_recv_bytes(b, 0, &value), MGR_ERUNTIME, "connection is write-only");
        assert_error(mgr_pipe_recv_fd(b, 0, &fd), MGR_ERUNTIME, "connection is write-only");
        assert_error(mgr_pipe_poll(b, 0), MGR_ERUNTIME, "connection is write-only");
        assert_int_equal(mgr_pipe_poll(a, 0), 0);
        assert_string_equal(mgr_errmsg(), "connection is write-only"); /* no is no error */
        assert_done(mgr_pipe_send(b, 5));
        assert_done(mgr_pipe_recv(a, 0, &number));
        assert_int_equal(number, 5);
        /* whoever got the descriptor by itself finds it shut, too */
        assert_true(send(mgr_pipe_fd(a), "x", 1, MSG_NOSIGNAL) < 0);
        mgr_pipe_free(a);
        assert_error(mgr_pipe_send(b, 5), MGR_EEOF, "the other end is closed");
        mgr_pipe_free(b);
}

/* --- misuse */

static void what_cannot_be_sent_is_not_begun(void **state)
{
        mgr_pipe_end *a, *b;
        mgr_value broken = { .kind = 99 };
        int number;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_int_equal(mgr_pipe_send(a, mgr_strn("\xff", 1)), MGR_EUNICODE);
        assert_int_equal(mgr_pipe_send_value(a, &broken), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_send_value(a, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_send_bytes(a, NULL, 1), MGR_EARGUMENT);
        assert_error(mgr_pipe_send_bytes(a, "", (size_t)1 << 31), MGR_ETOO_LARGE,
                     "a message takes at most 2147483647 bytes, not 2147483648");
        assert_done(mgr_pipe_send_bytes(a, NULL, 0));
        assert_done(mgr_pipe_send(a, 8));
        assert_int_equal(mgr_pipe_recv(b, 0, &number), MGR_EPROTOCOL);
        assert_done(mgr_pipe_recv(b, 0, &number));
        assert_int_equal(number, 8);
        close_both(a, b);
}

static void nonsense_is_refused(void **state)
{
        static const char negative[] = "'timeout' must be a non-negative number";
        mgr_pipe_end *a, *b;
        int fds[2], number, fd;
        mgr_value value;

        (void)state;
        assert_int_equal(mgr_pipe(NULL, &b, true), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe(&a, NULL, true), MGR_EARGUMENT);
        assert_done(mgr_pipe(&a, &b, true));
        assert_error(mgr_pipe_recv(a, -1, &value), MGR_EVALUE, negative);
        assert_error(mgr_pipe_recv_bytes(a, (double)NAN, &value), MGR_EVALUE, negative);
        assert_error(mgr_pipe_recv_fd(a, -0.5, &fd), MGR_EVALUE, negative);
        assert_error(mgr_pipe_poll(a, -1), MGR_EVALUE, negative);
        assert_int_equal(mgr_pipe_recv_value(a, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_recv_fd(a, 0, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_recv(NULL, 0, &number), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_send(NULL, 1), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_fd(NULL), -1);
        mgr_pipe_free(NULL);
        close_both(a, b);

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(mgr_pipe_adopt(fds[0], &a), MGR_EARGUMENT);
        assert_int_equal(mgr_pipe_adopt(-1, &a), MGR_EARGUMENT);
        assert_true(fcntl(fds[0], F_GETFD) >= 0);
        close(fds[0]);
        close(fds[1]);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_int_equal(mgr_pipe_adopt(fd, &a), MGR_EARGUMENT);
        close(fd);
}

/* --- threads */

#define N_MESSAGES 3000

static void *send_many(void *arg)
{
        for (int i = 0; i < N_MESSAGES; ++i)
                if (mgr_pipe_send(arg, i) < 0)
                        return arg;
        return NULL;
}

static void one_thread_sends_while_another_receives(void **state)
{
        mgr_pipe_end *a, *b;
        pthread_t threads[2];
        void *failed;
        int number;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_int_equal(pthread_create(&threads[0], NULL, send_many, a), 0);
        assert_int_equal(pthread_create(&threads[1], NULL, send_many, b), 0);
        for (int i = 0; i < N_MESSAGES; ++i) {
                assert_done(mgr_pipe_recv(a, PATIENCE, &number));
                assert_int_equal(number, i);
                assert_done(mgr_pipe_recv(b, PATIENCE, &number));
                assert_int_equal(number, i);
        }
        for (int i = 0; i < 2; ++i) {
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        close_both(a, b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_of_every_kind_arrive),
                cmocka_unit_test(messages_of_any_size_go_to_another_process_and_back),
                cmocka_unit_test(message_arrives_whole_wherever_its_bytes_are_parted),
                cmocka_unit_test(message_behind_is_left_in_the_descriptor),
                cmocka_unit_test(descriptor_that_does_not_block_is_as_good),
                cmocka_unit_test(a_tcp_connection_is_a_pipe_too),
                cmocka_unit_test(what_was_sent_arrives_before_the_end),
                cmocka_unit_test(end_in_the_middle_of_a_message_is_told),
                cmocka_unit_test(end_is_seen_when_the_other_process_is_killed),
                cmocka_unit_test(one_way_pipe_goes_one_way),
                cmocka_unit_test(what_cannot_be_sent_is_not_begun),
                cmocka_unit_test(nonsense_is_refused),
                cmocka_unit_test(one_thread_sends_while_another_receives),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
