/*
 * dict - proxies of dicts
 */
#include <math.h>

#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "client/proxies/common.h"
#include "proto/pack.h"

/* --- coming and going */

static int dict_create(mgr_manager *m, const char *name, const mgr_value *content, mgr_dict **dict)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(dict);
        if (r == 0)
                r = proxy_create(m, "dict", name, content, content ? 1 : 0, &proxy);
        if (r == 0)
                *dict = (mgr_dict *)proxy;
        return r;
}

int mgr_dict_new(mgr_manager *m, mgr_dict **dict)
{
        return dict_create(m, NULL, NULL, dict);
}

int mgr_dict_new_value(mgr_manager *m, const mgr_value *content, mgr_dict **dict)
{
        return content ? dict_create(m, NULL, content, dict) : error_set_status(-STATUS_ARGUMENT);
}

int mgr_dict_open(mgr_manager *m, const char *name, mgr_dict **dict)
{
        return name ? dict_create(m, name, NULL, dict) : error_set_status(-STATUS_ARGUMENT);
}

/* --- methods: Python's */

/* The result goes to an output that must be there. */
#define RETURN_VALUE(d, method, out, ...)                                                          \
        return (out) ? call_method(mgr_dict_proxy(d), method, out, __VA_ARGS__)                    \
                     : call_check_out(out)

static int dict_get_plain(const mgr_dict *d, const struct method *method, mgr_value *out)
{
        return out ? call_plain(mgr_dict_proxy(d), method, out) : call_check_out(out);
}

int mgr_dict_set_value(const mgr_dict *d, const mgr_value *key, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("__setitem__");

        return call_method(mgr_dict_proxy(d), &method, NULL, key, value);
}

int mgr_dict_get_value(const mgr_dict *d, const mgr_value *key, mgr_value *value)
{
        static const struct method method = METHOD_READ("__getitem__");

        RETURN_VALUE(d, &method, value, key);
}

int mgr_dict_get_default_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                               mgr_value *value)
{
        static const struct method method = METHOD_READ("get");

        RETURN_VALUE(d, &method, value, key, fallback);
}

int mgr_dict_delete_value(const mgr_dict *d, const mgr_value *key)
{
        static const struct method method = METHOD_WRITE("__delitem__");

        return call_method(mgr_dict_proxy(d), &method, NULL, key);
}

int mgr_dict_contains_value(const mgr_dict *d, const mgr_value *key)
{
        static const struct method method = METHOD_READ("__contains__");
        mgr_value result;

        return call_result_bool(call_method(mgr_dict_proxy(d), &method, &result, key), &result);
}

int mgr_dict_pop_value(const mgr_dict *d, const mgr_value *key, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("pop");

        return call_method(mgr_dict_proxy(d), &method, value, key);
}

int mgr_dict_pop_default_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                               mgr_value *value)
{
        static const struct method method = METHOD_WRITE("pop");

        return call_method(mgr_dict_proxy(d), &method, value, key, fallback);
}

int mgr_dict_popitem(const mgr_dict *d, mgr_value *key, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("popitem");
        mgr_value item, view;
        int r;

        r = call_plain(mgr_dict_proxy(d), &method, &item);
        if (r < 0)
                return r;
        if (mgr_value_len(&item) != 2) {
                mgr_value_clear(&item);
                return error_set(-STATUS_PROTOCOL, "popitem() returned no pair");
        }
        if (key && mgr_value_at(&item, 0, &view) == 0)
                r = mgr_value_copy(&view, key);
        if (r == 0 && value && mgr_value_at(&item, 1, &view) == 0) {
                r = mgr_value_copy(&view, value);
                if (r < 0 && key)
                        mgr_value_clear(key);
        }
        mgr_value_clear(&item);
        return r == -STATUS_NOMEM ? call_lose_result() : r;
}

int mgr_dict_setdefault_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                              mgr_value *value)
{
        static const struct method method = METHOD_WRITE("setdefault");

        return call_method(mgr_dict_proxy(d), &method, value, key, fallback);
}

int mgr_dict_update_value(const mgr_dict *d, const mgr_value *other)
{
        static const struct method method = METHOD_WRITE("update");

        return call_method(mgr_dict_proxy(d), &method, NULL, other);
}

int mgr_dict_len(const mgr_dict *d, size_t *n)
{
        static const struct method method = METHOD_READ("__len__");
        mgr_value result;
        int r = call_check_out(n);

        return r < 0 ? r
                     : call_result_count(call_plain(mgr_dict_proxy(d), &method, &result), &result,
                                         n);
}

int mgr_dict_keys(const mgr_dict *d, mgr_value *list)
{
        static const struct method method = METHOD_READ("keys");

        return dict_get_plain(d, &method, list);
}

int mgr_dict_values(const mgr_dict *d, mgr_value *list)
{
        static const struct method method = METHOD_READ("values");

        return dict_get_plain(d, &method, list);
}

int mgr_dict_items(const mgr_dict *d, mgr_value *list)
{
        static const struct method method = METHOD_READ("items");

        return dict_get_plain(d, &method, list);
}

int mgr_dict_reversed(const mgr_dict *d, mgr_value *list)
{
        static const struct method method = METHOD_READ("__reversed__");

        return dict_get_plain(d, &method, list);
}

int mgr_dict_clear(const mgr_dict *d)
{
        static const struct method method = METHOD_WRITE("clear");

        return call_plain(mgr_dict_proxy(d), &method, NULL);
}

int mgr_dict_copy(const mgr_dict *d, mgr_value *dict)
{
        static const struct method method = METHOD_READ("copy");

        return dict_get_plain(d, &method, dict);
}

int mgr_dict_or_value(const mgr_dict *d, const mgr_value *other, mgr_value *dict)
{
        static const struct method method = METHOD_READ("__or__");

        RETURN_VALUE(d, &method, dict, other);
}

int mgr_dict_ror_value(const mgr_dict *d, const mgr_value *other, mgr_value *dict)
{
        static const struct method method = METHOD_READ("__ror__");

        RETURN_VALUE(d, &method, dict, other);
}

int mgr_dict_fromkeys_value(const mgr_dict *d, const mgr_value *keys, const mgr_value *value,
                            mgr_value *dict)
{
        static const struct method method = METHOD_READ("fromkeys");

        RETURN_VALUE(d, &method, dict, keys, value);
}

/* --- methods: beyond Python's */

int mgr_dict_incr_value(const mgr_dict *d, const mgr_value *key, const mgr_value *delta,
                        mgr_value *value)
{
        static const struct method method = METHOD_WRITE("incr");

        return call_method(mgr_dict_proxy(d), &method, value, key, delta);
}

int mgr_dict_compare_and_swap_value(const mgr_dict *d, const mgr_value *key,
                                    const mgr_value *expected, const mgr_value *desired)
{
        return common_compare_and_swap(mgr_dict_proxy(d), key, expected, desired);
}

int mgr_dict_get_many(const mgr_dict *d, const mgr_value *keys, size_t n_keys, mgr_value *list)
{
        static const struct method method = METHOD_READ("get_many");
        mgr_value wanted;
        int r;

        r = call_check_out(list);
        if (r == 0)
                r = mgr_compose(MGR_KIND_LIST, keys, n_keys, &wanted);
        if (r < 0)
                return r;
        r = call_method(mgr_dict_proxy(d), &method, list, &wanted);
        mgr_value_clear(&wanted);
        return r;
}

int mgr_dict_page(const mgr_dict *d, mgr_value *cursor, size_t count, mgr_value *items)
{
        return common_page_at(mgr_dict_proxy(d), cursor, count, items);
}
