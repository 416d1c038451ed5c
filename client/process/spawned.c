/*
 * spawned - a program that was started by mgr_process_spawn(), and what came with it
 */
#include "client/process/spawned.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/manager_parts.h"
#include "client/parcel.h"
#include "client/private_fd.h"
#include "client/process/family.h"

/* What mgr_spawned() has not taken yet. Its memory is not there in children. */
static struct {
        uint64_t image; /* 0: nothing */
        atomic_bool taken;
        const struct spawn_head *head; /* mapped, and the parts behind it */
        size_t size;
} pending;

/* --- finding it */

static bool read_number(int *fd)
{
        const char *text = secure_getenv(SPAWN_VARIABLE);
        char *end;
        long number;

        if (!text || *text < '0' || *text > '9')
                return false;
        errno = 0;
        number = strtol(text, &end, 10);
        if (*end || errno || number > INT_MAX)
                return false;
        *fd = (int)number;
        return true;
}

/* Whether the descriptor is what our parent has left for us. */
static bool is_for_us(int fd, size_t *size)
{
        struct spawn_head head;
        struct stat st;
        int seals = fcntl(fd, F_GET_SEALS);

        if (seals < 0 || (seals & SPAWN_SEALS) != SPAWN_SEALS || fstat(fd, &st) < 0 ||
            pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
            memcmp(head.magic, SPAWN_MAGIC, sizeof(head.magic)) != 0 || head.pid != getpid())
                return false;
        *size = (size_t)st.st_size;
        return true;
}

/* All parts lie inside of it, and nothing is behind them. */
static bool is_whole(const struct spawn_head *head, size_t size)
{
        size_t left = size - sizeof(*head);

        for (int i = 0; i < N_SPAWN_PARTS; ++i) {
                if (head->sizes[i] > left)
                        return false;
                left -= head->sizes[i];
        }
        return left == 0;
}

static struct span spawn_part(const struct spawn_head *head, enum spawn_part part)
{
        const char *at = (const char *)(head + 1);

        for (int i = 0; i < (int)part; ++i)
                at += head->sizes[i];
        return span_of(at, head->sizes[part]);
}

static char *part_text(const struct spawn_head *head, enum spawn_part part)
{
        struct span span = spawn_part(head, part);

        return strndup((const char *)span.data, span.size);
}

/* --- becoming who we are */

static int adopt_fd(int fd)
{
        if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
                return 0;
        private_fd_remove(fd); /* where this is tried again */
        return private_fd_add(fd);
}

static int adopt_fds(const struct spawn_head *head)
{
        int r = adopt_fd(head->gate);

        if (r == 0)
                r = adopt_fd(head->parent);
        if (r == 0)
                r = adopt_fd(head->life);
        return r;
}

static int make_process(const struct spawn_head *head, enum spawn_part name_part,
                        const char *identity, mgr_process **process)
{
        char *name = part_text(head, name_part);
        int r;

        r = name && identity ? process_new(process, name, identity) : -STATUS_NOMEM;
        free(name);
        return r;
}

static int make_self(const struct spawn_head *head, mgr_process **process)
{
        char *identity = part_text(head, SPAWN_IDENTITY);
        int r = make_process(head, SPAWN_NAME, identity, process);

        free(identity);
        if (r < 0)
                return r;
        (*process)->daemon = head->daemon != 0;
        (*process)->pid = getpid();
        r = family_key_new(&(*process)->key, spawn_part(head, SPAWN_AUTHKEY));
        if (r < 0)
                process_unref_inherited(*process);
        return r;
}

static int make_family(const struct spawn_head *head, mgr_process **process)
{
        mgr_process *parent, *self;
        int r = make_process(head, SPAWN_PARENT_NAME, "", &parent);

        if (r < 0)
                return r;
        r = make_self(head, &self);
        if (r == 0) {
                r = adopt_fds(head);
                if (r < 0)
                        process_unref_inherited(self);
        }
        if (r < 0) {
                process_unref_inherited(parent);
                return r;
        }
        parent->image = image_number();
        parent->pid = (pid_t)head->parent_pid;
        parent->watch = (struct watch){ .pid = parent->pid,
                                        .fd = head->parent >= 0 ? head->parent : head->gate,
                                        .is_pidfd = head->parent >= 0 };
        self->parent = parent;
        *process = self;
        return 0;
}

int spawned_read(mgr_process **process)
{
        const struct spawn_head *head;
        size_t size;
        int fd, r;

        if (!read_number(&fd) || !is_for_us(fd, &size))
                return 0;
        head = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (head == MAP_FAILED)
                return error_set_status(-STATUS_NOMEM);
        r = is_whole(head, size) ? make_family(head, process)
                                 : error_set(-STATUS_PROTOCOL, "spawned with what is no message");
        if (r < 0) {
                munmap((void *)(uintptr_t)head, size);
                return r;
        }
        close(fd);
        /* the keys are in there: for nobody else, and in no core file */
        madvise((void *)(uintptr_t)head, size, MADV_DONTFORK);
        madvise((void *)(uintptr_t)head, size, MADV_DONTDUMP);
        pending.head = head;
        pending.size = size;
        pending.image = image_number();
        return 0;
}

/* --- what came with it */

static int connect_manager(const struct spawn_head *head, mgr_manager **m)
{
        mgr_options options = MGR_OPTIONS_INIT;
        char *address = part_text(head, SPAWN_ADDRESS), *name = part_text(head, SPAWN_MANAGER_NAME);
        struct auth_key *key;
        int r;

        options.connect_timeout = head->connect_timeout;
        options.call_timeout = head->call_timeout;
        options.shutdown_timeout = head->shutdown_timeout;
        options.flags = head->flags;
        options.name = name;
        r = address && name ? auth_key_new(&key, spawn_part(head, SPAWN_MANAGER_KEY))
                            : -STATUS_NOMEM;
        r = r < 0 ? error_set_status(r) : manager_new_greeted(m, address, key, &options);
        free(address);
        free(name);
        return r;
}

static int take_args(const struct spawn_head *head, mgr_value *args)
{
        struct span parcel = spawn_part(head, SPAWN_ARGS);
        struct scanner scanner;
        int r;

        scanner_init(&scanner, MGR_MAX_DEPTH);
        r = parcel_open(&scanner, parcel, args);
        scanner_deinit(&scanner);
        return r;
}

static int take_pending(mgr_manager **m, mgr_value *args)
{
        int r = 0;

        if (spawn_part(pending.head, SPAWN_ADDRESS).size)
                r = connect_manager(pending.head, m);
        if (r == 0)
                r = take_args(pending.head, args);
        if (r < 0) {
                mgr_manager_free(*m);
                *m = NULL;
                return r;
        }
        munmap((void *)(uintptr_t)pending.head, pending.size);
        pending.head = NULL;
        return 1;
}

int mgr_spawned(mgr_manager **m, mgr_value *args)
{
        int r;

        if (!m || !args)
                return error_set_status(-STATUS_ARGUMENT);
        *m = NULL;
        *args = mgr_none();
        r = family_init();
        if (r < 0 || pending.image != image_number())
                return r;
        if (atomic_exchange(&pending.taken, true))
                return error_set(-STATUS_ASSERTION,
                                 "what this program was spawned with has been taken already");
        r = take_pending(m, args);
        if (r < 0)
                atomic_store(&pending.taken, false);
        return r;
}
