/*
 * iterator - Iterator: a walk over another object
 *
 * It holds the other by its proxy, as any container does, and remembers a
 * position that survives changes. What it walks over is known to it only by
 * the capability walkable.
 */
#include <inttypes.h>
#include <stdio.h>

#include "managerd/object/store.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

struct iterator {
        struct object object;
        struct object *over;  /* held by our link to it; NULL until the constructor succeeded */
        struct cursor cursor; /* its key is charged to the memory */
};

static struct iterator *iterator_of(struct object *object)
{
        return container_of(object, struct iterator, object);
}

/* The position is `sequence` again: the next step is searched for without the help of the key. */
static void iterator_rewind(struct iterator *iterator, uint64_t sequence)
{
        memory_refund(&iterator->object.store->memory, iterator->cursor.key.size);
        buffer_truncate(&iterator->cursor.key, 0);
        iterator->cursor.sequence = sequence;
}

/* One step. On failure the position is what it was. */
static int iterator_step(struct iterator *iterator, struct span *element)
{
        struct memory *memory = &iterator->object.store->memory;
        struct cursor *cursor = &iterator->cursor;
        uint64_t sequence = cursor->sequence;
        size_t before = cursor->key.size;
        int r;

        r = iterator->over->type->walkable->next(iterator->over, cursor, element);
        memory_refund(memory, before);
        if (memory_charge(memory, cursor->key.size))
                return r;
        buffer_truncate(&cursor->key, 0);
        if (r < 0)
                return r;
        cursor->sequence = sequence;
        return -STATUS_NOMEM;
}

static int fail_step(struct iterator *iterator, struct call *call, int status)
{
        switch (-status) {
        case STATUS_STOP_ITERATION:
                /* it has no argument */
                return call_fail(call, STATUS_STOP_ITERATION, "%s", "");
        case STATUS_RUNTIME:
                return call_fail(call, STATUS_RUNTIME, "%s",
                                 iterator->over->type->walkable->changed);
        default:
                return call_fail_status(call, status);
        }
}

static int run_next(struct object *self, struct call *call)
{
        struct iterator *iterator = iterator_of(self);
        uint64_t sequence = iterator->cursor.sequence;
        struct span element;
        int r;

        r = iterator_step(iterator, &element);
        if (r < 0)
                return fail_step(iterator, call, r);
        pack_packed(call->reply, element);
        if (call->reply->failed) {
                iterator_rewind(iterator, sequence);
                return call_fail_status(call, call->reply->failed);
        }
        return CALL_DONE;
}

/* send, throw and close are there for generators, which live in Python. */
static int run_missing(struct object *self, struct call *call)
{
        return call_fail(call, STATUS_ATTRIBUTE, "'%s' object has no attribute '%s'",
                         iterator_of(self)->over->type->walkable->iterator, call->method->name);
}

static const struct method iterator_methods[] = {
        { "__next__", "", 0, 0, METHOD_WRITES, ARITY_SLOT, run_next, NULL },
        { "close", "", 0, 0, METHOD_READS, ARITY_NONE, run_missing, NULL },
        { "send", "value", 1, 1, METHOD_READS, ARITY_ONE, run_missing, NULL },
        { "throw", "type value traceback", 3, 1, METHOD_READS, ARITY_POSITIONAL, run_missing,
          NULL },
};

/* --- the type */

static int iterator_construct(struct object *self, struct call *call)
{
        struct iterator *iterator = iterator_of(self);
        struct object *over;
        int r;

        buffer_init(&iterator->cursor.key, SIZE_MAX);
        r = call_get_object(call, call->args[0], &over);
        if (r < 0)
                return r;
        if (!over || !over->type->walkable)
                return call_fail(call, STATUS_TYPE, "'%s' object is not iterable",
                                 over ? over->type->name : value_type_name(call->args[0]));
        r = object_adopt(self, call->args[0]);
        if (r < 0)
                return call_fail_status(call, r);
        over->type->walkable->begin(over, &iterator->cursor);
        iterator->over = over;
        return 0;
}

static bool iterator_reap(struct object *self, size_t *budget)
{
        struct iterator *iterator = iterator_of(self);

        (void)budget;
        iterator_rewind(iterator, 0);
        buffer_deinit(&iterator->cursor.key);
        return true;
}

/* What is still to come, as list(iterator) would give it. */
static int iterator_elements(struct object *self, struct buffer *out, size_t *n)
{
        struct iterator *iterator = iterator_of(self);
        uint64_t sequence = iterator->cursor.sequence;
        struct span element;
        int r;

        *n = 0;
        while ((r = iterator_step(iterator, &element)) == 0) {
                pack_packed(out, element);
                if (out->failed)
                        r = out->failed;
                if (r < 0)
                        break;
                ++*n;
        }
        if (r == -STATUS_STOP_ITERATION)
                return 0;
        if (r != -STATUS_RUNTIME)
                iterator_rewind(iterator, sequence);
        return r;
}

static const struct iterable iterator_iterable = { .elements = iterator_elements };

/* The same, but it stays where it is. */
static int iterator_value(struct object *self, struct buffer *out)
{
        struct iterator *iterator = iterator_of(self);
        struct cursor cursor = iterator->cursor;
        size_t begin = pack_array_begin(out);
        struct span element;
        size_t n = 0;
        int r;

        buffer_init(&cursor.key, SIZE_MAX);
        while ((r = iterator->over->type->walkable->next(iterator->over, &cursor, &element)) == 0 &&
               !out->failed) {
                pack_packed(out, element);
                ++n;
        }
        buffer_deinit(&cursor.key);
        pack_array_end(out, begin, n);
        return r == -STATUS_NOMEM ? r : out->failed;
}

static int iterator_str(struct object *self, struct buffer *out)
{
        char text[128];
        int n;

        n = snprintf(text, sizeof(text), "<%s object at 0x%" PRIx64 ">",
                     iterator_of(self)->over->type->walkable->iterator, self->ident);
        buffer_append(out, text, (size_t)n);
        return out->failed;
}

const struct type iterator_type = {
        .name = "Iterator",
        .params = "object",
        .n_params = 1,
        .n_required = 1,
        .size = sizeof(struct iterator),
        .methods = iterator_methods,
        .n_methods = sizeof(iterator_methods) / sizeof(iterator_methods[0]),
        .init = iterator_construct,
        .reap = iterator_reap,
        .value = iterator_value,
        .str = iterator_str,
        .iterable = &iterator_iterable,
};
