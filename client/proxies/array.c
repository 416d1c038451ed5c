/*
 * array - proxies of Python's Array
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/common.h"
#include "client/proxies/slice.h"

/* --- coming and going */

static int array_create(mgr_manager *m, const char *name, char typecode, const mgr_value *content,
                        mgr_array **array)
{
        mgr_value args[2] = { mgr_strn(&typecode, 1) };
        mgr_proxy *proxy;
        int r;

        r = call_check_out(array);
        if (r < 0)
                return r;
        args[1] = content ? *content : mgr_bytes("", 0);
        r = proxy_create(m, "Array", name, args, 2, &proxy);
        if (r == 0)
                *array = (mgr_array *)proxy;
        return r;
}

int mgr_array_new_value(mgr_manager *m, char typecode, const mgr_value *content, mgr_array **array)
{
        return content ? array_create(m, NULL, typecode, content, array)
                       : error_set_status(-STATUS_ARGUMENT);
}

int mgr_array_open_value(mgr_manager *m, const char *name, char typecode, const mgr_value *content,
                         mgr_array **array)
{
        return name ? array_create(m, name, typecode, content, array)
                    : error_set_status(-STATUS_ARGUMENT);
}

/* Of C's items of another typecode, which the daemon converts. */
static int array_create_from(mgr_manager *m, char typecode, char from, const void *items, size_t n,
                             mgr_array **array)
{
        mgr_value content;
        int r;

        r = mgr_compose_array(from, items, n, &content);
        if (r < 0)
                return r;
        r = array_create(m, NULL, typecode, &content, array);
        mgr_value_clear(&content);
        return r;
}

_Static_assert(sizeof(long long) == sizeof(int64_t), "long long is an item of typecode q");

int mgr_array_new_ints(mgr_manager *m, char typecode, const long long *items, size_t n,
                       mgr_array **array)
{
        return array_create_from(m, typecode, 'q', items, n, array);
}

int mgr_array_new_doubles(mgr_manager *m, char typecode, const double *items, size_t n,
                          mgr_array **array)
{
        return array_create_from(m, typecode, 'd', items, n, array);
}

/* --- items */

static const struct method setitem = METHOD_WRITE("__setitem__");
static const struct method getitem = METHOD_READ("__getitem__");

static int array_get_at(const mgr_array *a, const mgr_value *key, mgr_value *out)
{
        return out ? call_method(mgr_array_proxy(a), &getitem, out, key) : call_check_out(out);
}

int mgr_array_set_value(const mgr_array *a, int64_t index, const mgr_value *value)
{
        mgr_value i = mgr_int(index);

        return call_method(mgr_array_proxy(a), &setitem, NULL, &i, value);
}

int mgr_array_get_value(const mgr_array *a, int64_t index, mgr_value *value)
{
        mgr_value i = mgr_int(index);

        return array_get_at(a, &i, value);
}

int mgr_array_len(const mgr_array *a, size_t *n)
{
        static const struct method method = METHOD_READ("__len__");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_plain(mgr_array_proxy(a), &method, &result);
        return call_result_count(r, &result, n);
}

/* --- slices */

int mgr_array_get_slice(const mgr_array *a, mgr_slice slice, mgr_value *array)
{
        uint8_t room[SLICE_ROOM];
        mgr_value key = slice_as_value(slice, room);

        return array_get_at(a, &key, array);
}

int mgr_array_set_slice_value(const mgr_array *a, mgr_slice slice, const mgr_value *array)
{
        uint8_t room[SLICE_ROOM];
        mgr_value key = slice_as_value(slice, room);

        return call_method(mgr_array_proxy(a), &setitem, NULL, &key, array);
}

/* The items from `start` on, n at most. */
static int array_get_run(const mgr_array *a, size_t start, size_t n, mgr_value *array)
{
        const size_t max = INT64_MAX;

        if (start > max)
                return error_set_status(-STATUS_ARGUMENT);
        return mgr_array_get_slice(
                a, mgr_slice_of((int64_t)start, (int64_t)(n < max - start ? start + n : max)),
                array);
}

int mgr_array_read_ints(const mgr_array *a, size_t start, long long *items, size_t n,
                        size_t *n_read)
{
        mgr_value array;
        int r;

        r = array_get_run(a, start, n, &array);
        if (r < 0)
                return r;
        r = mgr_value_read_ints(&array, 0, items, n, n_read);
        mgr_value_clear(&array);
        return r;
}

int mgr_array_read_doubles(const mgr_array *a, size_t start, double *items, size_t n,
                           size_t *n_read)
{
        mgr_value array;
        int r;

        r = array_get_run(a, start, n, &array);
        if (r < 0)
                return r;
        r = mgr_value_read_doubles(&array, 0, items, n, n_read);
        mgr_value_clear(&array);
        return r;
}

/* --- what Python's have not */

int mgr_array_incr_value(const mgr_array *a, int64_t index, const mgr_value *delta,
                         mgr_value *value)
{
        static const struct method method = METHOD_WRITE("incr");
        mgr_value i = mgr_int(index);

        return call_method(mgr_array_proxy(a), &method, value, &i, delta);
}

int mgr_array_compare_and_swap_value(const mgr_array *a, int64_t index, const mgr_value *expected,
                                     const mgr_value *desired)
{
        static const struct method method = METHOD_WRITE("compare_and_swap");
        mgr_value i = mgr_int(index), result;

        return call_result_bool(
                call_method(mgr_array_proxy(a), &method, &result, &i, expected, desired), &result);
}

int mgr_array_page(const mgr_array *a, uint64_t *start, size_t count, mgr_value *list)
{
        return common_page(mgr_array_proxy(a), start, count, list);
}
