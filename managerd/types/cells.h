/*
 * cells - a compact vector of packed values
 *
 * What a list keeps its elements in. A value of up to 15 bytes lies in its cell
 * of 16, a longer one on the heap. There is a gap at the front, so that taking
 * from the front costs as little as taking from the end.
 *
 * Whoever adds makes room first (cells_reserve) and cells ready (cell_init,
 * another vector); what follows cannot fail. So an operation that fails has
 * changed nothing. Spans of short values point into the vector: they are good
 * until the next change of it.
 */
#pragma once

#include "managerd/object/memory.h"
#include "proto/span.h"

#define CELL_NEAR_MAX 15
#define CELL_FAR      0xff

/* Movable: may be copied about, as long as one copy counts as the cell. */
struct cell {
        union {
                struct {
                        uint8_t bytes[CELL_NEAR_MAX];
                        uint8_t size; /* or CELL_FAR */
                } near;
                struct {
                        uint8_t *bytes; /* owned */
                        uint32_t size;
                        uint8_t unused[3];
                        uint8_t tag; /* CELL_FAR */
                } far;
        };
};

_Static_assert(sizeof(struct cell) == 16, "a cell takes 16 bytes");
_Static_assert(offsetof(struct cell, near.size) == offsetof(struct cell, far.tag),
               "both forms of a cell have their mark in one place");

static inline struct span cell_value(const struct cell *cell)
{
        if (cell->near.size == CELL_FAR)
                return span_of(cell->far.bytes, cell->far.size);
        return span_of(cell->near.bytes, cell->near.size);
}

/* Copies the value. Returns 0, -STATUS_NOMEM or -STATUS_TOO_LARGE (4 GiB). */
int cell_init(struct cell *cell, struct memory *memory, struct span value);
void cell_deinit(struct cell *cell, struct memory *memory);

struct cells {
        struct memory *memory; /* borrowed: charged for the room and what lies outside of cells */
        struct cell *room;     /* owned; NULL while n_room is 0 */
        size_t n_room;         /* cells allocated */
        size_t begin;          /* cells of the gap in front */
        size_t n;              /* cells in use, from room[begin] on */
};

void cells_init(struct cells *cells, struct memory *memory);

/* Frees everything at once; empty afterwards. For few cells; else see cells_reap(). */
void cells_deinit(struct cells *cells);

/* Frees up to *budget cells from the end and lowers it; true when nothing is left. */
bool cells_reap(struct cells *cells, size_t *budget);

static inline struct cell *cells_first(const struct cells *cells)
{
        return cells->room ? cells->room + cells->begin : NULL;
}

static inline struct span cells_at(const struct cells *cells, size_t i)
{
        assert(i < cells->n);
        return cell_value(&cells->room[cells->begin + i]);
}

/* Makes room for n more, however they will be added. Returns 0 or -STATUS_NOMEM. */
int cells_reserve(struct cells *cells, size_t n);

/* Appends a copy of a value. Returns 0, -STATUS_NOMEM or -STATUS_TOO_LARGE. */
int cells_append(struct cells *cells, struct span value);

/* Consumes `cell` and puts it before the i-th; room for it has been reserved. */
void cells_insert(struct cells *cells, size_t i, const struct cell *cell);

/* Consumes `cell` and puts it in the place of the i-th, which is freed. */
void cells_replace(struct cells *cells, size_t i, const struct cell *cell);

/* Frees n cells from the i-th on. */
void cells_remove(struct cells *cells, size_t i, size_t n);

/* Frees n cells, each `step` behind the one before it. */
void cells_remove_stepwise(struct cells *cells, size_t i, size_t step, size_t n);

/*
 * Frees n cells from the i-th on and moves all of `from` into their place;
 * `from` is empty afterwards. Room has been reserved where it is longer.
 */
void cells_splice(struct cells *cells, size_t i, size_t n, struct cells *from);

/* Exchanges the cells of two vectors that charge the same memory. */
void cells_swap(struct cells *a, struct cells *b);

/* Exchanges one cell of each. */
void cells_swap_one(struct cells *a, size_t i, struct cells *b, size_t j);

void cells_reverse(struct cells *cells);

/* Repeats the content until it is there `times` (≥ 1) times. Returns 0 or -STATUS_NOMEM. */
int cells_repeat(struct cells *cells, size_t times);
