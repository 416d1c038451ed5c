/*
 * pool_serve - a worker of a pool whose clients are somewhere else
 *
 * Takes one task at a time from the pool's queue, runs it, puts the answer into the queue that
 * came with it, and only then says task_done(): whoever dies before that leaves the task to the
 * next worker. What is in the queue was put there by anybody: what is no task is passed over, and
 * nothing in one can make the worker wait or end, but the function that it asks for.
 */
#include "client/arguments.h"
#include "client/call.h"
#include "client/pool/function.h"
#include "client/pool/pool_run.h"
#include "client/proxies/waiting.h"
#include "client/proxy.h"
#include "client/thread.h"

int pool_open_tasks(mgr_manager *m, const char *name, mgr_queue **tasks)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        _buffer_cleanup_ struct buffer full = BUFFER_NULL;

        if (!m || !name || !*name)
                return error_set(-STATUS_ARGUMENT, "a pool that is served has a name");
        buffer_append_span(&full, SPAN_LITERAL("pool:"));
        buffer_append_span(&full, span_of_cstr(name));
        buffer_append(&full, ":tasks", sizeof(":tasks"));
        if (full.failed)
                return error_set_status(full.failed);
        options.redeliver = true;
        return mgr_queue_open(m, (const char *)full.data, 0, &options, tasks);
}

/* --- the worker's loop */

#define DEAF_KEPT                                                                                  \
        16 /* clients that are gone, and still have tasks in the queue, at the same time */

struct worker {
        mgr_manager *manager; /* borrowed */
        mgr_queue *tasks;
        mgr_batch *batch;
        struct answer answer;
        uint64_t deaf[DEAF_KEPT]; /* the idents of queues that do not want answers, the last ones */
        size_t n_deaf;            /* how many there have been */

        /* The task in hand. */
        mgr_value item;
        uint64_t n_deliveries;
        bool has_item;
};

static int worker_init(struct worker *w, mgr_manager *m, const char *name)
{
        int r;

        *w = (struct worker){ .manager = m, .item = mgr_none() };
        answer_init(&w->answer);
        r = pool_open_tasks(m, name, &w->tasks);
        return r < 0 ? r : mgr_batch_new(m, &w->batch);
}

/*
 * A task that was not answered is another worker's. It is in flight with this thread's
 * connection, so that has to go. The error stays as it is; where there is no daemon any more
 * nobody asks what became of the last call.
 */
static int worker_give_back(struct worker *w, int error)
{
        _buffer_cleanup_ struct buffer said = BUFFER_NULL;
        struct connection *connection;

        error_pack(&said);
        if (thread_check_out(w->manager, &connection) == 0)
                thread_discard(connection);
        else if (error == MGR_EUNKNOWN_OUTCOME)
                return error_set_status(-STATUS_GONE);
        return said.failed ? error_set_status(error) : error_set_packed(buffer_span(&said));
}

static void worker_deinit(struct worker *w)
{
        mgr_value_clear(&w->item);
        answer_deinit(&w->answer);
        mgr_batch_free(w->batch);
        mgr_queue_free(w->tasks);
}

/* Whether an error is one of the connection, and not of what was said. */
static bool is_end(int r)
{
        return r == MGR_EGONE || r == MGR_EUNKNOWN_OUTCOME || r == MGR_ECONNECT ||
               r == MGR_EAUTHENTICATION || r == MGR_EPROTOCOL || r == MGR_ETIMEOUT ||
               r == MGR_EOWNER_LOST;
}

static bool is_deaf(const struct worker *w, uint64_t results)
{
        for (size_t i = 0; i < DEAF_KEPT; ++i)
                if (w->deaf[i] == results)
                        return true;
        return false;
}

/* To where the task says, which we have no reference to. */
static int put_answer(const struct worker *w, const struct task *task)
{
        const mgr_proxy results = { .manager = w->manager, .ident = task->results };
        const mgr_value answer = pool_list_of(&w->answer.packed);

        return waiting_call(&waiting_queue_put, &results, &answer, 0, NULL);
}

/*
 * Nobody may be there any more to take the answer, which is no failure of ours. What the daemon
 * refuses to take as an answer becomes an error.
 */
static int worker_answer(struct worker *w, const struct task *task)
{
        struct answer *answer = &w->answer;
        int r;

        r = put_answer(w, task);
        if (r == 0 || is_end(r))
                return r;
        if (r == MGR_ESHUT_DOWN || r == MGR_ENO_OBJECT || r == MGR_EFULL || r == MGR_EATTRIBUTE) {
                w->deaf[w->n_deaf++ % DEAF_KEPT] = task->results;
                return 0;
        }
        function_unsendable(r);
        answer_fail(answer, task);
        if (answer->packed.failed)
                return error_set_status(answer->packed.failed);
        r = put_answer(w, task);
        return is_end(r) || r == MGR_ENOMEM ? r : 0;
}

/* Runs what is in hand: 1 if it was a task, 0 if not, or an error, and nobody was answered. */
static int worker_run(struct worker *w)
{
        struct task task;
        int r = 0;

        if (task_read(&task, &w->item, w->n_deliveries) && !is_deaf(w, task.results)) {
                r = task_run(&task, w->manager, &w->answer);
                if (r == 0)
                        r = worker_answer(w, &task);
                answer_clear(&w->answer);
                r = r < 0 ? r : 1;
        }
        mgr_value_clear(&w->item);
        return r;
}

/* [item, how often it was delivered] */
static int worker_take(struct worker *w, const mgr_value *delivery)
{
        mgr_value item, n;
        int r;

        if (delivery->kind != MGR_KIND_LIST || mgr_value_at(delivery, 1, &n) < 0 ||
            n.kind != MGR_KIND_INT || n.as.integer < 1 || mgr_value_at(delivery, 0, &item) < 0)
                return error_set(-STATUS_PROTOCOL,
                                 "the manager answers with something that is no delivery");
        r = mgr_value_copy(&item, &w->item);
        w->n_deliveries = n.as.uinteger;
        w->has_item = true;
        return r;
}

/* The task in hand is done; the next one is in hand, if one is there. One round trip. */
static int worker_finish(struct worker *w, bool more)
{
        const mgr_proxy *tasks = mgr_queue_proxy(w->tasks);
        mgr_value at_once = MGR_FALSE, delivery;
        int r;

        mgr_batch_clear(w->batch);
        r = mgr_batch_call(w->batch, tasks, "task_done", NULL, 0);
        if (r == 0 && more)
                r = mgr_batch_call(w->batch, tasks, "get_delivery", &at_once, 1);
        if (r == 0)
                r = mgr_batch_run(w->batch);
        if (r < 0)
                return r;
        w->has_item = false;
        if (!more)
                return 0;
        r = mgr_batch_result(w->batch, 1, &delivery);
        if (r == MGR_EEMPTY || r == MGR_ESHUT_DOWN)
                return 0;
        return r < 0 ? r : worker_take(w, &delivery);
}

/* Waits for a task to have in hand. */
static int worker_wait(struct worker *w, double timeout)
{
        mgr_value delivery;
        int r = waiting_call(&waiting_queue_get_delivery, mgr_queue_proxy(w->tasks), NULL, timeout,
                             &delivery);

        if (r == MGR_ECANCELLED)
                return error_set_status(-STATUS_GONE); /* a daemon that ends in order */
        if (r < 0)
                return r;
        r = worker_take(w, &delivery);
        mgr_value_clear(&delivery);
        return r;
}

static int worker_loop(struct worker *w, size_t max_tasks, double timeout)
{
        size_t n = 0;
        int r = 0;

        for (;;) {
                if (!w->has_item)
                        r = worker_wait(w, timeout);
                if (r == MGR_EEMPTY)
                        return MGR_SERVED_IDLE;
                if (r == MGR_ESHUT_DOWN)
                        return 0;
                if (r == 0)
                        r = worker_run(w);
                if (r < 0)
                        return r;
                n += (size_t)r;
                r = worker_finish(w, n != max_tasks || !max_tasks);
                if (r < 0)
                        return r;
                if (max_tasks && n == max_tasks)
                        return MGR_SERVED_ENOUGH;
        }
}

int mgr_pool_serve(mgr_manager *m, const char *name, size_t max_tasks, double timeout)
{
        struct worker worker;
        int r;

        r = arguments_check_timeout(timeout);
        if (r < 0)
                return r;
        r = worker_init(&worker, m, name);
        if (r == 0)
                r = worker_loop(&worker, max_tasks, timeout);
        if (r < 0 && r != MGR_EINTERRUPTED && worker.batch)
                r = worker_give_back(&worker, r);
        worker_deinit(&worker);
        return r;
}
