/*
 * array_store - the memory of an Array
 *
 * One block of just the size that is used: most arrays never change theirs. Cutting gives its end
 * back, a part at a time where all of it is to go; for a block that is big enough to matter
 * the C library does that without copying.
 */
#include <stdlib.h>

#include "managerd/types/array.h"

int array_resize(struct array *array, size_t size)
{
        struct memory *memory = &array->object.store->memory;
        size_t before = array->size;
        uint8_t *items;

        if (size > before && !memory_charge(memory, size - before))
                return -STATUS_NOMEM;
        if (size == 0) {
                free(array->items);
                array->items = NULL;
        } else if (size != before) {
                items = realloc(array->items, size);
                if (items) {
                        array->items = items;
                } else if (size > before) {
                        memory_refund(memory, size - before);
                        return -STATUS_NOMEM;
                }
        }
        if (size < before)
                memory_refund(memory, before - size);
        array->size = size;
        return 0;
}

int array_splice(struct array *array, size_t at, size_t n, struct span with)
{
        size_t before = array->size;
        size_t rest = before - at - n;
        int r;

        if (with.size > n) {
                r = array_resize(array, before - n + with.size);
                if (r < 0)
                        return r;
        }
        if (with.size != n && rest > 0)
                memmove(array->items + at + with.size, array->items + at + n, rest);
        if (with.size > 0)
                memcpy(array->items + at, with.data, with.size);
        return with.size < n ? array_resize(array, before - n + with.size) : 0;
}
