/*
 * client_pool_steps - a pool at work while its memory runs out; that of its workers does not
 */
#include <stdint.h>
#include <string.h>

#include "tests/faults/client_steps.h"
#include "tests/lib/fail_alloc.h"

#define PATIENCE 30.0
#define N_ITEMS  20

static int disarm(void *arg)
{
        (void)arg;
        fail_alloc->first = 0;
        return 0;
}

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

static int with_pool(struct scene *s, int (*run)(struct scene *s, mgr_pool *pool))
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;
        int r;

        options.n_workers = 2;
        options.initializer = disarm;
        r = mgr_pool_new(&pool, &options);
        if (r < 0)
                return r;
        r = run(s, pool);
        if (r == 0)
                r = mgr_pool_close(pool);
        if (r == 0)
                r = mgr_pool_join(pool, PATIENCE);
        mgr_pool_free(pool);
        return r;
}

static int apply(struct scene *s, mgr_pool *pool)
{
        mgr_value value;
        int r;

        (void)s;
        r = mgr_pool_apply(pool, same, &value, TEXT);
        if (r == 0)
                mgr_value_clear(&value);
        if (r == 0)
                r = mgr_pool_apply(pool, fail, NULL, 1);
        return r == MGR_EVALUE && strcmp(mgr_errmsg(), TEXT) == 0 ? 0 : r;
}

static int apply_a_proxy(struct scene *s, mgr_pool *pool)
{
        mgr_value value;
        int r;

        r = mgr_pool_apply(pool, same, &value, s->l);
        if (r == 0)
                mgr_value_clear(&value);
        return r;
}

static int map(struct scene *s, mgr_pool *pool)
{
        mgr_value items[N_ITEMS], results[N_ITEMS];
        int r;

        (void)s;
        for (int i = 0; i < N_ITEMS; ++i)
                items[i] = i % 3 ? mgr_int(i) : mgr_str(TEXT);
        r = mgr_pool_map(pool, same, items, N_ITEMS, 3, results);
        for (int i = 0; r == 0 && i < N_ITEMS; ++i)
                mgr_value_clear(&results[i]);
        return r;
}

static void note(void *arg, const mgr_value *result)
{
        (void)result;
        *(int *)arg = 1;
}

static void note_failure(void *arg, int error, const char *message)
{
        (void)message;
        *(int *)arg = error;
}

static int map_async(struct scene *s, mgr_pool *pool)
{
        int noted = 0, r;
        mgr_callbacks callbacks = { note, note_failure, &noted };
        const mgr_value items[] = { mgr_str(TEXT), mgr_int(1), mgr_from_list(s->l) };
        mgr_result *result;
        mgr_value list;

        r = mgr_pool_map_async(pool, same, items, 3, 1, &callbacks, &result);
        if (r < 0)
                return r;
        r = mgr_result_get(result, PATIENCE, &list);
        if (r == 0)
                mgr_value_clear(&list);
        mgr_result_free(result);
        return r == 0 && noted < 0 ? noted : r;
}

static int next_item(void *arg, mgr_value *item)
{
        int *n = arg;

        if (*n == N_ITEMS)
                return 0;
        ++*n;
        return mgr_value_copy(MGR_IN(TEXT), item) < 0 ? MGR_ENOMEM : 1;
}

static int imap_of(mgr_pool *pool, bool unordered)
{
        mgr_value value;
        mgr_imap *imap;
        int n = 0, r, first = 0;

        r = unordered ? mgr_pool_imap_unordered(pool, same, next_item, &n, 2, &imap)
                      : mgr_pool_imap(pool, same, next_item, &n, 2, &imap);
        if (r < 0)
                return r;
        while ((r = mgr_imap_next(imap, PATIENCE, &value)) != 0) {
                if (r == 1)
                        mgr_value_clear(&value);
                else if (first == 0)
                        first = r;
                if (r < 0 && r != MGR_ENOMEM)
                        break;
        }
        mgr_imap_free(imap);
        return first;
}

static int imap(struct scene *s, mgr_pool *pool)
{
        (void)s;
        return imap_of(pool, false);
}

static int imap_unordered(struct scene *s, mgr_pool *pool)
{
        (void)s;
        return imap_of(pool, true);
}

#define STEP_POOL(name)                                                                            \
        static int pool_##name(struct scene *s)                                                    \
        {                                                                                          \
                return with_pool(s, name);                                                         \
        }

STEP_POOL(apply)
STEP_POOL(apply_a_proxy)
STEP_POOL(map)
STEP_POOL(map_async)
STEP_POOL(imap)
STEP_POOL(imap_unordered)

const struct step pool_steps[] = {
        { "pool_apply", pool_apply, 0 }, { "pool_apply_a_proxy", pool_apply_a_proxy, 0 },
        { "pool_map", pool_map, 0 },     { "pool_map_async", pool_map_async, 0 },
        { "pool_imap", pool_imap, 0 },   { "pool_imap_unordered", pool_imap_unordered, 0 },
};

const size_t n_pool_steps = sizeof(pool_steps) / sizeof(pool_steps[0]);
