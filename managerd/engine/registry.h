/*
 * registry - types by their typeid, methods by name, objects by name
 */
#pragma once

#include "managerd/object/store.h"

/* A type with what is looked up in it, made once at start. */
struct kind {
        const struct type *type;
        const struct method **slots; /* hash table of its methods, NULL where empty */
        size_t n_slots;              /* a power of two */
        struct buffer exposed;       /* the packed tuple of method names that create() returns */
};

struct registry {
        struct kind *kinds;
        size_t n_kinds;
        struct table names; /* name → struct object *, one reference each */
};

int registry_init(struct registry *registry, const struct type *const *types, size_t n_types,
                  const struct table_world *world);

/* The named objects are released. */
void registry_deinit(struct registry *registry);

const struct kind *registry_find_kind(const struct registry *registry, struct span typeid);
const struct kind *registry_kind_of(const struct registry *registry, const struct type *type);
const struct method *kind_find_method(const struct kind *kind, struct span name);

struct object *registry_find_name(const struct registry *registry, struct span name);

/* Names an object that has no name, and refers to it. The name must be free. 0 or -STATUS_NOMEM. */
int registry_set_name(struct registry *registry, struct span name, struct object *object);

/* False where there is no such name. */
bool registry_remove_name(struct registry *registry, struct span name);
