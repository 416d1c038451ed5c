/*
 * client_process_steps - processes that are started and spawned while memory runs out
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/faults/client_steps.h"
#include "tests/lib/fail_alloc.h"

#define PATIENCE  30.0
#define ENDS_WITH 17

/* Waits for the end; aborts where it is another than expected. Gives the handle back. */
static void finish(mgr_process *p)
{
        uint64_t first = fail_alloc->first;
        int code;

        fail_alloc->first = 0;
        if (mgr_process_join(p, PATIENCE) < 0 || mgr_process_exitcode(p, &code) != 1 ||
            code != ENDS_WITH)
                abort();
        mgr_process_free(p);
        fail_alloc->first = first;
}

/* --- started */

static int set_in_child(void *arg)
{
        const struct scene *s = arg;

        fail_alloc->first = 0;
        return mgr_dict_set(s->d, "new", TEXT) < 0 ? 1 : ENDS_WITH;
}

/* Where it fails there was no child, for nothing is changed. */
static int start_one(struct scene *s, int daemon)
{
        mgr_process_options options = MGR_PROCESS_OPTIONS_INIT;
        mgr_process *p;
        int r;

        options.name = TEXT;
        options.daemon = daemon;
        r = mgr_process_start(&p, set_in_child, s, &options);
        if (r < 0)
                return r;
        finish(p);
        return 0;
}

static int start_child(struct scene *s)
{
        return start_one(s, 0);
}

static int start_daemon(struct scene *s)
{
        return start_one(s, 1);
}

/* --- oneself */

static int be_named(struct scene *s)
{
        mgr_process *self = mgr_current_process();
        unsigned char key[MGR_AUTHKEY_SIZE];
        int r = mgr_process_set_name(self, TEXT);

        (void)s;
        if (r == 0)
                r = mgr_process_authkey(self, key);
        if (r == 0)
                r = mgr_process_set_authkey(self, key);
        return r;
}

/* --- spawned */

static int spawn_child(struct scene *s)
{
        char name[] = "test_alloc_client", role[] = SPAWNED_ROLE;
        char *argv[] = { name, role, NULL };
        const mgr_value items[] = { mgr_from_dict(s->d), mgr_from_list(s->l), mgr_str(TEXT) };
        mgr_value args;
        mgr_process *p;
        int r = mgr_compose(MGR_KIND_LIST, items, 3, &args);

        if (r < 0)
                return r;
        r = mgr_process_spawn(&p, NULL, argv, s->m, &args, NULL);
        mgr_value_clear(&args);
        if (r < 0)
                return r;
        finish(p);
        return 0;
}

/*
 * Whatever fails, it can be tried again, until nothing does. Returns how often it failed, or -1:
 * not as it should, or each time something stayed. (Once the process has been made, it stays.)
 */
static int take_in_the_end(mgr_manager **m, mgr_value *args)
{
        int r = 0, n_failed = 0, n_grown = 0;

        while (r != 1) {
                int64_t n_live = fail_alloc->n_live;

                fail_alloc->n_calls = 0;
                fail_alloc->last = (uint64_t)n_failed + 1;
                fail_alloc->first = (uint64_t)n_failed + 1;
                r = mgr_spawned(m, args);
                fail_alloc->first = 0;
                if (r == 1)
                        break;
                ++n_failed;
                n_grown += fail_alloc->n_live > n_live;
                if (r != MGR_ENOMEM || *m || args->kind != MGR_KIND_NONE || n_grown > 3) {
                        fprintf(stderr, "spawned, k = %d: %d: %s\n", n_failed, r, mgr_errmsg());
                        return -1;
                }
        }
        return n_failed;
}

int be_spawned(void)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_value args, first;
        mgr_manager *m;
        mgr_dict *d;

        /* the library is ready, and nothing else has been read */
        options.authkey = "key";
        options.authkey_size = 3;
        if (mgr_connect(&m, "/nonexistent", &options) != MGR_ECONNECT)
                return EXIT_FAILURE;
        if (take_in_the_end(&m, &args) <= 0 || mgr_value_at(&args, 0, &first) < 0 ||
            mgr_value_dict(&first, &d) < 0 || mgr_dict_set(d, "new", TEXT) < 0)
                return EXIT_FAILURE;
        mgr_value_clear(&args);
        mgr_dict_free(d);
        mgr_manager_free(m);
        return ENDS_WITH;
}

const struct step process_steps[] = {
        { "start_child", start_child, STEP_CHANGES },
        { "start_daemon", start_daemon, STEP_CHANGES },
        { "be_named", be_named, 0 },
        { "spawn_child", spawn_child, STEP_CHANGES },
};

const size_t n_process_steps = sizeof(process_steps) / sizeof(process_steps[0]);
