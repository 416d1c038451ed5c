/*
 * deadlines - the parked calls that have one, the earliest first
 */
#include "managerd/engine/deadlines.h"

#include <stdlib.h>

#include "managerd/engine/waiter.h"

static bool earlier(const struct waiter *a, const struct waiter *b)
{
        if (a->invocation.call.deadline != b->invocation.call.deadline)
                return a->invocation.call.deadline < b->invocation.call.deadline;
        return a->input < b->input;
}

static void heap_place(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        deadlines->heap[i] = waiter;
        waiter->in_deadlines = i + 1;
}

static void heap_rise(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        for (; i > 0 && earlier(waiter, deadlines->heap[(i - 1) / 2]); i = (i - 1) / 2)
                heap_place(deadlines, i, deadlines->heap[(i - 1) / 2]);
        heap_place(deadlines, i, waiter);
}

static void heap_sink(struct deadlines *deadlines, size_t i, struct waiter *waiter)
{
        size_t child;

        while ((child = 2 * i + 1) < deadlines->n) {
                if (child + 1 < deadlines->n &&
                    earlier(deadlines->heap[child + 1], deadlines->heap[child]))
                        ++child;
                if (!earlier(deadlines->heap[child], waiter))
                        break;
                heap_place(deadlines, i, deadlines->heap[child]);
                i = child;
        }
        heap_place(deadlines, i, waiter);
}

int deadlines_add(struct deadlines *deadlines, struct waiter *waiter)
{
        struct waiter **heap;
        size_t n;

        if (deadlines->n == deadlines->n_allocated) {
                n = deadlines->n_allocated ? deadlines->n_allocated * 2 : 16;
                heap = reallocarray(deadlines->heap, n, sizeof(*heap));
                if (!heap)
                        return -STATUS_NOMEM;
                deadlines->heap = heap;
                deadlines->n_allocated = n;
        }
        heap_rise(deadlines, deadlines->n++, waiter);
        return 0;
}

void deadlines_remove(struct deadlines *deadlines, struct waiter *waiter)
{
        size_t i = waiter->in_deadlines;
        struct waiter *last;

        if (i-- == 0)
                return;
        waiter->in_deadlines = 0;
        last = deadlines->heap[--deadlines->n];
        if (last == waiter)
                return;
        if (i > 0 && earlier(last, deadlines->heap[(i - 1) / 2]))
                heap_rise(deadlines, i, last);
        else
                heap_sink(deadlines, i, last);
}

uint64_t deadlines_next(const struct deadlines *deadlines)
{
        return deadlines->n ? deadlines->heap[0]->invocation.call.deadline : UINT64_MAX;
}

void deadlines_deinit(struct deadlines *deadlines)
{
        free(deadlines->heap);
}
