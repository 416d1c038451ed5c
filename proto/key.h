/*
 * key - the authkey that both sides share
 *
 * It lives in guarded memory (sodium_malloc), which nobody writes to after it
 * has been made, that is not swapped out, and that no core file shows. The
 * bytes are used exactly as they are found: a newline at the end of a file
 * belongs to the key.
 */
#pragma once

#include "proto/span.h"

#define AUTH_KEY_MAX_SIZE       4096
#define AUTH_KEY_GENERATED_SIZE 32

struct auth_key;

/* Copies the bytes. -STATUS_VALUE when empty, -STATUS_TOO_LARGE, or -STATUS_NOMEM. */
int auth_key_new(struct auth_key **out, struct span bytes);

/* Random bytes. 0 or -STATUS_NOMEM. */
int auth_key_generate(struct auth_key **out);

/*
 * Refuses what is not a regular file of our own with mode & 077 == 0:
 * -STATUS_AUTHENTICATION. *why is a literal after every failure.
 */
int auth_key_load(struct auth_key **out, const char *path, const char **why);

/*
 * Reads up to end of file; the descriptor stays the caller's. -STATUS_VALUE when
 * nothing comes, -STATUS_TOO_LARGE, -STATUS_SYSTEM with errno, or -STATUS_NOMEM.
 */
int auth_key_read_fd(struct auth_key **out, int fd);

/*
 * Creates the file with mode 0600; never replaces one. Returns 0, or
 * -STATUS_SYSTEM with errno, and then there is no file of ours.
 */
int auth_key_save(const struct auth_key *key, const char *path);

/* Borrowed; keep it no longer than needed. */
struct span auth_key_bytes(const struct auth_key *key);

/* Wipes it. Returns NULL; NULL is fine. */
struct auth_key *auth_key_free(struct auth_key *key);

static inline void auth_key_freep(struct auth_key **key)
{
        auth_key_free(*key);
}

#define _auth_key_cleanup_ __attribute__((cleanup(auth_key_freep)))
