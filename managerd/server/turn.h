/*
 * turn - one turn of the loop
 *
 * What arrives is read, applied and answered while the loop calls back; what
 * follows from it for others is only noted down as a job and done when the turn
 * ends: each of them is flushed once, however many replies it got. Nothing
 * of the server calls into a session from within the engine, so nothing is ever
 * entered twice.
 *
 *      poll ── readable ──► read, apply ──► job for the end of the turn
 *      end of the turn: jobs in the order of their phase, then a step of
 *      cleaning up, then the timer is set to whatever is due next
 *
 * Jobs for the next turn are done before the loop looks at its descriptors
 * again, but without waiting there: what is left over from one turn never keeps
 * the others waiting for more than one turn.
 */
#pragma once

#include <uv.h>

#include "managerd/engine/engine.h"
#include "managerd/object/list.h"
#include "proto/patience.h"

enum turn_phase {
        TURN_NEXT,     /* in the next turn: leftovers */
        TURN_FAREWELL, /* at the end of this one: processes that ended, after what they had sent */
        TURN_FLUSH,    /* after that: replies are written */
        TURN_N_PHASES,
};

/* Embedded in whom it concerns. Adding a job that is there already does nothing. */
struct turn_job {
        struct list_node in_turn;
        void (*run)(struct turn_job *job);
};

enum timeout {
        TIMEOUT_AUTH,    /* a handshake */
        TIMEOUT_REFUSAL, /* the answer to a failed one */
        TIMEOUT_FRAME,   /* the rest of a frame */
        TIMEOUT_STALL,   /* a client that does not read */
        TIMEOUT_ACCEPT,  /* before accepting is tried again */
        TIMEOUT_N,
};

/* Embedded; of one kind at a time. All of a kind last equally long, so a list keeps them sorted. */
struct deadline {
        struct list_node in_turn;
        uint64_t due; /* monotonic nanoseconds */
        void (*expired)(struct deadline *deadline);
};

struct turn {
        uv_loop_t *loop;       /* borrowed */
        struct engine *engine; /* borrowed; NULL until there is one */
        uint64_t now;          /* 0: not asked yet in this turn */
        uint64_t n_turns;
        uint64_t longest; /* a turn's nanoseconds of CPU time: see turn_measure() */
        uint64_t measured_at, measured_cpu;
        uint64_t armed; /* when the timer will fire, or UINT64_MAX */
        bool idle_runs;
        bool served;              /* a request was applied in this turn: to be set by who did */
        struct patience patience; /* whoever was served just now may call again soon */
        uint64_t durations[TIMEOUT_N];
        struct list_node deadlines[TIMEOUT_N]; /* struct deadline.in_turn */
        struct list_node jobs[TURN_N_PHASES];  /* struct turn_job.in_turn */
        uv_prepare_t before_poll;
        uv_check_t after_poll;
        uv_idle_t idle;
        uv_timer_t timer;
};

void turn_init(struct turn *turn, uv_loop_t *loop, const uint64_t durations[TIMEOUT_N]);

/* Begins to close the handles; the loop must run once more. */
void turn_close(struct turn *turn);

/* The time of this turn, monotonic nanoseconds: the same until it ends. */
static inline uint64_t turn_now(struct turn *turn)
{
        if (!turn->now)
                turn->now = uv_hrtime();
        return turn->now;
}

static inline void turn_job_init(struct turn_job *job, void (*run)(struct turn_job *job))
{
        list_init(&job->in_turn);
        job->run = run;
}

static inline void turn_job_add(struct turn *turn, struct turn_job *job, enum turn_phase phase)
{
        if (!list_is_linked(&job->in_turn))
                list_append(&turn->jobs[phase], &job->in_turn);
}

static inline void turn_job_drop(struct turn_job *job)
{
        list_unlink(&job->in_turn);
}

static inline void deadline_init(struct deadline *deadline, void (*expired)(struct deadline *))
{
        list_init(&deadline->in_turn);
        deadline->expired = expired;
}

/* (Re)starts it from now. */
void deadline_start(struct turn *turn, struct deadline *deadline, enum timeout timeout);

static inline void deadline_stop(struct deadline *deadline)
{
        list_unlink(&deadline->in_turn);
}

static inline bool deadline_runs(const struct deadline *deadline)
{
        return list_is_linked(&deadline->in_turn);
}
