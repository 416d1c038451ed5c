/*
 * cell - proxies of Python's Value, which has another name here: mgr_value is any value
 */
#include "client/call.h"
#include "client/error.h"

/* --- coming and going */

static int cell_create(mgr_manager *m, const char *name, const char *typecode,
                       const mgr_value *value, mgr_cell **cell)
{
        mgr_value args[2] = { mgr_str(typecode) };
        mgr_proxy *proxy;
        int r;

        r = call_check_out(cell);
        if (r < 0)
                return r;
        if (!typecode || !value)
                return error_set_status(-STATUS_ARGUMENT);
        args[1] = *value;
        r = proxy_create(m, "Value", name, args, 2, &proxy);
        if (r == 0)
                *cell = (mgr_cell *)proxy;
        return r;
}

int mgr_cell_new_value(mgr_manager *m, const char *typecode, const mgr_value *value,
                       mgr_cell **cell)
{
        return cell_create(m, NULL, typecode, value, cell);
}

int mgr_cell_open_value(mgr_manager *m, const char *name, const char *typecode,
                        const mgr_value *value, mgr_cell **cell)
{
        return name ? cell_create(m, name, typecode, value, cell)
                    : error_set_status(-STATUS_ARGUMENT);
}

/* --- methods */

static int cell_get_plain(const mgr_cell *c, const struct method *method, mgr_value *out)
{
        return out ? call_plain(mgr_cell_proxy(c), method, out) : call_check_out(out);
}

int mgr_cell_set_value(const mgr_cell *c, const mgr_value *value)
{
        static const struct method method = METHOD_WRITE("set");

        return call_method(mgr_cell_proxy(c), &method, NULL, value);
}

int mgr_cell_get_value(const mgr_cell *c, mgr_value *value)
{
        static const struct method method = METHOD_READ("get");

        return cell_get_plain(c, &method, value);
}

int mgr_cell_incr_value(const mgr_cell *c, const mgr_value *delta, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("incr");

        return call_method(mgr_cell_proxy(c), &method, value, delta);
}

int mgr_cell_swap_value(const mgr_cell *c, const mgr_value *desired, mgr_value *value)
{
        static const struct method method = METHOD_WRITE("swap");

        return call_method(mgr_cell_proxy(c), &method, value, desired);
}

int mgr_cell_compare_and_swap_value(const mgr_cell *c, const mgr_value *expected,
                                    const mgr_value *desired)
{
        static const struct method method = METHOD_WRITE("compare_and_swap");
        mgr_value result;

        return call_result_bool(call_method(mgr_cell_proxy(c), &method, &result, expected, desired),
                                &result);
}
