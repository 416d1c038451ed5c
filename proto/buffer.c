/*
 * buffer - bytes that grow
 */
#include "proto/buffer.h"

#include <stdlib.h>

#include "proto/status.h"

#define BUFFER_MIN_CAPACITY 64

void buffer_init(struct buffer *buffer, size_t limit)
{
        *buffer = (struct buffer){ .limit = limit };
}

void buffer_deinit(struct buffer *buffer)
{
        free(buffer->data);
        buffer_init(buffer, buffer->limit);
}

static uint8_t *buffer_grow(struct buffer *buffer, size_t n)
{
        size_t needed, capacity;
        uint8_t *data;

        if (buffer->failed)
                return NULL;
        if (buffer->size > buffer->limit || n > buffer->limit - buffer->size) {
                buffer->failed = -STATUS_TOO_LARGE;
                return NULL;
        }

        needed = buffer->size + n;
        capacity = buffer->capacity < BUFFER_MIN_CAPACITY ? BUFFER_MIN_CAPACITY : buffer->capacity;
        while (capacity < needed)
                capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;

        data = realloc(buffer->data, capacity);
        if (!data) {
                buffer->failed = -STATUS_NOMEM;
                return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
        return data + buffer->size;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t n)
{
        if (buffer->failed || n > buffer->capacity - buffer->size ||
            n > buffer->limit - buffer->size || !buffer->data)
                return buffer_grow(buffer, n);
        return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t n)
{
        uint8_t *to = buffer_reserve(buffer, n);

        if (to && n) {
                memcpy(to, data, n);
                buffer->size += n;
        }
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
        buffer_append(buffer, &byte, 1);
}

void buffer_truncate(struct buffer *buffer, size_t size)
{
        if (size < buffer->size)
                buffer->size = size;
        buffer->failed = 0;
}

void buffer_consume(struct buffer *buffer, size_t n)
{
        if (n >= buffer->size) {
                buffer->size = 0;
                return;
        }
        memmove(buffer->data, buffer->data + n, buffer->size - n);
        buffer->size -= n;
}
