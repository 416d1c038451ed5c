/*
 * ticket - references on their way from one process to another
 */
#include "managerd/engine/ticket.h"

#include <stdlib.h>

#include "managerd/object/index.h"
#include "proto/status.h"
#include "proto/value.h"

void tickets_init(struct tickets *tickets, struct store *store)
{
        *tickets = (struct tickets){ .store = store, .next_number = 1 };
        table_init(&tickets->index, &store->world);
        list_init(&tickets->list);
}

static struct span ticket_key(const struct ticket *ticket)
{
        return span_of(&ticket->number, sizeof(ticket->number));
}

static size_t ticket_size(const struct ticket *ticket)
{
        return sizeof(*ticket) + ticket->n_objects * sizeof(ticket->objects[0]);
}

static void ticket_free(struct tickets *tickets, struct ticket *ticket)
{
        index_remove(&tickets->index, ticket_key(ticket));
        for (size_t i = 0; i < ticket->n_objects; ++i)
                object_release(ticket->objects[i]);
        list_unlink(&ticket->in_tickets);
        memory_refund(&tickets->store->memory, ticket_size(ticket));
        free(ticket);
}

void tickets_deinit(struct tickets *tickets)
{
        while (!list_is_empty(&tickets->list))
                ticket_free(tickets, container_of(tickets->list.next, struct ticket, in_tickets));
        table_deinit(&tickets->index);
}

static int ticket_fill(struct ticket *ticket, struct store *store, struct value_iter *iter)
{
        struct span element;
        uint64_t ident;

        for (size_t i = 0; value_iter_next(iter, &element); ++i) {
                if (!value_get_uint64(element, &ident))
                        return -STATUS_TYPE;
                ticket->objects[i] = store_find(store, ident);
                if (!ticket->objects[i])
                        return -STATUS_NO_OBJECT;
        }
        return 0;
}

static int ticket_new(struct tickets *tickets, struct value_iter *iter, size_t n,
                      struct ticket **out)
{
        struct ticket *ticket;
        size_t size = sizeof(*ticket) + n * sizeof(ticket->objects[0]);
        int r;

        if (!memory_charge(&tickets->store->memory, size))
                return -STATUS_NOMEM;
        ticket = calloc(1, size);
        r = ticket ? ticket_fill(ticket, tickets->store, iter) : -STATUS_NOMEM;
        if (r < 0) {
                free(ticket);
                memory_refund(&tickets->store->memory, size);
                return r;
        }
        ticket->n_objects = n;
        for (size_t i = 0; i < n; ++i)
                object_retain(ticket->objects[i]);
        *out = ticket;
        return 0;
}

int tickets_lend(struct tickets *tickets, struct span idents, uint64_t now, uint64_t *number)
{
        struct ticket *ticket;
        struct value_iter iter;
        size_t n;
        int r;

        if (value_kind(idents) != VALUE_LIST && value_kind(idents) != VALUE_TUPLE)
                return -STATUS_TYPE;
        value_iter_init(&iter, idents, &n);
        r = ticket_new(tickets, &iter, n, &ticket);
        if (r < 0)
                return r;

        ticket->number = tickets->next_number++;
        ticket->deadline = now + TICKET_LIFETIME_NS;
        list_append(&tickets->list, &ticket->in_tickets);
        r = index_set(&tickets->index, ticket_key(ticket), ticket);
        if (r < 0) {
                ticket_free(tickets, ticket);
                return r;
        }
        *number = ticket->number;
        return 0;
}

int tickets_claim(struct tickets *tickets, uint64_t number, struct image *image)
{
        struct ticket *ticket = index_find(&tickets->index, span_of(&number, sizeof(number)));
        size_t i;
        int r = 0;

        if (!ticket)
                return -STATUS_VALUE;

        for (i = 0; i < ticket->n_objects && r == 0; ++i)
                r = image_add(image, ticket->objects[i]);
        if (r < 0) {
                /* the last one was not added */
                for (--i; i-- > 0;)
                        image_remove(image, tickets->store, ticket->objects[i]->ident);
                return r;
        }
        ticket_free(tickets, ticket);
        return 0;
}

uint64_t tickets_next_deadline(const struct tickets *tickets)
{
        if (list_is_empty(&tickets->list))
                return UINT64_MAX;
        return container_of(tickets->list.next, struct ticket, in_tickets)->deadline;
}

void tickets_expire(struct tickets *tickets, uint64_t now)
{
        while (tickets_next_deadline(tickets) <= now)
                ticket_free(tickets, container_of(tickets->list.next, struct ticket, in_tickets));
}
