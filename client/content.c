/*
 * content - what is behind an mgr_value
 */
#include "client/content.h"

#include <stdlib.h>

#include "client/error.h"
#include "client/proxy.h"
#include "proto/head.h"
#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/value.h"

/* --- blobs */

struct blob *blob_ref(struct blob *blob)
{
        atomic_fetch_add_explicit(&blob->n_refs, 1, memory_order_relaxed);
        return blob;
}

static int token_release(void *data, const struct value_token *token)
{
        mgr_manager *m = data;

        if (manager_owns(m, token->ident))
                manager_release_ref(m, token->ident);
        return 0;
}

static int token_drop(void *data, const struct value_token *token)
{
        mgr_manager *m = data;

        if (manager_owns(m, token->ident))
                manager_drop_ref(m, token->ident);
        return 0;
}

static int token_drop_locked(void *data, const struct value_token *token)
{
        mgr_manager *m = data;

        if (manager_owns(m, token->ident))
                refs_drop(&m->refs, token->ident, 1);
        return 0;
}

/* How far the tokens of a value have been received. */
struct receipt {
        mgr_manager *manager;
        size_t n_received;
        size_t n_returned;
};

static int token_receive(void *data, const struct value_token *token)
{
        struct receipt *receipt = data;
        int r;

        if (!manager_owns(receipt->manager, token->ident))
                return 0;
        r = manager_receive_ref(receipt->manager, token->ident);
        if (r == 0)
                ++receipt->n_received;
        return r;
}

/* Those received are released; the next one was dropped when that failed; the rest are dropped. */
static int token_return(void *data, const struct value_token *token)
{
        struct receipt *receipt = data;

        if (!manager_owns(receipt->manager, token->ident))
                return 0;
        if (receipt->n_returned < receipt->n_received)
                manager_release_ref(receipt->manager, token->ident);
        else if (receipt->n_returned > receipt->n_received)
                manager_drop_ref(receipt->manager, token->ident);
        ++receipt->n_returned;
        return 0;
}

/* All of them, or none. */
static int content_receive(mgr_manager *m, struct span packed)
{
        struct receipt receipt = { .manager = m };
        int r = value_visit_tokens(packed, token_receive, &receipt);

        if (r < 0)
                value_visit_tokens(packed, token_return, &receipt);
        return r;
}

void blob_unref(struct blob *blob)
{
        if (atomic_fetch_sub_explicit(&blob->n_refs, 1, memory_order_acq_rel) != 1)
                return;
        if (blob->manager) {
                value_visit_tokens(span_of(blob->bytes, blob->size), token_release, blob->manager);
                manager_unref(blob->manager);
        }
        free(blob);
}

static struct blob *blob_allocate(size_t n)
{
        struct blob *blob = n < SIZE_MAX - sizeof(*blob) ? malloc(sizeof(*blob) + n) : NULL;

        if (!blob)
                return NULL;
        atomic_init(&blob->n_refs, 1);
        blob->manager = NULL;
        blob->size = 0;
        return blob;
}

/* Ends every text with a zero. Returns whether there are tokens. */
static bool blob_write_text(struct blob *blob)
{
        const uint8_t *at = blob->bytes, *end = blob->bytes + blob->size;
        uint8_t *text = blob->bytes + blob->size;
        bool has_tokens = false;

        memcpy(text, blob->bytes, blob->size);
        text[blob->size] = '\0';
        while (at < end) {
                struct head head = head_read(at);

                at += head.size;
                if (head_is_nest(&head))
                        continue; /* its payload is values */
                at += head.payload;
                if (head.kind == HEAD_STR || head.kind == HEAD_BIN)
                        text[at - blob->bytes] = '\0';
                has_tokens |= head.kind == HEAD_EXT && head.ext == EXT_TOKEN;
        }
        return has_tokens;
}

int blob_new(struct blob **out, struct span packed, mgr_manager *manager)
{
        struct blob *blob = NULL;

        if (packed.size < SIZE_MAX / 2)
                blob = blob_allocate(packed.size * 2 + 1);
        if (!blob)
                return error_set_status(-STATUS_NOMEM);
        blob->size = packed.size;
        memcpy(blob->bytes, packed.data, packed.size);
        if (blob_write_text(blob) && manager)
                blob->manager = manager_ref(manager);
        *out = blob;
        return 0;
}

/* --- packed bytes to values */

static const uint8_t content_kind_of_value[] = {
        [VALUE_NONE] = MGR_KIND_NONE,
        [VALUE_BOOL] = MGR_KIND_BOOL,
        [VALUE_INT] = MGR_KIND_INT,
        [VALUE_FLOAT] = MGR_KIND_FLOAT,
        [VALUE_STR] = MGR_KIND_STR,
        [VALUE_BYTES] = MGR_KIND_BYTES,
        [VALUE_LIST] = MGR_KIND_LIST,
        [VALUE_DICT] = MGR_KIND_DICT,
        [VALUE_TUPLE] = MGR_KIND_TUPLE,
        [VALUE_TOKEN] = MGR_KIND_PROXY,
        [VALUE_EXCEPTION] = MGR_KIND_OTHER,
        [VALUE_SET] = MGR_KIND_SET,
        [VALUE_FROZENSET] = MGR_KIND_FROZENSET,
        [VALUE_SLICE] = MGR_KIND_OTHER,
        [VALUE_NOT_IMPLEMENTED] = MGR_KIND_OTHER,
        [VALUE_BIG_INTEGER] = MGR_KIND_OTHER,
        [VALUE_TYPED_ARRAY] = MGR_KIND_OTHER,
        [VALUE_OPAQUE] = MGR_KIND_OTHER,
};

void content_view(struct span packed, const struct blob *blob, mgr_value *out)
{
        struct head head = head_read(packed.data);
        ptrdiff_t text = blob ? (ptrdiff_t)blob->size : 0;

        *out = mgr_none();
        out->kind = content_kind_of_value[value_kind(packed)];
        switch (head.kind) {
        case HEAD_NIL:
                return;
        case HEAD_BOOL:
                out->as.boolean = head.number;
                return;
        case HEAD_INT:
        case HEAD_UINT:
                out->as.uinteger = head.number;
                if (head.kind == HEAD_UINT && head.number > INT64_MAX)
                        out->kind = MGR_KIND_UINT;
                return;
        case HEAD_FLOAT:
                out->as.real = head.real;
                return;
        case HEAD_STR:
        case HEAD_BIN:
                out->as.text.data = (const char *)packed.data + head.size + text;
                out->as.text.size = head.payload;
                break;
        default:
                out->as.text.data = (const char *)packed.data;
                out->as.text.size = packed.size;
        }
        out->origin = blob;
}

int content_copy_text(int kind, struct span text, mgr_value *out)
{
        struct blob *blob = blob_allocate(text.size + 1);

        if (!blob)
                return error_set_status(-STATUS_NOMEM);
        if (text.size)
                memcpy(blob->bytes, text.data, text.size);
        blob->bytes[text.size] = '\0';
        *out = mgr_strn((const char *)blob->bytes, text.size);
        out->kind = kind;
        out->owner = blob;
        return 0;
}

int content_take(mgr_manager *m, struct span packed, mgr_value *out)
{
        struct blob *blob;
        mgr_value view;
        int r;

        content_view(packed, NULL, &view);
        if (view.kind < MGR_KIND_STR) {
                *out = view;
                return 0;
        }
        if (view.kind <= MGR_KIND_BYTES)
                return content_copy_text(view.kind, content_span(&view), out);

        r = blob_new(&blob, packed, m);
        if (r < 0) {
                if (m)
                        content_drop(m, packed);
                return r;
        }
        r = blob->manager ? content_receive(m, packed) : 0;
        if (r < 0) {
                manager_unref(blob->manager);
                free(blob);
                return r;
        }
        content_view(span_of(blob->bytes, blob->size), blob, out);
        out->owner = blob;
        return 0;
}

void content_drop(mgr_manager *m, struct span packed)
{
        if (content_may_hold_tokens(packed.data[0]))
                value_visit_tokens(packed, token_drop, m);
}

void content_drop_locked(mgr_manager *m, struct span packed)
{
        if (content_may_hold_tokens(packed.data[0]))
                value_visit_tokens(packed, token_drop_locked, m);
}

/* --- values to packed bytes */

/* For another daemon than its own a token names where its own is. */
static void pack_proxy(struct buffer *out, const mgr_manager *m, const struct mgr_proxy *proxy)
{
        bool here = !m || m == proxy->manager || manager_owns(m, proxy->ident);
        size_t begin;

        if (here) {
                pack_token(out, proxy->type, proxy->ident);
                return;
        }
        begin = pack_ext_begin(out);
        pack_array(out, 3);
        pack_cstr(out, proxy->type);
        pack_cstr(out, proxy->manager->address);
        pack_uint(out, proxy->ident);
        pack_ext_end(out, begin, EXT_TOKEN);
}

void content_pack(struct buffer *out, const mgr_manager *m, const mgr_value *value)
{
        switch (value->kind) {
        case MGR_KIND_NONE:
                pack_nil(out);
                return;
        case MGR_KIND_BOOL:
                pack_bool(out, value->as.boolean);
                return;
        case MGR_KIND_INT:
                pack_int(out, value->as.integer);
                return;
        case MGR_KIND_UINT:
                pack_uint(out, value->as.uinteger);
                return;
        case MGR_KIND_FLOAT:
                pack_float(out, value->as.real);
                return;
        case MGR_KIND_STR:
                pack_str(out, content_span(value));
                return;
        case MGR_KIND_BYTES:
                pack_bytes(out, content_span(value));
                return;
        default:
                break;
        }
        if (value->kind < 0 || value->kind > MGR_KIND_OTHER || !value->as.text.data) {
                if (!out->failed)
                        out->failed = -STATUS_ARGUMENT;
        } else if (value->flags & CONTENT_HANDLE) {
                pack_proxy(out, m, value->as.proxy);
        } else {
                pack_packed(out, content_span(value));
        }
}

int content_pack_checked(struct buffer *out, const mgr_value *value)
{
        struct scanner scanner;
        int r;

        if (!value)
                return error_set_status(-STATUS_ARGUMENT);
        content_pack(out, NULL, value);
        if (out->failed)
                return error_set_status(out->failed);
        if (value->kind < MGR_KIND_STR || content_is_packed(value))
                return 0; /* it was checked when it was made */
        scanner_init(&scanner, SCAN_MAX_DEPTH);
        r = scan_whole(&scanner, buffer_span(out));
        scanner_deinit(&scanner);
        if (r < 0)
                error_set(r, "%s", scanner.why ? scanner.why : status_text(r));
        return r;
}
