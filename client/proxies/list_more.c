/*
 * list_more - proxies of lists: what Python's have not
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/common.h"
#include "client/proxies/waiting.h"
#include "proto/pack.h"

int mgr_list_incr_value(const mgr_list *l, int64_t index, const mgr_value *delta, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("incr");
        mgr_value i = mgr_int(index);

        return call_method(mgr_list_proxy(l), &method, value, &i, delta);
}

int mgr_list_compare_and_swap_value(const mgr_list *l, int64_t index, const mgr_value *expected,
                                    const mgr_value *desired)
{
        static const struct method method = METHOD_WRITE("compare_and_swap");
        mgr_value i = mgr_int(index), result;

        return call_result_bool(
                call_method(mgr_list_proxy(l), &method, &result, &i, expected, desired), &result);
}

int mgr_list_get_many(const mgr_list *l, const int64_t *indexes, size_t n, mgr_value *list)
{
        static const struct method method = METHOD_READ("get_many");
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        mgr_value wanted = mgr_none();

        if (!list || (n && !indexes))
                return error_set_status(-STATUS_ARGUMENT);
        pack_array(&packed, n);
        for (size_t i = 0; i < n; ++i)
                pack_int(&packed, indexes[i]);
        if (packed.failed)
                return error_set_status(packed.failed);
        wanted.kind = MGR_KIND_LIST;
        wanted.as.text.data = (const char *)packed.data;
        wanted.as.text.size = packed.size;
        return call_method(mgr_list_proxy(l), &method, list, &wanted);
}

int mgr_list_page(const mgr_list *l, uint64_t *start, size_t count, mgr_value *list)
{
        return common_page(mgr_list_proxy(l), start, count, list);
}

int mgr_list_take_value(const mgr_list *l, double timeout, mgr_value *value)
{
        return waiting_call(&waiting_list_take, mgr_list_proxy(l), NULL, timeout, value);
}
