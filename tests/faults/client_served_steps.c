/*
 * client_served_steps - a pool over queues while memory runs out: a client and its worker in one
 */
#include <string.h>

#include "tests/faults/client_steps.h"

#define NAME "steps"

static int same(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)n_args;
        *result = args[0];
        return 0;
}

static int fail(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args, (void)result;
        return mgr_raise(MGR_EVALUE, TEXT);
}

/* The worker's turn, until all is answered. What it leaves undone is the next one's. */
static int serve(struct scene *s, mgr_result *result)
{
        int r;

        while ((r = mgr_result_ready(result)) == 0) {
                r = mgr_pool_serve(s->m, NAME, 0, 0);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : 0;
}

static int with_pool(struct scene *s, int (*run)(struct scene *s, mgr_pool *pool))
{
        mgr_pool *pool;
        int r;

        r = mgr_function_register("same", same);
        if (r == 0)
                r = mgr_function_register("fail", fail);
        if (r == 0)
                r = mgr_pool_open(s->m, NAME, NULL, &pool);
        if (r < 0)
                return r;
        r = run(s, pool);
        mgr_pool_free(pool);
        return r;
}

static int apply_with(struct scene *s, mgr_pool *pool, mgr_callable function, const mgr_value *arg)
{
        mgr_result *result;
        mgr_value value;
        int r;

        r = mgr_pool_apply_async_of(pool, function, arg, 1, NULL, &result);
        if (r < 0)
                return r;
        r = serve(s, result);
        if (r == 0)
                r = mgr_result_get_value(result, 0, &value);
        if (r == 0)
                mgr_value_clear(&value);
        mgr_result_free(result);
        return r;
}

static int apply(struct scene *s, mgr_pool *pool)
{
        mgr_value text = mgr_str(TEXT), proxy = mgr_from_list(s->l);
        int r;

        r = apply_with(s, pool, mgr_callable_name("same"), &text);
        if (r == 0)
                r = apply_with(s, pool, mgr_callable_function(same), &proxy);
        if (r == 0)
                r = apply_with(s, pool, mgr_callable_name("fail"), &text);
        return r == MGR_EVALUE && strcmp(mgr_errmsg(), TEXT) == 0 ? 0 : r;
}

static int map(struct scene *s, mgr_pool *pool)
{
        const mgr_value items[] = { mgr_str(TEXT), mgr_int(1), mgr_from_list(s->l), mgr_int(2) };
        mgr_result *result;
        mgr_value list;
        int r;

        r = mgr_pool_map_async(pool, "same", items, 4, 3, NULL, &result);
        if (r < 0)
                return r;
        r = serve(s, result);
        if (r == 0)
                r = mgr_result_get_value(result, 0, &list);
        if (r == 0)
                mgr_value_clear(&list);
        mgr_result_free(result);
        return r;
}

static int served_apply(struct scene *s)
{
        return with_pool(s, apply);
}

static int served_map(struct scene *s)
{
        return with_pool(s, map);
}

const struct step served_steps[] = {
        { "served_apply", served_apply, 0 },
        { "served_map", served_map, 0 },
};

const size_t n_served_steps = sizeof(served_steps) / sizeof(served_steps[0]);
