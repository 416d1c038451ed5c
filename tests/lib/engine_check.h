/*
 * engine_check - whether an engine's state contradicts itself
 *
 * Counts everything a second time: each object's references from outside by who
 * holds them, those from inside by where its proxies are stored, waiters by the
 * three places they stand in. To be asked between inputs.
 */
#pragma once

#include "managerd/engine/engine.h"

/* NULL, or what does not hold: a literal. Ends the program where memory is short. */
const char *engine_check(struct engine *engine);

/* The same where something must be true of every state: tells what does not hold, and aborts. */
void engine_assert_sound(struct engine *engine);
