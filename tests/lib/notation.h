/*
 * notation - values as Python writes them, packed
 *
 *   None True False NotImplemented  1 -2 0x7f 10**30  1.5 -inf nan
 *   'text' "text" (\n \t \r \\ \' \" \xhh \uhhhh \Uhhhhhhhh)  b'bytes'
 *   [1, 2]  (1, 2)  {1: 2}  {1, 2}  set()  frozenset({1})
 *   slice(1, None, 2)  array('i', [1, 2])  array('u', 'text')
 *   proxy(IDENT)  opaque('codec', b'bytes', True)
 *
 * Tests write it and are trusted: what is malformed ends the program.
 */
#pragma once

#include "proto/buffer.h"

/* Appends the one value that `notation` is. */
void notation_pack(struct buffer *out, const char *notation);

/*
 * "1, 'a', name=2": appends the positional values to `args` and counts them,
 * and to `kwds` one packed dict of the others.
 */
void notation_pack_arguments(const char *notation, struct buffer *args, size_t *n_args,
                             struct buffer *kwds);
