/*
 * listing - the server-level calls that tell what there is
 */
#include "managerd/engine/listing.h"

#include <inttypes.h>
#include <stdio.h>

#include "managerd/engine/fields.h"
#include "managerd/engine/state.h"
#include "managerd/version.h"
#include "proto/pack.h"

#define OBJECTS_DEFAULT  100
#define OBJECTS_MAX      1000
#define DEBUG_INFO_WIDTH 75

/* --- objects */

int listing_number_of_objects(struct builtin_call *b)
{
        pack_uint(b->call->reply, b->engine->store.n_referenced);
        return CALL_DONE;
}

int object_str(struct object *object, struct buffer *out)
{
        _buffer_cleanup_ struct buffer value = BUFFER_NULL;
        int r;

        if (object->type->str)
                return object->type->str(object, out);
        r = object->type->value(object, &value);
        if (r == 0)
                r = value.failed;
        return r < 0 ? r : value_repr(buffer_span(&value), out);
}

/* Where text may be cut so that no character is: Python cuts by characters. */
static size_t cut_characters(struct span text, size_t n_characters)
{
        size_t i = 0;

        while (i < text.size && n_characters > 0) {
                ++i;
                while (i < text.size && (text.data[i] & 0xc0) == 0x80)
                        ++i;
                --n_characters;
        }
        return i;
}

static int debug_line(struct object *object, struct buffer *out)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        char head[80];
        int n, r;

        r = object_str(object, &text);
        if (r == -STATUS_NOMEM)
                return r;
        n = snprintf(head, sizeof(head), "%s  %" PRIu64 ":       refcount=%" PRIu64 "\n    ",
                     out->size ? "\n" : "", object->ident, object->n_external);
        buffer_append(out, head, (size_t)n);
        buffer_append(out, text.data, cut_characters(buffer_span(&text), DEBUG_INFO_WIDTH));
        return out->failed;
}

int listing_debug_info(struct builtin_call *b)
{
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;
        int r;

        list_for_each(node, &b->engine->store.objects) {
                struct object *object = container_of(node, struct object, in_store);

                if (object->n_external == 0)
                        continue;
                r = debug_line(object, &text);
                if (r < 0)
                        return call_fail_status(b->call, r);
        }
        pack_str(b->call->reply, buffer_span(&text));
        return CALL_DONE;
}

int listing_get_object(struct builtin_call *b, struct span what, struct object **object)
{
        struct value_token token;
        struct span name;
        uint64_t ident;

        if (value_get_str(what, &name)) {
                *object = registry_find_name(&b->engine->registry, name);
                return *object ? 0 : call_fail_value(b->call, STATUS_NAME, what);
        }
        if (value_get_token(what, &token))
                ident = token.ident;
        else if (!value_get_uint64(what, &ident))
                return call_fail(b->call, STATUS_TYPE, "an ident, a token or a name is needed");
        *object = store_find(&b->engine->store, ident);
        return *object ? 0 : call_fail_no_object(b->call, ident);
}

int listing_get_methods(struct builtin_call *b)
{
        struct object *object;
        int r;

        r = listing_get_object(b, b->call->args[0], &object);
        if (r < 0)
                return r;
        pack_packed(b->call->reply,
                    buffer_span(&registry_kind_of(&b->engine->registry, object->type)->exposed));
        return CALL_DONE;
}

static void pack_object(struct buffer *out, const struct object *object, const struct kind *kind)
{
        pack_map(out, kind ? 8 : 7);
        field_count(out, "ident", object->ident);
        field_text(out, "typeid", span_of_cstr(object->type->name));
        field_text(out, "name", object->name);
        field_count(out, "references", object->n_external);
        field_count(out, "stored", object->n_internal);
        field_count(out, "waiters", object->n_waiters);
        pack_cstr(out, "length");
        if (object->type->length)
                pack_uint(out, object->type->length(object));
        else
                pack_nil(out);
        if (kind) {
                pack_cstr(out, "methods");
                pack_packed(out, buffer_span(&kind->exposed));
        }
}

int listing_describe(struct builtin_call *b)
{
        struct object *object;
        int r;

        r = listing_get_object(b, b->call->args[0], &object);
        if (r < 0)
                return r;
        pack_object(b->call->reply, object, registry_kind_of(&b->engine->registry, object->type));
        return CALL_DONE;
}

int listing_find(struct builtin_call *b)
{
        struct object *object;
        int r;

        r = listing_get_object(b, b->call->args[0], &object);
        if (r < 0)
                return r;
        pack_token(b->call->reply, object->type->name, object->ident);
        return call_returned(b->call);
}

/* Where the objects with an ident beyond `after` begin in the list of all. */
static struct list_node *objects_after(struct store *store, uint64_t after)
{
        struct object *object = store_find(store, after);

        if (object)
                return object->in_store.next;
        list_for_each(node, &store->objects)
                if (container_of(node, struct object, in_store)->ident > after)
                        return node;
        return &store->objects;
}

int listing_objects(struct builtin_call *b)
{
        struct store *store = &b->engine->store;
        struct buffer *reply = b->call->reply;
        uint64_t after = 0;
        int64_t count = OBJECTS_DEFAULT;
        size_t begin, n = 0;

        if (call_has(b->call, 0) && !value_get_uint64(b->call->args[0], &after))
                return call_fail(b->call, STATUS_TYPE, "after must be an ident");
        if (call_has(b->call, 1) && (!value_get_int64(b->call->args[1], &count) || count < 1))
                return call_fail(b->call, STATUS_VALUE, "count must be a positive integer");
        if (count > OBJECTS_MAX)
                count = OBJECTS_MAX;

        begin = pack_array_begin(reply);
        for (struct list_node *node = objects_after(store, after);
             node != &store->objects && n < (size_t)count; node = node->next, ++n)
                pack_object(reply, container_of(node, struct object, in_store), NULL);
        pack_array_end(reply, begin, n);
        return CALL_DONE;
}

/* --- clients */

static void pack_session(struct buffer *out, const struct caller *caller)
{
        const struct process_info *process = &caller->image->process->info;

        pack_map(out, 10);
        field_count(out, "session", caller->number);
        field_count(out, "pid", (uint64_t)process->pid);
        field_count(out, "uid", process->uid);
        field_text(out, "name", caller->name ? span_of_cstr(caller->name) : SPAN_ABSENT);
        field_flag(out, "native", caller->native);
        field_text(out, "transport",
                   caller->figures.transport ? span_of_cstr(caller->figures.transport)
                                             : SPAN_ABSENT);
        field_count(out, "calls", caller->n_calls);
        field_count(out, "bytes_in", caller->figures.n_bytes_in);
        field_count(out, "bytes_out", caller->figures.n_bytes_out);
        field_flag(out, "parked", !list_is_empty(&caller->waiters));
}

int listing_sessions(struct builtin_call *b)
{
        pack_array(b->call->reply, b->engine->n_callers);
        list_for_each(node, &b->engine->callers)
                pack_session(b->call->reply, container_of(node, struct caller, in_engine));
        return CALL_DONE;
}

static void pack_process(struct buffer *out, const struct process *process)
{
        uint64_t n_references = 0, n_objects = 0, n_sessions = 0;

        list_for_each(node, &process->images) {
                struct image *image = container_of(node, struct image, in_process);

                n_references += image->n_references;
                n_objects += table_count(&image->references);
                n_sessions += image->n_sessions;
        }
        pack_map(out, 5);
        field_count(out, "pid", (uint64_t)process->info.pid);
        field_count(out, "uid", process->info.uid);
        field_count(out, "references", n_references);
        field_count(out, "objects", n_objects);
        field_count(out, "sessions", n_sessions);
}

int listing_processes(struct builtin_call *b)
{
        struct buffer *reply = b->call->reply;
        size_t begin = pack_array_begin(reply), n = 0;

        list_for_each(node, &b->engine->processes.list) {
                pack_process(reply, container_of(node, struct process, in_engine));
                ++n;
        }
        pack_array_end(reply, begin, n);
        return CALL_DONE;
}

/* --- figures */

int listing_stats(struct builtin_call *b)
{
        const struct engine *engine = b->engine;
        const struct {
                const char *name;
                uint64_t value;
        } figures[] = {
                { "objects", engine->store.n_objects },
                { "objects_referenced", engine->store.n_referenced },
                { "cycle_searches", engine->store.n_searches },
                { "names", table_count(&engine->registry.names) },
                { "memory_used", engine->store.memory.used },
                { "memory_refused", engine->store.memory.n_refused },
                { "processes", table_count(&engine->processes.index) },
                { "sessions", engine->n_callers },
                { "sessions_ever", engine->n_sessions_ever },
                { "calls", engine->n_calls },
                { "calls_parked", engine->n_parked },
                { "deadlocks", engine->n_deadlocks },
                { "results_too_large", engine->n_too_large },
                { "tickets", table_count(&engine->tickets.index) },
        };
        const size_t n = sizeof(figures) / sizeof(figures[0]);

        pack_map(b->call->reply, 3 + n + engine->n_figures);
        field_text(b->call->reply, "version", SPAN_LITERAL(MANAGERD_VERSION));
        field_text(b->call->reply, "address", span_of_cstr(engine->address));
        pack_cstr(b->call->reply, "memory_limit");
        if (engine->store.memory.limit == SIZE_MAX)
                pack_nil(b->call->reply);
        else
                pack_uint(b->call->reply, engine->store.memory.limit);
        for (size_t i = 0; i < n; ++i)
                field_count(b->call->reply, figures[i].name, figures[i].value);
        for (size_t i = 0; i < engine->n_figures; ++i)
                field_count(b->call->reply, engine->figures[i].name, *engine->figures[i].value);
        return CALL_DONE;
}
