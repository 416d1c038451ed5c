/*
 * proxy - a handle on an object at the daemon
 */
#include "client/proxy.h"

#include <stdlib.h>

#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "proto/value.h"

/* One that stands for nothing yet: proxy_begin(), or free(). */
static mgr_proxy *proxy_allocate(struct span type)
{
        mgr_proxy *proxy = malloc(sizeof(*proxy) + type.size + 1);
        char *text;

        if (!proxy) {
                error_set_status(-STATUS_NOMEM);
                return NULL;
        }
        text = (char *)(proxy + 1);
        memcpy(text, type.data, type.size);
        text[type.size] = '\0';
        proxy->type = text;
        return proxy;
}

static void proxy_begin(mgr_proxy *proxy, mgr_manager *m, uint64_t ident)
{
        atomic_init(&proxy->n_refs, 1);
        atomic_init(&proxy->lock, 0);
        proxy->manager = manager_ref(m);
        proxy->ident = ident;
}

int proxy_make(mgr_manager *m, struct span type, uint64_t ident, mgr_proxy **out)
{
        mgr_proxy *proxy = proxy_allocate(type);

        if (!proxy) {
                manager_release_ref(m, ident);
                return -STATUS_NOMEM;
        }
        proxy_begin(proxy, m, ident);
        *out = proxy;
        return 0;
}

int proxy_create(mgr_manager *m, const char *type, const char *name, const mgr_value *args,
                 size_t n_args, mgr_proxy **out)
{
        static const struct method create = METHOD_WRITE("create"), open = METHOD_WRITE("open");
        mgr_value type_value = mgr_str(type), name_value = mgr_str(name);
        const mgr_value *const first[] = { &type_value, &name_value };
        struct call call = {
                .manager = m,
                .method = name ? &open : &create,
                .args = first,
                .n_args = name ? 2 : 1,
                .row = args,
                .n_row = n_args,
        };
        mgr_proxy *proxy;
        uint64_t ident;
        int r;

        if (!m || !type || !out)
                return error_set_status(-STATUS_ARGUMENT);
        /* before there is an object that nobody could say decref for */
        proxy = proxy_allocate(span_of_cstr(type));
        if (!proxy)
                return -STATUS_NOMEM;
        call.ident_out = &ident;
        r = call_make(&call, NULL);
        if (r == 0 && !manager_owns(m, ident))
                r = error_set(-STATUS_PROTOCOL, "the manager made a strange object");
        if (r == 0)
                r = manager_receive_ref(m, ident);
        if (r < 0) {
                free(proxy);
                return r;
        }
        proxy_begin(proxy, m, ident);
        *out = proxy;
        return 0;
}

int mgr_proxy_new(mgr_manager *m, const char *type, const mgr_value *args, size_t n_args,
                  mgr_proxy **proxy)
{
        return proxy_create(m, type, NULL, args, n_args, proxy);
}

int mgr_proxy_open(mgr_manager *m, const char *type, const char *name, const mgr_value *args,
                   size_t n_args, mgr_proxy **proxy)
{
        if (!name)
                return error_set_status(-STATUS_ARGUMENT);
        return proxy_create(m, type, name, args, n_args, proxy);
}

int mgr_proxy_find(mgr_manager *m, const mgr_value *what, mgr_proxy **proxy)
{
        static const struct method find = METHOD_READ("find");
        struct call call = { .manager = m, .method = &find, .args = &what, .n_args = 1 };
        mgr_value token;
        int r;

        r = call_check_out(proxy);
        if (r == 0)
                r = call_make(&call, &token);
        if (r < 0)
                return r;
        r = mgr_value_proxy(&token, proxy);
        mgr_value_clear(&token);
        if (r == MGR_ETYPE || r == MGR_ENO_OBJECT)
                return error_set(-STATUS_PROTOCOL, "the manager found a strange object");
        return r;
}

mgr_proxy *mgr_proxy_ref(mgr_proxy *proxy)
{
        if (proxy)
                atomic_fetch_add_explicit(&proxy->n_refs, 1, memory_order_relaxed);
        return proxy;
}

void mgr_proxy_free(mgr_proxy *proxy)
{
        if (!proxy || atomic_fetch_sub_explicit(&proxy->n_refs, 1, memory_order_acq_rel) != 1)
                return;
        manager_release_ref(proxy->manager, proxy->ident);
        manager_unref(proxy->manager);
        free(proxy);
}

const char *mgr_proxy_typeid(const mgr_proxy *proxy)
{
        return proxy ? proxy->type : "";
}

uint64_t mgr_proxy_ident(const mgr_proxy *proxy)
{
        return proxy ? proxy->ident : 0;
}

int mgr_proxy_call(const mgr_proxy *proxy, const char *name, const mgr_value *args, size_t n_args,
                   mgr_value *result)
{
        return mgr_proxy_call_kw(proxy, name, args, n_args, NULL, result);
}

int mgr_proxy_call_kw(const mgr_proxy *proxy, const char *name, const mgr_value *args,
                      size_t n_args, const mgr_value *kwds, mgr_value *result)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        struct method method = { .reads = false };
        /* it may be one that waits: so that it can be withdrawn, and nothing waits behind it */
        struct call call = { .method = &method, .row = args, .n_row = n_args, .waits = true };

        if (!proxy || !name)
                return error_set_status(-STATUS_ARGUMENT);
        if (kwds && kwds->kind != MGR_KIND_DICT)
                return error_set(-STATUS_TYPE, "keyword arguments are a dict, not '%s'",
                                 mgr_value_type_name(kwds));
        method.name = span_of_cstr(name);
        call.manager = proxy->manager;
        call.ident = proxy->ident;
        if (kwds) {
                content_pack(&packed, call.manager, kwds);
                if (packed.failed)
                        return error_set_status(packed.failed);
                call.kwds = buffer_span(&packed);
        }
        return call_make(&call, result);
}

int mgr_proxy_value(const mgr_proxy *proxy, mgr_value *value)
{
        static const struct method getvalue = METHOD_READ("#GETVALUE");

        return value ? call_plain(proxy, &getvalue, value) : call_check_out(value);
}

/* --- proxies inside of values */

static int fail_type(const char *type, const char *is)
{
        return error_set(-STATUS_TYPE, "a proxy of a '%s' is wanted, this is a '%s'", type, is);
}

int proxy_of_value(const mgr_value *value, const char *type, mgr_proxy **out)
{
        const struct blob *blob;
        struct value_token token;
        mgr_proxy *shared;
        int r;

        if (!value || !out)
                return error_set_status(-STATUS_ARGUMENT);
        if (value->kind != MGR_KIND_PROXY)
                return fail_type(type ? type : "object", mgr_value_type_name(value));
        if (value->flags & CONTENT_HANDLE) {
                if (type && strcmp(type, value->as.proxy->type) != 0)
                        return fail_type(type, value->as.proxy->type);
                memcpy(&shared, &value->as.proxy, sizeof(shared));
                *out = mgr_proxy_ref(shared);
                return 0;
        }
        blob = value->origin;
        if (!value_get_token(content_span(value), &token) || !blob || !blob->manager ||
            !manager_owns(blob->manager, token.ident))
                return error_set(-STATUS_NO_OBJECT, "this proxy is of another manager");
        if (type && !span_equal(token.typeid, span_of_cstr(type)))
                return error_set(-STATUS_TYPE, "a proxy of a '%s' is wanted, this is a '%.*s'",
                                 type, (int)(token.typeid.size & 0xff), token.typeid.data);
        r = manager_check(blob->manager);
        if (r == 0)
                r = manager_use_ref(blob->manager, token.ident);
        if (r < 0)
                return r;
        return proxy_make(blob->manager, token.typeid, token.ident, out);
}

int mgr_value_proxy(const mgr_value *value, mgr_proxy **proxy)
{
        return proxy_of_value(value, NULL, proxy);
}
