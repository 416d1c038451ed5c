/*
 * kept - references that a request needs until it was answered
 *
 * A proxy among the arguments must not be given back before the daemon has read the request, for
 * that travels on another connection, perhaps faster.
 */
#pragma once

#include <stdbool.h>

#include "client/content.h"

/* A share of a proxy, or of what has proxies in it. */
struct kept {
        mgr_proxy *proxy;
        struct blob *blob;
};

void kept_take_proxy(struct kept *kept, const mgr_proxy *proxy);

/* False where there is nothing to keep. `kept` may be NULL: just looks. */
bool kept_take_value(struct kept *kept, const mgr_value *value);

void kept_release(struct kept *kept);
