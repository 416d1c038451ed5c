/*
 * list - proxies of lists: what Python's have
 */
#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "client/proxies/slice.h"

/* --- coming and going */

static int list_create(mgr_manager *m, const char *name, const mgr_value *content, mgr_list **list)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(list);
        if (r == 0)
                r = proxy_create(m, "list", name, content, content ? 1 : 0, &proxy);
        if (r == 0)
                *list = (mgr_list *)proxy;
        return r;
}

int mgr_list_new(mgr_manager *m, mgr_list **list)
{
        return list_create(m, NULL, NULL, list);
}

int mgr_list_new_value(mgr_manager *m, const mgr_value *content, mgr_list **list)
{
        return content ? list_create(m, NULL, content, list) : error_set_status(-STATUS_ARGUMENT);
}

int mgr_list_open(mgr_manager *m, const char *name, mgr_list **list)
{
        return name ? list_create(m, name, NULL, list) : error_set_status(-STATUS_ARGUMENT);
}

/* --- elements */

#define RETURN_VALUE(l, method, out, ...)                                                          \
        return (out) ? call_method(mgr_list_proxy(l), method, out, __VA_ARGS__)                    \
                     : call_check_out(out)

static int list_get_plain(const mgr_list *l, const struct method *method, mgr_value *out)
{
        return out ? call_plain(mgr_list_proxy(l), method, out) : call_check_out(out);
}

static const struct method setitem = METHOD_WRITE("__setitem__");
static const struct method getitem = METHOD_READ("__getitem__");
static const struct method delitem = METHOD_WRITE("__delitem__");

int mgr_list_set_value(const mgr_list *l, int64_t index, const mgr_value *value)
{
        mgr_value i = mgr_int(index);

        return call_method(mgr_list_proxy(l), &setitem, NULL, &i, value);
}

int mgr_list_get_value(const mgr_list *l, int64_t index, mgr_value *value)
{
        mgr_value i = mgr_int(index);

        RETURN_VALUE(l, &getitem, value, &i);
}

int mgr_list_delete(const mgr_list *l, int64_t index)
{
        mgr_value i = mgr_int(index);

        return call_method(mgr_list_proxy(l), &delitem, NULL, &i);
}

/* --- slices */

int mgr_list_get_slice(const mgr_list *l, mgr_slice slice, mgr_value *list)
{
        uint8_t room[SLICE_ROOM];
        mgr_value key = slice_as_value(slice, room);

        RETURN_VALUE(l, &getitem, list, &key);
}

int mgr_list_set_slice_value(const mgr_list *l, mgr_slice slice, const mgr_value *values)
{
        uint8_t room[SLICE_ROOM];
        mgr_value key = slice_as_value(slice, room);

        return call_method(mgr_list_proxy(l), &setitem, NULL, &key, values);
}

int mgr_list_delete_slice(const mgr_list *l, mgr_slice slice)
{
        uint8_t room[SLICE_ROOM];
        mgr_value key = slice_as_value(slice, room);

        return call_method(mgr_list_proxy(l), &delitem, NULL, &key);
}

/* --- putting in and taking out */

int mgr_list_append_value(const mgr_list *l, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("append");

        return call_method(mgr_list_proxy(l), &method, NULL, value);
}

int mgr_list_insert_value(const mgr_list *l, int64_t index, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("insert");
        mgr_value i = mgr_int(index);

        return call_method(mgr_list_proxy(l), &method, NULL, &i, value);
}

int mgr_list_extend_value(const mgr_list *l, const mgr_value *values)
{
        static const struct method method = METHOD_WRITE("extend");

        return call_method(mgr_list_proxy(l), &method, NULL, values);
}

int mgr_list_pop_value(const mgr_list *l, int64_t index, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("pop");
        mgr_value i = mgr_int(index);

        return call_method(mgr_list_proxy(l), &method, value, &i);
}

int mgr_list_remove_value(const mgr_list *l, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("remove");

        return call_method(mgr_list_proxy(l), &method, NULL, value);
}

int mgr_list_clear(const mgr_list *l)
{
        static const struct method method = METHOD_WRITE("clear");

        return call_plain(mgr_list_proxy(l), &method, NULL);
}

/* --- searching */

int mgr_list_contains_value(const mgr_list *l, const mgr_value *value)
{
        static const struct method method = METHOD_READ("__contains__");
        mgr_value result;

        return call_result_bool(call_method(mgr_list_proxy(l), &method, &result, value), &result);
}

int mgr_list_index_value(const mgr_list *l, const mgr_value *value, int64_t start, int64_t stop,
                         size_t *index)
{
        static const struct method method = METHOD_READ("index");
        mgr_value from = mgr_int(start == MGR_OMIT ? 0 : start);
        mgr_value to = mgr_int(stop == MGR_OMIT ? INT64_MAX : stop), result;
        int r = call_check_out(index);

        if (r == 0)
                r = call_method(mgr_list_proxy(l), &method, &result, value, &from, &to);
        return call_result_count(r, &result, index);
}

int mgr_list_count_value(const mgr_list *l, const mgr_value *value, size_t *n)
{
        static const struct method method = METHOD_READ("count");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_method(mgr_list_proxy(l), &method, &result, value);
        return call_result_count(r, &result, n);
}

int mgr_list_len(const mgr_list *l, size_t *n)
{
        static const struct method method = METHOD_READ("__len__");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_plain(mgr_list_proxy(l), &method, &result);
        return call_result_count(r, &result, n);
}

/* --- all of it */

int mgr_list_reverse(const mgr_list *l)
{
        static const struct method method = METHOD_WRITE("reverse");

        return call_plain(mgr_list_proxy(l), &method, NULL);
}

int mgr_list_sort(const mgr_list *l, bool reverse)
{
        static const struct method method = METHOD_WRITE("sort");
        struct call call = { .method = &method };

        if (!l)
                return error_set_status(-STATUS_ARGUMENT);
        call.manager = l->proxy.manager;
        call.ident = l->proxy.ident;
        call.kwds = reverse ? SPAN_LITERAL("\x81\xa7"
                                           "reverse"
                                           "\xc3")
                            : SPAN_ABSENT;
        return call_make(&call, NULL);
}

int mgr_list_copy(const mgr_list *l, mgr_value *list)
{
        static const struct method method = METHOD_READ("copy");

        return list_get_plain(l, &method, list);
}

int mgr_list_reversed(const mgr_list *l, mgr_value *list)
{
        static const struct method method = METHOD_READ("__reversed__");

        return list_get_plain(l, &method, list);
}

int mgr_list_add_value(const mgr_list *l, const mgr_value *other, mgr_value *list)
{
        static const struct method method = METHOD_READ("__add__");

        RETURN_VALUE(l, &method, list, other);
}

int mgr_list_mul(const mgr_list *l, int64_t n, mgr_value *list)
{
        static const struct method method = METHOD_READ("__mul__");
        mgr_value times = mgr_int(n);

        RETURN_VALUE(l, &method, list, &times);
}

int mgr_list_imul(const mgr_list *l, int64_t n)
{
        static const struct method method = METHOD_WRITE("__imul__");
        mgr_value times = mgr_int(n);

        return call_method(mgr_list_proxy(l), &method, NULL, &times);
}
