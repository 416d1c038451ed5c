/*
 * shared_array - multiprocessing.Array: numbers of one C type in memory that processes share
 */
#include "client/call.h"
#include "client/error.h"
#include "client/shared/shared_block.h"
#include "client/shared/shared_content.h"

/* --- coming and going */

/* Of content that is converted, or of what became of that. */
static int array_create(int r, char typecode, const struct shared_content *content, unsigned flags,
                        mgr_shared_array **array)
{
        struct shared_block *block = NULL;

        if (r == 0)
                r = call_check_out(array);
        if (r == 0)
                r = shared_block_new(typecode, content->n, flags, &block);
        if (r < 0)
                return r;
        if (content->items)
                memcpy(block->items, content->items, content->n * block->type->size);
        *array = (mgr_shared_array *)block;
        return 0;
}

int mgr_shared_array_new_ints(char typecode, const long long *items, size_t n, unsigned flags,
                              mgr_shared_array **array)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        const struct item_type *type = item_type_find(typecode);
        int r = type ? shared_content_from_ints(&content, type, items, n) : -STATUS_VALUE;

        return array_create(r, typecode, &content, flags, array);
}

int mgr_shared_array_new_doubles(char typecode, const double *items, size_t n, unsigned flags,
                                 mgr_shared_array **array)
{
        _shared_content_cleanup_ struct shared_content content = { NULL, 0 };
        const struct item_type *type = item_type_find(typecode);
        int r = type ? shared_content_from_doubles(&content, type, items, n) : -STATUS_VALUE;

        return array_create(r, typecode, &content, flags, array);
}

int mgr_shared_array_new_zeros(char typecode, size_t n, unsigned flags, mgr_shared_array **array)
{
        const struct shared_content zeros = { NULL, n };

        return array_create(0, typecode, &zeros, flags, array);
}

int mgr_shared_array_new_value(char typecode, const mgr_value *content, unsigned flags,
                               mgr_shared_array **array)
{
        _shared_content_cleanup_ struct shared_content items = { NULL, 0 };
        const struct item_type *type = item_type_find(typecode);
        int64_t n;
        int r;

        if (!type)
                return -STATUS_VALUE;
        if (!content)
                return error_set_status(-STATUS_ARGUMENT);
        if (content->kind != MGR_KIND_BOOL && content->kind != MGR_KIND_INT &&
            content->kind != MGR_KIND_UINT) {
                r = shared_content_from_value(&items, type, content);
                return array_create(r, typecode, &items, flags, array);
        }
        r = mgr_value_get_int(content, &n);
        if (r < 0)
                return r;
        if (n < 0)
                return error_set(-STATUS_VALUE, "Array length must be >= 0, not %jd", (intmax_t)n);
        return mgr_shared_array_new_zeros(typecode, (size_t)n, flags, array);
}

void mgr_shared_array_free(mgr_shared_array *array)
{
        shared_block_free(shared_block_of(array));
}

/* --- the whole */

size_t mgr_shared_array_len(const mgr_shared_array *a)
{
        return a ? shared_block_of(a)->n : 0;
}

char mgr_shared_array_typecode(const mgr_shared_array *a)
{
        return a ? shared_block_of(a)->type->typecode : '\0';
}

size_t mgr_shared_array_itemsize(const mgr_shared_array *a)
{
        return a ? shared_block_of(a)->type->size : 0;
}

void *mgr_shared_array_data(const mgr_shared_array *a)
{
        return a ? shared_block_of(a)->items : NULL;
}

int mgr_shared_array_lock(const mgr_shared_array *a, double timeout)
{
        return shared_block_lock(shared_block_of(a), timeout);
}

int mgr_shared_array_unlock(const mgr_shared_array *a)
{
        return shared_block_unlock(shared_block_of(a));
}

/* --- one item */

static int get_place(const mgr_shared_array *a, int64_t index, size_t *i)
{
        size_t n = mgr_shared_array_len(a);
        uint64_t place = index < 0 ? n + (uint64_t)index : (uint64_t)index;

        *i = 0;
        if (!a)
                return error_set_status(-STATUS_ARGUMENT);
        if (place >= n)
                return error_set(-STATUS_INDEX, "invalid index");
        *i = (size_t)place;
        return 0;
}

static int get_raw(const mgr_shared_array *a, int64_t index, const void *out, uint64_t *raw)
{
        size_t i;
        int r;

        r = call_check_out(out);
        if (r == 0)
                r = get_place(a, index, &i);
        return r < 0 ? r : shared_block_get(shared_block_of(a), i, raw);
}

int mgr_shared_array_get_value(const mgr_shared_array *a, int64_t index, mgr_value *value)
{
        uint64_t raw;
        int r = get_raw(a, index, value, &raw);

        return r < 0 ? r : item_to_value(shared_block_of(a)->type, raw, value);
}

int mgr_shared_array_get_int(const mgr_shared_array *a, int64_t index, long long *item)
{
        uint64_t raw;
        int r = get_raw(a, index, item, &raw);

        return r < 0 ? r : item_to_int(shared_block_of(a)->type, raw, item);
}

int mgr_shared_array_get_double(const mgr_shared_array *a, int64_t index, double *item)
{
        uint64_t raw;
        int r = get_raw(a, index, item, &raw);

        return r < 0 ? r : item_to_double(shared_block_of(a)->type, raw, item);
}

int mgr_shared_array_set_value(const mgr_shared_array *a, int64_t index, const mgr_value *value)
{
        uint64_t raw;
        size_t i;
        int r = get_place(a, index, &i);

        if (r == 0)
                r = value ? item_from_value(shared_block_of(a)->type, value, &raw)
                          : error_set_status(-STATUS_ARGUMENT);
        return r < 0 ? r : shared_block_set(shared_block_of(a), i, raw);
}

int mgr_shared_array_set_int(const mgr_shared_array *a, int64_t index, long long item)
{
        const mgr_value value = mgr_int(item);

        return mgr_shared_array_set_value(a, index, &value);
}

int mgr_shared_array_set_double(const mgr_shared_array *a, int64_t index, double item)
{
        const mgr_value value = mgr_float(item);

        return mgr_shared_array_set_value(a, index, &value);
}

int mgr_shared_array_incr_value(const mgr_shared_array *a, int64_t index, const mgr_value *delta,
                                mgr_value *value)
{
        size_t i;
        int r = get_place(a, index, &i);

        return r < 0 ? r : shared_block_incr(shared_block_of(a), i, delta, value);
}

int mgr_shared_array_compare_and_swap_value(const mgr_shared_array *a, int64_t index,
                                            const mgr_value *expected, const mgr_value *desired)
{
        size_t i;
        int r = get_place(a, index, &i);

        return r < 0 ? r : shared_block_compare_and_swap(shared_block_of(a), i, expected, desired);
}
