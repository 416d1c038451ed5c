/*
 * test_pipe_strangers - what others write into a pipe: Python's messages, and nonsense
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/system/pipes.h"

/* --- nonsense */

/* In pages. */
static long memory_size(void)
{
        FILE *file = fopen("/proc/self/statm", "re");
        long n = -1;

        assert_non_null(file);
        assert_int_equal(fscanf(file, "%ld", &n), 1);
        fclose(file);
        return n;
}

static void memory_is_not_taken_by_a_mere_claim(void **state)
{
        int other;
        mgr_pipe_end *end = new_end(&other);
        long before = memory_size();
        mgr_value value;

        (void)state;
        write_all(other, "\x7f\xff\xff\xff some", 9);
        assert_error(mgr_pipe_recv(end, 0, &value), MGR_ETIMEOUT, "timed out");
        assert_true(memory_size() - before < 25600); /* 100 MiB of 2 GiB */
        close(other);
        assert_error(mgr_pipe_recv(end, 0, &value), MGR_EEOF, "got end of file during message");
        mgr_pipe_free(end);
}

static void stream_of_no_messages_stays_refused(void **state)
{
        int other;
        mgr_pipe_end *end = new_end(&other);
        mgr_value value;
        int fd;

        (void)state;
        write_all(other, "\xff\xff\xff\xff\0\0\0\0\0\0\0\1\1\0\0\0\1\1", 18);
        for (int i = 0; i < 2; ++i) {
                assert_error(mgr_pipe_recv(end, 0, &value), MGR_EPROTOCOL,
                             "what arrives are no messages");
                assert_error(mgr_pipe_recv_bytes(end, 0, &value), MGR_EPROTOCOL,
                             "what arrives are no messages");
                assert_error(mgr_pipe_recv_fd(end, 0, &fd), MGR_EPROTOCOL,
                             "what arrives are no messages");
                assert_yes(mgr_pipe_poll(end, 0));
        }
        assert_done(mgr_pipe_send(end, 1)); /* the other direction is as good as before */
        close(other);
        mgr_pipe_free(end);
}

static void message_that_is_no_value_does_not_harm_the_next(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } hostile[] = {
                { "", 0 },
                { "\xc1", 1 },
                { "\x92\1", 2 },
                { "\xdd\x10\0\0\0", 5 },
                { "\xc6\x7f\xff\xff\xff", 5 },
                { "\xa2\xff\xfe", 3 },
                { "\1\1", 2 },     /* a value, and a ticket that is none */
                { "\1\x92\1", 3 }, /* half a ticket */
                { "\1\x93\1\1\1", 5 },
                { "\1\xc0\xc0", 3 },
                { "\x81\xc0\1\x81\xc0\1", 6 },
        };
        mgr_pipe_end *a, *b;
        mgr_value value;
        int number;

        (void)state;
        assert_done(mgr_pipe(&a, &b, true));
        for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); ++i) {
                assert_done(mgr_pipe_send_bytes(a, hostile[i].bytes, hostile[i].n));
                assert_done(mgr_pipe_send(a, 11));
                assert_int_equal(mgr_pipe_recv(b, 0, &value), MGR_EPROTOCOL);
                assert_done(mgr_pipe_recv(b, 0, &number));
                assert_int_equal(number, 11);
        }
        close_both(a, b);
}

/* --- Python */

/* Runs a script with the descriptor as number 3. */
static pid_t start_python(int fd, const char *script)
{
        pid_t pid = fork();

        if (pid == 0) {
                if (fd == 3)
                        fcntl(fd, F_SETFD, 0);
                else
                        dup2(fd, 3);
                execlp("/usr/bin/python3", "python3", "-c", script, NULL);
                _exit(99);
        }
        assert_true(pid > 0);
        return pid;
}

static void pythons_connection_exchanges_bytes_with_us(void **state)
{
        static const char script[] = "from multiprocessing.connection import Connection\n"
                                     "c = Connection(3)\n"
                                     "try:\n"
                                     "    while True:\n"
                                     "        data = c.recv_bytes()\n"
                                     "        c.send_bytes(data[::-1])\n"
                                     "except EOFError:\n"
                                     "    raise SystemExit(7)\n";
        static const size_t sizes[] = { 0, 1, 5, 16383, 16384, 16385, 3000001 };
        int other;
        mgr_pipe_end *end = new_end(&other);
        pid_t pid = start_python(other, script);
        char *data = malloc(3000001);
        mgr_value bytes;

        (void)state;
        close(other);
        for (size_t i = 0; i < 3000001; ++i)
                data[i] = (char)(i * 2654435761u >> 11);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
                assert_done(mgr_pipe_send_bytes(end, data, sizes[i]));
                assert_done(mgr_pipe_recv_bytes(end, PATIENCE, &bytes));
                assert_int_equal(bytes.as.text.size, sizes[i]);
                for (size_t j = 0; j < sizes[i]; ++j)
                        if (bytes.as.text.data[j] != data[sizes[i] - 1 - j])
                                fail();
                mgr_value_clear(&bytes);
        }
        free(data);
        mgr_pipe_free(end);
        assert_int_equal(end_of(pid), 7);
}

static void python_reads_and_writes_our_values(void **state)
{
        static const char script[] = "import msgpack\n"
                                     "from multiprocessing.connection import Connection\n"
                                     "c = Connection(3)\n"
                                     "v = msgpack.unpackb(c.recv_bytes())\n"
                                     "assert v == [1, 'two', b'3', None, 4.5], v\n"
                                     "c.send_bytes(msgpack.packb({'n': v[0], 't': v[1] * 2}))\n";
        const mgr_value items[] = { mgr_int(1), mgr_str("two"), mgr_bytes("3", 1), mgr_none(),
                                    mgr_float(4.5) };
        int other;
        mgr_pipe_end *end = new_end(&other);
        pid_t pid = start_python(other, script);
        mgr_value value;

        (void)state;
        close(other);
        assert_done(mgr_compose(MGR_KIND_LIST, items, 5, &value));
        assert_done(mgr_pipe_send(end, &value));
        mgr_value_clear(&value);
        assert_done(mgr_pipe_recv(end, PATIENCE, &value));
        assert_repr(&value, "{'n': 1, 't': 'twotwo'}");
        assert_error(mgr_pipe_recv(end, PATIENCE, &value), MGR_EEOF, "the other end is closed");
        mgr_pipe_free(end);
        assert_int_equal(end_of(pid), 0);
}

static void python_passes_descriptors_to_us_and_takes_ours(void **state)
{
        static const char script[] = "import os\n"
                                     "from multiprocessing.connection import Connection\n"
                                     "from multiprocessing import reduction\n"
                                     "c = Connection(3)\n"
                                     "fd = reduction.recv_handle(c)\n"
                                     "assert c.recv_bytes() == b'between'\n"
                                     "os.write(fd, b'x')\n"
                                     "reduction.send_handle(c, fd, 0)\n"
                                     "c.send_bytes(b'behind')\n";
        int other, fds[2], fd;
        mgr_pipe_end *end = new_end(&other);
        pid_t pid = start_python(other, script);
        mgr_value bytes;
        char data[2];

        (void)state;
        close(other);
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_done(mgr_pipe_send_fd(end, fds[1]));
        close(fds[1]);
        assert_done(mgr_pipe_send_bytes(end, "between", 7));
        assert_done(mgr_pipe_recv_fd(end, PATIENCE, &fd));
        assert_int_equal(write(fd, "y", 1), 1);
        close(fd);
        assert_done(mgr_pipe_recv_bytes(end, PATIENCE, &bytes));
        assert_string_equal(mgr_cstr(&bytes), "behind");
        mgr_value_clear(&bytes);
        assert_int_equal(end_of(pid), 0);
        assert_int_equal(read(fds[0], data, 2), 2);
        assert_memory_equal(data, "xy", 2);
        close(fds[0]);
        mgr_pipe_free(end);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(memory_is_not_taken_by_a_mere_claim),
                cmocka_unit_test(stream_of_no_messages_stays_refused),
                cmocka_unit_test(message_that_is_no_value_does_not_harm_the_next),
                cmocka_unit_test(pythons_connection_exchanges_bytes_with_us),
                cmocka_unit_test(python_reads_and_writes_our_values),
                cmocka_unit_test(python_passes_descriptors_to_us_and_takes_ours),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
