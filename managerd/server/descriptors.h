/*
 * descriptors - how many the daemon may have, and what it has them for
 *
 * A connection takes one, and every process of clients one more, by which its
 * end is seen. Besides there are the daemon's own, the reserve of the listener
 * among them, that never change once it serves. When they run out, what comes
 * is accepted by means of the reserve and told so; whoever is in stays in.
 */
#pragma once

#include <stdint.h>

/* Raises the limit as far as we may, and returns it; UINT64_MAX where there is none. */
uint64_t descriptors_raise(void);

/* How many are open now, of the first thousand: for when the daemon has its own only. */
uint64_t descriptors_count(void);

/* Says in the log what that leaves for clients, loudly where it is less than they may be. */
void descriptors_log(uint64_t allowed, uint64_t own, uint64_t max_clients);
