/*
 * pool - what the pool's system tests have in common
 */
#pragma once

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/system/client.h"

#define PATIENCE 60.0

/* Of those that the workers write to and the test reads. */
static inline void *shared_memory(size_t size)
{
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        assert_ptr_not_equal(memory, MAP_FAILED);
        return memory;
}

static inline mgr_pool *new_pool_of(size_t n_workers, size_t max_retries)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;

        options.n_workers = n_workers;
        options.max_retries = max_retries;
        assert_done(mgr_pool_new(&pool, &options));
        return pool;
}

static inline mgr_pool *new_pool(void)
{
        return new_pool_of(2, 0);
}

/* As every pool should end. */
static inline void end_pool(mgr_pool *pool)
{
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        mgr_pool_free(pool);
}

static inline mgr_value *new_range_of(size_t n)
{
        mgr_value *values = calloc(n ? n : 1, sizeof(*values));

        assert_non_null(values);
        for (size_t i = 0; i < n; ++i)
                values[i] = mgr_int((int64_t)i);
        return values;
}

static inline int square(const mgr_value *args, size_t n_args, mgr_value *result)
{
        if (n_args != 1)
                return mgr_raise(MGR_ETYPE, "square() takes 1 argument");
        *result = mgr_int(args[0].as.integer * args[0].as.integer);
        return 0;
}

static inline void assert_squares(const mgr_value *results, size_t n)
{
        for (size_t i = 0; i < n; ++i) {
                assert_int_equal(results[i].kind, MGR_KIND_INT);
                assert_int_equal(results[i].as.integer, i * i);
        }
}

/* --- what workers run */

static inline int same(const mgr_value *args, size_t n_args, mgr_value *result)
{
        if (n_args)
                *result = args[0];
        return 0;
}

static inline int add(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int64_t sum = 0;

        for (size_t i = 0; i < n_args; ++i)
                sum += args[i].as.integer;
        *result = mgr_int(sum);
        return 0;
}

static inline int odd_fails(const mgr_value *args, size_t n_args, mgr_value *result)
{
        char text[32];

        (void)n_args;
        if (args[0].as.integer % 2 == 0) {
                *result = args[0];
                return 0;
        }
        snprintf(text, sizeof(text), "%d is odd", (int)args[0].as.integer);
        return mgr_raise(MGR_EVALUE, text);
}

/* Waits for a byte in a pipe: in a worker, until the test lets it go on. */
static int gate[2];

static inline int wait_at_gate(const mgr_value *args, size_t n_args, mgr_value *result)
{
        char byte;

        while (read(gate[0], &byte, 1) < 0)
                ;
        return same(args, n_args, result);
}

static inline int gate_for_zero(const mgr_value *args, size_t n_args, mgr_value *result)
{
        return args[0].as.integer ? same(args, n_args, result) : wait_at_gate(args, n_args, result);
}

static inline void open_gate(size_t n)
{
        while (n--)
                assert_int_equal(write(gate[1], "", 1), 1);
}

static inline int make_gate(void **state)
{
        (void)state;
        return pipe(gate);
}

static inline int close_gate(void **state)
{
        (void)state;
        close(gate[0]);
        close(gate[1]);
        return 0;
}

/* --- items */

struct range {
        int64_t next, end;
        int fails_with;
        int64_t n_ahead; /* that may be asked for beyond what was read */
        int64_t n_read;
};

static inline int range_next(void *arg, mgr_value *item)
{
        struct range *range = arg;

        if (range->next == range->end)
                return range->fails_with ? mgr_raise(range->fails_with, "no more") : 0;
        if (range->n_ahead)
                assert_true(range->next - range->n_read < range->n_ahead);
        *item = mgr_int(range->next++);
        return 1;
}
