/*
 * slice - start:stop:step as a value
 */
#pragma once

#include "client/manager.h"
#include "proto/span.h"

/* An extension of three integers or Nones, in room of its own: nothing to free, nothing to fail. */
#define SLICE_ROOM 64

/* Good as long as the room. */
mgr_value slice_as_value(mgr_slice slice, uint8_t room[SLICE_ROOM]);
