/*
 * walk - through a dict, list or set, a page at a time
 */
#include <stdlib.h>

#include "client/call.h"
#include "client/error.h"

#define WALK_PAGE 1000

struct mgr_walk {
        mgr_dict *dict; /* shared; or */
        mgr_list *list; /* shared; or */
        mgr_set *set;   /* shared */
        bool more;      /* there is a page behind the one that is here */
        mgr_value cursor;
        uint64_t start; /* of the next page of a list */
        uint64_t index; /* of the next element of a list */
        mgr_value page;
        mgr_iter iter;
};

static int walk_new(mgr_dict *dict, mgr_list *list, mgr_set *set, mgr_walk **walk)
{
        mgr_walk *w = calloc(1, sizeof(*w));

        if (!w)
                return error_set_status(-STATUS_NOMEM);
        w->dict = mgr_dict_ref(dict);
        w->list = mgr_list_ref(list);
        w->set = mgr_set_ref(set);
        w->more = true;
        w->cursor = w->page = mgr_none();
        *walk = w;
        return 0;
}

int mgr_dict_walk(const mgr_dict *d, mgr_walk **walk)
{
        if (!d || !walk)
                return error_set_status(-STATUS_ARGUMENT);
        return walk_new((mgr_dict *)mgr_dict_proxy(d), NULL, NULL, walk);
}

int mgr_list_walk(const mgr_list *l, mgr_walk **walk)
{
        if (!l || !walk)
                return error_set_status(-STATUS_ARGUMENT);
        return walk_new(NULL, (mgr_list *)mgr_list_proxy(l), NULL, walk);
}

int mgr_set_walk(const mgr_set *s, mgr_walk **walk)
{
        if (!s || !walk)
                return error_set_status(-STATUS_ARGUMENT);
        return walk_new(NULL, NULL, (mgr_set *)mgr_set_proxy(s), walk);
}

void mgr_walk_free(mgr_walk *walk)
{
        if (!walk)
                return;
        mgr_value_clear(&walk->page);
        mgr_value_clear(&walk->cursor);
        mgr_dict_free(walk->dict);
        mgr_list_free(walk->list);
        mgr_set_free(walk->set);
        free(walk);
}

static int walk_turn_page(mgr_walk *walk)
{
        mgr_value page;
        int r;

        walk->index = walk->start;
        if (walk->dict)
                r = mgr_dict_page(walk->dict, &walk->cursor, WALK_PAGE, &page);
        else if (walk->set)
                r = mgr_set_page(walk->set, &walk->cursor, WALK_PAGE, &page);
        else
                r = mgr_list_page(walk->list, &walk->start, WALK_PAGE, &page);
        if (r < 0)
                return r;
        walk->more = r > 0;
        mgr_value_clear(&walk->page);
        walk->page = page;
        return mgr_iter_init(&walk->iter, &walk->page);
}

int mgr_walk_next(mgr_walk *walk, mgr_value *key, mgr_value *value)
{
        mgr_value element, unused;
        mgr_iter pair;
        int r;

        if (!walk)
                return error_set_status(-STATUS_ARGUMENT);
        while (!mgr_iter_next(&walk->iter, &element)) {
                if (!walk->more)
                        return 0;
                r = walk_turn_page(walk);
                if (r < 0)
                        return r;
        }
        key = key ? key : &unused;
        value = value ? value : &unused;
        if (walk->list) {
                *key = mgr_uint(walk->index++);
                *value = element;
                return 1;
        }
        if (walk->set) {
                *key = *value = element;
                return 1;
        }
        if (mgr_iter_init(&pair, &element) < 0 || !mgr_iter_next(&pair, key) ||
            !mgr_iter_next(&pair, value))
                return error_set(-STATUS_PROTOCOL, "a page without pairs");
        return 1;
}
