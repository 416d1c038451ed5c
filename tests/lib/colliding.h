/*
 * colliding - keys that collide under uthash's default hash
 *
 * Jenkins' hash takes twelve bytes at a time, mixes them into 96 bits of state
 * in a way that anybody can compute, and goes on from there. So the first twelve bytes may
 * be anything, and the next twelve are chosen such that the state is the same
 * for every key: they collide in all bits, whatever follows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLLIDING_KEY_SIZE 24

/*
 * The n-th packed bin of 22 bytes, header included: a key as it is hashed. All
 * differ, and collide with each other.
 */
void colliding_packed(uint32_t n, uint8_t key[COLLIDING_KEY_SIZE]);

/*
 * The next key of ASCII letters and the like, as a name is hashed, counting from *n
 * on, which is moved behind it. One of some thousand numbers has such a key.
 */
void colliding_text(uint64_t *n, uint8_t key[COLLIDING_KEY_SIZE]);
