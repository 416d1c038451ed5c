/*
 * queue_world - the world of lock_world.h with a queue in it
 */
#pragma once

#include "managerd/engine/state.h"
#include "managerd/types/queue_delivery.h"
#include "tests/lib/lock_world.h"

#define NONE  "#RETURN None"
#define TRUE  "#RETURN True"
#define FALSE "#RETURN False"
#define EMPTY "#ERROR Empty()"
#define FULL  "#ERROR Full()"
#define SHUT  "#ERROR ShutDown()"

/* A world with a queue `q`, made with these arguments in the notation. */
#define QUEUE(w, q, native, args)                                                                  \
        WORLD(w, native);                                                                          \
        uint64_t q = engine_session_create(&w.root, "('Queue', " args ")")

#define assert_puts(w, who, q, item)      assert_says(w, who, q, "put", "(" item ",)", NONE)
#define assert_gets(w, who, q, item)      assert_says(w, who, q, "get", "()", "#RETURN " item)
#define assert_get_waits(w, who, q)       assert_says(w, who, q, "get", "()", "")
#define assert_put_waits(w, who, q, item) assert_says(w, who, q, "put", "(" item ",)", "")
#define assert_done(w, who, q)            assert_says(w, who, q, "task_done", "()", NONE)
#define assert_size(w, q, n)              assert_says(w, E, q, "qsize", "()", "#RETURN " #n)
#define assert_unfinished(w, q, n)        assert_says(w, E, q, "unfinished", "()", "#RETURN " #n)
/* All that is there to be taken. */
#define assert_holds(w, q, items) assert_says(w, E, q, "page", "()", "#RETURN [None, " items "]")

static inline struct queue *queue_in(struct world *w, uint64_t q)
{
        return queue_of(store_find(&w->engine->store, q));
}

/* "(5,)" and the like. */
static inline const char *with(const char *format, uint64_t number)
{
        static char text[8][128];
        static unsigned i;

        i = (i + 1) % 8;
        snprintf(text[i], sizeof(text[i]), format, (unsigned long long)number);
        return text[i];
}
