/*
 * request - a method call as a frame
 *
 * Opens a frame, leaves it to the caller to pack n arguments, and closes it.
 */
#pragma once

#include "proto/message.h"

/* A method of a type, as the client knows it. */
struct method {
        struct span name;
        bool reads; /* changes nothing: may be made once more where the reply was lost */
};

#define METHOD_READ(name_)                                                                         \
        {                                                                                          \
                { (const uint8_t *)(name_), sizeof(name_) - 1 }, true                              \
        }
#define METHOD_WRITE(name_)                                                                        \
        {                                                                                          \
                { (const uint8_t *)(name_), sizeof(name_) - 1 }, false                             \
        }

struct request_frame {
        struct request_head head;
        size_t begin;
};

void request_open(struct buffer *out, struct request_frame *frame, size_t n_args);
void request_close(struct buffer *out, const struct request_frame *frame);

/* A whole server-level request whose one argument is an integer. */
void request_pack_ident(struct buffer *out, struct span method, uint64_t ident);
