/*
 * auth_pair - a server and a client that shake hands in memory
 */
#pragma once

#include "tests/lib/cmocka.h"

#include "proto/auth.h"
#include "tests/lib/bytes.h"

#define SECRET  SPAN_LITERAL("supadupasecretkey")
#define PID_NS  4026531836u
#define USER_NS 4026531837u

static const struct auth_identity worker = {
        .pid = 4711,
        .uid = 1000,
        .pid_ns = PID_NS,
        .user_ns = USER_NS,
};

/* A server and a client that could speak to each other, and what was said last. */
struct pair {
        struct auth_key *key;
        struct auth server, client;
        struct buffer from_server, from_client;
};

static inline void pair_init(struct pair *pair)
{
        assert_int_equal(auth_key_new(&pair->key, SECRET), 0);
        auth_init(&pair->server, AUTH_SERVER, pair->key, &worker);
        auth_init(&pair->client, AUTH_CLIENT, pair->key, &worker);
        pair->from_server = BUFFER_NULL;
        pair->from_client = BUFFER_NULL;
        assert_int_equal(auth_start(&pair->server, &pair->from_server), AUTH_CONTINUE);
        assert_int_equal(auth_start(&pair->client, &pair->from_client), AUTH_CONTINUE);
        assert_int_equal(pair->from_client.size, 0);
}

static inline void pair_deinit(struct pair *pair)
{
        buffer_deinit(&pair->from_server);
        buffer_deinit(&pair->from_client);
        pair->key = auth_key_free(pair->key);
}

static inline enum auth_result pair_to_client(struct pair *pair)
{
        return auth_feed(&pair->client, buffer_span(&pair->from_server), &pair->from_client);
}

static inline enum auth_result pair_to_server(struct pair *pair)
{
        return auth_feed(&pair->server, buffer_span(&pair->from_client), &pair->from_server);
}

static inline void assert_said(const struct buffer *out, struct span expected)
{
        assert_int_equal(out->size, expected.size);
        assert_memory_equal(out->data, expected.data, expected.size);
}

/* A server's challenge with these numbers and a nonce of `n_nonce` bytes, frame 1. */
static inline void write_challenge(struct buffer *out, const char *text, size_t n_nonce)
{
        buffer_truncate(out, 0);
        buffer_append_span(out, span_of_cstr("#CHALLENGE#"));
        buffer_append_span(out, span_of_cstr(text));
        for (size_t i = 0; i < n_nonce; ++i)
                buffer_append_byte(out, (uint8_t)(0x80 + i));
}

/* A new client, given this as its first frame. */
static inline enum auth_result client_meets(const struct auth_key *key,
                                            const struct buffer *challenge, const char **why,
                                            struct buffer *out)
{
        struct auth client;
        enum auth_result result;

        auth_init(&client, AUTH_CLIENT, key, &worker);
        assert_int_equal(auth_start(&client, out), AUTH_CONTINUE);
        result = auth_feed(&client, buffer_span(challenge), out);
        *why = client.why;
        if (result == AUTH_FAILED) {
                assert_int_equal(out->size, 0);
                assert_non_null(client.why);
        }
        return result;
}
