/*
 * test_alloc_client - the client library where its k-th allocation fails, for every k
 *
 * Each step is done once without a failure. Then, for every k, everything is made anew, the
 * step is done while the k-th allocation fails, and it is looked at from a connection of its
 * own what became of the shared objects. A call has worked, or has failed with MGR_ENOMEM and
 * changed nothing, or with MGR_EUNKNOWN_OUTCOME. After that the step works. In the end as
 * many blocks and descriptors are there as before.
 *
 * With an argument only the steps whose name begins with it; with "+" before it, all
 * allocations from the k-th on fail.
 */
#include <dirent.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/client_steps.h"
#include "tests/lib/fail_alloc.h"

#define ROOM  4096
#define KEY   "supadupasecretkey"
#define TRIES 1000 /* of 1 ms, until a daemon is gone */

static struct {
        mgr_manager *manager; /* that looks on */
        mgr_dict *d;          /* the same objects as in a scene */
        mgr_list *l;
        mgr_set *s;
        mgr_namespace *n;
        mgr_cell *c;
        mgr_array *a;
        char directory[64]; /* where private daemons live */
        bool all_from;
        const char *step;
        uint64_t k;
} world;

/* --- complaints */

static void show_trace(void)
{
        void *trace[FAIL_ALLOC_DEPTH];
        int n = 0;

        while (n < FAIL_ALLOC_DEPTH && fail_alloc->trace[n]) {
                trace[n] = (void *)(uintptr_t)fail_alloc->trace[n];
                ++n;
        }
        fprintf(stderr, "the allocation that failed first (addr2line -fie PROGRAM +0x…):\n");
        backtrace_symbols_fd(trace, n, STDERR_FILENO);
}

static void complain(const char *what)
{
        fail_alloc->first = 0;
        fprintf(stderr, "%s, k = %ju: %s\n", world.step, (uintmax_t)world.k, what);
        show_trace();
        _exit(EXIT_FAILURE);
}

static void on_crash(int signum)
{
        signal(signum, SIG_DFL);
        complain(strsignal(signum));
}

static void check(bool condition, const char *what)
{
        if (!condition)
                complain(what);
}

static void check_call(int r, const char *what)
{
        char text[ROOM];

        if (r >= 0)
                return;
        snprintf(text, sizeof(text), "%s: %d: %s", what, r, mgr_errmsg());
        complain(text);
}

/* --- a scene */

/* Those that cannot be cleared as a whole. */
static void scene_fill_cells(struct scene *s, const mgr_list *inner)
{
        static const int items[] = { 1, 2, 3 };
        mgr_value array;

        mgr_namespace_delete(s->n, "new"); /* if it is there */
        check_call(mgr_namespace_set(s->n, "a", 1), "set");
        check_call(mgr_namespace_set(s->n, "text", TEXT), "set");
        check_call(mgr_namespace_set(s->n, "inner", inner), "set");
        check_call(mgr_cell_set(s->c, 1), "set");
        check_call(mgr_compose_array('i', items, 3, &array), "compose");
        check_call(mgr_array_set_slice(s->a, mgr_slice_of(0, MGR_OMIT), &array), "set slice");
        mgr_value_clear(&array);
}

static void scene_fill(struct scene *s)
{
        const mgr_value numbers[] = { mgr_int(1), mgr_int(2) };
        mgr_value list, tuple;
        mgr_list *inner;

        check_call(mgr_dict_clear(s->d), "clear");
        check_call(mgr_list_clear(s->l), "clear");
        check_call(mgr_list_new(s->m, &inner), "new");
        check_call(mgr_list_append(inner, 1), "append");
        check_call(mgr_compose(MGR_KIND_LIST, numbers, 2, &list), "compose");
        check_call(mgr_dict_set(s->d, "inner", inner), "set");
        check_call(mgr_dict_set(s->d, "list", &list), "set");
        check_call(mgr_dict_set(s->d, "a", 1), "set");
        check_call(mgr_dict_set(s->d, "text", TEXT), "set");
        check_call(mgr_list_append(s->l, 1), "append");
        check_call(mgr_list_append(s->l, TEXT), "append");
        check_call(mgr_list_append(s->l, &list), "append");
        check_call(mgr_list_append(s->l, inner), "append");
        check_call(mgr_set_clear(s->s), "clear");
        check_call(mgr_compose(MGR_KIND_TUPLE, numbers, 2, &tuple), "compose");
        check_call(mgr_set_add(s->s, 1), "add");
        check_call(mgr_set_add(s->s, TEXT), "add");
        check_call(mgr_set_add(s->s, &tuple), "add");
        check_call(mgr_set_add(s->s, inner), "add");
        scene_fill_cells(s, inner);
        mgr_value_clear(&tuple);
        mgr_value_clear(&list);
        mgr_list_free(inner);
}

static void scene_init(struct scene *s)
{
        mgr_options options = MGR_OPTIONS_INIT;

        options.authkey = KEY;
        options.authkey_size = strlen(KEY);
        *s = (struct scene){ .m = NULL };
        check_call(mgr_connect(&s->m, mgr_manager_address(world.manager), &options), "connect");
        check_call(mgr_dict_open(s->m, "d", &s->d), "open");
        check_call(mgr_list_open(s->m, "l", &s->l), "open");
        check_call(mgr_set_open(s->m, "s", &s->s), "open");
        check_call(mgr_namespace_open(s->m, "n", &s->n), "open");
        check_call(mgr_cell_open(s->m, "c", "i", 1, &s->c), "open");
        check_call(mgr_array_open_value(s->m, "a", 'i', NULL, &s->a), "open");
        scene_fill(s);
}

static void scene_deinit(struct scene *s)
{
        mgr_dict_free(s->d);
        mgr_list_free(s->l);
        mgr_set_free(s->s);
        mgr_namespace_free(s->n);
        mgr_cell_free(s->c);
        mgr_array_free(s->a);
        mgr_manager_free(s->m);
}

#define N_OBJECTS 6 /* that are looked at */

/* Its beginning; consumes the text. Returns where the next one goes. */
static char *look_at(char *to, mgr_value *text)
{
        int n = snprintf(to, ROOM / N_OBJECTS, "%.*s ", ROOM / N_OBJECTS - 2, mgr_cstr(text));

        mgr_value_clear(text);
        return to + n;
}

/* The objects as text, without idents. */
static void look(char state[ROOM])
{
        char *to = state;
        mgr_value text;

        check_call(mgr_dict_str(world.d, &text), "str");
        to = look_at(to, &text);
        check_call(mgr_list_str(world.l, &text), "str");
        to = look_at(to, &text);
        check_call(mgr_set_str(world.s, &text), "str");
        to = look_at(to, &text);
        check_call(mgr_namespace_str(world.n, &text), "str");
        to = look_at(to, &text);
        check_call(mgr_cell_str(world.c, &text), "str");
        to = look_at(to, &text);
        check_call(mgr_array_str(world.a, &text), "str");
        look_at(to, &text);
        for (char *at = state; (at = strstr(at, "0x")); ++at)
                for (char *digit = at + 2; strchr("0123456789abcdef", *digit) && *digit; ++digit)
                        *digit = '.';
}

/* --- what must not stay */

static int count_entries(const char *path)
{
        DIR *directory = opendir(path);
        int n = 0;

        check(directory != NULL, path);
        while (readdir(directory))
                ++n;
        closedir(directory);
        return n;
}

static int64_t n_live_settled(int n_descriptors)
{
        check(count_entries("/proc/self/fd") == n_descriptors, "a descriptor has stayed open");
        for (int i = 0; count_entries(world.directory) > 2; ++i) {
                check(i < TRIES, "a private daemon has left its directory");
                usleep(1000);
        }
        return fail_alloc->n_live;
}

/* --- the sweep */

static void arm(uint64_t k)
{
        fail_alloc->n_failed = 0;
        fail_alloc->n_calls = 0;
        fail_alloc->last = world.all_from ? UINT64_MAX : k;
        fail_alloc->first = k;
}

static void check_result(const struct step *step, int r, const char *state, const char *before,
                         const char *after)
{
        bool is_before = !strcmp(state, before), is_after = !strcmp(state, after);
        char text[2 * ROOM];

        snprintf(text, sizeof(text), "%d (%s): %s", r, mgr_errmsg(), state);
        if (step->flags & STEP_STARTS && (r == MGR_ESTART || r == MGR_ESYSTEM))
                r = MGR_ENOMEM;
        check(r >= 0 || r == MGR_ENOMEM || r == MGR_EUNKNOWN_OUTCOME, text);
        if (step->flags & STEP_BATCH)
                return;
        check(r >= 0 ? is_after : r == MGR_ENOMEM ? is_before : is_before || is_after, text);
}

/* Returns whether there was an allocation to fail. */
static bool sweep_one(const struct step *step, const char *after)
{
        char before[ROOM], state[ROOM];
        int n_descriptors = count_entries("/proc/self/fd");
        int64_t n_live = fail_alloc->n_live;
        struct scene scene;
        bool failed;
        int r;

        scene_init(&scene);
        look(before);
        arm(world.k);
        r = step->run(&scene);
        fail_alloc->first = 0;
        failed = fail_alloc->n_failed > 0;
        if (failed && r < 0)
                check(*mgr_errmsg() != '\0', "no message");
        look(state);
        check_result(step, r, state, before, after);

        scene_fill(&scene);
        if (r < 0)
                check_call(step->run(&scene), "once more");
        failed = failed || scene.failed_elsewhere;
        scene_deinit(&scene);
        check(n_live_settled(n_descriptors) == n_live, "blocks have stayed");
        return failed;
}

static uint64_t sweep(const struct step *step)
{
        char after[ROOM];
        struct scene scene;

        world.step = step->name;
        world.k = 0;
        scene_init(&scene);
        check_call(step->run(&scene), "without a failure");
        look(after);
        scene_deinit(&scene);
        do
                ++world.k;
        while (sweep_one(step, after));
        return world.k - 1;
}

static void sweep_all(const struct step *steps, size_t n_steps, const char *only)
{
        uint64_t n = 0;

        for (size_t i = 0; i < n_steps; ++i)
                if (!strncmp(steps[i].name, only, strlen(only)))
                        n += sweep(&steps[i]);
        printf("%ju allocations failed\n", (uintmax_t)n);
}

static void world_init(void)
{
        mgr_options options = MGR_OPTIONS_INIT;

        strcpy(world.directory, "/tmp/managerd-test-XXXXXX");
        check(mkdtemp(world.directory) != NULL, "mkdtemp");
        options.authkey = KEY;
        options.authkey_size = strlen(KEY);
        check_call(mgr_manager_start(&world.manager, &options), "start");
        check_call(mgr_dict_open(world.manager, "d", &world.d), "open");
        check_call(mgr_list_open(world.manager, "l", &world.l), "open");
        check_call(mgr_set_open(world.manager, "s", &world.s), "open");
        check_call(mgr_namespace_open(world.manager, "n", &world.n), "open");
        check_call(mgr_cell_open(world.manager, "c", "i", 1, &world.c), "open");
        check_call(mgr_array_open_value(world.manager, "a", 'i', NULL, &world.a), "open");
        setenv("XDG_RUNTIME_DIR", world.directory, 1);
}

static void world_deinit(void)
{
        mgr_dict_free(world.d);
        mgr_list_free(world.l);
        mgr_set_free(world.s);
        mgr_namespace_free(world.n);
        mgr_cell_free(world.c);
        mgr_array_free(world.a);
        mgr_manager_free(world.manager);
        rmdir(world.directory);
}

int main(int argc, char **argv)
{
        const char *only = argc > 1 ? argv[1] : "";

        if (!strcmp(only, SPAWNED_ROLE))
                return be_spawned();
        world.step = "start";
        signal(SIGSEGV, on_crash);
        signal(SIGABRT, on_crash);
        signal(SIGBUS, on_crash);
        if (*only == '+') {
                world.all_from = true;
                ++only;
        }
        world_init();
        sweep_all(container_steps, n_container_steps, only);
        sweep_all(set_steps, n_set_steps, only);
        sweep_all(cell_steps, n_cell_steps, only);
        sweep_all(sync_steps, n_sync_steps, only);
        sweep_all(process_steps, n_process_steps, only);
        sweep_all(shared_steps, n_shared_steps, only);
        sweep_all(calls_steps, n_calls_steps, only);
        sweep_all(pipe_steps, n_pipe_steps, only);
        sweep_all(pool_steps, n_pool_steps, only);
        sweep_all(served_steps, n_served_steps, only);
        sweep_all(other_steps, n_other_steps, only);
        world_deinit();
        return 0;
}
