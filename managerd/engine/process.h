/*
 * process - client processes, and the references they hold
 *
 * A process is what the server knows by a pidfd. What it runs between two
 * exec() calls is an *image*: references belong to the image, and go with it.
 * Native clients tell their image apart by a random token; a client that has
 * not said hello belongs to its process's image without a token.
 */
#pragma once

#include "managerd/engine/engine.h"
#include "managerd/object/holder.h"
#include "managerd/object/store.h"

#define IMAGE_TOKEN_SIZE 16

struct process {
        struct process_info info;   /* number 0: the processes without a number, all in one */
        struct list_node images;    /* struct image.in_process */
        struct list_node in_engine; /* oldest first */
};

struct image {
        struct process *process; /* borrowed: it owns this */
        struct holder holder;    /* what ends with it, besides its references */
        struct list_node in_process;
        bool has_token;
        uint8_t token[IMAGE_TOKEN_SIZE];
        struct table references; /* ident → uint64_t, how often it is referred to */
        uint64_t n_references;
        size_t n_sessions;
};

struct processes {
        struct store *store; /* borrowed */
        struct table index;  /* number → struct process * */
        struct list_node list;
        uint64_t n_images_ever;
        struct holder departed; /* has what those held who ended while nobody was to have it */
        struct holder *heir;    /* NULL, or that one: the daemon is about to end, nobody waits */
};

void processes_init(struct processes *processes, struct store *store);
void processes_deinit(struct processes *processes);

/* The process with this number, made known where it was not. 0 or -STATUS_NOMEM. */
int processes_get(struct processes *processes, const struct process_info *info,
                  struct process **out);

/* It ended: all its references are dropped. No session may be left. Unknown numbers do no harm. */
void processes_end(struct processes *processes, uint64_t number);

/* Forgets a process where it has no image, because its first session could not begin. */
void processes_forget_unused(struct processes *processes, struct process *process);

/*
 * The process's image with this token (absent: none), with one session more.
 * Images of other tokens that have no session left are over: the process has
 * called exec. 0 or -STATUS_NOMEM.
 */
int process_join_image(struct processes *processes, struct process *process, struct span token,
                       struct image **out);

/* One session less. An image that no pidfd watches ends with its last session. */
void image_leave(struct processes *processes, struct image *image);

/* One reference more: for the image, and on the object. 0 or -STATUS_NOMEM. */
int image_add(struct image *image, struct object *object);

/* One reference less. -STATUS_ASSERTION where the image holds none. */
int image_remove(struct image *image, struct store *store, uint64_t ident);
