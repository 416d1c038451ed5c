/*
 * client_steps - what a client does to a dict and a list while its memory runs out
 *
 * Each step makes one call that changes something, or any number that only read.
 */
#include "tests/faults/client_steps.h"

#include <limits.h>
#include <string.h>

#define BIG_SIZE 300000

/* Runs a call of d or l whose result is a value. */
#define STEP_VALUE(name, call)                                                                     \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_value value;                                                                   \
                int r = call;                                                                      \
                                                                                                   \
                (void)s;                                                                           \
                if (r >= 0)                                                                        \
                        mgr_value_clear(&value);                                                   \
                return r;                                                                          \
        }

#define STEP_CALL(name, call)                                                                      \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                return call;                                                                       \
        }

#define STEP_COUNT(name, call)                                                                     \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                size_t n;                                                                          \
                                                                                                   \
                return call;                                                                       \
        }

static const char *big_text(void)
{
        static char text[BIG_SIZE];

        if (!*text)
                memset(text, 'x', sizeof(text) - 1);
        return text;
}

/* [TEXT] * 30, to be cleared. */
static int compose_texts(mgr_value *list)
{
        mgr_value texts[30];

        for (int i = 0; i < 30; ++i)
                texts[i] = mgr_str(TEXT);
        return mgr_compose(MGR_KIND_LIST, texts, 30, list);
}

/* {'x': TEXT, 'y': 2}, to be cleared. */
static int compose_dict(mgr_value *dict)
{
        const mgr_value items[] = { mgr_str("x"), mgr_str(TEXT), mgr_str("y"), mgr_int(2) };

        return mgr_compose(MGR_KIND_DICT, items, 2, dict);
}

/* The call, with `with` composed for it. */
#define STEP_WITH(name, compose, call)                                                             \
        static int name(struct scene *s)                                                           \
        {                                                                                          \
                mgr_value with;                                                                    \
                int r = compose(&with);                                                            \
                                                                                                   \
                if (r < 0)                                                                         \
                        return r;                                                                  \
                r = call;                                                                          \
                mgr_value_clear(&with);                                                            \
                return r;                                                                          \
        }

/* --- dicts */

STEP_CALL(dict_set, mgr_dict_set(s->d, "new", TEXT))
STEP_CALL(dict_set_big, mgr_dict_set(s->d, "new", big_text()))
STEP_CALL(dict_set_proxy, mgr_dict_set(s->d, "new", s->l))
STEP_WITH(dict_set_container, compose_dict, mgr_dict_set(s->d, "new", &with))
STEP_VALUE(dict_get, mgr_dict_get(s->d, "text", &value))
STEP_VALUE(dict_get_list, mgr_dict_get(s->d, "list", &value))
STEP_VALUE(dict_get_proxy, mgr_dict_get(s->d, "inner", &value))
STEP_VALUE(dict_get_default, mgr_dict_get_default(s->d, "none", TEXT, &value))
STEP_CALL(dict_delete, mgr_dict_delete(s->d, "a"))
STEP_CALL(dict_contains, mgr_dict_contains(s->d, TEXT))
STEP_VALUE(dict_pop, mgr_dict_pop(s->d, "text", &value))
STEP_VALUE(dict_pop_list, mgr_dict_pop(s->d, "list", &value))
STEP_VALUE(dict_pop_proxy, mgr_dict_pop(s->d, "inner", &value))
STEP_CALL(dict_pop_unwanted, mgr_dict_pop(s->d, "inner", NULL))
STEP_VALUE(dict_pop_default, mgr_dict_pop_default(s->d, "none", TEXT, &value))
STEP_VALUE(dict_setdefault, mgr_dict_setdefault(s->d, "new", TEXT, &value))
STEP_WITH(dict_update, compose_dict, mgr_dict_update(s->d, &with))
STEP_COUNT(dict_len, mgr_dict_len(s->d, &n))
STEP_VALUE(dict_keys, mgr_dict_keys(s->d, &value))
STEP_VALUE(dict_values, mgr_dict_values(s->d, &value))
STEP_VALUE(dict_items, mgr_dict_items(s->d, &value))
STEP_VALUE(dict_reversed, mgr_dict_reversed(s->d, &value))
STEP_CALL(dict_clear, mgr_dict_clear(s->d))
STEP_VALUE(dict_copy, mgr_dict_copy(s->d, &value))
STEP_VALUE(dict_or, mgr_dict_or(s->d, s->d, &value))
STEP_VALUE(dict_ror, mgr_dict_ror(s->d, s->d, &value))
STEP_VALUE(dict_fromkeys, mgr_dict_fromkeys(s->d, s->d, TEXT, &value))
STEP_VALUE(dict_incr, mgr_dict_incr(s->d, "a", 2, &value))
STEP_VALUE(dict_incr_big, mgr_dict_incr(s->d, "a", LLONG_MAX, &value))
STEP_CALL(dict_swap, mgr_dict_compare_and_swap(s->d, "a", 1, TEXT))
STEP_VALUE(dict_repr, mgr_dict_repr(s->d, &value))
STEP_VALUE(dict_str, mgr_dict_str(s->d, &value))

static int dict_popitem(struct scene *s)
{
        mgr_value key, value;
        int r = mgr_dict_popitem(s->d, &key, &value);

        if (r == 0) {
                mgr_value_clear(&key);
                mgr_value_clear(&value);
        }
        return r;
}

static int dict_get_many(struct scene *s)
{
        const mgr_value keys[] = { mgr_str("a"), mgr_str("text"), mgr_str("none") };
        mgr_value list;
        int r = mgr_dict_get_many(s->d, keys, 3, &list);

        if (r == 0)
                mgr_value_clear(&list);
        return r;
}

static int dict_page(struct scene *s)
{
        mgr_value cursor = MGR_NONE, items;
        int r;

        do {
                r = mgr_dict_page(s->d, &cursor, 2, &items);
                if (r >= 0)
                        mgr_value_clear(&items);
        } while (r > 0);
        mgr_value_clear(&cursor);
        return r;
}

static int walk_all(mgr_walk *walk)
{
        mgr_value key, value;
        int r;

        do
                r = mgr_walk_next(walk, &key, &value);
        while (r > 0);
        mgr_walk_free(walk);
        return r;
}

static int dict_walk(struct scene *s)
{
        mgr_walk *walk;
        int r = mgr_dict_walk(s->d, &walk);

        return r < 0 ? r : walk_all(walk);
}

/* --- lists */

STEP_CALL(list_set, mgr_list_set(s->l, 0, TEXT))
STEP_VALUE(list_get, mgr_list_get(s->l, 1, &value))
STEP_VALUE(list_get_proxy, mgr_list_get(s->l, -1, &value))
STEP_CALL(list_delete, mgr_list_delete(s->l, 1))
STEP_VALUE(list_get_slice, mgr_list_get_slice(s->l, mgr_slice_of(0, 3), &value))
STEP_WITH(list_set_slice, compose_texts, mgr_list_set_slice(s->l, mgr_slice_of(0, 2), &with))
STEP_CALL(list_delete_slice, mgr_list_delete_slice(s->l, mgr_slice_of(0, 2)))
STEP_CALL(list_append, mgr_list_append(s->l, TEXT))
STEP_CALL(list_append_proxy, mgr_list_append(s->l, s->d))
STEP_CALL(list_insert, mgr_list_insert(s->l, 0, TEXT))
STEP_WITH(list_extend, compose_texts, mgr_list_extend(s->l, &with))
STEP_VALUE(list_pop, mgr_list_pop(s->l, 1, &value))
STEP_VALUE(list_pop_proxy, mgr_list_pop(s->l, -1, &value))
STEP_CALL(list_remove, mgr_list_remove(s->l, TEXT))
STEP_CALL(list_contains, mgr_list_contains(s->l, TEXT))
STEP_COUNT(list_index, mgr_list_index(s->l, TEXT, 0, MGR_OMIT, &n))
STEP_COUNT(list_count, mgr_list_count(s->l, TEXT, &n))
STEP_COUNT(list_len, mgr_list_len(s->l, &n))
STEP_CALL(list_reverse, mgr_list_reverse(s->l))
STEP_CALL(list_clear, mgr_list_clear(s->l))
STEP_VALUE(list_copy, mgr_list_copy(s->l, &value))
STEP_VALUE(list_reversed, mgr_list_reversed(s->l, &value))
STEP_VALUE(list_mul, mgr_list_mul(s->l, 3, &value))
STEP_CALL(list_imul, mgr_list_imul(s->l, 2))
STEP_VALUE(list_incr, mgr_list_incr(s->l, 0, 2, &value))
STEP_CALL(list_swap, mgr_list_compare_and_swap(s->l, 0, 1, TEXT))
STEP_VALUE(list_take, mgr_list_take(s->l, 1.0, &value))
STEP_VALUE(list_repr, mgr_list_repr(s->l, &value))
STEP_VALUE(list_str, mgr_list_str(s->l, &value))

static int list_add(struct scene *s)
{
        mgr_value texts, sum;
        int r = compose_texts(&texts);

        if (r < 0)
                return r;
        r = mgr_list_add(s->l, &texts, &sum);
        if (r == 0)
                mgr_value_clear(&sum);
        mgr_value_clear(&texts);
        return r;
}

static int list_sort(struct scene *s)
{
        mgr_value texts;
        mgr_list *l = NULL;
        int r = compose_texts(&texts);

        if (r < 0)
                return r;
        r = mgr_list_new_value(s->m, &texts, &l);
        if (r == 0)
                r = mgr_list_sort(l, true);
        mgr_list_free(l);
        mgr_value_clear(&texts);
        return r;
}

static int list_get_many(struct scene *s)
{
        const int64_t indexes[] = { 0, 1, -1 };
        mgr_value list;
        int r = mgr_list_get_many(s->l, indexes, 3, &list);

        if (r == 0)
                mgr_value_clear(&list);
        return r;
}

static int list_page(struct scene *s)
{
        uint64_t start = 0;
        mgr_value list;
        int r;

        do {
                r = mgr_list_page(s->l, &start, 3, &list);
                if (r >= 0)
                        mgr_value_clear(&list);
        } while (r > 0);
        return r;
}

static int list_walk(struct scene *s)
{
        mgr_walk *walk;
        int r = mgr_list_walk(s->l, &walk);

        return r < 0 ? r : walk_all(walk);
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

const struct step container_steps[] = {
        CHANGES(dict_set),
        CHANGES(dict_set_big),
        CHANGES(dict_set_proxy),
        CHANGES(dict_set_container),
        READS(dict_get),
        READS(dict_get_list),
        READS(dict_get_proxy),
        READS(dict_get_default),
        CHANGES(dict_delete),
        READS(dict_contains),
        CHANGES(dict_pop),
        CHANGES(dict_pop_list),
        CHANGES(dict_pop_proxy),
        CHANGES(dict_pop_unwanted),
        READS(dict_pop_default),
        CHANGES(dict_popitem),
        CHANGES(dict_setdefault),
        CHANGES(dict_update),
        READS(dict_len),
        READS(dict_keys),
        READS(dict_values),
        READS(dict_items),
        READS(dict_reversed),
        CHANGES(dict_clear),
        READS(dict_copy),
        READS(dict_or),
        READS(dict_ror),
        READS(dict_fromkeys),
        CHANGES(dict_incr),
        CHANGES(dict_incr_big),
        CHANGES(dict_swap),
        READS(dict_get_many),
        READS(dict_page),
        READS(dict_walk),
        READS(dict_repr),
        READS(dict_str),
        CHANGES(list_set),
        READS(list_get),
        READS(list_get_proxy),
        CHANGES(list_delete),
        READS(list_get_slice),
        CHANGES(list_set_slice),
        CHANGES(list_delete_slice),
        CHANGES(list_append),
        CHANGES(list_append_proxy),
        CHANGES(list_insert),
        CHANGES(list_extend),
        CHANGES(list_pop),
        CHANGES(list_pop_proxy),
        CHANGES(list_remove),
        READS(list_contains),
        READS(list_index),
        READS(list_count),
        READS(list_len),
        CHANGES(list_reverse),
        CHANGES(list_clear),
        READS(list_sort),
        READS(list_copy),
        READS(list_reversed),
        READS(list_add),
        READS(list_mul),
        CHANGES(list_imul),
        CHANGES(list_incr),
        CHANGES(list_swap),
        CHANGES(list_take),
        READS(list_get_many),
        READS(list_page),
        READS(list_walk),
        READS(list_repr),
        READS(list_str),
};

const size_t n_container_steps = sizeof(container_steps) / sizeof(container_steps[0]);
