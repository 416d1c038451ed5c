/*
 * cycles - finding containers that only refer to each other
 *
 * Three passes over the objects that the candidates reach:
 *   1. gather them, counting for each how many of its inner references come
 *      from another gathered object;
 *   2. whatever is referred to from outside of the gathered, and all that it
 *      reaches, is alive;
 *   3. the rest is garbage.
 */
#include "managerd/object/cycles.h"

#include <limits.h>
#include <stdlib.h>

#include "proto/status.h"

struct suspect {
        struct object *object;
        uint64_t n_within; /* inner references from other suspects */
        bool alive;
};

struct search {
        struct store *store;
        struct suspect *suspects; /* object->mark is the index in here plus one */
        size_t n_suspects, n_allocated;
};

static void search_deinit(struct search *search)
{
        for (size_t i = 0; i < search->n_suspects; ++i)
                search->suspects[i].object->mark = 0;
        free(search->suspects);
}

static int search_gather(struct search *search, struct object *object)
{
        struct suspect *suspects;
        size_t n;

        if (object->mark)
                return 0;
        if (search->n_suspects == search->n_allocated) {
                n = search->n_allocated ? search->n_allocated * 2 : 16;
                suspects = reallocarray(search->suspects, n, sizeof(*suspects));
                if (!suspects)
                        return -STATUS_NOMEM;
                search->suspects = suspects;
                search->n_allocated = n;
        }
        search->suspects[search->n_suspects++] = (struct suspect){ .object = object };
        object->mark = search->n_suspects;
        return 0;
}

/* The next object stored in one, with the number of times; NULL behind the last. */
static struct object *next_link(const struct object *object, struct table_entry **entry,
                                uint64_t *count)
{
        struct object *target = NULL;
        uint64_t ident;

        while (!target) {
                *entry = *entry ? table_next(&object->links, *entry) : table_first(&object->links);
                if (!*entry)
                        return NULL;
                memcpy(&ident, table_entry_key(*entry).data, sizeof(ident));
                memcpy(count, table_entry_value(*entry).data, sizeof(*count));
                target = store_find(object->store, ident);
        }
        return target;
}

/* Pass 1: the array serves as the queue of a breadth-first walk. */
static int search_expand(struct search *search)
{
        for (size_t i = 0; i < search->n_suspects; ++i) {
                struct object *object = search->suspects[i].object;
                struct table_entry *entry = NULL;
                struct object *target;
                uint64_t count;
                int r;

                while ((target = next_link(object, &entry, &count))) {
                        r = search_gather(search, target);
                        if (r < 0)
                                return r;
                        search->suspects[target->mark - 1].n_within += count;
                }
        }
        return 0;
}

/* Pass 2: `pending` is a stack with room for every suspect; each is pushed at most once. */
static int search_mark_alive(struct search *search)
{
        size_t *pending, n_pending = 0;

        pending = reallocarray(NULL, search->n_suspects, sizeof(*pending));
        if (!pending)
                return -STATUS_NOMEM;

        for (size_t i = 0; i < search->n_suspects; ++i) {
                struct suspect *suspect = &search->suspects[i];

                if (suspect->object->n_external > 0 ||
                    suspect->object->n_internal > suspect->n_within) {
                        suspect->alive = true;
                        pending[n_pending++] = i;
                }
        }
        while (n_pending > 0) {
                struct object *object = search->suspects[pending[--n_pending]].object;
                struct table_entry *entry = NULL;
                struct object *target;
                uint64_t count;

                while ((target = next_link(object, &entry, &count))) {
                        if (search->suspects[target->mark - 1].alive)
                                continue;
                        search->suspects[target->mark - 1].alive = true;
                        pending[n_pending++] = target->mark - 1;
                }
        }
        free(pending);
        return 0;
}

static int search_bury(struct search *search)
{
        int n_buried = 0;

        for (size_t i = 0; i < search->n_suspects; ++i) {
                if (search->suspects[i].alive)
                        continue;
                store_bury(search->store, search->suspects[i].object);
                if (n_buried < INT_MAX)
                        ++n_buried;
        }
        return n_buried;
}

int cycles_collect(struct store *store)
{
        __attribute__((cleanup(search_deinit))) struct search search = { .store = store };
        int r;

        list_for_each(node, &store->candidates) {
                r = search_gather(&search, container_of(node, struct object, in_suspects));
                if (r < 0)
                        return r;
        }
        if (search.n_suspects == 0)
                return 0;
        r = search_expand(&search);
        if (r < 0)
                return r;
        r = search_mark_alive(&search);
        if (r < 0)
                return r;

        while (!list_is_empty(&store->candidates))
                list_unlink(store->candidates.next);
        r = search_bury(&search);
        store->search_cost = search.n_suspects - (size_t)r;
        return r;
}
