/*
 * locks - who holds what
 */
#include "client/managerctl/records.h"

static int run(struct ctl *ctl)
{
        static const char *const columns[] = { "ident",   "typeid",  "name",      "pid",
                                               "session", "task",    "seconds",   "count",
                                               "fence",   "waiters", "abandoned", NULL };

        return records_show_call(ctl, "locks", columns);
}

const struct command command_locks = {
        .name = "locks",
        .usage = "[OBJECT]",
        .summary = "who holds which lock",
        .help = "Lists the locks that are held, and the permits of semaphores, the oldest first;\n"
                "or those of one object:\n"
                "  IDENT, TYPEID, NAME  of the lock\n"
                "  PID, SESSION, TASK   of its holder; what these are, sessions tells\n"
                "  SECONDS              since it was acquired\n"
                "  COUNT                how often: levels of an RLock, permits of a Semaphore\n"
                "  FENCE                fencing number of the grant\n"
                "  WAITERS              how many calls wait for it; waiters tells whose\n"
                "  ABANDONED            true where the holder has died: the next takes it over\n"
                "\n"
                "  managerctl locks\n"
                "  managerctl create Lock leader\n"
                "  managerctl locks leader\n"
                "  managerctl locks --json | jq '.[] | select(.seconds > 60)'\n",
        .max_args = 1,
        .run = run,
};
