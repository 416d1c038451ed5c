/*
 * trial_memory - what a large dict takes, next to Redis' hash
 *
 * The same keys and values into one dict and into one hash, each in a server
 * that was started for it. What counts is how much the server's resident memory
 * grows. Redis moves its hash to a larger table a little at each access: gets
 * after the last set let it finish, and release the old one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/contender.h"
#include "tests/bench/trial.h"

#define MEMORY_MOST  1.25
#define MEMORY_BATCH 1000

struct memory_batch {
        struct call calls[MEMORY_BATCH];
        char keys[MEMORY_BATCH][24];
        char values[MEMORY_BATCH][24];
};

static void batch_prepare(struct memory_batch *batch, enum call_kind kind, unsigned first)
{
        for (unsigned i = 0; i < MEMORY_BATCH; ++i) {
                struct call *call = &batch->calls[i];

                *call = (struct call){ .kind = kind,
                                       .key = batch->keys[i],
                                       .value = batch->values[i] };
                call->key_size = (size_t)sprintf(batch->keys[i], "key:%07u", first + i);
                call->value_size = (size_t)sprintf(batch->values[i], "value:%07u", first + i);
        }
}

static int memory_run(const struct contender *contender, void *client, enum call_kind kind,
                      unsigned n)
{
        struct memory_batch *batch = malloc(sizeof(*batch));
        int r = batch ? 0 : -1;

        for (unsigned done = 0; r == 0 && done < n; done += MEMORY_BATCH) {
                batch_prepare(batch, kind, done);
                r = contender->batch(client, batch->calls, MEMORY_BATCH);
        }
        free(batch);
        return r;
}

/* Bytes that the server grows by for each of n entries; 0 where it is not there, negative: failed.
 */
static double memory_measure(const struct contender *contender, const char *directory, unsigned n)
{
        void *server, *client;
        size_t before, after;
        double bytes = -1;
        int r;

        r = contender->start(directory, &server);
        if (r)
                return r < 0 ? -1 : 0;
        if (contender->open(server, 0, &client) < 0) {
                contender->stop(server);
                return -1;
        }
        before = process_memory(contender->pid(server));
        if (before && memory_run(contender, client, CALL_SET, n) == 0 &&
            memory_run(contender, client, CALL_GET, n / 5) == 0) {
                after = process_memory(contender->pid(server));
                bytes = ((double)after - (double)before) / n;
        }
        contender->close(client);
        contender->stop(server);
        return bytes;
}

static int memory_compare(const char *directory, unsigned n, double most, struct trial_rows *rows)
{
        double ours = memory_measure(&contender_managerd, directory, n);
        double theirs = memory_measure(&contender_redis_hash, directory, n);

        if (ours <= 0 || theirs < 0)
                return -1;
        trial_tell(rows, ours, "bytes an entry", "managerd, %u entries in a dict", n);
        if (theirs <= 0)
                return 0;
        trial_tell(rows, theirs, "bytes an entry", "Redis, %u entries in a hash", n);
        if (most > 0)
                trial_demand(rows, ours / theirs, "", most, "managerd / Redis");
        else
                trial_tell(rows, ours / theirs, "", "managerd / Redis");
        return 0;
}

int trial_memory(const char *directory, bool quick, struct trial_rows *rows)
{
        return memory_compare(directory, quick ? 100000 : 1000000, MEMORY_MOST, rows);
}

int trial_memory_large(const char *directory, bool quick, struct trial_rows *rows)
{
        return memory_compare(directory, quick ? 100000 : 10000000, 0, rows);
}
