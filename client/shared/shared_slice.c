/*
 * shared_slice - runs and slices of an array in shared memory
 *
 * Items cross the lock as they are; they are converted before or behind it.
 */
#include "client/call.h"
#include "client/error.h"
#include "client/shared/shared_block.h"
#include "client/shared/shared_content.h"

/* Every step-th item, n of them, beginning with `start`; a step may lead backwards. */
struct run {
        size_t start, n;
        int64_t step;
};

static size_t run_place(const struct run *run, size_t i)
{
        return run->start + (size_t)((int64_t)i * run->step);
}

/* Items out of the array; content has room for them. */
static int run_get(const struct shared_block *block, const struct run *run,
                   struct shared_content *content)
{
        int r = shared_block_enter(block);

        if (r < 0)
                return r;
        for (size_t i = 0; i < run->n; ++i)
                item_store(block->type, content->items, i,
                           item_load(block->type, block->items, run_place(run, i)));
        shared_block_leave(block);
        return 0;
}

static int run_set(const struct shared_block *block, const struct run *run,
                   const struct shared_content *content)
{
        int r = shared_block_enter(block);

        if (r < 0)
                return r;
        for (size_t i = 0; i < run->n; ++i)
                item_store(block->type, block->items, run_place(run, i),
                           item_load(block->type, content->items, i));
        shared_block_leave(block);
        return 0;
}

/* --- runs of C's items */

static int begin_reading(const mgr_shared_array *a, size_t start, const void *items, size_t n,
                         struct shared_content *content)
{
        const struct shared_block *block = shared_block_of(a);
        struct run run = { .start = start, .step = 1 };
        int r;

        if (!a || (n && !items))
                return error_set_status(-STATUS_ARGUMENT);
        if (start < block->n)
                run.n = block->n - start < n ? block->n - start : n;
        r = shared_content_init(content, block->type, run.n);
        return r < 0 ? r : run_get(block, &run, content);
}

int mgr_shared_array_read_ints(const mgr_shared_array *a, size_t start, long long *items, size_t n,
                               size_t *n_read)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        long long integer;
        int r;

        r = begin_reading(a, start, items, n, &content);
        /* twice, so that nothing is written where one of them does not fit */
        for (size_t i = 0; r == 0 && i < content.n; ++i)
                r = item_to_int(shared_block_of(a)->type,
                                item_load(shared_block_of(a)->type, content.items, i), &integer);
        for (size_t i = 0; r == 0 && i < content.n; ++i)
                r = item_to_int(shared_block_of(a)->type,
                                item_load(shared_block_of(a)->type, content.items, i), &items[i]);
        if (r == 0 && n_read)
                *n_read = content.n;
        return r;
}

int mgr_shared_array_read_doubles(const mgr_shared_array *a, size_t start, double *items, size_t n,
                                  size_t *n_read)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        int r;

        r = begin_reading(a, start, items, n, &content);
        for (size_t i = 0; r == 0 && i < content.n; ++i)
                r = item_to_double(shared_block_of(a)->type,
                                   item_load(shared_block_of(a)->type, content.items, i),
                                   &items[i]);
        if (r == 0 && n_read)
                *n_read = content.n;
        return r;
}

static int check_room(const mgr_shared_array *a, size_t start, size_t n)
{
        size_t length = mgr_shared_array_len(a);

        if (!a)
                return error_set_status(-STATUS_ARGUMENT);
        if (start > length || n > length - start)
                return error_set(-STATUS_INDEX, "%zu items from %zu on, of %zu", n, start, length);
        return 0;
}

static int finish_writing(int r, const mgr_shared_array *a, size_t start,
                          const struct shared_content *content)
{
        const struct run run = { .start = start, .n = content->n, .step = 1 };

        return r < 0 ? r : run_set(shared_block_of(a), &run, content);
}

int mgr_shared_array_write_ints(const mgr_shared_array *a, size_t start, const long long *items,
                                size_t n)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        int r;

        r = check_room(a, start, n);
        if (r == 0)
                r = shared_content_from_ints(&content, shared_block_of(a)->type, items, n);
        return finish_writing(r, a, start, &content);
}

int mgr_shared_array_write_doubles(const mgr_shared_array *a, size_t start, const double *items,
                                   size_t n)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        int r;

        r = check_room(a, start, n);
        if (r == 0)
                r = shared_content_from_doubles(&content, shared_block_of(a)->type, items, n);
        return finish_writing(r, a, start, &content);
}

/* --- slices */

/* A bound as Python clips it: to 0 … n, or, of a slice that leads backwards, -1 … n - 1. */
static int64_t clip(int64_t bound, int64_t n, bool backwards)
{
        if (bound < 0) {
                bound += n;
                return bound < 0 ? -(int64_t)backwards : bound;
        }
        return bound >= n ? n - backwards : bound;
}

/* Python's slice.indices(n). */
static int run_of_slice(mgr_slice slice, size_t length, struct run *run)
{
        int64_t n = (int64_t)length, step = slice.step == MGR_OMIT ? 1 : slice.step, start, stop;
        bool backwards = step < 0;

        if (step == 0)
                return error_set(-STATUS_VALUE, "slice step cannot be zero");
        start = slice.start == MGR_OMIT ? (backwards ? n - 1 : 0) : clip(slice.start, n, backwards);
        stop = slice.stop == MGR_OMIT ? (backwards ? -1 : n) : clip(slice.stop, n, backwards);
        *run = (struct run){ .start = (size_t)start, .step = step };
        if (!backwards && start < stop)
                run->n = (size_t)((stop - start - 1) / step + 1);
        if (backwards && stop < start)
                run->n = (size_t)((start - stop - 1) / -step + 1);
        return 0;
}

int mgr_shared_array_get_slice(const mgr_shared_array *a, mgr_slice slice, mgr_value *items)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        const struct shared_block *block = shared_block_of(a);
        struct run run;
        int r;

        if (!a || !items)
                return error_set_status(-STATUS_ARGUMENT);
        r = run_of_slice(slice, block->n, &run);
        if (r == 0)
                r = shared_content_init(&content, block->type, run.n);
        if (r == 0)
                r = run_get(block, &run, &content);
        return r < 0 ? r : shared_content_to_value(&content, block->type, items);
}

int mgr_shared_array_set_slice_value(const mgr_shared_array *a, mgr_slice slice,
                                     const mgr_value *value)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        const struct shared_block *block = shared_block_of(a);
        struct run run;
        int r;

        if (!a || !value)
                return error_set_status(-STATUS_ARGUMENT);
        r = run_of_slice(slice, block->n, &run);
        if (r == 0)
                r = shared_content_from_value(&content, block->type, value);
        if (r < 0)
                return r;
        if (content.n != run.n)
                return error_set(-STATUS_VALUE, "Can only assign sequence of same size");
        return run_set(block, &run, &content);
}
