/*
 * pool_tasks - tasks of a pool on their way through queues
 *
 * What the clients of a served pool (pool_served.c) and its workers (pool_serve.c) have to agree
 * on; PROTOCOL.md tells it to those in other languages. Both kinds of items are lists, which may
 * have more elements one day.
 *
 *      task    [1, ident of the results queue, number, max_retries, function, call, arguments]
 *      answer  [1, number, results, errors]
 *
 * An ident and no proxy: tasks do not keep the queue, which is gone with its client. So workers
 * learn that nobody wants the answers.
 *
 * `call` is one of the names below, which are those of enum call_kind. `results` has an element
 * for each call that the task asks for, None where one failed; `errors` is a list of
 * [index, error] for these, by index. Where nothing was called, `results` is None, and `errors`
 * is the error of all. Errors are lists, see error_pack().
 */
#pragma once

#include "client/pool/pool_parts.h"

#define POOL_TASK_VERSION  1
#define POOL_TASK_FIELDS   7
#define POOL_ANSWER_FIELDS 4

/* By enum call_kind. */
extern const char *const pool_call_names[3];

/* The queue of the pool with this name, which is made where there is none. */
int pool_open_tasks(mgr_manager *m, const char *name, mgr_queue **tasks);

/* Packed bytes that the caller keeps, as a value that owns nothing. */
static inline mgr_value pool_list_of(const struct buffer *packed)
{
        mgr_value value = mgr_none();

        value.kind = MGR_KIND_LIST;
        value.as.text.data = (const char *)packed->data;
        value.as.text.size = packed->size;
        return value;
}
