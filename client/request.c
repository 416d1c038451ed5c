/*
 * request - a method call as a frame
 */
#include "client/request.h"

#include <endian.h>

#include "proto/frame.h"
#include "proto/pack.h"

/*
 * What request_begin() and pack_array() write for nearly every call, in one go: a plain
 * request of an object, whose idents take 64 bits, with a short name and few arguments.
 */
static bool request_open_quickly(struct buffer *out, const struct request_frame *frame,
                                 size_t n_args)
{
        const struct request_head *head = &frame->head;
        size_t n = FRAME_HEADER_SIZE + 1 + 9 + 1 + head->method.size + 1;
        uint64_t ident = htobe64(head->ident);
        uint8_t *to;

        if (head->ident <= UINT32_MAX || head->numbered || head->method.size > 31 || n_args > 15)
                return false;
        to = buffer_reserve(out, n);
        if (!to)
                return false;
        memset(to, 0, FRAME_HEADER_SIZE);
        to[FRAME_HEADER_SIZE] = 0x94;
        to[FRAME_HEADER_SIZE + 1] = 0xcf;
        memcpy(to + FRAME_HEADER_SIZE + 2, &ident, sizeof(ident));
        to[FRAME_HEADER_SIZE + 10] = (uint8_t)(0xa0 | head->method.size);
        memcpy(to + FRAME_HEADER_SIZE + 11, head->method.data, head->method.size);
        to[n - 1] = (uint8_t)(0x90 | n_args);
        out->size += n;
        return true;
}

void request_open(struct buffer *out, struct request_frame *frame, size_t n_args)
{
        frame->begin = out->size;
        if (request_open_quickly(out, frame, n_args))
                return;
        frame->begin = frame_begin(out);
        request_begin(out, &frame->head);
        pack_array(out, n_args);
}

void request_close(struct buffer *out, const struct request_frame *frame)
{
        request_end(out, &frame->head);
        frame_end(out, frame->begin);
}

void request_pack_ident(struct buffer *out, struct span method, uint64_t ident)
{
        struct request_frame frame = { .head = { .method = method } };

        request_open(out, &frame, 1);
        pack_uint(out, ident);
        request_close(out, &frame);
}
