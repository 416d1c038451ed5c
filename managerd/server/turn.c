/*
 * turn - one turn of the loop
 */
#include "managerd/server/turn.h"

#include <time.h>

#define MILLISECOND 1000000ull

/* Whoever got a reply is given so long to call again before we sleep. */
#define TURN_PATIENCE (30 * MILLISECOND / 1000)

/* How long a turn cleans up at most, where there is much to do. */
#define TURN_REAPING (MILLISECOND / 20)

static void turn_take(struct list_node *from, struct list_node *to)
{
        list_init(to);
        if (list_is_empty(from))
                return;
        *to = *from;
        to->next->prev = to->prev->next = to;
        list_init(from);
}

/* A job that adds itself again meanwhile is done at the next opportunity, not in this one. */
static void turn_run_jobs(struct turn *turn, enum turn_phase phase)
{
        struct list_node jobs;

        turn_take(&turn->jobs[phase], &jobs);
        while (!list_is_empty(&jobs)) {
                struct turn_job *job = container_of(jobs.next, struct turn_job, in_turn);

                list_unlink(&job->in_turn);
                job->run(job);
        }
}

static void turn_on_idle(uv_idle_t *handle)
{
        struct turn *turn = handle->data;

        if (list_is_empty(&turn->jobs[TURN_NEXT]))
                patience_wait(&turn->patience);
        turn_run_jobs(turn, TURN_NEXT);
}

/* While idle runs, the loop looks at its descriptors without waiting. */
static void turn_set_idle(struct turn *turn, bool wanted)
{
        if (turn->idle_runs == wanted)
                return;
        turn->idle_runs = wanted;
        if (wanted)
                uv_idle_start(&turn->idle, turn_on_idle);
        else
                uv_idle_stop(&turn->idle);
}

static uint64_t turn_next_due(const struct turn *turn)
{
        uint64_t due = turn->engine ? engine_next_deadline(turn->engine) : UINT64_MAX;

        for (int i = 0; i < TIMEOUT_N; ++i) {
                const struct list_node *list = &turn->deadlines[i];
                uint64_t first;

                if (list_is_empty(list))
                        continue;
                first = container_of(list->next, struct deadline, in_turn)->due;
                if (first < due)
                        due = first;
        }
        return due;
}

static void turn_on_timer(uv_timer_t *handle)
{
        struct turn *turn = handle->data;
        uint64_t now = turn_now(turn);

        turn->armed = UINT64_MAX;
        for (int i = 0; i < TIMEOUT_N; ++i) {
                struct list_node *list = &turn->deadlines[i];

                while (!list_is_empty(list)) {
                        struct deadline *first = container_of(list->next, struct deadline, in_turn);

                        if (first->due > now)
                                break;
                        list_unlink(&first->in_turn);
                        first->expired(first);
                }
        }
        if (turn->engine && engine_next_deadline(turn->engine) <= now)
                engine_expire(turn->engine, now);
}

/*
 * Most deadlines are withdrawn long before they are due. So the timer is only
 * ever moved to an earlier time; where it fires for nobody it is set anew.
 */
static void turn_arm(struct turn *turn)
{
        uint64_t due = turn_next_due(turn), now;

        if (due >= turn->armed)
                return;
        now = uv_hrtime();
        turn->armed = due;
        uv_update_time(turn->loop);
        uv_timer_start(&turn->timer, turn_on_timer,
                       due <= now ? 0 : (due - now + MILLISECOND - 1) / MILLISECOND, 0);
}

/* Cleans up for a while. True while more is left to do. */
static bool turn_reap(struct turn *turn)
{
        uint64_t begin = 0;

        while (engine_reap(turn->engine)) {
                uint64_t now = uv_hrtime();

                if (!begin)
                        begin = now;
                else if (now - begin > TURN_REAPING)
                        return true;
        }
        return false;
}

/*
 * Keeps the longest turn, by the processor's time and not by the wall's: what
 * others take from us is not ours. That clock costs ten times as much to read,
 * so it is read where a millisecond has passed since: turns are at most as much
 * shorter than they are said to be. Waiting for events takes none of it.
 */
static void turn_measure(struct turn *turn)
{
        uint64_t now = uv_hrtime(), cpu;
        struct timespec clock;

        if (now - turn->measured_at < MILLISECOND)
                return;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &clock);
        cpu = (uint64_t)clock.tv_sec * 1000 * MILLISECOND + (uint64_t)clock.tv_nsec;
        if (turn->measured_at && cpu - turn->measured_cpu > turn->longest)
                turn->longest = cpu - turn->measured_cpu;
        turn->measured_at = now;
        turn->measured_cpu = cpu;
}

/* What is to be done without an event: jobs may add others for as long as they like. */
static bool turn_has_jobs(const struct turn *turn)
{
        for (int i = 0; i < TURN_N_PHASES; ++i)
                if (!list_is_empty(&turn->jobs[i]))
                        return true;
        return false;
}

static void turn_end(struct turn *turn)
{
        bool more;

        turn_run_jobs(turn, TURN_FAREWELL);
        turn_run_jobs(turn, TURN_FLUSH);
        if (turn->served) {
                turn->served = false;
                patience_rewarded(&turn->patience);
                patience_begin(&turn->patience, TURN_PATIENCE);
        }
        more = turn->engine && turn_reap(turn);
        /* Cleaning up may have made replies, and they may have made leftovers. */
        turn_run_jobs(turn, TURN_FLUSH);
        turn_arm(turn);
        turn_set_idle(turn, more || turn->patience.waiting || turn_has_jobs(turn));
        turn->now = 0;
        turn_measure(turn);
}

/* What timers and idle brought about must be out before the loop waits. */
static void turn_on_before_poll(uv_prepare_t *handle)
{
        struct turn *turn = handle->data;

        if (turn->now || turn->idle_runs || turn_has_jobs(turn))
                turn_end(turn);
}

static void turn_on_after_poll(uv_check_t *handle)
{
        struct turn *turn = handle->data;

        ++turn->n_turns;
        turn_end(turn);
}

void turn_init(struct turn *turn, uv_loop_t *loop, const uint64_t durations[TIMEOUT_N])
{
        *turn = (struct turn){ .loop = loop, .armed = UINT64_MAX, .patience = PATIENCE_INIT };
        for (int i = 0; i < TIMEOUT_N; ++i) {
                turn->durations[i] = durations[i];
                list_init(&turn->deadlines[i]);
        }
        for (int i = 0; i < TURN_N_PHASES; ++i)
                list_init(&turn->jobs[i]);

        /* None of these can fail: they only link the handle into the loop. */
        uv_prepare_init(loop, &turn->before_poll);
        uv_check_init(loop, &turn->after_poll);
        uv_idle_init(loop, &turn->idle);
        uv_timer_init(loop, &turn->timer);
        turn->before_poll.data = turn->after_poll.data = turn;
        turn->idle.data = turn->timer.data = turn;
        uv_prepare_start(&turn->before_poll, turn_on_before_poll);
        uv_check_start(&turn->after_poll, turn_on_after_poll);
}

void turn_close(struct turn *turn)
{
        turn->engine = NULL;
        uv_close((uv_handle_t *)&turn->before_poll, NULL);
        uv_close((uv_handle_t *)&turn->after_poll, NULL);
        uv_close((uv_handle_t *)&turn->idle, NULL);
        uv_close((uv_handle_t *)&turn->timer, NULL);
}

void deadline_start(struct turn *turn, struct deadline *deadline, enum timeout timeout)
{
        list_unlink(&deadline->in_turn);
        deadline->due = turn_now(turn) + turn->durations[timeout];
        list_append(&turn->deadlines[timeout], &deadline->in_turn);
}
