/*
 * canonical - one spelling for all values that Python calls equal
 *
 * Hashing and comparing keys by their bytes needs a form in which 1, 1.0 and
 * True are the same bytes, and two dicts with the same entries in another order
 * too. Entries and elements of dicts and sets are sorted by their canonical
 * bytes, which costs n log n and eight bytes an entry, twice.
 */
#include <stdlib.h>

#include "proto/head.h"
#include "proto/number.h"
#include "proto/pack.h"
#include "proto/status.h"

/* Up to this many entries are sorted on the stack. */
#define CANONICAL_N_SMALL 24

/* One canonical element or entry, relative to the first. */
struct piece {
        uint32_t begin, size;
};

static void canonical_write(const uint8_t **at, struct buffer *out, bool *nan);

static void canonical_skip_head(const uint8_t **at, struct head *head)
{
        *head = head_read(*at);
        *at += head->size;
}

static void canonical_write_n(const uint8_t **at, size_t n, struct buffer *out, bool *nan)
{
        while (n-- && !out->failed)
                canonical_write(at, out, nan);
}

/* --- sorting */

static int piece_compare(const uint8_t *base, struct piece a, struct piece b)
{
        return span_compare(span_of(base + a.begin, a.size), span_of(base + b.begin, b.size));
}

/* Merges the sorted runs [0, middle) and [middle, n) of `from` into `to`. */
static void piece_merge(const uint8_t *base, const struct piece *from, size_t middle, size_t n,
                        struct piece *to)
{
        size_t a = 0, b = middle;

        for (size_t i = 0; i < n; ++i) {
                if (a < middle && (b == n || piece_compare(base, from[a], from[b]) <= 0))
                        to[i] = from[a++];
                else
                        to[i] = from[b++];
        }
}

/* Runs of doubling length; returns which of the two arrays holds the result. */
static struct piece *piece_sort(const uint8_t *base, struct piece *pieces, struct piece *other,
                                size_t n)
{
        for (size_t run = 1; run < n; run *= 2) {
                struct piece *swap = pieces;

                for (size_t i = 0; i < n; i += run * 2) {
                        size_t left = n - i, both = left < run * 2 ? left : run * 2;

                        piece_merge(base, pieces + i, both < run ? both : run, both, other + i);
                }
                pieces = other;
                other = swap;
        }
        return pieces;
}

/* Puts the bytes behind `begin` into the order of the pieces. */
static void canonical_arrange(struct buffer *out, size_t begin, const struct piece *pieces,
                              size_t n)
{
        size_t size = out->size - begin, at = 0;
        uint8_t *copy = malloc(size);

        if (!copy) {
                out->failed = -STATUS_NOMEM;
                return;
        }
        memcpy(copy, out->data + begin, size);
        for (size_t i = 0; i < n; ++i) {
                memcpy(out->data + begin + at, copy + pieces[i].begin, pieces[i].size);
                at += pieces[i].size;
        }
        free(copy);
}

/* Writes n pieces of so many values each and notes where they are; whether they came sorted. */
static bool canonical_write_pieces(const uint8_t **at, size_t n, size_t n_values,
                                   struct piece *pieces, struct buffer *out, bool *nan)
{
        size_t begin = out->size;
        bool sorted = true;

        for (size_t i = 0; i < n; ++i) {
                size_t first = out->size;

                canonical_write_n(at, n_values, out, nan);
                if (!out->failed && out->size - begin > UINT32_MAX)
                        out->failed = -STATUS_TOO_LARGE;
                if (out->failed)
                        break;
                pieces[i] =
                        (struct piece){ (uint32_t)(first - begin), (uint32_t)(out->size - first) };
                if (i && sorted)
                        sorted = piece_compare(out->data + begin, pieces[i - 1], pieces[i]) <= 0;
        }
        return sorted;
}

/* The elements of a set (one value each) or the entries of a dict (two). */
static void canonical_write_sorted(const uint8_t **at, size_t n, size_t n_values,
                                   struct buffer *out, bool *nan)
{
        struct piece small[CANONICAL_N_SMALL * 2], *pieces = small;
        size_t begin = out->size;
        bool sorted;

        if (n > CANONICAL_N_SMALL)
                pieces = calloc(n, 2 * sizeof(*pieces));
        if (!pieces) {
                out->failed = -STATUS_NOMEM;
                return;
        }

        sorted = canonical_write_pieces(at, n, n_values, pieces, out, nan);
        if (!out->failed && !sorted)
                canonical_arrange(out, begin, piece_sort(out->data + begin, pieces, pieces + n, n),
                                  n);
        if (pieces != small)
                free(pieces);
}

/* --- the kinds */

/*
 * Arrays compare by their items: the narrowest spelling is that of 64-bit
 * integers where all items are such, else of doubles. Characters equal only
 * characters, but empty arrays are all equal.
 */
static char canonical_typecode(const struct value_typed_array *array, size_t n, bool *nan)
{
        bool negative = false, large = false, real = false;
        struct number number;

        for (size_t i = 0; i < n; ++i) {
                struct number whole = { .kind = NUMBER_INT };

                if (!number_read_item(array, i, &number))
                        return 'u';
                *nan |= number_is_nan(&number);
                real |= !number_to_int(&number, &whole);
                negative |= whole.negative;
                large |= !whole.negative && whole.magnitude > INT64_MAX;
                real |= whole.negative && whole.magnitude > (uint64_t)1 << 63;
        }
        return real || (negative && large) ? 'd' : large ? 'Q' : 'q';
}

static void canonical_write_typed_array(struct span value, struct buffer *out, bool *nan)
{
        size_t begin = pack_ext_begin(out), n;
        struct value_typed_array array;
        struct number number;
        char typecode;

        value_get_typed_array(value, &array);
        n = array.items.size / array.item_size;
        typecode = canonical_typecode(&array, n, nan);
        buffer_append_byte(out, (uint8_t)typecode);
        if (typecode == 'u') {
                buffer_append_span(out, array.items);
                n = 0;
        }
        for (size_t i = 0; i < n; ++i) {
                struct number whole = { .kind = NUMBER_INT };
                uint64_t bits;

                number_read_item(&array, i, &number);
                if (typecode == 'd') {
                        number.real += 0.0; /* -0.0 becomes 0.0 */
                        memcpy(&bits, &number.real, sizeof(bits));
                } else {
                        number_to_int(&number, &whole);
                        bits = whole.negative ? -whole.magnitude : whole.magnitude;
                }
                bits = htole64(bits);
                buffer_append(out, &bits, sizeof(bits));
        }
        pack_ext_end(out, begin, EXT_TYPED_ARRAY);
}

/* Whether its sender calls it hashable does not tell two objects apart. */
static void canonical_write_opaque(struct span value, struct buffer *out)
{
        size_t begin = pack_ext_begin(out);
        struct value_opaque opaque;

        value_get_opaque(value, &opaque);
        pack_array(out, 3);
        pack_str(out, opaque.codec);
        pack_bytes(out, opaque.payload);
        pack_bool(out, true);
        pack_ext_end(out, begin, EXT_OPAQUE);
}

static void canonical_write_token(struct span value, struct buffer *out)
{
        struct value_token token;

        value_get_token(value, &token);
        pack_token(out, "", token.ident);
}

/* An extension whose payload is one array; its elements sorted for a set. */
static void canonical_write_nest(const uint8_t **at, enum ext ext, struct buffer *out, bool *nan)
{
        size_t begin = pack_ext_begin(out);
        struct head array;

        canonical_skip_head(at, &array);
        pack_array(out, array.elements);
        if (ext == EXT_SET || ext == EXT_FROZENSET) {
                ext = EXT_FROZENSET;
                canonical_write_sorted(at, array.elements, 1, out, nan);
        } else {
                canonical_write_n(at, array.elements, out, nan);
        }
        pack_ext_end(out, begin, ext);
}

static void canonical_write_ext(const uint8_t **at, const struct head *head, struct buffer *out,
                                bool *nan)
{
        struct span value = span_of(*at, head->size + head->payload);

        *at += head->size;
        if (head_is_nest(head)) {
                canonical_write_nest(at, (enum ext)head->ext, out, nan);
                return;
        }
        if (head->ext == EXT_TOKEN)
                canonical_write_token(value, out);
        else if (head->ext == EXT_OPAQUE)
                canonical_write_opaque(value, out);
        else if (head->ext == EXT_TYPED_ARRAY)
                canonical_write_typed_array(value, out, nan);
        else
                pack_ext(out, (enum ext)head->ext, span_of(*at, head->payload));
        *at += head->payload;
}

static void canonical_write_number(const uint8_t *at, const struct head *head, struct buffer *out,
                                   bool *nan)
{
        struct number number;

        number_of_head(at, head, &number);
        *nan |= number_is_nan(&number);
        number_pack(out, &number);
}

/* Appends the form of the value at *at, which is moved behind it, or anywhere on failure. */
static void canonical_write(const uint8_t **at, struct buffer *out, bool *nan)
{
        struct head head = head_read(*at);
        struct span bytes = span_of(*at + head.size, head.payload);

        switch (head.kind) {
        case HEAD_EXT:
                canonical_write_ext(at, &head, out, nan);
                return;
        case HEAD_NIL:
                pack_nil(out);
                break;
        case HEAD_BOOL:
        case HEAD_INT:
        case HEAD_UINT:
        case HEAD_FLOAT:
                canonical_write_number(*at, &head, out, nan);
                break;
        case HEAD_STR:
                pack_str(out, bytes);
                break;
        case HEAD_BIN:
                pack_bytes(out, bytes);
                break;
        case HEAD_ARRAY:
                *at += head.size;
                pack_array(out, head.elements);
                canonical_write_n(at, head.elements, out, nan);
                return;
        case HEAD_MAP:
                *at += head.size;
                pack_map(out, head.elements / 2);
                canonical_write_sorted(at, head.elements / 2, 2, out, nan);
                return;
        }
        *at += head.size + head.payload;
}

int value_canonical(struct span value, struct buffer *out, bool *has_nan)
{
        const uint8_t *at = value.data;

        *has_nan = false;
        canonical_write(&at, out, has_nan);
        return out->failed;
}

/* Whether an integer, str or bytes has the shortest head there is for it. */
static bool head_is_shortest(const uint8_t *at, const struct head *head)
{
        static const uint64_t least_uint[] = {
                [1] = 0, [2] = 0x80, [3] = 0x100, [5] = 0x10000, [9] = 0x100000000
        };
        static const int64_t most_int[] = { [1] = -1,
                                            [2] = -33,
                                            [3] = INT8_MIN - 1,
                                            [5] = INT16_MIN - 1,
                                            [9] = (int64_t)INT32_MIN - 1 };
        static const size_t least_str[] = { [1] = 0, [2] = 0x20, [3] = 0x100, [5] = 0x10000 };
        static const size_t least_bin[] = { [2] = 0, [3] = 0x100, [5] = 0x10000 };

        switch (head->kind) {
        case HEAD_UINT:
                /* 0xd0 and on are signed forms of what has an unsigned one. */
                return at[0] < 0xd0 && head->number >= least_uint[head->size];
        case HEAD_INT:
                return (int64_t)head->number <= most_int[head->size];
        case HEAD_STR:
                return head->payload >= least_str[head->size];
        case HEAD_BIN:
                return head->payload >= least_bin[head->size];
        default:
                return head->kind == HEAD_NIL;
        }
}

bool value_is_canonical(struct span value)
{
        struct head head = head_read(value.data);

        return head_is_shortest(value.data, &head);
}
