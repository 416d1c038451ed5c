/*
 * scan_parts - what the rooms of scan say to each other
 *
 * scan.c walks, scan_ext.c knows the shape of each extension, scan_keys.c finds
 * equal keys. For these three files only.
 */
#pragma once

#include "proto/scan.h"

/* What a head led to. */
enum scan_step {
        SCAN_PASSED, /* the value is whole and lies behind us */
        SCAN_OPENED, /* a container; its elements come next */
};

enum scan_container {
        SCAN_LIST, /* elements of any kind, in any number of repetitions */
        SCAN_MAP,  /* keys and values alternate */
        SCAN_SET,  /* every element is a key */
};

/* What a head and scan_ext() find, besides an enum scan_step. */
struct scan_found {
        const uint8_t *at;             /* behind the value, or its first element */
        const uint8_t *end;            /* an extension's end; else that of what surrounds it */
        uint32_t n;                    /* elements; a map counts keys and values */
        enum scan_container container; /* of SCAN_OPENED, as all but `at` */
        bool is_ext;                   /* its elements must use up every byte before `end` */
};

static inline int scan_refuse(struct scanner *scanner, int status, const char *why)
{
        scanner->why = why;
        return status;
}

/* How many bytes the head takes that begins with this one (a whole number, nil, bool …). */
size_t scan_head_size(uint8_t first);

/* Whether text that is not ASCII is UTF-8: 0 or a status. */
int scan_text(struct scanner *scanner, struct span text);

/* The extension whose head is at `at`, before `end`. Returns an enum scan_step or a status. */
int scan_ext(struct scanner *scanner, const uint8_t *at, const uint8_t *end,
             struct scan_found *found);

/* Up to so many keys are compared by pairs and need no memory where all are text. */
#define SCAN_FEW_KEYS 8

/*
 * Refuses unhashable and equal keys. `keys` are n <= SCAN_FEW_KEYS positions
 * from `begin`; every key there has been scanned.
 */
int scan_keys_few(struct scanner *scanner, const uint8_t *begin, const uint32_t *keys, size_t n);

/* The keys of a map or set that has many, while it is being scanned. */
struct scan_keys {
        size_t opened;   /* where their positions stand in the scratch */
        size_t n_judged; /* so many of them are known to differ, and are sorted */
        size_t n_next;   /* as soon as they are so many, they are judged, too */
};

/*
 * The same for many: scan_keys_open() makes room for the positions of n keys,
 * scan_keys_note() adds one, scan_keys_many() judges those noted since the open
 * and forgets them. Maps inside a map's values do so in between.
 */
void scan_keys_open(struct scanner *scanner, size_t n, struct scan_keys *keys);
int scan_keys_note(struct scanner *scanner, const uint8_t *begin, struct scan_keys *keys,
                   uint32_t key);
int scan_keys_many(struct scanner *scanner, const uint8_t *begin, const struct scan_keys *keys);
