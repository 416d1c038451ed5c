/*
 * common - methods that several types have
 */
#include "client/proxies/common.h"

#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "proto/pack.h"

/* Without `expected` there is an argument left out in the middle: the last one goes by its name. */
int common_compare_and_swap(const struct mgr_proxy *proxy, const mgr_value *key,
                            const mgr_value *expected, const mgr_value *desired)
{
        static const struct method method = METHOD_WRITE("compare_and_swap");
        _buffer_cleanup_ struct buffer kwds = BUFFER_NULL;
        const mgr_value *const args[] = { key, expected, desired };
        struct call call = { .method = &method, .args = args };
        mgr_value result;

        if (!proxy || (!expected && !desired))
                return error_set_status(-STATUS_ARGUMENT);
        call.manager = proxy->manager;
        call.ident = proxy->ident;
        call.n_args = !expected ? 1 : !desired ? 2 : 3;
        if (!expected) {
                pack_map(&kwds, 1);
                pack_cstr(&kwds, "new");
                content_pack(&kwds, call.manager, desired);
                if (kwds.failed)
                        return error_set_status(kwds.failed);
                call.kwds = buffer_span(&kwds);
        }
        return call_result_bool(call_make(&call, &result), &result);
}

int common_page(const struct mgr_proxy *proxy, uint64_t *start, size_t count, mgr_value *list)
{
        static const struct method method = METHOD_READ("page");

        return common_page_of(proxy, &method, start, count, list);
}

/* A page is [where the next one begins or None, elements]. */
int common_page_of(const struct mgr_proxy *proxy, const struct method *method, uint64_t *start,
                   size_t count, mgr_value *list)
{
        mgr_value begin, n = mgr_uint(count), page, next;
        int r;

        if (!start || !list)
                return error_set_status(-STATUS_ARGUMENT);
        begin = mgr_uint(*start);
        r = call_result_page(call_method(proxy, method, &page, &begin, &n), &page, &next, list);
        if (r < 0)
                return r;
        if (next.kind != MGR_KIND_NONE &&
            (next.kind != MGR_KIND_INT || next.as.integer < 0 || next.as.uinteger <= *start)) {
                mgr_value_clear(&next);
                mgr_value_clear(list);
                return error_set(-STATUS_PROTOCOL,
                                 "the manager's next page begins before this one");
        }
        *start = next.kind == MGR_KIND_INT ? next.as.uinteger : *start + mgr_value_len(list);
        return next.kind == MGR_KIND_INT;
}

/* A page is [cursor or None, elements]. */
int common_page_at(const struct mgr_proxy *proxy, mgr_value *cursor, size_t count,
                   mgr_value *elements)
{
        static const struct method method = METHOD_READ("page");
        mgr_value n = mgr_uint(count), page, next;
        int r;

        if (!cursor || !elements)
                return error_set_status(-STATUS_ARGUMENT);
        r = call_result_page(call_method(proxy, &method, &page, cursor, &n), &page, &next,
                             elements);
        if (r < 0)
                return r;
        mgr_value_clear(cursor);
        *cursor = next;
        return next.kind != MGR_KIND_NONE;
}
