/*
 * pool_run - what becomes of a task from a pool's queue: its answer
 */
#include "client/pool/pool_run.h"

#include <stdlib.h>

#include "client/content.h"
#include "client/pool/function.h"
#include "proto/pack.h"

const char *const pool_call_names[] = {
        [CALL_APPLY] = "apply",
        [CALL_MAP] = "map",
        [CALL_STAR] = "starmap",
};

#define N_CALLS (sizeof(pool_call_names) / sizeof(pool_call_names[0]))

/* --- a task */

static bool is_int(const mgr_value *value)
{
        return value->kind == MGR_KIND_INT || value->kind == MGR_KIND_UINT;
}

bool task_read(struct task *task, const mgr_value *item, uint64_t n_deliveries)
{
        mgr_value *const fields[POOL_TASK_FIELDS] = { &task->version,  NULL,
                                                      &task->number,   &task->max_retries,
                                                      &task->function, &task->call,
                                                      &task->args };
        mgr_value results;
        mgr_iter iter;

        *task = (struct task){ .n_deliveries = n_deliveries };
        if ((item->kind != MGR_KIND_LIST && item->kind != MGR_KIND_TUPLE) ||
            mgr_value_len(item) < POOL_TASK_FIELDS || mgr_iter_init(&iter, item) < 0)
                return false;
        for (size_t i = 0; i < POOL_TASK_FIELDS; ++i)
                mgr_iter_next(&iter, fields[i] ? fields[i] : &results);
        if (!is_int(&results) || !is_int(&task->number) ||
            (results.kind == MGR_KIND_INT && results.as.integer <= 0))
                return false;
        task->results = results.as.uinteger;
        return true;
}

static int task_check(struct task *task)
{
        struct span call = content_span(&task->call);
        size_t kind = 0;

        if (task->version.kind != MGR_KIND_INT || task->version.as.integer != POOL_TASK_VERSION)
                return error_set(-STATUS_BAD_REQUEST, "the worker knows tasks of version %d only",
                                 POOL_TASK_VERSION);
        if (task->max_retries.kind != MGR_KIND_INT || task->max_retries.as.integer < 0 ||
            task->function.kind != MGR_KIND_STR || task->call.kind != MGR_KIND_STR ||
            (task->args.kind != MGR_KIND_LIST && task->args.kind != MGR_KIND_TUPLE))
                return error_set(-STATUS_BAD_REQUEST, "the worker cannot read the task");
        while (kind < N_CALLS && !span_equal(call, span_of_cstr(pool_call_names[kind])))
                ++kind;
        if (kind == N_CALLS)
                return error_set(-STATUS_BAD_REQUEST, "the worker does not know this kind of call");
        task->kind = (enum call_kind)kind;
        if (task->n_deliveries - 1 > task->max_retries.as.uinteger)
                return error_set(-STATUS_WORKER_LOST, "%s (%ju %s)",
                                 status_text(STATUS_WORKER_LOST), task->n_deliveries - 1,
                                 task->n_deliveries == 2 ? "worker" : "workers");
        return 0;
}

/* --- an answer */

void answer_init(struct answer *answer)
{
        *answer = (struct answer){ .packed = BUFFER_NULL, BUFFER_NULL, BUFFER_NULL };
        scanner_init(&answer->scanner, MGR_MAX_DEPTH);
}

void answer_clear(struct answer *answer)
{
        for (size_t i = 0; i < answer->n_kept; ++i)
                mgr_value_clear(&answer->kept[i]);
        answer->n_kept = answer->n_results = answer->n_errors = 0;
        buffer_truncate(&answer->packed, 0);
        buffer_truncate(&answer->results, 0);
        buffer_truncate(&answer->errors, 0);
}

void answer_deinit(struct answer *answer)
{
        answer_clear(answer);
        free(answer->kept);
        buffer_deinit(&answer->packed);
        buffer_deinit(&answer->results);
        buffer_deinit(&answer->errors);
        scanner_deinit(&answer->scanner);
}

/* The value is taken over, or cleared. */
static int answer_keep(struct answer *answer, mgr_value *value)
{
        if (value->kind < MGR_KIND_LIST) {
                mgr_value_clear(value);
                return 0;
        }
        if (answer->n_kept == answer->n_kept_room) {
                size_t n_room = answer->n_kept_room ? answer->n_kept_room * 2 : 16;
                mgr_value *kept = realloc(answer->kept, n_room * sizeof(*kept));

                if (!kept) {
                        mgr_value_clear(value);
                        return error_set_status(-STATUS_NOMEM);
                }
                answer->kept = kept;
                answer->n_kept_room = n_room;
        }
        answer->kept[answer->n_kept++] = *value;
        return 0;
}

static int answer_pack(struct answer *answer, mgr_manager *m, const mgr_value *value)
{
        struct buffer *out = &answer->results;
        size_t before = out->size;
        int r;

        content_pack(out, m, value);
        r = out->failed;
        if (r == 0 && value->kind >= MGR_KIND_STR)
                r = scan_whole(&answer->scanner, buffer_span_from(out, before));
        if (r == 0)
                return 0;
        buffer_truncate(out, before);
        error_set(r, "%s", r == -STATUS_BAD_REQUEST ? answer->scanner.why : status_text(r));
        return function_unsendable(r);
}

static void answer_add(struct answer *answer, mgr_manager *m, mgr_function *function,
                       const mgr_value *args, size_t n_args)
{
        mgr_value result;
        int r;

        r = function_call(function, args, n_args, &result);
        if (r == 0) {
                r = answer_pack(answer, m, &result);
                if (answer_keep(answer, &result) < 0)
                        answer->results.failed = -STATUS_NOMEM;
        }
        if (r < 0) {
                pack_nil(&answer->results);
                pack_array(&answer->errors, 2);
                pack_uint(&answer->errors, answer->n_results);
                error_pack(&answer->errors);
                ++answer->n_errors;
        }
        ++answer->n_results;
}

static void answer_head(struct answer *answer, const struct task *task)
{
        buffer_truncate(&answer->packed, 0);
        pack_array(&answer->packed, POOL_ANSWER_FIELDS);
        pack_int(&answer->packed, POOL_TASK_VERSION);
        content_pack(&answer->packed, NULL, &task->number);
}

static void answer_finish(struct answer *answer, const struct task *task)
{
        struct buffer *out = &answer->packed;

        answer_head(answer, task);
        pack_array(out, answer->n_results);
        buffer_append_span(out, buffer_span(&answer->results));
        pack_array(out, answer->n_errors);
        buffer_append_span(out, buffer_span(&answer->errors));
        if (!out->failed)
                out->failed =
                        answer->results.failed ? answer->results.failed : answer->errors.failed;
}

void answer_fail(struct answer *answer, const struct task *task)
{
        answer_head(answer, task);
        pack_nil(&answer->packed);
        error_pack(&answer->packed);
}

/* --- running */

/* One call whose arguments are the elements of a list or tuple. */
static int run_with(struct answer *answer, mgr_manager *m, mgr_function *function,
                    const mgr_value *list)
{
        size_t n = mgr_value_len(list), i = 0;
        mgr_value few[8], *args = few;
        mgr_iter iter;

        if (list->kind != MGR_KIND_LIST && list->kind != MGR_KIND_TUPLE)
                n = 0;
        if (n > sizeof(few) / sizeof(few[0])) {
                args = malloc(n * sizeof(*args));
                if (!args)
                        return error_set_status(-STATUS_NOMEM);
        }
        if (n > 0 && mgr_iter_init(&iter, list) == 0)
                while (i < n && mgr_iter_next(&iter, &args[i]))
                        ++i;
        answer_add(answer, m, function, args, i);
        if (args != few)
                free(args);
        return 0;
}

static int run_each(struct answer *answer, mgr_manager *m, mgr_function *function,
                    const struct task *task)
{
        mgr_value element;
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, &task->args);
        while (r == 0 && mgr_iter_next(&iter, &element)) {
                if (task->kind == CALL_STAR)
                        r = run_with(answer, m, function, &element);
                else
                        answer_add(answer, m, function, &element, 1);
        }
        return r;
}

int task_run(struct task *task, mgr_manager *m, struct answer *answer)
{
        mgr_function *function;
        int r;

        answer_clear(answer);
        r = task_check(task);
        if (r == 0) {
                function = function_need(content_span(&task->function));
                r = function ? 0 : -STATUS_ATTRIBUTE;
        }
        if (r == 0 && task->kind == CALL_APPLY)
                r = run_with(answer, m, function, &task->args);
        else if (r == 0)
                r = run_each(answer, m, function, task);
        if (r == 0) {
                answer_finish(answer, task);
                r = answer->packed.failed ? error_set_status(answer->packed.failed) : 0;
        }
        if (r < 0)
                answer_fail(answer, task);
        return answer->packed.failed ? error_set_status(answer->packed.failed) : 0;
}
