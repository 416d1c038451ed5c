/*
 * elements - a walk over an iterable argument
 *
 * As Python's for: over list, tuple, set, frozenset, dict (its keys), str (its
 * characters), bytes (its ints), typed arrays, and proxies of iterable objects.
 * What is packed already is walked where it lies. A proxy's referent may be the
 * very object that is going to change, so its elements are copied out first.
 */
#pragma once

#include "managerd/object/call.h"
#include "proto/value.h"

struct elements {
        size_t n; /* all of them */
        enum elements_form {
                ELEMENTS_PACKED,     /* one behind the other, from iter.at on */
                ELEMENTS_KEYS,       /* with other values in between */
                ELEMENTS_CHARACTERS, /* of `content` */
                ELEMENTS_BYTES,      /* of `content` */
                ELEMENTS_ITEMS,      /* of `array` */
        } form;
        struct value_iter iter;
        struct span content;
        struct value_typed_array array;
        size_t at;          /* the next of content, or of array */
        struct buffer copy; /* of a referent's elements, or the one element that was made */
};

/*
 * TypeError "'int' object is not iterable" for others. Returns 0 or the failure; is to be
 * deinitialized in any case.
 */
int elements_init(struct elements *elements, struct call *call, struct span iterable);
void elements_deinit(struct elements *elements);

/* False at the end. The element is good until the next step. */
bool elements_next(struct elements *elements, struct span *element);

/* The elements not stepped over yet, one behind the other, or NULL where they are not packed. */
static inline const uint8_t *elements_packed(const struct elements *elements)
{
        return elements->form == ELEMENTS_PACKED ? elements->iter.at : NULL;
}

#define _elements_cleanup_ __attribute__((cleanup(elements_deinit)))
