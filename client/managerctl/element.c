/*
 * element - an object's elements, by the methods that its type has for them
 */
#include "client/managerctl/element.h"

static const struct methods {
        const char *typeid, *get, *set, *delete;
} methods[] = {
        { "Namespace", "__getattribute__", "__setattr__", "__delattr__" },
        { "set", "__getitem__", "__setitem__", "remove" },
        { NULL, "__getitem__", "__setitem__", "__delitem__" }, /* all others */
};

static const struct methods *methods_of(const mgr_proxy *proxy)
{
        const struct methods *found = methods;

        while (found->typeid && strcmp(found->typeid, mgr_proxy_typeid(proxy)) != 0)
                ++found;
        return found;
}

int element_get(const mgr_proxy *proxy, const mgr_value *key, mgr_value *value)
{
        return mgr_proxy_call(proxy, methods_of(proxy)->get, key, 1, value);
}

int element_set(const mgr_proxy *proxy, const mgr_value pair[2])
{
        return mgr_proxy_call(proxy, methods_of(proxy)->set, pair, 2, NULL);
}

int element_delete(const mgr_proxy *proxy, const mgr_value *key)
{
        return mgr_proxy_call(proxy, methods_of(proxy)->delete, key, 1, NULL);
}
