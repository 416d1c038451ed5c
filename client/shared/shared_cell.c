/*
 * shared_cell - multiprocessing.Value: an array of one item in memory that processes share
 */
#include "client/call.h"
#include "client/error.h"
#include "client/shared/shared_block.h"

static const mgr_shared_array *array_of(const mgr_shared_cell *cell)
{
        return (const mgr_shared_array *)cell;
}

int mgr_shared_cell_new_value(char typecode, const mgr_value *value, unsigned flags,
                              mgr_shared_cell **cell)
{
        struct shared_block *block;
        uint64_t raw = 0;
        int r;

        r = call_check_out(cell);
        if (r == 0 && !value)
                r = error_set_status(-STATUS_ARGUMENT);
        if (r == 0)
                r = shared_block_new(typecode, 1, flags, &block);
        if (r < 0)
                return r;
        if (value->kind != MGR_KIND_NONE)
                r = item_from_value(block->type, value, &raw);
        if (r < 0) {
                shared_block_free(block);
                return r;
        }
        item_store(block->type, block->items, 0, raw);
        *cell = (mgr_shared_cell *)block;
        return 0;
}

void mgr_shared_cell_free(mgr_shared_cell *cell)
{
        shared_block_free((struct shared_block *)cell);
}

char mgr_shared_cell_typecode(const mgr_shared_cell *c)
{
        return mgr_shared_array_typecode(array_of(c));
}

void *mgr_shared_cell_data(const mgr_shared_cell *c)
{
        return mgr_shared_array_data(array_of(c));
}

int mgr_shared_cell_lock(const mgr_shared_cell *c, double timeout)
{
        return mgr_shared_array_lock(array_of(c), timeout);
}

int mgr_shared_cell_unlock(const mgr_shared_cell *c)
{
        return mgr_shared_array_unlock(array_of(c));
}

int mgr_shared_cell_get_value(const mgr_shared_cell *c, mgr_value *value)
{
        return mgr_shared_array_get_value(array_of(c), 0, value);
}

int mgr_shared_cell_get_int(const mgr_shared_cell *c, long long *item)
{
        return mgr_shared_array_get_int(array_of(c), 0, item);
}

int mgr_shared_cell_get_double(const mgr_shared_cell *c, double *item)
{
        return mgr_shared_array_get_double(array_of(c), 0, item);
}

int mgr_shared_cell_set_value(const mgr_shared_cell *c, const mgr_value *value)
{
        return mgr_shared_array_set_value(array_of(c), 0, value);
}

int mgr_shared_cell_set_int(const mgr_shared_cell *c, long long item)
{
        return mgr_shared_array_set_int(array_of(c), 0, item);
}

int mgr_shared_cell_set_double(const mgr_shared_cell *c, double item)
{
        return mgr_shared_array_set_double(array_of(c), 0, item);
}

int mgr_shared_cell_incr_value(const mgr_shared_cell *c, const mgr_value *delta, mgr_value *value)
{
        return mgr_shared_array_incr_value(array_of(c), 0, delta, value);
}

int mgr_shared_cell_compare_and_swap_value(const mgr_shared_cell *c, const mgr_value *expected,
                                           const mgr_value *desired)
{
        return mgr_shared_array_compare_and_swap_value(array_of(c), 0, expected, desired);
}
