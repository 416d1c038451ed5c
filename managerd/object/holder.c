/*
 * holder - whoever can die, and what is held until then
 */
#include "managerd/object/holder.h"

#include "managerd/object/store.h"
#include "proto/pack.h"

void holder_init(struct holder *holder, uint64_t number, struct holder *process, int64_t pid)
{
        *holder = (struct holder){
                .number = number,
                .process = process ? process : holder,
                .pid = pid,
        };
        list_init(&holder->holdings);
}

static void holding_detach(struct holding *holding)
{
        holding->holder = NULL;
        list_unlink(&holding->on_holder);
}

static void holder_bequeath(struct holder *holder, struct holder *heir)
{
        while (!list_is_empty(&holder->holdings)) {
                struct list_node *node = holder->holdings.next;

                container_of(node, struct holding, on_holder)->holder = heir;
                list_unlink(node);
                list_append(&heir->holdings, node);
        }
}

void holder_end(struct holder *holder, struct holder *heir)
{
        if (heir)
                holder_bequeath(holder, heir);
        while (!list_is_empty(&holder->holdings)) {
                struct list_node *node = holder->holdings.prev;
                struct holding *holding = container_of(node, struct holding, on_holder);

                holding_detach(holding);
                holding->object->type->holder_ended(holding->object, holding);
        }
}

void holding_init(struct holding *holding, struct object *object)
{
        *holding = (struct holding){ .object = object };
        list_init(&holding->on_holder);
        list_init(&holding->in_store);
}

void holding_keep(struct holding *holding, struct call *call, struct holder *holder)
{
        list_unlink(&holding->on_holder);
        list_append(&holder->holdings, &holding->on_holder);
        holding->holder = holder;
        holding->owner = call->owner;
        holding->pid = holder->pid;
        holding->since = call->now;
        holding->n = 1;
}

void holding_take(struct holding *holding, struct call *call, struct holder *holder)
{
        struct store *store = holding->object->store;

        if (holding_is_abandoned(holding)) {
                call->notes.owner_died = true;
                call->notes.dead_pid = holding->pid;
        }
        holding_keep(holding, call, holder);
        list_unlink(&holding->in_store);
        list_append(&store->holdings, &holding->in_store);
        holding->fence = ++store->last_fence;
        call->notes.fence = holding->fence;
}

void holding_drop(struct holding *holding)
{
        holding_detach(holding);
        list_unlink(&holding->in_store);
        holding->owner.session = 0;
        holding->n = 0;
}

void owner_pack(const struct owner *owner, int64_t pid, struct buffer *out)
{
        pack_cstr(out, "pid");
        pack_int(out, pid);
        pack_cstr(out, "session");
        pack_uint(out, owner->session);
        pack_cstr(out, "task");
        if (owner->task_size)
                pack_packed(out, owner_task(owner));
        else
                pack_nil(out);
}

void holding_pack(const struct holding *holding, uint64_t now, struct buffer *out)
{
        owner_pack(&holding->owner, holding->pid, out);
        pack_cstr(out, "seconds");
        pack_float(out, (double)(now - holding->since) / 1e9);
        pack_cstr(out, "count");
        pack_uint(out, holding->n);
        pack_cstr(out, "fence");
        pack_uint(out, holding->fence);
        pack_cstr(out, "abandoned");
        pack_bool(out, holding_is_abandoned(holding));
}
