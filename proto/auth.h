/*
 * auth - the handshake, as bytes in and bytes out
 *
 * multiprocessing.connection's mutual HMAC challenge, for either role, without
 * a socket: feed it the payload of each frame that arrives, send the payload
 * that it answers with. PROTOCOL.md, "Authentication", has every step. Only
 * {sha256} digests are made or accepted.
 *
 * The server's challenge names the process it was made for and the namespaces
 * that the numbers are of, so that it cannot be reflected or relayed. After
 * AUTH_FAILED nothing more may be said.
 */
#pragma once

#include <sys/types.h>

#include "proto/buffer.h"
#include "proto/key.h"

#define AUTH_MAX_FRAME  256
#define AUTH_NONCE_SIZE 32

/* Who is at the other end, as the server sees it and writes it into its challenge. */
struct auth_identity {
        pid_t pid; /* 0 where it has no number here */
        uid_t uid;
        uint64_t pid_ns;  /* inode of /proc/self/ns/pid of the one who wrote this */
        uint64_t user_ns; /* inode of /proc/self/ns/user */
};

/* The identity of this very process. Returns 0, or -STATUS_SYSTEM with errno. */
int auth_identity_self(struct auth_identity *out);

enum auth_role {
        AUTH_SERVER,
        AUTH_CLIENT,
};

enum auth_result {
        AUTH_CONTINUE, /* send what is in `out`, if anything, and feed the next frame */
        AUTH_DONE,     /* send what is in `out`, if anything; both sides are known */
        AUTH_FAILED,   /* send what is in `out`, if anything, and close */
};

struct auth {
        enum auth_role role;
        unsigned step;
        const struct auth_key *key; /* borrowed, outlives this */
        struct auth_identity identity;
        uint8_t challenge[AUTH_MAX_FRAME]; /* what we asked, without the #CHALLENGE# prefix */
        size_t n_challenge;
        const char *why; /* after AUTH_FAILED: a literal for the log */
};

/*
 * Server: `identity` is the peer (SO_PEERCRED) and our own namespaces.
 * Client: `identity` is this process, to compare the server's challenge with:
 * the pid where the pid namespaces are the same, the uid where the user
 * namespaces are.
 */
void auth_init(struct auth *auth, enum auth_role role, const struct auth_key *key,
               const struct auth_identity *identity);

/* The first payload to send. The server has one, the client has none (out stays empty). */
enum auth_result auth_start(struct auth *auth, struct buffer *out);

/*
 * Handles one arrived payload (at most AUTH_MAX_FRAME bytes, else it fails).
 * Replaces the content of `out`.
 */
enum auth_result auth_feed(struct auth *auth, struct span payload, struct buffer *out);

/* HMAC-SHA256(key, message): exported for the test vectors. */
#define AUTH_DIGEST_SIZE 32
void auth_digest(const struct auth_key *key, struct span message, uint8_t digest[AUTH_DIGEST_SIZE]);
