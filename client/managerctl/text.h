/*
 * text - characters, and what of them may be shown to a terminal
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The size of the UTF-8 character that begins here, 1 to 4, or 0 where there is none:
 * too long forms, surrogates and what is beyond Unicode are none. size > 0.
 */
size_t text_decode(const char *text, size_t size, uint32_t *character);

bool text_is_utf8(const char *text, size_t size);

/* Where the character begins that the byte `at` is part of. */
size_t text_boundary(const char *text, size_t at);

/*
 * Whether it can be shown as it is: UTF-8 without control characters, which include those
 * that change the direction of writing.
 */
bool text_is_printable(const char *text, size_t size);

/*
 * Writes a text so that a terminal takes none of it for a command: control characters as
 * \n or \u001b, bytes that are no UTF-8 as \u00ff. A backslash stays what it is.
 */
void text_write_safe(FILE *out, const char *text, size_t size);

/* As above in JSON's quotes, where backslash and quote are escaped, too. UTF-8 only. */
void text_write_quoted(FILE *out, const char *text, size_t size);

/* "512 B", "1.5 MiB"; "850 ns", "1.25 s". */
void text_write_bytes(FILE *out, uint64_t n);
void text_write_duration(FILE *out, double seconds);
