/*
 * counter_type - Counter: a number that goes up
 *
 * What a new type takes: this file in managerd/types/, and a row in types.h. It is
 * no part of the daemon; tests/system/test_new_type.py builds one with it.
 */
#include "managerd/object/call.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

struct counter {
        struct object object;
        uint64_t n;
};

static struct counter *counter_of(struct object *object)
{
        return container_of(object, struct counter, object);
}

static int run_next(struct object *self, struct call *call)
{
        int r;

        pack_uint(call->reply, counter_of(self)->n);
        r = call_returned(call);
        if (r == CALL_DONE)
                ++counter_of(self)->n;
        return r;
}

static const struct method counter_methods[] = {
        { "next", "", 0, 0, METHOD_WRITES, ARITY_NONE, run_next, NULL },
};

static int counter_construct(struct object *self, struct call *call)
{
        int64_t begin = 0;
        int r = 0;

        if (call_has(call, 0))
                r = call_get_integer(call, call->args[0], &begin);
        if (r == 0 && begin < 0)
                r = call_fail(call, STATUS_VALUE, "a counter begins at 0 or above");
        counter_of(self)->n = (uint64_t)begin;
        return r;
}

static bool counter_reap(struct object *self, size_t *budget)
{
        (void)self;
        (void)budget;
        return true;
}

static int counter_value(struct object *self, struct buffer *out)
{
        pack_uint(out, counter_of(self)->n);
        return out->failed;
}

const struct type counter_type = {
        .name = "Counter",
        .params = "begin",
        .n_params = 1,
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct counter),
        .methods = counter_methods,
        .n_methods = sizeof(counter_methods) / sizeof(counter_methods[0]),
        .init = counter_construct,
        .reap = counter_reap,
        .value = counter_value,
};
