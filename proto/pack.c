/*
 * pack - msgpack-c's packer over a buffer
 *
 * Short strings, short headers and small integers are most of what travels.
 * They are written here directly, with one check for room, in about half the time
 * that the packer takes, which asks for room once for the head and once more
 * for the bytes.
 */
#include "proto/pack.h"

#include <assert.h>
#include <msgpack/pack.h>

#include "proto/status.h"

#define PACK_MAX_EXT_HEAD   6
#define PACK_MAX_ARRAY_HEAD 5

static int pack_write(void *data, const char *bytes, size_t n)
{
        struct buffer *out = data;

        buffer_append(out, bytes, n);
        return out->failed;
}

static inline msgpack_packer pack_packer(struct buffer *out)
{
        return (msgpack_packer){ .data = out, .callback = pack_write };
}

/* msgpack counts with 32 bits; more would be cut off silently. */
static bool pack_can_count(struct buffer *out, size_t n)
{
        if (n <= UINT32_MAX)
                return true;
        if (!out->failed)
                out->failed = -STATUS_TOO_LARGE;
        return false;
}

void pack_nil(struct buffer *out)
{
        buffer_append_byte(out, 0xc0);
}

void pack_bool(struct buffer *out, bool value)
{
        buffer_append_byte(out, value ? 0xc3 : 0xc2);
}

void pack_int(struct buffer *out, int64_t value)
{
        msgpack_packer packer = pack_packer(out);

        if (value >= -32 && value < 128)
                buffer_append_byte(out, (uint8_t)value);
        else
                msgpack_pack_int64(&packer, value);
}

void pack_uint(struct buffer *out, uint64_t value)
{
        msgpack_packer packer = pack_packer(out);

        if (value < 128)
                buffer_append_byte(out, (uint8_t)value);
        else
                msgpack_pack_uint64(&packer, value);
}

void pack_float(struct buffer *out, double value)
{
        msgpack_packer packer = pack_packer(out);

        msgpack_pack_double(&packer, value);
}

/* A head of one or two bytes and then the bytes, which are few. */
static void pack_short(struct buffer *out, const uint8_t *head, size_t n_head, struct span bytes)
{
        uint8_t *to = buffer_reserve(out, n_head + bytes.size);

        if (!to)
                return;
        memcpy(to, head, n_head);
        if (bytes.size)
                memcpy(to + n_head, bytes.data, bytes.size);
        out->size += n_head + bytes.size;
}

void pack_str(struct buffer *out, struct span text)
{
        msgpack_packer packer = pack_packer(out);

        if (text.size < 32) {
                pack_short(out, &(uint8_t){ (uint8_t)(0xa0 | text.size) }, 1, text);
        } else if (text.size < 256) {
                pack_short(out, (uint8_t[]){ 0xd9, (uint8_t)text.size }, 2, text);
        } else if (pack_can_count(out, text.size)) {
                msgpack_pack_str(&packer, text.size);
                buffer_append_span(out, text);
        }
}

void pack_cstr(struct buffer *out, const char *text)
{
        pack_str(out, span_of_cstr(text));
}

void pack_bytes(struct buffer *out, struct span bytes)
{
        msgpack_packer packer = pack_packer(out);

        if (bytes.size < 256) {
                pack_short(out, (uint8_t[]){ 0xc4, (uint8_t)bytes.size }, 2, bytes);
        } else if (pack_can_count(out, bytes.size)) {
                msgpack_pack_bin(&packer, bytes.size);
                buffer_append_span(out, bytes);
        }
}

void pack_array(struct buffer *out, size_t n_elements)
{
        msgpack_packer packer = pack_packer(out);

        if (n_elements < 16)
                buffer_append_byte(out, (uint8_t)(0x90 | n_elements));
        else if (pack_can_count(out, n_elements))
                msgpack_pack_array(&packer, n_elements);
}

void pack_map(struct buffer *out, size_t n_entries)
{
        msgpack_packer packer = pack_packer(out);

        if (n_entries < 16)
                buffer_append_byte(out, (uint8_t)(0x80 | n_entries));
        else if (pack_can_count(out, n_entries))
                msgpack_pack_map(&packer, n_entries);
}

static void pack_ext_head(struct buffer *out, enum ext type, size_t n)
{
        msgpack_packer packer = pack_packer(out);

        msgpack_pack_ext(&packer, n, (int8_t)type);
}

void pack_ext(struct buffer *out, enum ext type, struct span payload)
{
        if (!pack_can_count(out, payload.size))
                return;
        pack_ext_head(out, type, payload.size);
        buffer_append_span(out, payload);
}

/* Leaves `room` bytes for a head that is not known yet. */
static size_t pack_begin(struct buffer *out, size_t room)
{
        size_t begin = out->size;
        uint8_t *to = buffer_reserve(out, room);

        if (to) {
                memset(to, 0, room);
                out->size += room;
        }
        return begin;
}

/* Puts the head into its room and closes the gap behind it. */
static void pack_end(struct buffer *out, size_t begin, size_t room, const struct buffer *head)
{
        uint8_t *at = out->data + begin;

        assert(!head->failed && head->size <= room && out->size - begin >= room);
        memcpy(at, head->data, head->size);
        memmove(at + head->size, at + room, out->size - begin - room);
        out->size -= room - head->size;
}

/* A buffer over a few bytes on the stack, which never grows. */
#define PACK_SMALL_BUFFER(bytes)                                                                   \
        ((struct buffer){ .data = (bytes), .capacity = sizeof(bytes), .limit = sizeof(bytes) })

size_t pack_ext_begin(struct buffer *out)
{
        return pack_begin(out, PACK_MAX_EXT_HEAD);
}

void pack_ext_end(struct buffer *out, size_t begin, enum ext type)
{
        uint8_t bytes[PACK_MAX_EXT_HEAD];
        struct buffer head = PACK_SMALL_BUFFER(bytes);
        size_t n;

        if (out->failed)
                return;
        n = out->size - begin - PACK_MAX_EXT_HEAD;
        if (!pack_can_count(out, n))
                return;
        pack_ext_head(&head, type, n);
        pack_end(out, begin, PACK_MAX_EXT_HEAD, &head);
}

size_t pack_array_begin(struct buffer *out)
{
        return pack_begin(out, PACK_MAX_ARRAY_HEAD);
}

void pack_array_end(struct buffer *out, size_t begin, size_t n_elements)
{
        uint8_t bytes[PACK_MAX_ARRAY_HEAD];
        struct buffer head = PACK_SMALL_BUFFER(bytes);

        if (out->failed || !pack_can_count(out, n_elements))
                return;
        pack_array(&head, n_elements);
        pack_end(out, begin, PACK_MAX_ARRAY_HEAD, &head);
}

void pack_token(struct buffer *out, const char *typeid, uint64_t ident)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 3);
        pack_cstr(out, typeid);
        pack_nil(out);
        pack_uint(out, ident);
        pack_ext_end(out, begin, EXT_TOKEN);
}
