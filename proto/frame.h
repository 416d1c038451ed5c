/*
 * frame - length-prefixed messages on a byte stream
 *
 * multiprocessing.connection's framing: a signed 32-bit big-endian length, then
 * that many bytes. Python announces more than 2 GiB with a length of -1 and 64
 * more bits; we refuse that.
 */
#pragma once

#include "proto/buffer.h"

#define FRAME_HEADER_SIZE 4
#define FRAME_MAX         0x7fffffffu

/*
 * Looks for one frame at the beginning of `bytes`. Returns 1 with the payload
 * (which points into `bytes`) and the bytes it took with its header; 0 where
 * the frame is not complete yet, with *taken the size the whole will have once
 * its header is known, else 0; -STATUS_TOO_LARGE beyond `limit`;
 * -STATUS_BAD_REQUEST for a negative length.
 */
int frame_next(struct span bytes, size_t limit, struct span *payload, size_t *taken);

/*
 * Leaves room for a header and returns its position for frame_end(), which fills
 * it in. Where there is no room the position is FRAME_NOWHERE, and frame_end()
 * fails the buffer again, whatever has been truncated in between.
 */
#define FRAME_NOWHERE SIZE_MAX
size_t frame_begin(struct buffer *out);
void frame_end(struct buffer *out, size_t begin);

/* Appends a frame with this payload. */
void frame_append(struct buffer *out, struct span payload);
