/*
 * cell - Value: one value that is shared
 *
 * Python's is a typecode, which nobody looks at again, and a value. Short values, which most
 * are, lie in the struct itself.
 */
#include <stdlib.h>

#include "managerd/object/store.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

/* Any number, and a few letters. */
#define CELL_SMALL 24

/* A packed value that is stored. */
struct content {
        uint8_t *large; /* owned, charged to the memory; NULL where it is small */
        size_t size;
        uint8_t small[CELL_SMALL];
};

struct cell {
        struct object object;
        struct content typecode; /* any value; never changes */
        struct content value;
};

static struct cell *cell_of(struct object *object)
{
        return container_of(object, struct cell, object);
}

/* --- packed values */

static struct span content_span(const struct content *content)
{
        return span_of(content->large ? content->large : content->small, content->size);
}

/* What a value takes besides the struct. */
static size_t large_size(size_t size)
{
        return size > CELL_SMALL ? size : 0;
}

static void content_free(struct content *content, struct memory *memory)
{
        memory_refund(memory, large_size(content->size));
        free(content->large);
        *content = (struct content){ .size = 0 };
}

/*
 * Room for another value in its place, in *large where it is not small. What takes no more
 * memory than before is not refused. 0, or -STATUS_NOMEM and nothing changed.
 */
static int content_reserve(const struct content *content, struct memory *memory, size_t size,
                           uint8_t **large)
{
        size_t before = large_size(content->size), after = large_size(size);

        *large = NULL;
        if (after > before && !memory_charge(memory, after - before))
                return -STATUS_NOMEM;
        if (after == 0)
                return 0;
        *large = malloc(after);
        if (*large)
                return 0;
        if (after > before)
                memory_refund(memory, after - before);
        return -STATUS_NOMEM;
}

/* Puts it into the room that was reserved. `value` is not part of what was there. */
static void content_exchange(struct content *content, struct memory *memory, struct span value,
                             uint8_t *large)
{
        size_t before = large_size(content->size), after = large_size(value.size);

        if (after < before)
                memory_refund(memory, before - after);
        free(content->large);
        content->large = large;
        content->size = value.size;
        memcpy(large ? large : content->small, value.data, value.size);
}

/* --- storing */

/* Replaces a value, which is none yet where the size is 0. Returns 0 or the failure. */
static int cell_store(struct cell *cell, struct call *call, struct content *content,
                      struct span value)
{
        struct memory *memory = &cell->object.store->memory;
        uint8_t *large;
        int r;

        r = call->has_tokens ? object_adopt(&cell->object, value) : 0;
        if (r < 0)
                return call_fail_status(call, r);
        r = content_reserve(content, memory, value.size, &large);
        if (r < 0) {
                object_disown(&cell->object, value);
                return call_fail_status(call, r);
        }
        if (content->size > 0)
                object_disown(&cell->object, content_span(content));
        content_exchange(content, memory, value, large);
        return 0;
}

static int cell_set(struct cell *cell, struct call *call, struct span value)
{
        return cell_store(cell, call, &cell->value, value);
}

/* --- methods */

static int run_get(struct object *self, struct call *call)
{
        pack_packed(call->reply, content_span(&cell_of(self)->value));
        return CALL_DONE;
}

static int run_set(struct object *self, struct call *call)
{
        int r;

        r = call_return_none(call);
        return r < 0 ? r : cell_set(cell_of(self), call, call->args[0]);
}

static int run_swap(struct object *self, struct call *call)
{
        int r;

        pack_packed(call->reply, content_span(&cell_of(self)->value));
        r = call_returned(call);
        return r < 0 ? r : cell_set(cell_of(self), call, call->args[0]);
}

static int run_incr(struct object *self, struct call *call)
{
        struct cell *cell = cell_of(self);
        struct span delta = call_has(call, 0) ? call->args[0] : SPAN_LITERAL("\x01");
        size_t begin = call->reply->size;
        int r;

        r = call_return_sum(call, content_span(&cell->value), delta);
        return r < 0 ? r : cell_set(cell, call, buffer_span_from(call->reply, begin));
}

static int run_compare_and_swap(struct object *self, struct call *call)
{
        struct cell *cell = cell_of(self);
        bool equal;
        int r;

        r = value_equal(content_span(&cell->value), call->args[0], &equal);
        if (r < 0)
                return call_fail_status(call, r);
        pack_bool(call->reply, equal);
        r = call_returned(call);
        if (r < 0 || !equal)
                return r;
        return cell_set(cell, call, call->args[1]);
}

static const struct method cell_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define K METHOD_KEYWORDS
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "compare_and_swap", "expected new", 2, 2, W | K, ARITY_FUNCTION, run_compare_and_swap,
          NULL },
        { "get", "", 0, 0, R, ARITY_FUNCTION, run_get, NULL },
        { "incr", "delta", 1, 0, W | K, ARITY_FUNCTION, run_incr, NULL },
        { "set", "value", 1, 1, W | K, ARITY_FUNCTION, run_set, NULL },
        { "swap", "value", 1, 1, W | K, ARITY_FUNCTION, run_swap, NULL },
#undef R
#undef W
#undef K
};

/* --- the type */

static int cell_construct(struct object *self, struct call *call)
{
        struct cell *cell = cell_of(self);
        int r;

        r = cell_store(cell, call, &cell->typecode, call->args[0]);
        return r < 0 ? r : cell_set(cell, call, call->args[1]);
}

static bool cell_reap(struct object *self, size_t *budget)
{
        struct cell *cell = cell_of(self);

        (void)budget;
        content_free(&cell->typecode, &self->store->memory);
        content_free(&cell->value, &self->store->memory);
        return true;
}

static int cell_value(struct object *self, struct buffer *out)
{
        pack_packed(out, content_span(&cell_of(self)->value));
        return out->failed;
}

/* Value('i', 5) */
static int cell_str(struct object *self, struct buffer *out)
{
        const struct cell *cell = cell_of(self);
        int r;

        buffer_append_span(out, SPAN_LITERAL("Value("));
        r = value_repr(content_span(&cell->typecode), out);
        if (r < 0)
                return r;
        buffer_append_span(out, SPAN_LITERAL(", "));
        r = value_repr(content_span(&cell->value), out);
        if (r < 0)
                return r;
        buffer_append_byte(out, ')');
        return out->failed;
}

const struct type cell_type = {
        .name = "Value",
        .params = "typecode value lock",
        .constructor = "__init__",
        .n_params = 3,
        .n_required = 2,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct cell),
        .methods = cell_methods,
        .n_methods = sizeof(cell_methods) / sizeof(cell_methods[0]),
        .init = cell_construct,
        .reap = cell_reap,
        .value = cell_value,
        .str = cell_str,
};
