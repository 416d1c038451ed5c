/*
 * caller - a session, as the engine sees it
 */
#include "managerd/engine/caller.h"

#include <stdlib.h>

#include "managerd/engine/state.h"
#include "proto/status.h"
#include "proto/unicode.h"
#include "proto/value.h"

bool caller_is_parked(const struct caller *caller)
{
        return caller->plain != NULL;
}

bool caller_waits(const struct caller *caller)
{
        return !list_is_empty(&caller->waiters);
}

void caller_replies_written(struct caller *caller)
{
        caller->n_pins_written = caller->n_pins;
}

void *caller_data(const struct caller *caller)
{
        return caller->data;
}

uint64_t caller_number(const struct caller *caller)
{
        return caller->number;
}

struct caller_figures *caller_figures(struct caller *caller)
{
        return &caller->figures;
}

struct holder *caller_keeper(struct caller *caller)
{
        const struct image *image = caller->image;

        /* clients that nobody can tell apart end when their sessions do */
        if (caller->owns || (image->process->info.number == 0 && !image->has_token))
                return &caller->holder;
        return caller->holder.process;
}

void caller_set_image(struct caller *caller, struct image *image)
{
        image_leave(&caller->engine->processes, caller->image);
        caller->image = image;
        caller->holder.process = &image->holder;
}

/* A client that never lets us see that it knows its replies must not collect them for nothing. */
#define PIN_COST 8

/* Room for more pins than this is given back when none is left. */
#define PINS_KEPT 64

static void caller_release_pin(struct caller *caller, struct object *object)
{
        memory_refund(&caller->engine->store.memory, PIN_COST);
        object_release(object);
}

void caller_unpin(struct caller *caller)
{
        size_t n = caller->n_pins_written;

        if (n == 0)
                return;
        for (size_t i = 0; i < n; ++i)
                caller_release_pin(caller, caller->pins[i]);
        caller->n_pins -= n;
        caller->n_pins_written = 0;
        memmove(caller->pins, caller->pins + n, caller->n_pins * sizeof(*caller->pins));
        if (caller->n_pins == 0 && caller->n_pins_allocated > PINS_KEPT) {
                free(caller->pins);
                caller->pins = NULL;
                caller->n_pins_allocated = 0;
        }
}

static int caller_pin(struct caller *caller, struct object *object)
{
        struct object **pins;
        size_t n;

        if (caller->n_pins == caller->n_pins_allocated) {
                n = caller->n_pins_allocated ? caller->n_pins_allocated * 2 : 4;
                pins = reallocarray(caller->pins, n, sizeof(*pins));
                if (!pins)
                        return -STATUS_NOMEM;
                caller->pins = pins;
                caller->n_pins_allocated = n;
        }
        if (!memory_charge(&caller->engine->store.memory, PIN_COST))
                return -STATUS_NOMEM;
        caller->pins[caller->n_pins++] = object;
        object_retain(object);
        return 0;
}

struct receipt {
        struct caller *caller;
        size_t n_received; /* tokens counted so far, or still to be given back */
};

static int receive_token(void *data, const struct value_token *token)
{
        struct receipt *receipt = data;
        struct caller *caller = receipt->caller;
        struct object *object = store_find(&caller->engine->store, token->ident);
        int r;

        if (!object)
                return 0;
        r = caller->native ? image_add(caller->image, object) : caller_pin(caller, object);
        if (r == 0)
                ++receipt->n_received;
        return r;
}

static int give_back_token(void *data, const struct value_token *token)
{
        struct receipt *receipt = data;
        struct caller *caller = receipt->caller;
        struct object *object = store_find(&caller->engine->store, token->ident);

        if (!object)
                return 0;
        if (receipt->n_received == 0)
                return 1;
        --receipt->n_received;
        if (caller->native)
                image_remove(caller->image, &caller->engine->store, token->ident);
        else
                caller_release_pin(caller, caller->pins[--caller->n_pins]);
        return 0;
}

void caller_give_back_tokens(struct caller *caller, struct span value)
{
        struct receipt receipt = { caller, SIZE_MAX };

        value_visit_tokens(value, give_back_token, &receipt);
}

int caller_receive_tokens(struct caller *caller, struct span value)
{
        struct receipt receipt = { caller, 0 };
        int r;

        r = value_visit_tokens(value, receive_token, &receipt);
        if (r < 0)
                value_visit_tokens(value, give_back_token, &receipt);
        return r;
}

int caller_set_name(struct caller *caller, struct span name)
{
        struct span shown = utf8_cut(name, CALLER_NAME_MAX);
        char *copy = strndup((const char *)shown.data, shown.size);

        if (!copy)
                return -STATUS_NOMEM;
        free(caller->name);
        caller->name = copy;
        return 0;
}

void caller_free(struct caller *caller)
{
        caller->n_pins_written = caller->n_pins;
        caller_unpin(caller);
        image_leave(&caller->engine->processes, caller->image);
        list_unlink(&caller->in_engine);
        free(caller->pins);
        free(caller->name);
        free(caller);
}
