/*
 * peers - the client processes
 */
#include "client/managerctl/records.h"

static int run(struct ctl *ctl)
{
        static const char *const columns[] = { "pid",     "uid",      "references",
                                               "objects", "sessions", NULL };

        return records_show_call(ctl, "processes", columns);
}

const struct command command_peers = {
        .name = "peers",
        .usage = "",
        .summary = "the client processes and what they hold",
        .help = "Lists client processes: pid, uid, references held, to how many objects, over how\n"
                "many sessions. References end with the process.\n"
                "\n"
                "  managerctl peers\n",
        .run = run,
};
