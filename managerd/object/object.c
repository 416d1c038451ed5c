/*
 * object - what every referent has in common
 */
#include "managerd/object/object.h"

#include "managerd/object/store.h"
#include "proto/status.h"
#include "proto/value.h"

/* Lost a reference: looked at when the input is over. */
static void object_suspect(struct object *object)
{
        if (object->n_external > 0 || object->dead)
                return;
        list_unlink(&object->in_suspects);
        list_append(&object->store->unsettled, &object->in_suspects);
}

void object_retain(struct object *object)
{
        if (object->n_external++ == 0)
                ++object->store->n_referenced;
}

void object_release(struct object *object)
{
        assert(object->n_external > 0);
        if (--object->n_external > 0)
                return;
        --object->store->n_referenced;
        object_suspect(object);
}

static void link_key(struct table_key *key, const struct object *object, const uint64_t *ident)
{
        table_key_from_bytes(key, &object->links, span_of(ident, sizeof(*ident)));
}

static uint64_t link_count(const struct table_entry *entry)
{
        uint64_t count;

        memcpy(&count, table_entry_value(entry).data, sizeof(count));
        return count;
}

static int object_link(struct object *object, struct object *target)
{
        struct table_key key;
        struct table_entry *entry;
        uint64_t count = 1;
        int r;

        link_key(&key, object, &target->ident);
        entry = table_find(&object->links, &key);
        if (entry)
                count += link_count(entry);
        r = table_set(&object->links, &key, span_of(&count, sizeof(count)), NULL);
        if (r < 0)
                return r;
        ++target->n_internal;
        return 0;
}

static void object_unlink(struct object *object, uint64_t ident, bool all)
{
        struct table_key key;
        struct table_entry *entry;
        struct object *target;
        uint64_t count, dropped;

        link_key(&key, object, &ident);
        entry = table_find(&object->links, &key);
        if (!entry)
                return;

        count = link_count(entry);
        dropped = all ? count : 1;
        count -= dropped;
        if (count == 0) {
                table_remove(&object->links, entry);
        } else {
                /* the same size: replaced in place, which cannot fail */
                (void)table_set(&object->links, &key, span_of(&count, sizeof(count)), NULL);
        }

        target = store_find(object->store, ident);
        if (!target)
                return;
        assert(target->n_internal >= dropped);
        target->n_internal -= dropped;
        object_suspect(target);
}

struct adoption {
        struct object *object;
        size_t n_links; /* tokens of our own that were linked, or are still to be unlinked */
};

static int adopt_token(void *data, const struct value_token *token)
{
        struct adoption *adoption = data;
        struct store *store = adoption->object->store;
        struct object *target;
        int r;

        if (!store_is_own(store, token->ident))
                return 0;
        target = store_find(store, token->ident);
        if (!target)
                return -STATUS_NO_OBJECT;
        r = object_link(adoption->object, target);
        if (r < 0)
                return r;
        ++adoption->n_links;
        return 0;
}

static int disown_token(void *data, const struct value_token *token)
{
        struct adoption *adoption = data;

        if (!store_is_own(adoption->object->store, token->ident))
                return 0;
        if (adoption->n_links == 0)
                return 1;
        --adoption->n_links;
        object_unlink(adoption->object, token->ident, false);
        return 0;
}

int object_adopt(struct object *object, struct span value)
{
        struct adoption adoption = { object, 0 };
        int r;

        r = value_visit_tokens(value, adopt_token, &adoption);
        if (r < 0)
                value_visit_tokens(value, disown_token, &adoption);
        return r;
}

void object_disown(struct object *object, struct span value)
{
        struct adoption adoption = { object, SIZE_MAX };

        if (object_has_links(object))
                value_visit_tokens(value, disown_token, &adoption);
}

void object_disown_all(struct object *object)
{
        size_t budget = SIZE_MAX;

        object_disown_some(object, &budget);
}

bool object_disown_some(struct object *object, size_t *budget)
{
        struct table_entry *entry;
        uint64_t ident;

        while ((entry = table_first(&object->links))) {
                if (*budget == 0)
                        return false;
                --*budget;
                memcpy(&ident, table_entry_key(entry).data, sizeof(ident));
                object_unlink(object, ident, true);
        }
        return true;
}

/* --- waiting */

void line_init(struct line *line, struct object *object)
{
        *line = (struct line){ .object = object };
        list_init(&line->waiters);
        list_init(&line->in_notified);
}

void line_notify(struct line *line)
{
        if (!list_is_linked(&line->in_notified) && !line_is_empty(line))
                list_append(&line->object->store->notified, &line->in_notified);
}
