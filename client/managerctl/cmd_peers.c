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
        .help = "Lists the client processes:\n"
                "  PID, UID    of the process\n"
                "  REFERENCES  that it holds; they end with it\n"
                "  OBJECTS     to how many objects\n"
                "  SESSIONS    how many connections it has\n"
                "\n"
                "  managerctl peers\n",
        .run = run,
};
