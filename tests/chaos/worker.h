/*
 * worker - one process of the chaos test, that may be killed at any moment
 */
#pragma once

#include "client/manager.h"

#include "tests/chaos/ledger.h"

#define N_PERMITS 3
#define N_PARTIES 4

/* What all workers share; proxies are inherited by fork. */
struct shared {
        mgr_dict *counters; /* a version for each place, and a key for each worker there ever was */
        mgr_lock *lock;
        mgr_rlock *rlock;
        mgr_condition *condition;
        mgr_semaphore *semaphore;
        mgr_queue *queue; /* that redelivers */
        mgr_event *event;
        mgr_barrier *barrier;
        struct ledger *ledger;
};

/* Works until the ledger says stop, or forever. `number` is of all workers there ever are. */
int worker_run(const struct shared *shared, unsigned slot, unsigned number);
