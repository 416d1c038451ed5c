/*
 * caller - a session, as the engine sees it
 */
#pragma once

#include "managerd/engine/engine.h"
#include "managerd/object/holder.h"
#include "managerd/object/list.h"
#include "managerd/object/object.h"

struct image;
struct waiter;

struct caller {
        struct engine *engine;  /* borrowed */
        uint64_t number;        /* never reused */
        struct image *image;    /* whose references it counts; never NULL */
        struct buffer *replies; /* borrowed from the server */
        void *data;             /* the server's */
        struct holder holder;   /* what ends with it */
        struct list_node in_engine;
        struct list_node waiters; /* struct waiter.on_caller: its parked calls */
        struct waiter *plain;     /* the one of them that was a plain request, or NULL */
        bool native;              /* said hello: counts every token it receives */
        bool owns;                /* promised that locks are the session's, not the process's */
        char *name;               /* from accept_connection or hello, or NULL; owned */
        uint64_t n_calls;
        struct caller_figures figures;

        /* Objects kept for a client that says incref only after it got a reply. */
        struct object **pins;
        size_t n_pins, n_pins_allocated;
        size_t n_pins_written; /* the first of them: their replies have been sent */
};

/* What its locks end with: itself, or its process. */
struct holder *caller_keeper(struct caller *caller);

/* Another image: of hello(). */
void caller_set_image(struct caller *caller, struct image *image);

/* Lets go of what replies pinned that had been sent before this request was read. */
void caller_unpin(struct caller *caller);

/*
 * A result goes out to the caller with tokens in it: counted for a native
 * client, else pinned. 0 or -STATUS_NOMEM, and nothing is counted.
 */
int caller_receive_tokens(struct caller *caller, struct span value);

/* The result does not go out after all: undoes caller_receive_tokens(), called just before. */
void caller_give_back_tokens(struct caller *caller, struct span value);

/* Bytes of a session's name that are kept. */
#define CALLER_NAME_MAX 256

/* Replaces the name. 0 or -STATUS_NOMEM. */
int caller_set_name(struct caller *caller, struct span name);

/* Frees it; parked calls must have been withdrawn. */
void caller_free(struct caller *caller);
