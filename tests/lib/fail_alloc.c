/*
 * fail_alloc - memory that runs out when it is told to
 *
 * Stands before the C library's allocator, by LD_PRELOAD or linked into a program.
 * Counts allocations, fails those it is told to, and knows how many blocks live. It
 * is steered through a struct that a test can map from outside: the environment
 * variable FAIL_ALLOC names the file. A program that it is linked into steers its own.
 * Mappings count, too: libsodium keeps keys in them.
 */
#include "tests/lib/fail_alloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

void *memalign(size_t alignment, size_t size);
int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                      void *stack_end);

static struct fail_alloc own = { .n_live_at_end = -1 };
EXPORT struct fail_alloc *fail_alloc = &own;

static _Thread_local bool is_tracing;

/* --- deciding */

static void fail_alloc_trace(void)
{
        void *trace[FAIL_ALLOC_DEPTH + 2] = { NULL };

        /* it may allocate itself, once */
        is_tracing = true;
        backtrace(trace, FAIL_ALLOC_DEPTH + 2);
        is_tracing = false;
        for (int i = 0; i < FAIL_ALLOC_DEPTH; ++i)
                fail_alloc->trace[i] = (uintptr_t)trace[i + 2];
}

static bool is_to_fail(void)
{
        uint64_t number, first;

        if (is_tracing)
                return false;
        number = atomic_fetch_add(&fail_alloc->n_calls, 1) + 1;
        first = fail_alloc->first;
        if (!first || number < first || number > fail_alloc->last)
                return false;
        if (atomic_fetch_add(&fail_alloc->n_failed, 1) == 0)
                fail_alloc_trace();
        errno = ENOMEM;
        return true;
}

static void *born(void *block)
{
        if (block)
                atomic_fetch_add(&fail_alloc->n_live, 1);
        return block;
}

/* --- the allocator's functions */

EXPORT void *malloc(size_t size)
{
        return is_to_fail() ? NULL : born(__libc_malloc(size));
}

EXPORT void *calloc(size_t n, size_t size)
{
        return is_to_fail() ? NULL : born(__libc_calloc(n, size));
}

EXPORT void free(void *block)
{
        if (block)
                atomic_fetch_sub(&fail_alloc->n_live, 1);
        __libc_free(block);
}

EXPORT void *realloc(void *block, size_t size)
{
        if (block && !size) {
                free(block);
                return NULL;
        }
        if (is_to_fail())
                return NULL;
        return block ? __libc_realloc(block, size) : born(__libc_malloc(size));
}

EXPORT void *reallocarray(void *block, size_t n, size_t size)
{
        size_t all;

        if (__builtin_mul_overflow(n, size, &all)) {
                errno = ENOMEM;
                return NULL;
        }
        return realloc(block, all);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
        return is_to_fail() ? NULL : born(__libc_memalign(alignment, size));
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
        return memalign(alignment, size);
}

EXPORT int posix_memalign(void **out, size_t alignment, size_t size)
{
        int saved_errno = errno;
        void *block = memalign(alignment, size);

        errno = saved_errno;
        if (!block)
                return ENOMEM;
        *out = block;
        return 0;
}

/* --- mappings */

typedef void *map_function(void *, size_t, int, int, int, off_t);
typedef int unmap_function(void *, size_t);
typedef void *remap_function(void *, size_t, size_t, int, ...);

EXPORT void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
        map_function *next = (map_function *)dlsym(RTLD_NEXT, "mmap");
        void *mapping;

        if (is_to_fail())
                return MAP_FAILED;
        mapping = next(at, size, protection, flags, fd, offset);
        if (mapping != MAP_FAILED)
                born(mapping);
        return mapping;
}

EXPORT int munmap(void *mapping, size_t size)
{
        unmap_function *next = (unmap_function *)dlsym(RTLD_NEXT, "munmap");
        int r = next(mapping, size);

        if (r == 0)
                atomic_fetch_sub(&fail_alloc->n_live, 1);
        return r;
}

EXPORT void *mremap(void *mapping, size_t old_size, size_t size, int flags, ...)
{
        remap_function *next = (remap_function *)dlsym(RTLD_NEXT, "mremap");
        void *at = NULL;

        if (flags & MREMAP_FIXED) {
                va_list args;

                va_start(args, flags);
                at = va_arg(args, void *);
                va_end(args);
        }
        return size > old_size && is_to_fail() ? MAP_FAILED
                                               : next(mapping, old_size, size, flags, at);
}

/* --- the program's begin and end */

static int find_program(struct dl_phdr_info *info, size_t size, void *data)
{
        (void)size, (void)data;
        fail_alloc->program = info->dlpi_addr;
        return 1; /* the first one is the program */
}

static void fail_alloc_begin(void)
{
        const char *path = getenv("FAIL_ALLOC");
        struct fail_alloc *shared;
        int fd;

        /* what the C library and the unwinder keep for ever */
        tzset();
        fail_alloc_trace();
        dl_iterate_phdr(find_program, NULL);
        if (!path)
                return;
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
                abort();
        shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared == MAP_FAILED)
                abort();
        close(fd);
        shared->n_live = 0;
        shared->n_calls = 0;
        shared->n_live_at_end = -1;
        shared->program = fail_alloc->program;
        fail_alloc = shared;
}

static int (*program_main)(int, char **, char **);

static int counted_main(int argc, char **argv, char **environment)
{
        int r;

        fail_alloc_begin();
        r = program_main(argc, argv, environment);
        fail_alloc->n_live_at_end = fail_alloc->n_live;
        return r;
}

typedef int start_function(int (*)(int, char **, char **), int, char **, void (*)(void),
                           void (*)(void), void (*)(void), void *);

/* What happens before main() is the loader's and not counted. */
EXPORT int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv,
                             void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                             void *stack_end)
{
        start_function *next = (start_function *)dlsym(RTLD_NEXT, "__libc_start_main");

        program_main = start;
        return next(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
