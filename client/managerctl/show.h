/*
 * show - values for people
 */
#pragma once

#include <manager.h>
#include <stdio.h>

/*
 * As it could be typed: a str stands bare where it would be read back as the same str, and
 * everything else as JSON. One line, without control characters. 0 or MGR_E*.
 */
int show_value(FILE *out, const mgr_value *value);

/* What a function writes, to be freed. NULL where it failed, or memory was short. */
char *show_as_text(int (*write)(FILE *out, const mgr_value *value), const mgr_value *value);

/*
 * A field of a listing, to be freed: NULL where memory is short. None is "-", a str and
 * an integer up to 64 bits always stand bare.
 */
char *show_cell(const mgr_value *value);

/* A result: as JSON, or as above; and the end of the line. Returns an exit code. */
int show_result(bool json, const mgr_value *value);
