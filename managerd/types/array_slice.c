/*
 * array_slice - array[start:stop:step]: reading and assigning
 */
#include "managerd/types/array.h"
#include "managerd/types/types.h"
#include "proto/pack.h"

int array_run_getitem_slice(struct array *array, struct call *call)
{
        size_t size = array->item_size, begin;
        struct range range;
        int r;

        r = range_of_slice(call, call->args[0], array_length(array), &range);
        if (r < 0)
                return r;
        begin = pack_ext_begin(call->reply);
        buffer_append_byte(call->reply, (uint8_t)array->typecode);
        if (range.step == 1 && range.n > 0)
                buffer_append(call->reply, array->items + (size_t)range.start * size,
                              range.n * size);
        for (size_t i = 0; range.step != 1 && i < range.n && !call->reply->failed; ++i)
                buffer_append(call->reply, array->items + range_at(&range, i) * size, size);
        pack_ext_end(call->reply, begin, EXT_TYPED_ARRAY);
        return CALL_DONE;
}

/* The items to be assigned: of a value that arrived, of another Array, or a copy of our own. */
static int get_source(struct array *array, struct call *call, struct buffer *copy,
                      struct value_typed_array *source)
{
        struct span value = call->args[1];
        struct object *object;
        int r;

        r = call_get_object(call, value, &object);
        if (r < 0)
                return r;
        if (object && object->type == &array_type)
                *source = array_view(array_of(object));
        else if (!value_get_typed_array(value, source))
                return call_fail(call, STATUS_TYPE,
                                 "can only assign array (not \"%s\") to array slice",
                                 object ? object->type->name : value_type_name(value));
        if (object == &array->object) {
                copy->limit = call_memory_left(call);
                buffer_append_span(copy, source->items);
                source->items = buffer_span(copy);
        }
        return copy->failed ? call_fail_status(call, -STATUS_NOMEM) : 0;
}

/* Drops the items of a range, which are not side by side. */
static void remove_stepwise(struct array *array, const struct range *range)
{
        size_t size = array->item_size, n = array_length(array), i = 0, to;

        to = range_at(range, 0);
        for (size_t from = to; from < n; ++from) {
                if (i < range->n && from == range_at(range, i)) {
                        ++i;
                        continue;
                }
                memcpy(array->items + to * size, array->items + from * size, size);
                ++to;
        }
        array_resize(array, to * size);
}

/* As Python: as many items as the slice has; or none, which deletes those of the slice. */
static int assign_extended(struct array *array, struct call *call, struct range *range,
                           const struct value_typed_array *source)
{
        size_t size = array->item_size, n = source->items.size / size;

        if (n == 0) {
                if (range->n > 0 && range->step < 0)
                        range_turn(range);
                if (range->n > 0)
                        remove_stepwise(array, range);
                return CALL_DONE;
        }
        if (n != range->n)
                return call_fail(call, STATUS_VALUE,
                                 "attempt to assign array of size %zu to extended slice of size "
                                 "%zu",
                                 n, range->n);
        for (size_t i = 0; i < n; ++i)
                memcpy(array->items + range_at(range, i) * size, source->items.data + i * size,
                       size);
        return CALL_DONE;
}

int array_run_setitem_slice(struct array *array, struct call *call)
{
        _buffer_cleanup_ struct buffer copy = BUFFER_NULL;
        struct value_typed_array source;
        struct range range;
        int r;

        r = range_of_slice(call, call->args[0], array_length(array), &range);
        if (r < 0)
                return r;
        r = get_source(array, call, &copy, &source);
        if (r < 0)
                return r;
        if (source.typecode != array->typecode)
                return call_fail(call, STATUS_TYPE, "bad argument type for built-in operation");
        r = call_return_none(call);
        if (r < 0)
                return r;
        if (range.step != 1)
                return assign_extended(array, call, &range, &source);
        r = array_splice(array, (size_t)range.start * array->item_size, range.n * array->item_size,
                         source.items);
        return r < 0 ? call_fail_status(call, r) : CALL_DONE;
}
