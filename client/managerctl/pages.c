/*
 * pages - a dict, list, set, Array or Queue that may be too big for one reply, a part at a time
 */
#include "client/managerctl/pages.h"

#define PAGE 1000

int pages_init(struct pages *pages, const mgr_proxy *proxy)
{
        const mgr_value value = mgr_from_proxy(proxy);
        int r = 0;

        *pages = (struct pages){ .more = true, .cursor = mgr_none() };
        if (strcmp(mgr_proxy_typeid(proxy), "dict") == 0)
                r = mgr_value_dict(&value, &pages->dict);
        else if (strcmp(mgr_proxy_typeid(proxy), "list") == 0)
                r = mgr_value_list(&value, &pages->list);
        else if (strcmp(mgr_proxy_typeid(proxy), "set") == 0)
                r = mgr_value_set(&value, &pages->set);
        else if (strcmp(mgr_proxy_typeid(proxy), "Array") == 0)
                r = mgr_value_array(&value, &pages->array);
        else if (strcmp(mgr_proxy_typeid(proxy), "Queue") == 0 ||
                 strcmp(mgr_proxy_typeid(proxy), "JoinableQueue") == 0)
                r = mgr_value_queue(&value, &pages->queue);
        else
                return 0;
        return r < 0 ? r : 1;
}

void pages_deinit(struct pages *pages)
{
        mgr_value_clear(&pages->cursor);
        mgr_dict_free(pages->dict);
        mgr_list_free(pages->list);
        mgr_set_free(pages->set);
        mgr_array_free(pages->array);
        mgr_queue_free(pages->queue);
}

static int take(struct pages *pages, size_t count, mgr_value *page)
{
        if (pages->dict)
                return mgr_dict_page(pages->dict, &pages->cursor, count, page);
        if (pages->set)
                return mgr_set_page(pages->set, &pages->cursor, count, page);
        if (pages->array)
                return mgr_array_page(pages->array, &pages->start, count, page);
        if (pages->queue)
                return mgr_queue_page(pages->queue, &pages->start, count, page);
        return mgr_list_page(pages->list, &pages->start, count, page);
}

/* The daemon ends a page at 1 MiB, which may be more than a reply of its may be. */
int pages_next(struct pages *pages, size_t count, mgr_value *page)
{
        int r;

        if (count > PAGE)
                count = PAGE;
        do {
                r = take(pages, count, page);
                count /= 2;
        } while (r == MGR_ETOO_LARGE && count > 0);
        if (r < 0)
                return r;
        pages->more = r > 0;
        return 0;
}

void pages_go_back(struct pages *pages, mgr_value *cursor)
{
        mgr_value_clear(&pages->cursor);
        pages->cursor = *cursor;
        pages->more = true;
}

int pages_total(const struct pages *pages, size_t *n)
{
        if (pages->dict)
                return mgr_dict_len(pages->dict, n);
        if (pages->array)
                return mgr_array_len(pages->array, n);
        if (pages->queue)
                return mgr_queue_qsize(pages->queue, n);
        return pages->set ? mgr_set_len(pages->set, n) : mgr_list_len(pages->list, n);
}

bool pages_entry(const mgr_value *element, mgr_value *key, mgr_value *value)
{
        mgr_iter iter;

        return mgr_iter_init(&iter, element) == 0 && mgr_iter_next(&iter, key) &&
               mgr_iter_next(&iter, value);
}
