/*
 * maker - values, packed as an input chooses
 *
 * Every kind of value there is, small and from few, so that keys meet and idents hit;
 * now and then what is no value at all.
 */
#pragma once

#include "proto/buffer.h"
#include "tests/fuzz/fuzz.h"

struct maker {
        struct input *input;
        uint64_t next_ident; /* of the object that would be created next */
        struct span last;    /* a packed value to choose from, or absent: the last result */
};

/* A value of any kind. */
void maker_pack(struct maker *maker, struct buffer *out);

/* A value that makes sense for a parameter of this name, more often than not. */
void maker_pack_for(struct maker *maker, struct span param, struct buffer *out);

/* An ident: of an object that lives more often than not. */
uint64_t maker_ident(struct maker *maker);

/* A short text from few. */
const char *maker_word(struct maker *maker);
