/*
 * wait_check - whether what is said of who waits and who holds contradicts itself
 */
#pragma once

#include "managerd/engine/engine.h"

/* NULL, or what does not hold: a literal. To be asked between inputs. */
const char *wait_check(struct engine *engine);
