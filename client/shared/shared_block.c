/*
 * shared_block - items in memory that forked processes share, and the lock in front of them
 */
#include "client/shared/shared_block.h"
#include "client/arguments.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "client/error.h"
#include "client/fork.h"
#include "proto/clock.h"

/* The thread sanitizer of today does not know pthread_mutex_clocklock(). */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define TELL_SANITIZER(what, ...) __tsan_mutex_##what(__VA_ARGS__)
#else
#define TELL_SANITIZER(what, ...) ((void)0)
#endif

/* All but the mutex is written by whoever has it. */
struct shared_head {
        pthread_mutex_t mutex;
        _Atomic uint64_t owner;   /* thread_number() of who has it, or 0 */
        _Atomic uint64_t n_times; /* how often that thread has it */
        atomic_bool died;         /* somebody died with it, and nobody has been told */
};

/* Items lie on a cache line of their own. */
#define HEAD_SIZE ((sizeof(struct shared_head) + 63) & ~(size_t)63)

/*
 * This thread, of all threads that there ever are: the kernel's number of one that died with the
 * lock may be another's by now. The upper half is the process's: drawn, and anew in each child,
 * whose only thread is another one than that which forked it.
 */
static uint64_t thread_number(void)
{
        static _Atomic uint32_t n_threads;
        static _Thread_local struct {
                uint64_t image, number;
        } known;
        uint64_t image = image_number();
        uint32_t process;

        if (known.image != image) {
                memcpy(&process, image_token(), sizeof(process));
                known.image = image;
                known.number = (uint64_t)process << 32 | (atomic_fetch_add(&n_threads, 1) + 1);
        }
        return known.number;
}

/* --- making one */

static int mutex_init(pthread_mutex_t *mutex)
{
        pthread_mutexattr_t attributes;
        int r;

        r = pthread_mutexattr_init(&attributes);
        if (r != 0)
                return r;
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
        r = pthread_mutex_init(mutex, &attributes);
        pthread_mutexattr_destroy(&attributes);
        return r;
}

static int block_map(struct shared_block *block)
{
        void *map;
        int r;

        if (block->n > (PTRDIFF_MAX - HEAD_SIZE) / block->type->size)
                return error_set_status(-STATUS_NOMEM);
        block->map_size = HEAD_SIZE + block->n * block->type->size;
        map = mmap(NULL, block->map_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                   0);
        if (map == MAP_FAILED)
                return error_set_errno(-STATUS_NOMEM, "mmap");
        block->head = map;
        block->items = (uint8_t *)map + HEAD_SIZE;
        r = block->has_lock ? mutex_init(&block->head->mutex) : 0;
        if (r == 0)
                return 0;
        munmap(map, block->map_size);
        errno = r;
        return error_set_errno(-STATUS_SYSTEM, "pthread_mutex_init");
}

int shared_block_new(char typecode, size_t n, unsigned flags, struct shared_block **out)
{
        struct shared_block *block;
        int r;

        r = registry_init(); /* it knows a child from its parent */
        if (r < 0)
                return r;
        if (!out)
                return error_set(-STATUS_ARGUMENT, "there is nothing to write the result to");
        if (flags & ~(unsigned)MGR_SHARED_NO_LOCK)
                return error_set(-STATUS_ARGUMENT, "unknown flags for shared memory");
        block = calloc(1, sizeof(*block));
        if (!block)
                return error_set_status(-STATUS_NOMEM);
        block->type = item_type_find(typecode);
        block->n = n;
        block->has_lock = !(flags & MGR_SHARED_NO_LOCK);
        r = block->type ? block_map(block) : -STATUS_VALUE;
        if (r < 0) {
                free(block);
                return r;
        }
        *out = block;
        return 0;
}

/* --- the lock */

static int mutex_take_until(pthread_mutex_t *mutex, uint64_t deadline)
{
        const struct timespec until = {
                .tv_sec = (time_t)(deadline / CLOCK_SECOND),
                .tv_nsec = (long)(deadline % CLOCK_SECOND),
        };
        int r;

        TELL_SANITIZER(pre_lock, mutex, __tsan_mutex_try_lock);
        r = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
        TELL_SANITIZER(post_lock, mutex,
                       __tsan_mutex_try_lock | (r == ETIMEDOUT ? __tsan_mutex_try_lock_failed : 0),
                       0);
        return r;
}

static int mutex_take(pthread_mutex_t *mutex, double timeout)
{
        uint64_t deadline;
        int r;

        if (timeout == MGR_FOREVER)
                return pthread_mutex_lock(mutex);
        r = pthread_mutex_trylock(mutex); /* one that is free wants no clock */
        if (r != EBUSY || timeout == 0)
                return r;
        deadline = clock_after(timeout);
        return deadline == CLOCK_FOREVER ? pthread_mutex_lock(mutex)
                                         : mutex_take_until(mutex, deadline);
}

/* 0, or an errno. */
static int head_take(struct shared_head *head, double timeout)
{
        int r = mutex_take(&head->mutex, timeout);

        if (r == EOWNERDEAD) {
                /* in this order: who dies in between leaves it as it was */
                atomic_store_explicit(&head->died, true, memory_order_relaxed);
                atomic_store_explicit(&head->n_times, 0, memory_order_relaxed);
                r = pthread_mutex_consistent(&head->mutex);
        }
        if (r != 0)
                return r;
        atomic_store_explicit(&head->owner, thread_number(), memory_order_relaxed);
        atomic_fetch_add_explicit(&head->n_times, 1, memory_order_relaxed);
        return 0;
}

static void head_leave(struct shared_head *head)
{
        if (atomic_fetch_sub_explicit(&head->n_times, 1, memory_order_relaxed) == 1)
                atomic_store_explicit(&head->owner, 0, memory_order_relaxed);
        pthread_mutex_unlock(&head->mutex);
}

static bool head_is_ours(const struct shared_head *head)
{
        return atomic_load_explicit(&head->owner, memory_order_relaxed) == thread_number();
}

/* Whether no thread of this process has the lock any more, after this one has released it. */
static bool head_let_go(struct shared_head *head)
{
        while (head_is_ours(head))
                head_leave(head);
        if (atomic_load_explicit(&head->owner, memory_order_relaxed) >> 32 != thread_number() >> 32)
                return true;
        /* another one has it, or had it and is dead */
        if (head_take(head, 0) != 0)
                return false;
        head_leave(head);
        return true;
}

static int block_take(const struct shared_block *block, double timeout)
{
        int r = head_take(block->head, timeout);

        if (r == 0)
                return 0;
        if (r == EBUSY || r == ETIMEDOUT)
                return error_set(-STATUS_TIMEOUT, "the lock was not free for %g seconds", timeout);
        errno = r;
        return error_set_errno(-STATUS_SYSTEM, "pthread_mutex_lock");
}

int shared_block_enter(const struct shared_block *block)
{
        return block->has_lock ? block_take(block, MGR_FOREVER) : 0;
}

void shared_block_leave(const struct shared_block *block)
{
        if (block->has_lock)
                head_leave(block->head);
}

static int check_lock(const struct shared_block *block, const char *method)
{
        if (!block)
                return error_set_status(-STATUS_ARGUMENT);
        if (!block->has_lock)
                return error_set(-STATUS_ATTRIBUTE, "without a lock there is no attribute '%s'",
                                 method);
        return 0;
}

int shared_block_lock(const struct shared_block *block, double timeout)
{
        int r = check_lock(block, "acquire");

        if (r == 0)
                r = arguments_check_timeout(timeout);
        if (r < 0)
                return r;
        r = block_take(block, timeout);
        if (r == 0 && atomic_exchange(&block->head->died, false))
                return MGR_OWNER_DIED;
        return r;
}

int shared_block_unlock(const struct shared_block *block)
{
        int r = check_lock(block, "release");

        if (r < 0)
                return r;
        if (!head_is_ours(block->head))
                return error_set(-STATUS_ASSERTION,
                                 "attempt to release recursive lock not owned by thread");
        shared_block_leave(block);
        return 0;
}

void shared_block_free(struct shared_block *block)
{
        if (!block)
                return;
        /* where the kernel will look when a thread of ours ends, there must be memory */
        if (!block->has_lock || head_let_go(block->head))
                munmap(block->head, block->map_size);
        free(block);
}

/* --- items */

int shared_block_get(const struct shared_block *block, size_t i, uint64_t *raw)
{
        int r = shared_block_enter(block);

        if (r < 0)
                return r;
        *raw = item_load(block->type, block->items, i);
        shared_block_leave(block);
        return 0;
}

int shared_block_set(const struct shared_block *block, size_t i, uint64_t raw)
{
        int r = shared_block_enter(block);

        if (r < 0)
                return r;
        item_store(block->type, block->items, i, raw);
        shared_block_leave(block);
        return 0;
}

/*
 * Tries until nobody was in between: with the lock that is at once, but for those who write by the
 * pointer.
 */
int shared_block_incr(const struct shared_block *block, size_t i, const mgr_value *delta,
                      mgr_value *value)
{
        uint64_t raw, sum;
        int r;

        if (!delta)
                return error_set_status(-STATUS_ARGUMENT);
        r = shared_block_enter(block);
        if (r < 0)
                return r;
        raw = item_load(block->type, block->items, i);
        do
                r = item_add(block->type, raw, delta, &sum);
        while (r == 0 && !item_exchange(block->type, block->items, i, &raw, sum));
        shared_block_leave(block);
        return r == 0 && value ? item_to_value(block->type, sum, value) : r;
}

static int is_equal(const struct shared_block *block, uint64_t raw, const mgr_value *expected)
{
        mgr_value item;
        int r;

        r = item_to_value(block->type, raw, &item);
        if (r < 0)
                return r;
        r = mgr_value_equal(&item, expected);
        mgr_value_clear(&item);
        return r;
}

int shared_block_compare_and_swap(const struct shared_block *block, size_t i,
                                  const mgr_value *expected, const mgr_value *desired)
{
        uint64_t raw, wanted;
        int r;

        if (!expected || !desired)
                return error_set_status(-STATUS_ARGUMENT);
        r = item_from_value(block->type, desired, &wanted);
        if (r == 0)
                r = shared_block_enter(block);
        if (r < 0)
                return r;
        raw = item_load(block->type, block->items, i);
        do
                r = is_equal(block, raw, expected);
        while (r == 1 && !item_exchange(block->type, block->items, i, &raw, wanted));
        shared_block_leave(block);
        return r;
}
