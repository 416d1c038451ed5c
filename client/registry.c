/*
 * registry - the managers of this process, and the page that tells it from its parent
 */
#include <errno.h>
#include <sched.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/fork_parts.h"
#include "client/thread.h"

enum image_state {
        IMAGE_WIPED, /* what the kernel leaves in a child */
        IMAGE_RENEWING,
        IMAGE_CURRENT,
};

struct image {
        atomic_int state;
        pid_t pid; /* where the kernel does not empty the page, this tells */
        uint8_t token[IMAGE_TOKEN_SIZE];
};

static struct {
        pthread_once_t once;
        int status;
        pthread_mutex_t lock;
        mgr_manager *managers;
        _Atomic uint64_t n_serials;
        struct image *image;
        bool wiped; /* the kernel keeps its promise */
        uint64_t number;
} registry = { .once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER };

static void image_renew(void)
{
        randombytes_buf(registry.image->token, IMAGE_TOKEN_SIZE);
        registry.image->pid = getpid();
        ++registry.number;
        atomic_store_explicit(&registry.image->state, IMAGE_CURRENT, memory_order_release);
}

static int image_make(void)
{
        void *page = mmap(NULL, sizeof(struct image), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (page == MAP_FAILED)
                return -STATUS_SYSTEM;
        registry.image = page;
        registry.wiped = madvise(page, sizeof(struct image), MADV_WIPEONFORK) == 0;
        image_renew();
        return 0;
}

static void registry_make(void)
{
        if (sodium_init() < 0)
                registry.status = -STATUS_SYSTEM;
        else
                registry.status = image_make();
        if (registry.status == 0)
                registry.status = thread_init();
        if (registry.status == 0 && pthread_atfork(fork_prepare, fork_parent, fork_child) != 0)
                registry.status = -STATUS_NOMEM;
}

int registry_init(void)
{
        pthread_once(&registry.once, registry_make);
        if (registry.status < 0)
                return error_set_status(registry.status);
        image_check();
        return 0;
}

void registry_lock(void)
{
        pthread_mutex_lock(&registry.lock);
}

void registry_unlock(void)
{
        pthread_mutex_unlock(&registry.lock);
}

void registry_free_lock(void)
{
        if (pthread_mutex_trylock(&registry.lock) == 0)
                pthread_mutex_unlock(&registry.lock);
        else
                pthread_mutex_init(&registry.lock, NULL);
}

void registry_add(mgr_manager *m)
{
        m->next = registry.managers;
        registry.managers = m;
}

void registry_remove(mgr_manager *m)
{
        mgr_manager **at = &registry.managers;

        while (*at && *at != m)
                at = &(*at)->next;
        if (*at)
                *at = m->next;
}

mgr_manager *registry_first(void)
{
        return registry.managers;
}

uint64_t registry_next_serial(void)
{
        return atomic_fetch_add_explicit(&registry.n_serials, 1, memory_order_relaxed) + 1;
}

uint64_t image_number(void)
{
        image_check();
        return registry.number;
}

const uint8_t *image_token(void)
{
        return registry.image->token;
}

void image_renew_after_fork(void)
{
        image_renew();
}

/* Threads of a child that was cloned by hand may come here at once: one does it. */
static void image_check_slowly(void)
{
        int state = atomic_load_explicit(&registry.image->state, memory_order_acquire);

        if (!registry.wiped && state == IMAGE_CURRENT && registry.image->pid != getpid())
                atomic_compare_exchange_strong(&registry.image->state, &state, IMAGE_WIPED);
        state = IMAGE_WIPED;
        if (atomic_compare_exchange_strong(&registry.image->state, &state, IMAGE_RENEWING)) {
                fork_noticed();
                image_renew();
        }
        while (atomic_load_explicit(&registry.image->state, memory_order_acquire) != IMAGE_CURRENT)
                sched_yield();
}

void image_check(void)
{
        int state = atomic_load_explicit(&registry.image->state, memory_order_acquire);

        if (__builtin_expect(state != IMAGE_CURRENT || !registry.wiped, 0))
                image_check_slowly();
}
