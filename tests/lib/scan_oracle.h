/*
 * scan_oracle - what scan accepts, a second time
 *
 * The rules of scan.h written slowly over msgpack-c's tree: depth, UTF-8, keys.
 * Of extensions msgpack-c knows nothing: of values that hold one it cannot tell.
 */
#pragma once

#include <msgpack/unpack.h>

#include "proto/span.h"

/* Whether there is no extension in it. */
bool oracle_is_plain(const msgpack_object *object);

/* Whether scan should accept a plain value, with so many levels of nesting left. */
bool oracle_is_allowed(const msgpack_object *object, unsigned n_levels);

/* msgpack-c allocates what a head claims: bytes that claim more must be kept from it. */
bool oracle_claims_little(struct span bytes);
