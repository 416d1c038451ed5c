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
        .help = "Lists the connections:\n"
                "  SESSION    its number\n"
                "  PID, UID   of the client\n"
                "  NAME       as the client calls itself; - where it does not\n"
                "  NATIVE     true for a client of managerd's, false for stock Python\n"
                "  TRANSPORT  how messages travel: socket\n"
                "  CALLS      made so far\n"
                "  BYTES_IN   read from the client\n"
                "  BYTES_OUT  sent to it\n"
                "  PARKED     true while a call of it waits\n"
                "\n"
                "  managerctl sessions\n"
                "  managerctl sessions --json | jq '.[] | select(.parked)'\n",
        .run = run,
};
