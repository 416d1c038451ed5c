/*
 * test_served_removed - tasks that somebody takes out of the queue of a served pool, and tasks that
 * nobody waits for any more
 */
#include "tests/system/served_functions.h"

static mgr_result *submit(mgr_pool *pool, const char *function, const mgr_value *args, size_t n)
{
        mgr_result *result;

        assert_done(
                mgr_pool_apply_async_of(pool, mgr_callable_name(function), args, n, NULL, &result));
        return result;
}

static void remove_one(const mgr_queue *tasks, mgr_pool *pool)
{
        size_t n = 0;

        while (n == 0) {
                assert_true(mgr_pool_pump(pool, 0) >= 0);
                assert_done(mgr_queue_clear(tasks, &n));
        }
        assert_int_equal(n, 1);
}

static void assert_removed(mgr_result *result)
{
        mgr_value value;

        assert_error(mgr_result_get_value(result, PATIENCE, &value), MGR_ECANCELLED,
                     "the task was taken out of the pool's queue");
        mgr_result_free(result);
}

/* Calls of the pool's that wait at the daemon, whoever else there is. */
static void pump_until_waiting(mgr_pool *pool, size_t n)
{
        mgr_value waiters;
        size_t n_waiters;

        do {
                assert_true(mgr_pool_pump(pool, 0.01) >= 0);
                assert_done(mgr_manager_call(m, "waiters", NULL, 0, &waiters));
                n_waiters = mgr_value_len(&waiters);
                mgr_value_clear(&waiters);
        } while (n_waiters != n);
}

/* What comes when the first one is waited for already is missed no less. */
static void one_that_came_late_fails_too(void **state)
{
        mgr_queue *tasks = tasks_of("p");
        mgr_event *begun, *go_on;
        mgr_value args[2], two = mgr_int(2), value;
        mgr_result *first, *late;
        mgr_pool *pool;
        pid_t worker;

        (void)state;
        assert_done(mgr_event_new(m, &begun));
        assert_done(mgr_event_new(m, &go_on));
        worker = start(serve_in_child, "p");
        assert_done(mgr_pool_open(m, "p", NULL, &pool));
        args[0] = mgr_from_event(begun);
        args[1] = mgr_from_event(go_on);
        first = submit(pool, "meet", args, 2);
        pump_until_waiting(pool, 3); /* the task; the pool for answers, and for the queue's end */
        late = submit(pool, "square", &two, 1);
        remove_one(tasks, pool);
        assert_done(mgr_event_set(go_on));
        assert_done(mgr_result_get_value(first, PATIENCE, &value));
        assert_removed(late);
        mgr_result_free(first);
        mgr_event_free(begun);
        mgr_event_free(go_on);
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        mgr_pool_free(pool);
        mgr_queue_free(tasks);
        end_pool("p");
        assert_int_equal(end_of(worker), 0);
}

static void the_next_one_fails_too(void **state)
{
        mgr_queue *tasks = tasks_of("p");
        mgr_value two = mgr_int(2);
        mgr_pool *pool;

        (void)state;
        assert_done(mgr_pool_open(m, "p", NULL, &pool));
        for (int i = 0; i < 2; ++i) {
                mgr_result *result = submit(pool, "square", &two, 1);

                pump_until_waiting(pool, 2);
                remove_one(tasks, pool);
                assert_removed(result);
        }
        assert_done(mgr_pool_close(pool));
        assert_done(mgr_pool_join(pool, PATIENCE));
        mgr_pool_free(pool);
        mgr_queue_free(tasks);
        end_pool("p");
}

static int submit_and_wait(void *list)
{
        mgr_value args[] = { mgr_from_list(list), mgr_int(0) };
        mgr_pool *pool;
        mgr_result *result;

        if (mgr_pool_open(m, "p", NULL, &pool) < 0)
                return 1;
        for (int i = 0; i < 20; ++i)
                if (mgr_pool_apply_async_of(pool, mgr_callable_name("count_and_die"), args, 2, NULL,
                                            &result) < 0)
                        return 1;
        return mgr_result_wait(result, PATIENCE);
}

/* But for one by each worker, who sees by that that nobody wants it. */
static void tasks_of_a_client_that_died_are_not_run(void **state)
{
        mgr_queue *tasks = tasks_of("p");
        size_t n = 0, n_objects;
        mgr_list *l;
        pid_t client;

        (void)state;
        assert_done(mgr_list_new(m, &l));
        n_objects = count_objects();
        client = start(submit_and_wait, l);
        while (n < 20)
                assert_done(mgr_queue_qsize(tasks, &n));
        kill_and_reap(client);
        while (count_objects() > n_objects)
                ; /* until the daemon has heard of it */
        assert_int_equal(mgr_pool_serve(m, "p", 0, 0), MGR_SERVED_IDLE);
        assert_done(mgr_list_len(l, &n));
        assert_int_equal(n, 1);
        mgr_list_free(l);
        mgr_queue_free(tasks);
        end_pool("p");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_came_late_fails_too),
                cmocka_unit_test(the_next_one_fails_too),
                cmocka_unit_test(tasks_of_a_client_that_died_are_not_run),
        };

        register_all();
        return cmocka_run_group_tests(tests, start_daemon, end_manager);
}
