/*
 * managerd_client - managerd through its C library
 *
 * For trials, which do more than get and set with it.
 */
#pragma once

#include <stdbool.h>

#include "client/manager.h"
#include "tests/bench/contender.h"

struct managerd_server {
        mgr_manager *manager;
        mgr_dict *dict;
        struct managerd_map *map; /* owned; NULL before the first map */
};

/* One of the counters of stats(), or -1. */
long long managerd_figure(struct managerd_server *server, const char *name);

/* What was put aside to be freed in steps has been: the memory in use is as little as it was. */
bool managerd_settles(struct managerd_server *server, long long memory_used);

/* As contender.map; and what is left of it. */
int managerd_map(void *server, const struct work *work, double seconds, struct outcome *out);
void managerd_map_end(struct managerd_server *server);
