/*
 * table - rows of text
 *
 * libsmartcols lays out what goes to a terminal. It wants to know all rows before it
 * shows the first, so a long table is shown in blocks, which need little memory.
 */
#include "client/managerctl/table.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/managerctl/text.h"

#define BLOCK     500
#define MAX_WIDTH 120 /* bytes, of all columns but the last */

struct table {
        size_t n_columns;
        struct libscols_table *lines; /* NULL where stdout is no terminal */
        size_t n_lines;
        bool failed;
};

static int add_columns(struct libscols_table *lines, const struct column *columns, size_t n)
{
        for (size_t i = 0; i < n; ++i)
                if (!scols_table_new_column(lines, columns[i].title, 0,
                                            columns[i].right ? SCOLS_FL_RIGHT : 0))
                        return -1;
        return 0;
}

struct table *table_new(const struct column *columns, size_t n, bool terminal)
{
        struct table *table = calloc(1, sizeof(*table));

        if (!table)
                return NULL;
        table->n_columns = n;
        if (!terminal)
                return table;
        table->lines = scols_new_table();
        if (table->lines && add_columns(table->lines, columns, n) == 0)
                return table;
        table_free(table);
        return NULL;
}

static void print_row(const struct table *table, char **cells)
{
        for (size_t i = 0; i < table->n_columns; ++i) {
                if (i)
                        putchar('\t');
                fputs(cells[i], stdout);
        }
        putchar('\n');
}

static int show_block(struct table *table)
{
        int r = table->n_lines ? scols_print_table(table->lines) : 0;

        /* the titles stand above the first block only */
        scols_table_enable_noheadings(table->lines, 1);
        scols_table_remove_lines(table->lines);
        table->n_lines = 0;
        return r < 0 ? -1 : 0;
}

/* A column is as wide as its widest cell: one long name would fill the screen with spaces. */
static void shorten(char *text)
{
        static const char ellipsis[] = "…";
        size_t at = MAX_WIDTH - sizeof(ellipsis);

        if (strlen(text) > MAX_WIDTH)
                memcpy(text + text_boundary(text, at), ellipsis, sizeof(ellipsis));
}

/* The cells that went in are the table's, and NULL here. */
static int add_line(struct table *table, char **cells)
{
        struct libscols_line *line = scols_table_new_line(table->lines, NULL);

        if (!line)
                return -1;
        for (size_t i = 0; i + 1 < table->n_columns; ++i)
                shorten(cells[i]);
        for (size_t i = 0; i < table->n_columns; ++i) {
                if (scols_line_refer_data(line, i, cells[i]) < 0)
                        return -1;
                cells[i] = NULL;
        }
        return ++table->n_lines == BLOCK ? show_block(table) : 0;
}

int table_add(struct table *table, char **cells)
{
        int r = 0;

        for (size_t i = 0; i < table->n_columns; ++i)
                if (!cells[i])
                        r = -1;
        if (r == 0 && table->lines)
                r = add_line(table, cells);
        else if (r == 0)
                print_row(table, cells);
        for (size_t i = 0; i < table->n_columns; ++i)
                free(cells[i]);
        if (r < 0)
                table->failed = true;
        return r;
}

int table_end(struct table *table)
{
        if (table->lines && show_block(table) < 0)
                table->failed = true;
        return table->failed ? -1 : 0;
}

void table_free(struct table *table)
{
        if (!table)
                return;
        scols_unref_table(table->lines);
        free(table);
}
