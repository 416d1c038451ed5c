/*
 * admission - the handshake of a session
 */
#pragma once

#include "managerd/server/session.h"

/* Sends the challenge. 0, or a negative status. */
int admission_begin(struct session *session, uid_t uid);

/* A payload has arrived. The session is authenticating still, or ready, or refused. */
void admission_feed(struct session *session, struct span payload);

/* Something arrived that is no frame of a handshake. */
void admission_refuse(struct session *session, const char *why);
