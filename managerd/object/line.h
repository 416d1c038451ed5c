/*
 * line - parked calls that wait for the same thing, first come, first served
 *
 * A type embeds one line for each thing that calls wait for: those who get from
 * a queue, those who put into it. Waking is handing over: the first of a line is
 * tried at the end of the very input that notified it, before anybody else has
 * a say, and as long as that succeeds, the next.
 */
#pragma once

#include "managerd/object/list.h"

struct object;

struct line {
        struct object *object;        /* borrowed: in which the line is */
        struct list_node waiters;     /* struct waiter.on_line */
        struct list_node in_notified; /* struct store.notified */
        size_t n;                     /* waiters */
};

void line_init(struct line *line, struct object *object);

/* What the first one waits for may be there now. */
void line_notify(struct line *line);

static inline bool line_is_empty(const struct line *line)
{
        return line->n == 0;
}
