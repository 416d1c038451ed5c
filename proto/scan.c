/*
 * scan - one pass over untrusted msgpack
 *
 * A loop over a stack of open containers. A head is looked up in a table that
 * says how long it is, compared with the bytes that are left, and only then
 * read; so is what it announces. Every element takes at least a byte, which
 * bounds all counts by the size of the input.
 */
#include "proto/scan.h"

#include <sodium.h>

#include "proto/head.h"
#include "proto/scan_parts.h"
#include "proto/status.h"
#include "proto/unicode.h"

/* More than this is given back after the value that needed it. */
#define SCAN_MAX_KEPT (1u << 20)

/* Positions are kept in 32 bits; frames are shorter anyway. */
#define SCAN_MAX_SIZE 0x7fffffffu

enum form_class {
        FORM_REFUSED,
        FORM_SCALAR,  /* nothing behind the head */
        FORM_TEXT,    /* the length counts bytes of text */
        FORM_DATA,    /* … bytes */
        FORM_LIST,    /* … elements */
        FORM_DICT,    /* … entries */
        FORM_SPECIAL, /* an extension */
};

struct form {
        uint8_t class;
        uint8_t size; /* of the head; for scalars, of the value */
        uint8_t mask; /* the bits of the first byte that are the length, where size is 1 */
};

static const struct form forms[256] = {
        [0x00 ... 0x7f] = { FORM_SCALAR, 1, 0 }, /* positive fixint */
        [0x80 ... 0x8f] = { FORM_DICT, 1, 0x0f },
        [0x90 ... 0x9f] = { FORM_LIST, 1, 0x0f },
        [0xa0 ... 0xbf] = { FORM_TEXT, 1, 0x1f },
        [0xc0] = { FORM_SCALAR, 1, 0 }, /* nil */
        [0xc1] = { FORM_REFUSED, 1, 0 },
        [0xc2 ... 0xc3] = { FORM_SCALAR, 1, 0 }, /* bool */
        [0xc4] = { FORM_DATA, 2, 0 },
        [0xc5] = { FORM_DATA, 3, 0 },
        [0xc6] = { FORM_DATA, 5, 0 },
        [0xc7] = { FORM_SPECIAL, 3, 0 },
        [0xc8] = { FORM_SPECIAL, 4, 0 },
        [0xc9] = { FORM_SPECIAL, 6, 0 },
        [0xca] = { FORM_SCALAR, 5, 0 }, /* float */
        [0xcb] = { FORM_SCALAR, 9, 0 },
        [0xcc] = { FORM_SCALAR, 2, 0 }, /* uint */
        [0xcd] = { FORM_SCALAR, 3, 0 },
        [0xce] = { FORM_SCALAR, 5, 0 },
        [0xcf] = { FORM_SCALAR, 9, 0 },
        [0xd0] = { FORM_SCALAR, 2, 0 }, /* int */
        [0xd1] = { FORM_SCALAR, 3, 0 },
        [0xd2] = { FORM_SCALAR, 5, 0 },
        [0xd3] = { FORM_SCALAR, 9, 0 },
        [0xd4 ... 0xd8] = { FORM_SPECIAL, 2, 0 },
        [0xd9] = { FORM_TEXT, 2, 0 },
        [0xda] = { FORM_TEXT, 3, 0 },
        [0xdb] = { FORM_TEXT, 5, 0 },
        [0xdc] = { FORM_LIST, 3, 0 },
        [0xdd] = { FORM_LIST, 5, 0 },
        [0xde] = { FORM_DICT, 3, 0 },
        [0xdf] = { FORM_DICT, 5, 0 },
        [0xe0 ... 0xff] = { FORM_SCALAR, 1, 0 }, /* negative fixint */
};

size_t scan_head_size(uint8_t first)
{
        return forms[first].size;
}

static inline uint32_t form_length(const uint8_t *at, struct form form)
{
        switch (form.size) {
        case 1:
                return at[0] & form.mask;
        case 2:
                return at[1];
        case 3:
                return head_load16(at + 1);
        default:
                return head_load32(at + 1);
        }
}

/* Most text is short and ASCII; loads that overlap spare a loop over single bytes. */
static inline bool text_is_ascii(const uint8_t *at, size_t n)
{
        const uint64_t high = 0x8080808080808080u;
        uint64_t all = 0, word;
        uint32_t first, last;

        if (n >= 8) {
                for (size_t i = 0; i + 8 < n; i += 8) {
                        memcpy(&word, at + i, 8);
                        all |= word;
                }
                memcpy(&word, at + n - 8, 8);
                return !((all | word) & high);
        }
        if (n >= 4) {
                memcpy(&first, at, 4);
                memcpy(&last, at + n - 4, 4);
                return !((first | last) & (uint32_t)high);
        }
        return n == 0 || !((at[0] | at[n / 2] | at[n - 1]) & 0x80);
}

int scan_text(struct scanner *scanner, struct span text)
{
        if (utf8_valid(text))
                return 0;
        return scan_refuse(scanner, -STATUS_UNICODE, "str is not UTF-8");
}

static int scan_truncated(struct scanner *scanner)
{
        return scan_refuse(scanner, -STATUS_BAD_REQUEST, "value is cut short");
}

/* Reads the value at `at`, or of a container its head. Returns an enum scan_step or a status. */
static inline __attribute__((always_inline)) int scan_head(struct scanner *scanner,
                                                           const uint8_t *at, const uint8_t *end,
                                                           struct scan_found *found)
{
        struct form form;
        uint32_t n;

        if (at == end)
                return scan_truncated(scanner);
        /* The most frequent two not by the table: without its loads the processor can run ahead. */
        if (*at < 0x80) {
                found->at = at + 1;
                return SCAN_PASSED;
        }
        if ((*at & 0xe0) == 0xa0) {
                n = *at++ & 0x1f;
                if (n > (size_t)(end - at))
                        return scan_truncated(scanner);
                found->at = at + n;
                return text_is_ascii(at, n) ? SCAN_PASSED : scan_text(scanner, span_of(at, n));
        }
        form = forms[*at];
        if ((size_t)(end - at) < form.size)
                return scan_truncated(scanner);

        if (form.class == FORM_SCALAR) {
                found->at = at + form.size;
                return SCAN_PASSED;
        }
        if (form.class == FORM_SPECIAL)
                return scan_ext(scanner, at, end, found);
        if (form.class == FORM_REFUSED)
                return scan_refuse(scanner, -STATUS_BAD_REQUEST, "byte 0xc1 begins no value");

        n = form_length(at, form);
        at += form.size;
        if (n > (size_t)(end - at) >> (form.class == FORM_DICT))
                return scan_truncated(scanner);
        if (form.class <= FORM_DATA) {
                found->at = at + n;
                return form.class == FORM_TEXT && !text_is_ascii(at, n)
                               ? scan_text(scanner, span_of(at, n))
                               : SCAN_PASSED;
        }
        *found = (struct scan_found){
                .at = at,
                .end = end,
                .n = form.class == FORM_DICT ? n * 2 : n,
                .container = form.class == FORM_DICT ? SCAN_MAP : SCAN_LIST,
        };
        return SCAN_OPENED;
}

/* A container whose elements are being scanned. */
struct open {
        const uint8_t *end; /* nothing in it may reach beyond */
        uint32_t n_left;    /* elements not yet passed */
        uint32_t n_keys;
        uint8_t container; /* enum scan_container */
        bool is_ext;       /* must be used up exactly */
        union {
                uint32_t few[SCAN_FEW_KEYS]; /* positions, where n_keys <= SCAN_FEW_KEYS */
                struct scan_keys many;       /* else */
        } keys;
};

static inline void open_enter(struct scanner *scanner, struct open *open,
                              const struct scan_found *found)
{
        open->end = found->end;
        open->n_left = found->n;
        open->container = (uint8_t)found->container;
        open->is_ext = found->is_ext;
        if (found->container == SCAN_LIST)
                return;
        open->n_keys = found->container == SCAN_MAP ? found->n / 2 : found->n;
        if (open->n_keys > SCAN_FEW_KEYS)
                scan_keys_open(scanner, open->n_keys, &open->keys.many);
}

/* Before an element of a map or set: remembers where it begins, if it is a key. */
static int open_note_key(struct scanner *scanner, struct open *open, const uint8_t *begin,
                         const uint8_t *at)
{
        uint32_t position = (uint32_t)(at - begin);

        if (open->container == SCAN_MAP && open->n_left & 1)
                return 0;
        if (open->n_keys > SCAN_FEW_KEYS)
                return scan_keys_note(scanner, begin, &open->keys.many, position);
        open->keys.few[open->container == SCAN_MAP ? open->n_keys - open->n_left / 2
                                                   : open->n_keys - open->n_left] = position;
        return 0;
}

/* Behind the last element. */
static inline int open_leave(struct scanner *scanner, const struct open *open, const uint8_t *begin,
                             const uint8_t *at)
{
        if (open->is_ext && at != open->end)
                return scan_refuse(scanner, -STATUS_BAD_REQUEST,
                                   "extension holds more than its value");
        if (open->container == SCAN_LIST)
                return 0;
        if (open->n_keys > SCAN_FEW_KEYS)
                return scan_keys_many(scanner, begin, &open->keys.many);
        return scan_keys_few(scanner, begin, open->keys.few, open->n_keys);
}

/* Returns the size of the value, or a status. `n_levels` more containers may be opened. */
static int64_t scan_walk(struct scanner *scanner, struct span bytes, unsigned n_levels)
{
        struct open stack[SCAN_MAX_DEPTH + 1], *top = stack;
        const uint8_t *at = bytes.data;
        struct scan_found found;
        int r;

        /* What surrounds the value is like a list of one element. */
        top->end = bytes.data + bytes.size;
        top->n_left = 1;
        top->container = SCAN_LIST;
        for (;;) {
                if (top->container != SCAN_LIST) {
                        r = open_note_key(scanner, top, bytes.data, at);
                        if (r < 0)
                                return r;
                }
                r = scan_head(scanner, at, top->end, &found);
                if (r < 0)
                        return r;
                at = found.at;
                if (r == SCAN_OPENED) {
                        if (top == stack + n_levels)
                                return scan_refuse(scanner, -STATUS_TOO_LARGE,
                                                   "value is nested too deeply");
                        open_enter(scanner, ++top, &found);
                        if (found.n)
                                continue;
                        top->n_left = 1; /* what the empty one is left with below */
                }
                while (--top->n_left == 0) {
                        if (top == stack)
                                return at - bytes.data;
                        r = open_leave(scanner, top, bytes.data, at);
                        if (r < 0)
                                return r;
                        --top;
                }
        }
}

void scanner_init(struct scanner *scanner, unsigned max_depth)
{
        *scanner = (struct scanner){ .max_depth = max_depth };
        if (max_depth < 1)
                scanner->max_depth = 1;
        if (max_depth > SCAN_MAX_DEPTH)
                scanner->max_depth = SCAN_MAX_DEPTH;
        buffer_init(&scanner->scratch, SIZE_MAX);

        /* Fails only where randomness itself is missing, of which randombytes_buf() aborts. */
        (void)!sodium_init();
        randombytes_buf(scanner->hash_key, sizeof(scanner->hash_key));
}

void scanner_deinit(struct scanner *scanner)
{
        buffer_deinit(&scanner->scratch);
}

/* Leaves the scratch empty, and not large for ever. */
static void scan_tidy(struct scanner *scanner)
{
        if (scanner->scratch.capacity > SCAN_MAX_KEPT)
                buffer_deinit(&scanner->scratch);
        else
                buffer_truncate(&scanner->scratch, 0);
}

int scan_element(struct scanner *scanner, struct span bytes, unsigned depth, size_t *sizep)
{
        int64_t size;

        if (bytes.size == 0)
                return scan_truncated(scanner);
        if (bytes.size > SCAN_MAX_SIZE)
                bytes.size = SCAN_MAX_SIZE;

        size = scan_walk(scanner, bytes,
                         depth < scanner->max_depth ? scanner->max_depth - depth : 0);
        if (scanner->scratch.capacity)
                scan_tidy(scanner);
        if (size < 0)
                return (int)size;
        *sizep = (size_t)size;
        return 0;
}

int scan_value(struct scanner *scanner, struct span bytes, size_t *sizep)
{
        scanner->has_tokens = false;
        return scan_element(scanner, bytes, 0, sizep);
}

int scan_whole(struct scanner *scanner, struct span bytes)
{
        size_t size = 0;
        int r = scan_value(scanner, bytes, &size);

        if (r < 0)
                return r;
        if (size != bytes.size)
                return scan_refuse(scanner, -STATUS_BAD_REQUEST, "bytes follow the value");
        return 0;
}
