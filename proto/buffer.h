/*
 * buffer - bytes that grow
 *
 * Whatever is packed, is packed into a buffer. A failed append (out of memory,
 * or the limit reached) sticks: later appends do nothing, so that a writer
 * checks once at the end. Truncating to a size from before the failure clears
 * it, which is how a half-written reply becomes an error reply.
 */
#pragma once

#include "proto/span.h"

struct buffer {
        uint8_t *data;   /* owned; NULL while capacity is 0 */
        size_t size;     /* bytes in use */
        size_t capacity; /* bytes allocated */
        size_t limit;    /* size may not exceed it */
        int failed;      /* 0, or the sticky -STATUS_NOMEM / -STATUS_TOO_LARGE */
};

#define BUFFER_NULL ((struct buffer){ .limit = SIZE_MAX })

void buffer_init(struct buffer *buffer, size_t limit);

/* Frees the bytes; the buffer is as after buffer_init() with the same limit. */
void buffer_deinit(struct buffer *buffer);

/*
 * Makes room for n more bytes and returns where they go, or NULL when the
 * buffer has failed. The caller adds what it wrote to buffer->size.
 */
uint8_t *buffer_reserve(struct buffer *buffer, size_t n);

void buffer_append(struct buffer *buffer, const void *data, size_t n);

static inline void buffer_append_span(struct buffer *buffer, struct span s)
{
        buffer_append(buffer, s.data, s.size);
}

/* Appends one byte. */
void buffer_append_byte(struct buffer *buffer, uint8_t byte);

/* Cuts the buffer to its first `size` bytes and clears a failure. */
void buffer_truncate(struct buffer *buffer, size_t size);

/* Drops the first n bytes; what follows moves to the front. */
void buffer_consume(struct buffer *buffer, size_t n);

static inline struct span buffer_span(const struct buffer *buffer)
{
        return span_of(buffer->data, buffer->size);
}

/* What stands behind the first n bytes; an empty buffer may have no data to point into. */
static inline struct span buffer_span_from(const struct buffer *buffer, size_t n)
{
        return n ? span_of(buffer->data + n, buffer->size - n) : buffer_span(buffer);
}

#define _buffer_cleanup_ __attribute__((cleanup(buffer_deinit)))
