/*
 * secret - where the authkey comes from
 */
#pragma once

#include "managerd/server/address.h"
#include "proto/auth.h"

/*
 * From the descriptor if there is one, which is closed; else from the file at
 * `path`; else from "authkey" beside the socket, which is made where there is
 * none. To be called when the socket is ours: then no other daemon makes it at
 * the same time. 0, or a negative status and has logged why.
 */
int secret_open(struct auth_key **out, const struct address *address, const char *path, int fd);
