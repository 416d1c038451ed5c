/*
 * waiters - the calls that wait
 */
#include "client/managerctl/records.h"

static int run(struct ctl *ctl)
{
        static const char *const columns[] = { "ident",   "typeid",    "name", "method",
                                               "pid",     "session",   "task", "number",
                                               "seconds", "remaining", NULL };

        return records_show_call(ctl, "waiters", columns);
}

const struct command command_waiters = {
        .name = "waiters",
        .usage = "[OBJECT]",
        .summary = "the calls that wait, and for what",
        .help = "Lists the calls that wait, object by object, first come, first served; or those\n"
                "that wait for one object:\n"
                "  IDENT, TYPEID, NAME  of the object\n"
                "  METHOD               that was called: acquire, get …\n"
                "  PID, SESSION, TASK   of who waits; what these are, sessions tells\n"
                "  NUMBER               of the call, where it has one\n"
                "  SECONDS              how long it has waited\n"
                "  REMAINING            seconds until it gives up; - where it never does\n"
                "\n"
                "  managerctl waiters\n"
                "  managerctl create list jobs\n"
                "  managerctl waiters jobs\n"
                "  managerctl waiters --json | jq 'map(.pid) | unique'\n",
        .max_args = 1,
        .run = run,
};
