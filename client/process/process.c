/*
 * process - the handle of a process: what one asks it and does to it
 */
#include "client/process/process.h"
#include "client/arguments.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/error.h"
#include "client/fork.h"
#include "client/private_fd.h"
#include "client/process/family.h"
#include "proto/clock.h"

/* --- shares */

int process_new(mgr_process **out, const char *name, const char *identity)
{
        mgr_process *process = calloc(1, sizeof(*process));

        if (!process)
                return error_set_status(-STATUS_NOMEM);
        atomic_init(&process->n_refs, 1);
        process->name = strdup(name);
        process->identity = strdup(identity);
        process->watch = WATCH_NULL;
        process->leash = -1;
        if (!process->name || !process->identity) {
                free(process->name);
                free(process->identity);
                free(process);
                return error_set_status(-STATUS_NOMEM);
        }
        pthread_mutex_init(&process->lock, NULL);
        *out = process;
        return 0;
}

static bool give_back(mgr_process *process)
{
        return atomic_fetch_sub_explicit(&process->n_refs, 1, memory_order_acq_rel) == 1;
}

static void free_memory(mgr_process *process)
{
        family_key_unref(process->key);
        free(process->identity);
        free(process->name);
        free(process);
}

void process_unref_inherited(mgr_process *process)
{
        if (give_back(process))
                free_memory(process);
}

mgr_process *mgr_process_ref(mgr_process *process)
{
        if (process)
                atomic_fetch_add_explicit(&process->n_refs, 1, memory_order_relaxed);
        return process;
}

void mgr_process_free(mgr_process *process)
{
        if (!process || !give_back(process))
                return;
        /* in a child the numbers are of other descriptors by now, and the lock may be taken */
        if (process->image == image_number()) {
                private_fd_close(process->watch.fd);
                private_fd_close(process->leash);
                pthread_mutex_destroy(&process->lock);
        }
        free_memory(process);
}

/* --- whose it is */

enum kin { KIN_SELF, KIN_PARENT, KIN_CHILD, KIN_STRANGER };

static enum kin process_kin(const mgr_process *process)
{
        if (process == family_current())
                return KIN_SELF;
        if (process == family_parent())
                return KIN_PARENT;
        return process->image == image_number() ? KIN_CHILD : KIN_STRANGER;
}

static int process_begin(const mgr_process *process)
{
        int r = family_init();

        if (r == 0 && !process)
                r = error_set_status(-STATUS_ARGUMENT);
        return r;
}

static int set_closed(void)
{
        return error_set(-STATUS_VALUE, "process object is closed");
}

/*
 * Locks a child, or the parent. `verb`: "can only … a child process" is what others are told.
 * Sets the error.
 */
static int process_lock(mgr_process *process, const char *verb, bool parent_too)
{
        enum kin kin;
        int r = process_begin(process);

        if (r < 0)
                return r;
        kin = process_kin(process);
        if (kin != KIN_CHILD && !(kin == KIN_PARENT && parent_too))
                return error_set(-STATUS_ASSERTION, "can only %s a child process", verb);
        pthread_mutex_lock(&process->lock);
        if (!process->closed)
                return 0;
        pthread_mutex_unlock(&process->lock);
        return set_closed();
}

/* Its end is known: the leash is of no use, and the list need not look at it any more. */
static void process_settle(mgr_process *process)
{
        if (process_kin(process) == KIN_CHILD)
                family_remove(process);
}

static bool has_ended_locked(mgr_process *process)
{
        if (!watch_check(&process->watch))
                return false;
        private_fd_close(process->leash);
        process->leash = -1;
        return true;
}

bool process_has_ended(mgr_process *process)
{
        bool ended;

        pthread_mutex_lock(&process->lock);
        ended = process->closed || has_ended_locked(process);
        pthread_mutex_unlock(&process->lock);
        return ended;
}

/* --- its end */

/* With the lock held. The last one who waits leaves no descriptor behind a close(). */
static void close_if_unused(mgr_process *process)
{
        if (!process->closed || process->n_waiting)
                return;
        private_fd_close(process->watch.fd);
        process->watch.fd = -1;
}

/*
 * What closes its descriptors early is ready before it has ended, and what is traced is waited for
 * by its tracer first.
 */
static void pause_shortly(void)
{
        poll(NULL, 0, 1);
}

/* With the lock held, which is given back meanwhile. */
static int wait_for_end(mgr_process *process, uint64_t deadline)
{
        struct watch *watch = &process->watch;
        bool again = false;
        int r = 0;

        ++process->n_waiting;
        while (!has_ended_locked(process) && r == 0) {
                bool is_pidfd = watch->is_pidfd;
                int fd = watch->fd;

                pthread_mutex_unlock(&process->lock);
                if (again)
                        pause_shortly();
                again = true;
                r = watch_wait(fd, is_pidfd, deadline);
                pthread_mutex_lock(&process->lock);
        }
        --process->n_waiting;
        close_if_unused(process);
        return watch->ended ? 0 : r;
}

int mgr_process_join(mgr_process *process, double timeout)
{
        uint64_t deadline;
        int r;

        r = arguments_check_timeout(timeout);
        if (r == 0)
                r = process_lock(process, "join", true);
        if (r < 0)
                return r;
        deadline = clock_after(timeout);
        r = wait_for_end(process, deadline);
        pthread_mutex_unlock(&process->lock);
        if (r == 0)
                process_settle(process);
        else if (r == -STATUS_TIMEOUT)
                error_set(r, "%s has not ended within %g seconds", mgr_process_name(process),
                          timeout);
        else
                error_set_errno(r, "poll");
        return r;
}

int mgr_process_is_alive(mgr_process *process)
{
        bool ended;
        int r = process_begin(process);

        if (r == 0 && process_kin(process) == KIN_SELF)
                return 1;
        if (r == 0)
                r = process_lock(process, "test", true);
        if (r < 0)
                return r;
        ended = has_ended_locked(process);
        pthread_mutex_unlock(&process->lock);
        if (ended)
                process_settle(process);
        return !ended;
}

int mgr_process_exitcode(mgr_process *process, int *code)
{
        bool ended, known;
        int r;

        if (!code)
                return error_set_status(-STATUS_ARGUMENT);
        r = process_begin(process);
        if (r == 0 && process_kin(process) == KIN_SELF)
                return 0;
        if (r == 0)
                r = process_lock(process, "test", false);
        if (r < 0)
                return r;
        ended = has_ended_locked(process);
        known = ended && watch_read_code(&process->watch, code);
        pthread_mutex_unlock(&process->lock);
        if (!ended)
                return 0;
        process_settle(process);
        return known ? 1
                     : error_set(-STATUS_SYSTEM,
                                 "the exit code of %s is not known: somebody else has waited for "
                                 "it, or SIGCHLD is ignored",
                                 mgr_process_name(process));
}

/* --- what is done to it */

int mgr_process_signal(mgr_process *process, int signal_number)
{
        int r, sent = 0;

        if (signal_number < 0 || signal_number >= NSIG)
                return error_set(-STATUS_VALUE, "%d is no signal", signal_number);
        r = process_lock(process, "signal", false);
        if (r < 0)
                return r;
        if (!process->watch.ended)
                sent = watch_signal(&process->watch, signal_number);
        pthread_mutex_unlock(&process->lock);
        return sent < 0 ? error_set_errno(-STATUS_SYSTEM, "kill") : 0;
}

int mgr_process_terminate(mgr_process *process)
{
        return mgr_process_signal(process, SIGTERM);
}

int mgr_process_kill(mgr_process *process)
{
        return mgr_process_signal(process, SIGKILL);
}

int mgr_process_close(mgr_process *process)
{
        int r = process_begin(process);

        if (r == 0 && process_kin(process) == KIN_CHILD && atomic_load(&process->closed))
                return 0;
        if (r == 0)
                r = process_lock(process, "close", false);
        if (r < 0)
                return r;
        if (has_ended_locked(process)) {
                process->closed = true;
                close_if_unused(process);
        } else {
                r = error_set(-STATUS_VALUE,
                              "Cannot close a process while it is still running. You should first "
                              "call join() or terminate().");
        }
        pthread_mutex_unlock(&process->lock);
        if (r == 0)
                process_settle(process);
        return r;
}

/* --- what is known of it */

const char *mgr_process_name(const mgr_process *process)
{
        return !process ? "" : process->name ? process->name : "MainProcess";
}

int mgr_process_set_name(mgr_process *process, const char *name)
{
        char *copy;
        int r = process_begin(process);

        if (r < 0)
                return r;
        if (!name)
                return error_set(-STATUS_ASSERTION, "name must be a string");
        copy = strdup(name);
        if (!copy)
                return error_set_status(-STATUS_NOMEM);
        free(process->name);
        process->name = copy;
        return 0;
}

int mgr_process_pid(const mgr_process *process)
{
        int r = process_begin(process);

        if (r < 0)
                return r;
        if (atomic_load(&process->closed))
                return set_closed();
        return process_kin(process) == KIN_SELF ? getpid() : process->pid;
}

int mgr_process_is_daemon(const mgr_process *process)
{
        int r = process_begin(process);

        return r < 0 ? r : process->daemon;
}

int mgr_process_sentinel(const mgr_process *process)
{
        enum kin kin;
        int r = process_begin(process);

        if (r < 0)
                return r;
        if (atomic_load(&process->closed))
                return set_closed();
        kin = process_kin(process);
        if (kin == KIN_STRANGER)
                return error_set(-STATUS_ASSERTION, "can only test a child process");
        if (kin == KIN_SELF)
                return error_set(-STATUS_VALUE, "process not started");
        return process->watch.fd;
}

int mgr_process_authkey(const mgr_process *process, void *key)
{
        struct family_key *shared;
        int r = process_begin(process);

        if (r == 0 && !key)
                r = error_set_status(-STATUS_ARGUMENT);
        if (r == 0)
                r = family_key_get(process, &shared);
        if (r < 0)
                return r;
        memcpy(key, auth_key_bytes(shared->key).data, MGR_AUTHKEY_SIZE);
        family_key_unref(shared);
        return 0;
}

int mgr_process_set_authkey(mgr_process *process, const void *key)
{
        int r = process_begin(process);

        if (r == 0 && !key)
                r = error_set_status(-STATUS_ARGUMENT);
        return r < 0 ? r : family_key_set(process, span_of(key, MGR_AUTHKEY_SIZE));
}

/* --- the family */

mgr_process *mgr_current_process(void)
{
        return family_init() < 0 ? NULL : family_current();
}

mgr_process *mgr_parent_process(void)
{
        return family_init() < 0 ? NULL : family_parent();
}

size_t mgr_active_children(mgr_process **children, size_t n_room)
{
        return family_init() < 0 ? 0 : family_check(children, children ? n_room : 0);
}

int mgr_cpu_count(void)
{
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        return n > 0 ? (int)n : 1;
}
