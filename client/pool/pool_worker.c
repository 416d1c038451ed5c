/*
 * pool_worker - what a forked worker does
 */
#include "client/pool/pool_worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/content.h"
#include "client/error.h"
#include "client/parcel.h"
#include "client/pool/function.h"
#include "client/pool/scalar.h"
#include "proto/value.h"

#define MAX_READ     LANE_RING_SIZE
#define MAX_FEW_ARGS 16

struct worker {
        struct lane lane;
        struct buffer in; /* what has arrived … */
        size_t n_used;    /* … and been done with */
        struct buffer scratch;
        uint64_t n_begun;
        bool is_over; /* the pool is gone, or wants us to end */
};

/* --- bytes in and out: this side may wait */

static bool worker_sleep(struct worker *w, bool wants_bytes)
{
        lane_ring_bell(&w->lane);
        if (lane_arm(&w->lane, wants_bytes ? 1 : 0, !wants_bytes) && !lane_sleep(&w->lane))
                w->is_over = true;
        lane_disarm(&w->lane);
        return !w->is_over;
}

/* Until n bytes are here that are not used yet; NULL: it is over, or there is no memory for them.
 */
static const uint8_t *worker_need(struct worker *w, size_t n)
{
        while (w->in.size - w->n_used < n) {
                if (w->n_used) {
                        buffer_consume(&w->in, w->n_used);
                        w->n_used = 0;
                }
                if (!lane_look(&w->lane))
                        return NULL;
                if (!ring_n_bytes(&w->lane.in)) {
                        if (!worker_sleep(w, true))
                                return NULL;
                } else if (ring_read(&w->lane.in, MAX_READ, &w->in) < 0) {
                        return NULL;
                } else {
                        lane_ring_bell(&w->lane);
                }
        }
        return w->in.data + w->n_used;
}

static void worker_put(struct worker *w, struct span bytes)
{
        size_t n;

        for (;;) {
                n = ring_write(&w->lane.out, bytes);
                bytes = span_of(bytes.data + n, bytes.size - n);
                if (!bytes.size)
                        return;
                if (!lane_look(&w->lane))
                        _exit(EXIT_FAILURE); /* the task has destroyed what it shares with us */
                if (!ring_n_room(&w->lane.out) && !worker_sleep(w, false))
                        return;
        }
}

/* --- outcomes */

static void worker_reply(struct worker *w, bool is_error, struct span bytes)
{
        const struct reply reply = { .mark = REPLY_MARK, .is_error = is_error, .size = bytes.size };

        worker_put(w, span_of(&reply, sizeof(reply)));
        worker_put(w, bytes);
}

/* This thread's last error. Where there is no memory even for that it is told without. */
static void worker_fail(struct worker *w)
{
        static const uint8_t no_memory[] = { 0x94, 0xf7, 0xa0, 0xa0, 0xc0 };

        buffer_truncate(&w->scratch, 0);
        error_pack(&w->scratch);
        if (w->scratch.failed)
                worker_reply(w, true, span_of(no_memory, sizeof(no_memory)));
        else
                worker_reply(w, true, buffer_span(&w->scratch));
}

static void worker_send_long(struct worker *w, const mgr_value *result)
{
        buffer_truncate(&w->scratch, 0);
        if (parcel_pack(&w->scratch, result) < 0)
                worker_fail(w);
        else
                worker_reply(w, false, buffer_span(&w->scratch));
}

static inline void worker_send_scalar(struct worker *w, const mgr_value *result)
{
        struct ring *out = &w->lane.out;
        uint8_t packed[SCALAR_MAX_SIZE], *to;
        size_t n_straight;

        to = ring_at(out, &n_straight);
        if (__builtin_expect(n_straight < SCALAR_MAX_SIZE, 0)) {
                worker_put(w, span_of(packed, scalar_pack(packed, result)));
                return;
        }
        out->mine += scalar_pack(to, result);
        ring_publish(out);
}

/* One task, from the moment on from which it counts as begun. */
static inline void worker_do(struct worker *w, mgr_function *function, const mgr_value *args,
                             size_t n_args)
{
        mgr_value result = mgr_none();
        int r;

        atomic_store_explicit(&w->lane.memory->n_begun, ++w->n_begun, memory_order_release);
        error_clear();
        r = function(args, n_args, &result);
        if (__builtin_expect(r < 0, 0)) {
                function_status(r);
                worker_fail(w);
        } else if (scalar_is(&result)) {
                worker_send_scalar(w, &result);
                return;
        } else {
                worker_send_long(w, &result);
        }
        mgr_value_clear(&result);
}

/* A task that cannot even be begun. */
static void worker_refuse(struct worker *w)
{
        atomic_store_explicit(&w->lane.memory->n_begun, ++w->n_begun, memory_order_release);
        worker_fail(w);
}

/* --- chunks: each kind of call has its own way from values to arguments */

struct job_here {
        const struct order *order;
        mgr_function *function;
        mgr_manager *manager;
        const uint8_t *at; /* the next value */
};

/* The next value: scalars are plenty and quick. 0, or an error, which is set. */
static inline int take_value(struct job_here *job, mgr_value *value)
{
        size_t size = scalar_size(job->at[0]);
        int r;

        if (__builtin_expect(size != 0, 1)) {
                scalar_unpack(job->at, value);
                job->at += size;
                return 0;
        }
        size = value_size(job->at);
        r = content_take(job->manager, span_of(job->at, size), value);
        job->at += size;
        return r;
}

/*
 * What functions are given owns nothing, so that they may return it: what it owns is taken out,
 * and given back afterwards.
 */
static void give_back(mgr_value arg, void *owner)
{
        arg.owner = owner;
        mgr_value_clear(&arg);
}

static void run_map(struct worker *w, struct job_here *job)
{
        mgr_function *function = job->function;

        for (uint64_t i = job->order->n_tasks; i; --i) {
                mgr_value arg;
                void *owner;

                if (take_value(job, &arg) < 0) {
                        worker_refuse(w);
                        continue;
                }
                owner = arg.owner;
                arg.owner = NULL;
                worker_do(w, function, &arg, 1);
                if (owner)
                        give_back(arg, owner);
        }
}

/* The elements of a tuple as arguments, which stay the tuple's. */
static void run_tuple(struct worker *w, mgr_function *function, const mgr_value *tuple)
{
        mgr_value few[MAX_FEW_ARGS], *args = few;
        size_t n = mgr_value_len(tuple);
        mgr_iter iter;

        if ((tuple->kind != MGR_KIND_TUPLE && tuple->kind != MGR_KIND_LIST) ||
            mgr_iter_init(&iter, tuple) < 0) {
                error_set(-STATUS_TYPE, "argument after * must be a tuple or list, not %s",
                          mgr_value_type_name(tuple));
                worker_refuse(w);
                return;
        }
        if (n > MAX_FEW_ARGS)
                args = calloc(n, sizeof(*args));
        if (!args) {
                error_set_status(-STATUS_NOMEM);
                worker_refuse(w);
                return;
        }
        for (size_t i = 0; i < n; ++i)
                mgr_iter_next(&iter, &args[i]);
        worker_do(w, function, args, n);
        if (args != few)
                free(args);
}

static void run_star(struct worker *w, struct job_here *job)
{
        for (uint64_t i = job->order->n_tasks; i; --i) {
                mgr_value tuple;

                if (take_value(job, &tuple) < 0) {
                        worker_refuse(w);
                        continue;
                }
                run_tuple(w, job->function, &tuple);
                mgr_value_clear(&tuple);
        }
}

static void run_with_args(struct worker *w, struct job_here *job, mgr_value *args, void **owners)
{
        size_t n = job->order->n_values, n_taken = 0;
        bool failed = false;

        while (n_taken < n && !failed) {
                failed = take_value(job, &args[n_taken]) < 0;
                if (failed)
                        break;
                owners[n_taken] = args[n_taken].owner;
                args[n_taken++].owner = NULL;
        }
        if (failed)
                worker_refuse(w);
        else
                worker_do(w, job->function, args, n);
        while (n_taken--)
                give_back(args[n_taken], owners[n_taken]);
}

static void run_apply(struct worker *w, struct job_here *job)
{
        mgr_value few[MAX_FEW_ARGS], *args = few;
        void *few_owners[MAX_FEW_ARGS], **owners = few_owners;
        size_t n = job->order->n_values;

        if (n > MAX_FEW_ARGS) {
                args = calloc(n, sizeof(*args));
                owners = calloc(n, sizeof(*owners));
        }
        if (args && owners) {
                run_with_args(w, job, args, owners);
        } else {
                error_set_status(-STATUS_NOMEM);
                worker_refuse(w);
        }
        if (n > MAX_FEW_ARGS) {
                free(args);
                free(owners);
        }
}

static void run_none(struct worker *w, const struct order *order)
{
        for (uint64_t i = order->n_tasks; i; --i)
                worker_refuse(w);
}

static void run_chunk(struct worker *w, const struct order *order, const uint8_t *at)
{
        struct job_here job = { .order = order, .function = order->function };
        struct span values = span_of(at + order->n_name, order->n_bytes);

        if (!job.function)
                job.function = function_need(span_of(at, order->n_name));
        if (!job.function ||
            (order->n_ticket && parcel_claim(span_of(values.data + values.size, order->n_ticket),
                                             values, &job.manager) < 0)) {
                run_none(w, order);
                return;
        }
        job.at = values.data;
        if (order->call == CALL_MAP)
                run_map(w, &job);
        else if (order->call == CALL_STAR)
                run_star(w, &job);
        else
                run_apply(w, &job);
        manager_unref(job.manager);
}

/* One that the pool has taken back: what was lent with it is not held until its ticket is old. */
static void drop_chunk(const struct order *order, const uint8_t *at)
{
        struct span values = span_of(at + order->n_name, order->n_bytes);
        mgr_manager *m;
        size_t size;

        if (!order->n_ticket ||
            parcel_claim(span_of(values.data + values.size, order->n_ticket), values, &m) < 0)
                return;
        for (at = values.data; m && at < values.data + values.size; at += size) {
                size = value_size(at);
                content_drop(m, span_of(at, size));
        }
        manager_unref(m);
}

/* --- life */

/* Takes the next chunk and runs it, if it is still ours to run: 1; 0; -1 where it is over. */
static int worker_turn(struct worker *w)
{
        const uint8_t *at;
        struct order order;
        uint64_t given;
        size_t size;
        int r = 0;

        at = worker_need(w, sizeof(order));
        if (!at)
                return -1;
        memcpy(&order, at, sizeof(order));
        size = sizeof(order) + order.n_name + order.n_bytes + order.n_ticket;
        at = worker_need(w, size);
        if (!at)
                return -1;
        given = lane_mark(order.number, LANE_GIVEN);
        if (atomic_compare_exchange_strong(&w->lane.memory->given[order.number % LANE_N_GIVEN],
                                           &given, lane_mark(order.number, LANE_TAKEN))) {
                run_chunk(w, &order, at + sizeof(order));
                atomic_fetch_add_explicit(&w->lane.memory->n_chunks, 1, memory_order_release);
                lane_ring_bell(&w->lane);
                r = 1;
        } else {
                drop_chunk(&order, at + sizeof(order));
        }
        w->n_used += size;
        return r;
}

int worker_run(void *arg)
{
        struct worker_task *task = arg;
        struct worker w = { .lane = task->lane };
        size_t n_chunks = 0;
        int r;

        lane_enter_worker(&w.lane, task->fd);
        buffer_init(&w.in, SIZE_MAX);
        buffer_init(&w.scratch, SIZE_MAX);
        r = task->initializer ? task->initializer(task->initializer_arg) : 0;
        if (r != 0)
                return r > 0 && r < 256 ? r : EXIT_FAILURE;
        atomic_store(&w.lane.memory->is_ready, 1);
        while (!w.is_over && (!task->max_chunks || n_chunks < task->max_chunks)) {
                r = worker_turn(&w);
                if (r < 0)
                        break;
                n_chunks += (size_t)r;
        }
        return w.is_over || r >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
