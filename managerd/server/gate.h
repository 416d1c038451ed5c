/*
 * gate - who may come in
 *
 * Decides about every new connection before a byte of it is read: by its user,
 * by how many there are, by how many its process has open without having
 * authenticated. Who may not is told so in place of a challenge.
 */
#pragma once

#include "managerd/server/listener.h"
#include "managerd/server/server.h"
#include "managerd/server/session.h"

struct gate {
        const struct server_options *options; /* borrowed, as all here */
        struct figures *figures;
        struct peers *peers;
        struct sessions *sessions;
        struct log_limiter log;
};

/* Whether another connection may be looked at at all. */
bool gate_is_open(const struct gate *gate);

/* To be given to the listener. */
struct listener_owner gate_listener_owner(struct gate *gate);
