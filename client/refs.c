/*
 * refs - the references that this process holds at a daemon
 */
#include "client/refs.h"

#include <stdlib.h>

#include "client/request.h"
#include "proto/status.h"

#define REFS_MIN_PLACES 16

/* Idents count up: spread them, so that runs of them do not form runs of places. */
static size_t refs_home(const struct refs *refs, uint64_t ident)
{
        ident ^= ident >> 32;
        ident *= 0x9e3779b97f4a7c15u;
        return (size_t)(ident >> 20) & (refs->n_places - 1);
}

static struct ref *refs_find(const struct refs *refs, uint64_t ident)
{
        size_t i;

        if (!refs->n_places)
                return NULL;
        for (i = refs_home(refs, ident); refs->places[i].ident; i = (i + 1) & (refs->n_places - 1))
                if (refs->places[i].ident == ident)
                        return &refs->places[i];
        return NULL;
}

static void refs_put(struct refs *refs, struct ref ref)
{
        size_t i = refs_home(refs, ref.ident);

        while (refs->places[i].ident)
                i = (i + 1) & (refs->n_places - 1);
        refs->places[i] = ref;
}

static int refs_grow(struct refs *refs)
{
        size_t n_places = refs->n_places ? refs->n_places * 2 : REFS_MIN_PLACES;
        struct refs grown = { .n_places = n_places };

        grown.places = calloc(n_places, sizeof(*grown.places));
        if (!grown.places)
                return -STATUS_NOMEM;
        for (size_t i = 0; i < refs->n_places; ++i)
                if (refs->places[i].ident)
                        refs_put(&grown, refs->places[i]);
        free(refs->places);
        refs->places = grown.places;
        refs->n_places = n_places;
        return 0;
}

/* Empties a place; those behind it that could not have their home move up. */
static void refs_remove(struct refs *refs, struct ref *ref)
{
        size_t mask = refs->n_places - 1;
        size_t hole = (size_t)(ref - refs->places), i = hole;

        for (;;) {
                size_t home;

                i = (i + 1) & mask;
                if (!refs->places[i].ident)
                        break;
                home = refs_home(refs, refs->places[i].ident);
                if (((i - home) & mask) >= ((i - hole) & mask)) {
                        refs->places[hole] = refs->places[i];
                        hole = i;
                }
        }
        refs->places[hole] = (struct ref){ 0 };
        --refs->n;
}

/* Without memory for it the daemon keeps the object until this process ends: nothing worse. */
void refs_drop(struct refs *refs, uint64_t ident, uint32_t n)
{
        size_t n_drops = atomic_load_explicit(&refs->n_drops, memory_order_relaxed);

        for (; n; --n) {
                if (n_drops == refs->n_room) {
                        size_t n_room = refs->n_room ? refs->n_room * 2 : REFS_MIN_PLACES;
                        uint64_t *drops = realloc(refs->drops, n_room * sizeof(*drops));

                        if (!drops)
                                break;
                        refs->drops = drops;
                        refs->n_room = n_room;
                }
                refs->drops[n_drops++] = ident;
        }
        atomic_store_explicit(&refs->n_drops, n_drops, memory_order_relaxed);
}

void refs_deinit(struct refs *refs)
{
        free(refs->places);
        free(refs->drops);
        *refs = (struct refs){ 0 };
}

int refs_receive(struct refs *refs, uint64_t ident)
{
        struct ref *ref = refs_find(refs, ident);

        if (ref) {
                ++ref->uses;
                ++ref->held;
                return 0;
        }
        /* where it cannot grow it is filled, but for the one place that ends a search */
        if (refs->n + 1 > refs->n_places / 4 * 3 && refs_grow(refs) < 0 &&
            refs->n + 1 >= refs->n_places) {
                refs_drop(refs, ident, 1);
                return -STATUS_NOMEM;
        }
        refs_put(refs, (struct ref){ .ident = ident, .uses = 1, .held = 1 });
        ++refs->n;
        return 0;
}

int refs_use(struct refs *refs, uint64_t ident)
{
        struct ref *ref = refs_find(refs, ident);

        if (!ref)
                return -STATUS_NO_OBJECT;
        ++ref->uses;
        return 0;
}

void refs_release(struct refs *refs, uint64_t ident)
{
        struct ref *ref = refs_find(refs, ident);

        if (!ref)
                return;
        if (--ref->uses == 0) {
                refs_drop(refs, ident, ref->held);
                refs_remove(refs, ref);
        } else if (ref->held > ref->uses) {
                /* A loop that reads the same proxy again and again must not pile up counts. */
                --ref->held;
                refs_drop(refs, ident, 1);
        }
}

void refs_release_all(struct refs *refs)
{
        for (size_t i = 0; i < refs->n_places; ++i)
                if (refs->places[i].ident)
                        refs_drop(refs, refs->places[i].ident, refs->places[i].held);
        free(refs->places);
        refs->places = NULL;
        refs->n_places = refs->n = 0;
}

size_t refs_pack_drops(struct refs *refs, struct buffer *out, size_t max)
{
        size_t n_drops = atomic_load_explicit(&refs->n_drops, memory_order_relaxed);
        size_t n = n_drops < max ? n_drops : max;

        for (size_t i = 0; i < n; ++i)
                request_pack_ident(out, SPAN_LITERAL("decref"), refs->drops[--n_drops]);
        atomic_store_explicit(&refs->n_drops, n_drops, memory_order_relaxed);
        return n;
}

void refs_inherit(struct refs *refs, bool held)
{
        for (size_t i = 0; i < refs->n_places; ++i)
                refs->places[i].held = held && refs->places[i].ident;
        atomic_store_explicit(&refs->n_drops, 0, memory_order_relaxed);
}

void refs_set_held(struct refs *refs, uint64_t ident, uint32_t held)
{
        struct ref *ref = refs_find(refs, ident);

        if (ref)
                ref->held = held;
}

void refs_forget_lost(struct refs *refs)
{
        for (size_t i = 0; i < refs->n_places; ++i)
                while (refs->places[i].ident && !refs->places[i].held)
                        refs_remove(refs, &refs->places[i]); /* another may move up */
}

uint64_t refs_next(const struct refs *refs, size_t *place)
{
        while (*place < refs->n_places) {
                uint64_t ident = refs->places[(*place)++].ident;

                if (ident)
                        return ident;
        }
        return 0;
}
