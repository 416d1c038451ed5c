/*
 * queue_landed - redelivery: items that nobody has, in their order
 *
 * They come back in any order, thousands at a time where somebody dies, and each to its
 * place. So besides the list they are in there is a tree over them, a treap: sorted by
 * number, and no node is above one of a higher priority. Priorities are a hash of the number
 * under the daemon's key, so that the tree is of logarithmic depth, whatever a client does.
 * Nothing is allocated, and only the first is ever taken out.
 */
#include "managerd/types/queue_delivery.h"

void landed_init(struct landed *landed)
{
        *landed = (struct landed){ .n = 0 };
        list_init(&landed->list);
}

/*
 * Parts the tree `at` by the delivery's number: what is before it becomes its left side, the
 * rest its right side. Returns the last that is before it, or `before`.
 */
static struct delivery *landed_part(struct delivery *at, struct delivery *delivery,
                                    struct delivery *before)
{
        struct delivery **left = &delivery->left, **right = &delivery->right;

        while (at) {
                if (at->number < delivery->number) {
                        before = *left = at;
                        left = &at->right;
                        at = *left;
                } else {
                        *right = at;
                        right = &at->left;
                        at = *right;
                }
        }
        *left = *right = NULL;
        return before;
}

void landed_insert(struct landed *landed, struct delivery *delivery)
{
        struct delivery **place = &landed->root, *before = NULL;
        struct list_node *behind;

        while (*place && (*place)->priority >= delivery->priority) {
                if ((*place)->number < delivery->number) {
                        before = *place;
                        place = &before->right;
                } else {
                        place = &(*place)->left;
                }
        }
        before = landed_part(*place, delivery, before);
        *place = delivery;

        behind = before ? before->on_queue.next : landed->list.next;
        list_append(behind, &delivery->on_queue);
        ++landed->n;
}

struct delivery *landed_take(struct landed *landed)
{
        struct delivery **place = &landed->root, *first;

        while ((*place)->left)
                place = &(*place)->left;
        first = *place;
        *place = first->right;
        first->right = NULL;
        list_unlink(&first->on_queue);
        --landed->n;
        return first;
}

void landed_take_all(struct landed *landed, struct list_node *deliveries)
{
        list_move(deliveries, &landed->list);
        landed_init(landed);
}
