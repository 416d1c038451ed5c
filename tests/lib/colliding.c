/*
 * colliding - keys that collide under uthash's default hash
 */
#include "tests/lib/colliding.h"

#include <string.h>

#define BLOCK_WORDS 3
#define BLOCK_SIZE  (BLOCK_WORDS * sizeof(uint32_t))

/* What the hash has been led to before its last words, whatever these are: any numbers will do. */
static const uint32_t colliding_target[BLOCK_WORDS] = { 0x6d616e61, 0x67657264, 0x00c0ffee };

/* One stirring: every word loses the other two, and is blurred by the one before it. */
static void colliding_stir(uint32_t state[BLOCK_WORDS], unsigned right, unsigned left,
                           unsigned right_again)
{
        state[0] = (state[0] - state[1] - state[2]) ^ state[2] >> right;
        state[1] = (state[1] - state[2] - state[0]) ^ state[0] << left;
        state[2] = (state[2] - state[0] - state[1]) ^ state[1] >> right_again;
}

static uint32_t colliding_load(const uint8_t *at)
{
        return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void colliding_store(uint8_t *to, uint32_t word)
{
        for (int i = 0; i < 4; ++i)
                to[i] = (uint8_t)(word >> 8 * i);
}

/* The second block makes up for the difference that the first one has made. */
static void colliding_complete(uint8_t key[COLLIDING_KEY_SIZE])
{
        uint32_t state[BLOCK_WORDS] = { 0x9e3779b9, 0x9e3779b9, 0xfeedbeef };

        for (int i = 0; i < BLOCK_WORDS; ++i)
                state[i] += colliding_load(key + 4 * i);
        colliding_stir(state, 13, 8, 13);
        colliding_stir(state, 12, 16, 5);
        colliding_stir(state, 3, 10, 15);
        for (int i = 0; i < BLOCK_WORDS; ++i)
                colliding_store(key + BLOCK_SIZE + 4 * i, colliding_target[i] - state[i]);
}

void colliding_packed(uint32_t n, uint8_t key[COLLIDING_KEY_SIZE])
{
        memset(key, 0, COLLIDING_KEY_SIZE);
        key[0] = 0xc4; /* a bin of up to 255 bytes */
        key[1] = COLLIDING_KEY_SIZE - 2;
        colliding_store(key + 2, n);
        colliding_complete(key);
}

void colliding_text(uint64_t *n, uint8_t key[COLLIDING_KEY_SIZE])
{
        bool is_text;

        do {
                uint64_t digits = (*n)++;

                for (size_t i = 0; i < BLOCK_SIZE; ++i, digits >>= 4)
                        key[i] = (uint8_t)('a' + (digits & 0xf));
                colliding_complete(key);
                is_text = true;
                for (size_t i = BLOCK_SIZE; i < COLLIDING_KEY_SIZE; ++i)
                        is_text = is_text && key[i] < 0x80;
        } while (!is_text);
}
