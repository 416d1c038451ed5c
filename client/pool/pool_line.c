/*
 * pool_line - the chunks that a forked worker was given and has not answered
 *
 * The first is being run; behind it stands another one, so that the worker need not wait for the
 * pool, and more where they are done quickly.
 */
#include "client/error.h"
#include "client/parcel.h"
#include "client/pool/pool_local.h"
#include "proto/clock.h"

#define MAX_AHEAD ((size_t)64 << 10)   /* bytes in a line, from which on it is long enough */
#define STUCK     (CLOCK_SECOND / 100) /* a chunk that takes longer may take for ever */

/* --- lines */

static bool worker_can_take(const struct local *local, const struct forked *worker)
{
        if (!worker->process || worker->is_killed || worker->n_line >= worker->depth)
                return false;
        if (worker->is_stuck && worker->line)
                return false;
        if (worker->n_line >= DEPTH_SLOW && worker->n_line_bytes > MAX_AHEAD)
                return false;
        if (worker->line && worker->n_numbers - worker->line->number >= LANE_N_GIVEN)
                return false;
        return !local->max_chunks || worker->n_given < local->max_chunks;
}

static struct forked *local_shortest_line(const struct local *local)
{
        struct forked *best = NULL;

        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                if (worker_can_take(local, worker) && (!best || worker->n_line < best->n_line))
                        best = worker;
        }
        return best;
}

bool local_wants(struct workers *workers)
{
        return local_shortest_line(local_of(workers));
}

static void line_append(struct forked *worker, struct chunk *chunk)
{
        chunk->next = NULL;
        if (worker->line)
                worker->line_last->next = chunk;
        else
                worker->line = chunk;
        worker->line_last = chunk;
        ++worker->n_line;
        worker->n_line_bytes += chunk->args.size;
}

struct chunk *line_take_first(struct forked *worker)
{
        struct chunk *chunk = worker->line;

        if (!chunk)
                return NULL;
        worker->line = chunk->next;
        --worker->n_line;
        worker->n_line_bytes -= chunk->args.size;
        return chunk;
}

static void line_take_last(struct forked *worker)
{
        struct chunk *before = worker->line;

        --worker->n_line;
        worker->n_line_bytes -= worker->line_last->args.size;
        if (before == worker->line_last) {
                worker->line = NULL;
                return;
        }
        while (before->next != worker->line_last)
                before = before->next;
        before->next = NULL;
        worker->line_last = before;
}

void line_drop(struct forked *worker)
{
        struct chunk *chunk;

        while ((chunk = line_take_first(worker)))
                chunk_drop(chunk);
}

/* --- giving */

void forked_flush(struct forked *worker)
{
        struct buffer *out = &worker->out;
        size_t n;

        if (!out->size)
                return;
        n = ring_write(&worker->lane.out,
                       span_of(out->data + worker->n_sent, out->size - worker->n_sent));
        worker->n_sent += n;
        if (worker->n_sent == out->size) {
                buffer_truncate(out, 0);
                worker->n_sent = 0;
                if (out->capacity > LANE_RING_SIZE)
                        buffer_deinit(out);
        }
        if (n)
                lane_ring_bell(&worker->lane);
}

/* The proxies of a chunk are lent to whoever has the ticket. */
static int pack_ticket(const struct chunk *chunk, struct buffer *out)
{
        _buffer_cleanup_ struct buffer values = BUFFER_NULL;
        struct parcel parcel;
        size_t n_values = 0;
        int r = 0;

        parcel_init(&parcel, &values);
        for (size_t i = 0; i < chunk->pins->n && r == 0; ++i)
                r = parcel_add(&parcel, &chunk->pins->values[i]);
        if (r == 0) {
                n_values = values.size;
                r = parcel_seal(&parcel);
        }
        parcel_deinit(&parcel);
        if (r < 0)
                return r;
        buffer_append_span(out, buffer_span_from(&values, n_values));
        return out->failed ? error_set_status(out->failed) : 0;
}

/* Into the ring where there is room for all of it, else behind what waits for room. */
static int forked_send(struct forked *worker, const struct span *parts, size_t n)
{
        size_t size = 0, begin = worker->out.size;

        for (size_t i = 0; i < n; ++i)
                size += parts[i].size;
        lane_look(&worker->lane);
        if (!begin && size <= ring_n_room(&worker->lane.out)) {
                for (size_t i = 0; i < n; ++i)
                        ring_write(&worker->lane.out, parts[i]);
                lane_ring_bell(&worker->lane);
                return 0;
        }
        for (size_t i = 0; i < n; ++i)
                buffer_append_span(&worker->out, parts[i]);
        if (worker->out.failed) {
                buffer_truncate(&worker->out, begin);
                return error_set_status(-STATUS_NOMEM);
        }
        forked_flush(worker);
        return 0;
}

int local_submit(struct workers *workers, struct chunk *chunk)
{
        _buffer_cleanup_ struct buffer ticket = BUFFER_NULL;
        struct local *local = local_of(workers);
        struct forked *worker = local_shortest_line(local);
        mgr_callable callable = chunk_function(chunk);
        struct order order = {
                .number = worker->n_numbers,
                .call = chunk_call(chunk),
                .n_name = callable.name ? (uint32_t)strlen(callable.name) : 0,
                .n_tasks = chunk->n,
                .n_values = chunk_n_values(chunk),
                .n_bytes = chunk->args.size,
                .function = callable.function,
        };
        struct span parts[4];
        int r = 0;

        if (chunk->pins)
                r = pack_ticket(chunk, &ticket);
        if (r < 0)
                return r;
        order.n_ticket = ticket.size;
        parts[0] = span_of(&order, sizeof(order));
        parts[1] = span_of(callable.name, order.n_name);
        parts[2] = buffer_span(&chunk->args);
        parts[3] = buffer_span(&ticket);
        atomic_store_explicit(&worker->lane.memory->given[order.number % LANE_N_GIVEN],
                              lane_mark(order.number, LANE_GIVEN), memory_order_relaxed);
        r = forked_send(worker, parts, 4);
        if (r < 0)
                return r;
        if (!worker->line)
                worker->since = clock_now();
        chunk->worker = worker;
        chunk->number = worker->n_numbers++;
        ++worker->n_given;
        line_append(worker, chunk);
        return 0;
}

/* Takes back the last chunk of a line, if the worker has not begun it. */
static bool forked_revoke(struct forked *worker)
{
        struct chunk *chunk = worker->line_last;
        uint64_t given = lane_mark(chunk->number, LANE_GIVEN);

        if (!atomic_compare_exchange_strong(
                    &worker->lane.memory->given[chunk->number % LANE_N_GIVEN], &given,
                    lane_mark(chunk->number, LANE_REVOKED)))
                return false;
        line_take_last(worker);
        --worker->n_given;
        chunk_return(chunk);
        return true;
}

static void local_find_stuck(struct local *local)
{
        uint64_t now = clock_now();

        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];

                worker->is_stuck = worker->line && now - worker->since > STUCK;
        }
}

/*
 * What stands behind a chunk that takes long would wait for its end, though others could take it,
 * which work on what came later. And one that has nothing to do takes from anybody.
 */
void local_even_out(struct local *local)
{
        size_t n_free = 0, n_idle = 0;

        local_find_stuck(local);
        for (size_t i = 0; i < local->n; ++i) {
                const struct forked *worker = &local->forked[i];

                n_free += worker_can_take(local, worker);
                n_idle += worker_can_take(local, worker) && !worker->line;
        }
        if (local->workers.pool->first)
                n_idle = 0; /* there is enough for them */
        for (size_t i = 0; i < local->n; ++i) {
                struct forked *worker = &local->forked[i];
                size_t *n_takers = worker->is_stuck ? &n_free : &n_idle;

                while (*n_takers && worker->n_line >= 2 && forked_revoke(worker))
                        --*n_takers;
        }
}
