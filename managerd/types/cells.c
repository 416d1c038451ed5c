/*
 * cells - a compact vector of packed values
 */
#include "managerd/types/cells.h"

#include <stdlib.h>

#include "proto/status.h"

#define CELLS_MIN_ROOM 4

/* Below this many cells the room is kept, however few are in use. */
#define CELLS_KEPT_ROOM 32

/* While reaping, the end of a big room is given back in pieces of this many cells. */
#define CELLS_TRIM 65536

#define CELLS_MAX (SIZE_MAX / sizeof(struct cell) / 2)

int cell_init(struct cell *cell, struct memory *memory, struct span value)
{
        if (value.size <= CELL_NEAR_MAX) {
                memcpy(cell->near.bytes, value.data, value.size);
                cell->near.size = (uint8_t)value.size;
                return 0;
        }
        if (value.size > UINT32_MAX)
                return -STATUS_TOO_LARGE;
        if (!memory_charge(memory, value.size))
                return -STATUS_NOMEM;
        cell->far.bytes = malloc(value.size);
        if (!cell->far.bytes) {
                memory_refund(memory, value.size);
                return -STATUS_NOMEM;
        }
        memcpy(cell->far.bytes, value.data, value.size);
        cell->far.size = (uint32_t)value.size;
        cell->far.tag = CELL_FAR;
        return 0;
}

void cell_deinit(struct cell *cell, struct memory *memory)
{
        if (cell->near.size != CELL_FAR)
                return;
        memory_refund(memory, cell->far.size);
        free(cell->far.bytes);
}

void cells_init(struct cells *cells, struct memory *memory)
{
        *cells = (struct cells){ .memory = memory };
}

static void cells_free_room(struct cells *cells)
{
        memory_refund(cells->memory, cells->n_room * sizeof(struct cell));
        free(cells->room);
        cells_init(cells, cells->memory);
}

static void cells_deinit_range(struct cells *cells, size_t i, size_t n)
{
        struct cell *first = cells_first(cells);

        for (size_t k = i; k < i + n; ++k)
                cell_deinit(&first[k], cells->memory);
}

void cells_deinit(struct cells *cells)
{
        cells_deinit_range(cells, 0, cells->n);
        cells_free_room(cells);
}

/* Gives the room another size, which is at least begin + n and not 0. */
static int cells_resize(struct cells *cells, size_t n_room)
{
        size_t before = cells->n_room * sizeof(struct cell);
        size_t after = n_room * sizeof(struct cell);
        struct cell *room;

        if (after > before && !memory_charge(cells->memory, after - before))
                return -STATUS_NOMEM;
        room = realloc(cells->room, after);
        if (!room) {
                if (after > before)
                        memory_refund(cells->memory, after - before);
                return -STATUS_NOMEM;
        }
        if (after < before)
                memory_refund(cells->memory, before - after);
        cells->room = room;
        cells->n_room = n_room;
        return 0;
}

/* Closes the gap at the front. */
static void cells_settle(struct cells *cells)
{
        if (cells->begin && cells->n)
                memmove(cells->room, cells_first(cells), cells->n * sizeof(struct cell));
        cells->begin = 0;
}

bool cells_reap(struct cells *cells, size_t *budget)
{
        /* the gap counts as well, or a long one would be given back in one go */
        size_t left = cells->begin + cells->n;

        for (; *budget && left; --*budget) {
                --left;
                if (left >= cells->begin)
                        cell_deinit(&cells->room[left], cells->memory);
        }
        if (!left) {
                cells_free_room(cells);
                return true;
        }
        cells->begin = cells->begin < left ? cells->begin : left;
        cells->n = left - cells->begin;
        if (cells->n_room - left >= CELLS_TRIM)
                (void)cells_resize(cells, left);
        return false;
}

int cells_reserve(struct cells *cells, size_t n)
{
        size_t needed, n_room;
        int r;

        if (n <= cells->n_room - cells->begin - cells->n)
                return 0;
        if (n > CELLS_MAX - cells->n)
                return -STATUS_NOMEM;

        /* only a gap in proportion is worth moving all cells for */
        needed = cells->n + n;
        if (needed > cells->n_room || cells->begin < needed / 2) {
                n_room = cells->n_room + cells->n_room / 2;
                if (n_room < needed)
                        n_room = needed;
                if (n_room < CELLS_MIN_ROOM)
                        n_room = CELLS_MIN_ROOM;
                r = cells_resize(cells, n_room);
                if (r < 0)
                        return r;
        }
        cells_settle(cells);
        return 0;
}

/* Gives room back when most of it is empty. That it cannot be had is no harm. */
static void cells_shrink(struct cells *cells)
{
        size_t n_room = cells->n * 2 < CELLS_KEPT_ROOM ? CELLS_KEPT_ROOM : cells->n * 2;

        if (cells->n_room <= CELLS_KEPT_ROOM || cells->n > cells->n_room / 4)
                return;
        cells_settle(cells);
        (void)cells_resize(cells, n_room);
}

/* Opens a hole of n cells before the i-th; the shorter side moves where the gap allows. */
static struct cell *cells_open(struct cells *cells, size_t i, size_t n)
{
        struct cell *first = cells_first(cells);

        if (i < cells->n - i && cells->begin >= n) {
                memmove(first - n, first, i * sizeof(struct cell));
                cells->begin -= n;
        } else {
                assert(n <= cells->n_room - cells->begin - cells->n);
                memmove(first + i + n, first + i, (cells->n - i) * sizeof(struct cell));
        }
        cells->n += n;
        return cells_first(cells) + i;
}

/* Forgets n cells from the i-th on, which have been freed or moved. */
static void cells_close(struct cells *cells, size_t i, size_t n)
{
        struct cell *first = cells_first(cells);
        size_t behind = cells->n - i - n;

        if (i < behind) {
                memmove(first + n, first, i * sizeof(struct cell));
                cells->begin += n;
        } else {
                memmove(first + i, first + i + n, behind * sizeof(struct cell));
        }
        cells->n -= n;
}

int cells_append(struct cells *cells, struct span value)
{
        struct cell cell;
        int r;

        r = cells_reserve(cells, 1);
        if (r < 0)
                return r;
        r = cell_init(&cell, cells->memory, value);
        if (r < 0)
                return r;
        cells_insert(cells, cells->n, &cell);
        return 0;
}

void cells_insert(struct cells *cells, size_t i, const struct cell *cell)
{
        assert(i <= cells->n);
        *cells_open(cells, i, 1) = *cell;
}

void cells_replace(struct cells *cells, size_t i, const struct cell *cell)
{
        struct cell *at = cells_first(cells) + i;

        assert(i < cells->n);
        cell_deinit(at, cells->memory);
        *at = *cell;
}

void cells_remove(struct cells *cells, size_t i, size_t n)
{
        assert(i <= cells->n && n <= cells->n - i);
        if (n == 0)
                return;
        cells_deinit_range(cells, i, n);
        cells_close(cells, i, n);
        cells_shrink(cells);
}

void cells_remove_stepwise(struct cells *cells, size_t i, size_t step, size_t n)
{
        struct cell *first = cells_first(cells);
        struct cell *to = first + i;

        for (size_t k = 0; k < n; ++k) {
                size_t at = i + k * step;
                size_t end = k + 1 < n ? at + step : cells->n;

                assert(at < end && end <= cells->n);
                cell_deinit(&first[at], cells->memory);
                memmove(to, &first[at + 1], (end - at - 1) * sizeof(struct cell));
                to += end - at - 1;
        }
        cells->n -= n;
        cells_shrink(cells);
}

void cells_splice(struct cells *cells, size_t i, size_t n, struct cells *from)
{
        size_t kept = n < from->n ? n : from->n;

        assert(i <= cells->n && n <= cells->n - i);
        cells_deinit_range(cells, i, n);
        if (from->n > kept)
                cells_open(cells, i + kept, from->n - kept);
        else if (n > kept)
                cells_close(cells, i + kept, n - kept);
        if (from->n)
                memcpy(cells_first(cells) + i, cells_first(from), from->n * sizeof(struct cell));
        cells_free_room(from);
        cells_shrink(cells);
}

void cells_swap(struct cells *a, struct cells *b)
{
        struct cells c = *a;

        assert(a->memory == b->memory);
        *a = *b;
        *b = c;
}

void cells_swap_one(struct cells *a, size_t i, struct cells *b, size_t j)
{
        struct cell *at_a = cells_first(a) + i, *at_b = cells_first(b) + j;
        struct cell cell = *at_a;

        assert(a->memory == b->memory && i < a->n && j < b->n);
        *at_a = *at_b;
        *at_b = cell;
}

void cells_reverse(struct cells *cells)
{
        struct cell *first = cells_first(cells);

        for (size_t i = 0; i < cells->n / 2; ++i) {
                struct cell cell = first[i];

                first[i] = first[cells->n - 1 - i];
                first[cells->n - 1 - i] = cell;
        }
}

int cells_repeat(struct cells *cells, size_t times)
{
        size_t n = cells->n;
        struct cell *first;
        int r;

        assert(times > 0);
        if (n && times > CELLS_MAX / n)
                return -STATUS_NOMEM;
        r = cells_reserve(cells, n * (times - 1));
        if (r < 0)
                return r;

        first = cells_first(cells);
        while (cells->n < n * times) {
                r = cell_init(&first[cells->n], cells->memory, cell_value(&first[cells->n - n]));
                if (r < 0) {
                        cells_remove(cells, n, cells->n - n);
                        return r;
                }
                ++cells->n;
        }
        return 0;
}
