/*
 * process_start - a child that runs a function
 *
 * By fork(), so that what pthread_atfork() promises is kept, and malloc() works in the child of a
 * program with threads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/private_fd.h"
#include "client/process/birth.h"
#include "client/process/family.h"
#include "client/thread.h"

int process_read_options(mgr_process_options *out, const mgr_process_options *given)
{
        int r;

        *out = (mgr_process_options)MGR_PROCESS_OPTIONS_INIT;
        r = arguments_read_options(out, sizeof(*out), given, "mgr_process_options");
        if (r < 0)
                return r;
        if (out->daemon < -1 || out->daemon > 1)
                return error_set(-STATUS_VALUE, "mgr_process_options.daemon is 1, 0 or -1, not %d",
                                 out->daemon);
        return 0;
}

/* --- in the child */

/* What was lent is claimed now, not at a first call that may come too late. */
static void connect_managers(void)
{
        /* nobody else is here, so the list stays as it is while no lock is held */
        for (mgr_manager *m = registry_first(); m; m = m->next) {
                struct connection *connection;

                if (m->refs.n == 0 || atomic_load(&m->closed))
                        continue;
                if (thread_check_out(m, &connection) == 0)
                        thread_check_in(connection);
        }
        error_clear();
}

static void child_enter(const struct birth *birth)
{
        mgr_process *process = birth->process, *parent = family_current();

        parent->pid = birth->parent_pid;
        parent->watch = (struct watch){ .pid = parent->pid, .fd = birth->parent, .is_pidfd = true };
        if (birth->parent < 0) {
                parent->watch.fd = birth->gate;
                parent->watch.is_pidfd = false;
        }
        process->watch = WATCH_NULL;
        process->leash = -1;
        family_enter(process);
        if (!birth_has_leash(birth))
                private_fd_close(birth->gate);
}

static _Noreturn void child_run(const struct birth *birth, mgr_target *target, void *arg)
{
        int code;

        if (!birth_wait(birth))
                _exit(EXIT_FAILURE);
        child_enter(birth);
        if (birth->process->daemon && birth_tie(birth) < 0)
                _exit(EXIT_FAILURE);
        connect_managers();
        code = target(arg);
        fflush(stdout);
        fflush(stderr);
        _exit(code & 0xff);
}

/* --- in the parent */

static int fork_child_process(struct birth *birth, mgr_target *target, void *arg)
{
        int kept[BIRTH_N_KEPT];
        pid_t pid;

        /* else what waits to be written is written twice */
        fflush(stdout);
        fflush(stderr);
        birth_kept(birth, kept);
        private_fd_keep(kept, BIRTH_N_KEPT);
        pid = fork();
        if (pid == 0)
                child_run(birth, target, arg);
        private_fd_keep(NULL, 0);
        return pid < 0 ? error_set_errno(-STATUS_SYSTEM, "fork") : birth_take(birth, pid);
}

int mgr_process_start(mgr_process **process, mgr_target *target, void *arg,
                      const mgr_process_options *options)
{
        struct birth birth = BIRTH_NULL;
        mgr_process_options o;
        mgr_process *child;
        int r;

        if (!process || !target)
                return error_set_status(-STATUS_ARGUMENT);
        *process = NULL;
        r = family_init();
        if (r == 0)
                r = process_read_options(&o, options);
        if (r < 0)
                return r;
        family_check(NULL, 0);
        r = family_new_child(&child, &o);
        if (r < 0)
                return r;
        r = birth_prepare(&birth, child);
        if (r == 0)
                r = fork_child_process(&birth, target, arg);
        if (r < 0) {
                birth_abort(&birth);
                mgr_process_free(child);
                return r;
        }
        birth_go(&birth);
        family_add(child); /* from here on another thread may see its end */
        *process = child;
        return 0;
}
