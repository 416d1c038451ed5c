/*
 * handles - what the proxies of all types have in common, which is the same for each
 *
 * One line a type. Behind its name stand the names that Python has for it, of which a value's
 * proxy must have one.
 */
#include "client/call.h"
#include "client/error.h"

static int handle_of_value(const mgr_value *value, const char *const *types, mgr_proxy **out)
{
        int r;

        do
                r = proxy_of_value(value, *types++, out);
        while (r == -STATUS_TYPE && *types);
        return r;
}

static int handle_text(const mgr_proxy *proxy, const struct method *method, mgr_value *text)
{
        return text ? call_plain(proxy, method, text) : call_check_out(text);
}

int mgr_proxy_repr(const mgr_proxy *proxy, mgr_value *text)
{
        static const struct method method = METHOD_READ("__repr__");

        return handle_text(proxy, &method, text);
}

int mgr_proxy_str(const mgr_proxy *proxy, mgr_value *text)
{
        static const struct method method = METHOD_READ("__str__");

        return handle_text(proxy, &method, text);
}

/* A handle is its proxy, and a proxy never changes: so const or not is one. */
#define HANDLE(type, ...)                                                                          \
        mgr_##type *mgr_##type##_ref(mgr_##type *type)                                             \
        {                                                                                          \
                mgr_proxy_ref((mgr_proxy *)type);                                                  \
                return type;                                                                       \
        }                                                                                          \
                                                                                                   \
        void mgr_##type##_free(mgr_##type *type)                                                   \
        {                                                                                          \
                mgr_proxy_free((mgr_proxy *)type);                                                 \
        }                                                                                          \
                                                                                                   \
        mgr_proxy *mgr_##type##_proxy(const mgr_##type *type)                                      \
        {                                                                                          \
                mgr_proxy *proxy;                                                                  \
                                                                                                   \
                memcpy(&proxy, &type, sizeof(proxy));                                              \
                return proxy;                                                                      \
        }                                                                                          \
                                                                                                   \
        mgr_value mgr_from_##type(const mgr_##type *type)                                          \
        {                                                                                          \
                return mgr_from_proxy((const mgr_proxy *)type);                                    \
        }                                                                                          \
                                                                                                   \
        int mgr_value_##type(const mgr_value *value, mgr_##type **type)                            \
        {                                                                                          \
                static const char *const names[] = { __VA_ARGS__, NULL };                          \
                mgr_proxy *proxy;                                                                  \
                int r;                                                                             \
                                                                                                   \
                r = call_check_out(type);                                                          \
                if (r == 0)                                                                        \
                        r = handle_of_value(value, names, &proxy);                                 \
                if (r == 0)                                                                        \
                        *type = (mgr_##type *)proxy;                                               \
                return r;                                                                          \
        }                                                                                          \
                                                                                                   \
        int mgr_##type##_repr(const mgr_##type *type, mgr_value *text)                             \
        {                                                                                          \
                return mgr_proxy_repr((const mgr_proxy *)type, text);                              \
        }                                                                                          \
                                                                                                   \
        int mgr_##type##_str(const mgr_##type *type, mgr_value *text)                              \
        {                                                                                          \
                return mgr_proxy_str((const mgr_proxy *)type, text);                               \
        }

HANDLE(dict, "dict")
HANDLE(list, "list")
HANDLE(set, "set")
HANDLE(namespace, "Namespace")
HANDLE(cell, "Value")
HANDLE(array, "Array")
HANDLE(lock, "Lock")
HANDLE(rlock, "RLock")
HANDLE(condition, "Condition")
HANDLE(semaphore, "BoundedSemaphore", "Semaphore")
HANDLE(event, "Event")
HANDLE(barrier, "Barrier")
HANDLE(queue, "JoinableQueue", "Queue")
