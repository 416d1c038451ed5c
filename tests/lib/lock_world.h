/*
 * lock_world - the whole engine with processes that fight for locks
 *
 * A and A2 are two sessions of process 1; B is of process 2, C of 3 and so on. A
 * request is plain, and checked to leave a sound state; its reply is what Python
 * would print.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "tests/lib/cmocka.h"
#include "tests/lib/engine_check.h"
#include "tests/lib/engine_harness.h"

enum who { A, A2, B, C, D, E, N_WHO };

struct world {
        struct engine *engine;
        struct engine_session root; /* of process 99, which makes the objects */
        struct engine_session sessions[N_WHO];
        bool ended[N_WHO];
        double now; /* seconds */
        uint64_t l; /* a Lock */
        uint64_t r; /* an RLock */
};

static inline uint64_t process_of(enum who who)
{
        return who <= A2 ? 1 : (uint64_t)who;
}

/* `native`: they say hello, and with that that locks are the sessions'. */
static inline void world_init(struct world *w, bool native)
{
        *w = (struct world){ .engine = engine_harness_new(SIZE_MAX, 1 << 20) };
        engine_session_begin(&w->root, w->engine, 99);
        for (enum who who = A; who < N_WHO; ++who) {
                engine_session_begin(&w->sessions[who], w->engine, process_of(who));
                if (native)
                        engine_session_hello(&w->sessions[who], (char)('a' + process_of(who)));
        }
        w->l = engine_session_create(&w->root, "('Lock',)");
        w->r = engine_session_create(&w->root, "('RLock',)");
}

static inline void world_deinit(struct world *w)
{
        for (enum who who = A; who < N_WHO; ++who)
                if (!w->ended[who])
                        engine_session_end(&w->sessions[who]);
        engine_session_end(&w->root);
        engine_free(w->engine); /* asserts that all memory was refunded */
}

#define WORLD(w, native)                                                                           \
        (void)state;                                                                               \
        __attribute__((cleanup(world_deinit))) struct world w;                                     \
        world_init(&w, native)

static inline void session_ends(struct world *w, enum who who)
{
        engine_session_end(&w->sessions[who]);
        w->ended[who] = true;
        engine_assert_sound(w->engine);
}

/* With all its sessions. */
static inline void process_ends(struct world *w, enum who who)
{
        uint64_t process = process_of(who);

        for (who = A; who < N_WHO; ++who)
                if (process_of(who) == process && !w->ended[who])
                        session_ends(w, who);
        engine_end_process(w->engine, process, (uint64_t)(w->now * 1e9));
        engine_assert_sound(w->engine);
}

static inline void time_passes(struct world *w, double seconds)
{
        w->now += seconds;
        engine_expire(w->engine, (uint64_t)(w->now * 1e9));
        engine_assert_sound(w->engine);
}

/* A request with options in the notation, or NULL. The reply, or "" where it is to come later. */
static inline const char *asks_with(struct world *w, enum who who, uint64_t ident,
                                    const char *method, const char *args, const char *options)
{
        engine_session_send_with(&w->sessions[who], ident, method, args, options, w->now);
        engine_assert_sound(w->engine);
        return engine_session_take(&w->sessions[who]);
}

static inline const char *asks(struct world *w, enum who who, uint64_t ident, const char *method,
                               const char *args)
{
        return asks_with(w, who, ident, method, args, NULL);
}

static inline const char *hears(struct world *w, enum who who)
{
        return engine_session_take(&w->sessions[who]);
}

/* Of the request that `who` makes now. */
#define assert_says(w, who, ident, method, args, expected)                                         \
        assert_string_equal(asks(w, who, ident, method, args), expected)
#define assert_says_with(w, who, ident, method, args, options, expected)                           \
        assert_string_equal(asks_with(w, who, ident, method, args, options), expected)

#define assert_takes(w, who, ident)    assert_says(w, who, ident, "acquire", "()", "#RETURN True")
#define assert_releases(w, who, ident) assert_says(w, who, ident, "release", "()", "#RETURN None")
#define assert_waits(w, who, ident)    assert_says(w, who, ident, "acquire", "()", "")

/* Of the one it made before; "" where it waits still. */
#define assert_hears(w, who, expected) assert_string_equal(hears(w, who), expected)

/* A figure of stats(). */
static inline uint64_t figure(struct world *w, const char *name)
{
        return engine_session_count(&w->root, name);
}
