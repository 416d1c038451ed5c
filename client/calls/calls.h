/*
 * calls - what calls.c and calls_start.c say to each other
 */
#pragma once

#include "client/flight.h"
#include "client/kept.h"
#include "client/proxies/waiting.h"

struct mgr_calls {
        mgr_manager *manager;          /* shared */
        struct connection *connection; /* owned; apart */
        struct flight flight;
        struct buffer task; /* packed, or empty */
        int lost;           /* 0, or how the session ended */
        unsigned depth;     /* of functions that are inside: more than one where callbacks run. In
                             * a child stays as another thread of the parent had it */
        bool unwanted;      /* to be freed by the last of them */
};

struct mgr_call {
        struct flown flown;
        size_t n_refs;    /* the flight's, the user's, and that of whoever waits for it */
        mgr_calls *calls; /* borrowed; NULL: it has ended */
        const struct waiting *waiting; /* or NULL */
        double timeout;                /* of what waits */
        mgr_call_done *done;           /* or NULL */
        void *arg;                     /* borrowed */
        bool cancelled;                /* that was asked for already */

        /* After its end. */
        int status;
        mgr_value result;
        struct notes notes;
        struct buffer error; /* error_pack(), where somebody may ask */

        size_t n_kept;
        struct kept kept[]; /* what it refers to; until its end */
};

/*
 * Every function that looks at calls begins and ends so. An error is set: these are NULL, or the
 * parent's; then nothing is to be left.
 */
int calls_enter(mgr_calls *calls);
void calls_leave(mgr_calls *calls);

/* It is not under way any more, and has not landed. */
void call_landed(struct flown *flown, const struct reply *reply);
