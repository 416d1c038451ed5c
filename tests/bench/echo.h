/*
 * echo - the frame of the two bare contenders
 *
 * 48 bytes, about what a get or set of short strings takes on the wire in
 * either direction. The server sends it back as it came; the client checks
 * that it is the frame it sent, whole.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "tests/bench/workload.h"

#define ECHO_SIZE 48

struct echo {
        uint64_t number;
        uint32_t kind;
        char key[WORKLOAD_KEY_SIZE + 2];
        char value[WORKLOAD_VALUE_SIZE];
        uint64_t reserved;
};

_Static_assert(sizeof(struct echo) == ECHO_SIZE, "a frame has 48 bytes");

static inline void echo_init(struct echo *echo, uint64_t number, const struct call *call)
{
        *echo = (struct echo){ .number = number, .kind = call->kind };
        memcpy(echo->key, call->key, WORKLOAD_KEY_SIZE);
        memcpy(echo->value, call->value, WORKLOAD_VALUE_SIZE);
}

static inline bool echo_answers(const struct echo *echo, uint64_t number, const struct call *call)
{
        return echo->number == number && echo->kind == (uint32_t)call->kind &&
               call_accepts(call, echo->value, sizeof(echo->value));
}
