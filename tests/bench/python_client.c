/*
 * python_client - the seam between the harness and python_manager.py
 *
 * Python's proxies have to be used from Python, so this contender brings its
 * own workers and only asks for runs and reads their results.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/contender.h"

#define PYTHON        "/usr/bin/python3"
#define PYTHON_SCRIPT "tests/bench/python_manager.py"

struct python_server {
        pid_t pid;
        FILE *in;  /* what we ask */
        FILE *out; /* what it answers */
        char version[64];
};

static int python_spawn(struct python_server *server)
{
        const char *const argv[] = { PYTHON, PYTHON_SCRIPT, NULL };
        int ask[2], answer[2];

        if (pipe2(ask, O_CLOEXEC) < 0)
                return -1;
        if (pipe2(answer, O_CLOEXEC) < 0) {
                close(ask[0]);
                close(ask[1]);
                return -1;
        }
        server->pid = child_fork();
        if (!server->pid) {
                /* A kill would leave its manager behind: the end of its input ends both. */
                prctl(PR_SET_PDEATHSIG, 0);
                child_exec(argv, ask[0], answer[1]);
                _exit(EXIT_FAILURE);
        }
        close(ask[0]);
        close(answer[1]);
        server->in = fdopen(ask[1], "w");
        server->out = fdopen(answer[0], "r");
        return server->pid > 0 && server->in && server->out ? 0 : -1;
}

static void python_stop(void *data)
{
        struct python_server *server = data;

        if (server->in) {
                fputs("quit\n", server->in);
                fclose(server->in);
        }
        if (server->out)
                fclose(server->out);
        if (server->pid > 0)
                waitpid(server->pid, NULL, 0);
        free(server);
}

static int python_start(const char *directory, void **serverp)
{
        struct python_server *server = calloc(1, sizeof(*server));

        (void)directory;
        if (!server)
                return -1;
        if (python_spawn(server) < 0 ||
            fscanf(server->out, "ready %63[^\n]", server->version) != 1) {
                python_stop(server);
                return CONTENDER_MISSING;
        }
        *serverp = server;
        return 0;
}

static void python_describe(void *data, char *text, size_t size)
{
        struct python_server *server = data;

        snprintf(text, size, "%s", server->version);
}

static int python_read_latencies(struct python_server *server, unsigned n_pairs,
                                 struct outcome *out)
{
        for (unsigned i = 0; i < n_pairs; ++i) {
                uint64_t ns, n;

                if (fscanf(server->out, "%" SCNu64 " %" SCNu64, &ns, &n) != 2)
                        return -1;
                histogram_add(&out->latency, ns, n);
        }
        return 0;
}

static int python_whole(void *data, const struct work *work, double seconds, struct outcome *out)
{
        struct python_server *server = data;
        unsigned n_pairs;

        fprintf(server->in, "run %u %.6f\n", work->n_workers, seconds);
        if (fflush(server->in) == EOF ||
            fscanf(server->out, " done %" SCNu64 " %u", &out->n_calls, &n_pairs) != 2 ||
            python_read_latencies(server, n_pairs, out) < 0) {
                fprintf(stderr, "bench: python: no result\n");
                return -1;
        }
        out->seconds = seconds;
        return 0;
}

static int python_map(void *data, const struct work *work, double seconds, struct outcome *out)
{
        struct python_server *server = data;
        unsigned n_pairs;
        uint64_t ns;

        fprintf(server->in, "map %u %u %u %.6f\n", work->n_workers, work->n_tasks, work->chunk,
                seconds);
        if (fflush(server->in) == EOF ||
            fscanf(server->out, " mapped %" SCNu64 " %" SCNu64 " %u", &out->n_calls, &ns,
                   &n_pairs) != 3 ||
            python_read_latencies(server, n_pairs, out) < 0) {
                fprintf(stderr, "bench: python: no result of map\n");
                return -1;
        }
        out->seconds = (double)ns / 1e9;
        return 0;
}

const struct contender contender_python = {
        .name = "python",
        .title = "Python's Manager().dict()",
        .family = "python",
        .start = python_start,
        .stop = python_stop,
        .describe = python_describe,
        .whole = python_whole,
        .map_title = "Python's Pool.map()",
        .map = python_map,
};
