/*
 * decimal - integers of any size, read from text
 */
#pragma once

#include <manager.h>
#include <stdbool.h>

/* As in Python, longer ones are not read; the daemon's longer ones are never written so. */
#define DECIMAL_MAX_DIGITS 4300

/* Whether a text is an integer as JSON writes one: -?(0|[1-9][0-9]*) */
bool decimal_is_integer(const char *text, size_t size);

/* What is one, as a value. 0 or MGR_E*: MGR_ETOO_LARGE beyond DECIMAL_MAX_DIGITS. */
int decimal_read(const char *text, size_t size, mgr_value *value);
