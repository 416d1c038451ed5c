/*
 * frame - length-prefixed messages on a byte stream
 */
#include "proto/frame.h"

#include <assert.h>

#include "proto/status.h"

static uint32_t frame_read_length(const uint8_t *header)
{
        return (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 |
               header[3];
}

static void frame_write_length(uint8_t *header, uint32_t length)
{
        header[0] = (uint8_t)(length >> 24);
        header[1] = (uint8_t)(length >> 16);
        header[2] = (uint8_t)(length >> 8);
        header[3] = (uint8_t)length;
}

int frame_next(struct span bytes, size_t limit, struct span *payload, size_t *taken)
{
        uint32_t length;

        *payload = SPAN_ABSENT;
        *taken = 0;
        if (bytes.size < FRAME_HEADER_SIZE)
                return 0;
        length = frame_read_length(bytes.data);
        if (length > FRAME_MAX)
                return -STATUS_BAD_REQUEST;
        if (length > limit)
                return -STATUS_TOO_LARGE;

        *taken = FRAME_HEADER_SIZE + (size_t)length;
        if (bytes.size < *taken)
                return 0;
        *payload = span_of(bytes.data + FRAME_HEADER_SIZE, length);
        return 1;
}

size_t frame_begin(struct buffer *out)
{
        size_t begin = out->size;

        if (!buffer_reserve(out, FRAME_HEADER_SIZE))
                return FRAME_NOWHERE;
        out->size += FRAME_HEADER_SIZE;
        return begin;
}

void frame_end(struct buffer *out, size_t begin)
{
        size_t length;

        if (out->failed)
                return;
        if (begin == FRAME_NOWHERE) {
                out->failed = -STATUS_NOMEM;
                return;
        }
        assert(begin + FRAME_HEADER_SIZE <= out->size);
        length = out->size - begin - FRAME_HEADER_SIZE;
        if (length > FRAME_MAX) {
                out->failed = -STATUS_TOO_LARGE;
                return;
        }
        frame_write_length(out->data + begin, (uint32_t)length);
}

void frame_append(struct buffer *out, struct span payload)
{
        uint8_t *to;

        if (payload.size > FRAME_MAX) {
                if (!out->failed)
                        out->failed = -STATUS_TOO_LARGE;
                return;
        }
        to = buffer_reserve(out, FRAME_HEADER_SIZE + payload.size);
        if (!to)
                return;
        frame_write_length(to, (uint32_t)payload.size);
        if (payload.size)
                memcpy(to + FRAME_HEADER_SIZE, payload.data, payload.size);
        out->size += FRAME_HEADER_SIZE + payload.size;
}
