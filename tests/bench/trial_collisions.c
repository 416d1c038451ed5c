/*
 * trial_collisions - what keys cost that were chosen to collide
 *
 * Keys that all have the same hash under HASH_JEN, uthash's default, next to as
 * many honest ones of the same length: set and get by batches, and a map of all
 * of them in one request, whose keys are checked to be distinct. What counts is
 * the daemon's CPU time. That the keys are an attack is shown with uthash itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "tests/bench/contender.h"
#include "tests/bench/managerd_client.h"
#include "tests/bench/trial.h"
#include "tests/lib/colliding.h"

#define COLLISIONS_MOST   1.5
#define COLLISIONS_ROUNDS 5
#define COLLISIONS_BATCH  1000

/* What is hashed: the packed key. bin 8, its length, and the bytes. */
#define KEY_SIZE COLLIDING_KEY_SIZE
#define KEY_HEAD 2

struct keys {
        uint8_t (*bytes)[KEY_SIZE];
        unsigned n;
};

static void keys_make(struct keys *keys, bool collide)
{
        struct draw draw;

        draw_init(&draw, 0);
        for (unsigned k = 0; k < keys->n; ++k) {
                uint8_t *key = keys->bytes[k];
                uint64_t random[3] = { draw_next(&draw), draw_next(&draw), draw_next(&draw) };

                colliding_packed(k, key);
                if (!collide)
                        memcpy(key + KEY_HEAD, random, KEY_SIZE - KEY_HEAD);
        }
}

static mgr_value key_value(const struct keys *keys, unsigned k)
{
        return mgr_bytes(keys->bytes[k] + KEY_HEAD, KEY_SIZE - KEY_HEAD);
}

/* --- the daemon */

struct cost {
        double set, get, map; /* seconds of CPU for all keys */
};

static int by_batches(struct managerd_server *server, mgr_dict *dict, const struct keys *keys,
                      bool set)
{
        const mgr_value one = mgr_int(1);
        mgr_batch *batch;
        int r;

        r = mgr_batch_new(server->manager, &batch);
        if (r < 0)
                return r;
        for (unsigned k = 0; r >= 0 && k < keys->n; ++k) {
                mgr_value key = key_value(keys, k);

                r = set ? mgr_batch_dict_set_value(batch, dict, &key, &one)
                        : mgr_batch_dict_get_value(batch, dict, &key);
                if (r >= 0 && ((k + 1) % COLLISIONS_BATCH == 0 || k + 1 == keys->n)) {
                        r = mgr_batch_run(batch);
                        mgr_batch_clear(batch);
                }
        }
        mgr_batch_free(batch);
        return r;
}

static int as_map(mgr_dict *dict, const struct keys *keys)
{
        const mgr_value one = mgr_int(1);
        mgr_builder *builder;
        mgr_value map;
        int r;

        r = mgr_builder_new(&builder);
        if (r < 0)
                return r;
        mgr_builder_begin(builder, MGR_KIND_DICT);
        for (unsigned k = 0; k < keys->n; ++k) {
                mgr_value key = key_value(keys, k);

                mgr_builder_add_value(builder, &key);
                mgr_builder_add_value(builder, &one);
        }
        mgr_builder_end(builder);
        r = mgr_builder_finish(builder, &map);
        if (r >= 0) {
                r = mgr_dict_update_value(dict, &map);
                mgr_value_clear(&map);
        }
        mgr_builder_free(builder);
        return r;
}

/* A dict of its own, which is gone when this returns. */
static int in_new_dict(struct managerd_server *server, const struct keys *keys, struct cost *cost)
{
        long long used = managerd_figure(server, "memory_used");
        pid_t pid = contender_managerd.pid(server);
        double begin = process_cpu(pid), set, got;
        mgr_dict *dict;
        size_t n = 0;
        int r;

        if (mgr_dict_new(server->manager, &dict) < 0)
                return -1;
        r = by_batches(server, dict, keys, true);
        set = process_cpu(pid);
        if (r >= 0)
                r = by_batches(server, dict, keys, false);
        got = process_cpu(pid);
        if (r >= 0)
                r = mgr_dict_clear(dict);
        if (r >= 0 && !managerd_settles(server, used + 4096))
                r = -1;
        if (r >= 0) {
                cost->set = set - begin;
                cost->get = got - set;
                begin = process_cpu(pid);
                r = as_map(dict, keys);
                cost->map = process_cpu(pid) - begin;
        }
        if (r >= 0)
                r = mgr_dict_len(dict, &n);
        mgr_dict_free(dict);
        if (r < 0 || n != keys->n || !managerd_settles(server, used)) {
                fprintf(stderr, "bench: collisions: %s\n", mgr_errmsg());
                return -1;
        }
        return 0;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(const double values[COLLISIONS_ROUNDS])
{
        double sorted[COLLISIONS_ROUNDS];

        memcpy(sorted, values, sizeof(sorted));
        qsort(sorted, COLLISIONS_ROUNDS, sizeof(sorted[0]), by_value);
        return sorted[COLLISIONS_ROUNDS / 2];
}

static int compare_costs(struct managerd_server *server, const struct keys *honest,
                         const struct keys *colliding, struct trial_rows *rows)
{
        static const char *const names[] = { "set", "get", "a key of a map in one request" };
        double ratios[3][COLLISIONS_ROUNDS], ns[3][COLLISIONS_ROUNDS];
        struct cost ours, theirs;

        for (unsigned round = 0; round < COLLISIONS_ROUNDS; ++round) {
                bool first = round % 2;

                if (in_new_dict(server, first ? colliding : honest, first ? &theirs : &ours) < 0 ||
                    in_new_dict(server, first ? honest : colliding, first ? &ours : &theirs) < 0)
                        return -1;
                ratios[0][round] = theirs.set / ours.set;
                ratios[1][round] = theirs.get / ours.get;
                ratios[2][round] = theirs.map / ours.map;
                ns[0][round] = ours.set / honest->n * 1e9;
                ns[1][round] = ours.get / honest->n * 1e9;
                ns[2][round] = ours.map / honest->n * 1e9;
        }
        for (unsigned i = 0; i < 3; ++i)
                trial_demand(rows, median(ratios[i]), "x", COLLISIONS_MOST,
                             "%u keys: %s (honest: %.0f ns of CPU)", honest->n, names[i],
                             median(ns[i]));
        return 0;
}

/* --- uthash as it comes: nothing is won by keys that do not collide there */

struct plain {
        UT_hash_handle hh;
};

static double plain_cost(const struct keys *keys)
{
        struct plain *items = calloc(keys->n, sizeof(*items)), *table = NULL;
        struct timespec begin, end;

        if (!items)
                return 0;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        for (unsigned k = 0; k < keys->n; ++k) {
                struct plain *item = NULL;

                HASH_FIND(hh, table, keys->bytes[k], KEY_SIZE, item);
                if (item)
                        continue;
                item = &items[k];
                HASH_ADD_KEYPTR(hh, table, keys->bytes[k], KEY_SIZE, item);
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        HASH_CLEAR(hh, table);
        free(items);
        return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

static int collisions_run(struct managerd_server *server, unsigned n, bool with_plain,
                          struct trial_rows *rows)
{
        struct keys honest = { calloc(n, KEY_SIZE), n }, colliding = { calloc(n, KEY_SIZE), n };
        int r = -1;

        if (honest.bytes && colliding.bytes) {
                keys_make(&honest, false);
                keys_make(&colliding, true);
                if (with_plain)
                        trial_tell(rows, plain_cost(&colliding) / plain_cost(&honest), "x",
                                   "%u keys: set in uthash as it comes, for comparison", n);
                r = compare_costs(server, &honest, &colliding, rows);
        }
        free(honest.bytes);
        free(colliding.bytes);
        return r;
}

int trial_collisions(const char *directory, bool quick, struct trial_rows *rows)
{
        void *server;
        int r;

        r = contender_managerd.start(directory, &server);
        if (r < 0)
                return r;
        r = collisions_run(server, quick ? 2000 : 20000, true, rows);
        if (r == 0 && !quick)
                r = collisions_run(server, 100000, false, rows);
        contender_managerd.stop(server);
        return r;
}
