/*
 * transport - where a session's bytes come from and go to
 *
 * A byte stream in both directions that never blocks: a socket now, a ring in
 * shared memory later. Sessions know nothing else of it, and it knows nothing
 * of frames.
 *
 * It tells what happened by `event`, from the loop and never from within one of
 * its own functions; and only of what was wanted, again and again until it is not
 * wanted any more or not so any more.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

enum transport_event {
        TRANSPORT_DATA = 1,  /* read() will have something: bytes, the end, or an error */
        TRANSPORT_SPACE = 2, /* write() will take something, or fail */
        TRANSPORT_END = 4, /* the other side will neither send nor read, though bytes may be left */
};

struct transport;

struct transport_type {
        const char *name; /* for listings */

        /* Returns the number of bytes, 0 at the end of the stream, -EAGAIN, or another -errno. */
        ssize_t (*read)(struct transport *transport, void *to, size_t n);

        /* Returns the number of bytes it took, at least one; -EAGAIN, or another -errno. */
        ssize_t (*write)(struct transport *transport, const void *from, size_t n);

        /* Which of enum transport_event are wanted from now on. Cheap where nothing changes. */
        void (*want)(struct transport *transport, unsigned events);

        /* No event comes any more; `closed` is called once, later, and then it is gone. */
        void (*close)(struct transport *transport);
};

struct transport {
        const struct transport_type *type; /* const, for ever */
        void (*event)(struct transport *transport, unsigned events);
        void (*closed)(struct transport *transport);
};
