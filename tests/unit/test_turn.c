/*
 * test_turn - jobs and deadlines of the loop
 */
#include "managerd/server/turn.h"

#include <string.h>

#include "tests/lib/cmocka.h"

#define MS         1000000ull
#define MAX_EVENTS 16

/* What happened, in order. */
struct diary {
        char events[MAX_EVENTS + 1];
        size_t n;
};

static struct diary diary;

static void note(char what)
{
        assert_true(diary.n < MAX_EVENTS);
        diary.events[diary.n++] = what;
        diary.events[diary.n] = 0;
}

struct place {
        uv_loop_t loop;
        struct turn turn;
        uv_check_t check;
};

static int setup(void **state)
{
        static const uint64_t durations[TIMEOUT_N] = {
                [TIMEOUT_AUTH] = 20 * MS,     [TIMEOUT_REFUSAL] = 5 * MS, [TIMEOUT_FRAME] = 40 * MS,
                [TIMEOUT_STALL] = 60000 * MS, [TIMEOUT_ACCEPT] = 1 * MS,
        };
        struct place *place = calloc(1, sizeof(*place));

        assert_non_null(place);
        diary = (struct diary){ .n = 0 };
        assert_int_equal(uv_loop_init(&place->loop), 0);
        turn_init(&place->turn, &place->loop, durations);
        *state = place;
        return 0;
}

static int teardown(void **state)
{
        struct place *place = *state;

        turn_close(&place->turn);
        assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
        assert_int_equal(uv_loop_close(&place->loop), 0);
        free(place);
        return 0;
}

/* Turns of the loop, none of which waits, until n events have been noted. */
static void run_until(struct place *place, size_t n)
{
        while (diary.n < n)
                uv_run(&place->loop, UV_RUN_NOWAIT);
}

static void on_a(struct deadline *deadline)
{
        (void)deadline;
        note('a');
}

static void on_b(struct deadline *deadline)
{
        (void)deadline;
        note('b');
}

static void on_c(struct deadline *deadline)
{
        (void)deadline;
        note('c');
}

static void deadlines_pass_in_order_and_not_early(void **state)
{
        struct place *place = *state;
        struct deadline a, b, c;
        uint64_t begin = turn_now(&place->turn);

        deadline_init(&a, on_a);
        deadline_init(&b, on_b);
        deadline_init(&c, on_c);
        deadline_start(&place->turn, &a, TIMEOUT_FRAME);
        deadline_start(&place->turn, &b, TIMEOUT_REFUSAL);
        deadline_start(&place->turn, &c, TIMEOUT_AUTH);
        run_until(place, 1);
        assert_true(uv_hrtime() - begin >= 5 * MS);
        assert_false(deadline_runs(&b));
        assert_true(deadline_runs(&a));
        run_until(place, 3);
        assert_true(uv_hrtime() - begin >= 40 * MS);
        assert_string_equal(diary.events, "bca");
}

static void deadlines_of_one_kind_pass_as_they_were_started(void **state)
{
        struct place *place = *state;
        struct deadline a, b, c;

        deadline_init(&a, on_a);
        deadline_init(&b, on_b);
        deadline_init(&c, on_c);
        deadline_start(&place->turn, &a, TIMEOUT_REFUSAL);
        deadline_start(&place->turn, &b, TIMEOUT_REFUSAL);
        deadline_start(&place->turn, &c, TIMEOUT_REFUSAL);
        deadline_start(&place->turn, &a, TIMEOUT_REFUSAL);
        run_until(place, 3);
        assert_string_equal(diary.events, "bca");
}

static void stopped_deadline_does_not_pass(void **state)
{
        struct place *place = *state;
        struct deadline a, b;

        deadline_init(&a, on_a);
        deadline_init(&b, on_b);
        deadline_start(&place->turn, &a, TIMEOUT_REFUSAL);
        deadline_start(&place->turn, &b, TIMEOUT_AUTH);
        deadline_stop(&a);
        deadline_stop(&a);
        run_until(place, 1);
        assert_string_equal(diary.events, "b");
}

static void earlier_deadline_is_noticed_though_the_timer_is_set_for_a_later_one(void **state)
{
        struct place *place = *state;
        struct deadline a, b;

        deadline_init(&a, on_a);
        deadline_init(&b, on_b);
        deadline_start(&place->turn, &a, TIMEOUT_STALL);
        uv_run(&place->loop, UV_RUN_NOWAIT);
        deadline_start(&place->turn, &b, TIMEOUT_REFUSAL);
        run_until(place, 1);
        assert_string_equal(diary.events, "b");
        deadline_stop(&a);
}

struct test_job {
        struct turn_job job;
        struct turn *turn;
        char name;
        int n_more;
};

static void on_job(struct turn_job *job)
{
        struct test_job *test = container_of(job, struct test_job, job);

        note(test->name);
        if (test->n_more-- > 0)
                turn_job_add(test->turn, job, TURN_NEXT);
}

static struct test_job test_job(struct place *place, char name, int n_more)
{
        return (struct test_job){ .turn = &place->turn, .name = name, .n_more = n_more };
}

/* Whoever is embedded is linked where it stands: initialised in place. */
static void job_add(struct test_job *test, enum turn_phase phase)
{
        turn_job_init(&test->job, on_job);
        turn_job_add(test->turn, &test->job, phase);
}

static void jobs_run_once_and_phase_by_phase(void **state)
{
        struct place *place = *state;
        struct test_job flush = test_job(place, 'f', 0), farewell = test_job(place, 'e', 0);

        job_add(&flush, TURN_FLUSH);
        turn_job_add(&place->turn, &flush.job, TURN_FLUSH);
        job_add(&farewell, TURN_FAREWELL);
        run_until(place, 2);
        uv_run(&place->loop, UV_RUN_NOWAIT);
        assert_string_equal(diary.events, "ef");
}

static void dropped_job_does_not_run(void **state)
{
        struct place *place = *state;
        struct test_job a = test_job(place, 'a', 0), b = test_job(place, 'b', 0);

        job_add(&a, TURN_FLUSH);
        job_add(&b, TURN_FLUSH);
        turn_job_drop(&a.job);
        run_until(place, 1);
        assert_string_equal(diary.events, "b");
}

static void on_check(uv_check_t *check)
{
        (void)check;
        note('.');
}

/* Leftovers of one session never keep the loop from looking at the others. */
static void job_for_the_next_turn_leaves_time_for_the_loop_each_time(void **state)
{
        struct place *place = *state;
        struct test_job a = test_job(place, 'a', 2);

        uv_check_init(&place->loop, &place->check);
        uv_check_start(&place->check, on_check);
        job_add(&a, TURN_NEXT);
        /* Something has to end the first turn. */
        turn_now(&place->turn);
        run_until(place, 6);
        assert_non_null(strstr(diary.events, "a.a.a"));
        uv_close((uv_handle_t *)&place->check, NULL);
}

#define N_CHAINED 8

/* As where a session that is closed lets another one have what it waits for, which is closed … */
struct chained {
        struct turn_job job;
        struct turn *turn;
};

static void on_chained(struct turn_job *job)
{
        struct chained *chained = container_of(job, struct chained, job);

        note('0' + N_CHAINED - (char)diary.n);
        if (diary.n < N_CHAINED)
                turn_job_add(chained->turn, &chained[1].job, TURN_FLUSH);
}

static void no_job_is_left_while_the_loop_waits(void **state)
{
        struct place *place = *state;
        struct chained chained[N_CHAINED];
        struct deadline guard;

        for (int i = 0; i < N_CHAINED; ++i) {
                turn_job_init(&chained[i].job, on_chained);
                chained[i].turn = &place->turn;
        }
        deadline_init(&guard, on_a);
        deadline_start(&place->turn, &guard, TIMEOUT_STALL);
        turn_job_add(&place->turn, &chained[0].job, TURN_FLUSH);
        while (diary.n < N_CHAINED && deadline_runs(&guard))
                uv_run(&place->loop, UV_RUN_ONCE);
        assert_string_equal(diary.events, "87654321");
        deadline_stop(&guard);
}

int main(void)
{
#define TURN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TURN_TEST(deadlines_pass_in_order_and_not_early),
                TURN_TEST(deadlines_of_one_kind_pass_as_they_were_started),
                TURN_TEST(stopped_deadline_does_not_pass),
                TURN_TEST(earlier_deadline_is_noticed_though_the_timer_is_set_for_a_later_one),
                TURN_TEST(jobs_run_once_and_phase_by_phase),
                TURN_TEST(dropped_job_does_not_run),
                TURN_TEST(job_for_the_next_turn_leaves_time_for_the_loop_each_time),
                TURN_TEST(no_job_is_left_while_the_loop_waits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
