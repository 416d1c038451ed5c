/*
 * test_pipe_fds - descriptors that go through a pipe, among messages
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "tests/system/pipes.h"

static int count_descriptors(void)
{
        int n = 0;

        for (int fd = 0; fd < 1024; ++fd)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

static void descriptors_travel_in_order_with_messages(void **state)
{
        mgr_pipe_end *a, *b;
        int number, fd, pipe_fds[2];
        char byte;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
        assert_done(mgr_pipe_send(a, 1));
        assert_done(mgr_pipe_send_fd(a, pipe_fds[1]));
        assert_done(mgr_pipe_send_fd(a, pipe_fds[1]));
        assert_done(mgr_pipe_send(a, 2));
        close(pipe_fds[1]);
        assert_done(mgr_pipe_recv(b, 0, &number));
        assert_int_equal(number, 1);
        for (int i = 0; i < 2; ++i) {
                assert_done(mgr_pipe_recv_fd(b, 0, &fd));
                assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
                assert_int_equal(write(fd, "x", 1), 1);
                assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
                close(fd);
        }
        assert_int_equal(read(pipe_fds[0], &byte, 1), 0); /* nobody has another */
        assert_done(mgr_pipe_recv(b, 0, &number));
        assert_int_equal(number, 2);
        assert_error(mgr_pipe_recv_fd(b, 0, &fd), MGR_ETIMEOUT, "timed out");
        close(pipe_fds[0]);
        close_both(a, b);
}

static void asking_for_the_wrong_kind_loses_nothing(void **state)
{
        static const char no_message[] = "a descriptor arrived, where a message was wanted";
        static const char no_descriptor[] = "a message arrived, where a descriptor was wanted";
        int n_descriptors = count_descriptors(), fd;
        mgr_pipe_end *a, *b;
        mgr_value value;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe_send_fd(a, 0));
        assert_done(mgr_pipe_send(a, "text"));
        for (int i = 0; i < 3; ++i) {
                assert_error(mgr_pipe_recv(b, 0, &value), MGR_ETYPE, no_message);
                assert_error(mgr_pipe_recv_bytes(b, 0, &value), MGR_ETYPE, no_message);
                assert_yes(mgr_pipe_poll(b, 0));
        }
        assert_done(mgr_pipe_recv_fd(b, 0, &fd));
        close(fd);
        for (int i = 0; i < 3; ++i)
                assert_error(mgr_pipe_recv_fd(b, 0, &fd), MGR_ETYPE, no_descriptor);
        assert_yes(mgr_pipe_poll(b, 0));
        assert_done(mgr_pipe_recv(b, 0, &value));
        assert_string_equal(mgr_cstr(&value), "text");
        mgr_value_clear(&value);

        assert_done(mgr_pipe_send_fd(a, 0));
        assert_error(mgr_pipe_recv(b, 0, &value), MGR_ETYPE, no_message);
        close_both(a, b); /* and what nobody took is closed */
        assert_int_equal(count_descriptors(), n_descriptors);
}

/* As many descriptors as one likes, with as many bytes. */
static void send_descriptors(int to, int n, void *bytes, size_t size)
{
        struct iovec iovec = { .iov_base = bytes, .iov_len = size };
        union {
                struct cmsghdr header;
                uint8_t room[CMSG_SPACE(8 * sizeof(int))];
        } passing = { .room = { 0 } };
        struct msghdr message = {
                .msg_iov = &iovec,
                .msg_iovlen = 1,
                .msg_control = &passing,
                .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int)),
        };

        passing.header.cmsg_level = SOL_SOCKET;
        passing.header.cmsg_type = SCM_RIGHTS;
        passing.header.cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
        memset(CMSG_DATA(&passing.header), 0, (size_t)n * sizeof(int)); /* 0: stdin */
        assert_int_equal(sendmsg(to, &message, MSG_NOSIGNAL), size);
}

static void descriptors_that_nobody_asked_for_are_closed(void **state)
{
        int n_descriptors = count_descriptors(), other, fd, number;
        mgr_pipe_end *end = new_end(&other);
        uint8_t frame[8] = { 1 };
        size_t n;

        (void)state;
        for (int i = 1; i <= 8; ++i) {
                send_descriptors(other, i, frame, 1);
                assert_done(mgr_pipe_recv_fd(end, 0, &fd));
                close(fd);
                assert_int_equal(count_descriptors(), n_descriptors + 2);
        }
        n = make_frame(frame, "\5", 1); /* with a message, and in the middle of one */
        send_descriptors(other, 3, frame, n);
        assert_done(mgr_pipe_recv(end, 0, &number));
        write_all(other, frame, 3);
        send_descriptors(other, 3, frame + 3, n - 3);
        assert_done(mgr_pipe_recv(end, 0, &number));
        assert_int_equal(number, 5);
        assert_int_equal(count_descriptors(), n_descriptors + 2);
        close(other);
        mgr_pipe_free(end);
        assert_int_equal(count_descriptors(), n_descriptors);
}

/* Who made the socket may have asked for what comes beside each byte. */
static void credentials_are_no_descriptor(void **state)
{
        int n_descriptors = count_descriptors(), other, fd, one = 1;
        mgr_pipe_end *end = new_end(&other), *sender;
        mgr_value value;

        (void)state;
        assert_int_equal(setsockopt(mgr_pipe_fd(end), SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)),
                         0);
        assert_done(mgr_pipe_adopt(other, &sender));
        assert_done(mgr_pipe_send(sender, "text"));
        assert_done(mgr_pipe_send_fd(sender, 0));
        assert_error(mgr_pipe_recv_fd(end, 0, &fd), MGR_ETYPE,
                     "a message arrived, where a descriptor was wanted");
        assert_done(mgr_pipe_recv(end, 0, &value));
        assert_string_equal(mgr_cstr(&value), "text");
        mgr_value_clear(&value);
        assert_done(mgr_pipe_recv_fd(end, 0, &fd));
        close(fd);
        close_both(end, sender);
        assert_int_equal(count_descriptors(), n_descriptors);
}

static void descriptor_without_room_is_lost_and_told(void **state)
{
        struct rlimit before, none;
        mgr_pipe_end *a, *b;
        int fd, number, r;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        assert_done(mgr_pipe_send_fd(a, 0));
        assert_done(mgr_pipe_send(a, 3));
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = before;
        none.rlim_cur = 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        r = mgr_pipe_recv_fd(b, 0, &fd);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_error(r, MGR_ESYSTEM, "there was no room for the descriptor that arrived");
        assert_done(mgr_pipe_recv(b, 0, &number));
        assert_int_equal(number, 3);
        assert_error(mgr_pipe_send_fd(a, -1), MGR_ESYSTEM, "sendmsg: Bad file descriptor");
        assert_error(mgr_pipe_recv(b, 0, &number), MGR_ETIMEOUT, "timed out");
        close_both(a, b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(descriptors_travel_in_order_with_messages),
                cmocka_unit_test(asking_for_the_wrong_kind_loses_nothing),
                cmocka_unit_test(descriptors_that_nobody_asked_for_are_closed),
                cmocka_unit_test(credentials_are_no_descriptor),
                cmocka_unit_test(descriptor_without_room_is_lost_and_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
