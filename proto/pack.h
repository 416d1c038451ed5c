/*
 * pack - msgpack-c's packer over a buffer
 *
 * Thin names for writing msgpack into a struct buffer. Failures stick in the
 * buffer. Integers take their shortest form, as do headers.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/ext.h"

void pack_nil(struct buffer *out);
void pack_bool(struct buffer *out, bool value);
void pack_int(struct buffer *out, int64_t value);
void pack_uint(struct buffer *out, uint64_t value);
void pack_float(struct buffer *out, double value);
void pack_str(struct buffer *out, struct span text);
void pack_cstr(struct buffer *out, const char *text);
void pack_bytes(struct buffer *out, struct span bytes);
void pack_array(struct buffer *out, size_t n_elements); /* header only */
void pack_map(struct buffer *out, size_t n_entries);    /* header only */
void pack_ext(struct buffer *out, enum ext type, struct span payload);

/* A value that is packed already. */
static inline void pack_packed(struct buffer *out, struct span value)
{
        buffer_append_span(out, value);
}

/*
 * An extension whose payload is packed in place: begin returns a position that
 * end needs to fill in the header, which is made as short as possible then.
 */
size_t pack_ext_begin(struct buffer *out);
void pack_ext_end(struct buffer *out, size_t begin, enum ext type);

/* As above for an array whose number of elements is not known beforehand. */
size_t pack_array_begin(struct buffer *out);
void pack_array_end(struct buffer *out, size_t begin, size_t n_elements);

/* A proxy's token; the address is always nil. */
void pack_token(struct buffer *out, const char *typeid, uint64_t ident);
