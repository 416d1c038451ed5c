/*
 * client_other_steps - managers, objects, values, batches, threads and children while
 * the client's memory runs out
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/client_steps.h"
#include "tests/lib/fail_alloc.h"

#define KEY     "supadupasecretkey"
#define N_ITEMS 30

/* --- managers */

static int start(struct scene *s)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *own = NULL;
        int r;

        (void)s;
        options.managerd = getenv("MANAGERD");
        r = mgr_manager_start(&own, &options);
        mgr_manager_free(own);
        return r;
}

static int connect_and_call(struct scene *s)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *other = NULL;
        int r;

        options.authkey = KEY;
        options.authkey_size = strlen(KEY);
        r = mgr_connect(&other, mgr_manager_address(s->m), &options);
        if (r == 0)
                r = mgr_manager_ping(other);
        mgr_manager_free(other);
        return r;
}

static int ask_manager(struct scene *s)
{
        mgr_value text;
        size_t n;
        int r = mgr_manager_ping(s->m);

        if (r == 0)
                r = mgr_manager_number_of_objects(s->m, &n);
        if (r == 0)
                r = mgr_manager_debug_info(s->m, &text);
        if (r < 0)
                return r;
        mgr_value_clear(&text);
        r = mgr_manager_call(s->m, "stats", NULL, 0, &text);
        if (r == 0)
                mgr_value_clear(&text);
        return r;
}

static int open_and_unlink(struct scene *s)
{
        mgr_dict *named;
        int r = mgr_dict_open(s->m, "a name", &named);

        if (r < 0)
                return r;
        mgr_dict_free(named);
        r = mgr_manager_unlink(s->m, "a name");
        return r;
}

/* --- objects */

static int new_dict(struct scene *s)
{
        mgr_dict *d;
        int r = mgr_dict_new(s->m, &d);

        if (r == 0)
                mgr_dict_free(d);
        return r;
}

static int new_proxies(struct scene *s)
{
        const mgr_value args[] = { mgr_str(TEXT) };
        mgr_proxy *proxy;
        mgr_value value;
        int r = mgr_proxy_new(s->m, "list", args, 1, &proxy);

        if (r < 0)
                return r;
        r = mgr_proxy_call(proxy, "append", args, 1, NULL);
        if (r == 0)
                r = mgr_proxy_value(proxy, &value);
        if (r == 0)
                mgr_value_clear(&value);
        mgr_proxy_free(proxy);
        return r;
}

/* More references than there is room for in the first table. */
static int many_objects(struct scene *s)
{
        mgr_list *lists[N_ITEMS] = { NULL };
        size_t n;
        int r = 0;

        for (int i = 0; i < N_ITEMS && r == 0; ++i)
                r = mgr_list_new(s->m, &lists[i]);
        for (int i = 0; i < N_ITEMS && r == 0; ++i)
                r = mgr_list_len(lists[i], &n);
        for (int i = 0; i < N_ITEMS; ++i)
                mgr_list_free(lists[i]);
        return r < 0 ? r : mgr_manager_ping(s->m);
}

static int nested_proxies(struct scene *s)
{
        mgr_value value, text;
        mgr_list *inner;
        int r;

        r = mgr_dict_get(s->d, "inner", &value);
        if (r < 0)
                return r;
        r = mgr_value_list(&value, &inner);
        mgr_value_clear(&value);
        if (r < 0)
                return r;
        r = mgr_list_str(inner, &text);
        if (r == 0)
                mgr_value_clear(&text);
        mgr_list_free(inner);
        return r;
}

/* --- queues: of one's own, as a whole */

static int look_into_queue(const mgr_queue *q)
{
        uint64_t start = 0;
        mgr_value value;
        size_t n;
        int r = mgr_queue_in_flight(q, &start, 10, &value);

        if (r < 0)
                return r;
        mgr_value_clear(&value);
        start = 0;
        r = mgr_queue_page(q, &start, 10, &value);
        if (r < 0)
                return r;
        mgr_value_clear(&value);
        r = mgr_queue_str(q, &value);
        if (r < 0)
                return r;
        mgr_value_clear(&value);
        r = mgr_queue_qsize(q, &n);
        return r < 0 ? r : mgr_queue_empty(q);
}

static int use_queue(const struct scene *s, const mgr_queue *q)
{
        const mgr_value items[] = { mgr_str(TEXT), mgr_from_list(s->l), mgr_str(TEXT) };
        mgr_value value;
        uint64_t n;
        int r = mgr_queue_put(q, TEXT, 0);

        if (r == 0)
                r = mgr_queue_put_many(q, items, 3, MGR_FOREVER);
        if (r == 0)
                r = mgr_queue_get(q, 0, &value);
        if (r < 0)
                return r;
        mgr_value_clear(&value);
        r = mgr_queue_get_delivery(q, MGR_FOREVER, &value, &n);
        if (r < 0)
                return r;
        mgr_value_clear(&value);
        r = mgr_queue_task_done(q);
        if (r == 0)
                r = look_into_queue(q);
        if (r >= 0)
                r = mgr_queue_get_many(q, 9, 1, &value);
        if (r < 0)
                return r;
        mgr_value_clear(&value);
        r = mgr_queue_get(q, 0, NULL);
        return r == MGR_EEMPTY ? mgr_queue_shutdown(q, true) : r;
}

static int queue(struct scene *s)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        mgr_queue *q;
        int r;

        options.redeliver = true;
        options.max_deliveries = 3;
        r = mgr_queue_new(s->m, 0, &options, &q);
        if (r < 0)
                return r;
        r = use_queue(s, q);
        mgr_queue_free(q);
        return r < 0 ? r : mgr_manager_ping(s->m);
}

/* --- errors */

static int errors(struct scene *s)
{
        mgr_value tuple, value;
        mgr_value few[] = { mgr_str(TEXT), mgr_int(1) };
        int r = mgr_compose(MGR_KIND_TUPLE, few, 2, &tuple);

        if (r < 0)
                return r;
        r = mgr_dict_get_value(s->d, &tuple, &value);
        mgr_value_clear(&tuple);
        if (r != MGR_EKEY)
                return r;
        if (!*mgr_errmsg())
                abort();
        r = mgr_error_value(&value);
        if (r == 0)
                mgr_value_clear(&value);
        return r;
}

static int refusals(struct scene *s)
{
        int r = mgr_proxy_call(mgr_dict_proxy(s->d), TEXT, NULL, 0, NULL);

        if (r == MGR_ENO_METHOD)
                r = mgr_list_remove(s->l, "none");
        return r == MGR_EVALUE && *mgr_errmsg() ? 0 : r;
}

/* --- values */

static int build(struct scene *s)
{
        mgr_builder *b;
        mgr_value value;
        int r = mgr_builder_new(&b);

        if (r < 0)
                return r;
        mgr_builder_begin(b, MGR_KIND_DICT);
        mgr_builder_add(b, TEXT);
        mgr_builder_begin(b, MGR_KIND_LIST);
        mgr_builder_begin(b, MGR_KIND_SET);
        for (int i = 0; i < N_ITEMS; ++i)
                mgr_builder_add(b, i);
        mgr_builder_end(b);
        mgr_builder_add(b, s->d);
        mgr_builder_end(b);
        mgr_builder_end(b);
        r = mgr_builder_finish(b, &value);
        if (r == 0)
                mgr_value_clear(&value);
        mgr_builder_free(b);
        return r;
}

/* With value and other composed by the caller. */
static int handle(const mgr_value *value, const mgr_value *other)
{
        mgr_value copy, text, packed, back;
        int r = mgr_value_copy(value, &copy);

        if (r < 0)
                return r;
        r = mgr_value_equal(&copy, other);
        mgr_value_clear(&copy);
        if (r < 0)
                return r;
        r = mgr_value_repr(value, &text);
        if (r < 0)
                return r;
        mgr_value_clear(&text);
        r = mgr_value_str(value, &text);
        if (r < 0)
                return r;
        mgr_value_clear(&text);
        r = mgr_value_pack(value, &packed);
        if (r < 0)
                return r;
        r = mgr_value_unpack(packed.as.text.data, packed.as.text.size, &back);
        mgr_value_clear(&packed);
        if (r == 0)
                mgr_value_clear(&back);
        return r;
}

static int handle_values(struct scene *s)
{
        mgr_value numbers[N_ITEMS], set, dict, element;
        int r;

        (void)s;
        for (int i = 0; i < N_ITEMS; ++i)
                numbers[i] = mgr_int(i * 1000);
        r = mgr_compose(MGR_KIND_FROZENSET, numbers, N_ITEMS, &set);
        if (r < 0)
                return r;
        r = mgr_compose(MGR_KIND_DICT, (mgr_value[]){ set, set, mgr_str(TEXT), set }, 2, &dict);
        if (r == 0) {
                r = mgr_value_find(&dict, &set, &element);
                if (r >= 0)
                        r = handle(&dict, &set);
                if (r >= 0)
                        r = handle(&set, &set);
                mgr_value_clear(&dict);
        }
        mgr_value_clear(&set);
        return r;
}

/* --- batches */

static int batch_read_all(mgr_batch *b)
{
        mgr_value value;
        int r = 0;

        for (size_t i = 0; i < mgr_batch_len(b) && r == 0; ++i) {
                r = mgr_batch_result(b, i, &value);
                if (r == MGR_EKEY)
                        r = 0;
        }
        return r;
}

static int batch_fill(mgr_batch *b, struct scene *s)
{
        const mgr_value too_many[10] = { mgr_str("a") };
        int r = 0;

        for (int i = 0; i < N_ITEMS && r == 0; ++i) {
                r = mgr_batch_list_append(b, s->l, TEXT);
                if (r == 0)
                        r = mgr_batch_dict_get(b, s->d, i % 2 ? "none" : "list");
        }
        if (r == 0)
                r = mgr_batch_dict_get(b, s->d, "inner");
        if (r == 0)
                r = mgr_batch_call(b, mgr_dict_proxy(s->d), "get", too_many, 10);
        return r;
}

/* Of the calls that were told to have worked, each has; of the others, those that may have. */
static void batch_check(mgr_batch *b, struct scene *s, size_t before)
{
        size_t n_done = 0, n_unknown = 0, now;
        int r;

        for (size_t i = 0; i < 2 * N_ITEMS; i += 2) {
                r = mgr_batch_result(b, i, NULL);
                n_done += r == 0;
                n_unknown += r == MGR_EUNKNOWN_OUTCOME;
        }
        if (mgr_list_len(s->l, &now) < 0 || now < before + n_done ||
            now > before + n_done + n_unknown)
                abort();
}

static int batch(struct scene *s)
{
        mgr_batch *b;
        size_t before;
        int r = mgr_list_len(s->l, &before);

        if (r == 0)
                r = mgr_batch_new(s->m, &b);
        if (r < 0)
                return r;
        r = batch_fill(b, s);
        if (r == 0) {
                r = mgr_batch_run(b);
                fail_alloc->first = r < 0 ? 0 : (uint64_t)fail_alloc->first;
                if (r < 0)
                        batch_check(b, s, before);
                else
                        r = batch_read_all(b);
        }
        mgr_batch_free(b);
        return r == MGR_ETYPE ? 0 : r; /* the call with too many arguments */
}

/* --- threads and children */

static void *set_in_thread(void *data)
{
        struct scene *s = data;

        return (void *)(intptr_t)mgr_dict_set(s->d, "new", TEXT);
}

static int thread(struct scene *s)
{
        pthread_t id;
        void *r;

        if (pthread_create(&id, NULL, set_in_thread, s))
                return MGR_ENOMEM;
        pthread_join(id, &r);
        return (int)(intptr_t)r;
}

/* What a child makes of what its parent has: 0, or what is wrong. */
static int child(struct scene *s)
{
        int r = mgr_dict_set(s->d, "new", TEXT);

        fail_alloc->first = 0;
        if (r < 0 && r != MGR_ENOMEM && r != MGR_EUNKNOWN_OUTCOME)
                return 2;
        if (r < 0 && mgr_dict_set(s->d, "new", TEXT) < 0)
                return 4;
        return 0;
}

static int fork_child(struct scene *s)
{
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                status = child(s);
                _exit(status | (fail_alloc->n_failed ? 1 : 0));
        }
        if (pid < 0)
                return MGR_ENOMEM;
        waitpid(pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) & ~1)
                abort();
        s->failed_elsewhere = WEXITSTATUS(status);
        return mgr_list_contains(s->l, TEXT);
}

/* --- all of them */

const struct step other_steps[] = {
        { "start", start, STEP_STARTS },
        { "connect", connect_and_call, 0 },
        { "ask_manager", ask_manager, 0 },
        { "open_and_unlink", open_and_unlink, 0 },
        { "new_dict", new_dict, 0 },
        { "new_proxies", new_proxies, 0 },
        { "many_objects", many_objects, 0 },
        { "nested_proxies", nested_proxies, 0 },
        { "queue", queue, 0 },
        { "errors", errors, 0 },
        { "refusals", refusals, 0 },
        { "build", build, 0 },
        { "handle_values", handle_values, 0 },
        { "batch", batch, STEP_BATCH },
        { "thread", thread, STEP_CHANGES },
        { "fork_child", fork_child, STEP_CHANGES },
};

const size_t n_other_steps = sizeof(other_steps) / sizeof(other_steps[0]);
