/*
 * upper_server - answers in capitals, each client in a process of its own
 *
 *      from multiprocessing import Process
 *      from multiprocessing.connection import Listener
 *
 *      def serve(conn):
 *          try:
 *              while True:
 *                  conn.send_bytes(conn.recv_bytes().upper())
 *          except EOFError:
 *              pass
 *
 *      if __name__ == '__main__':
 *          with Listener() as listener:
 *              while True:
 *                  conn = listener.accept()
 *                  Process(target=serve, args=(conn,), daemon=True).start()
 *                  conn.close()
 *
 * A stream has no messages: what is written at once may arrive in pieces, and what was written in
 * pieces at once. So a message goes with its length before it, in four bytes, and the server never
 * sees a half of one, or two. To show it there are three clients here that know nothing of the
 * library: one writes byte by byte, one all messages at once, one cuts them in odd places. All get
 * the same answers, though the first holds its connection open while the others are served. It
 * prints:
 *
 *      byte by byte: HELLO | WHOLE MESSAGES | HOWEVER THE BYTES ARRIVE
 *      all at once: HELLO | WHOLE MESSAGES | HOWEVER THE BYTES ARRIVE
 *      in odd pieces: HELLO | WHOLE MESSAGES | HOWEVER THE BYTES ARRIVE
 *      served by 3 processes
 */
#include <manager.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_CLIENTS 3

static const char *const messages[] = { "hello", "whole messages", "however the bytes arrive" };

#define N_MESSAGES (sizeof(messages) / sizeof(messages[0]))

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

/* Of a system call. */
static int check_system(int r, const char *what)
{
        if (r >= 0)
                return r;
        perror(what);
        exit(EXIT_FAILURE);
}

/* --- the server */

/* In a process of its own: until the client has no more to say. */
static int serve(void *arg)
{
        mgr_pipe_end *conn = arg;
        mgr_value message;
        int r;

        while ((r = mgr_pipe_recv_bytes(conn, MGR_FOREVER, &message)) == 0) {
                size_t size = mgr_value_len(&message);
                char *answer = malloc(size + 1);

                if (!answer)
                        return EXIT_FAILURE;
                for (size_t i = 0; i < size; ++i)
                        answer[i] = (char)toupper((unsigned char)mgr_cstr(&message)[i]);
                mgr_value_clear(&message);
                r = mgr_pipe_send_bytes(conn, answer, size);
                free(answer);
                if (r < 0)
                        break;
        }
        return r == MGR_EEOF ? EXIT_SUCCESS : EXIT_FAILURE;
}

static mgr_process *accept_one(int listener)
{
        int fd = check_system(accept(listener, NULL, NULL), "accept");
        mgr_process *process;
        mgr_pipe_end *conn;

        check(mgr_pipe_adopt(fd, &conn));
        check(mgr_process_start(&process, serve, conn, NULL));
        mgr_pipe_free(conn); /* the process has its own copy */
        return process;
}

static int listen_somewhere(struct sockaddr_in *address)
{
        int listener = check_system(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        socklen_t size = sizeof(*address);

        *address = (struct sockaddr_in){ .sin_family = AF_INET,
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        check_system(bind(listener, (struct sockaddr *)address, size), "bind");
        check_system(listen(listener, N_CLIENTS), "listen");
        check_system(getsockname(listener, (struct sockaddr *)address, &size), "getsockname");
        return listener;
}

/* --- its clients */

static const struct client {
        const char *name;
        size_t piece; /* bytes written at a time */
} clients[N_CLIENTS] = { { "byte by byte", 1 },
                         { "all at once", SIZE_MAX },
                         { "in odd pieces", 7 } };

static int connect_to(const struct sockaddr_in *address)
{
        int fd = check_system(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

        check_system(connect(fd, (const struct sockaddr *)address, sizeof(*address)), "connect");
        return fd;
}

static void write_in_pieces(int fd, const char *bytes, size_t n, size_t piece)
{
        while (n) {
                ssize_t written = send(fd, bytes, n < piece ? n : piece, MSG_NOSIGNAL);

                if (written < 0 && errno == EINTR)
                        continue;
                check_system((int)written, "send");
                bytes += written;
                n -= (size_t)written;
        }
}

static void say_all(int fd, const struct client *client)
{
        char bytes[256];
        size_t n = 0;

        for (size_t i = 0; i < N_MESSAGES; ++i) {
                size_t size = strlen(messages[i]);
                uint32_t header = htonl((uint32_t)size);

                memcpy(bytes + n, &header, sizeof(header));
                memcpy(bytes + n + sizeof(header), messages[i], size);
                n += sizeof(header) + size;
        }
        write_in_pieces(fd, bytes, n, client->piece);
}

static void read_all(int fd, void *to, size_t n)
{
        size_t done = 0;

        while (done < n) {
                ssize_t got = read(fd, (char *)to + done, n - done);

                if (got < 0 && errno == EINTR)
                        continue;
                if (check_system((int)got, "read") == 0) {
                        fprintf(stderr, "the server hung up\n");
                        exit(EXIT_FAILURE);
                }
                done += (size_t)got;
        }
}

static void print_answers(int fd, const struct client *client)
{
        printf("%s:", client->name);
        for (size_t i = 0; i < N_MESSAGES; ++i) {
                char answer[256];
                uint32_t header;

                read_all(fd, &header, sizeof(header));
                if (ntohl(header) >= sizeof(answer))
                        exit(EXIT_FAILURE);
                read_all(fd, answer, ntohl(header));
                printf("%s %.*s", i ? " |" : "", (int)ntohl(header), answer);
        }
        printf("\n");
}

int main(void)
{
        mgr_process *processes[N_CLIENTS];
        struct sockaddr_in address;
        int listener = listen_somewhere(&address);
        int fds[N_CLIENTS], n_served = 0;

        for (int i = 0; i < N_CLIENTS; ++i) {
                fds[i] = connect_to(&address);
                processes[i] = accept_one(listener);
        }
        for (int i = 0; i < N_CLIENTS; ++i)
                say_all(fds[i], &clients[i]);
        for (int i = 0; i < N_CLIENTS; ++i)
                print_answers(fds[i], &clients[i]);

        /* the later ones have copies of the earlier sockets: shut down what all of them share */
        for (int i = 0; i < N_CLIENTS; ++i) {
                shutdown(fds[i], SHUT_WR);
                close(fds[i]);
        }
        for (int i = 0; i < N_CLIENTS; ++i) {
                int code;

                check(mgr_process_join(processes[i], MGR_FOREVER));
                if (mgr_process_exitcode(processes[i], &code) >= 0 && code == EXIT_SUCCESS)
                        ++n_served;
                mgr_process_free(processes[i]);
        }
        close(listener);
        printf("served by %d processes\n", n_served);
        return EXIT_SUCCESS;
}
