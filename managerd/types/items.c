/*
 * items - what the containers that keep a sequence have in common
 */
#include "managerd/types/items.h"

#include <stdlib.h>

void items_disown(struct object *object, const struct sequence *items, size_t i, size_t n)
{
        struct sequence_cursor cursor;
        struct span item;

        if (!object_has_links(object))
                return;
        sequence_walk(items, i, n, &cursor);
        while (object_has_links(object) && sequence_next(&cursor, &item))
                object_disown(object, item);
}

struct items_rubbish {
        struct rubbish rubbish;
        struct sequence items;
};

static bool items_rubbish_reap(struct rubbish *rubbish, size_t *budget)
{
        struct items_rubbish *self = container_of(rubbish, struct items_rubbish, rubbish);

        if (!sequence_reap(&self->items, budget))
                return false;
        free(self);
        return true;
}

void items_discard(struct store *store, struct sequence *items)
{
        struct items_rubbish *self = NULL;

        if (sequence_is_big(items))
                self = malloc(sizeof(*self));
        if (!self) {
                sequence_deinit(items);
                return;
        }
        *self = (struct items_rubbish){ .rubbish = { .reap = items_rubbish_reap } };
        list_init(&self->rubbish.in_store);
        sequence_init(&self->items, items->memory);
        sequence_swap(&self->items, items);
        store_discard_content(store, &self->rubbish);
}

void items_discard_dropped(struct store *store, struct sequence *items)
{
        struct sequence dropped;

        if (items->n_dropped == 0)
                return;
        sequence_take_dropped(items, &dropped);
        items_discard(store, &dropped);
}
