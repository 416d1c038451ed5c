/*
 * test_calls_ends - calls in flight that are cancelled, dropped, lost, or somebody else's
 */
#include <fcntl.h>
#include <pthread.h>

#include "tests/system/calls.h"
#include "tests/system/daemon.h"

/* --- cancelling, and what is carried */

static void a_cancelled_call_has_no_effect(void **state)
{
        mgr_calls *calls = new_calls();
        struct outcome outcome = { 0 };
        mgr_queue *q = new_queue(0);
        mgr_call *call;
        size_t n;

        (void)state;
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcome, &call));
        assert_done(mgr_call_cancel(call));
        assert_done(mgr_call_cancel(call));
        assert_call(call, MGR_ECANCELLED);
        assert_int_equal(outcome.n, 1);
        assert_int_equal(outcome.error, MGR_ECANCELLED);
        assert_done(mgr_queue_put(q, 1, 0));
        assert_done(mgr_queue_qsize(q, &n));
        assert_int_equal(n, 1);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

/* The item goes to one of two: a call that was cancelled too late, or the queue. */
static void a_cancel_that_comes_too_late_leaves_the_result(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        size_t n_got = 0, n_cancelled = 0, n;

        (void)state;
        for (int i = 0; i < 300; ++i) {
                struct outcome outcome = { 0 };
                mgr_call *call;

                assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcome, &call));
                if (i % 3 == 1)
                        assert_done(mgr_calls_queue_put(calls, q, i, 0, NULL, NULL, NULL));
                assert_done(mgr_call_cancel(call));
                if (i % 3 == 2)
                        assert_done(mgr_calls_queue_put(calls, q, i, 0, NULL, NULL, NULL));
                while (mgr_calls_len(calls))
                        assert_true(mgr_calls_wait(calls, PATIENCE) > 0);
                assert_int_equal(outcome.n, 1);
                n_got += outcome.error == 0;
                n_cancelled += outcome.error == MGR_ECANCELLED;
                mgr_value_clear(&outcome.result);
                assert_done(mgr_call_cancel(call)); /* it has ended */
                mgr_call_free(call);
        }
        assert_int_equal(n_got + n_cancelled, 300);
        assert_true(n_got >= 100 && n_cancelled > 0);
        assert_done(mgr_queue_qsize(q, &n));
        assert_int_equal(n, 200 - n_got);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void a_result_that_nobody_wants_gives_its_references_back(void **state)
{
        mgr_calls *calls = new_calls();
        mgr_queue *q = new_queue(0);
        size_t before = count_objects();
        mgr_call *call;

        (void)state;
        for (int i = 0; i < 2; ++i) {
                mgr_dict *d = new_dict();

                assert_done(mgr_queue_put(q, d, 0));
                mgr_dict_free(d);
        }
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, NULL));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &call));
        mgr_call_free(call);
        while (mgr_calls_len(calls))
                assert_true(mgr_calls_wait(calls, PATIENCE) > 0);
        assert_int_equal(count_objects(), before);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

/* Their decrefs travel on another connection, past calls that the socket has no room for yet. */
static void proxies_may_be_freed_while_calls_are_under_way(void **state)
{
        size_t size = (size_t)4 << 20, n, before;
        char *bytes = calloc(size, 1);
        mgr_value big = mgr_bytes(bytes, size), item;
        mgr_call *put, *get;
        mgr_calls *calls;
        mgr_manager *own;
        mgr_queue *q;
        mgr_dict *d;
        pid_t daemon;

        (void)state;
        assert_non_null(bytes);
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_manager_number_of_objects(own, &before));
        assert_done(mgr_calls_new(own, &calls));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_dict_new(own, &d));
        daemon = daemon_pid(own);
        kill(daemon, SIGSTOP);
        assert_done(mgr_calls_queue_put_value(calls, q, &big, 0, NULL, NULL, NULL));
        assert_done(mgr_calls_queue_put(calls, q, d, 0, NULL, NULL, &put));
        assert_done(mgr_calls_queue_get_many(calls, q, 2, 1, NULL, NULL, &get));
        kill(daemon, SIGCONT);
        mgr_dict_free(d);
        mgr_queue_free(q);
        assert_done(mgr_manager_ping(own)); /* takes along what there is to say of them */
        assert_call(put, 0);
        assert_done(mgr_call_wait(get, PATIENCE));
        assert_done(mgr_call_result(get, &item));
        mgr_value_clear(&item);
        mgr_call_free(get);
        assert_done(mgr_manager_number_of_objects(own, &n));
        assert_int_equal(n, before);
        mgr_calls_free(calls);
        mgr_manager_free(own);
        free(bytes);
}

/* --- the session is lost */

static void a_killed_daemon_fails_every_call(void **state)
{
        struct outcome outcomes[3] = { { 0 } };
        mgr_calls *calls;
        mgr_manager *own;
        mgr_event *event;
        mgr_call *call;
        mgr_queue *q;

        (void)state;
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_event_new(own, &event));
        assert_done(mgr_calls_new(own, &calls));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcomes[0], NULL));
        assert_done(mgr_calls_event_wait(calls, event, MGR_FOREVER, note, &outcomes[1], NULL));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &call));
        until_sent(calls);
        kill(daemon_pid(own), SIGKILL);
        assert_error(mgr_calls_wait(calls, PATIENCE), MGR_EGONE, "the manager is gone");
        assert_int_equal(outcomes[0].n, 1);
        assert_int_equal(outcomes[0].error, MGR_EUNKNOWN_OUTCOME); /* an item may be lost */
        assert_int_equal(outcomes[1].n, 1);
        assert_int_equal(outcomes[1].error, MGR_EGONE); /* it only reads */
        assert_call(call, MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(mgr_calls_len(calls), 0);
        assert_int_equal(mgr_events(calls), 0);
        assert_int_equal(mgr_process_events(calls), MGR_EGONE);
        assert_int_equal(mgr_calls_queue_get(calls, q, 0, note, &outcomes[2], NULL), MGR_EGONE);
        assert_int_equal(outcomes[2].n, 0);
        mgr_calls_free(calls);
        mgr_event_free(event);
        mgr_queue_free(q);
        mgr_manager_free(own);
}

/* The socket takes some of it from a daemon that is stopped, and the rest stays here. */
static void what_was_not_sent_was_not_made(void **state)
{
        size_t size = (size_t)8 << 20;
        char *bytes = calloc(size, 1);
        mgr_value item = mgr_bytes(bytes, size);
        mgr_call *sent, *unsent;
        mgr_calls *calls;
        mgr_manager *own;
        mgr_queue *q;
        pid_t daemon;

        (void)state;
        assert_non_null(bytes);
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_calls_new(own, &calls));
        daemon = daemon_pid(own);
        kill(daemon, SIGSTOP);
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &sent));
        until_sent(calls);
        assert_done(mgr_calls_queue_put_value(calls, q, &item, 0, NULL, NULL, &unsent));
        while (mgr_process_events(calls) > 0)
                ;
        assert_int_equal(mgr_events(calls), POLLIN | POLLOUT);
        kill(daemon, SIGKILL);
        assert_int_equal(mgr_calls_wait(calls, PATIENCE), MGR_EGONE);
        assert_call(sent, MGR_EUNKNOWN_OUTCOME);
        assert_call(unsent, MGR_EGONE);
        mgr_calls_free(calls);
        mgr_queue_free(q);
        mgr_manager_free(own);
        free(bytes);
}

static void a_manager_that_is_freed_ends_its_calls(void **state)
{
        struct outcome outcome = { 0 };
        mgr_calls *calls;
        mgr_manager *own;
        mgr_queue *q;

        (void)state;
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_calls_new(own, &calls));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcome, NULL));
        mgr_manager_free(own);
        assert_int_equal(mgr_calls_queue_get(calls, q, 0, NULL, NULL, NULL), MGR_EGONE);
        while (mgr_process_events(calls) >= 0) /* the daemon may have said that it ends */
                ;
        assert_int_equal(mgr_process_events(calls), MGR_EGONE);
        assert_int_equal(outcome.n, 1);
        assert_true(outcome.error < 0);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void *wait_there(void *arg)
{
        return mgr_call_wait(arg, PATIENCE) == 0 ? NULL : arg;
}

static void another_thread_may_free_the_manager_meanwhile(void **state)
{
        mgr_calls *calls;
        mgr_manager *own;
        pthread_t thread;
        mgr_call *call;
        mgr_queue *q;
        void *failed;

        (void)state;
        assert_done(mgr_manager_start(&own, NULL));
        assert_done(mgr_queue_new(own, 0, NULL, &q));
        assert_done(mgr_calls_new(own, &calls));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, NULL, NULL, &call));
        assert_int_equal(pthread_create(&thread, NULL, wait_there, call), 0);
        mgr_manager_free(own);
        assert_int_equal(pthread_join(thread, &failed), 0);
        assert_null(failed);
        assert_yes(mgr_call_is_done(call));
        assert_true(mgr_call_result(call, NULL) < 0);
        mgr_call_free(call);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void freed_calls_end_once(void **state)
{
        mgr_calls *calls = new_calls();
        struct outcome outcomes[2] = { { 0 } };
        mgr_queue *q = new_queue(0);
        mgr_call *call;

        (void)state;
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcomes[0], &call));
        assert_done(mgr_calls_queue_get(calls, q, MGR_FOREVER, note, &outcomes[1], NULL));
        until_sent(calls);
        mgr_calls_free(calls);
        for (int i = 0; i < 2; ++i) {
                assert_int_equal(outcomes[i].n, 1);
                assert_int_equal(outcomes[i].error, MGR_EUNKNOWN_OUTCOME);
        }
        assert_call(call, MGR_EUNKNOWN_OUTCOME);
        until_waiting(0); /* the session has ended */
        mgr_queue_free(q);
}

/* --- callbacks that take everything away */

struct reentrant {
        mgr_calls *calls;
        mgr_queue *q;
        mgr_call *other;
        int n, wait_error, start_error;
};

static void free_everything(void *arg, int error, const mgr_value *result)
{
        struct reentrant *r = arg;

        (void)error;
        (void)result;
        ++r->n;
        r->wait_error = mgr_calls_wait(r->calls, 0);
        mgr_call_free(r->other);
        r->other = NULL;
        mgr_calls_free(r->calls);
}

static void try_to_start(void *arg, int error, const mgr_value *result)
{
        struct reentrant *r = arg;

        (void)result;
        ++r->n;
        if (error == MGR_EUNKNOWN_OUTCOME)
                r->start_error = mgr_calls_queue_get(r->calls, r->q, 0, NULL, NULL, NULL);
}

static void a_callback_may_free_it_all(void **state)
{
        struct reentrant first = { .calls = new_calls(), .q = new_queue(0) };
        struct reentrant second = { .calls = first.calls, .q = first.q };

        (void)state;
        assert_done(mgr_calls_queue_get(first.calls, first.q, MGR_FOREVER, free_everything, &first,
                                        NULL));
        assert_done(mgr_calls_queue_get(first.calls, first.q, MGR_FOREVER, try_to_start, &second,
                                        &first.other));
        until_sent(first.calls);
        assert_done(mgr_queue_put(first.q, 1, 0));
        assert_yes(mgr_calls_wait(first.calls, PATIENCE));
        assert_int_equal(first.n, 1);
        assert_int_equal(first.wait_error, MGR_ERUNTIME);
        assert_int_equal(second.n, 1);
        assert_int_equal(second.start_error, MGR_EGONE);
        mgr_queue_free(first.q);
}

static void a_call_whose_session_is_freed_while_one_waits_for_it_has_ended(void **state)
{
        struct reentrant all = { .calls = new_calls(), .q = new_queue(0) };
        mgr_queue *never = new_queue(0);
        mgr_call *call;

        (void)state;
        assert_done(
                mgr_calls_queue_get(all.calls, all.q, MGR_FOREVER, free_everything, &all, NULL));
        assert_done(mgr_calls_queue_get(all.calls, never, MGR_FOREVER, NULL, NULL, &call));
        until_sent(all.calls);
        assert_done(mgr_queue_put(all.q, 1, 0));
        assert_done(mgr_call_wait(call, PATIENCE));
        assert_call(call, MGR_EUNKNOWN_OUTCOME);
        mgr_queue_free(all.q);
        mgr_queue_free(never);
}

/* --- children */

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        print_error("child: %s: %s\n", #condition, mgr_errmsg());                  \
                        return 1;                                                                  \
                }                                                                                  \
        } while (0)

struct inherited {
        mgr_calls *calls;
        mgr_queue *q;
        mgr_call *done, *under_way;
        struct outcome *outcome;
        int fd;
};

static int child_of_calls(void *arg)
{
        struct inherited *i = arg;
        mgr_grant grant;
        mgr_value item;
        mgr_calls *own;
        mgr_call *call;

        CHECK(fcntl(i->fd, F_GETFD) < 0); /* closed before fork() returned */
        CHECK(mgr_fd(i->calls) == MGR_EGONE && mgr_events(i->calls) == MGR_EGONE);
        CHECK(mgr_process_events(i->calls) == MGR_EGONE);
        CHECK(mgr_calls_wait(i->calls, 0) == MGR_EGONE);
        CHECK(strcmp(mgr_errmsg(), "these calls are the parent process's") == 0);
        CHECK(mgr_calls_queue_get(i->calls, i->q, 0, NULL, NULL, NULL) == MGR_EGONE);
        CHECK(mgr_call_wait(i->under_way, 0) == MGR_EGONE);
        CHECK(mgr_call_cancel(i->under_way) == MGR_EGONE);
        CHECK(mgr_call_result(i->under_way, NULL) == MGR_EGONE);
        CHECK(mgr_call_grant(i->under_way, &grant) == MGR_EGONE);
        CHECK(mgr_calls_set_task(i->calls, "task") == MGR_EGONE);
        CHECK(mgr_call_result(i->done, &item) == 0 && item.as.integer == 5);
        mgr_calls_free(i->calls);
        CHECK(mgr_call_result(i->under_way, NULL) == MGR_EGONE);
        CHECK(i->outcome->n == 0);
        mgr_call_free(i->done);
        mgr_call_free(i->under_way);

        /* and one of its own */
        CHECK(mgr_calls_queue_get(NULL, i->q, 0, NULL, NULL, NULL) == MGR_EARGUMENT);
        CHECK(mgr_calls_new(m, &own) == 0);
        CHECK(mgr_calls_queue_put(own, i->q, "from the child", 0, NULL, NULL, &call) == 0);
        CHECK(mgr_call_wait(call, PATIENCE) == 0 && mgr_call_result(call, NULL) == 0);
        mgr_call_free(call);

        /* a manager whose daemon is somebody else's ends the session, not the daemon */
        CHECK(mgr_calls_queue_get(own, i->q, MGR_FOREVER, NULL, NULL, &call) == 0);
        until_sent(own);
        mgr_manager_free(m);
        CHECK(mgr_call_wait(call, PATIENCE) == 0);
        CHECK(mgr_call_result(call, NULL) == MGR_EUNKNOWN_OUTCOME);
        CHECK(mgr_process_events(own) == MGR_EGONE);
        mgr_call_free(call);
        mgr_calls_free(own);
        mgr_queue_free(i->q);
        return 0;
}

static void a_child_leaves_the_parents_calls_alone(void **state)
{
        struct outcome outcome = { 0 };
        struct inherited i = { .calls = new_calls(), .q = new_queue(0), .outcome = &outcome };

        (void)state;
        assert_done(mgr_queue_put(i.q, 5, 0));
        assert_done(mgr_calls_queue_get(i.calls, i.q, MGR_FOREVER, NULL, NULL, &i.done));
        assert_done(mgr_call_wait(i.done, PATIENCE));
        assert_done(mgr_calls_queue_get(i.calls, i.q, MGR_FOREVER, note, &outcome, &i.under_way));
        until_sent(i.calls);
        i.fd = mgr_fd(i.calls);
        assert_int_equal(end_of(start(child_of_calls, &i)), 0);
        assert_call(i.under_way, 0);
        assert_repr(&outcome.result, "'from the child'");
        mgr_call_free(i.done);
        mgr_calls_free(i.calls);
        mgr_queue_free(i.q);
}

struct forking {
        mgr_calls *calls;
        pid_t child;
        int n;
};

static void fork_here(void *arg, int error, const mgr_value *result)
{
        struct forking *f = arg;

        (void)error;
        (void)result;
        if (f->n++ == 0)
                f->child = fork();
}

static void a_callback_may_fork(void **state)
{
        struct forking f = { .calls = new_calls() };
        mgr_queue *q = new_queue(0);
        int r;

        (void)state;
        for (int i = 0; i < 3; ++i)
                assert_done(mgr_calls_queue_get(f.calls, q, MGR_FOREVER, fork_here, &f, NULL));
        assert_done(
                mgr_queue_put_many(q, (mgr_value[]){ mgr_int(0), mgr_int(1), mgr_int(2) }, 3, 0));
        r = mgr_calls_wait(f.calls, PATIENCE);
        if (f.n && f.child == 0) {
                mgr_calls_free(f.calls);
                mgr_queue_free(q);
                _exit(r == MGR_EGONE && f.n == 1 ? 0 : 1);
        }
        while (mgr_calls_len(f.calls))
                assert_true(mgr_calls_wait(f.calls, PATIENCE) > 0);
        assert_int_equal(f.n, 3);
        assert_int_equal(end_of(f.child), 0);
        mgr_calls_free(f.calls);
        mgr_queue_free(q);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_cancelled_call_has_no_effect),
                cmocka_unit_test(a_cancel_that_comes_too_late_leaves_the_result),
                cmocka_unit_test(a_result_that_nobody_wants_gives_its_references_back),
                cmocka_unit_test(proxies_may_be_freed_while_calls_are_under_way),
                cmocka_unit_test(a_killed_daemon_fails_every_call),
                cmocka_unit_test(what_was_not_sent_was_not_made),
                cmocka_unit_test(a_manager_that_is_freed_ends_its_calls),
                cmocka_unit_test(another_thread_may_free_the_manager_meanwhile),
                cmocka_unit_test(freed_calls_end_once),
                cmocka_unit_test(a_callback_may_free_it_all),
                cmocka_unit_test(a_call_whose_session_is_freed_while_one_waits_for_it_has_ended),
                cmocka_unit_test(a_child_leaves_the_parents_calls_alone),
                cmocka_unit_test(a_callback_may_fork),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
