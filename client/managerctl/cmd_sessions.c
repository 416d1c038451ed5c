/*
 * sessions - the connections of clients
 */
#include "client/managerctl/records.h"

static int run(struct ctl *ctl)
{
        static const char *const columns[] = { "session",   "pid",       "uid",   "name",
                                               "native",    "transport", "calls", "bytes_in",
                                               "bytes_out", "parked",    NULL };

        return records_show_call(ctl, "sessions", columns);
}

const struct command command_sessions = {
        .name = "sessions",
        .usage = "",
        .summary = "the connections of clients",
        .help = "Lists connections: number, the client's pid, uid and name, whether it is a "
                "native\n"
                "client or stock Python, calls made, bytes in and out, whether a call waits.\n"
                "\n"
                "  managerctl sessions\n"
                "  managerctl sessions --json | jq '.[] | select(.parked)'\n",
        .run = run,
};
