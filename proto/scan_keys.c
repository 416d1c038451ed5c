/*
 * scan_keys - no two keys of a map are equal, and every key is hashable
 *
 * Equal means Python's ==: 1, 1.0 and True are one key. A few keys of text are
 * compared by pairs. Everything else is hashed by its canonical form under a
 * key that nobody outside knows, sorted by the hash, and compared only with
 * those of the same hash: never quadratic, whatever the keys. A NaN inside
 * makes a key unequal to all others; such keys are not compared at all.
 *
 * A key is noted as its position in the low half of 64 bits; the hash joins it
 * in the high half.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "proto/head.h"
#include "proto/scan_parts.h"
#include "proto/status.h"
#include "proto/value.h"

_Static_assert(sizeof(((struct scanner *)0)->hash_key) == crypto_shorthash_KEYBYTES,
               "the scanner's key is one of crypto_shorthash()");

#define KEY_SIZE sizeof(uint64_t)

static struct span key_span(const uint8_t *begin, uint32_t position)
{
        return span_of(begin + position, value_size(begin + position));
}

static int keys_refuse_equal(struct scanner *scanner)
{
        return scan_refuse(scanner, -STATUS_BAD_REQUEST, "two keys are equal");
}

static int keys_no_memory(struct scanner *scanner)
{
        return scan_refuse(scanner, -STATUS_NOMEM, "out of memory");
}

/*
 * So many keys are looked at before more are noted, then as soon as they are eight
 * times as many: of a huge map that repeats a few keys no more than that is noted.
 */
#define KEYS_FIRST_LOOK (1u << 16)
#define KEYS_LATER_LOOK 8

/* Room for one canonical form behind the positions; a longer one finds its own. */
#define KEYS_SLACK 256

/* Without the room now, the scratch will grow by and by, or not. */
static void keys_reserve(struct buffer *scratch, size_t n)
{
        size_t capacity = scratch->size + n * KEY_SIZE + KEYS_SLACK;
        uint8_t *data;

        if (capacity <= scratch->capacity || scratch->failed)
                return;
        data = realloc(scratch->data, capacity);
        if (!data)
                return;
        scratch->data = data;
        scratch->capacity = capacity;
}

void scan_keys_open(struct scanner *scanner, size_t n, struct scan_keys *keys)
{
        keys_reserve(&scanner->scratch, n);
        *keys = (struct scan_keys){ .opened = scanner->scratch.size, .n_next = KEYS_FIRST_LOOK };
}

/* Only extensions, lists and dicts need a look. */
static int key_check_hashable(struct scanner *scanner, const uint8_t *key)
{
        enum head_kind kind = head_read(key).kind;

        if (kind < HEAD_ARRAY ||
            (kind == HEAD_EXT && !value_unhashable(span_of(key, value_size(key)))))
                return 0;
        return scan_refuse(scanner, -STATUS_BAD_REQUEST, "a key is not hashable");
}

static uint32_t key_hash_bytes(const struct scanner *scanner, struct span canonical)
{
        uint8_t hash[crypto_shorthash_BYTES];
        uint32_t low;

        crypto_shorthash(hash, canonical.data, canonical.size, scanner->hash_key);
        memcpy(&low, hash, sizeof(low));
        return low;
}

/* The canonical form stands behind the keys in the scratch for as long as it takes to hash it. */
static int key_hash(struct scanner *scanner, struct span key, uint32_t *hash, bool *has_nan)
{
        size_t mark = scanner->scratch.size;
        int r;

        *has_nan = false;
        if (value_is_canonical(key)) {
                *hash = key_hash_bytes(scanner, key);
                return 0;
        }
        r = value_canonical(key, &scanner->scratch, has_nan);
        if (r < 0)
                return keys_no_memory(scanner);
        *hash = key_hash_bytes(scanner,
                               span_of(scanner->scratch.data + mark, scanner->scratch.size - mark));
        buffer_truncate(&scanner->scratch, mark);
        return 0;
}

static void keys_sort_few(uint64_t *keys, size_t n)
{
        for (size_t i = 1; i < n; ++i) {
                uint64_t key = keys[i];
                size_t j = i;

                for (; j > 0 && keys[j - 1] > key; --j)
                        keys[j] = keys[j - 1];
                keys[j] = key;
        }
}

/*
 * Sorts by the hash, in place: a radix sort from the byte at `shift` downwards,
 * at most four calls deep. Equal hashes are left in any order.
 */
static void keys_sort(uint64_t *keys, size_t n, unsigned shift)
{
        size_t next[256] = { 0 }, ends[256], sum = 0;

        if (n <= 24) {
                keys_sort_few(keys, n);
                return;
        }
        for (size_t i = 0; i < n; ++i)
                ++next[keys[i] >> shift & 0xff];
        for (unsigned b = 0; b < 256; ++b) {
                sum += next[b];
                ends[b] = sum;
                next[b] = sum - next[b];
        }
        for (unsigned b = 0; b < 256; ++b) {
                while (next[b] < ends[b]) {
                        uint64_t key = keys[next[b]];
                        unsigned to = key >> shift & 0xff;

                        keys[next[b]] = keys[next[to]];
                        keys[next[to]++] = key;
                }
        }
        for (unsigned b = 0; shift > 32 && b < 256; ++b)
                keys_sort(keys + (b ? ends[b - 1] : 0), ends[b] - (b ? ends[b - 1] : 0), shift - 8);
}

/* Compares the keys that share the hash of the first, and returns how many do, or a status. */
static int64_t keys_compare_run(struct scanner *scanner, const uint8_t *begin, const uint64_t *keys,
                                size_t n)
{
        size_t n_run = 1;
        bool equal;
        int r;

        for (; n_run < n && keys[n_run] >> 32 == keys[0] >> 32; ++n_run) {
                for (size_t i = 0; i < n_run; ++i) {
                        r = value_equal(key_span(begin, (uint32_t)keys[i]),
                                        key_span(begin, (uint32_t)keys[n_run]), &equal);
                        if (r < 0)
                                return keys_no_memory(scanner);
                        if (equal)
                                return keys_refuse_equal(scanner);
                }
        }
        return (int64_t)n_run;
}

static size_t keys_count(const struct scanner *scanner, const struct scan_keys *keys)
{
        return (scanner->scratch.size - keys->opened) / KEY_SIZE;
}

/* Hashes the keys that are new, and drops those of them with a NaN: 0 or a status. */
static int keys_hash(struct scanner *scanner, const uint8_t *begin, const struct scan_keys *keys)
{
        size_t n = keys_count(scanner, keys), n_kept = keys->n_judged;
        uint64_t key;
        uint32_t hash;
        bool has_nan;
        int r;

        for (size_t i = n_kept; i < n; ++i) {
                /* The scratch may move whenever something is appended to it. */
                memcpy(&key, scanner->scratch.data + keys->opened + i * KEY_SIZE, KEY_SIZE);
                r = key_check_hashable(scanner, begin + key);
                if (r < 0)
                        return r;
                r = key_hash(scanner, key_span(begin, (uint32_t)key), &hash, &has_nan);
                if (r < 0)
                        return r;
                if (has_nan)
                        continue;
                key |= (uint64_t)hash << 32;
                memcpy(scanner->scratch.data + keys->opened + n_kept++ * KEY_SIZE, &key, KEY_SIZE);
        }
        buffer_truncate(&scanner->scratch, keys->opened + n_kept * KEY_SIZE);
        return 0;
}

/* Judges all that have been noted so far: 0 or a status. */
static int keys_judge(struct scanner *scanner, const uint8_t *begin, const struct scan_keys *keys)
{
        int r = keys_hash(scanner, begin, keys);
        size_t n = keys_count(scanner, keys);
        uint64_t *first;

        if (r < 0)
                return r;
        /* Every position in the scratch is a multiple of KEY_SIZE from malloc's own. */
        first = (uint64_t *)(void *)(scanner->scratch.data + keys->opened);
        keys_sort(first, n, 56);
        for (size_t i = 0; i < n;) {
                int64_t n_run = keys_compare_run(scanner, begin, first + i, n - i);

                if (n_run < 0)
                        return (int)n_run;
                i += (size_t)n_run;
        }
        return 0;
}

int scan_keys_note(struct scanner *scanner, const uint8_t *begin, struct scan_keys *keys,
                   uint32_t key)
{
        uint64_t entry = key;
        int r;

        if (keys_count(scanner, keys) == keys->n_next) {
                r = keys_judge(scanner, begin, keys);
                if (r < 0)
                        return r;
                keys->n_judged = keys_count(scanner, keys);
                keys->n_next = KEYS_FIRST_LOOK + keys->n_judged * KEYS_LATER_LOOK;
        }
        buffer_append(&scanner->scratch, &entry, KEY_SIZE);
        return scanner->scratch.failed ? keys_no_memory(scanner) : 0;
}

int scan_keys_many(struct scanner *scanner, const uint8_t *begin, const struct scan_keys *keys)
{
        int r = keys_judge(scanner, begin, keys);

        buffer_truncate(&scanner->scratch, keys->opened);
        return r;
}

/* Returns 1 where all are text and differ, 0 where not all are text, or a status. */
static int keys_compare_texts(struct scanner *scanner, const uint8_t *begin, const uint32_t *keys,
                              size_t n)
{
        struct span texts[SCAN_FEW_KEYS];

        for (size_t i = 0; i < n; ++i) {
                struct head head = head_read(begin + keys[i]);

                if (head.kind != HEAD_STR)
                        return 0;
                texts[i] = span_of(begin + keys[i] + head.size, head.payload);
                for (size_t j = 0; j < i; ++j)
                        if (span_equal(texts[i], texts[j]))
                                return keys_refuse_equal(scanner);
        }
        return 1;
}

int scan_keys_few(struct scanner *scanner, const uint8_t *begin, const uint32_t *keys, size_t n)
{
        struct scan_keys noted;
        int r;

        assert(n <= SCAN_FEW_KEYS);
        if (n == 0)
                return 0;
        if (n == 1)
                return key_check_hashable(scanner, begin + keys[0]);
        r = keys_compare_texts(scanner, begin, keys, n);
        if (r != 0)
                return r < 0 ? r : 0;
        scan_keys_open(scanner, n, &noted);
        for (size_t i = 0; i < n; ++i) {
                r = scan_keys_note(scanner, begin, &noted, keys[i]);
                if (r < 0)
                        return r;
        }
        return scan_keys_many(scanner, begin, &noted);
}
