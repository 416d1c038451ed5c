/*
 * calls - what tests of calls in flight have in common
 */
#pragma once

#include <poll.h>
#include <stdio.h>

#include "tests/system/workers.h"

/* What a callback was told. */
struct outcome {
        int n; /* how often */
        int error;
        char message[128];
        mgr_value result;
};

static inline void note(void *arg, int error, const mgr_value *result)
{
        struct outcome *outcome = arg;

        ++outcome->n;
        outcome->error = error;
        snprintf(outcome->message, sizeof(outcome->message), "%s", error < 0 ? mgr_errmsg() : "");
        mgr_value_copy(result, &outcome->result);
}

static inline mgr_calls *new_calls(void)
{
        mgr_calls *calls;

        assert_done(mgr_calls_new(m, &calls));
        return calls;
}

static inline mgr_queue *new_queue(size_t max_size)
{
        mgr_queue *q;

        assert_done(mgr_queue_new(m, max_size, NULL, &q));
        return q;
}

/* The daemon has been sent, or will find, all that was started. */
static inline void until_sent(mgr_calls *calls)
{
        while (mgr_events(calls) & POLLOUT)
                assert_true(mgr_process_events(calls) >= 0);
}

/* Until the call has ended, with this. */
static inline void assert_call(mgr_call *call, int expected)
{
        assert_done(mgr_call_wait(call, PATIENCE));
        check_return(mgr_call_result(call, NULL), expected, "the call", __FILE__, __LINE__);
        mgr_call_free(call);
}
