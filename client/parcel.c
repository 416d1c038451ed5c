/*
 * parcel - values on their way to another process
 */
#include "client/parcel.h"

#include <stdlib.h>

#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "client/fork.h"
#include "proto/pack.h"
#include "proto/unicode.h"
#include "proto/value.h"

/* Made once more where the connection was lost: a ticket that nobody has read of just expires. */
static const struct method lend_method = METHOD_READ("lend");
static const struct method claim_method = METHOD_WRITE("claim");

void parcel_init(struct parcel *parcel, struct buffer *out)
{
        *parcel = (struct parcel){ .out = out };
}

void parcel_deinit(struct parcel *parcel)
{
        free(parcel->idents);
        *parcel = (struct parcel){ 0 };
}

/* --- which references travel */

static int parcel_note(struct parcel *parcel, uint64_t ident)
{
        if (parcel->n == parcel->n_room) {
                size_t n_room = parcel->n_room ? parcel->n_room * 2 : 8;
                uint64_t *idents = realloc(parcel->idents, n_room * sizeof(*idents));

                if (!idents)
                        return -STATUS_NOMEM;
                parcel->idents = idents;
                parcel->n_room = n_room;
        }
        parcel->idents[parcel->n++] = ident;
        return 0;
}

/* Whose it is, is seen in the end: a token without an address may be of a daemon that is gone. */
static int parcel_visit(void *data, const struct value_token *token)
{
        return span_is_absent(token->address) ? parcel_note(data, token->ident) : 0;
}

/* What the daemon of `m` will count, for the receiver does so, too: see content_take(). */
static void parcel_keep_owned(struct parcel *parcel, const mgr_manager *m)
{
        size_t n = 0;

        for (size_t i = 0; i < parcel->n; ++i)
                if (manager_owns(m, parcel->idents[i]))
                        parcel->idents[n++] = parcel->idents[i];
        parcel->n = n;
}

static int visit_values(struct span values, struct parcel *parcel)
{
        int r = 0;

        while (r == 0 && values.size) {
                size_t n = value_size(values.data);

                if (content_may_hold_tokens(values.data[0]))
                        r = value_visit_tokens(span_of(values.data, n), parcel_visit, parcel);
                values = span_of(values.data + n, values.size - n);
        }
        return r;
}

/* --- tickets */

/* All of them or, with an error that is set, none. */
static int lend(mgr_manager *m, const uint64_t *idents, size_t n, uint64_t *ticket)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        struct call call = { .manager = m, .method = &lend_method, .n_row = 1 };
        mgr_value list, result;
        int r;

        pack_array(&packed, n);
        for (size_t i = 0; i < n; ++i)
                pack_uint(&packed, idents[i]);
        if (packed.failed)
                return error_set_status(packed.failed);
        content_view(buffer_span(&packed), NULL, &list);
        call.row = &list;
        r = call_make(&call, &result);
        if (r < 0)
                return r;
        *ticket = result.as.uinteger;
        if (result.kind == MGR_KIND_INT || result.kind == MGR_KIND_UINT)
                return 0;
        mgr_value_clear(&result);
        return error_set(-STATUS_PROTOCOL, "the manager lends without a ticket");
}

static int claim(mgr_manager *m, uint64_t ticket)
{
        mgr_value number = mgr_uint(ticket);
        struct call call = { .manager = m, .method = &claim_method, .row = &number, .n_row = 1 };

        return call_make(&call, NULL);
}

/* The ticket is too old, or another has used it: as long as somebody holds the objects … */
static int claim_again(mgr_manager *m, struct span values)
{
        struct parcel found;
        uint64_t ticket;
        int r;

        parcel_init(&found, NULL);
        r = visit_values(values, &found);
        parcel_keep_owned(&found, m);
        if (r < 0)
                r = error_set_status(r);
        else if (found.n == 0)
                r = error_set(-STATUS_NO_OBJECT, "the daemon that lent the proxies is gone");
        else
                r = lend(m, found.idents, found.n, &ticket);
        if (r == 0)
                r = claim(m, ticket);
        parcel_deinit(&found);
        return r;
}

/* --- sending */

static mgr_manager *manager_of_value(const mgr_value *value)
{
        const struct blob *blob;

        if (value->flags & CONTENT_HANDLE)
                return value->as.proxy->manager;
        if (!content_is_packed(value))
                return NULL;
        blob = value->origin;
        return blob ? blob->manager : NULL;
}

/* Two managers of one daemon are as good as one. */
static int parcel_join(struct parcel *parcel, mgr_manager *m)
{
        int r = manager_check(m);

        if (r < 0)
                return r;
        if (parcel->manager && strcmp(parcel->manager->address, m->address) != 0)
                return error_set(-STATUS_ARGUMENT,
                                 "proxies of two managers cannot travel together");
        if (!parcel->manager)
                parcel->manager = m;
        return 0;
}

/* What was not checked when it was made: text as the user gave it. */
static int parcel_pack_value(struct buffer *out, const mgr_value *value)
{
        if (value->kind == MGR_KIND_STR && value->as.text.size && !utf8_valid(content_span(value)))
                return error_set_status(-STATUS_UNICODE);
        content_pack(out, NULL, value);
        return out->failed ? error_set_status(out->failed) : 0;
}

int parcel_add(struct parcel *parcel, const mgr_value *value)
{
        struct buffer *out = parcel->out;
        size_t begin = out->size, n = parcel->n;
        mgr_manager *m, *before = parcel->manager;
        int r;

        if (out->failed)
                return error_set_status(out->failed);
        if (!value)
                return error_set_status(-STATUS_ARGUMENT);
        r = parcel_pack_value(out, value);
        if (r == 0 && value->kind > MGR_KIND_BYTES) {
                m = manager_of_value(value);
                if (m)
                        r = parcel_join(parcel, m);
                if (r == 0 && visit_values(buffer_span_from(out, begin), parcel) < 0)
                        r = error_set_status(-STATUS_NOMEM);
        }
        if (r < 0) {
                buffer_truncate(out, begin);
                parcel->n = n;
                parcel->manager = before;
        }
        return r;
}

static void pack_ticket(struct buffer *out, const char *address, uint64_t ticket)
{
        size_t begin = pack_ext_begin(out);

        pack_array(out, 2);
        pack_bytes(out, span_of_cstr(address)); /* a path need not be UTF-8 */
        pack_uint(out, ticket);
        pack_ext_end(out, begin, EXT_TUPLE);
}

/* Lends and packs; *any tells whether there was anything to lend. */
static int parcel_finish(struct parcel *parcel, bool *any)
{
        struct buffer *out = parcel->out;
        size_t begin = out->size;
        uint64_t ticket;
        int r;

        *any = false;
        if (out->failed)
                return error_set_status(out->failed);
        if (!parcel->manager)
                return 0;
        parcel_keep_owned(parcel, parcel->manager);
        if (!parcel->n)
                return 0;
        r = lend(parcel->manager, parcel->idents, parcel->n, &ticket);
        if (r < 0)
                return r;
        pack_ticket(out, parcel->manager->address, ticket);
        if (out->failed) {
                r = error_set_status(out->failed);
                buffer_truncate(out, begin);
        }
        *any = true;
        return r;
}

int parcel_seal(struct parcel *parcel)
{
        bool any;
        int r = parcel_finish(parcel, &any);

        if (r < 0 || any)
                return r;
        pack_nil(parcel->out);
        return parcel->out->failed ? error_set_status(parcel->out->failed) : 0;
}

int parcel_pack(struct buffer *out, const mgr_value *value)
{
        size_t begin = out->size;
        struct parcel parcel;
        bool any;
        int r;

        parcel_init(&parcel, out);
        r = parcel_add(&parcel, value);
        if (r == 0) {
                r = parcel_finish(&parcel, &any);
                if (r < 0)
                        buffer_truncate(out, begin);
        }
        parcel_deinit(&parcel);
        return r;
}

/* --- receiving */

/* One that nobody is about to give back, or NULL. */
static mgr_manager *manager_by_address(struct span address)
{
        mgr_manager *m;

        registry_lock();
        for (m = registry_first(); m; m = m->next) {
                size_t n = atomic_load_explicit(&m->n_refs, memory_order_relaxed);

                if (atomic_load(&m->closed) || !span_equal(span_of_cstr(m->address), address))
                        continue;
                while (n && !atomic_compare_exchange_weak(&m->n_refs, &n, n + 1))
                        ;
                if (n)
                        break;
        }
        registry_unlock();
        return m;
}

static bool read_ticket(struct span packed, struct span *address, uint64_t *ticket)
{
        struct span field;
        struct value_iter iter;
        size_t n;

        return value_kind(packed) == VALUE_TUPLE && value_iter_init(&iter, packed, &n) && n == 2 &&
               value_iter_next(&iter, &field) && value_get_bytes(field, address) &&
               value_iter_next(&iter, &field) && value_get_uint64(field, ticket);
}

int parcel_claim(struct span ticket, struct span values, mgr_manager **m)
{
        struct span address;
        uint64_t number;
        int r;

        *m = NULL;
        if (value_is_none(ticket))
                return 0;
        if (!read_ticket(ticket, &address, &number))
                return error_set(-STATUS_PROTOCOL, "what arrived has no ticket for its proxies");
        r = registry_init();
        if (r < 0)
                return r;
        *m = manager_by_address(address);
        if (!*m)
                return error_set(-STATUS_CONNECT,
                                 "proxies arrived of a manager that this process is not "
                                 "connected to");
        r = claim(*m, number);
        if (r == -STATUS_VALUE)
                r = claim_again(*m, values);
        if (r < 0) {
                manager_unref(*m);
                *m = NULL;
        }
        return r;
}

static int fail_scan(const struct scanner *scanner, int r)
{
        if (r == -STATUS_NOMEM)
                return error_set_status(r);
        return error_set(-STATUS_PROTOCOL, "what arrived is no value: %s",
                         r == -STATUS_BAD_REQUEST && scanner->why ? scanner->why : status_text(r));
}

int parcel_open(struct scanner *scanner, struct span parcel, mgr_value *value)
{
        struct span ticket;
        mgr_manager *m = NULL;
        size_t n;
        int r;

        r = scan_value(scanner, parcel, &n);
        if (r < 0)
                return fail_scan(scanner, r);
        ticket = span_of(parcel.data + n, parcel.size - n);
        parcel = span_of(parcel.data, n);
        if (ticket.size) {
                r = scan_whole(scanner, ticket);
                if (r < 0)
                        return fail_scan(scanner, r);
                r = parcel_claim(ticket, parcel, &m);
                if (r < 0)
                        return r;
        }
        r = content_take(m, parcel, value);
        manager_unref(m);
        return r;
}
