/*
 * workload - what every contender is asked to do
 */
#include "tests/bench/workload.h"

#include <stdio.h>
#include <string.h>

#define DRAW_SEED 0x9e3779b97f4a7c15u

void workload_init(struct workload *workload)
{
        for (unsigned n = 0; n < WORKLOAD_KEYS; ++n) {
                snprintf(workload->keys[n], sizeof(workload->keys[n]), "key:%06u", n);
                snprintf(workload->values[n], sizeof(workload->values[n]), "value:%010u",
                         n * 2654435761u);
        }
}

void workload_call(const struct workload *workload, enum call_kind kind, unsigned n,
                   struct call *out)
{
        *out = (struct call){
                .kind = kind,
                .n = n,
                .key_size = WORKLOAD_KEY_SIZE,
                .value_size = WORKLOAD_VALUE_SIZE,
                .key = workload->keys[n],
                .value = workload->values[n],
        };
}

void draw_init(struct draw *draw, unsigned worker)
{
        draw->state = DRAW_SEED * (worker + 1);

        /* Neighbouring seeds begin alike: let them drift apart. */
        for (int i = 0; i < 16; ++i)
                draw_next(draw);
}

bool call_accepts(const struct call *call, const void *value, size_t size)
{
        return value && size == call->value_size && !memcmp(value, call->value, size);
}
