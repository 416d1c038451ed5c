/*
 * managerd - shares dicts, lists and more between processes
 */
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "managerd/config.h"
#include "managerd/log.h"
#include "managerd/server/server.h"
#include "managerd/version.h"

#define EXIT_USAGE 2

/* For what is not a client's: standard streams, the loop's own, the listener, its reserve. */
#define OWN_DESCRIPTORS 32

/* As many descriptors as we may have; says so if that is less than what was promised. */
static void raise_descriptors(const struct limits *limits)
{
        uint64_t needed = limits->max_clients + OWN_DESCRIPTORS;
        struct rlimit rlimit;

        if (getrlimit(RLIMIT_NOFILE, &rlimit) < 0)
                return;
        rlimit.rlim_cur = rlimit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &rlimit);
        log_debug("descriptors: %ju at most; needed: one a connection (at most %ju), one a client "
                  "process, %d",
                  (uintmax_t)rlimit.rlim_cur, (uintmax_t)limits->max_clients, OWN_DESCRIPTORS);
        if (rlimit.rlim_cur < needed)
                log_warning("that is not enough for as many clients: some will be refused");
}

/* What holds for the whole process, before there is anything to protect. */
static void prepare_process(void)
{
        signal(SIGPIPE, SIG_IGN);
        /* Else free() of many small entries is made up for all at once, in a later malloc(). */
        mallopt(M_MXFAST, 0);
        /* No core, no ptrace by others of our user: the key is in our memory. */
        prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
        struct config config;
        struct server *server;
        int r;

        switch (config_parse(&config, argc, argv, stdout, stderr)) {
        case CONFIG_RUN:
                break;
        case CONFIG_SHOWN:
                return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
        case CONFIG_WRONG:
                return EXIT_USAGE;
        }
        log_set_level(config.log_level);
        log_info("managerd " MANAGERD_VERSION);
        prepare_process();
        raise_descriptors(&config.server.limits);

        if (server_new(&server, &config.server) < 0)
                return EXIT_FAILURE;
        r = server_run(server);
        server_free(server);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
