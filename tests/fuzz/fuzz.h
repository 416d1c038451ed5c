/*
 * fuzz - what all fuzz targets share
 *
 * A target is one function that libFuzzer calls with bytes. Bytes are read as a
 * series of choices: whoever has used them all up reads zeros, so that every
 * prefix of an input is an input.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "proto/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* assert() that no build leaves out. */
#define fuzz_check(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

static inline void __attribute__((noreturn))
fuzz_fail(const char *condition, const char *file, int line)
{
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
        abort();
}

struct input {
        const uint8_t *at;
        size_t n_left;
};

static inline struct input input_of(const uint8_t *data, size_t size)
{
        return (struct input){ data, size };
}

static inline uint8_t input_byte(struct input *input)
{
        if (!input->n_left)
                return 0;
        --input->n_left;
        return *input->at++;
}

/* 0 … n - 1, from one byte; n is at most 256. */
static inline unsigned input_below(struct input *input, unsigned n)
{
        return input_byte(input) % n;
}

/* True in `n` of 256. */
static inline bool input_chance(struct input *input, unsigned n)
{
        return 255u - input_byte(input) < n;
}

/* At most n bytes. */
static inline struct span input_take(struct input *input, size_t n)
{
        struct span taken = span_of(input->at, n < input->n_left ? n : input->n_left);

        if (taken.size) {
                input->at += taken.size;
                input->n_left -= taken.size;
        }
        return taken;
}

static inline uint64_t input_number(struct input *input, unsigned n_bytes)
{
        uint64_t number = 0;

        while (n_bytes--)
                number = number << 8 | input_byte(input);
        return number;
}
