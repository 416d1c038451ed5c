/*
 * object - what every referent has in common
 *
 * A type embeds struct object first in its own struct. An object lives as long
 * as somebody refers to it: processes, replies on their way and names from
 * outside (n_external), other objects that hold its proxy from inside (n_internal). Cycles of
 * objects that nobody outside refers to are found by the store.
 */
#pragma once

#include "managerd/object/line.h"
#include "managerd/object/list.h"
#include "managerd/object/table.h"
#include "managerd/object/type.h"
#include "proto/buffer.h"

struct store;

struct object {
        uint64_t ident;          /* never 0, never reused */
        const struct type *type; /* const, for ever */
        struct store *store;     /* borrowed: where it lives */
        uint64_t n_external;     /* references from outside of the store */
        uint64_t n_internal;     /* proxies of it stored in objects, counted each */
        struct table links; /* ident → uint64_t: how often its proxy is stored in this object */
        struct list_node in_store;    /* of the live, oldest first, or of the dead, to be reaped */
        struct list_node in_suspects; /* lost a reference: store.unsettled or store.candidates */
        struct list_node waiters;     /* struct waiter.on_object: of all its lines, oldest first */
        size_t n_waiters;
        struct list_node in_waited; /* struct store.waited, while it has waiters */
        struct span name;           /* absent where anonymous; owned by the registry */
        bool dead;                  /* off the index, being dismantled */
        uint64_t mark;              /* used by the search for cycles only */
};

/* --- references from outside */

void object_retain(struct object *object);

/* The object stays readable until store_settle(), whoever was the last. */
void object_release(struct object *object);

/* --- references from inside, kept for the containers' types */

/*
 * The object is going to store `value`: every proxy of our own inside it holds
 * its referent from now on. All or nothing. Returns 0; -STATUS_NO_OBJECT where
 * a referent does not exist any more; -STATUS_NOMEM. Scalars cost nothing.
 */
int object_adopt(struct object *object, struct span value);

/*
 * The object has dropped `value`, which must be readable still. Never fails.
 * The referents stay until the end of the input, so that a result may hold them.
 */
void object_disown(struct object *object, struct span value);

/* The object has dropped everything it stored. */
void object_disown_all(struct object *object);

/* The same in steps: gives up at most *budget referents and lowers it; true when none are left. */
bool object_disown_some(struct object *object, size_t *budget);

/* Whether proxies are stored in it at all. */
static inline bool object_has_links(const struct object *object)
{
        return object->links.head != NULL;
}

/* --- waiting */

static inline bool object_has_waiters(const struct object *object)
{
        return !list_is_empty(&object->waiters);
}
