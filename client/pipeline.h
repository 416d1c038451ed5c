/*
 * pipeline - many requests on their way at once
 *
 * Sends while it reads: the daemon stops reading from a session whose replies pile
 * up, so whoever sends first and reads later may wait for ever.
 */
#pragma once

#include "client/connection.h"

/* Frames that arrived, one behind the other. */
struct replies {
        struct buffer bytes;
        size_t *ends; /* owned: where each one ends */
        size_t n;
        size_t n_room;
};

void replies_init(struct replies *replies);
void replies_deinit(struct replies *replies);

/* Forgets them; keeps the memory unless there is much of it. */
void replies_clear(struct replies *replies);

/* The payload of frame i. */
struct span replies_at(const struct replies *replies, size_t i);

/*
 * Sends whole requests, all of them plain, and collects their n replies. On failure
 * (-STATUS_GONE, -STATUS_TIMEOUT, or one that is set) replies->n tells how many came, *n_sent
 * how many bytes were taken; the connection is of no use any more.
 */
int pipeline_run(struct connection *connection, struct span requests, size_t n, uint64_t deadline,
                 struct replies *replies, size_t *n_sent);
