/*
 * process_spawn - a child that is another program
 *
 * Between its birth and exec the child makes system calls only, and pthread_atfork() does not
 * hear of it: its parent's locks and references are nothing to it. What it needs comes in a file
 * in memory, see spawned.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/error.h"
#include "client/parcel.h"
#include "client/private_fd.h"
#include "client/process/birth.h"
#include "client/process/family.h"
#include "client/process/spawned.h"
#include "client/state.h"
#include "proto/whole.h"

struct spawn {
        struct birth birth;
        const char *program;
        char *const *argv;
        char **environment; /* owned, but for the strings */
        char *variable;     /* owned: the one of them that is ours */
        int file;           /* what the child is told */
        int said, failed;   /* a pipe: by its end the child says errno, if it is not the program */
        sigset_t mask;      /* the caller's */
};

/* --- what the child is told */

/* The args, which have no proxies but of the manager that the child will have. */
static int pack_args(struct buffer *out, const mgr_manager *m, const mgr_value *args)
{
        const mgr_value none = mgr_none();
        struct parcel parcel;
        int r;

        parcel_init(&parcel, out);
        r = parcel_add(&parcel, args ? args : &none);
        if (r == 0 && parcel.manager &&
            (!m || strcmp(mgr_manager_address(parcel.manager), mgr_manager_address(m)) != 0))
                r = error_set(-STATUS_ARGUMENT,
                              "the arguments have proxies of another manager than what is given");
        if (r == 0)
                r = parcel_seal(&parcel);
        parcel_deinit(&parcel);
        return r;
}

static struct spawn_head make_head(const struct birth *birth, const mgr_manager *m)
{
        struct spawn_head head = {
                .parent_pid = birth->parent_pid,
                .gate = birth_has_leash(birth) ? birth->gate : -1,
                .parent = birth->parent,
                .life = birth->life,
                .daemon = birth->process->daemon,
        };

        memcpy(head.magic, SPAWN_MAGIC, sizeof(head.magic));
        if (m) {
                head.connect_timeout = m->connect_timeout;
                head.call_timeout = m->call_timeout;
                head.shutdown_timeout = m->shutdown_timeout;
                head.flags = m->flags;
        }
        return head;
}

/* The keys go from where they are kept into the file, and nowhere else. */
static int write_file(int fd, const struct birth *birth, const mgr_manager *m, struct span args)
{
        const mgr_process *process = birth->process;
        const struct span parts[N_SPAWN_PARTS] = {
                [SPAWN_NAME] = span_of_cstr(process->name),
                [SPAWN_IDENTITY] = span_of_cstr(process->identity),
                [SPAWN_PARENT_NAME] = span_of_cstr(mgr_process_name(family_current())),
                [SPAWN_AUTHKEY] = auth_key_bytes(process->key->key),
                [SPAWN_ADDRESS] = m ? span_of_cstr(m->address) : span_of("", 0),
                [SPAWN_MANAGER_KEY] = m ? auth_key_bytes(m->key) : span_of("", 0),
                [SPAWN_MANAGER_NAME] = m ? span_of_cstr(m->name) : span_of("", 0),
                [SPAWN_ARGS] = args,
        };
        struct spawn_head head = make_head(birth, m);

        for (int i = 0; i < N_SPAWN_PARTS; ++i)
                head.sizes[i] = parts[i].size;
        if (whole_write(fd, &head, sizeof(head)) < 0)
                return error_set_errno(-STATUS_SYSTEM, "write");
        for (int i = 0; i < N_SPAWN_PARTS; ++i)
                if (whole_write(fd, parts[i].data, parts[i].size) < 0)
                        return error_set_errno(-STATUS_SYSTEM, "write");
        return 0;
}

static int make_file(struct spawn *spawn, const mgr_manager *m, const mgr_value *args)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        int r, fd;

        r = pack_args(&packed, m, args);
        if (r < 0)
                return r;
        fd = (int)syscall(SYS_memfd_create, "managerd-spawn", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (fd < 0)
                return error_set_errno(-STATUS_SYSTEM, "memfd_create");
        r = private_fd_add(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        spawn->file = fd;
        return write_file(fd, &spawn->birth, m, buffer_span(&packed));
}

/* This program's environment, and where the file is. */
static int make_environment(struct spawn *spawn)
{
        static const char name[] = SPAWN_VARIABLE "=";
        size_t n = 0, n_kept = 0;

        while (environ && environ[n])
                ++n;
        spawn->environment = calloc(n + 2, sizeof(*spawn->environment));
        if (!spawn->environment ||
            asprintf(&spawn->variable, SPAWN_VARIABLE "=%d", spawn->file) < 0) {
                spawn->variable = NULL;
                return error_set_status(-STATUS_NOMEM);
        }
        for (size_t i = 0; i < n; ++i)
                if (strncmp(environ[i], name, sizeof(name) - 1) != 0)
                        spawn->environment[n_kept++] = environ[i];
        spawn->environment[n_kept] = spawn->variable;
        return 0;
}

/* --- in the child: system calls only */

/* Handlers are the parent's; what it ignores stays ignored, as ever. */
static void default_handlers(void)
{
        for (int i = 1; i < NSIG; ++i) {
                struct sigaction action;

                if (sigaction(i, NULL, &action) < 0 || action.sa_handler == SIG_IGN)
                        continue;
                action = (struct sigaction){ .sa_handler = SIG_DFL };
                sigaction(i, &action, NULL);
        }
}

/* The child's own number makes the file its own; after that nobody can write to it. */
static bool seal_file(int fd)
{
        int64_t pid = getpid();

        return pwrite(fd, &pid, sizeof(pid), offsetof(struct spawn_head, pid)) == sizeof(pid) &&
               fcntl(fd, F_ADD_SEALS, SPAWN_SEALS) == 0;
}

static bool pass_on(int fd)
{
        return fd < 0 || fcntl(fd, F_SETFD, 0) == 0;
}

static _Noreturn void become_program(const struct spawn *spawn)
{
        const struct birth *birth = &spawn->birth;
        int error;

        private_fd_leave();
        default_handlers();
        if (!birth_wait(birth))
                _exit(EXIT_FAILURE);
        if ((!birth->process->daemon || birth_tie(birth) == 0) && seal_file(spawn->file) &&
            pass_on(spawn->file) && pass_on(birth->parent) && pass_on(birth->life) &&
            (!birth_has_leash(birth) || pass_on(birth->gate))) {
                sigprocmask(SIG_SETMASK, &spawn->mask, NULL);
                execve(spawn->program, spawn->argv, spawn->environment);
        }
        error = errno;
        whole_write(spawn->failed, &error, sizeof(error));
        _exit(EXIT_FAILURE);
}

/* --- in the parent */

static int clone_child(struct spawn *spawn)
{
        int kept[BIRTH_N_KEPT + 2];
        sigset_t all;
        long pid;

        birth_kept(&spawn->birth, kept);
        kept[BIRTH_N_KEPT] = spawn->file;
        kept[BIRTH_N_KEPT + 1] = spawn->failed;
        private_fd_keep(kept, BIRTH_N_KEPT + 2);
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &spawn->mask); /* our handlers must not run there */
        private_fd_prepare();
        pid = syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0)
                become_program(spawn);
        private_fd_parent();
        pthread_sigmask(SIG_SETMASK, &spawn->mask, NULL);
        if (pid < 0)
                return error_set_errno(-STATUS_SYSTEM, "clone");
        return birth_take(&spawn->birth, (pid_t)pid);
}

/* Waits until it is the program; -STATUS_SYSTEM where it could not be. */
static int await_program(struct spawn *spawn)
{
        int error;

        private_fd_close(spawn->failed);
        spawn->failed = -1;
        if (whole_read(spawn->said, &error, sizeof(error)) != sizeof(error))
                return 0;
        errno = error;
        return error_set_errno(-STATUS_SYSTEM, spawn->program);
}

static int spawn_run(struct spawn *spawn)
{
        int r = private_fd_pipe(&spawn->said, &spawn->failed);

        if (r == 0)
                r = make_environment(spawn);
        if (r == 0)
                r = clone_child(spawn);
        if (r < 0)
                return r;
        birth_go(&spawn->birth);
        return await_program(spawn);
}

static int spawn_child(struct spawn *spawn, mgr_process *child, mgr_manager *m,
                       const mgr_value *args)
{
        int r = birth_prepare(&spawn->birth, child);

        if (r == 0)
                r = make_file(spawn, m, args);
        if (r == 0)
                r = spawn_run(spawn);
        if (r < 0)
                birth_abort(&spawn->birth);
        private_fd_close(spawn->file);
        private_fd_close(spawn->said);
        private_fd_close(spawn->failed);
        free(spawn->environment);
        free(spawn->variable);
        return r;
}

int mgr_process_spawn(mgr_process **process, const char *program, char *const argv[],
                      mgr_manager *m, const mgr_value *args, const mgr_process_options *options)
{
        char *const by_default[] = { program_invocation_name, NULL };
        struct spawn spawn = { .birth = BIRTH_NULL, .file = -1, .said = -1, .failed = -1 };
        mgr_process_options o;
        mgr_process *child;
        int r;

        if (!process)
                return error_set_status(-STATUS_ARGUMENT);
        *process = NULL;
        r = family_init();
        if (r == 0)
                r = process_read_options(&o, options);
        if (r == 0 && m)
                r = manager_check(m);
        if (r < 0)
                return r;
        spawn.program = program ? program : "/proc/self/exe";
        spawn.argv = argv ? argv : by_default;
        family_check(NULL, 0);
        r = family_new_child(&child, &o);
        if (r < 0)
                return r;
        r = spawn_child(&spawn, child, m, args);
        if (r < 0) {
                mgr_process_free(child);
                return r;
        }
        family_add(child);
        *process = child;
        return 0;
}
