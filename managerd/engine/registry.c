/*
 * registry - types by their typeid, methods by name, objects by name
 */
#include "managerd/engine/registry.h"

#include <stdlib.h>

#include "proto/pack.h"
#include "proto/status.h"

/* Names are short and few: their length and three of their characters tell them apart. */
static size_t method_hash(struct span name)
{
        if (name.size == 0)
                return 0;
        return name.size * 7 + name.data[0] + name.data[name.size / 2] * 3u +
               name.data[name.size - 1] * 5u;
}

static int kind_init(struct kind *kind, const struct type *type)
{
        size_t begin;

        kind->type = type;
        buffer_init(&kind->exposed, SIZE_MAX);
        kind->n_slots = 16;
        while (kind->n_slots < type->n_methods * 4)
                kind->n_slots *= 2;
        kind->slots = calloc(kind->n_slots, sizeof(*kind->slots));
        if (!kind->slots)
                return -STATUS_NOMEM;

        begin = pack_ext_begin(&kind->exposed);
        pack_array(&kind->exposed, type->n_methods);
        for (size_t i = 0; i < type->n_methods; ++i) {
                const struct method *method = &type->methods[i];
                size_t slot = method_hash(span_of_cstr(method->name));

                while (kind->slots[slot & (kind->n_slots - 1)])
                        ++slot;
                kind->slots[slot & (kind->n_slots - 1)] = method;
                pack_cstr(&kind->exposed, method->name);
        }
        pack_ext_end(&kind->exposed, begin, EXT_TUPLE);
        return kind->exposed.failed;
}

int registry_init(struct registry *registry, const struct type *const *types, size_t n_types,
                  const struct table_world *world)
{
        int r;

        *registry = (struct registry){ 0 };
        table_init(&registry->names, world);
        registry->kinds = calloc(n_types, sizeof(*registry->kinds));
        if (!registry->kinds)
                return -STATUS_NOMEM;
        registry->n_kinds = n_types;
        for (size_t i = 0; i < n_types; ++i) {
                r = kind_init(&registry->kinds[i], types[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static struct object *named_object(const struct table_entry *entry)
{
        struct object *object;

        memcpy(&object, table_entry_value(entry).data, sizeof(object));
        return object;
}

static void registry_remove_entry(struct registry *registry, struct table_entry *entry)
{
        struct object *object = named_object(entry);

        object->name = SPAN_ABSENT;
        table_remove(&registry->names, entry);
        object_release(object);
}

void registry_deinit(struct registry *registry)
{
        struct table_entry *entry;

        while ((entry = table_first(&registry->names)))
                registry_remove_entry(registry, entry);
        table_deinit(&registry->names);
        for (size_t i = 0; i < registry->n_kinds; ++i) {
                free(registry->kinds[i].slots);
                buffer_deinit(&registry->kinds[i].exposed);
        }
        free(registry->kinds);
}

const struct kind *registry_find_kind(const struct registry *registry, struct span typeid)
{
        for (size_t i = 0; i < registry->n_kinds; ++i)
                if (span_equal(span_of_cstr(registry->kinds[i].type->name), typeid))
                        return &registry->kinds[i];
        return NULL;
}

const struct kind *registry_kind_of(const struct registry *registry, const struct type *type)
{
        for (size_t i = 0; i < registry->n_kinds; ++i)
                if (registry->kinds[i].type == type)
                        return &registry->kinds[i];
        return NULL;
}

const struct method *kind_find_method(const struct kind *kind, struct span name)
{
        const struct method *method;

        for (size_t slot = method_hash(name);; ++slot) {
                method = kind->slots[slot & (kind->n_slots - 1)];
                if (!method || span_equal(span_of_cstr(method->name), name))
                        return method;
        }
}

struct object *registry_find_name(const struct registry *registry, struct span name)
{
        struct table_key key;
        struct table_entry *entry;

        table_key_from_bytes(&key, &registry->names, name);
        entry = table_find(&registry->names, &key);
        return entry ? named_object(entry) : NULL;
}

int registry_set_name(struct registry *registry, struct span name, struct object *object)
{
        struct table_key key;
        struct table_entry *entry;
        int r;

        table_key_from_bytes(&key, &registry->names, name);
        r = table_set(&registry->names, &key, span_of(&object, sizeof(object)), &entry);
        if (r < 0)
                return r;
        object->name = table_entry_key(entry);
        object_retain(object);
        return 0;
}

bool registry_remove_name(struct registry *registry, struct span name)
{
        struct table_key key;
        struct table_entry *entry;

        table_key_from_bytes(&key, &registry->names, name);
        entry = table_find(&registry->names, &key);
        if (entry)
                registry_remove_entry(registry, entry);
        return entry != NULL;
}
