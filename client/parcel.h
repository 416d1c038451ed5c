/*
 * parcel - values on their way to another process
 *
 * Values that travel by a pipe or to a worker, not by the daemon. They are packed one behind the
 * other. Where they carry proxies, a *ticket* goes with them: the daemon holds the references for
 * so long (60 seconds), whether the sender lives or not, and the receiver claims them. A ticket
 * that is too old is no harm as long as somebody still holds the objects.
 *
 * All proxies of one parcel are of one manager; and the receiver has a manager with the same
 * address: the one that it was forked with, or connected to.
 */
#pragma once

#include "client/state.h"
#include "proto/scan.h"

/* While it is packed. */
struct parcel {
        struct buffer *out;   /* borrowed */
        mgr_manager *manager; /* borrowed from the values; NULL: no proxies so far */
        uint64_t *idents;     /* owned: one for each token, as often as it occurs */
        size_t n, n_room;
};

void parcel_init(struct parcel *parcel, struct buffer *out);
void parcel_deinit(struct parcel *parcel);

/*
 * Packs one more value behind the others; between them the caller may pack what it likes, but
 * tokens. 0, or an error, which is set: then nothing was added. -STATUS_ARGUMENT for a proxy of
 * another daemon than those before.
 */
int parcel_add(struct parcel *parcel, const mgr_value *value);

/*
 * Lends what it carries and packs the ticket: a tuple (address, ticket), the address as bytes; or
 * nil where there are no proxies. One call to the daemon where there are any. 0 or an error, which
 * is set: then nothing was packed. The values must live until then.
 */
int parcel_seal(struct parcel *parcel);

/*
 * Reads a ticket as parcel_seal() packed it, accepted by scan: *m becomes a manager to take the
 * values from with content_take(), shared (manager_unref()), or NULL where there are no proxies.
 * The references of `values`, the packed values of the parcel one behind the other, are counted
 * for this process afterwards: each value wants content_take() or content_drop() once.
 *
 * Errors are set, and nothing is counted then: -STATUS_PROTOCOL (no ticket), -STATUS_CONNECT (this
 * process has no manager of that address), -STATUS_NO_OBJECT (the ticket is of no use any more, and
 * something of what it lent is gone), and those of a call.
 */
int parcel_claim(struct span ticket, struct span values, mgr_manager **m);

/*
 * The simplest parcel: one value and its ticket, but no nil where there are no proxies, so that it
 * is the packed value then and nothing else. Appended, or nothing on failure, which is set.
 * parcel_open() takes bytes from a stranger: -STATUS_PROTOCOL where they are no parcel, else as
 * parcel_claim(); the value is the caller's.
 */
int parcel_pack(struct buffer *out, const mgr_value *value);
int parcel_open(struct scanner *scanner, struct span parcel, mgr_value *value);
