/*
 * pool_chunk - tasks that travel together
 */
#include <stdlib.h>

#include "client/content.h"
#include "client/error.h"
#include "client/pool/pool_core.h"
#include "client/pool/scalar.h"
#include "client/proxy.h"
#include "proto/value.h"

#define CHUNK_MAX_SPARE  64
#define CHUNK_KEEP_BYTES ((size_t)256 << 10)

/* --- life */

int chunk_new(struct job *job, struct chunk **out)
{
        mgr_pool *pool = job->pool;
        struct chunk *chunk = pool->spare;

        if (chunk) {
                pool->spare = chunk->next;
                --pool->n_spare;
        } else {
                chunk = calloc(1, sizeof(*chunk));
                if (!chunk)
                        return error_set_status(-STATUS_NOMEM);
                buffer_init(&chunk->args, SIZE_MAX);
        }
        chunk->job = job_ref(job);
        chunk->next = NULL;
        *out = chunk;
        return 0;
}

static struct pins *pins_ref(struct pins *pins)
{
        if (pins)
                ++pins->n_refs;
        return pins;
}

static void pins_unref(struct pins *pins)
{
        if (!pins || --pins->n_refs)
                return;
        for (size_t i = 0; i < pins->n; ++i)
                mgr_value_clear(&pins->values[i]);
        free(pins->values);
        free(pins);
}

void chunk_drop(struct chunk *chunk)
{
        struct job *job = chunk->job;
        mgr_pool *pool = job->pool;
        struct buffer args = chunk->args;

        job_answer_none(job, chunk->first + chunk->n_done, chunk->first + chunk->n);
        pins_unref(chunk->pins);
        buffer_truncate(&args, 0);
        if (pool->n_spare >= CHUNK_MAX_SPARE || args.capacity > CHUNK_KEEP_BYTES) {
                buffer_deinit(&args);
                free(chunk);
        } else {
                *chunk = (struct chunk){ .args = args, .next = pool->spare };
                pool->spare = chunk;
                ++pool->n_spare;
        }
        job_unref(job);
}

void chunk_free_spares(mgr_pool *pool)
{
        while (pool->spare) {
                struct chunk *chunk = pool->spare;

                pool->spare = chunk->next;
                buffer_deinit(&chunk->args);
                free(chunk);
        }
        pool->n_spare = 0;
}

enum call_kind chunk_call(const struct chunk *chunk)
{
        return chunk->job->call;
}

mgr_callable chunk_function(const struct chunk *chunk)
{
        return (mgr_callable){ chunk->job->function, chunk->job->name };
}

size_t chunk_n_values(const struct chunk *chunk)
{
        return chunk->job->call == CALL_APPLY ? chunk->job->n_args : chunk->n;
}

/* --- what it carries */

static bool holds_proxies(const mgr_value *value)
{
        const struct blob *blob = value->origin;

        if (value->flags & CONTENT_HANDLE)
                return true;
        return content_is_packed(value) && blob && blob->manager &&
               content_may_hold_tokens(content_span(value).data[0]);
}

static int chunk_pin(struct chunk *chunk, const mgr_value *value)
{
        struct pins *pins = chunk->pins;

        if (!pins) {
                pins = calloc(1, sizeof(*pins));
                if (!pins)
                        return error_set_status(-STATUS_NOMEM);
                pins->n_refs = 1;
                chunk->pins = pins;
        }
        if (pins->n == pins->n_room) {
                size_t n_room = pins->n_room ? pins->n_room * 2 : 4;
                mgr_value *values = reallocarray(pins->values, n_room, sizeof(*values));

                if (!values)
                        return error_set_status(-STATUS_NOMEM);
                pins->values = values;
                pins->n_room = n_room;
        }
        if (mgr_value_copy(value, &pins->values[pins->n]) < 0)
                return error_status();
        ++pins->n;
        return 0;
}

/* Text of the user's must be UTF-8; what arrived from somewhere was checked there. */
static int chunk_check(const struct chunk *chunk, size_t begin)
{
        struct scanner scanner;
        int r;

        scanner_init(&scanner, SCAN_MAX_DEPTH);
        r = scan_whole(&scanner, buffer_span_from(&chunk->args, begin));
        scanner_deinit(&scanner);
        return r < 0 ? error_set(r, "%s", scanner.why ? scanner.why : status_text(r)) : 0;
}

int chunk_add(struct chunk *chunk, const mgr_value *value)
{
        struct buffer *args = &chunk->args;
        size_t begin = args->size;
        int r = 0;

        content_pack(args, NULL, value);
        if (args->failed)
                r = error_set_status(args->failed);
        if (r == 0 && value->kind >= MGR_KIND_STR && !content_is_packed(value))
                r = chunk_check(chunk, begin);
        if (r == 0 && holds_proxies(value))
                r = chunk_pin(chunk, value);
        if (r < 0)
                buffer_truncate(args, begin);
        return r;
}

int chunk_add_many(struct chunk *chunk, const mgr_value *values, size_t n)
{
        struct buffer *args = &chunk->args;
        size_t i = 0;
        int r = 0;

        while (i < n && r == 0) {
                uint8_t *begin, *to;
                size_t room;

                begin = to = buffer_reserve(args, n <= SIZE_MAX / 16 ? (n - i) * SCALAR_MAX_SIZE
                                                                     : SIZE_MAX);
                if (!to)
                        return error_set_status(args->failed);
                for (room = n - i; room && scalar_is(&values[i]); --room, ++i)
                        to += scalar_pack(to, &values[i]);
                args->size += (size_t)(to - begin);
                /* what is no scalar is seldom alone: the room for all is asked for once more later
                 */
                while (i < n && r == 0 && !scalar_is(&values[i]))
                        r = chunk_add(chunk, &values[i++]);
        }
        return r;
}

/* --- answers */

static void chunk_answered(struct chunk *chunk)
{
        struct job *job;

        if (chunk->n_done < chunk->n)
                return;
        job = job_ref(chunk->job);
        chunk_drop(chunk);
        job_look(job);
        job_unref(job);
}

void chunk_done(struct chunk *chunk, mgr_value *value)
{
        job_answer(chunk->job, chunk->first + chunk->n_done++, value);
        chunk_answered(chunk);
}

mgr_value *chunk_results(struct chunk *chunk)
{
        struct job *job = chunk->job;

        return job->kind < JOB_IMAP ? job->results + chunk->first + chunk->n_done : NULL;
}

void chunk_advance(struct chunk *chunk, size_t n)
{
        chunk->n_done += n;
        job_answer_many(chunk->job, n);
        chunk_answered(chunk);
}

void chunk_failed(struct chunk *chunk)
{
        job_answer(chunk->job, chunk->first + chunk->n_done++, NULL);
        chunk_answered(chunk);
}

void chunk_fail(struct chunk *chunk)
{
        while (chunk->n - chunk->n_done > 1)
                job_answer(chunk->job, chunk->first + chunk->n_done++, NULL);
        chunk_failed(chunk);
}

/* --- workers that died */

void chunk_return(struct chunk *chunk)
{
        job_queue_first(chunk->job, chunk);
}

/* Where the packed values of a chunk's task i begin. */
static size_t chunk_offset(const struct chunk *chunk, size_t i)
{
        const uint8_t *at = chunk->args.data;

        if (chunk->job->call == CALL_APPLY)
                return i ? chunk->args.size : 0;
        while (i--)
                at += value_size(at);
        return (size_t)(at - chunk->args.data);
}

/* A chunk of its own for the tasks from `i` on, which are another's no more. */
static int chunk_split(struct chunk *chunk, size_t i, struct chunk **out)
{
        size_t offset = chunk_offset(chunk, i);
        struct chunk *rest;
        int r;

        r = chunk_new(chunk->job, &rest);
        if (r < 0)
                return r;
        buffer_append_span(&rest->args, buffer_span_from(&chunk->args, offset));
        if (rest->args.failed) {
                r = error_set_status(rest->args.failed);
                chunk_drop(rest);
                return r;
        }
        rest->first = chunk->first + i;
        rest->n = chunk->n - i;
        rest->n_lost = chunk->n_lost;
        rest->pins = pins_ref(chunk->pins);
        buffer_truncate(&chunk->args, offset);
        chunk->n = i;
        *out = rest;
        return 0;
}

/*
 * Those that were begun: to be run again one by one, so that what kills a worker takes no other
 * task with it. Each piece is cut off at the end.
 */
static int chunk_retry(struct chunk *chunk)
{
        struct chunk *piece;
        int r;

        ++chunk->n_lost;
        while (chunk->n - chunk->n_done > 1) {
                r = chunk_split(chunk, chunk->n - 1, &piece);
                if (r < 0)
                        return r;
                chunk_return(piece);
        }
        if (chunk->n_done) {
                r = chunk_split(chunk, chunk->n_done, &piece);
                if (r < 0)
                        return r;
                chunk_return(piece);
                chunk_drop(chunk);
        } else {
                chunk_return(chunk);
        }
        return 0;
}

void chunk_lost(struct chunk *chunk, size_t n_begun)
{
        struct chunk *rest;

        if (n_begun > chunk->n)
                n_begun = chunk->n;
        if (n_begun <= chunk->n_done && chunk->n_done == 0) {
                chunk_return(chunk);
                return;
        }
        if (n_begun < chunk->n_done)
                n_begun = chunk->n_done;
        if (n_begun < chunk->n) {
                /* the error of the lost ones is kept, but where there is no memory */
                if (chunk_split(chunk, n_begun, &rest) < 0)
                        n_begun = chunk->n;
                else
                        chunk_return(rest);
        }
        if (n_begun == chunk->n_done)
                chunk_drop(chunk);
        else if (chunk->n_lost >= chunk->job->pool->max_retries || chunk_retry(chunk) < 0)
                chunk_fail(chunk);
}
