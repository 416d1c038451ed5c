/*
 * pool_answers - what comes back from workers that were started separately
 *
 * One get_many() is under way as long as anything is to come. Answers are put before task_done()
 * is said: so where the pool's queue has nothing left to do, and there is no answer in ours, a task
 * that has none was taken out of the queue, by whoever cleared it or shut it down. That is looked
 * at when there was no answer for a while, because nobody is to wait for ever: a *watch*.
 */
#include "client/content.h"
#include "client/error.h"
#include "client/pool/pool_served.h"

#define ANSWERS_AT_ONCE 1000
#define SILENCE         1.0 /* seconds without an answer before a watch begins */

/* --- a watch */

static void watch_results(struct served *served);

static void watch_end(struct served *served, int error)
{
        served->watch = WATCH_NONE;
        if (error < 0 && served_is_lost(error))
                served_break(served);
}

static void watch_results_counted(void *arg, int error, const mgr_value *n)
{
        struct served *served = arg;

        if (error >= 0 && n->kind == MGR_KIND_INT && n->as.integer > 0) {
                watch_results(served); /* they are on their way to us */
                return;
        }
        for (size_t i = 0; error >= 0 && i < SERVED_N_SLOTS; ++i) {
                struct slot *slot = &served->slots[i];

                if (!slot->chunk || !slot->watched)
                        continue;
                error_set(-STATUS_CANCELLED, "the task was taken out of the pool's queue");
                slot_fail(slot);
        }
        watch_end(served, error);
}

static void watch_results(struct served *served)
{
        int r;

        served->watch = WATCH_RESULTS;
        r = mgr_calls_start(served->calls, mgr_queue_proxy(served->results), "qsize", NULL, 0,
                            watch_results_counted, served, NULL);
        if (r < 0)
                watch_end(served, r);
}

static void watch_tasks_joined(void *arg, int error, const mgr_value *nothing)
{
        struct served *served = arg;

        (void)nothing;
        if (error < 0 || served->over)
                watch_end(served, error);
        else
                watch_results(served);
}

static void watch_begin(struct served *served)
{
        int r;

        for (size_t i = 0; i < SERVED_N_SLOTS; ++i)
                served->slots[i].watched = served->slots[i].chunk && !served->slots[i].putting;
        served->watch = WATCH_QUEUE;
        r = mgr_calls_queue_join(served->calls, served->tasks, MGR_FOREVER, watch_tasks_joined,
                                 served, NULL);
        if (r < 0)
                watch_end(served, r);
}

/* --- one answer */

static struct slot *slot_find(struct served *served, const mgr_value *number)
{
        struct slot *slot;

        if (number->kind != MGR_KIND_INT)
                return NULL;
        slot = &served->slots[number->as.uinteger % SERVED_N_SLOTS];
        return slot->chunk && slot->number == number->as.uinteger ? slot : NULL;
}

/* [index, error]: the error is set where this is about the task. */
static bool error_is_of(const mgr_value *entry, size_t index)
{
        mgr_value at, error;

        if (mgr_value_at(entry, 0, &at) < 0 || at.kind != MGR_KIND_INT || at.as.uinteger != index ||
            mgr_value_at(entry, 1, &error) < 0)
                return false;
        if (error.kind == MGR_KIND_LIST)
                error_set_packed(content_span(&error));
        else
                error_set(-STATUS_PROTOCOL, "a worker's error cannot be read");
        return true;
}

static void settle_one(struct chunk *chunk, const mgr_value *result)
{
        mgr_value copy;

        if (mgr_value_copy(result, &copy) < 0)
                chunk_failed(chunk);
        else
                chunk_done(chunk, &copy);
}

/* The chunk may be gone after the last one. */
static void settle_each(struct chunk *chunk, const mgr_value *results, const mgr_value *errors)
{
        size_t n = chunk->n;
        mgr_value result, entry;
        mgr_iter at, at_error;
        bool has_entry;

        mgr_iter_init(&at, results);
        mgr_iter_init(&at_error, errors);
        has_entry = mgr_iter_next(&at_error, &entry);
        for (size_t i = 0; i < n; ++i) {
                mgr_iter_next(&at, &result);
                if (has_entry && error_is_of(&entry, i)) {
                        chunk_failed(chunk);
                        has_entry = mgr_iter_next(&at_error, &entry);
                } else {
                        settle_one(chunk, &result);
                }
        }
}

/* Who is answered twice has heard already. */
static void served_settle(struct served *served, const mgr_value *answer)
{
        mgr_value fields[POOL_ANSWER_FIELDS];
        const mgr_value *results = &fields[2], *errors = &fields[3];
        struct slot *slot;
        mgr_iter iter;

        if ((answer->kind != MGR_KIND_LIST && answer->kind != MGR_KIND_TUPLE) ||
            mgr_value_len(answer) < POOL_ANSWER_FIELDS || mgr_iter_init(&iter, answer) < 0)
                return;
        for (size_t i = 0; i < POOL_ANSWER_FIELDS; ++i)
                mgr_iter_next(&iter, &fields[i]);
        slot = slot_find(served, &fields[1]);
        if (!slot)
                return;
        if (results->kind == MGR_KIND_NONE && errors->kind == MGR_KIND_LIST) {
                error_set_packed(content_span(errors));
                slot_fail(slot);
        } else if (results->kind != MGR_KIND_LIST || errors->kind != MGR_KIND_LIST ||
                   mgr_value_len(results) != slot->chunk->n) {
                error_set(-STATUS_PROTOCOL, "a worker's answer cannot be read");
                slot_fail(slot);
        } else {
                settle_each(slot_give_chunk(slot), results, errors);
        }
}

/* --- all of them */

static void get_done(void *arg, int error, const mgr_value *list)
{
        struct served *served = arg;
        mgr_value answer;
        mgr_iter iter;

        served->getting = false;
        if (served->over)
                return;
        if (error == -STATUS_EMPTY) {
                if (served->watch == WATCH_NONE && served->n_out)
                        watch_begin(served);
        } else if (error < 0) {
                served_break(served);
        } else if (mgr_iter_init(&iter, list) == 0) {
                while (!served->over && mgr_iter_next(&iter, &answer))
                        served_settle(served, &answer);
        }
        served_get(served);
}

/*
 * It is the daemon who looks at the time, so that nobody has to here. During a watch, too: the next
 * one is for those that came after its beginning.
 */
void served_get(struct served *served)
{
        if (served->getting || served->over || served->n_out == 0)
                return;
        if (mgr_calls_queue_get_many(served->calls, served->results, ANSWERS_AT_ONCE, SILENCE,
                                     get_done, served, NULL) < 0)
                served_break(served);
        else
                served->getting = true;
}
