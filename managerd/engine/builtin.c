/*
 * builtin - the server-level calls
 */
#include "managerd/engine/builtin.h"

#include "managerd/engine/fields.h"
#include "managerd/engine/listing.h"
#include "managerd/engine/state.h"
#include "managerd/version.h"
#include "proto/pack.h"

#define PROTOCOL_VERSION 1

/* --- a client introduces itself */

/* The value under a key of a packed dict, or absent. */
static struct span dict_get(struct span dict, const char *name)
{
        struct value_iter iter;
        struct span key, text, value;
        size_t n;

        if (!value_iter_init(&iter, dict, &n))
                return SPAN_ABSENT;
        while (value_iter_next(&iter, &key) && value_iter_next(&iter, &value))
                if (value_get_str(key, &text) && span_equal(text, span_of_cstr(name)))
                        return value;
        return SPAN_ABSENT;
}

struct introduction {
        struct span token;
        struct span name; /* absent where not given */
        bool owns;
};

static int introduction_read(struct call *call, struct introduction *out)
{
        struct span info = call->args[0], field;
        int64_t version = PROTOCOL_VERSION;

        if (value_kind(info) != VALUE_DICT)
                return call_fail(call, STATUS_TYPE, "hello takes a dict, not '%s'",
                                 value_type_name(info));
        field = dict_get(info, "version");
        if (!span_is_absent(field) && (!value_get_int64(field, &version) || version < 1))
                return call_fail(call, STATUS_VALUE, "version must be a positive integer");
        field = dict_get(info, "token");
        if (span_is_absent(field) || !value_get_bytes(field, &out->token) ||
            out->token.size != IMAGE_TOKEN_SIZE)
                return call_fail(call, STATUS_VALUE, "token must be %d bytes", IMAGE_TOKEN_SIZE);
        field = dict_get(info, "name");
        if (!span_is_absent(field) && !value_get_str(field, &out->name))
                return call_fail(call, STATUS_TYPE, "name must be a str");
        field = dict_get(info, "own");
        if (!span_is_absent(field)) {
                struct span own;

                if (!value_get_str(field, &own) || (!span_equal(own, SPAN_LITERAL("session")) &&
                                                    !span_equal(own, SPAN_LITERAL("process"))))
                        return call_fail(call, STATUS_VALUE,
                                         "own must be \"session\" or \"process\"");
                out->owns = own.data[0] == 's';
        }
        return 0;
}

static int builtin_hello(struct builtin_call *b)
{
        struct introduction introduction = { 0 };
        struct engine *engine = b->engine;
        struct image *image;
        int r;

        if (b->caller->native)
                return call_fail(b->call, STATUS_RUNTIME, "hello was said before");
        r = introduction_read(b->call, &introduction);
        if (r < 0)
                return r;
        r = process_join_image(&engine->processes, b->caller->image->process, introduction.token,
                               &image);
        if (r < 0)
                return call_fail_status(b->call, r);
        if (!span_is_absent(introduction.name)) {
                r = caller_set_name(b->caller, introduction.name);
                if (r < 0) {
                        image_leave(&engine->processes, image);
                        return call_fail_status(b->call, r);
                }
        }
        caller_set_image(b->caller, image);
        b->caller->native = true;
        b->caller->owns = introduction.owns;

        pack_map(b->call->reply, 6);
        field_count(b->call->reply, "version", PROTOCOL_VERSION);
        pack_cstr(b->call->reply, "server");
        pack_cstr(b->call->reply, "managerd " MANAGERD_VERSION);
        field_count(b->call->reply, "session", b->caller->number);
        field_count(b->call->reply, "epoch", engine->options.epoch);
        field_count(b->call->reply, "max_frame", engine->options.max_frame);
        field_count(b->call->reply, "max_depth", engine->options.max_depth);
        return CALL_DONE;
}

static int builtin_accept_connection(struct builtin_call *b)
{
        struct span name;
        int r;

        if (!value_get_str(b->call->args[0], &name))
                return call_fail(b->call, STATUS_TYPE, "name must be a str");
        r = caller_set_name(b->caller, name);
        if (r < 0)
                return call_fail_status(b->call, r);
        pack_nil(b->call->reply);
        return CALL_DONE;
}

static int builtin_dummy(struct builtin_call *b)
{
        pack_nil(b->call->reply);
        return CALL_DONE;
}

/* --- objects come and go */

/* Replies [ident, exposed] and counts the reference that goes with it, once nothing can fail. */
static int return_object(struct builtin_call *b, struct object *object)
{
        const struct kind *kind = registry_kind_of(&b->engine->registry, object->type);
        int r;

        pack_array(b->call->reply, 2);
        pack_uint(b->call->reply, object->ident);
        pack_packed(b->call->reply, buffer_span(&kind->exposed));
        r = call_returned(b->call);
        if (r < 0)
                return r;
        r = image_add(b->caller->image, object);
        return r < 0 ? call_fail_status(b->call, r) : CALL_DONE;
}

static int get_kind(struct builtin_call *b, const struct kind **kind)
{
        struct span typeid;

        if (!value_get_str(b->call->args[0], &typeid))
                return call_fail(b->call, STATUS_TYPE, "typeid must be a str, not '%s'",
                                 value_type_name(b->call->args[0]));
        *kind = registry_find_kind(&b->engine->registry, typeid);
        return *kind ? 0 : call_fail_value(b->call, STATUS_KEY, b->call->args[0]);
}

static int construct(struct builtin_call *b, const struct type *type, struct object **object)
{
        struct signature signature = signature_of_constructor(type);
        int r;

        memset(b->call->args, 0, sizeof(b->call->args));
        b->rest.more = false;
        r = bind_arguments(b->call, &signature, &b->rest);
        if (r < 0)
                return r;
        return store_create(&b->engine->store, type, b->call, object);
}

static int builtin_create(struct builtin_call *b)
{
        const struct kind *kind;
        struct object *object;
        int r;

        r = get_kind(b, &kind);
        if (r < 0)
                return r;
        r = construct(b, kind->type, &object);
        if (r < 0)
                return r;
        return return_object(b, object);
}

/* open() where nobody has the name yet. */
static int open_new(struct builtin_call *b, const struct type *type, struct span name)
{
        struct object *object;
        int r;

        r = construct(b, type, &object);
        if (r < 0)
                return r;
        r = registry_set_name(&b->engine->registry, name, object);
        if (r < 0)
                return call_fail_status(b->call, r);
        r = return_object(b, object);
        if (r < 0)
                registry_remove_name(&b->engine->registry, name);
        return r;
}

static int builtin_open(struct builtin_call *b)
{
        const struct kind *kind;
        struct object *object;
        struct span name;
        int r;

        r = get_kind(b, &kind);
        if (r < 0)
                return r;
        if (!value_get_str(b->call->args[1], &name) || name.size == 0)
                return call_fail(b->call, STATUS_TYPE, "name must be a str, and not empty");

        object = registry_find_name(&b->engine->registry, name);
        if (object && object->type != kind->type)
                return call_fail(b->call, STATUS_TYPE, "that object is a %s, not a %s",
                                 object->type->name, kind->type->name);
        return object ? return_object(b, object) : open_new(b, kind->type, name);
}

static int builtin_unlink(struct builtin_call *b)
{
        struct span name;

        if (!value_get_str(b->call->args[0], &name))
                return call_fail(b->call, STATUS_TYPE, "name must be a str");
        pack_bool(b->call->reply, registry_remove_name(&b->engine->registry, name));
        return CALL_DONE;
}

/* --- references */

static int get_object(struct builtin_call *b, struct object **object)
{
        uint64_t ident;

        if (!value_get_uint64(b->call->args[0], &ident))
                return call_fail(b->call, STATUS_TYPE, "ident must be an integer");
        *object = store_find(&b->engine->store, ident);
        return *object ? 0 : call_fail_no_object(b->call, ident);
}

static int builtin_incref(struct builtin_call *b)
{
        struct object *object;
        int r;

        r = get_object(b, &object);
        if (r < 0)
                return r;
        r = call_return_none(b->call);
        if (r < 0)
                return r;
        r = image_add(b->caller->image, object);
        return r < 0 ? call_fail_status(b->call, r) : CALL_DONE;
}

static int builtin_decref(struct builtin_call *b)
{
        struct object *object;
        int r;

        r = get_object(b, &object);
        if (r < 0)
                return r;
        r = call_return_none(b->call);
        if (r < 0)
                return r;
        r = image_remove(b->caller->image, &b->engine->store, object->ident);
        if (r < 0)
                return call_fail(b->call, STATUS_ASSERTION,
                                 "this process holds no reference to object %ju",
                                 (uintmax_t)object->ident);
        return CALL_DONE;
}

static int builtin_lend(struct builtin_call *b)
{
        uint64_t number;
        int r;

        r = tickets_lend(&b->engine->tickets, b->call->args[0], b->engine->now, &number);
        if (r == -STATUS_TYPE)
                return call_fail(b->call, STATUS_TYPE, "idents must be a list of integers");
        if (r < 0)
                return call_fail_status(b->call, r);
        pack_uint(b->call->reply, number);
        return CALL_DONE;
}

static int builtin_claim(struct builtin_call *b)
{
        uint64_t number;
        int r;

        if (!value_get_uint64(b->call->args[0], &number))
                return call_fail(b->call, STATUS_TYPE, "a ticket is an integer");
        r = call_return_none(b->call);
        if (r < 0)
                return r;
        r = tickets_claim(&b->engine->tickets, number, b->caller->image);
        if (r == -STATUS_VALUE)
                return call_fail(b->call, STATUS_VALUE,
                                 "no such ticket: unknown, claimed before or expired");
        if (r < 0)
                return call_fail_status(b->call, r);
        return CALL_DONE;
}

/* --- calls */

static int builtin_cancel(struct builtin_call *b)
{
        uint64_t number;

        if (!value_get_uint64(b->call->args[0], &number))
                return call_fail(b->call, STATUS_TYPE, "the number of a call is an integer");
        b->engine->cancelled = waiter_find(b->engine, b->caller, number);
        pack_bool(b->call->reply, b->engine->cancelled != NULL);
        return CALL_DONE;
}

static int builtin_shutdown(struct builtin_call *b)
{
        pack_nil(b->call->reply);
        b->engine->options.shutdown(b->engine->options.data);
        return CALL_DONE;
}

/* --- the table */

/* name, parameters, how many there are, how many are required, function, what it is besides */
#define CALL(name, params, n, required, run, flags)                                                \
        {                                                                                          \
                { NULL, name, params, n, required, METHOD_KEYWORDS, ARITY_FUNCTION }, flags, run   \
        }

const struct builtin builtins[] = {
        CALL("incref", "ident", 1, 1, builtin_incref, 0),
        CALL("decref", "ident", 1, 1, builtin_decref, 0),
        CALL("create", "typeid", 1, 1, builtin_create, BUILTIN_VARIADIC),
        CALL("accept_connection", "name", 1, 1, builtin_accept_connection, 0),
        CALL("hello", "info", 1, 1, builtin_hello, 0),
        CALL("dummy", "", 0, 0, builtin_dummy, 0),
        CALL("open", "typeid name", 2, 2, builtin_open, BUILTIN_VARIADIC | BUILTIN_RAISES),
        CALL("unlink", "name", 1, 1, builtin_unlink, 0),
        CALL("lend", "idents", 1, 1, builtin_lend, 0),
        CALL("claim", "ticket", 1, 1, builtin_claim, BUILTIN_RAISES),
        CALL("cancel", "number", 1, 1, builtin_cancel, 0),
        CALL("number_of_objects", "", 0, 0, listing_number_of_objects, 0),
        CALL("debug_info", "", 0, 0, listing_debug_info, 0),
        CALL("get_methods", "token", 1, 1, listing_get_methods, 0),
        CALL("objects", "after count", 2, 0, listing_objects, 0),
        CALL("describe", "what", 1, 1, listing_describe, BUILTIN_RAISES),
        CALL("find", "what", 1, 1, listing_find, BUILTIN_RAISES | BUILTIN_TOKENS),
        CALL("sessions", "", 0, 0, listing_sessions, 0),
        CALL("processes", "", 0, 0, listing_processes, 0),
        CALL("locks", "what", 1, 0, listing_locks, BUILTIN_RAISES),
        CALL("waiters", "what", 1, 0, listing_waiters, BUILTIN_RAISES),
        CALL("stats", "", 0, 0, listing_stats, 0),
        CALL("shutdown", "", 0, 0, builtin_shutdown, 0),
};

const size_t n_builtins = sizeof(builtins) / sizeof(builtins[0]);

const struct builtin *builtin_find(struct span name)
{
        for (size_t i = 0; i < n_builtins; ++i)
                if (span_equal(span_of_cstr(builtins[i].signature.name), name))
                        return &builtins[i];
        return NULL;
}
