/*
 * family - which process this is, whose child, and who its children are
 */
#include "client/process/family.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/private_fd.h"
#include "client/process/spawned.h"

static struct mgr_process main_process = {
        .n_refs = 2, /* never given back */
        .watch = { .fd = -1 },
        .leash = -1,
        .lock = PTHREAD_MUTEX_INITIALIZER,
};

static struct {
        pthread_mutex_t lock;
        atomic_bool has_begun;
        mgr_process *current; /* changes only where there is but one thread */

        /* Guarded by the lock. */
        mgr_process *children;
        unsigned long n_children; /* that were ever begun: they are numbered */
        int self_fd;              /* -1: not opened yet, or */
        bool no_pidfds;
} family = {
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .current = &main_process,
        .self_fd = -1,
};

/* Before anything else is asked for: whether this program was spawned. */
static int family_begin(void)
{
        int r = 0;

        pthread_mutex_lock(&family.lock);
        if (!atomic_load_explicit(&family.has_begun, memory_order_relaxed))
                r = spawned_read(&family.current);
        if (r == 0)
                atomic_store_explicit(&family.has_begun, true, memory_order_release);
        pthread_mutex_unlock(&family.lock);
        return r;
}

int family_init(void)
{
        int r = registry_init();

        if (r < 0 || atomic_load_explicit(&family.has_begun, memory_order_acquire))
                return r;
        return family_begin();
}

mgr_process *family_current(void)
{
        return family.current;
}

/* The child of a bare fork() has its parent's, of which it is no child. */
mgr_process *family_parent(void)
{
        mgr_process *parent = family.current->parent;

        return parent && parent->image == image_number() ? parent : NULL;
}

/* --- children */

static int name_child(char **identity, char **name, const char *chosen)
{
        const char *own = family.current->identity;
        unsigned long number;

        pthread_mutex_lock(&family.lock);
        number = ++family.n_children;
        pthread_mutex_unlock(&family.lock);
        *name = NULL;
        if (asprintf(identity, "%s%s%lu", own ? own : "", own ? ":" : "", number) < 0)
                *identity = NULL;
        else if (chosen && *chosen)
                *name = strdup(chosen);
        else if (asprintf(name, "Process-%s", *identity) < 0)
                *name = NULL;
        return *identity && *name ? 0 : error_set_status(-STATUS_NOMEM);
}

int family_new_child(mgr_process **out, const mgr_process_options *options)
{
        char *identity, *name;
        mgr_process *process;
        int r;

        if (family.current->daemon)
                return error_set(-STATUS_ASSERTION,
                                 "daemonic processes are not allowed to have children");
        r = name_child(&identity, &name, options->name);
        if (r == 0)
                r = process_new(&process, name, identity);
        free(identity);
        free(name);
        if (r < 0)
                return r;
        process->image = image_number();
        process->daemon = options->daemon > 0;
        r = family_key_get(family.current, &process->key);
        if (r < 0) {
                mgr_process_free(process);
                return r;
        }
        *out = process;
        return 0;
}

void family_add(mgr_process *process)
{
        mgr_process_ref(process);
        pthread_mutex_lock(&family.lock);
        process->next = family.children;
        process->is_listed = true;
        family.children = process;
        pthread_mutex_unlock(&family.lock);
}

/* With the lock held. Whether the list had a share, which is now the caller's. */
static bool unlist(mgr_process *process)
{
        mgr_process **at = &family.children;

        if (!process->is_listed)
                return false;
        while (*at != process)
                at = &(*at)->next;
        *at = process->next;
        process->is_listed = false;
        return true;
}

void family_remove(mgr_process *process)
{
        bool had;

        pthread_mutex_lock(&family.lock);
        had = unlist(process);
        pthread_mutex_unlock(&family.lock);
        if (had)
                mgr_process_free(process);
}

size_t family_check(mgr_process **children, size_t n_room)
{
        mgr_process **at = &family.children, *ended = NULL;
        size_t n = 0;

        pthread_mutex_lock(&family.lock);
        while (*at) {
                mgr_process *child = *at;

                if (process_has_ended(child)) {
                        unlist(child);
                        child->next = ended;
                        ended = child;
                        continue;
                }
                if (n < n_room)
                        children[n] = mgr_process_ref(child);
                ++n;
                at = &child->next;
        }
        pthread_mutex_unlock(&family.lock);
        while (ended) {
                mgr_process *child = ended;

                ended = child->next;
                mgr_process_free(child);
        }
        return n;
}

void family_enter(mgr_process *process)
{
        mgr_process *parent = family.current;

        parent->image = image_number();
        process->parent = parent;
        process->pid = getpid();
        family.current = process;
        family.n_children = 0;
}

/* --- what children inherit */

int family_self_fd(int *fd)
{
        bool missing = false;
        int r = 0;

        pthread_mutex_lock(&family.lock);
        if (family.self_fd < 0 && !family.no_pidfds) {
                int opened = watch_open_pidfd(getpid(), &missing);

                if (opened < 0 && !missing)
                        r = error_set_errno(-STATUS_SYSTEM, "pidfd_open");
                else if (opened >= 0)
                        r = private_fd_add(opened);
                if (r < 0 && opened >= 0)
                        close(opened);
                else if (r == 0)
                        family.self_fd = opened;
                family.no_pidfds = missing;
        }
        *fd = family.self_fd;
        pthread_mutex_unlock(&family.lock);
        return r;
}

void family_key_unref(struct family_key *key)
{
        if (!key || atomic_fetch_sub_explicit(&key->n_refs, 1, memory_order_acq_rel) != 1)
                return;
        auth_key_free(key->key);
        free(key);
}

int family_key_new(struct family_key **out, struct span bytes)
{
        struct family_key *key = malloc(sizeof(*key));
        int r;

        if (!key)
                return error_set_status(-STATUS_NOMEM);
        atomic_init(&key->n_refs, 1);
        r = span_is_absent(bytes) ? auth_key_generate(&key->key) : auth_key_new(&key->key, bytes);
        if (r < 0) {
                free(key);
                return error_set_status(r);
        }
        *out = key;
        return 0;
}

/* Only the current process can be without one: the main one, at first. */
int family_key_get(const mgr_process *process, struct family_key **out)
{
        mgr_process *holder = process == family.current ? family.current : NULL;
        struct family_key *key;
        int r = 0;

        pthread_mutex_lock(&family.lock);
        if (holder && !holder->key)
                r = family_key_new(&holder->key, SPAN_ABSENT);
        key = process->key;
        if (r == 0 && key)
                atomic_fetch_add_explicit(&key->n_refs, 1, memory_order_relaxed);
        pthread_mutex_unlock(&family.lock);
        if (r == 0 && !key)
                return error_set(-STATUS_ATTRIBUTE, "the authkey of the parent is not known");
        *out = key;
        return r;
}

int family_key_set(mgr_process *process, struct span bytes)
{
        struct family_key *key, *old;
        int r = family_key_new(&key, bytes);

        if (r < 0)
                return r;
        pthread_mutex_lock(&family.lock);
        old = process->key;
        process->key = key;
        pthread_mutex_unlock(&family.lock);
        family_key_unref(old);
        return 0;
}

int family_key_copy(struct auth_key **out)
{
        struct family_key *key;
        int r;

        r = family_init();
        if (r == 0)
                r = family_key_get(family.current, &key);
        if (r < 0)
                return r;
        r = auth_key_new(out, auth_key_bytes(key->key));
        family_key_unref(key);
        return r < 0 ? error_set_status(r) : 0;
}

/* --- a fork */

void family_prepare(void)
{
        pthread_mutex_lock(&family.lock);
}

void family_forked_parent(void)
{
        pthread_mutex_unlock(&family.lock);
}

/* The children are its siblings, and their descriptors have been closed. */
void family_forked_child(void)
{
        while (family.children) {
                mgr_process *process = family.children;

                unlist(process);
                process_unref_inherited(process);
        }
        family.self_fd = -1;
        pthread_mutex_unlock(&family.lock);
}

/* The list may have been in the making: it is left as it is, unread. */
void family_noticed(void)
{
        pthread_mutex_init(&family.lock, NULL);
        family.children = NULL;
        family.self_fd = -1;
}
