/*
 * semaphore_world - what the tests of semaphores have in common
 */
#pragma once

#include "tests/lib/lock_world.h"

#define TRUE  "#RETURN True"
#define FALSE "#RETURN False"
#define NONE  "#RETURN None"

#define TOO_MANY "#ERROR ValueError('Semaphore released too many times')"

/* The world, and a semaphore made so: "('Semaphore', 2)". */
#define SEMAPHORE(w, native, args)                                                                 \
        WORLD(w, native);                                                                          \
        uint64_t s = engine_session_create(&w.root, args)

#define assert_value(w, s, n) assert_says(w, E, s, "get_value", "()", "#RETURN " #n)
