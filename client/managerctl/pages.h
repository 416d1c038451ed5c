/*
 * pages - a dict, list, set, Array or Queue that may be too big for one reply, a part at a time
 */
#pragma once

#include <manager.h>

struct pages {
        mgr_dict *dict; /* one of them, owned; NULL the others */
        mgr_list *list;
        mgr_set *set;
        mgr_array *array;
        mgr_queue *queue;
        bool more; /* there is a page behind those that were taken */
        mgr_value cursor;
        uint64_t start;
};

/* 1 for a dict, a list, a set, an Array or a Queue, 0 where it is none of them, or MGR_E*. */
int pages_init(struct pages *pages, const mgr_proxy *proxy);
void pages_deinit(struct pages *pages);

/* The next page, of at most `count` elements: of a dict [key, value] lists. 0 or MGR_E*. */
int pages_next(struct pages *pages, size_t count, mgr_value *page);

/* Back to where a dict's cursor was, which is consumed. There is a page behind it. */
void pages_go_back(struct pages *pages, mgr_value *cursor);

/* How many elements there are now. 0 or MGR_E*. */
int pages_total(const struct pages *pages, size_t *n);

/* The key and value of an element of a dict's page. False where it is none. */
bool pages_entry(const mgr_value *element, mgr_value *key, mgr_value *value);
