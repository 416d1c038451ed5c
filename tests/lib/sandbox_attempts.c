/*
 * sandbox_attempts - what somebody would try who steers the daemon
 */
#include "tests/lib/sandbox_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un address_of(const char *path)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
        return sun;
}

static int outcome(long r)
{
        return r < 0 ? errno : 0;
}

static int try_execve(const struct place *place)
{
        char *argv[] = { (char[]){ "true" }, NULL };

        (void)place;
        execve("/bin/true", argv, argv + 1);
        return errno;
}

static int try_fork(const struct place *place)
{
        int status;
        pid_t pid = fork();

        (void)place;
        if (pid == 0)
                _exit(0);
        return pid < 0 ? errno : outcome(waitpid(pid, &status, 0));
}

static void *idle(void *data)
{
        return data;
}

static int try_thread(const struct place *place)
{
        pthread_t thread;
        int r = pthread_create(&thread, NULL, idle, NULL);

        (void)place;
        return r ? r : pthread_join(thread, NULL);
}

static int try_open_for_reading(const struct place *place)
{
        return outcome(open(place->other, O_RDONLY | O_CLOEXEC));
}

static int try_open_beside_the_socket(const struct place *place)
{
        return outcome(open(place->file, O_WRONLY | O_CLOEXEC));
}

static int try_create(const struct place *place)
{
        char path[80];
        int fd, r;

        snprintf(path, sizeof(path), "%s.new", place->file);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        r = outcome(fd);
        if (r == 0)
                unlink(path);
        return r;
}

static int try_rename(const struct place *place)
{
        char path[80];
        int r;

        snprintf(path, sizeof(path), "%s.new", place->file);
        r = outcome(rename(place->file, path));
        if (r == 0)
                rename(path, place->file);
        return r;
}

static int try_unlink_outside(const struct place *place)
{
        return outcome(unlink(place->other));
}

/* The very call that removes the socket, with an absolute path. */
static int try_unlink_outside_by_the_directory(const struct place *place)
{
        struct stat wanted, st;

        if (stat(place->directory, &wanted) < 0)
                return errno;
        for (int fd = 3; fd < 64; ++fd)
                if (!fstat(fd, &st) && st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev)
                        return outcome(unlinkat(fd, place->other, 0));
        return EBADF;
}

static int try_listening_on_tcp(const struct place *place)
{
        struct sockaddr_in sin = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)place;
        return fd < 0 ? errno : outcome(bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static int try_udp(const struct place *place)
{
        (void)place;
        return outcome(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int try_unix_socket(const struct place *place)
{
        struct sockaddr_un sun = address_of(place->listener);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? errno : outcome(connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
}

static int try_connecting_what_is_open(const struct place *place)
{
        struct sockaddr_un sun = address_of(place->listener);

        return outcome(connect(place->datagram, (struct sockaddr *)&sun, sizeof(sun)));
}

static int try_sending_to_another_socket(const struct place *place)
{
        struct sockaddr_un sun = address_of(place->listener);

        return outcome(sendto(place->datagram, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&sun,
                              sizeof(sun)));
}

static int try_ptrace(const struct place *place)
{
        return outcome(ptrace(PTRACE_SEIZE, place->victim, NULL, NULL));
}

static int try_reading_memory_of_another(const struct place *place)
{
        char here[16];
        struct iovec local = { here, sizeof(here) };
        /* forked from us: what we have at an address it has there, too */
        struct iovec remote = { (void *)(uintptr_t)place, sizeof(here) };

        return outcome(process_vm_readv(place->victim, &local, 1, &remote, 1, 0));
}

static int try_kill(const struct place *place)
{
        return outcome(kill(place->victim, 0));
}

static int try_tgkill(const struct place *place)
{
        return outcome(syscall(SYS_tgkill, place->victim, place->victim, 0));
}

static int try_executable_memory(const struct place *place)
{
        void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        (void)place;
        return at == MAP_FAILED ? errno : 0;
}

static int try_making_memory_executable(const struct place *place)
{
        void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        (void)place;
        return at == MAP_FAILED ? EBADF : outcome(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int try_mapping_a_file(const struct place *place)
{
        void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, place->readable, 0);

        return at == MAP_FAILED ? errno : 0;
}

static int try_allowing_cores(const struct place *place)
{
        (void)place;
        return outcome(prctl(PR_SET_DUMPABLE, 1));
}

static int try_more_descriptors(const struct place *place)
{
        (void)place;
        return outcome(dup3(0, 100, O_CLOEXEC));
}

const struct attempt attempts[N_ATTEMPTS] = {
        { "execve", try_execve, ENOSYS, EACCES, 1 },
        { "fork", try_fork, ENOSYS, 0, 0 },
        { "a thread", try_thread, ENOSYS, 0, 0 },
        { "open for reading", try_open_for_reading, ENOSYS, EACCES, 1 },
        { "open beside the socket", try_open_beside_the_socket, ENOSYS, EACCES, 1 },
        { "create a file", try_create, ENOSYS, EACCES, 1 },
        { "rename", try_rename, ENOSYS, EACCES, 1 },
        { "unlink outside", try_unlink_outside, ENOSYS, EACCES, 1 },
        { "unlink outside as the socket", try_unlink_outside_by_the_directory, 0, EACCES, 1 },
        { "TCP", try_listening_on_tcp, ENOSYS, EACCES, 4 },
        { "UDP", try_udp, ENOSYS, 0, 0 },
        { "another Unix socket", try_unix_socket, ENOSYS, 0, 0 },
        { "connect", try_connecting_what_is_open, ENOSYS, 0, 0 },
        { "send to another socket", try_sending_to_another_socket, ENOSYS, 0, 0 },
        { "ptrace", try_ptrace, ENOSYS, EPERM, 1 },
        { "memory of another process", try_reading_memory_of_another, ENOSYS, EPERM, 1 },
        { "kill", try_kill, ENOSYS, EPERM, 6 },
        { "tgkill", try_tgkill, ENOSYS, EPERM, 6 },
        { "executable memory", try_executable_memory, ENOSYS, 0, 0 },
        { "make memory executable", try_making_memory_executable, ENOSYS, 0, 0 },
        { "map a file", try_mapping_a_file, ENOSYS, 0, 0 },
        { "allow cores", try_allowing_cores, ENOSYS, 0, 0 },
        { "dup3", try_more_descriptors, ENOSYS, 0, 0 },
};
