/*
 * set - proxies of sets
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/common.h"

/* --- coming and going */

static int set_create(mgr_manager *m, const char *name, const mgr_value *content, mgr_set **set)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(set);
        if (r == 0)
                r = proxy_create(m, "set", name, content, content ? 1 : 0, &proxy);
        if (r == 0)
                *set = (mgr_set *)proxy;
        return r;
}

int mgr_set_new(mgr_manager *m, mgr_set **set)
{
        return set_create(m, NULL, NULL, set);
}

int mgr_set_new_value(mgr_manager *m, const mgr_value *content, mgr_set **set)
{
        return content ? set_create(m, NULL, content, set) : error_set_status(-STATUS_ARGUMENT);
}

int mgr_set_open(mgr_manager *m, const char *name, mgr_set **set)
{
        return name ? set_create(m, name, NULL, set) : error_set_status(-STATUS_ARGUMENT);
}

/* --- calls that are alike */

static int set_write(const mgr_set *s, const struct method *method, const mgr_value *value)
{
        return call_method(mgr_set_proxy(s), method, NULL, value);
}

static int set_ask(const mgr_set *s, const struct method *method, const mgr_value *value)
{
        mgr_value result;

        return call_result_bool(call_method(mgr_set_proxy(s), method, &result, value), &result);
}

static int set_get(const mgr_set *s, const struct method *method, const mgr_value *value,
                   mgr_value *out)
{
        return out ? call_method(mgr_set_proxy(s), method, out, value) : call_check_out(out);
}

static int set_get_plain(const mgr_set *s, const struct method *method, mgr_value *out)
{
        return out ? call_plain(mgr_set_proxy(s), method, out) : call_check_out(out);
}

/* --- one element */

int mgr_set_add_value(const mgr_set *s, const mgr_value *element)
{
        static const struct method method = METHOD_WRITE("add");

        return set_write(s, &method, element);
}

int mgr_set_discard_value(const mgr_set *s, const mgr_value *element)
{
        static const struct method method = METHOD_WRITE("discard");

        return set_write(s, &method, element);
}

int mgr_set_remove_value(const mgr_set *s, const mgr_value *element)
{
        static const struct method method = METHOD_WRITE("remove");

        return set_write(s, &method, element);
}

int mgr_set_contains_value(const mgr_set *s, const mgr_value *element)
{
        static const struct method method = METHOD_READ("__contains__");

        return set_ask(s, &method, element);
}

int mgr_set_pop_value(const mgr_set *s, mgr_value *element)
{
        static const struct method method = METHOD_WRITE("pop");

        return call_plain(mgr_set_proxy(s), &method, element);
}

/* --- changes of the whole */

int mgr_set_update_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_WRITE("update");

        return set_write(s, &method, other);
}

int mgr_set_intersection_update_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_WRITE("intersection_update");

        return set_write(s, &method, other);
}

int mgr_set_difference_update_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_WRITE("difference_update");

        return set_write(s, &method, other);
}

int mgr_set_symmetric_difference_update_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_WRITE("symmetric_difference_update");

        return set_write(s, &method, other);
}

int mgr_set_clear(const mgr_set *s)
{
        static const struct method method = METHOD_WRITE("clear");

        return call_plain(mgr_set_proxy(s), &method, NULL);
}

/* --- new sets */

int mgr_set_union_value(const mgr_set *s, const mgr_value *other, mgr_value *set)
{
        static const struct method method = METHOD_READ("union");

        return set_get(s, &method, other, set);
}

int mgr_set_intersection_value(const mgr_set *s, const mgr_value *other, mgr_value *set)
{
        static const struct method method = METHOD_READ("intersection");

        return set_get(s, &method, other, set);
}

int mgr_set_difference_value(const mgr_set *s, const mgr_value *other, mgr_value *set)
{
        static const struct method method = METHOD_READ("difference");

        return set_get(s, &method, other, set);
}

int mgr_set_symmetric_difference_value(const mgr_set *s, const mgr_value *other, mgr_value *set)
{
        static const struct method method = METHOD_READ("symmetric_difference");

        return set_get(s, &method, other, set);
}

int mgr_set_copy(const mgr_set *s, mgr_value *set)
{
        static const struct method method = METHOD_READ("copy");

        return set_get_plain(s, &method, set);
}

/* --- questions */

int mgr_set_isdisjoint_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_READ("isdisjoint");

        return set_ask(s, &method, other);
}

int mgr_set_issubset_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_READ("issubset");

        return set_ask(s, &method, other);
}

int mgr_set_issuperset_value(const mgr_set *s, const mgr_value *other)
{
        static const struct method method = METHOD_READ("issuperset");

        return set_ask(s, &method, other);
}

int mgr_set_len(const mgr_set *s, size_t *n)
{
        static const struct method method = METHOD_READ("__len__");
        mgr_value result;
        int r = call_check_out(n);

        if (r == 0)
                r = call_plain(mgr_set_proxy(s), &method, &result);
        return call_result_count(r, &result, n);
}

int mgr_set_page(const mgr_set *s, mgr_value *cursor, size_t count, mgr_value *elements)
{
        return common_page_at(mgr_set_proxy(s), cursor, count, elements);
}
