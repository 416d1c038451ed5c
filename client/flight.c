/*
 * flight - numbered calls under way on one connection
 */
#include "client/flight.h"

#include <assert.h>
#include <stdlib.h>

#include "client/error.h"
#include "proto/frame.h"

#define FLIGHT_CHAINS 64 /* at first */

void flight_init(struct flight *flight, struct connection *connection)
{
        *flight = (struct flight){ .connection = connection };
}

void flight_deinit(struct flight *flight)
{
        assert(flight->n == 0);
        free(flight->chains);
        flight->chains = NULL;
}

/* --- the table: numbers are given in turn, so they spread by themselves */

static struct flown **flight_place(const struct flight *flight, uint64_t number)
{
        return &flight->chains[number & (flight->n_chains - 1)];
}

/* Where there is no memory to grow, chains become longer; but there must be some. */
static int flight_grow(struct flight *flight)
{
        size_t n_chains = flight->n_chains ? flight->n_chains * 2 : FLIGHT_CHAINS;
        struct flown **chains, **old = flight->chains;

        if (flight->n < flight->n_chains)
                return 0;
        chains = calloc(n_chains, sizeof(struct flown *));
        if (!chains)
                return old ? 0 : error_set_status(-STATUS_NOMEM);
        flight->chains = chains;
        flight->n_chains = n_chains;
        for (struct flown *flown = flight->first; flown; flown = flown->next) {
                struct flown **at = flight_place(flight, flown->number);

                flown->chain = *at;
                *at = flown;
        }
        free(old);
        return 0;
}

static void flight_add(struct flight *flight, struct flown *flown)
{
        struct flown **at = flight_place(flight, flown->number);

        flown->chain = *at;
        *at = flown;
        flown->next = NULL;
        flown->prev = flight->last;
        *(flight->last ? &flight->last->next : &flight->first) = flown;
        flight->last = flown;
        ++flight->n;
}

void flight_remove(struct flight *flight, struct flown *flown)
{
        struct flown **at = flight_place(flight, flown->number);

        while (*at != flown)
                at = &(*at)->chain;
        *at = flown->chain;
        *(flown->prev ? &flown->prev->next : &flight->first) = flown->next;
        *(flown->next ? &flown->next->prev : &flight->last) = flown->prev;
        --flight->n;
}

static struct flown *flight_find(const struct flight *flight, uint64_t number)
{
        struct flown *flown = flight->n_chains ? *flight_place(flight, number) : NULL;

        while (flown && flown->number != number)
                flown = flown->chain;
        return flown;
}

/* --- out */

int flight_start(struct flight *flight, struct flown *flown, const struct call *call)
{
        struct connection *connection = flight->connection;
        size_t begin;
        int r;

        r = flight_grow(flight);
        if (r < 0)
                return r;
        call_pack_drops(connection);
        begin = connection->out.size;
        r = call_pack(call, connection, &flown->number);
        if (r < 0) {
                buffer_truncate(&connection->out, begin);
                return r;
        }
        flown->end = flight->n_sent + (connection->out.size - flight->out_at);
        flight_add(flight, flown);
        return 0;
}

int flight_cancel(struct flight *flight, const struct flown *flown)
{
        struct connection *connection = flight->connection;
        size_t begin = connection->out.size;

        request_pack_ident(&connection->out, SPAN_LITERAL("cancel"), flown->number);
        return connection_skip_next(connection, begin);
}

/* What was sent goes when that is all, or half of it: so that each byte is moved once or so. */
static void flight_forget_sent(struct flight *flight)
{
        struct connection *connection = flight->connection;

        if (flight->out_at == connection->out.size)
                connection_trim(connection);
        else if (flight->out_at > connection->out.size / 2)
                buffer_consume(&connection->out, flight->out_at);
        else
                return;
        flight->out_at = 0;
}

void flight_push(struct flight *flight)
{
        while (flight_wants_out(flight)) {
                struct connection *connection = flight->connection;
                ssize_t n = connection_send_some(
                        connection, buffer_span_from(&connection->out, flight->out_at));

                if (n < 0)
                        flight->shut = true;
                if (n <= 0)
                        break;
                flight->out_at += (size_t)n;
                flight->n_sent += (uint64_t)n;
        }
        flight_forget_sent(flight);
}

bool flight_was_sent(const struct flight *flight, const struct flown *flown)
{
        return flown->end <= flight->n_sent;
}

/* --- in */

static int flight_land(struct flight *flight, const struct reply *reply)
{
        struct flown *flown = reply->numbered ? flight_find(flight, reply->number) : NULL;

        if (!flown)
                return connection_skip_reply(flight->connection, reply);
        flight_remove(flight, flown);
        flown->landed(flown, reply);
        return 1;
}

/* The next whole frame: 1 where it landed a call, 0 where it did not, or an error. */
static int flight_take(struct flight *flight, struct span payload)
{
        struct reply reply;
        int r = connection_decode_reply(flight->connection, payload, &reply);

        return r < 0 ? r : flight_land(flight, &reply);
}

/* *want becomes how many bytes are missing of the frame that is not whole. */
static int flight_take_all(struct flight *flight, size_t *want)
{
        struct connection *connection = flight->connection;
        int n = 0;

        for (;;) {
                struct span bytes = buffer_span_from(&connection->in, connection->in_at);
                size_t taken = 0;
                struct span payload;
                int r;

                r = frame_next(bytes, connection->max_arriving, &payload, &taken);
                if (r < 0)
                        return error_set(-STATUS_PROTOCOL, "the manager sent no frame");
                *want = taken > bytes.size ? taken - bytes.size : 0;
                if (r == 0)
                        break;
                r = flight_take(flight, payload);
                if (r < 0)
                        return r;
                if (flight_is_foreign(flight))
                        return -STATUS_GONE;
                connection->in_at += taken;
                n += r;
        }
        if (connection->in_at)
                buffer_consume(&connection->in, connection->in_at);
        connection->in_at = 0;
        return n;
}

int flight_pull(struct flight *flight)
{
        struct connection *connection = flight->connection;
        size_t want;
        ssize_t got;
        int n;

        /* what a failure has left, or who had the connection before */
        n = flight_take_all(flight, &want);
        if (n != 0)
                return n;
        do
                got = connection_receive_some(connection, &connection->in, want, false);
        while (got == -STATUS_INTERRUPTED);
        if (got < 0) {
                buffer_truncate(&connection->in, connection->in.size);
                return (int)got;
        }
        n = got ? flight_take_all(flight, &want) : 0;
        if (n >= 0 && !connection->out.size)
                connection_trim(connection);
        return n;
}

size_t flight_lose(struct flight *flight)
{
        size_t n = 0;

        flight->shut = true;
        while (flight->first && !flight_is_foreign(flight)) {
                struct flown *flown = flight->first;

                flight_remove(flight, flown);
                flown->landed(flown, NULL);
                ++n;
        }
        return n;
}
