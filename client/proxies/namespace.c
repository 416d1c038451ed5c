/*
 * namespace - proxies of namespaces
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/common.h"

/* --- coming and going */

static int namespace_create(mgr_manager *m, const char *name, const mgr_value *content,
                            mgr_namespace **ns)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(ns);
        if (r == 0)
                r = proxy_create(m, "Namespace", name, content, content ? 1 : 0, &proxy);
        if (r == 0)
                *ns = (mgr_namespace *)proxy;
        return r;
}

int mgr_namespace_new(mgr_manager *m, mgr_namespace **ns)
{
        return namespace_create(m, NULL, NULL, ns);
}

int mgr_namespace_new_value(mgr_manager *m, const mgr_value *content, mgr_namespace **ns)
{
        return content ? namespace_create(m, NULL, content, ns)
                       : error_set_status(-STATUS_ARGUMENT);
}

int mgr_namespace_open(mgr_manager *m, const char *name, mgr_namespace **ns)
{
        return name ? namespace_create(m, name, NULL, ns) : error_set_status(-STATUS_ARGUMENT);
}

/* --- attributes */

/* The name of an attribute; NULL, which is no name, is found by call_make(). */
static const mgr_value *name_value(const char *name, mgr_value *value)
{
        *value = mgr_str(name);
        return name ? value : NULL;
}

int mgr_namespace_set_value(const mgr_namespace *ns, const char *name, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("__setattr__");
        mgr_value key;

        return call_method(mgr_namespace_proxy(ns), &method, NULL, name_value(name, &key), value);
}

int mgr_namespace_get_value(const mgr_namespace *ns, const char *name, mgr_value *value)
{
        static const struct method method = METHOD_READ("__getattribute__");
        mgr_value key;

        if (!value)
                return call_check_out(value);
        return call_method(mgr_namespace_proxy(ns), &method, value, name_value(name, &key));
}

int mgr_namespace_delete(const mgr_namespace *ns, const char *name)
{
        static const struct method method = METHOD_WRITE("__delattr__");
        mgr_value key;

        return call_method(mgr_namespace_proxy(ns), &method, NULL, name_value(name, &key));
}

int mgr_namespace_dict(const mgr_namespace *ns, mgr_value *dict)
{
        return mgr_namespace_get_value(ns, "__dict__", dict);
}

/* --- what Python's have not */

int mgr_namespace_incr_value(const mgr_namespace *ns, const char *name, const mgr_value *delta,
                             mgr_value *value)
{
        static const struct method method = METHOD_WRITE("incr");
        mgr_value key;

        return call_method(mgr_namespace_proxy(ns), &method, value, name_value(name, &key), delta);
}

int mgr_namespace_compare_and_swap_value(const mgr_namespace *ns, const char *name,
                                         const mgr_value *expected, const mgr_value *desired)
{
        mgr_value key;

        return common_compare_and_swap(mgr_namespace_proxy(ns), name_value(name, &key), expected,
                                       desired);
}
