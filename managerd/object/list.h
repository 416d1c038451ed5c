/*
 * list - intrusive doubly linked lists
 *
 * A node is embedded in what is listed, and named for the list that it is on.
 * An unlinked node points to itself, so that unlinking twice does no harm.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list_node {
        struct list_node *prev, *next;
};

#define LIST_INIT(list) ((struct list_node){ &(list), &(list) })

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define list_for_each(at, list)                                                                    \
        for (struct list_node *at = (list)->next; at != (list); at = at->next)

/* The body may unlink `at`. */
#define list_for_each_safe(at, list)                                                               \
        for (struct list_node *at = (list)->next, *at##_next = at->next; at != (list);             \
             at = at##_next, at##_next = at->next)

static inline void list_init(struct list_node *node)
{
        node->prev = node->next = node;
}

static inline bool list_is_empty(const struct list_node *list)
{
        return list->next == list;
}

static inline bool list_is_linked(const struct list_node *node)
{
        return node->next != node;
}

static inline void list_append(struct list_node *list, struct list_node *node)
{
        node->prev = list->prev;
        node->next = list;
        list->prev->next = node;
        list->prev = node;
}

static inline void list_unlink(struct list_node *node)
{
        node->prev->next = node->next;
        node->next->prev = node->prev;
        list_init(node);
}

/* Appends all of `from`, which is empty afterwards. */
static inline void list_move(struct list_node *list, struct list_node *from)
{
        if (list_is_empty(from))
                return;
        from->prev->next = list;
        from->next->prev = list->prev;
        list->prev->next = from->next;
        list->prev = from->prev;
        list_init(from);
}
