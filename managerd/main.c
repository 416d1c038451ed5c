/*
 * managerd - shares dicts, lists and more between processes
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "managerd/config.h"
#include "managerd/log.h"
#include "managerd/server/server.h"
#include "managerd/version.h"

#define EXIT_USAGE 2

/* What holds for the whole process, before there is anything to protect. */
static void prepare_process(void)
{
        signal(SIGPIPE, SIG_IGN);
        /* Else free() of many small entries is made up for all at once, in a later malloc(). */
        mallopt(M_MXFAST, 0);
        /* No core, no ptrace by others of our user: the key is in our memory. */
        prctl(PR_SET_DUMPABLE, 0);
        /* The log's first line would read the time zone's file, perhaps in the sandbox already. */
        tzset();
        /* What goes through io_uring goes past the sandbox: libuv shall not have one. */
        setenv("UV_USE_IO_URING", "0", 1);
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

        if (server_new(&server, &config.server) < 0)
                return EXIT_FAILURE;
        r = server_run(server);
        server_free(server);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
