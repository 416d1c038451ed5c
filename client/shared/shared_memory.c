/*
 * shared_memory - bytes under a name, for programs that have nothing else in common
 *
 * The file's descriptor is closed as soon as it is mapped: nothing is left for a fork to copy or
 * for a program to run out of. All of its pages are there before anybody sees its size: who writes
 * to them later does not learn by SIGBUS that there is no room.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "client/call.h"
#include "client/error.h"
#include "client/fork.h"

#define DRAWN_NAME "psm_"
#define DRAWN_SIZE 8 /* bytes; as hexadecimal digits in the name */
#define MAX_DRAWS  100

/* A signal ends the wait for pages: then at most so many are to be found again. */
#define ALLOCATE_STEP ((off_t)64 << 20)

struct mgr_shared_memory {
        void *data;
        size_t size;
        char name[NAME_MAX + 1];
};

static int check_name(const char *name)
{
        if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
                return error_set(-STATUS_VALUE, "'%s' is no name for shared memory", name);
        if (strlen(name) > NAME_MAX)
                return error_set(-STATUS_VALUE, "a name for shared memory has at most %d bytes",
                                 NAME_MAX);
        return 0;
}

static int memory_allocate(mgr_shared_memory **memory)
{
        int r = registry_init(); /* libsodium's, too */

        if (r < 0)
                return r;
        *memory = calloc(1, sizeof(**memory));
        return *memory ? 0 : error_set_status(-STATUS_NOMEM);
}

static int fail_named(int status, const mgr_shared_memory *memory)
{
        char what[NAME_MAX + 32];

        snprintf(what, sizeof(what), "shared memory '%s'", memory->name);
        return error_set_errno(status, what);
}

/* Closes the descriptor, whatever becomes of it. */
static int memory_map(mgr_shared_memory *memory, int fd)
{
        void *data = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        int saved_errno = errno;

        close(fd);
        errno = saved_errno;
        if (data == MAP_FAILED)
                return fail_named(errno == ENOMEM ? -STATUS_NOMEM : -STATUS_SYSTEM, memory);
        memory->data = data;
        return 0;
}

/* --- creating */

/* Which pages are there is of no use where the file system cannot tell. 0, or an errno. */
static int allocate_pages(int fd, off_t size)
{
        struct statvfs fs;

        /* not only found out when all the machine has is gone */
        if (fstatvfs(fd, &fs) == 0 && fs.f_blocks && (uint64_t)size / fs.f_frsize > fs.f_bavail)
                return ENOSPC;
        for (off_t at = 0; at < size; at += ALLOCATE_STEP) {
                off_t n = size - at < ALLOCATE_STEP ? size - at : ALLOCATE_STEP;

                while (fallocate(fd, FALLOC_FL_KEEP_SIZE, at, n) < 0) {
                        if (errno == EOPNOTSUPP)
                                return 0;
                        if (errno != EINTR)
                                return errno;
                }
        }
        return 0;
}

/* The size comes last: until then nobody can attach to what is not there. */
static int set_size(int fd, off_t size)
{
        int r = allocate_pages(fd, size);

        while (r == 0 && ftruncate(fd, size) < 0)
                if (errno != EINTR)
                        return errno;
        return r;
}

static void draw_name(char *name)
{
        uint8_t bytes[DRAWN_SIZE];

        randombytes_buf(bytes, sizeof(bytes));
        memcpy(name, DRAWN_NAME, strlen(DRAWN_NAME));
        sodium_bin2hex(name + strlen(DRAWN_NAME), 2 * sizeof(bytes) + 1, bytes, sizeof(bytes));
}

static int open_new(mgr_shared_memory *memory, bool draw, int *fd)
{
        for (int i = 0; i < MAX_DRAWS; ++i) {
                if (draw)
                        draw_name(memory->name);
                *fd = shm_open(memory->name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
                if (*fd >= 0)
                        return 0;
                if (errno != EINTR && !(draw && errno == EEXIST))
                        break;
        }
        if (errno == EEXIST)
                return error_set(-STATUS_EXISTS, "there is shared memory '%s' already",
                                 memory->name);
        return fail_named(-STATUS_SYSTEM, memory);
}

/* What begins to exist here is gone again where it fails. */
static int memory_fill(mgr_shared_memory *memory, int fd)
{
        int r = set_size(fd, (off_t)memory->size);

        if (r == 0) {
                r = memory_map(memory, fd);
        } else {
                close(fd);
                errno = r;
                r = fail_named(r == ENOSPC || r == EFBIG ? -STATUS_NOMEM : -STATUS_SYSTEM, memory);
        }
        if (r < 0)
                shm_unlink(memory->name);
        return r;
}

int mgr_shared_memory_create(const char *name, size_t size, mgr_shared_memory **out)
{
        mgr_shared_memory *memory;
        int r, fd;

        r = name ? check_name(name) : 0;
        if (r < 0)
                return r;
        if (size == 0)
                return error_set(-STATUS_VALUE,
                                 "'size' must be a positive number different from zero");
        if (size > PTRDIFF_MAX)
                return error_set_status(-STATUS_NOMEM);
        r = call_check_out(out);
        if (r == 0)
                r = memory_allocate(&memory);
        if (r < 0)
                return r;
        memory->size = size;
        if (name)
                strcpy(memory->name, name);
        r = open_new(memory, !name, &fd);
        if (r == 0)
                r = memory_fill(memory, fd);
        if (r < 0) {
                free(memory);
                return r;
        }
        *out = memory;
        return 0;
}

/* --- attaching */

static int open_old(mgr_shared_memory *memory, int *fd)
{
        struct stat st;

        do
                *fd = shm_open(memory->name, O_RDWR, 0);
        while (*fd < 0 && errno == EINTR);
        if (*fd < 0 && errno == ENOENT)
                return error_set(-STATUS_NAME, "there is no shared memory '%s'", memory->name);
        if (*fd < 0)
                return fail_named(-STATUS_SYSTEM, memory);
        if (fstat(*fd, &st) == 0 && st.st_size > 0) {
                memory->size = (size_t)st.st_size;
                return 0;
        }
        close(*fd);
        return error_set(-STATUS_NAME, "shared memory '%s' has no size yet", memory->name);
}

int mgr_shared_memory_attach(const char *name, mgr_shared_memory **out)
{
        mgr_shared_memory *memory;
        int r, fd;

        r = name ? check_name(name) : error_set_status(-STATUS_ARGUMENT);
        if (r == 0)
                r = call_check_out(out);
        if (r == 0)
                r = memory_allocate(&memory);
        if (r < 0)
                return r;
        strcpy(memory->name, name);
        r = open_old(memory, &fd);
        if (r == 0)
                r = memory_map(memory, fd);
        if (r < 0) {
                free(memory);
                return r;
        }
        *out = memory;
        return 0;
}

/* --- and the rest */

void mgr_shared_memory_free(mgr_shared_memory *memory)
{
        if (!memory)
                return;
        munmap(memory->data, memory->size);
        free(memory);
}

int mgr_shared_memory_unlink(const mgr_shared_memory *memory)
{
        if (!memory)
                return error_set_status(-STATUS_ARGUMENT);
        if (shm_unlink(memory->name) == 0)
                return 0;
        if (errno == ENOENT)
                return error_set(-STATUS_NAME, "there is no shared memory '%s'", memory->name);
        return fail_named(-STATUS_SYSTEM, memory);
}

void *mgr_shared_memory_data(const mgr_shared_memory *memory)
{
        return memory ? memory->data : NULL;
}

size_t mgr_shared_memory_size(const mgr_shared_memory *memory)
{
        return memory ? memory->size : 0;
}

const char *mgr_shared_memory_name(const mgr_shared_memory *memory)
{
        return memory ? memory->name : NULL;
}
