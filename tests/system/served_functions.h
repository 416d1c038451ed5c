/*
 * served_functions - what workers of the tests' pools run, and programs that are such workers
 *
 * With the argument "worker" a test program is one, which knows of the daemon only its address and
 * key. Nothing sleeps: functions tell by events that they have begun, and wait for others.
 */
#pragma once

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/system/workers.h"

#define KEY "the key of the tests' daemon, 32 bytes"

/* --- what workers run */

static inline int square(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int64_t x = 0;
        int r;

        if (n_args != 1)
                return mgr_raise(MGR_ETYPE, "square() takes 1 argument");
        r = mgr_value_get_int(&args[0], &x);
        if (r == 0)
                *result = mgr_int(x * x);
        return r;
}

static inline int echo(const mgr_value *args, size_t n_args, mgr_value *result)
{
        if (n_args == 1)
                *result = args[0];
        else
                return mgr_compose(MGR_KIND_LIST, args, n_args, result);
        return 0;
}

/* refuse(message), as Python's raise ValueError(message) */
static inline int refuse(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)result;
        return mgr_raise(MGR_EVALUE, n_args ? mgr_cstr(&args[0]) : NULL);
}

/* An error that the daemon has raised: of a dict without the key. */
static inline int fail_there(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_dict *d;
        int r;

        if (n_args != 1 || mgr_value_dict(&args[0], &d) < 0)
                return MGR_ETYPE;
        r = mgr_dict_get(d, "missing", result);
        mgr_dict_free(d);
        return r;
}

static inline int fail_silently(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        *result = mgr_int((int64_t)n_args);
        return MGR_EINDEX;
}

static inline int fail_strangely(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        (void)result;
        return -1000 - (int)n_args;
}

static inline int return_more_than_0(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        *result = mgr_str("fine");
        return 1 + (int)n_args;
}

static inline int return_nonsense(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        (void)n_args;
        *result = mgr_strn("\xff\xfe", 2);
        return 0;
}

/* A list in a list, so many deep. */
static inline int nest(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int64_t depth;
        int r = 0;

        if (n_args != 1 || mgr_value_get_int(&args[0], &depth) < 0)
                return MGR_ETYPE;
        *result = mgr_int(0);
        while (r == 0 && depth-- > 0) {
                mgr_value inner = *result;

                r = mgr_compose(MGR_KIND_LIST, &inner, 1, result);
                mgr_value_clear(&inner);
        }
        return r;
}

/* A new list of the daemon's, that nobody has but the result. */
static mgr_manager *worker_manager;

static inline int new_list(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_list *l;
        mgr_value borrowed;
        int r;

        r = mgr_list_new(worker_manager, &l);
        for (size_t i = 0; r == 0 && i < n_args; ++i)
                r = mgr_list_append(l, &args[i]);
        if (r < 0)
                return r;
        borrowed = mgr_from_list(l);
        r = mgr_value_copy(&borrowed, result);
        mgr_list_free(l);
        return r;
}

/* meet(event of ours, event of theirs[, times in vain]): tells that it runs, and waits */
static inline int meet(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_event *begun = NULL, *go_on = NULL;
        int r;

        *result = mgr_int(getpid());
        if (n_args != 2 || mgr_value_event(&args[0], &begun) < 0 ||
            mgr_value_event(&args[1], &go_on) < 0)
                return MGR_ETYPE;
        r = mgr_event_set(begun);
        if (r == 0)
                r = mgr_event_wait(go_on, PATIENCE);
        mgr_event_free(begun);
        mgr_event_free(go_on);
        return r;
}

/* count_and_die(list, n): appends our pid, and dies, unless so many have done it */
static inline int count_and_die(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_list *l;
        size_t n = 0;
        int64_t enough;

        if (n_args != 2 || mgr_value_list(&args[0], &l) < 0 ||
            mgr_value_get_int(&args[1], &enough) < 0 || mgr_list_append(l, getpid()) < 0 ||
            mgr_list_len(l, &n) < 0)
                return MGR_ETYPE;
        mgr_list_free(l);
        if (n < (size_t)enough)
                kill(getpid(), SIGKILL);
        *result = mgr_uint(n);
        return 0;
}

static inline int unregistered(const mgr_value *args, size_t n_args, mgr_value *result)
{
        return echo(args, n_args, result);
}

static inline void register_all(void)
{
        static const struct {
                const char *name;
                mgr_function *function;
        } all[] = {
                { "square", square },
                { "echo", echo },
                { "refuse", refuse },
                { "fail_there", fail_there },
                { "fail_silently", fail_silently },
                { "fail_strangely", fail_strangely },
                { "return_more_than_0", return_more_than_0 },
                { "return_nonsense", return_nonsense },
                { "nest", nest },
                { "new_list", new_list },
                { "meet", meet },
                { "count_and_die", count_and_die },
        };

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); ++i)
                if (mgr_function_register(all[i].name, all[i].function) < 0)
                        abort();
}

/* --- the program that is a worker: "worker ADDRESS POOL MAX_TASKS KIND" */

static inline int worker_main(char **args)
{
        mgr_options options = MGR_OPTIONS_INIT;
        int r;

        options.authkey = KEY;
        options.authkey_size = strlen(KEY);
        if (!strcmp(args[3], "other"))
                mgr_function_register("other", echo);
        else
                register_all();
        r = mgr_connect(&worker_manager, args[0], &options);
        if (r == 0)
                r = mgr_pool_serve(worker_manager, args[1], strtoul(args[2], NULL, 10),
                                   MGR_FOREVER);
        mgr_manager_free(worker_manager);
        return r < 0 ? 64 - r : r;
}

#define WORKER_GONE (64 - MGR_EGONE)

/* Not by fork(), which would lend it references that it does not want. */
static inline pid_t start_program(const char *pool, unsigned max_tasks, const char *kind)
{
        char address[128], name[32], tasks[16], what[16];
        char worker[] = "worker";
        char *const argv[] = { worker, worker, address, name, tasks, what, NULL };
        extern char **environ;
        pid_t pid;

        snprintf(address, sizeof(address), "%s", mgr_manager_address(m));
        snprintf(name, sizeof(name), "%s", pool);
        snprintf(tasks, sizeof(tasks), "%u", max_tasks);
        snprintf(what, sizeof(what), "%s", kind);
        assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
        return pid;
}

static inline int serve_in_child(void *pool)
{
        worker_manager = m;
        return mgr_pool_serve(m, pool, 0, MGR_FOREVER) == 0 ? 0 : 1;
}

/* --- tests */

static inline int start_daemon(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;

        (void)state;
        options.authkey = KEY;
        options.authkey_size = strlen(KEY);
        if (mgr_manager_start(&m, &options) < 0) {
                print_error("%s\n", mgr_errmsg());
                return -1;
        }
        worker_manager = m;
        return 0;
}

static inline mgr_queue *tasks_of(const char *pool)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        char name[64];
        mgr_queue *q;

        options.redeliver = true;
        snprintf(name, sizeof(name), "pool:%s:tasks", pool);
        assert_done(mgr_queue_open(m, name, 0, &options, &q));
        return q;
}

/* Workers end once the queue is empty; the next test makes a new one. */
static inline void end_pool(const char *pool)
{
        mgr_queue *q = tasks_of(pool);
        char name[64];

        assert_done(mgr_queue_shutdown(q, false));
        mgr_queue_free(q);
        snprintf(name, sizeof(name), "pool:%s:tasks", pool);
        assert_yes(mgr_manager_unlink(m, name));
}
