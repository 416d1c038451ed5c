/*
 * test_calls - calls in flight: what they do, how they end, and how they are collected
 */
#include <pthread.h>

#include "tests/system/calls.h"

/* --- collecting */

static void a_call_ends_by_its_callback(void **state)
{
        mgr_calls *calls = new_calls();
        struct outcome outcome = { 0 };
        mgr_queue *q = new_queue(0);

        (void)state;
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcome, NULL));
        assert_int_equal(mgr_calls_len(calls), 1);
        assert_int_equal(mgr_calls_wait(calls, 0), MGR_ETIMEOUT);
        assert_int_equal(outcome.n, 0);
        assert_done(mgr_queue_put(q, "hello", 0)); /* its reply is not the call's */
        assert_yes(mgr_calls_wait(calls, PATIENCE));
        assert_int_equal(outcome.n, 1);
        assert_int_equal(outcome.error, 0);
        assert_repr(&outcome.result, "'hello'");
        assert_done(mgr_calls_wait(calls, MGR_FOREVER));
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void a_call_ends_by_its_handle(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        mgr_value item, none;
        mgr_call *call;

        (void)state;
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &call));
        assert_int_equal(mgr_call_is_done(call), 0);
        assert_error(mgr_call_result(call, &item), MGR_ERUNTIME, "the call is under way");
        assert_int_equal(mgr_call_wait(call, 0.001), MGR_ETIMEOUT);
        assert_done(mgr_queue_put(q, 7, 0));
        assert_done(mgr_call_wait(call, PATIENCE));
        assert_yes(mgr_call_is_done(call));
        assert_done(mgr_call_result(call, &item));
        assert_repr(&item, "7");
        assert_done(mgr_call_result(call, &none));
        assert_int_equal(none.kind, MGR_KIND_NONE);
        mgr_calls_free(calls);
        assert_done(mgr_call_wait(call, 0)); /* handles outlive the session */
        mgr_call_free(call);
        mgr_queue_free(q);
}

static void any_method_can_be_called(void **state)
{
        mgr_value args[2] = { mgr_str("x"), mgr_int(5) }, result;
        mgr_calls *calls = new_calls();
        mgr_call *set, *get, *missing;
        mgr_dict *d = new_dict();

        (void)state;
        assert_done(mgr_calls_start(calls, mgr_dict_proxy(d), "__setitem__", args, 2, NULL, NULL,
                                    &set));
        assert_done(mgr_calls_start(calls, mgr_dict_proxy(d), "__getitem__", args, 1, NULL, NULL,
                                    &get));
        assert_done(mgr_calls_start(calls, mgr_dict_proxy(d), "nonsense", NULL, 0, NULL, NULL,
                                    &missing));
        assert_done(mgr_call_wait(get, PATIENCE));
        assert_done(mgr_call_result(get, &result));
        assert_repr(&result, "5");
        assert_call(missing, MGR_ENO_METHOD);
        assert_call(set, 0);
        mgr_call_free(get);
        mgr_calls_free(calls);
        mgr_dict_free(d);
}

static void an_error_is_kept_for_whoever_asks_later(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_dict *d = new_dict();
        mgr_value key = mgr_str("nowhere"), argument;
        mgr_call *call;

        (void)state;
        assert_done(mgr_calls_start(calls, mgr_dict_proxy(d), "__getitem__", &key, 1, NULL, NULL,
                                    &call));
        assert_done(mgr_call_wait(call, PATIENCE));
        assert_int_equal(mgr_dict_set_value(d, NULL, &key), MGR_EARGUMENT);
        assert_error(mgr_call_result(call, NULL), MGR_EKEY, "KeyError: 'nowhere'");
        assert_string_equal(mgr_error_name(), "KeyError");
        assert_value(mgr_error_value(&argument), &argument, "'nowhere'");
        assert_error(mgr_call_result(call, NULL), MGR_EKEY, "KeyError: 'nowhere'");
        mgr_call_free(call);
        mgr_calls_free(calls);
        mgr_dict_free(d);
}

static void what_is_wrong_at_the_start_starts_nothing(void **state)
{
        mgr_value bad = mgr_strn("\xff", 1), null = { .kind = MGR_KIND_LIST };
        mgr_calls *calls = new_calls();
        struct outcome outcome = { 0 };
        mgr_queue *q = new_queue(0);
        mgr_proxy *proxy = mgr_queue_proxy(q);
        mgr_manager *other;
        mgr_dict *strange;
        mgr_call *call;

        (void)state;
        assert_done(new_manager(&other, NULL));
        assert_done(mgr_dict_new(other, &strange));
        assert_int_equal(mgr_calls_queue_get(calls, q, -1, note, &outcome, NULL), MGR_EVALUE);
        assert_int_equal(mgr_calls_queue_get(NULL, q, 0, note, &outcome, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_calls_queue_get(calls, NULL, 0, note, &outcome, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_calls_start(calls, proxy, NULL, NULL, 0, note, &outcome, NULL),
                         MGR_EARGUMENT);
        assert_int_equal(mgr_calls_start(calls, proxy, "put", NULL, 1, note, &outcome, NULL),
                         MGR_EARGUMENT);
        assert_int_equal(mgr_calls_start(calls, proxy, "put", &null, 1, note, &outcome, NULL),
                         MGR_EARGUMENT);
        assert_error(mgr_calls_start(calls, mgr_dict_proxy(strange), "clear", NULL, 0, note,
                                     &outcome, NULL),
                     MGR_EARGUMENT, "the proxy is of another manager");
        assert_int_equal(mgr_calls_len(calls), 0);
        /* only the daemon looks into text */
        assert_done(mgr_calls_start(calls, proxy, "put", &bad, 1, NULL, NULL, &call));
        assert_call(call, MGR_EUNICODE);
        assert_int_equal(outcome.n, 0);
        mgr_dict_free(strange);
        mgr_manager_free(other);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void too_large_a_call_fails_alone(void **state)
{
        size_t size = ((size_t)64 << 20) + 1;
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        char *bytes = calloc(size, 1);
        mgr_value item = mgr_bytes(bytes, size);
        mgr_call *get;

        (void)state;
        assert_non_null(bytes);
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &get));
        assert_int_equal(mgr_calls_queue_put_value(calls, q, &item, 0, NULL, NULL, NULL),
                         MGR_ETOO_LARGE);
        assert_done(mgr_calls_queue_put(calls, q, 1, 0, NULL, NULL, NULL));
        assert_call(get, 0);
        free(bytes);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

/* --- methods that wait, each as the one that blocks */

static void timeouts_are_the_errors_of_the_blocking_calls(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_queue *empty = new_queue(0), *full = new_queue(1);
        mgr_semaphore *semaphore;
        mgr_list *l = new_range(0);
        mgr_event *event;
        mgr_lock *lock;
        mgr_call *call;

        (void)state;
        assert_done(mgr_queue_put(full, 1, 0));
        assert_done(mgr_semaphore_new(m, 0, &semaphore));
        assert_done(mgr_event_new(m, &event));
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_lock_acquire(lock, 0, NULL));
        assert_done(mgr_calls_queue_get(calls, empty, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_EEMPTY);
        assert_done(mgr_calls_queue_put(calls, full, 2, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_EFULL);
        assert_done(mgr_calls_queue_join(calls, full, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_ETIMEOUT);
        assert_done(mgr_calls_queue_poll(calls, empty, 0.01, NULL, NULL, &call));
        assert_call(call, 0);
        assert_done(mgr_calls_queue_poll(calls, full, 0.01, NULL, NULL, &call));
        assert_call(call, 1);
        assert_done(mgr_calls_list_take(calls, l, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_EEMPTY);
        assert_done(mgr_calls_semaphore_acquire(calls, semaphore, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_ETIMEOUT);
        assert_done(mgr_calls_event_wait(calls, event, 0.01, NULL, NULL, &call));
        assert_call(call, MGR_ETIMEOUT);
        assert_string_equal(mgr_errmsg(), "the event was not set for 0.01 seconds");
        assert_done(mgr_calls_lock_acquire(calls, lock, 0, NULL, NULL, &call));
        assert_call(call, MGR_ETIMEOUT);
        mgr_calls_free(calls);
        mgr_queue_free(empty);
        mgr_queue_free(full);
        mgr_semaphore_free(semaphore);
        mgr_list_free(l);
        mgr_event_free(event);
        mgr_lock_free(lock);
}

static void assert_result(mgr_call *call, const char *text)
{
        mgr_value result;

        assert_done(mgr_call_wait(call, PATIENCE));
        assert_done(mgr_call_result(call, &result));
        assert_repr(&result, text);
        mgr_call_free(call);
}

static void results_are_those_of_the_blocking_calls(void **state)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0), *redelivering;
        mgr_list *l = new_range(2);
        mgr_call *call, *late;
        mgr_event *event;
        mgr_barrier *b;

        (void)state;
        options.redeliver = true;
        assert_done(mgr_queue_new(m, 0, &options, &redelivering));
        assert_done(mgr_event_new(m, &event));
        assert_done(mgr_barrier_new(m, 2, &b));
        for (int i = 0; i < 3; ++i)
                assert_done(mgr_calls_queue_put(calls, q, i, 0, NULL, NULL, NULL));
        assert_done(mgr_calls_queue_get_many(calls, q, 10, 1, NULL, NULL, &call));
        assert_result(call, "[0, 1, 2]");
        assert_done(mgr_calls_queue_put(calls, redelivering, "job", 0, NULL, NULL, NULL));
        assert_done(mgr_calls_queue_get_delivery(calls, redelivering, 1, NULL, NULL, &call));
        assert_result(call, "['job', 1]");
        assert_done(mgr_calls_start(calls, mgr_queue_proxy(redelivering), "task_done", NULL, 0,
                                    NULL, NULL, NULL));
        assert_done(mgr_calls_queue_join(calls, redelivering, 1, NULL, NULL, &call));
        assert_result(call, "None");
        assert_done(mgr_calls_list_take(calls, l, 1, NULL, NULL, &call));
        assert_result(call, "0");
        assert_done(mgr_calls_event_wait(calls, event, MGR_FOREVER, NULL, NULL, &call));
        assert_done(mgr_event_set(event));
        assert_result(call, "None");
        assert_done(mgr_calls_barrier_wait(calls, b, MGR_FOREVER, NULL, NULL, &call));
        assert_done(mgr_calls_barrier_wait(calls, b, MGR_FOREVER, NULL, NULL, &late));
        assert_result(late, "1");
        assert_result(call, "0");
        mgr_calls_free(calls);
        mgr_queue_free(q);
        mgr_queue_free(redelivering);
        mgr_list_free(l);
        mgr_event_free(event);
        mgr_barrier_free(b);
}

static void a_barrier_with_an_action_tells_who_runs_it(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_call *waits, *finishes;
        mgr_barrier *b;

        (void)state;
        assert_done(mgr_barrier_new_action(m, 1, &b));
        assert_done(mgr_calls_barrier_wait(calls, b, MGR_FOREVER, NULL, NULL, &waits));
        assert_call(waits, 1);
        assert_done(mgr_calls_start(calls, mgr_barrier_proxy(b), "finish", NULL, 0, NULL, NULL,
                                    &finishes));
        assert_result(finishes, "0");
        mgr_calls_free(calls);
        mgr_barrier_free(b);
}

/* --- locks */

static void tasks_exclude_each_other(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_call *first, *again, *other;
        mgr_grant grant, later;
        mgr_rlock *lock;

        (void)state;
        assert_done(mgr_rlock_new(m, &lock));
        assert_done(mgr_calls_set_task(calls, "one"));
        assert_done(mgr_calls_rlock_acquire(calls, lock, MGR_FOREVER, NULL, NULL, &first));
        assert_done(mgr_calls_rlock_acquire(calls, lock, MGR_FOREVER, NULL, NULL, &again));
        assert_done(mgr_calls_set_task(calls, "two"));
        assert_done(mgr_calls_rlock_acquire(calls, lock, MGR_FOREVER, NULL, NULL, &other));
        assert_done(mgr_call_wait(again, PATIENCE));
        assert_done(mgr_call_grant(first, &grant));
        assert_true(grant.fence > 0);
        assert_int_equal(mgr_call_wait(other, 0.001), MGR_ETIMEOUT);
        assert_int_equal(mgr_call_grant(other, &later), MGR_ERUNTIME);
        assert_done(mgr_calls_set_task(calls, "one"));
        for (int i = 0; i < 2; ++i)
                assert_done(mgr_calls_start(calls, mgr_rlock_proxy(lock), "release", NULL, 0, NULL,
                                            NULL, NULL));
        assert_done(mgr_call_wait(other, PATIENCE));
        assert_done(mgr_call_grant(other, &later));
        assert_true(later.fence > grant.fence);
        assert_call(first, 0);
        assert_call(again, 0);
        assert_call(other, 0);
        mgr_calls_free(calls);
        mgr_rlock_free(lock);
}

static void a_tasks_name_is_short(void **state)
{
        char name[47] = "";
        mgr_calls *calls = new_calls();
        mgr_rlock *lock;
        mgr_call *call;

        (void)state;
        assert_done(mgr_rlock_new(m, &lock));
        memset(name, 'x', 46);
        assert_error(mgr_calls_set_task(calls, name), MGR_EVALUE,
                     "a task's name takes at most 45 bytes");
        assert_int_equal(mgr_calls_set_task(calls, "\xff"), MGR_EUNICODE);
        name[45] = '\0';
        assert_done(mgr_calls_set_task(calls, name));
        assert_done(mgr_calls_rlock_acquire(calls, lock, 0, NULL, NULL, &call));
        assert_call(call, 0);
        assert_done(mgr_calls_set_task(calls, NULL));
        assert_done(mgr_calls_rlock_acquire(calls, lock, 0, NULL, NULL, &call));
        assert_call(call, MGR_ETIMEOUT);
        mgr_calls_free(calls);
        mgr_rlock_free(lock);
}

static void a_lock_is_taken_over_from_a_session_that_ended(void **state)
{
        mgr_calls *calls = new_calls(), *next = new_calls();
        mgr_grant grant;
        mgr_lock *lock;
        mgr_call *call;

        (void)state;
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_calls_lock_acquire(calls, lock, 0, NULL, NULL, &call));
        assert_call(call, 0);
        assert_done(mgr_calls_lock_acquire(next, lock, MGR_FOREVER, NULL, NULL, &call));
        assert_int_equal(mgr_call_wait(call, 0), MGR_ETIMEOUT);
        mgr_calls_free(calls);
        assert_done(mgr_call_wait(call, PATIENCE));
        assert_int_equal(mgr_call_result(call, NULL), MGR_OWNER_DIED);
        assert_int_equal(mgr_call_grant(call, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, getpid());
        mgr_call_free(call);
        mgr_calls_free(next);
        mgr_lock_free(lock);
}

static void a_condition_is_waited_for_in_flight(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_call *acquires, *waits, *cancelled;
        mgr_condition *c;

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &c));
        assert_done(mgr_calls_condition_acquire(calls, c, MGR_FOREVER, NULL, NULL, &acquires));
        assert_done(mgr_calls_condition_wait(calls, c, MGR_FOREVER, NULL, NULL, &waits));
        assert_call(acquires, 0);
        assert_done(mgr_condition_acquire(c, PATIENCE, NULL)); /* the wait has let it go */
        assert_done(mgr_condition_notify(c, 1));
        assert_int_equal(mgr_call_wait(waits, 0.001), MGR_ETIMEOUT);
        assert_done(mgr_condition_release(c));
        assert_call(waits, 0);
        assert_done(mgr_calls_condition_wait(calls, c, 0.001, NULL, NULL, &waits));
        assert_call(waits, MGR_ETIMEOUT);
        assert_done(mgr_calls_condition_wait(calls, c, MGR_FOREVER, NULL, NULL, &cancelled));
        assert_done(mgr_call_cancel(cancelled));
        assert_call(cancelled, MGR_ECANCELLED);
        assert_yes(mgr_condition_locked(c)); /* it came back with the lock in any case */
        mgr_calls_free(calls);
        mgr_condition_free(c);
}

/* --- threads: the one has it, then the other */

static void *wait_there(void *arg)
{
        mgr_call *call = arg;

        return mgr_call_wait(call, PATIENCE) == 0 ? NULL : arg;
}

static void calls_move_between_threads(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        pthread_t thread;
        mgr_call *call;
        void *failed;

        (void)state;
        for (int i = 0; i < 20; ++i) {
                assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &call));
                assert_int_equal(pthread_create(&thread, NULL, wait_there, call), 0);
                assert_done(mgr_queue_put(q, i, 0));
                assert_int_equal(pthread_join(thread, &failed), 0);
                assert_null(failed);
                assert_call(call, 0);
        }
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void a_call_is_waited_for_while_others_end(void **state)
{
        mgr_calls *calls = new_calls();
        struct outcome outcomes[10] = { { 0 } };
        mgr_queue *q = new_queue(0), *last = new_queue(0);
        mgr_call *call;

        (void)state;
        for (int i = 0; i < 10; ++i)
                assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcomes[i], NULL));
        assert_done(mgr_calls_queue_get(calls, last, MGR_FOREVER, NULL, NULL, &call));
        for (int i = 0; i < 10; ++i)
                assert_done(mgr_queue_put(q, i, 0));
        assert_done(mgr_queue_put(last, "last", 0));
        assert_done(mgr_call_wait(call, PATIENCE));
        for (int i = 0; i < 10; ++i) {
                assert_int_equal(outcomes[i].n, 1);
                assert_int_equal(outcomes[i].result.as.integer, i);
        }
        assert_call(call, 0);
        mgr_calls_free(calls);
        mgr_queue_free(q);
        mgr_queue_free(last);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_call_ends_by_its_callback),
                cmocka_unit_test(a_call_ends_by_its_handle),
                cmocka_unit_test(any_method_can_be_called),
                cmocka_unit_test(an_error_is_kept_for_whoever_asks_later),
                cmocka_unit_test(what_is_wrong_at_the_start_starts_nothing),
                cmocka_unit_test(too_large_a_call_fails_alone),
                cmocka_unit_test(timeouts_are_the_errors_of_the_blocking_calls),
                cmocka_unit_test(results_are_those_of_the_blocking_calls),
                cmocka_unit_test(a_barrier_with_an_action_tells_who_runs_it),
                cmocka_unit_test(tasks_exclude_each_other),
                cmocka_unit_test(a_tasks_name_is_short),
                cmocka_unit_test(a_lock_is_taken_over_from_a_session_that_ended),
                cmocka_unit_test(a_condition_is_waited_for_in_flight),
                cmocka_unit_test(calls_move_between_threads),
                cmocka_unit_test(a_call_is_waited_for_while_others_end),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
