/*
 * queue - proxies of queues
 */
#include "client/arguments.h"
#include "client/call.h"
#include "client/error.h"
#include "client/proxies/common.h"
#include "client/proxies/waiting.h"

/* --- coming and going */

static int queue_read_options(const mgr_queue_options *given, mgr_queue_options *out)
{
        *out = (mgr_queue_options)MGR_QUEUE_OPTIONS_INIT;
        return arguments_read_options(out, sizeof(*out), given, "mgr_queue_options");
}

static int queue_create(mgr_manager *m, const char *name, size_t max_size,
                        const mgr_queue_options *given, mgr_queue **queue)
{
        mgr_queue_options options;
        mgr_value args[3];
        mgr_proxy *proxy;
        int r;

        r = call_check_out(queue);
        if (r == 0)
                r = queue_read_options(given, &options);
        if (r < 0)
                return r;
        args[0] = mgr_uint(max_size);
        args[1] = mgr_bool(options.redeliver);
        args[2] = options.max_deliveries ? mgr_uint(options.max_deliveries) : mgr_none();
        r = proxy_create(m, "Queue", name, args, 3, &proxy);
        /* in Python it may have been named as the other of the two, which are the same */
        if (r == MGR_ETYPE && name)
                r = proxy_create(m, "JoinableQueue", name, args, 3, &proxy);
        if (r == 0)
                *queue = (mgr_queue *)proxy;
        return r;
}

int mgr_queue_new(mgr_manager *m, size_t max_size, const mgr_queue_options *options,
                  mgr_queue **queue)
{
        return queue_create(m, NULL, max_size, options, queue);
}

int mgr_queue_open(mgr_manager *m, const char *name, size_t max_size,
                   const mgr_queue_options *options, mgr_queue **queue)
{
        return name ? queue_create(m, name, max_size, options, queue)
                    : error_set_status(-STATUS_ARGUMENT);
}

/* --- putting and getting */

int mgr_queue_put_value(const mgr_queue *q, const mgr_value *item, double timeout)
{
        return item ? waiting_call(&waiting_queue_put, mgr_queue_proxy(q), item, timeout, NULL)
                    : error_set_status(-STATUS_ARGUMENT);
}

int mgr_queue_put_many(const mgr_queue *q, const mgr_value *items, size_t n, double timeout)
{
        mgr_value list;
        int r;

        r = mgr_compose(MGR_KIND_LIST, items, n, &list);
        if (r < 0)
                return r;
        r = waiting_call(&waiting_queue_put_many, mgr_queue_proxy(q), &list, timeout, NULL);
        mgr_value_clear(&list);
        return r;
}

int mgr_queue_get_value(const mgr_queue *q, double timeout, mgr_value *item)
{
        return waiting_call(&waiting_queue_get, mgr_queue_proxy(q), NULL, timeout, item);
}

int mgr_queue_get_many(const mgr_queue *q, size_t n, double timeout, mgr_value *list)
{
        mgr_value max = waiting_how_many(n);

        return list ? waiting_call(&waiting_queue_get_many, mgr_queue_proxy(q), &max, timeout, list)
                    : call_check_out(list);
}

/* [item, how often it was delivered] */
static int take_apart(mgr_value *delivery, mgr_value *item, uint64_t *n)
{
        mgr_value first, second;
        int r;

        if (delivery->kind != MGR_KIND_LIST || mgr_value_len(delivery) != 2 ||
            mgr_value_at(delivery, 1, &second) < 0 || second.kind != MGR_KIND_INT ||
            mgr_value_at(delivery, 0, &first) < 0)
                return error_set(-STATUS_PROTOCOL,
                                 "the manager answers with something that is no delivery");
        r = item ? mgr_value_copy(&first, item) : 0;
        if (r == MGR_ENOMEM)
                return call_lose_result();
        if (r == 0 && n)
                *n = second.as.uinteger;
        return r;
}

int mgr_queue_get_delivery_value(const mgr_queue *q, double timeout, mgr_value *item, uint64_t *n)
{
        mgr_value delivery;
        int r = waiting_call(&waiting_queue_get_delivery, mgr_queue_proxy(q), NULL, timeout,
                             &delivery);

        if (r < 0)
                return r;
        r = take_apart(&delivery, item, n);
        mgr_value_clear(&delivery);
        return r;
}

int mgr_queue_poll(const mgr_queue *q, double timeout)
{
        return waiting_call(&waiting_queue_poll, mgr_queue_proxy(q), NULL, timeout, NULL);
}

/* --- finishing */

int mgr_queue_task_done(const mgr_queue *q)
{
        static const struct method method = METHOD_WRITE("task_done");

        return call_plain(mgr_queue_proxy(q), &method, NULL);
}

int mgr_queue_join(const mgr_queue *q, double timeout)
{
        return waiting_call(&waiting_queue_join, mgr_queue_proxy(q), NULL, timeout, NULL);
}

int mgr_queue_shutdown(const mgr_queue *q, bool immediate)
{
        static const struct method method = METHOD_WRITE("shutdown");
        mgr_value now = mgr_bool(immediate);

        return call_method(mgr_queue_proxy(q), &method, NULL, &now);
}

/* --- counts: *n may be NULL where the call has an effect, too */

static int queue_count(const mgr_queue *q, const struct method *method, size_t *n)
{
        size_t unwanted;
        mgr_value result;

        if (method->reads && !n)
                return call_check_out(n);
        return call_result_count(call_plain(mgr_queue_proxy(q), method, &result), &result,
                                 n ? n : &unwanted);
}

int mgr_queue_qsize(const mgr_queue *q, size_t *n)
{
        static const struct method method = METHOD_READ("qsize");

        return queue_count(q, &method, n);
}

int mgr_queue_unfinished(const mgr_queue *q, size_t *n)
{
        static const struct method method = METHOD_READ("unfinished");

        return queue_count(q, &method, n);
}

int mgr_queue_clear(const mgr_queue *q, size_t *n)
{
        static const struct method method = METHOD_WRITE("clear");

        return queue_count(q, &method, n);
}

int mgr_queue_retry_dead_letters(const mgr_queue *q, size_t *n)
{
        static const struct method method = METHOD_WRITE("retry_dead_letters");

        return queue_count(q, &method, n);
}

int mgr_queue_drop_dead_letters(const mgr_queue *q, size_t *n)
{
        static const struct method method = METHOD_WRITE("drop_dead_letters");

        return queue_count(q, &method, n);
}

/* --- looking inside */

static int queue_ask(const mgr_queue *q, const struct method *method)
{
        mgr_value result;

        return call_result_bool(call_plain(mgr_queue_proxy(q), method, &result), &result);
}

int mgr_queue_empty(const mgr_queue *q)
{
        static const struct method method = METHOD_READ("empty");

        return queue_ask(q, &method);
}

int mgr_queue_full(const mgr_queue *q)
{
        static const struct method method = METHOD_READ("full");

        return queue_ask(q, &method);
}

int mgr_queue_page(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list)
{
        return common_page(mgr_queue_proxy(q), start, count, list);
}

int mgr_queue_in_flight(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list)
{
        static const struct method method = METHOD_READ("in_flight");

        return common_page_of(mgr_queue_proxy(q), &method, start, count, list);
}

int mgr_queue_dead_letters(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list)
{
        static const struct method method = METHOD_READ("dead_letters");

        return common_page_of(mgr_queue_proxy(q), &method, start, count, list);
}
