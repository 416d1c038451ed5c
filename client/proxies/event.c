/*
 * event - proxies of events
 */
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/waiting.h"

/* --- coming and going */

static int event_create(mgr_manager *m, const char *name, mgr_event **event)
{
        mgr_proxy *proxy;
        int r;

        r = call_check_out(event);
        if (r == 0)
                r = proxy_create(m, "Event", name, NULL, 0, &proxy);
        if (r == 0)
                *event = (mgr_event *)proxy;
        return r;
}

int mgr_event_new(mgr_manager *m, mgr_event **event)
{
        return event_create(m, NULL, event);
}

int mgr_event_open(mgr_manager *m, const char *name, mgr_event **event)
{
        return name ? event_create(m, name, event) : error_set_status(-STATUS_ARGUMENT);
}

/* --- methods */

int mgr_event_is_set(const mgr_event *e)
{
        static const struct method method = METHOD_READ("is_set");
        mgr_value result;

        return call_result_bool(call_plain(mgr_event_proxy(e), &method, &result), &result);
}

int mgr_event_set(const mgr_event *e)
{
        static const struct method method = METHOD_WRITE("set");

        return call_plain(mgr_event_proxy(e), &method, NULL);
}

int mgr_event_clear(const mgr_event *e)
{
        static const struct method method = METHOD_WRITE("clear");

        return call_plain(mgr_event_proxy(e), &method, NULL);
}

int mgr_event_wait(const mgr_event *e, double timeout)
{
        return waiting_call(&waiting_event, mgr_event_proxy(e), NULL, timeout, NULL);
}
