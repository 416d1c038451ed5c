/*
 * items - array values: C's numbers in and out
 *
 * What an Array gives for a slice, and takes for one: an extension with all its items, not aligned
 * and little-endian.
 */
#include <endian.h>

#include "client/content.h"
#include "client/error.h"
#include "proto/pack.h"
#include "proto/value.h"

static bool get_array(const mgr_value *value, struct value_typed_array *array)
{
        return value && value->kind == MGR_KIND_OTHER &&
               value_get_typed_array(content_span(value), array);
}

static int fail_no_array(const mgr_value *value)
{
        return error_set(-STATUS_TYPE, "an array is wanted, not '%s'", mgr_value_type_name(value));
}

char mgr_value_typecode(const mgr_value *array)
{
        struct value_typed_array content;

        return get_array(array, &content) ? content.typecode : '\0';
}

/* --- in */

/* C's items as they travel: on a machine that is little-endian they are the same bytes. */
static void append_items(struct buffer *out, const uint8_t *items, size_t item_size, size_t n)
{
        uint8_t *to;

        if (BYTE_ORDER == LITTLE_ENDIAN || item_size == 1) {
                buffer_append(out, items, n * item_size);
                return;
        }
        to = buffer_reserve(out, n * item_size);
        if (!to)
                return;
        for (size_t i = 0; i < n; ++i)
                for (size_t j = 0; j < item_size; ++j)
                        to[i * item_size + j] = items[(i + 1) * item_size - 1 - j];
        out->size += n * item_size;
}

int mgr_compose_array(char typecode, const void *items, size_t n, mgr_value *array)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        size_t item_size = value_item_size(typecode), begin;

        if (!array || (n && !items))
                return error_set_status(-STATUS_ARGUMENT);
        if (!item_size)
                return error_set(-STATUS_VALUE, "there is no typecode '%c'", typecode);
        if (n > UINT32_MAX / item_size)
                return error_set_status(-STATUS_TOO_LARGE);
        begin = pack_ext_begin(&packed);
        buffer_append_byte(&packed, (uint8_t)typecode);
        append_items(&packed, items, item_size, n);
        pack_ext_end(&packed, begin, EXT_TYPED_ARRAY);
        if (packed.failed)
                return error_set_status(packed.failed);
        return mgr_value_unpack(packed.data, packed.size, array);
}

/* --- out */

/* An item as a value of its own: it owns nothing. */
static int get_item(const struct value_typed_array *array, size_t i, mgr_value *item)
{
        uint8_t room[16];
        struct buffer packed = { .data = room, .capacity = sizeof(room), .limit = sizeof(room) };

        value_pack_item(array, i, &packed);
        content_view(buffer_span(&packed), NULL, item);
        /* a character is in the room above, and no number */
        return item->kind == MGR_KIND_STR ? error_set(-STATUS_TYPE, "a character is no number") : 0;
}

/* Whether all of them are within int64_t: only those of 8 bytes without a sign may not be. */
static int check_ints(const struct value_typed_array *array, size_t start, size_t n)
{
        mgr_value item;
        int64_t integer;
        int r = 0;

        if (!strchr("LQ", array->typecode))
                return 0;
        for (size_t i = 0; r == 0 && i < n; ++i) {
                r = get_item(array, start + i, &item);
                if (r == 0)
                        r = mgr_value_get_int(&item, &integer);
        }
        return r;
}

/* How many items there are to be read from `start` on, n at most. */
static int begin_reading(const mgr_value *value, size_t start, const void *items, size_t n,
                         struct value_typed_array *array, size_t *n_found)
{
        size_t length;

        if (n && !items)
                return error_set_status(-STATUS_ARGUMENT);
        if (!get_array(value, array))
                return fail_no_array(value);
        length = array->items.size / array->item_size;
        *n_found = start > length ? 0 : length - start < n ? length - start : n;
        return 0;
}

int mgr_value_read_ints(const mgr_value *array, size_t start, long long *items, size_t n,
                        size_t *n_read)
{
        struct value_typed_array content;
        size_t n_found = 0;
        int64_t integer;
        mgr_value item;
        int r;

        r = begin_reading(array, start, items, n, &content, &n_found);
        if (r == 0)
                r = check_ints(&content, start, n_found);
        for (size_t i = 0; r == 0 && i < n_found; ++i) {
                r = get_item(&content, start + i, &item);
                if (r == 0)
                        r = mgr_value_get_int(&item, &integer);
                if (r == 0)
                        items[i] = integer;
        }
        if (r == 0 && n_read)
                *n_read = n_found;
        return r;
}

int mgr_value_read_doubles(const mgr_value *array, size_t start, double *items, size_t n,
                           size_t *n_read)
{
        struct value_typed_array content;
        size_t n_found = 0;
        mgr_value item;
        int r;

        r = begin_reading(array, start, items, n, &content, &n_found);
        for (size_t i = 0; r == 0 && i < n_found; ++i) {
                r = get_item(&content, start + i, &item);
                if (r == 0)
                        r = mgr_value_get_float(&item, &items[i]);
        }
        if (r == 0 && n_read)
                *n_read = n_found;
        return r;
}
