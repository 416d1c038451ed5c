/*
 * records - lists of dicts, as the daemon's listings are, shown as tables or JSON
 *
 * What a later daemon adds to its records appears behind the columns that are known.
 */
#pragma once

#include <manager.h>

#include "client/managerctl/ctl.h"

/*
 * One record as a line of plain JSON: tuples as lists, all integers as numbers; but `ident`
 * as a str, because most readers of JSON would round it. Returns an exit code.
 */
int record_show(const mgr_value *record);

struct records;

/*
 * `columns` are the keys that come first, ending with NULL. EXIT_DONE or EXIT_SERVER,
 * here and below, which has been told.
 */
int records_begin(struct records **records, const struct ctl *ctl, const char *const *columns);

/* Shows one more. */
int records_add(struct records *records, const mgr_value *record);

/* Shows all of a list. */
int records_add_list(struct records *records, const mgr_value *list);

/* The end of what is shown, unless `code` says that it failed; frees it, and returns the code. */
int records_end(struct records *records, int code);

/*
 * A server-level call that returns such a list, from the call to the last row. Its argument
 * is the object on the command line, where there is one.
 */
int records_show_call(const struct ctl *ctl, const char *call, const char *const *columns);
