/*
 * intake - what a session takes in
 *
 * One read an event, into an area that all sessions share; every whole frame in
 * it is applied, and only an incomplete tail is kept. Only the rest of a large
 * frame is read to where it will stand.
 */
#pragma once

#include "managerd/server/session.h"

#define INTAKE_READ_SIZE   (64 << 10) /* bytes of a read */
#define INTAKE_DIRECT_SIZE (16 << 10) /* larger frames are completed in place */
#define INTAKE_AREA_SIZE   (INTAKE_READ_SIZE + INTAKE_DIRECT_SIZE)

#define INTAKE_MAX_BACKLOG      1024
#define INTAKE_MAX_BACKLOG_SIZE (1 << 20)

/* Reads once and applies what that made whole. */
void intake_read(struct session *session);

/* Reads and applies some of what a process sent before it ended. True where more may be left. */
bool intake_read_last(struct session *session);

/* Applies a bounded piece of what is left over. */
void intake_resume(struct session *session);

/* Whether intake_resume() could do anything now. */
bool intake_can_resume(const struct session *session);

/* Which events the session waits for, as far as its input is concerned. */
unsigned intake_wants(const struct session *session);
