/*
 * test_served_pool - pools whose workers are programs of their own
 */
#include <poll.h>

#include "tests/system/served_functions.h"

static mgr_pool *open_pool(const char *name, size_t max_retries)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;

        options.n_workers = 2;
        options.max_retries = max_retries;
        assert_done(mgr_pool_open(m, name, &options, &pool));
        return pool;
}

static void close_pool(mgr_pool *pool)
{
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        mgr_pool_free(pool);
}

static mgr_callable named(const char *name)
{
        return mgr_callable_name(name);
}

static void programs_serve_apply_and_map(void **state)
{
        pid_t a = start_program("p", 0, "all"), b = start_program("p", 0, "all");
        mgr_pool *pool = open_pool("p", 0);
        mgr_value items[1000], results[1000], value;

        (void)state;
        for (int i = 0; i < 1000; ++i)
                items[i] = mgr_int(i);
        until_waiting(2);
        assert_value(mgr_pool_apply_of(pool, named("square"), &items[7], 1, &value), &value, "49");
        assert_value(mgr_pool_apply_of(pool, mgr_callable_function(square), &items[8], 1, &value),
                     &value, "64");
        for (size_t chunk = 0; chunk < 40; chunk += 13) {
                assert_done(mgr_pool_map_of(pool, named("square"), items, 1000, chunk, results));
                for (int i = 0; i < 1000; ++i)
                        assert_int_equal(results[i].as.integer, i * i);
        }
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(a), 0);
        assert_int_equal(end_of(b), 0);
}

static int count_up(void *arg, mgr_value *item)
{
        int *i = arg;

        if (*i == 100)
                return 0;
        *item = mgr_int((*i)++);
        return 1;
}

static void imap_and_starmap_work_as_with_workers_of_ones_own(void **state)
{
        pid_t worker = start(serve_in_child, "p");
        mgr_pool *pool = open_pool("p", 0);
        mgr_value pairs[3], results[3], two[2], value;
        mgr_imap *imap;
        int from = 0, n = 0;

        (void)state;
        assert_done(mgr_pool_imap_of(pool, named("square"), count_up, &from, 7, &imap));
        while (mgr_imap_next_value(imap, PATIENCE, &value) == 1) {
                assert_int_equal(value.as.integer, (int64_t)n * n);
                ++n;
        }
        assert_int_equal(n, 100);
        mgr_imap_free(imap);
        from = n = 0;
        assert_done(mgr_pool_imap_unordered_of(pool, named("square"), count_up, &from, 1, &imap));
        while (mgr_imap_next_value(imap, PATIENCE, &value) == 1)
                ++n;
        assert_int_equal(n, 100);
        mgr_imap_free(imap);
        for (int i = 0; i < 3; ++i) {
                two[0] = mgr_int(i);
                two[1] = mgr_str("x");
                assert_done(mgr_compose(MGR_KIND_TUPLE, two, 2, &pairs[i]));
        }
        assert_done(mgr_pool_starmap_of(pool, named("echo"), pairs, 3, 2, results));
        for (int i = 0; i < 3; ++i)
                mgr_value_clear(&pairs[i]);
        assert_repr(&results[0], "[0, 'x']");
        assert_repr(&results[1], "[1, 'x']");
        assert_repr(&results[2], "[2, 'x']");
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void errors_arrive_whole(void **state)
{
        pid_t worker = start_program("p", 0, "all");
        mgr_pool *pool = open_pool("p", 0);
        mgr_dict *d = new_dict();
        mgr_value arg = mgr_from_dict(d), text = mgr_str("no such colour"), value;

        (void)state;
        assert_error(mgr_pool_apply_of(pool, named("refuse"), &text, 1, &value), MGR_EVALUE,
                     "no such colour");
        assert_string_equal(mgr_error_name(), "ValueError");
        assert_value(mgr_error_value(&value), &value, "'no such colour'");
        assert_error(mgr_pool_apply_of(pool, named("refuse"), NULL, 0, &value), MGR_EVALUE,
                     mgr_strerror(MGR_EVALUE));
        assert_error(mgr_pool_apply_of(pool, named("fail_there"), &arg, 1, &value), MGR_EKEY,
                     "KeyError: 'missing'");
        assert_string_equal(mgr_error_name(), "KeyError");
        assert_value(mgr_error_value(&value), &value, "'missing'");
        assert_int_equal(mgr_pool_apply_of(pool, named("fail_silently"), NULL, 0, &value),
                         MGR_EINDEX);
        assert_non_null(strstr(mgr_errmsg(), "the function returned -4"));
        assert_int_equal(mgr_pool_apply_of(pool, named("fail_strangely"), &text, 1, &value), -1001);
        assert_string_equal(mgr_errmsg(), "the function returned -1001: unknown error");
        assert_value(mgr_pool_apply_of(pool, named("return_more_than_0"), NULL, 0, &value), &value,
                     "'fine'");
        assert_int_equal(mgr_pool_map_of(pool, named("square"), &text, 1, 0, &value), MGR_ETYPE);
        assert_string_equal(mgr_errmsg(), "'str' is no int");
        mgr_dict_free(d);
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void unknown_functions_are_told_of(void **state)
{
        pid_t worker = start_program("p", 0, "other");
        mgr_pool *pool = open_pool("p", 0);
        mgr_value two = mgr_int(2), value;

        (void)state;
        assert_error(mgr_pool_apply_of(pool, named("square"), &two, 1, &value), MGR_EATTRIBUTE,
                     "no function 'square' is registered in the worker, only 'other'");
        assert_value(mgr_pool_apply_of(pool, named("other"), &two, 1, &value), &value, "2");
        /* by its address, of which nobody elsewhere knows */
        assert_int_equal(
                mgr_pool_apply_of(pool, mgr_callable_function(unregistered), &two, 1, &value),
                MGR_EARGUMENT);
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void workers_come_and_go(void **state)
{
        mgr_pool *pool = open_pool("p", 0);
        mgr_value items[20], value;
        mgr_result *result;
        pid_t pid;

        (void)state;
        for (int i = 0; i < 20; ++i)
                items[i] = mgr_int(i);
        /* tasks wait until somebody comes */
        assert_done(mgr_pool_map_async_of(pool, named("square"), items, 20, 1, NULL, &result));
        assert_int_equal(mgr_result_get_value(result, 0, &value), MGR_ETIMEOUT);
        for (int i = 0; i < 4; ++i) {
                pid = start_program("p", 5, "all");
                assert_int_equal(end_of(pid), MGR_SERVED_ENOUGH);
        }
        assert_done(mgr_result_get_value(result, PATIENCE, &value));
        assert_int_equal(mgr_value_len(&value), 20);
        mgr_value_clear(&value);
        mgr_result_free(result);
        close_pool(pool);
        end_pool("p");
}

static void a_task_of_a_killed_worker_fails(void **state)
{
        mgr_pool *pool = open_pool("p", 0);
        mgr_event *begun, *never;
        mgr_value args[2], two = mgr_int(2), value;
        mgr_result *result;
        pid_t a, b;

        (void)state;
        assert_done(mgr_event_new(m, &begun));
        assert_done(mgr_event_new(m, &never));
        args[0] = mgr_from_event(begun);
        args[1] = mgr_from_event(never);
        assert_done(mgr_pool_apply_async_of(pool, named("meet"), args, 2, NULL, &result));
        a = start_program("p", 0, "all");
        assert_int_equal(mgr_result_get_value(result, 0, &value), MGR_ETIMEOUT);
        assert_done(mgr_event_wait(begun, PATIENCE));
        kill_and_reap(a);
        b = start_program("p", 0, "all");
        assert_error(mgr_result_get_value(result, PATIENCE, &value), MGR_EWORKER_LOST,
                     "the worker died while it ran the task (1 worker)");
        assert_value(mgr_pool_apply_of(pool, named("square"), &two, 1, &value), &value, "4");
        mgr_result_free(result);
        mgr_event_free(begun);
        mgr_event_free(never);
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(b), 0);
}

static void a_task_is_run_again_as_often_as_was_asked_for(void **state)
{
        mgr_pool *pool = open_pool("p", 2);
        mgr_list *l;
        mgr_value args[2], value;
        mgr_result *result;
        size_t n;
        pid_t pid[4];

        (void)state;
        assert_done(mgr_list_new(m, &l));
        args[0] = mgr_from_list(l);
        args[1] = mgr_int(3);
        for (int i = 0; i < 3; ++i)
                pid[i] = start_program("p", 0, "all");
        assert_value(mgr_pool_apply_of(pool, named("count_and_die"), args, 2, &value), &value, "3");
        /* two have died; the third dies of one that would need four */
        assert_done(mgr_list_clear(l));
        args[1] = mgr_int(4);
        assert_done(mgr_pool_apply_async_of(pool, named("count_and_die"), args, 2, NULL, &result));
        assert_int_equal(mgr_result_get_value(result, 0, &value), MGR_ETIMEOUT);
        n = 0;
        for (int i = 0; i < 3; ++i)
                n += end_of(pid[i]) == -SIGKILL;
        assert_int_equal(n, 3);
        for (int i = 0; i < 3; ++i)
                pid[i] = start_program("p", 0, "all");
        assert_error(mgr_result_get_value(result, PATIENCE, &value), MGR_EWORKER_LOST,
                     "the worker died while it ran the task (3 workers)");
        assert_done(mgr_list_len(l, &n));
        assert_int_equal(n, 3);
        mgr_result_free(result);
        mgr_list_free(l);
        close_pool(pool);
        end_pool("p");
        n = 0;
        for (int i = 0; i < 3; ++i)
                n += end_of(pid[i]) == -SIGKILL;
        assert_int_equal(n, 2);
}

static void two_clients_share_the_workers(void **state)
{
        pid_t worker = start_program("p", 0, "all");
        mgr_pool *a = open_pool("p", 0), *b = open_pool("p", 0);
        mgr_value items[300], value, last;
        mgr_result *of_a, *of_b;

        (void)state;
        for (int i = 0; i < 300; ++i)
                items[i] = mgr_int(i);
        assert_done(mgr_pool_map_async_of(a, named("square"), items, 300, 1, NULL, &of_a));
        assert_done(mgr_pool_map_async_of(b, named("echo"), items, 300, 1, NULL, &of_b));
        assert_done(mgr_result_get_value(of_b, PATIENCE, &value));
        assert_done(mgr_value_at(&value, -1, &last));
        assert_int_equal(last.as.integer, 299);
        mgr_value_clear(&value);
        assert_done(mgr_result_get_value(of_a, PATIENCE, &value));
        assert_done(mgr_value_at(&value, -1, &last));
        assert_int_equal(last.as.integer, 299 * 299);
        mgr_value_clear(&value);
        mgr_result_free(of_a);
        mgr_result_free(of_b);
        close_pool(a);
        close_pool(b);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static int submit_and_wait(void *arg)
{
        mgr_pool *pool;
        mgr_result *result;
        mgr_value items[50];

        for (int i = 0; i < 50; ++i)
                items[i] = mgr_from_event(arg);
        if (mgr_pool_open(m, "p", NULL, &pool) < 0 ||
            mgr_pool_map_async_of(pool, named("echo"), items, 50, 1, NULL, &result) < 0 ||
            mgr_pool_pump(pool, 0) < 0 || mgr_event_set(arg) < 0)
                return 1;
        return mgr_result_wait(result, PATIENCE);
}

static void a_client_that_died_bothers_nobody(void **state)
{
        mgr_queue *tasks = tasks_of("p");
        mgr_value ident, two = mgr_int(2), value;
        mgr_event *begun;
        mgr_proxy *left;
        mgr_pool *pool;
        pid_t client, worker;

        (void)state;
        assert_done(mgr_event_new(m, &begun));
        client = start(submit_and_wait, begun);
        assert_done(mgr_event_wait(begun, PATIENCE));
        kill_and_reap(client);
        worker = start_program("p", 0, "all");
        pool = open_pool("p", 0);
        assert_value(mgr_pool_apply_of(pool, named("square"), &two, 1, &value), &value, "4");
        close_pool(pool);
        ident = mgr_uint(mgr_proxy_ident(mgr_event_proxy(begun)));
        mgr_event_free(begun);
        mgr_queue_free(tasks);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
        /* the tasks had it, and so have the answers that nobody will read: until they are gone */
        while (mgr_proxy_find(m, &ident, &left) == 0)
                mgr_proxy_free(left);
}

static void terminate_leaves_the_workers_to_others(void **state)
{
        pid_t worker = start_program("p", 0, "all");
        mgr_pool *pool = open_pool("p", 0), *other = open_pool("p", 0);
        mgr_event *begun, *go_on;
        mgr_list *l;
        mgr_value args[2], meeting[2], two = mgr_int(2), value;
        mgr_result *result, *behind[5];
        size_t n;

        (void)state;
        assert_done(mgr_event_new(m, &begun));
        assert_done(mgr_event_new(m, &go_on));
        assert_done(mgr_list_new(m, &l));
        meeting[0] = mgr_from_event(begun);
        meeting[1] = mgr_from_event(go_on);
        args[0] = mgr_from_list(l);
        args[1] = mgr_int(0);
        assert_done(mgr_pool_apply_async_of(pool, named("meet"), meeting, 2, NULL, &result));
        for (int i = 0; i < 5; ++i)
                assert_done(mgr_pool_apply_async_of(pool, named("count_and_die"), args, 2, NULL,
                                                    &behind[i]));
        assert_int_equal(mgr_result_wait(result, 0), MGR_ETIMEOUT);
        assert_done(mgr_event_wait(begun, PATIENCE));
        assert_done(mgr_pool_terminate(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        assert_true(mgr_result_get_value(behind[0], PATIENCE, &value) < 0);
        mgr_result_free(result);
        for (int i = 0; i < 5; ++i)
                mgr_result_free(behind[i]);
        mgr_pool_free(pool);
        assert_done(mgr_event_set(go_on));
        assert_value(mgr_pool_apply_of(other, named("square"), &two, 1, &value), &value, "4");
        assert_done(mgr_list_len(l, &n));
        assert_int_equal(n, 0);
        mgr_event_free(begun);
        mgr_event_free(go_on);
        mgr_list_free(l);
        close_pool(other);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void tasks_that_somebody_removed_fail(void **state)
{
        mgr_pool *pool = open_pool("p", 0);
        mgr_queue *tasks = tasks_of("p");
        mgr_value two = mgr_int(2), value;
        mgr_result *result, *late;
        size_t n = 0;

        (void)state;
        assert_done(mgr_pool_apply_async_of(pool, named("square"), &two, 1, NULL, &result));
        assert_int_equal(mgr_result_get_value(result, 0, &value), MGR_ETIMEOUT);
        while (n == 0)
                assert_done(mgr_queue_clear(tasks, &n));
        assert_error(mgr_result_get_value(result, PATIENCE, &value), MGR_ECANCELLED,
                     "the task was taken out of the pool's queue");
        assert_done(mgr_queue_shutdown(tasks, true));
        assert_done(mgr_pool_apply_async_of(pool, named("square"), &two, 1, NULL, &late));
        assert_int_equal(mgr_result_get_value(late, PATIENCE, &value), MGR_ESHUT_DOWN);
        mgr_result_free(result);
        mgr_result_free(late);
        mgr_queue_free(tasks);
        close_pool(pool);
        end_pool("p");
}

static void n_done(void *arg, const mgr_value *result)
{
        (void)result;
        ++*(int *)arg;
}

static void an_application_can_wait_for_the_descriptor(void **state)
{
        pid_t worker = start_program("p", 0, "all");
        mgr_pool *pool = open_pool("p", 0);
        mgr_value two = mgr_int(2);
        int n = 0;
        mgr_callbacks callbacks = { n_done, NULL, &n };
        mgr_result *results[20];

        (void)state;
        for (int i = 0; i < 20; ++i)
                assert_done(mgr_pool_apply_async_of(pool, named("square"), &two, 1, &callbacks,
                                                    &results[i]));
        while (n < 20) {
                struct pollfd poller = { .fd = mgr_pool_fd(pool), .events = POLLIN };

                assert_true(mgr_pool_pump(pool, 0) >= 0);
                if (n < 20)
                        assert_int_equal(poll(&poller, 1, (int)(PATIENCE * 1000)), 1);
        }
        for (int i = 0; i < 20; ++i)
                mgr_result_free(results[i]);
        close_pool(pool);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void options_that_make_no_sense_are_refused(void **state)
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        mgr_pool *pool;

        (void)state;
        options.initializer = serve_in_child;
        assert_error(mgr_pool_open(m, "p", &options, &pool), MGR_EARGUMENT,
                     "workers that were started separately have no initializer");
        options.initializer = NULL;
        options.max_tasks_per_child = 1;
        assert_int_equal(mgr_pool_open(m, "p", &options, &pool), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_open(m, "p", NULL, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_open(m, NULL, NULL, &pool), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_open(NULL, "p", NULL, &pool), MGR_EARGUMENT);
}

/* The last one: there is no daemon behind it. */
static void all_is_told_when_the_daemon_dies(void **state)
{
        pid_t worker = start_program("p", 0, "all"), idle = start_program("idle", 0, "all");
        mgr_pool *pool = open_pool("p", 0);
        mgr_event *begun, *never;
        mgr_value args[2], two = mgr_int(2), value;
        mgr_result *result, *second;

        (void)state;
        assert_done(mgr_event_new(m, &begun));
        assert_done(mgr_event_new(m, &never));
        args[0] = mgr_from_event(begun);
        args[1] = mgr_from_event(never);
        assert_done(mgr_pool_apply_async_of(pool, named("meet"), args, 2, NULL, &result));
        assert_done(mgr_pool_apply_async_of(pool, named("square"), &two, 1, NULL, &second));
        assert_int_equal(mgr_result_get_value(result, 0, &value), MGR_ETIMEOUT);
        assert_done(mgr_event_wait(begun, PATIENCE));
        until_waiting(3); /* two workers, and the client for its results */
        assert_done(mgr_manager_shutdown(m));
        assert_int_equal(mgr_result_get_value(result, PATIENCE, &value), MGR_EGONE);
        assert_int_equal(mgr_result_get_value(second, PATIENCE, &value), MGR_EGONE);
        assert_int_equal(mgr_pool_apply_of(pool, named("square"), &two, 1, &value), MGR_EGONE);
        mgr_result_free(result);
        mgr_result_free(second);
        close_pool(pool);
        mgr_event_free(begun);
        mgr_event_free(never);
        assert_int_equal(end_of(worker), WORKER_GONE);
        assert_int_equal(end_of(idle), WORKER_GONE);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(programs_serve_apply_and_map),
                cmocka_unit_test(imap_and_starmap_work_as_with_workers_of_ones_own),
                cmocka_unit_test(errors_arrive_whole),
                cmocka_unit_test(unknown_functions_are_told_of),
                cmocka_unit_test(workers_come_and_go),
                cmocka_unit_test(a_task_of_a_killed_worker_fails),
                cmocka_unit_test(a_task_is_run_again_as_often_as_was_asked_for),
                cmocka_unit_test(two_clients_share_the_workers),
                cmocka_unit_test(a_client_that_died_bothers_nobody),
                cmocka_unit_test(terminate_leaves_the_workers_to_others),
                cmocka_unit_test(tasks_that_somebody_removed_fail),
                cmocka_unit_test(an_application_can_wait_for_the_descriptor),
                cmocka_unit_test(options_that_make_no_sense_are_refused),
                cmocka_unit_test(all_is_told_when_the_daemon_dies),
        };

        if (argc == 6 && !strcmp(argv[1], "worker"))
                return worker_main(argv + 2);
        register_all();
        return cmocka_run_group_tests(tests, start_daemon, end_manager);
}
