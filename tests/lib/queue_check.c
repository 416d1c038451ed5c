/*
 * queue_check - whether the state of a Queue contradicts itself
 */
#include "tests/lib/queue_check.h"

#include "managerd/types/queue_delivery.h"
#include "managerd/types/types.h"
#include "proto/pack.h"

static bool is_queue(const struct object *object)
{
        return object->type == &queue_type || object->type == &joinable_queue_type;
}

/* --- who waits */

static const char *check_lines(const struct queue *queue)
{
        const struct redelivery *redelivery = queue->redelivery;

        if (!line_is_empty(&queue->getters) && queue_length(queue) > 0)
                return "somebody waits for an item that is there";
        if (!line_is_empty(&queue->getters) && queue->shut_down)
                return "somebody waits for an item that nobody may put";
        if (!line_is_empty(&queue->pollers) && (queue_length(queue) > 0 || queue->shut_down))
                return "somebody waits to be told of an item that is there, or never will be";
        if (!line_is_empty(&queue->putters) && (queue->shut_down || queue->max_size == 0))
                return "somebody waits for room in vain, or for no reason";
        if (!line_is_empty(&queue->joiners) && queue->n_unfinished == 0)
                return "somebody waits for what is done";
        if (redelivery &&
            (!line_is_empty(&redelivery->last_getters) ||
             !line_is_empty(&redelivery->last_pollers)) &&
            (!queue->shut_down || redelivery->drained || redelivery->n_in_flight == 0 ||
             queue_length(queue) > 0))
                return "somebody waits for an item to come back that is there, or never will";
        return NULL;
}

/* --- deliveries */

/* Walks a tree in order: what it has must be what the list has from `*node` on. */
static bool tree_is_list(const struct delivery *tree, const struct list_node **node)
{
        if (!tree)
                return true;
        if ((tree->left && tree->left->priority > tree->priority) ||
            (tree->right && tree->right->priority > tree->priority) ||
            !tree_is_list(tree->left, node) || *node != &tree->on_queue)
                return false;
        *node = (*node)->next;
        return tree_is_list(tree->right, node);
}

static size_t tree_depth(const struct delivery *tree)
{
        size_t left, right;

        if (!tree)
                return 0;
        left = tree_depth(tree->left);
        right = tree_depth(tree->right);
        return 1 + (left > right ? left : right);
}

size_t queue_check_depth(const struct landed *landed)
{
        return tree_depth(landed->root);
}

static const char *check_landed(const struct redelivery *redelivery, const struct landed *landed)
{
        const struct list_node *at = landed->list.next;
        uint64_t before = 0;
        size_t n = 0;

        list_for_each(node, &landed->list) {
                const struct delivery *delivery = delivery_of(node);

                if (delivery->holding.holder || delivery->session || delivery->process)
                        return "an item that came back is held by somebody";
                if (delivery->number <= before || delivery->number > redelivery->n_numbers)
                        return "an item did not come back to its place";
                before = delivery->number;
                ++n;
        }
        if (!tree_is_list(landed->root, &at) || at != &landed->list)
                return "items that came back are found in another order";
        return n == landed->n ? NULL : "items that came back are miscounted";
}

static const char *check_taker(const struct taker *taker, size_t *n_sessions, size_t *n_processes)
{
        bool is_process = taker->key[1];

        if (list_is_empty(&taker->deliveries))
                return "somebody is remembered who has nothing in flight";
        list_for_each(node, &taker->deliveries) {
                const struct delivery *delivery =
                        is_process ? container_of(node, struct delivery, on_process)
                                   : container_of(node, struct delivery, on_session);

                if ((is_process ? delivery->process : delivery->session) != taker)
                        return "an item is in flight with somebody else";
                ++*(is_process ? n_processes : n_sessions);
        }
        return NULL;
}

static const char *check_in_flight(const struct redelivery *redelivery)
{
        size_t n = 0, n_sessions = 0, n_processes = 0;
        const char *wrong = NULL;

        list_for_each(node, &redelivery->in_flight) {
                const struct delivery *delivery = delivery_of(node);

                if (!delivery->holding.holder || delivery->n == 0 || delivery->n > redelivery->max)
                        return "an item is in flight with nobody, or once too often";
                ++n;
        }
        for (struct table_entry *entry = table_first(&redelivery->takers); entry && !wrong;
             entry = table_next(&redelivery->takers, entry)) {
                const struct taker *taker;

                memcpy(&taker, table_entry_value(entry).data, sizeof(taker));
                wrong = check_taker(taker, &n_sessions, &n_processes);
        }
        if (wrong)
                return wrong;
        return n == redelivery->n_in_flight && n == n_sessions && n == n_processes
                       ? NULL
                       : "items in flight are miscounted";
}

static const char *check_redelivery(const struct queue *queue)
{
        const struct redelivery *redelivery = queue->redelivery;
        const char *wrong = check_in_flight(redelivery);

        if (!wrong)
                wrong = check_landed(redelivery, &redelivery->returned);
        if (!wrong)
                wrong = check_landed(redelivery, &redelivery->dead);
        if (!wrong && queue->n_unfinished != queue_length(queue) + redelivery->n_in_flight)
                wrong = "items that are not done are miscounted";
        return wrong;
}

const char *queue_check(struct object *object)
{
        const struct queue *queue;
        const char *wrong;

        if (!is_queue(object))
                return NULL;
        queue = queue_of(object);
        wrong = check_lines(queue);
        return wrong || !queue->redelivery ? wrong : check_redelivery(queue);
}

/* --- what is stored */

static void pack_deliveries(const struct list_node *list, struct buffer *out)
{
        list_for_each(node, list)
                pack_packed(out, delivery_item(delivery_of(node)));
}

bool queue_check_pack(struct object *object, struct buffer *out)
{
        const struct redelivery *redelivery;
        const struct queue *queue;
        size_t n;

        if (!is_queue(object))
                return false;
        queue = queue_of(object);
        redelivery = queue->redelivery;
        n = queue_length(queue);
        pack_array(out, redelivery ? n + redelivery->n_in_flight + redelivery->dead.n : n);
        queue_pack(queue, 0, n, out);
        if (redelivery) {
                pack_deliveries(&redelivery->in_flight, out);
                pack_deliveries(&redelivery->dead.list, out);
        }
        return true;
}
