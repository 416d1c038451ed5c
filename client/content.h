/*
 * content - what is behind an mgr_value
 *
 * A value that owns something owns a share of a blob: a copy of the bytes that
 * arrived. Text that stands inside of a list or dict must end with a zero like
 * any other, and there is none in packed bytes. So a blob of a container holds its
 * bytes twice: once packed, once as *text*, where every str and bytes is
 * followed by a zero, which falls on the head of whatever comes next. Heads are read
 * in the one, text in the other; an element costs no allocation and no copy.
 *
 * Tokens inside of a blob are references that the daemon counted for this process;
 * they go when the blob does.
 */
#pragma once

#include "client/state.h"

struct blob {
        atomic_size_t n_refs;
        mgr_manager *manager; /* shared; NULL where no token inside is counted */
        size_t size;          /* of the packed bytes; 0 where there is only text */
        uint8_t bytes[];      /* packed, then text; both of `size` bytes; then a zero */
};

/* mgr_value.flags: as.proxy is a handle; owner is the same one where a share of it is owned. */
#define CONTENT_HANDLE 1u

struct blob *blob_ref(struct blob *blob);
void blob_unref(struct blob *blob);

/* A blob of one packed container or token. The tokens' references are taken over as they are. */
int blob_new(struct blob **out, struct span packed, mgr_manager *manager);

/*
 * A value that arrived from `m`, packed and accepted by scan, each of its tokens
 * counted for us. NULL: nothing is counted. 0 or an error, which is set; then
 * references have been given back.
 */
int content_take(mgr_manager *m, struct span packed, mgr_value *out);

/* Gives back the references of a value that arrived and nobody wants. */
void content_drop(mgr_manager *m, struct span packed);
void content_drop_locked(mgr_manager *m, struct span packed); /* with the manager's lock held */

/* Whether a packed value may hold tokens: by its first byte. Most do not. */
static inline bool content_may_hold_tokens(uint8_t first)
{
        if (first < 0xa0)
                return first >= 0x80;
        return first >= 0xc7 && first < 0xe0 && !(first >= 0xca && first <= 0xd3) &&
               !(first >= 0xd9 && first <= 0xdb);
}

/* A view of one packed value inside of a blob, or of a scalar anywhere. */
void content_view(struct span packed, const struct blob *blob, mgr_value *out);

/* A str or bytes that owns a copy of the text. 0 or -STATUS_NOMEM, which is set. */
int content_copy_text(int kind, struct span text, mgr_value *out);

/* Packs a value for a daemon (NULL: for nobody in particular). Failures stick in the buffer. */
void content_pack(struct buffer *out, const mgr_manager *m, const mgr_value *value);

/* As above, into an empty buffer, and checked by scan; 0 or an error, which is set. */
int content_pack_checked(struct buffer *out, const mgr_value *value);

/* Whether the value is packed bytes: as.text then. */
static inline bool content_is_packed(const mgr_value *value)
{
        return value->kind > MGR_KIND_BYTES && !(value->flags & CONTENT_HANDLE);
}

static inline struct span content_span(const mgr_value *value)
{
        return span_of(value->as.text.data, value->as.text.size);
}
