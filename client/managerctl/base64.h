/*
 * base64 - bytes as text, RFC 4648, with padding
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

void base64_write(FILE *out, const char *data, size_t size);

/* At most this many bytes come out of a text. */
static inline size_t base64_max_size(size_t n_characters)
{
        return n_characters / 4 * 3;
}

/*
 * Reads a text of n characters into `data`, which has room for base64_max_size(n) bytes.
 * 0; or -1 where it is not exactly what base64_write() would have written.
 */
int base64_read(const char *text, size_t n, char *data, size_t *size);
