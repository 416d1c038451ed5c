/*
 * deadlines - the parked calls that have one, the earliest first
 *
 * A binary heap; of equal deadlines the call that came first is first.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct waiter;

struct deadlines {
        struct waiter **heap;
        size_t n, n_allocated;
};

void deadlines_deinit(struct deadlines *deadlines);

/* 0 or -STATUS_NOMEM. */
int deadlines_add(struct deadlines *deadlines, struct waiter *waiter);

/* Harmless where it is not there. */
void deadlines_remove(struct deadlines *deadlines, struct waiter *waiter);

/* The earliest, or UINT64_MAX. */
uint64_t deadlines_next(const struct deadlines *deadlines);
