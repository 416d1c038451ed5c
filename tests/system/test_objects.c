/*
 * test_objects - waiting for objects, finding them, and what they may hold
 */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "tests/system/client.h"

/* --- waiting */

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void take_gives_up_after_its_timeout(void **state)
{
        mgr_list *l = new_range(1);
        mgr_value value;
        double begin;

        (void)state;
        assert_value(mgr_list_take(l, 0, &value), &value, "0");
        assert_error(mgr_list_take(l, 0, &value), MGR_EEMPTY, "Empty: queue is empty");
        begin = now();
        assert_error(mgr_list_take(l, 0.2, &value), MGR_EEMPTY, "Empty: queue is empty");
        assert_true(now() - begin >= 0.2);
        assert_true(now() - begin < 5);
        assert_error(mgr_list_take(l, -1, &value), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_error(mgr_list_take(l, NAN, &value), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        mgr_list_free(l);
}

static void *append_one(void *list)
{
        return mgr_list_append((mgr_list *)list, "item") < 0 ? list : NULL;
}

static void take_waits_until_something_is_appended(void **state)
{
        mgr_list *l = new_range(0);
        mgr_value value;
        pthread_t thread;
        void *failed;

        (void)state;
        assert_int_equal(pthread_create(&thread, NULL, append_one, l), 0);
        assert_value(mgr_list_take(l, MGR_FOREVER, &value), &value, "'item'");
        pthread_join(thread, &failed);
        assert_null(failed);
        mgr_list_free(l);
}

static void on_alarm(int number)
{
        (void)number;
}

static void set_alarm(int flags)
{
        const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
        struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };

        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &soon, NULL);
}

static void a_signal_ends_a_wait_only_where_asked_for(void **state)
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *interruptible;
        mgr_list *l = new_range(0), *same;
        mgr_value value, token;
        double begin = now();

        (void)state;
        set_alarm(0);
        assert_error(mgr_list_take(l, 0.3, &value), MGR_EEMPTY, "Empty: queue is empty");
        assert_true(now() - begin >= 0.3);

        options.flags = MGR_INTERRUPTIBLE;
        assert_done(new_manager(&interruptible, &options));
        assert_done(mgr_list_new(interruptible, &same));
        set_alarm(0);
        assert_error(mgr_list_take(same, 60, &value), MGR_EINTERRUPTED, "interrupted by a signal");
        set_alarm(SA_RESTART); /* as signal() does it */
        assert_error(mgr_list_take(same, MGR_FOREVER, &value), MGR_EINTERRUPTED,
                     "interrupted by a signal");
        assert_done(mgr_list_append(same, 1));
        token = mgr_from_list(same);
        assert_value(mgr_list_take(same, 1, &value), &value, "1");
        assert_true(mgr_value_truth(&token));
        mgr_list_free(same);
        mgr_manager_free(interruptible);
        mgr_list_free(l);
}

/* --- objects in objects, and by name */

static void objects_are_nested(void **state)
{
        mgr_dict *outer = new_dict(), *inner = new_dict(), *found;
        mgr_list *l = new_range(2), *same;
        size_t before = count_objects();
        mgr_value value, element;

        (void)state;
        assert_done(mgr_dict_set(outer, "inner", inner));
        assert_done(mgr_dict_set(inner, "list", l));
        mgr_dict_free(inner);
        mgr_list_free(l);

        /* the only way to them is through the outer one */
        assert_done(mgr_dict_get(outer, "inner", &value));
        assert_int_equal(value.kind, MGR_KIND_PROXY);
        assert_int_equal(mgr_value_list(&value, &same), MGR_ETYPE);
        assert_done(mgr_value_dict(&value, &found));
        mgr_value_clear(&value);
        assert_done(mgr_dict_get(found, "list", &value));
        assert_done(mgr_value_list(&value, &same));
        mgr_value_clear(&value);
        assert_done(mgr_list_append(same, "deep"));
        assert_list(same, "[0, 1, 'deep']");

        /* a container of proxies holds them, and so does an element that is copied */
        assert_done(mgr_dict_copy(found, &value));
        assert_done(mgr_value_find(
                &value, &(mgr_value){ .kind = MGR_KIND_STR, .as.text = { "list", 4 } }, &element));
        mgr_list_free(same);
        mgr_dict_free(found);
        mgr_dict_free(outer);
        assert_done(mgr_value_list(&element, &same));
        mgr_value_clear(&value);
        assert_list(same, "[0, 1, 'deep']");
        mgr_list_free(same);
        assert_int_equal(count_objects(), before - 3);
}

static void references_do_not_pile_up(void **state)
{
        mgr_dict *outer = new_dict(), *inner = new_dict(), *again;
        size_t before = count_objects();
        mgr_value value, kept;

        (void)state;
        assert_done(mgr_dict_set(outer, "inner", inner));
        assert_done(mgr_dict_get(outer, "inner", &kept));
        for (int i = 0; i < 5000; ++i) {
                assert_done(mgr_dict_get(outer, "inner", &value));
                if (i % 3 == 0) {
                        assert_done(mgr_value_dict(&value, &again));
                        mgr_dict_free(again);
                }
                mgr_value_clear(&value);
        }
        assert_done(mgr_dict_clear(outer));
        mgr_value_clear(&kept);
        assert_int_equal(count_objects(), before);
        mgr_dict_free(inner);
        assert_int_equal(count_objects(), before - 1);
        mgr_dict_free(outer);
}

static void named_objects_stay(void **state)
{
        mgr_dict *d, *same;
        mgr_list *l;

        (void)state;
        assert_done(mgr_dict_open(m, "scores", &d));
        assert_done(mgr_dict_set(d, "Ann", 10));
        mgr_dict_free(d);
        assert_done(mgr_dict_open(m, "scores", &same));
        assert_dict(same, "{'Ann': 10}");
        assert_error(mgr_list_open(m, "scores", &l), MGR_ETYPE,
                     "TypeError: that object is a dict, not a list");
        assert_yes(mgr_manager_unlink(m, "scores"));
        assert_done(mgr_manager_unlink(m, "scores"));
        assert_dict(same, "{'Ann': 10}");
        mgr_dict_free(same);
}

static void any_type_and_method_by_name(void **state)
{
        mgr_value content[] = { mgr_str("ab") }, args[] = { mgr_int(1) }, value;
        mgr_proxy *proxy;

        (void)state;
        assert_done(mgr_proxy_new(m, "list", content, 1, &proxy));
        assert_string_equal(mgr_proxy_typeid(proxy), "list");
        assert_value(mgr_proxy_call(proxy, "__getitem__", args, 1, &value), &value, "'b'");
        assert_done(mgr_proxy_call(proxy, "reverse", NULL, 0, NULL));
        assert_value(mgr_proxy_value(proxy, &value), &value, "['b', 'a']");
        mgr_proxy_free(proxy);
        assert_error(mgr_proxy_new(m, "nonsense", NULL, 0, &proxy), MGR_EKEY,
                     "KeyError: 'nonsense'");
        assert_error(mgr_proxy_new(m, "list", args, 1, &proxy), MGR_ETYPE,
                     "TypeError: 'int' object is not iterable");
}

static void existing_objects_are_found(void **state)
{
        mgr_dict *d;
        mgr_list *l = new_range(2);
        mgr_value what = mgr_str("found"), value;
        mgr_proxy *proxy, *same = NULL;
        size_t before;

        (void)state;
        assert_error(mgr_proxy_find(m, &what, &proxy), MGR_ENAME, "NameError: found");
        assert_done(mgr_dict_open(m, "found", &d));
        before = count_objects();
        assert_done(mgr_proxy_find(m, &what, &proxy));
        assert_string_equal(mgr_proxy_typeid(proxy), "dict");
        assert_int_equal(mgr_proxy_ident(proxy), mgr_proxy_ident(mgr_dict_proxy(d)));
        mgr_dict_free(d);
        assert_done(mgr_proxy_call(proxy, "clear", NULL, 0, NULL));
        assert_int_equal(count_objects(), before);

        /* by ident and by proxy; each find is a reference of its own, and given back */
        what = mgr_uint(mgr_proxy_ident(mgr_list_proxy(l)));
        assert_done(mgr_proxy_find(m, &what, &same));
        mgr_list_free(l);
        what = mgr_from_proxy(same);
        for (int i = 0; i < 100; ++i) {
                mgr_proxy *once;

                assert_done(mgr_proxy_find(m, &what, &once));
                mgr_proxy_free(once);
        }
        assert_value(mgr_proxy_value(same, &value), &value, "[0, 1]");
        what = mgr_uint(mgr_proxy_ident(same));
        mgr_proxy_free(same);
        assert_int_equal(mgr_proxy_find(m, &what, &same), MGR_ENO_OBJECT);
        assert_int_equal(count_objects(), before - 1);

        what = mgr_float(1);
        assert_error(mgr_proxy_find(m, &what, &same), MGR_ETYPE,
                     "TypeError: an ident, a token or a name is needed");
        assert_int_equal(mgr_proxy_find(m, &what, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_proxy_find(m, NULL, &same), MGR_EARGUMENT);
        mgr_proxy_free(proxy);
        assert_yes(mgr_manager_unlink(m, "found"));
}

static void methods_take_keyword_arguments(void **state)
{
        mgr_value pair[] = { mgr_str("reverse"), MGR_TRUE }, kwds;
        mgr_list *l = new_range(3);

        (void)state;
        assert_done(mgr_compose(MGR_KIND_DICT, pair, 1, &kwds));
        assert_done(mgr_proxy_call_kw(mgr_list_proxy(l), "sort", NULL, 0, &kwds, NULL));
        assert_list(l, "[2, 1, 0]");
        assert_done(mgr_proxy_call_kw(mgr_list_proxy(l), "sort", NULL, 0, NULL, NULL));
        assert_list(l, "[0, 1, 2]");
        assert_int_equal(mgr_proxy_call_kw(mgr_list_proxy(l), "append", NULL, 0, &kwds, NULL),
                         MGR_ETYPE);
        assert_error(mgr_proxy_call_kw(mgr_list_proxy(l), "sort", NULL, 0, &pair[1], NULL),
                     MGR_ETYPE, "keyword arguments are a dict, not 'bool'");
        mgr_value_clear(&kwds);
        mgr_list_free(l);
}

static void values_of_every_kind_come_back(void **state)
{
        /* -2**70, a frozenset of a tuple, an opaque object */
        static const char big[] = "\xc7\x09\x08\xc0\0\0\0\0\0\0\0\0";
        static const char opaque[] = "\xc7\x09\x0a\x93\xa3pkl\xc4\x01x\xc3";
        mgr_value values[3], value, list, found;
        mgr_dict *d = new_dict();

        (void)state;
        assert_done(mgr_value_unpack(big, sizeof(big) - 1, &values[0]));
        assert_done(mgr_value_unpack(opaque, sizeof(opaque) - 1, &values[1]));
        values[2] = mgr_bytes("a\0b", 3);
        assert_done(mgr_compose(MGR_KIND_TUPLE, values, 3, &list));
        assert_done(mgr_dict_set(d, &list, &list));
        assert_done(mgr_dict_get(d, &list, &found));
        assert_yes(mgr_value_equal(&found, &list));
        assert_done(mgr_value_at(&found, 0, &value));
        assert_repr(&value, "-1180591620717411303424");
        assert_done(mgr_value_at(&found, -1, &value));
        assert_int_equal(value.as.text.size, 3);
        assert_memory_equal(value.as.text.data, "a\0b", 4);
        mgr_value_clear(&found);
        mgr_value_clear(&list);
        mgr_value_clear(&values[0]);
        mgr_value_clear(&values[1]);
        mgr_dict_free(d);
}

static void big_values_travel(void **state)
{
        size_t size = (size_t)20 << 20;
        char *bytes = malloc(size);
        mgr_dict *d = new_dict();
        mgr_value value;

        (void)state;
        assert_non_null(bytes);
        memset(bytes, 'x', size);
        assert_done(mgr_dict_set(d, "big", mgr_bytes(bytes, size)));
        assert_done(mgr_dict_get(d, "big", &value));
        assert_int_equal(value.as.text.size, size);
        assert_memory_equal(value.as.text.data, bytes, size);
        mgr_value_clear(&value);
        free(bytes);
        bytes = calloc(1, (size_t)80 << 20);
        assert_int_equal(mgr_dict_set(d, "big", mgr_bytes(bytes, (size_t)80 << 20)),
                         MGR_ETOO_LARGE);
        assert_done(mgr_dict_contains(d, "other"));
        free(bytes);
        mgr_dict_free(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(take_gives_up_after_its_timeout),
                cmocka_unit_test(take_waits_until_something_is_appended),
                cmocka_unit_test(a_signal_ends_a_wait_only_where_asked_for),
                cmocka_unit_test(objects_are_nested),
                cmocka_unit_test(references_do_not_pile_up),
                cmocka_unit_test(named_objects_stay),
                cmocka_unit_test(any_type_and_method_by_name),
                cmocka_unit_test(existing_objects_are_found),
                cmocka_unit_test(methods_take_keyword_arguments),
                cmocka_unit_test(values_of_every_kind_come_back),
                cmocka_unit_test(big_values_travel),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
