/*
 * managerd_map - a pool of the C library, which needs no daemon
 *
 * Next to Python's multiprocessing.Pool, see python_manager.py: the same function, the same
 * arguments, a list of results in the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/managerd_client.h"
#include "tests/bench/run.h"

struct managerd_map {
        mgr_pool *pool;
        mgr_value *items, *results;
        unsigned n_workers, n_items;
};

static int map_complain(const char *what)
{
        fprintf(stderr, "bench: managerd: %s: %s\n", what, mgr_errmsg());
        return -1;
}

static int square(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int64_t x;
        int r;

        (void)n_args;
        r = mgr_value_get_int(&args[0], &x);
        if (r == 0)
                *result = mgr_int(x * x);
        return r;
}

void managerd_map_end(struct managerd_server *server)
{
        struct managerd_map *map = server->map;

        if (!map)
                return;
        mgr_pool_free(map->pool);
        free(map->items);
        free(map->results);
        free(map);
        server->map = NULL;
}

static int map_begin(struct managerd_server *server, const struct work *work)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        struct managerd_map *map = server->map;

        if (map && map->n_workers == work->n_workers && map->n_items == work->n_tasks)
                return 0;
        managerd_map_end(server);
        map = server->map = calloc(1, sizeof(*map));
        if (!map)
                return -1;
        map->n_workers = work->n_workers;
        map->n_items = work->n_tasks;
        map->items = calloc(work->n_tasks, sizeof(*map->items));
        map->results = calloc(work->n_tasks, sizeof(*map->results));
        if (!map->items || !map->results)
                return -1;
        for (unsigned i = 0; i < work->n_tasks; ++i)
                map->items[i] = mgr_int(i);
        options.n_workers = work->n_workers;
        return mgr_pool_new(&map->pool, &options) < 0 ? map_complain("pool") : 0;
}

/* One map; where it is asked for, what came of it is looked at. */
static int map_once(struct managerd_map *map, unsigned chunk, bool check)
{
        bool right = true;

        if (mgr_pool_map(map->pool, square, map->items, map->n_items, chunk, map->results) < 0)
                return map_complain("map");
        for (unsigned i = 0; check && i < map->n_items; ++i)
                right &= map->results[i].as.integer == (int64_t)i * i;
        for (unsigned i = 0; i < map->n_items; ++i)
                mgr_value_clear(&map->results[i]);
        if (!right)
                fprintf(stderr, "bench: managerd: a wrong result of map\n");
        return right ? 0 : -1;
}

int managerd_map(void *data, const struct work *work, double seconds, struct outcome *out)
{
        struct managerd_server *server = data;
        uint64_t begin, end, before, after;

        if (map_begin(server, work) < 0 || map_once(server->map, work->chunk, true) < 0)
                return -1;
        begin = before = clock_now();
        end = begin + (uint64_t)(seconds * 1e9);
        while (before < end) {
                if (map_once(server->map, work->chunk, false) < 0)
                        return -1;
                after = clock_now();
                histogram_add(&out->latency, after - before, 1);
                out->n_calls += work->n_tasks;
                before = after;
        }
        out->seconds = (double)(before - begin) / 1e9;
        return 0;
}
