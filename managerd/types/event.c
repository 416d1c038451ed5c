/*
 * event - Event: Python's threading.Event between processes
 *
 * Whoever waits when it is set is answered by the end of that very call: a clear()
 * behind it comes too late to be seen by them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "managerd/object/store.h"
#include "managerd/types/timeout.h"
#include "managerd/types/types.h"
#include "proto/pack.h"

struct event {
        struct object object;
        struct line line; /* those who wait until it is set; empty while it is */
        bool is_set;
};

static struct event *event_of(struct object *object)
{
        return container_of(object, struct event, object);
}

static int run_is_set(struct object *self, struct call *call)
{
        pack_bool(call->reply, event_of(self)->is_set);
        return call_returned(call);
}

static int run_set(struct object *self, struct call *call)
{
        struct event *event = event_of(self);
        int r = call_return_none(call);

        if (r < 0)
                return r;
        event->is_set = true;
        line_notify(&event->line);
        return CALL_DONE;
}

static int run_clear(struct object *self, struct call *call)
{
        int r = call_return_none(call);

        if (r == CALL_DONE)
                event_of(self)->is_set = false;
        return r;
}

static int run_wait(struct object *self, struct call *call)
{
        struct event *event = event_of(self);
        uint64_t deadline = call->deadline;
        int r;

        if (!event->is_set) {
                if (!call->resumed) {
                        r = timeout_get_deadline(call, call->args[0], TIMEOUT_COMPARED, &deadline);
                        if (r < 0)
                                return r;
                }
                if (deadline > call->now)
                        return call_park(call, &event->line, deadline);
        }
        return run_is_set(self, call);
}

static const struct wait_ends wait_ends = { .expired = run_is_set };

static const struct method event_methods[] = {
        { "clear", "", 0, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_clear, NULL },
        { "is_set", "", 0, 0, METHOD_READS | METHOD_KEYWORDS, ARITY_FUNCTION, run_is_set, NULL },
        { "set", "", 0, 0, METHOD_WRITES | METHOD_KEYWORDS, ARITY_FUNCTION, run_set, NULL },
        { "wait", "timeout", 1, 0, METHOD_READS | METHOD_BLOCKS | METHOD_KEYWORDS, ARITY_FUNCTION,
          run_wait, &wait_ends },
};

static int event_construct(struct object *self, struct call *call)
{
        (void)call;
        line_init(&event_of(self)->line, self);
        return 0;
}

static bool event_reap(struct object *self, size_t *budget)
{
        (void)self;
        (void)budget;
        return true;
}

static int event_str(struct object *self, struct buffer *out)
{
        char text[64];
        int n;

        n = snprintf(text, sizeof(text), "<threading.Event at 0x%" PRIx64 ": %sset>", self->ident,
                     event_of(self)->is_set ? "" : "un");
        buffer_append(out, text, (size_t)n);
        return out->failed;
}

const struct type event_type = {
        .name = "Event",
        .constructor = "__init__",
        .params = "",
        .flags = METHOD_KEYWORDS,
        .size = sizeof(struct event),
        .methods = event_methods,
        .n_methods = sizeof(event_methods) / sizeof(event_methods[0]),
        .init = event_construct,
        .reap = event_reap,
        .str = event_str,
};
