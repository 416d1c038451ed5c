/*
 * scan_oracle - what scan accepts, a second time
 */
#include "tests/lib/scan_oracle.h"

static bool text_is_allowed(const uint8_t *at, size_t n)
{
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

        for (size_t i = 0; i < n;) {
                unsigned length = at[i] < 0x80             ? 1
                                  : (at[i] & 0xe0) == 0xc0 ? 2
                                  : (at[i] & 0xf0) == 0xe0 ? 3
                                  : (at[i] & 0xf8) == 0xf0 ? 4
                                                           : 0;
                uint32_t code;

                if (length == 0 || length > n - i)
                        return false;
                code = length == 1 ? at[i] : at[i] & (0x7fu >> length);
                for (unsigned k = 1; k < length; ++k) {
                        if ((at[i + k] & 0xc0) != 0x80)
                                return false;
                        code = code << 6 | (at[i + k] & 0x3f);
                }
                if (code < least[length] || code > 0x10ffff)
                        return false;
                i += length;
        }
        return true;
}

static bool object_number(const msgpack_object *object, long double *number)
{
        switch (object->type) {
        case MSGPACK_OBJECT_BOOLEAN:
                *number = object->via.boolean;
                return true;
        case MSGPACK_OBJECT_POSITIVE_INTEGER:
                *number = (long double)object->via.u64;
                return true;
        case MSGPACK_OBJECT_NEGATIVE_INTEGER:
                *number = (long double)object->via.i64;
                return true;
        case MSGPACK_OBJECT_FLOAT32:
        case MSGPACK_OBJECT_FLOAT64:
                *number = (long double)object->via.f64;
                return true;
        default:
                return false;
        }
}

_Static_assert(sizeof(long double) > 8, "holds every 64-bit integer and every double exactly");

/* Of keys that are no containers. */
static bool objects_equal(const msgpack_object *a, const msgpack_object *b)
{
        long double x, y;

        if (object_number(a, &x))
                return object_number(b, &y) && x == y;
        if (a->type != b->type)
                return false;
        if (a->type == MSGPACK_OBJECT_NIL)
                return true;
        /* str and bin share their layout */
        return span_equal(span_of(a->via.str.ptr, a->via.str.size),
                          span_of(b->via.str.ptr, b->via.str.size));
}

bool oracle_is_plain(const msgpack_object *object)
{
        if (object->type == MSGPACK_OBJECT_EXT)
                return false;
        if (object->type == MSGPACK_OBJECT_ARRAY)
                for (uint32_t i = 0; i < object->via.array.size; ++i)
                        if (!oracle_is_plain(&object->via.array.ptr[i]))
                                return false;
        if (object->type == MSGPACK_OBJECT_MAP)
                for (uint32_t i = 0; i < object->via.map.size; ++i)
                        if (!oracle_is_plain(&object->via.map.ptr[i].key) ||
                            !oracle_is_plain(&object->via.map.ptr[i].val))
                                return false;
        return true;
}

static bool map_is_allowed(const msgpack_object_map *map, unsigned n_levels)
{
        for (uint32_t i = 0; i < map->size; ++i) {
                const msgpack_object *key = &map->ptr[i].key;

                if (key->type == MSGPACK_OBJECT_ARRAY || key->type == MSGPACK_OBJECT_MAP)
                        return false;
                if (!oracle_is_allowed(key, n_levels) ||
                    !oracle_is_allowed(&map->ptr[i].val, n_levels))
                        return false;
                for (uint32_t k = 0; k < i; ++k)
                        if (objects_equal(key, &map->ptr[k].key))
                                return false;
        }
        return true;
}

bool oracle_is_allowed(const msgpack_object *object, unsigned n_levels)
{
        switch (object->type) {
        case MSGPACK_OBJECT_STR:
                return text_is_allowed((const uint8_t *)object->via.str.ptr, object->via.str.size);
        case MSGPACK_OBJECT_ARRAY:
                if (n_levels == 0)
                        return false;
                for (uint32_t i = 0; i < object->via.array.size; ++i)
                        if (!oracle_is_allowed(&object->via.array.ptr[i], n_levels - 1))
                                return false;
                return true;
        case MSGPACK_OBJECT_MAP:
                return n_levels > 0 && map_is_allowed(&object->via.map, n_levels - 1);
        default:
                return true;
        }
}

bool oracle_claims_little(struct span bytes)
{
        for (size_t i = 0; i + 2 < bytes.size; ++i)
                if (bytes.data[i] >= 0xdc && bytes.data[i] <= 0xdf &&
                    (bytes.data[i + 1] || (bytes.data[i] & 1 && bytes.data[i + 2])))
                        return false;
        return true;
}
