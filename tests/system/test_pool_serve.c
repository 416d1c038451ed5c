/*
 * test_pool_serve - a worker of a pool, by what it takes from one queue and puts into another
 *
 * Tasks are written here by hand, as PROTOCOL.md tells, and some of them badly.
 */
#include "tests/system/served_functions.h"

static mgr_value ident_of(const mgr_queue *q)
{
        return mgr_uint(mgr_proxy_ident(mgr_queue_proxy(q)));
}

static void put_task(const mgr_queue *tasks, const mgr_queue *results, int64_t number,
                     int64_t retries, const char *function, const char *call, const mgr_value *args,
                     size_t n_args)
{
        mgr_value fields[7], task;

        fields[0] = mgr_int(1);
        fields[1] = ident_of(results);
        fields[2] = mgr_int(number);
        fields[3] = mgr_int(retries);
        fields[4] = mgr_str(function);
        fields[5] = mgr_str(call);
        assert_done(mgr_compose(MGR_KIND_LIST, args, n_args, &fields[6]));
        assert_done(mgr_compose(MGR_KIND_LIST, fields, 7, &task));
        assert_done(mgr_queue_put(tasks, &task, 0));
        mgr_value_clear(&fields[6]);
        mgr_value_clear(&task);
}

struct raw {
        mgr_queue *tasks, *results;
};

static struct raw raw_new(void)
{
        struct raw raw = { .tasks = tasks_of("raw") };

        assert_done(mgr_queue_new(m, 0, NULL, &raw.results));
        return raw;
}

static void raw_end(struct raw *raw)
{
        size_t n;

        assert_yes(mgr_queue_empty(raw->results));
        assert_done(mgr_queue_unfinished(raw->tasks, &n));
        assert_int_equal(n, 0);
        mgr_queue_free(raw->tasks);
        mgr_queue_free(raw->results);
        end_pool("raw");
}

static void assert_answer(const struct raw *raw, const char *text)
{
        mgr_value answer;

        assert_value(mgr_queue_get_value(raw->results, 0, &answer), &answer, text);
}

static void worker_answers_what_is_asked(void **state)
{
        struct raw raw = raw_new();
        mgr_value args[] = { mgr_int(3), mgr_int(4) };
        mgr_value pairs[2];

        (void)state;
        put_task(raw.tasks, raw.results, 1, 0, "square", "apply", args, 1);
        put_task(raw.tasks, raw.results, 2, 0, "square", "map", args, 2);
        put_task(raw.tasks, raw.results, 3, 0, "echo", "apply", args, 2);
        put_task(raw.tasks, raw.results, 4, 0, "square", "apply", args, 2);
        put_task(raw.tasks, raw.results, 5, 0, "echo", "map", args, 0);
        assert_done(mgr_compose(MGR_KIND_TUPLE, args, 2, &pairs[0]));
        assert_done(mgr_compose(MGR_KIND_LIST, args, 1, &pairs[1]));
        put_task(raw.tasks, raw.results, 6, 0, "echo", "starmap", pairs, 2);
        assert_int_equal(mgr_pool_serve(m, "raw", 6, PATIENCE), MGR_SERVED_ENOUGH);
        assert_answer(&raw, "[1, 1, [9], []]");
        assert_answer(&raw, "[1, 2, [9, 16], []]");
        assert_answer(&raw, "[1, 3, [[3, 4]], []]");
        assert_answer(&raw, "[1, 4, [None], [[0, [-1, 'TypeError', 'square() takes 1 argument', "
                            "TypeError('square() takes 1 argument')]]]]");
        assert_answer(&raw, "[1, 5, [], []]");
        assert_answer(&raw, "[1, 6, [[3, 4], 3], []]");
        mgr_value_clear(&pairs[0]);
        mgr_value_clear(&pairs[1]);
        raw_end(&raw);
}

static void worker_passes_over_what_is_no_task(void **state)
{
        struct raw raw = raw_new();
        mgr_value few[] = { mgr_int(1), ident_of(raw.results), mgr_int(3) };
        mgr_value three = mgr_int(3), value, bad[7];
        mgr_list *l;
        mgr_queue *full;

        (void)state;
        assert_done(mgr_list_new(m, &l));
        assert_done(mgr_queue_new(m, 1, NULL, &full));
        assert_done(mgr_queue_put(full, 1, 0));
        assert_done(mgr_queue_put(raw.tasks, 5, 0));
        assert_done(mgr_queue_put(raw.tasks, "text", 0));
        assert_done(mgr_queue_put(raw.tasks, MGR_NONE, 0));
        assert_done(mgr_queue_put(raw.tasks, raw.tasks, 0));
        assert_done(mgr_compose(MGR_KIND_LIST, few, 3, &value));
        assert_done(mgr_queue_put(raw.tasks, &value, 0));
        mgr_value_clear(&value);
        /* nowhere to answer to */
        for (size_t i = 0; i < 7; ++i)
                bad[i] = mgr_int(1);
        for (size_t i = 0; i < 7; ++i) {
                const mgr_value nowhere[] = { mgr_int(0),
                                              mgr_int(-2),
                                              mgr_uint(1u << 31),
                                              mgr_from_list(l),
                                              mgr_none(),
                                              mgr_uint(UINT64_MAX),
                                              mgr_uint(mgr_proxy_ident(mgr_list_proxy(l))) };

                bad[1] = nowhere[i];
                assert_done(mgr_compose(MGR_KIND_LIST, bad, 7, &value));
                assert_done(mgr_queue_put(raw.tasks, &value, 0));
                mgr_value_clear(&value);
        }
        /* where there is, one is told */
        bad[1] = ident_of(raw.results);
        assert_done(mgr_compose(MGR_KIND_LIST, bad, 7, &value));
        assert_done(mgr_queue_put(raw.tasks, &value, 0));
        mgr_value_clear(&value);
        bad[0] = mgr_int(2);
        assert_done(mgr_compose(MGR_KIND_LIST, bad, 7, &value));
        assert_done(mgr_queue_put(raw.tasks, &value, 0));
        mgr_value_clear(&value);
        put_task(raw.tasks, raw.results, 8, 0, "square", "juggle", &three, 1);
        put_task(raw.tasks, raw.results, 9, -1, "square", "map", &three, 1);
        /* whoever has no room for the answer does not make the worker wait */
        put_task(raw.tasks, full, 10, 0, "square", "map", &three, 1);
        put_task(raw.tasks, raw.results, 11, 0, "square", "map", &three, 1);
        assert_int_equal(mgr_pool_serve(m, "raw", 0, 0), MGR_SERVED_IDLE);
        assert_answer(&raw, "[1, 1, None, [-34, '', 'the worker cannot read the task', None]]");
        assert_answer(&raw, "[1, 1, None, [-34, '', 'the worker knows tasks of version 1 only', "
                            "None]]");
        assert_answer(&raw, "[1, 8, None, [-34, '', 'the worker does not know this kind of call', "
                            "None]]");
        assert_answer(&raw, "[1, 9, None, [-34, '', 'the worker cannot read the task', None]]");
        assert_answer(&raw, "[1, 11, [9], []]");
        mgr_list_free(l);
        mgr_queue_free(full);
        raw_end(&raw);
}

static void worker_leaves_tasks_alone_that_nobody_waits_for(void **state)
{
        struct raw raw = raw_new();
        mgr_queue *deaf, *gone;
        mgr_list *l;
        mgr_value args[2];

        (void)state;
        assert_done(mgr_queue_new(m, 0, NULL, &deaf));
        assert_done(mgr_queue_new(m, 0, NULL, &gone));
        assert_done(mgr_list_new(m, &l));
        args[0] = mgr_from_list(l);
        args[1] = mgr_int(0);
        assert_done(mgr_queue_shutdown(deaf, true));
        for (int i = 0; i < 5; ++i) {
                put_task(raw.tasks, deaf, i, 0, "count_and_die", "apply", args, 2);
                put_task(raw.tasks, gone, i, 0, "count_and_die", "apply", args, 2);
        }
        mgr_queue_free(gone);
        put_task(raw.tasks, raw.results, 5, 0, "count_and_die", "apply", args, 2);
        assert_int_equal(mgr_pool_serve(m, "raw", 0, 0), MGR_SERVED_IDLE);
        assert_answer(&raw, "[1, 5, [3], []]"); /* each of them had to be asked once */
        mgr_list_free(l);
        mgr_queue_free(deaf);
        raw_end(&raw);
}

static void worker_says_why_it_returns(void **state)
{
        struct raw raw = raw_new();

        (void)state;
        assert_int_equal(mgr_pool_serve(m, "raw", 0, 0), MGR_SERVED_IDLE);
        assert_int_equal(mgr_pool_serve(m, "raw", 7, 0.001), MGR_SERVED_IDLE);
        assert_error(mgr_pool_serve(m, "raw", 0, -1), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_error(mgr_pool_serve(m, "raw", 0, (double)NAN), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_int_equal(mgr_pool_serve(NULL, "raw", 0, 0), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_serve(m, NULL, 0, 0), MGR_EARGUMENT);
        assert_int_equal(mgr_pool_serve(m, "", 0, 0), MGR_EARGUMENT);
        assert_done(mgr_queue_shutdown(raw.tasks, false));
        assert_done(mgr_pool_serve(m, "raw", 0, MGR_FOREVER));
        raw_end(&raw);
}

static void results_that_cannot_be_sent_are_errors(void **state)
{
        struct raw raw = raw_new();
        mgr_value deep[] = { mgr_int(1), mgr_int(40), mgr_int(2) };

        (void)state;
        put_task(raw.tasks, raw.results, 1, 0, "return_nonsense", "map", deep, 1);
        put_task(raw.tasks, raw.results, 2, 0, "nest", "map", deep, 3);
        put_task(raw.tasks, raw.results, 3, 0, "nest", "map", &deep[2], 1);
        assert_int_equal(mgr_pool_serve(m, "raw", 3, PATIENCE), MGR_SERVED_ENOUGH);
        assert_answer(&raw, "[1, 1, [None], [[0, [-19, '', 'the result cannot be sent: not "
                            "UTF-8', None]]]]");
        /* the daemon takes so many levels, and not more */
        assert_answer(&raw, "[1, 2, None, [-35, '', 'the result cannot be sent: TooLarge: "
                            "value is nested too deeply', None]]");
        assert_answer(&raw, "[1, 3, [[[0]]], []]");
        raw_end(&raw);
}

static void a_proxy_that_only_the_result_has_arrives(void **state)
{
        struct raw raw = raw_new();
        mgr_value args[] = { mgr_int(3), mgr_int(4) }, answer, results, value, str;
        mgr_list *l;
        size_t n = count_objects();

        (void)state;
        put_task(raw.tasks, raw.results, 1, 0, "new_list", "apply", args, 2);
        assert_int_equal(mgr_pool_serve(m, "raw", 1, PATIENCE), MGR_SERVED_ENOUGH);
        assert_done(mgr_queue_get(raw.results, 0, &answer));
        assert_done(mgr_value_at(&answer, 2, &results));
        assert_done(mgr_value_at(&results, 0, &value));
        assert_done(mgr_value_list(&value, &l));
        mgr_value_clear(&answer);
        assert_done(mgr_list_str(l, &str));
        assert_repr(&str, "'[3, 4]'");
        mgr_list_free(l);
        assert_int_equal(count_objects(), n);
        raw_end(&raw);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(worker_answers_what_is_asked),
                cmocka_unit_test(worker_passes_over_what_is_no_task),
                cmocka_unit_test(worker_leaves_tasks_alone_that_nobody_waits_for),
                cmocka_unit_test(worker_says_why_it_returns),
                cmocka_unit_test(results_that_cannot_be_sent_are_errors),
                cmocka_unit_test(a_proxy_that_only_the_result_has_arrives),
        };

        if (argc == 6 && !strcmp(argv[1], "worker"))
                return worker_main(argv + 2);
        register_all();
        return cmocka_run_group_tests(tests, start_daemon, end_manager);
}
