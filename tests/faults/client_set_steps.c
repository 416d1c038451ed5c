/*
 * client_set_steps - what a client does to a set while its memory runs out
 *
 * Each step makes one call that changes something, or any number that only read.
 */
#include "tests/faults/client_steps.h"

/* Runs a call whose result is a value. */
#define STEP_VALUE(name, call)                                                                     \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_value value;                                                                   \
                int r = call;                                                                      \
                                                                                                   \
                if (r >= 0)                                                                        \
                        mgr_value_clear(&value);                                                   \
                return r;                                                                          \
        }

#define STEP_CALL(name, call)                                                                      \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                return call;                                                                       \
        }

STEP_CALL(set_add, mgr_set_add(s->s, "new " TEXT))
STEP_CALL(set_add_proxy, mgr_set_add(s->s, s->l))
STEP_CALL(set_discard, mgr_set_discard(s->s, TEXT))
STEP_CALL(set_remove, mgr_set_remove(s->s, TEXT))
STEP_CALL(set_contains, mgr_set_contains(s->s, TEXT))
STEP_VALUE(set_pop, mgr_set_pop(s->s, &value))
STEP_CALL(set_pop_unwanted, mgr_set_pop(s->s, NULL))
STEP_CALL(set_update, mgr_set_update(s->s, TEXT))
STEP_CALL(set_update_dict, mgr_set_update(s->s, s->d))
STEP_CALL(set_intersection_update, mgr_set_intersection_update(s->s, s->d))
STEP_CALL(set_difference_update, mgr_set_difference_update(s->s, s->s))
STEP_CALL(set_symmetric_difference_update, mgr_set_symmetric_difference_update(s->s, TEXT))
STEP_CALL(set_clear, mgr_set_clear(s->s))
STEP_VALUE(set_union, mgr_set_union(s->s, s->d, &value))
STEP_VALUE(set_intersection, mgr_set_intersection(s->s, s->s, &value))
STEP_VALUE(set_difference, mgr_set_difference(s->s, TEXT, &value))
STEP_VALUE(set_symmetric_difference, mgr_set_symmetric_difference(s->s, TEXT, &value))
STEP_VALUE(set_copy, mgr_set_copy(s->s, &value))
STEP_CALL(set_isdisjoint, mgr_set_isdisjoint(s->s, TEXT))
STEP_CALL(set_issubset, mgr_set_issubset(s->s, s->s))
STEP_CALL(set_issuperset, mgr_set_issuperset(s->s, TEXT))
STEP_VALUE(set_repr, mgr_set_repr(s->s, &value))
STEP_VALUE(set_str, mgr_set_str(s->s, &value))

static int set_len(struct scene *s)
{
        size_t n;

        return mgr_set_len(s->s, &n);
}

static int set_page(struct scene *s)
{
        mgr_value cursor = MGR_NONE, elements;
        int r;

        do {
                r = mgr_set_page(s->s, &cursor, 2, &elements);
                if (r >= 0)
                        mgr_value_clear(&elements);
        } while (r > 0);
        mgr_value_clear(&cursor);
        return r;
}

static int set_walk(struct scene *s)
{
        mgr_value key, value;
        mgr_walk *walk;
        int r = mgr_set_walk(s->s, &walk);

        if (r < 0)
                return r;
        do
                r = mgr_walk_next(walk, &key, &value);
        while (r > 0);
        mgr_walk_free(walk);
        return r;
}

static int new_set(struct scene *s)
{
        mgr_value content = mgr_str(TEXT), copy;
        mgr_set *set;
        int r = mgr_set_new_value(s->m, &content, &set);

        if (r < 0)
                return r;
        r = mgr_set_copy(set, &copy);
        mgr_set_free(set);
        if (r < 0)
                return r;
        r = mgr_set_new_value(s->m, &copy, &set);
        mgr_value_clear(&copy);
        if (r == 0)
                mgr_set_free(set);
        return r;
}

/* --- all of them */

#define READS(name)                                                                                \
        {                                                                                          \
#name, name, 0                                                                     \
        }
#define CHANGES(name)                                                                              \
        {                                                                                          \
#name, name, STEP_CHANGES                                                          \
        }

const struct step set_steps[] = {
        CHANGES(set_add),
        CHANGES(set_add_proxy),
        CHANGES(set_discard),
        CHANGES(set_remove),
        READS(set_contains),
        CHANGES(set_pop),
        CHANGES(set_pop_unwanted),
        CHANGES(set_update),
        CHANGES(set_update_dict),
        CHANGES(set_intersection_update),
        CHANGES(set_difference_update),
        CHANGES(set_symmetric_difference_update),
        CHANGES(set_clear),
        READS(set_union),
        READS(set_intersection),
        READS(set_difference),
        READS(set_symmetric_difference),
        READS(set_copy),
        READS(set_isdisjoint),
        READS(set_issubset),
        READS(set_issuperset),
        READS(set_len),
        READS(set_page),
        READS(set_walk),
        READS(set_repr),
        READS(set_str),
        READS(new_set),
};

const size_t n_set_steps = sizeof(set_steps) / sizeof(set_steps[0]);
