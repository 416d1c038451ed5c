/*
 * redis_client - Redis over its Unix socket, from C
 *
 * A private redis-server without persistence. Two contenders share the code:
 * HGET/HSET on one hash is what a dict in a manager corresponds to; plain
 * GET/SET is what Redis is known for. They form one family, so a target is
 * judged against the faster of the two. Commands are given as arrays of
 * arguments, which is hiredis's quickest way: no format is parsed.
 */

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/contender.h"

#define REDIS_HASH     "bench"
#define REDIS_MAX_ARGS 4

struct redis_server {
        char path[108];
        pid_t pid;
        bool on_hash;
};

/* The arguments of one command, but for the key and the value. */
struct redis_form {
        const char *args[REDIS_MAX_ARGS];
        size_t sizes[REDIS_MAX_ARGS];
        int n_args;
        int key; /* where the key stands; a value follows it */
};

struct redis_client {
        redisContext *context;
        struct redis_form forms[2]; /* by kind of call */
};

static redisContext *redis_dial(const char *path)
{
        redisContext *context = redisConnectUnix(path);

        if (context && !context->err)
                return context;
        if (context)
                redisFree(context);
        return NULL;
}

/* It is up once it answers; nothing to wait for if it ended. */
static bool redis_is_up(struct redis_server *server)
{
        const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

        for (int i = 0; i < 500; ++i) {
                redisContext *context = redis_dial(server->path);

                if (context) {
                        redisReply *reply = redisCommand(context, "PING");
                        bool up = reply && reply->type == REDIS_REPLY_STATUS;

                        freeReplyObject(reply);
                        redisFree(context);
                        if (up)
                                return true;
                }
                if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
                        server->pid = 0;
                        return false;
                }
                nanosleep(&pause, NULL);
        }
        return false;
}

static int redis_start(const char *directory, bool on_hash, void **serverp)
{
        struct redis_server *server = calloc(1, sizeof(*server));
        const char *const argv[] = {
                "redis-server",
                "--port",
                "0",
                "--unixsocket",
                server ? server->path : "",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                directory,
                "--daemonize",
                "no",
                NULL,
        };
        int null;

        if (!server)
                return -1;
        server->on_hash = on_hash;
        snprintf(server->path, sizeof(server->path), "%s/%s.socket", directory,
                 on_hash ? "hash" : "string");

        server->pid = child_fork();
        if (!server->pid) {
                null = open("/dev/null", O_RDWR | O_CLOEXEC);
                child_exec(argv, null, null);
                _exit(EXIT_FAILURE);
        }
        if (server->pid < 0 || !redis_is_up(server)) {
                child_stop(server->pid);
                free(server);
                return CONTENDER_MISSING;
        }
        *serverp = server;
        return 0;
}

static int redis_start_hash(const char *directory, void **serverp)
{
        return redis_start(directory, true, serverp);
}

static int redis_start_string(const char *directory, void **serverp)
{
        return redis_start(directory, false, serverp);
}

static void redis_stop(void *data)
{
        struct redis_server *server = data;

        child_stop(server->pid);
        unlink(server->path);
        free(server);
}

static pid_t redis_pid(void *data)
{
        const struct redis_server *server = data;

        return server->pid;
}

/* "redis 7.0.15 with hiredis 0.14.1" */
static void redis_describe(void *data, char *text, size_t size)
{
        struct redis_server *server = data;
        redisContext *context = redis_dial(server->path);
        redisReply *reply = context ? redisCommand(context, "INFO server") : NULL;
        const char *version = reply && reply->str ? strstr(reply->str, "redis_version:") : NULL;

        version = version ? version + strlen("redis_version:") : "?";
        snprintf(text, size, "redis %.*s with hiredis %d.%d.%d", (int)strcspn(version, "\r\n"),
                 version, HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
        if (reply)
                freeReplyObject(reply);
        if (context)
                redisFree(context);
}

static void redis_form_init(struct redis_form *form, const char *command, bool on_hash, bool sets)
{
        *form = (struct redis_form){ .args = { command }, .sizes = { strlen(command) } };
        form->key = 1;
        if (on_hash) {
                form->args[1] = REDIS_HASH;
                form->sizes[1] = strlen(REDIS_HASH);
                form->key = 2;
        }
        form->n_args = form->key + (sets ? 2 : 1);
}

static int redis_open(void *data, unsigned worker, void **clientp)
{
        struct redis_server *server = data;
        struct redis_client *client = calloc(1, sizeof(*client));
        bool on_hash = server->on_hash;

        (void)worker;
        if (!client)
                return -1;
        client->context = redis_dial(server->path);
        if (!client->context) {
                fprintf(stderr, "bench: redis: cannot connect\n");
                free(client);
                return -1;
        }
        redis_form_init(&client->forms[CALL_GET], on_hash ? "HGET" : "GET", on_hash, false);
        redis_form_init(&client->forms[CALL_SET], on_hash ? "HSET" : "SET", on_hash, true);
        *clientp = client;
        return 0;
}

static void redis_close(void *data)
{
        struct redis_client *client = data;

        redisFree(client->context);
        free(client);
}

static bool redis_append(struct redis_client *client, const struct call *call)
{
        struct redis_form *form = &client->forms[call->kind];

        form->args[form->key] = call->key;
        form->sizes[form->key] = call->key_size;
        if (call->kind == CALL_SET) {
                form->args[form->key + 1] = call->value;
                form->sizes[form->key + 1] = call->value_size;
        }
        return redisAppendCommandArgv(client->context, form->n_args, form->args, form->sizes) ==
               REDIS_OK;
}

/* A set answers with a number on a hash, else with a status; never with an error. */
static bool redis_accepts(const struct call *call, const redisReply *reply)
{
        if (call->kind == CALL_SET)
                return reply->type == REDIS_REPLY_INTEGER || reply->type == REDIS_REPLY_STATUS;
        return reply->type == REDIS_REPLY_STRING &&
               call_accepts(call, reply->str, (size_t)reply->len);
}

static int redis_batch(void *data, const struct call *calls, size_t n)
{
        struct redis_client *client = data;

        for (size_t i = 0; i < n; ++i)
                if (!redis_append(client, &calls[i]))
                        return -1;
        for (size_t i = 0; i < n; ++i) {
                void *reply;
                bool ok;

                if (redisGetReply(client->context, &reply) != REDIS_OK) {
                        fprintf(stderr, "bench: redis: %s\n", client->context->errstr);
                        return -1;
                }
                ok = redis_accepts(&calls[i], reply);
                freeReplyObject(reply);
                if (!ok) {
                        fprintf(stderr, "bench: redis: a wrong reply\n");
                        return -1;
                }
        }
        return 0;
}

static int redis_call(void *client, const struct call *call)
{
        return redis_batch(client, call, 1);
}

const struct contender contender_redis_hash = {
        .name = "redis-hash",
        .title = "Redis HGET/HSET on one hash",
        .family = "redis",
        .start = redis_start_hash,
        .stop = redis_stop,
        .describe = redis_describe,
        .pid = redis_pid,
        .open = redis_open,
        .close = redis_close,
        .call = redis_call,
        .batch = redis_batch,
};

const struct contender contender_redis_string = {
        .name = "redis-string",
        .title = "Redis GET/SET",
        .family = "redis",
        .start = redis_start_string,
        .stop = redis_stop,
        .describe = redis_describe,
        .pid = redis_pid,
        .open = redis_open,
        .close = redis_close,
        .call = redis_call,
        .batch = redis_batch,
};
