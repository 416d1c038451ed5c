/*
 * shared_content - many items of shared memory at once, from values and to them
 */
#include "client/shared/shared_content.h"

#include <stdlib.h>

#include "client/content.h"
#include "client/error.h"
#include "proto/pack.h"
#include "proto/unicode.h"
#include "proto/value.h"

int shared_content_init(struct shared_content *content, const struct item_type *type, size_t n)
{
        *content = (struct shared_content){ .n = n };
        if (n == 0)
                return 0;
        content->items = calloc(n, type->size);
        return content->items ? 0 : error_set_status(-STATUS_NOMEM);
}

void shared_content_deinit(struct shared_content *content)
{
        free(content->items);
        *content = (struct shared_content){ NULL, 0 };
}

/* --- in */

static int put(struct shared_content *content, const struct item_type *type, size_t i,
               const mgr_value *value)
{
        uint64_t raw;
        int r;

        r = item_from_value(type, value, &raw);
        if (r == 0)
                item_store(type, content->items, i, raw);
        return r;
}

static int from_container(struct shared_content *content, const struct item_type *type,
                          const mgr_value *value)
{
        mgr_value element;
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, value);
        if (r == 0)
                r = shared_content_init(content, type, mgr_value_len(value));
        for (size_t i = 0; r == 0 && i < content->n; ++i) {
                mgr_iter_next(&iter, &element);
                r = put(content, type, i, &element);
        }
        return r;
}

static int from_array(struct shared_content *content, const struct item_type *type,
                      const struct value_typed_array *array)
{
        uint8_t room[16];
        struct buffer packed = { .data = room, .capacity = sizeof(room), .limit = sizeof(room) };
        mgr_value item;
        int r;

        r = shared_content_init(content, type, array->items.size / array->item_size);
        for (size_t i = 0; r == 0 && i < content->n; ++i) {
                buffer_truncate(&packed, 0);
                value_pack_item(array, i, &packed);
                content_view(buffer_span(&packed), NULL, &item);
                r = put(content, type, i, &item);
        }
        return r;
}

static int from_bytes(struct shared_content *content, const struct item_type *type,
                      struct span bytes)
{
        int r = shared_content_init(content, type, bytes.size);

        if (r == 0 && bytes.size)
                memcpy(content->items, bytes.data, bytes.size);
        return r;
}

static int from_text(struct shared_content *content, const struct item_type *type, struct span text)
{
        const uint8_t *at = text.data;
        size_t n = 0;
        int r;

        if (!utf8_valid(text))
                return error_set_status(-STATUS_UNICODE);
        for (size_t i = 0; i < text.size; ++i)
                n += (text.data[i] & 0xc0) != 0x80;
        r = shared_content_init(content, type, n);
        for (size_t i = 0; r == 0 && i < n; ++i)
                item_store(type, content->items, i, utf8_next(&at));
        return r;
}

int shared_content_from_value(struct shared_content *content, const struct item_type *type,
                              const mgr_value *value)
{
        struct value_typed_array array;

        if (type->kind == ITEM_BYTE && value->kind == MGR_KIND_BYTES)
                return from_bytes(content, type, content_span(value));
        if (type->kind == ITEM_CHARACTER && value->kind == MGR_KIND_STR)
                return from_text(content, type, content_span(value));
        if (value->kind >= MGR_KIND_LIST && value->kind <= MGR_KIND_FROZENSET)
                return from_container(content, type, value);
        if (value->kind == MGR_KIND_OTHER && value_get_typed_array(content_span(value), &array))
                return from_array(content, type, &array);
        return error_set(-STATUS_TYPE, "items of typecode '%c' cannot be taken from '%s'",
                         type->typecode, mgr_value_type_name(value));
}

int shared_content_from_ints(struct shared_content *content, const struct item_type *type,
                             const long long *items, size_t n)
{
        uint64_t raw;
        int r;

        if (n && !items)
                return error_set_status(-STATUS_ARGUMENT);
        r = shared_content_init(content, type, n);
        for (size_t i = 0; r == 0 && i < n; ++i) {
                r = item_from_int(type, items[i], &raw);
                if (r == 0)
                        item_store(type, content->items, i, raw);
        }
        return r;
}

int shared_content_from_doubles(struct shared_content *content, const struct item_type *type,
                                const double *items, size_t n)
{
        uint64_t raw;
        int r;

        if (n && !items)
                return error_set_status(-STATUS_ARGUMENT);
        r = shared_content_init(content, type, n);
        for (size_t i = 0; r == 0 && i < n; ++i) {
                r = item_from_double(type, items[i], &raw);
                if (r == 0)
                        item_store(type, content->items, i, raw);
        }
        return r;
}

/* --- out */

static int to_list(const struct shared_content *content, const struct item_type *type,
                   mgr_value *value)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        mgr_value item;

        if (content->n > UINT32_MAX)
                return error_set_status(-STATUS_TOO_LARGE);
        pack_array(&packed, content->n);
        for (size_t i = 0; i < content->n && !packed.failed; ++i) {
                item_to_value(type, item_load(type, content->items, i), &item); /* a number */
                content_pack(&packed, NULL, &item);
        }
        if (packed.failed)
                return error_set_status(packed.failed);
        return content_take(NULL, buffer_span(&packed), value);
}

static int to_text(const struct shared_content *content, const struct item_type *type,
                   mgr_value *value)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        uint8_t character[4];

        for (size_t i = 0; i < content->n; ++i) {
                uint64_t code = item_load(type, content->items, i);

                if (code > UNICODE_MAX)
                        return error_set(-STATUS_VALUE,
                                         "character U+%jx is not in range [U+0000; U+10ffff]",
                                         (uintmax_t)code);
                buffer_append(&text, character, utf8_encode((uint32_t)code, character));
        }
        if (text.failed)
                return error_set_status(text.failed);
        return content_copy_text(MGR_KIND_STR, span_of(text.data, text.size), value);
}

int shared_content_to_value(const struct shared_content *content, const struct item_type *type,
                            mgr_value *value)
{
        switch (type->kind) {
        case ITEM_BYTE:
                return content_copy_text(MGR_KIND_BYTES, span_of(content->items, content->n),
                                         value);
        case ITEM_CHARACTER:
                return to_text(content, type, value);
        default:
                return to_list(content, type, value);
        }
}
