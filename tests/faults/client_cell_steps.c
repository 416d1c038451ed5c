/*
 * client_cell_steps - what a client does to a namespace, a cell and an array while its memory
 * runs out
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

/* Makes an object, and gives it up again. */
#define STEP_NEW(name, type, call)                                                                 \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_##type *object = NULL;                                                         \
                int r = call;                                                                      \
                                                                                                   \
                if (r == 0)                                                                        \
                        mgr_##type##_free(object);                                                 \
                return r;                                                                          \
        }

static const long long numbers[] = { 1, -2, 3 };
static const double reals[] = { 1.5, -2.5 };

/* --- namespaces */

STEP_CALL(namespace_set, mgr_namespace_set(s->n, "new", TEXT))
STEP_CALL(namespace_set_proxy, mgr_namespace_set(s->n, "a", s->l))
STEP_VALUE(namespace_get, mgr_namespace_get(s->n, "text", &value))
STEP_VALUE(namespace_get_proxy, mgr_namespace_get(s->n, "inner", &value))
STEP_CALL(namespace_delete, mgr_namespace_delete(s->n, "inner"))
STEP_VALUE(namespace_dict, mgr_namespace_dict(s->n, &value))
STEP_VALUE(namespace_incr, mgr_namespace_incr(s->n, "a", 2, &value))
STEP_CALL(namespace_swap, mgr_namespace_compare_and_swap(s->n, "a", 1, TEXT))
STEP_VALUE(namespace_str, mgr_namespace_str(s->n, &value))
STEP_VALUE(namespace_repr, mgr_namespace_repr(s->n, &value))
STEP_NEW(namespace_new, namespace, mgr_namespace_new(s->m, &object))
STEP_NEW(namespace_new_filled, namespace,
         mgr_namespace_new_value(s->m, MGR_IN(mgr_from_namespace(s->n)), &object))

static int namespace_swap_in(struct scene *s)
{
        const mgr_value desired = mgr_str(TEXT);

        return mgr_namespace_compare_and_swap_value(s->n, "new", NULL, &desired);
}

static int namespace_get_object(struct scene *s)
{
        const mgr_value proxy = mgr_from_namespace(s->n);
        mgr_namespace *same;
        int r;

        r = mgr_value_namespace(&proxy, &same);
        if (r == 0)
                mgr_namespace_free(same);
        return r;
}

/* --- cells */

STEP_CALL(cell_set, mgr_cell_set(s->c, TEXT))
STEP_CALL(cell_set_proxy, mgr_cell_set(s->c, s->d))
STEP_VALUE(cell_get, mgr_cell_get(s->c, &value))
STEP_VALUE(cell_incr, mgr_cell_incr(s->c, 2.5, &value))
STEP_VALUE(cell_swap, mgr_cell_swap(s->c, TEXT, &value))
STEP_CALL(cell_compare_and_swap, mgr_cell_compare_and_swap(s->c, 1, TEXT))
STEP_VALUE(cell_str, mgr_cell_str(s->c, &value))
STEP_VALUE(cell_repr, mgr_cell_repr(s->c, &value))
STEP_NEW(cell_new, cell, mgr_cell_new(s->m, "i", TEXT, &object))

/* --- arrays */

STEP_CALL(array_set, mgr_array_set(s->a, 0, 7))
STEP_VALUE(array_get, mgr_array_get(s->a, -1, &value))
STEP_VALUE(array_get_slice, mgr_array_get_slice(s->a, mgr_slice_of(0, 2), &value))
STEP_VALUE(array_incr, mgr_array_incr(s->a, 0, 2, &value))
STEP_CALL(array_swap, mgr_array_compare_and_swap(s->a, 0, 1, 5))
STEP_VALUE(array_str, mgr_array_str(s->a, &value))
STEP_VALUE(array_repr, mgr_array_repr(s->a, &value))
STEP_NEW(array_new_ints, array, mgr_array_new(s->m, 'h', numbers, 3, &object))
STEP_NEW(array_new_doubles, array, mgr_array_new(s->m, 'd', reals, 2, &object))
STEP_NEW(array_new_value, array,
         mgr_array_new_value(s->m, 'q', MGR_IN(mgr_from_array(s->a)), &object))

static int array_set_slice(struct scene *s)
{
        static const int more[] = { 7, 8, 9, 10 };
        mgr_value array;
        int r;

        r = mgr_compose_array('i', more, 4, &array);
        if (r < 0)
                return r;
        r = mgr_array_set_slice(s->a, mgr_slice_of(1, 2), &array);
        mgr_value_clear(&array);
        return r;
}

static int array_len(struct scene *s)
{
        size_t n;

        return mgr_array_len(s->a, &n);
}

static int array_read(struct scene *s)
{
        long long ints[8];
        double doubles[8];
        int r;

        r = mgr_array_read(s->a, 0, ints, 8, NULL);
        return r < 0 ? r : mgr_array_read(s->a, 1, doubles, 8, NULL);
}

static int array_page(struct scene *s)
{
        uint64_t start = 0;
        mgr_value list;
        int r;

        do {
                r = mgr_array_page(s->a, &start, 1, &list);
                if (r >= 0)
                        mgr_value_clear(&list);
        } while (r > 0);
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

const struct step cell_steps[] = {
        CHANGES(namespace_set),
        CHANGES(namespace_set_proxy),
        READS(namespace_get),
        READS(namespace_get_proxy),
        CHANGES(namespace_delete),
        READS(namespace_dict),
        CHANGES(namespace_incr),
        CHANGES(namespace_swap),
        CHANGES(namespace_swap_in),
        READS(namespace_str),
        READS(namespace_repr),
        READS(namespace_new),
        READS(namespace_new_filled),
        READS(namespace_get_object),
        CHANGES(cell_set),
        CHANGES(cell_set_proxy),
        READS(cell_get),
        CHANGES(cell_incr),
        CHANGES(cell_swap),
        CHANGES(cell_compare_and_swap),
        READS(cell_str),
        READS(cell_repr),
        READS(cell_new),
        CHANGES(array_set),
        READS(array_get),
        READS(array_get_slice),
        CHANGES(array_set_slice),
        CHANGES(array_incr),
        CHANGES(array_swap),
        READS(array_len),
        READS(array_read),
        READS(array_page),
        READS(array_str),
        READS(array_repr),
        READS(array_new_ints),
        READS(array_new_doubles),
        READS(array_new_value),
};

const size_t n_cell_steps = sizeof(cell_steps) / sizeof(cell_steps[0]);
