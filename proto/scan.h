/*
 * scan - one pass over untrusted msgpack
 *
 * Nothing else in the project looks at bytes from outside before scan has
 * accepted them; everything after may rely on what it guarantees:
 *   - the value is whole: no header claims more than the bytes that are there;
 *   - it nests no deeper than the limit (extension payloads count as nesting);
 *   - every str is UTF-8 (lone surrogates, as Python's "surrogatepass" writes
 *     them, are let through);
 *   - every extension has a code of ext.h and a well-formed payload;
 *   - keys of maps and elements of sets are hashable and no two are equal;
 *   - a big integer does not fit into 64 bits and is written shortest.
 * No allocation happens for structure. Only maps and sets with many entries
 * need memory, to find equal keys without quadratic work: 8 bytes an entry, and
 * no more than a few for every key that differs from those before it. A
 * little of it is kept in the scanner for the next time.
 */
#pragma once

#include "proto/buffer.h"
#include "proto/span.h"

#define SCAN_DEFAULT_DEPTH 16
#define SCAN_MAX_DEPTH     64

/*
 * An extension and the array that is its payload are one level of nesting, so
 * that a tuple counts as much as a list.
 */
struct scanner {
        unsigned max_depth;    /* containers within containers; 1 .. SCAN_MAX_DEPTH */
        struct buffer scratch; /* for the search for equal keys */
        const char *why;       /* what was wrong with the last refused bytes: a literal */
        bool has_tokens;       /* whether the last accepted value holds an EXT_TOKEN */
        uint8_t hash_key[16];  /* drawn at random, so that nobody can make keys collide */
};

void scanner_init(struct scanner *scanner, unsigned max_depth);
void scanner_deinit(struct scanner *scanner);

/*
 * Checks the value at the beginning of `bytes` and says how long it is. Bytes
 * may follow it. Returns 0, -STATUS_BAD_REQUEST (with scanner->why),
 * -STATUS_UNICODE, -STATUS_TOO_LARGE (depth) or -STATUS_NOMEM.
 */
int scan_value(struct scanner *scanner, struct span bytes, size_t *sizep);

/* As scan_value(), and nothing may follow the value. */
int scan_whole(struct scanner *scanner, struct span bytes);

/*
 * As scan_value(), for one element of containers that the caller takes apart
 * itself: `depth` of them are open already. has_tokens is set where the element
 * holds a token, and left alone where it does not.
 */
int scan_element(struct scanner *scanner, struct span bytes, unsigned depth, size_t *sizep);
