/*
 * fuzz_pipe - the end of a pipe in front of somebody who sends anything
 *
 * A real socket pair: the input is written to one end, which is closed, and everything that can be
 * received is tried on the other. What arrives is walked; what does not must leave nothing behind.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/manager.h"
#include "tests/fuzz/fuzz.h"

#define MAX_RECEIVED 64

static void receive_value(mgr_pipe_end *end)
{
        mgr_value value, copy, text;

        if (mgr_pipe_recv_value(end, 0, &value) < 0) {
                fuzz_check(*mgr_errmsg());
                return;
        }
        fuzz_check(mgr_value_copy(&value, &copy) == 0);
        if (mgr_value_repr(&value, &text) == 0)
                mgr_value_clear(&text);
        mgr_value_clear(&copy);
        mgr_value_clear(&value);
}

static void receive_bytes(mgr_pipe_end *end)
{
        mgr_value bytes;

        if (mgr_pipe_recv_bytes(end, 0, &bytes) < 0)
                return;
        fuzz_check(bytes.kind == MGR_KIND_BYTES);
        fuzz_check(bytes.as.text.data[bytes.as.text.size] == '\0');
        mgr_value_clear(&bytes);
}

static void receive_fd(mgr_pipe_end *end)
{
        int fd;

        if (mgr_pipe_recv_fd(end, 0, &fd) < 0)
                return;
        fuzz_check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        close(fd);
}

/* In pieces; a descriptor goes with some of them. */
static void send_all(int fd, struct input *input)
{
        while (input->n_left) {
                union {
                        char bytes[CMSG_SPACE(2 * sizeof(int))];
                        struct cmsghdr align;
                } control = { { 0 } };
                uint8_t choice = input_byte(input);
                struct span piece = input_take(input, 1 + choice % 64u);
                struct iovec iov = { (void *)(uintptr_t)piece.data, piece.size };
                struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
                int fds[2] = { fd, fd };
                size_t n = choice >= 224 ? choice % 2 + 1u : 0;

                if (!piece.size)
                        return;
                if (n) {
                        message.msg_control = control.bytes;
                        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
                        control.align.cmsg_level = SOL_SOCKET;
                        control.align.cmsg_type = SCM_RIGHTS;
                        control.align.cmsg_len = CMSG_LEN(n * sizeof(int));
                        memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
                }
                if (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                        return;
        }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = input_of(data, size), choices;
        struct span chosen = input_take(&input, input_below(&input, 16));
        int fds[2], before, after, n = 0;
        mgr_pipe_end *end;

        before = dup(0);
        fuzz_check(before >= 0 && close(before) == 0);
        fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        send_all(fds[0], &input);
        close(fds[0]);
        fuzz_check(mgr_pipe_adopt(fds[1], &end) == 0);
        choices = input_of(chosen.data, chosen.size);
        while (mgr_pipe_poll(end, 0) == 1 && n++ < MAX_RECEIVED)
                switch (input_below(&choices, 4)) {
                case 1:
                        receive_bytes(end);
                        break;
                case 2:
                        receive_fd(end);
                        break;
                default:
                        receive_value(end);
                }
        mgr_pipe_free(end);
        /* the lowest free number is what it was: no descriptor was left open */
        after = dup(0);
        fuzz_check(after >= 0 && close(after) == 0);
        fuzz_check(after == before);
        return 0;
}
