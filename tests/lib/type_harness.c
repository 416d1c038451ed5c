/*
 * type_harness - drives the types of the daemon without a daemon
 */
#include "tests/lib/type_harness.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "managerd/engine/bind.h"
#include "proto/pack.h"
#include "proto/value.h"

void harness_init(struct harness *h)
{
        struct store_options options = {
                .epoch = 0xabcdef,
                .hash_key = "sixteen is fine",
                .max_memory = SIZE_MAX,
                .iterator = &iterator_type,
                .rlock = &rlock_type,
        };
        int r;

        memset(h, 0, sizeof(*h));
        r = store_init(&h->store, &options);
        assert(r == 0);
        (void)r;
        scanner_init(&h->scanner, SCAN_DEFAULT_DEPTH);
        buffer_init(&h->arguments, SIZE_MAX);
        buffer_init(&h->kwds, SIZE_MAX);
        buffer_init(&h->reply, SIZE_MAX);
        buffer_init(&h->error, SIZE_MAX);
        buffer_init(&h->text, SIZE_MAX);
        h->now = 1;
        h->owner.session = 1;
        holder_init(&h->process, 1, NULL, 1);
        holder_init(&h->session, 1, &h->process, 1);
}

void harness_deinit(struct harness *h)
{
        store_deinit(&h->store);
        assert(h->store.memory.used == 0);
        scanner_deinit(&h->scanner);
        buffer_deinit(&h->arguments);
        buffer_deinit(&h->kwds);
        buffer_deinit(&h->reply);
        buffer_deinit(&h->error);
        buffer_deinit(&h->text);
}

size_t harness_reap(struct harness *h)
{
        do {
                store_settle(&h->store);
        } while (store_reap(&h->store, 7));
        return h->store.n_objects;
}

void harness_release(struct harness *h, struct object *object)
{
        object_release(object);
        harness_reap(h);
}

const char *harness_text(const struct harness *h)
{
        return h->text.size ? (const char *)h->text.data : "";
}

/* --- telling what came of a call */

static const char *say(struct harness *h, const char *text)
{
        buffer_truncate(&h->text, 0);
        buffer_append(&h->text, text, strlen(text) + 1);
        return harness_text(h);
}

static const char *say_repr(struct harness *h, struct span value)
{
        int r;

        r = scan_whole(&h->scanner, value);
        if (r < 0) {
                fprintf(stderr, "harness: malformed result: %s\n", h->scanner.why);
                abort();
        }
        buffer_truncate(&h->text, 0);
        r = value_repr(value, &h->text);
        assert(r == 0);
        buffer_append_byte(&h->text, '\0');
        return harness_text(h);
}

static const char *say_failure(struct harness *h)
{
        struct span args = buffer_span(&h->error), argument, text;
        struct value_iter iter;
        size_t n;

        assert(args.size > 0 && scan_whole(&h->scanner, args) == 0);
        say(h, status_wire_name(h->status));
        --h->text.size;
        value_iter_init(&iter, args, &n);
        if (value_iter_next(&iter, &argument)) {
                buffer_append(&h->text, ": ", 2);
                /* KeyError is about a key, except where Python gives a text of its own */
                if (h->status != -STATUS_KEY && value_get_str(argument, &text))
                        buffer_append_span(&h->text, text);
                else
                        value_repr(argument, &h->text);
        }
        buffer_append_byte(&h->text, '\0');
        return harness_text(h);
}

static const char *say_result(struct harness *h, struct call *call)
{
        if (h->status == CALL_DONE && h->reply.failed)
                h->status = call_fail_status(call, h->reply.failed);
        if (h->status < 0)
                return say_failure(h);
        if (h->status == CALL_PARKED) {
                h->deadline = call->deadline;
                return say(h, "parked");
        }
        if (call->proxy) {
                object_retain(call->proxy);
                h->proxy = call->proxy;
                return say(h, "proxy");
        }
        return say_repr(h, buffer_span(&h->reply));
}

const char *harness_repr(struct harness *h, struct object *object)
{
        int r;

        buffer_truncate(&h->reply, 0);
        r = object->type->value(object, &h->reply);
        assert(r == 0 && !h->reply.failed);
        return say_repr(h, buffer_span(&h->reply));
}

/* --- calling */

static void call_init(struct call *call, struct harness *h)
{
        *call = (struct call){
                .store = &h->store,
                .owner = h->owner,
                .session = &h->session,
                .keeper = &h->session,
                .now = h->now,
                .deadline = CALL_NO_DEADLINE,
                .reply = &h->reply,
                .error = &h->error,
        };
        buffer_truncate(&h->reply, 0);
        buffer_truncate(&h->error, 0);
        h->proxy = NULL;
}

/* What is sent has been scanned, which also tells about tokens. */
static bool scan_arguments(struct harness *h, struct span arguments)
{
        bool has_tokens = false;

        while (arguments.size > 0) {
                size_t size;
                int r;

                r = scan_value(&h->scanner, arguments, &size);
                if (r < 0) {
                        fprintf(stderr, "harness: bad argument: %s\n", h->scanner.why);
                        abort();
                }
                has_tokens |= h->scanner.has_tokens;
                arguments = span_of(arguments.data + size, arguments.size - size);
        }
        return has_tokens;
}

static int bind(struct harness *h, struct call *call, const struct signature *signature,
                struct span args, size_t n_args)
{
        struct arguments arguments = {
                .args = { args.data, n_args },
                .n_args = n_args,
                .kwds = buffer_span(&h->kwds),
        };

        call->has_tokens = scan_arguments(h, args);
        if (scan_arguments(h, arguments.kwds))
                call->has_tokens = true;
        return bind_arguments(call, signature, &arguments);
}

static const struct method *find_method(const struct type *type, const char *name)
{
        for (size_t i = 0; i < type->n_methods; ++i)
                if (strcmp(type->methods[i].name, name) == 0)
                        return &type->methods[i];
        return NULL;
}

static const char *call_method(struct harness *h, struct object *object, const char *name,
                               struct span args, size_t n_args)
{
        const struct method *method = find_method(object->type, name);
        struct signature signature = { .owner = object->type->name };
        struct call call;

        if (!method)
                return say(h, "NoSuchMethod");
        signature.name = method->name;
        signature.params = method->params;
        signature.n_params = method->n_params;
        signature.n_required = method->n_required;
        signature.flags = method->flags;
        signature.arity = method->arity;

        call_init(&call, h);
        call.method = method;
        h->status = bind(h, &call, &signature, args, n_args);
        if (h->status == 0)
                h->status = method->run(object, &call);
        say_result(h, &call);
        store_settle(&h->store);
        return harness_text(h);
}

/* Packs the formatted notation into h->arguments and h->kwds. */
static size_t pack_arguments(struct harness *h, const char *format, va_list ap)
{
        char *notation;
        size_t n;

        if (vasprintf(&notation, format, ap) < 0)
                abort();
        buffer_truncate(&h->arguments, 0);
        buffer_truncate(&h->kwds, 0);
        notation_pack_arguments(notation, &h->arguments, &n, &h->kwds);
        free(notation);
        return n;
}

const char *harness_call(struct harness *h, struct object *object, const char *method,
                         const char *format, ...)
{
        va_list ap;
        size_t n;

        va_start(ap, format);
        n = pack_arguments(h, format, ap);
        va_end(ap);
        return call_method(h, object, method, buffer_span(&h->arguments), n);
}

const char *harness_call_packed(struct harness *h, struct object *object, const char *method,
                                struct span arguments, size_t n_arguments)
{
        buffer_truncate(&h->kwds, 0);
        pack_map(&h->kwds, 0);
        return call_method(h, object, method, arguments, n_arguments);
}

struct object *harness_create(struct harness *h, const struct type *type, const char *format, ...)
{
        struct signature signature = signature_of_constructor(type);
        struct object *object = NULL;
        struct call call;
        va_list ap;
        size_t n;

        va_start(ap, format);
        n = pack_arguments(h, format, ap);
        va_end(ap);

        call_init(&call, h);
        h->status = bind(h, &call, &signature, buffer_span(&h->arguments), n);
        if (h->status == 0)
                h->status = store_create(&h->store, type, &call, &object);
        if (h->status < 0) {
                say_failure(h);
                return NULL;
        }
        object_retain(object);
        store_settle(&h->store);
        return object;
}
