/*
 * managerd_client - managerd through its C library
 *
 * Used as a program would use it: the harness starts a private daemon and makes
 * one dict, the forked workers use the proxy that they inherited. The first
 * call of a worker connects, so it is made before the measuring begins.
 */
#include "tests/bench/managerd_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bench/contender.h"
#include "tests/bench/trial.h"

struct managerd_client {
        mgr_dict *dict; /* the server's */
        mgr_batch *batch;
};

static int managerd_complain(const char *what)
{
        fprintf(stderr, "bench: managerd: %s: %s\n", what, mgr_errmsg());
        return -1;
}

static void managerd_stop(void *data)
{
        struct managerd_server *server = data;

        managerd_map_end(server);
        mgr_dict_free(server->dict);
        mgr_manager_free(server->manager);
        free(server);
}

static int managerd_start(const char *directory, void **serverp)
{
        struct managerd_server *server = calloc(1, sizeof(*server));

        (void)directory;
        if (!server)
                return -1;
        if (mgr_manager_start(&server->manager, NULL) < 0 ||
            mgr_dict_new(server->manager, &server->dict) < 0) {
                managerd_complain("start");
                managerd_stop(server);
                return -1;
        }
        *serverp = server;
        return 0;
}

static void managerd_describe(void *server, char *text, size_t size)
{
        (void)server;
        snprintf(text, size, "managerd %d.%d", MGR_VERSION_MAJOR, MGR_VERSION_MINOR);
}

/* An entry of stats(), to be cleared. */
static int managerd_stat(struct managerd_server *server, const char *name, mgr_value *found)
{
        mgr_value stats, key = mgr_str(name), value;
        int r;

        if (mgr_manager_call(server->manager, "stats", NULL, 0, &stats) < 0)
                return managerd_complain("stats");
        r = mgr_value_find(&stats, &key, &value);
        if (r >= 0)
                r = mgr_value_copy(&value, found);
        else
                r = managerd_complain(name);
        mgr_value_clear(&stats);
        return r;
}

long long managerd_figure(struct managerd_server *server, const char *name)
{
        mgr_value value;
        int64_t figure = -1;

        if (managerd_stat(server, name, &value) < 0)
                return -1;
        mgr_value_get_int(&value, &figure);
        mgr_value_clear(&value);
        return figure;
}

bool managerd_settles(struct managerd_server *server, long long memory_used)
{
        for (int i = 0; i < 2000; ++i) {
                long long used = managerd_figure(server, "memory_used");

                if (used >= 0 && used <= memory_used)
                        return true;
                pause_ms(10);
        }
        fprintf(stderr, "bench: managerd: %lld bytes in use, not %lld\n",
                managerd_figure(server, "memory_used"), memory_used);
        return false;
}

/* The library does not tell: it is whoever listens at the daemon's address. */
static pid_t managerd_pid(void *data)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct ucred peer = { .pid = -1 };
        socklen_t size = sizeof(peer);
        mgr_value path;
        int fd;

        if (managerd_stat(data, "address", &path) < 0)
                return -1;
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path.as.text.data);
        mgr_value_clear(&path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -1;
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
                peer.pid = -1;
        close(fd);
        return peer.pid;
}

static void managerd_close(void *data)
{
        struct managerd_client *client = data;

        mgr_batch_free(client->batch);
        free(client);
}

static int managerd_open(void *data, unsigned worker, void **clientp)
{
        struct managerd_server *server = data;
        struct managerd_client *client = calloc(1, sizeof(*client));
        size_t n;

        (void)worker;
        if (!client)
                return -1;
        client->dict = server->dict;
        if (mgr_dict_len(client->dict, &n) < 0 ||
            mgr_batch_new(server->manager, &client->batch) < 0) {
                managerd_complain("open");
                managerd_close(client);
                return -1;
        }
        *clientp = client;
        return 0;
}

static int managerd_accept(const struct call *call, const mgr_value *value)
{
        if (value->kind == MGR_KIND_STR &&
            call_accepts(call, value->as.text.data, value->as.text.size))
                return 0;
        fprintf(stderr, "bench: managerd: a wrong reply\n");
        return -1;
}

static int managerd_call(void *data, const struct call *call)
{
        const struct managerd_client *client = data;
        mgr_value key = mgr_strn(call->key, call->key_size), value;
        int r;

        if (call->kind == CALL_SET) {
                value = mgr_strn(call->value, call->value_size);
                r = mgr_dict_set_value(client->dict, &key, &value);
                return r < 0 ? managerd_complain("set") : 0;
        }
        if (mgr_dict_get_value(client->dict, &key, &value) < 0)
                return managerd_complain("get");
        r = managerd_accept(call, &value);
        mgr_value_clear(&value);
        return r;
}

static int managerd_append(struct managerd_client *client, const struct call *call)
{
        mgr_value key = mgr_strn(call->key, call->key_size), value;

        if (call->kind == CALL_GET)
                return mgr_batch_dict_get_value(client->batch, client->dict, &key);
        value = mgr_strn(call->value, call->value_size);
        return mgr_batch_dict_set_value(client->batch, client->dict, &key, &value);
}

static int managerd_batch(void *data, const struct call *calls, size_t n)
{
        struct managerd_client *client = data;
        mgr_value value;

        for (size_t i = 0; i < n; ++i)
                if (managerd_append(client, &calls[i]) < 0)
                        return managerd_complain("batch");
        if (mgr_batch_run(client->batch) != 0)
                return managerd_complain("batch");

        for (size_t i = 0; i < n; ++i) {
                if (mgr_batch_result(client->batch, i, &value) < 0)
                        return managerd_complain("batch");
                if (calls[i].kind == CALL_GET && managerd_accept(&calls[i], &value) < 0)
                        return -1;
        }
        return 0;
}

const struct contender contender_managerd = {
        .name = "managerd",
        .title = "managerd",
        .family = "managerd",
        .start = managerd_start,
        .stop = managerd_stop,
        .describe = managerd_describe,
        .pid = managerd_pid,
        .open = managerd_open,
        .close = managerd_close,
        .call = managerd_call,
        .batch = managerd_batch,
        .map_title = "managerd: mgr_pool_map()",
        .map = managerd_map,
};
