/*
 * builder - composing values out of values
 *
 * Every container that is open is a frame on a small stack: where its head will
 * stand, and how many elements it has so far. Heads are written when it is closed.
 * Proxies that go in are used from then on, as the user may free them.
 */
#include <stdlib.h>

#include "client/content.h"
#include "client/error.h"
#include "client/proxy.h"
#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/value.h"

#define BUILDER_MAX_DEPTH MGR_MAX_DEPTH

/* A page puts most around a value: the reply, the page, its entries, and one of them. */
_Static_assert(MGR_MAX_DEPTH == SCAN_MAX_DEPTH - 4, "all that goes in can be read");

struct level {
        mgr_kind kind;
        size_t ext; /* where the extension begins, of what is one */
        size_t array;
        size_t n;
};

struct mgr_builder {
        struct buffer packed;
        struct level levels[BUILDER_MAX_DEPTH];
        size_t n_levels;
        size_t n_values;      /* outside of any container: must be one in the end */
        int status;           /* of the first step that failed */
        mgr_manager *manager; /* shared: of the proxies inside, NULL without */
        struct buffer idents; /* uint64_t of each proxy inside, once for each time */
};

int mgr_builder_new(mgr_builder **builder)
{
        mgr_builder *b;

        if (!builder)
                return error_set_status(-STATUS_ARGUMENT);
        b = calloc(1, sizeof(*b));
        if (!b)
                return error_set_status(-STATUS_NOMEM);
        buffer_init(&b->packed, SIZE_MAX);
        buffer_init(&b->idents, SIZE_MAX);
        *builder = b;
        return 0;
}

static void builder_fail(mgr_builder *b, int status)
{
        if (!b->status)
                b->status = status;
}

static void builder_release(mgr_builder *b)
{
        for (size_t i = 0; i < b->idents.size; i += sizeof(uint64_t)) {
                uint64_t ident;

                memcpy(&ident, b->idents.data + i, sizeof(ident));
                manager_release_ref(b->manager, ident);
        }
}

static void builder_reset(mgr_builder *b)
{
        if (b->manager)
                manager_unref(b->manager);
        b->manager = NULL;
        buffer_truncate(&b->idents, 0);
        buffer_truncate(&b->packed, 0);
        b->n_levels = b->n_values = 0;
        b->status = 0;
}

void mgr_builder_free(mgr_builder *builder)
{
        if (!builder)
                return;
        builder_release(builder);
        builder_reset(builder);
        buffer_deinit(&builder->idents);
        buffer_deinit(&builder->packed);
        free(builder);
}

static bool kind_is_ext(mgr_kind kind)
{
        return kind == MGR_KIND_TUPLE || kind == MGR_KIND_SET || kind == MGR_KIND_FROZENSET;
}

/* One value more where we are. */
static void builder_count(mgr_builder *b)
{
        if (b->n_levels)
                ++b->levels[b->n_levels - 1].n;
        else
                ++b->n_values;
}

void mgr_builder_begin(mgr_builder *builder, mgr_kind kind)
{
        mgr_builder *b = builder;
        struct level *level;

        if (!b || b->status)
                return;
        if (kind < MGR_KIND_LIST || kind > MGR_KIND_FROZENSET) {
                builder_fail(b, -STATUS_VALUE);
                return;
        }
        if (b->n_levels == BUILDER_MAX_DEPTH) {
                builder_fail(b, -STATUS_TOO_LARGE);
                return;
        }
        builder_count(b);
        level = &b->levels[b->n_levels++];
        *level = (struct level){ .kind = kind };
        if (kind_is_ext(kind))
                level->ext = pack_ext_begin(&b->packed);
        level->array = pack_array_begin(&b->packed);
}

/* A dict's head is as long as a list's, and differs from it in the first byte. */
static void turn_array_into_map(struct buffer *packed, size_t at, size_t n)
{
        uint8_t *head;

        if (packed->failed)
                return;
        head = packed->data + at;
        head[0] = n < 16 ? (uint8_t)(0x80 | n) : (uint8_t)(head[0] + 2);
}

/*
 * A map of n entries has 2n elements but a head that says n: so the head is
 * written for n, and the room for it closed accordingly.
 */
void mgr_builder_end(mgr_builder *builder)
{
        mgr_builder *b = builder;
        struct level *level;

        if (!b || b->status)
                return;
        if (!b->n_levels) {
                builder_fail(b, -STATUS_VALUE);
                return;
        }
        level = &b->levels[--b->n_levels];
        if (level->kind == MGR_KIND_DICT && level->n % 2) {
                builder_fail(b, -STATUS_VALUE);
                return;
        }
        if (level->kind == MGR_KIND_DICT)
                level->n /= 2;
        pack_array_end(&b->packed, level->array, level->n);
        if (level->kind == MGR_KIND_DICT)
                turn_array_into_map(&b->packed, level->array, level->n);
        if (level->kind == MGR_KIND_TUPLE)
                pack_ext_end(&b->packed, level->ext, EXT_TUPLE);
        else if (level->kind == MGR_KIND_SET)
                pack_ext_end(&b->packed, level->ext, EXT_SET);
        else if (level->kind == MGR_KIND_FROZENSET)
                pack_ext_end(&b->packed, level->ext, EXT_FROZENSET);
}

/* Keeps one proxy that went in. All must be of one manager, to which they will be given back. */
static void builder_use(mgr_builder *b, mgr_manager *m, uint64_t ident)
{
        if (b->manager && b->manager != m) {
                builder_fail(b, -STATUS_VALUE);
                return;
        }
        if (!buffer_reserve(&b->idents, sizeof(ident)) || manager_use_ref(m, ident) < 0) {
                builder_fail(b, -STATUS_NOMEM);
                return;
        }
        buffer_append(&b->idents, &ident, sizeof(ident));
        if (!b->manager)
                b->manager = manager_ref(m);
}

struct token_visit {
        mgr_builder *builder;
        mgr_manager *manager;
};

static int token_use(void *data, const struct value_token *token)
{
        struct token_visit *visit = data;

        if (manager_owns(visit->manager, token->ident))
                builder_use(visit->builder, visit->manager, token->ident);
        return 0;
}

void mgr_builder_add_value(mgr_builder *builder, const mgr_value *value)
{
        mgr_builder *b = builder;
        const struct blob *blob;

        if (!b || b->status)
                return;
        if (!value) {
                builder_fail(b, -STATUS_ARGUMENT);
                return;
        }
        builder_count(b);
        content_pack(&b->packed, NULL, value);
        if (value->flags & CONTENT_HANDLE) {
                builder_use(b, value->as.proxy->manager, value->as.proxy->ident);
        } else if (content_is_packed(value) && value->origin) {
                blob = value->origin;
                if (blob->manager)
                        value_visit_tokens(content_span(value), token_use,
                                           &(struct token_visit){ b, blob->manager });
        }
}

/* What was composed, if it is a value. */
static int builder_check(mgr_builder *b)
{
        struct scanner scanner;
        int r = b->status ? b->status : b->packed.failed;

        if (r < 0)
                return error_set_status(r);
        if (b->n_levels || b->n_values != 1)
                return error_set(-STATUS_VALUE, "the steps make %zu values, %zu of them open",
                                 b->n_values, b->n_levels);
        scanner_init(&scanner, MGR_MAX_DEPTH);
        r = scan_whole(&scanner, buffer_span(&b->packed));
        scanner_deinit(&scanner);
        return r < 0 ? error_set(r, "%s", scanner.why ? scanner.why : status_text(r)) : 0;
}

int mgr_builder_finish(mgr_builder *builder, mgr_value *value)
{
        mgr_builder *b = builder;
        struct blob *blob;
        int r;

        if (!b || !value)
                return error_set_status(-STATUS_ARGUMENT);
        r = builder_check(b);
        if (r == 0 && content_may_hold_tokens(b->packed.data[0]))
                r = blob_new(&blob, buffer_span(&b->packed), b->manager);
        else if (r == 0) {
                r = content_take(NULL, buffer_span(&b->packed), value);
                builder_reset(b);
                return r;
        }
        if (r < 0) {
                builder_release(b);
                builder_reset(b);
                return r;
        }
        /* the blob has one use of each proxy inside now: those that the builder had */
        content_view(span_of(blob->bytes, blob->size), blob, value);
        value->owner = blob;
        builder_reset(b);
        return 0;
}

int mgr_compose(mgr_kind kind, const mgr_value *values, size_t n, mgr_value *container)
{
        mgr_builder *builder;
        int r;

        if (!container || (n && !values))
                return error_set_status(-STATUS_ARGUMENT);
        r = mgr_builder_new(&builder);
        if (r < 0)
                return r;
        mgr_builder_begin(builder, kind);
        if (kind == MGR_KIND_DICT)
                n *= 2;
        for (size_t i = 0; i < n; ++i)
                mgr_builder_add_value(builder, &values[i]);
        mgr_builder_end(builder);
        r = mgr_builder_finish(builder, container);
        mgr_builder_free(builder);
        return r;
}
