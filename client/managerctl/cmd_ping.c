/*
 * ping - is the daemon there, and how long does it take to answer?
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "client/managerctl/ctl.h"
#include "client/managerctl/text.h"

static uint64_t now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int run(struct ctl *ctl)
{
        uint64_t begin = now(), took;
        int r = mgr_manager_ping(ctl->m);

        took = now() - begin;
        if (r < 0)
                return ctl_fail(r);
        if (ctl->options->json) {
                printf("{\"ok\": true, \"round_trip_ns\": %" PRIu64 "}\n", took);
                return EXIT_DONE;
        }
        text_write_duration(stdout, (double)took / 1e9);
        putchar('\n');
        return EXIT_DONE;
}

const struct command command_ping = {
        .name = "ping",
        .usage = "",
        .summary = "is the daemon there? prints the time of a round trip",
        .help = "Makes a call that does nothing, and prints how long it took.\n"
                "\n"
                "  managerctl ping\n"
                "  managerctl ping --timeout 1 >/dev/null || echo 'no answer'\n",
        .run = run,
};
