/*
 * client_shared_steps - what a client does with memory that it shares while its own runs out
 *
 * No daemon knows of it: each step looks for itself at what a failure has left.
 */
#include "tests/faults/client_steps.h"

static const long long ints[] = { 1, 2, 3 };
static const double reals[] = { 0.5, 1.5 };

/* Makes an array, and gives it up again. */
#define STEP_NEW(name, call)                                                                       \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_shared_array *a;                                                               \
                int r;                                                                             \
                                                                                                   \
                (void)s;                                                                           \
                r = call;                                                                          \
                if (r == 0)                                                                        \
                        mgr_shared_array_free(a);                                                  \
                return r;                                                                          \
        }

STEP_NEW(shared_new_ints, mgr_shared_array_new('h', ints, 3, 0, &a))
STEP_NEW(shared_new_doubles, mgr_shared_array_new('f', reals, 2, 0, &a))
STEP_NEW(shared_new_zeros, mgr_shared_array_new_zeros('q', 5, MGR_SHARED_NO_LOCK, &a))
STEP_NEW(shared_new_bytes, mgr_shared_array_new_value('c', MGR_IN(mgr_bytes("abc", 3)), 0, &a))
STEP_NEW(shared_new_text, mgr_shared_array_new_value('u', MGR_IN(TEXT), 0, &a))

/* Something is done to an array of 3 items, which are what they were where it fails. */
#define STEP_WITH(name, call)                                                                      \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                const int *items;                                                                  \
                mgr_shared_array *a;                                                               \
                mgr_value value = mgr_none();                                                      \
                long long n;                                                                       \
                int r;                                                                             \
                                                                                                   \
                (void)s;                                                                           \
                (void)n;                                                                           \
                r = mgr_shared_array_new('i', ints, 3, 0, &a);                                     \
                if (r < 0)                                                                         \
                        return r;                                                                  \
                items = mgr_shared_array_data(a);                                                  \
                r = call;                                                                          \
                if (r < 0 && (items[0] != 1 || items[1] != 2 || items[2] != 3))                    \
                        r = MGR_EPROTOCOL;                                                         \
                if (r == 0)                                                                        \
                        r = mgr_shared_array_lock(a, 0); /* it was not kept */                     \
                mgr_value_clear(&value);                                                           \
                mgr_shared_array_free(a);                                                          \
                return r;                                                                          \
        }

STEP_WITH(shared_get, mgr_shared_array_get(a, 0, &value))
STEP_WITH(shared_set, mgr_shared_array_set(a, 0, 5))
STEP_WITH(shared_incr, mgr_shared_array_incr(a, 0, 5, &n))
STEP_WITH(shared_write, mgr_shared_array_write(a, 1, ints, 2))
STEP_WITH(shared_get_slice, mgr_shared_array_get_slice(a, mgr_slice_of(0, 3), &value))

static int shared_swap(struct scene *s)
{
        mgr_shared_cell *c;
        int r;

        (void)s;
        r = mgr_shared_cell_new('i', 1, 0, &c);
        if (r < 0)
                return r;
        r = mgr_shared_cell_compare_and_swap(c, 1, 2);
        mgr_shared_cell_free(c);
        return r == 1 ? 0 : r;
}

static int shared_read(struct scene *s)
{
        mgr_shared_array *a;
        long long back[3];
        int r;

        (void)s;
        r = mgr_shared_array_new('i', ints, 3, 0, &a);
        if (r < 0)
                return r;
        r = mgr_shared_array_read(a, 0, back, 3, NULL);
        mgr_shared_array_free(a);
        return r;
}

static int shared_set_slice(struct scene *s)
{
        const mgr_value pair[] = { mgr_int(7), mgr_int(8) };
        mgr_shared_array *a;
        mgr_value list;
        int r;

        (void)s;
        r = mgr_compose(MGR_KIND_LIST, pair, 2, &list);
        if (r < 0)
                return r;
        r = mgr_shared_array_new_zeros('i', 2, 0, &a);
        if (r == 0) {
                r = mgr_shared_array_set_slice(a, mgr_slice_of(0, 2), &list);
                mgr_shared_array_free(a);
        }
        mgr_value_clear(&list);
        return r;
}

/* Characters are text, which is allocated. */
static int shared_get_text(struct scene *s)
{
        mgr_shared_array *a;
        mgr_value one, all;
        int r;

        (void)s;
        r = mgr_shared_array_new_value('u', MGR_IN(TEXT), 0, &a);
        if (r < 0)
                return r;
        r = mgr_shared_array_get(a, 0, &one);
        if (r == 0) {
                mgr_value_clear(&one);
                r = mgr_shared_array_get_slice(a, mgr_slice_of(0, MGR_OMIT), &all);
                if (r == 0)
                        mgr_value_clear(&all);
        }
        mgr_shared_array_free(a);
        return r;
}

static int shared_memory(struct scene *s)
{
        mgr_shared_memory *memory, *same;
        int r;

        (void)s;
        r = mgr_shared_memory_create(NULL, 100, &memory);
        if (r < 0)
                return r;
        r = mgr_shared_memory_attach(mgr_shared_memory_name(memory), &same);
        if (r == 0)
                mgr_shared_memory_free(same);
        mgr_shared_memory_unlink(memory);
        mgr_shared_memory_free(memory);
        return r;
}

#define READS(name)                                                                                \
        {                                                                                          \
#name, name, 0                                                                     \
        }

const struct step shared_steps[] = {
        READS(shared_new_ints),  READS(shared_new_doubles), READS(shared_new_zeros),
        READS(shared_new_bytes), READS(shared_new_text),    READS(shared_get),
        READS(shared_set),       READS(shared_incr),        READS(shared_write),
        READS(shared_get_slice), READS(shared_swap),        READS(shared_read),
        READS(shared_set_slice), READS(shared_get_text),    READS(shared_memory),
};

const size_t n_shared_steps = sizeof(shared_steps) / sizeof(shared_steps[0]);
