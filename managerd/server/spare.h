/*
 * spare - a few buffers that wait to be used again
 *
 * Replies need a buffer for the moments between a request and the end of the
 * turn. Sessions borrow one from here, so that an idle session has none and a
 * busy one does not allocate.
 */
#pragma once

#include "proto/buffer.h"

#define SPARE_N            16
#define SPARE_MIN_CAPACITY (4 << 10)  /* smaller ones are not worth keeping */
#define SPARE_MAX_CAPACITY (64 << 10) /* bigger ones would only lie about */

struct spare {
        struct buffer buffers[SPARE_N];
        size_t n;
};

void spare_deinit(struct spare *spare);

/* Gives the empty buffer some capacity, if there is any. */
static inline void spare_lend(struct spare *spare, struct buffer *buffer)
{
        if (buffer->capacity || !spare->n)
                return;
        --spare->n;
        buffer->data = spare->buffers[spare->n].data;
        buffer->capacity = spare->buffers[spare->n].capacity;
}

/* Takes the capacity of a buffer whose content is of no use any more. */
static inline void spare_return(struct spare *spare, struct buffer *buffer)
{
        size_t limit = buffer->limit;

        if (spare->n == SPARE_N || buffer->capacity < SPARE_MIN_CAPACITY ||
            buffer->capacity > SPARE_MAX_CAPACITY) {
                buffer_deinit(buffer);
                return;
        }
        spare->buffers[spare->n++] = *buffer;
        buffer_init(buffer, limit);
}
