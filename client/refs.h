/*
 * refs - the references that this process holds at a daemon
 *
 * The daemon counts references for the process; here we count what they are for.
 * `held` is what the daemon counts for us, `uses` how many proxies and values
 * of ours rely on it. So a second proxy of the same object costs nothing, and
 * the daemon hears of an object once it is not used any more. What it is to
 * hear waits in `drops` and travels with the next call.
 */
#pragma once

#include <stdatomic.h>

#include "proto/buffer.h"

struct ref {
        uint64_t ident; /* 0: an empty place */
        uint32_t uses;
        uint32_t held;
};

struct refs {
        struct ref *places; /* owned: open addressing, a power of two */
        size_t n_places;
        size_t n;
        uint64_t *drops; /* owned: idents to decref, some perhaps repeatedly */
        size_t n_room;
        atomic_size_t n_drops; /* may be looked at without the lock */
};

void refs_deinit(struct refs *refs);

/* The daemon counted one more for us, and there is one more use. On failure it is dropped again. */
int refs_receive(struct refs *refs, uint64_t ident);

/* One more use of what is used already; -STATUS_NO_OBJECT where it is not. */
int refs_use(struct refs *refs, uint64_t ident);

/* The daemon counted some for us that nobody uses. */
void refs_drop(struct refs *refs, uint64_t ident, uint32_t n);

/* One use less. */
void refs_release(struct refs *refs, uint64_t ident);

/* Nothing is used any more. */
void refs_release_all(struct refs *refs);

/* Packs decrefs for at most `max` of the drops, as frames, and forgets them. Returns how many. */
size_t refs_pack_drops(struct refs *refs, struct buffer *out, size_t max);

/*
 * In a forked child: each ident in use is held once, or not at all; and nothing is to be
 * dropped.
 */
void refs_inherit(struct refs *refs, bool held);

/* The daemon says how much it counts for an ident now, because we asked it to count anew. */
void refs_set_held(struct refs *refs, uint64_t ident, uint32_t held);

/* What the daemon does not count for us is gone: whoever used it releases it in vain. */
void refs_forget_lost(struct refs *refs);

/* The next ident in use at or behind a place, or 0; *place begins with 0 and is moved on. */
uint64_t refs_next(const struct refs *refs, size_t *place);
