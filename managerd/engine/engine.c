/*
 * engine - applies inputs to the state
 */
#include "managerd/engine/engine.h"

#include <stdlib.h>

#include "managerd/engine/builtin.h"
#include "managerd/engine/listing.h"
#include "managerd/engine/state.h"
#include "managerd/types/types.h"
#include "proto/pack.h"
#include "proto/value.h"

/* Parts dismantled in one step of cleaning up: some microseconds, or more in cold memory. */
#define REAP_BUDGET 64

int engine_new(struct engine **out, const struct engine_options *options)
{
        struct store_options store_options = {
                .epoch = options->epoch,
                .max_memory = options->max_memory,
                .first_fence = options->first_fence,
                .iterator = &iterator_type,
                .rlock = &rlock_type,
        };
        struct engine *engine;
        int r;

        engine = calloc(1, sizeof(*engine));
        if (!engine)
                return -STATUS_NOMEM;
        engine->options = *options;
        buffer_init(&engine->error, SIZE_MAX);
        list_init(&engine->callers);

        memcpy(store_options.hash_key, options->hash_key, sizeof(store_options.hash_key));
        r = store_init(&engine->store, &store_options);
        if (r < 0) {
                free(engine);
                return r;
        }
        processes_init(&engine->processes, &engine->store);
        tickets_init(&engine->tickets, &engine->store);
        table_init(&engine->numbers, &engine->store.world);
        table_init(&engine->edges, &engine->store.world);
        r = registry_init(&engine->registry, types_all, n_types, &engine->store.world);
        engine->address = strdup(options->address);
        if (r < 0 || !engine->address) {
                engine_free(engine);
                return -STATUS_NOMEM;
        }
        *out = engine;
        return 0;
}

struct engine *engine_free(struct engine *engine)
{
        if (!engine)
                return NULL;
        while (!list_is_empty(&engine->callers))
                engine_end_session(engine,
                                   container_of(engine->callers.next, struct caller, in_engine),
                                   engine->now);
        registry_deinit(&engine->registry);
        tickets_deinit(&engine->tickets);
        processes_deinit(&engine->processes);
        table_deinit(&engine->numbers);
        table_deinit(&engine->edges);
        store_settle(&engine->store);
        store_deinit(&engine->store);
        deadlines_deinit(&engine->deadlines);
        buffer_deinit(&engine->error);
        free(engine->address);
        free(engine);
        return NULL;
}

void engine_set_server_figures(struct engine *engine, const struct server_figure *figures,
                               size_t n_figures)
{
        engine->figures = figures;
        engine->n_figures = n_figures;
}

void engine_settle(struct engine *engine)
{
        struct waiter *cancelled = engine->cancelled;

        if (cancelled) {
                engine->cancelled = NULL;
                waiter_cancel(engine, cancelled);
        }
        waiters_resume(engine);
        store_settle(&engine->store);
}

/* --- sessions and processes */

int engine_begin_session(struct engine *engine, const struct process_info *info,
                         struct buffer *replies, void *data, struct caller **out)
{
        struct process *process;
        struct caller *caller;
        int r;

        caller = calloc(1, sizeof(*caller));
        if (!caller)
                return -STATUS_NOMEM;
        r = processes_get(&engine->processes, info, &process);
        if (r == 0) {
                r = process_join_image(&engine->processes, process, SPAN_ABSENT, &caller->image);
                if (r < 0)
                        processes_forget_unused(&engine->processes, process);
        }
        if (r < 0) {
                free(caller);
                return r;
        }
        caller->engine = engine;
        caller->number = ++engine->n_sessions_ever;
        holder_init(&caller->holder, caller->number, &caller->image->holder, info->pid);
        caller->replies = replies;
        caller->data = data;
        list_init(&caller->in_engine);
        list_init(&caller->waiters);
        list_append(&engine->callers, &caller->in_engine);
        ++engine->n_callers;
        *out = caller;
        return 0;
}

void engine_end_session(struct engine *engine, struct caller *caller, uint64_t now)
{
        engine->now = now;
        waiters_withdraw(engine, caller);
        holder_end(&caller->holder, engine->processes.heir);
        caller_free(caller);
        --engine->n_callers;
        engine_settle(engine);
}

void engine_end_process(struct engine *engine, uint64_t process_number, uint64_t now)
{
        engine->now = now;
        processes_end(&engine->processes, process_number);
        engine_settle(engine);
}

/* --- requests */

static void read_arguments(struct arguments *arguments, const struct request *request)
{
        *arguments = (struct arguments){ .kwds = request->kwds };
        value_iter_init(&arguments->args, request->args, &arguments->n_args);
}

static int call_builtin(struct engine *engine, struct invocation *invocation,
                        const struct request *request)
{
        const struct builtin *builtin = builtin_find(request->method);
        struct builtin_call b = { engine, invocation->caller, &invocation->call, { .n_args = 0 } };
        int r;

        if (!builtin)
                return call_fail(&invocation->call, STATUS_NO_METHOD,
                                 "%.*s is no server-level call", bind_shown(request->method),
                                 (const char *)request->method.data);
        invocation->raises = builtin->flags & BUILTIN_RAISES;
        read_arguments(&b.rest, request);
        b.rest.more = builtin->flags & BUILTIN_VARIADIC;
        if (builtin->flags & BUILTIN_TOKENS)
                invocation_expect_tokens(invocation);
        r = bind_arguments(&invocation->call, &builtin->signature, &b.rest);
        if (r < 0)
                return r;
        return builtin->run(&b);
}

/* As Python words what its pickle refuses. */
static int call_fail_no_value(struct invocation *invocation)
{
        invocation->raises = false;
        return call_fail(&invocation->call, STATUS_TYPE, "cannot pickle '%s' object",
                         invocation->object->type->name);
}

/* What every object answers even where its type has no such method. */
static int call_fallback(struct invocation *invocation, const struct request *request)
{
        struct object *object = invocation->object;
        struct call *call = &invocation->call;
        /* a text takes several times what it is the text of: no more than can be sent */
        _buffer_cleanup_ struct buffer text = { .limit = call->reply->limit - call->reply->size };
        int r;

        if (span_equal(request->method, SPAN_LITERAL("#GETVALUE"))) {
                if (!object->type->value)
                        return call_fail_no_value(invocation);
                r = object->type->value(object, call->reply);
                /* a reply that is too large is told apart where the call is completed */
                return r < 0 && !call->reply->failed ? call_fail_status(call, r) : CALL_DONE;
        }
        if (!span_equal(request->method, SPAN_LITERAL("__str__")) &&
            !span_equal(request->method, SPAN_LITERAL("__repr__")))
                return call_fail(call, STATUS_NO_METHOD, "'%s' object has no method '%.*s'",
                                 object->type->name, bind_shown(request->method),
                                 (const char *)request->method.data);
        r = object_str(object, &text);
        if (r == 0)
                r = text.failed;
        if (r == -STATUS_VALUE)
                return call_fail(call, STATUS_VALUE,
                                 "Exceeds the limit (4300 digits) for integer "
                                 "string conversion");
        if (r == -STATUS_TOO_LARGE) {
                buffer_reserve(call->reply, SIZE_MAX); /* fails as the text would there */
                return CALL_DONE;
        }
        if (r < 0)
                return call_fail_status(call, r);
        pack_str(call->reply, buffer_span(&text));
        return CALL_DONE;
}

static int call_method(struct invocation *invocation, const struct method *method,
                       const struct request *request)
{
        const struct type *type = invocation->object->type;
        struct signature signature = {
                .owner = type->class_name ? type->class_name : type->name,
                .name = method->name,
                .params = method->params,
                .n_params = method->n_params,
                .n_required = method->n_required,
                .flags = method->flags,
                .arity = method->arity,
        };
        struct arguments arguments;
        int r;

        invocation->call.method = method;
        read_arguments(&arguments, request);
        r = bind_arguments(&invocation->call, &signature, &arguments);
        if (r < 0)
                return r;
        return method->run(invocation->object, &invocation->call);
}

static int call_object(struct engine *engine, struct invocation *invocation,
                       const struct request *request)
{
        const struct method *method;

        if (!invocation->object)
                return call_fail_no_object(&invocation->call, request->ident);
        method = kind_find_method(registry_kind_of(&engine->registry, invocation->object->type),
                                  request->method);
        if (!method)
                return call_fallback(invocation, request);
        return call_method(invocation, method, request);
}

/* Equal tasks are the same bytes. */
static int set_task(struct call *call, struct span task)
{
        _buffer_cleanup_ struct buffer canonical = BUFFER_NULL;
        bool has_nan;
        int r;

        r = value_canonical(task, &canonical, &has_nan);
        if (r < 0 || canonical.failed)
                return call_fail_status(call, r < 0 ? r : canonical.failed);
        if (canonical.size > OWNER_TASK_MAX)
                return call_fail(call, STATUS_BAD_REQUEST, "a task takes at most %d bytes",
                                 OWNER_TASK_MAX);
        memcpy(call->owner.task, canonical.data, canonical.size);
        call->owner.task_size = (uint8_t)canonical.size;
        return 0;
}

void engine_request(struct engine *engine, struct caller *caller, const struct request *request,
                    uint64_t now)
{
        struct invocation invocation = {
                .caller = caller,
                .numbered = request->numbered,
                .number = request->number,
                .raises = true,
                .call = {
                        .store = &engine->store,
                        .has_tokens = request->has_tokens,
                        .alone = request->alone || !request->numbered,
                        .owner = { .session = caller->number },
                        .session = &caller->holder,
                        .keeper = caller_keeper(caller),
                        .now = now,
                        .deadline = CALL_NO_DEADLINE,
                },
        };
        int r;

        engine->now = now;
        ++engine->n_calls;
        ++caller->n_calls;
        caller_unpin(caller);

        if (request->ident != MESSAGE_IDENT_NONE)
                invocation.object = store_find(&engine->store, request->ident);
        invocation_begin(&invocation);
        /* a short result cannot fail any more when what it tells of is done */
        if (!buffer_reserve(caller->replies, INVOCATION_SHORT_RESULT))
                r = call_fail_status(&invocation.call, caller->replies->failed);
        else if (!span_is_absent(request->task) && (r = set_task(&invocation.call, request->task)))
                ; /* refused */
        else if (request->ident == MESSAGE_IDENT_NONE)
                r = call_builtin(engine, &invocation, request);
        else
                r = call_object(engine, &invocation, request);

        if (r == CALL_PARKED) {
                invocation_suspend(&invocation);
                r = waiter_park(engine, &invocation);
                if (r < 0) {
                        invocation_begin(&invocation);
                        invocation_finish(&invocation, r);
                }
        } else {
                invocation_finish(&invocation, r);
        }
        engine_settle(engine);
}

void engine_refuse(struct caller *caller, const struct request *request, int status,
                   const char *why)
{
        struct invocation invocation = {
                .caller = caller,
                .numbered = request && request->numbered,
                .number = request && request->numbered ? request->number : 0,
        };

        invocation_begin(&invocation);
        invocation_finish(&invocation,
                          call_fail(&invocation.call, (enum status) - status, "%s", why));
}

/* --- time */

void engine_stop_waiting(struct engine *engine, uint64_t now)
{
        engine->now = now;
        engine->processes.heir = &engine->processes.departed;
        waiters_stop(engine);
        engine_settle(engine);
}

uint64_t engine_next_deadline(const struct engine *engine)
{
        uint64_t waiter = deadlines_next(&engine->deadlines);
        uint64_t ticket = tickets_next_deadline(&engine->tickets);

        return waiter < ticket ? waiter : ticket;
}

void engine_expire(struct engine *engine, uint64_t now)
{
        engine->now = now;
        waiters_expire(engine);
        tickets_expire(&engine->tickets, now);
        engine_settle(engine);
}

bool engine_reap(struct engine *engine)
{
        return store_reap(&engine->store, REAP_BUDGET);
}
