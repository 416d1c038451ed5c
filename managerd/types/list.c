/*
 * list - Python's list
 *
 * A sequence of packed values (sequence.h). This room has the table of methods and
 * those that neither search, slice, sort, nor go beyond Python.
 */
#include "managerd/types/list.h"

#include "managerd/types/types.h"
#include "proto/pack.h"

#define TOO_LARGE_FOR_INDEX "Python int too large to convert to C ssize_t"
#define TOO_LARGE_FOR_COUNT "cannot fit 'int' into an index-sized integer"

/* --- adding */

static int list_add(struct list *list, struct call *call, size_t i, struct span value)
{
        int r;

        r = call_return_none(call);
        return r < 0 ? r : list_insert(list, call, i, value);
}

static int run_append(struct object *self, struct call *call)
{
        struct list *list = list_of(self);

        return list_add(list, call, list->elements.n, call->args[0]);
}

static int run_insert(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        int64_t index;
        int r;

        r = range_get_integer(call, call->args[0], TOO_LARGE_FOR_INDEX, &index);
        if (r < 0)
                return r;
        return list_add(list, call, range_place(index, list->elements.n), call->args[1]);
}

static int run_extend(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        struct sequence batch;
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        r = list_prepare(list, call, call->args[0], NULL, &batch);
        if (r < 0)
                return r;
        return list_store(list, call, list->elements.n, 0, &batch);
}

/* --- elements by index */

static int run_getitem(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t i;
        int r;

        if (value_kind(call->args[0]) == VALUE_SLICE)
                return list_run_getitem_slice(list, call);
        r = list_get_place(call, list, call->args[0], "list index out of range", &i);
        if (r < 0)
                return r;
        pack_packed(call->reply, sequence_at(&list->elements, i));
        return CALL_DONE;
}

static int run_setitem(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t i;
        int r;

        if (value_kind(call->args[0]) == VALUE_SLICE)
                return list_run_setitem_slice(list, call);
        r = list_get_place(call, list, call->args[0], "list assignment index out of range", &i);
        if (r < 0)
                return r;
        r = call_return_none(call);
        return r < 0 ? r : list_replace(list, call, i, call->args[1]);
}

static int run_delitem(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t i;
        int r;

        if (value_kind(call->args[0]) == VALUE_SLICE)
                return list_run_delitem_slice(list, call);
        r = list_get_place(call, list, call->args[0], "list assignment index out of range", &i);
        if (r < 0)
                return r;
        r = call_return_none(call);
        if (r < 0)
                return r;
        list_remove(list, i, 1);
        return CALL_DONE;
}

static int run_pop(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        int64_t n = (int64_t)list->elements.n;
        int64_t index = -1;
        int r;

        if (call_has(call, 0)) {
                r = range_get_integer(call, call->args[0], TOO_LARGE_FOR_INDEX, &index);
                if (r < 0)
                        return r;
        }
        if (n == 0)
                return call_fail(call, STATUS_INDEX, "pop from empty list");
        if (index < -n || index >= n)
                return call_fail(call, STATUS_INDEX, "pop index out of range");
        if (index < 0)
                index += n;

        pack_packed(call->reply, sequence_at(&list->elements, (size_t)index));
        r = call_returned(call);
        if (r < 0)
                return r;
        list_remove(list, (size_t)index, 1);
        return CALL_DONE;
}

/* --- the whole list */

static int run_len(struct object *self, struct call *call)
{
        pack_uint(call->reply, list_of(self)->elements.n);
        return CALL_DONE;
}

static int run_clear(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        object_disown_all(self);
        items_discard(list->object.store, &list->elements);
        return CALL_DONE;
}

static int run_copy(struct object *self, struct call *call)
{
        struct list *list = list_of(self);

        pack_array(call->reply, list->elements.n);
        sequence_pack(&list->elements, 0, list->elements.n, call->reply);
        return CALL_DONE;
}

static int run_reverse(struct object *self, struct call *call)
{
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        sequence_reverse(&list_of(self)->elements);
        return CALL_DONE;
}

static int run_reversed(struct object *self, struct call *call)
{
        struct list *list = list_of(self);

        pack_array(call->reply, list->elements.n);
        sequence_pack_reversed(&list->elements, call->reply);
        return CALL_DONE;
}

/* --- operators */

static int run_add(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        struct span other = call->args[0];
        struct object *object;
        struct value_iter iter;
        size_t n;
        int r;

        r = call_get_object(call, other, &object);
        if (r < 0)
                return r;
        if (object && object->type == &list_type) {
                pack_array(call->reply, list->elements.n + list_of(object)->elements.n);
                sequence_pack(&list->elements, 0, list->elements.n, call->reply);
                list = list_of(object);
                sequence_pack(&list->elements, 0, list->elements.n, call->reply);
                return CALL_DONE;
        }
        if (value_kind(other) != VALUE_LIST)
                return call_fail(call, STATUS_TYPE,
                                 "can only concatenate list (not \"%s\") to list",
                                 object ? object->type->name : value_type_name(other));

        value_iter_init(&iter, other, &n);
        pack_array(call->reply, list->elements.n + n);
        sequence_pack(&list->elements, 0, list->elements.n, call->reply);
        buffer_append(call->reply, iter.at, (size_t)(other.data + other.size - iter.at));
        return CALL_DONE;
}

/* How often to repeat n elements: MemoryError beyond what Python can count. */
static int list_get_times(struct call *call, size_t n, size_t *times)
{
        int64_t number;
        int r;

        r = range_get_integer(call, call->args[0], TOO_LARGE_FOR_COUNT, &number);
        if (r < 0)
                return r;
        *times = number < 0 ? 0 : (size_t)number;
        if (n > 0 && *times > INT64_MAX / n)
                return call_fail_status(call, -STATUS_NOMEM);
        return 0;
}

/* Packs the elements `times` (≥ 1) times: once, and then what is there already, again and again. */
static void list_pack_repeated(const struct list *list, size_t times, struct buffer *out)
{
        size_t begin = out->size;
        size_t one, more, have;
        uint8_t *to;

        sequence_pack(&list->elements, 0, list->elements.n, out);
        one = out->size - begin;
        if (one == 0)
                return;
        /* cannot be counted: certainly beyond the limit */
        more = times - 1 > SIZE_MAX / one ? SIZE_MAX : one * (times - 1);
        to = buffer_reserve(out, more);
        if (!to)
                return;
        for (have = one; more > 0; have *= 2) {
                size_t n = have < more ? have : more;

                memcpy(to, out->data + begin, n);
                to += n;
                out->size += n;
                more -= n;
        }
}

static int run_mul(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t times;
        int r;

        r = list_get_times(call, list->elements.n, &times);
        if (r < 0)
                return r;
        pack_array(call->reply, list->elements.n * times);
        if (times > 0)
                list_pack_repeated(list, times, call->reply);
        return CALL_DONE;
}

static int run_imul(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        size_t n = list->elements.n;
        struct sequence batch;
        size_t times;
        int r;

        r = list_get_times(call, n, &times);
        if (r < 0)
                return r;
        if (times == 0)
                return run_clear(self, call);
        r = call_return_none(call);
        if (r < 0 || n == 0)
                return r;

        sequence_init(&batch, list->elements.memory);
        r = sequence_append_repeated(&batch, &list->elements, times - 1);
        if (r == 0 && object_has_links(self))
                r = list_adopt(list, &batch);
        if (r < 0) {
                items_discard(list->object.store, &batch);
                return call_fail_status(call, r);
        }
        return list_store(list, call, n, 0, &batch);
}

static const struct method list_methods[] = {
#define R METHOD_READS
#define W METHOD_WRITES
#define N METHOD_LINEAR
#define K METHOD_KEYWORDS
        /* name, parameters, how many, how many of them required, flags, arity, functions */
        { "__add__", "value", 1, 1, R | N, ARITY_SLOT, run_add, NULL },
        { "__contains__", "key", 1, 1, R | N, ARITY_SLOT, list_run_contains, NULL },
        { "__delitem__", "key", 1, 1, W | N, ARITY_SLOT, run_delitem, NULL },
        { "__getitem__", "key", 1, 1, R | N, ARITY_ONE, run_getitem, NULL },
        { "__imul__", "value", 1, 1, W | N, ARITY_SLOT, run_imul, NULL },
        { "__len__", "", 0, 0, R, ARITY_SLOT, run_len, NULL },
        { "__mul__", "value", 1, 1, R | N, ARITY_SLOT, run_mul, NULL },
        { "__reversed__", "", 0, 0, R | N, ARITY_NONE, run_reversed, NULL },
        { "__rmul__", "value", 1, 1, R | N, ARITY_SLOT, run_mul, NULL },
        { "__setitem__", "key value", 2, 2, W | N, ARITY_SLOT, run_setitem, NULL },
        { "append", "object", 1, 1, W, ARITY_ONE, run_append, NULL },
        { "clear", "", 0, 0, W, ARITY_NONE, run_clear, NULL },
        { "compare_and_swap", "index expected new", 3, 3, W | K, ARITY_FUNCTION,
          list_run_compare_and_swap, NULL },
        { "copy", "", 0, 0, R | N, ARITY_NONE, run_copy, NULL },
        { "count", "value", 1, 1, R | N, ARITY_ONE, list_run_count, NULL },
        { "extend", "iterable", 1, 1, W, ARITY_ONE, run_extend, NULL },
        { "get_many", "indexes", 1, 1, R | K, ARITY_FUNCTION, list_run_get_many, NULL },
        { "incr", "index delta", 2, 1, W | K, ARITY_FUNCTION, list_run_incr, NULL },
        { "index", "value start stop", 3, 1, R | N, ARITY_POSITIONAL, list_run_index, NULL },
        { "insert", "index object", 2, 2, W | N, ARITY_POSITIONAL, run_insert, NULL },
        { "page", "start count", 2, 0, R | K, ARITY_FUNCTION, list_run_page, NULL },
        { "pop", "index", 1, 0, W | N, ARITY_POSITIONAL, run_pop, NULL },
        { "remove", "value", 1, 1, W | N, ARITY_ONE, list_run_remove, NULL },
        { "reverse", "", 0, 0, W | N, ARITY_NONE, run_reverse, NULL },
        { "sort", "key reverse", 2, 0, W | N | K | METHOD_KEYWORD_ONLY, ARITY_FUNCTION,
          list_run_sort, NULL },
        { "take", "timeout", 1, 0, W | METHOD_BLOCKS | K, ARITY_FUNCTION, list_run_take,
          &list_take_ends },
#undef R
#undef W
#undef N
#undef K
};

/* --- the type */

static int list_construct(struct object *self, struct call *call)
{
        struct list *list = list_of(self);
        struct sequence batch;
        int r;

        sequence_init(&list->elements, &self->store->memory);
        line_init(&list->takers, self);
        if (!call_has(call, 0))
                return 0;
        r = list_prepare(list, call, call->args[0], NULL, &batch);
        return r < 0 ? r : list_store(list, call, 0, 0, &batch);
}

static bool list_reap(struct object *self, size_t *budget)
{
        return sequence_reap(&list_of(self)->elements, budget);
}

static int list_elements(struct object *self, struct buffer *out, size_t *n)
{
        const struct sequence *elements = &list_of(self)->elements;

        *n = elements->n;
        sequence_pack(elements, 0, elements->n, out);
        return out->failed;
}

static int list_value(struct object *self, struct buffer *out)
{
        size_t n;

        pack_array(out, list_of(self)->elements.n);
        return list_elements(self, out, &n);
}

static size_t list_length(const struct object *self)
{
        return ((const struct list *)self)->elements.n;
}

static const struct iterable list_iterable = { .elements = list_elements };

const struct type list_type = {
        .name = "list",
        .params = "iterable",
        .n_params = 1,
        .size = sizeof(struct list),
        .methods = list_methods,
        .n_methods = sizeof(list_methods) / sizeof(list_methods[0]),
        .init = list_construct,
        .reap = list_reap,
        .value = list_value,
        .length = list_length,
        .iterable = &list_iterable,
};
