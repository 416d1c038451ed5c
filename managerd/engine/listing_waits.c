/*
 * listing_waits - the server-level calls that tell who holds what, and who waits
 */
#include "managerd/engine/fields.h"
#include "managerd/engine/listing.h"
#include "managerd/engine/state.h"

/* The object that the argument names, or NULL for all. */
static int get_only(struct builtin_call *b, struct object **object)
{
        *object = NULL;
        return call_has(b->call, 0) ? listing_get_object(b, b->call->args[0], object) : 0;
}

static void pack_which(struct buffer *out, const struct object *object)
{
        field_count(out, "ident", object->ident);
        field_text(out, "typeid", span_of_cstr(object->type->name));
        field_text(out, "name", object->name);
}

int listing_locks(struct builtin_call *b)
{
        struct buffer *reply = b->call->reply;
        size_t begin = pack_array_begin(reply), n = 0;
        struct object *only;
        int r;

        r = get_only(b, &only);
        if (r < 0)
                return r;
        list_for_each(node, &b->engine->store.holdings) {
                const struct holding *holding = container_of(node, struct holding, in_store);

                if (holding->object->dead || (only && holding->object != only))
                        continue;
                pack_map(reply, 4 + HOLDING_PACKED);
                pack_which(reply, holding->object);
                field_count(reply, "waiters", holding->object->n_waiters);
                holding_pack(holding, b->engine->now, reply);
                ++n;
        }
        pack_array_end(reply, begin, n);
        return CALL_DONE;
}

static void pack_waiter(struct buffer *out, const struct waiter *waiter, uint64_t now)
{
        const struct invocation *invocation = &waiter->invocation;
        const struct call *call = &invocation->call;

        pack_map(out, 7 + OWNER_PACKED);
        pack_which(out, waiter->line->object);
        field_text(out, "method", span_of_cstr(call->method->name));
        owner_pack(&call->owner, call->session->pid, out);
        pack_cstr(out, "number");
        if (invocation->numbered)
                pack_uint(out, invocation->number);
        else
                pack_nil(out);
        field_seconds(out, "seconds", now - waiter->since);
        if (call->deadline == CALL_NO_DEADLINE) {
                pack_cstr(out, "remaining");
                pack_nil(out);
        } else {
                field_seconds(out, "remaining", call->deadline > now ? call->deadline - now : 0);
        }
}

static size_t pack_waiters(struct buffer *out, const struct object *object, uint64_t now)
{
        size_t n = 0;

        list_for_each(node, &object->waiters) {
                pack_waiter(out, container_of(node, struct waiter, on_object), now);
                ++n;
        }
        return n;
}

int listing_waiters(struct builtin_call *b)
{
        struct buffer *reply = b->call->reply;
        size_t begin = pack_array_begin(reply), n = 0;
        struct object *only;
        int r;

        r = get_only(b, &only);
        if (r < 0)
                return r;
        if (only)
                n = pack_waiters(reply, only, b->engine->now);
        else
                list_for_each(node, &b->engine->store.waited)
                        n += pack_waiters(reply, container_of(node, struct object, in_waited),
                                          b->engine->now);
        pack_array_end(reply, begin, n);
        return CALL_DONE;
}
