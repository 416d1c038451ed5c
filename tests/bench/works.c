/*
 * works - the rows of the benchmark and what is demanded of them
 */
#include "tests/bench/works.h"

const struct work bench_works[] = {
        { .name = "mixed-1", .title = "get/set of short strings, 1 worker", .n_workers = 1 },
        { .name = "mixed-4", .title = "get/set of short strings, 4 workers", .n_workers = 4 },
        { .name = "mixed-16", .title = "get/set of short strings, 16 workers", .n_workers = 16 },
        { .name = "batch-100",
          .title = "get/set in batches of 100, 1 worker (latency of a batch)",
          .n_workers = 1,
          .batch = 100 },
        { .name = "map",
          .title = "map of 100,000 trivial tasks, 2 workers (tasks, latency of a map)",
          .n_workers = 2,
          .n_tasks = 100000 },
        { .name = "map-1000",
          .title = "map of 100,000 trivial tasks, 2 workers, chunks of 1,000",
          .n_workers = 2,
          .n_tasks = 100000,
          .chunk = 1000 },
        { .name = "map-100",
          .title = "map of 100,000 trivial tasks, 2 workers, chunks of 100",
          .n_workers = 2,
          .n_tasks = 100000,
          .chunk = 100 },
        {},
};

const struct target bench_targets[] = {
        { "mixed-1", "managerd", "redis", 0.9 },
        { "mixed-4", "managerd", "redis", 1.0 },
        { "mixed-16", "managerd", "redis", 1.0 },
        { "batch-100", "managerd", "redis", 3.0 },
        /* pools */
        { "map", "managerd", "python", 5.0 },
        { "map-1000", "managerd", "python", 5.0 },
        { "map-100", "managerd", "python", 5.0 },
        {},
};

const struct contender *const bench_contenders[] = {
        &contender_managerd,
        &contender_redis_hash,
        &contender_redis_string,
        &contender_python,
        &contender_bare_socket,
        &contender_bare_ring,
        NULL,
};
