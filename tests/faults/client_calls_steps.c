/*
 * client_calls_steps - calls in flight while memory runs out
 */
#include "tests/faults/client_steps.h"

/* Waits for a call, and gives both back; what it has become is what the step has. */
static int finish(mgr_calls *calls, mgr_call *call, mgr_value *result)
{
        int r = mgr_call_wait(call, 10);

        /* where that fails it is the end of the session that ends the call */
        mgr_calls_free(calls);
        if (r == 0 || r == MGR_ENOMEM)
                r = mgr_call_result(call, result);
        mgr_call_free(call);
        return r;
}

static int append(struct scene *s)
{
        const mgr_value item = mgr_str(TEXT);
        mgr_calls *calls;
        mgr_call *call;
        int r;

        r = mgr_calls_new(s->m, &calls);
        if (r < 0)
                return r;
        r = mgr_calls_start(calls, mgr_list_proxy(s->l), "append", &item, 1, NULL, NULL, &call);
        if (r == 0)
                return finish(calls, call, NULL);
        mgr_calls_free(calls);
        return r;
}

static int get_list(struct scene *s)
{
        const mgr_value key = mgr_str("list");
        mgr_value result;
        mgr_calls *calls;
        mgr_call *call;
        int r;

        r = mgr_calls_new(s->m, &calls);
        if (r < 0)
                return r;
        r = mgr_calls_start(calls, mgr_dict_proxy(s->d), "__getitem__", &key, 1, NULL, NULL, &call);
        if (r < 0) {
                mgr_calls_free(calls);
                return r;
        }
        r = finish(calls, call, &result);
        if (r == 0)
                mgr_value_clear(&result);
        return r;
}

static int get_nothing(struct scene *s)
{
        const mgr_value key = mgr_str("nothing");
        mgr_calls *calls;
        mgr_call *call;
        int r;

        r = mgr_calls_new(s->m, &calls);
        if (r < 0)
                return r;
        r = mgr_calls_start(calls, mgr_dict_proxy(s->d), "__getitem__", &key, 1, NULL, NULL, &call);
        if (r < 0) {
                mgr_calls_free(calls);
                return r;
        }
        r = finish(calls, call, NULL);
        return r == MGR_EKEY ? 0 : r;
}

struct counts {
        int n_done, error;
};

static void count(void *arg, int error, const mgr_value *result)
{
        struct counts *counts = arg;

        (void)result;
        ++counts->n_done;
        if (error < 0 && error != MGR_ECANCELLED)
                counts->error = error;
}

#define N_MANY 100 /* the table grows */

/* Starts gets that wait, cancels one of them, and puts lists and proxies. How many, or an error. */
static int start_many(struct scene *s, mgr_calls *calls, mgr_queue *q, struct counts *counts)
{
        const mgr_value proxy = mgr_from_list(s->l);
        mgr_call *call;
        int r, n = 0;

        r = mgr_calls_set_task(calls, "a task with a name that takes some memory");
        if (r == 0)
                r = mgr_calls_queue_get(calls, q, MGR_FOREVER, count, counts, &call);
        if (r < 0)
                return r;
        ++n;
        r = mgr_call_cancel(call);
        mgr_call_free(call);
        for (; r == 0 && n < N_MANY; ++n)
                r = mgr_calls_queue_get(calls, q, MGR_FOREVER, count, counts, NULL);
        for (; r == 0 && n < 2 * N_MANY; ++n)
                r = mgr_calls_queue_put_value(calls, q, &proxy, 0, count, counts, NULL);
        return r < 0 ? r : n;
}

/* Exactly once each, whatever happens. */
static int many(struct scene *s)
{
        struct counts counts = { 0 };
        mgr_calls *calls = NULL;
        mgr_queue *q;
        int r, n = 0;

        r = mgr_queue_new(s->m, 0, NULL, &q);
        if (r < 0)
                return r;
        r = mgr_calls_new(s->m, &calls);
        if (r == 0)
                r = n = start_many(s, calls, q, &counts);
        while (r >= 0 && mgr_calls_len(calls))
                r = mgr_calls_wait(calls, 10);
        mgr_calls_free(calls);
        mgr_queue_free(q);
        if (r >= 0 && counts.n_done != n)
                return MGR_EPROTOCOL; /* fails the test */
        return r < 0 ? r : counts.error;
}

const struct step calls_steps[] = {
        { "calls_append", append, STEP_CHANGES },
        { "calls_get_list", get_list, 0 },
        { "calls_get_nothing", get_nothing, 0 },
        { "calls_many", many, 0 },
};

const size_t n_calls_steps = sizeof(calls_steps) / sizeof(calls_steps[0]);
