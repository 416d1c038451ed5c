/*
 * ticket - references on their way from one process to another
 *
 * lend() makes a ticket that holds a reference for each ident; claim() turns it
 * into references of the claiming process. A ticket that nobody claims expires.
 */
#pragma once

#include "managerd/engine/process.h"

#define TICKET_LIFETIME_NS (UINT64_C(60) * 1000 * 1000 * 1000)

struct ticket {
        uint64_t number;
        uint64_t deadline;
        struct list_node in_tickets;
        size_t n_objects;
        struct object *objects[]; /* retained */
};

struct tickets {
        struct store *store;   /* borrowed */
        struct table index;    /* number → struct ticket * */
        struct list_node list; /* struct ticket.in_tickets: all live equally long, the oldest
                                  expires first */
        uint64_t next_number;
};

void tickets_init(struct tickets *tickets, struct store *store);
void tickets_deinit(struct tickets *tickets);

/*
 * Makes a ticket for a packed list or tuple of idents, an ident as often as it
 * occurs. -STATUS_TYPE where it is something else, -STATUS_NO_OBJECT, -STATUS_NOMEM.
 */
int tickets_lend(struct tickets *tickets, struct span idents, uint64_t now, uint64_t *number);

/* Moves its references to the image; the ticket is gone. -STATUS_VALUE where there is no such one,
 * -STATUS_NOMEM. */
int tickets_claim(struct tickets *tickets, uint64_t number, struct image *image);

uint64_t tickets_next_deadline(const struct tickets *tickets);
void tickets_expire(struct tickets *tickets, uint64_t now);
