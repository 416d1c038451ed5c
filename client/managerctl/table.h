/*
 * table - rows of text: aligned on a terminal, separated by tabs for awk otherwise
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct table;

struct column {
        const char *title; /* borrowed */
        bool right;        /* aligned to the right: numbers */
};

/*
 * NULL where memory is short. On a terminal rows are shown in blocks of some hundred, and long
 * cells are cut, but those of the last column.
 */
struct table *table_new(const struct column *columns, size_t n, bool terminal);

/*
 * Adds a row of n cells, UTF-8 without control characters, which are consumed in any case, to be
 * freed by free(). A NULL among them: memory was short. 0 or -1.
 */
int table_add(struct table *table, char **cells);

/* Shows what is left. 0 or -1 where memory was short. NULL is fine for free. */
int table_end(struct table *table);
void table_free(struct table *table);
